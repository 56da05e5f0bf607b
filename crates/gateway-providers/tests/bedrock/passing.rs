//! Streams on their way to a client of the same dialect: held back until content comes, and ended where they must be.

use bytes::Bytes;
use gateway_providers::ProviderDialect;
use gateway_providers::bedrock::Bedrock;
use gateway_providers::framing::eventstream::{write_event, write_exception};
use gateway_providers::lane::{Close, Observed, Relay};
use gateway_types::{Error, ErrorKind, Operation};
use serde_json::json;

use crate::assembled::{message_of, messages};
use crate::golden::{call, good};
use crate::target;

pub(crate) fn relay(operation: Operation, model: &str) -> Box<dyn Relay> {
    Bedrock.relay(&call(operation, true, "{}"), &target(model))
}

/// What passes of a stream that comes in those pieces.
pub(crate) fn pass(operation: Operation, pieces: &[&[u8]]) -> Result<(Vec<u8>, Observed), Error> {
    let mut relay = relay(operation, "anthropic.claude-served");
    let mut out = Vec::new();
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), &mut out)?;
    }
    relay.finish(&mut out)?;
    Ok((out.concat(), relay.observed().clone()))
}

/// A stream of those events; a name with a mark before it is an exception.
pub(crate) fn stream(events: &[(&'static str, serde_json::Value)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, payload) in events {
        match name.strip_prefix('!') {
            Some(exception) => write_exception(exception, payload.to_string().into_bytes(), &mut out),
            None => write_event(name, payload.to_string().into_bytes(), &mut out),
        }
    }
    out
}

fn started() -> Vec<u8> {
    stream(&[("messageStart", json!({"role": "assistant"}))])
}

fn text(text: &str) -> Vec<u8> {
    stream(&[(
        "contentBlockDelta",
        json!({"contentBlockIndex": 0, "delta": {"text": text}}),
    )])
}

#[test]
fn nothing_goes_out_before_content_does() {
    let mut relay = relay(Operation::Chat, "m");
    let mut out = Vec::new();
    relay.feed(started().into(), &mut out).unwrap();
    relay.feed(text("").into(), &mut out).unwrap();
    assert!(out.is_empty() && !relay.observed().content);
    relay.feed(text("a").into(), &mut out).unwrap();
    assert_eq!(out.concat(), [started(), text(""), text("a")].concat());
    assert_eq!(relay.observed().output_bytes, 1);
}

#[test]
fn an_exception_before_content_asks_for_another_attempt_and_one_after_it_is_the_clients() {
    let exception = stream(&[("!throttlingException", json!({"message": "slow down"}))]);
    let mut first = relay(Operation::Chat, "m");
    let mut out = Vec::new();
    first.feed(started().into(), &mut out).unwrap();
    let error = first.feed(exception.clone().into(), &mut out).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str(), out.len()),
        (ErrorKind::UpstreamLimited, "slow down", 0)
    );

    let mut later = relay(Operation::Chat, "m");
    later
        .feed([started(), text("a"), exception.clone()].concat().into(), &mut out)
        .unwrap();
    assert!(later.observed().failed);
    assert!(later.finish(&mut out).is_ok());
    assert!(out.concat().ends_with(&exception));
    let sent = out.len();
    later.close(&Close::Length, &mut out);
    assert_eq!(out.len(), sent, "the client has been told");
}

#[test]
fn a_stream_that_breaks_off_says_so() {
    let whole = [started(), text("a")].concat();
    assert_eq!(
        pass(Operation::Chat, &[&whole]).unwrap_err().kind,
        ErrorKind::UpstreamFailed
    );
    assert!(pass(Operation::Chat, &[&whole[..whole.len() - 1]]).is_err());
    // Where the reason has come, only the report is missing.
    let ended = stream(&[
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("messageStop", json!({"stopReason": "end_turn"})),
    ]);
    let (_, observed) = pass(Operation::Chat, &[&whole, &ended]).unwrap();
    assert_eq!(
        (observed.done, observed.finish.as_deref(), observed.usage),
        (true, Some("end_turn"), None)
    );
}

#[test]
fn bytes_that_are_no_stream_are_an_error() {
    for noise in [&b"{\"message\":\"no\"}  "[..], b"<html><body></body></html>", &[0; 20]] {
        assert!(pass(Operation::Chat, &[noise]).is_err());
    }
}

/// Cuts a stream after every frame of it and in the middle of the next, closes it, and looks at what the client has.
fn check(stream: &[u8], how: &Close, look: impl Fn(&[u8])) {
    let mut at = 0;
    let mut ends = vec![0];
    while let Some(length) = stream.get(at..at + 4) {
        at += u32::from_be_bytes(length.try_into().unwrap()) as usize;
        ends.push(at);
    }
    for end in ends {
        for further in [0, 7] {
            let mut relay = relay(Operation::Chat, "m");
            let mut out = Vec::new();
            let cut = (end + further).min(stream.len());
            relay.feed(Bytes::copy_from_slice(&stream[..cut]), &mut out).unwrap();
            relay.close(how, &mut out);
            look(&out.concat());
            let sent = out.len();
            relay.close(how, &mut out);
            assert_eq!(out.len(), sent, "closed once");
        }
    }
}

#[test]
fn a_closed_stream_is_a_whole_message_from_wherever_it_stands() {
    for recording in good("converse", true) {
        let stream = recording.answered();
        let own = message_of(&stream)["stopReason"].clone();
        check(&stream, &Close::Length, |sent| {
            let (events, id) = (messages(sent), &recording.id);
            let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(
                (names.first(), names.last()),
                (Some(&"messageStart"), Some(&"metadata")),
                "{id}"
            );
            let reason = &message_of(sent)["stopReason"];
            assert!(*reason == "max_tokens" || *reason == own, "{id}: {reason}");
            let stops = names.iter().filter(|name| **name == "messageStop").count();
            assert_eq!(stops, 1, "{id}");
            balanced(&events, id);
        });
    }
}

/// Every block that has begun has ended, once.
fn balanced(events: &[(String, serde_json::Value)], id: &str) {
    let indexes = |wanted: &[&str]| {
        let mut found: Vec<u64> = events
            .iter()
            .filter(|(name, _)| wanted.contains(&name.as_str()))
            .map(|(_, payload)| payload["contentBlockIndex"].as_u64().unwrap())
            .collect();
        found.sort_unstable();
        found
    };
    let mut begun = indexes(&["contentBlockStart", "contentBlockDelta"]);
    begun.dedup();
    assert_eq!(indexes(&["contentBlockStop"]), begun, "{id}");
}

#[test]
fn a_stream_that_fails_ends_in_an_exception() {
    for recording in good("converse", true).take(2) {
        let stream = recording.answered();
        let error = Error::new(ErrorKind::UpstreamTimeout, "nothing came");
        check(&stream, &Close::Error(error), |sent| {
            let events = messages(sent);
            let (name, payload) = events.last().unwrap();
            if name != "metadata" {
                assert_eq!(
                    (name.as_str(), &payload["message"]),
                    ("!modelStreamErrorException", &json!("nothing came"))
                );
            }
        });
    }
}
