//! Providers and their keys through the management API.

use std::time::Duration;

use gateway_providers::BaseUrl;
use gateway_types::{KeyId, ProviderName};
use serde_json::{Map, Value, json};

use super::merging::{left_behind, merge, put_key, redact_headers};
use super::upstream::{Upstream, UpstreamKey};
use super::{Answer, Control, ControlError, Save, discovery, message, read};
use crate::settings::{Provider, ProviderKey};

/// How long a save waits for the provider's model list. It answers either way.
const DISCOVERY_WAIT: Duration = Duration::from_secs(1);

impl Control {
    /// `GET /api/providers`: `{providers: […], total}`.
    pub fn providers(&self) -> Value {
        let snapshot = self.shared.snapshot.load();
        let all: Vec<_> = snapshot
            .upstreams
            .keys()
            .filter_map(|name| self.shown(name.as_str()))
            .collect();
        json!({ "total": all.len(), "providers": all })
    }

    /// `GET /api/providers/{name}`.
    pub fn provider(&self, name: &str) -> Answer {
        self.shown(name).ok_or_else(|| no_provider(name))
    }

    /// `POST /api/providers` (the name is in the body) and `PUT /api/providers/{name}`. Waits up to a second for the
    /// model list.
    pub async fn save_provider(&self, name: Option<&str>, body: Value, save: Save, author: &str) -> Answer {
        let body = read::object(body, "")?;
        let name = provider_name(name, &body)?;
        let mut warnings = Vec::new();
        let fields = read::provider_fields(body, "", &mut warnings)?;
        let origin = self.shared.state.load().origin_of_provider(name.as_str());
        origin.check_changeable(&format!("provider `{name}`"))?;
        let environment = self.shared.state.load().environment.get(&name).cloned();
        self.shared
            .change(author, |store| {
                let before = store.providers.get(&name);
                if save == Save::Create && before.is_some() {
                    return Err(ControlError::Conflict(format!(
                        "provider `{name}` already exists; change it with PUT /api/providers/{name}"
                    )));
                }
                let before = before.or_else(|| environment.as_ref().filter(|_| save == Save::Upsert));
                let provider = merge(before, fields)?;
                warnings.extend(before.map_or_else(Vec::new, |before| left_behind(before, &provider)));
                store.providers.insert(name.clone(), provider);
                Ok(())
            })
            .await?;
        self.discover_shortly(&name).await;
        self.answer(&name, &warnings)
    }

    /// `DELETE /api/providers/{name}`.
    pub async fn delete_provider(&self, name: &str, author: &str) -> Answer {
        self.shared
            .state
            .load()
            .origin_of_provider(name)
            .check_changeable(&format!("provider `{name}`"))?;
        self.shared
            .change(author, |store| match store.providers.remove(name) {
                Some(_) => Ok(()),
                None if self.shared.state.load().environment.contains_key(name) => {
                    Err(ControlError::Conflict(format!(
                        "provider `{name}` is there because of a variable in the environment: unset that, or PUT the \
                     provider with its keys disabled"
                    )))
                }
                None => Err(no_provider(name)),
            })
            .await?;
        Ok(json!({ "name": name, "message": "provider deleted" }))
    }

    /// `GET /api/providers/{name}/keys`: `{keys: […], total}`.
    pub fn keys(&self, provider: &str) -> Answer {
        let keys = self.provider(provider)?["keys"].take();
        Ok(json!({ "total": keys.as_array().map_or(0, Vec::len), "keys": keys }))
    }

    /// `GET /api/providers/{name}/keys/{id}`.
    pub fn key(&self, provider: &str, id: &str) -> Answer {
        let keys = self.provider(provider)?["keys"].take();
        let Value::Array(keys) = keys else {
            return Err(no_key(provider, id));
        };
        keys.into_iter()
            .find(|key| key["id"] == id)
            .ok_or_else(|| no_key(provider, id))
    }

    /// `GET /api/keys`: every provider's keys, redacted.
    pub fn all_keys(&self) -> Value {
        let snapshot = self.shared.snapshot.load();
        let mut all = Vec::new();
        for name in snapshot.upstreams.keys() {
            let Some(Value::Array(keys)) = self.shown(name.as_str()).map(|mut shown| shown["keys"].take()) else {
                continue;
            };
            all.extend(keys.into_iter().map(|mut key| {
                key["provider"] = json!(name);
                key
            }));
        }
        Value::Array(all)
    }

    /// `POST /api/providers/{name}/keys` (no id) and `PUT /api/providers/{name}/keys/{id}`.
    pub async fn save_key(&self, provider: &str, id: Option<&str>, body: Value, author: &str) -> Answer {
        let mut warnings = Vec::new();
        let fields = read::key_fields(read::object(body, "")?, "", &mut warnings)?;
        let mut saved = KeyId::from("");
        let put = |changed: &mut Provider| {
            saved = put_key(changed, provider, id, fields, &mut warnings)?;
            Ok(())
        };
        self.change_provider(provider, author, put).await?;
        self.discover_shortly(&provider.into()).await;
        let mut shown = self.key(provider, saved.as_str())?;
        add_warnings(&mut shown, &warnings);
        Ok(shown)
    }

    /// `DELETE /api/providers/{name}/keys/{id}`.
    pub async fn delete_key(&self, provider: &str, id: &str, author: &str) -> Answer {
        let remove = |changed: &mut Provider| {
            let before = changed.keys.len();
            changed.keys.retain(|key| key.key_id().as_str() != id);
            if changed.keys.len() == before {
                return Err(no_key(provider, id));
            }
            Ok(())
        };
        self.change_provider(provider, author, remove).await?;
        Ok(message("key deleted"))
    }

    /// Changes a provider that is there. One from the environment becomes the store's by that.
    async fn change_provider(
        &self,
        provider: &str,
        author: &str,
        edit: impl FnOnce(&mut Provider) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let state = self.shared.state.load_full();
        state
            .origin_of_provider(provider)
            .check_changeable(&format!("provider `{provider}`"))?;
        self.shared
            .change(author, |store| {
                let stored = store
                    .providers
                    .get(provider)
                    .or_else(|| state.environment.get(provider));
                let mut changed = stored.cloned().ok_or_else(|| no_provider(provider))?;
                edit(&mut changed)?;
                store.providers.insert(provider.into(), changed);
                Ok(())
            })
            .await
    }

    /// Starts discovery of a provider's models and waits for it, but not for long.
    pub(super) async fn discover_shortly(&self, name: &ProviderName) {
        let (shared, name) = (self.shared.clone(), name.clone());
        let looking = tokio::spawn(async move { discovery::look(&shared, &name).await });
        tokio::time::timeout(DISCOVERY_WAIT, looking).await.ok();
    }

    fn answer(&self, name: &ProviderName, warnings: &[String]) -> Answer {
        let mut shown = self.provider(name.as_str())?;
        add_warnings(&mut shown, warnings);
        Ok(shown)
    }

    /// A provider as answers show it: nothing secret, and how it stands.
    fn shown(&self, name: &str) -> Option<Value> {
        let state = self.shared.state.load();
        let snapshot = self.shared.snapshot.load();
        let (provider, upstream) = (state.provider(name)?, snapshot.upstreams.get(name)?);
        let mut shown = json!(provider);
        shown["name"] = json!(name);
        shown["origin"] = state.origin_of_provider(name).shown();
        shown["network_config"]["base_url"] = json!(upstream.base_url.as_ref().map(BaseUrl::as_str));
        if let Some(headers) = shown.pointer_mut("/network_config/extra_headers") {
            redact_headers(headers);
        }
        shown["keys"] = provider
            .keys
            .iter()
            .zip(&upstream.keys)
            .map(|(key, ready)| shown_key(key, ready))
            .collect();
        let usable = upstream.keys.iter().any(UpstreamKey::usable);
        shown["provider_status"] = json!(if usable { "active" } else { "error" });
        if !usable {
            shown["status"] = json!(why_unusable(upstream));
        }
        shown["discovery"] = discovery::shown(&snapshot, upstream);
        Some(shown)
    }
}

fn why_unusable(upstream: &Upstream) -> String {
    match upstream.keys.first() {
        None => "no key: add one".to_owned(),
        Some(key) => format!("key `{}`: {}", key.name, key.status()),
    }
}

fn shown_key(key: &ProviderKey, ready: &UpstreamKey) -> Value {
    let mut shown = json!(key);
    shown["id"] = json!(ready.id);
    shown["models"] = json!(key.models);
    shown["status"] = json!(ready.status());
    shown
}

fn add_warnings(shown: &mut Value, warnings: &[String]) {
    if !warnings.is_empty() {
        shown["warnings"] = json!(warnings);
    }
}

fn no_provider(name: &str) -> ControlError {
    ControlError::NotFound(format!("there is no provider `{name}`"))
}

pub(super) fn no_key(provider: &str, id: &str) -> ControlError {
    ControlError::NotFound(format!("provider `{provider}` has no key `{id}`"))
}

/// The provider's name, from the path or the body, which must agree.
fn provider_name(path: Option<&str>, body: &Map<String, Value>) -> Result<ProviderName, ControlError> {
    let said = match body.get("provider").or_else(|| body.get("name")) {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return Err(ControlError::Invalid("`provider` must be a string".to_owned())),
    };
    match (path, said) {
        (Some(path), Some(said)) if path != said => Err(ControlError::Invalid(format!(
            "`provider` is `{said}`, but the path says `{path}`"
        ))),
        (Some(name), _) | (None, Some(name)) => Ok(name.into()),
        (None, None) => Err(ControlError::Invalid(
            "`provider` is missing: the provider's name".to_owned(),
        )),
    }
}
