//! What goes to clouds: addresses, credentials and bodies of whole requests.

use bytes::Bytes;
use gateway_providers::cloud::{AwsKeys, public_address};
use gateway_providers::lane::{self, Cap};
use gateway_providers::{Access, BaseUrl, Site, Stamp, Target, WireRequest, client_dialect, kind, prepare};
use gateway_types::{Asked, DialectName, Operation, Secret, Wall};
use http::HeaderMap;
use serde_json::{Value, json};

fn target(name: &str, site: Site, model: &str, access: Access) -> Target {
    let address = public_address(&site).unwrap_or_else(|| "https://mine.openai.azure.com".to_owned());
    let base = BaseUrl::parse(&address).unwrap();
    let mut target = Target::plain("p", kind(name).unwrap(), base, model, access);
    target.site = site;
    target
}

fn sent(target: &Target, dialect: DialectName, operation: Operation, body: &Value) -> WireRequest {
    let asked = Asked::plain(operation);
    let call = client_dialect(dialect)
        .decode(&asked, Bytes::from(body.to_string()))
        .unwrap();
    let stamp = Stamp {
        at: Wall::from_millis(super::fake::START),
        seed: 1,
    };
    prepare(&call, target, Cap::Client, &HeaderMap::new(), stamp)
        .unwrap()
        .wire
}

fn body(wire: &WireRequest) -> Value {
    serde_json::from_slice(&wire.body.concat()).unwrap()
}

fn header<'a>(wire: &'a WireRequest, name: &str) -> Option<&'a str> {
    wire.headers.get(name).map(|value| value.to_str().unwrap())
}

fn chat(model: &str) -> Value {
    json!({"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})
}

fn key() -> Access {
    Access::Key(Secret::new("the-key"))
}

fn token() -> Access {
    Access::Bearer(Secret::new("the-token"))
}

fn azure(version: Option<&str>) -> Site {
    Site::Azure {
        api_version: version.map(str::to_owned),
    }
}

fn vertex(region: &str) -> Site {
    Site::Vertex {
        project: "pr".to_owned(),
        region: region.to_owned(),
    }
}

#[test]
fn a_deployment_of_azure_gets_the_clients_bytes_and_the_key_in_its_own_header() {
    let dated = target("azure", azure(Some("2024-10-21")), "prod", key());
    let wire = sent(&dated, DialectName::OpenAi, Operation::Chat, &chat("gpt-4o"));
    assert_eq!(
        wire.uri,
        "https://mine.openai.azure.com/openai/deployments/prod/chat/completions?api-version=2024-10-21"
    );
    assert_eq!(
        (header(&wire, "api-key"), header(&wire, "authorization")),
        (Some("the-key"), None)
    );
    assert_eq!(body(&wire)["model"], "prod");
    let undated = target("azure", azure(None), "prod", token());
    let embeddings = json!({"model": "e", "input": "x"});
    let wire = sent(&undated, DialectName::OpenAi, Operation::Embeddings, &embeddings);
    assert_eq!(wire.uri, "https://mine.openai.azure.com/openai/v1/embeddings");
    assert_eq!(
        (header(&wire, "api-key"), header(&wire, "authorization")),
        (None, Some("Bearer the-token"))
    );
}

#[test]
fn claude_on_azure_is_asked_by_anthropics_api_under_the_name_of_its_deployment() {
    let mut claude = target("azure", azure(Some("2024-10-21")), "prod", key());
    claude.known_as = Some("claude-sonnet-4-5".into());
    for client in [DialectName::OpenAi, DialectName::Anthropic] {
        let wire = sent(&claude, client, Operation::Chat, &chat("claude-sonnet-4-5"));
        assert_eq!(wire.uri, "https://mine.openai.azure.com/anthropic/v1/messages");
        for name in ["x-api-key", "api-key"] {
            assert_eq!(header(&wire, name), Some("the-key"), "{name}");
        }
        assert_eq!(header(&wire, "anthropic-version"), Some("2023-06-01"));
        assert_eq!(body(&wire)["model"], "prod");
    }
}

#[test]
fn claude_on_vertex_is_asked_with_the_model_in_the_path_and_the_version_in_the_body() {
    let claude = target("vertex", vertex("global"), "claude-sonnet-4-5@20250929", token());
    let models = "https://aiplatform.googleapis.com/v1/projects/pr/locations/global/publishers/anthropic/models";
    for client in [DialectName::OpenAi, DialectName::Anthropic] {
        for (stream, method) in [(false, "rawPredict"), (true, "streamRawPredict")] {
            let mut asked = chat("claude-sonnet-4-5@20250929");
            asked["stream"] = json!(stream);
            let wire = sent(&claude, client, Operation::Chat, &asked);
            assert_eq!(
                wire.uri,
                format!("{models}/claude-sonnet-4-5@20250929:{method}").as_str()
            );
            assert_eq!(header(&wire, "authorization"), Some("Bearer the-token"));
            let body = body(&wire);
            assert_eq!(
                (body.get("model"), &body["anthropic_version"]),
                (None, &json!("vertex-2023-10-16"))
            );
        }
    }
}

#[test]
fn gemini_on_vertex_is_asked_under_its_project_or_with_a_key_alone() {
    let contents = json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]});
    let asked = Asked {
        model: Some("gemini-2.5-flash".to_owned()),
        ..Asked::plain(Operation::Chat)
    };
    let body = Bytes::from(contents.to_string());
    let call = client_dialect(DialectName::Gemini)
        .decode(&asked, body.clone())
        .unwrap();
    let stamp = Stamp {
        at: Wall::from_millis(0),
        seed: 1,
    };
    let sent = |target: &Target| {
        prepare(&call, target, Cap::Client, &HeaderMap::new(), stamp)
            .unwrap()
            .wire
    };
    let wire = sent(&target("vertex", vertex("eu"), "gemini-2.5-flash", token()));
    assert_eq!(
        wire.uri,
        "https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/pr/locations/eu/publishers/google/models/gemini-2.5-flash:generateContent"
    );
    assert_eq!(wire.body.concat(), body, "the client's own bytes");
    let express = Site::Vertex {
        project: String::new(),
        region: "global".to_owned(),
    };
    let wire = sent(&target("vertex", express, "gemini-2.5-flash", key()));
    assert_eq!(
        wire.uri,
        "https://aiplatform.googleapis.com/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent"
    );
    assert_eq!(
        (header(&wire, "x-goog-api-key"), header(&wire, "authorization")),
        (Some("the-key"), None)
    );
}

#[test]
fn open_models_on_vertex_are_asked_by_openais_api() {
    let llama = target("vertex", vertex("us-east5"), "meta/llama-4-scout", token());
    let wire = sent(&llama, DialectName::OpenAi, Operation::Chat, &chat("llama"));
    assert_eq!(
        wire.uri,
        "https://us-east5-aiplatform.googleapis.com/v1/projects/pr/locations/us-east5/endpoints/openapi/chat/completions"
    );
    assert_eq!(body(&wire)["model"], "meta/llama-4-scout");
}

#[test]
fn bedrock_is_asked_by_id_or_arn_with_a_signature_or_a_key() {
    let site = || Site::Bedrock {
        region: "eu-west-1".to_owned(),
    };
    let keys = || {
        Access::Aws(AwsKeys {
            access_key_id: "AKID".to_owned(),
            secret_access_key: Secret::new("s"),
            session_token: Some(Secret::new("t")),
        })
    };
    let host = "https://bedrock-runtime.eu-west-1.amazonaws.com";
    let profile =
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
    for (model, path) in [
        ("eu.amazon.nova-lite-v1:0", "eu.amazon.nova-lite-v1%3A0"),
        (
            profile,
            "arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-sonnet-4-5-20250929-v1%3A0",
        ),
    ] {
        let wire = sent(
            &target("bedrock", site(), model, keys()),
            DialectName::OpenAi,
            Operation::Chat,
            &chat(model),
        );
        assert_eq!(wire.uri, format!("{host}/model/{path}/converse").as_str());
        let signature = header(&wire, "authorization").unwrap();
        let beginning = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/bedrock/aws4_request, \
                         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=";
        assert!(signature.starts_with(beginning), "{signature}");
        assert_eq!(header(&wire, "x-amz-security-token"), Some("t"));
    }
    let mut streamed = chat("amazon.nova-lite-v1:0");
    streamed["stream"] = json!(true);
    let keyed = target("bedrock", site(), "amazon.nova-lite-v1:0", key());
    let wire = sent(&keyed, DialectName::OpenAi, Operation::Chat, &streamed);
    assert_eq!(
        wire.uri,
        format!("{host}/model/amazon.nova-lite-v1%3A0/converse-stream").as_str()
    );
    assert_eq!(header(&wire, "authorization"), Some("Bearer the-key"));
}

#[test]
fn the_models_of_bedrock_are_listed_at_another_host_and_each_page_is_signed() {
    let site = Site::Bedrock {
        region: "eu-west-1".to_owned(),
    };
    let keys = Access::Aws(AwsKeys {
        access_key_id: "AKID".to_owned(),
        secret_access_key: Secret::new("s"),
        session_token: None,
    });
    let target = target("bedrock", site, "", keys);
    let stamp = Stamp {
        at: Wall::from_millis(0),
        seed: 1,
    };
    let models = br#"{"modelSummaries":[{"modelId":"amazon.nova-lite-v1:0"}]}"#;
    let next = lane::models(&target, models).unwrap().next;
    let first = lane::list_models(&target, None, stamp).unwrap();
    let second = lane::list_models(&target, next.as_deref(), stamp).unwrap();
    let host = "https://bedrock.eu-west-1.amazonaws.com";
    assert_eq!(first.uri, format!("{host}/foundation-models").as_str());
    assert_eq!(
        second.uri,
        format!("{host}/inference-profiles?maxResults=1000").as_str()
    );
    assert_ne!(
        header(&first, "authorization").unwrap(),
        header(&second, "authorization").unwrap()
    );
}

#[test]
fn keys_of_aws_have_no_header_of_their_own_and_need_a_region() {
    let keys = Access::Aws(AwsKeys {
        access_key_id: "AKID".to_owned(),
        secret_access_key: Secret::new("s"),
        session_token: None,
    });
    let regionless = target("openai", Site::Plain, "m", keys);
    let asked = Asked::plain(Operation::Chat);
    let call = client_dialect(DialectName::OpenAi);
    let call = call.decode(&asked, Bytes::from(chat("m").to_string())).unwrap();
    let stamp = Stamp {
        at: Wall::from_millis(0),
        seed: 1,
    };
    let error = prepare(&call, &regionless, Cap::Client, &HeaderMap::new(), stamp).unwrap_err();
    assert!(error.message.contains("no region"), "{error}");
}
