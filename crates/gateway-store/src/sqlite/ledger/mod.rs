//! Leases and entries over SQLite.
//!
//! Entries stand in segments: a batch is one row, written in one go. [`segment`] is how it is laid out, [`append`] writes
//! it, [`merge`] joins small ones, [`page`] and [`verify`] read.

mod append;
mod merge;
mod page;
mod rows;
mod segment;
mod takeover;
#[cfg(test)]
mod tests;
mod verify;
mod windows;

use async_trait::async_trait;
use gateway_governance::entry::Entry;
use gateway_governance::ledger::{Ask, Ledger, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use gateway_governance::quota::WindowNo;
use gateway_types::{Org, QuotaId, Wall};

use self::merge::Tail;
pub(super) use self::takeover::take_over;
use self::windows::Pages;
use super::Database;
use super::reader::Readers;
use super::writer::Writer;

#[derive(Debug)]
pub(super) struct SqliteLedger {
    org: Org,
    writer: Writer,
    readers: Readers,
    tail: Tail,
}

impl SqliteLedger {
    pub(super) fn new(org: &Org, books: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: books.writer.clone(),
            readers: books.readers.clone(),
            tail: Tail::default(),
        }
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError> {
        let (org, asks) = (self.org.clone(), asks.to_vec());
        let slices = self
            .writer
            .run(move |conn| asks.iter().map(|ask| windows::lease(conn, &org, ask, now)).collect());
        Ok(slices.await?)
    }

    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError> {
        let (org, returns) = (self.org.clone(), returns.to_vec());
        let done = self.writer.run(move |conn| {
            let mut pages = Pages::new(conn, &org);
            for Return { quota, window, amount } in &returns {
                // A window that does not exist has granted nothing.
                if let Some(page) = pages.find(quota, *window)? {
                    page.books.give_back(*amount);
                }
            }
            pages.write()
        });
        Ok(done.await?)
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let packed = append::pack(&self.org, entries)?;
        let (org, tail) = (self.org.clone(), self.tail.clone());
        let done = self.writer.run(move |conn| append::append(conn, &org, &packed, &tail));
        Ok(done.await?)
    }

    async fn windows(&self) -> Result<Vec<WindowState>, StoreError> {
        let org = self.org.clone();
        Ok(self
            .readers
            .run(move |conn| windows::latest_windows(conn, &org))
            .await?)
    }

    async fn recover(&self) -> Result<(), StoreError> {
        let org = self.org.clone();
        Ok(self.writer.run(move |conn| windows::recover(conn, &org)).await?)
    }

    async fn history(
        &self,
        quota: &QuotaId,
        before: Option<WindowNo>,
        limit: usize,
    ) -> Result<Vec<WindowState>, StoreError> {
        let (org, quota) = (self.org.clone(), quota.clone());
        let windows = self
            .readers
            .run(move |conn| windows::history(conn, &org, &quota, before, limit));
        Ok(windows.await?)
    }

    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        let (org, quota) = (self.org.clone(), quota.clone());
        Ok(self
            .writer
            .run(move |conn| windows::reset(conn, &org, &quota, now))
            .await?)
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        let (org, quota) = (self.org.clone(), quota.clone());
        let done = self
            .writer
            .run(move |conn| windows::write_off(conn, &org, &quota, window));
        Ok(done.await?)
    }

    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        let (org, wanted) = (self.org.clone(), wanted.clone());
        Ok(self.readers.run(move |conn| page::page(conn, &org, &wanted)).await?)
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| verify::verify(conn, &org)).await?)
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let wanted = Wanted {
            limit,
            ..Wanted::default()
        };
        Ok(self.page(&wanted).await?.entries)
    }
}
