//! A log store that keeps nothing.

use std::sync::Arc;

use async_trait::async_trait;
use gateway::ports::StoreError;
use gateway::ports::logs::{Dimension, LogPage, LogQuery, LogRow, LogStore, Rank, Shares, Slice, Slot};
use gateway_types::{RequestId, Wall};

/// Takes every row and keeps none: what a store costs is the store's to measure.
#[derive(Debug)]
pub(crate) struct Forgetful;

#[async_trait]
impl LogStore for Forgetful {
    async fn append(&self, _: &[Arc<LogRow>]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn page(&self, _: &LogQuery) -> Result<LogPage, StoreError> {
        Ok(LogPage::default())
    }

    async fn row(&self, _: RequestId) -> Result<Option<LogRow>, StoreError> {
        Ok(None)
    }

    async fn series(&self, _: &Slice, _: i64) -> Result<Vec<Slot>, StoreError> {
        Ok(Vec::new())
    }

    async fn shares(&self, _: &Slice, _: Rank, _: usize) -> Result<Shares, StoreError> {
        Ok(Shares::default())
    }

    async fn values(&self, _: Dimension, _: Wall) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    async fn remove(&self, _: &[RequestId]) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn prune(&self, _: Wall) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn any(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
