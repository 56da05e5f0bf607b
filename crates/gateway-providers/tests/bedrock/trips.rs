//! Tool loops across dialects: a turn of one dialect's client served by another's provider, and the next turn that brings it
//! back, with signatures that only their makers can read.

use bytes::Bytes;
use gateway_providers::lane::{Cap, Prepared};
use gateway_providers::{Access, BaseUrl, Target, client_dialect, kind, prepare};
use gateway_types::{Asked, Call, DialectName, Operation, StreamForm};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::STAMP;
use crate::assembled::message_of;
use crate::passing::stream;

fn target(provider: &str, model: &str) -> Target {
    let base = BaseUrl::parse("http://localhost:1").unwrap();
    Target::plain(provider, kind(provider).unwrap(), base, model, Access::None)
}

fn call(dialect: DialectName, streamed: bool, body: Value) -> Call {
    let in_path = dialect == DialectName::Bedrock;
    let asked = Asked {
        model: in_path.then(|| "served".to_owned()),
        stream: (in_path && streamed).then_some(StreamForm::Usual),
        ..Asked::plain(Operation::Chat)
    };
    client_dialect(dialect)
        .decode(&asked, Bytes::from(body.to_string()))
        .unwrap()
}

fn sent(call: &Call, target: &Target) -> (Prepared, Value) {
    let prepared = prepare(call, target, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    let body = serde_json::from_slice(&prepared.wire.body.concat()).unwrap();
    (prepared, body)
}

/// What a client of that dialect gets for a provider's whole answer.
fn answered(call: &Call, target: &Target, answer: &Value) -> Value {
    let (prepared, _) = sent(call, target);
    let whole = prepared
        .whole(call, target, &HeaderMap::new(), Bytes::from(answer.to_string()), STAMP)
        .unwrap();
    serde_json::from_slice(&whole.body).unwrap()
}

/// Likewise for a stream.
fn streamed(call: &Call, target: &Target, answer: Vec<u8>) -> Vec<u8> {
    let (prepared, _) = sent(call, target);
    let mut relay = prepared.relay(call, target, STAMP);
    let mut out = Vec::new();
    relay.feed(answer.into(), &mut out).unwrap();
    relay.finish(&mut out).unwrap();
    out.concat()
}

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// An answer of Claude on Bedrock that thinks and calls a tool.
fn bedrocks() -> Value {
    json!({
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
            {"reasoningContent": {"redactedContent": "aGlkZGVu"}},
            {"toolUse": {"toolUseId": "tooluse_1", "name": "f", "input": {"a": 1}}},
        ]}},
        "stopReason": "tool_use", "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 1},
    })
}

fn spec() -> Value {
    json!({"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}})
}

#[test]
fn a_client_of_anthropics_gives_bedrock_its_signatures_back() {
    let ask = json!({"role": "user", "content": "go"});
    let tools = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    let thinking = json!({"type": "enabled", "budget_tokens": 2048});
    let body = |messages: Value| json!({"model": "m", "max_tokens": 9000, "messages": messages, "tools": tools, "thinking": thinking});
    let claude = target("bedrock", CLAUDE);
    let first = call(DialectName::Anthropic, false, body(json!([ask])));
    let answer = answered(&first, &claude, &bedrocks());
    assert_eq!(answer["stop_reason"], "tool_use");
    let id = answer["content"][2]["id"].clone();
    let result = json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "1"}]});
    let next = body(json!([ask, {"role": "assistant", "content": answer["content"]}, result]));
    let next = call(DialectName::Anthropic, false, next);

    let (_, said) = sent(&next, &claude);
    assert_eq!(
        said["messages"][1]["content"],
        bedrocks()["output"]["message"]["content"]
    );
    assert_eq!(
        said["messages"][2]["content"][0]["toolResult"]["toolUseId"],
        "tooluse_1"
    );
    assert_eq!(said["additionalModelRequestFields"]["thinking"], thinking);

    // Elsewhere they are noise, and left out.
    let (other, said) = sent(&next, &target("bedrock", "us.amazon.nova-2-lite-v1:0"));
    assert_eq!(said["messages"][1]["content"].as_array().unwrap().len(), 1);
    assert!(
        other
            .losses
            .iter()
            .any(|loss| loss.field.starts_with("messages[1].content[0]"))
    );
}

#[test]
fn a_client_of_openais_gives_bedrock_its_signatures_back() {
    let ask = json!({"role": "user", "content": "go"});
    let tools = json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]);
    let body = |messages: Value| json!({"model": "m", "messages": messages, "tools": tools});
    let claude = target("bedrock", CLAUDE);
    let first = call(DialectName::OpenAi, false, body(json!([ask])));
    let message = answered(&first, &claude, &bedrocks())["choices"][0]["message"].clone();
    let result = json!({"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "1"});
    let next = call(DialectName::OpenAi, false, body(json!([ask, message, result])));
    let (_, said) = sent(&next, &claude);
    assert_eq!(
        said["messages"][1]["content"],
        bedrocks()["output"]["message"]["content"]
    );
}

/// The turns of a client of Bedrock's: what it asked, the answer as it got it, and the tool's result.
fn loops(message: &Value) -> Value {
    let id = message["content"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|block| block["toolUse"]["toolUseId"].as_str());
    let result = json!({"toolResult": {"toolUseId": id, "content": [{"text": "1"}], "status": "success"}});
    json!({
        "messages": [{"role": "user", "content": [{"text": "go"}]}, message, {"role": "user", "content": [result]}],
        "toolConfig": {"tools": [spec()]},
        "inferenceConfig": {"maxTokens": 9000},
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    })
}

fn asks() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "go"}]}], "toolConfig": {"tools": [spec()]}})
}

fn anthropics() -> Value {
    json!([
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "hidden"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
    ])
}

#[test]
fn a_client_of_bedrocks_gives_anthropic_its_signatures_back() {
    let claude = target("anthropic", "claude-sonnet-4-5");
    let answer = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": anthropics(),
        "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 2},
    });
    let first = call(DialectName::Bedrock, false, asks());
    let got = answered(&first, &claude, &answer);
    assert_eq!(got["stopReason"], "tool_use");
    // The SDK reads the hidden thinking as bytes, and writes it as bytes again.
    let hidden = got["output"]["message"]["content"][1]["reasoningContent"]["redactedContent"]
        .as_str()
        .unwrap();
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    assert_eq!(base64.encode(base64.decode(hidden).unwrap()), hidden);

    let next = call(DialectName::Bedrock, false, loops(&got["output"]["message"]));
    let (_, said) = sent(&next, &claude);
    assert_eq!(said["messages"][1]["content"], anthropics());
    assert_eq!(said["messages"][2]["content"][0]["tool_use_id"], "toolu_1");

    // Bedrock itself gets neither seals nor what was signed elsewhere, though the dialect is the client's own.
    let (prepared, said) = sent(&next, &target("bedrock", CLAUDE));
    assert!(!said.to_string().contains("gw1"), "{said}");
    assert_eq!(said["messages"][1]["content"].as_array().unwrap().len(), 1);
    assert_eq!(prepared.losses.len(), 2, "{:?}", prepared.losses);
    assert_eq!(said["messages"][2]["content"][0]["toolResult"]["status"], "success");

    // A turn that was nothing but that leaves none empty, and the user's turns around it are one.
    let thought = &got["output"]["message"]["content"][0];
    let says = |text: &str| json!({"role": "user", "content": [{"text": text}]});
    let body = json!({"messages": [says("go"), {"role": "assistant", "content": [thought]}, says("on")]});
    let (_, said) = sent(&call(DialectName::Bedrock, false, body), &target("bedrock", CLAUDE));
    assert_eq!(
        said["messages"],
        json!([{"role": "user", "content": [{"text": "go"}, {"text": "on"}]}])
    );
}

#[test]
fn a_stream_gives_them_back_as_well() {
    let sse: String = [
        json!({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "hidden"}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "{\"a\":1}"}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ]
    .iter()
    .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
    .collect();
    let claude = target("anthropic", "claude-sonnet-4-5");
    let got = message_of(&streamed(
        &call(DialectName::Bedrock, true, asks()),
        &claude,
        sse.into_bytes(),
    ));
    let (_, said) = sent(
        &call(DialectName::Bedrock, true, loops(&got["output"]["message"])),
        &claude,
    );
    assert_eq!(said["messages"][1]["content"], anthropics());
}

#[test]
fn a_client_of_bedrocks_is_served_by_an_openai_compatible_model() {
    let vllm = target("vllm", "llama");
    let (_, said) = sent(&call(DialectName::Bedrock, false, asks()), &vllm);
    assert_eq!(said["messages"], json!([{"role": "user", "content": "go"}]));
    assert_eq!(said["tools"][0]["function"]["name"], "f");
    let called = json!([{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]);
    let answer = json!({
        "id": "x", "object": "chat.completion", "created": 1, "model": "llama",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null, "tool_calls": called}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    });
    let got = answered(&call(DialectName::Bedrock, false, asks()), &vllm, &answer);
    let used = json!([{"toolUse": {"toolUseId": "call_1", "name": "f", "input": {"a": 1}}}]);
    assert_eq!(
        (&got["output"]["message"]["content"], &got["stopReason"]),
        (&used, &json!("tool_use"))
    );
    assert_eq!(got["usage"]["totalTokens"], 7);
    let (_, said) = sent(
        &call(DialectName::Bedrock, false, loops(&got["output"]["message"])),
        &vllm,
    );
    assert_eq!(said["messages"][1]["tool_calls"], called);
    assert_eq!(
        said["messages"][2],
        json!({"role": "tool", "tool_call_id": "call_1", "content": "1"})
    );
}

#[test]
fn bedrocks_stream_reaches_a_client_of_openais() {
    let answer = stream(&[
        ("messageStart", json!({"role": "assistant"})),
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": "hi"}}),
        ),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("messageStop", json!({"stopReason": "end_turn"})),
        (
            "metadata",
            json!({"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 1}}),
        ),
    ]);
    let body = json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "go"}]});
    let out = streamed(
        &call(DialectName::OpenAi, true, body),
        &target("bedrock", CLAUDE),
        answer,
    );
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.contains("\"content\":\"hi\"")
            && text.contains("\"finish_reason\":\"stop\"")
            && text.ends_with("data: [DONE]\n\n")
    );
}
