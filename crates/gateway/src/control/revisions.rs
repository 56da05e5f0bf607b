//! Revisions of the settings: what each changed, and the way back to one.

use std::collections::BTreeMap;

use gateway_types::Revision;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::changes::{EditName, ShownEdit};
use super::state::Docs;
use super::virtual_keys::retire;
use super::{Control, ControlError, Shared};
use crate::ports::settings::{Document, Edit, RevisionRecord};

/// How many revisions are read at once on the way back.
const PAGE: usize = 200;

/// A page of revisions, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RevisionList {
    /// The page.
    pub revisions: Vec<ShownRevision<EditName>>,
    /// What to give as `before` for the page that follows; null after the last.
    pub next: Option<u64>,
}

/// A change of the settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RevisionWith{E}")]
pub struct ShownRevision<E> {
    /// Its number, from 1 without gaps.
    pub revision: u64,
    /// When, in RFC 3339.
    pub timestamp: String,
    /// By whom.
    pub author: String,
    /// The documents that it changed.
    pub edits: Vec<E>,
}

/// What a change of many documents at once did, or would do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SettingsChange {
    /// In a sentence.
    pub message: String,
    /// Whether nothing was kept, because only a preview was asked for.
    pub dry_run: bool,
    /// The revision of the settings now.
    pub revision: u64,
    /// The documents that changed, or would.
    pub edits: Vec<ShownEdit>,
    /// What was sent and does not act, or not yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl<E> ShownRevision<E> {
    fn of(record: &RevisionRecord, show: impl Fn(&Edit) -> E) -> Self {
        Self {
            revision: record.revision.0,
            timestamp: record.at.rfc3339(),
            author: record.author.clone(),
            edits: record.edits.iter().map(show).collect(),
        }
    }
}

impl Control {
    /// `GET /api/config/revisions`: what was changed, newest first.
    pub async fn revisions(&self, before: Option<Revision>, limit: usize) -> Result<RevisionList, ControlError> {
        let records = self.shared.settings.revisions(before, limit).await?;
        let last = records.last().map(|record| record.revision.0);
        Ok(RevisionList {
            next: last.filter(|last| records.len() == limit && *last > 1),
            revisions: records
                .iter()
                .map(|record| ShownRevision::of(record, EditName::of))
                .collect(),
        })
    }

    /// `GET /api/config/revisions/{number}`: what one changed, field by field.
    pub async fn revision(&self, number: Revision) -> Result<ShownRevision<ShownEdit>, ControlError> {
        let before = Revision(number.0.saturating_add(1));
        let records = self.shared.settings.revisions(Some(before), 1).await?;
        let record = records.first().filter(|record| record.revision == number);
        let record = record.ok_or_else(|| no_revision(number))?;
        Ok(ShownRevision::of(record, |edit| {
            ShownEdit::of(edit, &self.shared.vault)
        }))
    }

    /// `POST /api/config/revisions/{number}/rollback`: the settings as they were right after that revision, as one new
    /// revision; 0 is before the first. Values of virtual keys and secrets come back as they were then. A value that is no
    /// virtual key's any more stays refused.
    pub async fn rollback(
        &self,
        number: Revision,
        dry_run: bool,
        author: &str,
    ) -> Result<SettingsChange, ControlError> {
        let shared = &self.shared;
        let (latest, documents) = shared.documents_at(number).await?;
        let target = Docs::open(&documents, &shared.vault).map_err(ControlError::Conflict)?;
        let edits = shared
            .replace(author, dry_run, |store| {
                if shared.state.load().revision != latest {
                    return Err(ControlError::Conflict(
                        "the settings changed meanwhile; look at the difference again".to_owned(),
                    ));
                }
                go_back(store, target);
                Ok(())
            })
            .await?;
        let now = shared.state.load().revision;
        if !dry_run && !edits.is_empty() {
            let details = json!({ "restored": number, "revision": now });
            self.audit(author, "config.rollback", &format!("revision/{number}"), details)
                .await?;
        }
        let message = match (edits.len(), dry_run) {
            (0, _) => format!("the settings are as they were at revision {number}"),
            (count, true) => format!("{count} documents would change"),
            (count, false) => format!("{count} documents are again as they were at revision {number}"),
        };
        Ok(SettingsChange {
            message,
            dry_run,
            revision: now.0,
            edits: edits.iter().map(|edit| ShownEdit::of(edit, &shared.vault)).collect(),
            warnings: Vec::new(),
        })
    }
}

/// Makes the store what it was. What was a virtual key's value since then, and is none any more, is retired: it must not be
/// taken for a stranger's.
fn go_back(store: &mut Docs, mut target: Docs) {
    target.retired = std::mem::take(&mut store.retired);
    for key in store.virtual_keys.values() {
        retire(&mut target, key);
    }
    let in_force: Vec<String> = target
        .virtual_keys
        .values()
        .flat_map(|key| {
            let previous = key.previous.iter().map(|previous| &previous.value_hash);
            key.value_hash.iter().chain(previous).cloned()
        })
        .collect();
    for hash in in_force.iter().filter_map(|hash| hash.parse().ok()) {
        target.retired.remove(&hash);
    }
    *store = target;
}

impl Shared {
    /// The documents as they were right after a revision, and the revision from which that was found out.
    async fn documents_at(&self, number: Revision) -> Result<(Revision, Vec<Document>), ControlError> {
        let stored = self.settings.load().await?;
        if number > stored.revision {
            return Err(no_revision(number));
        }
        let mut bodies: BTreeMap<(String, String), Value> = stored
            .documents
            .into_iter()
            .map(|document| ((document.section, document.name), document.body))
            .collect();
        let mut at = stored.revision;
        while at > number {
            let records = self.settings.revisions(Some(Revision(at.0 + 1)), PAGE).await?;
            let wanted = records.into_iter().take_while(|record| record.revision > number);
            let page_began = at;
            for record in wanted {
                if record.revision != at {
                    break;
                }
                take_back(&mut bodies, record.edits);
                at = Revision(at.0 - 1);
            }
            if at == page_began {
                return Err(ControlError::Conflict(format!(
                    "revision {at} is not in the store any more, so there is no way back past it"
                )));
            }
        }
        let documents = bodies
            .into_iter()
            .map(|((section, name), body)| Document { section, name, body });
        Ok((stored.revision, documents.collect()))
    }
}

fn take_back(bodies: &mut BTreeMap<(String, String), Value>, edits: Vec<Edit>) {
    for edit in edits {
        let place = (edit.section, edit.name);
        match edit.before {
            Some(body) => bodies.insert(place, body),
            None => bodies.remove(&place),
        };
    }
}

fn no_revision(number: Revision) -> ControlError {
    ControlError::NotFound(format!("there is no revision {number}"))
}
