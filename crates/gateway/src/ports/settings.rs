//! Settings, durable: documents by section and name, and the numbered revisions that made them.

use async_trait::async_trait;
use gateway_types::{Revision, Wall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One document: a provider, a virtual key, the client section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What it is: `provider`, `virtual_key`, `client`, …
    pub section: String,
    /// Which one.
    pub name: String,
    /// What it says. Secrets in it are sealed before they come here.
    pub body: Value,
}

/// Everything there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// The latest revision; 0 before the first.
    pub revision: Revision,
    /// The documents, in order of section and name.
    pub documents: Vec<Document>,
}

/// One document's change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The section.
    pub section: String,
    /// The name.
    pub name: String,
    /// What it said; none if it is new.
    pub before: Option<Value>,
    /// What it says now; none if it is gone.
    pub after: Option<Value>,
}

/// A change of settings: it becomes one revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The revision that it was made from.
    pub expected: Revision,
    /// When.
    pub at: Wall,
    /// By whom.
    pub author: String,
    /// What changes.
    pub edits: Vec<Edit>,
}

/// A revision as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionRecord {
    /// Its number.
    pub revision: Revision,
    /// When.
    pub at: Wall,
    /// By whom.
    pub author: String,
    /// What changed, with both states, so that it can be taken back.
    pub edits: Vec<Edit>,
}

/// Why a change was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else changed the settings first; the number is the latest revision.
    #[error("the settings changed meanwhile; the latest revision is {0}")]
    Conflict(Revision),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] super::StoreError),
}

/// Where settings are kept. An implementation must make a change whole or not at all, and number revisions without gaps.
#[async_trait]
pub trait SettingsStore: Send + Sync + std::fmt::Debug {
    /// Everything there is.
    async fn load(&self) -> Result<Stored, super::StoreError>;
    /// Makes a change, unless the settings are no longer at its expected revision.
    async fn commit(&self, change: &Change) -> Result<Revision, CommitError>;
    /// Revisions, newest first, from before that one on.
    async fn revisions(&self, before: Option<Revision>, limit: usize)
    -> Result<Vec<RevisionRecord>, super::StoreError>;
}
