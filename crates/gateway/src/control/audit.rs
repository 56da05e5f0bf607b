//! The audit log: written to by whoever does something that changes no settings, and shown without secrets.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::seal::{self, Vault};
use super::{Answer, Control, ControlError};
use crate::ports::StoreError;
use crate::ports::audit::{AuditEvent, AuditQuery, AuditRecord};

/// The most changed fields that are named.
const NAMED: usize = 200;

impl Control {
    /// Writes down that somebody did something which changes no settings: a login, a rotation, an export. `details` is
    /// what there is to tell of it, `null` where there is nothing; secrets do not belong in it. Changes of settings are
    /// written down with the change itself.
    pub async fn audit(&self, actor: &str, action: &str, target: &str, details: Value) -> Result<(), ControlError> {
        let event = AuditEvent {
            at: self.shared.clock.now().wall,
            actor: actor.to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
            before: None,
            after: Some(details).filter(|details| !details.is_null()),
            revision: None,
        };
        self.shared.audit.append(&[event]).await?;
        Ok(())
    }

    /// `GET /api/audit-logs`: `{audit_logs: [{seq, at, actor, action, target, revision, changed, before, after, hash}], next}`.
    /// Secrets are shown as such; `changed` names the fields that differ, secrets among them.
    pub async fn audit_logs(&self, query: &AuditQuery) -> Answer {
        let page = self.shared.audit.page(query).await?;
        let shown: Vec<Value> = page
            .records
            .iter()
            .map(|record| shown(record, &self.shared.vault))
            .collect();
        Ok(json!({ "audit_logs": shown, "next": page.next }))
    }

    /// `POST /api/audit-logs/verify`: `{ok, records, head, found, faults: [text]}`.
    pub async fn verify_audit_logs(&self) -> Answer {
        let verified = self.shared.audit.verify().await?;
        let faults: Vec<String> = verified.faults.iter().map(ToString::to_string).collect();
        Ok(json!({
            "ok": verified.found == 0,
            "records": verified.records,
            "head": verified.head.to_string(),
            "found": verified.found,
            "faults": faults,
        }))
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

fn shown(record: &AuditRecord, vault: &Vault) -> Value {
    let event = &record.event;
    let mut changed = BTreeSet::new();
    if let (Some(before), Some(after)) = (&event.before, &event.after) {
        differences(before, after, vault, &mut String::new(), &mut changed);
    }
    json!({
        "seq": record.seq,
        "at": event.at.rfc3339(),
        "actor": event.actor,
        "action": event.action,
        "target": event.target,
        "revision": event.revision,
        "changed": changed,
        "before": event.before.as_ref().map(masked),
        "after": event.after.as_ref().map(masked),
        "hash": record.hash.to_string(),
    })
}

/// The paths of the fields that differ. A sealed value differs from another only if it opens to something else: the same
/// secret is sealed anew each time.
fn differences(before: &Value, after: &Value, vault: &Vault, path: &mut String, found: &mut BTreeSet<String>) {
    if found.len() >= NAMED || before == after {
        return;
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                differences(&of(before), &of(after), vault, path, found);
                path.truncate(length);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (place, (before, after)) in before.iter().zip(after).enumerate() {
                let length = path.len();
                path.push_str(&format!("[{place}]"));
                differences(before, after, vault, path, found);
                path.truncate(length);
            }
        }
        (Value::String(before), Value::String(after)) if both_open_alike(before, after, vault) => {}
        _ => {
            found.insert(path.clone());
        }
    }
}

fn both_open_alike(before: &str, after: &str, vault: &Vault) -> bool {
    let is_sealed = |text: &str| text.starts_with(seal::PREFIX);
    is_sealed(before)
        && is_sealed(after)
        && matches!((vault.open(before), vault.open(after)), (Ok(one), Ok(other)) if one == other)
}

/// A body without what stands in it of secrets: sealed values and hashes.
fn masked(body: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let mask = |(name, value): (&String, &Value)| {
                let hash = (name == "hash" || name.ends_with("_hash")) && value.is_string();
                let value = if hash { json!("(hash)") } else { masked(value) };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(mask).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        Value::String(text) if text.starts_with(seal::PREFIX) => json!("(sealed)"),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::Wall;

    use super::*;
    use crate::ports::audit::Digest;

    #[test]
    fn secrets_are_told_to_have_changed_and_not_shown() {
        let vault = Vault::new(&[3; 32]);
        let body = |one: &str, two: &str, hash: &str, name: &str| {
            json!({ "name": name, "keys": [{ "value": vault.seal(one) }, { "value": vault.seal(two) }],
                    "previous": { "value_hash": hash } })
        };
        let (before, after) = (body("a", "b", "11", "x"), body("a", "c", "22", "x"));
        let record = AuditRecord {
            v: 1,
            seq: 4,
            event: AuditEvent {
                at: Wall::from_millis(0),
                actor: "ann".into(),
                action: "provider.update".into(),
                target: "provider/openai".into(),
                before: Some(before),
                after: Some(after),
                revision: None,
            },
            hash: Digest::default(),
        };
        let shown = shown(&record, &vault);
        assert_eq!(shown["changed"], json!(["keys[1].value", "previous.value_hash"]));
        let text = shown.to_string();
        assert!(!text.contains("sealed:v1") && !text.contains("22"), "{text}");
        assert_eq!(shown["after"]["keys"][1]["value"], "(sealed)");
        assert_eq!(shown["after"]["name"], "x");
    }
}
