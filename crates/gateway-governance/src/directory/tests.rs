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
    let keys: Vec<_> = keys.iter().cloned().map(settings).map(Arc::new).collect();
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
        .map(Arc::new)
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

#[test]
fn after_a_change_only_what_it_touches_is_compiled_again() {
    let quotas = Quotas::new();
    let limited = |id: &str, most: u64| {
        let fields = json!({"id": id, "team_id": "t", "rate_limit": {"max_in_flight": most},
            "provider_configs": [{"provider": "p", "rate_limit": {"max_in_flight": most}}],
            "model_limits": [{"model_name": "m*", "rate_limit": {"max_in_flight": most}}]});
        Arc::new(settings(fields))
    };
    let team =
        |most: u64| serde_json::from_value(json!({"id": "t", "name": "", "rate_limit": {"max_in_flight": most}}));
    let (mut keys, mut teams) = (
        vec![limited("a", 1), limited("b", 1), limited("c", 1)],
        [team(9).unwrap()],
    );
    let compiled = |before: &Directory, keys: &[Arc<VirtualKeySettings>], teams: &[TeamSettings], quotas: &Quotas| {
        let said = Said {
            teams,
            ..Said::keys(keys)
        };
        Directory::compile_after(before, &said, quotas)
    };
    let limit = |id: &str| quotas.usage(&id.into(), now().wall).map(|usage| usage.limit);
    let same = |one: &Directory, other: &Directory, id: &str| Arc::ptr_eq(&one.by_id[id], &other.by_id[id]);

    let first = compiled(&Directory::default(), &keys, &teams, &quotas).unwrap();
    keys[1] = limited("b", 5);
    keys.remove(2);
    let second = compiled(&first, &keys, &teams, &quotas).unwrap();
    assert!(same(&first, &second, "a") && !same(&first, &second, "b"));
    for id in ["vk/a/in_flight", "vk/a/p/in_flight", "vk-model/a/m*/in_flight"] {
        assert_eq!(limit(id), Some(1), "{id} is kept");
    }
    assert_eq!((limit("vk/b/in_flight"), limit("vk/c/in_flight")), (Some(5), None));
    assert!(second.known(&hasher().hash("a")).is_some() && second.known(&hasher().hash("c")).is_none());

    // The very settings of another key's value are a fault, whether they are new or not.
    let mut twin = VirtualKeySettings::clone(&keys[1]);
    twin.value_hash.clone_from(&keys[0].value_hash);
    assert!(compiled(&second, &[Arc::clone(&keys[0]), Arc::new(twin)], &teams, &quotas).is_err());

    // A trial has quotas of its own.
    let trial = compiled(&second, &keys, &teams, &Quotas::new()).unwrap();
    assert!(!same(&second, &trial, "a"));

    teams[0] = team(2).unwrap();
    let third = compiled(&second, &keys, &teams, &quotas).unwrap();
    assert!(!same(&second, &third, "a"), "its team has changed");
    assert_eq!(limit("team/t/in_flight"), Some(2));
}
