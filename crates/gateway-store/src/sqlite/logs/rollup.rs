//! Figures per slot of time, written. They change in the transaction that writes or takes away the rows, so that they
//! always equal what the rows would sum to.

use std::collections::{BTreeMap, HashMap};

use gateway::ports::logs::{Dimension, Figures, LogRow};
use gateway_types::Org;
use rusqlite::{Connection, OptionalExtension};

use super::blob::{self, FIGURES_VERSION};
use super::grain::{Grain, MINUTES_KEPT_MS};
use super::row::integer;
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
pub(super) struct Sums(HashMap<Dimension, HashMap<String, Minutes>>);

type Minutes = BTreeMap<i64, Figures>;

impl Sums {
    pub(super) fn count(&mut self, row: &LogRow) {
        let figures = Figures::of(row);
        let minute = Grain::Minute.floor(row.at.millis());
        for dimension in Dimension::ALL {
            let Some(value) = dimension.value(row) else { continue };
            let values = self.0.entry(dimension).or_default();
            match values.get_mut(&*value) {
                Some(minutes) => minutes.entry(minute).or_default().add(&figures),
                None => {
                    let minutes = Minutes::from([(minute, figures.clone())]);
                    values.insert(value.into_owned(), minutes);
                }
            }
        }
    }

    /// Changes the slots. One that counts nothing any more goes away.
    pub(super) fn put(self, conn: &Connection, org: &Org, change: Change) -> Result<(), Fault> {
        let known = latest(conn, org)?;
        let new = self
            .0
            .values()
            .flatten()
            .filter_map(|(_, minutes)| minutes.keys().next_back());
        let latest = new.max().copied().max(known).unwrap_or(0);
        let mut slots = BTreeMap::new();
        for (dimension, values) in self.0 {
            for (value, minutes) in values {
                gather(&mut slots, dimension, &value, minutes);
            }
        }
        for (slot, figures) in &slots {
            // What is past its time would be forgotten at once, and has nothing to be taken from.
            if slot.grain == Grain::Minute && slot.at < latest.saturating_sub(MINUTES_KEPT_MS) {
                continue;
            }
            slot.change(conn, org, figures, change)?;
        }
        Ok(())
    }
}

/// Puts the minutes of a value to the slots of every grain that they are in.
fn gather(slots: &mut BTreeMap<Key, Figures>, dimension: Dimension, value: &str, minutes: Minutes) {
    let key = |grain: Grain, at| Key {
        dimension,
        grain,
        at: grain.floor(at),
        value: value.to_owned(),
    };
    for (at, figures) in minutes {
        for grain in [Grain::Hour, Grain::Day, Grain::Week] {
            slots.entry(key(grain, at)).or_default().add(&figures);
        }
        slots.insert(key(Grain::Minute, at), figures);
    }
}

/// Which slot, in the order that they are stored in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    dimension: Dimension,
    grain: Grain,
    at: i64,
    value: String,
}

impl Key {
    fn change(&self, conn: &Connection, org: &Org, figures: &Figures, change: Change) -> Result<(), Fault> {
        match (self.load(conn, org)?, change) {
            (None, Change::Come) => self.save(conn, org, figures),
            (None, Change::Go) => Ok(()),
            (Some(mut stored), Change::Come) => {
                stored.add(figures);
                self.save(conn, org, &stored)
            }
            (Some(mut stored), Change::Go) => {
                stored.subtract(figures);
                match stored.requests() {
                    0 => self.delete(conn, org),
                    _ => self.save(conn, org, &stored),
                }
            }
        }
    }

    fn parts<'a>(&'a self, org: &'a Org) -> (&'a str, u8, u8, i64, &'a str) {
        (
            org.as_str(),
            code(self.dimension),
            self.grain.code(),
            self.at,
            &self.value,
        )
    }

    fn load(&self, conn: &Connection, org: &Org) -> Result<Option<Figures>, Fault> {
        let mut found = conn.prepare_cached(
            "SELECT v, figures FROM rollups WHERE org = ?1 AND dimension = ?2 AND grain = ?3 AND at = ?4 AND value = ?5",
        )?;
        let found = found.query_row(self.parts(org), |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
        let found = found.optional()?;
        found.map(|(v, bytes)| blob::read(v, &bytes)).transpose()
    }

    fn save(&self, conn: &Connection, org: &Org, figures: &Figures) -> Result<(), Fault> {
        let (org, dimension, grain, at, value) = self.parts(org);
        conn.prepare_cached(
            "INSERT OR REPLACE INTO rollups (org, dimension, grain, at, value, requests, tokens, cost, v, figures)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
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

    fn delete(&self, conn: &Connection, org: &Org) -> Result<(), Fault> {
        conn.prepare_cached(
            "DELETE FROM rollups WHERE org = ?1 AND dimension = ?2 AND grain = ?3 AND at = ?4 AND value = ?5",
        )?
        .execute(self.parts(org))?;
        Ok(())
    }
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
