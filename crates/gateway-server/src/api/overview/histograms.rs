//! `/api/logs/histogram…`: one figure over time, in slots.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::ports::logs::{self, Dimension, Rank, Slice, Slot};
use gateway_types::Wall;
use schemars::JsonSchema;
use serde::Serialize;

use super::by_time;
use super::figures::{Figures, quantile};
use super::range::{PARAMETERS, Range};
use crate::api::{Call, Outcome, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// How long they look back unless told otherwise: a day.
pub(super) const MINUTES: usize = 1440;
/// The most models that a histogram tells apart.
const MODELS: usize = 20;

/// Which time is looked at.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct TimeQuery {
    /// So many minutes up to now; 1440 unless a time is given.
    #[schemars(range(min = 1, max = 129_600))]
    minutes: Option<u32>,
    /// From then on (RFC 3339). Not with `minutes`.
    start_time: Option<String>,
    /// Until then (RFC 3339); now unless given. Not with `minutes`.
    end_time: Option<String>,
}

/// The parameters of [`TimeQuery`].
pub(super) const TIME: [&str; 3] = ["minutes", "start_time", "end_time"];

/// Figures over time, slots without any request included.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Histogram")]
pub(super) struct Histogram<T> {
    /// By time.
    buckets: Vec<Bucket<T>>,
    /// How long slots are.
    bucket_size_seconds: u64,
    /// The models that are told apart: at most the 20 busiest. Only where models are.
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<Vec<String>>,
    /// The providers that are told apart. Only where providers are.
    #[serde(skip_serializing_if = "Option::is_none")]
    providers: Option<Vec<String>>,
}

/// A slot of time.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Bucket")]
struct Bucket<T> {
    /// When it begins (RFC 3339).
    timestamp: String,
    #[serde(flatten)]
    figures: T,
}

/// Requests, and all other figures.
#[derive(Serialize, JsonSchema)]
pub(super) struct Requests {
    /// How many there were.
    count: u64,
    /// How many succeeded.
    success: u64,
    /// How many did not.
    error: u64,
    #[serde(flatten)]
    figures: Figures,
}

/// Tokens.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tokens {
    /// Tokens in, cached ones included.
    prompt_tokens: u64,
    /// Tokens out, reasoning included.
    completion_tokens: u64,
    /// Both.
    total_tokens: u64,
    /// Of the tokens in, those out of a cache.
    cached_read_tokens: u64,
    /// Of the tokens out, those of reasoning.
    reasoning_tokens: u64,
}

/// Cost in dollars.
#[derive(Serialize, JsonSchema)]
pub(super) struct Cost {
    /// Of all.
    total_cost: f64,
    /// By model, where nothing is filtered by.
    by_model: BTreeMap<String, f64>,
}

/// An amount of dollars.
#[derive(Serialize, JsonSchema)]
pub(super) struct Dollars(f64);

/// Requests by model.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Models")]
pub(super) struct ByModel {
    /// Those that answered anything in the slot.
    by_model: BTreeMap<String, Counts>,
}

/// How many, and how they ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RequestCounts")]
struct Counts {
    /// All.
    total: u64,
    /// Those that succeeded.
    success: u64,
    /// Those that did not.
    error: u64,
}

/// Latencies in milliseconds; null where there was no request.
#[derive(Serialize, JsonSchema)]
pub(super) struct Latency {
    /// The mean.
    avg_latency: Option<f64>,
    /// What half of them stayed under.
    p50_latency: Option<f64>,
    /// What 90 of a hundred stayed under.
    p90_latency: Option<f64>,
    /// What 95 of a hundred stayed under.
    p95_latency: Option<f64>,
    /// What 99 of a hundred stayed under.
    p99_latency: Option<f64>,
    /// How many requests there were.
    total_requests: u64,
}

/// A figure by provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}ByProvider")]
pub(super) struct ByProvider<T> {
    /// Those that answered anything in the slot.
    by_provider: BTreeMap<String, T>,
}

pub(super) async fn requests(edge: Arc<Edge>, call: Call) -> Outcome {
    plain(&edge, &call, |figures| Requests {
        count: figures.requests(),
        success: figures.successes,
        error: figures.requests().saturating_sub(figures.successes),
        figures: Figures::from(figures),
    })
    .await
}

pub(super) async fn tokens(edge: Arc<Edge>, call: Call) -> Outcome {
    plain(&edge, &call, Tokens::of).await
}

pub(super) async fn latency(edge: Arc<Edge>, call: Call) -> Outcome {
    plain(&edge, &call, Latency::of).await
}

pub(super) async fn cost(edge: Arc<Edge>, call: Call) -> Outcome {
    let range = read(&edge, &call, &PARAMETERS)?;
    let slots = edge.gateway.logs().series(&range.chosen(), range.slot_ms).await?;
    let (models, by_model) = match range.filter {
        None => busiest_models(&edge, &range).await?,
        Some(_) => Default::default(),
    };
    let buckets = by_time(&range, &slots).map(|(at, figures)| {
        let of_slot = by_model.iter().filter(|slot| slot.at.millis() == at);
        bucket(
            at,
            Cost {
                total_cost: figures.cost.dollars(),
                by_model: of_slot
                    .map(|slot| (slot.value.clone(), slot.figures.cost.dollars()))
                    .collect(),
            },
        )
    });
    typed(&Histogram {
        buckets: buckets.collect(),
        bucket_size_seconds: range.bucket_size_seconds(),
        models: Some(models),
        providers: None,
    })
}

pub(super) async fn models(edge: Arc<Edge>, call: Call) -> Outcome {
    let range = read(&edge, &call, &TIME)?;
    let (models, slots) = busiest_models(&edge, &range).await?;
    let counts = |figures: &logs::Figures| Counts {
        total: figures.requests(),
        success: figures.successes,
        error: figures.requests().saturating_sub(figures.successes),
    };
    let buckets = apart(&range, &slots, counts).map(|(at, by_model)| bucket(at, ByModel { by_model }));
    typed(&Histogram {
        buckets: buckets.collect(),
        bucket_size_seconds: range.bucket_size_seconds(),
        models: Some(models),
        providers: None,
    })
}

pub(super) async fn cost_by_provider(edge: Arc<Edge>, call: Call) -> Outcome {
    by_provider(&edge, &call, |figures| Dollars(figures.cost.dollars())).await
}

pub(super) async fn tokens_by_provider(edge: Arc<Edge>, call: Call) -> Outcome {
    by_provider(&edge, &call, Tokens::of).await
}

pub(super) async fn latency_by_provider(edge: Arc<Edge>, call: Call) -> Outcome {
    by_provider(&edge, &call, Latency::of).await
}

fn read(edge: &Edge, call: &Call, known: &[&str]) -> Result<Range, ApiError> {
    call.query.only(known)?;
    Range::read(&call.query, edge.now().wall, MINUTES)
}

/// A figure of all that is chosen.
async fn plain<T: Serialize>(edge: &Edge, call: &Call, show: impl Fn(&logs::Figures) -> T) -> Outcome {
    let range = read(edge, call, &PARAMETERS)?;
    let slots = edge.gateway.logs().series(&range.chosen(), range.slot_ms).await?;
    let buckets = by_time(&range, &slots).map(|(at, figures)| bucket(at, show(&figures)));
    typed(&Histogram {
        buckets: buckets.collect(),
        bucket_size_seconds: range.bucket_size_seconds(),
        models: None,
        providers: None,
    })
}

async fn by_provider<T: Serialize>(edge: &Edge, call: &Call, show: impl Fn(&logs::Figures) -> T) -> Outcome {
    let range = read(edge, call, &TIME)?;
    let slots = edge
        .gateway
        .logs()
        .series(&range.by(Dimension::Provider), range.slot_ms)
        .await?;
    let mut providers: Vec<String> = slots
        .iter()
        .map(|slot| slot.value.clone())
        .filter(|name| !name.is_empty())
        .collect();
    providers.sort_unstable();
    providers.dedup();
    let buckets = apart(&range, &slots, show).map(|(at, by_provider)| bucket(at, ByProvider { by_provider }));
    typed(&Histogram {
        buckets: buckets.collect(),
        bucket_size_seconds: range.bucket_size_seconds(),
        models: None,
        providers: Some(providers),
    })
}

/// The busiest models, and their slots.
async fn busiest_models(edge: &Edge, range: &Range) -> Result<(Vec<String>, Vec<Slot>), ApiError> {
    let of = range.by(Dimension::Model);
    let store = edge.gateway.logs();
    let first = store.shares(&of, Rank::Requests, MODELS).await?.first.into_iter();
    let models: Vec<String> = first
        .map(|(model, _)| model)
        .filter(|model| !model.is_empty())
        .collect();
    if models.is_empty() {
        return Ok(Default::default());
    }
    let of = Slice {
        values: models.clone(),
        ..of
    };
    Ok((models, store.series(&of, range.slot_ms).await?))
}

/// A figure of every value in every slot.
fn apart<T>(
    range: &Range,
    slots: &[Slot],
    show: impl Fn(&logs::Figures) -> T,
) -> impl Iterator<Item = (i64, BTreeMap<String, T>)> {
    let mut all: BTreeMap<i64, BTreeMap<String, T>> = range.slots().map(|at| (at, BTreeMap::new())).collect();
    for slot in slots.iter().filter(|slot| !slot.value.is_empty()) {
        if let Some(values) = all.get_mut(&slot.at.millis()) {
            values.insert(slot.value.clone(), show(&slot.figures));
        }
    }
    all.into_iter()
}

fn bucket<T>(at: i64, figures: T) -> Bucket<T> {
    Bucket {
        timestamp: Wall::from_millis(at).rfc3339(),
        figures,
    }
}

impl Tokens {
    const fn of(figures: &logs::Figures) -> Self {
        Self {
            prompt_tokens: figures.input_tokens,
            completion_tokens: figures.output_tokens,
            total_tokens: figures.tokens(),
            cached_read_tokens: figures.cached_tokens,
            reasoning_tokens: figures.reasoning_tokens,
        }
    }
}

impl Latency {
    fn of(figures: &logs::Figures) -> Self {
        Self {
            avg_latency: figures.latency.mean().map(|us| us / 1000.0),
            p50_latency: quantile(&figures.latency, 0.5),
            p90_latency: quantile(&figures.latency, 0.9),
            p95_latency: quantile(&figures.latency, 0.95),
            p99_latency: quantile(&figures.latency, 0.99),
            total_requests: figures.requests(),
        }
    }
}
