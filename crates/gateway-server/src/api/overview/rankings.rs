//! Models by how much they are used, and how that changed.

use std::sync::Arc;

use gateway::ports::logs::{self, Dimension, Rank};
use schemars::JsonSchema;
use serde::Serialize;

use super::figures::Figures;
use super::histograms::TimeQuery;
use super::range::Range;
use super::shares::{pair, shares};
use super::{RANKS, histograms};
use crate::api::{Call, Outcome, typed};
use crate::state::Edge;

/// How many models are ranked.
const MOST: usize = 100;

/// Which time is looked at, and what ranks.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
pub(super) struct RankingsQuery {
    #[schemars(flatten)]
    time: TimeQuery,
    /// What ranks: `requests` (unless given), `tokens` or `cost`.
    sort_by: Option<String>,
}

/// Models that rank first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Rankings {
    /// At most 100.
    rankings: Vec<Ranking>,
}

/// A model of a provider.
#[derive(Serialize, JsonSchema)]
struct Ranking {
    /// The model.
    model: String,
    /// The provider.
    provider: String,
    #[serde(flatten)]
    figures: Figures,
    /// How that changed since the time before, which was as long.
    trend: Trend,
}

/// Changes in percent; null where there is nothing to compare with.
#[derive(Serialize, JsonSchema)]
struct Trend {
    /// Whether the model answered anything in the time before.
    has_previous_period: bool,
    /// Of requests.
    requests_trend: Option<f64>,
    /// Of tokens.
    tokens_trend: Option<f64>,
    /// Of cost.
    cost_trend: Option<f64>,
    /// Of the average latency.
    latency_trend: Option<f64>,
}

/// `GET /api/logs/rankings`.
pub(super) async fn show(edge: Arc<Edge>, call: Call) -> Outcome {
    call.query.only(&[&histograms::TIME[..], &["sort_by"]].concat())?;
    let range = Range::read(&call.query, edge.now().wall, histograms::MINUTES)?;
    let by = call.query.word("sort_by", &RANKS, Rank::Requests)?;
    let of = range.by(Dimension::ModelOfProvider);
    let now = shares(&edge, of.clone(), by, MOST).await?;
    let mut before = range.before(of);
    before.values = now.first.iter().map(|(value, _)| value.clone()).collect();
    let before = match before.values.is_empty() {
        true => logs::Shares::default(),
        false => shares(&edge, before, by, usize::MAX).await?,
    };
    let rankings = now.first.into_iter().filter_map(|(value, figures)| {
        let before = before
            .first
            .iter()
            .find(|(other, _)| *other == value)
            .map(|(_, figures)| figures);
        let trend = Trend::of(&figures, before);
        let pair = pair((value, figures))?;
        Some(Ranking {
            model: pair.model,
            provider: pair.provider,
            figures: Figures::from(&pair.figures),
            trend,
        })
    });
    typed(&Rankings {
        rankings: rankings.collect(),
    })
}

impl Trend {
    fn of(now: &logs::Figures, before: Option<&logs::Figures>) -> Self {
        let change = |of: fn(&logs::Figures) -> f64| {
            let was = of(before?);
            (was > 0.0).then(|| (of(now) - was) * 100.0 / was)
        };
        Self {
            has_previous_period: before.is_some(),
            requests_trend: change(|figures| figures.requests() as f64),
            tokens_trend: change(|figures| figures.tokens() as f64),
            cost_trend: change(|figures| figures.cost.dollars()),
            latency_trend: change(|figures| figures.latency.mean().unwrap_or(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_percent_of_what_was() {
        let figures = |successes, input_tokens| logs::Figures {
            successes,
            input_tokens,
            ..logs::Figures::default()
        };
        let trend = Trend::of(&figures(30, 5), Some(&figures(20, 0)));
        assert_eq!(
            (trend.has_previous_period, trend.requests_trend, trend.tokens_trend),
            (true, Some(50.0), None)
        );
        assert!(!Trend::of(&figures(30, 5), None).has_previous_period);
    }
}
