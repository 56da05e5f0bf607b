//! Entries written down: a batch as one segment, and its windows charged. Nothing is written twice.

use std::collections::{HashMap, HashSet};

use gateway_governance::entry::{Charge, Entry};
use gateway_governance::quota::{Unit, WindowNo};
use gateway_types::{Org, QuotaId, Wall};
use rusqlite::Connection;
use uuid::Uuid;

use super::merge::Tail;
use super::rows::{Earlier, each_known_id, insert, next_seq};
use super::segment::{MOST, Segment};
use super::windows::Pages;
use crate::sqlite::fault::Fault;

/// Entries on their way to the store's thread.
#[derive(Debug)]
pub(super) struct Packed {
    segment: Segment,
    due: Vec<Due>,
}

/// What entries charge one window, in their order.
#[derive(Debug)]
struct Due {
    quota: QuotaId,
    window: WindowNo,
    unit: Unit,
    at: Wall,
    /// Amounts and overruns.
    amounts: Vec<(i64, i64)>,
}

/// Puts entries into segments. All of it is done where they come from; the store's thread only writes.
pub(super) fn pack(org: &Org, entries: &[Entry]) -> Result<Vec<Packed>, Fault> {
    if let Some(entry) = entries.iter().find(|entry| entry.org != *org) {
        return Err(Fault(format!(
            "entry {} is of organisation {}, these are the books of {org}",
            entry.id, entry.org
        )));
    }
    Ok(entries.chunks(MOST).map(Packed::of).collect())
}

/// Writes down what is not there yet.
pub(super) fn append(conn: &Connection, org: &Org, packed: &[Packed], tail: &Tail) -> Result<(), Fault> {
    let mut pages = Pages::new(conn, org);
    for packed in packed {
        match new_ids(conn, org, &packed.segment)? {
            None => write(conn, org, packed, tail, &mut pages)?,
            Some(new) if new.is_empty() => {}
            Some(new) => write(conn, org, &packed.only(org, new)?, tail, &mut pages)?,
        }
    }
    pages.write()
}

fn write(conn: &Connection, org: &Org, packed: &Packed, tail: &Tail, pages: &mut Pages<'_>) -> Result<(), Fault> {
    tail.make_room(conn, org, &packed.segment)?;
    insert(conn, org, next_seq(conn, org)?, &packed.segment)?;
    for due in &packed.due {
        let books = &mut pages.open(&due.quota, due.window, due.unit, due.at)?.books;
        for (amount, overrun) in &due.amounts {
            books.charge(*amount, *overrun);
        }
    }
    Ok(())
}

/// The ids that are to be written, if they are not all of a segment's, each once.
fn new_ids(conn: &Connection, org: &Org, segment: &Segment) -> Result<Option<HashSet<Uuid>>, Fault> {
    let mut ids: Vec<Uuid> = segment.ids().collect();
    ids.sort_unstable();
    let written = ids.len();
    ids.dedup();
    let mut known = Vec::new();
    each_known_id(conn, org, segment.spans.id, Earlier::ALL, |id| {
        if ids.binary_search(&id).is_ok() {
            known.push(id);
        }
    })?;
    if known.is_empty() && ids.len() == written {
        return Ok(None);
    }
    let mut new: HashSet<Uuid> = ids.into_iter().collect();
    for id in known {
        new.remove(&id);
    }
    Ok(Some(new))
}

impl Packed {
    fn of(entries: &[Entry]) -> Self {
        let mut due: Vec<Due> = Vec::new();
        let mut places = HashMap::new();
        for entry in entries {
            for charge in kept(entry) {
                let place = *places.entry((&charge.quota, charge.window)).or_insert_with(|| {
                    due.push(Due::of(charge, entry.at));
                    due.len() - 1
                });
                due[place].amounts.push((charge.amount, charge.overrun));
            }
        }
        Self {
            segment: Segment::of(entries),
            due,
        }
    }

    /// Of its entries only those, each once.
    fn only(&self, org: &Org, mut ids: HashSet<Uuid>) -> Result<Self, Fault> {
        let opened = self.segment.open();
        let wanted = (0..opened.len()).filter(|place| opened.id(*place).is_some_and(|id| ids.remove(&id.uuid())));
        let entries = wanted.map(|place| opened.entry(place, org));
        let entries: Result<Vec<Entry>, _> = entries.collect();
        entries
            .map(|entries| Self::of(&entries))
            .map_err(|_| Fault(String::from("an entry that was just written cannot be read")))
    }
}

impl Due {
    fn of(charge: &Charge, at: Wall) -> Self {
        Self {
            quota: charge.quota.clone(),
            window: charge.window,
            unit: charge.unit,
            at,
            amounts: Vec::new(),
        }
    }
}

/// The charges that are booked.
pub(super) fn kept(entry: &Entry) -> impl Iterator<Item = &Charge> {
    entry.charges.iter().filter(|charge| charge.unit != Unit::InFlight)
}
