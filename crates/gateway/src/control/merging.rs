//! New settings of a provider over its earlier ones, and which secrets go along.

use std::collections::{BTreeMap, BTreeSet};

use gateway_types::KeyId;
use gateway_types::secret::{is_redacted, redact};
use serde_json::{Map, Value, json};

use super::providers::no_key;
use super::{ControlError, read};
use crate::settings::{CONFIGS, KeyValue, Provider, ProviderKey, SECRETS};

/// New fields over a provider's earlier ones. A key that is sent without its value, or with the value as it was shown,
/// keeps the one it has, unless the provider moved to another host: a credential never follows to a new address.
pub(super) fn merge(before: Option<&Provider>, mut fields: Map<String, Value>) -> Result<Provider, ControlError> {
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
    restore_headers(before, &mut merged, moved)?;
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

/// Puts the earlier values in where headers come as they were shown, unless the provider moved to another host: then they
/// are let go.
fn restore_headers(before: Option<&Provider>, merged: &mut Provider, moved: bool) -> Result<(), ControlError> {
    let as_shown = |name: &str, value: &str| holds_secret(name) && is_redacted(value);
    let headers = &mut merged.network_config.extra_headers;
    headers.retain(|name, value| !(moved && as_shown(name, value)));
    for (name, value) in headers.iter_mut().filter(|(name, value)| as_shown(name, value)) {
        let mut old = before.into_iter().flat_map(|old| &old.network_config.extra_headers);
        let (_, kept) = old.find(|(old, _)| old.eq_ignore_ascii_case(name)).ok_or_else(|| {
            ControlError::Invalid(format!(
                "`network_config.extra_headers.{name}` is a redacted value, and there is no earlier one to keep"
            ))
        })?;
        value.clone_from(kept);
    }
    Ok(())
}

/// Hides the values of headers that may be credentials.
pub(super) fn redact_headers(headers: &mut BTreeMap<String, String>) {
    for (_, value) in headers.iter_mut().filter(|(name, _)| holds_secret(name)) {
        *value = redact(value);
    }
}

/// Puts a provider's earlier secrets in for those that are left out, unless it, or a key, moved to another host.
pub(super) fn restore(before: &Provider, after: &mut Provider, left_out: impl Fn(&KeyValue) -> bool) {
    if !hosts(after).is_subset(&hosts(before)) {
        return;
    }
    for key in &mut after.keys {
        let same = |old: &&ProviderKey| old.key_id() == key.key_id();
        let Some(old) = before.keys.iter().find(same) else {
            continue;
        };
        if !key_hosts(key).is_subset(&key_hosts(old)) {
            continue;
        }
        for path in SECRETS {
            if let (true, Some(earlier)) = (key.secret(path).is_some_and(&left_out), old.secret(path)) {
                key.set_secret(path, earlier.clone());
            }
        }
    }
    if let (Some(old), Some(proxy)) = (&before.proxy_config, &mut after.proxy_config)
        && old.url == proxy.url
        && proxy.password.as_ref().is_some_and(&left_out)
    {
        proxy.password.clone_from(&old.password);
    }
    let headers = &mut after.network_config.extra_headers;
    let earlier = &before.network_config.extra_headers;
    for (name, value) in earlier.iter().filter(|(name, _)| holds_secret(name)) {
        headers.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// Whether a header's name says that its value is nobody's to see.
pub(super) fn holds_secret(name: &str) -> bool {
    const MARKS: [&str; 8] = [
        "auth",
        "cookie",
        "key",
        "token",
        "secret",
        "password",
        "credential",
        "signature",
    ];
    let name = name.to_ascii_lowercase();
    MARKS.iter().any(|mark| name.contains(mark))
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
pub(super) fn left_behind(before: &Provider, after: &Provider) -> Vec<String> {
    let mut told = Vec::new();
    let headers = &after.network_config.extra_headers;
    if !hosts(after).is_subset(&hosts(before)) {
        let gone = before
            .network_config
            .extra_headers
            .keys()
            .filter(|name| !headers.contains_key(*name));
        told.extend(gone.map(|name| {
            format!(
                "`network_config.extra_headers.{name}` was cleared, as it may hold a credential, which does not follow to \
                 another host; send it again"
            )
        }));
    }
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
pub(super) fn put_key(
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
