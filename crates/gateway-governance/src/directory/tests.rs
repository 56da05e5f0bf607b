mod callers;
mod faults;
mod hierarchy;
mod scopes;

use gateway_types::Now;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::access::{Served, Serves};
use crate::credential::KeyHasher;

fn hasher() -> KeyHasher {
    KeyHasher::new(&[3; 32])
}

fn settings(fields: Value) -> VirtualKeySettings {
    let mut settings: VirtualKeySettings = serde_json::from_value(fields).unwrap();
    let value = settings.value.take().unwrap_or_else(|| settings.id.to_string());
    settings.value_hash = Some(hasher().hash(&value).to_string());
    settings
}

fn directory(keys: &[Value], retired: &[&str]) -> Directory {
    let keys: Vec<_> = keys.iter().cloned().map(settings).collect();
    let retired: Vec<_> = retired.iter().map(|value| hasher().hash(value)).collect();
    Directory::compile(
        &Said {
            retired: &retired,
            ..Said::keys(&keys)
        },
        &Quotas::new(),
    )
    .unwrap()
}

fn now() -> Now {
    Now {
        wall: Wall::parse_rfc3339("2025-06-01T12:00:00Z").unwrap(),
        ..Now::default()
    }
}

/// Providers that serve whatever they are asked for, but for each other's models.
struct Anything;

impl Serves for Anything {
    fn is_provider(&self, name: &str) -> bool {
        ["openai", "azure"].contains(&name)
    }
    fn providers(&self) -> Vec<ProviderName> {
        vec!["openai".into(), "azure".into()]
    }
    fn serves(&self, _: &ProviderName, model: &str) -> Served {
        match model.split_once('/') {
            Some((provider, _)) if self.is_provider(provider) => Served::No,
            _ => Served::Yes(ModelName::from(model)),
        }
    }
}

fn list<T: DeserializeOwned>(document: &Value, name: &str) -> Vec<T> {
    document
        .get(name)
        .map_or_else(Vec::new, |list| serde_json::from_value(list.clone()).unwrap())
}

/// Compiles a document as it could stand in a file.
fn compile(document: &Value, quotas: &Quotas) -> Result<Directory, Vec<Fault>> {
    let keys: Vec<_> = list::<Value>(document, "virtual_keys")
        .into_iter()
        .map(settings)
        .collect();
    let said = Said {
        keys: &keys,
        teams: &list(document, "teams"),
        customers: &list(document, "customers"),
        models: &list(document, "model_configs"),
        providers: &list(document, "providers"),
        ..Said::default()
    };
    Directory::compile(&said, quotas)
}

/// A key under all that there is, nothing of which is limited yet.
fn document() -> Value {
    json!({
        "customers": [{"id": "acme", "name": "ACME"}],
        "teams": [{"id": "platform", "name": "Platform", "customer_id": "acme"}],
        "virtual_keys": [{
            "id": "k", "team_id": "platform",
            "provider_configs": [{"provider": "openai"}, {"provider": "azure"}],
            "model_limits": [{"model_name": "gpt-*"}],
        }],
        "model_configs": [
            {"id": "m1", "model_name": "gpt-4o"},
            {"id": "m2", "model_name": "gpt-4o", "provider": "openai"},
            {"id": "m3", "model_name": "*"},
        ],
        "providers": [{"name": "openai"}],
    })
}
