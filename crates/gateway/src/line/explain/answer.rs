//! What an explanation holds.

use std::collections::BTreeMap;

use gateway_governance::price::PricedBy;
use gateway_governance::quota::Unit;
use gateway_router::told::ReasonRecord;
use gateway_router::{Deployment, Standing, Strategy, View};
use gateway_types::{Call, CustomerId, ModelName, Operation, QuotaId, Revision, TeamId, VirtualKeyId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::line::decided::NotAllowed;
use crate::line::rules::Routing;
use crate::line::rules::told::{LooksAt, RuleTold};

/// What would happen to a request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explanation {
    /// What the gateway reads off the request.
    pub request: RequestTold,
    /// Whose call it would be.
    pub caller: CallerTold,
    /// Its virtual key, if it is one's.
    pub virtual_key: Option<VirtualKeyId>,
    /// What the rules for the caller make of it; null where there are none.
    pub routing: Option<RoutingTold>,
    /// How is chosen among the candidates; null where the call is refused before.
    pub strategy: Option<Strategy>,
    /// Every candidate in the order of trial, then those that are left out.
    pub candidates: Vec<CandidateTold>,
    /// Providers that are no candidates, and why.
    pub not_allowed: Vec<NotAllowed>,
    /// The quotas that the call would meet, and how they stand.
    pub limits: Vec<LimitTold>,
    /// The decision, sentence by sentence.
    pub why: Vec<String>,
    /// What would happen in the end.
    pub outcome: Outcome,
    /// The health that the plan read.
    pub view: Option<View>,
    /// The state of the settings that it is explained by.
    pub revision: Revision,
    /// What the lots were drawn from.
    pub seed: u64,
    /// The same as text, to be sent as `seed`: not every reader of JSON keeps so long a number.
    pub replay: String,
}

/// What the gateway reads off a request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedRequest")]
pub struct RequestTold {
    /// The model as asked for.
    pub model: ModelName,
    /// What is to be done.
    pub operation: Operation,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// A likely size of its input in tokens.
    pub input_estimate: u64,
    /// More tokens than its input can have: what money is held for.
    pub input_bound: u64,
    /// The cap on output that it states.
    pub max_output: Option<u64>,
    /// Models to try after the first.
    pub fallbacks: Vec<ModelName>,
}

/// Whose call it would be.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedCaller")]
pub struct CallerTold {
    /// What kind of caller that is.
    pub kind: WhoCalls,
    /// The virtual key.
    pub id: Option<VirtualKeyId>,
    /// Its name.
    pub name: Option<String>,
    /// Its team.
    pub team: Option<TeamId>,
    /// Its customer, or its team's.
    pub customer: Option<CustomerId>,
}

/// What kind of caller somebody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoCalls {
    /// A virtual key.
    VirtualKey,
    /// Whoever manages the gateway.
    Operator,
    /// Nobody in particular.
    Anonymous,
    /// Somebody who would not be let in.
    #[default]
    Refused,
}

/// What rules made of a call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedRouting")]
pub struct RoutingTold {
    /// The rule that fits, those that could not be decided, and what was looked at.
    #[serde(flatten)]
    pub said: Routing,
    /// Every rule for the caller, in the order in which they are asked.
    pub rules: Vec<RuleTold>,
    /// What they look at in a call.
    pub looks_at: LooksAt,
}

/// A place that could serve the call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedCandidate")]
pub struct CandidateTold {
    /// Its place in the order of trial, from 1; none where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// The group that it comes from: 0 the asked model, then fallbacks.
    pub group: u32,
    /// Where it stands in its group.
    pub index: u32,
    /// The model that its group was asked for.
    pub asked: ModelName,
    /// Whether another model is served than the one asked for.
    pub alias: bool,
    /// What would be tried.
    pub deployment: Deployment,
    /// What its key is called.
    pub key_name: Option<String>,
    /// What the strategy ranked its provider by: less is earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Whether it comes only when nothing else is left.
    pub last_resort: bool,
    /// Whether it is tried at all.
    #[serde(rename = "in")]
    pub included: bool,
    /// Why it stands there, or why it is out.
    pub reason: ReasonRecord,
    /// The same in words.
    pub why: String,
    /// The weight of its entry.
    pub weight: f64,
    /// The weight of its key among those of the provider.
    pub key_weight: f64,
    /// How much of such calls it is asked first for, from 0 to 1; none where that is not drawn by weight.
    pub share: Option<f64>,
    /// How it stands.
    pub health: Standing,
    /// What it charges.
    pub price: Option<PriceTold>,
    /// Who says so.
    pub priced_by: Option<PricedBy>,
    /// What the call would cost there, in dollars; none where no price is known.
    pub cost: Option<CostRange>,
    /// The most tokens that an answer can have there.
    pub max_output: Option<u64>,
    /// The cap that the request would get so that it stays within the limits.
    pub clamped: Option<u64>,
    /// Why it would be passed over when its turn comes, where a limit or its price is in the way.
    pub refusal: Option<Refusal>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// What a place charges.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ExplainedPrice")]
pub enum PriceTold {
    /// `free`, `unknown`, or why calls without a price are refused.
    Word(String),
    /// Dollars per million tokens, by their class.
    Rates(BTreeMap<String, f64>),
}

/// What a call can cost, in dollars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CostRange {
    /// Its estimated input, and not a word in answer.
    pub least: f64,
    /// The longest answer that it may get: what is held beforehand.
    pub most: f64,
}

/// A quota that the call would meet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedLimit")]
pub struct LimitTold {
    /// Its id.
    pub quota: QuotaId,
    /// Whose it is, in words.
    pub owner: Option<String>,
    /// What it counts.
    pub unit: Unit,
    /// Its limit; money in nano-dollars.
    pub limit: i64,
    /// What of that is used.
    pub used: i64,
    /// What calls under way hold of it.
    pub held: i64,
    /// When its window ends.
    pub resets_at: Option<String>,
}

/// What would happen in the end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedOutcome")]
pub struct Outcome {
    /// What happens, in a sentence.
    pub sentence: String,
    /// Who is asked first: the place of a candidate; none where the call is refused.
    pub first: Option<u32>,
    /// Why the caller is refused, where it is.
    pub refusal: Option<Refusal>,
}

/// A refusal, as the caller would be told it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ExplainedRefusal")]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The code of the error.
    pub code: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// The quota that refuses, where one does.
    pub quota: Option<QuotaId>,
    /// When coming back can help, in seconds.
    pub retry_after_s: Option<u64>,
}

impl Explanation {
    /// That of a call of which nothing is known but itself.
    pub(super) fn of(call: &Call, revision: Revision, seed: u64) -> Self {
        Self {
            request: RequestTold {
                model: call.model.clone(),
                operation: call.operation,
                stream: call.stream,
                input_estimate: call.input_estimate,
                input_bound: call.input_bound,
                max_output: call.caps.largest,
                fallbacks: call.fallbacks.clone(),
            },
            caller: CallerTold::default(),
            virtual_key: None,
            routing: None,
            strategy: None,
            candidates: Vec::new(),
            not_allowed: Vec::new(),
            limits: Vec::new(),
            why: Vec::new(),
            outcome: Outcome {
                sentence: String::new(),
                first: None,
                refusal: None,
            },
            view: None,
            revision,
            seed,
            replay: seed.to_string(),
        }
    }
}
