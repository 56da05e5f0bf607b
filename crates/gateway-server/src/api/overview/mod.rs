//! Figures over time, from what was counted as rows were written: what the dashboard draws. Rows are never gone through
//! for it, so that what it takes does not grow with them.

mod figures;
mod filterdata;
mod histograms;
mod range;
mod rankings;
mod saved;
mod shares;

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::ports::logs::{self, Dimension, Hosting, Rank, Slot};
use gateway_types::Wall;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Call, Doc, Outcome, Route, route, typed};
use crate::respond::ApiError;
use crate::state::Edge;
use figures::{Figures, quantile};
use range::{PARAMETERS, Range, RangeQuery};
use saved::Saved;
use shares::Lists;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/overview", Viewer, later show, Doc::of("Tells how the gateway is used: totals, shares and a series over time")
        .details("One kind of filter at a time. With one, lists by anything else are empty, but for models of providers \
                  and providers of models.")
        .query::<OverviewQuery>()
        .gives::<Overview>()),
    route!(GET "/api/logs/filterdata", Viewer, later filterdata::show, Doc::of("Lists what logs can be filtered by")
        .gives::<filterdata::FilterData>()),
    route!(GET "/api/logs/rankings", Viewer, later rankings::show, Doc::of("Ranks models, with how they changed")
        .query::<rankings::RankingsQuery>()
        .gives::<rankings::Rankings>()),
    route!(GET "/api/logs/histogram", Viewer, later histograms::requests, Doc::of("Counts requests over time")
        .query::<RangeQuery>()
        .gives::<histograms::Histogram<histograms::Requests>>()),
    route!(GET "/api/logs/histogram/tokens", Viewer, later histograms::tokens, Doc::of("Counts tokens over time")
        .query::<RangeQuery>()
        .gives::<histograms::Histogram<histograms::Tokens>>()),
    route!(GET "/api/logs/histogram/cost", Viewer, later histograms::cost, Doc::of("Sums costs over time, by model where nothing is filtered by")
        .query::<RangeQuery>()
        .gives::<histograms::Histogram<histograms::Cost>>()),
    route!(GET "/api/logs/histogram/models", Viewer, later histograms::models, Doc::of("Counts requests over time by model")
        .query::<histograms::TimeQuery>()
        .gives::<histograms::Histogram<histograms::ByModel>>()),
    route!(GET "/api/logs/histogram/latency", Viewer, later histograms::latency, Doc::of("Tells latencies over time")
        .query::<RangeQuery>()
        .gives::<histograms::Histogram<histograms::Latency>>()),
    route!(GET "/api/logs/histogram/cost/by-provider", Viewer, later histograms::cost_by_provider, Doc::of("Sums costs over time by provider")
        .query::<histograms::TimeQuery>()
        .gives::<histograms::Histogram<histograms::ByProvider<histograms::Dollars>>>()),
    route!(GET "/api/logs/histogram/tokens/by-provider", Viewer, later histograms::tokens_by_provider, Doc::of("Counts tokens over time by provider")
        .query::<histograms::TimeQuery>()
        .gives::<histograms::Histogram<histograms::ByProvider<histograms::Tokens>>>()),
    route!(GET "/api/logs/histogram/latency/by-provider", Viewer, later histograms::latency_by_provider, Doc::of("Tells latencies over time by provider")
        .query::<histograms::TimeQuery>()
        .gives::<histograms::Histogram<histograms::ByProvider<histograms::Latency>>>()),
];

/// How long an overview looks back unless told otherwise.
const MINUTES: usize = 60;

/// Which requests an overview is of, and how it is sorted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct OverviewQuery {
    #[schemars(flatten)]
    range: RangeQuery,
    /// What lists are sorted by: `requests` (unless given), `tokens` or `cost`.
    sort_by: Option<String>,
    /// The model, as `provider/model`, at whose price saved costs are reckoned.
    saved_against: Option<String>,
}

/// How the gateway is used.
#[derive(Serialize, JsonSchema)]
struct Overview {
    /// When it begins (RFC 3339): at the beginning of a slot.
    since: String,
    /// When it ends: at the end of the slot that has begun.
    until: String,
    /// How long slots are. There are 30 to 180, fewer for less than half an hour and for short times more than two days ago.
    bucket_size_seconds: u64,
    /// All of it together.
    totals: Figures,
    /// The same of the time before, as long as this one has been so far.
    previous: Figures,
    /// By time, slots without any request included.
    series: Vec<SeriesSlot>,
    #[serde(flatten)]
    lists: Lists,
    /// Self-hosted models and those of vendors side by side, as far as there are any; empty with a filter.
    hosting: Vec<HostingShare>,
    /// What self-hosted models saved; null where they answered nothing, or there is no price to compare with.
    saved: Option<Saved>,
    /// Log rows that could not be kept since the process began, and are in no figure.
    dropped_rows: u64,
}

/// A slot of time.
#[derive(Serialize, JsonSchema)]
struct SeriesSlot {
    /// When it begins (RFC 3339).
    timestamp: String,
    /// How many requests there were.
    count: u64,
    /// How many succeeded.
    success: u64,
    /// How many did not.
    error: u64,
    #[serde(flatten)]
    figures: Figures,
}

/// Where models run, and what is answered from there.
#[derive(Serialize, JsonSchema)]
struct HostingShare {
    /// `self_hosted` or `cloud`.
    hosting: Hosting,
    #[serde(flatten)]
    figures: Figures,
    /// By time, slots without any request included.
    series: Vec<HostingSlot>,
}

/// A slot of time, by where models run.
#[derive(Serialize, JsonSchema)]
struct HostingSlot {
    /// When it begins (RFC 3339).
    timestamp: String,
    /// How many requests there were.
    count: u64,
    /// Tokens in and out.
    total_tokens: u64,
    /// What half of them stayed under, in milliseconds.
    p50_latency: Option<f64>,
    /// What 95 of a hundred stayed under, in milliseconds.
    p95_latency: Option<f64>,
    /// What they cost, in dollars.
    total_cost: f64,
}

/// `GET /api/overview`.
async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    call.query
        .only(&[&PARAMETERS[..], &["sort_by", "saved_against"]].concat())?;
    let range = Range::read(&call.query, edge.now().wall, MINUTES)?;
    let by = call.query.word("sort_by", &RANKS, Rank::Requests)?;
    let against = saved::against(&call.query)?;
    let store = edge.gateway.logs();
    let (chosen, hosting) = (range.chosen(), range.by(Dimension::Hosting));
    let previous = range.before(range.chosen());
    let (slots, previous, lists, hosting) = tokio::try_join!(
        async { Ok::<_, ApiError>(store.series(&chosen, range.slot_ms).await?) },
        async { Ok(store.shares(&previous, Rank::Requests, usize::MAX).await?) },
        shares::lists(&edge, &range, by),
        async {
            match &range.filter {
                None => Ok(store.series(&hosting, range.slot_ms).await?),
                Some(_) => Ok(Vec::new()),
            }
        },
    )?;
    let (lists, pairs) = lists;
    let own = hosting.iter().filter(|slot| slot.value == Hosting::SelfHosted.as_str());
    let saved = saved::reckon(edge.gateway.control(), &sum(own), against, &pairs);
    typed(&Overview {
        since: Wall::from_millis(range.since).rfc3339(),
        until: Wall::from_millis(range.until).rfc3339(),
        bucket_size_seconds: range.bucket_size_seconds(),
        totals: Figures::from(&sum(&slots)),
        previous: Figures::from(&previous.sum()),
        series: by_time(&range, &slots).map(series_slot).collect(),
        lists,
        hosting: Hosting::ALL
            .into_iter()
            .filter_map(|one| hosting_share(one, &range, &hosting))
            .collect(),
        saved,
        dropped_rows: edge.gateway.dropped_rows(),
    })
}

const RANKS: [(&str, Rank); 3] = [
    ("requests", Rank::Requests),
    ("tokens", Rank::Tokens),
    ("cost", Rank::Cost),
];

fn series_slot((at, figures): (i64, logs::Figures)) -> SeriesSlot {
    SeriesSlot {
        timestamp: Wall::from_millis(at).rfc3339(),
        count: figures.requests(),
        success: figures.successes,
        error: figures.requests().saturating_sub(figures.successes),
        figures: Figures::from(&figures),
    }
}

fn hosting_share(hosting: Hosting, range: &Range, slots: &[Slot]) -> Option<HostingShare> {
    let own: Vec<&Slot> = slots.iter().filter(|slot| slot.value == hosting.as_str()).collect();
    let series = by_time(range, own.iter().copied()).map(|(at, figures)| HostingSlot {
        timestamp: Wall::from_millis(at).rfc3339(),
        count: figures.requests(),
        total_tokens: figures.tokens(),
        p50_latency: quantile(&figures.latency, 0.5),
        p95_latency: quantile(&figures.latency, 0.95),
        total_cost: figures.cost.dollars(),
    });
    (!own.is_empty()).then(|| HostingShare {
        hosting,
        figures: Figures::from(&sum(own.iter().copied())),
        series: series.collect(),
    })
}

fn sum<'a>(slots: impl IntoIterator<Item = &'a Slot>) -> logs::Figures {
    slots.into_iter().fold(logs::Figures::default(), |mut sum, slot| {
        sum.add(&slot.figures);
        sum
    })
}

/// Figures of every slot of the range, whatever their values.
fn by_time<'a>(range: &Range, slots: impl IntoIterator<Item = &'a Slot>) -> impl Iterator<Item = (i64, logs::Figures)> {
    let mut all: BTreeMap<i64, logs::Figures> = range.slots().map(|at| (at, logs::Figures::default())).collect();
    for slot in slots {
        if let Some(figures) = all.get_mut(&slot.at.millis()) {
            figures.add(&slot.figures);
        }
    }
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_every_slot_and_the_sums_of_its_values() {
        let query = crate::api::query::Query::parse("minutes=4").unwrap();
        let now = Wall::from_millis(10 * range::MINUTE);
        let range = Range::read(&query, now, MINUTES).unwrap();
        let slot = |minute: i64, value: &str, successes| Slot {
            at: Wall::from_millis(minute * range::MINUTE),
            value: value.to_owned(),
            figures: logs::Figures {
                successes,
                ..logs::Figures::default()
            },
        };
        let slots = [slot(8, "a", 2), slot(8, "b", 3), slot(10, "", 1)];
        let series: Vec<SeriesSlot> = by_time(&range, &slots).map(series_slot).collect();
        let counts: Vec<u64> = series.iter().map(|slot| slot.count).collect();
        assert_eq!(counts, [0, 5, 0, 1]);
        assert_eq!(series[3].timestamp, "1970-01-01T00:10:00.000Z");
    }
}
