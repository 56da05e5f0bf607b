//! A configured provider, made ready for use: kind, address, way out, keys.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_governance::credential::KeyHasher;
use gateway_providers::transport::{Proxy, ProxyServer};
use gateway_providers::{BaseUrl, Egress, Kind, base_kind, kind, kinds};
use gateway_router::RetryPolicy;
use gateway_types::{KeyId, Operation, ProviderName, Secret};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::knowledge::Endpoint;
use crate::environment::Environment;
use crate::settings::{KeyValue, NetworkConfig, Pricing, Provider, ProviderKey, ProxyConfig, ProxyKind, RequestType};

/// A configured provider, ready for use.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) name: ProviderName,
    pub(crate) kind: &'static Kind,
    /// Whether the operator named it; built-in ones have the kind's name.
    pub(crate) custom: bool,
    pub(crate) base_url: BaseUrl,
    pub(crate) egress: Egress,
    pub(crate) head_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) keys: Vec<UpstreamKey>,
    /// What clients may ask of it; everything where none.
    pub(crate) allowed: Option<BTreeMap<RequestType, bool>>,
    pub(crate) paths: Arc<BTreeMap<Operation, String>>,
    pub(crate) headers: HeaderMap,
    /// Anthropic's features in trial that the operator says it has or has not.
    pub(crate) betas: Arc<BTreeMap<String, bool>>,
    /// Whether its tokens cost nothing.
    pub(crate) free: bool,
}

/// A provider's key, ready for use.
#[derive(Debug)]
pub(crate) struct UpstreamKey {
    pub(crate) id: KeyId,
    pub(crate) name: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) weight: f64,
    pub(crate) models: Vec<String>,
    pub(crate) endpoint: Endpoint,
    pub(crate) status: KeyStatus,
}

/// Whether a key can be used, and what keeps it from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    Ready,
    Disabled,
    Empty,
    MissingVariable(String),
}

impl KeyStatus {
    /// In words, for the API.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Ready => "ready".to_owned(),
            Self::Disabled => "disabled".to_owned(),
            Self::Empty => "no value: set one, or `is_key_less` if the provider takes none".to_owned(),
            Self::MissingVariable(name) => {
                format!("the environment variable {name} is not set, or may not be read")
            }
        }
    }
}

impl UpstreamKey {
    /// Whether a virtual key means it by that: its id, or its name.
    pub(crate) fn is_called(&self, id: &KeyId) -> bool {
        *id == self.id || id.as_str() == self.name
    }

    pub(crate) fn usable(&self) -> bool {
        self.status == KeyStatus::Ready
    }
}

impl Upstream {
    /// Whether clients may ask that of it, and it can do it.
    pub(crate) fn takes(&self, operation: Operation, stream: bool) -> bool {
        let asked = request_type(operation, stream);
        self.kind.serves(operation)
            && self
                .allowed
                .as_ref()
                .is_none_or(|allowed| allowed.get(&asked).copied().unwrap_or(false))
    }
}

/// The reference's word for an operation.
pub(crate) fn request_type(operation: Operation, stream: bool) -> RequestType {
    match (operation, stream) {
        (Operation::Chat | Operation::Invoke, false) => RequestType::ChatCompletion,
        (Operation::Chat | Operation::Invoke, true) => RequestType::ChatCompletionStream,
        (Operation::Completions, false) => RequestType::TextCompletion,
        (Operation::Completions, true) => RequestType::TextCompletionStream,
        (Operation::Responses, false) => RequestType::Responses,
        (Operation::Responses, true) => RequestType::ResponsesStream,
        (Operation::CountTokens, _) => RequestType::CountTokens,
        (Operation::Embeddings, _) => RequestType::Embedding,
        (Operation::Rerank, _) => RequestType::Rerank,
        (Operation::Moderations, _) => RequestType::Moderation,
        (Operation::Speech, false) => RequestType::Speech,
        (Operation::Speech, true) => RequestType::SpeechStream,
        (Operation::Transcription | Operation::Translation, false) => RequestType::Transcription,
        (Operation::Transcription | Operation::Translation, true) => RequestType::TranscriptionStream,
        (Operation::ImageGeneration, false) => RequestType::ImageGeneration,
        (Operation::ImageGeneration, true) => RequestType::ImageGenerationStream,
        (Operation::ImageEdit, false) => RequestType::ImageEdit,
        (Operation::ImageEdit, true) => RequestType::ImageEditStream,
        (Operation::ImageVariation, _) => RequestType::ImageVariation,
        (Operation::Files, _) => RequestType::Files,
        (Operation::Batches, _) => RequestType::Batches,
        (Operation::Passthrough, _) => RequestType::Passthrough,
        (Operation::Models, _) => RequestType::ListModels,
        // An operation that no setting names yet is gated with chat.
        _ => RequestType::ChatCompletion,
    }
}

/// The kind of a provider: of its own name, or of its custom base type.
pub(crate) fn kind_of(name: &str, provider: &Provider) -> Result<(&'static Kind, bool), String> {
    match &provider.custom_provider_config {
        Some(_) if kind(name).is_some() => Err(format!(
            "`custom_provider_config`: `{name}` is a known provider and needs none; choose another name"
        )),
        Some(custom) => base_kind(&custom.base_provider_type)
            .or_else(|| kind(&custom.base_provider_type))
            .map(|kind| (kind, true))
            .ok_or_else(|| {
                let known: Vec<_> = kinds().iter().map(|kind| kind.name).collect();
                format!(
                    "`custom_provider_config.base_provider_type`: `{}` is none of {}",
                    custom.base_provider_type,
                    known.join(", ")
                )
            }),
        None => kind(name).map(|kind| (kind, false)).ok_or_else(|| {
            format!("`{name}` is no known provider: say what it speaks in `custom_provider_config.base_provider_type`")
        }),
    }
}

/// Makes a provider ready for use, or says what is wrong with it and where.
pub(super) fn make(
    name: &ProviderName,
    provider: &Provider,
    environment: &dyn Environment,
    hasher: &KeyHasher,
) -> Result<Upstream, String> {
    check_name(name.as_str())?;
    let (kind, custom) = kind_of(name.as_str(), provider)?;
    let network = &provider.network_config;
    let base_url = match (&network.base_url, kind.base_url) {
        (Some(given), _) => BaseUrl::parse(given).map_err(|error| format!("`network_config.base_url`: {error}"))?,
        (None, Some(public)) if !custom => {
            BaseUrl::parse(public).map_err(|error| format!("`network_config.base_url`: {error}"))?
        }
        (None, _) => {
            return Err("`network_config.base_url` is missing: a custom provider has no public address".to_owned());
        }
    };
    let settings = provider.custom_provider_config.as_ref();
    let keyless = settings.map_or(kind.keyless, |custom| custom.is_key_less || kind.keyless);
    Ok(Upstream {
        name: name.clone(),
        kind,
        custom,
        egress: egress(network, provider.proxy_config.as_ref(), environment)?,
        head_timeout: seconds(network.default_request_timeout_in_seconds, 300),
        idle_timeout: seconds(network.stream_idle_timeout_in_seconds, 60),
        retry: retry(network)?,
        keys: keys(&provider.keys, keyless, &base_url, environment, hasher)?,
        allowed: settings.and_then(|custom| custom.allowed_requests.clone()),
        paths: Arc::new(path_overrides(provider)?),
        headers: extra_headers(network)?,
        betas: Arc::new(network.beta_header_overrides.clone()),
        free: match provider.pricing {
            Some(pricing) => pricing == Pricing::Free,
            None => kind.self_hosted || (custom && is_local(base_url.host())),
        },
        base_url,
    })
}

fn check_name(name: &str) -> Result<(), String> {
    let fine = !name.is_empty()
        && name.len() <= 100
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if fine {
        return Ok(());
    }
    Err(format!(
        "`provider`: `{name}` is no provider name; use up to 100 letters, digits, `-`, `_` and `.`"
    ))
}

fn seconds(given: Option<u32>, usual: u32) -> Duration {
    Duration::from_secs(given.filter(|seconds| *seconds > 0).unwrap_or(usual).into())
}

fn retry(network: &NetworkConfig) -> Result<RetryPolicy, String> {
    if network.max_retries > 10 {
        return Err(format!(
            "`network_config.max_retries`: {} is more than 10",
            network.max_retries
        ));
    }
    let millis =
        |given: Option<u32>, usual: u64| Duration::from_millis(given.filter(|ms| *ms > 0).map_or(usual, u64::from));
    let (initial, longest) = (
        millis(network.retry_backoff_initial, 500),
        millis(network.retry_backoff_max, 5000),
    );
    if initial > longest {
        return Err("`network_config.retry_backoff_initial` is longer than `retry_backoff_max`".to_owned());
    }
    Ok(RetryPolicy {
        max_retries: network.max_retries,
        backoff_initial: initial,
        backoff_max: longest,
    })
}

fn egress(
    network: &NetworkConfig,
    proxy: Option<&ProxyConfig>,
    environment: &dyn Environment,
) -> Result<Egress, String> {
    let pem = |text: &Option<String>, field: &str| match text {
        Some(text) if !text.contains("-----BEGIN CERTIFICATE-----") => Err(format!(
            "`{field}` holds no PEM certificate (`-----BEGIN CERTIFICATE-----`)"
        )),
        other => Ok(other.clone()),
    };
    let mut roots = pem(&network.ca_cert_pem, "network_config.ca_cert_pem")?;
    if let Some(proxy) = proxy
        && let Some(more) = pem(&proxy.ca_cert_pem, "proxy_config.ca_cert_pem")?
    {
        roots = Some(roots.map_or_else(|| more.clone(), |had| format!("{had}\n{more}")));
    }
    let max_conns = network.max_conns_per_host.unwrap_or(5000);
    if !(1..=10_000).contains(&max_conns) {
        return Err(format!(
            "`network_config.max_conns_per_host`: {max_conns} is not from 1 to 10000"
        ));
    }
    Ok(Egress {
        insecure_skip_verify: network.insecure_skip_verify,
        ca_cert_pem: roots.map(Arc::from),
        proxy: proxy.map_or(Ok(Proxy::None), |proxy| way_out(proxy, environment))?,
        max_conns_per_host: max_conns,
        enforce_http2: network.enforce_http2,
        allow_link_local: network.allow_link_local,
        ..Egress::default()
    })
}

fn way_out(proxy: &ProxyConfig, environment: &dyn Environment) -> Result<Proxy, String> {
    let url = match proxy.kind {
        ProxyKind::None => return Ok(Proxy::None),
        ProxyKind::Environment => {
            let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
            match names.iter().find_map(|name| environment.value(name)) {
                Some(url) => url,
                None => return Ok(Proxy::None),
            }
        }
        ProxyKind::Http | ProxyKind::Socks5 => proxy.url.clone().ok_or("`proxy_config.url` is missing")?,
    };
    let password = proxy
        .password
        .as_ref()
        .and_then(|value| resolve(value, environment).ok().flatten());
    let server = ProxyServer {
        username: proxy.username.clone(),
        password: password.map(|password| password.expose().to_owned()),
        url: url.clone(),
    };
    match url.split("://").next() {
        Some("http") => Ok(Proxy::Http(server)),
        Some("socks5" | "socks5h") => Ok(Proxy::Socks5(server)),
        _ => Err(format!(
            "`proxy_config.url`: `{url}` must begin with http:// or socks5://"
        )),
    }
}

/// What a written value stands for: nothing where it is empty, the variable's value where it names one.
pub(super) fn resolve(value: &KeyValue, environment: &dyn Environment) -> Result<Option<Secret>, String> {
    match value.variable() {
        Some(name) => match environment.value(name).filter(|found| !found.is_empty()) {
            Some(found) => Ok(Some(Secret::new(found))),
            None => Err(name.to_owned()),
        },
        None if value.as_written().expose().is_empty() => Ok(None),
        None => Ok(Some(value.as_written().clone())),
    }
}

fn keys(
    keys: &[ProviderKey],
    keyless: bool,
    base_url: &BaseUrl,
    environment: &dyn Environment,
    hasher: &KeyHasher,
) -> Result<Vec<UpstreamKey>, String> {
    let mut ready: Vec<UpstreamKey> = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let id = key.key_id();
        if id.as_str().is_empty() || key.name.is_empty() {
            return Err(format!("`keys[{index}].name` is empty"));
        }
        if ready.iter().any(|other| other.id == id) {
            return Err(format!("`keys[{index}]`: the id `{id}` is given twice"));
        }
        if !key.weight.is_finite() || key.weight < 0.0 {
            return Err(format!(
                "`keys[{index}].weight`: {} is not a number of at least 0",
                key.weight
            ));
        }
        let (secret, status) = match resolve(&key.value, environment) {
            _ if !key.enabled => (None, KeyStatus::Disabled),
            Ok(None) if keyless => (None, KeyStatus::Ready),
            Ok(None) => (None, KeyStatus::Empty),
            Ok(found) => (found, KeyStatus::Ready),
            Err(variable) => (None, KeyStatus::MissingVariable(variable)),
        };
        ready.push(UpstreamKey {
            endpoint: fingerprint(base_url, secret.as_ref(), hasher),
            id,
            name: key.name.clone(),
            secret,
            weight: key.weight,
            models: key.models.clone(),
            status,
        });
    }
    if ready.is_empty() && keyless {
        ready.push(UpstreamKey {
            id: KeyId::from("keyless"),
            name: "keyless".to_owned(),
            secret: None,
            weight: 1.0,
            models: Vec::new(),
            endpoint: fingerprint(base_url, None, hasher),
            status: KeyStatus::Ready,
        });
    }
    Ok(ready)
}

/// Keyed, so that what is kept under it tells nothing about the credential.
fn fingerprint(base_url: &BaseUrl, secret: Option<&Secret>, hasher: &KeyHasher) -> Endpoint {
    let text = format!("{}\n{}", base_url.as_str(), secret.map_or("", Secret::expose));
    let hash = hasher.hash(&text);
    hash.0.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

fn extra_headers(network: &NetworkConfig) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &network.extra_headers {
        let refused = || format!("`network_config.extra_headers.{name}` is no header name and value");
        let name: HeaderName = name.parse().map_err(|_| refused())?;
        let mut value: HeaderValue = value.parse().map_err(|_| refused())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn path_overrides(provider: &Provider) -> Result<BTreeMap<Operation, String>, String> {
    let mut paths = BTreeMap::new();
    for (asked, path) in provider
        .custom_provider_config
        .iter()
        .flat_map(|custom| &custom.request_path_overrides)
    {
        let whole = path.starts_with("http://") || path.starts_with("https://");
        if !(whole || path.starts_with('/')) || path.parse::<http::Uri>().is_err() {
            return Err(format!(
                "`custom_provider_config.request_path_overrides.{}`: `{path}` must begin with `/`, `http://` or `https://`",
                asked.as_str()
            ));
        }
        let operation = match asked {
            RequestType::ChatCompletion | RequestType::ChatCompletionStream => Operation::Chat,
            RequestType::TextCompletion | RequestType::TextCompletionStream => Operation::Completions,
            RequestType::Embedding => Operation::Embeddings,
            RequestType::Responses | RequestType::ResponsesStream => Operation::Responses,
            RequestType::CountTokens => Operation::CountTokens,
            RequestType::Rerank => Operation::Rerank,
            RequestType::Moderation => Operation::Moderations,
            RequestType::Speech | RequestType::SpeechStream => Operation::Speech,
            RequestType::Transcription | RequestType::TranscriptionStream => Operation::Transcription,
            RequestType::ImageGeneration | RequestType::ImageGenerationStream => Operation::ImageGeneration,
            RequestType::ImageEdit | RequestType::ImageEditStream => Operation::ImageEdit,
            RequestType::ImageVariation => Operation::ImageVariation,
            RequestType::Files => Operation::Files,
            RequestType::Batches => Operation::Batches,
            RequestType::ListModels => Operation::Models,
            // What passes through has the path that the client gives it.
            RequestType::Passthrough => continue,
        };
        paths.insert(operation, path.clone());
    }
    Ok(paths)
}

/// Whether a host is one's own: loopback, private, or a name without a dot.
pub(crate) fn is_local(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => v4.is_loopback() || v4.is_private(),
        Ok(IpAddr::V6(v6)) => {
            v6.is_loopback()
                || v6.is_unique_local()
                || v6
                    .to_ipv4_mapped()
                    .is_some_and(|v4| v4.is_loopback() || v4.is_private())
        }
        Err(_) => !host.contains('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Empty;
    use serde_json::json;

    fn made(name: &str, body: serde_json::Value) -> Result<Upstream, String> {
        let provider: Provider = serde_json::from_value(body).unwrap();
        make(&ProviderName::from(name), &provider, &Empty, &KeyHasher::new(&[7; 32]))
    }

    #[test]
    fn self_hosted_and_local_custom_providers_cost_nothing() {
        for (host, free) in [
            ("http://vllm-endpoint:8000", true),
            ("http://127.0.0.1:1", true),
            ("http://10.1.2.3", true),
            ("http://[::1]:8000", true),
            ("https://api.example.com", false),
            ("https://8.8.8.8", false),
        ] {
            let body = json!({"network_config": {"base_url": host}, "custom_provider_config": {"base_provider_type": "openai"}});
            assert_eq!(made("mine", body).unwrap().free, free, "{host}");
        }
        assert!(!made("openai", json!({})).unwrap().free);
        let overridden = json!({"network_config": {"base_url": "http://h"}, "custom_provider_config": {"base_provider_type": "openai"}, "pricing": "catalogue"});
        assert!(!made("mine", overridden).unwrap().free);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let custom = json!({"base_provider_type": "openai"});
        for (name, body, named) in [
            ("mine", json!({}), "custom_provider_config"),
            (
                "mine",
                json!({"custom_provider_config": {"base_provider_type": "smoke"}}),
                "base_provider_type",
            ),
            ("openai", json!({"custom_provider_config": custom}), "known provider"),
            ("mine", json!({"custom_provider_config": custom}), "base_url"),
            ("a/b", json!({}), "provider name"),
            (
                "openai",
                json!({"keys": [{"name": "a", "weight": -1.0}]}),
                "keys[0].weight",
            ),
            ("openai", json!({"keys": [{"name": "a"}, {"name": "a"}]}), "twice"),
            ("openai", json!({"network_config": {"ca_cert_pem": "x"}}), "ca_cert_pem"),
            (
                "openai",
                json!({"proxy_config": {"type": "http", "url": "ftp://x"}}),
                "proxy_config.url",
            ),
        ] {
            let error = made(name, body).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_key_says_what_keeps_it_from_use() {
        let upstream = made("openai", json!({"keys": [{"name": "a", "value": "env.NOPE"}, {"name": "b"}, {"name": "c", "value": "x", "enabled": false}, {"name": "d", "value": "x"}]})).unwrap();
        let statuses: Vec<_> = upstream.keys.iter().map(|key| key.status.clone()).collect();
        assert_eq!(
            statuses,
            [
                KeyStatus::MissingVariable("NOPE".to_owned()),
                KeyStatus::Empty,
                KeyStatus::Disabled,
                KeyStatus::Ready
            ]
        );
        assert_ne!(upstream.keys[2].endpoint, upstream.keys[3].endpoint);
    }
}
