//! What to ask a provider to find out whether it works: as little as it can do, of the cheapest model that can do it.

use gateway_governance::price::Pricing;
use gateway_types::{KeyId, ModelName, Operation, ProviderName};

use super::providers::{no_key, no_provider};
use super::snapshot::Snapshot;
use super::upstream::{Upstream, UpstreamKey};
use super::{Control, ControlError};
use crate::line::place::{facts, wanted};

/// Names of models that say that they do not chat, where the catalogue does not know them.
const NO_CHAT: [&str; 9] = [
    "embed",
    "rerank",
    "whisper",
    "tts",
    "dall-e",
    "moderation",
    "image",
    "transcribe",
    "guard",
];

/// A small call to a provider.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The provider.
    pub provider: ProviderName,
    /// The key that alone is tried, where one was named.
    pub key: Option<KeyId>,
    /// What is asked: chat, embeddings, rerank; or only the list of models.
    pub operation: Operation,
    /// Of which model; none for the list of models.
    pub model: Option<ModelName>,
    /// The chat member that caps the answer there.
    pub cap_member: &'static str,
    /// Where it goes.
    pub base_url: Option<String>,
    /// Some of the models that the provider is known to serve.
    pub known: Vec<ModelName>,
}

impl Control {
    /// What a test of that provider asks: of that model and with that key, where they are named.
    pub fn trial(&self, provider: &str, key: Option<&str>, model: Option<&str>) -> Result<Trial, ControlError> {
        let snapshot = self.shared.snapshot.load();
        let upstream = snapshot.upstreams.get(provider).ok_or_else(|| no_provider(provider))?;
        let key = match key {
            None => None,
            Some(named) => {
                let found = upstream.keys.iter().find(|key| key.is_called(&KeyId::from(named)));
                Some(found.ok_or_else(|| no_key(provider, named))?)
            }
        };
        let known = snapshot.known_models(upstream);
        let (operation, model) = match model {
            Some(model) => {
                let model = ModelName::from(model);
                (operation_of(&snapshot, upstream, &model), Some(model))
            }
            None => self.cheapest(&snapshot, upstream, key, &known),
        };
        let door = key.or_else(|| upstream.keys.first()).and_then(UpstreamKey::door);
        let base_url = door.map(|door| &door.base_url).or(upstream.base_url.as_ref());
        Ok(Trial {
            provider: upstream.name.clone(),
            key: key.map(|key| key.id.clone()),
            operation,
            model,
            cap_member: upstream.kind.cap_member,
            base_url: base_url.map(|base| base.as_str().to_owned()),
            known: known.into_iter().take(5).collect(),
        })
    }

    /// The cheapest thing that can be asked of a provider; the list of models, where no model is known to do any.
    fn cheapest(
        &self,
        snapshot: &Snapshot,
        upstream: &Upstream,
        key: Option<&UpstreamKey>,
        known: &[ModelName],
    ) -> (Operation, Option<ModelName>) {
        let now = self.shared.clock.now().wall;
        let opened = |model: &&ModelName| key.is_none_or(|key| opens(snapshot, key, model));
        let cost = |model: &ModelName, operation: Operation| {
            let quote = snapshot.prices.quote(&wanted(upstream, model, operation), now);
            match quote.pricing {
                Pricing::Free => 0,
                Pricing::Known(price) => price.bound(1000, 100, 1).0,
                Pricing::Unknown => i64::MAX,
            }
        };
        let asked = [Operation::Chat, Operation::Embeddings, Operation::Rerank];
        for operation in asked.into_iter().filter(|operation| upstream.takes(*operation, false)) {
            let able = known.iter().filter(opened);
            let able = able.filter(|model| suits(snapshot, upstream, model, operation));
            // What the catalogue knows is surer to do it than what only has a name.
            let best = able.min_by_key(|model| (facts(snapshot, upstream, model).is_none(), cost(model, operation)));
            if let Some(model) = best {
                return (operation, Some(model.clone()));
            }
        }
        (Operation::Models, None)
    }
}

fn opens(snapshot: &Snapshot, key: &UpstreamKey, model: &ModelName) -> bool {
    let allowed = key.models.is_empty() || key.models.iter().any(|allowed| allowed == model.as_str());
    let list = snapshot.knowledge.list(key.endpoint);
    let listed = list.is_none_or(|list| list.own_name(model.as_str()).is_some());
    allowed && (listed || key.renamed.contains_key(model.as_str()))
}

fn suits(snapshot: &Snapshot, upstream: &Upstream, model: &ModelName, operation: Operation) -> bool {
    let name = model.as_str().to_lowercase();
    match facts(snapshot, upstream, model).and_then(|facts| facts.mode.as_deref()) {
        // Tuned models, and those that search before they answer, are somebody's own or cost by the search.
        Some("chat") => operation == Operation::Chat && !name.starts_with("ft:") && !name.contains("search"),
        Some("embedding") => operation == Operation::Embeddings,
        Some("rerank") => operation == Operation::Rerank,
        Some(_) => false,
        None if name.contains("embed") => operation == Operation::Embeddings,
        None if name.contains("rerank") => operation == Operation::Rerank,
        None => operation == Operation::Chat && !NO_CHAT.iter().any(|word| name.contains(word)),
    }
}

fn operation_of(snapshot: &Snapshot, upstream: &Upstream, model: &ModelName) -> Operation {
    let fits = |operation: &Operation| suits(snapshot, upstream, model, *operation);
    let other = [Operation::Embeddings, Operation::Rerank].into_iter().find(fits);
    other.unwrap_or(Operation::Chat)
}
