//! Recomputing the books: entries from their records, what stands beside them in a segment, and every window from its
//! charges. All of it sees one state of the data; nothing is kept but the sums of so many windows at a time.

use std::collections::{BTreeMap, HashSet};

use gateway_governance::entry::Entry;
use gateway_governance::ledger::{Verified, WindowState};
use gateway_governance::quota::{Unit, WindowNo};
use gateway_governance::verify::Sums;
use gateway_types::{Org, QuotaId};
use rusqlite::Connection;
use uuid::Uuid;

use super::append::kept;
use super::page::unreadable;
use super::rows::{Earlier, Stored, each_known_id, each_segment};
use super::segment::{Spans, Unreadable};
use super::windows::{each_window, word};
use crate::sqlite::fault::Fault;

/// How many windows are added up in one pass over the entries: some megabytes of sums. Books with more are passed again.
const WINDOWS: usize = 1 << 16;

pub(super) fn verify(conn: &Connection, org: &Org) -> Result<Verified, Fault> {
    verify_in_passes(conn, org, WINDOWS)
}

pub(super) fn verify_in_passes(conn: &Connection, org: &Org, most: usize) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let mut tally = Tally::from(None, most);
    let mut next = 1;
    let mut highest = Uuid::nil();
    each_segment(conn, org, |stored| {
        if stored.seq != next {
            let at = format!("entry number {next}");
            verified.differs(&at, "number", format!("{} follows", stored.seq), next);
        }
        next = stored.next();
        segment(org, &stored, &mut tally, &mut verified)?;
        doubled(conn, org, &stored, highest, &mut verified)?;
        highest = highest.max(stored.segment.spans.id.1);
        Ok(())
    })?;
    while let Some(passed) = windows(conn, org, tally, &mut verified)? {
        tally = Tally::from(Some(passed), most);
        each_segment(conn, org, |stored| {
            let opened = stored.segment.open();
            let entries = (0..opened.len()).filter_map(|place| opened.entry(place, org).ok());
            entries.for_each(|entry| tally.add(&entry));
            Ok(())
        })?;
    }
    Ok(verified)
}

/// Recomputes a segment: each entry, and what stands beside them.
fn segment(org: &Org, stored: &Stored, tally: &mut Tally, verified: &mut Verified) -> Result<(), Fault> {
    let opened = stored.segment.open();
    let mut spans = Spans::NONE;
    for place in 0..opened.len() {
        match opened.entry(place, org) {
            Ok(entry) => {
                spans.add(&entry);
                verified.entry(&entry);
                tally.add(&entry);
            }
            Err(error @ Unreadable::Newer(_)) => return Err(unreadable(opened.id(place), error)),
            Err(Unreadable::Broken) => {
                verified.entries += 1;
                let id = opened.id(place).map(|id| id.to_string()).unwrap_or_default();
                verified.differs(&format!("entry {id}"), "body", "no entry", "an entry");
            }
        }
    }
    let at = format!("entries {} to {}", stored.seq, stored.next() - 1);
    verified.compare(&at, "checksum", stored.checksum, stored.segment.checksum());
    let count = i64::try_from(opened.len()).unwrap_or(i64::MAX);
    verified.compare(&at, "entries", stored.segment.spans.entries, count);
    if spans.entries == count {
        compare(&at, &stored.segment.spans, &spans, verified);
    }
    Ok(())
}

fn compare(at: &str, booked: &Spans, computed: &Spans, verified: &mut Verified) {
    let times = |spans: &Spans| format!("{} to {}", spans.at.0, spans.at.1);
    verified.compare(at, "at", times(booked), times(computed));
    let ids = |(low, high): (Uuid, Uuid)| format!("{low} to {high}");
    verified.compare(at, "id", ids(booked.id), ids(computed.id));
    verified.compare(at, "request", ids(booked.request), ids(computed.request));
}

/// Notes entries that were written before: in this segment or an earlier one.
fn doubled(conn: &Connection, org: &Org, stored: &Stored, highest: Uuid, verified: &mut Verified) -> Result<(), Fault> {
    let mut own = HashSet::new();
    let mut span = Spans::NONE.id;
    let mut twice = Vec::new();
    for id in stored.segment.ids() {
        span = (span.0.min(id), span.1.max(id));
        if !own.insert(id) {
            twice.push(id);
        }
    }
    let earlier = Earlier {
        seq: stored.seq,
        highest,
    };
    each_known_id(conn, org, span, earlier, |id| twice.extend(own.get(&id)))?;
    for id in twice {
        verified.differs(&format!("entry {id}"), "id", "written again", "written once");
    }
    Ok(())
}

/// A window, in the order of the books.
type Place = (QuotaId, WindowNo);

/// The charges of the next so many windows, added up. A window that comes later than those falls out, and whatever comes as
/// late as it: so those that are left are whole.
#[derive(Debug)]
struct Tally {
    after: Option<Place>,
    sums: BTreeMap<Place, Sum>,
    before: Option<Place>,
    most: usize,
}

/// The charges of one window, added up.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sums: Sums,
    /// Whether its charges are of several units.
    mixed: bool,
}

impl Tally {
    const fn from(after: Option<Place>, most: usize) -> Self {
        Self {
            after,
            sums: BTreeMap::new(),
            before: None,
            most,
        }
    }

    fn add(&mut self, entry: &Entry) {
        for charge in kept(entry) {
            let place = (charge.quota.clone(), charge.window);
            let is_passed = self.after.as_ref().is_some_and(|after| place <= *after);
            if is_passed || self.before.as_ref().is_some_and(|before| place >= *before) {
                continue;
            }
            self.sums
                .entry(place)
                .or_default()
                .add(charge.unit, charge.amount, charge.overrun);
            if self.sums.len() > self.most {
                self.before = self.sums.pop_last().map(|(place, _)| place);
            }
        }
    }
}

impl Sum {
    fn add(&mut self, unit: Unit, amount: i64, overrun: i64) {
        self.mixed |= self.sums.unit.is_some_and(|known| known != unit);
        self.sums.add(unit, amount, overrun);
    }
}

/// Recomputes the windows that a tally covers: sums and books come in the same order, and are merged. Gives the last window
/// if there are later ones.
fn windows(conn: &Connection, org: &Org, tally: Tally, verified: &mut Verified) -> Result<Option<Place>, Fault> {
    let last = tally.sums.last_key_value().map(|(place, _)| place.clone());
    let last = tally.before.is_some().then_some(last).flatten();
    let mut sums = tally.sums.into_iter().peekable();
    each_window(conn, org, tally.after.as_ref(), last.as_ref(), |page| {
        let kept = page.kept();
        let state = WindowState::from(page);
        let place = (state.quota.clone(), state.window);
        while let Some((early, sum)) = sums.next_if(|(sum, _)| *sum < place) {
            verified.no_window(early.0.as_str(), early.1, &sum.sums);
        }
        let own = sums.next_if(|(sum, _)| *sum == place).map(|(_, sum)| sum);
        let own = own.unwrap_or_default();
        if own.mixed {
            let at = format!("quota {} window {}", state.quota, state.window.0);
            verified.differs(&at, "unit", "charges of several units", word(state.unit));
        }
        verified.window(&state, &own.sums, &kept);
        Ok(())
    })?;
    for (late, sum) in sums {
        verified.no_window(late.0.as_str(), late.1, &sum.sums);
    }
    Ok(last)
}
