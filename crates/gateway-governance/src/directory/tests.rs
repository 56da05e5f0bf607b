mod callers;
mod faults;
mod hierarchy;

use gateway_types::Now;
use serde_json::{Value, json};

use super::*;
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
