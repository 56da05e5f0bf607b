//! Requests: of real traffic, said again as they were; and of other dialects, said here.

use gateway_providers::cohere::Cohere;
use gateway_providers::lane::Cap;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::{
    Extras, Format, Message, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind, ToolResult, ToolUse,
};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{DialectName, Operation};
use serde_json::{Value, json};

use crate::recorded::recordings;
use crate::{call, target};

/// The request in this dialect, and what it lost.
pub(crate) fn said(request: &Request, cap: Cap) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Cohere.request(request, &target("m"), cap, &mut losses).unwrap();
    (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
}

pub(crate) fn fields(losses: &[Loss]) -> Vec<&str> {
    losses.iter().map(|loss| loss.field.as_str()).collect()
}

pub(crate) fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    }
}

pub(crate) fn foreign(messages: Vec<Message>) -> Request {
    Request {
        messages,
        ..Request::new(DialectName::OpenAi)
    }
}

pub(crate) fn raw(json: &str) -> Box<serde_json::value::RawValue> {
    serde_json::from_str(json).unwrap()
}

/// The same request in one spelling: what says nothing is left out, a text is a piece of content, numbers are floats.
fn spelled(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("content", Value::String(text)) => (key, json!([{"type": "text", "text": text}])),
                (_, value) => (key, value),
            })
            .map(|(key, value)| (key, spelled(value)))
            .filter(|(key, value)| {
                !(value.is_null() || *value == json!([]) || (key == "stream" && *value == json!(false)))
            })
            .collect(),
        Value::Array(items) => {
            let empty = json!({"type": "text", "text": ""});
            items.into_iter().filter(|item| *item != empty).map(spelled).collect()
        }
        Value::Number(number) => json!(number.as_f64()),
        other => other,
    }
}

#[test]
fn recorded_requests_are_said_again_as_they_were() {
    let all = recordings(|recording| recording.provider == "cohere" && recording.endpoint == "v2-chat");
    for recording in &all {
        let asked = call(Operation::Chat, recording.asked().unwrap());
        let request = Cohere.read(&asked).unwrap();
        let mut losses = Vec::new();
        let wire = Cohere
            .request(&request, &target(asked.model.as_str()), Cap::Client, &mut losses)
            .unwrap();
        let again: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
        let given: Value = serde_json::from_slice(&asked.body.bytes).unwrap();
        assert_eq!(spelled(again), spelled(given), "{}", recording.id);
        assert!(losses.is_empty(), "{}: {losses:?}", recording.id);
    }
}

#[test]
fn everything_of_this_api_is_said_again_unknown_fields_included() {
    let given = json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "u"}, {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "high"}}], "x": 1},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "t"}], "tool_plan": "p", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}, "y": 2}]},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "document", "document": {"id": "d", "data": {"title": "T", "snippet": "s"}}}]},
            {"role": "assistant", "content": "a", "citations": [{"start": 0, "end": 1, "text": "a", "sources": [{"type": "tool", "id": "d"}]}]},
            {"role": "user", "content": "again"}
        ],
        "documents": ["one", {"id": "two", "data": {"text": "two", "title": "II"}}],
        "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}],
        "strict_tools": true, "tool_choice": "REQUIRED", "citation_options": {"mode": "FAST"}, "safety_mode": "STRICT",
        "response_format": {"type": "json_object", "json_schema": {"type": "object"}}, "max_tokens": 5, "stop_sequences": ["x"],
        "temperature": 0.3, "seed": 1, "frequency_penalty": 0.0, "presence_penalty": 0.5, "k": 7, "p": 0.75, "logprobs": true,
        "thinking": {"type": "enabled", "token_budget": 9}, "priority": 3, "stream": true, "new_field": {"deep": [1]}
    });
    let request = Cohere.read(&call(Operation::Chat, given.to_string())).unwrap();
    let (again, losses) = said(&request, Cap::Client);
    assert_eq!(spelled(again), spelled(given));
    assert!(losses.is_empty(), "{losses:?}");
}

#[test]
fn the_other_spellings_of_thinking_and_strictness_come_back_too() {
    for members in [
        r#""thinking":{"type":"disabled"}"#,
        r#""thinking":{"type":"enabled"}"#,
        r#""thinking":{"type":"later"}"#,
        r#""strict_tools":false,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]"#,
        r#""strict_tools":true"#,
        r#""tool_choice":"NONE","tools":[{"type":"web"}]"#,
        r#""response_format":{"type":"text"}"#,
        r#""response_format":{"type":"json_object"}"#,
    ] {
        let given = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"u"}}],{members}}}"#);
        let request = Cohere.read(&call(Operation::Chat, given.clone())).unwrap();
        let (again, losses) = said(&request, Cap::Client);
        assert_eq!(
            spelled(again),
            spelled(serde_json::from_str(&given).unwrap()),
            "{members}"
        );
        assert!(losses.is_empty(), "{members}: {losses:?}");
    }
}

#[test]
fn a_turn_of_another_dialect_has_its_plan_its_results_and_its_documents() {
    let request = foreign(vec![
        message(
            Role::User,
            vec![
                Part::Document {
                    source: Source::Text("facts".into()),
                    name: Some("F".into()),
                    cache: None,
                    extras: Extras::default(),
                },
                Part::text("who?"),
            ],
        ),
        message(
            Role::Assistant,
            vec![
                Part::Reasoning(Reasoning {
                    text: "hm".into(),
                    ..Reasoning::default()
                }),
                Part::text("I will look."),
                Part::ToolUse(ToolUse {
                    id: "c".into(),
                    name: "f".into(),
                    ..ToolUse::default()
                }),
            ],
        ),
        message(
            Role::User,
            vec![
                Part::ToolResult(ToolResult {
                    id: "c".into(),
                    parts: vec![Part::text("1")],
                    failed: true,
                    ..ToolResult::default()
                }),
                Part::text("so?"),
            ],
        ),
    ]);
    let (body, losses) = said(&request, Cap::Client);
    let expected = json!([
        {"role": "user", "content": "who?"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}], "tool_plan": "I will look.",
         "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
        {"role": "user", "content": "so?"},
    ]);
    assert_eq!(body["messages"], expected);
    assert_eq!(body["documents"], json!([{"data": {"text": "facts", "title": "F"}}]));
    assert_eq!(fields(&losses), ["messages[2].content[0].is_error"]);
}

#[test]
fn a_choice_among_tools_is_made_by_offering_no_others() {
    let tool = |name: &str| Tool {
        name: name.into(),
        description: None,
        kind: ToolKind::Function {
            parameters: None,
            strict: Some(true),
        },
        cache: None,
    };
    let asked = |choice: Option<ToolChoice>| Request {
        tools: vec![tool("f"), tool("g")],
        tool_choice: choice,
        ..foreign(vec![message(Role::User, vec![Part::text("u")])])
    };
    for (choice, word, offered) in [
        (None, None, 2),
        (Some(ToolChoice::Auto), None, 2),
        (Some(ToolChoice::None), Some("NONE"), 2),
        (Some(ToolChoice::Required), Some("REQUIRED"), 2),
        (Some(ToolChoice::Tool("g".into())), Some("REQUIRED"), 1),
        (
            Some(ToolChoice::OneOf {
                names: vec!["f".into()],
                required: false,
            }),
            None,
            1,
        ),
    ] {
        let (body, losses) = said(&asked(choice.clone()), Cap::Client);
        assert_eq!(body["tool_choice"].as_str(), word, "{choice:?}");
        assert_eq!(body["tools"].as_array().map(Vec::len), Some(offered), "{choice:?}");
        assert_eq!(body["strict_tools"], true);
        let emulated = losses
            .iter()
            .any(|loss| loss.field == "tool_choice" && loss.fate == Fate::Emulated);
        assert_eq!(emulated, offered == 1, "{choice:?}");
    }
}

#[test]
fn caps_budgets_and_forms_have_their_words() {
    let mut request = foreign(vec![message(Role::User, vec![Part::text("u")])]);
    request.max_output = Some(100);
    request.format = Some(Format::Schema {
        name: "n".into(),
        description: None,
        schema: raw(r#"{"type":"object"}"#),
        strict: None,
    });
    request.thinking_budget = Some(64);
    request.stream = true;
    assert_eq!(said(&request, Cap::AtMost(50)).0["max_tokens"], 50);
    assert_eq!(said(&request, Cap::AtMost(500)).0["max_tokens"], 100);
    let (body, losses) = said(&request, Cap::Client);
    assert_eq!(
        body["response_format"],
        json!({"type": "json_object", "json_schema": {"type": "object"}})
    );
    assert_eq!(body["thinking"], json!({"type": "enabled", "token_budget": 64}));
    assert_eq!((body["stream"].as_bool(), losses.len()), (Some(true), 0));
    request.thinking_budget = None;
    request.effort = Some("none".into());
    assert_eq!(said(&request, Cap::Client).0["thinking"], json!({"type": "disabled"}));
    request.sampling.choices = Some(2);
    let error = Cohere
        .request(&request, &target("m"), Cap::Client, &mut Vec::new())
        .unwrap_err();
    assert_eq!(error.param.as_deref(), Some("n"));
}
