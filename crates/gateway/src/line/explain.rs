//! A request planned and not sent: who calls, which rule fits, every candidate with its reason and price, the limits in the
//! way, and what the caller would be told in the end. A refusal is an explanation too.

mod answer;
mod candidates;
mod ending;

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use gateway_governance::access;
use gateway_governance::governor::Foreseen;
use gateway_governance::quota::Owner;
use gateway_providers::client_dialect;
use gateway_router::told::{Decision, PlanRecord};
use gateway_router::{Plan, View};
use gateway_types::{Call, Error, NanoUsd, RequestId, Wall};

use super::decided::NotAllowed;
use super::rules::told::{looks_at, told};
use super::{Arrival, Caller, Line, Turn, grants as allowed, headers, place};
use crate::control::memo::Granted;
pub use answer::{
    CallerTold, CandidateTold, CostRange, Explanation, LimitTold, Outcome, PriceTold, Refusal, RequestTold,
    RoutingTold, WhoCalls,
};

/// How many bytes a token of text usually has, as all estimates assume.
const BYTES_PER_TOKEN: u64 = 4;

/// What is supposed of a request that it does not say itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Suppose {
    /// As if its input were a text of that many tokens.
    pub input_tokens: Option<u64>,
    /// What lots are drawn from, as a log row has it; a fresh one else.
    pub seed: Option<u64>,
}

impl Line {
    /// Plans a request without sending it. Nothing is held, counted or logged.
    ///
    /// An error says that it is no request; whatever a caller would be refused for is told in the explanation.
    pub fn explain(&self, mut arrival: Arrival, body: Bytes, suppose: Suppose) -> Result<Explanation, Error> {
        if let Some(seed) = suppose.seed {
            let (time, _) = arrival.id.uuid().as_u64_pair();
            arrival.id = RequestId::from(uuid::Uuid::from_u64_pair(time, seed));
        }
        let ceiling = headers::max_cost(&arrival.headers)?;
        let snapshot = self.0.shared.snapshot.load_full();
        let caller = arrival.caller.clone();
        let mut call = client_dialect(arrival.dialect).decode(&arrival.asked, body)?;
        suppose.of(&mut call);
        let mut told = Explanation::of(&call, snapshot.revision, arrival.id.uuid().as_u64_pair().1);
        let mut turn = match self.enter(snapshot, arrival, Arc::new([])) {
            Ok(turn) => turn,
            Err(refused) => return Ok(told.refused(&refused.error)),
        };
        told.called_by(&turn, &caller);
        turn.tag(&call);
        let granted = allowed::authorise(&mut turn, &call);
        told.routed(&turn);
        let grants = match granted {
            Ok(grants) => grants,
            Err(error) => {
                told.left_out(access::left_out(&turn.principal, call.model.as_str(), &*turn.snapshot));
                told.limits = limits(&turn, &[]);
                return Ok(told.refused(&error));
            }
        };
        told.left_out(grants.iter().flat_map(|grant| grant.left_out.clone()).collect());
        told.limits = limits(&turn, &grants);
        let now = turn.now();
        let (query, unable) = place::gather(&turn, &call, &grants, now.wall);
        let unable_first = unable.first().map(|(_, error)| error.clone());
        told.unable(unable);
        let view = self.0.shared.router.view(&query, now);
        let plan = gateway_router::plan(&query, &view, now, turn.seed());
        told.planned(&plan, view);
        let call_of = Foreseen {
            principal: &turn.principal,
            input_estimate: call.input_estimate,
            ceiling,
        };
        told.candidates = candidates::all(&turn, &call, &grants, &query, &plan, call_of);
        let refusal = match unable_first {
            Some(error) if query.candidates().next().is_none() => Some(error),
            _ => self.0.shared.governor.would_admit(call_of, now).err(),
        };
        Ok(match refusal {
            Some(error) => told.refused(&error),
            None => told.ended(&call),
        })
    }
}

impl Suppose {
    fn of(self, call: &mut Call) {
        if let Some(tokens) = self.input_tokens {
            call.input_estimate = tokens;
            call.input_bound = tokens.saturating_mul(BYTES_PER_TOKEN);
        }
    }
}

impl Explanation {
    fn called_by(&mut self, turn: &Turn, caller: &Caller) {
        let key = turn.principal.key();
        self.virtual_key = key.map(|key| key.id.clone());
        self.caller = CallerTold {
            kind: match (key, caller) {
                (Some(_), _) => WhoCalls::VirtualKey,
                (None, Caller::Operator) => WhoCalls::Operator,
                (None, _) => WhoCalls::Anonymous,
            },
            id: key.map(|key| key.id.clone()),
            name: key.map(|key| key.name.to_string()),
            team: key.and_then(|key| key.team.clone()),
            customer: key.and_then(|key| key.customer.clone()),
        };
    }

    fn routed(&mut self, turn: &Turn) {
        self.routing = turn.exchange.routing().map(|routing| RoutingTold {
            rules: told(turn, routing),
            looks_at: looks_at(turn),
            said: routing.clone(),
        });
    }

    fn left_out(&mut self, left: Vec<access::LeftOut>) {
        let left = left.into_iter().map(|left| NotAllowed {
            provider: left.provider,
            why: left.reason.to_string(),
        });
        self.not_allowed.extend(left);
    }

    /// Providers that the caller may use and that cannot do it.
    fn unable(&mut self, unable: Vec<(gateway_types::ProviderName, Error)>) {
        let unable = unable.into_iter().map(|(provider, error)| NotAllowed {
            provider,
            why: error.message,
        });
        self.not_allowed.extend(unable);
    }

    fn planned(&mut self, plan: &Plan, view: View) {
        let record = PlanRecord::from(plan);
        let rule = self.routing.as_ref().and_then(|routing| routing.said.rule.as_ref());
        self.why = Decision {
            rule: rule.map(|rule| (rule.name.as_str(), &rule.target)),
            plan: Some(&record),
            tried: &[],
        }
        .why();
        self.strategy = Some(plan.strategy);
        self.view = Some(view);
    }
}

/// How the quotas stand that the call would meet.
fn limits(turn: &Turn, grants: &[Arc<Granted>]) -> Vec<LimitTold> {
    let own = turn.principal.key().into_iter().flat_map(|key| key.scope.cells());
    let entries = grants
        .iter()
        .flat_map(|grant| &grant.allowed)
        .flat_map(|allowed| allowed.scope.cells());
    // What holds for several places is one limit.
    let mut seen = HashSet::new();
    own.chain(entries)
        .filter(|cell| seen.insert(cell.id()))
        .map(|cell| {
            let usage = cell.usage(turn.now().wall);
            LimitTold {
                quota: cell.id().clone(),
                owner: Owner::of(cell.id()).map(|owner| owner.to_string()),
                unit: cell.unit(),
                limit: usage.limit,
                used: usage.used,
                held: usage.held,
                resets_at: usage.ends.map(Wall::rfc3339),
            }
        })
        .collect()
}

/// Dollars, for people and charts.
fn dollars(amount: NanoUsd) -> f64 {
    amount.0 as f64 / 1e9
}
