//! A virtual key as answers show it.

use std::collections::BTreeMap;

use gateway_governance::directory::Limited;
use gateway_governance::settings::{Alerts, CustomerSettings, OnDisconnect, TeamSettings, VirtualKeySettings};
use gateway_types::{CustomerId, KeyId, ModelName, ProviderName, TeamId, VirtualKeyId, Wall};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::limits::ShownLimits;
use super::super::parties::Named;
use super::super::{Control, Framed};
use super::name;

/// A virtual key, with what was used of its limits. Its value is there once: in the answer that made it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "VirtualKey")]
pub struct ShownVirtualKey {
    /// The operator's name for it in paths and logs.
    pub id: VirtualKeyId,
    /// The name to show.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What clients present, as far as it may be shown; the whole of it in the answer that made it, and never again.
    pub value: Option<String>,
    /// Whether the value can be guessed, such as one that is the id.
    pub guessable: bool,
    /// Earlier values that still work.
    pub previous: Vec<Earlier>,
    /// Whether it may be used, as far as that is set; see `status`.
    pub is_active: bool,
    /// Whether it works now.
    pub status: KeyStatus,
    /// When it stops working, in RFC 3339.
    pub expires_at: Option<String>,
    /// How one of the entries is chosen.
    pub strategy: String,
    /// Whether a call that cannot be told whole to the chosen model's provider is refused.
    pub strict_translation: bool,
    /// Whether it may use the passthrough prefixes.
    pub allow_passthrough: bool,
    /// Its team.
    pub team_id: Option<TeamId>,
    /// The same with its name.
    pub team: Option<TeamOfKey>,
    /// The customer that is set for it; its team's is in `customer`.
    pub customer_id: Option<CustomerId>,
    /// Its customer, or its team's.
    pub customer: Option<Named>,
    /// Models that it may not use, `*` being a wildcard.
    pub blacklisted_models: Vec<String>,
    /// Headers that its calls must carry.
    pub required_headers: Vec<String>,
    /// Tags of its calls in logs and ledger.
    pub metadata: BTreeMap<String, String>,
    /// What happens to a stream whose client has left. None: as the client section says.
    pub on_disconnect: Option<OnDisconnect>,
    /// Who is told when one of its budgets runs low, if not whom the settings name.
    pub alerts: Option<Alerts>,
    /// What it allows, an entry per provider. None at all: everything that is configured.
    pub provider_configs: Vec<ShownEntry>,
    /// What it may spend and how often it may call, by model.
    pub model_limits: Vec<ShownModelLimit>,
    /// Where it is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// What it has done; not in answers of changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<KeyActivity>,
    /// Its own limits in all, at providers and for models not counted.
    #[serde(flatten)]
    pub limits: ShownLimits,
}

/// What a virtual key has done, as far as logs are kept.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct KeyActivity {
    /// When its latest call came, in RFC 3339.
    pub last_used_at: Option<String>,
    /// Calls in the last seven days.
    pub week_requests: u64,
    /// Tokens in the last seven days.
    pub week_tokens: u64,
    /// Dollars in the last seven days.
    pub week_cost: f64,
}

/// Whether a virtual key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It works.
    Active,
    /// It is switched off.
    Disabled,
    /// Its time is over.
    Expired,
}

/// An earlier value of a key, which still works.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "EarlierValue")]
pub struct Earlier {
    /// Until when, in RFC 3339.
    pub until: String,
}

/// A virtual key's team.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TeamOfKey {
    /// The id.
    pub id: TeamId,
    /// The name to show.
    pub name: String,
    /// Its customer.
    pub customer_id: Option<CustomerId>,
}

/// What a virtual key allows at one provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProviderEntry")]
pub struct ShownEntry {
    /// The provider.
    pub provider: ProviderName,
    /// Its share among the entries that serve the same model; 0 means only as a fallback.
    pub weight: f64,
    /// The models it allows, `*` being a wildcard. None: whatever the provider serves.
    pub allowed_models: Vec<String>,
    /// Models that it does not allow, whatever else is said.
    pub blacklisted_models: Vec<String>,
    /// Names that clients ask for, and what is served for them; `*` stands for any name this entry does not serve.
    pub model_aliases: BTreeMap<String, ModelName>,
    /// The provider's keys that may be used. None: all.
    pub key_ids: Vec<KeyId>,
    /// What may be used here.
    #[serde(flatten)]
    pub limits: ShownLimits,
}

/// What a virtual key may spend on a model.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ModelLimit")]
pub struct ShownModelLimit {
    /// The model that is served, `*` being a wildcard.
    pub model_name: String,
    /// What may be used of it.
    #[serde(flatten)]
    pub limits: ShownLimits,
}

impl Framed for VirtualKeySettings {
    const ONE: &'static str = "virtual_key";
    const MANY: &'static str = "virtual_keys";
    type View = ShownVirtualKey;
}

impl Control {
    pub(super) fn shown_virtual_key(&self, key: &VirtualKeySettings) -> ShownVirtualKey {
        let (shared, state) = (&self.shared, self.shared.state.load());
        let mut limits = key
            .allowances()
            .into_iter()
            .map(|allowance| shared.shown_limits(&allowance));
        // Its own come first, then those of its entries, then those by model.
        let own = limits.next().unwrap_or_default();
        let entries = key
            .provider_configs
            .iter()
            .zip(&mut limits)
            .map(|(entry, limits)| ShownEntry {
                provider: entry.provider.clone(),
                weight: entry.weight,
                allowed_models: entry.allowed_models.clone(),
                blacklisted_models: entry.blacklisted_models.clone(),
                model_aliases: entry.model_aliases.clone(),
                key_ids: entry.key_ids.clone(),
                limits,
            });
        let entries = entries.collect();
        let of_models = key
            .model_limits
            .iter()
            .zip(&mut limits)
            .map(|(limit, limits)| ShownModelLimit {
                model_name: limit.model_name.clone(),
                limits,
            });
        let of_models = of_models.collect();
        let team = key.team_id.as_ref();
        let team = team.and_then(|id| state.one::<TeamSettings>(id.as_str()));
        let customer = key.customer_id.as_ref().or_else(|| team?.customer_id.as_ref());
        let customer = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str()));
        let now = shared.clock.now().wall;
        let previous = key.previous.iter().filter(|value| is_ahead(&value.until, now));
        ShownVirtualKey {
            id: key.id.clone(),
            name: name(key).to_owned(),
            description: key.description.clone(),
            value: key.value_hint.clone(),
            guessable: key.guessable,
            previous: previous
                .map(|value| Earlier {
                    until: value.until.clone(),
                })
                .collect(),
            is_active: key.is_active,
            status: status(key, now),
            expires_at: key.expires_at.clone(),
            strategy: key.strategy.as_deref().unwrap_or("weighted").to_owned(),
            strict_translation: key.strict_translation,
            allow_passthrough: key.allow_passthrough,
            team_id: key.team_id.clone(),
            team: team.map(|team| TeamOfKey {
                id: team.id.clone(),
                name: team.name.clone(),
                customer_id: team.customer_id.clone(),
            }),
            customer_id: key.customer_id.clone(),
            customer: customer.map(|customer| Named::of(customer.id.as_str(), &customer.name)),
            blacklisted_models: key.blacklisted_models.clone(),
            required_headers: key.required_headers.clone(),
            metadata: key.metadata.clone(),
            on_disconnect: key.on_disconnect,
            alerts: key.alerts.clone(),
            provider_configs: entries,
            model_limits: of_models,
            origin: state.origin_of_virtual_key(key.id.as_str()).to_string(),
            activity: None,
            limits: own,
        }
    }
}

/// Whether a key works.
pub(super) fn status(key: &VirtualKeySettings, now: Wall) -> KeyStatus {
    match &key.expires_at {
        Some(at) if !is_ahead(at, now) => KeyStatus::Expired,
        _ if key.is_active => KeyStatus::Active,
        _ => KeyStatus::Disabled,
    }
}

fn is_ahead(moment: &str, now: Wall) -> bool {
    Wall::parse_rfc3339(moment).is_some_and(|moment| moment > now)
}
