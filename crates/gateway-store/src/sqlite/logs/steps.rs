//! The steps of `logs.db`'s schema.

use gateway_types::Org;
use rusqlite::Connection;

use super::rollup::{Change, Sums};
use super::row;
use crate::sqlite::fault::Fault;
use crate::sqlite::migrate::Migration;

pub(crate) const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        sql: include_str!("../migrations/logs/0001_rows_and_rollups.sql"),
        then: None,
    },
    Migration {
        version: 2,
        sql: include_str!("../migrations/logs/0002_parties.sql"),
        then: None,
    },
    Migration {
        version: 3,
        sql: include_str!("../migrations/logs/0003_figures.sql"),
        then: Some(count_all),
    },
];

/// How many rows are gone through at a time.
const BATCH: usize = 10_000;

/// Counts all rows into figures.
fn count_all(conn: &Connection) -> Result<(), Fault> {
    let mut orgs = conn.prepare("SELECT DISTINCT org FROM logs")?;
    let orgs: Vec<String> = orgs.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for org in orgs.into_iter().map(Org::new) {
        let mut last = None;
        loop {
            let rows = row::after(conn, &org, last, BATCH)?;
            let Some(end) = rows.last() else { break };
            last = Some(end.id);
            let mut sums = Sums::default();
            for one in &rows {
                row::fill(conn, &org, one)?;
                sums.count(one);
            }
            sums.put(conn, &org, Change::Come)?;
        }
    }
    Ok(())
}
