//! Streams: however they are cut, wherever they are ended, whatever goes wrong in them.

use bytes::Bytes;
use gateway_providers::gemini::Gemini;
use gateway_providers::{Close, ProviderDialect};
use gateway_types::chat::{Event, PartStart};
use gateway_types::{Error, ErrorKind, StreamForm};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::golden::{form, turns};
use crate::said::Said;
use crate::{chunks, events, passed, streamed, target};

/// The recorded streams and their forms, read once.
fn recorded() -> &'static [(StreamForm, Bytes)] {
    static STREAMS: std::sync::LazyLock<Vec<(StreamForm, Bytes)>> = std::sync::LazyLock::new(|| {
        let streams = turns()
            .into_iter()
            .filter(|recording| recording.stream && recording.succeeded());
        streams
            .map(|recording| (form(&recording), recording.answered()))
            .collect()
    });
    &STREAMS
}

/// A stream of our own, so that there is one without recordings.
fn own(form: StreamForm) -> Bytes {
    let chunk = |part: Value, finish: Value| json!({"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": finish, "index": 0}], "responseId": "r", "modelVersion": "v"});
    let list = [
        chunk(json!({"text": "hm ü", "thought": true}), Value::Null),
        chunk(json!({"text": "a]}\"\\ 日"}), Value::Null),
        chunk(
            json!({"functionCall": {"name": "f", "args": {"x": "["}}, "thoughtSignature": "c2ln"}),
            json!("STOP"),
        ),
    ];
    Bytes::from(match form {
        StreamForm::Usual => list.iter().map(|chunk| format!("data: {chunk}\r\n\r\n")).collect(),
        StreamForm::Array => serde_json::to_string_pretty(&list).unwrap(),
    })
}

fn all() -> Vec<(StreamForm, Bytes)> {
    let own = [StreamForm::Usual, StreamForm::Array].map(|form| (form, own(form)));
    own.into_iter().chain(recorded().iter().cloned()).collect()
}

fn cut<'s>(stream: &'s [u8], cuts: &[prop::sample::Index]) -> Vec<&'s [u8]> {
    let mut at: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(stream.len() + 1))
        .chain([0, stream.len()])
        .collect();
    at.sort_unstable();
    at.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_cutting_gives_the_same_bytes_and_events(
        pick in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let all = all();
        let (form, stream) = pick.get(&all);
        let pieces = cut(stream, &cuts);
        let mut relay = Gemini.relay(&streamed(*form), &target("m"));
        prop_assert_eq!(passed(&mut *relay, &pieces).unwrap(), &stream[..]);
        let whole = {
            let mut relay = Gemini.relay(&streamed(*form), &target("m"));
            passed(&mut *relay, &[stream]).unwrap();
            relay.observed().clone()
        };
        prop_assert_eq!(relay.observed(), &whole);
        if *form == StreamForm::Usual {
            prop_assert_eq!(format!("{:?}", events(&pieces).unwrap()), format!("{:?}", events(&[stream]).unwrap()));
        }
    }

    #[test]
    fn nothing_panics_on_bytes_that_were_changed(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let all = all();
        let (form, stream) = pick.get(&all);
        let mut stream = stream.to_vec();
        for (at, byte) in changes {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        let pieces = cut(&stream, &cuts);
        let _ = events(&pieces);
        let mut relay = Gemini.relay(&streamed(*form), &target("m"));
        let _ = passed(&mut *relay, &pieces);
        let _ = Gemini.response(&stream, &target("m"), crate::stamp());
        let _ = ProviderDialect::error(&Gemini, 400, &http::HeaderMap::new(), Bytes::from(stream));
    }
}

/// The ends of the frames of a stream.
fn ends(form: StreamForm, stream: &[u8]) -> Vec<usize> {
    match form {
        StreamForm::Usual => memchr::memmem::find_iter(stream, b"\r\n\r\n")
            .map(|at| at + 4)
            .collect(),
        StreamForm::Array => {
            let mut splitter = gateway_providers::framing::array::Splitter::default();
            splitter.push(Bytes::copy_from_slice(stream));
            let mut at = 0;
            let mut ends = Vec::new();
            while let Some(piece) = splitter.next_piece().unwrap() {
                at += piece.bytes.len();
                ends.push(at);
            }
            ends
        }
    }
}

#[test]
fn a_stream_can_be_ended_behind_every_frame() {
    for (form, stream) in all() {
        for end in [0].into_iter().chain(ends(form, &stream)) {
            let mut relay = Gemini.relay(&streamed(form), &target("m"));
            let mut out = Vec::new();
            relay.feed(stream.slice(..end), &mut out).unwrap();
            let (over, had_finish) = (relay.observed().done, relay.observed().finish.is_some());
            relay.close(&Close::Length, &mut out);
            let seen = relay.observed().clone();
            let chunks = chunks(&out.concat());
            let reasons = chunks
                .iter()
                .filter(|chunk| !chunk["candidates"][0]["finishReason"].is_null())
                .count();
            assert!(
                seen.done && seen.finish.is_some() && reasons == 1,
                "{form:?} {end} {over} {had_finish}: {chunks:#?}"
            );
        }
    }
}

#[test]
fn a_stream_that_breaks_ends_with_an_error() {
    for form in [StreamForm::Usual, StreamForm::Array] {
        let stream = own(form);
        let ends = ends(form, &stream);
        for cut in [0, ends[0], ends[0] + 5] {
            let mut relay = Gemini.relay(&streamed(form), &target("m"));
            let mut out = Vec::new();
            relay.feed(stream.slice(..cut), &mut out).unwrap();
            assert_eq!(
                relay.finish(&mut out).unwrap_err().kind,
                ErrorKind::UpstreamFailed,
                "{form:?} {cut}"
            );
            relay.close(
                &Close::Error(Error::new(ErrorKind::UpstreamFailed, "broke off")),
                &mut out,
            );
            let chunks = chunks(&out.concat());
            assert_eq!(
                chunks.last().unwrap()["error"]["message"],
                "broke off",
                "{form:?} {cut}"
            );
            assert!(relay.observed().failed);
        }
    }
    // An answer that had ended is whole, whatever becomes of the connection.
    for form in [StreamForm::Usual, StreamForm::Array] {
        let stream = own(form);
        let mut relay = Gemini.relay(&streamed(form), &target("m"));
        let mut out = Vec::new();
        relay.feed(stream.slice(..ends(form, &stream)[2]), &mut out).unwrap();
        relay.close(
            &Close::Error(Error::new(ErrorKind::UpstreamFailed, "broke off")),
            &mut out,
        );
        let chunks = chunks(&out.concat());
        assert!(chunks.iter().all(|chunk| chunk.get("error").is_none()), "{form:?}");
    }
    let stream = own(StreamForm::Usual);
    let first = ends(StreamForm::Usual, &stream)[0];
    for cut in [first, first + 30] {
        let broken = events(&[&stream[..cut]]).unwrap();
        assert!(!broken.iter().any(|event| matches!(event, Event::End)), "{cut}");
    }
    assert!(events(&[&stream[..first - 30]]).is_err());
}

const BUSY: &str = "{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"The model is overloaded.\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}\n";

#[test]
fn an_error_before_content_is_another_attempts_chance_and_after_it_the_clients() {
    // In a stream of events Google's servers write it without a field's name, others' with one.
    let one_line: String = BUSY.split('\n').map(str::trim).collect();
    for error in [BUSY.to_owned(), format!("data: {one_line}\r\n\r\n")] {
        let mut relay = Gemini.relay(&streamed(StreamForm::Usual), &target("m"));
        let refused = passed(&mut *relay, &[error.as_bytes()]).unwrap_err();
        assert_eq!((refused.kind, refused.status()), (ErrorKind::UpstreamOverloaded, 503));

        let begun = format!(
            "data: {}\r\n\r\n",
            json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]})
        );
        let stream = format!("{begun}{error}\r\n\r\n");
        let mut relay = Gemini.relay(&streamed(StreamForm::Usual), &target("m"));
        let out = passed(&mut *relay, &[stream.as_bytes()]).unwrap();
        assert!(String::from_utf8(out).unwrap().starts_with(&format!("{begun}{error}")));
        assert!(relay.observed().failed && !relay.observed().done);
        let read = events(&[stream.as_bytes()]).unwrap();
        assert!(matches!(read.last(), Some(Event::Error(error)) if error.kind == ErrorKind::UpstreamOverloaded));
    }
    let array = format!("[{BUSY}]");
    let mut relay = Gemini.relay(&streamed(StreamForm::Array), &target("m"));
    assert_eq!(
        passed(&mut *relay, &[array.as_bytes()]).unwrap_err().kind,
        ErrorKind::UpstreamOverloaded
    );
}

#[test]
fn arguments_that_come_in_pieces_are_one_call() {
    let chunk = |part: Value| {
        format!(
            "data: {}\r\n\r\n",
            json!({"candidates": [{"content": {"parts": [part]}}]})
        )
    };
    let stream: String = [
        chunk(json!({"functionCall": {"name": "f", "id": "c", "willContinue": true}, "thoughtSignature": "c2ln"})),
        chunk(json!({"functionCall": {"partialArgs": [{"jsonPath": "$.city", "stringValue": "Par", "willContinue": true}], "willContinue": true}})),
        chunk(json!({"functionCall": {"partialArgs": [{"jsonPath": "$.city", "stringValue": "is"}], "willContinue": true}})),
        chunk(json!({"functionCall": {}})),
        chunk(json!({"text": "done"})),
        format!("data: {}\r\n\r\n", json!({"candidates": [{"finishReason": "STOP"}]})),
    ]
    .concat();
    let read = events(&[stream.as_bytes()]).unwrap();
    let (said, ended) = Said::of_events(&read);
    assert_eq!(said.tools, [("c".to_owned(), "f".to_owned(), json!({"city": "Paris"}))]);
    assert_eq!((said.text.as_str(), said.finish, ended), ("done", Some("tools"), true));
    let begun = read
        .iter()
        .position(|event| {
            matches!(
                event,
                Event::PartStart {
                    start: PartStart::ToolUse { .. },
                    ..
                }
            )
        })
        .unwrap();
    assert!(
        matches!(read[begun + 1], Event::Signature { .. }),
        "a signature stands before the arguments"
    );
}

#[test]
fn a_last_word_that_google_does_not_have_is_no_matter() {
    let stream = [&own(StreamForm::Usual)[..], b"data: [DONE]\n\n"].concat();
    let mut relay = Gemini.relay(&streamed(StreamForm::Usual), &target("m"));
    assert_eq!(passed(&mut *relay, &[&stream]).unwrap(), stream);
    assert!(matches!(events(&[&stream]).unwrap().last(), Some(Event::End)));
}

#[test]
fn several_answers_are_told_apart() {
    let chunk = |index: u32, text: &str, finish: Value| json!({"candidates": [{"index": index, "content": {"parts": [{"text": text}]}, "finishReason": finish}]});
    let stream: String = [
        chunk(0, "a", Value::Null),
        chunk(1, "b", json!("MAX_TOKENS")),
        chunk(0, "c", json!("STOP")),
    ]
    .iter()
    .map(|chunk| format!("data: {chunk}\r\n\r\n"))
    .collect();
    let read = events(&[stream.as_bytes()]).unwrap();
    let of = |wanted: u32| -> String {
        read.iter()
            .filter_map(|event| match event {
                Event::Delta { choice, text, .. } if *choice == wanted => Some(text.as_str()),
                _ => None,
            })
            .collect()
    };
    assert_eq!((of(0), of(1)), ("ac".to_owned(), "b".to_owned()));
    let mut relay = Gemini.relay(
        &crate::call(
            gateway_types::Operation::Chat,
            Some(StreamForm::Usual),
            r#"{"contents":[],"generationConfig":{"candidateCount":3}}"#,
        ),
        &target("m"),
    );
    let mut out = Vec::new();
    relay.feed(Bytes::from(stream), &mut out).unwrap();
    out.clear();
    relay.close(&Close::Length, &mut out);
    let closed = &chunks(&out.concat())[0]["candidates"];
    assert_eq!((closed.as_array().unwrap().len(), &closed[0]["index"]), (1, &json!(2)));
}
