//! One row: written, found, taken away.

use gateway::ports::logs::{LOG_VERSION, LogRow, Status};
use gateway_types::{Org, RequestId, Wall};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use uuid::Uuid;

use crate::sqlite::fault::Fault;

/// Writes a row, unless it is there already, and says whether it did. What was kept of the content is taken out of it:
/// that stands in columns of its own, where a search can read it as it was.
pub(super) fn insert(conn: &Connection, org: &Org, row: &mut LogRow) -> Result<bool, Fault> {
    let (request_body, response_body) = (row.request_body.take(), row.response_body.take());
    let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
    let inserted = conn
        .prepare_cached(
            "INSERT INTO logs (org, id, v, at, status, operation, provider, key, model, asked, virtual_key, team, customer,
                 hosting, rule, error_code, unpriced, latency_us, input_tokens, output_tokens, tokens, cost, error, body,
                 request_body, response_body)
             VALUES (:org, :id, :v, :at, :status, :operation, :provider, :key, :model, :asked, :virtual_key, :team, :customer,
                 :hosting, :rule, :error_code, :unpriced, :latency_us, :input_tokens, :output_tokens, :tokens, :cost, :error,
                 :body, :request_body, :response_body)
             ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":org": org.as_str(),
            ":id": row.id.uuid().as_bytes(),
            ":v": row.v,
            ":at": row.at.millis(),
            ":status": word(row.status),
            ":operation": row.operation.map(|operation| operation.as_str()),
            ":provider": row.provider.as_ref().map(|name| name.as_str()),
            ":key": row.key.as_ref().map(|key| key.as_str()),
            ":model": row.model.as_ref().map(|name| name.as_str()),
            ":asked": row.asked.as_ref().map(|name| name.as_str()),
            ":virtual_key": row.virtual_key.as_ref().map(|key| key.as_str()),
            ":team": row.team.as_ref().map(|team| team.as_str()),
            ":customer": row.customer.as_ref().map(|customer| customer.as_str()),
            ":hosting": row.hosting.map(|hosting| hosting.as_str()),
            ":rule": row.rule.as_ref().map(|rule| &rule.id),
            ":error_code": row.error.as_ref().map(|error| error.kind.code()),
            ":unpriced": row.unpriced,
            ":latency_us": integer(row.latency_us),
            ":input_tokens": integer(usage.input_total()),
            ":output_tokens": integer(usage.output_total()),
            ":tokens": integer(usage.total()),
            ":cost": row.cost.0,
            ":error": row.error.as_ref().map(|error| &error.message),
            ":body": serde_json::to_string(row)?,
            ":request_body": request_body,
            ":response_body": response_body,
        })?;
    Ok(inserted > 0)
}

/// One row.
pub(super) fn find(conn: &Connection, org: &Org, id: RequestId) -> Result<Option<LogRow>, Fault> {
    conn.prepare_cached("SELECT v, body, request_body, response_body FROM logs WHERE org = ?1 AND id = ?2")?
        .query_row((org.as_str(), id.uuid().as_bytes()), read)
        .optional()?
        .map(parse)
        .transpose()
}

/// Takes a row away and gives it, without its content.
pub(super) fn delete(conn: &Connection, org: &Org, id: RequestId) -> Result<Option<LogRow>, Fault> {
    let gone = conn
        .prepare_cached("DELETE FROM logs WHERE org = ?1 AND id = ?2 RETURNING v, body, NULL, NULL")?
        .query_row((org.as_str(), id.uuid().as_bytes()), |row| {
            Ok((row.get(0)?, row.get(1)?, None, None))
        });
    gone.optional()?.map(parse).transpose()
}

/// Rows in the order of their ids, after that one, without their content.
pub(super) fn after(conn: &Connection, org: &Org, id: Option<RequestId>, limit: usize) -> Result<Vec<LogRow>, Fault> {
    let id = id.map_or(Uuid::nil(), |id| id.uuid());
    let mut rows = conn.prepare_cached("SELECT v, body FROM logs WHERE org = ?1 AND id > ?2 ORDER BY id LIMIT ?3")?;
    let rows = rows.query_map((org.as_str(), id.as_bytes(), count(limit)), |row| {
        Ok((row.get(0)?, row.get(1)?, None, None))
    })?;
    rows.map(|row| parse(row?)).collect()
}

/// Fills the columns that filters look for, in a row of a time when there were none.
pub(super) fn fill(conn: &Connection, org: &Org, row: &LogRow) -> Result<(), Fault> {
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

/// The oldest rows from before that time.
pub(super) fn oldest(conn: &Connection, org: &Org, before: Wall, limit: usize) -> Result<Vec<RequestId>, Fault> {
    let mut rows = conn.prepare_cached("SELECT id FROM logs WHERE org = ?1 AND at < ?2 ORDER BY at, id LIMIT ?3")?;
    let ids = rows.query_map((org.as_str(), before.millis(), count(limit)), |row| {
        row.get::<_, [u8; 16]>(0)
    })?;
    ids.map(|id| Ok(RequestId::from(Uuid::from_bytes(id?)))).collect()
}

/// Whether there is any row.
pub(super) fn any(conn: &Connection, org: &Org) -> Result<bool, Fault> {
    let any = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM logs WHERE org = ?1)")?
        .query_row([org.as_str()], |row| row.get(0))?;
    Ok(any)
}

/// The columns that [`parse`] needs, as they are stored.
pub(super) type Stored = (u32, String, Option<String>, Option<String>);

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((
        row.get("v")?,
        row.get("body")?,
        row.get("request_body")?,
        row.get("response_body")?,
    ))
}

pub(super) fn parse((v, body, request_body, response_body): Stored) -> Result<LogRow, Fault> {
    if v > LOG_VERSION {
        return Err(Fault::format("a log row", v, LOG_VERSION));
    }
    let row: LogRow = serde_json::from_str(&body)?;
    Ok(LogRow {
        request_body,
        response_body,
        ..row
    })
}

/// The word that a status is stored as.
pub(super) const fn word(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::Error => "error",
        Status::Cancelled => "cancelled",
    }
}

/// SQLite's integers are signed; what does not fit stays at the end of the range.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The same for how many there are of something.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
