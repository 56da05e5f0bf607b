//! Real traffic: every recorded answer is read and says what its JSON says, every recorded request is said again as it was,
//! and what is written for a client reads the same as what came from the vendor.

use std::sync::LazyLock;

use bytes::Bytes;
use gateway_providers::bedrock::Bedrock;
use gateway_providers::lane::Cap;
use gateway_providers::{ClientDialect, ProviderDialect};
use gateway_types::chat::Event;
use gateway_types::{Asked, Call, DialectName, ErrorKind, Operation, StreamForm};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::Value;

use crate::assembled::{from_events, from_json, from_response, message_of, read};
use crate::recorded::{Recording, recordings};
use crate::{STAMP, same, target};

/// The exchanges of Bedrock, read once.
pub(crate) fn exchanges() -> &'static [Recording] {
    static EXCHANGES: LazyLock<Vec<Recording>> =
        LazyLock::new(|| recordings(|recording| recording.provider == "bedrock"));
    &EXCHANGES
}

/// Those of an endpoint that went well.
pub(crate) fn good(endpoint: &'static str, stream: bool) -> impl Iterator<Item = &'static Recording> {
    exchanges()
        .iter()
        .filter(move |recording| recording.endpoint == endpoint && recording.stream == stream && recording.succeeded())
}

/// What the path of a recorded request says.
pub(crate) fn asked(recording: &Recording) -> Asked {
    let mut segments = recording.path().rsplit('/');
    let operation = match segments.next().unwrap() {
        "converse" | "converse-stream" => Operation::Chat,
        "count-tokens" => Operation::CountTokens,
        _ => Operation::Invoke,
    };
    let model = segments.next().unwrap().replace("%3A", ":").replace("%2F", "/");
    Asked {
        model: Some(model),
        stream: recording.stream.then_some(StreamForm::Usual),
        ..Asked::plain(operation)
    }
}

pub(crate) fn call(operation: Operation, stream: bool, body: &str) -> Call {
    let asked = Asked {
        model: Some("anthropic.claude-served".to_owned()),
        stream: stream.then_some(StreamForm::Usual),
        ..Asked::plain(operation)
    };
    Bedrock.decode(&asked, Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// What a client gets of those events, as this dialect's stream.
pub(crate) fn written(events: &[Event]) -> Vec<u8> {
    let mut writer = Bedrock.writer(&call(Operation::Chat, true, "{}"), STAMP);
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    for event in events {
        writer.write(event, &mut out, &mut losses);
    }
    assert_eq!(losses, [], "nothing of the dialect's own is lost");
    out
}

#[test]
fn whole_answers_say_what_their_json_says() {
    for recording in good("converse", false) {
        let (id, body) = (&recording.id, recording.answered());
        let said: Value = serde_json::from_slice(&body).unwrap();
        let response = Bedrock.response(&body, &target("served"), STAMP).unwrap();
        let answer = from_response(&response);
        assert_eq!(answer, from_json(&said), "{id}");
        if let Some(total) = said["usage"]["totalTokens"].as_u64() {
            assert_eq!(answer.usage.total(), total, "{id}");
        }

        let whole = Bedrock
            .observe(Operation::Chat, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!((&whole.body, whole.observed.usage), (&body, Some(answer.usage)), "{id}");
        assert_eq!(whole.observed.finish.as_deref(), said["stopReason"].as_str(), "{id}");

        let mut losses = Vec::new();
        let written = Bedrock.write(&response, &call(Operation::Chat, false, "{}"), STAMP, &mut losses);
        assert_eq!(losses, [], "{id}");
        let again: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(from_json(&again).pieces, answer.pieces, "{id}");
        assert_eq!(
            (from_json(&again).finish, from_json(&again).usage),
            (answer.finish, answer.usage),
            "{id}"
        );
        for key in [
            "metrics",
            "trace",
            "serviceTier",
            "performanceConfig",
            "additionalModelResponseFields",
        ] {
            assert_eq!(again[key], said[key], "{id} {key}");
        }
    }
}

#[test]
fn streams_say_what_their_json_says() {
    for recording in good("converse", true) {
        let (id, stream) = (&recording.id, recording.answered());
        let expected = from_json(&message_of(&stream));
        let events = read(&[&stream]).unwrap();
        assert_eq!(from_events(&events), expected, "{id}");
        let again = written(&events);
        assert_eq!(from_json(&message_of(&again)), expected, "{id}");
        assert_eq!(from_events(&read(&[&again]).unwrap()), expected, "{id}");
    }
}

#[test]
fn streams_pass_byte_for_byte() {
    for recording in good("converse", true) {
        let (id, stream) = (&recording.id, recording.answered());
        let expected = from_json(&message_of(&stream));
        let (out, observed) = crate::passing::pass(Operation::Chat, &[&stream]).unwrap();
        assert_eq!(out, stream, "{id}");
        assert_eq!(observed.usage, Some(expected.usage), "{id}");
        assert!(
            observed.done && observed.content && observed.output_bytes > 0 || expected.pieces.is_empty(),
            "{id}"
        );
    }
}

#[test]
fn errors_keep_their_status_and_words() {
    for recording in exchanges().iter().filter(|recording| !recording.succeeded()) {
        let (id, status, body) = (&recording.id, recording.response.status, recording.answered());
        let said: Value = serde_json::from_slice(&body).unwrap();
        let error = ProviderDialect::error(&Bedrock, status, &recording.headers(), body.clone());
        let message = said["message"].as_str().unwrap();
        let expected = match status {
            _ if message.contains("identifier is invalid") || message.contains("don't have access") => {
                ErrorKind::ModelNotFound
            }
            403 => ErrorKind::UpstreamAuth,
            _ => ErrorKind::UpstreamRejected,
        };
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (expected, status, message),
            "{id}"
        );
        assert_eq!(ClientDialect::error(&Bedrock, &error), body, "{id}");
        let words = error.upstream.unwrap();
        assert_eq!(words.body, Some((DialectName::Bedrock, body)), "{id}");
        let sent = |name| {
            recording
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(words.request_id, sent("x-amzn-requestid"), "{id}");
        assert_eq!(
            words.kind,
            sent("x-amzn-errortype").map(|kind| kind.split(':').next().unwrap().to_owned()),
            "{id}"
        );
    }
}

#[test]
fn requests_are_said_again_as_they_were() {
    let said_again = exchanges().iter().filter(|recording| recording.endpoint != "invoke");
    for recording in said_again {
        let Some(body) = recording.asked() else { continue };
        let expected: Value = serde_json::from_slice(&body).unwrap();
        if expected["input"]["invokeModel"].is_object() {
            continue;
        }
        let asked = asked(recording);
        let call = Bedrock
            .decode(&asked, body.clone())
            .unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        let request = Bedrock
            .read(&call)
            .unwrap_or_else(|error| panic!("{}: {error}", recording.id));
        let (mut losses, target) = (Vec::new(), target(call.model.as_str()));
        let wire = match asked.operation {
            Operation::CountTokens => Bedrock.count(&request, &target, &mut losses),
            _ => Bedrock.request(&request, &target, Cap::Client, &mut losses),
        }
        .unwrap();
        let said: Value = serde_json::from_slice(&wire.body.concat()).unwrap();
        same(&said, &expected, &recording.id);
        assert_eq!(losses, [], "{}", recording.id);
        let plain = |path: &str| path.replace("%3A", ":");
        if asked.operation == Operation::Chat {
            assert_eq!(plain(wire.uri.path()), plain(recording.path()));
        }
    }
}

#[test]
fn requests_pass_byte_for_byte() {
    for recording in exchanges() {
        let Some(body) = recording.asked() else { continue };
        let asked = asked(recording);
        let call = Bedrock.decode(&asked, body.clone()).unwrap();
        let wire = Bedrock
            .pass(&call, &target(call.model.as_str()), Cap::Client, &HeaderMap::new())
            .unwrap();
        assert_eq!(wire.body.concat(), body, "{}", recording.id);
        let plain = |path: &str| path.replace("%3A", ":");
        if asked.operation != Operation::CountTokens {
            assert_eq!(plain(wire.uri.path()), plain(recording.path()), "{}", recording.id);
        }
    }
}

#[test]
fn counts_are_read_and_written() {
    for recording in good("count-tokens", false) {
        let body = recording.answered();
        let counted = Bedrock.counted(&body, &target("m")).unwrap();
        let written = Bedrock
            .write_count(counted, &call(Operation::CountTokens, false, "{}"))
            .unwrap();
        same(
            &serde_json::from_slice(&written).unwrap(),
            &serde_json::from_slice(&body).unwrap(),
            &recording.id,
        );
        let whole = Bedrock
            .observe(Operation::CountTokens, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!((whole.body, whole.observed.done), (body, true));
    }
}

/// Cuts a stream at those places.
pub(crate) fn pieces<'s>(stream: &'s [u8], cuts: &[usize]) -> Vec<&'s [u8]> {
    let mut cuts: Vec<usize> = cuts
        .iter()
        .map(|cut| cut % (stream.len() + 1))
        .chain([0, stream.len()])
        .collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cutting_gives_the_same(which in any::<prop::sample::Index>(), cuts in proptest::collection::vec(any::<usize>(), 0..12)) {
        let streams: Vec<_> = good("converse", true).collect();
        if streams.is_empty() {
            return Ok(());
        }
        let stream = which.get(&streams).answered();
        let pieces = pieces(&stream, &cuts);
        prop_assert_eq!(from_events(&read(&pieces).unwrap()), from_json(&message_of(&stream)));
        let (out, observed) = crate::passing::pass(Operation::Chat, &pieces).unwrap();
        prop_assert!(out == stream && observed.done);
    }

    #[test]
    fn bytes_that_changed_on_the_way_are_an_error_and_no_panic(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let streams: Vec<_> = good("converse", true).collect();
        if streams.is_empty() {
            return Ok(());
        }
        let mut stream = which.get(&streams).answered().to_vec();
        let at = at.index(stream.len());
        prop_assume!(stream[at] != byte);
        stream[at] = byte;
        prop_assert!(!read(&[&stream]).is_ok_and(|events| matches!(events.last(), Some(Event::End))) );
        prop_assert!(crate::passing::pass(Operation::Chat, &[&stream]).is_err());
    }
}
