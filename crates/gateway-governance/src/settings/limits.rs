//! Budgets and rate limits, whoever's they are.

use gateway_types::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sum of money over a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// What it is called among its owner's budgets. Its usage goes by this, so that it stays when other budgets come and go.
    /// Unset: its place among them, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Dollars. 0 means only what costs nothing.
    pub max_limit: f64,
    /// How long a window lasts.
    pub reset_duration: Span,
    /// Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_aligned: bool,
}

/// Requests and tokens over windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests per window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_max_limit: Option<u64>,
    /// How long the requests' window lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_reset_duration: Option<Span>,
    /// Tokens per window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_max_limit: Option<u64>,
    /// How long the tokens' window lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_reset_duration: Option<Span>,
    /// How many requests may come at once; the others of a window are spread evenly over it. Unset: all at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_burst: Option<u64>,
    /// How many tokens may be taken at once; the others of a window are spread evenly over it. Unset: all at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_burst: Option<u64>,
    /// Whether windows begin with the UTC day, week, month, quarter or year instead of with their first use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_aligned: bool,
    /// Requests at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<u64>,
}
