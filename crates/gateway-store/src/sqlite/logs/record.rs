//! One row whole: its record, and its bodies where they are kept. Those stand in a table of their own, where a search can
//! read them as they were.

use gateway::ports::logs::{LOG_VERSION, LogRow};
use gateway_types::{Org, RequestId};
use rusqlite::{Connection, OptionalExtension};

use crate::sqlite::fault::Fault;

/// Writes a record behind others.
pub(super) fn write(row: &LogRow, records: &mut Vec<u8>) -> Result<(), Fault> {
    Ok(serde_json::to_writer(records, row)?)
}

/// Reads a record of that format; the bodies are not in it.
pub(super) fn read(v: u32, record: &[u8]) -> Result<LogRow, Fault> {
    if v > LOG_VERSION {
        return Err(Fault::format("a log row", v, LOG_VERSION));
    }
    Ok(serde_json::from_slice(record)?)
}

/// How many bytes of bodies are kept of a row; none where nothing is.
pub(super) fn content(row: &LogRow) -> Option<u64> {
    let bodies = [&row.request_body, &row.response_body];
    let mut kept = bodies.into_iter().flatten().peekable();
    kept.peek()?;
    Some(kept.map(|body| body.len() as u64).sum())
}

/// Bodies as they are kept: of the request, of the answer.
pub(super) type Bodies = (Option<String>, Option<String>);

/// Keeps the bodies of a row, where it has some.
pub(super) fn keep_bodies(conn: &Connection, org: &Org, row: &LogRow) -> Result<(), Fault> {
    if content(row).is_some() {
        conn.prepare_cached(
            "INSERT INTO log_contents (org, id, request_body, response_body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute((
            org.as_str(),
            row.id.uuid().as_bytes(),
            &row.request_body,
            &row.response_body,
        ))?;
    }
    Ok(())
}

/// The bodies that are kept of a row.
pub(super) fn bodies(conn: &Connection, org: &Org, id: RequestId) -> Result<Bodies, Fault> {
    let bodies = conn
        .prepare_cached("SELECT request_body, response_body FROM log_contents WHERE org = ?1 AND id = ?2")?
        .query_row((org.as_str(), id.uuid().as_bytes()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
    Ok(bodies.optional()?.unwrap_or_default())
}

/// Takes the bodies of a row away.
pub(super) fn forget_bodies(conn: &Connection, org: &Org, id: RequestId) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM log_contents WHERE org = ?1 AND id = ?2")?
        .execute((org.as_str(), id.uuid().as_bytes()))?;
    Ok(())
}
