//! Figures over time, from the rollups: what the dashboard draws. Raw rows are never scanned for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gateway::ports::logs::{Grain, Rollup, Totals};
use gateway_types::Wall;
use serde_json::{Value, json};

use super::logs::figures;
use super::row::OBJECTS;
use super::{Call, Outcome, Route, ok, route};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/overview", Viewer, later show),
    route!(GET "/api/logs/filterdata", Viewer, later filters),
    route!(GET "/api/logs/histogram", Viewer, later histogram),
];

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How long rollups by the minute are kept.
const MINUTES_KEPT: i64 = 48 * HOUR;
/// Lengths of a histogram's slots; the first that needs few enough of them is taken.
const SLOTS: [i64; 9] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    24 * HOUR,
    72 * HOUR,
    720 * HOUR,
];
const MOST_SLOTS: i64 = 120;
/// How far back names for the filters are looked for.
const FILTER_DAYS: u64 = 30;

/// `GET /api/overview?minutes=60`: totals, shares and a series by the minute.
pub(super) async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    call.query.only(&["minutes"])?;
    let minutes = call.query.within("minutes", 1, 2880, 60)?;
    let now = edge.now().wall;
    let until = Wall::from_millis(floor(now.millis(), MINUTE) + MINUTE);
    let since = Wall::from_millis(until.millis() - i64::try_from(minutes).unwrap_or(60) * MINUTE);
    let rollups = edge.gateway.logs().rollups(Grain::Minute, since, until).await?;
    ok(&json!({
        "since": since.rfc3339(),
        "until": until.rfc3339(),
        "totals": figures(&sum(rollups.iter())),
        "providers": shares(&rollups, "provider", |rollup| rollup.provider.as_ref().map(|name| name.as_str())),
        "models": shares(&rollups, "model", |rollup| rollup.model.as_ref().map(|name| name.as_str())),
        "virtual_keys": shares(&rollups, "virtual_key", |rollup| rollup.virtual_key.as_ref().map(|id| id.as_str())),
        "series": series(&rollups, since, until, MINUTE),
        "bucket_size_seconds": 60,
        "dropped_rows": edge.gateway.dropped_rows(),
    }))
}

/// `GET /api/logs/histogram?start_time&end_time`: the last day unless said otherwise.
pub(super) async fn histogram(edge: Arc<Edge>, call: Call) -> Outcome {
    call.query.only(&["start_time", "end_time"])?;
    let now = edge.now().wall;
    let until = call.query.moment("end_time")?.unwrap_or(now);
    let since = call
        .query
        .moment("start_time")?
        .unwrap_or_else(|| Wall::from_millis(until.millis() - 24 * HOUR));
    if since >= until {
        return Err(ApiError::invalid(
            "query parameter `start_time` must be before `end_time`",
        ));
    }
    let by_minute = now.millis() - since.millis() < MINUTES_KEPT;
    let slot = slot(
        until.millis().saturating_sub(since.millis()),
        if by_minute { MINUTE } else { HOUR },
    );
    let since = Wall::from_millis(floor(since.millis(), slot));
    let grain = if slot < HOUR { Grain::Minute } else { Grain::Hour };
    let rollups = edge.gateway.logs().rollups(grain, since, until).await?;
    ok(&json!({ "buckets": series(&rollups, since, until, slot), "bucket_size_seconds": slot / 1000 }))
}

/// `GET /api/logs/filterdata`: what there is to filter by.
pub(super) async fn filters(edge: Arc<Edge>, _: Call) -> Outcome {
    let now = edge.now().wall;
    let since = Wall::from_millis(now.millis() - Duration::from_secs(FILTER_DAYS * 86_400).as_millis() as i64);
    let rollups = edge
        .gateway
        .logs()
        .rollups(Grain::Hour, since, now.plus(Duration::from_secs(1)))
        .await?;
    let names = |of: fn(&Rollup) -> Option<&str>| -> Vec<&str> {
        let set: std::collections::BTreeSet<&str> = rollups.iter().filter_map(of).collect();
        set.into_iter().collect()
    };
    let virtual_keys = names(|rollup| rollup.virtual_key.as_ref().map(|id| id.as_str()));
    ok(&json!({
        "providers": names(|rollup| rollup.provider.as_ref().map(|name| name.as_str())),
        "models": names(|rollup| rollup.model.as_ref().map(|name| name.as_str())),
        "virtual_keys": virtual_keys.iter().map(|id| json!({ "id": id, "name": id })).collect::<Vec<_>>(),
        "selected_keys": edge.gateway.control().all_keys(),
        "objects": OBJECTS.map(|(word, _)| word),
        "status": ["success", "error", "cancelled"],
    }))
}

fn sum<'a>(rollups: impl Iterator<Item = &'a Rollup>) -> Totals {
    rollups.fold(Totals::default(), |mut all, rollup| {
        add(&mut all, &rollup.totals);
        all
    })
}

fn add(all: &mut Totals, one: &Totals) {
    all.requests += one.requests;
    all.successes += one.successes;
    all.latency_us = all.latency_us.saturating_add(one.latency_us);
    all.input_tokens = all.input_tokens.saturating_add(one.input_tokens);
    all.output_tokens = all.output_tokens.saturating_add(one.output_tokens);
    all.cost += one.cost;
}

/// Figures per value of one column, the busiest first; null where nobody was reached or nobody said who they are.
fn shares(rollups: &[Rollup], column: &str, of: impl Fn(&Rollup) -> Option<&str>) -> Vec<Value> {
    let mut by: BTreeMap<Option<&str>, Totals> = BTreeMap::new();
    for rollup in rollups {
        add(by.entry(of(rollup)).or_default(), &rollup.totals);
    }
    let mut shares: Vec<(Option<&str>, Totals)> = by.into_iter().collect();
    shares.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.requests));
    shares
        .into_iter()
        .map(|(name, totals)| {
            let mut shown = figures(&totals);
            shown[column] = json!(name);
            shown
        })
        .collect()
}

/// One entry per slot, empty slots included.
fn series(rollups: &[Rollup], since: Wall, until: Wall, slot: i64) -> Vec<Value> {
    let mut slots: BTreeMap<i64, Totals> = BTreeMap::new();
    let mut at = floor(since.millis(), slot);
    while at < until.millis() {
        slots.insert(at, Totals::default());
        at += slot;
    }
    for rollup in rollups {
        if let Some(totals) = slots.get_mut(&floor(rollup.at.millis(), slot)) {
            add(totals, &rollup.totals);
        }
    }
    let shown = |(at, totals): (i64, Totals)| {
        let mut shown = figures(&totals);
        shown["timestamp"] = json!(Wall::from_millis(at).rfc3339());
        shown["count"] = json!(totals.requests);
        shown["success"] = json!(totals.successes);
        shown["error"] = json!(totals.requests.saturating_sub(totals.successes));
        shown
    };
    slots.into_iter().map(shown).collect()
}

/// The shortest slot of at least `least` that needs at most [`MOST_SLOTS`]; where there is none, one that does.
fn slot(length: i64, least: i64) -> i64 {
    let fitting = SLOTS
        .into_iter()
        .find(|slot| *slot >= least && length / slot <= MOST_SLOTS);
    fitting.unwrap_or_else(|| floor(length / MOST_SLOTS, HOUR) + HOUR)
}

fn floor(millis: i64, slot: i64) -> i64 {
    millis.div_euclid(slot) * slot
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollup(minute: i64, provider: Option<&str>, requests: u64) -> Rollup {
        Rollup {
            at: Wall::from_millis(minute * MINUTE),
            provider: provider.map(Into::into),
            model: None,
            virtual_key: None,
            totals: Totals {
                requests,
                successes: requests,
                ..Totals::default()
            },
        }
    }

    #[test]
    fn a_series_has_every_slot_and_the_sums_of_its_rollups() {
        let rollups = [rollup(1, Some("a"), 2), rollup(1, Some("b"), 3), rollup(3, None, 1)];
        let series = series(&rollups, Wall::from_millis(0), Wall::from_millis(4 * MINUTE), MINUTE);
        let counts: Vec<u64> = series.iter().filter_map(|slot| slot["count"].as_u64()).collect();
        assert_eq!(counts, [0, 5, 0, 1]);
    }

    #[test]
    fn shares_are_the_busiest_first() {
        let rollups = [rollup(1, Some("a"), 2), rollup(2, Some("b"), 3), rollup(3, None, 1)];
        let shares = shares(&rollups, "provider", |rollup| {
            rollup.provider.as_ref().map(|name| name.as_str())
        });
        let names: Vec<&Value> = shares.iter().map(|share| &share["provider"]).collect();
        assert_eq!(names, [&json!("b"), &json!("a"), &Value::Null]);
    }

    #[test]
    fn slots_are_few_enough_for_any_length() {
        for length in [
            1,
            HOUR,
            24 * HOUR,
            40 * 24 * HOUR,
            365 * 24 * HOUR,
            10_000 * 24 * HOUR,
            i64::MAX / 4,
        ] {
            for least in [MINUTE, HOUR] {
                let slot = slot(length, least);
                assert!(slot >= least && length / slot <= MOST_SLOTS + 1, "{length} {slot}");
            }
        }
        assert_eq!(slot(HOUR, MINUTE), MINUTE);
    }
}
