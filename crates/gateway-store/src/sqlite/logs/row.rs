//! One row: written, found, taken away.

use gateway::ports::logs::{LOG_VERSION, LogRow, Status, Totals};
use gateway_types::{NanoUsd, Org, RequestId, Wall};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use uuid::Uuid;

use crate::sqlite::fault::Fault;

/// What rollups need of a row. A name that there is none of is empty.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) at: Wall,
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) virtual_key: String,
    pub(super) totals: Totals,
}

impl Figures {
    pub(super) fn of(row: &LogRow) -> Self {
        let tokens = Tokens::of(row);
        Self {
            at: row.at,
            provider: row.provider.as_ref().map_or_else(String::new, ToString::to_string),
            model: row.model.as_ref().map_or_else(String::new, ToString::to_string),
            virtual_key: row.virtual_key.as_ref().map_or_else(String::new, ToString::to_string),
            totals: Totals {
                requests: 1,
                successes: u64::from(row.status == Status::Success),
                latency_us: integer(row.latency_us).unsigned_abs(),
                input_tokens: tokens.input.unsigned_abs(),
                output_tokens: tokens.output.unsigned_abs(),
                cost: row.cost,
            },
        }
    }
}

/// Writes a row, unless it is there already, and says whether it did.
pub(super) fn insert(conn: &Connection, org: &Org, row: &LogRow) -> Result<bool, Fault> {
    // What was kept of the content stands in columns of its own, where a search can read it as it was.
    let body = LogRow {
        request_body: None,
        response_body: None,
        ..row.clone()
    };
    let tokens = Tokens::of(row);
    let inserted = conn
        .prepare_cached(
            "INSERT INTO logs (org, id, v, at, status, operation, provider, key, model, asked, virtual_key,
                 team, customer, latency_us, input_tokens, output_tokens, tokens, cost, error, body, request_body, response_body)
             VALUES (:org, :id, :v, :at, :status, :operation, :provider, :key, :model, :asked, :virtual_key,
                 :team, :customer, :latency_us, :input_tokens, :output_tokens, :tokens, :cost, :error, :body, :request_body,
                 :response_body)
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
            ":latency_us": integer(row.latency_us),
            ":input_tokens": tokens.input,
            ":output_tokens": tokens.output,
            ":tokens": tokens.total,
            ":cost": row.cost.0,
            ":error": row.error.as_ref().map(|error| &error.message),
            ":body": serde_json::to_string(&body)?,
            ":request_body": row.request_body,
            ":response_body": row.response_body,
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

/// Takes a row away and says what its figures were.
pub(super) fn delete(conn: &Connection, org: &Org, id: RequestId) -> Result<Option<Figures>, Fault> {
    let gone = conn
        .prepare_cached(
            "DELETE FROM logs WHERE org = ?1 AND id = ?2
             RETURNING at, coalesce(provider, ''), coalesce(model, ''), coalesce(virtual_key, ''),
                 status = 'success', latency_us, input_tokens, output_tokens, cost",
        )?
        .query_row((org.as_str(), id.uuid().as_bytes()), |row| {
            Ok(Figures {
                at: Wall::from_millis(row.get(0)?),
                provider: row.get(1)?,
                model: row.get(2)?,
                virtual_key: row.get(3)?,
                totals: Totals {
                    requests: 1,
                    successes: u64::from(row.get::<_, bool>(4)?),
                    latency_us: row.get::<_, i64>(5)?.unsigned_abs(),
                    input_tokens: row.get::<_, i64>(6)?.unsigned_abs(),
                    output_tokens: row.get::<_, i64>(7)?.unsigned_abs(),
                    cost: NanoUsd(row.get(8)?),
                },
            })
        });
    Ok(gone.optional()?)
}

/// The oldest rows from before that time.
pub(super) fn oldest(conn: &Connection, org: &Org, before: Wall, limit: usize) -> Result<Vec<RequestId>, Fault> {
    let mut rows = conn.prepare_cached("SELECT id FROM logs WHERE org = ?1 AND at < ?2 ORDER BY at, id LIMIT ?3")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids = rows.query_map((org.as_str(), before.millis(), limit), |row| row.get::<_, [u8; 16]>(0))?;
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

struct Tokens {
    input: i64,
    output: i64,
    total: i64,
}

impl Tokens {
    fn of(row: &LogRow) -> Self {
        let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
        Self {
            input: integer(usage.input_total()),
            output: integer(usage.output_total()),
            total: integer(usage.total()),
        }
    }
}
