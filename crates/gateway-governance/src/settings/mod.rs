//! What an operator says of callers, limits and prices. The same types serve the file, the API and the store.

mod alerts;
mod limits;
mod parties;
mod prices;

pub use alerts::Alerts;
pub use limits::{Budget, RateLimit};
pub use parties::{CustomerSettings, ModelConfig, ModelLimit, ProviderLimits, TeamSettings};
pub use prices::{Match, PricingOverride, TokenPrices, UnknownPrice};

use std::collections::BTreeMap;

use gateway_types::{CustomerId, KeyId, ModelName, ProviderName, TeamId, VirtualKeyId};
use schemars::JsonSchema;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// The team whose budgets and limits hold for it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// The customer whose budgets and limits hold for it as well; with a team, the team's customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// Values that it had before, with the time until which each still works. Filled in by the gateway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<PreviousValue>,
    /// Models that it may not use, whatever its entries allow and aliases serve, `*` being a wildcard. However a model's name
    /// is spelled; with a provider in front, there alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blacklisted_models: Vec<String>,
    /// Headers that its calls must carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_headers: Vec<String>,
    /// Facts about it, which become tags of its calls in logs and ledger: at most 32, with names of at most 64 bytes and
    /// values of at most 256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// What happens to a stream whose client has left. Unset: as the client section says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_disconnect: Option<OnDisconnect>,
    /// Who is told when one of its budgets passes a threshold, instead of whom the governance section names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Alerts>,
    /// What it allows, an entry per provider. None at all: everything that is configured.
    #[serde(default)]
    pub provider_configs: Vec<ProviderConfig>,
    /// What it may spend.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// How often it may call, and for how many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// What it may spend and how often it may call, by model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_limits: Vec<ModelLimit>,
}

/// A value that a virtual key had before its rotation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviousValue {
    /// Its keyed hash, in hex.
    pub value_hash: String,
    /// Until when it works, as RFC 3339.
    pub until: String,
}

/// What happens to a stream whose client has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnDisconnect {
    /// The upstream is left too; what was streamed until then is charged.
    #[default]
    Cancel,
    /// The answer is read to its end, so that what the provider reports is charged; at most that many tokens more.
    Finish {
        /// The most tokens of output that are waited for.
        most_tokens: u64,
    },
}

impl<'de> Deserialize<'de> for OnDisconnect {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let said = Value::deserialize(input)?;
        let finish = said
            .as_object()
            .filter(|fields| fields.len() == 1)
            .and_then(|fields| fields.get("finish"));
        let finish = finish.and_then(Value::as_object).filter(|fields| fields.len() == 1);
        match (
            said.as_str(),
            finish.and_then(|fields| fields.get("most_tokens")?.as_u64()),
        ) {
            (Some("cancel"), _) => Ok(Self::Cancel),
            (_, Some(most_tokens)) => Ok(Self::Finish { most_tokens }),
            _ => {
                let shown: String = said.to_string().chars().take(60).collect();
                Err(D::Error::custom(format!(
                    "{shown} is not known here; write \"cancel\" or {{\"finish\": {{\"most_tokens\": 1000}}}}"
                )))
            }
        }
    }
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
    /// Models that it does not allow, whatever else is said, `*` being a wildcard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blacklisted_models: Vec<String>,
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

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}
