//! Who counts on a provider: virtual keys and how much of theirs goes there, rules, limits, prices.

use gateway_governance::settings::{ModelConfig, PricingOverride, ProviderLimits, VirtualKeySettings};
use gateway_types::VirtualKeyId;
use schemars::JsonSchema;
use serde::Serialize;

use super::providers::no_provider;
use super::{Control, ControlError};
use crate::settings::{RoutingFallback, RoutingRule};

/// Who counts on a provider, and would notice if it were gone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProviderUses {
    /// Virtual keys that list it.
    pub virtual_keys: Vec<KeyUse>,
    /// How many virtual keys list no provider and may use all of them.
    pub unrestricted_keys: usize,
    /// Routing rules that send calls there.
    pub routing_rules: Vec<Use>,
    /// Limits of models at this provider.
    pub model_configs: Vec<Use>,
    /// Prices that hold at this provider.
    pub pricing_overrides: Vec<Use>,
    /// Whether it has limits of its own.
    pub has_limits: bool,
}

/// A virtual key that lists the provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyUse {
    /// Its id.
    pub id: VirtualKeyId,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub is_active: bool,
    /// The weight of the provider.
    pub weight: f64,
    /// Its part of the weights above 0, from 0 to 1; 0 is only a fallback.
    pub share: f64,
    /// The models that it may ask for there. None: all.
    pub allowed_models: Vec<String>,
    /// The keys of the provider that it may use. None: all.
    pub key_ids: Vec<String>,
    /// Whether it lists no other provider.
    pub only: bool,
}

/// Something that names the provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Use {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

impl Control {
    /// `GET /api/providers/{name}/uses`.
    pub fn uses_of_provider(&self, provider: &str) -> Result<ProviderUses, ControlError> {
        let state = self.shared.state.load();
        state.provider(provider).ok_or_else(|| no_provider(provider))?;
        let keys = || state.virtual_keys();
        let rules = state.every::<RoutingRule>().filter(|rule| sends_to(rule, provider));
        let models = state.every::<ModelConfig>();
        let prices = state.every::<PricingOverride>();
        let is_it = |named: Option<&str>| named == Some(provider);
        Ok(ProviderUses {
            virtual_keys: keys().filter_map(|key| key_use(key, provider)).collect(),
            unrestricted_keys: keys().filter(|key| key.provider_configs.is_empty()).count(),
            routing_rules: rules.map(|rule| named(&rule.id, &rule.name)).collect(),
            model_configs: models
                .filter(|one| is_it(one.provider.as_ref().map(AsRef::as_ref)))
                .map(|one| named(&one.id, &one.model_name))
                .collect(),
            pricing_overrides: prices
                .filter(|one| is_it(one.provider.as_ref().map(AsRef::as_ref)))
                .map(|one| named(&one.id, one.name.as_deref().unwrap_or(&one.model_pattern)))
                .collect(),
            has_limits: state.one::<ProviderLimits>(provider).is_some(),
        })
    }
}

fn named(id: &str, name: &str) -> Use {
    Use {
        id: id.to_owned(),
        name: if name.is_empty() { id } else { name }.to_owned(),
    }
}

fn key_use(key: &VirtualKeySettings, provider: &str) -> Option<KeyUse> {
    let entries = &key.provider_configs;
    let entry = entries.iter().find(|entry| entry.provider.as_str() == provider)?;
    let whole: f64 = entries.iter().map(|entry| entry.weight).sum();
    Some(KeyUse {
        id: key.id.clone(),
        name: if key.name.is_empty() {
            key.id.to_string()
        } else {
            key.name.clone()
        },
        is_active: key.is_active,
        weight: entry.weight,
        share: if whole > 0.0 { entry.weight / whole } else { 0.0 },
        allowed_models: entry.allowed_models.clone(),
        key_ids: entry.key_ids.iter().map(ToString::to_string).collect(),
        only: entries.len() == 1,
    })
}

fn sends_to(rule: &RoutingRule, provider: &str) -> bool {
    let target = rule.targets.iter().any(|target| {
        let named = target.provider.as_ref();
        named.is_some_and(|named| named.as_str() == provider)
    });
    let fallback = rule.fallbacks.iter().any(|fallback| match fallback {
        RoutingFallback::Name(name) => name.split_once('/').is_some_and(|(first, _)| first == provider),
        RoutingFallback::Place(place) => place.provider.as_str() == provider,
    });
    target || fallback
}
