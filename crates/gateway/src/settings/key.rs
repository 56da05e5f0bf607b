//! A provider's key: the credential, and what a cloud or a server of one's own needs beside it.

use std::collections::BTreeMap;

use gateway_types::KeyId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyValue, one, yes};

/// A credential of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderKey {
    /// Its id; the name unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<KeyId>,
    /// Its name.
    pub name: String,
    /// The credential, or `env.NAME`. Never shown again.
    #[serde(default)]
    pub value: KeyValue,
    /// Its share among the provider's keys.
    #[serde(default = "one")]
    pub weight: f64,
    /// The models it may be used for. None: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Whether it may be used.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What the upstream calls a model that is asked for by another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
    /// Its resource, for Azure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azure_key_config: Option<AzureKey>,
    /// Its project, for Vertex AI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertex_key_config: Option<VertexKey>,
    /// Its account and region, for Bedrock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedrock_key_config: Option<BedrockKey>,
    /// Its server, for vLLM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vllm_key_config: Option<VllmKey>,
    /// Its server, for Ollama.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ollama_key_config: Option<ServerKey>,
    /// Its server, for SGLang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sgl_key_config: Option<ServerKey>,
}

/// A resource of Azure. Without a value in the key, Microsoft Entra is asked for a token: with the client secret, else
/// with what the surroundings have (variables, a federated token, a managed identity).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AzureKey {
    /// `https://NAME.openai.azure.com`, or `env.NAME`. Unset: `network_config.base_url`, else AZURE_OPENAI_ENDPOINT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The deployment of each model that is not deployed under its own name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deployments: BTreeMap<String, String>,
    /// The dated version of the API; `2024-10-21` when unset. `v1` or `preview`: the API without dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// The application in Microsoft Entra, or the managed identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The application's secret, or `env.NAME`. Never shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<KeyValue>,
    /// The tenant in Microsoft Entra.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// What tokens are for; `https://cognitiveservices.azure.com/.default` when unset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// A project of Google Cloud. A value in the key is an API key; without one a token is had from the credentials, or from
/// what the surroundings have (a credentials file, the metadata server).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VertexKey {
    /// The project's id, or `env.NAME`. Unset: that of the credentials, else GOOGLE_CLOUD_PROJECT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The project's number; stands for the id where that is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_number: Option<String>,
    /// The region, `us`, `eu` or `global`. Unset: GOOGLE_CLOUD_LOCATION, else `global`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// A credentials file's JSON, as text, or `env.NAME`. Never shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_credentials: Option<KeyValue>,
    /// The upstream's name for each model that is asked for by another one; a number is an endpoint's id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deployments: BTreeMap<String, String>,
}

/// An account and a region of AWS. A value in the key is a Bedrock API key; without one requests are signed: with the keys
/// given here, else with what the surroundings have (variables, a profile, web identity, the container, the instance).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BedrockKey {
    /// The access key's id, or `env.NAME`. Never shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<KeyValue>,
    /// The secret access key, or `env.NAME`. Never shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<KeyValue>,
    /// What goes with keys that expire, or `env.NAME`. Never shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<KeyValue>,
    /// The region, or `env.NAME`. Unset: AWS_REGION, AWS_DEFAULT_REGION, the profile's, else `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What stands before the names of models (`arn:aws:bedrock:REGION:ACCOUNT:inference-profile`), or the ARN of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// A role to take, or `env.NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What the role's owner asks of third parties, or `env.NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What the role's session is called; `gateway` when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// The model id, inference profile or ARN of each model that is asked for by another name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deployments: BTreeMap<String, String>,
}

/// A vLLM server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VllmKey {
    /// Its address, or `env.NAME`. Unset: `network_config.base_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The one model that it is used for. Unset: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_name: Option<String>,
}

/// A server of one's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerKey {
    /// Its address, or `env.NAME`. Unset: `network_config.base_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The fields of a key that hold objects of their own.
pub(crate) const CONFIGS: [&str; 6] = [
    "azure_key_config",
    "vertex_key_config",
    "bedrock_key_config",
    "vllm_key_config",
    "ollama_key_config",
    "sgl_key_config",
];

/// The kinds of providers whose keys have which of those objects; the first of them is the usual one.
pub const CONFIGS_OF_KINDS: [(&str, &[&str]); 6] = [
    ("azure_key_config", &["azure"]),
    ("vertex_key_config", &["vertex"]),
    ("bedrock_key_config", &["bedrock", "bedrock-compatible"]),
    ("vllm_key_config", &["vllm"]),
    ("ollama_key_config", &["ollama", "ollama-native"]),
    ("sgl_key_config", &["sgl", "sglang"]),
];

/// The secrets among a key's fields, as paths.
pub(crate) const SECRETS: [&[&str]; 6] = [
    &["value"],
    &["azure_key_config", "client_secret"],
    &["vertex_key_config", "auth_credentials"],
    &["bedrock_key_config", "access_key"],
    &["bedrock_key_config", "secret_key"],
    &["bedrock_key_config", "session_token"],
];

impl ProviderKey {
    /// An enabled key of that name and value, for all models.
    pub fn new(name: impl Into<String>, value: KeyValue) -> Self {
        Self {
            id: None,
            name: name.into(),
            value,
            weight: 1.0,
            models: Vec::new(),
            enabled: true,
            aliases: BTreeMap::new(),
            azure_key_config: None,
            vertex_key_config: None,
            bedrock_key_config: None,
            vllm_key_config: None,
            ollama_key_config: None,
            sgl_key_config: None,
        }
    }

    /// Its id, or the name that stands for one.
    pub fn key_id(&self) -> KeyId {
        self.id.clone().unwrap_or_else(|| KeyId::from(self.name.as_str()))
    }

    /// The secret at one of the paths of [`SECRETS`], where there is one.
    pub(crate) fn secret(&self, path: &[&str]) -> Option<&KeyValue> {
        let (azure, vertex, bedrock) = (
            self.azure_key_config.as_ref(),
            self.vertex_key_config.as_ref(),
            self.bedrock_key_config.as_ref(),
        );
        match path {
            ["value"] => Some(&self.value),
            [_, "client_secret"] => azure?.client_secret.as_ref(),
            [_, "auth_credentials"] => vertex?.auth_credentials.as_ref(),
            [_, "access_key"] => bedrock?.access_key.as_ref(),
            [_, "secret_key"] => bedrock?.secret_key.as_ref(),
            [_, "session_token"] => bedrock?.session_token.as_ref(),
            _ => None,
        }
    }

    /// Puts another secret in the place of one that is there.
    pub(crate) fn set_secret(&mut self, path: &[&str], value: KeyValue) {
        let (azure, vertex, bedrock) = (
            self.azure_key_config.as_mut(),
            self.vertex_key_config.as_mut(),
            self.bedrock_key_config.as_mut(),
        );
        let place = match path {
            ["value"] => Some(&mut self.value),
            [_, "client_secret"] => azure.and_then(|azure| azure.client_secret.as_mut()),
            [_, "auth_credentials"] => vertex.and_then(|vertex| vertex.auth_credentials.as_mut()),
            [_, "access_key"] => bedrock.and_then(|bedrock| bedrock.access_key.as_mut()),
            [_, "secret_key"] => bedrock.and_then(|bedrock| bedrock.secret_key.as_mut()),
            [_, "session_token"] => bedrock.and_then(|bedrock| bedrock.session_token.as_mut()),
            _ => None,
        };
        if let Some(place) = place {
            *place = value;
        }
    }

    /// The addresses of its own to which its credential goes.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        let azure = self
            .azure_key_config
            .as_ref()
            .and_then(|azure| azure.endpoint.as_deref());
        let vllm = self.vllm_key_config.as_ref().and_then(|vllm| vllm.url.as_deref());
        let ollama = self.ollama_key_config.as_ref().and_then(|server| server.url.as_deref());
        let sgl = self.sgl_key_config.as_ref().and_then(|server| server.url.as_deref());
        [azure, vllm, ollama, sgl].into_iter().flatten()
    }

    /// What the upstream calls the models that are asked for by other names.
    pub(crate) fn renamed(&self) -> BTreeMap<String, String> {
        let azure = self.azure_key_config.as_ref().map(|azure| &azure.deployments);
        let vertex = self.vertex_key_config.as_ref().map(|vertex| &vertex.deployments);
        let bedrock = self.bedrock_key_config.as_ref().map(|bedrock| &bedrock.deployments);
        let all = [Some(&self.aliases), azure, vertex, bedrock];
        let all = all.into_iter().flatten().flatten();
        all.map(|(asked, own)| (asked.clone(), own.clone())).collect()
    }
}
