use std::sync::Arc;

use async_trait::async_trait;
#[cfg(feature = "gateway")]
use gateway::ports::{audit::AuditStore, logs::LogStore, objects::ObjectStore, settings::SettingsStore};
use gateway_governance::ledger::Ledger;

/// The durable state of one organisation, open. Which backend holds it shows only where it is opened.
///
/// Dropping it lets what was asked for finish in the background; [`Stores::close`] waits for that.
#[derive(Debug)]
pub struct Stores {
    pub(crate) ledger: Arc<dyn Ledger>,
    #[cfg(feature = "gateway")]
    pub(crate) settings: Arc<dyn SettingsStore>,
    #[cfg(feature = "gateway")]
    pub(crate) objects: Arc<dyn ObjectStore>,
    #[cfg(feature = "gateway")]
    pub(crate) audit: Arc<dyn AuditStore>,
    #[cfg(feature = "gateway")]
    pub(crate) logs: Arc<dyn LogStore>,
    pub(crate) backend: Box<dyn Backend>,
}

/// What holds the state.
#[async_trait]
pub(crate) trait Backend: Send + Sync + std::fmt::Debug {
    /// Finishes what was asked for, refuses what comes after, and lets go of files and connections.
    async fn close(self: Box<Self>);
}

impl Stores {
    /// Leases and entries.
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        Arc::clone(&self.ledger)
    }

    /// Settings and their revisions.
    #[cfg(feature = "gateway")]
    pub fn settings(&self) -> Arc<dyn SettingsStore> {
        Arc::clone(&self.settings)
    }

    /// Small documents that the gateway keeps for itself.
    #[cfg(feature = "gateway")]
    pub fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.objects)
    }

    /// The audit log, into which the settings write what changes.
    #[cfg(feature = "gateway")]
    pub fn audit(&self) -> Arc<dyn AuditStore> {
        Arc::clone(&self.audit)
    }

    /// Request logs and their rollups.
    #[cfg(feature = "gateway")]
    pub fn logs(&self) -> Arc<dyn LogStore> {
        Arc::clone(&self.logs)
    }

    /// Finishes what was asked for and lets go of the data. Calls made later, through handles that are still around,
    /// fail and say so.
    pub async fn close(self) {
        self.backend.close().await;
    }
}
