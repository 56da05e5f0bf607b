//! Request logs over SQLite: rows in segments, and figures that always equal the rows.

mod blob;
mod charts;
mod grain;
mod legacy;
mod page;
mod recent;
mod record;
mod rollup;
mod rows;
mod segment;
mod segments;
mod sieve;
mod steps;
#[cfg(test)]
mod tests;
mod totals;

use std::sync::Arc;

use async_trait::async_trait;
use gateway::ports::StoreError;
use gateway::ports::logs::{Dimension, LogPage, LogQuery, LogRow, LogStore, Rank, Shares, Slice, Slot};
use gateway_types::{Org, RequestId, Wall};
use rusqlite::Connection;

use self::recent::Recent;
use super::Database;
use super::fault::Fault;
use super::reader::Readers;
use super::writer::Writer;
pub(super) use steps::STEPS;

/// How many rows one piece of work takes away: what waits to be written waits no longer than that.
const BATCH: usize = 500;

#[derive(Debug)]
pub(super) struct SqliteLogs {
    org: Org,
    writer: Writer,
    readers: Readers,
    recent: Recent,
}

impl SqliteLogs {
    pub(super) fn new(org: &Org, rows: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: rows.writer.clone(),
            readers: rows.readers.clone(),
            recent: Recent::default(),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Org) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| work(conn, &org)).await?)
    }
}

#[async_trait]
impl LogStore for SqliteLogs {
    async fn append(&self, rows: &[Arc<LogRow>]) -> Result<(), StoreError> {
        let new: Arc<[Arc<LogRow>]> = self.recent.unwritten(rows).into();
        if new.is_empty() {
            return Ok(());
        }
        let (org, rows) = (self.org.clone(), Arc::clone(&new));
        self.writer.run(move |conn| rows::append(conn, &org, &rows)).await?;
        // Not before it is certain: what failed may be tried again.
        self.recent.written(&new);
        Ok(())
    }

    async fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        let query = query.clone();
        let page = self.read(move |conn, org| {
            let totals = query.totals.then(|| totals::totals(conn, org, &query)).transpose()?;
            Ok(LogPage {
                totals,
                ..page::page(conn, org, &query, page::REACH)?
            })
        });
        page.await
    }

    async fn row(&self, id: RequestId) -> Result<Option<LogRow>, StoreError> {
        self.read(move |conn, org| page::find(conn, org, id)).await
    }

    async fn series(&self, of: &Slice, slot_ms: i64) -> Result<Vec<Slot>, StoreError> {
        let of = of.clone();
        self.read(move |conn, org| charts::series(conn, org, &of, slot_ms))
            .await
    }

    async fn shares(&self, of: &Slice, by: Rank, most: usize) -> Result<Shares, StoreError> {
        let of = of.clone();
        self.read(move |conn, org| charts::shares(conn, org, &of, by, most))
            .await
    }

    async fn values(&self, dimension: Dimension, since: Wall) -> Result<Vec<String>, StoreError> {
        self.read(move |conn, org| charts::values(conn, org, dimension, since))
            .await
    }

    async fn remove(&self, all: &[RequestId]) -> Result<u64, StoreError> {
        let mut gone = 0;
        for ids in all.chunks(BATCH) {
            let (org, ids) = (self.org.clone(), ids.to_vec());
            gone += self.writer.run(move |conn| rows::remove(conn, &org, &ids)).await?;
        }
        self.recent.removed(all);
        Ok(gone)
    }

    async fn prune(&self, before: Wall) -> Result<u64, StoreError> {
        let mut gone = 0;
        loop {
            let org = self.org.clone();
            let batch = self
                .writer
                .run(move |conn| rows::prune(conn, &org, before.millis(), BATCH));
            let batch = batch.await?;
            gone += batch;
            if batch == 0 {
                return Ok(gone);
            }
        }
    }

    async fn any(&self) -> Result<bool, StoreError> {
        self.read(segments::any).await
    }
}
