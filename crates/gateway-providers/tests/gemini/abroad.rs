//! Between Gemini and the other dialects, by the way that a call takes: its answers, its streams, and the next turn.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use gateway_providers::lane::Cap;
use gateway_providers::{Prepared, Target, client_dialect, prepare};
use gateway_types::{Asked, Call, DialectName, Operation, StreamForm};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{chunks, of_kind, stamp};

/// A turn of a client of that dialect.
fn turn(dialect: DialectName, body: &Value, stream: bool) -> Call {
    let asked = match dialect {
        DialectName::Gemini => crate::asked(Operation::Chat, stream.then_some(StreamForm::Usual)),
        _ => Asked::plain(Operation::Chat),
    };
    client_dialect(dialect)
        .decode(&asked, Bytes::from(body.to_string()))
        .unwrap()
}

fn prepared(call: &Call, target: &Target) -> (Prepared, Value) {
    let prepared = prepare(call, target, Cap::Client, &HeaderMap::new(), stamp()).unwrap();
    let sent = serde_json::from_slice(&prepared.wire.body.concat()).unwrap();
    (prepared, sent)
}

/// What the client gets for a whole answer.
fn answered(call: &Call, target: &Target, prepared: &Prepared, answer: &Value) -> Value {
    let body = Bytes::from(answer.to_string());
    let whole = prepared.whole(call, target, &HeaderMap::new(), body, stamp()).unwrap();
    serde_json::from_slice(&whole.body).unwrap()
}

/// What the client gets for a stream of events.
fn streamed(call: &Call, target: &Target, prepared: &Prepared, events: &[Value]) -> Vec<u8> {
    let mut relay = prepared.relay(call, target, stamp());
    let mut out = Vec::new();
    for event in events {
        let kind = event["type"]
            .as_str()
            .map_or_else(String::new, |kind| format!("event: {kind}\n"));
        relay
            .feed(Bytes::from(format!("{kind}data: {event}\n\n")), &mut out)
            .unwrap();
    }
    relay.finish(&mut out).unwrap();
    out.concat()
}

const WEATHER: &str = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;

fn declared() -> Value {
    json!([{"functionDeclarations": [{"name": "weather", "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}}]}])
}

#[test]
fn a_gemini_client_has_a_tool_called_by_an_openai_model() {
    let target = of_kind("openai", "gpt-4o");
    let question = json!({"role": "user", "parts": [{"text": "Weather in Paris?"}]});
    let first = turn(
        DialectName::Gemini,
        &json!({"contents": [question.clone()], "tools": declared()}),
        false,
    );
    let (way, sent) = prepared(&first, &target);
    assert_eq!(sent["model"], "gpt-4o");
    let schema: Value = serde_json::from_str(WEATHER).unwrap();
    assert_eq!(sent["tools"][0]["function"]["parameters"], schema);
    let answer = json!({"id": "c", "object": "chat.completion", "model": "gpt-4o-1", "choices": [{"index": 0, "message":
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Paris\"}"}}]},
        "finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}});
    let got = answered(&first, &target, &way, &answer);
    let content = &got["candidates"][0]["content"];
    let call = json!({"id": "call_1", "name": "weather", "args": {"city": "Paris"}});
    assert_eq!(content, &json!({"parts": [{"functionCall": call}], "role": "model"}));
    assert_eq!(
        (&got["candidates"][0]["finishReason"], &got["modelVersion"]),
        (&json!("STOP"), &json!("gpt-4o-1"))
    );
    let used = json!({"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12});
    assert_eq!(got["usageMetadata"], used);

    let result = json!({"role": "user", "parts": [{"functionResponse": {"id": "call_1", "name": "weather", "response": {"output": "rain"}}}]});
    let body = json!({"contents": [question, content.clone(), result], "tools": declared()});
    let (_, sent) = prepared(&turn(DialectName::Gemini, &body, false), &target);
    assert_eq!(sent["messages"][1]["tool_calls"][0]["id"], "call_1");
    let told = &sent["messages"][2];
    assert_eq!(
        (&told["role"], &told["tool_call_id"], &told["content"]),
        (&json!("tool"), &json!("call_1"), &json!("rain"))
    );
}

/// Claude's thinking, a call and its text, as its stream has them.
fn thinking_aloud() -> Vec<Value> {
    vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-4-5", "content": [], "usage": {"input_tokens": 7, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Look "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "it up."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "EqQB+/x="}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "Emw="}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "One "}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "moment."}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "content_block_start", "index": 3, "content_block": {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}}),
        json!({"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{\"city\":"}}),
        json!({"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "\"Paris\"}"}}),
        json!({"type": "content_block_stop", "index": 3}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 20}}),
        json!({"type": "message_stop"}),
    ]
}

/// What a client keeps of a stream for its next turn: every chunk's content as it came, its signatures read as base64 and
/// written again in the other alphabet.
fn kept(stream: &[u8]) -> Vec<Value> {
    let contents = chunks(stream)
        .into_iter()
        .map(|mut chunk| chunk["candidates"][0]["content"].take());
    contents
        .map(|mut content| {
            for part in content["parts"].as_array_mut().unwrap() {
                if let Some(signature) = part.get_mut("thoughtSignature") {
                    let bytes = STANDARD.decode(signature.as_str().unwrap()).unwrap();
                    *signature = Value::from(URL_SAFE.encode(bytes));
                }
            }
            content
        })
        .collect()
}

#[test]
fn claudes_thinking_comes_back_to_claude_through_a_gemini_client() {
    let target = of_kind("anthropic", "claude-opus-4-5");
    let question = json!({"role": "user", "parts": [{"text": "Weather in Paris?"}]});
    let thinks = json!({"thinkingConfig": {"thinkingBudget": 2000, "includeThoughts": true}, "maxOutputTokens": 9000});
    let body = json!({"contents": [question.clone()], "tools": declared(), "generationConfig": thinks.clone()});
    let first = turn(DialectName::Gemini, &body, true);
    let (way, sent) = prepared(&first, &target);
    assert_eq!(sent["thinking"]["budget_tokens"], 2000);
    let stream = streamed(&first, &target, &way, &thinking_aloud());
    let said = kept(&stream);
    let thoughts: String = said
        .iter()
        .flat_map(|content| content["parts"].as_array().unwrap())
        .filter(|part| part["thought"] == true)
        .filter_map(|part| part["text"].as_str())
        .collect();
    assert_eq!(thoughts, "Look it up.");
    let last = chunks(&stream).pop().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["usageMetadata"]["totalTokenCount"], 27);

    let result = json!({"role": "user", "parts": [{"functionResponse": {"id": "toolu_1", "name": "weather", "response": {"output": "rain"}}}]});
    let mut contents = vec![question];
    contents.extend(said);
    contents.push(result);
    let body = json!({"contents": contents, "tools": declared(), "generationConfig": thinks});
    let next = turn(DialectName::Gemini, &body, true);
    let (_, sent) = prepared(&next, &target);
    let [thinking, redacted, text, call] = &sent["messages"][1]["content"].as_array().unwrap()[..] else {
        panic!("{sent:#}")
    };
    assert_eq!(
        thinking,
        &json!({"type": "thinking", "thinking": "Look it up.", "signature": "EqQB+/x="})
    );
    assert_eq!(redacted, &json!({"type": "redacted_thinking", "data": "Emw="}));
    assert_eq!(text["text"], "One moment.");
    assert_eq!(
        (&call["type"], &call["id"], &call["input"]),
        (&json!("tool_use"), &json!("toolu_1"), &json!({"city": "Paris"}))
    );
    assert_eq!(sent["messages"][2]["content"][0]["tool_use_id"], "toolu_1");

    // Gemini itself is not given what Claude signed, and is told that there is no signature of its own.
    let gemini = of_kind("gemini", "gemini-3-pro-preview");
    let (way, sent) = prepared(&next, &gemini);
    let parts: Vec<&Value> = sent["contents"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|content| content["parts"].as_array().unwrap())
        .collect();
    let call = parts.iter().find(|part| part.get("functionCall").is_some()).unwrap();
    assert_eq!(call["thoughtSignature"], "skip_thought_signature_validator");
    assert!(!sent.to_string().contains("gw1"), "{sent}");
    assert!(
        way.losses.iter().any(|loss| loss.note.contains("anthropic")),
        "{:?}",
        way.losses
    );
    assert_eq!(sent["generationConfig"]["thinkingConfig"]["thinkingBudget"], 2000);
}

/// A call of Gemini 3 with its signature, and one beside it without.
fn two_calls() -> Value {
    json!({"candidates": [{"content": {"role": "model", "parts": [
        {"text": "Let me see.", "thought": true},
        {"functionCall": {"name": "weather", "args": {"city": "Paris"}}, "thoughtSignature": "CiQB+/8="},
        {"functionCall": {"name": "weather", "args": {"city": "Rome"}}}
    ]}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 6, "thoughtsTokenCount": 7, "totalTokenCount": 18},
    "modelVersion": "gemini-3-pro-preview", "responseId": "r"})
}

/// The turn that goes back to Gemini: the calls as they were, and the results.
fn check_calls(sent: &Value) {
    let contents = sent["contents"].as_array().unwrap();
    let calls: Vec<&Value> = contents[1]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part.get("functionCall").is_some())
        .collect();
    assert_eq!(calls.len(), 2, "{sent:#}");
    assert_eq!(
        (&calls[0]["thoughtSignature"], calls[1].get("thoughtSignature")),
        (&json!("CiQB+/8="), None),
        "{sent:#}"
    );
    assert_eq!(calls[0]["functionCall"]["args"], json!({"city": "Paris"}));
    assert_eq!(contents[2]["role"], "user");
    for (at, answer) in ["rain", "sun"].into_iter().enumerate() {
        let result = &contents[2]["parts"][at]["functionResponse"];
        assert_eq!(
            (&result["name"], &result["response"]),
            (&json!("weather"), &json!({"output": answer}))
        );
        assert_eq!(result["id"], calls[at]["functionCall"]["id"]);
    }
}

#[test]
fn an_openai_client_brings_geminis_signature_back() {
    let target = of_kind("gemini", "gemini-3-pro-preview");
    let tools = json!([{"type": "function", "function": {"name": "weather", "parameters": serde_json::from_str::<Value>(WEATHER).unwrap()}}]);
    let question = json!({"role": "user", "content": "Weather in Paris and Rome?"});
    for stream in [false, true] {
        let body = json!({"model": "m", "messages": [question.clone()], "tools": tools.clone(), "stream": stream, "reasoning_effort": "low"});
        let first = turn(DialectName::OpenAi, &body, stream);
        let (way, sent) = prepared(&first, &target);
        assert_eq!(way.wire.uri.query(), stream.then_some("alt=sse"));
        assert_eq!(
            sent["generationConfig"]["thinkingConfig"],
            json!({"thinkingLevel": "LOW", "includeThoughts": true})
        );
        let calls = match stream {
            false => answered(&first, &target, &way, &two_calls())["choices"][0]["message"]["tool_calls"].clone(),
            true => by_index(&streamed(&first, &target, &way, &[two_calls()])),
        };
        let ids = [&calls[0]["id"], &calls[1]["id"]];
        assert_ne!(ids[0], ids[1]);
        let body = json!({"model": "m", "tools": tools.clone(), "messages": [
            question.clone(),
            {"role": "assistant", "content": null, "tool_calls": calls.clone()},
            {"role": "tool", "tool_call_id": ids[0], "content": "rain"},
            {"role": "tool", "tool_call_id": ids[1], "content": "sun"}
        ]});
        let (way, sent) = prepared(&turn(DialectName::OpenAi, &body, false), &target);
        check_calls(&sent);
        assert!(way.losses.is_empty(), "{:?}", way.losses);
        // Another model is not given it.
        let other = of_kind("gemini", "gemini-3.5-flash");
        let (_, sent) = prepared(&turn(DialectName::OpenAi, &body, false), &other);
        let first = &sent["contents"][1]["parts"][0];
        assert_eq!(first["thoughtSignature"], "skip_thought_signature_validator");
    }
}

/// The tool calls of a stream of chat completions, put together.
fn by_index(stream: &[u8]) -> Value {
    let mut calls: Vec<Value> = Vec::new();
    let text = std::str::from_utf8(stream).unwrap();
    for data in text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
    {
        let chunk: Value = serde_json::from_str(data).unwrap();
        for delta in chunk["choices"][0]["delta"]["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let at = usize::try_from(delta["index"].as_u64().unwrap()).unwrap();
            if at == calls.len() {
                calls.push(delta.clone());
                continue;
            }
            let more = delta["function"]["arguments"].as_str().unwrap_or_default();
            let so_far = calls[at]["function"]["arguments"].as_str().unwrap_or_default();
            calls[at]["function"]["arguments"] = Value::from(format!("{so_far}{more}"));
        }
    }
    Value::from(calls)
}

#[test]
fn an_anthropic_client_brings_geminis_signature_back() {
    let target = of_kind("gemini", "gemini-3-pro-preview");
    let tools = json!([{"name": "weather", "input_schema": serde_json::from_str::<Value>(WEATHER).unwrap()}]);
    let question = json!({"role": "user", "content": "Weather in Paris and Rome?"});
    let body = json!({"model": "m", "max_tokens": 500, "messages": [question.clone()], "tools": tools.clone()});
    let first = turn(DialectName::Anthropic, &body, false);
    let (way, sent) = prepared(&first, &target);
    assert_eq!(sent["generationConfig"]["maxOutputTokens"], 500);
    let got = answered(&first, &target, &way, &two_calls());
    let ids: Vec<&Value> = got["content"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|block| block["type"] == "tool_use")
        .map(|block| &block["id"])
        .collect();
    let body = json!({"model": "m", "max_tokens": 500, "tools": tools, "messages": [
        question,
        {"role": "assistant", "content": got["content"]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": ids[0], "content": "rain"},
            {"type": "tool_result", "tool_use_id": ids[1], "content": "sun"}
        ]}
    ]});
    let (_, sent) = prepared(&turn(DialectName::Anthropic, &body, false), &target);
    check_calls(&sent);
}

#[test]
fn an_array_is_what_a_gemini_client_gets_if_it_asked_for_one() {
    let target = of_kind("openai", "gpt-4o");
    let asked = crate::asked(Operation::Chat, Some(StreamForm::Array));
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let call = client_dialect(DialectName::Gemini)
        .decode(&asked, Bytes::from_static(body.as_bytes()))
        .unwrap();
    let (way, sent) = prepared(&call, &target);
    assert_eq!(sent["stream"], true);
    let chunk = |delta: Value, finish: Value| json!({"id": "c", "object": "chat.completion.chunk", "model": "g", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let events = [
        chunk(json!({"content": "a"}), Value::Null),
        chunk(json!({"content": "b"}), Value::Null),
        chunk(json!({}), json!("length")),
    ];
    let mut relay = way.relay(&call, &target, stamp());
    let mut out = Vec::new();
    for event in &events {
        relay.feed(Bytes::from(format!("data: {event}\n\n")), &mut out).unwrap();
    }
    relay.feed(Bytes::from_static(b"data: [DONE]\n\n"), &mut out).unwrap();
    relay.finish(&mut out).unwrap();
    let chunks: Vec<Value> = serde_json::from_slice(&out.concat()).unwrap();
    let texts: String = chunks
        .iter()
        .filter_map(|chunk| chunk["candidates"][0]["content"]["parts"][0]["text"].as_str())
        .collect();
    assert_eq!(
        (texts.as_str(), &chunks.last().unwrap()["candidates"][0]["finishReason"]),
        ("ab", &json!("MAX_TOKENS"))
    );
}
