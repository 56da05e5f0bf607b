//! Clients of this API behind which another is spoken: requests, answers, streams, and what goes back and forth over turns.

use gateway_providers::lane::{Cap, Prepared};
use gateway_providers::{Target, prepare};
use gateway_types::Call;
use http::HeaderMap;
use serde_json::{Value, json as value};

use crate::{asked, events_of, grammar, json, place, stamp, target};

fn prepared(call: &Call, there: &Target) -> Prepared {
    prepare(call, there, Cap::Client, &HeaderMap::new(), stamp()).unwrap()
}

fn sent(call: &Call, there: &Target) -> Value {
    json(&prepared(call, there).wire.body.concat())
}

/// The whole answer that a client gets for that of a provider.
fn answered(call: &Call, there: &Target, body: &Value) -> Value {
    let body = body.to_string();
    let whole = prepared(call, there)
        .whole(call, there, &HeaderMap::new(), body.into(), stamp())
        .unwrap();
    json(&whole.body)
}

/// The last event of the stream that a client gets for that of a provider, and its response.
fn streamed(call: &Call, there: &Target, frames: &[Value], named: bool) -> (String, Value) {
    let mut relay = prepared(call, there).relay(call, there, stamp());
    let mut out = Vec::new();
    for frame in frames {
        let name = frame["type"].as_str().filter(|_| named);
        let name = name.map_or_else(String::new, |name| format!("event: {name}\n"));
        relay.feed(format!("{name}data: {frame}\n\n").into(), &mut out).unwrap();
    }
    if !named {
        relay.feed("data: [DONE]\n\n".into(), &mut out).unwrap();
    }
    relay.finish(&mut out).unwrap();
    grammar::check(&events_of(&out.concat()))
}

/// The next turn: what was asked, what was answered, and more.
fn next(first: &Value, output: &Value, more: &[Value]) -> Value {
    let mut body = first.clone();
    let input = body["input"].as_array_mut().unwrap();
    input.extend(output.as_array().unwrap().iter().cloned());
    input.extend(more.iter().cloned());
    body
}

/// As a coding agent asks: nothing is kept, tools of three kinds, thinking wanted back.
fn agent(stream: bool) -> Value {
    value!({
        "model": "m", "stream": stream, "store": false, "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "01a2", "instructions": "you write code", "tool_choice": "auto", "parallel_tool_calls": false,
        "reasoning": {"effort": "medium", "summary": "auto"},
        "input": [
            {"type": "message", "id": "msg_a", "role": "developer", "content": [{"type": "input_text", "text": "in a sandbox"}]},
            {"type": "message", "id": "msg_b", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]}],
        "tools": [
            {"type": "function", "name": "shell", "description": "run", "strict": false, "parameters": {"type": "object", "properties": {"command": {"type": "array", "items": {"type": "string"}}}}},
            {"type": "custom", "name": "apply_patch", "description": "edit", "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"}},
            {"type": "namespace", "name": "agents", "description": "others", "tools": [{"type": "function", "name": "close", "parameters": {"type": "object"}}]}],
    })
}

fn chat_answer(message: Value, finish: &str) -> Value {
    value!({"id": "chatcmpl-1", "object": "chat.completion", "created": 5, "model": "qwen",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "prompt_tokens_details": {"cached_tokens": 4}}})
}

fn tool_call(id: &str, name: &str, arguments: &str) -> Value {
    value!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

#[test]
fn an_agent_works_over_a_chat_provider() {
    let (first, there) = (agent(false), target("vllm"));
    let call = asked(&first);
    let body = sent(&call, &there);
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["system", "system", "user"]);
    let names: Vec<&str> = body["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| {
            tool["function"]["name"]
                .as_str()
                .or(tool["custom"]["name"].as_str())
                .unwrap()
        })
        .collect();
    assert_eq!(names, ["shell", "apply_patch", "agents__close"]);
    assert_eq!(
        (&body["parallel_tool_calls"], &body["model"]),
        (&false.into(), &"served".into())
    );

    let message = value!({"role": "assistant", "content": "I will", "reasoning_content": "hm", "tool_calls": [
        tool_call("c1", "shell", "{\"command\":[\"ls\"]}"),
        tool_call("c2", "apply_patch", "{\"input\":\"*** Begin Patch\\n\"}"),
        tool_call("c3", "agents__close", "{}")]});
    let answer = answered(&call, &there, &chat_answer(message, "tool_calls"));
    let output = &answer["output"];
    let kinds: Vec<&str> = output
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "reasoning",
            "message",
            "function_call",
            "custom_tool_call",
            "function_call"
        ]
    );
    assert_eq!(output[0]["summary"], value!([{"type": "summary_text", "text": "hm"}]));
    assert_eq!(
        (&output[3]["name"], &output[3]["input"]),
        (&"apply_patch".into(), &"*** Begin Patch\n".into())
    );
    assert_eq!(
        (&output[4]["namespace"], &output[4]["name"]),
        (&"agents".into(), &"close".into())
    );
    assert!(
        output[3]["id"].as_str().unwrap().starts_with("ctc_") && answer["id"].as_str().unwrap().starts_with("resp_")
    );
    let usage = value!({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 15});
    assert_eq!(answer["usage"], usage);

    let second = next(
        &first,
        output,
        &[
            value!({"type": "function_call_output", "call_id": "c1", "output": "a.rs"}),
            value!({"type": "custom_tool_call_output", "call_id": "c2", "output": "done"}),
            value!({"type": "function_call_output", "call_id": "c3", "output": [{"type": "input_text", "text": "ok"}]}),
        ],
    );
    let body = sent(&asked(&second), &there);
    let messages = body["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages.iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "system", "user", "assistant", "tool", "tool", "tool"]);
    let ids: Vec<&str> = messages[3]["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["c1", "c2", "c3"]);
    assert_eq!(messages[3]["content"], "I will");
    assert_eq!(messages[3]["tool_calls"][2]["function"]["name"], "agents__close");
    assert_eq!(
        (&messages[4]["content"], &messages[5]["tool_call_id"]),
        (&"a.rs".into(), &"c2".into())
    );
}

#[test]
fn an_agent_is_streamed_to_from_a_chat_provider() {
    let chunk = |delta: Value, finish: Value| {
        value!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 5, "model": "qwen",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    let call = |index: u32, head: Value, arguments: &str| {
        let mut call = head;
        call["index"] = index.into();
        call["function"]["arguments"] = arguments.into();
        value!({"tool_calls": [call]})
    };
    let frames = [
        chunk(value!({"role": "assistant", "content": ""}), Value::Null),
        chunk(value!({"reasoning_content": "h"}), Value::Null),
        chunk(value!({"reasoning_content": "m"}), Value::Null),
        chunk(value!({"content": "I "}), Value::Null),
        chunk(value!({"content": "will"}), Value::Null),
        chunk(
            call(
                0,
                value!({"id": "c1", "type": "function", "function": {"name": "shell"}}),
                "",
            ),
            Value::Null,
        ),
        chunk(call(0, value!({"function": {}}), "{\"command\":"), Value::Null),
        chunk(call(0, value!({"function": {}}), "[\"ls\"]}"), Value::Null),
        chunk(
            call(
                1,
                value!({"id": "c2", "type": "function", "function": {"name": "apply_patch"}}),
                "{\"inp",
            ),
            Value::Null,
        ),
        chunk(call(1, value!({"function": {}}), "ut\":\"*** Begin\\n\"}"), Value::Null),
        chunk(value!({}), "tool_calls".into()),
        value!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 5, "model": "qwen", "choices": [],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}),
    ];
    let (kind, response) = streamed(&asked(&agent(true)), &target("vllm"), &frames, false);
    assert_eq!(kind, "response.completed");
    let output = &response["output"];
    assert_eq!(output[0]["summary"][0]["text"], "hm");
    assert_eq!(output[1]["content"][0]["text"], "I will");
    assert_eq!(output[2]["arguments"], "{\"command\":[\"ls\"]}");
    assert_eq!(
        (&output[3]["type"], &output[3]["input"]),
        (&"custom_tool_call".into(), &"*** Begin\n".into())
    );
    assert_eq!(response["usage"]["total_tokens"], 15);
}

#[test]
fn signatures_of_claude_go_back_to_claude_and_to_nobody_else() {
    let claude = place(gateway_providers::kind("anthropic").unwrap(), "claude-sonnet-4-5");
    let first = agent(false);
    let call = asked(&first);
    let content = value!([
        {"type": "thinking", "thinking": "hm", "signature": "EqQBsig=="},
        {"type": "thinking", "thinking": "", "signature": "EqQBnothing=="},
        {"type": "redacted_thinking", "data": "EmwKAhgB=="},
        {"type": "text", "text": "I will"},
        {"type": "tool_use", "id": "toolu_1", "name": "shell", "input": {"command": ["ls"]}}]);
    let message = value!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": content,
        "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 2}});
    let answer = answered(&call, &claude, &message);
    let output = &answer["output"];
    let kinds: Vec<&str> = output
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["reasoning", "reasoning", "reasoning", "message", "function_call"]
    );
    assert_eq!(answer["usage"]["input_tokens"], 5);

    let result = value!({"type": "function_call_output", "call_id": "toolu_1", "output": "a.rs"});
    let second = asked(&next(&first, output, std::slice::from_ref(&result)));
    let body = sent(&second, &claude);
    let said = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["role"] == "assistant")
        .unwrap();
    assert_eq!(said["content"], content);

    let elsewhere = prepared(&second, &target("openai"));
    let body = json(&elsewhere.wire.body.concat());
    let reasoning = body["input"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "reasoning")
        .count();
    assert_eq!(reasoning, 0, "{body}");
    assert_eq!(elsewhere.losses.len(), 3, "{:?}", elsewhere.losses);
    assert!(!body.to_string().contains("gw1-"));
}

#[test]
fn signatures_of_claude_survive_a_stream() {
    let claude = place(gateway_providers::kind("anthropic").unwrap(), "claude-sonnet-4-5");
    let first = agent(true);
    let call = asked(&first);
    let block =
        |index: u32, block: Value| value!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |index: u32, delta: Value| value!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: u32| value!({"type": "content_block_stop", "index": index});
    let frames = [
        value!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1}}}),
        block(0, value!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, value!({"type": "thinking_delta", "thinking": "hm"})),
        delta(0, value!({"type": "signature_delta", "signature": "EqQBsig=="})),
        stop(0),
        block(1, value!({"type": "redacted_thinking", "data": "EmwKAhgB=="})),
        stop(1),
        block(
            2,
            value!({"type": "tool_use", "id": "toolu_1", "name": "shell", "input": {}}),
        ),
        delta(
            2,
            value!({"type": "input_json_delta", "partial_json": "{\"command\":[\"ls\"]}"}),
        ),
        stop(2),
        value!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 4}}),
        value!({"type": "message_stop"}),
    ];
    let (kind, response) = streamed(&call, &claude, &frames, true);
    assert_eq!(kind, "response.completed");
    let result = value!({"type": "function_call_output", "call_id": "toolu_1", "output": "a.rs"});
    let body = sent(&asked(&next(&first, &response["output"], &[result])), &claude);
    let said = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["role"] == "assistant")
        .unwrap();
    let expected = value!([
        {"type": "thinking", "thinking": "hm", "signature": "EqQBsig=="},
        {"type": "redacted_thinking", "data": "EmwKAhgB=="},
        {"type": "tool_use", "id": "toolu_1", "name": "shell", "input": {"command": ["ls"]}}]);
    assert_eq!(said["content"], expected);
}

#[test]
fn an_answer_cut_at_its_cap_or_by_a_filter_is_not_complete() {
    let (call, there) = (asked(&agent(false)), target("vllm"));
    for (finish, status, reason) in [
        ("stop", "completed", Value::Null),
        ("length", "incomplete", value!({"reason": "max_output_tokens"})),
        ("content_filter", "incomplete", value!({"reason": "content_filter"})),
    ] {
        let body = chat_answer(value!({"role": "assistant", "content": "well"}), finish);
        let answer = answered(&call, &there, &body);
        assert_eq!(
            (&answer["status"], &answer["incomplete_details"]),
            (&status.into(), &reason)
        );
        assert_eq!(answer["output"][0]["status"], status);
    }
}

#[test]
fn a_count_is_asked_of_others_in_their_words() {
    use gateway_providers::{ClientDialect, responses::Responses};
    use gateway_types::{Asked, Operation};
    let claude = place(gateway_providers::kind("anthropic").unwrap(), "claude-sonnet-4-5");
    let call = Responses
        .decode(
            &Asked::plain(Operation::CountTokens),
            r#"{"model":"m","input":"hi"}"#.into(),
        )
        .unwrap();
    let prepared = prepare(&call, &claude, Cap::Client, &HeaderMap::new(), stamp()).unwrap();
    let whole = prepared
        .whole(
            &call,
            &claude,
            &HeaderMap::new(),
            r#"{"input_tokens":8}"#.into(),
            stamp(),
        )
        .unwrap();
    assert_eq!(
        json(&whole.body),
        value!({"object": "response.input_tokens", "input_tokens": 8})
    );
}

#[test]
fn a_chat_client_is_answered_by_a_model_that_only_this_api_serves() {
    use gateway_providers::{ClientDialect, openai::OpenAi};
    use gateway_types::{Asked, Operation};
    let codex = place(gateway_providers::kind("openai").unwrap(), "gpt-5-codex");
    let ask = |messages: Value| {
        let body = value!({"model": "m", "messages": messages, "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]});
        OpenAi
            .decode(&Asked::plain(Operation::Chat), body.to_string().into())
            .unwrap()
    };
    let hello = value!({"role": "user", "content": "hi"});
    let call = ask(value!([hello]));
    assert_eq!(prepared(&call, &codex).wire.uri, "http://host/v1/responses");
    let body = value!({"id": "resp_1", "model": "gpt-5-codex", "status": "completed", "created_at": 5, "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "gAAA"},
        {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}", "status": "completed"}],
        "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}});
    let answer = answered(&call, &codex, &body);
    let message = &answer["choices"][0]["message"];
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(message["tool_calls"][0]["id"], "c1");

    let back = ask(value!([hello, message, {"role": "tool", "tool_call_id": "c1", "content": "1"}]));
    let body = sent(&back, &codex);
    let expected = value!([
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "gAAA"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "1"}]);
    assert_eq!(body["input"], expected);
}

#[test]
fn signatures_of_gemini_go_back_with_what_they_sign() {
    let gemini = place(gateway_providers::kind("gemini").unwrap(), "gemini-3-pro");
    let parts = value!([
        {"text": "hm", "thought": true},
        {"text": "I will", "thoughtSignature": "CiQBtext=="},
        {"functionCall": {"id": "g1", "name": "shell", "args": {"command": ["ls"]}}, "thoughtSignature": "CiQBcall=="},
        {"functionCall": {"id": "g2", "name": "shell", "args": {"command": ["pwd"]}}}]);
    let content = value!({"role": "model", "parts": parts});
    let said = value!({"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "modelVersion": "gemini-3-pro",
        "responseId": "r1", "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}});
    for stream in [false, true] {
        let first = agent(stream);
        let call = asked(&first);
        let output = match stream {
            false => answered(&call, &gemini, &said)["output"].clone(),
            true => {
                let mut relay = prepared(&call, &gemini).relay(&call, &gemini, stamp());
                let mut out = Vec::new();
                relay.feed(format!("data: {said}\r\n\r\n").into(), &mut out).unwrap();
                relay.finish(&mut out).unwrap();
                grammar::check(&events_of(&out.concat())).1["output"].clone()
            }
        };
        let results: Vec<Value> = output
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["type"] == "function_call")
            .map(|item| value!({"type": "function_call_output", "call_id": item["call_id"], "output": "a.rs"}))
            .collect();
        assert_eq!(results.len(), 2);
        let body = sent(&asked(&next(&first, &output, &results)), &gemini);
        let told = body["contents"].as_array().unwrap();
        let model: Vec<&Value> = told.iter().filter(|content| content["role"] == "model").collect();
        let signed: Vec<(&str, &Value)> = model
            .iter()
            .flat_map(|content| content["parts"].as_array().unwrap())
            .filter_map(|part| Some((part["thoughtSignature"].as_str()?, part)))
            .collect();
        assert_eq!(signed.len(), 2, "{body}");
        assert_eq!((signed[0].0, &signed[0].1["text"]), ("CiQBtext==", &"I will".into()));
        assert_eq!(
            (signed[1].0, &signed[1].1["functionCall"]["args"]["command"][0]),
            ("CiQBcall==", &"ls".into())
        );
        assert!(!body.to_string().contains("gw1-"), "{body}");
    }
}
