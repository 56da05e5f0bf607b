//! What providers can be, and what each needs to be told: made of the tables that requests are made by and of the settings'
//! own schemas, so that a form made of it is never out of date.

use gateway::settings::{AzureKey, BedrockKey, CONFIGS_OF_KINDS, RequestType, ServerKey, VertexKey, VllmKey};
use gateway_providers::kind::{Auth, BASE_TYPES};
use gateway_providers::{Kind, base_kind, kinds};
use gateway_types::Operation;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use crate::state::Edge;

/// What providers can be.
#[derive(Serialize, JsonSchema)]
pub(super) struct KindList {
    /// Known providers and servers. A provider of that very name needs no `custom_provider_config`.
    kinds: Vec<KindView>,
    /// What a provider of one's own naming can be besides, by `custom_provider_config.base_provider_type`: each by the book
    /// of its dialect.
    base_types: Vec<KindView>,
    /// What can be allowed or kept from clients in `custom_provider_config.allowed_requests`.
    requests: Vec<&'static str>,
}

/// A kind of provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderKind")]
struct KindView {
    /// Its name in settings.
    name: &'static str,
    /// The name that people know it by.
    title: &'static str,
    /// Whether an operator runs it on machines of their own; its tokens cost nothing then.
    self_hosted: bool,
    /// Its address, where it has one of its own. A server of one's own may be elsewhere.
    base_url: Option<&'static str>,
    /// Whether it must be said where it is.
    needs_base_url: bool,
    /// The dialects that it speaks.
    speaks: Vec<&'static str>,
    /// What it can do.
    operations: Vec<Operation>,
    /// How the key's value is presented: `Authorization: Bearer …`, or a header of that name.
    presented_as: String,
    /// Whether a key must have a value. Keys in a cloud may have other credentials, or what the surroundings have.
    needs_value: bool,
    /// The variable that its credential is usually in; a provider is there at once where it is set.
    variable: Option<&'static str>,
    /// Whether that is set in the gateway's environment.
    variable_is_set: bool,
    /// What a key can be told besides its value.
    key_fields: Vec<KeyField>,
}

/// What a key can be told.
#[derive(Serialize, JsonSchema)]
struct KeyField {
    /// Where it stands in the key: `azure_key_config.endpoint`.
    path: String,
    /// What to call it.
    label: String,
    /// What it is for.
    help: String,
    /// What is written there.
    sort: Sort,
    /// Whether most people have to say it; the rest is for some.
    usual: bool,
}

/// What most people have to say of a key in a cloud or at a server of their own, in this order.
const USUAL: [&str; 9] = [
    "endpoint",
    "url",
    "project_id",
    "region",
    "access_key",
    "secret_key",
    "auth_credentials",
    "api_version",
    "deployments",
];

/// What is written in a field.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "KeyFieldSort")]
enum Sort {
    /// A text, or `env.NAME`.
    Text,
    /// A secret, or `env.NAME`: never shown again.
    Secret,
    /// Texts.
    List,
    /// Texts by name.
    Map,
}

/// All of it.
pub(super) fn all(edge: &Edge) -> KindList {
    let bases = BASE_TYPES.iter().filter_map(|base| Some((*base, base_kind(base)?)));
    KindList {
        kinds: kinds().iter().map(|kind| view(edge, kind.name, kind)).collect(),
        base_types: bases.map(|(base, kind)| view(edge, base, kind)).collect(),
        requests: RequestType::ALL.iter().map(|request| request.as_str()).collect(),
    }
}

fn view(edge: &Edge, name: &'static str, kind: &'static Kind) -> KindView {
    KindView {
        name,
        title: kind.title,
        self_hosted: kind.self_hosted,
        base_url: kind.base_url,
        needs_base_url: kind.base_url.is_none() && !kind.in_cloud(),
        speaks: kind.dialects.iter().map(|dialect| dialect.as_str()).collect(),
        operations: Operation::ALL
            .into_iter()
            .filter(|operation| kind.serves(*operation))
            .collect(),
        presented_as: match kind.auth {
            Auth::Bearer => "Authorization: Bearer".to_owned(),
            Auth::Header(name) => name.to_owned(),
        },
        needs_value: !kind.keyless && !kind.in_cloud(),
        variable: kind.env,
        variable_is_set: kind.env.is_some_and(|name| edge.gateway.control().has_variable(name)),
        key_fields: key_fields(kind),
    }
}

fn key_fields(kind: &Kind) -> Vec<KeyField> {
    let own = CONFIGS_OF_KINDS.iter().filter(|(_, kinds)| kinds.contains(&kind.name));
    own.flat_map(|(config, _)| fields_of(config)).collect()
}

/// Where a field stands among those that most people have to say.
fn place(name: &str) -> usize {
    USUAL.iter().position(|usual| *usual == name).unwrap_or(USUAL.len())
}

/// The fields of one of a key's objects, by its own schema.
fn fields_of(config: &str) -> Vec<KeyField> {
    let mut generator = SchemaGenerator::default();
    let schema = match config {
        "azure_key_config" => AzureKey::json_schema(&mut generator),
        "vertex_key_config" => VertexKey::json_schema(&mut generator),
        "bedrock_key_config" => BedrockKey::json_schema(&mut generator),
        "vllm_key_config" => VllmKey::json_schema(&mut generator),
        _ => ServerKey::json_schema(&mut generator),
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let field = |(name, schema): (&String, &Value)| KeyField {
        path: format!("{config}.{name}"),
        label: label(name),
        help: schema["description"].as_str().unwrap_or_default().replace('\n', " "),
        sort: sort(schema),
        usual: USUAL.contains(&name.as_str()),
    };
    let mut all: Vec<_> = properties.into_iter().flatten().collect();
    all.sort_by_key(|(name, _)| place(name));
    all.into_iter().map(field).collect()
}

fn sort(schema: &Value) -> Sort {
    let is = |kind: &str| {
        let said = &schema["type"];
        said == kind || said.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
    };
    match schema {
        _ if schema.to_string().contains("/KeyValue") => Sort::Secret,
        _ if is("object") => Sort::Map,
        _ if is("array") => Sort::List,
        _ => Sort::Text,
    }
}

/// `api_version` is `API version`.
fn label(name: &str) -> String {
    let words = name.split('_').enumerate().map(|(at, word)| match word {
        "api" | "arn" | "id" | "url" => word.to_uppercase(),
        _ if at == 0 => {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_can_be_told_is_read_off_the_settings() {
        for (config, names) in CONFIGS_OF_KINDS {
            let fields = fields_of(config);
            assert!(!fields.is_empty(), "{config}");
            for field in &fields {
                assert!(!field.help.is_empty() && !field.help.contains('\n'), "{}", field.path);
            }
            let known = |name: &&str| kinds().iter().any(|kind| kind.name == *name);
            assert!(known(&names[0]), "{config}");
        }
        let azure = fields_of("azure_key_config");
        let field = |name: &str| azure.iter().find(|field| field.path.ends_with(name)).unwrap();
        assert!(matches!(field("client_secret").sort, Sort::Secret));
        assert!(matches!(field("deployments").sort, Sort::Map));
        assert!(matches!(field("scopes").sort, Sort::List));
        assert_eq!(field("api_version").label, "API version");
        assert!(
            azure[0].usual && azure[0].path.ends_with("endpoint"),
            "{}",
            azure[0].path
        );
        assert!(!field("scopes").usual);
    }
}
