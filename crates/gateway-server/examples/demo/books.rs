//! The real ledger, at whose commits the day's clock waits.

use std::sync::Arc;

use async_trait::async_trait;
use gateway_governance::entry::Entry;
use gateway_governance::ledger::{Ask, Ledger, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use gateway_governance::quota::WindowNo;
use gateway_types::{QuotaId, Wall};

use crate::time::held;

/// A ledger that takes no time of the day.
#[derive(Debug)]
pub(crate) struct Timeless(pub(crate) Arc<dyn Ledger>);

#[async_trait]
impl Ledger for Timeless {
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError> {
        let (ledger, asks) = (Arc::clone(&self.0), asks.to_vec());
        held(async move { ledger.lease(&asks, now).await }).await
    }

    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError> {
        let (ledger, returns) = (Arc::clone(&self.0), returns.to_vec());
        held(async move { ledger.give_back(&returns).await }).await
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let (ledger, entries) = (Arc::clone(&self.0), entries.to_vec());
        held(async move { ledger.append(&entries).await }).await
    }

    async fn windows(&self) -> Result<Vec<WindowState>, StoreError> {
        self.0.windows().await
    }

    async fn history(
        &self,
        quota: &QuotaId,
        before: Option<WindowNo>,
        limit: usize,
    ) -> Result<Vec<WindowState>, StoreError> {
        self.0.history(quota, before, limit).await
    }

    async fn recover(&self) -> Result<(), StoreError> {
        self.0.recover().await
    }

    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        self.0.reset(quota, now).await
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        self.0.write_off(quota, window).await
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.0.entries(limit).await
    }

    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        self.0.page(wanted).await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.0.verify().await
    }
}
