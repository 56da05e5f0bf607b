//! Segments in their table: gone through by time, looked up, replaced.

use std::borrow::Cow;

use gateway_types::{Org, RequestId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::grain::Grain;
use super::segment::{self, Columns, Names, Packed, SEGMENT_VERSION};
use crate::sqlite::fault::Fault;

/// A segment holds rows that came in one slot of this length, so that those of a time are found by when they end, or begin.
pub(super) const SPAN: Grain = Grain::Hour;

/// A stretch of time, from one millisecond to before another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) since: i64,
    pub(super) until: i64,
}

/// A segment while segments are gone through. What is large is read when it is asked for.
#[derive(Debug)]
pub(super) struct Segment<'r> {
    row: &'r Row<'r>,
    pub(super) no: i64,
    pub(super) first_at: i64,
    pub(super) last_at: i64,
    low_id: RequestId,
    high_id: RequestId,
    /// How many bytes of bodies are kept of its rows.
    pub(super) content: u64,
}

const SUMMARY: &str = "no, first_at, last_at, low_id, high_id, v, rows, content, names, columns";
const VERSION: usize = 5;

impl<'r> Segment<'r> {
    fn read(row: &'r Row<'r>) -> Result<Self, Fault> {
        Ok(Self {
            row,
            no: row.get(0)?,
            first_at: row.get(1)?,
            last_at: row.get(2)?,
            low_id: Uuid::from_bytes(row.get(3)?).into(),
            high_id: Uuid::from_bytes(row.get(4)?).into(),
            content: row.get::<_, i64>(VERSION + 2)?.unsigned_abs(),
        })
    }

    /// Whether one of the ids may be in it.
    pub(super) fn may_hold(&self, mut ids: impl Iterator<Item = RequestId>) -> bool {
        ids.any(|id| self.low_id <= id && id <= self.high_id)
    }

    pub(super) fn names(&self) -> Result<Names<'_>, Fault> {
        Names::read(blob(self.row, VERSION + 3)?)
    }

    pub(super) fn columns(&self) -> Result<Columns<'_>, Fault> {
        let rows = self.row.get::<_, u32>(VERSION + 1)? as usize;
        Columns::read(self.row.get(VERSION)?, rows, blob(self.row, VERSION + 4)?)
    }
}

/// Goes through the segments of a time until told to stop: by when they end from the latest, or by when they begin from the
/// earliest.
pub(super) fn walk(
    conn: &Connection,
    org: &Org,
    span: Span,
    ascending: bool,
    mut each: impl FnMut(&Segment<'_>) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    // The plus keeps an index from being used for what it does not put in order.
    let sql = if ascending {
        format!(
            "SELECT {SUMMARY} FROM log_segments WHERE org = ?1 AND first_at >= ?4 AND first_at < ?3 AND +last_at >= ?2
             ORDER BY first_at"
        )
    } else {
        format!(
            "SELECT {SUMMARY} FROM log_segments WHERE org = ?1 AND last_at >= ?2 AND last_at <= ?4 AND +first_at < ?3
             ORDER BY last_at DESC"
        )
    };
    let mut rows = conn.prepare_cached(&sql)?;
    let Span { since, until } = span;
    let edge = if ascending { SPAN.floor(since) } else { SPAN.ceil(until) };
    let mut rows = rows.query((org.as_str(), since, until, edge))?;
    while let Some(row) = rows.next()? {
        if !each(&Segment::read(row)?)? {
            break;
        }
    }
    Ok(())
}

/// A segment, read whole.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) no: i64,
    pub(super) content: u64,
    v: u32,
    rows: usize,
    names: Vec<u8>,
    columns: Vec<u8>,
    packed: Vec<u8>,
}

impl Whole {
    pub(super) fn names(&self) -> Result<Names<'_>, Fault> {
        Names::read(&self.names)
    }

    pub(super) fn columns(&self) -> Result<Columns<'_>, Fault> {
        Columns::read(self.v, self.rows, &self.columns)
    }

    /// Its records, one after the other.
    pub(super) fn records(&self) -> Result<Cow<'_, [u8]>, Fault> {
        segment::unpack(self.v, &self.packed)
    }
}

pub(super) fn load(conn: &Connection, no: i64) -> Result<Whole, Fault> {
    let mut found =
        conn.prepare_cached("SELECT v, rows, content, names, columns, records FROM log_segments WHERE no = ?1")?;
    Ok(found.query_row([no], |row| {
        Ok(Whole {
            no,
            v: row.get(0)?,
            rows: row.get::<_, u32>(1)? as usize,
            content: row.get::<_, i64>(2)?.unsigned_abs(),
            names: row.get(3)?,
            columns: row.get(4)?,
            packed: row.get(5)?,
        })
    })?)
}

/// The records of a segment, one after the other.
pub(super) fn records<T>(conn: &Connection, no: i64, read: impl FnOnce(&[u8]) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut found = conn.prepare_cached("SELECT v, records FROM log_segments WHERE no = ?1")?;
    let mut found = found.query([no])?;
    match found.next()? {
        Some(row) => read(&segment::unpack(row.get(0)?, blob(row, 1)?)?),
        None => Err(Fault(String::from("a segment of log rows is not there"))),
    }
}

/// The segment that a row is in, and its place there. An id tells when it was made, which is when the row came; where it
/// does not, all segments are looked at.
pub(super) fn locate(conn: &Connection, org: &Org, id: RequestId) -> Result<Option<(i64, usize)>, Fault> {
    let made = (id.uuid().as_u128() >> 80) as i64;
    let hour = SPAN.floor(made);
    for (from, to) in [(hour, hour + SPAN.millis()), (i64::MIN, i64::MAX)] {
        let mut found = conn.prepare_cached(
            "SELECT no, v, rows, columns FROM log_segments
             WHERE org = ?1 AND last_at BETWEEN ?2 AND ?3 AND low_id <= ?4 AND high_id >= ?4",
        )?;
        let mut found = found.query((org.as_str(), from, to, id.uuid().as_bytes()))?;
        while let Some(row) = found.next()? {
            let columns = Columns::read(row.get(1)?, row.get::<_, u32>(2)? as usize, blob(row, 3)?)?;
            if let Some(place) = (0..columns.rows()).find(|place| columns.id(*place) == id) {
                return Ok(Some((row.get(0)?, place)));
            }
        }
    }
    Ok(None)
}

pub(super) fn insert(conn: &Connection, org: &Org, new: &Packed) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO log_segments (org, v, first_at, last_at, low_id, high_id, rows, content, small, names, columns, records)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        org.as_str(),
        SEGMENT_VERSION,
        new.first_at,
        new.last_at,
        new.low_id.uuid().as_bytes(),
        new.high_id.uuid().as_bytes(),
        count(new.rows),
        new.content.cast_signed(),
        new.is_small,
        new.names,
        new.columns,
        new.records,
    ])?;
    Ok(())
}

pub(super) fn delete(conn: &Connection, no: i64) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM log_segments WHERE no = ?1")?
        .execute([no])?;
    Ok(())
}

/// Segments that hold rows from before that time, the oldest first.
pub(super) fn from_before(conn: &Connection, org: &Org, before: i64, limit: usize) -> Result<Vec<i64>, Fault> {
    let mut found =
        conn.prepare_cached("SELECT no FROM log_segments WHERE org = ?1 AND first_at < ?2 ORDER BY first_at LIMIT ?3")?;
    let found = found.query_map((org.as_str(), before, count(limit)), |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Whether there is any row.
pub(super) fn any(conn: &Connection, org: &Org) -> Result<bool, Fault> {
    let any = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM log_segments WHERE org = ?1)")?
        .query_row([org.as_str()], |row| row.get(0))?;
    Ok(any)
}

/// Segments of an hour that have few rows, in the order of time: which, and how many rows.
pub(super) fn small(conn: &Connection, org: &Org, hour: i64) -> Result<Vec<(i64, usize)>, Fault> {
    let mut found = conn.prepare_cached(
        "SELECT no, rows FROM log_segments INDEXED BY log_segments_small
         WHERE org = ?1 AND last_at >= ?2 AND last_at < ?3 AND small ORDER BY last_at",
    )?;
    let found = found.query_map((org.as_str(), hour, hour.saturating_add(SPAN.millis())), |row| {
        Ok((row.get(0)?, row.get::<_, u32>(1)? as usize))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8], Fault> {
    match row.get_ref(column)? {
        ValueRef::Blob(bytes) => Ok(bytes),
        _ => Err(Fault(String::from("a segment of log rows is none"))),
    }
}

/// SQLite's integers are signed; what does not fit stays at the end of the range.
fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
