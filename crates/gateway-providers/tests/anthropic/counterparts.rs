//! What other dialects' clients ask for, in this vendor's words: tools, choices, media, signatures, counts.

use gateway_providers::anthropic::Anthropic;
use gateway_providers::lane::Cap;
use gateway_providers::{ProviderDialect, Site, Target};
use gateway_types::chat::{
    Citation, Extras, Message, Opaque, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind, ToolUse,
    Verbatim,
};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{DialectName, ErrorKind, Operation};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::target;

const MODEL: &str = "claude-sonnet-4-5";

fn raw(value: Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap()
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

fn asks(messages: Vec<Message>) -> Request {
    Request {
        messages,
        ..Request::new(DialectName::Responses)
    }
}

fn tool(name: &str, kind: ToolKind) -> Tool {
    Tool {
        name: name.into(),
        description: Some("D.".into()),
        kind,
        cache: None,
    }
}

fn function(name: &str) -> Tool {
    let kind = ToolKind::Function {
        parameters: Some(raw(json!({"type": "object"}))),
        strict: None,
    };
    tool(name, kind)
}

fn say(request: &Request, target: &Target) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Anthropic.request(request, target, Cap::Client, &mut losses).unwrap();
    (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
}

fn lost(losses: &[Loss]) -> Vec<(&str, Fate)> {
    losses.iter().map(|loss| (loss.field.as_str(), loss.fate)).collect()
}

#[test]
fn a_choice_of_some_tools_offers_no_others() {
    for (required, kind) in [(true, "any"), (false, "auto")] {
        let request = Request {
            tools: vec![function("f"), function("g"), function("h")],
            tool_choice: Some(ToolChoice::OneOf {
                names: vec!["f".into(), "h".into()],
                required,
            }),
            ..asks(vec![says(Role::User, "?")])
        };
        let (body, losses) = say(&request, &target(MODEL));
        let offered: Vec<&str> = body["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tool| tool["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            (offered, &body["tool_choice"]),
            (vec!["f", "h"], &json!({"type": kind}))
        );
        assert_eq!(lost(&losses), [("tool_choice", Fate::Emulated)]);
    }
}

#[test]
fn freeform_tools_are_functions_of_one_text() {
    let grammar = json!({"type": "grammar", "syntax": "lark", "definition": "start: \"x\""});
    let request = Request {
        tools: vec![tool(
            "patch",
            ToolKind::Custom {
                format: Some(raw(grammar)),
            },
        )],
        ..asks(vec![
            says(Role::User, "?"),
            message(
                Role::Assistant,
                vec![Part::ToolUse(ToolUse {
                    id: "c".into(),
                    name: "patch".into(),
                    arguments: "*** \"Begin\"\n".into(),
                    freeform: true,
                    ..ToolUse::default()
                })],
            ),
        ])
    };
    let (body, losses) = say(&request, &target(MODEL));
    let schema = json!({"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"], "additionalProperties": false});
    assert_eq!(body["tools"][0]["input_schema"], schema);
    let description = body["tools"][0]["description"].as_str().unwrap();
    assert!(
        description.starts_with("D.") && description.contains("start: \"x\""),
        "{description}"
    );
    assert_eq!(
        body["messages"][1]["content"][0]["input"],
        json!({"input": "*** \"Begin\"\n"})
    );
    assert_eq!(lost(&losses), [("tools[0]", Fate::Emulated)]);
}

#[test]
fn the_web_is_searched_with_the_vendors_own_tool() {
    let search = Verbatim {
        dialect: DialectName::Responses,
        json: raw(json!({"type": "web_search"})),
    };
    let request = Request {
        tools: vec![tool("web_search", ToolKind::Other(search))],
        ..asks(vec![says(Role::User, "?")])
    };
    let (body, losses) = say(&request, &target(MODEL));
    assert_eq!(
        body["tools"],
        json!([{"type": "web_search_20250305", "name": "web_search"}])
    );
    assert_eq!(lost(&losses), [("tools[0]", Fate::Mapped)]);
}

#[test]
fn media_without_a_place_are_named_and_texts_are_sent_as_text() {
    let inline = |media_type: &str, data: &str| Source::Inline {
        media_type: media_type.into(),
        data: data.to_owned().into(),
    };
    let request = asks(vec![message(
        Role::User,
        vec![
            Part::Video {
                source: Source::Url("https://a/b.mp4".into()),
                cache: None,
            },
            Part::Document {
                source: inline("text/csv", "YSxi"),
                name: Some("a.csv".into()),
                cache: None,
                extras: Extras(vec![("x".into(), raw(json!(1)))]),
            },
            Part::Other(Verbatim {
                dialect: DialectName::Gemini,
                json: raw(json!({"executableCode": {}})),
            }),
        ],
    )]);
    let (body, losses) = say(&request, &target(MODEL));
    assert_eq!(
        body["messages"][0]["content"],
        json!([{"type": "document", "title": "a.csv", "source": {"type": "text", "media_type": "text/plain", "data": "a,b"}}])
    );
    assert_eq!(
        lost(&losses),
        [
            ("messages[0].content[0]", Fate::Dropped),
            ("messages[0].content[1]", Fate::Mapped),
            ("messages[0].content[1].x", Fate::Dropped),
            ("messages[0].content[2]", Fate::Dropped),
        ]
    );
}

#[test]
fn citations_go_back_to_whom_they_are_from() {
    let citation = |dialect, kind: &str| Citation {
        url: None,
        title: None,
        quote: None,
        range: None,
        verbatim: Verbatim {
            dialect,
            json: raw(json!({"type": kind})),
        },
    };
    let text = Part::Text {
        text: "x".into(),
        cache: None,
        citations: vec![
            citation(DialectName::Anthropic, "char_location"),
            citation(DialectName::OpenAi, "url_citation"),
        ],
        signature: None,
    };
    let (body, losses) = say(
        &asks(vec![says(Role::User, "?"), message(Role::Assistant, vec![text])]),
        &target(MODEL),
    );
    let expected = json!([{"type": "text", "text": "x", "citations": [{"type": "char_location"}]}]);
    assert_eq!(body["messages"][1]["content"], expected);
    assert_eq!(lost(&losses), [("messages[1].content[0].citations", Fate::Dropped)]);
}

#[test]
fn what_others_signed_is_left_out_and_named() {
    let foreign = Opaque {
        dialect: DialectName::Gemini,
        maker: Some(("gemini".into(), "gemini-3-pro".into())),
        value: "s".into(),
    };
    let elsewhere = Opaque {
        dialect: DialectName::Anthropic,
        maker: Some(("vertex".into(), MODEL.into())),
        value: "s".into(),
    };
    let thought = |signature: Opaque| {
        Part::Reasoning(Reasoning {
            text: "Hm.".into(),
            signature: Some(signature),
            encrypted: None,
        })
    };
    let call = Part::ToolUse(ToolUse {
        id: "c".into(),
        name: "f".into(),
        arguments: "{}".into(),
        signature: Some(foreign.clone()),
        ..ToolUse::default()
    });
    let parts = vec![thought(foreign), thought(elsewhere), call];
    let (body, losses) = say(
        &asks(vec![says(Role::User, "?"), message(Role::Assistant, parts)]),
        &target(MODEL),
    );
    assert_eq!(
        body["messages"][1]["content"],
        json!([{"type": "tool_use", "id": "c", "name": "f", "input": {}}])
    );
    assert_eq!(losses.len(), 3, "{losses:?}");
}

#[test]
fn the_operator_is_heard_between_the_turns_where_the_model_can() {
    let request = asks(vec![
        says(Role::System, "First."),
        says(Role::User, "?"),
        says(Role::System, "Second."),
        says(Role::System, "Third."),
        says(Role::Assistant, "!"),
        says(Role::System, "Late."),
        says(Role::User, "?"),
    ]);
    let (body, losses) = say(&request, &target("claude-opus-4-8"));
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "system", "assistant", "user"]);
    assert_eq!(body["messages"][1]["content"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["system"], "First.\n\nLate.", "a user must have spoken last");
    assert_eq!(lost(&losses), [("messages[5]", Fate::Mapped)]);
    for model in ["claude-opus-4-7", "claude-sonnet-5"] {
        let (body, _) = say(&request, &target(model));
        assert_eq!(body["messages"].as_array().unwrap().len(), 3, "{model}");
    }
    let mut vertex = target("claude-opus-4-8");
    vertex.site = Site::Vertex {
        project: "p".into(),
        region: "global".into(),
    };
    assert_eq!(say(&request, &vertex).0["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn thinking_that_is_to_be_seen_is_asked_for_where_the_model_finds_its_own_measure() {
    let request = Request {
        show_thinking: Some(true),
        ..asks(vec![says(Role::User, "?")])
    };
    let (body, losses) = say(&request, &target("claude-opus-4-7"));
    assert_eq!(body["thinking"], json!({"type": "adaptive", "display": "summarized"}));
    assert_eq!(lost(&losses), [("show_thinking", Fate::Mapped)]);
    let (body, losses) = say(&request, &target(MODEL));
    assert_eq!(
        (body.get("thinking"), lost(&losses)),
        (None, vec![("show_thinking", Fate::Dropped)])
    );
    let hidden = Request {
        show_thinking: Some(false),
        effort: Some("low".into()),
        ..asks(vec![says(Role::User, "?")])
    };
    let (body, _) = say(&hidden, &target("claude-opus-4-7"));
    assert_eq!(body["thinking"]["display"], "omitted");
}

#[test]
fn a_cloud_is_told_the_version_in_the_body() {
    let mut vertex = target(MODEL);
    vertex.site = Site::Vertex {
        project: "p".into(),
        region: "global".into(),
    };
    let (body, _) = say(&asks(vec![says(Role::User, "?")]), &vertex);
    assert_eq!(
        (body.get("model"), &body["anthropic_version"]),
        (None, &json!("vertex-2023-10-16"))
    );
}

#[test]
fn a_count_is_asked_of_the_input_alone() {
    let mut request = asks(vec![says(Role::System, "S."), says(Role::User, "?")]);
    request.max_output = Some(9);
    request.sampling.temperature = Some(1.5);
    request.sampling.choices = Some(2);
    request.stop = vec!["END".into()];
    request.user = Some("u".into());
    request.stream = true;
    let mut losses = Vec::new();
    let wire = Anthropic.count(&request, &target(MODEL), &mut losses).unwrap();
    assert_eq!(wire.uri, "https://api.anthropic.com/v1/messages/count_tokens");
    let body: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
    assert_eq!(
        body,
        json!({"model": MODEL, "system": "S.", "messages": [{"role": "user", "content": "?"}]})
    );
    assert_eq!(losses, []);
    assert_eq!(Anthropic.counted(br#"{"input_tokens":7}"#, &target(MODEL)).unwrap(), 7);
    assert!(Anthropic.counted(b"{}", &target(MODEL)).is_err());
}

#[test]
fn what_the_dialect_has_no_path_for_is_not_done() {
    let call = gateway_types::Call {
        operation: Operation::Batches,
        ..crate::passing::call(Operation::Chat, r#"{"model":"m","messages":[]}"#)
    };
    let refused = Anthropic.pass(&call, &target(MODEL), Cap::Client, &http::HeaderMap::new());
    assert_eq!(refused.unwrap_err().kind, ErrorKind::UnsupportedOperation);
}
