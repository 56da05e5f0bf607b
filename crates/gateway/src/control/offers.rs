//! Self-hosted servers that were noticed on this machine: offered, and used only once somebody accepts them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Control, ControlError, ProviderView, Save, discovery};
use crate::settings::{CustomProviderConfig, NetworkConfig, Provider};

/// Offers, by the name that the provider would have.
#[derive(Debug, Default)]
pub(super) struct Offers(Mutex<BTreeMap<String, Offer>>);

/// Self-hosted servers that were noticed and not yet accepted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OfferList {
    /// How many there are.
    pub total: usize,
    /// They, by name.
    pub offers: Vec<Offer>,
}

/// A server that was noticed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Offer {
    /// The name that the provider would have.
    pub name: String,
    /// What it is, by the name of `GET /api/providers/kinds`.
    pub kind: String,
    /// Where it is.
    pub base_url: String,
    /// The models that it lists.
    pub models: Vec<String>,
}

impl Control {
    /// `GET /api/offers`: self-hosted servers that were noticed and not yet accepted.
    pub fn offers(&self) -> OfferList {
        let offers: Vec<_> = self.lock_offers().values().cloned().collect();
        OfferList {
            total: offers.len(),
            offers,
        }
    }

    /// `POST /api/offers/{name}/accept`: makes a provider of an offer.
    pub async fn accept_offer(&self, name: &str, author: &str) -> Result<ProviderView, ControlError> {
        let offer = self.lock_offers().get(name).cloned();
        let offer = offer.ok_or_else(|| ControlError::NotFound(format!("there is no offer `{name}`")))?;
        let answer = self
            .save_provider(None, body(name, &offer), Save::Create, author)
            .await?;
        self.lock_offers().remove(name);
        Ok(answer)
    }

    /// Looks for self-hosted servers at these places, `(provider name, kind, base URL)`, and offers those that answer
    /// with a model list and that no provider points at already. Gives the names of what was newly noticed.
    pub async fn notice(&self, places: &[(String, String, String)]) -> Vec<String> {
        let mut noticed = Vec::new();
        for (name, kind, base_url) in places {
            if self.is_configured(name, base_url) {
                continue;
            }
            let Some(models) = self.probe(name, kind, base_url).await else {
                continue;
            };
            let offer = Offer {
                name: name.clone(),
                kind: kind.clone(),
                base_url: base_url.clone(),
                models,
            };
            if self.lock_offers().insert(name.clone(), offer).is_none() {
                noticed.push(name.clone());
            }
        }
        noticed
    }

    fn is_configured(&self, name: &str, base_url: &str) -> bool {
        let snapshot = self.shared.snapshot.load();
        let Ok(address) = gateway_providers::BaseUrl::parse(base_url) else {
            return true;
        };
        snapshot.upstreams.contains_key(name) || snapshot.upstreams.values().any(|upstream| upstream.is_at(&address))
    }

    async fn probe(&self, name: &str, kind: &str, base_url: &str) -> Option<Vec<String>> {
        let provider = provider(name, kind, base_url);
        let shared = &self.shared;
        let upstream =
            super::upstream::make(&name.into(), &provider, &*shared.environment, &shared.hasher, &[]).ok()?;
        let models = discovery::fetch(shared, &upstream, upstream.keys.first()?).await.ok()?;
        Some(models.into_iter().map(|model| model.to_string()).collect())
    }

    fn lock_offers(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Offer>> {
        self.shared
            .offers
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The provider that an offer would make: of its kind if it has the kind's name, else one of its own.
fn provider(name: &str, kind: &str, base_url: &str) -> Provider {
    let custom = CustomProviderConfig {
        base_provider_type: kind.to_owned(),
        is_key_less: true,
        allowed_requests: None,
        request_path_overrides: BTreeMap::new(),
    };
    Provider {
        network_config: NetworkConfig {
            base_url: Some(base_url.to_owned()),
            ..NetworkConfig::default()
        },
        custom_provider_config: (name != kind).then_some(custom),
        ..Provider::default()
    }
}

fn body(name: &str, offer: &Offer) -> Value {
    let mut body = json!(provider(name, &offer.kind, &offer.base_url));
    body["provider"] = json!(name);
    body
}
