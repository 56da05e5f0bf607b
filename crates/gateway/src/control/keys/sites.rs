//! What the settings of a key say of its cloud, or of its server.

use gateway_providers::cloud::aws::{self, AwsSource, Role};
use gateway_providers::cloud::azure::{self, AzureSource};
use gateway_providers::cloud::google::{self, GoogleCredentials, GoogleSource};
use gateway_providers::cloud::{AwsKeys, Source};
use gateway_providers::{Access, Kind, Site};
use gateway_types::Secret;

use super::super::upstream::resolve;
use super::KeyStatus;
use crate::environment::{Environment, Machine};
use crate::settings::{AzureKey, BedrockKey, CONFIGS_OF_KINDS, KeyValue, ProviderKey, VertexKey};

/// The version of Azure's API where none is set.
const AZURE_VERSION: &str = "2024-10-21";

/// What a key's settings come to.
pub(super) struct Found {
    /// An address of its own, and the field that says so.
    pub(super) address: Option<(&'static str, String)>,
    pub(super) site: Site,
    pub(super) source: Source,
    /// What keeps it from being used, if anything.
    pub(super) missing: Option<KeyStatus>,
    /// Everything that tells this key's endpoint from another's, secrets included.
    pub(super) identity: String,
}

/// Reads a key's settings. The error goes on after the key's own path.
pub(super) fn find(kind: &Kind, key: &ProviderKey, environment: &dyn Environment) -> Result<Found, String> {
    check_configs(kind, key)?;
    let mut reading = Reading {
        environment,
        missing: None,
        identity: String::new(),
    };
    let value = reading.secret(Some(&key.value));
    let (address, site, source) = match (kind.name, value) {
        ("azure", value) => in_azure(&mut reading, key, value),
        ("vertex", value) => in_vertex(&mut reading, key, value)?,
        ("bedrock", value) => in_bedrock(&mut reading, key, value)?,
        // A server that speaks like Bedrock takes keys of AWS where there are any.
        ("bedrock-compatible", None) if key.bedrock_key_config.is_some() => in_bedrock(&mut reading, key, None)?,
        (_, value) => plain(&mut reading, key, value),
    };
    Ok(Found {
        address,
        site,
        source,
        missing: reading.missing,
        identity: reading.identity,
    })
}

/// An address and its field, the site, the source.
type Read = (Option<(&'static str, String)>, Site, Source);

/// Reads values that may be variables, and remembers what they came to.
struct Reading<'a> {
    environment: &'a dyn Environment,
    missing: Option<KeyStatus>,
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

fn plain(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Read {
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

fn in_azure(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Read {
    let none = AzureKey::default();
    let config = key.azure_key_config.as_ref().unwrap_or(&none);
    let endpoint = reading
        .text(config.endpoint.as_ref())
        .or_else(|| reading.variable(azure::ENDPOINT));
    let version = reading.text(config.api_version.as_ref());
    reading.identity.push_str(&config.scopes.join(" "));
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
        bare.map_or_else(|| endpoint.clone(), str::to_owned)
    };
    let api_version = match version.as_deref() {
        Some("v1") => None,
        None if undated => None,
        None => Some(AZURE_VERSION.to_owned()),
        Some(version) => Some(version.to_owned()),
    };
    let address = endpoint.map(|endpoint| ("azure_key_config.endpoint", bare(endpoint)));
    (address, Site::Azure { api_version }, source)
}

fn in_vertex(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Result<Read, String> {
    let none = VertexKey::default();
    let config = key.vertex_key_config.as_ref().unwrap_or(&none);
    let google = match reading.secret(config.auth_credentials.as_ref()) {
        Some(written) => {
            let parsed = GoogleCredentials::parse(written.expose());
            let parsed = parsed.map_err(|error| format!(".vertex_key_config.auth_credentials`: {error}"))?;
            GoogleSource::Given(Box::new(parsed))
        }
        None => GoogleSource::Usual,
    };
    let region = reading.text(config.region.as_ref());
    let region = region.or_else(|| google::REGIONS.iter().find_map(|name| reading.variable(name)));
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

fn in_bedrock(reading: &mut Reading<'_>, key: &ProviderKey, value: Option<Secret>) -> Result<Read, String> {
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
    let given = [
        key.azure_key_config.is_some(),
        key.vertex_key_config.is_some(),
        key.bedrock_key_config.is_some(),
        key.vllm_key_config.is_some(),
        key.ollama_key_config.is_some(),
        key.sgl_key_config.is_some(),
    ];
    let astray = CONFIGS_OF_KINDS
        .iter()
        .zip(given)
        .find(|((_, kinds), given)| *given && !kinds.contains(&kind.name));
    match astray {
        Some(((field, kinds), _)) => Err(format!(
            ".{field}` is for providers of the kind {}; this one is `{}`",
            kinds[0], kind.name
        )),
        None => Ok(()),
    }
}
