//! Reading what people send: both generations of the reference's fields, its fields that are not acted on, and errors
//! that name the field.

use gateway_governance::settings::VirtualKeySettings;
use gateway_types::{Span, VirtualKeyId};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::foreign::{CLIENT, CUSTOM, DOCUMENT, KEY, KEY_CONFIG, NETWORK, PROVIDER, at};
use super::{ControlError, governance};
use crate::settings::{Admin, CONFIGS, Client, Provider, ProviderKey, Settings};

/// The object in a body, or what is wrong with it.
pub(super) fn object(body: Value, path: &str) -> Result<Map<String, Value>, ControlError> {
    match body {
        Value::Object(fields) => Ok(fields),
        _ if path.is_empty() => Err(ControlError::Invalid("the body must be a JSON object".to_owned())),
        _ => Err(ControlError::Invalid(format!("`{path}` must be an object"))),
    }
}

/// Reads a value into its type; errors name the field by its path.
pub(super) fn typed<T: DeserializeOwned>(value: Value, path: &str) -> Result<T, ControlError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let full = match (path, inner.as_str()) {
            ("", ".") => String::new(),
            ("", inner) => inner.to_owned(),
            (path, ".") => path.to_owned(),
            (path, inner) => format!("{path}.{inner}"),
        };
        let error = error.into_inner();
        ControlError::Invalid(if full.is_empty() {
            error.to_string()
        } else {
            format!("`{full}`: {error}")
        })
    })
}

/// Reads a whole document: a file, or an import.
pub(super) fn document(body: Value) -> Result<(Settings, Vec<String>), ControlError> {
    let mut warnings = Vec::new();
    let mut fields = object(body, "")?;
    DOCUMENT.take_out(&mut fields, "", &mut warnings);
    if let Some(client) = fields.get_mut("client") {
        *client = Value::Object(client_fields(
            object(client.take(), "client")?,
            "client",
            &mut warnings,
        )?);
    }
    if let Some(providers) = fields.get_mut("providers") {
        let mut all = object(providers.take(), "providers")?;
        for (name, provider) in &mut all {
            let path = format!("providers.{name}");
            let fields = object(provider.take(), &path)?;
            *provider = Value::Object(provider_fields(fields, &path, &mut warnings)?);
        }
        *providers = Value::Object(all);
    }
    if let Some(section) = fields.get_mut("governance") {
        let mut inner = object(section.take(), "governance")?;
        governance::read(&mut inner, &mut warnings)?;
        *section = Value::Object(inner);
    }
    let settings: Settings = typed(Value::Object(fields), "")?;
    if settings
        .format
        .is_some_and(|format| format != crate::settings::SETTINGS_FORMAT)
    {
        return Err(ControlError::Invalid("`format` must be 1".to_owned()));
    }
    Ok((settings, warnings))
}

/// Brings a client section's fields into our form.
pub(super) fn client_fields(
    mut fields: Map<String, Value>,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, ControlError> {
    CLIENT.take_out(&mut fields, path, warnings);
    if let Some(old) = fields.remove("enforce_governance_header") {
        fields.entry("enforce_auth_on_inference").or_insert(old);
    }
    if let Some(grace) = fields.get_mut("vk_rotation_cooldown") {
        *grace = json!(cooldown(grace.take(), &at(path, "vk_rotation_cooldown"))?);
    }
    if let Some(disabled) = fields.remove("disable_content_logging")
        && disabled == Value::Bool(false)
    {
        warnings.push(format!(
            "`{}` is false; bodies are kept only where `content_capture` is `full`",
            at(path, "disable_content_logging")
        ));
    }
    Ok(fields)
}

/// How long an old value works on: a length of time, or the reference's number of nanoseconds. Nothing, where it is none.
pub(super) fn cooldown(value: Value, path: &str) -> Result<Option<Span>, ControlError> {
    let wrong = |what: &dyn std::fmt::Display| ControlError::Invalid(format!("`{path}`: {what}"));
    match value {
        Value::Null => Ok(None),
        Value::String(text) if matches!(text.trim(), "" | "0" | "0s") => Ok(None),
        Value::String(text) => text.parse::<Span>().map(Some).map_err(|error| wrong(&error)),
        Value::Number(nanos) => match nanos.as_u64() {
            Some(0) => Ok(None),
            Some(nanos) => {
                let text = format!("{}ms", nanos.div_ceil(1_000_000));
                text.parse::<Span>().map(Some).map_err(|error| wrong(&error))
            }
            None => Err(wrong(&"it must be a length of time, as in `1h`")),
        },
        _ => Err(wrong(&"it must be a length of time, as in `1h`")),
    }
}

/// Reads a client section in the place of an earlier one; what is not said stays.
pub(super) fn client(before: &Client, body: Value) -> Result<(Client, Vec<String>), ControlError> {
    let mut warnings = Vec::new();
    let fields = client_fields(object(body, "client_config")?, "client_config", &mut warnings)?;
    let mut merged = object(serde_json::to_value(before).unwrap_or_default(), "")?;
    for (field, value) in fields {
        set(&mut merged, field, value);
    }
    Ok((typed(Value::Object(merged), "client_config")?, warnings))
}

/// Brings a provider's fields into our form.
pub(super) fn provider_fields(
    mut fields: Map<String, Value>,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, ControlError> {
    PROVIDER.take_out(&mut fields, path, warnings);
    if let Some(Value::Array(keys)) = fields.get_mut("keys") {
        for (index, key) in keys.iter_mut().enumerate() {
            let path = format!("{}[{index}]", at(path, "keys"));
            let fields = key_fields(object(key.take(), &path)?, &path, warnings)?;
            *key = Value::Object(without_nulls(fields));
        }
    }
    if let Some(Value::Array(overrides)) = fields.get_mut("pricing_overrides") {
        for (index, one) in overrides.iter_mut().enumerate() {
            let path = format!("{}[{index}]", at(path, "pricing_overrides"));
            super::prices::take_out_inert(one, &path, warnings);
        }
    }
    for (field, foreign) in [("network_config", &NETWORK), ("custom_provider_config", &CUSTOM)] {
        if let Some(Value::Object(inner)) = fields.get_mut(field) {
            foreign.take_out(inner, &at(path, field), warnings);
        }
    }
    Ok(fields)
}

/// Brings a provider key's fields into our form. Nulls stay in the configs of clouds and servers, where they remove.
pub(super) fn key_fields(
    mut fields: Map<String, Value>,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, ControlError> {
    KEY.take_out(&mut fields, path, warnings);
    fields.retain(|field, value| !value.is_null() || CONFIGS.contains(&field.as_str()));
    if let Some(value) = fields.get_mut("value") {
        as_text(value);
    }
    for config in CONFIGS {
        let Some(Value::Object(inner)) = fields.get_mut(config) else {
            continue;
        };
        KEY_CONFIG.take_out(inner, &at(path, config), warnings);
        for (field, value) in inner.iter_mut() {
            match field.as_str() {
                "deployments" => {}
                // The credentials file's own JSON, where a text is asked for.
                "auth_credentials" if value.get("type").is_some() => *value = Value::String(value.to_string()),
                _ => as_text(value),
            }
        }
    }
    if fields.get("models") == Some(&json!(["*"])) {
        fields.remove("models");
    }
    Ok(fields)
}

/// Takes the nulls out of a key's configs.
pub(super) fn without_nulls(mut fields: Map<String, Value>) -> Map<String, Value> {
    for config in CONFIGS {
        if let Some(Value::Object(inner)) = fields.get_mut(config) {
            inner.retain(|_, value| !value.is_null());
        }
    }
    fields
}

/// The reference's `{value, env_var, from_env}`, as text.
fn as_text(value: &mut Value) {
    let Value::Object(parts) = value else { return };
    let text = |field: &str| parts.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let plain = match (text("env_var"), text("value")) {
        (Some(variable), _) => format!("env.{}", variable.trim_start_matches("env.")),
        (None, Some(plain)) => plain.to_owned(),
        (None, None) => String::new(),
    };
    *value = Value::String(plain);
}

/// Reads a provider's key alone.
pub(super) fn key(fields: Map<String, Value>) -> Result<ProviderKey, ControlError> {
    typed(Value::Object(fields), "")
}

/// Reads a provider out of fields in our form.
pub(super) fn provider(fields: Map<String, Value>) -> Result<Provider, ControlError> {
    typed(Value::Object(fields), "")
}

/// Puts fields over a provider's earlier ones: what is not said stays, `{}` and null remove, lists are replaced.
pub(super) fn patch_provider(before: Option<Map<String, Value>>, fields: Map<String, Value>) -> Map<String, Value> {
    let mut merged = before.unwrap_or_default();
    for (field, value) in fields {
        match (field.as_str(), value) {
            ("network_config" | "custom_provider_config" | "proxy_config", Value::Object(inner))
                if !inner.is_empty() =>
            {
                let old = merged.entry(field).or_insert_with(|| json!({}));
                if let Value::Object(old) = old {
                    for (field, value) in inner {
                        set(old, field, value);
                    }
                }
            }
            (_, value) => set(&mut merged, field, value),
        }
    }
    merged
}

/// Reads a virtual key out of fields in our form.
pub(super) fn virtual_key(
    id: &VirtualKeyId,
    mut fields: Map<String, Value>,
) -> Result<VirtualKeySettings, ControlError> {
    fields.insert("id".to_owned(), json!(id));
    typed(Value::Object(fields), "")
}

/// Reads an admin section.
pub(super) fn admin(value: Value) -> Result<Admin, ControlError> {
    typed(value, "admin")
}

/// One field over an earlier one: null and `{}` remove it.
pub(super) fn set(fields: &mut Map<String, Value>, field: String, value: Value) {
    let removes = value.is_null() || value.as_object().is_some_and(Map::is_empty);
    if removes && field != "allowed_requests" {
        fields.remove(&field);
    } else {
        fields.insert(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_whole_and_errors_name_the_place() {
        let error = document(json!({"providers": {"p": {"network_config": {"max_retries": "two"}}}})).unwrap_err();
        assert!(
            error.to_string().contains("providers.p.network_config.max_retries"),
            "{error}"
        );
        let error = document(
            json!({"governance": {"virtual_keys": [{"id": "v", "budget": {"max_limit": 1, "reset_duration": "5x"}}]}}),
        );
        let error = error.unwrap_err().to_string();
        assert!(error.contains("virtual_keys[0]") && error.contains("5x"), "{error}");
        let (settings, warnings) = document(json!({"client": {"allow_direct_keys": true}, "$schema": "x"})).unwrap();
        assert_eq!((settings.client, warnings.len()), (Client::default(), 1));
        assert!(document(json!([])).is_err());
        assert!(document(json!({"nonsense": 1})).is_err());
    }

    #[test]
    fn patching_a_provider_keeps_what_is_not_said() {
        let before = json!({"keys": [{"name": "a"}], "network_config": {"base_url": "http://h", "max_retries": 2}});
        let body = json!({"network_config": {"max_retries": 3, "base_url": null}});
        let merged = patch_provider(before.as_object().cloned(), body.as_object().cloned().unwrap());
        assert_eq!(
            Value::Object(merged),
            json!({"keys": [{"name": "a"}], "network_config": {"max_retries": 3}})
        );
    }
}
