//! Vectors: both forms of clients, the three forms of providers, and the other dialects.

use bytes::Bytes;
use gateway_providers::gemini::Gemini;
use gateway_providers::lane::Cap;
use gateway_providers::{ClientDialect, ProviderDialect, client_dialect, prepare};
use gateway_types::embed::{EmbedInput, EmbedTask};
use gateway_types::{Asked, Call, DialectName, Operation};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::recorded::recordings;
use crate::{call, fields, in_cloud, of_kind, stamp, target};

fn sent(call: &Call, target: &gateway_providers::Target) -> (String, Value, gateway_providers::Prepared) {
    let prepared = prepare(call, target, Cap::Client, &HeaderMap::new(), stamp()).unwrap();
    let body = serde_json::from_slice(&prepared.wire.body.concat()).unwrap();
    (prepared.wire.uri.to_string(), body, prepared)
}

#[test]
fn recorded_calls_are_said_again_as_they_were() {
    for recording in recordings(|one| one.endpoint == "batchEmbedContents" && one.succeeded()) {
        let body = recording.asked().unwrap();
        let request = Gemini
            .read_embed(&call(Operation::Embeddings, None, body.clone()))
            .unwrap();
        let given: Value = serde_json::from_slice(&body).unwrap();
        let model = given["requests"][0]["model"].as_str().unwrap();
        let mut losses = Vec::new();
        let wire = Gemini
            .embed(&request, &target(model.strip_prefix("models/").unwrap()), &mut losses)
            .unwrap();
        let sent = String::from_utf8(wire.body.concat().to_vec()).unwrap();
        let (sent, given): (Value, Value) = (
            serde_json::from_str(&sent).unwrap(),
            serde_json::from_str(
                &given
                    .to_string()
                    .replace("inline_data", "inlineData")
                    .replace("mime_type", "mimeType"),
            )
            .unwrap(),
        );
        assert_eq!(sent, given, "{}", recording.id);
        assert!(losses.is_empty(), "{}: {losses:?}", recording.id);
    }
}

#[test]
fn a_client_of_google_gets_vectors_of_anybody_in_the_form_it_asked_for() {
    let openai = of_kind("openai", "text-embedding-3-small");
    let answer = |vectors: Value| {
        Bytes::from(
            json!({"object": "list", "model": "e", "data": vectors, "usage": {"prompt_tokens": 4, "total_tokens": 4}})
                .to_string(),
        )
    };
    let one = call(
        Operation::Embeddings,
        None,
        r#"{"content":{"parts":[{"text":"a"}]},"outputDimensionality":8}"#,
    );
    let (_, body, way) = sent(&one, &openai);
    assert_eq!(
        (&body["dimensions"], body["input"].to_string().contains("\"a\"")),
        (&json!(8), true)
    );
    let vectors = json!([{"index": 0, "embedding": [0.1, -2.5e-7]}]);
    let got = way
        .whole(&one, &openai, &HeaderMap::new(), answer(vectors), stamp())
        .unwrap();
    assert_eq!(
        got.body,
        r#"{"embedding":{"values":[0.1,-2.5e-7]},"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":0,"totalTokenCount":4}}"#
    );
    let two = call(
        Operation::Embeddings,
        None,
        r#"{"requests":[{"content":{"parts":{"text":"a"}}},{"content":{"parts":[{"text":"b"}]}}]}"#,
    );
    let (_, _, way) = sent(&two, &openai);
    let vectors = json!([{"index": 0, "embedding": [0.5]}, {"index": 1, "embedding": [1]}]);
    let got = way
        .whole(&two, &openai, &HeaderMap::new(), answer(vectors), stamp())
        .unwrap();
    let got: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(got["embeddings"], json!([{"values": [0.5]}, {"values": [1.0]}]));
}

#[test]
fn a_client_of_openai_gets_googles_vectors() {
    let client = client_dialect(DialectName::OpenAi);
    let body = r#"{"model":"e","input":["a","b"],"dimensions":8,"user":"ann"}"#;
    let asked = client
        .decode(
            &Asked::plain(Operation::Embeddings),
            Bytes::from_static(body.as_bytes()),
        )
        .unwrap();
    let (uri, body, way) = sent(&asked, &target("gemini-embedding-001"));
    assert!(
        uri.ends_with("/v1beta/models/gemini-embedding-001:batchEmbedContents"),
        "{uri}"
    );
    let one = |text: &str| json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]}, "outputDimensionality": 8});
    assert_eq!(body, json!({"requests": [one("a"), one("b")]}));
    assert_eq!(fields(&way.losses), ["user"]);
    let answer =
        json!({"embeddings": [{"values": [0.5]}, {"values": [0.25]}], "usageMetadata": {"promptTokenCount": 2}});
    let got = way
        .whole(
            &asked,
            &target("gemini-embedding-001"),
            &HeaderMap::new(),
            Bytes::from(answer.to_string()),
            stamp(),
        )
        .unwrap();
    let got: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(
        (&got["data"][1]["embedding"], &got["usage"]["prompt_tokens"]),
        (&json!([0.25]), &json!(2))
    );
}

#[test]
fn google_cloud_is_asked_in_its_own_way_even_by_clients_of_google() {
    let one = call(
        Operation::Embeddings,
        None,
        r#"{"content":{"parts":[{"text":"a"}]},"task_type":"RETRIEVAL_QUERY","title":"t","outputDimensionality":8}"#,
    );
    let older = in_cloud("text-embedding-004");
    let (uri, body, way) = sent(&one, &older);
    assert!(
        uri.ends_with(
            "/v1beta1/projects/p-1/locations/us-central1/publishers/google/models/text-embedding-004:predict"
        ),
        "{uri}"
    );
    let instance = json!({"content": "a", "task_type": "RETRIEVAL_QUERY", "title": "t"});
    assert_eq!(
        body,
        json!({"instances": [instance], "parameters": {"outputDimensionality": 8}})
    );
    let answer = json!({"predictions": [{"embeddings": {"values": [0.5], "statistics": {"token_count": 3, "truncated": false}}}]});
    let got = way
        .whole(
            &one,
            &older,
            &HeaderMap::new(),
            Bytes::from(answer.to_string()),
            stamp(),
        )
        .unwrap();
    assert_eq!(got.observed.usage.unwrap().input, 3);
    let got: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(got["embedding"]["values"], json!([0.5]));

    let newer = in_cloud("gemini-embedding-2");
    let (uri, body, _) = sent(&one, &newer);
    assert!(uri.ends_with("/models/gemini-embedding-2:batchEmbedContents"), "{uri}");
    let settings = json!({"taskType": "RETRIEVAL_QUERY", "title": "t", "outputDimensionality": 8});
    assert_eq!(body["requests"][0]["embedContentConfig"], settings);
}

#[test]
fn inputs_and_tasks_are_read() {
    let read = |body: &'static str| Gemini.read_embed(&call(Operation::Embeddings, None, body));
    let request = read(
        r#"{"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"},
            {"content":{"parts":[{"text":"b"},{"inlineData":{"mimeType":"image/png","data":"QUJD"}}]},"taskType":"CLUSTERING"}]}"#,
    )
    .unwrap();
    assert!(matches!(&request.inputs[..], [EmbedInput::Text(_), EmbedInput::Mixed(parts)] if parts.len() == 2));
    assert_eq!(request.task, Some(EmbedTask::Clustering));
    let other = read(r#"{"content":{"parts":[{"text":"a"}]},"taskType":"FACT_VERIFICATION"}"#).unwrap();
    assert_eq!(other.task, Some(EmbedTask::Other("FACT_VERIFICATION".into())));
    let mixed =
        read(r#"{"requests":[{"content":{},"taskType":"CLUSTERING"},{"content":{},"taskType":"CLASSIFICATION"}]}"#)
            .unwrap_err();
    assert_eq!(mixed.param.as_deref(), Some("requests[1].taskType"));
    let missing = read(r#"{"requests":[{"model":"m"}]}"#).unwrap_err();
    assert_eq!(missing.param.as_deref(), Some("requests[0].content"));
}
