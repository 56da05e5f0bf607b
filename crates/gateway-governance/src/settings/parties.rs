//! Who and what has budgets and limits besides virtual keys: customers, teams, models, providers.

use gateway_types::{CustomerId, ProviderName, TeamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Budget, RateLimit};

/// A customer: what its teams and virtual keys may spend together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerSettings {
    /// Its id in paths and logs.
    pub id: CustomerId,
    /// A name to show.
    pub name: String,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often may be called, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// A team: what its virtual keys may spend together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamSettings {
    /// Its id in paths and logs.
    pub id: TeamId,
    /// A name to show.
    pub name: String,
    /// The customer that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often may be called, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// What may be spent on a model, whoever calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Its id in paths.
    pub id: String,
    /// The model that is served, `*` being a wildcard. Every config that fits holds, not only the closest.
    pub model_name: String,
    /// The provider that serves it. Unset: any, and all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often may be called, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// What a virtual key may spend on a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelLimit {
    /// The model that is served, `*` being a wildcard. Every limit that fits holds, not only the closest.
    pub model_name: String,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often may be called, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// What may be spent at a provider, whoever calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderLimits {
    /// The provider.
    pub name: ProviderName,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often may be called, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}
