//! Small segments at the end of the ledger become one now and then, so that traffic which trickles in does not leave a
//! segment for every entry: searches go from segment to segment.

use std::sync::{Arc, Mutex, PoisonError};

use gateway_types::Org;
use rusqlite::Connection;

use super::rows::{COLUMNS, Stored, insert};
use super::segment::{MOST, Segment};
use crate::sqlite::fault::Fault;

/// A segment with fewer entries may be joined with its neighbours. With as many, reading it costs more than finding it.
const SMALL: i64 = 128;

/// How many small ones are joined at once: entries that come one by one are then written about four times, until they are
/// [`SMALL`] together.
const TOGETHER: usize = 32;

/// What was written since small segments were joined last. Only a hint for when to look: what is really there is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Arc<Mutex<Small>>);

#[derive(Clone, Copy, Debug, Default)]
struct Small {
    segments: usize,
    entries: i64,
}

impl Tail {
    /// Joins the small segments at the end, if that is due before another one is written.
    pub(super) fn make_room(&self, conn: &Connection, org: &Org, coming: &Segment) -> Result<(), Fault> {
        let mut small = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_small = coming.spans.entries < SMALL;
        let many = small.segments >= TOGETHER || small.entries >= MOST as i64;
        if many || (!is_small && small.segments > 0) {
            join(conn, org)?;
            *small = Small::default();
        }
        if is_small {
            small.segments += 1;
            small.entries += coming.spans.entries;
        }
        Ok(())
    }
}

/// Makes one of the small segments at the end.
fn join(conn: &Connection, org: &Org) -> Result<(), Fault> {
    let run = run(conn, org)?;
    let ([first, .., _], Some(entries)) = (&run[..], entries(&run, org)) else {
        return Ok(());
    };
    conn.prepare_cached("DELETE FROM ledger_segments WHERE org = ?1 AND seq >= ?2")?
        .execute((org.as_str(), first.seq))?;
    insert(conn, org, first.seq, &Segment::of(&entries))
}

/// The small segments at the end, oldest first.
fn run(conn: &Connection, org: &Org) -> Result<Vec<Stored>, Fault> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM ledger_segments WHERE org = ?1 ORDER BY seq DESC"
    ))?;
    let mut rows = rows.query([org.as_str()])?;
    let mut run = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(2)? >= SMALL || run.len() > 2 * TOGETHER {
            break;
        }
        run.push(Stored::read(row)?);
    }
    run.reverse();
    Ok(run)
}

/// All their entries. None where something was changed in them: that is left as it is, to be found.
fn entries(run: &[Stored], org: &Org) -> Option<Vec<gateway_governance::entry::Entry>> {
    let whole = |stored: &Stored| stored.checksum == stored.segment.checksum();
    let follow = |pair: &[Stored]| pair[0].next() == pair[1].seq;
    if !run.iter().all(whole) || !run.windows(2).all(follow) {
        return None;
    }
    let mut entries = Vec::new();
    for stored in run {
        let opened = stored.segment.open();
        for place in 0..opened.len() {
            entries.push(opened.entry(place, org).ok()?);
        }
    }
    Some(entries)
}
