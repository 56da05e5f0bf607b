//! Request logs over SQLite: rows with the columns that filters need, and figures that always equal the rows.

mod blob;
mod charts;
mod grain;
mod page;
mod query;
mod rollup;
mod row;
mod steps;
#[cfg(test)]
mod tests;
mod totals;

use async_trait::async_trait;
use gateway::ports::StoreError;
use gateway::ports::logs::{Dimension, LogPage, LogQuery, LogRow, LogStore, Rank, Shares, Slice, Slot};
use gateway_types::{Org, RequestId, Wall};
use rusqlite::Connection;

use self::rollup::{Change, Sums};
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
}

impl SqliteLogs {
    pub(super) fn new(org: &Org, rows: &Database) -> Self {
        Self {
            org: org.clone(),
            writer: rows.writer.clone(),
            readers: rows.readers.clone(),
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
    async fn append(&self, rows: &[LogRow]) -> Result<(), StoreError> {
        let (org, rows) = (self.org.clone(), rows.to_vec());
        Ok(self.writer.run(move |conn| append(conn, &org, rows)).await?)
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
        self.read(move |conn, org| row::find(conn, org, id)).await
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

    async fn remove(&self, ids: &[RequestId]) -> Result<u64, StoreError> {
        let mut gone = 0;
        for ids in ids.chunks(BATCH) {
            let (org, ids) = (self.org.clone(), ids.to_vec());
            gone += self.writer.run(move |conn| remove(conn, &org, &ids)).await?;
        }
        Ok(gone)
    }

    async fn prune(&self, before: Wall) -> Result<u64, StoreError> {
        let mut gone = 0;
        loop {
            let org = self.org.clone();
            let batch = self
                .writer
                .run(move |conn| remove(conn, &org, &row::oldest(conn, &org, before, BATCH)?));
            let batch = batch.await?;
            gone += batch;
            if batch == 0 {
                return Ok(gone);
            }
        }
    }

    async fn any(&self) -> Result<bool, StoreError> {
        self.read(row::any).await
    }
}

fn append(conn: &Connection, org: &Org, rows: Vec<LogRow>) -> Result<(), Fault> {
    let mut sums = Sums::default();
    for mut row in rows {
        if row::insert(conn, org, &mut row)? {
            sums.count(&row);
        }
    }
    sums.put(conn, org, Change::Come)?;
    rollup::forget_minutes(conn, org)
}

/// Takes rows away, and their figures out of what they were counted in.
fn remove(conn: &Connection, org: &Org, ids: &[RequestId]) -> Result<u64, Fault> {
    let mut sums = Sums::default();
    let mut gone = 0;
    for id in ids {
        if let Some(row) = row::delete(conn, org, *id)? {
            sums.count(&row);
            gone += 1;
        }
    }
    sums.put(conn, org, Change::Go)?;
    Ok(gone)
}
