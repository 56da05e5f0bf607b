//! Cases that no recording shows: answers of others for Cohere's clients, vectors and orders in every form.

use gateway_providers::cohere::Cohere;
use gateway_providers::{ClientDialect, ProviderDialect, seal};
use gateway_types::chat::{
    Choice, Citation, Event, Finish, Opaque, Part, PartStart, Reasoning, Response, Source, ToolUse, Verbatim,
};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, ErrorKind, Operation, Usage};
use serde_json::{Value, json};

use crate::{call, events, stamp, streamed, target};

fn signature() -> Opaque {
    Opaque {
        dialect: DialectName::Anthropic,
        maker: Some(("anthropic".into(), "claude".into())),
        value: "c2ln".into(),
    }
}

fn answer(parts: Vec<Part>, finish: Finish) -> Response {
    Response {
        id: "x".into(),
        model: "claude".into(),
        choices: vec![Choice {
            parts,
            finish: Some(finish),
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

fn written(response: &Response) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let asked = call(Operation::Chat, r#"{"model":"m","messages":[]}"#);
    let body = Cohere.write(response, &asked, stamp(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), losses)
}

fn cited(url: &str) -> Citation {
    Citation {
        url: Some(url.into()),
        title: Some("T".into()),
        quote: Some("q".into()),
        range: None,
        verbatim: Verbatim {
            dialect: DialectName::Anthropic,
            json: serde_json::from_str("{}").unwrap(),
        },
    }
}

fn text(text: &str, citations: Vec<Citation>) -> Part {
    Part::Text {
        text: text.into(),
        cache: None,
        citations,
        signature: None,
    }
}

#[test]
fn an_answer_of_another_provider_is_one_of_this_api() {
    let parts = vec![
        Part::Reasoning(Reasoning {
            text: "hm".into(),
            signature: Some(signature()),
            encrypted: None,
        }),
        Part::Reasoning(Reasoning {
            encrypted: Some(signature()),
            ..Reasoning::default()
        }),
        text("It is ", Vec::new()),
        text("größer", vec![cited("https://a/b")]),
    ];
    let (body, losses) = written(&answer(parts, Finish::StopSequence(Some("x".into()))));
    let content = &body["message"]["content"];
    assert_eq!(content[0]["thinking"], "hm");
    assert_eq!(seal::open(content[0]["signature"].as_str().unwrap()), Some(signature()));
    assert_eq!(seal::open(content[1]["encrypted"].as_str().unwrap()), Some(signature()));
    assert_eq!(
        content[2],
        json!({"type": "text", "text": "It is größer"}),
        "neighbouring texts are one"
    );
    let citation = &body["message"]["citations"][0];
    assert_eq!(
        (citation["start"].as_u64(), citation["end"].as_u64()),
        (Some(6), Some(12))
    );
    assert_eq!(
        (citation["text"].as_str(), citation["content_index"].as_u64()),
        (Some("größer"), Some(2))
    );
    assert_eq!(body["finish_reason"], "STOP_SEQUENCE");
    let usage = json!({"billed_units": {"input_tokens": 5, "output_tokens": 5}, "tokens": {"input_tokens": 5, "output_tokens": 5, "reasoning_tokens": 1}, "cached_tokens": 3});
    assert_eq!(body["usage"], usage);
    assert!(losses.is_empty(), "{losses:?}");
}

#[test]
fn what_another_provider_signed_comes_back_with_the_next_turn() {
    let tool = ToolUse {
        id: "call_1".into(),
        name: "f".into(),
        arguments: "{}".into(),
        signature: Some(signature()),
        ..ToolUse::default()
    };
    let thought = Reasoning {
        text: "hm".into(),
        signature: Some(signature()),
        encrypted: None,
    };
    let parts = vec![
        Part::Reasoning(thought.clone()),
        text("I will look.", Vec::new()),
        Part::ToolUse(tool.clone()),
    ];
    let (body, _) = written(&answer(parts, Finish::Tools));
    assert_eq!(body["message"]["tool_plan"], "I will look.");
    let mut message = body["message"].clone();
    let sealed = message["tool_calls"][0]["id"].as_str().unwrap().to_owned();
    message["role"] = json!("assistant");
    let next = json!({"model": "m", "messages": [
        {"role": "user", "content": "u"}, message, {"role": "tool", "tool_call_id": sealed, "content": "1"}]});
    let request = Cohere.read(&call(Operation::Chat, next.to_string())).unwrap();
    let [Part::Reasoning(back), Part::Text { .. }, Part::ToolUse(called)] = &request.messages[1].parts[..] else {
        panic!("{:?}", request.messages[1])
    };
    assert_eq!(back, &thought);
    assert_eq!((called.id.as_str(), &called.signature), ("call_1", &tool.signature));
    assert!(matches!(&request.messages[2].parts[0], Part::ToolResult(result) if result.id == "call_1"));
}

#[test]
fn what_an_answer_cannot_say_is_reported() {
    let image = Part::Image {
        source: Source::Url("https://a/b.png".into()),
        detail: None,
        cache: None,
    };
    let mut response = answer(vec![Part::Refusal("no".into()), image], Finish::Refusal);
    response.choices.push(Choice::default());
    let (body, losses) = written(&response);
    assert_eq!(
        (
            body["message"]["content"][0]["text"].as_str(),
            body["finish_reason"].as_str()
        ),
        (Some("no"), Some("COMPLETE"))
    );
    let fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
    assert_eq!(fields, ["choices[1]", "content[0]", "content[1]", "finish_reason"]);
}

#[test]
fn a_stream_of_another_provider_is_one_of_this_api() {
    let (choice, part) = (0, |part| part);
    let delta = |part: u32, text: &str| Event::Delta {
        choice,
        part,
        text: text.into(),
    };
    let start = |part: u32, start: PartStart| Event::PartStart { choice, part, start };
    let end = |part: u32| Event::PartEnd { choice, part };
    let said = [
        Event::Start {
            id: "x".into(),
            model: "claude".into(),
            created: None,
        },
        start(part(0), PartStart::Reasoning),
        delta(0, "hm"),
        Event::Signature {
            choice,
            part: 0,
            signature: signature(),
        },
        end(0),
        start(1, PartStart::Text),
        delta(1, "It is "),
        end(1),
        start(2, PartStart::Text),
        delta(2, "so"),
        Event::Citation {
            choice,
            part: 2,
            citation: cited("https://a/b"),
        },
        end(2),
        start(
            3,
            PartStart::ToolUse {
                id: "c".into(),
                name: "f".into(),
                freeform: false,
            },
        ),
        Event::Signature {
            choice,
            part: 3,
            signature: signature(),
        },
        delta(3, "{}"),
        end(3),
        Event::Usage(Usage {
            input: 1,
            output: 2,
            ..Usage::default()
        }),
        Event::Finish {
            choice,
            finish: Finish::Tools,
        },
        Event::End,
    ];
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    let mut writer = Cohere.writer(&streamed(), stamp());
    said.iter().for_each(|event| writer.write(event, &mut out, &mut losses));
    assert!(losses.is_empty(), "{losses:?}");
    let frames: Vec<Value> = String::from_utf8(out.clone())
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
        .collect();
    let kinds: Vec<&str> = frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    let expected = [
        "message-start",
        "content-start",
        "content-delta",
        "content-delta",
        "content-end",
        "content-start",
        "content-delta",
        "content-delta",
        "citation-start",
        "citation-end",
        "content-end",
        "tool-call-start",
        "tool-call-delta",
        "tool-call-end",
        "message-end",
    ];
    assert_eq!(kinds, expected);
    let sealed = frames[3]
        .pointer("/delta/message/content/signature")
        .unwrap()
        .as_str()
        .unwrap();
    assert_eq!(seal::open(sealed), Some(signature()));
    let citation = frames[8].pointer("/delta/message/citations").unwrap();
    assert_eq!(
        (
            citation["start"].as_u64(),
            citation["end"].as_u64(),
            citation["text"].as_str()
        ),
        (Some(6), Some(8), Some("so"))
    );
    let id = frames[11]
        .pointer("/delta/message/tool_calls/id")
        .unwrap()
        .as_str()
        .unwrap();
    assert_eq!(seal::from_id(id), ("c", Some(signature())));
    assert!(events(&[&out]).is_ok());
}

#[test]
fn whole_answers_that_failed_are_errors() {
    for (body, kind) in [
        (
            r#"{"id":"x","finish_reason":"ERROR","message":{"role":"assistant","content":[]}}"#,
            ErrorKind::UpstreamFailed,
        ),
        (
            r#"{"id":"x","finish_reason":"TIMEOUT","message":{"role":"assistant"}}"#,
            ErrorKind::UpstreamTimeout,
        ),
        (r#"{"id":"x","message":"it broke"}"#, ErrorKind::UpstreamFailed),
        ("{}", ErrorKind::UpstreamFailed),
        ("<html>", ErrorKind::UpstreamFailed),
    ] {
        assert_eq!(
            Cohere
                .response(body.as_bytes(), &target("m"), stamp())
                .unwrap_err()
                .kind,
            kind,
            "{body}"
        );
        let seen = Cohere.observe(Operation::Chat, &http::HeaderMap::new(), body.into());
        assert_eq!(seen.unwrap_err().kind, kind, "{body}");
    }
    let odd = r#"{"message":{"content":"plain","tool_calls":null,"citations":null},"usage":{"billed_units":"none"}}"#;
    let response = Cohere.response(odd.as_bytes(), &target("m"), stamp()).unwrap();
    assert!(matches!(&response.choices[0].parts[..], [Part::Text { text, .. }] if text == "plain"));
    assert!(response.usage.is_none() && !response.id.is_empty());
}
