//! Models' own bodies: bytes both ways, with what they used and how they ended.

use bytes::Bytes;
use gateway_providers::ProviderDialect;
use gateway_providers::bedrock::Bedrock;
use gateway_providers::lane::{Cap, Close};
use gateway_types::{ErrorKind, Operation, Usage};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::assembled::messages;
use crate::golden::{asked, call, good, pieces};
use crate::passing::{pass, relay, stream};
use crate::target;

/// What stands in the chunks of a stream.
fn chunks(stream: &[u8]) -> Vec<Value> {
    use base64::Engine as _;
    let chunk = |(name, payload): (String, Value)| {
        assert_eq!(name, "chunk");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(payload["bytes"].as_str().unwrap())
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    messages(stream).into_iter().map(chunk).collect()
}

fn chunk(said: Value) -> Vec<u8> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.encode(said.to_string());
    stream(&[("chunk", json!({ "bytes": bytes }))])
}

#[test]
fn whole_answers_pass_and_say_what_they_used() {
    for recording in good("invoke", false) {
        let (id, body, headers) = (&recording.id, recording.answered(), recording.headers());
        let whole = Bedrock.observe(Operation::Invoke, &headers, body.clone()).unwrap();
        assert_eq!(whole.body, body, "{id}");
        let said: Value = serde_json::from_slice(&body).unwrap();
        let count = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap().parse::<u64>().unwrap())
        };
        let of_body = |one: &str, other: &str| said["usage"][one].as_u64().or(said["usage"][other].as_u64());
        let usage = whole.observed.usage.unwrap();
        let input = count("x-amzn-bedrock-input-token-count").or(of_body("input_tokens", "inputTokens"));
        let output = count("x-amzn-bedrock-output-token-count").or(of_body("output_tokens", "outputTokens"));
        assert_eq!((Some(usage.input), Some(usage.output)), (input, output), "{id}");
        let written = of_body("cache_creation_input_tokens", "cacheWriteInputTokenCount").unwrap_or_default();
        assert_eq!(usage.cache_write + usage.cache_write_hour, written, "{id}");
        assert!(whole.observed.finish.is_some(), "{id}");
        assert!(whole.observed.output_bytes > 0 || said["content"] == json!([]), "{id}");
    }
}

#[test]
fn streams_pass_byte_for_byte_and_say_what_they_used() {
    for recording in good("invoke", true) {
        let (id, stream) = (&recording.id, recording.answered());
        let (out, observed) = pass(Operation::Invoke, &[&stream]).unwrap();
        assert_eq!(out, stream, "{id}");
        let last = chunks(&stream).pop().unwrap();
        let metrics = &last["amazon-bedrock-invocationMetrics"];
        let usage = observed.usage.unwrap();
        assert_eq!(
            (Some(usage.input), Some(usage.output)),
            (
                metrics["inputTokenCount"].as_u64(),
                metrics["outputTokenCount"].as_u64()
            ),
            "{id}"
        );
        assert!(
            observed.done && observed.content && observed.output_bytes > 0 && observed.finish.is_some(),
            "{id}"
        );
    }
}

#[test]
fn a_closed_stream_ends_in_the_shape_that_it_has() {
    for recording in good("invoke", true) {
        let stream = recording.answered();
        let model = asked(recording).model.unwrap();
        let mut at = 0;
        loop {
            let mut relay = relay(Operation::Invoke, &model);
            let mut out = Vec::new();
            relay.feed(stream.slice(..at), &mut out).unwrap();
            relay.close(&Close::Length, &mut out);
            ended(&chunks(&out.concat()), &recording.id);
            let Some(length) = stream.get(at..at + 4) else { break };
            at += u32::from_be_bytes(length.try_into().unwrap()) as usize;
        }
    }
}

/// What each maker's readers wait for.
fn ended(chunks: &[Value], id: &str) {
    let last = chunks.last().unwrap();
    assert!(
        last["amazon-bedrock-invocationMetrics"]["inputTokenCount"].is_u64(),
        "{id}: {last}"
    );
    let kinds: Vec<&str> = chunks.iter().filter_map(|chunk| chunk["type"].as_str()).collect();
    let of = |kind: &str| kinds.iter().filter(|one| **one == kind).count();
    if kinds.first() == Some(&"message_start") {
        assert_eq!(
            (of("message_delta"), of("message_stop"), kinds.last()),
            (1, 1, Some(&"message_stop")),
            "{id}"
        );
        assert_eq!(of("content_block_start"), of("content_block_stop"), "{id}");
    } else {
        let reasons = ["/messageStop/stopReason", "/stop_reason", "/finish_reason"];
        let said = chunks
            .iter()
            .flat_map(|chunk| reasons.iter().filter_map(|path| chunk.pointer(path)?.as_str()))
            .count();
        assert_eq!(said, 1, "{id}");
    }
}

#[test]
fn exceptions_inside_streams_are_errors_while_another_attempt_is_possible() {
    let exception = stream(&[("!modelTimeoutException", json!({"message": "late"}))]);
    let begun = chunk(json!({"type": "message_start", "message": {"usage": {"input_tokens": 3}}}));
    let more = chunk(json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}));
    let error = pass(Operation::Invoke, &[&begun, &exception]).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::UpstreamTimeout, "late")
    );
    let (out, observed) = pass(Operation::Invoke, &[&begun, &more, &exception]).unwrap();
    assert!(observed.failed && out.ends_with(&exception));
    assert!(pass(Operation::Invoke, &[&begun, &more]).is_err(), "it broke off");
    let said =
        chunk(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}));
    let (_, observed) = pass(Operation::Invoke, &[&begun, &more, &said]).unwrap();
    let used = Usage {
        input: 3,
        output: 9,
        ..Usage::default()
    };
    assert_eq!((observed.done, observed.usage), (true, Some(used)));
}

#[test]
fn requests_pass_with_their_headers_and_a_cap_of_their_own() {
    let client = HeaderMap::from_iter([
        (
            http::HeaderName::from_static("x-amzn-bedrock-guardrailidentifier"),
            HeaderValue::from_static("g1"),
        ),
        (
            http::HeaderName::from_static("authorization"),
            HeaderValue::from_static("secret"),
        ),
    ]);
    let call = call(
        Operation::Invoke,
        true,
        r#"{"prompt":"a","max_gen_len":500,"fallbacks":["x"]}"#,
    );
    let target = target("us.meta.llama3-3-70b-instruct-v1:0");
    let wire = Bedrock.pass(&call, &target, Cap::AtMost(20), &client).unwrap();
    assert_eq!(wire.body.concat(), r#"{"prompt":"a","max_gen_len":20}"#);
    assert_eq!(
        wire.uri.path(),
        "/model/us.meta.llama3-3-70b-instruct-v1%3A0/invoke-with-response-stream"
    );
    assert_eq!(wire.headers["x-amzn-bedrock-guardrailidentifier"], "g1");
    assert!(!wire.headers.contains_key("authorization"));
}

#[test]
fn what_no_maker_is_known_for_passes_as_well() {
    let whole = Bedrock
        .observe(Operation::Invoke, &HeaderMap::new(), Bytes::from_static(b"\x89PNG"))
        .unwrap();
    assert_eq!(
        (whole.body, whole.observed.usage, whole.observed.done),
        (Bytes::from_static(b"\x89PNG"), None, true)
    );
    let odd = stream(&[("chunk", json!({"bytes": "AAEC"})), ("later-event", json!({}))]);
    let mut relay = relay(Operation::Invoke, "acme.model");
    let mut out = Vec::new();
    relay.feed(odd.clone().into(), &mut out).unwrap();
    assert_eq!(out.concat(), odd);
    relay.close(&Close::Length, &mut out);
    assert_eq!(relay.observed().finish.as_deref(), Some("length"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_cutting_gives_the_same(which in any::<prop::sample::Index>(), cuts in proptest::collection::vec(any::<usize>(), 0..12)) {
        let streams: Vec<_> = good("invoke", true).collect();
        if streams.is_empty() {
            return Ok(());
        }
        let stream = which.get(&streams).answered();
        let (out, observed) = pass(Operation::Invoke, &pieces(&stream, &cuts)).unwrap();
        prop_assert_eq!(observed, pass(Operation::Invoke, &[&stream]).unwrap().1);
        prop_assert!(out == stream);
    }
}
