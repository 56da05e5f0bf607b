//! Providers and their keys as answers show them: nothing secret, and how each stands.

use std::collections::BTreeSet;

use gateway_governance::settings::PricingOverride;
use gateway_providers::BaseUrl;
use gateway_types::{KeyId, ProviderName, Wall};
use schemars::JsonSchema;
use serde::Serialize;

use crate::control::knowledge::Knowledge;
use crate::control::merging::redact_headers;
use crate::control::snapshot::Snapshot;
use crate::control::state::State;
use crate::control::upstream::{Upstream, UpstreamKey};
use crate::ports::logs::Hosting;
use crate::settings::{CustomProviderConfig, NetworkConfig, Pricing, Provider, ProviderKey, ProxyConfig};

/// All providers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProviderList {
    /// How many there are.
    pub total: usize,
    /// They, in the order of their names.
    pub providers: Vec<ProviderView>,
}

/// A configured provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Provider")]
pub struct ProviderView {
    /// Its name.
    pub name: ProviderName,
    /// What it is, by the name of `GET /api/providers/kinds`; with `-compatible` for a server that speaks like it.
    pub kind: &'static str,
    /// Whether its models run on machines of one's own.
    pub self_hosted: bool,
    /// Whether calls may go to it.
    pub enabled: bool,
    /// Its credentials, redacted.
    pub keys: Vec<KeyView>,
    /// How it is reached. `base_url` is the one in force, the operator's or the kind's own.
    pub network_config: NetworkConfig,
    /// The way out to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_config: Option<ProxyConfig>,
    /// What it speaks, where its name is not that of a known provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_provider_config: Option<CustomProviderConfig>,
    /// Whether its tokens cost what the catalogue says or nothing, where that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// Prices in place of the catalogue's, for this provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pricing_overrides: Vec<OwnPrice>,
    /// Where it is from: `api`, `environment`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// Whether it can be used.
    pub provider_status: ProviderStatus,
    /// Why it cannot, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What is known of its models.
    pub discovery: Discovery,
    /// What was sent and does not act, or not yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A price that one provider has of its own.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProviderPrice")]
pub struct OwnPrice {
    /// What is said of it.
    #[serde(flatten)]
    pub said: PricingOverride,
}

/// Whether a provider can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderStatus {
    /// It has a key that can be used.
    Active,
    /// It has none.
    Error,
    /// The operator keeps calls away from it.
    Disabled,
}

/// The keys of one provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProviderKeyList")]
pub struct KeyList {
    /// How many there are.
    pub total: usize,
    /// They, in the operator's order.
    pub keys: Vec<KeyView>,
}

/// A credential of a provider, redacted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProviderKey")]
pub struct KeyView {
    /// What is said of it, but for what stands here itself.
    #[serde(flatten)]
    pub said: ProviderKey,
    /// Its id.
    pub id: KeyId,
    /// The models it may be used for. None: all.
    pub models: Vec<String>,
    /// `ready`, or what keeps it from being used.
    pub status: String,
    /// Whether it can be used.
    pub usable: bool,
    /// What is known of the models that it opens.
    pub discovery: Discovery,
    /// What was sent and does not act, or not yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A credential and the provider that it is of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "KeyOfProvider")]
pub struct KeyOfProvider {
    /// The provider.
    pub provider: ProviderName,
    /// The credential.
    #[serde(flatten)]
    pub key: KeyView,
}

/// What is known of the models that an upstream serves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Discovery {
    /// Whether there is a list.
    pub status: DiscoveryStatus,
    /// How many models are on it.
    pub models: usize,
    /// When the upstream gave it, in RFC 3339.
    pub at: Option<String>,
    /// Why the latest look came to nothing, where it did.
    pub error: Option<String>,
}

/// Whether a list of models is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryStatus {
    /// The upstream gave one.
    Known,
    /// It was asked and gave none.
    Failed,
    /// It was not asked yet, or has no list to give.
    Unknown,
}

impl Discovery {
    fn of(keys: &[UpstreamKey], knowledge: &Knowledge) -> Self {
        let lists: Vec<_> = keys.iter().filter_map(|key| knowledge.list(key.endpoint)).collect();
        let error = keys.iter().find_map(|key| knowledge.failure(key.endpoint));
        let status = match (lists.is_empty(), error) {
            (false, _) => DiscoveryStatus::Known,
            (true, Some(_)) => DiscoveryStatus::Failed,
            (true, None) => DiscoveryStatus::Unknown,
        };
        Self {
            status,
            models: lists
                .iter()
                .flat_map(|list| &list.models)
                .collect::<BTreeSet<_>>()
                .len(),
            at: lists.iter().map(|list| list.at).max().map(Wall::rfc3339),
            error: error.map(str::to_owned),
        }
    }
}

/// A provider as it stands, if it is there.
pub(super) fn provider(state: &State, snapshot: &Snapshot, name: &str) -> Option<ProviderView> {
    let (said, upstream) = (state.provider(name)?.clone(), snapshot.upstreams.get(name)?);
    let Provider {
        enabled,
        keys,
        mut network_config,
        proxy_config,
        custom_provider_config,
        pricing,
        pricing_overrides,
    } = said;
    network_config.base_url = upstream.base_url.as_ref().map(|base| BaseUrl::as_str(base).to_owned());
    redact_headers(&mut network_config.extra_headers);
    let usable = upstream.keys.iter().any(UpstreamKey::usable);
    let keys = keys.into_iter().zip(&upstream.keys);
    Some(ProviderView {
        name: upstream.name.clone(),
        kind: upstream.kind.name,
        self_hosted: upstream.hosting == Hosting::SelfHosted,
        enabled,
        keys: keys
            .map(|(said, ready)| key(said, ready, &snapshot.knowledge))
            .collect(),
        network_config,
        proxy_config,
        custom_provider_config,
        pricing,
        pricing_overrides: pricing_overrides.into_iter().map(|said| OwnPrice { said }).collect(),
        origin: state.origin_of_provider(name).to_string(),
        provider_status: match (enabled, usable) {
            (false, _) => ProviderStatus::Disabled,
            (true, true) => ProviderStatus::Active,
            (true, false) => ProviderStatus::Error,
        },
        status: match (enabled, usable) {
            (false, _) => Some("disabled: no call goes to it".to_owned()),
            (true, true) => None,
            (true, false) => Some(why_unusable(upstream)),
        },
        discovery: Discovery::of(&upstream.keys, &snapshot.knowledge),
        warnings: Vec::new(),
    })
}

fn key(mut said: ProviderKey, ready: &UpstreamKey, knowledge: &Knowledge) -> KeyView {
    said.id = None;
    KeyView {
        id: ready.id.clone(),
        models: std::mem::take(&mut said.models),
        said,
        status: ready.status(),
        usable: ready.usable(),
        discovery: Discovery::of(std::slice::from_ref(ready), knowledge),
        warnings: Vec::new(),
    }
}

fn why_unusable(upstream: &Upstream) -> String {
    match upstream.keys.first() {
        None => "no key: add one".to_owned(),
        Some(key) => format!("key `{}`: {}", key.name, key.status()),
    }
}
