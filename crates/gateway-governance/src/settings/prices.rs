//! Prices by setting: in place of the catalogue's, and where nothing is known.

use gateway_types::ProviderName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A price in place of the catalogue's, or of a model that the catalogue lacks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PricingOverride {
    /// Its id in paths and ledger entries.
    pub id: String,
    /// The provider it holds at. Unset: at every provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// The models it is for.
    pub model_pattern: String,
    /// How the pattern is read.
    #[serde(default)]
    pub match_type: Match,
    /// From when on it holds, as RFC 3339. Unset: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<String>,
    /// Until when it holds, as RFC 3339. Unset: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<String>,
    /// The prices.
    #[serde(flatten)]
    pub prices: TokenPrices,
}

/// How a pattern of models is read. An exact name wins over a wildcard, a wildcard over a regular expression, and what is
/// said of a provider over what is said of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The model's name.
    #[default]
    Exact,
    /// `*` stands for anything.
    Wildcard,
    /// A regular expression that the whole name must fit.
    Regex,
}

/// Prices in dollars per token, in the reference's words; per million tokens they are unwieldy, but this is how its users
/// have them. What is not said costs what the class it belongs to costs: a cached token as an input token, a reasoning
/// token as an output token.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenPrices {
    /// Per token of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_cost_per_token: Option<f64>,
    /// Per token of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_cost_per_token: Option<f64>,
}

/// What a call costs whose model has no price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPrice {
    /// Nothing, and it is marked as unpriced; under a money budget it is refused.
    #[default]
    RefuseUnderBudget,
    /// Nothing, and it is marked as unpriced, budget or not.
    Free,
    /// It is refused, budget or not.
    Refuse,
    /// This.
    Charge(TokenPrices),
}
