//! Speech.

use bytes::Bytes;
use gateway_types::loss::Fate;
use gateway_types::{Call, Operation};
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use crate::{STAMP, decode, json, prepared, there};

fn call(more: &str) -> Call {
    decode(
        Operation::Speech,
        None,
        format!(r#"{{"model":"tts","input":"Grüße","voice":"JBFqnCBsd6RMkjVDRZzb"{more}}}"#),
    )
}

#[test]
fn a_text_is_said_in_the_voice_and_format_that_was_asked_for() {
    let sent = prepared(&call(""), "eleven_v3").unwrap();
    assert_eq!(
        sent.wire.uri,
        "https://api.elevenlabs.io/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb?output_format=mp3_44100_128"
    );
    assert_eq!(
        json(&sent.wire.body.concat()),
        json!({"text": "Grüße", "model_id": "eleven_v3"})
    );
    assert_eq!(
        (&sent.wire.headers["xi-api-key"], sent.wire.headers.get("authorization")),
        (&HeaderValue::from_static("xi-own"), None)
    );
    assert!(sent.losses.is_empty());
    for (format, said) in [
        ("opus", "opus_48000_64"),
        ("pcm", "pcm_24000"),
        ("wav", "wav_24000"),
        ("mp3_22050_32", "mp3_22050_32"),
    ] {
        let sent = prepared(&call(&format!(r#","response_format":"{format}""#)), "m").unwrap();
        assert!(
            sent.wire.uri.to_string().ends_with(&format!("output_format={said}")),
            "{format}"
        );
    }
    let strange = decode(
        Operation::Speech,
        None,
        r#"{"model":"tts","input":"a","voice":{"id":"a/b?c"}}"#.into(),
    );
    assert!(prepared(&strange, "m").unwrap().wire.uri.path().ends_with("/a%2Fb%3Fc"));
}

#[test]
fn speed_is_said_as_far_as_the_vendor_goes_and_the_rest_reported() {
    let sent = prepared(&call(r#","speed":2.0,"instructions":"cheerfully","seed":5"#), "m").unwrap();
    let body = json(&sent.wire.body.concat());
    assert_eq!(
        (body["voice_settings"]["speed"].as_f64(), body["seed"].as_u64()),
        (Some(1.2), Some(5))
    );
    let mut losses: Vec<_> = sent
        .losses
        .iter()
        .map(|loss| (loss.field.as_str(), loss.fate))
        .collect();
    losses.sort_unstable_by_key(|(field, _)| *field);
    assert_eq!(losses, [("instructions", Fate::Dropped), ("speed", Fate::Emulated)]);
    let own = prepared(&call(r#","voice_settings":{"stability":0.5}"#), "m").unwrap();
    assert_eq!(
        json(&own.wire.body.concat())["voice_settings"],
        json!({"stability": 0.5})
    );
}

#[test]
fn what_cannot_be_had_is_refused_by_name() {
    for (more, param) in [
        (r#","response_format":"flac""#, "response_format"),
        (r#","stream_format":"sse""#, "stream_format"),
        (r#","speed":"x""#, "speed"),
    ] {
        let error = prepared(&call(more), "m").unwrap_err();
        assert_eq!((error.status(), error.param.as_deref()), (400, Some(param)), "{error}");
    }
    let mute = decode(Operation::Speech, None, r#"{"model":"tts","input":"a"}"#.into());
    assert_eq!(prepared(&mute, "m").unwrap_err().param.as_deref(), Some("voice"));
}

#[test]
fn sound_comes_back_as_it_comes() {
    let call = call("");
    let sent = prepared(&call, "m").unwrap();
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("audio/mpeg"))]);
    assert!(sent.is_stream(&call, &headers));
    assert_eq!(sent.stream_type(&call, &headers), "audio/mpeg");
    let mut relay = sent.relay(&call, &there("m"), STAMP);
    let mut out = Vec::new();
    for piece in ["ID3", "\u{1}\u{2}"] {
        relay.feed(Bytes::from(piece), &mut out).unwrap();
    }
    relay.finish(&mut out).unwrap();
    assert_eq!((out.concat(), relay.observed().done), (b"ID3\x01\x02".to_vec(), true));
    let whole = sent
        .whole(&call, &there("m"), &headers, Bytes::from("ID3"), STAMP)
        .unwrap();
    assert_eq!(
        (whole.body, whole.content_type),
        (Bytes::from("ID3"), Some(HeaderValue::from_static("audio/mpeg")))
    );
}
