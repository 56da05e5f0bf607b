//! What the gateway asks of its host: durable settings, objects, logs and the audit log. Each port's types live beside it, and each
//! comes with an in-memory implementation and a conformance suite.

pub mod audit;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod ledger;
pub mod logs;
pub mod memory;
pub mod objects;
pub mod settings;

/// What went wrong in a store. The call can be made again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);
