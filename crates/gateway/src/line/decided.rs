//! Where a call was to go and why, as it is kept with its log row: the plan, what rules made of it, and who was never asked.

use std::sync::Arc;

use gateway_router::Plan;
use gateway_router::told::{Decision, PlanRecord, Tried};
use gateway_types::ProviderName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::rules::Routing;
use crate::control::memo::Granted;
use crate::ports::logs::{Json, LogAttempt, LogRow};

/// A decision as it was made: what is shared with the call and with the settings, until somebody writes it down.
struct Made {
    /// None where the call was refused before there was a plan.
    plan: Option<Arc<Plan>>,
    routing: Option<Box<Routing>>,
    /// Those of the grants that leave somebody out.
    grants: Vec<Arc<Granted>>,
}

/// A decision as it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    plan: Option<&'a Plan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: Option<&'a Routing>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_allowed: Vec<NotAllowed>,
}

/// A decision as it is read again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Decision")]
pub struct Decided {
    /// Who was to be tried, in order, and who was not.
    #[serde(flatten)]
    pub plan: PlanRecord,
    /// What routing rules made of it, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<Box<Routing>>,
    /// Who was not even looked at: the caller may not use it, or it does not serve the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_allowed: Vec<NotAllowed>,
}

/// A provider that was no candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotAllowed {
    /// The provider.
    pub provider: ProviderName,
    /// Why it was none.
    pub why: String,
}

/// Notes what was decided, for whoever writes it down.
pub(super) fn note(plan: Option<Arc<Plan>>, routing: Option<Box<Routing>>, grants: &[Arc<Granted>]) -> Json {
    let leave_out = |grant: &&Arc<Granted>| !grant.left_out.is_empty();
    Json::later(Made {
        plan,
        routing,
        grants: grants.iter().filter(leave_out).cloned().collect(),
    })
}

impl Serialize for Made {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let not_allowed = self.grants.iter().flat_map(|grant| &grant.left_out);
        let written = Written {
            plan: self.plan.as_deref(),
            routing: self.routing.as_deref(),
            not_allowed: not_allowed
                .map(|left| NotAllowed {
                    provider: left.provider.clone(),
                    why: left.reason.to_string(),
                })
                .collect(),
        };
        written.serialize(out)
    }
}

impl Decided {
    /// What was decided of a request, where that was written down and can be read.
    pub fn of(row: &LogRow) -> Option<Self> {
        serde_json::from_str(row.plan.as_ref()?.as_str()).ok()
    }

    /// Why this provider, sentence by sentence.
    pub fn why(&self, attempts: &[LogAttempt]) -> Vec<String> {
        let rule = self.routing.as_ref().and_then(|routing| routing.rule.as_ref());
        let tried: Vec<Tried<'_>> = attempts.iter().map(tried).collect();
        Decision {
            rule: rule.map(|rule| (rule.name.as_str(), &rule.target)),
            plan: Some(&self.plan),
            tried: &tried,
        }
        .why()
    }
}

fn tried(attempt: &LogAttempt) -> Tried<'_> {
    Tried {
        provider: attempt.provider.as_str(),
        key: attempt.key.as_str(),
        model: attempt.model.as_str(),
        kind: &attempt.reason,
        outcome: &attempt.outcome,
        http_status: attempt.http_status,
        message: attempt.message.as_deref(),
        took_ms: attempt.took_us as f64 / 1000.0,
    }
}
