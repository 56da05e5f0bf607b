//! Providers and their keys through the management API.

use std::collections::BTreeSet;
use std::time::Duration;

use gateway_providers::BaseUrl;
use gateway_types::secret::is_redacted;
use gateway_types::{KeyId, ProviderName};
use serde_json::{Map, Value, json};

use super::upstream::{Upstream, UpstreamKey};
use super::{Answer, Control, ControlError, Save, discovery, message, read};
use crate::settings::{CONFIGS, KeyValue, Provider, ProviderKey, SECRETS};

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

fn no_key(provider: &str, id: &str) -> ControlError {
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

/// New fields over a provider's earlier ones. A key that is sent without its value, or with the value as it was shown,
/// keeps the one it has, unless the provider moved to another host: a credential never follows to a new address.
fn merge(before: Option<&Provider>, mut fields: Map<String, Value>) -> Result<Provider, ControlError> {
    let sent_keys = fields.remove("keys");
    let sent_headers = fields
        .get("network_config")
        .is_some_and(|network| network.get("extra_headers").is_some());
    let mut base = before.map(|provider| json!(provider));
    if let Some(Value::Object(base)) = &mut base {
        base.remove("keys");
    }
    let mut merged = read::provider(read::patch_provider(
        base.and_then(|base| base.as_object().cloned()),
        fields,
    ))?;
    restore_password(before, &mut merged);
    let moved = before.is_some_and(|before| !hosts(&merged).is_subset(&hosts(before)));
    if moved && !sent_headers {
        // They may hold credentials too.
        merged.network_config.extra_headers.clear();
    }
    let old_keys = before.map_or(&[][..], |provider| &provider.keys);
    let Some(sent) = sent_keys.filter(|keys| !keys.is_null()) else {
        merged.keys = old_keys.to_vec();
        if moved {
            merged.keys.iter_mut().for_each(let_go);
        }
        return Ok(merged);
    };
    merged.keys = read::provider(Map::from_iter([("keys".to_owned(), sent)]))?.keys;
    for key in &mut merged.keys {
        let same = |old: &&ProviderKey| old.key_id() == key.key_id() || old.name == key.name;
        let old = old_keys.iter().find(same);
        keep_secrets(key, old, moved)?;
    }
    Ok(merged)
}

/// Puts the earlier secrets in where a key comes without them, or with them as they were shown, unless the key or its
/// provider moved to another host: then they are let go. What a variable holds is the variable's and stays.
fn keep_secrets(key: &mut ProviderKey, old: Option<&ProviderKey>, moved: bool) -> Result<(), ControlError> {
    let moved = moved || old.is_some_and(|old| !key_hosts(key).is_subset(&key_hosts(old)));
    for path in SECRETS {
        let Some(sent) = key.secret(path) else { continue };
        let written = sent.as_written().expose();
        if !written.is_empty() && !is_redacted(written) {
            continue;
        }
        let kept = match old.and_then(|old| old.secret(path)) {
            Some(earlier) if moved && earlier.variable().is_none() => KeyValue::default(),
            Some(earlier) => earlier.clone(),
            None if is_redacted(written) => {
                return Err(ControlError::Invalid(format!(
                    "`keys`: the {} of `{}` is a redacted one, and there is no earlier value to keep",
                    path.join("."),
                    key.name
                )));
            }
            None => KeyValue::default(),
        };
        key.set_secret(path, kept);
    }
    Ok(())
}

/// Clears a key's secrets, but for what variables hold.
fn let_go(key: &mut ProviderKey) {
    for path in SECRETS {
        if key.secret(path).is_some_and(|secret| secret.variable().is_none()) {
            key.set_secret(path, KeyValue::default());
        }
    }
}

/// The hosts of a key's own to which its credential goes. An address in a variable is the variable's.
fn key_hosts(key: &ProviderKey) -> BTreeSet<String> {
    key.addresses()
        .map(|address| host(address).unwrap_or_else(|| address.to_owned()))
        .collect()
}

fn host(url: &str) -> Option<String> {
    let url: http::Uri = url.parse().ok()?;
    url.host().map(str::to_ascii_lowercase)
}

fn restore_password(before: Option<&Provider>, merged: &mut Provider) {
    let old = before.and_then(|provider| provider.proxy_config.as_ref());
    let (Some(old), Some(proxy)) = (old, merged.proxy_config.as_mut()) else {
        return;
    };
    let as_shown = |password: &KeyValue| is_redacted(password.as_written().expose());
    if proxy.password.as_ref().is_some_and(as_shown) {
        proxy.password = old.password.clone().filter(|_| old.url == proxy.url);
    }
}

/// Where a provider's credential may go: to its own host, and to those of the whole URLs among its paths. The kind's public
/// address has no name here.
fn hosts(provider: &Provider) -> BTreeSet<Option<String>> {
    let base = provider.network_config.base_url.as_deref().and_then(host);
    let paths = provider
        .custom_provider_config
        .iter()
        .flat_map(|custom| custom.request_path_overrides.values());
    let others = paths.filter_map(|path| host(path)).map(Some);
    others.chain([base]).collect()
}

/// Says which stored values did not go along to another host.
fn left_behind(before: &Provider, after: &Provider) -> Vec<String> {
    let mut told = Vec::new();
    for (index, key) in after.keys.iter().enumerate() {
        let old = before.keys.iter().find(|old| old.key_id() == key.key_id());
        told.extend(
            old.into_iter()
                .flat_map(|old| cleared(old, key, &format!("keys[{index}]."))),
        );
    }
    told
}

/// Says which of a key's secrets were let go, each with its path.
fn cleared(old: &ProviderKey, key: &ProviderKey, path: &str) -> Vec<String> {
    let empty = |secret: &KeyValue| secret.as_written().expose().is_empty();
    let lost = SECRETS.iter().filter(|secret| {
        let was = old.secret(secret).is_some_and(|secret| !empty(secret));
        was && key.secret(secret).is_some_and(empty)
    });
    let told = lost.map(|secret| {
        let (field, name) = (secret.join("."), &key.name);
        format!(
            "`{path}{field}`: the {field} of `{name}` was cleared, as a credential does not follow to another host; send it again"
        )
    });
    told.collect()
}

/// Adds or changes one key and gives its id.
fn put_key(
    provider: &mut Provider,
    provider_name: &str,
    id: Option<&str>,
    fields: Map<String, Value>,
    warnings: &mut Vec<String>,
) -> Result<KeyId, ControlError> {
    let Some(id) = id else {
        let key = read::key(read::without_nulls(fields))?;
        let id = key.key_id();
        if provider.keys.iter().any(|other| other.key_id() == id) {
            return Err(ControlError::Conflict(format!(
                "provider `{provider_name}` already has a key `{id}`"
            )));
        }
        provider.keys.push(key);
        return Ok(id);
    };
    let Some(old) = provider.keys.iter_mut().find(|key| key.key_id().as_str() == id) else {
        return Err(no_key(provider_name, id));
    };
    let mut merged = json!(old).as_object().cloned().unwrap_or_default();
    for (field, value) in fields {
        match (CONFIGS.contains(&field.as_str()), value) {
            // What a config does not say stays.
            (true, Value::Object(inner)) if !inner.is_empty() => {
                if let Value::Object(before) = merged.entry(field).or_insert_with(|| json!({})) {
                    before.extend(inner);
                    before.retain(|_, value| !value.is_null());
                }
            }
            (true, Value::Null | Value::Object(_)) => drop(merged.remove(&field)),
            (_, value) => drop(merged.insert(field, value)),
        }
    }
    merged.insert("id".to_owned(), json!(id));
    let mut key = read::key(merged)?;
    keep_secrets(&mut key, Some(old), false)?;
    warnings.extend(cleared(old, &key, ""));
    *old = key;
    Ok(KeyId::from(id))
}
