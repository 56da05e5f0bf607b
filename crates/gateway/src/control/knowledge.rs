//! Who is known to serve which model: lists discovered from upstreams, and the catalogue until there is one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use gateway_governance::access::{Served, Serves};
use gateway_providers::Kind;
use gateway_types::{ModelName, ProviderName, Wall};

use super::snapshot::Snapshot;
use super::upstream::Upstream;

/// Fingerprint of an endpoint: its base URL and credential. Health and discovered models belong to it.
pub(crate) type Endpoint = u64;

/// What an endpoint said it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelList {
    /// The ids, as the upstream has them.
    pub(crate) models: BTreeSet<ModelName>,
    /// When it said so.
    pub(crate) at: Wall,
}

/// Every discovered list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knowledge {
    lists: HashMap<Endpoint, Arc<ModelList>>,
    /// Why the latest look at an endpoint failed, where it did.
    failures: HashMap<Endpoint, String>,
}

impl Knowledge {
    pub(crate) fn learn(&mut self, endpoint: Endpoint, list: ModelList) {
        self.failures.remove(&endpoint);
        self.lists.insert(endpoint, Arc::new(list));
    }

    pub(crate) fn note_failure(&mut self, endpoint: Endpoint, why: String) {
        self.failures.insert(endpoint, why);
    }

    pub(crate) fn list(&self, endpoint: Endpoint) -> Option<&Arc<ModelList>> {
        self.lists.get(&endpoint)
    }

    pub(crate) fn failure(&self, endpoint: Endpoint) -> Option<&str> {
        self.failures.get(&endpoint).map(String::as_str)
    }

    /// Forgets endpoints that are no longer configured.
    pub(crate) fn keep(&mut self, wanted: &BTreeSet<Endpoint>) {
        self.lists.retain(|endpoint, _| wanted.contains(endpoint));
        self.failures.retain(|endpoint, _| wanted.contains(endpoint));
    }
}

impl ModelList {
    /// The upstream's own name for a model, if it lists it: `m` stands for `m:latest` as well.
    pub(crate) fn own_name(&self, model: &str) -> Option<ModelName> {
        if let Some(exact) = self.models.get(model) {
            return Some(exact.clone());
        }
        (!model.contains(':'))
            .then(|| format!("{model}:latest"))
            .and_then(|tagged| self.models.get(tagged.as_str()))
            .cloned()
    }
}

impl Snapshot {
    /// The models that a provider is known to serve: what its keys rename and list, else the catalogue of a
    /// built-in one.
    pub(crate) fn known_models(&self, upstream: &Upstream) -> Vec<ModelName> {
        let lists: Vec<_> = upstream
            .keys
            .iter()
            .filter_map(|key| self.knowledge.list(key.endpoint))
            .collect();
        let renamed = upstream.keys.iter().flat_map(|key| key.renamed.keys());
        let mut all: BTreeSet<_> = renamed.map(|model| ModelName::from(model.as_str())).collect();
        all.extend(lists.iter().flat_map(|list| list.models.iter().cloned()));
        if lists.is_empty() && !upstream.custom {
            let catalogue = self.prices.catalog().names_of(upstream.kind.catalogue);
            all.extend(catalogue.map(ModelName::from));
        }
        all.into_iter().collect()
    }

    fn serves_by(&self, upstream: &Upstream, model: &str) -> Served {
        let usable = || upstream.keys.iter().filter(|key| key.usable());
        if usable().any(|key| key.renamed.contains_key(model)) {
            return Served::Yes(ModelName::from(model));
        }
        let lists: Vec<_> = usable().map(|key| self.knowledge.list(key.endpoint)).collect();
        if let Some(name) = lists.iter().flatten().find_map(|list| list.own_name(model)) {
            return Served::Yes(name);
        }
        let told = lists.iter().any(|list| list.is_some());
        let untold = lists.iter().any(|list| list.is_none()) || lists.is_empty();
        let anything = upstream.custom || upstream.kind.self_hosted;
        let served = match told && !(untold && anything) {
            true => Served::No,
            false => self.unlisted(upstream, model),
        };
        match served {
            Served::No if may_be_deployed(upstream.kind, model) => Served::Unknown,
            served => served,
        }
    }

    /// Until a list is known, a built-in provider serves its catalogue models; of another nothing is known.
    fn unlisted(&self, upstream: &Upstream, model: &str) -> Served {
        if upstream.custom || upstream.kind.self_hosted {
            return Served::Unknown;
        }
        let kind = upstream.kind.catalogue;
        let found = |name: &str| self.prices.catalog().find(kind, name);
        let bare = model.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
        match found(model) {
            // The catalogue finds `openai/m` as `m` too; that is our spelling, which no upstream knows.
            Some(facts) if bare.and_then(found) != Some(facts) => Served::Yes(ModelName::from(model)),
            _ => Served::No,
        }
    }
}

/// Whether a name could be one that an operator gave to a deployment in a cloud: no list and no catalogue has those.
fn may_be_deployed(kind: &Kind, model: &str) -> bool {
    match kind.name {
        "azure" => true,
        "bedrock" => model.starts_with("arn:"),
        // The id of an endpoint, or a publisher's model.
        "vertex" => model.contains('/') || model.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

impl Serves for Snapshot {
    fn is_provider(&self, name: &str) -> bool {
        self.upstreams.contains_key(name)
    }

    fn is_enabled(&self, provider: &ProviderName) -> bool {
        self.upstreams.get(provider).is_none_or(|upstream| upstream.enabled)
    }

    fn providers(&self) -> Vec<ProviderName> {
        self.upstreams.keys().cloned().collect()
    }

    fn serves(&self, provider: &ProviderName, model: &str) -> Served {
        self.upstreams
            .get(provider)
            .map_or(Served::No, |upstream| self.serves_by(upstream, model))
    }
}
