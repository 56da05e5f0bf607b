//! Whatever else this API does: bodies pass with their model replaced, and answers are seen.

use bytes::Bytes;
use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{Close, ProviderDialect, kind, prepare};
use gateway_types::{ErrorKind, Measure, Operation};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::recorded::Recording;
use crate::{STAMP, asked, at, decode, feed, json, recordings, target, text};

const ENDPOINTS: [(&str, Operation); 5] = [
    ("embeddings", Operation::Embeddings),
    ("moderations", Operation::Moderations),
    ("images", Operation::ImageGeneration),
    ("rerank", Operation::Rerank),
    ("audio-speech", Operation::Speech),
];

fn exchanges() -> Vec<(Operation, Recording)> {
    let all = ENDPOINTS.into_iter().flat_map(|(endpoint, operation)| {
        recordings(endpoint)
            .into_iter()
            .map(move |recording| (operation, recording))
    });
    all.filter(|(_, recording)| recording.succeeded()).collect()
}

#[test]
fn recorded_calls_pass_as_they_came_and_so_do_their_answers() {
    for (operation, recording) in exchanges() {
        let name = &recording.id;
        let body = recording.asked().unwrap();
        let call = decode(operation, body.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let vendor = kind(&recording.provider).unwrap_or_else(asked);
        let there = target(vendor, call.model.as_str());
        let prepared = prepare(&call, &there, Cap::Client, &HeaderMap::new(), STAMP);
        let prepared = prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(prepared.wire.body.concat(), body, "{name}");
        assert!(prepared.losses.is_empty(), "{name}");
        if recording.response.body_format == "json" {
            let path = prepared.wire.uri.path();
            assert!(
                recording.path().ends_with(path.trim_start_matches("/v1")),
                "{name}: {path}"
            );
        }

        let (headers, answered) = (recording.headers(), recording.answered());
        if prepared.is_stream(&call, &headers) {
            let mut relay = prepared.relay(&call, &there, STAMP);
            let mut out = Vec::new();
            feed(&mut *relay, &[&answered], &mut out).unwrap();
            assert_eq!(out.concat(), answered, "{name}");
            assert_eq!(prepared.stream_type(&call, &headers), headers["content-type"], "{name}");
            continue;
        }
        let whole = prepared
            .whole(&call, &there, &headers, answered.clone(), STAMP)
            .unwrap();
        assert_eq!(whole.body, answered, "{name}");
        assert!(whole.observed.content && whole.observed.done, "{name}");
        let usage = &json(&answered)["usage"];
        let counted = usage["total_tokens"].as_u64();
        // What has no tokens may still be counted: in pictures, seconds, searches.
        assert_eq!(
            whole.observed.usage.map_or(0, |usage| usage.total()),
            counted.unwrap_or(0),
            "{name}: {usage}"
        );
        assert_eq!(
            whole.observed.usage.map_or(0, |usage| usage.output_total()),
            0,
            "{name}"
        );
    }
}

#[test]
fn the_model_is_replaced_or_put_in_and_nothing_else_changes() {
    for (operation, given, sent) in [
        (
            Operation::Moderations,
            r#"{"input": "a"}"#,
            r#"{"input": "a","model":"served"}"#,
        ),
        (
            Operation::Moderations,
            r#"{"model": null,"input":"a"}"#,
            r#"{"model": "served","input":"a"}"#,
        ),
        (
            Operation::ImageGeneration,
            r#"{"prompt":"a"}"#,
            r#"{"prompt":"a","model":"served"}"#,
        ),
        (
            Operation::Speech,
            r#"{"model":"t", "input":"a","voice":"v"}"#,
            r#"{"model":"served", "input":"a","voice":"v"}"#,
        ),
        (
            Operation::Rerank,
            r#"{"query":"q","documents":[],"model":"m","fallbacks":["x"]}"#,
            r#"{"query":"q","documents":[],"model":"served"}"#,
        ),
        (
            Operation::ImageEdit,
            r#"{"model":"m","image":[{"url":"u"}],"prompt":"p"}"#,
            r#"{"model":"served","image":[{"url":"u"}],"prompt":"p"}"#,
        ),
    ] {
        let call = decode(operation, given).unwrap();
        let prepared = prepare(&call, &at("litellm", "served"), Cap::Client, &HeaderMap::new(), STAMP).unwrap();
        assert_eq!(prepared.wire.body.concat(), sent, "{operation}");
    }
    // Without a model, OpenAI takes its own; nothing need be said where that very model is asked.
    let call = decode(Operation::Moderations, r#"{"input":"a"}"#).unwrap();
    assert_eq!(call.model, "omni-moderation-latest");
    let prepared = prepare(
        &call,
        &at("openai", "omni-moderation-latest"),
        Cap::Client,
        &HeaderMap::new(),
        STAMP,
    )
    .unwrap();
    assert_eq!(prepared.wire.body.concat(), r#"{"input":"a"}"#);
}

#[test]
fn what_an_operation_works_on_must_be_there() {
    for (operation, body, param) in [
        (Operation::Moderations, r#"{"model":"m"}"#, "input"),
        (Operation::ImageGeneration, r#"{"model":"m"}"#, "prompt"),
        (Operation::Speech, r#"{"model":"m"}"#, "input"),
        (Operation::Rerank, r#"{"model":"m","query":"q"}"#, "documents"),
        (Operation::Rerank, r#"{"model":"m","documents":[]}"#, "query"),
        (Operation::Speech, r#"{"input":"a"}"#, "model"),
        (
            Operation::ImageGeneration,
            r#"{"model":"m","prompt":"a","stream":"yes"}"#,
            "stream",
        ),
    ] {
        let error = decode(operation, body).unwrap_err();
        assert_eq!(
            (error.status(), error.param.as_deref()),
            (400, Some(param)),
            "{operation}: {error}"
        );
    }
}

fn seen(
    operation: Operation,
    kind: &'static str,
    body: &'static str,
) -> Result<gateway_providers::Observed, gateway_types::Error> {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
    OpenAi
        .observe(operation, &headers, Bytes::from(body))
        .map(|whole| whole.observed)
}

#[test]
fn answers_of_every_kind_are_seen() {
    let json = "application/json";
    let heard = seen(
        Operation::Transcription,
        json,
        r#"{"text":"héllo","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":10,"audio_tokens":4},"output_tokens":101,"total_tokens":115}}"#,
    )
    .unwrap();
    let usage = heard.usage.unwrap();
    assert_eq!(
        (usage.input, usage.input_audio, usage.output, heard.output_bytes),
        (10, 4, 101, 6)
    );
    let timed = seen(
        Operation::Transcription,
        json,
        r#"{"text":"a","usage":{"type":"duration","seconds":3}}"#,
    )
    .unwrap();
    let units = timed.usage.unwrap().units;
    assert_eq!(units.get(Measure::Second), 3 * Measure::Second.parts());
    for (kind, body) in [
        ("text/plain; charset=utf-8", "hello\n"),
        ("text/vtt", "WEBVTT\n\n"),
        ("application/x-subrip", "1\n"),
    ] {
        let heard = seen(Operation::Transcription, kind, body).unwrap();
        assert_eq!((heard.output_bytes, heard.usage), (body.len() as u64, None), "{kind}");
    }
    let drawn = seen(
        Operation::ImageGeneration,
        json,
        r#"{"created":1,"data":[{"b64_json":"QUJD"}],"usage":{"input_tokens":50,"output_tokens":50,"total_tokens":100,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}"#,
    )
    .unwrap();
    let usage = drawn.usage.unwrap();
    assert_eq!(
        (usage.input, usage.input_image, usage.output, usage.output_image),
        (10, 40, 0, 50)
    );
    let refused = seen(
        Operation::ImageGeneration,
        json,
        r#"{"error":{"message":"rejected by the safety system","code":"moderation_blocked"}}"#,
    )
    .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::ContentRefused);
    assert_eq!(
        seen(Operation::Embeddings, json, "<html>").unwrap_err().kind,
        ErrorKind::UpstreamFailed
    );
}

fn stream(
    operation: Operation,
    body: &str,
    stream: &str,
) -> (String, gateway_providers::Observed, Result<(), gateway_types::Error>) {
    let call = decode(operation, body.to_owned()).unwrap();
    let there = at("openai", call.model.as_str());
    let prepared = prepare(&call, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
    let headers = HeaderMap::from_iter([(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    )]);
    assert!(prepared.is_stream(&call, &headers));
    let mut relay = prepared.relay(&call, &there, STAMP);
    let mut out = Vec::new();
    let pieces: Vec<&[u8]> = stream.as_bytes().chunks(7).collect();
    let end = feed(&mut *relay, &pieces, &mut out);
    if end.is_err() && relay.observed().content {
        relay.close(&Close::Length, &mut out);
    }
    (text(&out), relay.observed().clone(), end)
}

const SPEECH: &str = r#"{"model":"m","input":"a","voice":"v","stream_format":"sse"}"#;
const PICTURE: &str = r#"{"model":"m","prompt":"a","stream":true}"#;

#[test]
fn events_of_sound_and_pictures_pass_and_are_seen() {
    let spoken = "data: {\"type\":\"speech.audio.delta\",\"audio\":\"QUJD\"}\n\ndata: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":2,\"output_tokens\":3,\"total_tokens\":5}}\n\n";
    let (out, seen, end) = stream(Operation::Speech, SPEECH, spoken);
    end.unwrap();
    assert_eq!(
        (out.as_str(), seen.usage.unwrap().total(), seen.done),
        (spoken, 5, true)
    );
    let drawn = "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"QQ==\"}\n\nevent: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"QQ==\",\"usage\":{\"input_tokens\":2,\"output_tokens\":3,\"total_tokens\":5}}\n\n";
    let (out, seen, end) = stream(Operation::ImageGeneration, PICTURE, drawn);
    end.unwrap();
    assert_eq!(
        (out.as_str(), seen.usage.unwrap().total(), seen.finish.as_deref()),
        (drawn, 5, Some("stop"))
    );
}

#[test]
fn events_that_break_off_are_ended_and_errors_are_told() {
    let cut = "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"QQ==\"}\n\n";
    let (out, seen, end) = stream(Operation::ImageGeneration, PICTURE, cut);
    assert_eq!(end.unwrap_err().kind, ErrorKind::UpstreamFailed);
    assert_eq!((out, seen.content), (format!("{cut}data: [DONE]\n\n"), true));
    let failed = "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"moderated\",\"code\":\"moderation_blocked\"}}\n\n";
    let (out, _, end) = stream(Operation::ImageGeneration, PICTURE, failed);
    assert_eq!((out.as_str(), end.unwrap_err().kind), ("", ErrorKind::ContentRefused));
}

#[test]
fn a_server_that_sends_sound_where_events_were_asked_for_is_heard() {
    let (out, seen, end) = stream(Operation::Speech, SPEECH, "ID3 not an event");
    end.unwrap();
    assert_eq!((out.as_str(), seen.content), ("ID3 not an event", true));
}

#[test]
fn usage_of_a_chat_is_not_asked_for_elsewhere() {
    let call = decode(Operation::ImageGeneration, PICTURE).unwrap();
    let prepared = prepare(&call, &at("openai", "m"), Cap::AtMost(5), &HeaderMap::new(), STAMP).unwrap();
    assert_eq!(prepared.wire.body.concat(), PICTURE);
    let sent: Value = json(&prepared.wire.body.concat());
    assert!(sent.get("stream_options").is_none() && sent.get("max_completion_tokens").is_none());
}
