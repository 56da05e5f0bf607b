//! Request logs over SQLite: rows with the columns that filters need, and rollups that always equal the rows.

mod query;
mod rollup;
mod row;

use async_trait::async_trait;
use gateway::ports::StoreError;
use gateway::ports::logs::{Grain, LogPage, LogQuery, LogRow, LogStore, Rollup};
use gateway_types::{Org, RequestId, Wall};
use rusqlite::Connection;

use self::rollup::Sums;
use super::Database;
use super::fault::Fault;
use super::reader::Readers;
use super::writer::Writer;

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
}

#[async_trait]
impl LogStore for SqliteLogs {
    async fn append(&self, rows: &[LogRow]) -> Result<(), StoreError> {
        let (org, rows) = (self.org.clone(), rows.to_vec());
        Ok(self.writer.run(move |conn| append(conn, &org, &rows)).await?)
    }

    async fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        let (org, query) = (self.org.clone(), query.clone());
        let page = self.readers.run(move |conn| {
            Ok(LogPage {
                rows: query::rows(conn, &org, &query)?,
                totals: query::totals(conn, &org, &query)?,
            })
        });
        Ok(page.await?)
    }

    async fn row(&self, id: RequestId) -> Result<Option<LogRow>, StoreError> {
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| row::find(conn, &org, id)).await?)
    }

    async fn rollups(&self, grain: Grain, since: Wall, until: Wall) -> Result<Vec<Rollup>, StoreError> {
        let org = self.org.clone();
        Ok(self
            .readers
            .run(move |conn| rollup::between(conn, &org, grain, since, until))
            .await?)
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
        let org = self.org.clone();
        Ok(self.readers.run(move |conn| row::any(conn, &org)).await?)
    }
}

fn append(conn: &Connection, org: &Org, rows: &[LogRow]) -> Result<(), Fault> {
    let mut sums = Sums::default();
    for row in rows {
        if row::insert(conn, org, row)? {
            sums.add(row::Figures::of(row));
        }
    }
    sums.put(conn, org)?;
    rollup::forget_minutes(conn, org)
}

/// Takes rows away, and their figures out of the rollups.
fn remove(conn: &Connection, org: &Org, ids: &[RequestId]) -> Result<u64, Fault> {
    let mut sums = Sums::default();
    let mut gone = 0;
    for id in ids {
        if let Some(figures) = row::delete(conn, org, *id)? {
            sums.subtract(figures);
            gone += 1;
        }
    }
    sums.put(conn, org)?;
    Ok(gone)
}
