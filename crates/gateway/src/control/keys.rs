//! A provider's keys, made ready for use: where each goes, and where what it presents comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_governance::credential::KeyHasher;
use gateway_providers::cloud::aws::{self, AwsSource, Role};
use gateway_providers::cloud::azure::AzureSource;
use gateway_providers::cloud::google::{GoogleCredentials, GoogleSource};
use gateway_providers::cloud::{AwsKeys, Keeper, Source, public_address};
use gateway_providers::{Access, BaseUrl, Kind, Site};
use gateway_types::{KeyId, ModelName, Secret};

use super::knowledge::Endpoint;
use super::upstream::resolve;
use crate::environment::{Environment, Machine};
use crate::settings::{AzureKey, BedrockKey, KeyValue, ProviderKey, VertexKey};

/// The variable in which Azure's tools look for a resource's address.
pub(super) const AZURE_ENDPOINT: &str = "AZURE_OPENAI_ENDPOINT";
/// The version of Azure's API where none is set.
const AZURE_VERSION: &str = "2024-10-21";
/// Where Google's tools look for a region.
const VERTEX_REGIONS: [&str; 3] = ["GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION", "CLOUD_ML_REGION"];

/// A provider's key, ready for use.
#[derive(Debug)]
pub(crate) struct UpstreamKey {
    pub(crate) id: KeyId,
    pub(crate) name: String,
    pub(crate) weight: f64,
    pub(crate) models: Vec<String>,
    /// What the upstream calls models that are asked for by other names.
    pub(crate) renamed: BTreeMap<String, String>,
    /// What stands before the names of models, or the only one there is.
    arn: Option<String>,
    pub(crate) endpoint: Endpoint,
    door: Result<Door, KeyStatus>,
}

/// Where a usable key opens, and what it presents there.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) base_url: BaseUrl,
    pub(crate) site: Site,
    pub(crate) keeper: Arc<Keeper>,
}

/// What keeps a key from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    Disabled,
    Empty,
    MissingVariable(String),
    /// Something else is missing; a whole sentence.
    Incomplete(String),
}

impl KeyStatus {
    /// In words, for the API.
    fn shown(&self) -> String {
        match self {
            Self::Disabled => "disabled".to_owned(),
            Self::Empty => "no value: set one, or `is_key_less` if the provider takes none".to_owned(),
            Self::MissingVariable(name) => {
                format!("the environment variable {name} is not set, or may not be read")
            }
            Self::Incomplete(what) => what.clone(),
        }
    }
}

impl UpstreamKey {
    /// Whether a virtual key means it by that: its id, or its name.
    pub(crate) fn is_called(&self, id: &KeyId) -> bool {
        *id == self.id || id.as_str() == self.name
    }

    pub(crate) fn usable(&self) -> bool {
        self.door.is_ok()
    }

    /// Where it opens, if it can be used.
    pub(crate) fn door(&self) -> Option<&Door> {
        self.door.as_ref().ok()
    }

    /// Whether it can be used, or what keeps it from that, in words.
    pub(crate) fn status(&self) -> String {
        self.door.as_ref().map_or_else(KeyStatus::shown, |_| "ready".to_owned())
    }

    /// What the upstream calls a model.
    pub(crate) fn own_name(&self, model: &ModelName) -> ModelName {
        let name = self.renamed.get(model.as_str()).map_or(model.as_str(), String::as_str);
        match &self.arn {
            // The ARN of one model stands for it.
            Some(arn) if arn.contains('/') => ModelName::from(arn.as_str()),
            Some(arn) if !name.starts_with("arn:") => ModelName::from(format!("{arn}/{name}")),
            _ if name == model.as_str() => model.clone(),
            _ => ModelName::from(name),
        }
    }
}

/// What the keys of one provider have in common.
pub(super) struct Common<'a> {
    pub(super) kind: &'static Kind,
    /// The operator's address, or the kind's own.
    pub(super) base_url: Option<&'a BaseUrl>,
    pub(super) keyless: bool,
    pub(super) environment: &'a dyn Environment,
    pub(super) hasher: &'a KeyHasher,
    /// Those of the settings before, whose tokens are still good.
    pub(super) keepers: &'a [Arc<Keeper>],
}

impl Common<'_> {
    /// Makes a provider's keys ready, or says what is wrong with one and where.
    pub(super) fn keys(&self, keys: &[ProviderKey]) -> Result<Vec<UpstreamKey>, String> {
        let mut ready: Vec<UpstreamKey> = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            let made = self.key(key).map_err(|error| format!("`keys[{index}]{error}"))?;
            if ready.iter().any(|other| other.id == made.id) {
                return Err(format!("`keys[{index}]`: the id `{}` is given twice", made.id));
            }
            ready.push(made);
        }
        if ready.is_empty() && self.keyless {
            ready.push(self.key(&ProviderKey::new("keyless", KeyValue::default()))?);
        }
        Ok(ready)
    }

    /// The error goes on after the key's own path.
    fn key(&self, key: &ProviderKey) -> Result<UpstreamKey, String> {
        if key.key_id().as_str().is_empty() || key.name.is_empty() {
            return Err(".name` is empty".to_owned());
        }
        if !key.weight.is_finite() || key.weight < 0.0 {
            return Err(format!(".weight`: {} is not a number of at least 0", key.weight));
        }
        check_configs(self.kind, key)?;
        let mut reading = Reading {
            environment: self.environment,
            missing: None,
            identity: String::new(),
        };
        let value = reading.secret(Some(&key.value));
        let (address, site, source) = match (self.kind.name, value) {
            ("azure", value) => azure(&mut reading, key, value)?,
            ("vertex", value) => vertex(&mut reading, key, value)?,
            ("bedrock", value) => bedrock(&mut reading, key, value)?,
            // A server that speaks like Bedrock takes keys of AWS where there are any.
            ("bedrock-compatible", None) if key.bedrock_key_config.is_some() => bedrock(&mut reading, key, None)?,
            (_, value) => plain(&mut reading, key, value),
        };
        let given =
            address.map(|(field, address)| BaseUrl::parse(&address).map_err(|error| format!(".{field}`: {error}")));
        let base_url = given
            .transpose()?
            .or_else(|| self.base_url.cloned())
            .or_else(|| public_address(&site).and_then(|address| BaseUrl::parse(&address).ok()));
        let endpoint = fingerprint(base_url.as_ref(), &reading.identity, self.hasher);
        let bare = source == Source::Static(Access::None) && !self.keyless;
        let door = match (reading.missing, base_url) {
            _ if !key.enabled => Err(KeyStatus::Disabled),
            (Some(missing), _) => Err(missing),
            _ if bare => Err(KeyStatus::Empty),
            (None, None) => Err(KeyStatus::Incomplete(no_address(self.kind))),
            (None, Some(base_url)) => Ok(Door {
                base_url,
                site,
                keeper: self.keeper(source),
            }),
        };
        let arn = key
            .bedrock_key_config
            .as_ref()
            .and_then(|bedrock| bedrock.arn.as_deref());
        let only = key.vllm_key_config.as_ref().and_then(|vllm| vllm.model_name.clone());
        Ok(UpstreamKey {
            id: key.key_id(),
            name: key.name.clone(),
            weight: key.weight,
            models: only.map_or_else(|| key.models.clone(), |only| vec![only]),
            renamed: key.renamed(),
            arn: arn
                .map(|arn| arn.trim_end_matches('/').to_owned())
                .filter(|arn| !arn.is_empty()),
            endpoint,
            door,
        })
    }

    fn keeper(&self, source: Source) -> Arc<Keeper> {
        let had = self.keepers.iter().find(|keeper| *keeper.source() == source);
        had.cloned().unwrap_or_else(|| Arc::new(Keeper::new(source)))
    }
}

/// What a key's settings come to: an address of its own and its field, the site, the source.
type Found = (Option<(&'static str, String)>, Site, Source);

/// Reads values that may be variables, and remembers what they came to.
struct Reading<'a> {
    environment: &'a dyn Environment,
    missing: Option<KeyStatus>,
    /// Everything that tells this key's endpoint from another's.
    identity: String,
}

impl Reading<'_> {
    fn secret(&mut self, value: Option<&KeyValue>) -> Option<Secret> {
        let found = match value.map(|value| resolve(value, self.environment)) {
            Some(Ok(found)) => found,
            Some(Err(variable)) => {
                self.lacks(KeyStatus::MissingVariable(variable));
                None
            }
            None => None,
        };
        self.identity.push('\n');
        self.identity.push_str(found.as_ref().map_or("", Secret::expose));
        found
    }

    fn text(&mut self, value: Option<&String>) -> Option<String> {
        let value = value.map(|text| KeyValue::new(text.trim()));
        self.secret(value.as_ref()).map(|text| text.expose().to_owned())
    }

    fn lacks(&mut self, what: KeyStatus) {
        self.missing.get_or_insert(what);
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.environment.value(name).filter(|value| !value.is_empty())
    }
}

fn plain(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Found {
    let vllm = key.vllm_key_config.as_ref().and_then(|vllm| vllm.url.as_ref());
    let ollama = key.ollama_key_config.as_ref().and_then(|server| server.url.as_ref());
    let sgl = key.sgl_key_config.as_ref().and_then(|server| server.url.as_ref());
    let urls = [
        ("vllm_key_config.url", vllm),
        ("ollama_key_config.url", ollama),
        ("sgl_key_config.url", sgl),
    ];
    let given = urls.into_iter().find_map(|(field, url)| Some((field, url?)));
    let address = given.and_then(|(field, url)| Some((field, reading.text(Some(url))?)));
    (address, Site::Plain, Source::Static(Access::key(value)))
}

fn azure(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Result<Found, String> {
    let none = AzureKey::default();
    let config = key.azure_key_config.as_ref().unwrap_or(&none);
    let endpoint = reading
        .text(config.endpoint.as_ref())
        .or_else(|| reading.variable(AZURE_ENDPOINT));
    let version = reading.text(config.api_version.as_ref());
    let source = AzureSource {
        tenant: reading.text(config.tenant_id.as_ref()),
        client_id: reading.text(config.client_id.as_ref()),
        client_secret: reading.secret(config.client_secret.as_ref()),
        scopes: config.scopes.clone(),
    };
    let source = match value {
        Some(key) => Source::Static(Access::Key(key)),
        None => Source::Azure(source),
    };
    // The portal shows the address with the API that it is for.
    let endpoint = endpoint.map(|endpoint| endpoint.trim_end_matches('/').to_owned());
    let undated = endpoint
        .as_deref()
        .is_some_and(|endpoint| endpoint.ends_with("/openai/v1"));
    let bare = |endpoint: String| {
        let bare = ["/openai/v1", "/openai", "/anthropic"]
            .iter()
            .find_map(|end| endpoint.strip_suffix(end));
        bare.map_or(endpoint.clone(), str::to_owned)
    };
    let api_version = match version.as_deref() {
        Some("v1") => None,
        None if undated => None,
        None => Some(AZURE_VERSION.to_owned()),
        Some(version) => Some(version.to_owned()),
    };
    let address = endpoint.map(|endpoint| ("azure_key_config.endpoint", bare(endpoint)));
    Ok((address, Site::Azure { api_version }, source))
}

fn vertex(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Result<Found, String> {
    let none = VertexKey::default();
    let config = key.vertex_key_config.as_ref().unwrap_or(&none);
    let google = match reading.secret(config.auth_credentials.as_ref()) {
        Some(written) => GoogleSource::Given(
            GoogleCredentials::parse(written.expose())
                .map_err(|error| format!(".vertex_key_config.auth_credentials`: {error}"))?,
        ),
        None => GoogleSource::Usual,
    };
    let region = reading.text(config.region.as_ref());
    let region = region.or_else(|| VERTEX_REGIONS.iter().find_map(|name| reading.variable(name)));
    let named = reading.text(config.project_id.as_ref());
    let named = named.or_else(|| reading.text(config.project_number.as_ref()));
    let (project, source) = match value {
        // An API key stands for its project.
        Some(key) => (named, Source::Static(Access::Key(key))),
        None => {
            let project = named.or_else(|| google.project(&Machine(reading.environment)));
            if project.is_none() {
                let what = "`vertex_key_config.project_id` is missing, and the credentials name no project";
                reading.lacks(KeyStatus::Incomplete(what.to_owned()));
            }
            (project, Source::Google(google))
        }
    };
    let site = Site::Vertex {
        project: project.unwrap_or_default(),
        region: region.unwrap_or_else(|| "global".to_owned()),
    };
    Ok((None, site, source))
}

fn bedrock(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Result<Found, String> {
    let none = BedrockKey::default();
    let config = key.bedrock_key_config.as_ref().unwrap_or(&none);
    let id = reading.secret(config.access_key.as_ref());
    let secret = reading.secret(config.secret_key.as_ref());
    let session_token = reading.secret(config.session_token.as_ref());
    let keys = match (id, secret) {
        (Some(id), Some(secret_access_key)) => Some(AwsKeys {
            access_key_id: id.expose().to_owned(),
            secret_access_key,
            session_token,
        }),
        (None, None) => None,
        (Some(_), None) => {
            let what = "`bedrock_key_config.secret_key` is missing: `access_key` needs it";
            reading.lacks(KeyStatus::Incomplete(what.to_owned()));
            None
        }
        (None, Some(_)) => {
            let what = "`bedrock_key_config.access_key` is missing: `secret_key` needs it";
            reading.lacks(KeyStatus::Incomplete(what.to_owned()));
            None
        }
    };
    let arn_of_role = reading.text(config.role_arn.as_ref());
    let external_id = reading.text(config.external_id.as_ref());
    let session_name = reading.text(config.session_name.as_ref());
    let of_arn = |arn: &String| {
        arn.split(':')
            .nth(3)
            .filter(|region| !region.is_empty())
            .map(str::to_owned)
    };
    let region = reading
        .text(config.region.as_ref())
        .or_else(|| config.arn.as_ref().and_then(of_arn))
        .or_else(|| aws::region(&Machine(reading.environment)))
        .unwrap_or_else(|| "us-east-1".to_owned());
    if !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!(
            ".bedrock_key_config.region`: `{region}` is no region, as `us-east-1` is"
        ));
    }
    reading.identity.push_str(&region);
    let source = match value {
        Some(key) => Source::Static(Access::Key(key)),
        None => Source::Aws(AwsSource {
            region: region.clone(),
            keys,
            role: arn_of_role.map(|arn| Role {
                arn,
                external_id,
                session_name,
            }),
        }),
    };
    Ok((None, Site::Bedrock { region }, source))
}

/// A config that nothing reads would be a wish that nobody hears.
fn check_configs(kind: &Kind, key: &ProviderKey) -> Result<(), String> {
    let configs: [(&str, bool, &[&str]); 6] = [
        ("azure_key_config", key.azure_key_config.is_some(), &["azure"]),
        ("vertex_key_config", key.vertex_key_config.is_some(), &["vertex"]),
        (
            "bedrock_key_config",
            key.bedrock_key_config.is_some(),
            &["bedrock", "bedrock-compatible"],
        ),
        ("vllm_key_config", key.vllm_key_config.is_some(), &["vllm"]),
        ("ollama_key_config", key.ollama_key_config.is_some(), &["ollama"]),
        ("sgl_key_config", key.sgl_key_config.is_some(), &["sgl", "sglang"]),
    ];
    let astray = configs
        .iter()
        .find(|(_, given, kinds)| *given && !kinds.contains(&kind.name));
    match astray {
        Some((field, _, kinds)) => Err(format!(
            ".{field}` is for providers of the kind {}; this one is `{}`",
            kinds[0], kind.name
        )),
        None => Ok(()),
    }
}

fn no_address(kind: &Kind) -> String {
    match kind.name {
        "azure" => "`azure_key_config.endpoint` is missing: the address of the resource".to_owned(),
        _ => "`network_config.base_url` is missing: the provider has no public address".to_owned(),
    }
}

/// Keyed, so that what is kept under it tells nothing about the credential.
fn fingerprint(base_url: Option<&BaseUrl>, identity: &str, hasher: &KeyHasher) -> Endpoint {
    let hash = hasher.hash(&format!("{}{identity}", base_url.map_or("", BaseUrl::as_str)));
    hash.0.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::super::upstream::{Upstream, make};
    use super::*;
    use crate::settings::Provider;

    fn made_in(environment: &HashMap<String, String>, name: &str, key: Value) -> Result<Upstream, String> {
        let mut key = key;
        key["name"] = json!("k");
        let provider: Provider = serde_json::from_value(json!({"keys": [key]})).unwrap();
        make(&name.into(), &provider, environment, &KeyHasher::new(&[7; 32]), &[])
    }

    fn made(name: &str, key: Value) -> Result<Upstream, String> {
        made_in(&HashMap::new(), name, key)
    }

    fn door(upstream: &Upstream) -> &Door {
        upstream.keys[0]
            .door()
            .unwrap_or_else(|| panic!("{}", upstream.keys[0].status()))
    }

    fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_key_says_what_keeps_it_from_use() {
        let provider = json!({"keys": [
            {"name": "a", "value": "env.NOPE"}, {"name": "b"},
            {"name": "c", "value": "x", "enabled": false}, {"name": "d", "value": "y"},
        ]});
        let provider: Provider = serde_json::from_value(provider).unwrap();
        let hasher = KeyHasher::new(&[7; 32]);
        let upstream = make(&"openai".into(), &provider, &HashMap::new(), &hasher, &[]).unwrap();
        let statuses: Vec<_> = upstream.keys.iter().map(UpstreamKey::status).collect();
        assert!(
            statuses[0].contains("NOPE") && statuses[1].contains("no value"),
            "{statuses:?}"
        );
        assert_eq!(statuses[2..], ["disabled", "ready"]);
        assert_ne!(upstream.keys[2].endpoint, upstream.keys[3].endpoint);
    }

    #[test]
    fn a_resource_of_azure_is_asked_by_the_version_that_its_key_names() {
        let dated = |version: &str| Site::Azure {
            api_version: Some(version.to_owned()),
        };
        let undated = Site::Azure { api_version: None };
        for (config, address, site) in [
            (
                json!({"endpoint": "https://a.openai.azure.com/"}),
                "https://a.openai.azure.com",
                dated("2024-10-21"),
            ),
            (
                json!({"endpoint": "https://a.openai.azure.com/openai", "api_version": "2025-04-01-preview"}),
                "https://a.openai.azure.com",
                dated("2025-04-01-preview"),
            ),
            (
                json!({"endpoint": "https://a.openai.azure.com/openai/v1/"}),
                "https://a.openai.azure.com",
                undated.clone(),
            ),
            (
                json!({"endpoint": "http://127.0.0.1:9", "api_version": "v1"}),
                "http://127.0.0.1:9",
                undated,
            ),
            (
                json!({"endpoint": "https://a.services.ai.azure.com/anthropic", "api_version": "preview"}),
                "https://a.services.ai.azure.com",
                dated("preview"),
            ),
        ] {
            let upstream = made("azure", json!({"value": "k", "azure_key_config": config})).unwrap();
            let door = door(&upstream);
            assert_eq!((door.base_url.as_str(), &door.site), (address, &site));
            assert_eq!(*door.keeper.source(), Source::Static(Access::Key(Secret::new("k"))));
        }
        let nowhere = made("azure", json!({"value": "k"})).unwrap();
        assert!(nowhere.keys[0].status().contains("azure_key_config.endpoint"));
        let set = environment(&[(AZURE_ENDPOINT, "https://b.openai.azure.com"), ("SECRET", "s")]);
        let config = json!({"client_id": "c", "tenant_id": "t", "client_secret": "env.SECRET"});
        let entra = made_in(&set, "azure", json!({"azure_key_config": config})).unwrap();
        assert_eq!(door(&entra).base_url.as_str(), "https://b.openai.azure.com");
        let Source::Azure(source) = door(&entra).keeper.source() else {
            panic!("no Entra");
        };
        assert_eq!(source.client_secret, Some(Secret::new("s")));
        let error = made("azure", json!({"azure_key_config": {"endpoint": "ftp://x"}})).unwrap_err();
        assert!(error.starts_with("`keys[0].azure_key_config.endpoint`: "), "{error}");
    }

    #[test]
    fn a_project_of_google_cloud_is_named_by_its_key_or_by_its_credentials() {
        let express = made("vertex", json!({"value": "AIza"})).unwrap();
        assert_eq!(door(&express).base_url.as_str(), "https://aiplatform.googleapis.com");
        let user = r#"{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","quota_project_id":"q"}"#;
        let config = json!({"auth_credentials": user, "region": "europe-west4"});
        let named = made("vertex", json!({"vertex_key_config": config})).unwrap();
        assert_eq!(
            door(&named).base_url.as_str(),
            "https://europe-west4-aiplatform.googleapis.com"
        );
        let site = Site::Vertex {
            project: "q".to_owned(),
            region: "europe-west4".to_owned(),
        };
        assert_eq!(door(&named).site, site);
        let nameless = made("vertex", json!({"vertex_key_config": {"region": "us"}})).unwrap();
        assert!(nameless.keys[0].status().contains("project_id"));
        let set = environment(&[("GOOGLE_CLOUD_PROJECT", "p"), ("GOOGLE_CLOUD_LOCATION", "us")]);
        let usual = made_in(&set, "vertex", json!({})).unwrap();
        assert_eq!(
            door(&usual).base_url.as_str(),
            "https://aiplatform.us.rep.googleapis.com"
        );
        assert_eq!(*door(&usual).keeper.source(), Source::Google(GoogleSource::Usual));
        let config = json!({"auth_credentials": "{\"type\":\"service_account\",\"private_key\":\"hunter2\"}"});
        let error = made("vertex", json!({"vertex_key_config": config})).unwrap_err();
        assert!(
            error.starts_with("`keys[0].vertex_key_config.auth_credentials`: ") && !error.contains("hunter2"),
            "{error}"
        );
    }

    #[test]
    fn a_region_of_aws_is_named_by_its_key_its_arn_or_the_surroundings() {
        let region = |upstream: &Upstream| match &door(upstream).site {
            Site::Bedrock { region } => region.clone(),
            other => panic!("{other:?}"),
        };
        let key = made("bedrock", json!({"value": "ABSK"})).unwrap();
        assert_eq!(
            door(&key).base_url.as_str(),
            "https://bedrock-runtime.us-east-1.amazonaws.com"
        );
        assert_eq!(
            *door(&key).keeper.source(),
            Source::Static(Access::Key(Secret::new("ABSK")))
        );
        let config = json!({"access_key": "AKID", "secret_key": "s", "region": "cn-north-1", "role_arn": "arn:aws-cn:iam::1:role/r"});
        let keys = made("bedrock", json!({"bedrock_key_config": config})).unwrap();
        assert_eq!(
            door(&keys).base_url.as_str(),
            "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"
        );
        let Source::Aws(source) = door(&keys).keeper.source() else {
            panic!("no keys");
        };
        assert!(source.keys.is_some() && source.role.is_some());
        let set = environment(&[("AWS_REGION", "eu-west-3")]);
        assert_eq!(region(&made_in(&set, "bedrock", json!({})).unwrap()), "eu-west-3");
        let arn = json!({"bedrock_key_config": {"arn": "arn:aws:bedrock:us-west-2:1:inference-profile"}});
        assert_eq!(region(&made_in(&set, "bedrock", arn).unwrap()), "us-west-2");
        let half = made("bedrock", json!({"bedrock_key_config": {"access_key": "AKID"}})).unwrap();
        assert!(half.keys[0].status().contains("secret_key"));
        let error = made("bedrock", json!({"bedrock_key_config": {"region": "evil.example/"}})).unwrap_err();
        assert!(error.contains("bedrock_key_config.region"), "{error}");
    }

    #[test]
    fn models_are_called_what_the_key_says() {
        let named = |key: Value, model: &str| {
            let upstream = made("bedrock", key).unwrap();
            upstream.keys[0].own_name(&model.into()).as_str().to_owned()
        };
        let config = |arn: &str| json!({"value": "k", "aliases": {"fast": "m2"}, "bedrock_key_config": {"arn": arn, "deployments": {"m": "us.m-v1:0", "whole": "arn:aws:bedrock:r:1:x/y"}}});
        assert_eq!(named(config(""), "m"), "us.m-v1:0");
        assert_eq!(named(config(""), "fast"), "m2");
        assert_eq!(named(config(""), "other"), "other");
        let profiles = "arn:aws:bedrock:us-east-1:1:inference-profile";
        assert_eq!(named(config(profiles), "m"), format!("{profiles}/us.m-v1:0"));
        assert_eq!(named(config(profiles), "whole"), "arn:aws:bedrock:r:1:x/y");
        let one = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
        assert_eq!(named(config(one), "m"), one);
    }

    #[test]
    fn a_server_of_ones_own_can_stand_in_its_key() {
        let config = json!({"url": "http://gpu-1:8000/v1", "model_name": "qwen"});
        let upstream = made("vllm", json!({"vllm_key_config": config})).unwrap();
        assert_eq!(door(&upstream).base_url.as_str(), "http://gpu-1:8000");
        assert_eq!(upstream.keys[0].models, ["qwen"]);
        let set = environment(&[("OLLAMA", "http://gpu-2:11434")]);
        let ollama = made_in(&set, "ollama", json!({"ollama_key_config": {"url": "env.OLLAMA"}})).unwrap();
        assert_eq!(door(&ollama).base_url.as_str(), "http://gpu-2:11434");
        let unset = made("sgl", json!({"sgl_key_config": {"url": "env.NOPE"}})).unwrap();
        assert!(unset.keys[0].status().contains("NOPE"));
        let error = made("openai", json!({"value": "k", "vllm_key_config": {}})).unwrap_err();
        assert!(
            error.starts_with("`keys[0].vllm_key_config` is for providers of the kind vllm"),
            "{error}"
        );
    }

    #[test]
    fn what_was_fetched_outlives_a_change_of_settings_and_not_of_the_credential() {
        let hasher = KeyHasher::new(&[7; 32]);
        let with = |role: &str, weight: f64, keepers: &[Arc<Keeper>]| {
            let config = json!({"role_arn": role});
            let provider = json!({"keys": [{"name": "k", "weight": weight, "bedrock_key_config": config}]});
            let provider: Provider = serde_json::from_value(provider).unwrap();
            make(&"bedrock".into(), &provider, &HashMap::new(), &hasher, keepers).unwrap()
        };
        let first = with("arn:a", 1.0, &[]);
        let keepers = [Arc::clone(&door(&first).keeper)];
        let (same, other) = (with("arn:a", 2.0, &keepers), with("arn:b", 1.0, &keepers));
        assert!(Arc::ptr_eq(&door(&same).keeper, &keepers[0]));
        assert!(!Arc::ptr_eq(&door(&other).keeper, &keepers[0]));
        assert_eq!(first.keys[0].endpoint, same.keys[0].endpoint);
        assert_ne!(first.keys[0].endpoint, other.keys[0].endpoint);
    }
}
