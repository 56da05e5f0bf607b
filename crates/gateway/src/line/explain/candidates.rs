//! Every candidate: where it stands and why, what it costs, and what is in its way.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_governance::governor::Foreseen;
use gateway_governance::price::{Price, Pricing, Quote};
use gateway_router::{Candidate, LeftOut, Pick, Plan, Query, Strategy};
use gateway_types::{Call, TokenClass};
use serde_json::json;

use super::answer::{CandidateTold, CostRange, PriceTold, Refusal};
use super::dollars;
use crate::control::memo::Granted;
use crate::line::{Turn, place};

/// The cap that is reckoned with where neither the request nor the catalogue says one.
const CAP_OF_UNKNOWN_MODELS: u64 = 8192;

/// Every candidate in the order of trial, then those that are out.
pub(super) fn all(
    turn: &Turn,
    call: &Call,
    grants: &[Arc<Granted>],
    query: &Query,
    plan: &Plan,
    call_of: Foreseen<'_>,
) -> Vec<CandidateTold> {
    let shares = shares(query, plan);
    let picks = plan.picks.iter().zip(shares).map(|(pick, share)| CandidateTold {
        share,
        ..picked(query, pick)
    });
    let left = plan.left_out.iter().map(|left| left_out(query, left));
    let mut told: Vec<CandidateTold> = picks.chain(left).collect();
    for candidate in &mut told {
        candidate.look_at_place(turn, call, grants, call_of);
    }
    told
}

fn picked(query: &Query, pick: &Pick) -> CandidateTold {
    CandidateTold {
        place: Some(pick.place),
        index: pick.index,
        score: Some(pick.score),
        last_resort: pick.last_resort,
        included: true,
        weight: pick.weight,
        health: pick.health.clone(),
        ..seated(query, pick.group, pick.index, pick.reason.into())
    }
}

fn left_out(query: &Query, left: &LeftOut) -> CandidateTold {
    CandidateTold {
        weight: left.weight,
        health: left.health.clone(),
        ..seated(query, left.group, left.index, left.reason.into())
    }
}

fn seated(query: &Query, group: u32, index: u32, reason: gateway_router::told::ReasonRecord) -> CandidateTold {
    let of = &query.groups[group as usize];
    let candidate = &of.candidates[index as usize];
    CandidateTold {
        place: None,
        group,
        index,
        asked: of.model.clone(),
        alias: false,
        deployment: candidate.deployment.clone(),
        key_name: None,
        score: None,
        last_resort: false,
        included: false,
        why: reason.words.clone(),
        reason,
        weight: candidate.weight,
        key_weight: candidate.key_weight,
        share: None,
        health: gateway_router::Standing::default(),
        price: None,
        priced_by: None,
        cost: None,
        max_output: None,
        clamped: None,
        refusal: None,
        base_url: None,
    }
}

impl CandidateTold {
    /// Adds what a place charges, the cap that a hold there would have to cover, and what is in its way.
    fn look_at_place(&mut self, turn: &Turn, call: &Call, grants: &[Arc<Granted>], call_of: Foreseen<'_>) {
        let Some(place) = place::Place::find(grants, self.group as usize, &self.deployment) else {
            return;
        };
        let estimate = place::estimate(call, &place);
        self.alias = place.allowed.alias;
        self.key_name = Some(place.key.name.to_string());
        self.max_output = estimate.cap.or(estimate.max_output);
        self.base_url = Some(place.door.base_url.as_str().to_owned());
        let now = turn.now();
        let quote = match place::quote(&turn.snapshot, &place, call, now.wall) {
            Ok(quote) => quote,
            Err(error) => {
                self.price = Some(PriceTold::Word(error.message.clone()));
                self.refusal = Some(Refusal::of(&error));
                return;
            }
        };
        self.price = Some(match &quote.pricing {
            Pricing::Free => PriceTold::Word("free".to_owned()),
            Pricing::Unknown => PriceTold::Word("unknown".to_owned()),
            Pricing::Known(price) => PriceTold::Rates(rates(price, estimate.input_estimate)),
        });
        self.priced_by = Some(quote.by.clone());
        let governor = &turn.line.shared.governor;
        match governor.would_hold(call_of, place.allowed, estimate, &quote, now) {
            Ok(clamped) => self.clamped = clamped.filter(|cap| estimate.cap.is_none_or(|asked| *cap < asked)),
            Err(error) => self.refusal = Some(Refusal::of(&error)),
        }
        let cap = match estimate.generates {
            true => self.clamped.or(self.max_output).unwrap_or(CAP_OF_UNKNOWN_MODELS),
            false => 0,
        };
        self.cost = cost(&quote, call, cap);
    }
}

fn cost(quote: &Quote, call: &Call, cap: u64) -> Option<CostRange> {
    match &quote.pricing {
        Pricing::Free => Some(CostRange { least: 0.0, most: 0.0 }),
        Pricing::Known(price) => {
            let input = gateway_types::Usage {
                input: call.input_estimate,
                ..Default::default()
            };
            Some(CostRange {
                least: dollars(price.bill(&input).total),
                most: dollars(price.bound(call.input_bound.max(call.input_estimate), cap, call.choices)),
            })
        }
        Pricing::Unknown => None,
    }
}

/// The rates for a prompt of that length, by class, in dollars per million tokens; those of nothing left out.
fn rates(price: &Price, prompt: u64) -> BTreeMap<String, f64> {
    let rates = price.rates(prompt);
    let each = |class: TokenClass| {
        let name = json!(class).as_str().unwrap_or_default().to_owned();
        (name, rates.of(class).0 as f64 / 1e6)
    };
    TokenClass::ALL
        .into_iter()
        .map(each)
        .filter(|(_, rate)| *rate > 0.0)
        .collect()
}

/// How much of such calls each pick is asked first for, where that is drawn by weight: those that can be asked share what
/// there is, or, where none can be, all of them; the keys of an entry share what is its.
fn shares(query: &Query, plan: &Plan) -> Vec<Option<f64>> {
    let drawn = match query.strategy {
        Strategy::Weighted => true,
        Strategy::Affinity => query.session.is_none(),
        Strategy::LeastBusy | Strategy::Latency | Strategy::Cost => false,
    };
    let seats: Vec<(&Pick, &Candidate)> = plan
        .picks
        .iter()
        .filter_map(|pick| Some((pick, pick.candidate(query)?)))
        .collect();
    let of_model = |seat: &&(&Pick, &Candidate)| seat.0.group == 0 && seat.0.weight > 0.0;
    let well = |seat: &&(&Pick, &Candidate)| !seat.0.last_resort;
    let any_well = seats.iter().filter(of_model).any(|seat| well(&seat));
    let first: Vec<_> = seats
        .iter()
        .filter(of_model)
        .filter(|seat| !any_well || well(seat))
        .collect();
    let mut entries: Vec<(&Candidate, f64)> = Vec::new();
    for (pick, candidate) in first.iter().copied() {
        if !entries.iter().any(|(other, _)| same_entry(other, candidate)) {
            entries.push((candidate, pick.weight));
        }
    }
    let sum: f64 = entries.iter().map(|(_, weight)| weight).sum();
    let share = |pick: &Pick| {
        let (_, candidate) = first.iter().find(|seat| seat.0.place == pick.place)?;
        let keys = first.iter().filter(|seat| same_entry(seat.1, candidate));
        let (keys, total) = keys.fold((0.0, 0.0), |(keys, total), seat| {
            (keys + 1.0, total + seat.1.key_weight.max(0.0))
        });
        let of_entry = if total > 0.0 {
            candidate.key_weight.max(0.0) / total
        } else {
            1.0 / keys
        };
        Some(pick.weight / sum * of_entry)
    };
    plan.picks
        .iter()
        .map(|pick| drawn.then(|| share(pick).unwrap_or(0.0)))
        .collect()
}

fn same_entry(one: &Candidate, other: &Candidate) -> bool {
    one.order == other.order
        && one.deployment.provider == other.deployment.provider
        && one.deployment.model == other.deployment.model
}
