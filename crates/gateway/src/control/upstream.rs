//! A configured provider, made ready for use: kind, address, way out, keys.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_governance::credential::KeyHasher;
use gateway_providers::cloud::{Keeper, Means};
use gateway_providers::transport::{Proxy, ProxyServer};
use gateway_providers::{Access, BaseUrl, Egress, Kind, Target, Transport, base_kind, kind, kinds};
use gateway_router::RetryPolicy;
use gateway_types::{Error, ModelName, Operation, ProviderName, Secret};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Shared;
use super::keys::Common;
pub(crate) use super::keys::{Door, UpstreamKey};
use crate::environment::{Environment, Machine};
use crate::ports::logs::Hosting;
use crate::settings::{KeyValue, NetworkConfig, Pricing, Provider, ProxyConfig, ProxyKind, RequestType};

/// A configured provider, ready for use.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) name: ProviderName,
    pub(crate) kind: &'static Kind,
    /// Whether the operator named it; built-in ones have the kind's name.
    pub(crate) custom: bool,
    /// Whether calls may go to it.
    pub(crate) enabled: bool,
    /// Where it is, as answers show it: the operator's address or the kind's. Keys may have others.
    pub(crate) base_url: Option<BaseUrl>,
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
    /// Where its models run: what costs nothing unless a price is said.
    pub(crate) hosting: Hosting,
}

impl Upstream {
    /// Whether it, or one of its keys, goes to that address.
    pub(crate) fn is_at(&self, address: &BaseUrl) -> bool {
        let mut doors = self.keys.iter().filter_map(UpstreamKey::door);
        self.base_url.as_ref() == Some(address) || doors.any(|door| door.base_url == *address)
    }

    /// What a request through one of its keys needs to know, but for the model.
    pub(crate) fn target(&self, door: &Door, access: Access) -> Target {
        Target {
            provider: self.name.clone(),
            kind: self.kind,
            base_url: door.base_url.clone(),
            model: ModelName::from(""),
            known_as: None,
            access,
            site: door.site.clone(),
            extra_headers: self.headers.clone(),
            path_overrides: Arc::clone(&self.paths),
            max_output: None,
            betas: Arc::clone(&self.betas),
        }
    }

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

impl Shared {
    /// What a key presents now, fetched through that transport where it has to be.
    pub(crate) async fn access(
        &self,
        transport: &dyn Transport,
        upstream: &Upstream,
        door: &Door,
    ) -> Result<Access, Error> {
        let means = Means {
            transport,
            egress: &upstream.egress,
            surroundings: &Machine(&*self.environment),
            clock: &*self.clock,
        };
        door.keeper.access(&means).await.map_err(|mut error| {
            error.message = format!("provider `{}`: {}", upstream.name, error.message);
            error
        })
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
    keepers: &[Arc<Keeper>],
) -> Result<Upstream, String> {
    check_name(name.as_str())?;
    let (kind, custom) = kind_of(name.as_str(), provider)?;
    let network = &provider.network_config;
    let given = |address: &str| BaseUrl::parse(address).map_err(|error| format!("`network_config.base_url`: {error}"));
    let public = kind.base_url.filter(|_| !custom);
    let base_url = network.base_url.as_deref().or(public).map(given).transpose()?;
    let own_addresses = kind.in_cloud() || provider.keys.iter().any(|key| key.addresses().next().is_some());
    if base_url.is_none() && !own_addresses {
        return Err("`network_config.base_url` is missing: a custom provider has no public address".to_owned());
    }
    let settings = provider.custom_provider_config.as_ref();
    let common = Common {
        kind,
        base_url: base_url.as_ref(),
        keyless: settings.map_or(kind.keyless, |custom| custom.is_key_less || kind.keyless),
        environment,
        hasher,
        keepers,
    };
    let keys = common.keys(&provider.keys)?;
    let own = kind.self_hosted || (custom && at_home(base_url.as_ref(), &keys));
    Ok(Upstream {
        name: name.clone(),
        kind,
        custom,
        enabled: provider.enabled,
        egress: egress(network, provider.proxy_config.as_ref(), environment)?,
        head_timeout: seconds(network.default_request_timeout_in_seconds, 300),
        idle_timeout: seconds(network.stream_idle_timeout_in_seconds, 60),
        retry: retry(network)?,
        allowed: settings.and_then(|custom| custom.allowed_requests.clone()),
        paths: Arc::new(path_overrides(provider)?),
        headers: extra_headers(network)?,
        betas: Arc::new(network.beta_header_overrides.clone()),
        free: match provider.pricing {
            Some(pricing) => pricing == Pricing::Free,
            None => own,
        },
        hosting: if own { Hosting::SelfHosted } else { Hosting::Cloud },
        base_url,
        keys,
    })
}

/// Whether a provider and all its keys are at hosts of one's own.
fn at_home(base_url: Option<&BaseUrl>, keys: &[UpstreamKey]) -> bool {
    let doors = keys.iter().filter_map(UpstreamKey::door).map(|door| &door.base_url);
    let mut all = doors.chain(base_url).peekable();
    all.peek().is_some() && all.all(|base| is_local(base.host()))
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
        make(
            &ProviderName::from(name),
            &provider,
            &Empty,
            &KeyHasher::new(&[7; 32]),
            &[],
        )
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
            let made = made("mine", body).unwrap();
            assert_eq!((made.free, made.hosting == Hosting::SelfHosted), (free, free), "{host}");
        }
        assert!(!made("openai", json!({})).unwrap().free);
        let overridden = json!({"network_config": {"base_url": "http://h"}, "custom_provider_config": {"base_provider_type": "openai"}, "pricing": "catalogue"});
        let priced = made("mine", overridden).unwrap();
        assert_eq!(
            (priced.free, priced.hosting),
            (false, Hosting::SelfHosted),
            "a price moves no machine"
        );
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
}
