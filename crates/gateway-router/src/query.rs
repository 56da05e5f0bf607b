//! What the router is asked: plain data, made by whoever knows the settings.

use std::time::Duration;

use gateway_types::{KeyId, ModelName, Operation, ProviderName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::retry::{RetryPolicy, millis};

/// One request for a place that can serve a model.
///
/// Together with the [`View`](crate::View) and the seed it is all that a plan depends on, so that keeping the three
/// is keeping the decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The model as asked for.
    pub model: ModelName,
    /// What is to be done.
    pub operation: Operation,
    /// A likely size of the input in tokens, for small context windows.
    pub input_estimate: u64,
    /// What calls of one conversation have in common, for [`Strategy::Affinity`].
    pub session: Option<String>,
    /// How to choose among the weights above 0.
    pub strategy: Strategy,
    /// Group 0: the asked model. The others: the request's own fallbacks, in order.
    pub groups: Vec<Group>,
    /// What the request may spend on attempts.
    pub limits: Limits,
}

impl Query {
    /// A chat request for one model, weighted, with the default limits.
    pub fn new(model: impl Into<ModelName>, candidates: Vec<Candidate>) -> Self {
        let model = model.into();
        Self {
            groups: vec![Group {
                model: model.clone(),
                candidates,
            }],
            model,
            operation: Operation::Chat,
            input_estimate: 0,
            session: None,
            strategy: Strategy::default(),
            limits: Limits::default(),
        }
    }

    /// The same with one more model to fall back to.
    #[must_use]
    pub fn fallback(mut self, model: impl Into<ModelName>, candidates: Vec<Candidate>) -> Self {
        self.groups.push(Group {
            model: model.into(),
            candidates,
        });
        self
    }

    /// The same with another strategy.
    #[must_use]
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Every candidate of every group, in the order in which a [`View`](crate::View) lists their standings.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.groups.iter().flat_map(|group| &group.candidates)
    }
}

/// A model and who can serve it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The model as asked for.
    pub model: ModelName,
    /// Who can serve it, each key of each provider by itself.
    pub candidates: Vec<Candidate>,
}

/// One place that can serve a model. What the router remembers, it remembers per deployment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// The configured upstream.
    pub provider: ProviderName,
    /// The credential of it.
    pub key: KeyId,
    /// The model as the upstream calls it.
    pub model: ModelName,
    /// A fingerprint of base URL and credential: health starts afresh when it changes.
    pub endpoint: u64,
    /// A fingerprint of the base URL alone: deployments of one provider that share it cannot be reached together.
    #[serde(default)]
    pub upstream: u64,
}

impl Deployment {
    /// A deployment of a provider that has one base URL.
    pub fn new(provider: impl Into<ProviderName>, key: impl Into<KeyId>, model: impl Into<ModelName>) -> Self {
        Self {
            provider: provider.into(),
            key: key.into(),
            model: model.into(),
            endpoint: 0,
            upstream: 0,
        }
    }

    /// Whether both are reached through the same base URL.
    pub(crate) fn shares_upstream(&self, other: &Self) -> bool {
        self.upstream == other.upstream && self.provider == other.provider
    }

    /// Whether both are the same model of the same provider: keys of one entry.
    pub(crate) fn serves_alike(&self, other: &Self) -> bool {
        self.provider == other.provider && self.model == other.model
    }
}

/// A deployment as one request may use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The place.
    pub deployment: Deployment,
    /// The weight of its entry (its provider); 0 means only as a fallback.
    pub weight: f64,
    /// The weight of its key among the keys of the provider; all 0 means no preference.
    pub key_weight: f64,
    /// Where its entry stands in the list it comes from.
    pub order: u32,
    /// What it costs compared with others, without a unit; less is cheaper.
    pub cost_rank: Option<u64>,
    /// The most input tokens that it takes, where known.
    pub context: Option<u64>,
    /// How many calls it should have at a time, where that is bounded. A full candidate is used only when nothing else is left.
    #[serde(default)]
    pub max_in_flight: Option<u32>,
    /// How its provider wants to be tried again.
    pub retry: RetryPolicy,
    /// How long to wait for the head of its response.
    #[serde(rename = "timeout_ms", with = "millis")]
    pub timeout: Duration,
}

impl Candidate {
    /// A candidate with weight 1 and the defaults of the gateway.
    pub fn new(deployment: Deployment) -> Self {
        Self {
            deployment,
            weight: 1.0,
            key_weight: 1.0,
            order: 0,
            cost_rank: None,
            context: None,
            max_in_flight: None,
            retry: RetryPolicy::default(),
            timeout: Duration::from_secs(300),
        }
    }

    /// The same with another weight of its entry.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Whether an input of that many tokens fits, as far as is known.
    pub(crate) fn fits(&self, input: u64) -> bool {
        self.context.is_none_or(|context| input <= context)
    }
}

/// What a request may spend on attempts, whatever is configured below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How many attempts may start: first tries, other keys, retries and fallbacks together.
    pub attempts: u32,
    /// How long after the beginning the last of them may start.
    #[serde(rename = "start_within_ms", with = "millis")]
    pub start_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 10,
            start_within: Duration::from_secs(600),
        }
    }
}

/// How to choose among candidates of weight above 0. Those of weight 0 come last under each of them, in listed order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A draw by weight.
    #[default]
    Weighted,
    /// Of two drawn by weight, the one with fewer calls in flight.
    LeastBusy,
    /// The lowest expected time to the first byte, by what was measured and what is in flight.
    Latency,
    /// The cheapest; a draw by weight among equals.
    Cost,
    /// The same provider and key for the same session; a draw by weight without one.
    Affinity,
}

impl Strategy {
    /// The word for it in settings and explanations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weighted => "weighted",
            Self::LeastBusy => "least_busy",
            Self::Latency => "latency",
            Self::Cost => "cost",
            Self::Affinity => "affinity",
        }
    }
}
