//! Routing rules: where calls go that fit a condition.

use gateway_types::{KeyId, ModelName, ProviderName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule. Of a scope's rules the first that fits decides, in the order of their priorities; of scopes, the virtual key's
/// comes first, then the team's, the customer's and the global one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingRule {
    /// Its id in paths and logs.
    pub id: String,
    /// A name to show.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether it is in force.
    #[serde(default = "super::yes")]
    pub enabled: bool,
    /// When it fits: a CEL expression that is true or false. Empty: always.
    #[serde(default)]
    pub cel_expression: String,
    /// Where a call then goes: one of these, by weight. The weights sum to 1.
    #[serde(default)]
    pub targets: Vec<RoutingTarget>,
    /// What is tried afterwards, as `provider/model` or as a model, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<ModelName>,
    /// Whose calls it is for.
    #[serde(default)]
    pub scope: RuleScope,
    /// The virtual key, team or customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope_id: Option<String>,
    /// Lower ones are tried first.
    #[serde(default)]
    pub priority: i64,
    /// The conditions as the reference's editor keeps them; not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<serde_json::Value>,
}

/// A place that a rule sends calls to. What is not said stays as it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingTarget {
    /// The provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// The provider's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// Its share.
    #[serde(default = "super::one")]
    pub weight: f64,
}

/// Whose calls a rule is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleScope {
    /// Those of one virtual key.
    VirtualKey,
    /// Those of one team.
    Team,
    /// Those of one customer.
    Customer,
    /// All.
    #[default]
    Global,
}
