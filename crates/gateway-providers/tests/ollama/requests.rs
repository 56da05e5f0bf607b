//! Requests: of real traffic, said again as they were; and of other dialects, said here.

use gateway_providers::lane::Cap;
use gateway_providers::ollama::Ollama;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::{
    Extras, Format, Message, Opaque, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind, ToolResult,
    ToolUse,
};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Operation};
use serde_json::{Value, json};

use crate::golden::operation;
use crate::recorded::recordings;
use crate::{call, target};

fn said(request: &Request, cap: Cap) -> (String, Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Ollama.request(request, &target("m"), cap, &mut losses).unwrap();
    (
        wire.uri.path().to_owned(),
        serde_json::from_slice(&wire.body.concat()).unwrap(),
        losses,
    )
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        name: None,
        parts,
        extras: Extras::default(),
    }
}

fn foreign(messages: Vec<Message>) -> Request {
    Request {
        messages,
        ..Request::new(DialectName::OpenAi)
    }
}

/// The same request in one spelling: what says nothing is left out, a prompt is a message, numbers are floats.
fn spelled(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            let system = members.remove("system").filter(|text| *text != json!(""));
            if let Some(prompt) = members.remove("prompt") {
                let images = members.remove("images").unwrap_or_default();
                let said = |role: &str, content: Value| json!({"role": role, "content": content});
                let mut messages: Vec<Value> = system.map(|text| said("system", text)).into_iter().collect();
                let mut user = said("user", prompt);
                user["images"] = images;
                messages.push(user);
                members.insert("messages".into(), json!(messages));
            }
            let empty = |value: &Value| value.is_null() || [json!([]), json!(""), json!({})].contains(value);
            let unsaid = |key: &str, value: &Value| {
                (key == "stream" && *value == json!(true)) || (key == "raw" && *value == json!(false))
            };
            members
                .into_iter()
                .map(|(key, value)| (key, spelled(value)))
                .filter(|(key, value)| !(empty(value) || unsaid(key, value)))
                .collect()
        }
        Value::Array(items) => items.into_iter().map(spelled).collect(),
        Value::Number(number) => json!(number.as_f64()),
        other => other,
    }
}

#[test]
fn recorded_requests_are_said_again_as_they_were() {
    let turns = ["api-chat", "api-generate"];
    let all = recordings(|recording| recording.provider == "ollama" && turns.contains(&recording.endpoint.as_str()));
    for recording in &all {
        let asked = call(operation(recording), recording.asked().unwrap());
        let request = Ollama.read(&asked).unwrap();
        let mut losses = Vec::new();
        let wire = Ollama
            .request(&request, &target(asked.model.as_str()), Cap::Client, &mut losses)
            .unwrap();
        let again: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
        let given: Value = serde_json::from_slice(&asked.body.bytes).unwrap();
        assert_eq!(spelled(again), spelled(given), "{}", recording.id);
        assert!(losses.is_empty(), "{}: {losses:?}", recording.id);
        assert_eq!(request.stream, recording.stream, "{}", recording.id);
    }
}

#[test]
fn everything_of_this_api_is_said_again_unknown_fields_included() {
    let given = json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u", "images": ["iVBORw0KGgo="], "x": 1},
            {"role": "assistant", "content": "", "thinking": "t", "tool_calls": [
                {"id": "c", "function": {"name": "f", "arguments": {"b": [1, 2], "a": null}}}, {"function": {"name": "g", "arguments": {}}}]},
            {"role": "tool", "content": "1", "tool_name": "g"},
            {"role": "tool", "content": "2", "tool_call_id": "c", "y": 2}
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}],
        "format": {"type": "object", "properties": {}}, "think": "high", "keep_alive": "5m", "logprobs": true, "top_logprobs": 2,
        "truncate": false, "shift": true, "new_field": {"deep": [1]}, "stream": false,
        "options": {"num_predict": 5, "temperature": 0.5, "top_p": 0.9, "top_k": 3, "seed": 9007199254740993_i64, "stop": ["x"],
            "frequency_penalty": 0.1, "presence_penalty": 0.2, "num_ctx": 4096, "repeat_penalty": 1.1, "min_p": 0.05}
    });
    let request = Ollama.read(&call(Operation::Chat, given.to_string())).unwrap();
    let (path, again, losses) = said(&request, Cap::Client);
    assert_eq!(again["options"]["seed"], given["options"]["seed"], "to the last digit");
    assert_eq!(spelled(again), spelled(given));
    assert_eq!((path.as_str(), losses.len()), ("/api/chat", 0));
}

#[test]
fn what_only_generate_has_is_asked_of_generate() {
    let given = json!({"model": "m", "prompt": "def f(", "suffix": "return x", "raw": true, "images": ["iVBORw0KGgo="],
        "context": [1, 2], "stream": true, "options": {"num_ctx": 5}, "think": false});
    let request = Ollama.read(&call(Operation::Completions, given.to_string())).unwrap();
    let (path, again, losses) = said(&request, Cap::Client);
    assert_eq!((path.as_str(), again, losses.len()), ("/api/generate", given, 0));
}

#[test]
fn a_turn_of_another_dialect_has_its_calls_and_their_results() {
    let request = foreign(vec![
        message(Role::User, vec![Part::text("weather?")]),
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
                    arguments: "{\"a\":1}".into(),
                    ..ToolUse::default()
                }),
            ],
        ),
        message(
            Role::User,
            vec![
                Part::ToolResult(ToolResult {
                    id: "c".into(),
                    parts: vec![Part::text("sunny")],
                    ..ToolResult::default()
                }),
                Part::text("so?"),
            ],
        ),
    ]);
    let (_, body, losses) = said(&request, Cap::Client);
    let expected = json!([
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": "I will look.", "thinking": "hm", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {"a": 1}}}]},
        {"role": "tool", "content": "sunny", "tool_name": "f", "tool_call_id": "c"},
        {"role": "user", "content": "so?"},
    ]);
    assert_eq!((&body["messages"], body["stream"].as_bool()), (&expected, Some(false)));
    assert!(losses.is_empty(), "{losses:?}");
}

#[test]
fn a_turn_without_messages_is_refused_and_does_not_load_a_model() {
    let request = Request::new(DialectName::Responses);
    let refused = Ollama.request(&request, &target("m"), Cap::Client, &mut Vec::new());
    assert_eq!(refused.unwrap_err().param.as_deref(), Some("messages"));
}

#[test]
fn what_cannot_be_said_is_reported_with_its_place() {
    let raw = |json: &str| -> Box<serde_json::value::RawValue> { serde_json::from_str(json).unwrap() };
    let signature = Opaque {
        dialect: DialectName::Anthropic,
        maker: None,
        value: "sig".into(),
    };
    let inline = |media_type: &str| Source::Inline {
        media_type: media_type.into(),
        data: "QUJD".into(),
    };
    let mut request = foreign(vec![
        message(
            Role::User,
            vec![
                Part::text("a"),
                Part::text("b"),
                Part::Image {
                    source: Source::Url("https://a/b.png".into()),
                    detail: None,
                    cache: None,
                },
                Part::Image {
                    source: inline("image/png"),
                    detail: Some("low".into()),
                    cache: None,
                },
                Part::Document {
                    source: Source::Text("facts".into()),
                    name: None,
                    cache: None,
                    extras: Extras::default(),
                },
                Part::Document {
                    source: inline("application/pdf"),
                    name: None,
                    cache: None,
                    extras: Extras::default(),
                },
                Part::Audio {
                    source: inline("audio/wav"),
                    transcript: None,
                },
            ],
        ),
        message(
            Role::Assistant,
            vec![
                Part::Reasoning(Reasoning {
                    text: "t".into(),
                    signature: Some(signature),
                    encrypted: None,
                }),
                Part::ToolUse(ToolUse {
                    id: "c".into(),
                    name: "f".into(),
                    arguments: "ls".into(),
                    freeform: true,
                    ..ToolUse::default()
                }),
            ],
        ),
    ]);
    request.tools = vec![Tool {
        name: "f".into(),
        description: None,
        kind: ToolKind::Custom { format: None },
        cache: None,
    }];
    request.tool_choice = Some(ToolChoice::Required);
    request.parallel_tools = Some(false);
    request.user = Some("u".into());
    request.thinking_budget = Some(100);
    request.extras.0.push(("logit_bias".into(), raw("{}")));
    request.extras.0.push(("top_logprobs".into(), raw("3")));
    let (_, body, losses) = said(&request, Cap::Client);
    assert_eq!(body["messages"][0]["content"], "a\n\nb\n\nfacts");
    assert_eq!(body["messages"][0]["images"], json!(["QUJD"]));
    assert_eq!(
        body["messages"][1]["tool_calls"][0]["function"]["arguments"],
        json!({"input": "ls"})
    );
    assert_eq!(
        (body["think"].as_bool(), body["top_logprobs"].as_u64()),
        (Some(true), Some(3))
    );
    let mut told: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
    told.sort_unstable();
    let expected = [
        "logit_bias",
        "messages[0].content",
        "messages[0].content[2]",
        "messages[0].content[3].detail",
        "messages[0].content[4]",
        "messages[0].content[5]",
        "messages[0].content[6]",
        "messages[1].content[0]",
        "messages[1].content[1].arguments",
        "parallel_tool_calls",
        "thinking_budget",
        "tool_choice",
        "tools[0]",
        "user",
    ];
    assert_eq!(told, expected);
}

#[test]
fn caps_levels_and_forms_have_their_words() {
    let mut request = foreign(vec![message(Role::User, vec![Part::text("u")])]);
    request.max_output = Some(100);
    request.stop = vec!["x".into()];
    request.sampling.seed = Some(7);
    request.format = Some(Format::Json);
    request.effort = Some("minimal".into());
    request.stream = true;
    let (_, body, losses) = said(&request, Cap::AtMost(50));
    assert_eq!(body["options"], json!({"num_predict": 50, "seed": 7, "stop": ["x"]}));
    assert_eq!(
        (
            body["format"].as_str(),
            body["think"].as_str(),
            body["stream"].as_bool()
        ),
        (Some("json"), Some("low"), Some(true))
    );
    assert_eq!(
        losses.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(),
        ["reasoning_effort"]
    );
    request.effort = Some("none".into());
    request.format = Some(Format::Schema {
        name: "n".into(),
        description: None,
        schema: serde_json::from_str(r#"{"type":"object"}"#).unwrap(),
        strict: None,
    });
    let (_, body, losses) = said(&request, Cap::Client);
    assert_eq!(
        (&body["format"], body["think"].as_bool()),
        (&json!({"type": "object"}), Some(false))
    );
    assert_eq!((body["options"]["num_predict"].as_u64(), losses.len()), (Some(100), 0));
    request.sampling.choices = Some(3);
    assert_eq!(
        Ollama
            .request(&request, &target("m"), Cap::Client, &mut Vec::new())
            .unwrap_err()
            .param
            .as_deref(),
        Some("n")
    );
}

#[test]
fn a_choice_among_tools_is_made_by_offering_fewer() {
    let tool = |name: &str| Tool {
        name: name.into(),
        description: None,
        kind: ToolKind::Function {
            parameters: None,
            strict: None,
        },
        cache: None,
    };
    for (choice, offered) in [
        (None, 2),
        (Some(ToolChoice::Auto), 2),
        (Some(ToolChoice::None), 0),
        (Some(ToolChoice::Required), 2),
        (Some(ToolChoice::Tool("g".into())), 1),
    ] {
        let request = Request {
            tools: vec![tool("f"), tool("g")],
            tool_choice: choice.clone(),
            ..foreign(vec![message(Role::User, vec![Part::text("u")])])
        };
        let (_, body, losses) = said(&request, Cap::Client);
        assert_eq!(body["tools"].as_array().map_or(0, Vec::len), offered, "{choice:?}");
        let told = losses.iter().any(|loss| loss.field == "tool_choice");
        assert_eq!(told, !matches!(choice, None | Some(ToolChoice::Auto)), "{choice:?}");
    }
}
