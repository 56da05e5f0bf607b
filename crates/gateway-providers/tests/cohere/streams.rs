//! Streams of real traffic, and of our own: however they are cut, wherever they end.

use bytes::Bytes;
use gateway_providers::cohere::Cohere;
use gateway_providers::{ClientDialect, Close, ProviderDialect};
use gateway_types::chat::{Event, PartStart};
use gateway_types::{Error, ErrorKind};
use proptest::prelude::*;
use serde_json::Value;

use crate::recorded::{Recording, recordings};
use crate::said::Said;
use crate::{cut, event, events, feed, reader, stamp, streamed, target};

fn recorded() -> Vec<Recording> {
    recordings(|recording| recording.provider == "cohere" && recording.endpoint == "v2-chat" && recording.stream)
}

/// What the frames say, read without the dialect.
fn frames(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter_map(|data| serde_json::from_str(data).ok())
        .collect()
}

fn joined(frames: &[Value], path: &str) -> String {
    frames
        .iter()
        .filter_map(|frame| frame.pointer(path)?.as_str().map(str::to_owned))
        .collect()
}

/// A stream with everything in it: thinking, a plan, calls, text that cites, probabilities.
fn everything() -> String {
    [
        r#"{"id":"x","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}"#,
        r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}"#,
        r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"grün 🦀"}}}}"#,
        r#"{"type":"content-end","index":0}"#,
        r#"{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
        r#"{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"Ruby"}}},"logprobs":{"text":"Ruby","token_ids":[5],"logprobs":[-0.5]}}"#,
        r#"{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":4,"text":"Ruby","sources":[{"type":"document","id":"d","document":{"id":"d","title":"T","text":"s"}}],"type":"TEXT_CONTENT","content_index":1}}}}"#,
        r#"{"type":"citation-end","index":0}"#,
        r#"{"type":"content-end","index":1}"#,
        r#"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will"}}}"#,
        r#"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":" look."}}}"#,
        r#"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","type":"function","function":{"name":"f","arguments":""}}}}}"#,
        r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"a\""}}}}}"#,
        r#"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":":1}"}}}}}"#,
        r#"{"type":"tool-call-end","index":0}"#,
        r#"{"type":"something-new","index":9}"#,
        r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":3,"output_tokens":4},"tokens":{"input_tokens":30,"output_tokens":9,"reasoning_tokens":2}}}}"#,
    ]
    .map(event)
    .concat()
        + "data: [DONE]\n\n"
}

fn all() -> Vec<(String, Bytes)> {
    let recorded = recorded()
        .into_iter()
        .map(|recording| (recording.id.clone(), recording.answered()));
    recorded
        .chain([("everything".to_owned(), Bytes::from(everything()))])
        .collect()
}

#[test]
fn streams_are_read_as_they_say() {
    for (id, bytes) in all() {
        let events = events(&[&bytes]).unwrap();
        let ((said, ended), frames) = (Said::of_events(&events), frames(&bytes));
        let plan = joined(&frames, "/delta/message/tool_plan");
        assert_eq!(
            said.text,
            joined(&frames, "/delta/message/content/text") + &plan,
            "{id}"
        );
        assert_eq!(
            said.reasoning,
            joined(&frames, "/delta/message/content/thinking"),
            "{id}"
        );
        let names: Vec<&str> = said.tools.iter().map(|(_, name, _)| name.as_str()).collect();
        let called = frames
            .iter()
            .filter_map(|frame| frame.pointer("/delta/message/tool_calls/function/name")?.as_str());
        assert_eq!(names, called.collect::<Vec<_>>(), "{id}");
        let end = frames.iter().find(|frame| frame["type"] == "message-end").unwrap();
        let billed = &end["delta"]["usage"]["billed_units"];
        assert_eq!(
            Some(said.usage.unwrap().output_total()),
            billed["output_tokens"].as_u64(),
            "{id}"
        );
        assert_eq!(
            Some(said.usage.unwrap().input_total()),
            billed["input_tokens"].as_u64(),
            "{id}"
        );
        let cited = events
            .iter()
            .filter(|event| matches!(event, Event::Citation { .. }))
            .count();
        assert_eq!(
            cited,
            frames.iter().filter(|frame| frame["type"] == "citation-start").count(),
            "{id}"
        );
        assert!(ended && matches!(events.last(), Some(Event::End)), "{id}");
    }
}

#[test]
fn every_part_begins_and_ends_once() {
    for (id, bytes) in all() {
        let (mut open, mut next) = (None, 0);
        for event in events(&[&bytes]).unwrap() {
            match event {
                Event::PartStart { part, .. } => {
                    assert_eq!((open, part), (None, next), "{id}");
                    (open, next) = (Some(part), next + 1);
                }
                Event::Delta { part, .. } | Event::Citation { part, .. } => assert_eq!(open, Some(part), "{id}"),
                Event::PartEnd { part, .. } => assert_eq!(open.take(), Some(part), "{id}"),
                _ => {}
            }
        }
        assert_eq!(open, None, "{id}");
    }
}

#[test]
fn streams_pass_byte_for_byte_however_they_are_cut() {
    for (id, bytes) in all() {
        for size in [1, 2, 7, 100, 1000, usize::MAX] {
            let mut relay = Cohere.relay(&streamed(), &target("m"));
            let mut out = feed(&mut *relay, &cut(&bytes, size)).unwrap();
            relay.finish(&mut out).unwrap();
            assert_eq!(out.concat(), bytes, "{id} {size}");
            let seen = relay.observed();
            let (said, _) = Said::of_events(&events(&[&bytes]).unwrap());
            assert_eq!(seen.usage, said.usage, "{id}");
            assert!(
                seen.done && seen.content && !seen.failed && seen.finish.is_some(),
                "{id}"
            );
            relay.close(&Close::Length, &mut out);
            assert_eq!(out.concat().len(), bytes.len(), "{id}: what is over is not closed");
        }
    }
}

#[test]
fn any_cutting_gives_the_same_events() {
    for (id, bytes) in all() {
        let whole = format!("{:?}", events(&[&bytes]).unwrap());
        for size in [1, 3, 10, 333] {
            assert_eq!(
                format!("{:?}", events(&cut(&bytes, size)).unwrap()),
                whole,
                "{id} {size}"
            );
        }
    }
}

#[test]
fn a_stream_written_again_says_the_same() {
    for (id, bytes) in all() {
        let first = events(&[&bytes]).unwrap();
        let (mut written, mut losses) = (Vec::new(), Vec::new());
        let mut writer = Cohere.writer(&streamed(), stamp());
        for event in &first {
            writer.write(event, &mut written, &mut losses);
        }
        assert!(losses.is_empty(), "{id}: {losses:?}");
        assert!(written.ends_with(b"data: [DONE]\n\n"), "{id}");
        let again = events(&[&written]).unwrap();
        assert_eq!(Said::of_events(&again), Said::of_events(&first), "{id}");
        let cited = |events: &[Event]| -> Vec<String> {
            let json = |event: &Event| match event {
                Event::Citation { citation, .. } => Some(citation.verbatim.json.get().to_owned()),
                Event::Logprobs { logprobs, .. } => Some(logprobs.get().to_owned()),
                _ => None,
            };
            events.iter().filter_map(json).collect()
        };
        assert_eq!(cited(&again), cited(&first), "{id}");
    }
}

/// Where frames end.
fn ends(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len())
        .filter(|at| bytes[..*at].ends_with(b"\n\n"))
        .chain([0])
        .collect()
}

#[test]
fn a_stream_can_be_ended_after_every_frame() {
    for (id, bytes) in all() {
        for end in ends(&bytes) {
            for how in [
                Close::Length,
                Close::Error(Error::new(ErrorKind::UpstreamFailed, "it broke off")),
            ] {
                let mut relay = Cohere.relay(&streamed(), &target("m"));
                let mut out = feed(&mut *relay, &[&bytes[..end]]).unwrap();
                let done = relay.observed().done;
                assert_eq!(relay.finish(&mut out).is_ok(), done, "{id} {end}");
                relay.close(&how, &mut out);
                let out = out.concat();
                let events = events(&[&out]).unwrap();
                let (_, ended) = Said::of_events(&events);
                let failed = events.iter().any(|event| matches!(event, Event::Error(_)));
                assert_eq!(
                    (ended, failed),
                    (done || matches!(how, Close::Length), !done && !ended),
                    "{id} {end} {how:?}"
                );
                let frames = frames(&out);
                let said = |kind: &str| frames.iter().filter(|frame| frame["type"] == kind).count();
                for block in ["content", "tool-call"] {
                    let (starts, ends) = (said(&format!("{block}-start")), said(&format!("{block}-end")));
                    assert_eq!(starts, ends, "{id} {end} {block}");
                }
                assert_eq!((said("message-start"), said("message-end")), (1, 1), "{id} {end}");
            }
        }
    }
}

#[test]
fn what_comes_before_content_is_held_back() {
    let stream = everything();
    let first = stream.find("grün").unwrap();
    let mut relay = Cohere.relay(&streamed(), &target("m"));
    let begun = feed(&mut *relay, &[&stream.as_bytes()[..first]]).unwrap();
    assert!(begun.is_empty() && !relay.observed().content);
    let more = feed(&mut *relay, &[&stream.as_bytes()[first..]]).unwrap();
    assert_eq!(more.concat(), stream.as_bytes());
}

#[test]
fn an_error_before_content_is_another_attempt_and_after_it_the_clients() {
    let failed = event(r#"{"type":"message-end","delta":{"finish_reason":"ERROR","error":"no capacity"}}"#);
    let start = event(r#"{"type":"message-start","id":"x"}"#);
    let said = event(r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"a"}}}}"#);
    let mut relay = Cohere.relay(&streamed(), &target("m"));
    let error = feed(&mut *relay, &[start.as_bytes(), failed.as_bytes()]).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::UpstreamFailed, "no capacity")
    );
    let mut relay = Cohere.relay(&streamed(), &target("m"));
    let out = feed(&mut *relay, &[start.as_bytes(), said.as_bytes(), failed.as_bytes()]).unwrap();
    assert_eq!(
        out.concat(),
        [start.clone(), said.clone(), failed.clone()].concat().into_bytes()
    );
    assert!(relay.observed().failed && !relay.observed().done);
    let read = events(&[start.as_bytes(), said.as_bytes(), failed.as_bytes()]).unwrap();
    assert!(matches!(read.last(), Some(Event::Error(error)) if error.message == "no capacity"));
    let slow = event(r#"{"type":"message-end","delta":{"finish_reason":"TIMEOUT"}}"#);
    let read = events(&[slow.as_bytes()]).unwrap();
    assert!(matches!(read.last(), Some(Event::Error(error)) if error.kind == ErrorKind::UpstreamTimeout));
    let stray = b"data: {\"id\":\"x\",\"message\":\"internal server error\"}\n\n";
    assert!(matches!(events(&[stray]).unwrap().last(), Some(Event::Error(_))));
}

#[test]
fn a_stream_that_breaks_off_says_so_and_a_last_line_feed_is_no_loss() {
    let stream = everything();
    let cut = stream.rfind("event: message-end").unwrap();
    let mut relay = Cohere.relay(&streamed(), &target("m"));
    let mut out = feed(&mut *relay, &[&stream.as_bytes()[..cut]]).unwrap();
    assert!(relay.finish(&mut out).is_err());
    let (_, ended) = Said::of_events(&events(&[&stream.as_bytes()[..cut]]).unwrap());
    assert!(!ended);
    // Without the last empty line, and without the last word.
    for end in [
        stream.len() - 1,
        stream.len() - "\n\ndata: [DONE]\n\n".len(),
        stream.len() - "data: [DONE]\n\n".len(),
    ] {
        let mut relay = Cohere.relay(&streamed(), &target("m"));
        let mut out = feed(&mut *relay, &[&stream.as_bytes()[..end]]).unwrap();
        relay.finish(&mut out).unwrap();
        assert!(out.concat().ends_with(b"\n\n"), "{end}");
        assert!(
            Said::of_events(&events(&[&stream.as_bytes()[..end]]).unwrap()).1,
            "{end}"
        );
    }
}

#[test]
fn bytes_of_no_stream_are_an_error() {
    for bytes in [&b"data: nonsense\n\n"[..], b"data: [1]\n\n", b"data: {\"type\":5}\n\n"] {
        assert_eq!(events(&[bytes]).unwrap_err().kind, ErrorKind::UpstreamFailed);
        assert!(feed(&mut *Cohere.relay(&streamed(), &target("m")), &[bytes]).is_err());
    }
}

#[test]
fn late_citations_find_their_text() {
    let cited = r#"{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":1,"text":"a","sources":[]}}}}"#;
    let stream = [
        r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":"a"}}}}"#,
        r#"{"type":"content-end","index":0}"#,
        cited,
        r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}"#,
    ]
    .map(event)
    .concat();
    let events = events(&[stream.as_bytes()]).unwrap();
    let place = |wanted: fn(&Event) -> bool| events.iter().position(wanted).unwrap();
    let cited = place(|event| matches!(event, Event::Citation { part: 0, .. }));
    assert!(cited < place(|event| matches!(event, Event::PartEnd { .. })));
    assert!(matches!(
        &events[1],
        Event::PartStart {
            start: PartStart::Text,
            ..
        }
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(at in 0usize..4000, with in any::<u8>(), size in 1usize..200) {
        let mut bytes = everything().into_bytes();
        let at = at % bytes.len();
        bytes[at] = with;
        let mut relay = Cohere.relay(&streamed(), &target("m"));
        let mut out = Vec::new();
        let mut reader = reader();
        let mut events = Vec::new();
        for piece in cut(&bytes, size) {
            let _ = relay.feed(Bytes::copy_from_slice(piece), &mut out);
            let _ = reader.feed(piece, &mut events);
        }
        let _ = relay.finish(&mut out);
        relay.close(&Close::Length, &mut out);
        let _ = reader.finish(&mut events);
        let _ = Cohere.response(&bytes, &target("m"), stamp());
    }
}
