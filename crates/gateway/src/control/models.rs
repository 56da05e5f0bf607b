//! Models: who serves which, what is known of each, and what it costs.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_governance::access::authorise;
use gateway_governance::catalog::ModelFacts;
use gateway_governance::prices::Wanted;
use gateway_types::{ModelName, Now, Operation, ProviderName, TokenClass, VirtualKeyId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Control;
use super::prices::quoted::{self, ModelPrice, in_catalogue};
use super::snapshot::Snapshot;
use super::upstream::{Upstream, UpstreamKey};
use crate::line::place::{facts, wanted};
use crate::ports::logs::Hosting;

/// Names of models.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModelNames {
    /// As many as were asked for.
    pub models: Vec<ModelAt>,
    /// How many there are in all.
    pub total: usize,
}

/// A model at a provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModelAt {
    /// The model.
    pub name: ModelName,
    /// The provider.
    pub provider: ProviderName,
}

/// A page of models.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModelList {
    /// The page.
    pub models: Vec<Model>,
    /// How many there are in all.
    pub total: usize,
    /// The most that a page was to hold.
    pub limit: usize,
    /// How many were skipped before.
    pub offset: usize,
    /// What can be narrowed to: how many of the models each provider has, and each ability.
    pub facets: Facets,
}

/// How many models there are of each sort, before those asked for are picked.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Facets {
    /// By provider.
    pub providers: BTreeMap<ProviderName, usize>,
    /// By ability.
    pub capabilities: BTreeMap<String, usize>,
    /// By what they are for.
    pub modes: BTreeMap<String, usize>,
}

/// A model at a provider, and what is known of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Model {
    /// The model, as it is asked for.
    pub name: ModelName,
    /// The provider: a configured one, or a name of the catalogue.
    pub provider: ProviderName,
    /// Whether the provider is configured and known to serve it.
    pub configured: bool,
    /// Whether a call can reach it now: the provider is not disabled and has a key that can be used.
    pub reachable: bool,
    /// Whether it runs on machines of one's own.
    pub self_hosted: bool,
    /// Whether the provider itself lists it; else it is known from the catalogue, or from the settings of a key.
    pub discovered: bool,
    /// What it is for: `chat`, `embedding`, …
    pub mode: Option<String>,
    /// The most tokens that prompt and answer can have.
    pub context_length: Option<u64>,
    /// The most tokens that a prompt can have.
    pub max_input_tokens: Option<u64>,
    /// The most tokens that an answer can have.
    pub max_output_tokens: Option<u64>,
    /// What goes in and what comes out.
    pub architecture: Architecture,
    /// What it can do: `tools`, `image_in`, `reasoning`, …
    pub capabilities: Vec<String>,
    /// What it costs.
    pub price: ModelPrice,
    /// The configured providers that are known to serve a model of that name.
    pub served_by: Vec<ProviderName>,
    /// The virtual keys that may ask for it there; only where one model is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_keys: Option<Vec<MayUse>>,
}

/// What goes into a model, and what comes out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Architecture {
    /// `text`, `image`, `audio`, `video`, `file`.
    pub input_modalities: Vec<&'static str>,
    /// `text`, `image`, `audio`, `embedding`, …
    pub output_modalities: Vec<&'static str>,
}

/// A virtual key that may use a model.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MayUse {
    /// Its id.
    pub id: VirtualKeyId,
    /// Its name.
    pub name: String,
}

/// Which models are wanted, in which order.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedModels<'a> {
    /// Every word of it is in the name or the provider's.
    pub query: Option<&'a str>,
    /// Of that provider alone.
    pub provider: Option<&'a str>,
    /// Of that very name.
    pub model: Option<&'a str>,
    /// Able to do that.
    pub capability: Option<&'a str>,
    /// For that.
    pub mode: Option<&'a str>,
    /// On machines of one's own, or not.
    pub self_hosted: Option<bool>,
    /// That a call can reach now, or cannot.
    pub reachable: Option<bool>,
    /// With those of the catalogue that no configured provider is known to serve.
    pub all: bool,
    /// What they are put in order by.
    pub sort_by: ModelOrder,
    /// The largest first.
    pub descending: bool,
    /// The most of them.
    pub limit: usize,
    /// How many are skipped before.
    pub offset: usize,
}

/// What models are put in order by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelOrder {
    /// The name.
    #[default]
    Name,
    /// The provider's name.
    Provider,
    /// The context length.
    Context,
    /// The most output.
    MaxOutput,
    /// The price of input.
    Input,
    /// The price of output.
    Output,
}

/// A model before it is known whether it is wanted.
struct Found<'a> {
    provider: ProviderName,
    upstream: Option<&'a Upstream>,
    name: ModelName,
    facts: Option<&'a ModelFacts>,
}

impl Control {
    /// `GET /api/models`: names alone.
    pub fn models(&self, query: Option<&str>, provider: Option<&str>, limit: usize) -> ModelNames {
        let snapshot = self.shared.snapshot.load();
        let text = query.map(str::to_lowercase);
        let fits = |model: &ModelName| {
            let text = text.as_deref();
            text.is_none_or(|text| model.as_str().to_lowercase().contains(text))
        };
        let upstreams = snapshot.upstreams.values();
        let upstreams = upstreams.filter(|upstream| provider.is_none_or(|name| upstream.name.as_str() == name));
        let mut models = Vec::new();
        for upstream in upstreams {
            let known = snapshot.known_models(upstream).into_iter().filter(|model| fits(model));
            models.extend(known.map(|name| ModelAt {
                name,
                provider: upstream.name.clone(),
            }));
        }
        let total = models.len();
        models.truncate(limit);
        ModelNames { models, total }
    }

    /// `GET /api/models/details`: what is known of each.
    pub fn model_details(&self, asked: &WantedModels<'_>) -> ModelList {
        let (snapshot, now) = (self.shared.snapshot.load(), self.shared.clock.now());
        let words: Vec<String> = asked
            .query
            .unwrap_or("")
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let mut all = every(&snapshot, asked.all);
        all.retain(|found| found.is_called(&words) && asked.model.is_none_or(|model| found.name.as_str() == model));
        let facets = Facets::of(&all);
        all.retain(|found| found.is_wanted(asked));
        sort(&mut all, &snapshot, asked, now);
        let page = all.iter().skip(asked.offset).take(asked.limit);
        let whose = asked.model.is_some();
        ModelList {
            models: page.map(|found| self.model(&snapshot, found, whose, now)).collect(),
            total: all.len(),
            limit: asked.limit,
            offset: asked.offset,
            facets,
        }
    }

    fn model(&self, snapshot: &Snapshot, found: &Found<'_>, whose: bool, now: Now) -> Model {
        let Found {
            provider,
            upstream,
            name,
            facts,
        } = found;
        let context = facts.and_then(|facts| facts.context);
        let most = facts.and_then(|facts| facts.max_output);
        let caps = facts.map_or(&[][..], |facts| &facts.caps);
        let listed = |upstream: &&Upstream| {
            let mut lists = upstream
                .keys
                .iter()
                .filter_map(|key| snapshot.knowledge.list(key.endpoint));
            lists.any(|list| list.models.contains(name))
        };
        Model {
            configured: upstream.is_some(),
            reachable: found.is_reachable(),
            self_hosted: upstream.is_some_and(|upstream| upstream.hosting == Hosting::SelfHosted),
            discovered: upstream.filter(listed).is_some(),
            mode: facts.and_then(|facts| facts.mode.as_deref().map(str::to_owned)),
            context_length: context,
            max_input_tokens: context,
            max_output_tokens: most,
            architecture: architecture(facts.and_then(|facts| facts.mode.as_deref()), caps),
            capabilities: caps.to_vec(),
            price: found.price(snapshot, now),
            served_by: servers(snapshot, name),
            virtual_keys: whose.then(|| self.may_use(snapshot, provider, name, now)),
            name: name.clone(),
            provider: provider.clone(),
        }
    }

    /// The virtual keys that a call for the model at that provider would be taken from.
    fn may_use(&self, snapshot: &Snapshot, provider: &ProviderName, model: &ModelName, now: Now) -> Vec<MayUse> {
        let asked = format!("{provider}/{model}");
        let state = self.shared.state.load();
        let allowed = state.virtual_keys().filter(|key| {
            let principal = snapshot.directory.as_presented(&key.id, now);
            principal.is_ok_and(|principal| authorise(&principal, &asked, snapshot).is_ok())
        });
        let named = |key: &gateway_governance::settings::VirtualKeySettings| MayUse {
            id: key.id.clone(),
            name: if key.name.is_empty() {
                key.id.to_string()
            } else {
                key.name.clone()
            },
        };
        allowed.map(named).collect()
    }
}

/// Every model of the configured providers; and of the catalogue, where that is wanted, those that none of them has.
fn every(snapshot: &Snapshot, all: bool) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for upstream in snapshot.upstreams.values().map(Arc::as_ref) {
        for name in snapshot.known_models(upstream) {
            if all {
                seen.insert((upstream.kind.catalogue, name.clone()));
            }
            found.push(Found {
                provider: upstream.name.clone(),
                upstream: Some(upstream),
                facts: facts(snapshot, upstream, &name),
                name,
            });
        }
    }
    if all {
        let unknown = snapshot.prices.catalog().iter().filter_map(|(provider, model, facts)| {
            let name = ModelName::from(model);
            let key = (provider, name);
            (!seen.contains(&key)).then(|| Found {
                provider: ProviderName::from(provider),
                upstream: None,
                name: key.1,
                facts: Some(facts),
            })
        });
        let unknown: Vec<_> = unknown.collect();
        found.extend(unknown);
    }
    found
}

impl Found<'_> {
    fn is_called(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let called = format!("{}/{}", self.provider, self.name).to_lowercase();
        words.iter().all(|word| called.contains(word.as_str()))
    }

    fn is_wanted(&self, asked: &WantedModels<'_>) -> bool {
        let own = self
            .upstream
            .is_some_and(|upstream| upstream.hosting == Hosting::SelfHosted);
        let can = |ability: &str| {
            self.facts
                .is_some_and(|facts| facts.caps.iter().any(|cap| cap == ability))
        };
        asked.provider.is_none_or(|provider| self.provider.as_str() == provider)
            && asked.capability.is_none_or(can)
            && asked.mode.is_none_or(|mode| self.mode() == Some(mode))
            && asked.self_hosted.is_none_or(|wanted| own == wanted)
            && asked.reachable.is_none_or(|wanted| self.is_reachable() == wanted)
    }

    /// Whether a call can get there: the provider takes calls and has a key that can be used.
    fn is_reachable(&self) -> bool {
        let usable = |upstream: &Upstream| upstream.enabled && upstream.keys.iter().any(UpstreamKey::usable);
        self.upstream.is_some_and(usable)
    }

    fn mode(&self) -> Option<&str> {
        self.facts.and_then(|facts| facts.mode.as_deref())
    }

    fn price(&self, snapshot: &Snapshot, now: Now) -> ModelPrice {
        quoted::of(&snapshot.prices, &self.wanted(), self.facts, now.wall)
    }

    fn rate(&self, snapshot: &Snapshot, now: Now, class: TokenClass) -> Option<f64> {
        quoted::rate(&snapshot.prices, &self.wanted(), self.mode(), now.wall, class)
    }

    fn wanted(&self) -> Wanted<'_> {
        match self.upstream {
            Some(upstream) => wanted(upstream, &self.name, Operation::Chat),
            None => in_catalogue(&self.provider, self.provider.as_str(), &self.name),
        }
    }
}

impl Facets {
    fn of(all: &[Found<'_>]) -> Self {
        let mut facets = Self::default();
        for found in all {
            *facets.providers.entry(found.provider.clone()).or_default() += 1;
            for cap in found.facts.map_or(&[][..], |facts| &facts.caps) {
                *facets.capabilities.entry(cap.clone()).or_default() += 1;
            }
            if let Some(mode) = found.mode() {
                *facets.modes.entry(mode.to_owned()).or_default() += 1;
            }
        }
        facets
    }
}

/// Puts models in order; those of which the figure is not known stand last, whatever the direction.
fn sort(all: &mut [Found<'_>], snapshot: &Snapshot, asked: &WantedModels<'_>, now: Now) {
    let by_name = |one: &Found<'_>, other: &Found<'_>| {
        let key = |found: &Found<'_>| (found.name.as_str().to_lowercase(), found.provider.clone());
        key(one).cmp(&key(other))
    };
    let turned = |order: Ordering| if asked.descending { order.reverse() } else { order };
    let figure = |found: &Found<'_>| -> Option<f64> {
        match asked.sort_by {
            ModelOrder::Context => found.facts?.context.map(|tokens| tokens as f64),
            ModelOrder::MaxOutput => found.facts?.max_output.map(|tokens| tokens as f64),
            ModelOrder::Input => found.rate(snapshot, now, TokenClass::Input),
            ModelOrder::Output => found.rate(snapshot, now, TokenClass::Output),
            ModelOrder::Name | ModelOrder::Provider => None,
        }
    };
    match asked.sort_by {
        ModelOrder::Name => all.sort_by(|one, other| turned(by_name(one, other))),
        ModelOrder::Provider => {
            all.sort_by(|one, other| turned(one.provider.cmp(&other.provider)).then_with(|| by_name(one, other)));
        }
        _ => {
            let figures: BTreeMap<(ProviderName, ModelName), Option<f64>> = all
                .iter()
                .map(|found| ((found.provider.clone(), found.name.clone()), figure(found)))
                .collect();
            let of = |found: &Found<'_>| {
                figures
                    .get(&(found.provider.clone(), found.name.clone()))
                    .copied()
                    .flatten()
            };
            all.sort_by(|one, other| match (of(one), of(other)) {
                (Some(one_of), Some(other_of)) => turned(one_of.total_cmp(&other_of)).then_with(|| by_name(one, other)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => by_name(one, other),
            });
        }
    }
}

/// The configured providers that are known to serve a model of that name.
fn servers(snapshot: &Snapshot, model: &ModelName) -> Vec<ProviderName> {
    use gateway_governance::access::{Served, Serves as _};
    let upstreams = snapshot.upstreams.values();
    let serving =
        upstreams.filter(|upstream| matches!(snapshot.serves(&upstream.name, model.as_str()), Served::Yes(_)));
    serving.map(|upstream| upstream.name.clone()).collect()
}

fn architecture(mode: Option<&str>, caps: &[String]) -> Architecture {
    let can = |ability: &str| caps.iter().any(|cap| cap == ability);
    let given = |sorts: &[(&'static str, bool)]| sorts.iter().filter(|(_, is)| *is).map(|(sort, _)| *sort).collect();
    let hears = mode == Some("audio_transcription");
    let (draws, speaks) = (
        matches!(mode, Some("image_generation" | "image_edit")),
        mode == Some("audio_speech"),
    );
    let embeds = mode == Some("embedding");
    let films = mode == Some("video_generation");
    Architecture {
        input_modalities: given(&[
            ("text", !hears),
            (
                "image",
                can("image_in") || can("embed_image") || mode == Some("image_edit"),
            ),
            ("audio", can("audio_in") || hears),
            ("video", can("video_in")),
            ("file", can("pdf_in")),
        ]),
        output_modalities: given(&[
            ("text", !draws && !speaks && !embeds && !films),
            ("image", draws),
            ("audio", can("audio_out") || speaks),
            ("video", films),
            ("embedding", embeds),
        ]),
    }
}
