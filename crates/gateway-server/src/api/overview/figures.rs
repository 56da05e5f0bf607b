//! Figures as the API shows them: success in percent, times in milliseconds, cost in dollars.

use gateway::ports::logs;
use schemars::JsonSchema;
use serde::Serialize;

/// Figures over many requests. Percentiles are told to within a sixteenth.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(in crate::api) struct Figures {
    /// How many there were.
    pub(super) total_requests: u64,
    /// How many succeeded.
    pub(super) successes: u64,
    /// How many failed or were refused.
    pub(super) errors: u64,
    /// How many clients went away first.
    pub(super) cancelled: u64,
    /// How many of a hundred succeeded; 0 where there were none.
    pub(super) success_rate: f64,
    /// How long they took on average, in milliseconds; 0 where there were none.
    pub(super) average_latency: f64,
    /// What half of them stayed under, in milliseconds.
    pub(super) p50_latency: Option<f64>,
    /// What 95 of a hundred stayed under, in milliseconds.
    pub(super) p95_latency: Option<f64>,
    /// What 99 of a hundred stayed under, in milliseconds.
    pub(super) p99_latency: Option<f64>,
    /// How long until the first content, for half of those where it was measured, in milliseconds.
    pub(super) p50_ttft: Option<f64>,
    /// The same for 95 of a hundred.
    pub(super) p95_ttft: Option<f64>,
    /// Tokens in and out.
    pub(super) total_tokens: u64,
    /// Tokens in, cached ones included.
    pub(super) input_tokens: u64,
    /// Tokens out, reasoning included.
    pub(super) output_tokens: u64,
    /// Of the tokens in, those out of a cache.
    pub(super) cached_tokens: u64,
    /// Of the tokens out, those of reasoning.
    pub(super) reasoning_tokens: u64,
    /// What they cost, in dollars.
    pub(super) total_cost: f64,
}

impl From<&logs::Figures> for Figures {
    fn from(figures: &logs::Figures) -> Self {
        let requests = figures.requests();
        let percent = if requests == 0 {
            0.0
        } else {
            figures.successes as f64 * 100.0 / requests as f64
        };
        Self {
            total_requests: requests,
            successes: figures.successes,
            errors: figures.errors,
            cancelled: figures.cancelled,
            success_rate: percent,
            average_latency: figures.latency.mean().map_or(0.0, millis),
            p50_latency: quantile(&figures.latency, 0.5),
            p95_latency: quantile(&figures.latency, 0.95),
            p99_latency: quantile(&figures.latency, 0.99),
            p50_ttft: quantile(&figures.ttft, 0.5),
            p95_ttft: quantile(&figures.ttft, 0.95),
            total_tokens: figures.tokens(),
            input_tokens: figures.input_tokens,
            output_tokens: figures.output_tokens,
            cached_tokens: figures.cached_tokens,
            reasoning_tokens: figures.reasoning_tokens,
            total_cost: figures.cost.dollars(),
        }
    }
}

/// A percentile in milliseconds.
pub(super) fn quantile(histogram: &logs::Histogram, share: f64) -> Option<f64> {
    histogram.quantile(share).map(millis)
}

fn millis(us: f64) -> f64 {
    us / 1000.0
}
