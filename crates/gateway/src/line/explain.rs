//! A request planned and not sent: every candidate, reason, price and limit.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use gateway_governance::access::Grant;
use gateway_governance::price::{Pricing, Quote};
use gateway_governance::quota::Owner;
use gateway_router::{Deployment, Plan};
use gateway_types::{Call, Error};
use serde_json::{Value, json};

use super::{Arrival, Line, Turn, place};
use crate::control::prices;

impl Line {
    /// Plans a request without sending it, as JSON. Nothing is held, counted or logged.
    pub fn explain(&self, arrival: Arrival, body: Bytes) -> Result<Value, Error> {
        let snapshot = self.shared.snapshot.load_full();
        let mut turn = self
            .enter(snapshot, arrival, Arc::new([]))
            .map_err(|refused| refused.error)?;
        let call = turn.decode(body)?;
        turn.tag(&call);
        let grants = turn.authorise(&call)?;
        let query = place::query(&turn, &call, &grants)?;
        let now = turn.now();
        let view = self.shared.router.view(&query, now);
        let plan = gateway_router::plan(&query, &view, now, turn.seed());
        Ok(json!({
            "request": {
                "model": call.model,
                "operation": call.operation,
                "stream": call.stream,
                "input_estimate": call.input_estimate,
                "max_output": call.caps.largest,
                "fallbacks": call.fallbacks,
            },
            "virtual_key": turn.principal.key().map(|key| &key.id),
            "routing": turn.exchange.routing(),
            "strategy": plan.strategy,
            "candidates": candidates(&turn, &call, &grants, &plan),
            "not_allowed": grants.iter().flat_map(|grant| &grant.left_out).map(|left| json!({
                "provider": left.provider,
                "why": left.reason.to_string(),
            })).collect::<Vec<_>>(),
            "limits": limits(&turn, &grants),
            "view": view,
            "revision": turn.snapshot.revision,
            "seed": plan.seed,
        }))
    }
}

/// Every candidate in the order of trial, then those that are out.
fn candidates(turn: &Turn, call: &Call, grants: &[Grant], plan: &Plan) -> Vec<Value> {
    let describe = |mut shown: Value, included: bool, why: String, group: u32, deployment: &Deployment| {
        shown["in"] = json!(included);
        shown["why"] = json!(why);
        describe(&mut shown, turn, call, grants, group as usize, deployment);
        shown
    };
    let picks = plan.picks.iter();
    let picks = picks.map(|pick| describe(json!(pick), true, pick.reason.to_string(), pick.group, &pick.deployment));
    let left = plan.left_out.iter();
    let left = left.map(|left| {
        describe(
            json!(left),
            false,
            left.reason.to_string(),
            left.group,
            &left.deployment,
        )
    });
    picks.chain(left).collect()
}

/// Adds what a place charges, and the cap on output that a hold there would have to cover.
fn describe(shown: &mut Value, turn: &Turn, call: &Call, grants: &[Grant], group: usize, deployment: &Deployment) {
    let Some(place) = place::Place::find(&turn.snapshot, grants, group, deployment) else {
        return;
    };
    let estimate = place::estimate(call, &place);
    let now = turn.now().wall;
    match place::quote(&turn.snapshot, place.upstream, call, &deployment.model, now) {
        Ok(Quote { pricing, by }) => {
            shown["price"] = match pricing {
                Pricing::Free => json!("free"),
                Pricing::Unknown => json!("unknown"),
                Pricing::Known(price) => prices::shown(&price, estimate.input_estimate),
            };
            shown["priced_by"] = json!(by);
        }
        Err(error) => shown["price"] = json!(error.message),
    }
    shown["max_output"] = json!(estimate.cap.or(estimate.max_output));
    shown["base_url"] = json!(place.door.base_url.as_str());
}

/// How the quotas stand that the call would meet.
fn limits(turn: &Turn, grants: &[Grant]) -> Vec<Value> {
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
            json!({
                "quota": cell.id(),
                "owner": Owner::of(cell.id()).map(|owner| owner.to_string()),
                "unit": cell.unit(),
                "limit": usage.limit,
                "used": usage.used,
                "held": usage.held,
                "resets_at": usage.ends.map(gateway_types::Wall::rfc3339),
            })
        })
        .collect()
}
