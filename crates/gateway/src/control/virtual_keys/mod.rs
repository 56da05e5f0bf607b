//! Virtual keys through the management API.

mod effective;
mod fields;
mod list;
mod quota;
mod shown;
mod values;

use std::sync::Arc;

use gateway_governance::directory::Limited;
use gateway_governance::settings::VirtualKeySettings;
use gateway_types::{KeyId, VirtualKeyId};
use serde_json::{Value, json};

use super::documents::check_name;
use super::faults::in_the_callers_words;
use super::{Control, ControlError, Message, One, read};

pub(super) use effective::owned;
pub use effective::{EffectiveLimit, EffectiveLimits, Owned, OwnerKind, UnitWord};
pub(super) use fields::{fields, patch};
pub use list::{SortBy, WantedKeys};
pub use quota::OwnQuota;
pub use shown::{Earlier, KeyActivity, KeyStatus, ShownEntry, ShownModelLimit, ShownVirtualKey, TeamOfKey};
pub(super) use values::retire;

impl Control {
    /// Whether there is any virtual key.
    pub fn has_virtual_keys(&self) -> bool {
        self.shared.snapshot.load().directory.keys().next().is_some()
    }

    /// `GET /api/governance/virtual-keys/{id}`: `{virtual_key: …}`.
    pub fn virtual_key(&self, id: &str) -> Result<One<VirtualKeySettings>, ControlError> {
        let state = self.shared.state.load();
        let key = state.virtual_key(id).ok_or_else(|| no_virtual_key(id))?;
        Ok(One::of(self.shown_virtual_key(key)))
    }

    /// `POST /api/governance/virtual-keys` (no id) and `PUT /api/governance/virtual-keys/{id}`, which makes the key if
    /// there is none. The value is in the answer where it is new, and never again.
    pub async fn save_virtual_key(
        &self,
        id: Option<&str>,
        body: Value,
        author: &str,
    ) -> Result<One<VirtualKeySettings>, ControlError> {
        let plural = body.to_string().contains("\"budgets\"");
        let mut warnings = Vec::new();
        let mut said = read::object(body, "")?;
        let begin_anew = fields::begins_anew(&mut said)?;
        let mut said = fields(said, "", &mut warnings)?;
        check_name(&said)?;
        let creating = id.is_none();
        if creating && !said.contains_key("id") && said.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
            let message = "`name` is missing: a name for the key";
            return Err(ControlError::Invalid(message.to_owned()));
        }
        let id = VirtualKeyId::from(self.shared.identify(id, "id", true, &mut said)?);
        self.check_changeable(id.as_str())?;
        let sent_value = said.remove("value");
        let (mut fresh, mut made) = (None, false);
        self.shared
            .change(author, |store| {
                let before = store.virtual_keys.get(&id).cloned();
                made = before.is_none();
                if creating && before.is_some() {
                    return Err(ControlError::Conflict(format!(
                        "virtual key `{id}` already exists; change it with PUT /api/governance/virtual-keys/{id}"
                    )));
                }
                let value = self.new_value(sent_value, creating, before.is_some(), &id)?;
                let base = before.as_ref().map(|key| json!(key));
                let base = base.and_then(|key| key.as_object().cloned()).unwrap_or_default();
                let mut key = read::virtual_key(&id, patch(base, said))?;
                fresh = self.give_value(store, &mut key, before.as_deref(), value);
                values::let_go_of_old_ones(store, &mut key, self.shared.clock.now().wall);
                store.virtual_keys.insert(id.clone(), Arc::new(key));
                Ok(())
            })
            .await
            .map_err(|error| in_the_callers_words(error, &named(id.as_str()), plural))?;
        if begin_anew {
            self.begin_budgets_anew(id.as_str(), author).await?;
        }
        warnings.extend(self.dangling(id.as_str()));
        let mut answer = self.virtual_key(id.as_str())?;
        answer.shown.value = fresh.or(answer.shown.value);
        let done = if made { "created" } else { "updated" };
        answer.message = Some(format!("Virtual key {done} successfully"));
        answer.warnings = warnings;
        Ok(answer)
    }

    /// `DELETE /api/governance/virtual-keys/{id}`. Its values are refused from now on, never taken as anonymous.
    pub async fn delete_virtual_key(&self, id: &str, author: &str) -> Result<Message, ControlError> {
        self.check_changeable(id)?;
        self.shared
            .change(author, |store| {
                let key = store.virtual_keys.remove(id).ok_or_else(|| no_virtual_key(id))?;
                values::retire(store, &key);
                Ok(())
            })
            .await?;
        Ok(Message::new("Virtual key deleted successfully"))
    }

    /// The budgets of the key, of its entries and by model: their use begins anew.
    async fn begin_budgets_anew(&self, id: &str, author: &str) -> Result<(), ControlError> {
        let state = self.shared.state.load_full();
        let allowances = state.virtual_key(id).map(Limited::allowances).unwrap_or_default();
        for allowance in allowances {
            for (place, budget) in allowance.budgets.iter().enumerate() {
                let quota = allowance.owner.budget(place, budget.id.as_deref());
                self.begin_anew(&quota, author).await?;
            }
        }
        Ok(())
    }

    fn check_changeable(&self, id: &str) -> Result<(), ControlError> {
        let state = self.shared.state.load();
        state.origin_of_virtual_key(id).check_changeable(&named(id))
    }

    /// Warnings about entries whose provider, or key of it, is not there (yet).
    fn dangling(&self, id: &str) -> Vec<String> {
        let (state, snapshot) = (self.shared.state.load(), self.shared.snapshot.load());
        let entries = state.virtual_key(id).map_or(&[][..], |key| &key.provider_configs);
        let mut warnings = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let (at, provider) = (format!("provider_configs[{index}]"), &entry.provider);
            let Some(upstream) = snapshot.upstreams.get(provider) else {
                warnings.push(format!("`{at}.provider`: there is no provider `{provider}` yet"));
                continue;
            };
            let unknown = |id: &&KeyId| !upstream.keys.iter().any(|key| key.is_called(id));
            let missing = entry.key_ids.iter().filter(unknown);
            warnings.extend(missing.map(|id| format!("`{at}.key_ids`: provider `{provider}` has no key `{id}` yet")));
        }
        warnings
    }
}

/// The name to show.
fn name(key: &VirtualKeySettings) -> &str {
    if key.name.is_empty() {
        key.id.as_str()
    } else {
        &key.name
    }
}

fn named(id: &str) -> String {
    format!("virtual key `{id}`")
}

fn no_virtual_key(id: &str) -> ControlError {
    ControlError::NotFound(format!("there is no virtual key `{id}`"))
}

/// What governance cannot check, because it passes it on: the strategies.
pub(super) fn check(keys: &[Arc<VirtualKeySettings>]) -> Result<(), ControlError> {
    for key in keys {
        if let Some(strategy) = &key.strategy {
            crate::line::strategy(strategy)
                .map_err(|error| ControlError::Invalid(format!("`strategy` of virtual key `{}`: {error}", key.id)))?;
        }
    }
    Ok(())
}
