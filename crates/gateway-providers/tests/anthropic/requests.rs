//! Requests, as an OpenAI-speaking client's are understood, and the bodies that they become.

use gateway_providers::lane::Cap;
use gateway_providers::{ProviderDialect, anthropic::Anthropic};
use gateway_types::chat::{
    CacheMark, Extras, Message, Opaque, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind, ToolResult,
    ToolUse, Verbatim,
};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{DialectName, Error, ErrorKind};
use http::Method;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::target;

pub(crate) const OLD: &str = "claude-3-5-haiku-20241022";
pub(crate) const BUDGETED: &str = "claude-sonnet-4-5";
pub(crate) const ADAPTIVE: &str = "claude-opus-4-7";

pub(crate) fn raw(value: Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap()
}

pub(crate) fn verbatim(dialect: DialectName, value: Value) -> Verbatim {
    Verbatim {
        dialect,
        json: raw(value),
    }
}

pub(crate) fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    }
}

pub(crate) fn says(role: Role, text: &str) -> Message {
    message(role, vec![Part::text(text)])
}

pub(crate) fn calls(id: &str, arguments: &str) -> Part {
    Part::ToolUse(ToolUse {
        id: id.into(),
        name: "weather".into(),
        arguments: arguments.into(),
        ..ToolUse::default()
    })
}

pub(crate) fn answers(id: &str, text: &str) -> Part {
    Part::ToolResult(ToolResult {
        id: id.into(),
        parts: vec![Part::text(text)],
        ..ToolResult::default()
    })
}

pub(crate) fn asks(messages: Vec<Message>) -> Request {
    Request {
        messages,
        ..Request::new(DialectName::OpenAi)
    }
}

pub(crate) fn hello() -> Request {
    asks(vec![says(Role::User, "Hello")])
}

pub(crate) fn tool(name: &str, parameters: Option<Value>, strict: Option<bool>) -> Tool {
    let kind = ToolKind::Function {
        parameters: parameters.map(raw),
        strict,
    };
    Tool {
        name: name.into(),
        description: None,
        kind,
        cache: None,
    }
}

pub(crate) fn say(request: &Request, model: &str, cap: Cap) -> Result<(Value, Vec<Loss>), Error> {
    let mut losses = Vec::new();
    let wire = Anthropic.request(request, &target(model), cap, &mut losses)?;
    assert_eq!(
        (wire.method, wire.uri.to_string().as_str()),
        (Method::POST, "https://api.anthropic.com/v1/messages")
    );
    Ok((serde_json::from_slice(&wire.body.concat()).unwrap(), losses))
}

/// Checks members of the body, and the fields of the loss report.
pub(crate) fn check(request: &Request, model: &str, expected: Value, lost: &[(&str, Fate)]) {
    let (body, losses) = say(request, model, Cap::Client).unwrap();
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(body.get(key).unwrap_or(&Value::Null), value, "{key} of {body}");
    }
    let report: Vec<(&str, Fate)> = losses.iter().map(|loss| (loss.field.as_str(), loss.fate)).collect();
    assert_eq!(report, lost, "{losses:?}");
}

#[test]
fn the_plainest_request_is_the_plainest_body() {
    let (body, losses) = say(&hello(), OLD, Cap::Client).unwrap();
    assert_eq!(
        body,
        json!({"model": OLD, "max_tokens": 4096, "messages": [{"role": "user", "content": "Hello"}]})
    );
    assert!(losses.is_empty());
}

#[test]
fn the_cap_is_the_clients_then_the_models_and_never_more_than_is_held() {
    let cap = |asked: Option<u64>, known: Option<u64>, cap: Cap| {
        let mut target = target(OLD);
        target.max_output = known;
        let request = Request {
            max_output: asked,
            ..hello()
        };
        let wire = Anthropic.request(&request, &target, cap, &mut Vec::new()).unwrap();
        serde_json::from_slice::<Value>(&wire.body.concat()).unwrap()["max_tokens"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(cap(Some(10), Some(8192), Cap::Client), 10);
    assert_eq!(cap(None, Some(8192), Cap::Client), 8192);
    assert_eq!(cap(None, None, Cap::Client), 4096);
    assert_eq!(cap(None, Some(8192), Cap::AtMost(100)), 100);
    assert_eq!(cap(Some(10), None, Cap::AtMost(100)), 10);
}

#[test]
fn system_messages_stand_in_front_and_turns_alternate() {
    let request = asks(vec![
        says(Role::System, "Be brief."),
        says(Role::User, "One"),
        says(Role::User, "Two"),
        says(Role::Assistant, "Three"),
        says(Role::System, "Be briefer."),
        says(Role::User, "Four"),
    ]);
    let expected = json!({
        "system": "Be brief.\n\nBe briefer.",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "Two"}]},
            {"role": "assistant", "content": "Three"},
            {"role": "user", "content": "Four"},
        ],
    });
    check(&request, OLD, expected, &[("messages[4]", Fate::Mapped)]);
}

#[test]
fn cache_marks_stay_where_they_are() {
    let marked = |text: &str, ttl: Option<&str>| Part::Text {
        text: text.into(),
        cache: Some(CacheMark {
            ttl: ttl.map(str::to_owned),
        }),
        citations: Vec::new(),
        signature: None,
    };
    let request = asks(vec![
        message(Role::System, vec![marked("Long.", Some("1h")), Part::text("Short.")]),
        message(Role::User, vec![marked("Long too.", None)]),
    ]);
    let expected = json!({
        "system": [
            {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": "Short."},
        ],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Long too.", "cache_control": {"type": "ephemeral"}}]}],
    });
    check(&request, OLD, expected, &[]);
}

#[test]
fn a_request_of_system_messages_alone_is_asked_as_the_user() {
    let request = asks(vec![says(Role::System, "Say hello.")]);
    let expected = json!({"system": null, "messages": [{"role": "user", "content": "Say hello."}]});
    check(&request, OLD, expected, &[("messages", Fate::Mapped)]);
    assert_eq!(
        say(&asks(Vec::new()), OLD, Cap::Client).unwrap_err().param.as_deref(),
        Some("messages")
    );
}

#[test]
fn tool_calls_and_their_answers_become_blocks() {
    let request = Request {
        tools: vec![tool("weather", Some(json!({"type": "object", "properties": {}})), None)],
        ..asks(vec![
            says(Role::User, "Zürich?"),
            message(
                Role::Assistant,
                vec![
                    Part::text(""),
                    calls("call_1", r#"{"city": "Zürich"}"#),
                    calls("call.2:0", ""),
                ],
            ),
            message(Role::User, vec![answers("call_1", "sunny")]),
            message(Role::User, vec![answers("call.2:0", "")]),
            says(Role::User, "And now?"),
        ])
    };
    let expected = json!({
        "messages": [
            {"role": "user", "content": "Zürich?"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Zürich"}},
                {"type": "tool_use", "id": "call_2_0", "name": "weather", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": "sunny"},
                {"type": "tool_result", "tool_use_id": "call_2_0"},
                {"type": "text", "text": "And now?"},
            ]},
        ],
        "tools": [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}],
        "tool_choice": null,
    });
    let odd = ["messages[1].content[2].id", "messages[3].content[0].id"].map(|field| (field, Fate::Mapped));
    check(&request, OLD, expected, &odd);
}

#[test]
fn tool_answers_come_first_in_their_turn_and_may_hold_pictures_and_failures() {
    let picture = Part::Image {
        source: Source::Inline {
            media_type: "image/png".into(),
            data: "aGk=".into(),
        },
        detail: None,
        cache: None,
    };
    let failed = ToolResult {
        id: "b".into(),
        parts: vec![Part::text("no"), picture],
        failed: true,
        ..ToolResult::default()
    };
    let request = asks(vec![
        message(Role::Assistant, vec![calls("b", "{}")]),
        message(Role::User, vec![Part::text("see"), Part::ToolResult(failed)]),
    ]);
    let (body, _) = say(&request, OLD, Cap::Client).unwrap();
    assert_eq!(
        body["messages"][1]["content"],
        json!([
            {"type": "tool_result", "tool_use_id": "b", "is_error": true, "content": [
                {"type": "text", "text": "no"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
            ]},
            {"type": "text", "text": "see"},
        ])
    );
}

#[test]
fn arguments_that_are_no_object_are_wrapped_and_reported() {
    for text in ["{\"city\": ", "[1]", "\"x\""] {
        let request = asks(vec![
            says(Role::User, "?"),
            message(Role::Assistant, vec![calls("a", text)]),
        ]);
        let (body, losses) = say(&request, OLD, Cap::Client).unwrap();
        assert_eq!(body["messages"][1]["content"][0]["input"], json!({"arguments": text}));
        assert_eq!(losses[0].field, "messages[1].content[0].arguments");
    }
}

#[test]
fn arguments_keep_their_spelling() {
    let text = r#"{"b":1.50,"a":"\u00e9"}"#;
    let request = asks(vec![
        says(Role::User, "?"),
        message(Role::Assistant, vec![calls("a", text)]),
    ]);
    let wire = Anthropic
        .request(&request, &target(OLD), Cap::Client, &mut Vec::new())
        .unwrap();
    assert!(String::from_utf8_lossy(&wire.body.concat()).contains(text));
}

#[test]
fn tools_are_chosen_in_their_words() {
    let object = || Some(json!({"type": "object"}));
    let choose = |choice: Option<ToolChoice>, parallel: Option<bool>, expected: Value| {
        let request = Request {
            tools: vec![tool("t", object(), None)],
            tool_choice: choice,
            parallel_tools: parallel,
            ..hello()
        };
        check(&request, OLD, json!({"tool_choice": expected}), &[]);
    };
    choose(None, None, Value::Null);
    choose(None, Some(true), Value::Null);
    choose(
        None,
        Some(false),
        json!({"type": "auto", "disable_parallel_tool_use": true}),
    );
    choose(Some(ToolChoice::Auto), None, json!({"type": "auto"}));
    choose(Some(ToolChoice::None), Some(false), json!({"type": "none"}));
    choose(
        Some(ToolChoice::Required),
        Some(false),
        json!({"type": "any", "disable_parallel_tool_use": true}),
    );
    choose(
        Some(ToolChoice::Tool("t".into())),
        None,
        json!({"type": "tool", "name": "t"}),
    );
    let request = Request {
        tool_choice: Some(ToolChoice::Auto),
        ..hello()
    };
    check(
        &request,
        OLD,
        json!({"tool_choice": null}),
        &[("tool_choice", Fate::Dropped)],
    );
}

#[test]
fn schemas_of_tools_say_that_they_are_of_objects() {
    let schema = |parameters: Option<Value>, expected: Value| {
        let request = Request {
            tools: vec![tool("t", parameters, None)],
            ..hello()
        };
        check(
            &request,
            OLD,
            json!({"tools": [{"name": "t", "input_schema": expected}]}),
            &[],
        );
    };
    schema(None, json!({"type": "object", "properties": {}}));
    schema(Some(json!({})), json!({"type": "object", "properties": {}}));
    schema(
        Some(json!({"properties": {"a": {}}})),
        json!({"type": "object", "properties": {"a": {}}}),
    );
    let request = Request {
        tools: vec![tool("t", Some(json!([])), None)],
        ..hello()
    };
    let error = say(&request, OLD, Cap::Client).unwrap_err();
    assert_eq!(
        (error.kind, error.param.as_deref()),
        (ErrorKind::Invalid, Some("tools[0].function.parameters"))
    );
}

#[test]
fn strict_tools_are_strict_where_the_model_and_the_schema_allow() {
    let closed = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let request = |parameters: &Value| Request {
        tools: vec![tool("t", Some(parameters.clone()), Some(true))],
        ..hello()
    };
    let strict = json!({"tools": [{"name": "t", "input_schema": closed, "strict": true}]});
    check(&request(&closed), BUDGETED, strict, &[]);
    let loose = json!({"tools": [{"name": "t", "input_schema": closed}]});
    check(
        &request(&closed),
        OLD,
        loose,
        &[("tools[0].function.strict", Fate::Dropped)],
    );
    let open = json!({"type": "object", "properties": {}});
    let loose = json!({"tools": [{"name": "t", "input_schema": open}]});
    check(
        &request(&open),
        BUDGETED,
        loose,
        &[("tools[0].function.strict", Fate::Dropped)],
    );
}

#[test]
fn the_vendors_own_tools_pass_and_others_are_left_out() {
    let own = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 3});
    let other = |value: Value| Tool {
        name: String::new(),
        description: None,
        kind: ToolKind::Other(verbatim(DialectName::OpenAi, value)),
        cache: None,
    };
    let request = Request {
        tools: vec![other(own.clone()), other(json!({"type": "custom", "custom": {}}))],
        ..hello()
    };
    check(
        &request,
        BUDGETED,
        json!({"tools": [own]}),
        &[("tools[1]", Fate::Dropped)],
    );
}

#[test]
fn pictures_and_documents_keep_their_sources() {
    let image = |source: Source| Part::Image {
        source,
        detail: Some("high".into()),
        cache: None,
    };
    let document = |source: Source| Part::Document {
        source,
        name: Some("a.pdf".into()),
        cache: None,
        extras: Extras::default(),
    };
    let request = asks(vec![message(
        Role::User,
        vec![
            image(Source::Url("https://example.com/a.png".into())),
            document(Source::Inline {
                media_type: "application/pdf".into(),
                data: "JVBERg==".into(),
            }),
            document(Source::Text("plain".into())),
            document(Source::File("file_011".into())),
        ],
    )]);
    let expected = json!({"messages": [{"role": "user", "content": [
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        {"type": "document", "title": "a.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}},
        {"type": "document", "title": "a.pdf", "source": {"type": "text", "media_type": "text/plain", "data": "plain"}},
        {"type": "document", "title": "a.pdf", "source": {"type": "file", "file_id": "file_011"}},
    ]}]});
    check(
        &request,
        OLD,
        expected,
        &[("messages[0].content[0].detail", Fate::Dropped)],
    );
    let wire = Anthropic
        .request(&request, &target(OLD), Cap::Client, &mut Vec::new())
        .unwrap();
    assert_eq!(wire.headers["anthropic-beta"], "files-api-2025-04-14");
}

#[test]
fn what_cannot_be_shown_to_the_model_is_refused_with_its_place() {
    let audio = Source::Inline {
        media_type: "audio/wav".into(),
        data: "AA==".into(),
    };
    let word = Source::Inline {
        media_type: "application/msword".into(),
        data: "AA==".into(),
    };
    for (part, says) in [
        (
            Part::Audio {
                source: audio,
                transcript: None,
            },
            "audio",
        ),
        (
            Part::Document {
                source: word,
                name: None,
                cache: None,
                extras: Extras::default(),
            },
            "application/msword",
        ),
        (
            Part::Document {
                source: Source::File("file-abc".into()),
                name: None,
                cache: None,
                extras: Extras::default(),
            },
            "file-abc",
        ),
    ] {
        let error = say(&asks(vec![message(Role::User, vec![part])]), OLD, Cap::Client).unwrap_err();
        assert_eq!(
            (error.kind, error.param.as_deref()),
            (ErrorKind::Invalid, Some("messages[0].content[0]"))
        );
        assert!(error.message.contains(says), "{error}");
    }
}

#[test]
fn thinking_goes_back_with_its_signature_or_not_at_all() {
    let own = |value: &str| Opaque {
        dialect: DialectName::Anthropic,
        maker: None,
        value: value.into(),
    };
    let thought = |signature: Option<&str>, encrypted: Option<&str>| {
        Part::Reasoning(Reasoning {
            text: "Hm.".into(),
            signature: signature.map(own),
            encrypted: encrypted.map(own),
        })
    };
    let request = asks(vec![
        says(Role::User, "?"),
        message(
            Role::Assistant,
            vec![
                thought(Some("sig"), None),
                thought(None, Some("data")),
                thought(None, None),
                Part::text("!"),
            ],
        ),
    ]);
    let expected = json!({"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
        {"type": "redacted_thinking", "data": "data"},
        {"type": "text", "text": "!"},
    ]}]});
    check(
        &request,
        BUDGETED,
        expected,
        &[("messages[1].content[2]", Fate::Dropped)],
    );
}
