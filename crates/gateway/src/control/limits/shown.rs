//! Budgets and rate limits as answers show them: with what is used and held of them, and when all of it is back.

use gateway_governance::directory::{Allowance, Limited};
use gateway_governance::quota::{Cut, Owner, QuotaUsage};
use gateway_governance::settings::{Budget, RateLimit};
use gateway_types::{NanoUsd, QuotaId, Span, Wall};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::Shared;
use super::rate_limit_id;

/// The budgets and the rate limit of an owner.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Limits")]
pub struct ShownLimits {
    /// The first of the budgets.
    pub budget: Option<ShownBudget>,
    /// What may be spent.
    pub budgets: Vec<ShownBudget>,
    /// How often may be called, and for how many tokens.
    pub rate_limit: Option<ShownRateLimit>,
    /// Whether every budget is aligned to the calendar.
    pub calendar_aligned: bool,
}

/// A budget with its use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Budget")]
pub struct ShownBudget {
    /// Its id in paths.
    pub id: QuotaId,
    /// Dollars. 0 means only what costs nothing.
    pub max_limit: f64,
    /// How long a window lasts.
    pub reset_duration: Span,
    /// Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use.
    pub calendar_aligned: bool,
    /// Dollars that were spent in this window.
    pub current_usage: f64,
    /// Dollars that calls under way hold.
    pub held: f64,
    /// When the window began, in RFC 3339. None: nothing was spent yet.
    pub last_reset: Option<String>,
    /// When it ends. None: it begins with the next use.
    pub resets_at: Option<String>,
}

/// A rate limit with its use. What is not limited is not there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RateLimit")]
pub struct ShownRateLimit {
    /// Its id in paths.
    pub id: String,
    /// Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use.
    pub calendar_aligned: bool,
    #[serde(flatten)]
    requests: Option<Requests>,
    #[serde(flatten)]
    tokens: Option<Tokens>,
    #[serde(flatten)]
    in_flight: Option<InFlight>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Requests {
    /// Requests per window.
    request_max_limit: u64,
    /// How long the requests' window lasts.
    request_reset_duration: Option<Span>,
    /// How many requests may come at once; the others of a window are spread evenly over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_burst: Option<u64>,
    /// Requests in this window.
    request_current_usage: i64,
    /// When the requests' window began, in RFC 3339.
    request_last_reset: Option<String>,
    /// When it ends.
    request_resets_at: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Tokens {
    /// Tokens per window.
    token_max_limit: u64,
    /// How long the tokens' window lasts.
    token_reset_duration: Option<Span>,
    /// How many tokens may be taken at once; the others of a window are spread evenly over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_burst: Option<u64>,
    /// Tokens that were used in this window.
    token_current_usage: i64,
    /// Tokens that calls under way hold.
    token_held: i64,
    /// When the tokens' window began, in RFC 3339.
    token_last_reset: Option<String>,
    /// When it ends.
    token_resets_at: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct InFlight {
    /// Requests at the same time.
    max_in_flight: u64,
    /// Requests under way.
    current_in_flight: i64,
}

/// What is used of a quota now, and its window.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Use {
    pub(in super::super) used: i64,
    pub(in super::super) held: i64,
    pub(in super::super) started: Option<Wall>,
    pub(in super::super) ends: Option<Wall>,
}

impl Shared {
    /// An owner's budgets and rate limit with their use.
    pub(in super::super) fn shown_limits(&self, allowance: &Allowance<'_>) -> ShownLimits {
        let Allowance { owner, budgets, .. } = allowance;
        let all = budgets.iter().enumerate();
        let all: Vec<_> = all
            .map(|(place, budget)| self.shown_budget(owner, place, budget))
            .collect();
        ShownLimits {
            budget: all.first().cloned(),
            budgets: all,
            rate_limit: allowance.rate_limit.map(|limit| self.shown_rate_limit(owner, limit)),
            calendar_aligned: !budgets.is_empty() && budgets.iter().all(|budget| budget.calendar_aligned),
        }
    }

    /// The same for whoever has one allowance.
    pub(in super::super) fn limits_of(&self, owner: &impl Limited) -> ShownLimits {
        let own = owner.allowances().into_iter().next();
        own.map(|own| self.shown_limits(&own)).unwrap_or_default()
    }

    /// A budget with its use.
    pub(in super::super) fn shown_budget(&self, owner: &Owner, place: usize, budget: &Budget) -> ShownBudget {
        let id = owner.budget(place, budget.id.as_deref());
        let used = self.used(&id, Some(&budget.reset_duration), budget.calendar_aligned);
        ShownBudget {
            id,
            max_limit: budget.max_limit,
            reset_duration: budget.reset_duration.clone(),
            calendar_aligned: budget.calendar_aligned,
            current_usage: NanoUsd(used.used).dollars(),
            held: NanoUsd(used.held).dollars(),
            last_reset: used.started.map(Wall::rfc3339),
            resets_at: used.ends.map(Wall::rfc3339),
        }
    }

    /// A rate limit with its use.
    pub(in super::super) fn shown_rate_limit(&self, owner: &Owner, limit: &RateLimit) -> ShownRateLimit {
        let used = |quota: QuotaId, span: Option<&Span>| self.used(&quota, span, limit.calendar_aligned);
        let requests = limit.request_max_limit.map(|most| {
            let used = used(owner.requests(), limit.request_reset_duration.as_ref());
            Requests {
                request_max_limit: most,
                request_reset_duration: limit.request_reset_duration.clone(),
                request_burst: limit.request_burst,
                request_current_usage: used.used,
                request_last_reset: used.started.map(Wall::rfc3339),
                request_resets_at: used.ends.map(Wall::rfc3339),
            }
        });
        let tokens = limit.token_max_limit.map(|most| {
            let used = used(owner.tokens(), limit.token_reset_duration.as_ref());
            Tokens {
                token_max_limit: most,
                token_reset_duration: limit.token_reset_duration.clone(),
                token_burst: limit.token_burst,
                token_current_usage: used.used,
                token_held: used.held,
                token_last_reset: used.started.map(Wall::rfc3339),
                token_resets_at: used.ends.map(Wall::rfc3339),
            }
        });
        let in_flight = limit.max_in_flight.map(|most| InFlight {
            max_in_flight: most,
            current_in_flight: used(owner.in_flight(), None).held,
        });
        ShownRateLimit {
            id: rate_limit_id(owner),
            calendar_aligned: limit.calendar_aligned,
            requests,
            tokens,
            in_flight,
        }
    }

    /// What is used of a quota. A window that follows the calendar ends when it ends, used or not.
    pub(in super::super) fn used(&self, quota: &QuotaId, span: Option<&Span>, aligned: bool) -> Use {
        let calendar = || {
            let cut = span.filter(|_| aligned).map(|span| Cut::new(span, true))?.ok()?;
            Some(cut.window(self.clock.now().wall).1)
        };
        match self.governor.usage(quota) {
            None => Use {
                ends: calendar(),
                ..Use::default()
            },
            Some(QuotaUsage {
                used,
                held,
                started,
                ends,
                ..
            }) => Use {
                used,
                held,
                started,
                ends: ends.or_else(calendar),
            },
        }
    }
}
