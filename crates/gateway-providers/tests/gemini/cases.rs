//! Cases of our own, for what no recording shows.

use bytes::Bytes;
use gateway_providers::gemini::Gemini;
use gateway_providers::{ClientDialect, ProviderDialect, client_dialect};
use gateway_types::chat::{Finish, Part};
use gateway_types::{DialectName, ErrorKind, Operation, StreamForm};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{stamp, streamed, target};

#[test]
fn a_whole_answer_that_is_none_is_the_providers_fault() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"candidates":[]}"#,
        r#"{"candidates":5}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":5}]}}]}"#,
    ] {
        let error = Gemini.response(body.as_bytes(), &target("m"), stamp()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UpstreamFailed, "{body}");
    }
    let late = r#"{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}"#;
    let error = Gemini
        .observe(Operation::Chat, &HeaderMap::new(), Bytes::from_static(late.as_bytes()))
        .unwrap_err();
    assert_eq!((error.kind, error.status()), (ErrorKind::UpstreamLimited, 429));
}

#[test]
fn what_only_google_knows_is_kept_for_its_clients_and_reported_to_others() {
    let body = json!({"candidates": [{"content": {"role": "model", "parts": [
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"inlineData": {"mimeType": "image/png", "data": "QUJD"}, "thoughtSignature": "c2ln"},
        {"inlineData": {"mimeType": "image/png", "data": "QUJD"}, "thought": true}
    ]}, "finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "bad call", "urlContextMetadata": {"urlMetadata": []},
        "avgLogprobs": -0.5}], "modelVersion": "m"});
    let response = Gemini
        .response(body.to_string().as_bytes(), &target("m"), stamp())
        .unwrap();
    let parts = &response.choices[0].parts;
    assert!(
        matches!(
            parts[..],
            [
                Part::Other(_),
                Part::Other(_),
                Part::Image { .. },
                Part::Text { .. },
                Part::Other(_),
                Part::Other(_)
            ]
        ),
        "{parts:?}"
    );
    assert_eq!(
        response.choices[0].finish,
        Some(Finish::Other("MALFORMED_FUNCTION_CALL".into()))
    );
    let mut losses = Vec::new();
    let again = Gemini.write(&response, &crate::chat(r#"{"contents":[]}"#), stamp(), &mut losses);
    let again: Value = serde_json::from_slice(&again).unwrap();
    let (candidate, given) = (&again["candidates"][0], &body["candidates"][0]);
    for key in ["finishReason", "finishMessage", "urlContextMetadata"] {
        assert_eq!(candidate[key], given[key], "{key}");
    }
    assert_eq!(candidate["content"]["parts"][0], given["content"]["parts"][0]);
    assert!(losses.is_empty(), "{losses:?}");
    let openai = client_dialect(DialectName::OpenAi);
    let call = openai
        .decode(
            &gateway_types::Asked::plain(Operation::Chat),
            Bytes::from_static(br#"{"model":"m","messages":[]}"#),
        )
        .unwrap();
    openai.write(&response, &call, stamp(), &mut losses);
    assert!(losses.len() >= 3, "{losses:?}");
}

#[test]
fn addresses_are_googles() {
    let gemini = target("gemini-2.5-pro");
    let list = Gemini.list_models(&gemini).unwrap();
    assert_eq!(
        list.uri,
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000"
    );
    let path = |operation, stream| Gemini.path(&gemini, operation, stream).into_owned();
    assert_eq!(
        path(Operation::Chat, false),
        "/v1beta/models/gemini-2.5-pro:generateContent"
    );
    assert_eq!(
        path(Operation::Chat, true),
        "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"
    );
    assert_eq!(
        path(Operation::CountTokens, false),
        "/v1beta/models/gemini-2.5-pro:countTokens"
    );
    assert_eq!(
        path(Operation::Embeddings, false),
        "/v1beta/models/gemini-2.5-pro:batchEmbedContents"
    );
}

#[test]
fn clients_of_google_get_every_error_in_its_shape() {
    for (kind, status, word) in [
        (ErrorKind::VirtualKeyRequired, 401, "UNAUTHENTICATED"),
        (ErrorKind::BudgetExceeded, 402, "RESOURCE_EXHAUSTED"),
        (ErrorKind::CostCeiling, 402, "RESOURCE_EXHAUSTED"),
        (ErrorKind::ModelBlocked, 403, "PERMISSION_DENIED"),
        (ErrorKind::ModelNotFound, 404, "NOT_FOUND"),
        (ErrorKind::TooLarge, 413, "INVALID_ARGUMENT"),
        (ErrorKind::RequestLimited, 429, "RESOURCE_EXHAUSTED"),
        (ErrorKind::UpstreamTimeout, 504, "DEADLINE_EXCEEDED"),
        (ErrorKind::Unavailable, 503, "UNAVAILABLE"),
        (ErrorKind::Internal, 500, "INTERNAL"),
    ] {
        let said = ClientDialect::error(&Gemini, &gateway_types::Error::new(kind, "why"));
        let said: Value = serde_json::from_slice(&said).unwrap();
        assert_eq!(
            (&said["error"]["code"], &said["error"]["status"]),
            (&json!(status), &json!(word)),
            "{kind:?}"
        );
        assert_eq!(
            said["error"]["details"][0]["reason"],
            kind.code().to_uppercase(),
            "{kind:?}"
        );
    }
}

#[test]
fn streams_have_the_media_types_that_sdks_look_for() {
    assert_eq!(
        Gemini.stream_type(StreamForm::Usual),
        "text/event-stream; charset=utf-8"
    );
    assert_eq!(Gemini.stream_type(StreamForm::Array), "application/json");
    assert_eq!(Gemini.finish_word(&Finish::Length), "MAX_TOKENS");
    let call = streamed(StreamForm::Array);
    assert!(call.stream && call.wants_usage && call.form == StreamForm::Array);
}
