//! Virtual keys through the management API.

use gateway_governance::credential;
use gateway_governance::quota::{Owner, QuotaUsage};
use gateway_governance::settings::{Budget, RateLimit, VirtualKeySettings};
use gateway_types::{EntryId, KeyId, NanoUsd, VirtualKeyId, Wall};
use serde_json::{Map, Value, json};

use super::faults::in_the_callers_words;
use super::state::{Docs, set_value};
use super::{Answer, Control, ControlError, message, read};

/// A key's new value: `Some` where the body names or asks for one.
enum NewValue {
    Keep,
    Chosen(String),
    Made(String),
}

impl Control {
    /// `GET /api/governance/virtual-keys` with `limit`, `offset`, `search`.
    pub fn virtual_keys(&self, limit: usize, offset: usize, search: Option<&str>) -> Value {
        let keys = self.shared.state.load().effective().virtual_keys;
        let wanted = search.map(str::to_lowercase);
        let matching: Vec<_> = keys
            .values()
            .filter(|key| {
                wanted.as_deref().is_none_or(|text| {
                    key.id.as_str().to_lowercase().contains(text) || key.name.to_lowercase().contains(text)
                })
            })
            .collect();
        let page: Vec<_> = matching
            .iter()
            .skip(offset)
            .take(limit)
            .map(|key| self.shown_virtual_key(key))
            .collect();
        json!({
            "count": page.len(),
            "virtual_keys": page,
            "total_count": matching.len(),
            "limit": limit,
            "offset": offset,
        })
    }

    /// `GET /api/governance/virtual-keys/{id}`: `{virtual_key: …}`.
    pub fn virtual_key(&self, id: &str) -> Answer {
        let state = self.shared.state.load();
        let key = state.virtual_key(id).ok_or_else(|| no_virtual_key(id))?;
        Ok(json!({ "virtual_key": self.shown_virtual_key(key) }))
    }

    /// `POST /api/governance/virtual-keys` (no id) and `PUT /api/governance/virtual-keys/{id}`, which makes the key if
    /// there is none. The value is in the answer where it is new, and never again.
    pub async fn save_virtual_key(&self, id: Option<&str>, body: Value, author: &str) -> Answer {
        let plural = body.to_string().contains("\"budgets\"");
        let mut warnings = Vec::new();
        let mut fields = read::virtual_key_fields(read::object(body, "")?, "", &mut warnings)?;
        let creating = id.is_none();
        let id = self.identify(id, &mut fields)?;
        self.shared
            .state
            .load()
            .origin_of_virtual_key(id.as_str())
            .check_changeable(&format!("virtual key `{id}`"))?;
        let sent_value = fields.remove("value");
        let mut fresh = None;
        self.shared
            .change(author, |store| {
                let before = store.virtual_keys.get(&id).cloned();
                if creating && before.is_some() {
                    return Err(ControlError::Conflict(format!(
                        "virtual key `{id}` already exists; change it with PUT /api/governance/virtual-keys/{id}"
                    )));
                }
                let value = self.new_value(sent_value, creating, before.is_some(), &id)?;
                let base = before
                    .as_ref()
                    .map(|key| json!(key))
                    .and_then(|key| key.as_object().cloned());
                let mut key = read::virtual_key(&id, read::patch_virtual_key(base, fields))?;
                fresh = self.give_value(store, &mut key, before.as_ref(), value);
                store.virtual_keys.insert(id.clone(), key);
                Ok(())
            })
            .await
            .map_err(|error| in_the_callers_words(error, &format!("virtual key `{id}`"), plural))?;
        warnings.extend(self.dangling(id.as_str()));
        let mut answer = self.virtual_key(id.as_str())?;
        if let Some(value) = fresh {
            answer["virtual_key"]["value"] = json!(value);
        }
        let done = if creating { "created" } else { "updated" };
        answer["message"] = json!(format!("Virtual key {done} successfully"));
        if !warnings.is_empty() {
            answer["warnings"] = json!(warnings);
        }
        Ok(answer)
    }

    /// `DELETE /api/governance/virtual-keys/{id}`. Its value is refused from now on, never taken as anonymous.
    pub async fn delete_virtual_key(&self, id: &str, author: &str) -> Answer {
        self.shared
            .state
            .load()
            .origin_of_virtual_key(id)
            .check_changeable(&format!("virtual key `{id}`"))?;
        self.shared
            .change(author, |store| {
                let key = store.virtual_keys.remove(id).ok_or_else(|| no_virtual_key(id))?;
                retire(store, &key);
                Ok(())
            })
            .await?;
        Ok(message("Virtual key deleted successfully"))
    }

    /// The key's id: from the path, else from the body, else made.
    fn identify(&self, path: Option<&str>, fields: &mut Map<String, Value>) -> Result<VirtualKeyId, ControlError> {
        let said = match fields.remove("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id),
            Some(_) => return Err(ControlError::Invalid("`id` must be a string".to_owned())),
        };
        if path.is_none() && said.is_none() && fields.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(ControlError::Invalid(
                "`name` is missing: a name for the key".to_owned(),
            ));
        }
        let id = match (path, said) {
            (Some(path), Some(said)) if path != said => {
                return Err(ControlError::Invalid(format!(
                    "`id` is `{said}`, but the path says `{path}`"
                )));
            }
            (Some(path), _) => path.to_owned(),
            (None, Some(said)) => said,
            (None, None) => EntryId::new(self.shared.clock.now()).to_string(),
        };
        let fine = !id.is_empty()
            && id.len() <= 100
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@'));
        if fine {
            return Ok(id.into());
        }
        Err(ControlError::Invalid(format!(
            "`id`: `{id}` is no id; use up to 100 letters, digits and `-_.:@`"
        )))
    }

    fn new_value(
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
                super::upstream::resolve(&written, &*self.shared.environment)
                    .map_err(|variable| {
                        ControlError::Invalid(format!("`value`: the environment variable {variable} is not set"))
                    })
                    .map(|value| NewValue::Chosen(value.map_or_else(String::new, |value| value.expose().to_owned())))
            }
            Some(Value::Null) | None if exists => Ok(NewValue::Keep),
            Some(Value::Null) | None if creating => credential::generate()
                .map(NewValue::Made)
                .map_err(|error| ControlError::Store(error.to_string())),
            // Made by PUT under an id of the operator's choice: the id is the value, as the quick start has it.
            Some(Value::Null) | None => Ok(NewValue::Chosen(id.to_string())),
            Some(_) => Err(ControlError::Invalid("`value` must be a string".to_owned())),
        }
    }

    /// Sets the value where it is new, retires the one it replaces, and gives what the answer shows of it.
    fn give_value(
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
            retire(store, before);
        }
        store.retired.remove(&self.shared.hasher.hash(&value));
        Some(value)
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

    fn shown_virtual_key(&self, key: &VirtualKeySettings) -> Value {
        let owner = Owner::virtual_key(&key.id);
        let mut shown = json!({
            "id": key.id,
            "name": if key.name.is_empty() { key.id.as_str() } else { &key.name },
            "description": key.description,
            "value": key.value_hint,
            "guessable": key.guessable,
            "is_active": key.is_active,
            "expires_at": key.expires_at,
            "strategy": key.strategy.as_deref().unwrap_or("weighted"),
            "strict_translation": key.strict_translation,
            "allow_passthrough": key.allow_passthrough,
            "origin": self.shared.state.load().origin_of_virtual_key(key.id.as_str()).shown(),
        });
        self.show_quotas(&mut shown, &owner, &key.budgets, key.rate_limit.as_ref());
        let entries = key.provider_configs.iter().map(|entry| {
            let mut shown = json!({
                "provider": entry.provider,
                "weight": entry.weight,
                "allowed_models": entry.allowed_models,
                "model_aliases": entry.model_aliases,
                "key_ids": entry.key_ids,
            });
            let owner = Owner::entry(&key.id, &entry.provider);
            self.show_quotas(&mut shown, &owner, &entry.budgets, entry.rate_limit.as_ref());
            shown
        });
        shown["provider_configs"] = entries.collect();
        shown
    }

    fn show_quotas(&self, shown: &mut Value, owner: &Owner, budgets: &[Budget], limit: Option<&RateLimit>) {
        let budgets: Vec<_> = budgets
            .iter()
            .enumerate()
            .map(|(index, budget)| self.shown_budget(owner, index, budget))
            .collect();
        shown["budget"] = budgets.first().cloned().unwrap_or(Value::Null);
        shown["budgets"] = Value::Array(budgets);
        shown["rate_limit"] = limit.map_or(Value::Null, |limit| self.shown_rate_limit(owner, limit));
    }

    fn shown_budget(&self, owner: &Owner, index: usize, budget: &Budget) -> Value {
        let usage = self.shared.governor.usage(&owner.budget(index, budget.id.as_deref()));
        let dollars = |amount: i64| NanoUsd(amount).dollars();
        json!({
            "max_limit": budget.max_limit,
            "reset_duration": budget.reset_duration,
            "calendar_aligned": budget.calendar_aligned,
            "current_usage": usage.as_ref().map_or(0.0, |usage| dollars(usage.used)),
            "held": usage.as_ref().map_or(0.0, |usage| dollars(usage.held)),
            "last_reset": usage.as_ref().and_then(|usage| usage.started).map(Wall::rfc3339),
            "resets_at": usage.as_ref().and_then(|usage| usage.ends).map(Wall::rfc3339),
        })
    }

    fn shown_rate_limit(&self, owner: &Owner, limit: &RateLimit) -> Value {
        let used = |usage: &Option<QuotaUsage>| usage.as_ref().map_or(0, |usage| usage.used);
        let reset = |usage: &Option<QuotaUsage>| usage.as_ref().and_then(|usage| usage.started).map(Wall::rfc3339);
        let mut shown = json!({});
        if limit.request_max_limit.is_some() {
            let usage = self.shared.governor.usage(&owner.requests());
            shown["request_max_limit"] = json!(limit.request_max_limit);
            shown["request_reset_duration"] = json!(limit.request_reset_duration);
            shown["request_current_usage"] = json!(used(&usage));
            shown["request_last_reset"] = json!(reset(&usage));
        }
        if limit.token_max_limit.is_some() {
            let usage = self.shared.governor.usage(&owner.tokens());
            shown["token_max_limit"] = json!(limit.token_max_limit);
            shown["token_reset_duration"] = json!(limit.token_reset_duration);
            shown["token_current_usage"] = json!(used(&usage));
            shown["token_last_reset"] = json!(reset(&usage));
        }
        if limit.max_in_flight.is_some() {
            let usage = self.shared.governor.usage(&owner.in_flight());
            shown["max_in_flight"] = json!(limit.max_in_flight);
            shown["current_in_flight"] = json!(usage.map_or(0, |usage| usage.held));
        }
        shown
    }
}

/// Keeps the hash of a value that must never be taken as anonymous.
fn retire(store: &mut Docs, key: &VirtualKeySettings) {
    if let Some(hash) = key.value_hash.as_deref().and_then(|hash| hash.parse().ok()) {
        store.retired.insert(hash, key.id.clone());
    }
}

fn no_virtual_key(id: &str) -> ControlError {
    ControlError::NotFound(format!("there is no virtual key `{id}`"))
}

/// What governance cannot check, because it passes it on: the strategies.
pub(super) fn check(keys: &[VirtualKeySettings]) -> Result<(), ControlError> {
    for key in keys {
        if let Some(strategy) = &key.strategy {
            crate::line::strategy(strategy)
                .map_err(|error| ControlError::Invalid(format!("`strategy` of virtual key `{}`: {error}", key.id)))?;
        }
    }
    Ok(())
}
