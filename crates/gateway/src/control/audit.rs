//! The audit log: written to by whoever does something that changes no settings, and shown without secrets.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::changes::{changed_fields, masked};
use super::seal::Vault;
use super::{Control, ControlError};
use crate::ports::StoreError;
use crate::ports::audit::{AuditEvent, AuditQuery, AuditRecord};

/// A page of the audit log, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditList {
    /// The page.
    pub audit_logs: Vec<ShownAuditRecord>,
    /// What to give as `before` for the page that follows; null after the last.
    pub next: Option<u64>,
}

/// Something that was done, as it is shown: without secrets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditRecord")]
pub struct ShownAuditRecord {
    /// Its number, from 1 without gaps.
    pub seq: u64,
    /// When, in RFC 3339.
    pub at: String,
    /// By whom: a user, an API token, `admin`, `loopback`, a file, a command.
    pub actor: String,
    /// What: `provider.update`, `virtual_key.create`, `ledger.write_off`, …
    pub action: String,
    /// To what: `provider/openai`, `user/anna`, …
    pub target: String,
    /// The revision of the settings that it made.
    pub revision: Option<u64>,
    /// The fields that differ, secrets among them; at most 200.
    pub changed: Vec<String>,
    /// What it said before; null where there was nothing.
    pub before: Value,
    /// What it says now, or what there is to tell of the event.
    pub after: Value,
    /// The hash of this record and all before it.
    pub hash: String,
}

/// Whether the audit log is what was written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditVerdict {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// How many records were read.
    pub records: u64,
    /// The hash of the last one.
    pub head: String,
    /// How many faults there are.
    pub found: u64,
    /// What is wrong, up to a thousand times.
    pub faults: Vec<String>,
}

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
    pub async fn audit_logs(&self, query: &AuditQuery) -> Result<AuditList, ControlError> {
        let page = self.shared.audit.page(query).await?;
        Ok(AuditList {
            audit_logs: page
                .records
                .iter()
                .map(|record| shown(record, &self.shared.vault))
                .collect(),
            next: page.next,
        })
    }

    /// `POST /api/audit-logs/verify`: `{ok, records, head, found, faults: [text]}`.
    pub async fn verify_audit_logs(&self) -> Result<AuditVerdict, ControlError> {
        let verified = self.shared.audit.verify().await?;
        Ok(AuditVerdict {
            ok: verified.found == 0,
            records: verified.records,
            head: verified.head.to_string(),
            found: verified.found,
            faults: verified.faults.iter().map(ToString::to_string).collect(),
        })
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

fn shown(record: &AuditRecord, vault: &Vault) -> ShownAuditRecord {
    let event = &record.event;
    let changed = match (&event.before, &event.after) {
        (Some(before), Some(after)) => changed_fields(before, after, vault),
        _ => Vec::new(),
    };
    ShownAuditRecord {
        seq: record.seq,
        at: event.at.rfc3339(),
        actor: event.actor.clone(),
        action: event.action.clone(),
        target: event.target.clone(),
        revision: event.revision.map(|revision| revision.0),
        changed: changed.into_iter().map(|field| field.path).collect(),
        before: event.before.as_ref().map(masked).unwrap_or_default(),
        after: event.after.as_ref().map(masked).unwrap_or_default(),
        hash: record.hash.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::Wall;
    use serde_json::json;

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
        assert_eq!(shown.changed, ["keys[1].value", "previous.value_hash"]);
        let text = json!(shown).to_string();
        assert!(!text.contains("sealed:v1") && !text.contains("22"), "{text}");
        assert_eq!(shown.after["keys"][1]["value"], "(sealed)");
        assert_eq!(shown.after["name"], "x");
    }
}
