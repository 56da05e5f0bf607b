//! What sites make of paths, and what is signed.

use bytes::Bytes;
use gateway_types::json::Slices;
use gateway_types::{ModelName, Secret};
use http::{HeaderMap, Method};

use super::super::AwsKeys;
use super::*;
use crate::{BaseUrl, kind};

fn target(kind_name: &str, site: Site, model: &str) -> Target {
    let address = public_address(&site).unwrap_or_else(|| "https://mine.openai.azure.com".to_owned());
    let base = BaseUrl::parse(&address).unwrap();
    let mut target = Target::plain("p", kind(kind_name).unwrap(), base, model, Access::None);
    target.site = site;
    target
}

fn url(target: &Target, dialect: DialectName, operation: Operation, stream: bool, usual: &str) -> String {
    let path = path(target, dialect, operation, stream, usual.into());
    crate::address::join(target, &path).unwrap().to_string()
}

#[test]
fn azure_is_asked_by_deployment_where_the_api_is_dated_and_by_name_where_it_is_not() {
    let at = |version: Option<&str>, operation, dialect, usual: &str| {
        let api_version = version.map(str::to_owned);
        let target = target("azure", Site::Azure { api_version }, "my gpt");
        let url = url(&target, dialect, operation, false, usual);
        url.strip_prefix("https://mine.openai.azure.com").unwrap().to_owned()
    };
    let openai = |version, operation, usual: &str| at(version, operation, DialectName::OpenAi, usual);
    let (dated, chat) = (Some("2024-10-21"), "/v1/chat/completions");
    assert_eq!(
        openai(dated, Operation::Chat, chat),
        "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(
        openai(dated, Operation::Embeddings, "/v1/embeddings"),
        "/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21"
    );
    assert_eq!(
        openai(dated, Operation::Files, "/v1/files"),
        "/openai/files?api-version=2024-10-21"
    );
    assert_eq!(
        openai(dated, Operation::Passthrough, "/v1/fine_tuning/jobs?limit=1"),
        "/openai/fine_tuning/jobs?limit=1&api-version=2024-10-21"
    );
    assert_eq!(openai(None, Operation::Chat, chat), "/openai/v1/chat/completions");
    assert_eq!(
        openai(Some("preview"), Operation::Chat, chat),
        "/openai/v1/chat/completions?api-version=preview"
    );
    let responses = |version| at(version, Operation::Responses, DialectName::Responses, "/v1/responses");
    assert_eq!(responses(None), "/openai/v1/responses");
    assert_eq!(
        responses(dated),
        "/openai/v1/responses",
        "that version does not know them"
    );
    assert_eq!(
        responses(Some("2025-04-01-preview")),
        "/openai/responses?api-version=2025-04-01-preview"
    );
    let claude = at(dated, Operation::Chat, DialectName::Anthropic, "/v1/messages");
    assert_eq!(claude, "/anthropic/v1/messages");
}

fn vertex(model: &str, project: &str, region: &str) -> Target {
    let site = Site::Vertex {
        project: project.to_owned(),
        region: region.to_owned(),
    };
    target("vertex", site, model)
}

#[test]
fn vertex_has_each_publishers_models_by_the_publishers_own_api() {
    let at = |model: &str, dialect, stream, usual: &str| {
        url(
            &vertex(model, "pr", "us-east5"),
            dialect,
            Operation::Chat,
            stream,
            usual,
        )
    };
    let host = "https://us-east5-aiplatform.googleapis.com";
    let scope = "projects/pr/locations/us-east5";
    let gemini = "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse";
    assert_eq!(
        at("gemini-2.5-pro", DialectName::Gemini, true, gemini),
        format!("{host}/v1beta1/{scope}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse")
    );
    assert_eq!(
        at(
            "1234",
            DialectName::Gemini,
            false,
            "/v1beta/models/1234:generateContent"
        ),
        format!("{host}/v1beta1/{scope}/endpoints/1234:generateContent")
    );
    let claude = |stream| {
        at(
            "claude-sonnet-4@20250514",
            DialectName::Anthropic,
            stream,
            "/v1/messages",
        )
    };
    let models = format!("{host}/v1/{scope}/publishers/anthropic/models");
    assert_eq!(claude(false), format!("{models}/claude-sonnet-4@20250514:rawPredict"));
    assert_eq!(
        claude(true),
        format!("{models}/claude-sonnet-4@20250514:streamRawPredict")
    );
    let open = |model: &str| at(model, DialectName::OpenAi, false, "/v1/chat/completions");
    assert_eq!(
        open("meta/llama-3.3-70b-instruct-maas"),
        format!("{host}/v1/{scope}/endpoints/openapi/chat/completions")
    );
    assert_eq!(
        open("5678"),
        format!("{host}/v1/{scope}/endpoints/5678/chat/completions")
    );
    assert_eq!(
        open("mistral-medium-3"),
        format!("{host}/v1/{scope}/publishers/mistralai/models/mistral-medium-3:rawPredict")
    );
    let counted = url(
        &vertex("claude-x", "pr", "global"),
        DialectName::Anthropic,
        Operation::CountTokens,
        false,
        "/v1/messages/count_tokens",
    );
    assert_eq!(
        counted,
        "https://aiplatform.googleapis.com/v1/projects/pr/locations/global/publishers/anthropic/models/count-tokens:rawPredict"
    );
    let usual = "/v1beta/models/gemini-2.5-flash:generateContent";
    let express = url(
        &vertex("gemini-2.5-flash", "", "global"),
        DialectName::Gemini,
        Operation::Chat,
        false,
        usual,
    );
    assert_eq!(
        express,
        "https://aiplatform.googleapis.com/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent"
    );
    assert_eq!(
        public_address(&vertex("m", "pr", "eu").site).as_deref(),
        Some("https://aiplatform.eu.rep.googleapis.com")
    );
}

#[test]
fn bedrock_lists_and_reranks_at_other_hosts_unless_the_operator_named_one() {
    let site = Site::Bedrock {
        region: "eu-west-1".to_owned(),
    };
    let mut target = target("bedrock", site, "m");
    let at = |target: &Target, operation, usual| url(target, DialectName::Bedrock, operation, false, usual);
    let list = "/foundation-models";
    assert_eq!(
        at(&target, Operation::Models, list),
        "https://bedrock.eu-west-1.amazonaws.com/foundation-models"
    );
    assert_eq!(
        at(&target, Operation::Rerank, "/rerank"),
        "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/rerank"
    );
    assert_eq!(
        at(&target, Operation::Chat, "/model/m/converse"),
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse"
    );
    target.base_url = BaseUrl::parse("http://127.0.0.1:9").unwrap();
    assert_eq!(
        at(&target, Operation::Models, list),
        "http://127.0.0.1:9/foundation-models"
    );
}

fn wire(url: &str, body: &'static str) -> WireRequest {
    WireRequest {
        method: Method::POST,
        uri: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Slices::one(Bytes::from_static(body.as_bytes())),
    }
}

#[test]
fn keys_of_aws_sign_for_the_region_and_for_nothing_else() {
    let keys = Access::Aws(AwsKeys {
        access_key_id: "AKID".to_owned(),
        secret_access_key: Secret::new("s"),
        session_token: None,
    });
    let site = Site::Bedrock {
        region: "eu-west-1".to_owned(),
    };
    let mut target = target("bedrock", site, "m");
    let mut signed = wire("https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse", "{}");
    seal(&mut signed, &target, Wall::from_millis(0)).unwrap();
    assert!(signed.headers.is_empty());
    target.access = keys;
    seal(&mut signed, &target, Wall::from_millis(0)).unwrap();
    let signature = signed.headers["authorization"].to_str().unwrap();
    assert!(
        signature.contains("Credential=AKID/19700101/eu-west-1/bedrock/aws4_request"),
        "{signature}"
    );
    target.site = Site::Plain;
    let error = seal(&mut signed, &target, Wall::from_millis(0)).unwrap_err();
    assert!(error.message.contains("no region"), "{error}");
}

#[test]
fn a_deployment_is_known_by_the_name_that_is_asked_for() {
    let mut target = target("azure", Site::Azure { api_version: None }, "prod-7");
    assert_eq!(target.family(), "prod-7");
    target.known_as = Some(ModelName::from("claude-x"));
    assert_eq!(target.family(), "claude-x");
}
