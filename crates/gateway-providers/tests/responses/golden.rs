//! Real answers: passed on as they came, and read for what they say.

use bytes::Bytes;
use gateway_providers::responses::Responses;
use gateway_providers::{ClientDialect, ProviderDialect, Relay};
use gateway_types::{ErrorKind, Operation};
use http::HeaderMap;
use serde_json::Value;

use crate::recorded::{Recording, recordings};
use crate::said::Said;
use crate::{asked, events_of, feed, grammar, json, read, stamp, streamed, target, written};

/// Answers that came to an end.
fn answers(stream: bool) -> Vec<Recording> {
    let all = recordings(|recording| {
        recording.endpoint == "responses" && recording.stream == stream && recording.succeeded()
    });
    let ended = |recording: &Recording| {
        let body = recording.answered();
        let response = match stream {
            true => events_of(&body).pop().map(|mut last| last["response"].take()),
            false => serde_json::from_slice(&body).ok(),
        };
        let status = response.and_then(|response: Value| response["status"].as_str().map(str::to_owned));
        matches!(status.as_deref(), Some("completed" | "complete" | "incomplete"))
    };
    all.into_iter().filter(ended).collect()
}

/// Apart from what cannot be compared: two readings of one thing may have other classes for lack of words.
fn without_usage(said: &Said) -> Said {
    Said {
        usage: None,
        ..said.clone()
    }
}

#[test]
fn whole_answers_pass_and_are_seen() {
    for recording in answers(false) {
        let body = recording.answered();
        let whole = Responses
            .observe(Operation::Responses, &recording.headers(), body.clone())
            .unwrap();
        assert_eq!(whole.body, body);
        let (seen, response) = (whole.observed, json(&body));
        assert_eq!(seen.id.as_deref(), response["id"].as_str(), "{}", recording.id);
        assert_eq!(seen.model.as_deref(), response["model"].as_str());
        assert_eq!(
            seen.usage.map(|usage| usage.total()),
            response["usage"]["total_tokens"].as_u64()
        );
        let said = Said::of_json(&response);
        let calls: usize = said.tools.iter().map(|(_, _, arguments)| arguments.len()).sum();
        let all = (said.text.len() + said.thinking.len() + said.refusal.len() + calls) as u64;
        // A search, too, has arguments that the model made.
        let alone = said.own.is_empty();
        assert!(
            seen.output_bytes == all || (!alone && seen.output_bytes > all),
            "{}",
            recording.id
        );
        let word = response["incomplete_details"]["reason"].as_str().unwrap_or("completed");
        assert_eq!(seen.finish.as_deref(), Some(word));
        assert!(seen.content && seen.done && !seen.failed);
    }
}

#[test]
fn whole_answers_are_read_as_their_json_says_and_written_so_that_they_read_the_same() {
    let mut call = asked(&serde_json::json!({"model": "m", "input": "hi"}));
    for recording in answers(false) {
        let body = recording.answered();
        let response = Responses.response(&body, &target("openai"), stamp()).unwrap();
        let said = Said::of_response(&response);
        assert_eq!(without_usage(&said), Said::of_json(&json(&body)), "{}", recording.id);
        assert_eq!(
            said.usage.map(|usage| usage.total()),
            json(&body)["usage"]["total_tokens"].as_u64()
        );
        if let Some(own) = recording.asked().and_then(|body| crate::decoded(body).ok()) {
            call = own;
        }
        let mut losses = Vec::new();
        let again = Responses.write(&response, &call, stamp(), &mut losses);
        let back = Responses.response(&again, &target("openai"), stamp()).unwrap();
        assert_eq!(Said::of_response(&back), said, "{}", recording.id);
        assert_eq!(losses, [], "{}", recording.id);
    }
}

#[test]
fn streams_pass_byte_for_byte_and_are_seen() {
    for recording in answers(true) {
        let stream = recording.answered();
        let mut relay = Responses.relay(&streamed(), &target("openai"));
        let mut out = Vec::new();
        feed(&mut *relay, &[&stream], &mut out).unwrap();
        assert_eq!(out.concat(), stream, "{}", recording.id);
        let seen = relay.observed();
        let response = events_of(&stream).last().unwrap()["response"].clone();
        assert_eq!(json(seen.document.as_ref().unwrap()), response);
        assert_eq!(seen.id.as_deref(), response["id"].as_str());
        assert_eq!(
            seen.usage.map(|usage| usage.total()),
            response["usage"]["total_tokens"].as_u64()
        );
        let word = response["incomplete_details"]["reason"].as_str().unwrap_or("completed");
        assert_eq!(seen.finish.as_deref(), Some(word));
        assert!(seen.content && seen.done && !seen.failed && seen.output_bytes > 0);
    }
}

#[test]
fn streams_are_read_as_their_last_event_says_and_written_so_that_they_read_the_same() {
    for recording in answers(true) {
        let stream = recording.answered();
        let events = read(&stream).unwrap();
        let said = Said::of_events(&events);
        let response = events_of(&stream).last().unwrap()["response"].clone();
        let whole = Responses
            .response(response.to_string().as_bytes(), &target("openai"), stamp())
            .unwrap();
        assert_eq!(said, Said::of_response(&whole), "{}", recording.id);
        let again = written(&streamed(), &events);
        let (kind, response) = grammar::check(&events_of(&again));
        assert_ne!(kind, "response.failed", "{}", recording.id);
        let back = read(&again).unwrap();
        assert_eq!(Said::of_events(&back), said, "{}", recording.id);
        let mut told = Said::of_json(&response);
        told.usage = said.usage;
        assert_eq!(told, said, "{}", recording.id);
    }
}

#[test]
fn recorded_errors_are_recognised_and_reach_a_client_of_the_api_as_they_came() {
    let failed = |recording: &Recording| recording.endpoint == "responses" && !recording.succeeded();
    for recording in recordings(failed) {
        let body = recording.answered();
        let status = recording.response.status;
        let error = ProviderDialect::error(&Responses, status, &recording.headers(), body.clone());
        assert_eq!(error.status(), status, "{}", recording.id);
        let said = serde_json::from_slice::<Value>(&body).map(|mut body| body["error"].take());
        let said = said.unwrap_or_default();
        let expected = match (said["code"].as_str(), status) {
            (Some("model_not_found"), _) => Some(ErrorKind::ModelNotFound),
            (Some("context_length_exceeded"), _) => Some(ErrorKind::ContextExceeded),
            (Some("invalid_api_key"), _) => Some(ErrorKind::UpstreamAuth),
            (Some("insufficient_quota"), _) => Some(ErrorKind::UpstreamQuota),
            (Some("rate_limit_exceeded"), _) => Some(ErrorKind::UpstreamLimited),
            (Some("invalid_value" | "decimal_below_min_value"), 400) => Some(ErrorKind::UpstreamRejected),
            _ => None,
        };
        assert!(
            expected.is_none_or(|kind| kind == error.kind),
            "{}: {error:?}",
            recording.id
        );
        if said.is_object() {
            assert_eq!(ClientDialect::error(&Responses, &error), body);
        }
    }
}

#[test]
fn counts_and_compactions_pass_and_are_seen() {
    let of = |endpoint: &'static str| recordings(move |recording| recording.endpoint == endpoint);
    for recording in of("responses-input-tokens") {
        let body = recording.answered();
        let counted = Responses.counted(&body, &target("openai")).unwrap();
        let written = Responses.write_count(counted, &streamed()).unwrap();
        assert_eq!(json(&written), json(&body));
        let whole = Responses
            .observe(Operation::CountTokens, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!(
            (whole.body, whole.observed.usage.map(|usage| usage.total())),
            (body, Some(0))
        );
    }
    for recording in of("responses-compact") {
        let body = recording.answered();
        let whole = Responses
            .observe(Operation::Responses, &HeaderMap::new(), body.clone())
            .unwrap();
        assert_eq!(whole.body, body);
        let total = json(&body)["usage"]["total_tokens"].as_u64();
        assert_eq!(whole.observed.usage.map(|usage| usage.total()), total);
    }
}

/// The frames of a stream.
pub(crate) fn frames(stream: &Bytes) -> Vec<Bytes> {
    let mut splitter = gateway_providers::framing::sse::Splitter::default();
    splitter.push(stream.clone());
    let mut frames = Vec::new();
    while let Some(frame) = splitter.next_frame().unwrap() {
        frames.push(frame.bytes);
    }
    frames
}

/// The streams of real traffic, and the project's own.
pub(crate) fn streams() -> Vec<Bytes> {
    let recorded = answers(true).into_iter().map(|recording| recording.answered());
    recorded.chain(crate::cases::streams()).collect()
}

#[test]
fn what_is_held_back_before_content_is_everything() {
    for stream in streams() {
        let mut relay = Responses.relay(&streamed(), &target("openai"));
        let mut out = Vec::new();
        for frame in frames(&stream) {
            if relay.feed(frame.clone(), &mut out).is_err() || relay.observed().content {
                break;
            }
            assert!(
                out.is_empty() || relay.observed().done,
                "{}",
                String::from_utf8_lossy(&frame)
            );
        }
    }
}

/// The types of a stream's events, runs of one type told once.
pub(crate) fn types(events: &[Value]) -> Vec<String> {
    let mut types: Vec<String> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    types.dedup();
    types
}

/// A relay's bytes for those of a provider, however it ended.
pub(crate) fn relayed(relay: &mut dyn Relay, stream: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = feed(relay, &[stream], &mut out);
    out.concat()
}
