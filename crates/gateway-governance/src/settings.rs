//! What an operator says of virtual keys. The same types serve the file, the API and the store.

use std::collections::BTreeMap;

use gateway_types::{KeyId, ModelName, ProviderName, Span, VirtualKeyId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A virtual key: who may use what, and how much of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VirtualKeySettings {
    /// The operator's name for it in paths and logs. Never a credential where the gateway made the value.
    pub id: VirtualKeyId,
    /// A name to show. The id unless given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The value that clients present: plain text or `env.NAME` in a file or a request, never in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The keyed hash of the value, in hex. Filled in by the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_hash: Option<String>,
    /// The value as it may be shown. Filled in by the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_hint: Option<String>,
    /// Whether the value is one that can be guessed, such as the id. Filled in by the gateway.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guessable: bool,
    /// Whether it may be used.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// When it stops working, as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How one of the allowed entries is chosen: `weighted` (the default), `least_busy`, `latency`, `cost` or
    /// `affinity`. Passed on to the router uninterpreted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Whether a call that the chosen model's provider cannot be told whole is refused instead of told in part, unless
    /// the call says so itself (`x-gateway-strict`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict_translation: bool,
    /// Whether it may use the passthrough prefixes, behind which a provider's own API is open with the provider's key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_passthrough: bool,
    /// What it allows, an entry per provider. None at all: everything that is configured.
    #[serde(default)]
    pub provider_configs: Vec<ProviderConfig>,
    /// What it may spend.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often it may call, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// What a virtual key allows at one provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// The provider.
    pub provider: ProviderName,
    /// Its share among the entries that serve the same model. They need not sum to 1; 0 means only as a fallback.
    #[serde(default = "one")]
    pub weight: f64,
    /// The models it allows, `*` being a wildcard. None: whatever the provider serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_models: Vec<String>,
    /// Names that clients ask for, and what is served for them; `*` stands for any name this entry does not serve.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub model_aliases: BTreeMap<String, ModelName>,
    /// The provider's keys that may be used, by id or name. None: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_ids: Vec<KeyId>,
    /// What may be spent here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often this may be called, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// A sum of money over a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Dollars. 0 means only what costs nothing.
    pub max_limit: f64,
    /// How long a window lasts.
    pub reset_duration: Span,
    /// Whether windows begin with the UTC day, week, month or year instead of with their first use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_aligned: bool,
}

/// Requests and tokens over windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests per window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_max_limit: Option<u64>,
    /// How long the requests' window lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_reset_duration: Option<Span>,
    /// Tokens per window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_max_limit: Option<u64>,
    /// How long the tokens' window lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_reset_duration: Option<Span>,
    /// Requests at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<u64>,
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}
