//! Rows as they stood before there were segments: in a table of their own, a column for each thing to look for.

use gateway::ports::logs::LogRow;
use gateway_types::{Org, RequestId};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::rollup::{Change, Sums};
use super::{record, rows};
use crate::sqlite::fault::Fault;

/// How many rows are gone through at a time.
const BATCH: u32 = 10_000;

/// Counts all rows into figures, and fills the columns that filters looked for.
pub(super) fn count_all(conn: &Connection) -> Result<(), Fault> {
    all(conn, |org, rows| {
        let mut sums = Sums::default();
        for row in rows {
            fill(conn, org, row)?;
            sums.count(row);
        }
        sums.put(conn, org, Change::Come)
    })
}

/// Takes all rows over into segments. They are counted already.
pub(super) fn into_segments(conn: &Connection) -> Result<(), Fault> {
    all(conn, |org, rows| rows::put(conn, org, rows.iter()))?;
    Ok(conn.execute_batch("DROP TABLE logs")?)
}

/// Goes through all rows in the order of their ids, some at a time.
fn all(conn: &Connection, mut each: impl FnMut(&Org, &[LogRow]) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut orgs = conn.prepare("SELECT DISTINCT org FROM logs")?;
    let orgs: Vec<String> = orgs.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for org in orgs.into_iter().map(Org::new) {
        let mut last = None;
        loop {
            let rows = after(conn, &org, last)?;
            let Some(end) = rows.last() else { break };
            last = Some(end.id);
            each(&org, &rows)?;
        }
    }
    Ok(())
}

fn after(conn: &Connection, org: &Org, id: Option<RequestId>) -> Result<Vec<LogRow>, Fault> {
    let id = id.map_or(Uuid::nil(), |id| id.uuid());
    let mut rows = conn.prepare_cached(
        "SELECT v, body, request_body, response_body FROM logs WHERE org = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = rows.query((org.as_str(), id.as_bytes(), BATCH))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<LogRow, Fault> {
    Ok(LogRow {
        request_body: row.get(2)?,
        response_body: row.get(3)?,
        ..record::read(row.get(0)?, row.get::<_, String>(1)?.as_bytes())?
    })
}

fn fill(conn: &Connection, org: &Org, row: &LogRow) -> Result<(), Fault> {
    if row.rule.is_none() && row.error.is_none() && !row.unpriced {
        return Ok(());
    }
    conn.prepare_cached("UPDATE logs SET rule = ?3, error_code = ?4, unpriced = ?5 WHERE org = ?1 AND id = ?2")?
        .execute((
            org.as_str(),
            row.id.uuid().as_bytes(),
            row.rule.as_ref().map(|rule| &rule.id),
            row.error.as_ref().map(|error| error.kind.code()),
            row.unpriced,
        ))?;
    Ok(())
}
