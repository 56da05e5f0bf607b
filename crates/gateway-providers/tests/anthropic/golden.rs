//! Real traffic: every recorded answer is read and says what its JSON says, every recorded request is said again as it was,
//! and what is written for a client reads the same as what came from the vendor.

use std::sync::LazyLock;

use bytes::Bytes;
use gateway_providers::anthropic::Anthropic;
use gateway_providers::lane::{Cap, Close};
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::Event;
use gateway_types::{Asked, Call, DialectName, ErrorKind, Operation};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::Value;

use crate::assembled::{from_events, from_json, from_response, message_of, read};
use crate::recorded::{Recording, recordings};
use crate::{STAMP, same, target};

/// The exchanges of this dialect, whoever served them, read once.
fn messages() -> &'static [Recording] {
    static MESSAGES: LazyLock<Vec<Recording>> = LazyLock::new(|| {
        recordings(|recording| matches!(recording.endpoint.as_str(), "messages" | "anthropic-messages"))
    });
    &MESSAGES
}

/// The recorded streams, read once.
fn streams() -> &'static [(String, String)] {
    static STREAMS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let streams = messages()
            .iter()
            .filter(|recording| recording.stream && recording.succeeded());
        streams
            .filter_map(|recording| Some((recording.id.clone(), recording.response.body_text.clone()?)))
            .collect()
    });
    &STREAMS
}

/// The recorded whole answers.
fn answers() -> impl Iterator<Item = (String, Value)> {
    messages().iter().filter_map(|recording| {
        let body: Value = serde_json::from_slice(&recording.answered()).ok()?;
        (recording.succeeded() && body["type"] == "message").then_some((recording.id.clone(), body))
    })
}

fn call(stream: bool) -> Call {
    let body = format!(r#"{{"model":"m","max_tokens":9,"stream":{stream},"messages":[]}}"#);
    Anthropic
        .decode(&Asked::plain(Operation::Chat), Bytes::from(body))
        .unwrap()
}

/// What a client gets of those events, as this dialect's stream.
fn written(events: &[Event]) -> Vec<u8> {
    let mut writer = Anthropic.writer(&call(true), STAMP);
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    for event in events {
        writer.write(event, &mut out, &mut losses);
    }
    assert_eq!(losses, [], "nothing of the dialect's own is lost");
    out
}

#[test]
fn whole_answers_say_what_their_json_says() {
    for (id, message) in answers() {
        let body = message.to_string();
        let response = Anthropic
            .response(body.as_bytes(), &target("claude-served"), STAMP)
            .unwrap();
        let answer = from_response(&response);
        assert_eq!(answer, from_json(&message), "{id}");

        let whole = Anthropic
            .observe(Operation::Chat, &HeaderMap::new(), Bytes::from(body.clone()))
            .unwrap();
        assert_eq!(whole.body, body, "{id}");
        assert_eq!(whole.observed.usage, Some(answer.usage), "{id}");
        assert_eq!(
            whole.observed.finish.as_deref(),
            message["stop_reason"].as_str(),
            "{id}"
        );

        let mut losses = Vec::new();
        let written = Anthropic.write(&response, &call(false), STAMP, &mut losses);
        assert_eq!(losses, [], "{id}");
        let again: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(from_json(&again), answer, "{id}");
        assert_eq!(normal(&again["content"]), normal(&message["content"]), "{id}");
    }
}

#[test]
fn streams_say_what_their_json_says() {
    for (id, stream) in streams() {
        let expected = from_json(&message_of(stream));
        let events = read(&[stream.as_bytes()]).unwrap();
        assert_eq!(from_events(&events), expected, "{id}");
        let again = written(&events);
        let text = String::from_utf8(again.clone()).unwrap();
        assert_eq!(from_json(&message_of(&text)), expected, "{id}");
        assert_eq!(from_events(&read(&[&again]).unwrap()), expected, "{id}");
    }
}

#[test]
fn streams_pass_byte_for_byte() {
    for (id, stream) in streams() {
        let expected = from_json(&message_of(stream));
        let (out, observed) = crate::passing::pass(&[stream.as_bytes()]).unwrap();
        assert_eq!(&out, stream, "{id}");
        assert_eq!(observed.usage, Some(expected.usage), "{id}");
        assert!(observed.done && observed.content, "{id}");
    }
}

#[test]
fn streams_can_be_closed_after_every_frame() {
    for (id, stream) in streams() {
        for (at, _) in stream.match_indices("\n\n") {
            let (mut relay, mut out) = (crate::passing::relay(), Vec::new());
            relay
                .feed(Bytes::copy_from_slice(&stream.as_bytes()[..at + 2]), &mut out)
                .unwrap();
            relay.close(&Close::Length, &mut out);
            let closed = String::from_utf8(out.concat()).unwrap();
            let count = |name: &str| closed.matches(&format!("event: {name}\n")).count();
            assert_eq!(
                count("content_block_start"),
                count("content_block_stop"),
                "{id} at {at}"
            );
            let ends = [count("message_start"), count("message_delta"), count("message_stop")];
            assert_eq!(ends, [1, 1, 1], "{id} at {at}: {closed}");
            assert!(
                relay.observed().finish.is_some() && relay.observed().done,
                "{id} at {at}"
            );
        }
    }
}

#[test]
fn errors_keep_their_status_and_words() {
    for recording in messages().iter().filter(|recording| !recording.succeeded()) {
        let (id, status, body) = (&recording.id, recording.response.status, recording.answered());
        let json: Value = serde_json::from_slice(&body).unwrap();
        let error = ProviderDialect::error(&Anthropic, status, &recording.headers(), body.clone());
        let message = json["error"]["message"].as_str().unwrap();
        let expected = match status {
            401 => ErrorKind::UpstreamAuth,
            404 => ErrorKind::ModelNotFound,
            _ if message.starts_with("prompt is too long") => ErrorKind::ContextExceeded,
            _ => ErrorKind::UpstreamRejected,
        };
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (expected, status, message),
            "{id}"
        );
        assert_eq!(ClientDialect::error(&Anthropic, &error), body, "{id}");
        let words = error.upstream.unwrap();
        assert_eq!(words.body, Some((DialectName::Anthropic, body)), "{id}");
        let sent = recording
            .headers()
            .get("request-id")
            .map(|id| id.to_str().unwrap().to_owned());
        assert_eq!(
            words.request_id,
            sent.or_else(|| json["request_id"].as_str().map(str::to_owned)),
            "{id}"
        );
    }
}

/// A request without what means the same in two spellings: text alone is a block of text, `null` is nothing, a tool is a
/// custom one unless it says otherwise; what the gateway acts on is left out.
fn normal(json: &Value) -> Value {
    match json {
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, value)| {
                let usual = matches!((key.as_str(), value.as_str()), ("type", Some("custom")));
                let fine = *key == "is_error" && **value == Value::Bool(false);
                !(value.is_null() || usual || fine)
            });
            kept.map(|(key, value)| (key.clone(), member(key, value))).collect()
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

fn member(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("content" | "system", Value::String(text)) => serde_json::json!([{"type": "text", "text": text}]),
        ("citations", Value::Array(none)) if none.is_empty() => Value::Null,
        _ => normal(value),
    }
}

#[test]
fn requests_are_said_again_as_they_were() {
    let counts = recordings(|recording| recording.endpoint == "count-tokens" && recording.provider == "anthropic");
    for recording in messages().iter().chain(&counts) {
        let Some(body) = recording.asked() else { continue };
        let counting = recording.path().ends_with("/count_tokens");
        let operation = if counting {
            Operation::CountTokens
        } else {
            Operation::Chat
        };
        let asked = Asked {
            // Where a cloud's path names it.
            model: Some("claude-served".to_owned()),
            ..Asked::plain(operation)
        };
        let call = Anthropic
            .decode(&asked, body.clone())
            .unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        let request = Anthropic
            .read(&call)
            .unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        let (mut losses, target) = (Vec::new(), target(call.model.as_str()));
        let wire = match counting {
            true => Anthropic.count(&request, &target, &mut losses),
            false => Anthropic.request(&request, &target, Cap::Client, &mut losses),
        };
        let said: Value = serde_json::from_slice(&wire.unwrap().body.concat()).unwrap();
        let mut expected: Value = serde_json::from_slice(&body).unwrap();
        let members = expected.as_object_mut().unwrap();
        members.remove("anthropic_version");
        members.insert("model".into(), Value::from(call.model.as_str()));
        if members.get("stream") == Some(&Value::Bool(false)) {
            members.remove("stream");
        }
        same(&normal(&said), &normal(&expected), &recording.id);
        assert_eq!(losses, [], "{}", recording.id);
    }
}

#[test]
fn counts_are_read_and_written() {
    for recording in recordings(|recording| recording.endpoint == "count-tokens" && recording.provider == "anthropic") {
        let body = recording.answered();
        let counted = Anthropic.counted(&body, &target("m")).unwrap();
        let written: Value = serde_json::from_slice(&Anthropic.write_count(counted, &call(false)).unwrap()).unwrap();
        assert_eq!(
            written["input_tokens"],
            serde_json::from_slice::<Value>(&body).unwrap()["input_tokens"]
        );
        let whole = Anthropic
            .observe(Operation::CountTokens, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!((whole.body, whole.observed.done), (body, true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cutting_gives_the_same_events(pick in any::<prop::sample::Index>(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let streams = streams();
        if streams.is_empty() {
            return Ok(());
        }
        let (_, stream) = pick.get(streams);
        crate::streams::check_cuts(stream.as_bytes(), &cuts);
    }

    #[test]
    fn no_request_panics(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in "\\PC{0,3}") {
        let bodies: Vec<Bytes> = messages().iter().filter_map(Recording::asked).collect();
        if bodies.is_empty() {
            return Ok(());
        }
        let body = pick.get(&bodies);
        let at = at.index(body.len());
        let damaged = [&body[..at], with.as_bytes(), &body[at + 1..]].concat();
        if let Ok(call) = Anthropic.decode(&Asked::plain(Operation::Chat), Bytes::from(damaged))
            && let Ok(request) = Anthropic.read(&call)
        {
            let _ = Anthropic.request(&request, &target("m"), Cap::Client, &mut Vec::new());
        }
    }
}
