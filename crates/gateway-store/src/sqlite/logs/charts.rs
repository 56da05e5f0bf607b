//! Figures per slot of time, read: a range of time is made up of as few slots as there are, so that what it takes does not
//! grow with the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gateway::ports::logs::{Dimension, Figures, Rank, Rest, Shares, Slice, Slot};
use gateway_types::{NanoUsd, Org, Wall};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use serde_json::json;

use super::blob;
use super::grain::{Grain, MINUTES_KEPT_MS, Stretch, cover, floor};
use super::rollup::{code, latest};
use crate::sqlite::fault::Fault;

/// Figures per value and slot.
pub(super) fn series(conn: &Connection, org: &Org, of: &Slice, slot_ms: i64) -> Result<Vec<Slot>, Fault> {
    let slot_ms = slot_ms.max(Grain::Minute.millis());
    let mut slots = BTreeMap::<(i64, String), Figures>::new();
    read(conn, org, of, Grain::within(slot_ms), |at, value, figures| {
        let at = floor(at, slot_ms);
        slots.entry((at, value.to_owned())).or_default().add(&figures);
    })?;
    let slots = slots.into_iter().map(|((at, value), figures)| Slot {
        at: Wall::from_millis(at),
        value,
        figures,
    });
    Ok(slots.collect())
}

/// Figures of the values that rank first. Which those are is found by what stands beside the figures, so that only theirs
/// are read.
pub(super) fn shares(conn: &Connection, org: &Org, of: &Slice, by: Rank, most: usize) -> Result<Shares, Fault> {
    let mut ranked: Vec<(String, Counted)> = count(conn, org, of)?.into_iter().collect();
    ranked.sort_by(|(one, left), (other, right)| right.rank(by).cmp(&left.rank(by)).then_with(|| one.cmp(other)));
    let others = ranked.split_off(most.min(ranked.len()));
    let rest = others
        .iter()
        .fold(Counted::default(), |rest, (_, counted)| rest.plus(counted));
    let mut first: Vec<(String, Figures)> = ranked
        .into_iter()
        .map(|(value, _)| (value, Figures::default()))
        .collect();
    let places: HashMap<String, usize> = first
        .iter()
        .enumerate()
        .map(|(place, (value, _))| (value.clone(), place))
        .collect();
    let wanted = Slice {
        // Where all are among the first, they need not be looked for one by one.
        values: if others.is_empty() {
            of.values.clone()
        } else {
            places.keys().cloned().collect()
        },
        ..of.clone()
    };
    if !first.is_empty() {
        read(conn, org, &wanted, Grain::Week, |_, value, figures| {
            if let Some(place) = places.get(value) {
                first[*place].1.add(&figures);
            }
        })?;
    }
    Ok(Shares {
        first,
        others: others.len(),
        rest: Rest {
            requests: within(rest.requests).unsigned_abs(),
            tokens: within(rest.tokens).unsigned_abs(),
            cost: NanoUsd(within(rest.cost)),
        },
    })
}

/// The values of a dimension in the weeks from that time on.
pub(super) fn values(conn: &Connection, org: &Org, dimension: Dimension, since: Wall) -> Result<Vec<String>, Fault> {
    let mut values = conn.prepare_cached(
        "SELECT DISTINCT value FROM rollups WHERE org = ?1 AND dimension = ?2 AND grain = ?3 AND at >= ?4 AND value <> ''
         ORDER BY value",
    )?;
    let since = Grain::Week.floor(since.millis());
    let values = values.query_map((org.as_str(), code(dimension), Grain::Week.code(), since), |row| {
        row.get(0)
    })?;
    Ok(values.collect::<Result<_, _>>()?)
}

/// What values are ranked by.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    requests: i128,
    tokens: i128,
    cost: i128,
}

impl Counted {
    const fn rank(&self, by: Rank) -> i128 {
        match by {
            Rank::Requests => self.requests,
            Rank::Tokens => self.tokens,
            Rank::Cost => self.cost,
        }
    }

    const fn plus(self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            tokens: self.tokens + other.tokens,
            cost: self.cost + other.cost,
        }
    }
}

fn count(conn: &Connection, org: &Org, of: &Slice) -> Result<HashMap<String, Counted>, Fault> {
    let mut values = HashMap::<String, Counted>::new();
    slots(
        conn,
        org,
        of,
        Grain::Week,
        "found.requests, found.tokens, found.cost",
        |row| {
            let value = text(row, 1)?;
            let counted = Counted {
                requests: row.get::<_, i64>(2)?.into(),
                tokens: row.get::<_, i64>(3)?.into(),
                cost: row.get::<_, i64>(4)?.into(),
            };
            match values.get_mut(value) {
                Some(sum) => *sum = sum.plus(&counted),
                None => {
                    values.insert(value.to_owned(), counted);
                }
            }
            Ok(())
        },
    )?;
    Ok(values)
}

/// Goes through the figures of all slots that make up the time.
fn read(
    conn: &Connection,
    org: &Org,
    of: &Slice,
    longest: Grain,
    mut each: impl FnMut(i64, &str, Figures),
) -> Result<(), Fault> {
    slots(conn, org, of, longest, "found.v, found.figures", |row| {
        each(row.get(0)?, text(row, 1)?, blob::stored(row, 2)?);
        Ok(())
    })
}

/// Goes through all slots that make up the time: when, which value, and those columns.
fn slots(
    conn: &Connection,
    org: &Org,
    of: &Slice,
    longest: Grain,
    columns: &str,
    mut each: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let latest = latest(conn, org)?.unwrap_or(0);
    let minutes = Grain::Hour.ceil(latest.saturating_sub(MINUTES_KEPT_MS));
    let values: BTreeSet<&str> = of.values.iter().map(String::as_str).collect();
    let values = (!values.is_empty()).then(|| json!(values).to_string());
    for Stretch { grain, from, to } in cover(of.since, of.until, longest, minutes) {
        let (dimension, grain) = (code(of.dimension), grain.code());
        // Those of a few values are found by their whole key, at each slot where there is anything at all.
        let (tables, found) = match &values {
            None => ("rollups AS found", "found.at >= ?4 AND found.at < ?5"),
            Some(_) => (
                "json_each(?6) AS wanted CROSS JOIN rollups AS slot CROSS JOIN rollups AS found",
                "slot.org = ?1 AND slot.dimension = 0 AND slot.grain = ?3 AND slot.at >= ?4 AND slot.at < ?5
                 AND found.at = slot.at AND found.value = wanted.value",
            ),
        };
        let mut rows = conn.prepare_cached(&format!(
            "SELECT found.at, found.value, {columns} FROM {tables}
             WHERE found.org = ?1 AND found.dimension = ?2 AND found.grain = ?3 AND {found}"
        ))?;
        let mut rows = match &values {
            None => rows.query(params![org.as_str(), dimension, grain, from, to])?,
            Some(values) => rows.query(params![org.as_str(), dimension, grain, from, to, values])?,
        };
        while let Some(row) = rows.next()? {
            each(row)?;
        }
    }
    Ok(())
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, Fault> {
    match row.get_ref(column)? {
        ValueRef::Text(text) => std::str::from_utf8(text).map_err(|_| Fault(String::from("a stored name is no text"))),
        _ => Err(Fault(String::from("a stored name is no text"))),
    }
}

fn within(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
