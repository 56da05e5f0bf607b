//! Conversations that cross between this dialect and others and come back: tool loops of several turns, with what models
//! signed on the way.

use bytes::Bytes;
use gateway_providers::lane::Cap;
use gateway_providers::{Access, BaseUrl, Prepared, Target, base_kind, client_dialect, kind, prepare};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{Asked, Call, DialectName, Operation, Secret};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::STAMP;
use crate::assembled::message_of;

/// A provider and a model of it.
fn at(provider: &str, model: &str) -> Target {
    let kind = kind(provider).or_else(|| base_kind(provider)).unwrap();
    let base = BaseUrl::parse("https://provider.example").unwrap();
    Target::plain(provider, kind, base, model, Access::Key(Secret::new("k")))
}

/// A turn on its way: the call, and what was sent.
struct Turn {
    call: Call,
    target: Target,
    prepared: Prepared,
}

impl Turn {
    fn of(client: DialectName, body: &Value, target: &Target) -> Self {
        let asked = Asked::plain(Operation::Chat);
        let call = client_dialect(client)
            .decode(&asked, Bytes::from(body.to_string()))
            .unwrap();
        let prepared = prepare(&call, target, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
        Self {
            call,
            target: target.clone(),
            prepared,
        }
    }

    /// What the provider got.
    fn sent(&self) -> Value {
        serde_json::from_slice(&self.prepared.wire.body.concat()).unwrap()
    }

    /// What was reported dropped on the way there.
    fn dropped(&self) -> Vec<&str> {
        let dropped = |loss: &&Loss| loss.fate == Fate::Dropped;
        self.prepared
            .losses
            .iter()
            .filter(dropped)
            .map(|loss| loss.field.as_str())
            .collect()
    }

    /// What the client gets for an answer.
    fn answered(&self, answer: &Value) -> Value {
        let body = Bytes::from(answer.to_string());
        let whole = self
            .prepared
            .whole(&self.call, &self.target, &HeaderMap::new(), body, STAMP)
            .unwrap();
        serde_json::from_slice(&whole.body).unwrap()
    }

    /// What the client gets for a stream of those frames' data.
    fn streamed(&self, frames: &[Value]) -> String {
        let mut relay = self.prepared.relay(&self.call, &self.target, STAMP);
        let mut out = Vec::new();
        for frame in frames {
            relay.feed(Bytes::from(format!("data: {frame}\n\n")), &mut out).unwrap();
        }
        relay.finish(&mut out).unwrap();
        String::from_utf8(out.concat()).unwrap()
    }
}

/// A first turn of a client of this dialect, as an agent asks it: betas, marks and tools included.
fn agent(messages: &Value, stream: bool) -> Value {
    json!({
        "model": "m", "max_tokens": 100, "stream": stream,
        "system": [{"type": "text", "text": "You are careful.", "cache_control": {"type": "ephemeral"}}],
        "tools": [
            {"name": "read", "description": "Reads.", "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}},
            {"name": "list", "input_schema": {"type": "object", "properties": {}}, "cache_control": {"type": "ephemeral"}},
        ],
        "metadata": {"user_id": "u"},
        "messages": messages,
    })
}

/// The conversation so far with an answer of the model, and what its tools answered.
fn continued(messages: &Value, answer: &Value) -> Value {
    let mut messages = messages.as_array().unwrap().clone();
    let results: Vec<Value> = answer["content"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|block| block["type"] == "tool_use")
        .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": "done"}))
        .collect();
    messages.push(json!({"role": "assistant", "content": answer["content"]}));
    messages.push(json!({"role": "user", "content": results}));
    Value::from(messages)
}

#[test]
fn an_agent_works_with_a_server_of_the_other_dialect() {
    let target = at("vllm", "qwen");
    let asked = json!([{"role": "user", "content": "Read a.txt and list."}]);
    let first = Turn::of(DialectName::Anthropic, &agent(&asked, true), &target);
    let sent = first.sent();
    assert_eq!(sent["messages"][0]["role"], "system");
    assert_eq!(sent["tools"][0]["function"]["name"], "read");
    assert_eq!((&sent["stream"], &sent["model"]), (&json!(true), &json!("qwen")));

    let delta = |delta: Value, finish: Value| json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "qwen", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let call = |index: u32, id: &str, name: &str, arguments: &str| json!({"tool_calls": [{"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}]});
    let stream = first.streamed(&[
        delta(json!({"role": "assistant", "content": ""}), Value::Null),
        delta(json!({"reasoning_content": "Both."}), Value::Null),
        delta(json!({"content": "I will."}), Value::Null),
        delta(call(0, "call_a", "read", ""), Value::Null),
        delta(json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"path\":\"a.txt\"}"}}]}), Value::Null),
        delta(call(1, "call_b", "list", "{}"), Value::Null),
        // A careless server: the reason does not say that tools are wanted.
        delta(json!({}), json!("stop")),
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "qwen", "choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39}}),
    ]);
    let message = message_of(&stream);
    let unsigned = &message["content"][0]["signature"];
    assert_eq!(
        message["content"],
        json!([
            {"type": "thinking", "thinking": "Both.", "signature": unsigned},
            {"type": "text", "text": "I will."},
            {"type": "tool_use", "id": "call_a", "name": "read", "input": {"path": "a.txt"}},
            {"type": "tool_use", "id": "call_b", "name": "list", "input": {}},
        ])
    );
    assert_eq!(message["stop_reason"], "tool_use");
    let usage = &message["usage"];
    assert_eq!(
        (&usage["input_tokens"], &usage["output_tokens"]),
        (&json!(30), &json!(9))
    );

    let second = Turn::of(
        DialectName::Anthropic,
        &agent(&continued(&asked, &message), false),
        &target,
    );
    let said = second.sent()["messages"].as_array().unwrap().clone();
    let roles: Vec<&str> = said.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool"]);
    assert_eq!(
        said[2]["tool_calls"][0]["function"]["arguments"],
        "{\"path\":\"a.txt\"}"
    );
    assert_eq!(
        (&said[3]["tool_call_id"], &said[4]["tool_call_id"]),
        (&json!("call_a"), &json!("call_b"))
    );
    let done = second.answered(&json!({
        "id": "d", "object": "chat.completion", "created": 2, "model": "qwen",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Done."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 2, "total_tokens": 52, "prompt_tokens_details": {"cached_tokens": 20}},
    }));
    assert_eq!(
        (&done["content"], &done["stop_reason"]),
        (&json!([{"type": "text", "text": "Done."}]), &json!("end_turn"))
    );
    let usage = &done["usage"];
    assert_eq!(
        (&usage["input_tokens"], &usage["cache_read_input_tokens"]),
        (&json!(30), &json!(20))
    );
}

#[test]
fn what_gemini_signed_comes_back_to_it() {
    let target = at("gemini", "gemini-3-pro");
    let asked = json!([{"role": "user", "content": "Read a.txt."}]);
    let first = Turn::of(DialectName::Anthropic, &agent(&asked, false), &target);
    let answer = first.answered(&json!({
        "responseId": "r", "modelVersion": "gemini-3-pro",
        "candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [
            {"text": "I should read.", "thought": true},
            {"functionCall": {"name": "read", "args": {"path": "a.txt"}}, "thoughtSignature": "U0lHTkVE"},
        ]}}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 7, "totalTokenCount": 22},
    }));
    assert_eq!(answer["stop_reason"], "tool_use");
    assert_eq!(answer["usage"]["output_tokens"], 12);

    let next = agent(&continued(&asked, &answer), false);
    let second = Turn::of(DialectName::Anthropic, &next, &target);
    let sent = second.sent();
    let call = &sent["contents"][1]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|part| part.get("functionCall").is_some())
        .unwrap();
    assert_eq!(call["thoughtSignature"], "U0lHTkVE");
    assert_eq!(call["functionCall"]["args"], json!({"path": "a.txt"}));

    // Another model cannot read it, and neither can the vendor of this dialect.
    let other = Turn::of(DialectName::Anthropic, &next, &at("gemini", "gemini-2.5-flash"));
    assert!(!other.sent().to_string().contains("U0lHTkVE") && !other.dropped().is_empty());
    let home = Turn::of(DialectName::Anthropic, &next, &at("anthropic", "claude-a"));
    let sent = home.sent().to_string();
    assert!(
        !sent.contains("gw1-") && !sent.contains("U0lHTkVE") && !home.dropped().is_empty(),
        "{sent}"
    );
}

#[test]
fn what_nobody_signed_does_not_bar_the_way_home() {
    let asked = json!([{"role": "user", "content": "Read a.txt."}]);
    let first = Turn::of(DialectName::Anthropic, &agent(&asked, false), &at("vllm", "kimi"));
    let answer = first.answered(&json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "kimi",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": null, "reasoning_content": "Hm.",
            "tool_calls": [{"id": "functions.read:0", "type": "function", "function": {"name": "read", "arguments": "{}"}}],
        }}],
    }));
    let next = agent(&continued(&asked, &answer), false);
    let again = Turn::of(DialectName::Anthropic, &next, &at("vllm", "kimi"));
    let sent = again.sent();
    assert_eq!(sent["messages"][2]["tool_calls"][0]["id"], "functions.read:0");
    assert_eq!(sent["messages"][3]["tool_call_id"], "functions.read:0");

    let home = Turn::of(DialectName::Anthropic, &next, &at("anthropic", "claude-a"));
    let sent = home.sent();
    let call = json!({"type": "tool_use", "id": "functions_read_0", "name": "read", "input": {}});
    assert_eq!(sent["messages"][1]["content"], json!([call]));
    assert_eq!(sent["messages"][2]["content"][0]["tool_use_id"], "functions_read_0");
}

/// An answer of a thinking model of this dialect that asks for a tool.
fn thought() -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [
            {"type": "thinking", "thinking": "I should read.", "signature": "SIGNED=="},
            {"type": "redacted_thinking", "data": "HIDDEN"},
            {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a.txt"}},
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 10, "output_tokens": 20, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 6},
    })
}

fn openai(messages: Vec<Value>) -> Value {
    json!({
        "model": "m", "max_completion_tokens": 4000, "reasoning_effort": "low", "messages": messages,
        "tools": [{"type": "function", "function": {"name": "read", "parameters": {"type": "object", "properties": {}}}}],
    })
}

#[test]
fn what_claude_signed_comes_back_to_it_through_a_client_of_the_other_dialect() {
    let target = at("anthropic", "claude-sonnet-4-5");
    let asked = json!({"role": "user", "content": "Read a.txt."});
    let first = Turn::of(DialectName::OpenAi, &openai(vec![asked.clone()]), &target);
    let answer = first.answered(&thought());
    let message = answer["choices"][0]["message"].clone();
    let result = json!({"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "done"});
    let next = openai(vec![asked, message, result]);

    let second = Turn::of(DialectName::OpenAi, &next, &target);
    assert_eq!(second.sent()["messages"][1]["content"], thought()["content"]);
    let thinking = &second.sent()["thinking"];
    assert_eq!(
        thinking["type"], "enabled",
        "the call came back with its thinking, so there may be more"
    );

    let other = Turn::of(DialectName::OpenAi, &next, &at("anthropic", "claude-opus-4-5"));
    let sent = other.sent();
    assert!(
        !sent.to_string().contains("SIGNED==") && sent.get("thinking").is_none(),
        "{sent}"
    );
    assert!(
        other.dropped().contains(&"messages[1].content[0]"),
        "{:?}",
        other.dropped()
    );
}

#[test]
fn a_conversation_that_came_from_elsewhere_goes_on_at_home() {
    let elsewhere = at("openai", "gpt-x");
    let asked = json!([{"role": "user", "content": "Read a.txt."}]);
    let first = Turn::of(DialectName::Anthropic, &agent(&asked, false), &elsewhere);
    let answer = first.answered(&json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-x",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "read", "arguments": "{\"path\":\"a.txt\"}"}},
        ]}}],
    }));
    let next = agent(&continued(&asked, &answer), false);
    let second = Turn::of(DialectName::Anthropic, &next, &at("anthropic", "claude-a"));
    let mut expected = next.clone();
    expected["model"] = json!("claude-a");
    assert_eq!(second.sent(), expected, "the client's own bytes");
}

#[test]
fn a_client_of_this_dialect_is_told_in_its_own_words_what_went_wrong() {
    let turn = Turn::of(
        DialectName::Anthropic,
        &agent(&json!([{"role": "user", "content": "?"}]), false),
        &at("openai", "gpt-x"),
    );
    let told = |status: u16, body: Value| -> Value {
        let error = turn
            .prepared
            .error(status, &HeaderMap::new(), Bytes::from(body.to_string()));
        serde_json::from_slice(&client_dialect(DialectName::Anthropic).error(&error)).unwrap()
    };
    let limited = told(
        429,
        json!({"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}),
    );
    assert_eq!(
        (&limited["type"], &limited["error"]["type"]),
        (&json!("error"), &json!("rate_limit_error"))
    );
    assert_eq!(limited["error"]["message"], "Rate limit reached");
    let missing = told(
        404,
        json!({"error": {"message": "The model `gpt-x` does not exist", "type": "invalid_request_error", "code": "model_not_found"}}),
    );
    assert_eq!(missing["error"]["type"], "not_found_error");
}
