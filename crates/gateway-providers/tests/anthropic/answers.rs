//! The client's side: answers and streams that are written.

use gateway_providers::anthropic::Anthropic;
use gateway_providers::{ClientDialect, seal};
use gateway_types::chat::{
    Choice, Citation, Event, Finish, Part, PartStart, Reasoning, Response, Source, ToolUse, Verbatim,
};
use gateway_types::loss::Fate;
use gateway_types::{DialectName, Error, ErrorKind, Usage};
use serde_json::{Value, json};

use crate::STAMP;
use crate::assembled::message_of;
use crate::events::{begins, call, calls, ends, finishes, grammar, message, opaque, says, signs, start, stream};

fn used() -> Usage {
    Usage {
        input: 10,
        cache_read: 20,
        cache_write: 3,
        cache_write_hour: 4,
        output: 5,
        reasoning: 6,
        ..Usage::default()
    }
}

const COUNTS: &str = r#"{"input_tokens":10,"cache_creation_input_tokens":7,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"output_tokens":11,"output_tokens_details":{"thinking_tokens":6}}"#;

#[test]
fn the_plainest_stream_is_written_to_the_letter() {
    let (stream, losses) = stream(vec![
        start(),
        begins(0, PartStart::Text),
        says(0, "Hi"),
        says(0, "!"),
        ends(0),
        finishes(Finish::Stop),
        Event::Usage(used()),
        Event::End,
    ]);
    let expected = [
        r#"{"type":"message_start","message":{"id":"chatcmpl-1","type":"message","role":"assistant","model":"gpt-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":14,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"!"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        &format!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn","stop_sequence":null}},"usage":{COUNTS}}}"#
        ),
        r#"{"type":"message_stop"}"#,
    ];
    let frames: Vec<String> = expected
        .iter()
        .map(|data| {
            let kind: Value = serde_json::from_str(data).unwrap();
            format!("event: {}\ndata: {data}\n\n", kind["type"].as_str().unwrap())
        })
        .collect();
    assert_eq!(stream, frames.concat());
    assert_eq!(losses, []);
}

#[test]
fn usage_that_is_known_stands_at_the_beginning_and_what_is_not_is_likely() {
    let (early, _) = stream(vec![
        start(),
        Event::Usage(used()),
        finishes(Finish::Length),
        Event::End,
    ]);
    assert!(early.starts_with("event: message_start") && early.contains(&format!(r#""usage":{COUNTS}"#)));
    let (unreported, losses) = stream(vec![
        start(),
        begins(0, PartStart::Text),
        says(0, "eight..."),
        finishes(Finish::Stop),
        Event::End,
    ]);
    assert_eq!(
        losses.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(),
        ["usage"]
    );
    let usage = &message_of(&unreported)["usage"];
    assert_eq!(
        (&usage["input_tokens"], &usage["output_tokens"]),
        (&json!(14), &json!(2))
    );
}

#[test]
fn thinking_and_tools_have_their_blocks() {
    let (message, losses) = message(vec![
        start(),
        begins(0, PartStart::Reasoning),
        says(0, "Hm."),
        signs(0, opaque(DialectName::Anthropic, "sig")),
        ends(0),
        begins(1, PartStart::Encrypted(opaque(DialectName::Anthropic, "data"))),
        ends(1),
        begins(2, calls("call_1", "f", false)),
        says(2, ""),
        says(2, "{\"a\":"),
        says(2, "\"\\u00e9\"}"),
        ends(2),
        begins(3, calls("call_2", "g", false)),
        ends(3),
        finishes(Finish::Tools),
        Event::End,
    ]);
    assert_eq!(
        message["content"],
        json!([
            {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
            {"type": "redacted_thinking", "data": "data"},
            {"type": "tool_use", "id": "call_1", "name": "f", "input": {"a": "é"}},
            {"type": "tool_use", "id": "call_2", "name": "g", "input": {}},
        ])
    );
    assert_eq!(message["stop_reason"], "tool_use");
    assert_eq!(losses, []);
}

#[test]
fn foreign_signatures_go_where_they_come_back_from() {
    let gemini = |value| opaque(DialectName::Gemini, value);
    let (message, losses) = message(vec![
        start(),
        begins(0, PartStart::Reasoning),
        signs(0, gemini("thought")),
        ends(0),
        begins(1, PartStart::Text),
        says(1, "Hello."),
        signs(1, gemini("text")),
        ends(1),
        begins(2, calls("call_1", "f", false)),
        signs(2, gemini("call")),
        says(2, "{}"),
        ends(2),
        begins(3, calls("call_2", "f", false)),
        says(3, "{}"),
        signs(3, gemini("late")),
        ends(3),
        finishes(Finish::Tools),
        Event::End,
    ]);
    assert_eq!(
        message["content"],
        json!([
            {"type": "thinking", "thinking": "", "signature": seal::seal(&gemini("thought"))},
            {"type": "text", "text": "Hello."},
            {"type": "redacted_thinking", "data": seal::into_id("text", &gemini("text"))},
            {"type": "tool_use", "id": seal::into_id("call_1", &gemini("call")), "name": "f", "input": {}},
            {"type": "tool_use", "id": "call_2", "name": "f", "input": {}},
        ])
    );
    assert_eq!(losses.len(), 1, "a signature after its call is lost: {losses:?}");
}

#[test]
fn pieces_that_are_open_together_are_blocks_one_after_the_other() {
    let (message, _) = message(vec![
        start(),
        begins(0, PartStart::Reasoning),
        says(0, "a"),
        begins(1, PartStart::Text),
        says(1, "b"),
        says(0, "c"),
        says(1, "d"),
        finishes(Finish::Stop),
        Event::End,
    ]);
    let blocks = message["content"].as_array().unwrap();
    let kinds: Vec<&str> = blocks.iter().map(|block| block["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["thinking", "text", "thinking", "text"]);
    assert!(seal::open(blocks[0]["signature"].as_str().unwrap()).is_some_and(|nothing| nothing.value.is_empty()));
}

#[test]
fn calls_that_are_named_first_get_their_inputs_afterwards() {
    let (message, losses) = message(vec![
        start(),
        begins(0, calls("c", "f", false)),
        ends(0),
        begins(1, calls("d", "g", false)),
        says(0, "{\"a\":1"),
        says(0, "}"),
        says(1, "{\"b\":2}"),
        ends(1),
        finishes(Finish::Tools),
        Event::End,
    ]);
    assert_eq!(
        message["content"],
        json!([
            {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "d", "name": "g", "input": {"b": 2}},
        ])
    );
    assert_eq!(losses, []);
}

#[test]
fn tools_are_wanted_and_refusals_meant_whatever_the_reason_says() {
    let reason = |events: Vec<Event>| {
        let mut all = vec![start()];
        all.extend(events);
        all.push(Event::End);
        let (message, losses) = message(all);
        (
            message["stop_reason"].as_str().unwrap().to_owned(),
            message["stop_sequence"].clone(),
            losses.len(),
        )
    };
    let calling = begins(0, calls("c", "f", false));
    assert_eq!(reason(vec![calling.clone(), finishes(Finish::Stop)]).0, "tool_use");
    assert_eq!(reason(vec![calling.clone()]).0, "tool_use");
    assert_eq!(reason(vec![calling, finishes(Finish::Length)]).0, "max_tokens");
    let (word, _, losses) = reason(vec![
        begins(0, PartStart::Refusal),
        says(0, "No."),
        finishes(Finish::Stop),
    ]);
    assert_eq!((word.as_str(), losses), ("refusal", 2), "the text, and the reason");
    assert_eq!(reason(vec![finishes(Finish::Filtered)]).0, "refusal");
    let (word, text, _) = reason(vec![finishes(Finish::StopSequence(Some("END".into())))]);
    assert_eq!((word.as_str(), text), ("stop_sequence", json!("END")));
    assert_eq!(reason(Vec::new()).0, "end_turn");
}

#[test]
fn a_freeform_call_is_an_input_of_text() {
    let (message, _) = message(vec![
        start(),
        begins(0, calls("c", "patch", true)),
        says(0, "say \"hi\"\n"),
        says(0, "\u{1f980}"),
        ends(0),
        Event::End,
    ]);
    assert_eq!(
        message["content"][0]["input"],
        json!({"input": "say \"hi\"\n\u{1f980}"})
    );
}

#[test]
fn what_has_no_place_is_reported_once() {
    let (message, losses) = message(vec![
        start(),
        begins(0, PartStart::Text),
        says(0, "x"),
        Event::Logprobs {
            choice: 0,
            logprobs: serde_json::from_str("{}").unwrap(),
        },
        Event::Logprobs {
            choice: 0,
            logprobs: serde_json::from_str("{}").unwrap(),
        },
        Event::Delta {
            choice: 1,
            part: 0,
            text: "other".into(),
        },
        ends(0),
        begins(
            1,
            PartStart::Whole(Part::Image {
                source: Source::Url("https://a".into()),
                detail: None,
                cache: None,
            }),
        ),
        ends(1),
        Event::End,
    ]);
    assert_eq!(message["content"], json!([{"type": "text", "text": "x"}]));
    let lost: Vec<(&str, Fate)> = losses.iter().map(|loss| (loss.field.as_str(), loss.fate)).collect();
    assert_eq!(
        lost,
        [
            ("logprobs", Fate::Dropped),
            ("choices[1]", Fate::Dropped),
            ("content[1]", Fate::Dropped),
            ("stop_reason", Fate::Mapped),
        ]
    );
}

#[test]
fn an_error_ends_the_stream() {
    let (stream, _) = stream(vec![
        start(),
        begins(0, PartStart::Text),
        says(0, "x"),
        Event::Error(Error::new(ErrorKind::UpstreamOverloaded, "too much")),
        says(0, "y"),
        Event::End,
    ]);
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"too much"}}"#;
    assert!(
        stream.ends_with(&format!("event: error\ndata: {error}\n\n")),
        "{stream}"
    );
}

#[test]
fn a_whole_answer_says_the_same_as_a_stream() {
    let citation = Citation {
        url: Some("https://a".into()),
        title: None,
        quote: Some("q".into()),
        range: None,
        verbatim: Verbatim {
            dialect: DialectName::OpenAi,
            json: serde_json::from_str(r#"{"type":"url_citation"}"#).unwrap(),
        },
    };
    let call_signature = opaque(DialectName::Gemini, "s");
    let response = Response {
        id: String::new(),
        model: "gpt-x".into(),
        usage: Some(used()),
        choices: vec![
            Choice {
                parts: vec![
                    Part::Reasoning(Reasoning {
                        text: "Hm.".into(),
                        signature: None,
                        encrypted: Some(opaque(DialectName::Responses, "cipher")),
                    }),
                    Part::Text {
                        text: "Hi".into(),
                        cache: None,
                        citations: vec![citation],
                        signature: None,
                    },
                    Part::ToolUse(ToolUse {
                        id: "c".into(),
                        name: "f".into(),
                        arguments: "{\"b\":1,\"a\":2}".into(),
                        signature: Some(call_signature.clone()),
                        ..ToolUse::default()
                    }),
                    Part::ToolUse(ToolUse {
                        id: "d".into(),
                        name: "f".into(),
                        arguments: "{broken".into(),
                        ..ToolUse::default()
                    }),
                ],
                finish: Some(Finish::Stop),
                logprobs: None,
            },
            Choice::default(),
        ],
        ..Response::default()
    };
    let mut losses = Vec::new();
    let body = Anthropic.write(&response, &call(), STAMP, &mut losses);
    let text = std::str::from_utf8(&body).unwrap();
    assert!(
        text.contains(r#""input":{"b":1,"a":2}"#) && text.contains(&format!(r#""usage":{COUNTS}"#)),
        "{text}"
    );
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&body["type"], &body["role"], &body["model"]),
        (&json!("message"), &json!("assistant"), &json!("gpt-x"))
    );
    assert_eq!(
        (&body["stop_reason"], &body["stop_sequence"]),
        (&json!("tool_use"), &Value::Null)
    );
    assert!(body["id"].as_str().unwrap().starts_with("msg_"));
    let content = &body["content"];
    let hidden = seal::into_id("encrypted", &opaque(DialectName::Responses, "cipher"));
    assert_eq!(
        content[0],
        json!({"type": "thinking", "thinking": "Hm.", "signature": hidden})
    );
    assert_eq!(content[1]["citations"][0]["url"], "https://a");
    assert_eq!(content[2]["id"], seal::into_id("c", &call_signature));
    assert_eq!(content[3]["input"], json!({"arguments": "{broken"}));
    let lost: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
    assert_eq!(lost, ["choices[1]", "content[3].input"]);
}

#[test]
fn a_count_is_a_number() {
    assert_eq!(Anthropic.write_count(7, &call()).unwrap(), r#"{"input_tokens":7}"#);
}

/// Nothing that a provider's reader may make of broken bytes breaks the writer.
#[test]
fn events_out_of_order_do_no_harm() {
    let all = [
        start(),
        begins(0, PartStart::Text),
        begins(0, calls("c", "f", true)),
        begins(1, PartStart::Reasoning),
        says(0, "x"),
        says(7, "y"),
        signs(7, opaque(DialectName::Gemini, "s")),
        ends(1),
        ends(9),
        finishes(Finish::Stop),
    ];
    for first in &all {
        for second in &all {
            for third in &all {
                let mut events = vec![first.clone(), second.clone(), third.clone()];
                events.push(Event::End);
                events.push(says(0, "after"));
                let (stream, _) = stream(events);
                grammar(&stream);
            }
        }
    }
}
