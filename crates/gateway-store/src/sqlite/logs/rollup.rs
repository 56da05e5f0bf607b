//! Figures per slot of time, written. They change in the transaction that writes or takes away the rows, so that they
//! always equal what the rows would sum to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gateway::ports::logs::{Dimension, Figures, LogRow};
use gateway_types::Org;
use rusqlite::{CachedStatement, Connection};

use super::blob::{self, FIGURES_VERSION};
use super::grain::{Grain, MINUTES_KEPT_MS};
use crate::sqlite::fault::Fault;

/// How much of the minutes one append takes away at the most.
const FORGET_MS: i64 = Grain::Hour.millis();

/// Whether rows come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Come,
    Go,
}

/// Figures of some rows by value and minute, gathered so that each slot is written once.
#[derive(Debug, Default)]
pub(super) struct Sums<'a> {
    minutes: Vec<(Minute<'a>, Figures)>,
    places: HashMap<Minute<'a>, usize>,
    /// Where the last row of each dimension was counted; the next is mostly counted there too.
    last: [usize; Dimension::ALL.len()],
}

/// A minute of a value, which may have two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Minute<'a> {
    dimension: Dimension,
    at: i64,
    value: (&'a str, Option<&'a str>),
}

impl<'a> Sums<'a> {
    pub(super) fn count(&mut self, row: &'a LogRow) {
        let at = Grain::Minute.floor(row.at.millis());
        for (dimension, last) in Dimension::ALL.into_iter().zip(&mut self.last) {
            let Some(value) = dimension.parts(row) else { continue };
            let minute = Minute { dimension, at, value };
            let place = match self.minutes.get(*last) {
                Some((same, _)) if *same == minute => *last,
                _ => *self.places.entry(minute).or_insert_with(|| {
                    self.minutes.push((minute, Figures::default()));
                    self.minutes.len() - 1
                }),
            };
            *last = place;
            if let Some((_, figures)) = self.minutes.get_mut(place) {
                figures.count(row);
            }
        }
    }

    /// Changes the slots. One that counts nothing any more goes away.
    pub(super) fn put(self, conn: &Connection, org: &Org, change: Change) -> Result<(), Fault> {
        let known = latest(conn, org)?;
        let new = self.minutes.iter().map(|(minute, _)| minute.at).max();
        let latest = new.max(known).unwrap_or(0);
        let mut slots = BTreeMap::new();
        for (minute, figures) in self.minutes {
            gather(&mut slots, minute, figures);
        }
        let mut table = Table::new(conn, org)?;
        for (slot, figures) in &slots {
            // What is past its time would be forgotten at once, and has nothing to be taken from.
            if slot.grain == Grain::Minute && slot.at < latest.saturating_sub(MINUTES_KEPT_MS) {
                continue;
            }
            table.change(slot, figures, change)?;
        }
        Ok(())
    }
}

/// Puts a minute to the slots of every grain that it is in.
fn gather(slots: &mut BTreeMap<Key, Figures>, minute: Minute<'_>, figures: Figures) {
    let Minute { dimension, at, value } = minute;
    let value: Arc<str> = Dimension::join(value).into();
    let key = |grain: Grain| Key {
        dimension,
        grain,
        at: grain.floor(at),
        value: Arc::clone(&value),
    };
    for grain in [Grain::Hour, Grain::Day, Grain::Week] {
        slots.entry(key(grain)).or_default().add(&figures);
    }
    slots.insert(key(Grain::Minute), figures);
}

/// Which slot, in the order that they are stored in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    dimension: Dimension,
    grain: Grain,
    at: i64,
    value: Arc<str>,
}

/// The table of slots, with the statements that change it.
struct Table<'c> {
    org: &'c Org,
    load: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    update: CachedStatement<'c>,
    delete: CachedStatement<'c>,
}

impl<'c> Table<'c> {
    fn new(conn: &'c Connection, org: &'c Org) -> Result<Self, Fault> {
        Ok(Self {
            org,
            load: conn.prepare_cached(
                "SELECT v, figures FROM rollups WHERE org = ?1 AND dimension = ?2 AND grain = ?3 AND at = ?4 AND value = ?5",
            )?,
            insert: conn.prepare_cached(
                "INSERT INTO rollups (org, dimension, grain, at, value, requests, tokens, cost, v, figures)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            update: conn.prepare_cached(
                "UPDATE rollups SET requests = ?6, tokens = ?7, cost = ?8, v = ?9, figures = ?10
                 WHERE org = ?1 AND dimension = ?2 AND grain = ?3 AND at = ?4 AND value = ?5",
            )?,
            delete: conn.prepare_cached(
                "DELETE FROM rollups WHERE org = ?1 AND dimension = ?2 AND grain = ?3 AND at = ?4 AND value = ?5",
            )?,
        })
    }

    fn change(&mut self, slot: &Key, figures: &Figures, change: Change) -> Result<(), Fault> {
        match (self.load(slot)?, change) {
            (None, Change::Come) => save(self.org, &mut self.insert, slot, figures),
            (None, Change::Go) => Ok(()),
            (Some(mut stored), Change::Come) => {
                stored.add(figures);
                save(self.org, &mut self.update, slot, &stored)
            }
            (Some(mut stored), Change::Go) => {
                stored.subtract(figures);
                match stored.requests() {
                    0 => self.delete(slot),
                    _ => save(self.org, &mut self.update, slot, &stored),
                }
            }
        }
    }

    fn load(&mut self, slot: &Key) -> Result<Option<Figures>, Fault> {
        let mut found = self.load.query(slot.parts(self.org))?;
        let Some(row) = found.next()? else { return Ok(None) };
        blob::stored(row, 0).map(Some)
    }

    fn delete(&mut self, slot: &Key) -> Result<(), Fault> {
        self.delete.execute(slot.parts(self.org))?;
        Ok(())
    }
}

fn save(org: &Org, statement: &mut CachedStatement<'_>, slot: &Key, figures: &Figures) -> Result<(), Fault> {
    let (org, dimension, grain, at, value) = slot.parts(org);
    statement.execute((
        org,
        dimension,
        grain,
        at,
        value,
        integer(figures.requests()),
        integer(figures.tokens()),
        figures.cost.0,
        FIGURES_VERSION,
        blob::write(figures),
    ))?;
    Ok(())
}

impl Key {
    fn parts<'a>(&'a self, org: &'a Org) -> (&'a str, u8, u8, i64, &'a str) {
        (
            org.as_str(),
            code(self.dimension),
            self.grain.code(),
            self.at,
            &self.value,
        )
    }
}

/// SQLite's integers are signed; what does not fit stays at the end of the range.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How a dimension is stored.
pub(super) const fn code(dimension: Dimension) -> u8 {
    match dimension {
        Dimension::Everything => 0,
        Dimension::Provider => 1,
        Dimension::Model => 2,
        Dimension::ModelOfProvider => 3,
        Dimension::VirtualKey => 4,
        Dimension::Team => 5,
        Dimension::Customer => 6,
        Dimension::Hosting => 7,
        Dimension::Rule => 8,
        Dimension::Error => 9,
    }
}

/// The latest minute that is known.
pub(super) fn latest(conn: &Connection, org: &Org) -> Result<Option<i64>, Fault> {
    let latest = conn
        .prepare_cached("SELECT max(at) FROM rollups WHERE org = ?1 AND dimension = 0 AND grain = 0")?
        .query_row([org.as_str()], |row| row.get(0))?;
    Ok(latest)
}

/// Takes minutes away that are past their time, some at a time.
pub(super) fn forget_minutes(conn: &Connection, org: &Org) -> Result<(), Fault> {
    let Some(latest) = latest(conn, org)? else {
        return Ok(());
    };
    let oldest: Option<i64> = conn
        .prepare_cached("SELECT min(at) FROM rollups WHERE org = ?1 AND dimension = 0 AND grain = 0")?
        .query_row([org.as_str()], |row| row.get(0))?;
    let kept = latest.saturating_sub(MINUTES_KEPT_MS);
    let Some(oldest) = oldest.filter(|oldest| *oldest < kept) else {
        return Ok(());
    };
    let before = kept.min(oldest.saturating_add(FORGET_MS));
    let mut forget =
        conn.prepare_cached("DELETE FROM rollups WHERE org = ?1 AND dimension = ?2 AND grain = 0 AND at < ?3")?;
    for dimension in Dimension::ALL {
        forget.execute((org.as_str(), code(dimension), before))?;
    }
    Ok(())
}
