//! Figures per slot of time. They are written in the transaction that writes or takes away the rows, so that they
//! always equal what the rows would sum to.

use std::collections::BTreeMap;

use gateway::ports::logs::{Grain, Rollup, Totals};
use gateway_types::{ModelName, NanoUsd, Org, ProviderName, VirtualKeyId, Wall};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::row::{Figures, integer};
use crate::sqlite::fault::Fault;

/// The format of a row of a rollup table.
const ROLLUP_VERSION: u32 = 1;

/// How long minutes are kept, counted from the latest one.
const MINUTES_KEPT_MS: i64 = 2 * 24 * 60 * 60 * 1000;

/// How much of the minutes one append takes away at the most.
const FORGET_MS: i64 = 60 * 60 * 1000;

pub(super) const fn millis(grain: Grain) -> i64 {
    match grain {
        Grain::Minute => 60 * 1000,
        Grain::Hour => 60 * 60 * 1000,
    }
}

const fn table(grain: Grain) -> &'static str {
    match grain {
        Grain::Minute => "rollups_minute",
        Grain::Hour => "rollups_hour",
    }
}

/// Changes of rollups, gathered from many rows so that each slot is written once.
#[derive(Debug, Default)]
pub(super) struct Sums(BTreeMap<Slot, Delta>);

impl Sums {
    pub(super) fn add(&mut self, figures: Figures) {
        self.gather(figures, 1);
    }

    pub(super) fn subtract(&mut self, figures: Figures) {
        self.gather(figures, -1);
    }

    fn gather(&mut self, figures: Figures, sign: i128) {
        let Figures {
            at,
            provider,
            model,
            virtual_key,
            totals,
        } = figures;
        for grain in [Grain::Minute, Grain::Hour] {
            let slot = Slot {
                // Hours are long, so they are told apart by their length rather than by an order of `Grain`.
                span: millis(grain),
                at: at.millis().div_euclid(millis(grain)).saturating_mul(millis(grain)),
                provider: provider.clone(),
                model: model.clone(),
                virtual_key: virtual_key.clone(),
            };
            self.0.entry(slot).or_default().gather(&totals, sign);
        }
    }

    /// Writes the slots. One that counts nothing any more goes away.
    pub(super) fn put(self, conn: &Connection, org: &Org) -> Result<(), Fault> {
        for (slot, delta) in self.0 {
            let grain = if slot.span == millis(Grain::Minute) {
                Grain::Minute
            } else {
                Grain::Hour
            };
            let stored = load(conn, org, grain, &slot)?;
            // A minute that is forgotten already has nothing to take from.
            if stored.is_none() && delta.0[0] < 0 {
                continue;
            }
            let totals = delta.applied_to(&stored.unwrap_or_default());
            if totals.requests == 0 {
                delete(conn, org, grain, &slot)?
            } else {
                save(conn, org, grain, &slot, &totals)?
            }
        }
        Ok(())
    }
}

/// Takes minutes away that are past their time.
pub(super) fn forget_minutes(conn: &Connection, org: &Org) -> Result<(), Fault> {
    conn.prepare_cached(
        "DELETE FROM rollups_minute WHERE org = ?1
         AND at < (SELECT max(at) FROM rollups_minute WHERE org = ?1) - ?2
         AND at < (SELECT min(at) FROM rollups_minute WHERE org = ?1) + ?3",
    )?
    .execute((org.as_str(), MINUTES_KEPT_MS, FORGET_MS))?;
    Ok(())
}

/// Slots that begin in that time, oldest first.
pub(super) fn between(
    conn: &Connection,
    org: &Org,
    grain: Grain,
    since: Wall,
    until: Wall,
) -> Result<Vec<Rollup>, Fault> {
    let kept = match grain {
        Grain::Minute => MINUTES_KEPT_MS,
        Grain::Hour => i64::MAX,
    };
    let table = table(grain);
    let mut rows = conn.prepare_cached(&format!(
        "SELECT at, provider, model, virtual_key, {FIGURES} FROM {table}
         WHERE org = ?1 AND at >= ?2 AND at < ?3 AND at >= (SELECT max(at) FROM {table} WHERE org = ?1) - ?4
         ORDER BY at, provider, model, virtual_key"
    ))?;
    let slots = rows.query_map((org.as_str(), since.millis(), until.millis(), kept), |row| {
        let name = |column| {
            row.get::<_, String>(column)
                .map(|name| (!name.is_empty()).then_some(name))
        };
        Ok(Rollup {
            at: Wall::from_millis(row.get("at")?),
            provider: name("provider")?.map(ProviderName::from),
            model: name("model")?.map(ModelName::from),
            virtual_key: name("virtual_key")?.map(VirtualKeyId::from),
            totals: read(row)?,
        })
    })?;
    Ok(slots.collect::<Result<_, _>>()?)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    span: i64,
    at: i64,
    provider: String,
    model: String,
    virtual_key: String,
}

/// A change of [`Totals`], wide enough that gathering it cannot overflow: requests, successes, latency, tokens in,
/// tokens out, cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delta(pub(super) [i128; 6]);

impl Delta {
    fn gather(&mut self, totals: &Totals, sign: i128) {
        let figures = [
            i128::from(totals.requests),
            i128::from(totals.successes),
            i128::from(totals.latency_us),
            i128::from(totals.input_tokens),
            i128::from(totals.output_tokens),
            i128::from(totals.cost.0),
        ];
        for (sum, figure) in self.0.iter_mut().zip(figures) {
            *sum += sign * figure;
        }
    }

    /// The totals with this change, staying within what SQLite can hold.
    pub(super) fn applied_to(mut self, totals: &Totals) -> Totals {
        self.gather(totals, 1);
        let [requests, successes, latency_us, input_tokens, output_tokens, cost] = self.0;
        let count = |sum: i128| u64::try_from(sum.clamp(0, i128::from(i64::MAX))).unwrap_or(0);
        Totals {
            requests: count(requests),
            successes: count(successes),
            latency_us: count(latency_us),
            input_tokens: count(input_tokens),
            output_tokens: count(output_tokens),
            cost: NanoUsd(i64::try_from(cost).unwrap_or(if cost < 0 { i64::MIN } else { i64::MAX })),
        }
    }
}

const FIGURES: &str = "requests, successes, latency_us, input_tokens, output_tokens, cost";

fn load(conn: &Connection, org: &Org, grain: Grain, slot: &Slot) -> Result<Option<Totals>, Fault> {
    let table = table(grain);
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {FIGURES} FROM {table}
         WHERE org = ?1 AND at = ?2 AND provider = ?3 AND model = ?4 AND virtual_key = ?5"
    ))?;
    let key = (org.as_str(), slot.at, &slot.provider, &slot.model, &slot.virtual_key);
    Ok(rows.query_row(key, read).optional()?)
}

fn save(conn: &Connection, org: &Org, grain: Grain, slot: &Slot, totals: &Totals) -> Result<(), Fault> {
    let table = table(grain);
    conn.prepare_cached(&format!(
        "INSERT OR REPLACE INTO {table} (org, at, provider, model, virtual_key, v, {FIGURES})
         VALUES (:org, :at, :provider, :model, :virtual_key, :v,
             :requests, :successes, :latency_us, :input_tokens, :output_tokens, :cost)"
    ))?
    .execute(named_params! {
        ":org": org.as_str(),
        ":at": slot.at,
        ":provider": slot.provider,
        ":model": slot.model,
        ":virtual_key": slot.virtual_key,
        ":v": ROLLUP_VERSION,
        ":requests": integer(totals.requests),
        ":successes": integer(totals.successes),
        ":latency_us": integer(totals.latency_us),
        ":input_tokens": integer(totals.input_tokens),
        ":output_tokens": integer(totals.output_tokens),
        ":cost": totals.cost.0,
    })?;
    Ok(())
}

fn delete(conn: &Connection, org: &Org, grain: Grain, slot: &Slot) -> Result<(), Fault> {
    let table = table(grain);
    conn.prepare_cached(&format!(
        "DELETE FROM {table} WHERE org = ?1 AND at = ?2 AND provider = ?3 AND model = ?4 AND virtual_key = ?5"
    ))?
    .execute((org.as_str(), slot.at, &slot.provider, &slot.model, &slot.virtual_key))?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Totals> {
    Ok(Totals {
        requests: row.get::<_, i64>("requests")?.unsigned_abs(),
        successes: row.get::<_, i64>("successes")?.unsigned_abs(),
        latency_us: row.get::<_, i64>("latency_us")?.unsigned_abs(),
        input_tokens: row.get::<_, i64>("input_tokens")?.unsigned_abs(),
        output_tokens: row.get::<_, i64>("output_tokens")?.unsigned_abs(),
        cost: NanoUsd(row.get("cost")?),
    })
}
