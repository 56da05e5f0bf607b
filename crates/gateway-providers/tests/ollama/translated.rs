//! The whole way there and back: Ollama's clients at others' providers, others' clients at Ollama's own API, with tools.

use bytes::Bytes;
use gateway_providers::lane::Cap;
use gateway_providers::{Access, BaseUrl, Prepared, Target, client_dialect, kind, prepare, provider_dialect};
use gateway_types::{Asked, Call, DialectName, Operation};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::said::Said;
use crate::{call, chat, events, generate, stamp, target};

fn place(name: &str) -> Target {
    let base = BaseUrl::parse("http://localhost:8000").unwrap();
    Target::plain(name, kind(name).unwrap(), base, "served", Access::None)
}

fn sent(call: &Call, target: &Target) -> (Prepared, Value) {
    let prepared = prepare(call, target, Cap::Client, &HeaderMap::new(), stamp()).unwrap();
    let body = serde_json::from_slice(&prepared.wire.body.concat()).unwrap();
    (prepared, body)
}

fn streamed(prepared: &Prepared, call: &Call, target: &Target, stream: String) -> Vec<u8> {
    let mut relay = prepared.relay(call, target, stamp());
    let mut out = Vec::new();
    relay.feed(Bytes::from(stream), &mut out).unwrap();
    relay.finish(&mut out).unwrap();
    out.concat()
}

fn chunks(frames: &[&str]) -> String {
    let frames = frames.iter().map(|frame| format!("data: {frame}\n\n"));
    frames.chain([String::from("data: [DONE]\n\n")]).collect()
}

#[test]
fn a_client_of_ollama_is_streamed_to_by_openai() {
    let asked = json!({"model": "m", "messages": [
        {"role": "user", "content": "weather?", "images": ["iVBORw0KGgo="]},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]},
        {"role": "tool", "content": "sunny", "tool_name": "f"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}], "options": {"num_predict": 9, "num_ctx": 4096}});
    let (call, there) = (call(Operation::Chat, asked.to_string()), place("openai"));
    let (prepared, body) = sent(&call, &there);
    let messages = &body["messages"];
    assert_eq!(
        messages[0]["content"][1]["image_url"]["url"],
        "data:image/png;base64,iVBORw0KGgo="
    );
    let id = messages[1]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(!id.is_empty() && messages[2]["tool_call_id"] == id);
    assert_eq!(messages[1]["tool_calls"][0]["function"]["arguments"], "{\"a\":1}");
    assert_eq!(
        (body["stream"].as_bool(), body["max_completion_tokens"].as_u64()),
        (Some(true), Some(9))
    );
    assert!(
        prepared.losses.iter().any(|loss| loss.field == "options.num_ctx"),
        "{:?}",
        prepared.losses
    );
    let stream = chunks(&[
        r#"{"id":"x","object":"chat.completion.chunk","created":1700000000,"model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","content":"Look"},"finish_reason":null}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","created":1700000000,"model":"gpt","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c2","type":"function","function":{"name":"f","arguments":"{\"b\""}}]},"finish_reason":null}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","created":1700000000,"model":"gpt","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":2}"}}]},"finish_reason":null}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","created":1700000000,"model":"gpt","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
        r#"{"id":"x","object":"chat.completion.chunk","created":1700000000,"model":"gpt","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#,
    ]);
    let out = streamed(&prepared, &call, &there, stream);
    let (said, ended) = Said::of_events(&events(&[&out]).unwrap());
    assert_eq!((said.text.as_str(), said.finish, ended), ("Look", Some("tools"), true));
    assert_eq!(said.tools, [("c2".to_owned(), "f".to_owned(), json!({"b": 2}))]);
    assert_eq!(said.usage.map(|usage| (usage.input, usage.output)), Some((10, 5)));
    let json = HeaderMap::from_iter([(CONTENT_TYPE, "text/event-stream".parse().unwrap())]);
    assert_eq!(prepared.stream_type(&call, &json), "application/x-ndjson");
}

#[test]
fn generate_reaches_any_chat_provider() {
    let asked = json!({"model": "m", "prompt": "p", "system": "s", "stream": false, "raw": true});
    let (call, there) = (call(Operation::Completions, asked.to_string()), place("anthropic"));
    let (prepared, body) = sent(&call, &there);
    assert_eq!(
        (body["system"].as_str(), &body["messages"]),
        (Some("s"), &json!([{"role": "user", "content": "p"}]))
    );
    assert!(
        prepared.losses.iter().any(|loss| loss.field == "raw"),
        "{:?}",
        prepared.losses
    );
    let answer = json!({"id": "msg", "type": "message", "role": "assistant", "model": "claude", "content": [{"type": "text", "text": "Hi."}],
        "stop_reason": "max_tokens", "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 4}});
    let whole = prepared
        .whole(
            &call,
            &there,
            &HeaderMap::new(),
            Bytes::from(answer.to_string()),
            stamp(),
        )
        .unwrap();
    let body: Value = serde_json::from_slice(&whole.body).unwrap();
    assert_eq!(
        (
            body["response"].as_str(),
            body["done_reason"].as_str(),
            body.get("message")
        ),
        (Some("Hi."), Some("length"), None)
    );
    assert_eq!(whole.observed.finish.as_deref(), Some("length"));
}

#[test]
fn ollamas_own_clients_get_its_own_bytes() {
    for (call, path) in [(chat(), "/api/chat"), (generate(), "/api/generate")] {
        let (prepared, body) = sent(&call, &target("served"));
        assert_eq!(
            (prepared.wire.uri.path(), body["model"].as_str()),
            (path, Some("served"))
        );
        assert_eq!(prepared.wire.headers[ACCEPT], "application/x-ndjson");
        let lines = HeaderMap::from_iter([(CONTENT_TYPE, "application/x-ndjson".parse().unwrap())]);
        assert!(prepared.is_stream(&call, &lines) && prepared.losses.is_empty());
    }
}

#[test]
fn a_client_of_openai_is_served_by_ollamas_own_api() {
    let body = json!({"model": "m", "stream": true, "stream_options": {"include_usage": true}, "reasoning_effort": "high", "max_tokens": 9, "messages": [
        {"role": "developer", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "weather?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "sunny"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]});
    let openai = client_dialect(DialectName::OpenAi);
    let call = openai
        .decode(&Asked::plain(Operation::Chat), Bytes::from(body.to_string()))
        .unwrap();
    let there = place("ollama-native");
    let (prepared, said) = sent(&call, &there);
    assert_eq!(prepared.wire.uri.path(), "/api/chat");
    let expected = json!([
        {"role": "system", "content": "s"},
        {"role": "user", "content": "weather?", "images": ["QUJD"]},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {"a": 1}}}]},
        {"role": "tool", "content": "sunny", "tool_name": "f", "tool_call_id": "c"},
    ]);
    assert_eq!(said["messages"], expected);
    assert_eq!(
        (said["think"].as_str(), &said["options"]),
        (Some("high"), &json!({"num_predict": 9}))
    );
    assert!(prepared.losses.is_empty(), "{:?}", prepared.losses);
    let stream = [
        r#"{"model":"q","created_at":"2026-08-07T06:08:23Z","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#,
        r#"{"model":"q","created_at":"2026-08-07T06:08:24Z","message":{"role":"assistant","content":"Sunny."},"done":false}"#,
        r#"{"model":"q","created_at":"2026-08-07T06:08:25Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":4}"#,
    ];
    let out = streamed(&prepared, &call, &there, stream.join("\n") + "\n");
    let mut reader = provider_dialect(DialectName::OpenAi).reader(&place("openai"), stamp());
    let mut read = Vec::new();
    reader.feed(&out, &mut read).unwrap();
    let (said, ended) = Said::of_events(&read);
    assert_eq!(
        (said.text.as_str(), said.reasoning.as_str(), said.finish, ended),
        ("Sunny.", "hm", Some("stop"), true)
    );
    assert_eq!(said.usage.map(|usage| usage.total()), Some(7));
}

#[test]
fn errors_are_told_in_the_clients_dialect() {
    let body = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "u"}]});
    let anthropic = client_dialect(DialectName::Anthropic);
    let call = anthropic
        .decode(&Asked::plain(Operation::Chat), Bytes::from(body.to_string()))
        .unwrap();
    let there = place("ollama-native");
    let (prepared, _) = sent(&call, &there);
    let failed = Bytes::from_static(br#"{"error":"model 'm' not found"}"#);
    let error = prepared.error(404, &HeaderMap::new(), failed);
    let told: Value = serde_json::from_slice(&anthropic.error(&error)).unwrap();
    assert_eq!(
        (told["error"]["type"].as_str(), told["error"]["message"].as_str()),
        (Some("not_found_error"), Some("model 'm' not found"))
    );
    let ours = client_dialect(DialectName::Ollama).error(&error);
    assert_eq!(ours, r#"{"error":"model 'm' not found"}"#);
}
