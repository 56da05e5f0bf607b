//! Text from speech.

use bytes::Bytes;
use gateway_types::form;
use gateway_types::{Call, Operation};
use http::HeaderMap;
use serde_json::json;

use crate::{STAMP, decode, json, prepared, there};

const TYPE: &str = "multipart/form-data; boundary=edge";

fn call(parts: &[(&str, &str)]) -> Call {
    let part = |(name, value): &(&str, &str)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\u{0}\r\n";
    let all: String = parts.iter().map(part).collect();
    decode(Operation::Transcription, Some(TYPE), format!("{file}{all}--edge--\r\n"))
}

fn sent(parts: &[(&str, &str)]) -> (Vec<(String, String)>, Vec<String>) {
    let prepared = prepared(&call(parts), "scribe_v2").unwrap();
    assert_eq!(prepared.wire.uri, "https://api.elevenlabs.io/v1/speech-to-text");
    assert_eq!(prepared.wire.headers["content-type"], TYPE);
    let body = prepared.wire.body.concat();
    let read = form::parts(&body, TYPE).unwrap().into_iter();
    let parts = read
        .map(|part| (part.name, String::from_utf8(body[part.value].to_vec()).unwrap()))
        .collect();
    (parts, prepared.losses.into_iter().map(|loss| loss.field).collect())
}

#[test]
fn a_form_is_said_in_the_vendors_words_and_the_sound_passes() {
    let (parts, losses) = sent(&[
        ("model", "whisper-1"),
        ("language", "de"),
        ("temperature", "0.2"),
        ("prompt", "names"),
        ("response_format", "diarized_json"),
        ("num_speakers", "2"),
    ]);
    let expected = [
        ("model_id", "scribe_v2"),
        ("diarize", "true"),
        ("file", "RIFF\u{0}"),
        ("language_code", "de"),
        ("temperature", "0.2"),
        ("num_speakers", "2"),
    ];
    assert_eq!(parts, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(losses, ["prompt"]);
}

/// What the vendor heard.
const HEARD: &str = r#"{"language_code":"en","language_probability":0.98,"text":"Hello there. \"Hi.\"","audio_duration_secs":3.5,"words":[
    {"text":"Hello","start":0.1,"end":0.5,"type":"word","speaker_id":"speaker_0","logprob":0},
    {"text":" ","start":0.5,"end":0.6,"type":"spacing","speaker_id":"speaker_0","logprob":0},
    {"text":"there.","start":0.6,"end":1.0,"type":"word","speaker_id":"speaker_0","logprob":0},
    {"text":" ","start":1.0,"end":2.5,"type":"spacing","speaker_id":"speaker_1","logprob":0},
    {"text":"\"Hi.\"","start":2.5,"end":3.2,"type":"word","speaker_id":"speaker_1","logprob":0}]}"#;

fn heard(parts: &[(&str, &str)]) -> (String, Option<String>) {
    let mut all = vec![("model", "whisper-1")];
    all.extend(parts);
    let call = call(&all);
    let sent = prepared(&call, "scribe_v2").unwrap();
    let whole = sent
        .whole(&call, &there("scribe_v2"), &HeaderMap::new(), Bytes::from(HEARD), STAMP)
        .unwrap();
    assert!(whole.observed.content && whole.observed.output_bytes > 0);
    let kind = whole.content_type.map(|kind| kind.to_str().unwrap().to_owned());
    (String::from_utf8(whole.body.to_vec()).unwrap(), kind)
}

#[test]
fn a_transcript_has_the_form_that_was_asked_for() {
    let (plain, kind) = heard(&[]);
    let usage = json!({"type": "duration", "seconds": 3.5});
    assert_eq!(
        (json(plain.as_bytes()), kind),
        (json!({"text": "Hello there. \"Hi.\"", "usage": usage}), None)
    );
    assert_eq!(heard(&[("response_format", "text")]).0, "Hello there. \"Hi.\"\n");
    let (srt, _) = heard(&[("response_format", "srt")]);
    let expected = "1\n00:00:00,100 --> 00:00:01,000\nHello there.\n\n2\n00:00:02,500 --> 00:00:03,200\n\"Hi.\"\n\n";
    assert_eq!(srt, expected);
    let (vtt, kind) = heard(&[("response_format", "vtt")]);
    assert!(
        vtt.starts_with("WEBVTT\n\n00:00:00.100 --> 00:00:01.000\nHello there.\n"),
        "{vtt}"
    );
    assert_eq!(kind.as_deref(), Some("text/vtt; charset=utf-8"));

    let (verbose, _) = heard(&[
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
    ]);
    let verbose = json(verbose.as_bytes());
    assert_eq!(
        (verbose["language"].as_str(), verbose["duration"].as_f64()),
        (Some("en"), Some(3.5))
    );
    assert_eq!(verbose["words"][1], json!({"word": "there.", "start": 0.6, "end": 1.0}));
    assert_eq!(
        verbose["segments"][1],
        json!({"id": 1, "start": 2.5, "end": 3.2, "text": "\"Hi.\""})
    );
    let (diarized, _) = heard(&[("response_format", "diarized_json")]);
    let second = json(diarized.as_bytes())["segments"][1].clone();
    assert_eq!(
        (second["speaker"].as_str(), second["type"].as_str()),
        (Some("speaker_1"), Some("transcript.text.segment"))
    );
}

#[test]
fn a_stream_is_the_transcript_in_events() {
    let (events, kind) = heard(&[("stream", "true")]);
    assert_eq!(kind.as_deref(), Some("text/event-stream; charset=utf-8"));
    let data: Vec<&str> = events.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(json(data[0].as_bytes())["delta"], "Hello there. \"Hi.\"");
    assert_eq!(json(data[1].as_bytes())["type"], "transcript.text.done");
    assert_eq!(data[2], "[DONE]");
}

#[test]
fn what_is_no_form_or_no_transcript_is_refused() {
    let bare = decode(Operation::Transcription, None, r#"{"model":"m","file":"x"}"#.into());
    assert_eq!(prepared(&bare, "scribe_v2").unwrap_err().status(), 400);
    let call = call(&[("model", "m")]);
    let sent = prepared(&call, "scribe_v2").unwrap();
    sent.whole(&call, &there("m"), &HeaderMap::new(), Bytes::from("<html>"), STAMP)
        .unwrap_err();
}
