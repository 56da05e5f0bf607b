//! The client's side: requests that are read, and said again in this dialect as they were.

use bytes::Bytes;
use gateway_providers::anthropic::Anthropic;
use gateway_providers::lane::Cap;
use gateway_providers::{ClientDialect, ProviderDialect, seal};
use gateway_types::chat::{
    CacheMark, Format, Message, Opaque, Part, Reasoning, Request, Role, Source, ToolChoice, ToolKind, Verbatim,
};
use gateway_types::loss::Loss;
use gateway_types::{Asked, DialectName, Error, ErrorKind, Operation};
use serde_json::{Value, json};

use crate::{same, target};

/// A request with those members, read.
fn asked(members: Value) -> Result<Request, Error> {
    let mut body = json!({"model": "claude-a", "max_tokens": 9, "messages": []});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    let call = Anthropic.decode(&Asked::plain(Operation::Chat), Bytes::from(body.to_string()))?;
    Anthropic.read(&call)
}

fn messages(messages: Value) -> Vec<Message> {
    asked(json!({"messages": messages})).unwrap().messages
}

/// The parts of one message of the user's with those blocks.
fn parts(blocks: Value) -> Vec<Part> {
    messages(json!([{"role": "user", "content": blocks}])).remove(0).parts
}

/// A request said again in this dialect, for that model.
fn again(request: &Request) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Anthropic
        .request(request, &target("claude-a"), Cap::Client, &mut losses)
        .unwrap();
    (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
}

fn foreign(value: &str) -> Opaque {
    Opaque {
        dialect: DialectName::Gemini,
        maker: Some(("gemini".into(), "gemini-3-pro".into())),
        value: value.into(),
    }
}

#[test]
fn the_conversation_is_in_order_with_the_system_prompt_before_it() {
    let request = asked(json!({
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [
            {"role": "user", "content": "One"},
            {"role": "assistant", "content": [{"type": "text", "text": "Two"}]},
            {"role": "system", "content": "Three"},
        ],
    }));
    let messages = request.unwrap().messages;
    let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::System]);
    let [Part::Text { text, cache, .. }] = &messages[0].parts[..] else {
        panic!("{messages:?}")
    };
    assert_eq!(
        (text.as_str(), cache),
        ("Be brief.", &Some(CacheMark { ttl: Some("1h".into()) }))
    );
}

#[test]
fn media_are_found_where_they_are() {
    let parts = parts(json!([
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}},
        {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}},
        {"type": "document", "title": "T", "context": "C", "citations": {"enabled": true}, "source": {"type": "file", "file_id": "file_1"}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "plain"}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]}},
        {"type": "search_result", "source": "https://a", "title": "A", "content": [{"type": "text", "text": "found"}]},
        {"type": "container_upload", "file_id": "file_2"},
    ]));
    let [
        Part::Image { source: inline, .. },
        Part::Image { source: url, .. },
        Part::Document {
            source: file,
            name,
            extras,
            ..
        },
        Part::Document { source: text, .. },
        Part::Document { source: chunks, .. },
        Part::Document {
            source: found,
            name: from,
            ..
        },
        Part::Other(Verbatim {
            dialect: DialectName::Anthropic,
            ..
        }),
    ] = &parts[..]
    else {
        panic!("{parts:?}")
    };
    let png = Source::Inline {
        media_type: "image/png".into(),
        data: Bytes::from("QUJD"),
    };
    assert_eq!((inline, url), (&png, &Source::Url("https://a/b.png".into())));
    assert_eq!((file, name.as_deref()), (&Source::File("file_1".into()), Some("T")));
    let kept: Vec<&str> = extras.0.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(kept, ["citations", "context"]);
    assert_eq!(
        (text, chunks),
        (&Source::Text("plain".into()), &Source::Text("one\ntwo".into()))
    );
    assert_eq!((found, from.as_deref()), (&Source::Text("found".into()), Some("A")));
}

#[test]
fn settings_have_the_words_of_all() {
    let request = asked(json!({
        "system": "S",
        "tools": [
            {"name": "f", "description": "d", "input_schema": {"a": 2, "b": 1}, "strict": true, "cache_control": {"type": "ephemeral"}},
            {"type": "custom", "name": "g", "input_schema": {}, "defer_loading": true},
            {"type": "bash_20250124", "name": "bash"},
        ],
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": true},
        "thinking": {"type": "enabled", "budget_tokens": 2048, "display": "omitted"},
        "output_config": {"effort": "max", "format": {"type": "json_schema", "schema": {"z": 1}}},
        "stop_sequences": ["END"], "temperature": 0.5, "top_p": 0.9, "top_k": 5,
        "metadata": {"user_id": "u-1"}, "service_tier": "auto",
    }))
    .unwrap();
    let ToolKind::Function { parameters, strict } = &request.tools[0].kind else {
        panic!("a function")
    };
    assert_eq!(
        (parameters.as_ref().unwrap().get(), *strict),
        (r#"{"a":2,"b":1}"#, Some(true))
    );
    assert!(request.tools[0].cache.is_some());
    assert!(matches!(&request.tools[2].kind, ToolKind::Other(own) if own.dialect == DialectName::Anthropic));
    assert_eq!(request.tools[2].name, "bash");
    assert_eq!(request.tool_choice, Some(ToolChoice::Tool("f".into())));
    assert_eq!(request.parallel_tools, Some(false));
    assert_eq!(
        (request.thinking_budget, request.show_thinking),
        (Some(2048), Some(false))
    );
    assert_eq!(
        (request.effort.as_deref(), request.user.as_deref()),
        (Some("max"), Some("u-1"))
    );
    assert!(
        matches!(&request.format, Some(Format::Schema { schema, strict: Some(true), .. }) if schema.get() == r#"{"z":1}"#)
    );
    assert_eq!(
        (request.max_output, request.stop.as_slice()),
        (Some(9), &["END".to_owned()][..])
    );
    assert_eq!(
        (request.sampling.temperature, request.sampling.top_k),
        (Some(0.5), Some(5))
    );
    let kept: Vec<&str> = request.extras.0.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(kept, ["tools[1].defer_loading", "service_tier"]);

    let off = asked(json!({"thinking": {"type": "disabled"}})).unwrap();
    assert_eq!(off.thinking_budget, Some(0));
    let mut own_measure = asked(json!({"thinking": {"type": "adaptive"}})).unwrap();
    assert_eq!(
        (own_measure.thinking_budget, own_measure.show_thinking),
        (None, Some(true))
    );
    assert_eq!(own_measure.extras.0.len(), 1);
    Anthropic.go_abroad(&mut own_measure);
    assert_eq!(own_measure.extras.0.len(), 0, "abroad the vocabulary says it");
}

/// A request of everything that the vendor has published, and of what it has not.
fn everything() -> Value {
    let mark = json!({"type": "ephemeral", "ttl": "1h", "scope": "global"});
    json!({
        "model": "claude-a", "max_tokens": 100, "stream": true, "x_new": {"a": [1]},
        "system": [{"type": "text", "text": "S", "cache_control": mark, "x": 1}],
        "messages": [
            {"role": "user", "x": true, "content": [
                {"type": "text", "text": "T", "cache_control": mark, "x": {"y": 1}},
                {"type": "image", "source": {"type": "url", "url": "https://a", "x": 1}, "transformations": {"oversized_image": "error"}},
                {"type": "document", "title": "D", "context": "C", "citations": {"enabled": true}, "cache_control": mark, "source": {"type": "content", "content": "text"}},
                {"type": "document", "source": {"type": "base64", "media_type": "application/x-new", "data": "QUJD"}},
                {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "f"}], "citations": {"enabled": true}},
                {"type": "x_block", "y": 1},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "sig", "x": 1},
                {"type": "redacted_thinking", "data": "data"},
                {"type": "text", "text": "", "citations": [{"type": "char_location", "cited_text": "c", "document_index": 0, "document_title": null, "start_char_index": 0, "end_char_index": 1}]},
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
                {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"b": 1.50, "a": null}, "caller": {"type": "direct"}, "cache_control": mark},
            ]},
            {"role": "user", "content": [
                {"type": "text", "text": "before"},
                {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": true, "toolset_name": "s", "cache_control": mark, "content": [
                    {"type": "text", "text": "no", "x": 1},
                    {"type": "tool_reference", "tool_name": "g"},
                ]},
            ]},
            {"role": "user", "content": "again"},
            {"role": "system", "clear_at": "next_user_message", "content": "Now.", "output_config": {"effort": "low"}},
            {"role": "assistant", "content": [{"type": "text", "text": "prefilled "}]},
        ],
        "tools": [
            {"name": "f", "input_schema": {"type": "object", "oneOf": []}, "strict": true, "eager_input_streaming": true, "cache_control": mark},
            {"type": "web_search_20260318", "name": "web_search", "max_uses": 3},
            {"type": "mcp_toolset", "mcp_server_name": "m"},
            {"name": "g", "input_schema": {"type": "object"}, "defer_loading": true, "input_examples": [{}]},
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": false},
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "xhigh", "format": {"type": "json_schema", "schema": {"minimum": 1}}, "task_budget": {"total": 9}},
        "stop_sequences": ["\n"], "temperature": 0.5, "top_p": 0.1, "top_k": 5,
        "metadata": {"user_id": "u", "x": 1}, "service_tier": "standard_only", "cache_control": mark,
        "container": "container_1", "mcp_servers": [{"type": "url", "url": "https://m", "name": "m"}],
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "speed": "fast", "inference_geo": "eu", "diagnostics": {"previous_message_id": "msg_0"},
    })
}

/// Text alone is short for a block of text.
fn normal(json: &Value) -> Value {
    match json {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(key, value)| match (key.as_str(), value) {
                ("content", Value::String(text)) => (key.clone(), json!([{"type": "text", "text": text}])),
                _ => (key.clone(), normal(value)),
            })
            .collect()
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        other => other.clone(),
    }
}

#[test]
fn everything_is_said_again_as_it_was() {
    let request = asked(everything()).unwrap();
    let (body, losses) = again(&request);
    same(&normal(&body), &normal(&everything()), "body");
    assert_eq!(losses, []);
}

#[test]
fn members_without_a_word_are_named_by_their_place_abroad() {
    let request = asked(everything()).unwrap();
    let kept: Vec<&str> = request.messages[1]
        .extras
        .0
        .iter()
        .map(|(key, _)| key.as_str())
        .collect();
    assert_eq!(
        kept,
        [
            "content[0].cache_control.scope",
            "content[0].x",
            "content[1].source.x",
            "content[1].transformations",
            "content[2].cache_control.scope",
            "x",
        ]
    );
}

#[test]
fn what_another_model_signed_comes_back_to_it_and_to_nobody_else() {
    let (call, thought, text) = (foreign("call"), foreign("thought"), foreign("text"));
    let hidden = Opaque {
        dialect: DialectName::Responses,
        maker: Some(("openai".into(), "gpt-5".into())),
        value: "cipher".into(),
    };
    let request = asked(json!({"messages": [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": seal::seal(&thought)},
            {"type": "thinking", "thinking": "So.", "signature": seal::into_id("encrypted", &hidden)},
            {"type": "redacted_thinking", "data": seal::seal(&hidden)},
            {"type": "text", "text": "Hello."},
            {"type": "redacted_thinking", "data": seal::into_id("text", &text)},
            {"type": "tool_use", "id": seal::into_id("call_1", &call), "name": "f", "input": {}},
        ]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": seal::into_id("call_1", &call), "content": "x"}]},
    ]}))
    .unwrap();
    let [
        Part::Reasoning(signed),
        Part::Reasoning(summary),
        Part::Reasoning(encrypted),
        Part::Text { signature, .. },
        Part::ToolUse(tool),
    ] = &request.messages[1].parts[..]
    else {
        panic!("{:?}", request.messages[1])
    };
    let reasoning = |text: &str, signature: Option<&Opaque>, encrypted: Option<&Opaque>| Reasoning {
        text: text.into(),
        signature: signature.cloned(),
        encrypted: encrypted.cloned(),
    };
    assert_eq!(signed, &reasoning("Hm.", Some(&thought), None));
    assert_eq!(summary, &reasoning("So.", None, Some(&hidden)));
    assert_eq!(encrypted, &reasoning("", None, Some(&hidden)));
    assert_eq!(signature, &Some(text));
    assert_eq!((tool.id.as_str(), &tool.signature), ("call_1", &Some(call)));
    assert!(matches!(&request.messages[2].parts[..], [Part::ToolResult(result)] if result.id == "call_1"));

    let (body, losses) = again(&request);
    assert_eq!(
        body["messages"][1]["content"],
        json!([
            {"type": "text", "text": "Hello."},
            {"type": "tool_use", "id": "call_1", "name": "f", "input": {}},
        ])
    );
    assert_eq!(losses.len(), 5, "{losses:?}");
    assert!(!body.to_string().contains("gw1-"));
}

#[test]
fn thinking_that_had_to_be_left_out_ends_the_budget_for_it() {
    let request = asked(json!({
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "messages": [
            {"role": "user", "content": "?"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": seal::seal(&foreign("s"))},
                {"type": "tool_use", "id": "call_1", "name": "f", "input": {}},
            ]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1"}]},
        ],
    }))
    .unwrap();
    let (body, losses) = again(&request);
    assert_eq!(body.get("thinking"), None);
    assert!(losses.iter().any(|loss| loss.field == "thinking"), "{losses:?}");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (members, param) in [
        (json!({"messages": [{"content": "x"}]}), "messages[0].role"),
        (
            json!({"messages": [{"role": "tool", "content": "x"}]}),
            "messages[0].role",
        ),
        (json!({"messages": [{"role": "user"}]}), "messages[0].content"),
        (
            json!({"messages": [{"role": "user", "content": 5}]}),
            "messages[0].content",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "x"}]}]}),
            "messages[0].content[0].type",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url"}}]}]}),
            "messages[0].content[0].source.url",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text"}]}]}]}),
            "messages[0].content[0].content[0].text",
        ),
        (json!({"system": [{"type": "text"}]}), "system[0].text"),
        (json!({"tools": [{"input_schema": {}}]}), "tools[0].name"),
        (json!({"tool_choice": {"type": "some"}}), "tool_choice.type"),
        (json!({"thinking": {"type": "enabled"}}), "thinking.budget_tokens"),
        (
            json!({"output_config": {"format": {"type": "json"}}}),
            "output_config.format.type",
        ),
        (json!({"stop_sequences": "END"}), "stop_sequences"),
    ] {
        let error = asked(members.clone()).unwrap_err();
        assert_eq!(
            (error.kind, error.param.as_deref()),
            (ErrorKind::Invalid, Some(param)),
            "{members}: {error}"
        );
    }
}
