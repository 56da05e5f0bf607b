//! Cases that no recording shows: answers of others for Ollama's clients, and what they sign.

use gateway_providers::ollama::Ollama;
use gateway_providers::{ClientDialect, ProviderDialect, seal};
use gateway_types::chat::{Choice, Event, Finish, Opaque, Part, PartStart, Reasoning, Response, ToolUse};
use gateway_types::embed::{EmbedInput, EmbedRequest, EmbedResponse, Encoding};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, ErrorKind, Operation, StreamForm, Usage};
use serde_json::{Value, json};

use crate::{call, chat, events, generate, stamp, target};

fn signature() -> Opaque {
    Opaque {
        dialect: DialectName::Anthropic,
        maker: Some(("anthropic".into(), "claude".into())),
        value: "c2ln".into(),
    }
}

fn answer() -> Response {
    let tool = ToolUse {
        id: "toolu_1".into(),
        name: "f".into(),
        arguments: "{\"a\":1}".into(),
        signature: Some(signature()),
        ..ToolUse::default()
    };
    let thought = Reasoning {
        text: "hm".into(),
        signature: Some(signature()),
        encrypted: None,
    };
    Response {
        id: "x".into(),
        model: "claude".into(),
        choices: vec![Choice {
            parts: vec![
                Part::Reasoning(thought),
                Part::text("I will look."),
                Part::ToolUse(tool),
            ],
            finish: Some(Finish::Tools),
            logprobs: None,
        }],
        usage: Some(Usage {
            input: 2,
            cache_read: 3,
            output: 4,
            reasoning: 1,
            ..Usage::default()
        }),
        ..Response::default()
    }
}

fn written(response: &Response, asked: &Call) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let body = Ollama.write(response, asked, stamp(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), losses)
}

#[test]
fn an_answer_of_another_provider_is_one_of_this_api_in_either_form() {
    let (body, losses) = written(&answer(), &chat());
    let message = &body["message"];
    assert_eq!(
        (message["content"].as_str(), message["thinking"].as_str()),
        (Some("I will look."), Some("hm"))
    );
    assert_eq!(
        message["tool_calls"][0]["function"],
        json!({"index": 0, "name": "f", "arguments": {"a": 1}})
    );
    assert_eq!(
        (body["done"].as_bool(), body["done_reason"].as_str()),
        (Some(true), Some("stop"))
    );
    assert_eq!(
        (body["prompt_eval_count"].as_u64(), body["eval_count"].as_u64()),
        (Some(5), Some(5))
    );
    assert_eq!(body["created_at"], "2023-11-14T22:13:20.000Z");
    assert_eq!(
        losses.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(),
        ["usage"]
    );
    let (body, _) = written(&answer(), &generate());
    assert_eq!(
        (
            body["response"].as_str(),
            body["thinking"].as_str(),
            body.get("message")
        ),
        (Some("I will look."), Some("hm"), None)
    );
}

#[test]
fn what_another_provider_signed_comes_back_with_the_next_turn() {
    let (body, _) = written(&answer(), &chat());
    let sealed = body["message"]["tool_calls"][0]["id"].as_str().unwrap();
    assert_eq!(seal::from_id(sealed), ("toolu_1", Some(signature())));
    let next = json!({"model": "m", "messages": [
        {"role": "user", "content": "u"}, body["message"], {"role": "tool", "content": "1", "tool_call_id": sealed}]});
    let request = Ollama.read(&call(Operation::Chat, next.to_string())).unwrap();
    let [Part::Reasoning(thought), Part::Text { .. }, Part::ToolUse(tool)] = &request.messages[1].parts[..] else {
        panic!("{:?}", request.messages[1])
    };
    assert_eq!((thought.text.as_str(), &thought.signature), ("hm", &Some(signature())));
    assert_eq!((tool.id.as_str(), &tool.signature), ("toolu_1", &Some(signature())));
    assert!(matches!(&request.messages[2].parts[0], Part::ToolResult(result) if result.id == "toolu_1"));
}

#[test]
fn what_a_stream_signs_comes_back_when_its_lines_are_added_up() {
    let choice = 0;
    let said = [
        Event::Start {
            id: "x".into(),
            model: "claude".into(),
            created: Some(1_700_000_001),
        },
        Event::PartStart {
            choice,
            part: 0,
            start: PartStart::Reasoning,
        },
        Event::Delta {
            choice,
            part: 0,
            text: "hm".into(),
        },
        Event::Signature {
            choice,
            part: 0,
            signature: signature(),
        },
        Event::PartEnd { choice, part: 0 },
        Event::PartStart {
            choice,
            part: 1,
            start: PartStart::ToolUse {
                id: "c".into(),
                name: "f".into(),
                freeform: false,
            },
        },
        // As some models write arguments; a line's end would end the line.
        Event::Delta {
            choice,
            part: 1,
            text: "{\n\"a\"".into(),
        },
        Event::Delta {
            choice,
            part: 1,
            text: ":1}".into(),
        },
        Event::Signature {
            choice,
            part: 1,
            signature: signature(),
        },
        Event::PartEnd { choice, part: 1 },
        Event::Finish {
            choice,
            finish: Finish::Tools,
        },
        Event::End,
    ];
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    let mut writer = Ollama.writer(&chat(), stamp());
    said.iter().for_each(|event| writer.write(event, &mut out, &mut losses));
    assert!(losses.is_empty(), "{losses:?}");
    let lines: Vec<Value> = out
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line["created_at"] == "2023-11-14T22:13:21.000Z" && line["model"] == "claude")
    );
    let message = json!({"role": "assistant", "content": "", "thinking": lines[0]["message"]["thinking"],
        "thinking_details": lines[1]["message"]["thinking_details"], "tool_calls": lines[2]["message"]["tool_calls"]});
    let next = json!({"model": "m", "messages": [{"role": "user", "content": "u"}, message]});
    let request = Ollama.read(&call(Operation::Chat, next.to_string())).unwrap();
    let [Part::Reasoning(thought), Part::ToolUse(tool)] = &request.messages[1].parts[..] else {
        panic!("{:?}", request.messages[1])
    };
    assert_eq!((thought.text.as_str(), &thought.signature), ("hm", &Some(signature())));
    assert_eq!(
        (tool.arguments.as_str(), &tool.signature),
        ("{\"a\":1}", &Some(signature()))
    );
}

#[test]
fn arguments_that_were_cut_off_are_still_an_object() {
    let choice = 0;
    let said = [
        Event::Start {
            id: "x".into(),
            model: "m".into(),
            created: None,
        },
        Event::PartStart {
            choice,
            part: 0,
            start: PartStart::ToolUse {
                id: "c".into(),
                name: "f".into(),
                freeform: false,
            },
        },
        Event::Delta {
            choice,
            part: 0,
            text: "{\"a\":".into(),
        },
        Event::PartEnd { choice, part: 0 },
        Event::Finish {
            choice,
            finish: Finish::Length,
        },
        Event::End,
    ];
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    let mut writer = Ollama.writer(&chat(), stamp());
    said.iter().for_each(|event| writer.write(event, &mut out, &mut losses));
    assert_eq!(losses[0].field, "tool_calls[0].arguments");
    let events = events(&[&out]).unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Delta { text, .. } if text == r#"{"input":"{\"a\":"}"#))
    );
}

#[test]
fn what_an_answer_cannot_say_is_reported() {
    let mut response = answer();
    response.choices[0].parts = vec![
        Part::Refusal("no".into()),
        Part::Video {
            source: gateway_types::chat::Source::Url("u".into()),
            cache: None,
        },
    ];
    response.choices[0].finish = Some(Finish::Filtered);
    response.choices.push(Choice::default());
    let (body, losses) = written(&response, &chat());
    assert_eq!(body["message"]["content"], "no");
    let mut fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["choices[1]", "content[0]", "content[1]", "done_reason", "usage"]
    );
}

#[test]
fn whole_answers_that_failed_are_errors() {
    for (body, kind) in [
        (
            r#"{"error":"the model failed to generate a response"}"#,
            ErrorKind::UpstreamFailed,
        ),
        (
            r#"{"error":"the input length exceeds the context length"}"#,
            ErrorKind::ContextExceeded,
        ),
        (r#"{"model":"m","done":true}"#, ErrorKind::UpstreamFailed),
        ("<html>", ErrorKind::UpstreamFailed),
    ] {
        assert_eq!(
            Ollama
                .response(body.as_bytes(), &target("m"), stamp())
                .unwrap_err()
                .kind,
            kind,
            "{body}"
        );
        let seen = Ollama.observe(Operation::Chat, &http::HeaderMap::new(), body.into());
        assert_eq!(seen.unwrap_err().kind, kind, "{body}");
    }
    let vectors = Ollama.observe(Operation::Embeddings, &http::HeaderMap::new(), "{}".into());
    assert_eq!(vectors.unwrap_err().kind, ErrorKind::UpstreamFailed);
}

#[test]
fn streams_are_lines_and_say_so() {
    assert_eq!(Ollama.stream_type(StreamForm::Usual), "application/x-ndjson");
}

#[test]
fn vectors_come_in_the_form_that_was_asked_for() {
    let response = EmbedResponse {
        id: String::new(),
        model: "e".into(),
        vectors: vec![vec![0.5, -1.0]],
        usage: Some(Usage {
            input: 3,
            ..Usage::default()
        }),
    };
    let json =
        |asked: &Call| -> Value { serde_json::from_slice(&Ollama.write_embed(&response, asked).unwrap()).unwrap() };
    let newer = call(Operation::Embeddings, r#"{"model":"e","input":["a"],"dimensions":2}"#);
    assert_eq!(
        json(&newer),
        json!({"model": "e", "embeddings": [[0.5, -1.0]], "prompt_eval_count": 3})
    );
    assert_eq!(Ollama.read_embed(&newer).unwrap().dimensions, Some(2));
    let older = call(Operation::Embeddings, r#"{"model":"e","prompt":"a"}"#);
    assert_eq!(json(&older), json!({"embedding": [0.5, -1.0]}));
    let tokens = EmbedRequest {
        dialect: DialectName::OpenAi,
        inputs: vec![EmbedInput::Tokens(vec![1])],
        dimensions: None,
        task: None,
        encoding: Encoding::Float,
        user: Some("u".into()),
        extras: Default::default(),
    };
    assert_eq!(
        Ollama
            .embed(&tokens, &target("e"), &mut Vec::new())
            .unwrap_err()
            .param
            .as_deref(),
        Some("input[0]")
    );
    let text = EmbedRequest {
        inputs: vec![EmbedInput::Text("a".into())],
        ..tokens
    };
    let mut losses = Vec::new();
    Ollama.embed(&text, &target("e"), &mut losses).unwrap();
    assert_eq!(losses[0].field, "user");
}
