//! Events to be written, and what a client makes of what is written: put together by the letter of the vendor's page on
//! streaming, its grammar checked.

use bytes::Bytes;
use gateway_providers::ClientDialect;
use gateway_providers::anthropic::Anthropic;
use gateway_types::chat::{Event, Finish, Opaque, PartStart};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, DialectName, Operation, Usage};
use serde_json::Value;

use crate::STAMP;
use crate::assembled::message_of;

pub(crate) fn call() -> Call {
    // 56 bytes: likely 14 tokens.
    let body = r#"{"model":"m","max_tokens":9,"stream":true,"messages":[]}"#;
    Anthropic
        .decode(&Asked::plain(Operation::Chat), Bytes::from(body))
        .unwrap()
}

pub(crate) fn opaque(dialect: DialectName, value: &str) -> Opaque {
    Opaque {
        dialect,
        maker: Some(("p".into(), "m".into())),
        value: value.into(),
    }
}

/// A stream of those events.
pub(crate) fn stream(events: Vec<Event>) -> (String, Vec<Loss>) {
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    let mut writer = Anthropic.writer(&call(), STAMP);
    for event in events {
        writer.write(&event, &mut out, &mut losses);
    }
    (String::from_utf8(out).unwrap(), losses)
}

/// The message that a client puts together from those events, and the report. The provider has reported what was used.
pub(crate) fn message(mut events: Vec<Event>) -> (Value, Vec<Loss>) {
    events.insert(0, Event::Usage(Usage::default()));
    let (stream, losses) = stream(events);
    grammar(&stream);
    (message_of(&stream), losses)
}

/// The vendor's grammar: one message, blocks one after the other, the end. Only calls of tools may be open together, where
/// the other side has them so.
pub(crate) fn grammar(stream: &str) {
    let mut open: Vec<Value> = Vec::new();
    let mut calling = false;
    let mut blocks = 0;
    let frames: Vec<&str> = stream.split_terminator("\n\n").collect();
    for (at, frame) in frames.iter().enumerate() {
        let (name, data) = frame.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        let kind = name.strip_prefix("event: ").unwrap();
        assert_eq!(data["type"], kind);
        match kind {
            "message_start" => assert_eq!(at, 0),
            "content_block_start" => {
                assert!(open.is_empty() || calling, "{stream}");
                assert_eq!(data["index"].as_u64(), Some(blocks));
                blocks += 1;
                calling = data["content_block"]["type"] == "tool_use";
                open.push(data["index"].clone());
            }
            "content_block_delta" => assert!(open.contains(&data["index"]), "{stream}"),
            "content_block_stop" => {
                let at = open.iter().position(|index| *index == data["index"]);
                open.remove(at.unwrap());
            }
            "message_delta" => assert_eq!((at, open.len()), (frames.len() - 2, 0)),
            "message_stop" => assert_eq!(at, frames.len() - 1),
            other => panic!("{other}"),
        }
    }
    assert!(frames.len() > 2, "{stream}");
}

pub(crate) fn start() -> Event {
    Event::Start {
        id: "chatcmpl-1".into(),
        model: "gpt-x".into(),
        created: Some(1),
    }
}

pub(crate) fn begins(part: u32, start: PartStart) -> Event {
    Event::PartStart { choice: 0, part, start }
}

pub(crate) fn says(part: u32, text: &str) -> Event {
    Event::Delta {
        choice: 0,
        part,
        text: text.into(),
    }
}

pub(crate) fn signs(part: u32, signature: Opaque) -> Event {
    Event::Signature {
        choice: 0,
        part,
        signature,
    }
}

pub(crate) fn ends(part: u32) -> Event {
    Event::PartEnd { choice: 0, part }
}

pub(crate) fn calls(id: &str, name: &str, freeform: bool) -> PartStart {
    PartStart::ToolUse {
        id: id.into(),
        name: name.into(),
        freeform,
    }
}

pub(crate) fn finishes(finish: Finish) -> Event {
    Event::Finish { choice: 0, finish }
}
