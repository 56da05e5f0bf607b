//! ElevenLabs behind clients that speak OpenAI: speech, transcripts, models, errors. The cases are written from the vendor's
//! API reference.

#![expect(clippy::unwrap_used, reason = "a test says why it fails")]

mod hearing;
mod speaking;

use gateway_providers::elevenlabs::ElevenLabs;
use gateway_providers::lane::{Cap, list_models};
use gateway_providers::openai::OpenAi;
use gateway_providers::{Access, BaseUrl, ClientDialect, Prepared, ProviderDialect, Stamp, Target, kind, prepare};
use gateway_types::{Asked, Call, Error, ErrorKind, Operation, Secret, Wall};
use http::HeaderMap;
use serde_json::Value;

const STAMP: Stamp = Stamp {
    at: Wall::from_millis(1_700_000_000_000),
    seed: 7,
};

fn there(model: &str) -> Target {
    let base = BaseUrl::parse("https://api.elevenlabs.io").unwrap();
    Target::plain(
        "elevenlabs",
        kind("elevenlabs").unwrap(),
        base,
        model,
        Access::Key(Secret::new("xi-own")),
    )
}

fn decode(operation: Operation, content_type: Option<&str>, body: String) -> Call {
    let asked = Asked {
        content_type: content_type.map(ToOwned::to_owned),
        ..Asked::plain(operation)
    };
    OpenAi.decode(&asked, body.into()).unwrap()
}

fn prepared(call: &Call, model: &str) -> Result<Prepared, Error> {
    prepare(call, &there(model), Cap::Client, &HeaderMap::new(), STAMP)
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn models_are_listed_with_those_that_hear() {
    let wire = list_models(&there("m"), None, STAMP).unwrap();
    assert_eq!(wire.uri, "https://api.elevenlabs.io/v1/models");
    assert_eq!(wire.headers["xi-api-key"], "xi-own");
    let listed = br#"[{"model_id":"eleven_v3","name":"Eleven v3"},{"model_id":"scribe_v1"}]"#;
    assert_eq!(
        ElevenLabs.models(listed).unwrap().ids,
        ["eleven_v3", "scribe_v1", "scribe_v2"]
    );
    assert_eq!(ElevenLabs.models(b"{}").unwrap_err().kind, ErrorKind::UpstreamFailed);
}

#[test]
fn errors_are_known_in_every_shape_and_told_in_openais() {
    for (status, body, kind, message) in [
        (
            401,
            r#"{"detail":{"status":"quota_exceeded","message":"This request exceeds your quota."}}"#,
            ErrorKind::UpstreamQuota,
            "This request exceeds your quota.",
        ),
        (
            401,
            r#"{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}"#,
            ErrorKind::UpstreamAuth,
            "Invalid API key",
        ),
        (
            404,
            r#"{"detail":{"type":"not_found","code":"voice_not_found","status":"voice_not_found","message":"A voice was not found."}}"#,
            ErrorKind::UpstreamRejected,
            "A voice was not found.",
        ),
        (
            400,
            r#"{"detail":{"status":"model_not_found","message":"no such model"}}"#,
            ErrorKind::ModelNotFound,
            "no such model",
        ),
        (
            429,
            r#"{"detail":{"status":"too_many_concurrent_requests","message":"slow down"}}"#,
            ErrorKind::UpstreamLimited,
            "slow down",
        ),
        (
            429,
            r#"{"detail":{"status":"system_busy","message":"heavy traffic"}}"#,
            ErrorKind::UpstreamOverloaded,
            "heavy traffic",
        ),
        (
            422,
            r#"{"detail":[{"loc":["body","voice_settings","speed"],"msg":"too fast","type":"value_error"}]}"#,
            ErrorKind::UpstreamRejected,
            "too fast",
        ),
        (
            500,
            r#"{"detail":"Internal error"}"#,
            ErrorKind::UpstreamFailed,
            "Internal error",
        ),
        (502, "<html>", ErrorKind::UpstreamFailed, "the provider gave no reason"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("request-id", "req-1".parse().unwrap());
        let error = ProviderDialect::error(&ElevenLabs, status, &headers, body.into());
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (kind, status, message),
            "{body}"
        );
        assert_eq!(error.upstream.as_ref().unwrap().request_id.as_deref(), Some("req-1"));
        let told = json(&ClientDialect::error(&OpenAi, &error));
        assert_eq!(told["error"]["message"], message);
        assert!(
            told["error"]["type"].is_string() && told["error"]["code"].is_string(),
            "{told}"
        );
    }
    let wrong = ProviderDialect::error(
        &ElevenLabs,
        422,
        &HeaderMap::new(),
        r#"{"detail":[{"loc":["body","a","b"],"msg":"no"}]}"#.into(),
    );
    assert_eq!(wrong.param.as_deref(), Some("a.b"));
}

#[test]
fn what_it_does_not_do_is_refused() {
    let chat = decode(Operation::Chat, None, r#"{"model":"m","messages":[]}"#.into());
    let error = prepared(&chat, "eleven_v3").unwrap_err();
    assert_eq!(error.kind, ErrorKind::UnsupportedOperation);
}
