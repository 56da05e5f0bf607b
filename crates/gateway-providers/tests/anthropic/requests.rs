//! Requests, as an OpenAI-speaking client's are understood, and the bodies that they become.

use gateway_providers::lane::Cap;
use gateway_providers::{ProviderDialect, anthropic::Anthropic};
use gateway_types::chat::{
    CacheMark, Extras, Format, Message, Opaque, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind,
    ToolResult, ToolUse, Verbatim,
};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{DialectName, Error, ErrorKind};
use http::Method;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::target;

const OLD: &str = "claude-3-5-haiku-20241022";
const BUDGETED: &str = "claude-sonnet-4-5";
const ADAPTIVE: &str = "claude-opus-4-7";

fn raw(value: Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap()
}

fn verbatim(dialect: DialectName, value: Value) -> Verbatim {
    Verbatim {
        dialect,
        json: raw(value),
    }
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    }
}

fn says(role: Role, text: &str) -> Message {
    message(role, vec![Part::text(text)])
}

fn calls(id: &str, arguments: &str) -> Part {
    Part::ToolUse(ToolUse {
        id: id.into(),
        name: "weather".into(),
        arguments: arguments.into(),
        ..ToolUse::default()
    })
}

fn answers(id: &str, text: &str) -> Part {
    Part::ToolResult(ToolResult {
        id: id.into(),
        parts: vec![Part::text(text)],
        ..ToolResult::default()
    })
}

fn asks(messages: Vec<Message>) -> Request {
    Request {
        messages,
        ..Request::new(DialectName::OpenAi)
    }
}

fn hello() -> Request {
    asks(vec![says(Role::User, "Hello")])
}

fn tool(name: &str, parameters: Option<Value>, strict: Option<bool>) -> Tool {
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

fn say(request: &Request, model: &str, cap: Cap) -> Result<(Value, Vec<Loss>), Error> {
    let mut losses = Vec::new();
    let wire = Anthropic.request(request, &target(model), cap, &mut losses)?;
    assert_eq!(
        (wire.method, wire.uri.to_string().as_str()),
        (Method::POST, "https://api.anthropic.com/v1/messages")
    );
    Ok((serde_json::from_slice(&wire.body.concat()).unwrap(), losses))
}

/// Checks members of the body, and the fields of the loss report.
fn check(request: &Request, model: &str, expected: Value, lost: &[(&str, Fate)]) {
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
    check(&request, OLD, expected, &[]);
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

#[test]
fn effort_is_said_as_each_generation_hears_it() {
    let request = |effort: &str, max: u64| Request {
        effort: Some(effort.into()),
        max_output: Some(max),
        ..hello()
    };
    let effort = [("reasoning_effort", Fate::Emulated)];
    let budget = |tokens: u64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}, "output_config": null});
    check(&request("low", 10_000), BUDGETED, budget(2000), &effort);
    check(&request("medium", 10_000), BUDGETED, budget(5000), &effort);
    check(&request("high", 10_000), BUDGETED, budget(8000), &effort);
    check(&request("low", 1025), BUDGETED, budget(1024), &effort);
    check(&request("high", 64_000), BUDGETED, budget(32_000), &effort);
    let dropped = [("reasoning_effort", Fate::Dropped)];
    check(&request("high", 1024), BUDGETED, json!({"thinking": null}), &dropped);
    check(
        &request("high", 10_000),
        OLD,
        json!({"thinking": null, "output_config": null}),
        &dropped,
    );
    check(&request("none", 10_000), BUDGETED, json!({"thinking": null}), &[]);
    let adaptive = |effort: &str| json!({"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": effort}});
    check(
        &request("high", 100),
        ADAPTIVE,
        adaptive("high"),
        &[("reasoning_effort", Fate::Mapped)],
    );
    check(
        &request("xhigh", 100),
        ADAPTIVE,
        adaptive("xhigh"),
        &[("reasoning_effort", Fate::Mapped)],
    );
    check(&request("minimal", 100), ADAPTIVE, adaptive("low"), &effort);
    check(&request("xhigh", 100), "claude-opus-4-6", adaptive("high"), &effort);
}

#[test]
fn thinking_in_the_vendors_own_words_is_taken_at_its_word() {
    let request = |thinking: Value, effort: Option<&str>| {
        let mut request = Request {
            effort: effort.map(str::to_owned),
            ..hello()
        };
        request.sampling.temperature = Some(0.5);
        request.extras = Extras(vec![("thinking".into(), raw(thinking))]);
        request
    };
    let off = json!({"type": "disabled"});
    check(
        &request(off.clone(), None),
        BUDGETED,
        json!({"thinking": off, "temperature": 0.5}),
        &[],
    );
    let on = json!({"type": "adaptive"});
    let expected = json!({"thinking": on, "output_config": {"effort": "low"}, "temperature": null});
    check(
        &request(on, Some("low")),
        "claude-opus-4-6",
        expected,
        &[("temperature", Fate::Dropped)],
    );
}

#[test]
fn empty_messages_are_left_out_and_the_end_user_is_named_in_either_word() {
    let mut request = asks(vec![
        says(Role::User, "?"),
        says(Role::Assistant, ""),
        says(Role::User, "!"),
    ]);
    request.extras = Extras(vec![("safety_identifier".into(), raw(json!("u-2")))]);
    let expected = json!({
        "messages": [{"role": "user", "content": [{"type": "text", "text": "?"}, {"type": "text", "text": "!"}]}],
        "metadata": {"user_id": "u-2"},
    });
    check(
        &request,
        OLD,
        expected,
        &[("messages[1]", Fate::Dropped), ("safety_identifier", Fate::Mapped)],
    );
}

#[test]
fn a_budget_stays_under_the_cap() {
    let request = |budget: u64| Request {
        thinking_budget: Some(budget),
        max_output: Some(4000),
        ..hello()
    };
    let said = |tokens: u64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}});
    check(&request(2000), BUDGETED, said(2000), &[]);
    check(
        &request(9000),
        BUDGETED,
        said(3999),
        &[("thinking_budget", Fate::Emulated)],
    );
    check(
        &request(10),
        BUDGETED,
        said(1024),
        &[("thinking_budget", Fate::Emulated)],
    );
    let adaptive = json!({"thinking": {"type": "adaptive", "display": "summarized"}});
    check(
        &request(2000),
        ADAPTIVE,
        adaptive,
        &[("thinking_budget", Fate::Emulated)],
    );
}

#[test]
fn thinking_gives_way_where_the_vendor_would_refuse_it() {
    let base = || Request {
        effort: Some("high".into()),
        tools: vec![tool("weather", None, None)],
        ..hello()
    };
    let off = json!({"thinking": null});
    let dropped = [("reasoning_effort", Fate::Dropped)];
    check(
        &Request {
            tool_choice: Some(ToolChoice::Required),
            ..base()
        },
        BUDGETED,
        off.clone(),
        &dropped,
    );
    let resumed = Request {
        messages: vec![
            says(Role::User, "?"),
            message(Role::Assistant, vec![calls("a", "{}")]),
            message(Role::User, vec![answers("a", "x")]),
        ],
        ..base()
    };
    check(&resumed, BUDGETED, off, &dropped);
    let forced = Request {
        tool_choice: Some(ToolChoice::Required),
        ..base()
    };
    let expected = json!({"thinking": null, "output_config": {"effort": "high"}});
    check(&forced, ADAPTIVE, expected, &[("reasoning_effort", Fate::Mapped)]);
}

#[test]
fn sampling_is_said_as_far_as_the_model_lets_itself_be_told() {
    let mut request = hello();
    request.sampling.temperature = Some(1.5);
    request.sampling.top_p = Some(0.5);
    request.sampling.top_k = Some(5);
    let expected = json!({"temperature": 1.0, "top_p": 0.5, "top_k": 5});
    check(&request, OLD, expected, &[("temperature", Fate::Emulated)]);
    let expected = json!({"temperature": 1.0, "top_p": null, "top_k": 5});
    check(
        &request,
        BUDGETED,
        expected,
        &[("temperature", Fate::Emulated), ("top_p", Fate::Dropped)],
    );
    let gone = json!({"temperature": null, "top_p": null, "top_k": null});
    let dropped = [
        ("temperature", Fate::Dropped),
        ("top_p", Fate::Dropped),
        ("top_k", Fate::Dropped),
    ];
    check(&request, ADAPTIVE, gone.clone(), &dropped);
    request.thinking_budget = Some(2000);
    check(&request, BUDGETED, gone, &dropped);
}

#[test]
fn schemas_are_enforced_where_they_can_be_and_asked_for_elsewhere() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
    let format = Format::Schema {
        name: "x".into(),
        description: None,
        schema: raw(schema.clone()),
        strict: Some(true),
    };
    let request = Request {
        format: Some(format),
        ..hello()
    };
    let enforced = json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}, "system": null});
    check(&request, BUDGETED, enforced, &[]);
    let (body, losses) = say(&request, OLD, Cap::Client).unwrap();
    assert!(body["system"].as_str().unwrap().contains(r#""required":["a"]"#) && body.get("output_config").is_none());
    assert_eq!(
        (losses[0].field.as_str(), losses[0].fate),
        ("response_format", Fate::Emulated)
    );
    let request = Request {
        format: Some(Format::Json),
        ..asks(vec![says(Role::System, "S."), says(Role::User, "?")])
    };
    let (body, losses) = say(&request, BUDGETED, Cap::Client).unwrap();
    assert!(
        body["system"]
            .as_str()
            .unwrap()
            .starts_with("S.\n\nAnswer with one JSON object")
    );
    assert_eq!(losses.len(), 1);
}

#[test]
fn what_has_no_counterpart_is_named() {
    let mut request = hello();
    request.messages[0].name = Some("ada".into());
    request.sampling.frequency_penalty = Some(0.5);
    request.sampling.presence_penalty = Some(0.0);
    request.sampling.seed = Some(7);
    request.stop = vec!["END".into(), "\n".into()];
    request.user = Some("u-1".into());
    request.stream = true;
    request.extras = Extras(vec![
        ("logprobs".into(), raw(json!(true))),
        ("logit_bias".into(), raw(json!({}))),
        ("stream_options".into(), raw(json!({"include_usage": true}))),
        ("service_tier".into(), raw(json!("default"))),
        ("store".into(), raw(Value::Null)),
    ]);
    let expected = json!({
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u-1"},
        "stream": true,
        "service_tier": "standard_only",
        "logprobs": null,
    });
    let lost = [
        ("messages[0].name", Fate::Dropped),
        ("frequency_penalty", Fate::Dropped),
        ("seed", Fate::Dropped),
        ("logprobs", Fate::Dropped),
        ("logit_bias", Fate::Dropped),
        ("service_tier", Fate::Mapped),
        ("stop", Fate::Dropped),
    ];
    check(&request, OLD, expected, &lost);
}

#[test]
fn several_answers_are_refused_by_name() {
    let mut request = hello();
    request.sampling.choices = Some(2);
    let error = say(&request, OLD, Cap::Client).unwrap_err();
    assert_eq!((error.kind, error.param.as_deref()), (ErrorKind::Invalid, Some("n")));
    request.sampling.choices = Some(1);
    assert!(say(&request, OLD, Cap::Client).is_ok());
}

#[test]
fn the_list_of_models_is_asked_for_in_large_pages() {
    let wire = Anthropic.list_models(&target("")).unwrap();
    assert_eq!(
        (wire.method, wire.uri.to_string().as_str()),
        (Method::GET, "https://api.anthropic.com/v1/models?limit=1000")
    );
    assert_eq!(wire.headers["anthropic-version"], "2023-06-01");
    assert!(wire.body.is_empty() && !wire.headers.contains_key("content-type"));
}
