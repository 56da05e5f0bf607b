//! A model at a provider, and all that follows for it from the settings, the catalogue and the discovered lists: worked out
//! once for many calls.

use std::sync::Arc;

use gateway_governance::access::Allowed;
use gateway_governance::catalog::ModelFacts;
use gateway_governance::prices::Tariff;
use gateway_router::Deployment;
use gateway_types::{Error, ErrorKind, ModelName, Operation};

use super::snapshot::Snapshot;
use super::upstream::{Upstream, UpstreamKey};
use crate::line::place::wanted;

/// Where a model can be had.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) upstream: Arc<Upstream>,
    /// The model, in the provider's words as far as they are known.
    pub(crate) model: ModelName,
    /// What is known of it, and what it costs by the snapshot's price book.
    pub(crate) tariff: Tariff,
    counters: Vec<Counter>,
}

/// One of the provider's keys that is for the model.
#[derive(Debug)]
pub(crate) struct Counter {
    /// Its place among the provider's keys.
    at: usize,
    pub(crate) deployment: Deployment,
}

impl Outlet {
    pub(super) fn new(snapshot: &Snapshot, upstream: &Arc<Upstream>, model: &ModelName) -> Self {
        let lists = |key: &UpstreamKey| lists(snapshot, key, model.as_str());
        // Where its own list is known and another key's has the model, a key must list it too.
        let listed = upstream.keys.iter().any(|key| lists(key) == Some(true));
        let is_for = |key: &UpstreamKey| {
            let meant = key.models.is_empty() || key.models.iter().any(|meant| *meant == *model.as_str());
            key.usable() && meant && (!listed || lists(key) != Some(false))
        };
        let keys = upstream.keys.iter().enumerate().filter(|(_, key)| is_for(key));
        let counters = keys.map(|(at, key)| Counter {
            at,
            deployment: Deployment {
                provider: upstream.name.clone(),
                key: key.id.clone(),
                model: model.clone(),
                endpoint: key.endpoint,
                upstream: 0,
            },
        });
        Self {
            model: model.clone(),
            counters: counters.collect(),
            tariff: snapshot.prices.tariff(&wanted(upstream, model, Operation::Chat)),
            upstream: Arc::clone(upstream),
        }
    }

    /// What is known of the model.
    pub(crate) fn facts(&self) -> Option<&ModelFacts> {
        self.tariff.facts()
    }

    /// The keys that are for the model and that an entry may use.
    pub(crate) fn keys<'a>(&'a self, allowed: &'a Allowed) -> impl Iterator<Item = (&'a UpstreamKey, &'a Deployment)> {
        let keys = self.counters.iter().filter_map(|counter| {
            let key = self.upstream.keys.get(counter.at)?;
            Some((key, &counter.deployment))
        });
        let may = |key: &UpstreamKey| match &allowed.key_ids {
            None => true,
            Some(ids) => ids.iter().any(|id| key.is_called(id)),
        };
        keys.filter(move |(key, _)| may(key))
    }

    /// The key of a deployment, where that is one of this model here.
    pub(crate) fn key(&self, deployment: &Deployment) -> Option<&UpstreamKey> {
        let is_meant = |counter: &&Counter| counter.deployment == *deployment;
        let counter = self.counters.iter().find(is_meant)?;
        self.upstream.keys.get(counter.at)
    }

    /// Why no key can be used.
    pub(crate) fn no_key(&self) -> Error {
        let unusable = self.upstream.keys.iter().find(|key| !key.usable());
        let why = unusable.map(|key| format!("key `{}`: {}", key.name, key.status()));
        let why = why.unwrap_or_else(|| "none of its keys is for it".to_owned());
        let Self { upstream, model, .. } = self;
        let message = format!(
            "provider `{}` has no usable key for model `{model}`: {why}",
            upstream.name
        );
        Error::new(ErrorKind::Unavailable, message)
    }
}

/// Whether a key's list has a model, where there is one.
fn lists(snapshot: &Snapshot, key: &UpstreamKey, model: &str) -> Option<bool> {
    if key.renamed.contains_key(model) {
        return Some(true);
    }
    let list = snapshot.knowledge.list(key.endpoint)?;
    Some(list.own_name(model).is_some())
}
