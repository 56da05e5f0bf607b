//! Segments as rows of `ledger_segments`.

use gateway_types::Org;
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::segment::{SEGMENT_VERSION, Segment, Spans, ids};
use crate::sqlite::fault::Fault;

/// The columns of a segment that [`Stored::read`] reads, in its order.
pub(super) const COLUMNS: &str = "seq, v, entries, low_at, high_at, low_id, high_id, low_request, high_request, checksum, names, \
     ids, records";

/// Where the names stand among them.
pub(super) const NAMES: usize = 10;

/// A segment and what is stored beside it.
#[derive(Debug)]
pub(super) struct Stored {
    /// The number of its first entry; the others count on from it.
    pub(super) seq: i64,
    pub(super) checksum: i64,
    pub(super) segment: Segment,
}

impl Stored {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let v: u32 = row.get(1)?;
        if v > SEGMENT_VERSION {
            return Err(Fault::format("a segment of the ledger", v, SEGMENT_VERSION));
        }
        let uuid = |column| -> Result<Uuid, Fault> { Ok(Uuid::from_bytes(row.get(column)?)) };
        Ok(Self {
            seq: row.get(0)?,
            checksum: row.get(9)?,
            segment: Segment {
                spans: Spans {
                    entries: row.get(2)?,
                    at: (row.get(3)?, row.get(4)?),
                    id: (uuid(5)?, uuid(6)?),
                    request: (uuid(7)?, uuid(8)?),
                },
                names: row.get(10)?,
                ids: row.get(11)?,
                records: row.get(12)?,
            },
        })
    }

    /// The number that comes after its last entry.
    pub(super) const fn next(&self) -> i64 {
        self.seq.saturating_add(self.segment.spans.entries)
    }
}

/// The number that the next entry gets.
pub(super) fn next_seq(conn: &Connection, org: &Org) -> Result<i64, Fault> {
    let mut rows =
        conn.prepare_cached("SELECT seq + entries FROM ledger_segments WHERE org = ?1 ORDER BY seq DESC LIMIT 1")?;
    Ok(rows
        .query_row([org.as_str()], |row| row.get(0))
        .optional()?
        .unwrap_or(1))
}

/// Stores a segment from that number on.
pub(super) fn insert(conn: &Connection, org: &Org, seq: i64, segment: &Segment) -> Result<(), Fault> {
    let Spans {
        entries,
        at,
        id,
        request,
    } = segment.spans;
    conn.prepare_cached(
        "INSERT INTO ledger_segments (org, seq, v, entries, low_at, high_at, low_id, high_id, low_request, high_request,
             checksum, names, ids, records)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute((
        org.as_str(),
        seq,
        SEGMENT_VERSION,
        entries,
        at.0,
        at.1,
        id.0.as_bytes(),
        id.1.as_bytes(),
        request.0.as_bytes(),
        request.1.as_bytes(),
        segment.checksum(),
        &segment.names,
        &segment.ids,
        &segment.records,
    ))?;
    Ok(())
}

/// Gives each segment to `each`, in their order.
pub(super) fn each_segment(
    conn: &Connection,
    org: &Org,
    mut each: impl FnMut(Stored) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM ledger_segments WHERE org = ?1 ORDER BY seq"
    ))?;
    let mut rows = rows.query([org.as_str()])?;
    while let Some(row) = rows.next()? {
        each(Stored::read(row)?)?;
    }
    Ok(())
}

/// Which segments may know some ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct Earlier {
    /// Those before that number.
    pub(super) seq: i64,
    /// The highest id that any of them has, where it is known: it keeps the search from going through those that are not
    /// earlier.
    pub(super) highest: Uuid,
}

impl Earlier {
    /// All that there are.
    pub(super) const ALL: Self = Self {
        seq: i64::MAX,
        highest: Uuid::max(),
    };
}

/// Gives `each` the ids that earlier segments have in a span of ids. It looks into the segments whose own span touches it,
/// which are few, because ids are made in the order of time.
pub(super) fn each_known_id(
    conn: &Connection,
    org: &Org,
    (low, high): (Uuid, Uuid),
    earlier: Earlier,
    mut each: impl FnMut(Uuid),
) -> Result<(), Fault> {
    // The index alone says which they are; a row is large.
    let mut rows = conn.prepare_cached(
        "SELECT ids FROM ledger_segments WHERE org = ?1 AND seq IN (
             SELECT seq FROM ledger_segments INDEXED BY ledger_segments_spans
             WHERE org = ?1 AND high_id BETWEEN ?2 AND ?5 AND low_id <= ?3 AND seq < ?4
         )",
    )?;
    let mut rows = rows.query((
        org.as_str(),
        low.as_bytes(),
        high.as_bytes(),
        earlier.seq,
        earlier.highest.as_bytes(),
    ))?;
    while let Some(row) = rows.next()? {
        let known = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        ids(known).filter(|id| (low..=high).contains(id)).for_each(&mut each);
    }
    Ok(())
}
