//! Routing rules: where calls go that fit a condition.

use gateway_router::rules::Place;
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
    /// A name to show, its own within the scope.
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
    /// What is tried afterwards, in this order, before the request's own fallbacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<RoutingFallback>,
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
    /// Its share; 1 unless said.
    #[serde(default = "super::one")]
    pub weight: f64,
}

/// What is tried when the target has failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RoutingFallback {
    /// `provider/model`, `provider/` for that provider with the model as asked for, or a model, wherever it is served.
    Name(String),
    /// A provider in so many words.
    Place(RoutingPlace),
}

/// A provider to fall back to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingPlace {
    /// The provider.
    pub provider: ProviderName,
    /// The model; as asked for unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// The provider's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
}

impl RoutingTarget {
    /// The place.
    pub(crate) fn place(&self) -> Place {
        Place {
            provider: self.provider.clone(),
            model: self.model.clone(),
            key: self.key_id.clone(),
        }
    }
}

impl RoutingFallback {
    /// The place.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Name(name) => match name.strip_suffix('/') {
                Some(provider) => Place::provider(provider),
                None => Place::model(name.as_str()),
            },
            Self::Place(place) => Place {
                provider: Some(place.provider.clone()),
                model: place.model.clone(),
                key: place.key_id.clone(),
            },
        }
    }
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

impl RuleScope {
    /// What it is, in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::VirtualKey => "virtual key",
            Self::Team => "team",
            Self::Customer => "customer",
            Self::Global => "everybody",
        }
    }
}
