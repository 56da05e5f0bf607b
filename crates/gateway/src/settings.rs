//! The settings document: one type for the file, the API and the dashboard.
//!
//! What is written here is what an operator said, checked field by field; what follows from it is in
//! [`crate::control`]'s snapshot.

mod key;
mod people;
mod rules;

use std::collections::BTreeMap;

pub use gateway_governance::settings::{
    Alerts, Budget, CustomerSettings, ModelConfig, OnDisconnect, PricingOverride, ProviderLimits, RateLimit,
    TeamSettings, UnknownPrice, VirtualKeySettings,
};
use gateway_types::{ProviderName, Secret, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::key::{AzureKey, BedrockKey, CONFIGS_OF_KINDS, ProviderKey, ServerKey, VertexKey, VllmKey};
pub(crate) use self::key::{CONFIGS, SECRETS};
pub use self::people::{ApiToken, PARTS, Role, User};
pub use self::rules::{RoutingFallback, RoutingPlace, RoutingRule, RoutingTarget, RuleScope};

/// The format of the document.
pub const SETTINGS_FORMAT: u32 = 1;

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The format of the document; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<u32>,
    /// How requests are taken, for all callers.
    pub client: Client,
    /// The providers, by name.
    pub providers: BTreeMap<ProviderName, Provider>,
    /// Who may use them.
    pub governance: Governance,
    /// Who may change settings.
    pub admin: Admin,
}

/// How requests are taken, for all callers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    /// Whether a call needs a virtual key. Unset: when the gateway listens beyond loopback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_auth_on_inference: Option<bool>,
    /// The most that a request body may have, in MiB.
    pub max_request_body_size_mb: u32,
    /// Whether request logs are kept.
    pub enable_logging: bool,
    /// What is kept of requests and responses.
    pub content_capture: Capture,
    /// Whether the gateway keeps responses (for 30 days, with what they answered) for clients that come back for them by their
    /// ids, where the model's provider does not.
    pub keep_responses: bool,
    /// How long request logs are kept, in days.
    pub log_retention_days: u32,
    /// What the names of the gateway's own metrics begin with.
    pub metrics_prefix: String,
    /// How many attempts one request may make, fallbacks and retries together.
    pub max_attempts: u32,
    /// How long after it came a request may still start an attempt, in seconds.
    pub request_timeout_in_seconds: u32,
    /// Headers that every call must carry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_headers: Vec<String>,
    /// What happens to a stream whose client has left, unless its virtual key says otherwise.
    pub on_disconnect: OnDisconnect,
    /// How long a virtual key's old value still works after its rotation. Unset: not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vk_rotation_cooldown: Option<Span>,
    /// What a call costs whose model has no price.
    pub unknown_price: UnknownPrice,
    /// Who is told when a budget runs low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Alerts>,
}

/// What is kept of requests and responses in the logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// Facts about them.
    #[default]
    Metadata,
    /// Their bodies too, up to a bound.
    Full,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            enforce_auth_on_inference: None,
            max_request_body_size_mb: 100,
            enable_logging: true,
            content_capture: Capture::Metadata,
            keep_responses: true,
            log_retention_days: 365,
            metrics_prefix: "bifrost".to_owned(),
            max_attempts: 10,
            request_timeout_in_seconds: 600,
            required_headers: Vec::new(),
            on_disconnect: OnDisconnect::Cancel,
            vk_rotation_cooldown: None,
            unknown_price: UnknownPrice::default(),
            alerts: None,
        }
    }
}

/// Who may use the providers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Governance {
    /// The virtual keys.
    pub virtual_keys: Vec<VirtualKeySettings>,
    /// The teams that they belong to.
    pub teams: Vec<TeamSettings>,
    /// The customers that teams and keys belong to.
    pub customers: Vec<CustomerSettings>,
    /// Budgets and limits by model, whoever calls.
    pub model_configs: Vec<ModelConfig>,
    /// Budgets and limits by provider, whoever calls.
    pub providers: Vec<ProviderLimits>,
    /// Where calls go that fit a condition.
    pub routing_rules: Vec<RoutingRule>,
    /// Prices in place of the catalogue's.
    pub pricing_overrides: Vec<PricingOverride>,
}

/// Who may change settings. Each value may be `env.NAME`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Opens the management API and the dashboard to whoever presents it, from anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<KeyValue>,
    /// Opens `/metrics` to whoever presents it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_token: Option<KeyValue>,
    /// People who log in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Tokens for programs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<ApiToken>,
}

/// A configured upstream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Provider {
    /// Whether calls may go to it. One that may not keeps its keys, and what is known of its models and its health.
    #[serde(skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// Its credentials.
    pub keys: Vec<ProviderKey>,
    /// How it is reached.
    pub network_config: NetworkConfig,
    /// The way out to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_config: Option<ProxyConfig>,
    /// What it speaks, where its name is not that of a known provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_provider_config: Option<CustomProviderConfig>,
    /// Whether its tokens cost what the catalogue says or nothing. Unset: nothing for self-hosted servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// Prices in place of the catalogue's, for this provider. They win over those that governance has, and need no id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pricing_overrides: Vec<PricingOverride>,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            enabled: true,
            keys: Vec::new(),
            network_config: NetworkConfig::default(),
            proxy_config: None,
            custom_provider_config: None,
            pricing: None,
            pricing_overrides: Vec::new(),
        }
    }
}

/// Whether tokens cost anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// They cost nothing.
    Free,
    /// They cost what the catalogue says.
    Catalogue,
}

/// A credential as an operator wrote it: plain, or `env.NAME`. Serialises as it may be shown, never as it is.
#[derive(Clone, PartialEq)]
pub struct KeyValue(Secret);

impl KeyValue {
    /// Takes a value as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    /// As it was written.
    pub fn as_written(&self) -> &Secret {
        &self.0
    }

    /// The variable that it names, if it names one.
    pub fn variable(&self) -> Option<&str> {
        self.0.expose().strip_prefix("env.")
    }

    /// As it may be shown: a variable by its name, anything else redacted.
    pub fn shown(&self) -> String {
        if self.variable().is_some() {
            self.0.expose().to_owned()
        } else {
            self.0.redacted()
        }
    }
}

impl Default for KeyValue {
    fn default() -> Self {
        Self::new("")
    }
}

impl std::fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Serialize for KeyValue {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for KeyValue {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input).map(Self::new)
    }
}

impl JsonSchema for KeyValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A secret, or `env.NAME` for the environment variable that holds it."
        })
    }
}

/// How a provider is reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Its address, with or without `/v1` at the end. Unset: the kind's public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Headers added to every request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra_headers: BTreeMap<String, String>,
    /// How long the head of a response may take, in seconds; 300 when unset or 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_request_timeout_in_seconds: Option<u32>,
    /// How often an attempt is repeated on the same key before another provider is tried.
    pub max_retries: u32,
    /// The pause before the first repetition, in milliseconds; 500 when unset.
    #[serde(alias = "retry_backoff_initial_ms", skip_serializing_if = "Option::is_none")]
    pub retry_backoff_initial: Option<u32>,
    /// The longest pause before a repetition, in milliseconds; 5000 when unset.
    #[serde(alias = "retry_backoff_max_ms", skip_serializing_if = "Option::is_none")]
    pub retry_backoff_max: Option<u32>,
    /// Takes any certificate. For tests and broken appliances.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_skip_verify: bool,
    /// Further certificate authorities, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_cert_pem: Option<String>,
    /// How long a stream may be silent, in seconds; 60 when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_idle_timeout_in_seconds: Option<u32>,
    /// Connections at the most, for each worker; 5000 when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_conns_per_host: Option<u32>,
    /// Speaks HTTP/2 only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enforce_http2: bool,
    /// Anthropic's features in trial (`anthropic-beta`), by how their names begin, that the provider has in spite of what is
    /// known of it (`true`), or has not (`false`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub beta_header_overrides: BTreeMap<String, bool>,
    /// Lets the provider be at a link-local or cloud metadata address.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_link_local: bool,
}

/// The way out to a provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyConfig {
    /// What kind of way.
    #[serde(rename = "type")]
    pub kind: ProxyKind,
    /// The proxy's address, `http://host:port` or `socks5://host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The user, where it asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password, where it asks for one; may be `env.NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<KeyValue>,
    /// Further certificate authorities behind the proxy, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_cert_pem: Option<String>,
}

/// Kinds of ways out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProxyKind {
    /// Straight.
    #[default]
    None,
    /// An HTTP proxy.
    Http,
    /// A SOCKS5 proxy.
    Socks5,
    /// What `HTTPS_PROXY` or `HTTP_PROXY` says when the settings are taken up.
    Environment,
}

/// What a provider of the operator's own naming speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomProviderConfig {
    /// The known provider that it speaks like: `openai`, `anthropic`, or a self-hosted kind such as `vllm`.
    pub base_provider_type: String,
    /// Whether it takes no credential.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_key_less: bool,
    /// What clients may ask of it. Omitted: everything; present: only what is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_requests: Option<BTreeMap<RequestType, bool>>,
    /// Paths, or whole URLs, in place of the usual ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub request_path_overrides: BTreeMap<RequestType, String>,
}

macro_rules! request_types {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What can be asked of a provider, in the reference's words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[allow(missing_docs, reason = "the words say it")]
        pub enum RequestType {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl RequestType {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

request_types! {
    ListModels = "list_models",
    TextCompletion = "text_completion",
    TextCompletionStream = "text_completion_stream",
    ChatCompletion = "chat_completion",
    ChatCompletionStream = "chat_completion_stream",
    Responses = "responses",
    ResponsesStream = "responses_stream",
    CountTokens = "count_tokens",
    Embedding = "embedding",
    Rerank = "rerank",
    Speech = "speech",
    SpeechStream = "speech_stream",
    Transcription = "transcription",
    TranscriptionStream = "transcription_stream",
    ImageGeneration = "image_generation",
    ImageGenerationStream = "image_generation_stream",
    ImageEdit = "image_edit",
    ImageEditStream = "image_edit_stream",
    ImageVariation = "image_variation",
    Moderation = "moderation",
    Files = "file",
    Batches = "batch",
    Passthrough = "passthrough",
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_true(yes: &bool) -> bool {
    *yes
}

fn one() -> f64 {
    1.0
}
