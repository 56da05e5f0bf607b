//! Streams of our own, written from the vendors' documents: how they may end, break and err.

use bytes::Bytes;
use gateway_providers::lane::{Cap, Close, Observed};
use gateway_providers::openai::OpenAi;
use gateway_providers::{ProviderDialect, Relay, kind, prepare};
use gateway_types::{Call, Error, ErrorKind, Operation};
use http::HeaderMap;

use crate::answer::{chunks, from_chunks, from_events};
use crate::{STAMP, asked, chat, decode, feed, streamed, target, text};

/// A stream of our own, by its name.
pub(crate) fn own(name: &str) -> String {
    let file = format!("{}/testdata/openai/streams/{name}.sse", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The names of all of them.
pub(crate) fn names() -> Vec<String> {
    let folder = format!("{}/testdata/openai/streams", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.map(|file| file.trim_end_matches(".sse").to_owned()).collect();
    names.sort();
    names
}

/// What a client that asked for usage gets, what was seen, and how it ended.
fn passed(stream: &str) -> (String, Observed, Result<(), Error>) {
    let mut relay = OpenAi.relay(&streamed(true), &target(asked(), "m"));
    let mut out = Vec::new();
    let end = feed(&mut *relay, &[stream.as_bytes()], &mut out);
    (text(&out), relay.observed().clone(), end)
}

#[test]
fn streams_that_end_pass_whole_whatever_their_last_word() {
    for (name, finish, bytes, usage) in [
        ("plain", "stop", 20, Some(13)),
        ("crlf", "stop", 20, Some(13)),
        ("comments", "stop", 20, Some(13)),
        ("multi-line", "stop", 20, None),
        ("no-done", "stop", 20, None),
        ("usage-in-the-last-chunk", "stop", 20, Some(13)),
        ("refusal", "stop", 9, Some(13)),
        ("logprobs", "length", 1, None),
        ("tools", "tool_calls", 12 + 16 + 2, Some(13)),
        ("tools-unnumbered", "tool_calls", 2 + 14, None),
        ("tools-all-zero", "tool_calls", 4, None),
        ("two-choices", "length", 6, Some(13)),
        ("thinking", "stop", 7 + 4, Some(13)),
    ] {
        let stream = own(name);
        let (out, seen, end) = passed(&stream);
        end.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(out, stream, "{name}");
        assert_eq!(seen.finish.as_deref(), Some(finish), "{name}");
        assert_eq!(
            (seen.output_bytes, seen.usage.map(|usage| usage.total())),
            (bytes, usage),
            "{name}"
        );
        assert!(seen.done && seen.content && !seen.failed, "{name}");
        assert_eq!(seen.model.as_deref(), Some("own-1"), "{name}");
    }
}

#[test]
fn a_last_frame_without_its_empty_line_is_given_one() {
    let (out, seen, end) = passed(&own("no-last-line"));
    assert!(end.is_ok() && seen.done);
    assert_eq!(out, format!("{}\n\n", own("no-last-line")));
}

#[test]
fn a_stream_that_breaks_off_says_so_and_nothing_half_goes_out() {
    for name in ["cut", "cut-in-frame"] {
        let (out, seen, end) = passed(&own(name));
        let error = end.unwrap_err();
        assert_eq!(error.kind, ErrorKind::UpstreamFailed, "{name}: {error}");
        assert_eq!(out, own("cut"), "{name}");
        assert!(seen.content && !seen.done, "{name}");
    }
}

#[test]
fn before_content_nothing_goes_out_so_that_another_attempt_is_possible() {
    for (name, kind) in [
        ("only-role", ErrorKind::UpstreamFailed),
        ("error-first", ErrorKind::UpstreamOverloaded),
        ("page", ErrorKind::UpstreamFailed),
    ] {
        let (out, seen, end) = passed(&own(name));
        assert_eq!(end.unwrap_err().kind, kind, "{name}");
        assert_eq!(out, "", "{name}");
        assert!(!seen.content, "{name}");
    }
    let (_, _, end) = passed(&own("error-first"));
    let error = end.unwrap_err();
    assert_eq!(
        (error.status(), error.message.as_str()),
        (503, "the model is overloaded")
    );
}

#[test]
fn an_error_after_content_goes_to_the_client_as_it_came() {
    let (out, seen, end) = passed(&own("error-midway"));
    assert!(end.is_ok());
    assert_eq!(out, own("error-midway"));
    assert!(seen.failed && seen.content);
}

#[test]
fn what_is_no_chunk_is_an_error_and_is_not_passed_on() {
    let (out, _, end) = passed(&own("garbage"));
    assert_eq!(end.unwrap_err().kind, ErrorKind::UpstreamFailed);
    assert_eq!(out, own("cut"));
}

/// A relay that has been fed `stream` and not ended.
fn running(call: &Call, stream: &str, out: &mut Vec<Bytes>) -> Box<dyn Relay> {
    let mut relay = OpenAi.relay(call, &target(asked(), "m"));
    relay.feed(Bytes::copy_from_slice(stream.as_bytes()), out).unwrap();
    relay
}

#[test]
fn a_stream_is_closed_as_if_it_had_met_its_cap() {
    let mut out = Vec::new();
    let mut relay = running(&streamed(true), &own("cut-in-frame"), &mut out);
    relay.close(&Close::Length, &mut out);
    relay.close(&Close::Length, &mut out);
    let all = text(&out);
    let added = all.strip_prefix(&own("cut")).unwrap();
    let chunk = &chunks(added)[0];
    assert_eq!(
        (chunk["id"].as_str(), chunk["model"].as_str()),
        (Some("chatcmpl-own"), Some("own-1"))
    );
    assert_eq!(from_chunks(&all).choices[&0].finish.as_deref(), Some("length"));
    assert!(
        added.ends_with("data: [DONE]\n\n") && added.matches("data:").count() == 2,
        "{added}"
    );
    assert!(relay.observed().done);
}

#[test]
fn every_answer_that_has_not_ended_is_closed_and_no_other() {
    let body = r#"{"model":"m","messages":[],"stream":true,"n":2}"#;
    let call = chat(body);
    let whole = own("two-choices");
    let first_has_ended = &whole[..whole.find(r#""finish_reason":"length""#).unwrap()];
    let mut out = Vec::new();
    running(&call, first_has_ended, &mut out).close(&Close::Length, &mut out);
    let answer = from_chunks(&text(&out));
    assert_eq!(answer.choices[&0].finish.as_deref(), Some("length"));
    assert_eq!(answer.choices[&1].finish.as_deref(), Some("stop"));
    assert_eq!(text(&out).matches(r#""finish_reason":"length""#).count(), 1);
}

#[test]
fn a_text_completion_is_closed_in_its_own_shape() {
    let body = r#"{"model":"m","prompt":"a","stream":true}"#;
    let call = decode(Operation::Completions, body).unwrap();
    let stream = "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":5,\"model\":\"t\",\"choices\":[{\"index\":0,\"text\":\"ab\",\"finish_reason\":null}]}\n\n";
    let mut out = Vec::new();
    let mut relay = running(&call, stream, &mut out);
    assert_eq!(relay.observed().output_bytes, 2);
    relay.close(&Close::Length, &mut out);
    let closing = &chunks(&text(&out))[1];
    assert_eq!(closing["object"], "text_completion");
    assert_eq!(
        (
            closing["choices"][0]["text"].as_str(),
            closing["choices"][0]["finish_reason"].as_str()
        ),
        (Some(""), Some("length"))
    );
}

#[test]
fn a_stream_is_closed_with_an_error_that_sdks_raise() {
    let mut out = Vec::new();
    let mut relay = running(&streamed(true), &own("cut"), &mut out);
    relay.close(
        &Close::Error(Error::new(ErrorKind::UpstreamFailed, "it broke off")),
        &mut out,
    );
    let all = text(&out);
    let added = all.strip_prefix(&own("cut")).unwrap();
    let error: serde_json::Value = serde_json::from_str(added.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(error["error"]["message"], "it broke off");
    assert!(added.ends_with("\n\n") && relay.observed().failed);
}

#[test]
fn a_stream_that_has_ended_is_not_closed_again() {
    for how in [
        Close::Length,
        Close::Error(Error::new(ErrorKind::UpstreamFailed, "late")),
    ] {
        let mut out = Vec::new();
        running(&streamed(true), &own("plain"), &mut out).close(&how, &mut out);
        assert_eq!(text(&out), own("plain"));
    }
}

#[test]
fn the_words_of_a_stream_become_events() {
    for name in names() {
        let mut events = Vec::new();
        let mut reader = OpenAi.reader(&target(asked(), "m"), STAMP);
        let read = reader
            .feed(own(&name).as_bytes(), &mut events)
            .and_then(|()| reader.finish(&mut events));
        if name == "garbage" {
            read.unwrap_err();
            continue;
        }
        read.unwrap();
        // The grammar is checked on the way.
        let answer = from_events(&events);
        let tools: Vec<_> = answer
            .choices
            .values()
            .flat_map(|choice| &choice.tools)
            .cloned()
            .collect();
        let call = |id: &str, name: &str, arguments: &str| (id.to_owned(), name.to_owned(), arguments.to_owned());
        match name.as_str() {
            "tools" => assert_eq!(
                tools,
                [
                    call("call_a", "weather", "{\"city\":\"Köln\"}"),
                    call("call_b", "time", "{}")
                ]
            ),
            "tools-unnumbered" => {
                assert_eq!(
                    tools,
                    [
                        call("call_a", "weather", "{}"),
                        call("call_b", "time", r#"{"zone":"CET"}"#)
                    ]
                );
            }
            "tools-all-zero" => assert_eq!(tools, [call("call_a", "weather", "{}"), call("call_b", "time", "{}")]),
            "refusal" => assert_eq!(answer.choices[&0].refusal, "I cannot."),
            "thinking" => assert_eq!(answer.choices[&0].thinking, "hm, yes"),
            "two-choices" => assert_eq!(
                (answer.choices[&0].text.as_str(), answer.choices[&1].text.as_str()),
                ("one", "two")
            ),
            _ => assert!(tools.is_empty()),
        }
    }
}

#[test]
fn what_a_kind_cannot_do_is_refused_before_anything_is_sent() {
    let embed = decode(Operation::Embeddings, r#"{"model":"m","input":"a"}"#).unwrap();
    for name in ["anthropic", "cerebras", "deepseek"] {
        let there = target(kind(name).unwrap(), "m");
        let error = prepare(&embed, &there, Cap::Client, &HeaderMap::new(), STAMP).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnsupportedOperation, "{name}");
    }
    let error = OpenAi
        .list_models(&target(kind("perplexity").unwrap(), "m"))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UnsupportedOperation);
    let list = OpenAi.list_models(&target(kind("groq").unwrap(), "m")).unwrap();
    assert_eq!((list.method.as_str(), list.uri.path()), ("GET", "/v1/models"));
}

#[test]
fn an_error_in_a_last_frame_without_its_empty_line_is_heard() {
    let stream = own("error-first");
    let error = stream[stream.find("data: {\"error\"").unwrap()..]
        .lines()
        .next()
        .unwrap();
    let (out, _, end) = passed(error);
    assert_eq!(
        (out.as_str(), end.unwrap_err().message.as_str()),
        ("", "the model is overloaded")
    );
}
