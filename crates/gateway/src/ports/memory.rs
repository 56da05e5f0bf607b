//! The ports in memory: for embedding without a store, and for tests. They forget everything with their process.

mod audit;
mod logs;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use gateway_types::{Revision, Wall};
use serde_json::Value;

use super::StoreError;
use super::objects::{Object, ObjectStore};
use super::settings::{Change, CommitError, Document, RevisionRecord, SettingsStore, Stored};
pub use audit::MemoryAudit;
pub use logs::MemoryLogs;

/// How many revisions [`MemorySettings`] can still tell of.
const KEPT_REVISIONS: usize = 1_000;

/// Settings in memory.
#[derive(Debug, Default)]
pub struct MemorySettings {
    settings: Mutex<Settings>,
    audit: Arc<MemoryAudit>,
}

#[derive(Debug, Default)]
struct Settings {
    revision: Revision,
    documents: BTreeMap<(String, String), Value>,
    revisions: VecDeque<RevisionRecord>,
}

impl MemorySettings {
    /// Without any document.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, writing what changes into that audit log.
    pub fn audited(audit: Arc<MemoryAudit>) -> Self {
        Self {
            audit,
            ..Self::default()
        }
    }
}

#[async_trait]
impl SettingsStore for MemorySettings {
    async fn load(&self) -> Result<Stored, StoreError> {
        let settings = lock(&self.settings);
        let documents = settings.documents.iter().map(|((section, name), body)| Document {
            section: section.clone(),
            name: name.clone(),
            body: body.clone(),
        });
        Ok(Stored {
            revision: settings.revision,
            documents: documents.collect(),
        })
    }

    async fn commit(&self, change: &Change) -> Result<Revision, CommitError> {
        let mut settings = lock(&self.settings);
        if settings.revision != change.expected {
            return Err(CommitError::Conflict(settings.revision));
        }
        settings.revision = Revision(settings.revision.0.saturating_add(1));
        self.audit.write(&super::audit::events(change, settings.revision));
        for edit in &change.edits {
            let key = (edit.section.clone(), edit.name.clone());
            match &edit.after {
                Some(body) => settings.documents.insert(key, body.clone()),
                None => settings.documents.remove(&key),
            };
        }
        let Change { at, author, edits, .. } = change.clone();
        let record = RevisionRecord {
            revision: settings.revision,
            at,
            author,
            edits,
        };
        settings.revisions.push_front(record);
        settings.revisions.truncate(KEPT_REVISIONS);
        Ok(settings.revision)
    }

    async fn revisions(&self, before: Option<Revision>, limit: usize) -> Result<Vec<RevisionRecord>, StoreError> {
        let settings = lock(&self.settings);
        let earlier = |record: &&RevisionRecord| before.is_none_or(|before| record.revision < before);
        Ok(settings.revisions.iter().filter(earlier).take(limit).cloned().collect())
    }
}

/// Objects in memory.
#[derive(Debug, Default)]
pub struct MemoryObjects(Mutex<BTreeMap<(String, String), Object>>);

impl MemoryObjects {
    /// Without any object.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    async fn put(&self, object: &Object) -> Result<(), StoreError> {
        lock(&self.0).insert((object.kind.clone(), object.id.clone()), object.clone());
        Ok(())
    }

    async fn find(&self, kind: &str, id: &str, now: Wall) -> Result<Option<Object>, StoreError> {
        let objects = lock(&self.0);
        let object = objects.get(&(kind.to_owned(), id.to_owned()));
        Ok(object.filter(|object| is_live(object, now)).cloned())
    }

    async fn list(&self, kind: &str, now: Wall) -> Result<Vec<Object>, StoreError> {
        let objects = lock(&self.0);
        let of_kind = objects
            .values()
            .filter(|object| object.kind == kind && is_live(object, now));
        Ok(of_kind.cloned().collect())
    }

    async fn remove(&self, kind: &str, id: &str) -> Result<(), StoreError> {
        lock(&self.0).remove(&(kind.to_owned(), id.to_owned()));
        Ok(())
    }

    async fn prune(&self, now: Wall) -> Result<u64, StoreError> {
        let mut objects = lock(&self.0);
        let before = objects.len();
        objects.retain(|_, object| is_live(object, now));
        Ok((before - objects.len()) as u64)
    }
}

fn is_live(object: &Object, now: Wall) -> bool {
    object.expires.is_none_or(|expires| expires > now)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ports::conformance;

    #[tokio::test]
    async fn settings_in_memory_keep_the_promises() {
        conformance::settings(|| async { Arc::new(MemorySettings::new()) as Arc<dyn SettingsStore> }).await;
    }

    #[tokio::test]
    async fn objects_in_memory_keep_the_promises() {
        conformance::objects(|| async { Arc::new(MemoryObjects::new()) as Arc<dyn ObjectStore> }).await;
    }
}
