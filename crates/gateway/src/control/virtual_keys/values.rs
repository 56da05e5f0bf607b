//! What clients present for a virtual key: made or chosen, replaced, kept for a while, refused ever after.

use std::sync::Arc;

use gateway_governance::credential::{self, KeyHash};
use gateway_governance::settings::{PreviousValue, VirtualKeySettings};
use gateway_types::{Span, VirtualKeyId, Wall};
use serde_json::Value;

use super::super::state::{Docs, set_value};
use super::super::{Control, ControlError, One, read, upstream};
use super::{named, no_virtual_key};

/// How many earlier values of a key may work beside the one in force.
const MOST_PREVIOUS: usize = 4;

/// A key's new value: `Some` where the body names or asks for one.
pub(super) enum NewValue {
    Keep,
    Chosen(String),
    Made(String),
}

impl Control {
    /// `POST /api/governance/virtual-keys/{id}/rotate`: `{value?, grace?}`. The new value is in the answer, and never again. The
    /// old one works on for the grace, which is `client.vk_rotation_cooldown` unless given, and no time at all if that is not
    /// set either.
    pub async fn rotate_virtual_key(
        &self,
        id: &str,
        body: Value,
        author: &str,
    ) -> Result<One<VirtualKeySettings>, ControlError> {
        let mut fields = read::object(body, "")?;
        let (sent, grace) = (fields.remove("value"), fields.remove("grace"));
        if let Some(field) = fields.keys().next() {
            let message = format!("`{field}` is no field of a rotation; known are `value` and `grace`");
            return Err(ControlError::Invalid(message));
        }
        let grace = match grace {
            Some(grace) => read::cooldown(grace, "grace")?,
            None => self
                .shared
                .state
                .load()
                .effective()
                .client
                .and_then(|client| client.vk_rotation_cooldown),
        };
        self.check_changeable(id)?;
        let mut fresh = None;
        self.shared
            .change(author, |store| {
                let key = store.virtual_keys.get(id).ok_or_else(|| no_virtual_key(id))?;
                let mut key = VirtualKeySettings::clone(key);
                let value = match sent {
                    // A rotation always gives a new one.
                    None | Some(Value::Null) => made()?,
                    sent => self.new_value(sent, false, true, &key.id)?,
                };
                fresh = self.rotate(store, &mut key, value, grace.as_ref())?;
                store.virtual_keys.insert(key.id.clone(), Arc::new(key));
                Ok(())
            })
            .await
            .map_err(|error| super::in_the_callers_words(error, &named(id), true))?;
        let mut answer = self.virtual_key(id)?;
        answer.shown.value = fresh;
        answer.message = Some("Virtual key rotated successfully".to_owned());
        Ok(answer)
    }

    fn rotate(
        &self,
        store: &mut Docs,
        key: &mut VirtualKeySettings,
        value: NewValue,
        grace: Option<&Span>,
    ) -> Result<Option<String>, ControlError> {
        let before = key.clone();
        let now = self.shared.clock.now().wall;
        // With a grace, the value in force becomes a previous one instead of being retired.
        let until = grace.map(|grace| now.plus(grace.length()));
        if let (Some(until), Some(hash)) = (until, &before.value_hash) {
            key.previous.push(PreviousValue {
                value_hash: hash.clone(),
                until: until.rfc3339(),
            });
        }
        let replaced = Some(&before).filter(|_| until.is_none());
        let fresh = self.give_value(store, key, replaced, value);
        if key.value_hash == before.value_hash {
            let message = "`value` is the one that the key has: send another, or leave it out to have one made";
            return Err(ControlError::Invalid(message.to_owned()));
        }
        let_go_of_old_ones(store, key, now);
        Ok(fresh)
    }

    pub(super) fn new_value(
        &self,
        sent: Option<Value>,
        creating: bool,
        exists: bool,
        id: &VirtualKeyId,
    ) -> Result<NewValue, ControlError> {
        match sent {
            Some(Value::String(value)) if exists && gateway_types::secret::is_redacted(&value) => Ok(NewValue::Keep),
            Some(Value::String(value)) if value.is_empty() => Err(ControlError::Invalid(
                "`value` is empty; leave it out to have one made".to_owned(),
            )),
            Some(Value::String(value)) => {
                let written = crate::settings::KeyValue::new(value);
                upstream::resolve(&written, &*self.shared.environment)
                    .map_err(|variable| {
                        ControlError::Invalid(format!("`value`: the environment variable {variable} is not set"))
                    })
                    .map(|value| NewValue::Chosen(value.map_or_else(String::new, |value| value.expose().to_owned())))
            }
            Some(Value::Null) | None if exists => Ok(NewValue::Keep),
            Some(Value::Null) | None if creating => made(),
            // Made by PUT under an id of the operator's choice: the id is the value, as the quick start has it.
            Some(Value::Null) | None => Ok(NewValue::Chosen(id.to_string())),
            Some(_) => Err(ControlError::Invalid("`value` must be a string".to_owned())),
        }
    }

    /// Sets the value where it is new, retires the one it replaces, and gives what the answer shows of it.
    pub(super) fn give_value(
        &self,
        store: &mut Docs,
        key: &mut VirtualKeySettings,
        before: Option<&VirtualKeySettings>,
        value: NewValue,
    ) -> Option<String> {
        let (NewValue::Chosen(value) | NewValue::Made(value)) = value else {
            return None;
        };
        set_value(key, &value, &self.shared.hasher);
        if let Some(before) = before.filter(|before| before.value_hash != key.value_hash) {
            retire_hash(store, before.value_hash.as_deref(), before);
        }
        store.retired.remove(&self.shared.hasher.hash(&value));
        Some(value)
    }
}

fn made() -> Result<NewValue, ControlError> {
    credential::generate()
        .map(NewValue::Made)
        .map_err(|error| ControlError::Store(error.to_string()))
}

/// Retires previous values whose time is over, and the oldest ones beyond the most that may work. One that is in force again is
/// no previous one.
pub(super) fn let_go_of_old_ones(store: &mut Docs, key: &mut VirtualKeySettings, now: Wall) {
    let mut previous = std::mem::take(&mut key.previous);
    previous.retain(|value| Some(&value.value_hash) != key.value_hash.as_ref());
    let works = |value: &PreviousValue| Wall::parse_rfc3339(&value.until).is_some_and(|until| until > now);
    let (mut working, mut over): (Vec<_>, Vec<_>) = previous.into_iter().partition(works);
    let beyond = working.len().saturating_sub(MOST_PREVIOUS);
    over.extend(working.drain(..beyond));
    for value in over {
        retire_hash(store, Some(&value.value_hash), key);
    }
    key.previous = working;
}

/// Keeps the hashes of a key's values, which must never be taken as anonymous.
pub(in crate::control) fn retire(store: &mut Docs, key: &VirtualKeySettings) {
    retire_hash(store, key.value_hash.as_deref(), key);
    for previous in &key.previous {
        retire_hash(store, Some(&previous.value_hash), key);
    }
}

fn retire_hash(store: &mut Docs, hash: Option<&str>, key: &VirtualKeySettings) {
    if let Some(hash) = hash.and_then(|hash| hash.parse::<KeyHash>().ok()) {
        store.retired.insert(hash, key.id.clone());
    }
}
