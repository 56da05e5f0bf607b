//! What requests and answers look like, as a healthy client and a healthy upstream write them.

use bytes::Bytes;
use serde_json::{Value, json};

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const COMPLETIONS: &str = "/v1/completions";
pub(crate) const EMBEDDINGS: &str = "/v1/embeddings";
pub(crate) const MESSAGES: &str = "/v1/messages";
pub(crate) const MODELS: &str = "/v1/models";

/// What every answer reports as used.
pub(crate) const INPUT_TOKENS: u64 = 10;
pub(crate) const OUTPUT_TOKENS: u64 = 5;

/// A chat turn.
pub(crate) fn chat(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Hello!"}]})
}

/// The same, streamed.
pub(crate) fn chat_streamed(model: &str) -> Value {
    let mut body = chat(model);
    body["stream"] = true.into();
    body
}

/// A chat turn that offers a tool.
pub(crate) fn chat_with_tool(model: &str) -> Value {
    let mut body = chat(model);
    body["tools"] = json!([{"type": "function", "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    }}]);
    body
}

pub(crate) fn error(status: u16) -> Value {
    json!({"error": {"message": format!("told to answer {status}"), "type": "scripted", "param": null, "code": null}})
}

pub(crate) fn model_list(models: &[String]) -> Value {
    let data: Vec<Value> = models
        .iter()
        .map(|id| json!({"id": id, "object": "model", "created": 1, "owned_by": "test"}))
        .collect();
    json!({"object": "list", "data": data})
}

/// The words in which an upstream names itself.
pub(crate) fn hello(name: &str) -> String {
    format!("hello from {name}")
}

fn usage() -> Value {
    let total = INPUT_TOKENS + OUTPUT_TOKENS;
    json!({"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": total})
}

pub(crate) fn chat_answer(name: &str, asked: &Value) -> Value {
    let (message, finish) = if asked["tools"].is_array() {
        let call = json!({"id": "call_1", "type": "function",
            "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}});
        (
            json!({"role": "assistant", "content": null, "tool_calls": [call]}),
            "tool_calls",
        )
    } else {
        (json!({"role": "assistant", "content": hello(name)}), "stop")
    };
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": asked["model"],
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
        "usage": usage(),
    })
}

/// The events of a streamed chat turn, the usage chunk only where it was asked for.
pub(crate) fn chat_stream(name: &str, asked: &Value) -> Vec<Bytes> {
    let mut deltas = vec![json!({"role": "assistant", "content": ""})];
    if asked["tools"].is_array() {
        let call = |function: Value| json!({"tool_calls": [{"index": 0, "function": function}]});
        deltas.push(json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
            "function": {"name": "weather", "arguments": ""}}]}));
        deltas.extend(["{\"city\":", "\"Oslo\"}"].map(|part| call(json!({"arguments": part}))));
    } else {
        deltas.extend(["hello ", "from ", name].map(|word| json!({"content": word})));
    }
    let finish = if asked["tools"].is_array() {
        "tool_calls"
    } else {
        "stop"
    };
    let chunk = |choices: Value, usage: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000,
            "model": asked["model"], "choices": choices, "usage": usage})
    };
    let choice = |delta: Value, finish: Value| json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
    let mut chunks: Vec<Value> = deltas
        .into_iter()
        .map(|delta| chunk(choice(delta, Value::Null), Value::Null))
        .collect();
    chunks.push(chunk(choice(json!({}), finish.into()), Value::Null));
    if asked["stream_options"]["include_usage"] == true {
        chunks.push(chunk(json!([]), usage()));
    }
    data(&chunks)
}

pub(crate) fn completion_answer(name: &str, asked: &Value) -> Value {
    json!({
        "id": "cmpl-1", "object": "text_completion", "created": 1_700_000_000, "model": asked["model"],
        "choices": [{"index": 0, "text": hello(name), "logprobs": null, "finish_reason": "stop"}],
        "usage": usage(),
    })
}

pub(crate) fn completion_stream(name: &str, asked: &Value) -> Vec<Bytes> {
    let chunk = |text: &str, finish: Value| {
        json!({"id": "cmpl-1", "object": "text_completion", "created": 1_700_000_000, "model": asked["model"],
            "choices": [{"index": 0, "text": text, "logprobs": null, "finish_reason": finish}]})
    };
    let mut chunks = vec![
        chunk("hello ", Value::Null),
        chunk("from ", Value::Null),
        chunk(name, "stop".into()),
    ];
    if asked["stream_options"]["include_usage"] == true {
        chunks.push(
            json!({"id": "cmpl-1", "object": "text_completion", "created": 1_700_000_000,
            "model": asked["model"], "choices": [], "usage": usage()}),
        );
    }
    data(&chunks)
}

pub(crate) fn embedding_answer(asked: &Value) -> Value {
    json!({
        "object": "list", "model": asked["model"],
        "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5, 0.125]}],
        "usage": {"prompt_tokens": INPUT_TOKENS, "total_tokens": INPUT_TOKENS},
    })
}

/// Anthropic's answer; to a question with tools, a use of the first of them.
pub(crate) fn message_answer(name: &str, asked: &Value) -> Value {
    let (content, stop) = if asked["tools"].is_array() {
        (
            json!([{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}]),
            "tool_use",
        )
    } else {
        (json!([{"type": "text", "text": hello(name)}]), "end_turn")
    };
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "content": content,
        "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
    })
}

pub(crate) fn message_stream(name: &str, asked: &Value) -> Vec<Bytes> {
    let tools = asked["tools"].is_array();
    let (start, deltas, stop) = if tools {
        let delta = |part: &str| json!({"type": "input_json_delta", "partial_json": part});
        let start = json!({"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}});
        (start, vec![delta("{\"city\":"), delta(" \"Oslo\"}")], "tool_use")
    } else {
        let delta = |text: &str| json!({"type": "text_delta", "text": text});
        (
            json!({"type": "text", "text": ""}),
            vec![delta("hello "), delta("from "), delta(name)],
            "end_turn",
        )
    };
    let mut events = vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
            "model": asked["model"], "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": start}),
        json!({"type": "ping"}),
    ];
    events.extend(
        deltas
            .into_iter()
            .map(|delta| json!({"type": "content_block_delta", "index": 0, "delta": delta})),
    );
    events.extend([
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
            "usage": {"output_tokens": OUTPUT_TOKENS}}),
        json!({"type": "message_stop"}),
    ]);
    events
        .iter()
        .map(|event| {
            format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap_or_default()
            )
            .into()
        })
        .collect()
}

/// Server-sent events with OpenAI's end mark.
fn data(chunks: &[Value]) -> Vec<Bytes> {
    let mut events: Vec<Bytes> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n").into()).collect();
    events.push("data: [DONE]\n\n".into());
    events
}
