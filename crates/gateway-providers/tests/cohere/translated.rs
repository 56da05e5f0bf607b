//! The whole way there and back: Cohere's clients at others' providers, others' clients at Cohere's, with tools.

use bytes::Bytes;
use gateway_providers::cohere::Cohere;
use gateway_providers::lane::Cap;
use gateway_providers::{Access, BaseUrl, ClientDialect, Prepared, Target, client_dialect, kind, prepare};
use gateway_types::chat::Event;
use gateway_types::{Asked, Call, DialectName, Operation};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::said::Said;
use crate::{call, event, events, stamp, target};

fn place(name: &str) -> Target {
    let base = BaseUrl::parse("http://localhost:8000").unwrap();
    Target::plain(name, kind(name).unwrap(), base, "served", Access::None)
}

fn sent(call: &Call, target: &Target) -> (Prepared, Value) {
    let prepared = prepare(call, target, Cap::Client, &HeaderMap::new(), stamp()).unwrap();
    let body = serde_json::from_slice(&prepared.wire.body.concat()).unwrap();
    (prepared, body)
}

fn whole(prepared: &Prepared, call: &Call, target: &Target, answer: &Value) -> Value {
    let whole = prepared
        .whole(
            call,
            target,
            &HeaderMap::new(),
            Bytes::from(answer.to_string()),
            stamp(),
        )
        .unwrap();
    serde_json::from_slice(&whole.body).unwrap()
}

/// A Cohere client's second turn: a tool was called and has answered.
fn cohere_turn(stream: bool) -> Call {
    let body = json!({"model": "m", "stream": stream, "max_tokens": 9, "messages": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "tool_plan": "I will look.", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "document", "document": {"id": "d", "data": {"text": "sunny", "title": "T"}}}]}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}], "tool_choice": "REQUIRED"});
    call(Operation::Chat, body.to_string())
}

#[test]
fn a_client_of_cohere_is_served_by_openai() {
    let (call, there) = (cohere_turn(false), place("openai"));
    let (prepared, body) = sent(&call, &there);
    assert_eq!(body["messages"][2]["content"], "I will look.");
    assert_eq!(
        body["messages"][2]["tool_calls"][0]["function"],
        json!({"name": "f", "arguments": "{\"a\":1}"})
    );
    assert_eq!(
        (
            body["messages"][3]["role"].as_str(),
            body["messages"][3]["tool_call_id"].as_str()
        ),
        (Some("tool"), Some("c"))
    );
    assert!(body["messages"][3]["content"].to_string().contains("sunny"));
    assert_eq!(body["tool_choice"], "required");
    let answer = json!({"id": "x", "object": "chat.completion", "created": 1, "model": "gpt", "choices": [{"index": 0, "finish_reason": "tool_calls",
        "message": {"role": "assistant", "content": "Again.", "tool_calls": [{"id": "c2", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}});
    let said = whole(&prepared, &call, &there, &answer);
    assert_eq!(
        (said["message"]["tool_plan"].as_str(), said["finish_reason"].as_str()),
        (Some("Again."), Some("TOOL_CALL"))
    );
    assert_eq!(said["message"]["tool_calls"][0]["id"], "c2");
    assert_eq!(
        said["usage"]["billed_units"],
        json!({"input_tokens": 10, "output_tokens": 5})
    );
}

#[test]
fn a_client_of_cohere_is_streamed_to_by_anthropic() {
    let (call, there) = (cohere_turn(true), place("anthropic"));
    let (prepared, body) = sent(&call, &there);
    assert_eq!(
        (body["system"].as_str(), body["tool_choice"]["type"].as_str()),
        (Some("s"), Some("any"))
    );
    let turn = body["messages"].as_array().unwrap();
    assert_eq!(
        (
            turn[1]["content"][0]["text"].as_str(),
            turn[1]["content"][1]["input"]["a"].as_u64()
        ),
        (Some("I will look."), Some(1))
    );
    assert_eq!(turn[2]["content"][0]["tool_use_id"], "c");
    let stream = [
        r#"{"type":"message_start","message":{"id":"msg","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":7,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Sunny."}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":9}}"#,
        r#"{"type":"message_stop"}"#,
    ]
    .map(event)
    .concat();
    let mut relay = prepared.relay(&call, &there, stamp());
    let mut out = Vec::new();
    relay.feed(Bytes::from(stream), &mut out).unwrap();
    relay.finish(&mut out).unwrap();
    assert_eq!(relay.observed().finish.as_deref(), Some("MAX_TOKENS"));
    let events = events(&[&out.concat()]).unwrap();
    let (said, ended) = Said::of_events(&events);
    assert_eq!(
        (said.text.as_str(), said.reasoning.as_str(), said.finish, ended),
        ("Sunny.", "hm", Some("length"), true)
    );
    assert_eq!(
        said.usage.map(|usage| (usage.input_total(), usage.output_total())),
        Some((7, 9))
    );
    assert!(
        String::from_utf8(out.concat())
            .unwrap()
            .contains("\"signature\":\"gw1-"),
        "the proof of thinking comes along"
    );
}

#[test]
fn a_client_of_openai_is_served_by_cohere() {
    let body = json!({"model": "m", "messages": [
        {"role": "developer", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "weather?"}, {"type": "image_url", "image_url": {"url": "https://a/b.png"}}]},
        {"role": "assistant", "content": "I will look.", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "sunny"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}], "top_p": 0.5, "stop": "x", "stream": true, "stream_options": {"include_usage": true}});
    let openai = client_dialect(DialectName::OpenAi);
    let call = openai
        .decode(&Asked::plain(Operation::Chat), Bytes::from(body.to_string()))
        .unwrap();
    let there = target("command-a-03-2025");
    let (prepared, said) = sent(&call, &there);
    assert_eq!(prepared.wire.uri.path(), "/v2/chat");
    let expected = json!([
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "weather?"}, {"type": "image_url", "image_url": {"url": "https://a/b.png"}}]},
        {"role": "assistant", "tool_plan": "I will look.", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "sunny"},
    ]);
    assert_eq!(said["messages"], expected);
    assert_eq!(
        (said["p"].as_f64(), &said["stop_sequences"], said["stream"].as_bool()),
        (Some(0.5), &json!(["x"]), Some(true))
    );
    assert!(prepared.losses.is_empty(), "{:?}", prepared.losses);
    let stream = [
        r#"{"type":"message-start","id":"x","delta":{"message":{"role":"assistant"}}}"#,
        r#"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"Again."}}}"#,
        r#"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c2","type":"function","function":{"name":"f","arguments":""}}}}}"#,
        r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}"#,
        r#"{"type":"tool-call-end","index":0}"#,
        r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":3,"output_tokens":4}}}}"#,
    ]
    .map(event)
    .concat();
    let mut relay = prepared.relay(&call, &there, stamp());
    let mut out = Vec::new();
    relay.feed(Bytes::from(stream), &mut out).unwrap();
    relay.finish(&mut out).unwrap();
    let mut reader = gateway_providers::provider_dialect(DialectName::OpenAi).reader(&place("openai"), stamp());
    let mut events: Vec<Event> = Vec::new();
    reader.feed(&out.concat(), &mut events).unwrap();
    let (said, ended) = Said::of_events(&events);
    assert_eq!(
        (said.text.as_str(), said.finish, ended),
        ("Again.", Some("tools"), true)
    );
    assert_eq!(said.tools, [("c2".to_owned(), "f".to_owned(), json!({}))]);
    assert_eq!(said.usage.map(|usage| usage.total()), Some(7));
}

#[test]
fn a_client_of_anthropic_is_served_by_cohere_and_its_errors_are_anthropics() {
    let body = json!({"model": "m", "max_tokens": 9, "system": "s", "messages": [
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": [{"type": "text", "text": "I will look."}, {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"}, {"type": "text", "text": "so?"}]}],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}]});
    let anthropic = client_dialect(DialectName::Anthropic);
    let call = anthropic
        .decode(&Asked::plain(Operation::Chat), Bytes::from(body.to_string()))
        .unwrap();
    let there = target("command-a-03-2025");
    let (prepared, said) = sent(&call, &there);
    assert_eq!(said["messages"][2]["tool_plan"], "I will look.");
    assert_eq!(
        (
            said["messages"][3]["tool_call_id"].as_str(),
            said["messages"][4]["content"].as_str()
        ),
        (Some("toolu_1"), Some("so?"))
    );
    let answer = json!({"id": "x", "message": {"role": "assistant", "content": [{"type": "text", "text": "Sunny."}]}, "finish_reason": "COMPLETE",
        "usage": {"billed_units": {"input_tokens": 3, "output_tokens": 4}}});
    let back = whole(&prepared, &call, &there, &answer);
    assert_eq!(
        (back["content"][0]["text"].as_str(), back["stop_reason"].as_str()),
        (Some("Sunny."), Some("end_turn"))
    );
    let failed = Bytes::from_static(br#"{"message":"too many tokens: size limit exceeded by 5 tokens.","id":"r"}"#);
    let error = prepared.error(400, &HeaderMap::new(), failed.clone());
    let told: Value = serde_json::from_slice(&anthropic.error(&error)).unwrap();
    assert_eq!(
        (told["type"].as_str(), told["error"]["type"].as_str()),
        (Some("error"), Some("invalid_request_error"))
    );
    assert_eq!(Cohere.error(&error), failed);
}
