use gateway::ports::logs::content::keep;
use gateway_providers::{Stamp, client_dialect};
use gateway_types::chat::{Event, PartStart};
use gateway_types::{Asked, Operation, StreamForm};
use serde_json::json;

use super::*;
use crate::api::sample;

/// A picture's first eight bytes: what tells that it is a PNG.
const PICTURE: &str = "iVBORw0KGgo=";

/// A request of each dialect: a system message, a question with a picture, a call of a tool and its result.
fn requests() -> Vec<(DialectName, Value)> {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    vec![
        (
            DialectName::OpenAi,
            json!({
                "model": "m",
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PICTURE}")}},
                    ]},
                    {"role": "assistant", "content": null, "tool_calls": [
                        {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"city\":\"Rome\"}"}},
                    ]},
                    {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
                ],
                "tools": [{"type": "function", "function": {"name": "look", "description": "Looks", "parameters": parameters}}],
            }),
        ),
        (
            DialectName::Responses,
            json!({
                "model": "m",
                "instructions": "Be brief.",
                "input": [
                    {"role": "user", "content": [
                        {"type": "input_text", "text": "What is this?"},
                        {"type": "input_image", "image_url": format!("data:image/png;base64,{PICTURE}")},
                    ]},
                    {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{\"city\":\"Rome\"}"},
                    {"type": "function_call_output", "call_id": "c1", "output": "a cat"},
                ],
                "tools": [{"type": "function", "name": "look", "description": "Looks", "parameters": parameters}],
            }),
        ),
        (
            DialectName::Anthropic,
            json!({
                "model": "m", "max_tokens": 9, "system": "Be brief.",
                "messages": [
                    {"role": "user", "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}},
                    ]},
                    {"role": "assistant", "content": [
                        {"type": "tool_use", "id": "c1", "name": "look", "input": {"city": "Rome"}},
                    ]},
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "a cat"}]},
                ],
                "tools": [{"name": "look", "description": "Looks", "input_schema": parameters}],
            }),
        ),
        (
            DialectName::Gemini,
            json!({
                "systemInstruction": {"parts": [{"text": "Be brief."}]},
                "contents": [
                    {"role": "user", "parts": [
                        {"text": "What is this?"},
                        {"inlineData": {"mimeType": "image/png", "data": PICTURE}},
                    ]},
                    {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "look", "args": {"city": "Rome"}}}]},
                    {"role": "user", "parts": [
                        {"functionResponse": {"id": "c1", "name": "look", "response": {"output": "a cat"}}},
                    ]},
                ],
                "tools": [{"functionDeclarations": [{"name": "look", "description": "Looks", "parameters": parameters}]}],
            }),
        ),
        (
            DialectName::Bedrock,
            json!({
                "system": [{"text": "Be brief."}],
                "messages": [
                    {"role": "user", "content": [
                        {"text": "What is this?"},
                        {"image": {"format": "png", "source": {"bytes": PICTURE}}},
                    ]},
                    {"role": "assistant", "content": [
                        {"toolUse": {"toolUseId": "c1", "name": "look", "input": {"city": "Rome"}}},
                    ]},
                    {"role": "user", "content": [
                        {"toolResult": {"toolUseId": "c1", "content": [{"text": "a cat"}]}},
                    ]},
                ],
                "toolConfig": {"tools": [
                    {"toolSpec": {"name": "look", "description": "Looks", "inputSchema": {"json": parameters}}},
                ]},
            }),
        ),
        (
            DialectName::Cohere,
            json!({
                "model": "m",
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PICTURE}")}},
                    ]},
                    {"role": "assistant", "tool_calls": [
                        {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"city\":\"Rome\"}"}},
                    ]},
                    {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
                ],
                "tools": [{"type": "function", "function": {"name": "look", "description": "Looks", "parameters": parameters}}],
            }),
        ),
        (
            DialectName::Ollama,
            json!({
                "model": "m",
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "What is this?", "images": [PICTURE]},
                    {"role": "assistant", "content": "", "tool_calls": [
                        {"function": {"name": "look", "arguments": {"city": "Rome"}}},
                    ]},
                    {"role": "tool", "tool_name": "look", "content": "a cat"},
                ],
                "tools": [{"type": "function", "function": {"name": "look", "description": "Looks", "parameters": parameters}}],
            }),
        ),
    ]
}

/// A row whose bodies were kept.
fn row(dialect: DialectName, stream: bool, request: &[u8], response: &[u8]) -> LogRow {
    LogRow {
        dialect: Some(dialect),
        operation: Some(match dialect {
            DialectName::Responses => Operation::Responses,
            _ => Operation::Chat,
        }),
        asked: Some("m".into()),
        stream,
        request_body: Some(keep(request)),
        response_body: Some(keep(response)),
        ..sample::row()
    }
}

/// What a conversation says, part by part.
fn said(parts: &[ChatPart]) -> Vec<Value> {
    parts.iter().map(|part| serde_json::to_value(part).unwrap()).collect()
}

/// An answer in that dialect, whole or as a stream: thinking where the dialect has it, text, and a call of a tool.
fn answer(dialect: DialectName, stream: bool, request: &[u8]) -> Vec<u8> {
    let speaker = client_dialect(dialect);
    let operation = if dialect == DialectName::Responses {
        Operation::Responses
    } else {
        Operation::Chat
    };
    let asked = Asked {
        model: Some("m".to_owned()),
        stream: stream.then_some(StreamForm::Usual),
        ..Asked::plain(operation)
    };
    let call = speaker.decode(&asked, Bytes::copy_from_slice(request)).unwrap();
    let stamp = Stamp {
        at: gateway_types::Wall::default(),
        seed: 1,
    };
    let tool = chat::ToolUse {
        id: "c2".into(),
        name: "look".into(),
        arguments: "{\"city\":\"Oslo\"}".into(),
        ..chat::ToolUse::default()
    };
    if !stream {
        let response = chat::Response {
            id: "r".into(),
            model: "m".into(),
            choices: vec![chat::Choice {
                parts: vec![Part::text("It is a cät."), Part::ToolUse(tool)],
                finish: Some(Finish::Tools),
                logprobs: None,
            }],
            ..chat::Response::default()
        };
        return speaker.write(&response, &call, stamp, &mut Vec::new()).to_vec();
    }
    let mut writer = speaker.writer(&call, stamp);
    let start = |part, start| Event::PartStart { choice: 0, part, start };
    let delta = |part, text: &str| Event::Delta {
        choice: 0,
        part,
        text: text.to_owned(),
    };
    let end = |part| Event::PartEnd { choice: 0, part };
    let mut out = Vec::new();
    for event in [
        Event::Start {
            id: "r".into(),
            model: "m".into(),
            created: None,
        },
        start(0, PartStart::Text),
        delta(0, "It is "),
        delta(0, "a cät."),
        end(0),
        start(
            1,
            PartStart::ToolUse {
                id: tool.id,
                name: tool.name,
                freeform: false,
            },
        ),
        delta(1, "{\"city\":"),
        delta(1, "\"Oslo\"}"),
        end(1),
        Event::Finish {
            choice: 0,
            finish: Finish::Tools,
        },
        Event::End,
    ] {
        writer.write(&event, &mut out, &mut Vec::new());
    }
    out
}

#[test]
fn a_turn_is_read_in_every_dialect() {
    for (dialect, request) in requests() {
        for stream in [false, true] {
            let mut request = request.clone();
            if stream && !matches!(dialect, DialectName::Gemini | DialectName::Bedrock) {
                request["stream"] = json!(true);
            }
            let request = request.to_string();
            let response = answer(dialect, stream, request.as_bytes());
            let kept = row(dialect, stream, request.as_bytes(), &response);
            let turn = Conversation::of(&kept).unwrap_or_else(|| panic!("{dialect}, stream: {stream}"));

            let messages = turn.messages.unwrap_or_else(|| panic!("{dialect}: {request}"));
            let parts: Vec<Value> = messages.iter().flat_map(|message| said(&message.parts)).collect();
            let of = |kind: &str| {
                parts
                    .iter()
                    .find(|part| part["type"] == kind)
                    .unwrap_or_else(|| panic!("{dialect}: no {kind}"))
            };
            assert_eq!(messages[0].role, ChatRole::System, "{dialect}");
            assert_eq!(parts[0]["text"], "Be brief.", "{dialect}");
            assert_eq!(
                (&of("image")["media"]["media_type"], &of("image")["media"]["bytes"]),
                (&json!("image/png"), &json!(8))
            );
            let arguments: Value = serde_json::from_str(of("tool_call")["arguments"].as_str().unwrap()).unwrap();
            assert_eq!(arguments, json!({"city": "Rome"}), "{dialect}");
            assert!(
                of("tool_result")["parts"].to_string().contains("a cat"),
                "{dialect}: {}",
                of("tool_result")
            );
            assert_eq!(turn.tools.len(), 1, "{dialect}");

            let answers = turn
                .answers
                .unwrap_or_else(|| panic!("{dialect}, {stream}: {}", readable(&keep(&response))));
            let parts = said(&answers[0].parts);
            assert_eq!(parts[0]["text"], "It is a cät.", "{dialect}, stream: {stream}");
            let arguments: Value = serde_json::from_str(parts[1]["arguments"].as_str().unwrap()).unwrap();
            assert_eq!(arguments, json!({"city": "Oslo"}), "{dialect}, stream: {stream}");
            assert_eq!(
                answers[0].finish.as_deref(),
                Some("tools"),
                "{dialect}, stream: {stream}"
            );
            assert!(!turn.request_cut && !turn.response_cut);
        }
    }
}

#[test]
fn no_picture_is_repeated() {
    for (dialect, request) in requests() {
        let kept = row(dialect, false, request.to_string().as_bytes(), b"{}");
        let turn = serde_json::to_string(&Conversation::of(&kept)).unwrap();
        assert!(
            turn.contains("image/png") && !turn.contains(PICTURE),
            "{dialect}: {turn}"
        );
    }
}

#[test]
fn thinking_and_refusals_are_told_apart_from_text() {
    let response = json!({
        "id": "msg", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "Yes."},
        ],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    let kept = row(DialectName::Anthropic, false, b"{}", response.to_string().as_bytes());
    let turn = Conversation::of(&kept).unwrap();
    assert!(turn.messages.is_none(), "what cannot be read is left to the raw body");
    let answers = turn.answers.unwrap();
    assert_eq!(
        said(&answers[0].parts),
        [
            json!({"type": "reasoning", "text": "hm", "encrypted": false}),
            json!({"type": "reasoning", "text": "", "encrypted": true}),
            json!({"type": "text", "text": "Yes.", "citations": []}),
        ]
    );
}

#[test]
fn what_was_cut_or_is_no_turn_falls_back_to_the_raw_body() {
    let (dialect, request) = requests().swap_remove(0);
    let long = json!({"model": "m", "messages": [{"role": "user", "content": "x".repeat(300 * 1024)}]}).to_string();
    let stream = answer(
        dialect,
        true,
        json!({"model": "m", "messages": [], "stream": true})
            .to_string()
            .as_bytes(),
    );
    let half = &stream[..stream.len() / 2];
    let turn = Conversation::of(&row(dialect, true, long.as_bytes(), half)).unwrap();
    assert!(turn.request_cut && turn.messages.is_none());
    assert!(turn.answers.is_some(), "a stream is read as far as it goes");

    let broken = row(dialect, false, b"{\"mod", b"<html>");
    assert!(Conversation::of(&broken).is_none());
    let embedding = LogRow {
        operation: Some(Operation::Embeddings),
        ..row(dialect, false, request.to_string().as_bytes(), b"{}")
    };
    assert!(Conversation::of(&embedding).is_none());
    let refused = LogRow {
        http_status: 429,
        ..row(
            dialect,
            false,
            request.to_string().as_bytes(),
            b"{\"error\":{\"message\":\"no\"}}",
        )
    };
    assert!(Conversation::of(&refused).unwrap().answers.is_none());
}

#[test]
fn a_stream_of_aws_events_is_told_line_by_line() {
    let (_, request) = requests()
        .into_iter()
        .find(|(dialect, _)| *dialect == DialectName::Bedrock)
        .unwrap();
    let stream = answer(DialectName::Bedrock, true, request.to_string().as_bytes());
    let text = readable(&keep(&stream));
    assert!(text.starts_with("messageStart: {"), "{text}");
    assert!(text.contains("\"a cät.\""), "{text}");
}

#[test]
fn gemini_streams_are_read_as_one_array_too() {
    let array = br#"[{"candidates":[{"content":{"role":"model","parts":[{"text":"He"}]}}]},
        {"candidates":[{"content":{"role":"model","parts":[{"text":"y"}]},"finishReason":"STOP"}]}]"#;
    let turn = Conversation::of(&row(DialectName::Gemini, true, b"{}", array)).unwrap();
    assert_eq!(said(&turn.answers.unwrap()[0].parts)[0]["text"], "Hey");
}
