//! A plan as it was written down, read again, and the decision told in sentences: why this provider.
//!
//! What was written down by an earlier version lacks what that one did not know, so nearly everything may be missing.

mod words;

use std::borrow::Cow;

use gateway_types::{KeyId, ModelName, ProviderName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::Standing;
use crate::plan::{LeftOut, Pick, Plan};
use crate::query::{Deployment, Strategy};
use crate::reason::Reason;
use crate::rules::Place;

/// A [`Plan`] as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoutingPlan")]
pub struct PlanRecord {
    /// The model as asked for; none where the call was refused before there was a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// How it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// What the lots were drawn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Who is tried, in order.
    #[serde(default)]
    pub picks: Vec<Seated>,
    /// Who is not.
    #[serde(default)]
    pub left_out: Vec<Seated>,
}

/// A candidate, and why it stands where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlannedCandidate")]
pub struct Seated {
    /// Its place, from 1; none where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// The group that it comes from: 0 the asked model, then the request's own fallbacks.
    pub group: u32,
    /// What would be tried.
    pub deployment: DeploymentRecord,
    /// What the strategy ranked its provider by: less is earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Whether it comes only when nothing else is left.
    #[serde(default)]
    pub last_resort: bool,
    /// Why it stands there.
    pub reason: ReasonRecord,
    /// The weight of its entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// How it stood, where anything was known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Standing>,
}

/// A place that can serve a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlannedDeployment")]
pub struct DeploymentRecord {
    /// The configured upstream.
    pub provider: ProviderName,
    /// The credential of it.
    pub key: KeyId,
    /// The model as the upstream calls it.
    pub model: ModelName,
}

/// A [`Reason`] as it is written down: the code, the words, and the figures that the words speak of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "PlanReason")]
pub struct ReasonRecord {
    /// The code for it.
    pub code: Cow<'static, str>,
    /// The words for it.
    pub words: String,
    /// Its part of the weights above 0, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Calls in flight there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u32>,
    /// The calls that it should have at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// The expected time to the first byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_ms: Option<f64>,
    /// Its rank by cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u64>,
    /// When it was to be asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_in_ms: Option<u64>,
    /// The estimated input, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    /// The most input that it takes, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
}

/// One try, as far as its story is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried<'a> {
    /// The provider.
    pub provider: &'a str,
    /// Its key.
    pub key: &'a str,
    /// The model, in the upstream's words.
    pub model: &'a str,
    /// What it was in the course of the request: a [`Kind`](crate::Kind)'s word.
    pub kind: &'a str,
    /// How it ended: an [`Outcome`](crate::Outcome)'s code, or `abandoned`.
    pub outcome: &'a str,
    /// The upstream's status, where it answered.
    pub http_status: Option<u16>,
    /// Why it was passed over, where it was.
    pub message: Option<&'a str>,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// What a decision is told from.
#[derive(Clone, Debug, Default)]
pub struct Decision<'a> {
    /// The rule that fits, by its name, and where it sends the call.
    pub rule: Option<(&'a str, &'a Place)>,
    /// The order of trial, where there was one.
    pub plan: Option<&'a PlanRecord>,
    /// What was tried; nothing where a call is only planned.
    pub tried: &'a [Tried<'a>],
}

impl Decision<'_> {
    /// Why this provider, sentence by sentence.
    pub fn why(&self) -> Vec<String> {
        words::why(self)
    }
}

impl From<&Plan> for PlanRecord {
    fn from(plan: &Plan) -> Self {
        Self {
            model: Some(plan.model.clone()),
            strategy: Some(plan.strategy),
            seed: Some(plan.seed),
            picks: plan.picks.iter().map(Seated::from).collect(),
            left_out: plan.left_out.iter().map(Seated::from).collect(),
        }
    }
}

impl From<&Pick> for Seated {
    fn from(pick: &Pick) -> Self {
        Self {
            place: Some(pick.place),
            score: Some(pick.score),
            last_resort: pick.last_resort,
            ..Self::new(pick.group, &pick.deployment, pick.reason, pick.weight, &pick.health)
        }
    }
}

impl From<&LeftOut> for Seated {
    fn from(out: &LeftOut) -> Self {
        Self::new(out.group, &out.deployment, out.reason, out.weight, &out.health)
    }
}

impl Seated {
    fn new(group: u32, deployment: &Deployment, reason: Reason, weight: f64, health: &Standing) -> Self {
        Self {
            place: None,
            group,
            deployment: DeploymentRecord {
                provider: deployment.provider.clone(),
                key: deployment.key.clone(),
                model: deployment.model.clone(),
            },
            score: None,
            last_resort: false,
            reason: reason.into(),
            weight: Some(weight),
            health: Some(health.clone()).filter(|health| *health != Standing::UNKNOWN),
        }
    }
}

impl From<Reason> for ReasonRecord {
    fn from(reason: Reason) -> Self {
        let mut record = Self {
            code: reason.code().into(),
            words: reason.to_string(),
            ..Self::default()
        };
        match reason {
            Reason::Drawn { share } => record.share = Some(share),
            Reason::LeastBusy { in_flight } => record.in_flight = Some(in_flight),
            Reason::Fastest { expected_ms } => record.expected_ms = expected_ms,
            Reason::Cheapest { rank } => record.rank = rank,
            Reason::Unwell { ready_in_ms, .. } => record.ready_in_ms = Some(ready_in_ms),
            Reason::Full { in_flight, most } => (record.in_flight, record.most) = (Some(in_flight), Some(most)),
            Reason::LargestContext { input, context } | Reason::ContextTooSmall { input, context } => {
                (record.input, record.context) = (Some(input), Some(context));
            }
            Reason::Session | Reason::OtherKey | Reason::FallbackOnly | Reason::Duplicate => {}
        }
        record
    }
}
