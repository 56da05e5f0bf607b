//! From grants to places: which deployments may serve a call, at what price.

use std::sync::Arc;

use gateway_governance::access::Allowed;
use gateway_governance::catalog::ModelFacts;
use gateway_governance::governor::Estimate;
use gateway_governance::price::{Price, PricedBy, Pricing, Quote};
use gateway_governance::prices::Wanted;
use gateway_providers::units::{self, Asked};
use gateway_providers::{Access, Target};
use gateway_router::{Candidate, Deployment, Group, Limits, Query, Strategy};
use gateway_types::{Call, Error, ErrorKind, Measure, ModelName, Operation, ProviderName, TokenClass, UnitPrice, Wall};

use super::{Turn, headers, strategy, visible};
use crate::control::memo::Granted;
use crate::control::outlet::Outlet;
use crate::control::snapshot::Snapshot;
use crate::control::upstream::{Door, Upstream, UpstreamKey, request_type};

/// One place as an attempt needs it, found again from what the router chose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    outlet: &'a Outlet,
    pub(super) upstream: &'a Upstream,
    pub(super) key: &'a UpstreamKey,
    pub(super) door: &'a Door,
    pub(super) allowed: &'a Allowed,
    pub(super) facts: Option<&'a ModelFacts>,
}

/// What the router is asked: every deployment that the caller may use and that takes the operation.
pub(super) fn query(turn: &Turn, call: &Call, grants: &[Arc<Granted>], now: Wall) -> Result<Query, Error> {
    let (query, refusals) = gather(turn, call, grants, now);
    match refusals.into_iter().next() {
        Some((_, first)) if query.candidates().next().is_none() => Err(first),
        _ => Ok(query),
    }
}

/// The same, and why the providers are not in it that are not.
pub(super) fn gather(
    turn: &Turn,
    call: &Call,
    grants: &[Arc<Granted>],
    now: Wall,
) -> (Query, Vec<(ProviderName, Error)>) {
    let key = turn.principal.key();
    let named = key.and_then(|key| key.strategy.as_deref()).map(strategy);
    let strategy = named.and_then(Result::ok).unwrap_or_default();
    let snapshot = &turn.snapshot;
    // Nobody else asks what a place costs before it is its turn.
    let rank = |outlet: &Outlet| {
        (strategy == Strategy::Cost)
            .then(|| cost_rank(snapshot, outlet, call, now))
            .flatten()
    };
    let mut refusals = Vec::new();
    let mut groups = Vec::with_capacity(grants.len());
    for grant in grants {
        let mut candidates = Vec::with_capacity(grant.allowed.len());
        for (allowed, outlet) in grant.places() {
            if let Err(error) = deployments(call, allowed, outlet, rank, &mut candidates) {
                refusals.push((allowed.provider.clone(), error));
            }
        }
        groups.push(Group {
            model: grant.asked.clone(),
            candidates,
        });
    }
    let query = Query {
        model: call.model.clone(),
        operation: call.operation,
        input_estimate: call.input_estimate,
        session: headers::session(&turn.arrival.headers),
        strategy,
        groups,
        limits: Limits {
            attempts: snapshot.client.attempts,
            start_within: snapshot.client.start_within,
        },
    };
    (query, refusals)
}

/// Adds the deployments of one allowed entry, or says why it has none.
fn deployments(
    call: &Call,
    allowed: &Allowed,
    outlet: &Outlet,
    rank: impl Fn(&Outlet) -> Option<u64>,
    candidates: &mut Vec<Candidate>,
) -> Result<(), Error> {
    let upstream = &outlet.upstream;
    if !upstream.takes(call.operation, call.stream) {
        let asked = request_type(call.operation, call.stream).as_str();
        return Err(Error::new(
            ErrorKind::UnsupportedOperation,
            format!("provider `{}` does not take `{asked}`", upstream.name),
        ));
    }
    // Where the estimate fits there is nothing to be doubted, and long bodies need not be looked through.
    let trusted = |context: &u64| call.input_estimate <= *context || !has_media(call);
    let context = outlet.facts().and_then(|facts| facts.context).filter(trusted);
    let cost_rank = rank(outlet);
    let before = candidates.len();
    candidates.extend(outlet.keys(allowed).map(|(key, deployment)| Candidate {
        deployment: deployment.clone(),
        weight: allowed.weight,
        key_weight: key.weight,
        order: u32::try_from(allowed.order).unwrap_or(u32::MAX),
        cost_rank,
        context,
        max_in_flight: None,
        retry: upstream.retry,
        timeout: upstream.head_timeout,
    }));
    match candidates.len() == before {
        true => Err(outlet.no_key()),
        false => Ok(()),
    }
}

/// Media make a body long without making the prompt so, and only the upstream knows by how much.
fn has_media(call: &Call) -> bool {
    let body = &call.body.bytes[..];
    let has = |needle: &str| memchr::memmem::find(body, needle.as_bytes()).is_some();
    has(";base64,") || has("\"input_audio\"") || has("\"file_data\"")
}

/// What the catalogue has of a model: under the name that is asked for, else under the upstream's own.
pub(crate) fn facts<'a>(snapshot: &'a Snapshot, upstream: &Upstream, model: &ModelName) -> Option<&'a ModelFacts> {
    let own_name = own_name(upstream, model);
    snapshot.prices.facts(upstream.kind.catalogue, model.as_str(), own_name)
}

fn own_name<'a>(upstream: &'a Upstream, model: &ModelName) -> Option<&'a str> {
    let own = upstream.keys.iter().find_map(|key| key.renamed.get(model.as_str()));
    own.map(|name| &**name)
}

/// Whose price is wanted.
pub(crate) fn wanted<'a>(upstream: &'a Upstream, model: &'a ModelName, operation: Operation) -> Wanted<'a> {
    Wanted {
        provider: &upstream.name,
        kind: upstream.kind.catalogue,
        model: model.as_str(),
        own_name: own_name(upstream, model),
        operation,
        in_batch: false,
        free: upstream.free,
    }
}

/// What a place charges for a call, and who says so. An error where a price is not known and such calls are refused.
pub(super) fn quote(snapshot: &Snapshot, place: &Place<'_>, call: &Call, now: Wall) -> Result<Quote, Error> {
    charge(snapshot, place.outlet, call, now)
}

fn charge(snapshot: &Snapshot, outlet: &Outlet, call: &Call, now: Wall) -> Result<Quote, Error> {
    let prices = &snapshot.prices;
    let mut quote = prices.quote_by(&outlet.tariff, call.operation, false, now);
    if let Pricing::Known(price) = quote.pricing {
        let facts = outlet.facts().filter(|_| quote.by == PricedBy::Catalogue);
        quote.pricing = Pricing::Known(for_call(price, facts, &units::asked(call)));
    }
    prices.check(&quote, &outlet.upstream.name, &outlet.model)?;
    Ok(quote)
}

/// A price for what a call asks for by other measures than tokens.
fn for_call(price: Price, facts: Option<&ModelFacts>, asked: &Asked) -> Price {
    let picture = asked.picture.as_ref();
    let each = picture.and_then(|picture| facts?.picture(&picture.quality, &picture.size));
    let price = match each {
        Some(each) => price.with_unit(Measure::Image, each),
        None => price,
    };
    let price = price.for_units(&asked.at_most);
    // Pictures that are billed by their tokens: no cap bounds these, but what the model makes.
    let in_tokens = picture.is_some() && price.rates(0).of(TokenClass::OutputImage) != UnitPrice::FREE;
    match facts.and_then(|facts| facts.max_output).filter(|_| in_tokens) {
        Some(each) => price.with_uncapped_output(each.saturating_mul(asked.at_most.get(Measure::Image))),
        None => price,
    }
}

/// A thousand tokens in and, where it writes, a thousand out, in whatever the price is in: enough to put places in order.
fn cost_rank(snapshot: &Snapshot, outlet: &Outlet, call: &Call, now: Wall) -> Option<u64> {
    let output = if call.operation.generates() { 1000 } else { 0 };
    match charge(snapshot, outlet, call, now).ok()?.pricing {
        Pricing::Free => Some(0),
        Pricing::Known(price) => u64::try_from(price.bound(1000, output, 1).0).ok(),
        Pricing::Unknown => None,
    }
}

/// What a hold must cover at a place.
pub(super) fn estimate(call: &Call, place: &Place<'_>) -> Estimate {
    Estimate {
        input_bound: call.input_bound,
        input_estimate: call.input_estimate,
        // Some servers take 0 for no cap at all.
        cap: call.caps.largest.filter(|cap| *cap > 0),
        max_output: place.facts.and_then(|facts| facts.max_output),
        choices: call.choices,
        generates: call.operation.generates(),
        elastic: visible::all(call, place),
    }
}

impl<'a> Place<'a> {
    /// The place that the router means.
    pub(super) fn find(grants: &'a [Arc<Granted>], group: usize, deployment: &Deployment) -> Option<Self> {
        let is_meant = |(allowed, _): &(&Allowed, &Arc<Outlet>)| {
            allowed.provider == deployment.provider && allowed.model == deployment.model
        };
        let (allowed, outlet) = grants.get(group)?.places().find(is_meant)?;
        let key = outlet.key(deployment)?;
        Some(Self {
            outlet,
            upstream: &outlet.upstream,
            key,
            door: key.door()?,
            allowed,
            facts: outlet.facts(),
        })
    }

    pub(super) fn target(&self, access: Access) -> Target {
        let asked = &self.allowed.model;
        let model = self.key.own_name(asked);
        Target {
            known_as: (model != *asked).then(|| asked.clone()),
            model,
            max_output: self.facts.and_then(|facts| facts.max_output),
            ..self.upstream.target(self.door, access)
        }
    }
}
