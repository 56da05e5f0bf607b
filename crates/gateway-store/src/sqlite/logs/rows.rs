//! Rows come and go: into segments, out of them, and from small segments into larger ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::ports::logs::LogRow;
use gateway_types::{Org, RequestId};
use rusqlite::Connection;

use super::record;
use super::rollup::{self, Change, Sums};
use super::segment::{Builder, MOST_ROWS};
use super::segments::{self, SPAN, Whole};
use crate::sqlite::fault::Fault;

/// So many small segments of about the same size are joined. A row is written again when that happens: from a handful to
/// some, from some to many, and never more often.
const JOINED: usize = 16;
/// What a handful is.
const HANDFUL: usize = 16;

/// Writes rows, and counts them.
pub(super) fn append(conn: &Connection, org: &Org, rows: &[Arc<LogRow>]) -> Result<(), Fault> {
    put(conn, org, rows.iter().map(|row| &**row))?;
    let mut sums = Sums::default();
    rows.iter().for_each(|row| sums.count(row));
    sums.put(conn, org, Change::Come)?;
    rollup::forget_minutes(conn, org)
}

/// Writes rows into segments of their hours.
pub(super) fn put<'a>(conn: &Connection, org: &Org, rows: impl Iterator<Item = &'a LogRow>) -> Result<(), Fault> {
    let mut rows: Vec<&LogRow> = rows.collect();
    rows.sort_by_key(|row| (row.at.millis(), row.id));
    for rows in rows.chunk_by(|one, next| hour(one) == hour(next)) {
        // About as many in each, so that none is left over alone.
        let each = rows.len().div_ceil(rows.len().div_ceil(MOST_ROWS));
        let mut segment = Builder::default();
        for row in rows {
            if segment.rows() >= each || segment.is_large() {
                store(conn, org, std::mem::take(&mut segment))?;
            }
            if segment.rows() == 0 {
                segment.reserve(each);
            }
            segment.add(row)?;
            record::keep_bodies(conn, org, row)?;
        }
        store(conn, org, segment)?;
        if let Some(row) = rows.first() {
            join(conn, org, hour(row))?;
        }
    }
    Ok(())
}

fn hour(row: &LogRow) -> i64 {
    SPAN.floor(row.at.millis())
}

fn store(conn: &Connection, org: &Org, segment: Builder<'_>) -> Result<(), Fault> {
    match segment.finish() {
        Some(segment) => segments::insert(conn, org, &segment),
        None => Ok(()),
    }
}

/// Joins small segments of an hour, where there are many.
fn join(conn: &Connection, org: &Org, hour: i64) -> Result<(), Fault> {
    let small = segments::small(conn, org, hour)?;
    let (handfuls, larger): (Vec<_>, Vec<_>) = small.into_iter().partition(|(_, rows)| *rows < HANDFUL);
    for these in [handfuls, larger] {
        if these.len() < JOINED {
            continue;
        }
        let these: Result<Vec<Whole>, Fault> = these.iter().map(|(no, _)| segments::load(conn, *no)).collect();
        let these = these?;
        for whole in &these {
            segments::delete(conn, whole.no)?;
        }
        pack(conn, org, &these, |_, _| true)?;
    }
    Ok(())
}

/// Writes rows of segments into new ones, in the order of time: those that stay, by their segment and place there.
fn pack(conn: &Connection, org: &Org, old: &[Whole], stays: impl Fn(usize, usize) -> bool) -> Result<(), Fault> {
    let views: Vec<_> = old
        .iter()
        .map(|whole| Ok((whole.names()?, whole.columns()?, whole.records()?)))
        .collect::<Result<_, Fault>>()?;
    let mut order = Vec::new();
    for (segment, (_, columns, _)) in views.iter().enumerate() {
        let places = (0..columns.rows()).filter(|place| stays(segment, *place));
        order.extend(places.map(|place| ((columns.at(place), columns.id(place)), segment, place)));
    }
    order.sort_unstable();
    let each = order.len().div_ceil(order.len().div_ceil(MOST_ROWS).max(1));
    let mut new = Builder::default();
    for (_, segment, place) in order {
        if new.rows() >= each || new.is_large() {
            store(conn, org, std::mem::take(&mut new))?;
        }
        let (names, columns, records) = &views[segment];
        let record = columns.record(place).of(records)?;
        new.copy((names, columns), place, record, content(&old[segment], columns.rows()))?;
    }
    store(conn, org, new)
}

/// Takes rows away, and their figures out of what they were counted in.
pub(super) fn remove(conn: &Connection, org: &Org, ids: &[RequestId]) -> Result<u64, Fault> {
    let mut places = BTreeMap::<i64, Vec<usize>>::new();
    for id in ids {
        if let Some((no, place)) = segments::locate(conn, org, *id)? {
            places.entry(no).or_default().push(place);
        }
    }
    let mut gone = Vec::new();
    for (no, places) in places {
        gone.extend(cut(conn, org, no, |_, place| places.contains(&place))?);
    }
    forget(conn, org, &gone)
}

/// Takes rows away that came before that time: so many at the least, where there are so many.
pub(super) fn prune(conn: &Connection, org: &Org, before: i64, some: usize) -> Result<u64, Fault> {
    let mut gone = Vec::new();
    for no in segments::from_before(conn, org, before, some)? {
        gone.extend(cut(conn, org, no, |at, _| at < before)?);
        if gone.len() >= some {
            break;
        }
    }
    forget(conn, org, &gone)
}

/// Takes rows out of a segment, by when they came and their place there, and gives them.
fn cut(conn: &Connection, org: &Org, no: i64, goes: impl Fn(i64, usize) -> bool) -> Result<Vec<LogRow>, Fault> {
    let whole = segments::load(conn, no)?;
    let (columns, records) = (whole.columns()?, whole.records()?);
    let goes = |place| goes(columns.at(place), place);
    let gone = (0..columns.rows()).filter(|place| goes(*place)).map(|place| {
        if columns.has_content(place) {
            record::forget_bodies(conn, org, columns.id(place))?;
        }
        let record = columns.record(place);
        record::read(record.v, record.of(&records)?)
    });
    let gone = gone.collect::<Result<_, _>>()?;
    segments::delete(conn, no)?;
    pack(conn, org, std::slice::from_ref(&whole), |_, place| !goes(place))?;
    Ok(gone)
}

fn forget(conn: &Connection, org: &Org, gone: &[LogRow]) -> Result<u64, Fault> {
    let mut sums = Sums::default();
    gone.iter().for_each(|row| sums.count(row));
    sums.put(conn, org, Change::Go)?;
    Ok(gone.len() as u64)
}

/// About how many bytes of bodies are kept of a row.
fn content(whole: &Whole, rows: usize) -> u64 {
    whole.content.div_ceil(rows.max(1) as u64)
}
