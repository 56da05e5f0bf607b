//! Objects, durable: small documents that the gateway keeps for itself, such as discovered model lists.

use async_trait::async_trait;
use gateway_types::Wall;
use serde_json::Value;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its kind: `models`, …
    pub kind: String,
    /// Its id within the kind.
    pub id: String,
    /// What it says.
    pub body: Value,
    /// When it was put there.
    pub at: Wall,
    /// When it may go; never where none.
    pub expires: Option<Wall>,
}

/// Where objects are kept.
#[async_trait]
pub trait ObjectStore: Send + Sync + std::fmt::Debug {
    /// Puts an object in the place of an earlier one of that id.
    async fn put(&self, object: &Object) -> Result<(), super::StoreError>;
    /// One object, unless it has expired by `now`.
    async fn find(&self, kind: &str, id: &str, now: Wall) -> Result<Option<Object>, super::StoreError>;
    /// All objects of a kind that have not expired by `now`, in order of their ids.
    async fn list(&self, kind: &str, now: Wall) -> Result<Vec<Object>, super::StoreError>;
    /// Takes an object away; nothing happens if there is none.
    async fn remove(&self, kind: &str, id: &str) -> Result<(), super::StoreError>;
    /// Takes expired objects away and says how many.
    async fn prune(&self, now: Wall) -> Result<u64, super::StoreError>;
}
