//! Streams of real traffic, and of our own: however they are cut, wherever they end.

use bytes::Bytes;
use gateway_providers::ollama::Ollama;
use gateway_providers::{ClientDialect, Close, ProviderDialect};
use gateway_types::chat::Event;
use gateway_types::{Call, Error, ErrorKind};
use proptest::prelude::*;
use serde_json::Value;

use crate::recorded::recordings;
use crate::said::Said;
use crate::{chat, cut, events, feed, generate, stamp, target};

/// A stream with everything in it: thinking, text, a picture, calls with and without ids, probabilities.
const EVERYTHING: &str = concat!(
    r#"{"model":"m","created_at":"2026-08-07T06:08:23.577476Z","message":{"role":"assistant","content":"","thinking":"grün 🦀"},"done":false}"#,
    "\n",
    r#"{"model":"m","created_at":"2026-08-07T06:08:24Z","message":{"role":"assistant","content":"Ruby"},"done":false,"logprobs":[{"token":"Ruby","logprob":-0.5,"bytes":[82],"top_logprobs":[]}]}"#,
    "\r\n\n",
    r#"{"model":"m","created_at":"2026-08-07T06:08:25Z","message":{"role":"assistant","content":" is","images":["iVBORw0KGgo="]},"done":false}"#,
    "\n",
    r#"{"model":"m","created_at":"2026-08-07T06:08:26Z","message":{"role":"assistant","content":"","tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{"a":1}}},{"function":{"index":1,"name":"g","arguments":{}}}]},"done":false}"#,
    "\n",
    r#"{"model":"m","created_at":"2026-08-07T06:08:27Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":3,"eval_count":4}"#,
    "\n",
);

const GENERATED: &str = concat!(
    r#"{"model":"m","created_at":"2026-08-07T06:08:23Z","response":"","thinking":"hm","done":false}"#,
    "\n",
    r#"{"model":"m","created_at":"2026-08-07T06:08:24Z","response":"Ruby","done":false}"#,
    "\n",
    r#"{"model":"m","created_at":"2026-08-07T06:08:25Z","response":"","done":true,"done_reason":"length","context":[1,2],"prompt_eval_count":3,"eval_count":4}"#,
    "\n",
);

fn all() -> Vec<(String, Bytes, Call)> {
    let turns = ["api-chat", "api-generate"];
    let recorded = recordings(|recording| {
        recording.provider == "ollama" && turns.contains(&recording.endpoint.as_str()) && recording.stream
    });
    let of = |endpoint: &str| if endpoint == "api-chat" { chat() } else { generate() };
    let recorded = recorded
        .into_iter()
        .map(|recording| (recording.id.clone(), recording.answered(), of(&recording.endpoint)));
    let own = [("everything", EVERYTHING, chat()), ("generated", GENERATED, generate())];
    recorded
        .chain(own.map(|(id, text, call)| (id.to_owned(), Bytes::from(text), call)))
        .collect()
}

/// The lines, read without the dialect.
fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn joined(lines: &[Value], key: &str) -> String {
    let of = |line: &Value| line.get("message").unwrap_or(line)[key].as_str().map(str::to_owned);
    lines.iter().filter_map(of).collect()
}

#[test]
fn streams_are_read_as_they_say() {
    for (id, bytes, _) in all() {
        let events = events(&[&bytes]).unwrap();
        let ((said, ended), lines) = (Said::of_events(&events), lines(&bytes));
        assert_eq!(
            said.text,
            joined(&lines, "content") + &joined(&lines, "response"),
            "{id}"
        );
        assert_eq!(said.reasoning, joined(&lines, "thinking"), "{id}");
        let last = lines.last().unwrap();
        let usage = said.usage.unwrap();
        assert_eq!(
            (Some(usage.input), Some(usage.output)),
            (last["prompt_eval_count"].as_u64(), last["eval_count"].as_u64()),
            "{id}"
        );
        let finish = match (last["done_reason"].as_str().unwrap(), said.tools.is_empty()) {
            ("stop", false) => "tools",
            (word, _) => word,
        };
        assert_eq!((said.finish, ended), (Some(finish), true), "{id}");
        let Some(Event::Start { model, created, .. }) = events.first() else {
            panic!("{id}")
        };
        assert_eq!(
            (Some(model.as_str()), created.is_some()),
            (last["model"].as_str(), true),
            "{id}"
        );
    }
}

#[test]
fn every_part_begins_and_ends_once() {
    for (id, bytes, _) in all() {
        let (mut open, mut next) = (None, 0);
        for event in events(&[&bytes]).unwrap() {
            match event {
                Event::PartStart { part, .. } => {
                    assert_eq!((open, part), (None, next), "{id}");
                    (open, next) = (Some(part), next + 1);
                }
                Event::Delta { part, .. } => assert_eq!(open, Some(part), "{id}"),
                Event::PartEnd { part, .. } => assert_eq!(open.take(), Some(part), "{id}"),
                _ => {}
            }
        }
        assert_eq!(open, None, "{id}");
    }
}

#[test]
fn streams_pass_byte_for_byte_however_they_are_cut() {
    for (id, bytes, call) in all() {
        for size in [1, 2, 7, 100, 1000, usize::MAX] {
            let mut relay = Ollama.relay(&call, &target("m"));
            let mut out = feed(&mut *relay, &cut(&bytes, size)).unwrap();
            relay.finish(&mut out).unwrap();
            assert_eq!(out.concat(), bytes, "{id} {size}");
            let seen = relay.observed();
            let last = lines(&bytes).pop().unwrap();
            assert_eq!(seen.finish.as_deref(), last["done_reason"].as_str(), "{id}");
            assert_eq!(
                seen.usage.map(|usage| usage.output),
                last["eval_count"].as_u64(),
                "{id}"
            );
            assert!(
                seen.done && seen.content && !seen.failed && seen.model.is_some(),
                "{id}"
            );
        }
    }
}

#[test]
fn any_cutting_gives_the_same_events() {
    for (id, bytes, _) in all() {
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
    for (id, bytes, call) in all() {
        let first = events(&[&bytes]).unwrap();
        let (mut written, mut losses) = (Vec::new(), Vec::new());
        let mut writer = Ollama.writer(&call, stamp());
        for event in &first {
            writer.write(event, &mut written, &mut losses);
        }
        assert!(losses.is_empty(), "{id}: {losses:?}");
        let again = events(&[&written]).unwrap();
        assert_eq!(Said::of_events(&again), Said::of_events(&first), "{id}");
        let (was, is) = (lines(&bytes), lines(&written));
        let form = |line: &Value| (line.get("message").is_some(), line.get("response").is_some());
        assert!(
            is.iter().all(|line| form(line) == form(&was[0])),
            "{id}: in the form that was asked for"
        );
        assert!(is.iter().all(|line| line["model"] == was[0]["model"]), "{id}");
        assert_eq!(is.iter().filter(|line| line["done"] == true).count(), 1, "{id}");
    }
}

/// All of the first places, and some of the others: long streams repeat themselves.
fn thinned(places: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
    let kept = |(n, _): &(usize, usize)| *n < 40 || n % 16 == 0;
    places.enumerate().filter(kept).map(|(_, place)| place)
}

#[test]
fn a_stream_can_be_ended_after_every_line() {
    for (id, bytes, call) in all() {
        let ends = (0..bytes.len()).filter(|at| bytes[..*at].ends_with(b"\n")).chain([0]);
        for end in thinned(ends) {
            for how in [
                Close::Length,
                Close::Error(Error::new(ErrorKind::UpstreamFailed, "it broke off")),
            ] {
                let mut relay = Ollama.relay(&call, &target("m"));
                let mut out = feed(&mut *relay, &[&bytes[..end]]).unwrap();
                assert!(relay.finish(&mut out).is_err(), "{id} {end}");
                relay.close(&how, &mut out);
                let out = out.concat();
                let (last, events) = (lines(&out).pop().unwrap(), events(&[&out]).unwrap());
                let (said, ended) = Said::of_events(&events);
                match how {
                    Close::Length => {
                        assert_eq!((ended, said.finish), (true, Some("length")), "{id} {end}");
                        assert_eq!(
                            (last["done"].as_bool(), last["done_reason"].as_str()),
                            (Some(true), Some("length")),
                            "{id}"
                        );
                        assert!(last["model"].is_string() && last["created_at"].is_string(), "{id}");
                        assert!(last.get("message").or_else(|| last.get("response")).is_some(), "{id}");
                    }
                    Close::Error(_) => {
                        assert_eq!(
                            (ended, last["error"].as_str()),
                            (false, Some("it broke off")),
                            "{id} {end}"
                        );
                        assert!(matches!(events.last(), Some(Event::Error(_))), "{id} {end}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_error_before_content_is_another_attempt_and_after_it_the_clients() {
    let said = r#"{"model":"m","message":{"role":"assistant","content":"a"},"done":false}"#.to_owned() + "\n";
    let failed = r#"{"error":"an error was encountered while running the model"}"#.to_owned() + "\n";
    let mut relay = Ollama.relay(&chat(), &target("m"));
    let error = feed(&mut *relay, &[failed.as_bytes()]).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (
            ErrorKind::UpstreamFailed,
            "an error was encountered while running the model"
        )
    );
    let mut relay = Ollama.relay(&chat(), &target("m"));
    let out = feed(&mut *relay, &[said.as_bytes(), failed.as_bytes()]).unwrap();
    assert_eq!(out.concat(), [said.as_bytes(), failed.as_bytes()].concat());
    assert!(relay.observed().failed && !relay.observed().done);
    let read = events(&[said.as_bytes(), failed.trim_end().as_bytes()]).unwrap();
    assert!(
        matches!(read.last(), Some(Event::Error(_))),
        "the last line may lack its end"
    );
    let busy = br#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#;
    assert!(
        matches!(&events(&[busy]).unwrap()[..], [Event::Error(error)] if error.kind == ErrorKind::UpstreamOverloaded)
    );
}

#[test]
fn a_stream_that_breaks_off_says_so_and_a_last_line_feed_is_no_loss() {
    let cut = EVERYTHING.rfind("{\"model\"").unwrap();
    let mut relay = Ollama.relay(&chat(), &target("m"));
    let mut out = feed(&mut *relay, &[&EVERYTHING.as_bytes()[..cut + 20]]).unwrap();
    assert!(relay.finish(&mut out).is_err());
    assert_eq!(
        out.concat(),
        &EVERYTHING.as_bytes()[..cut],
        "half a line is not passed on"
    );
    assert!(!Said::of_events(&events(&[&EVERYTHING.as_bytes()[..cut + 20]]).unwrap()).1);
    let mut relay = Ollama.relay(&chat(), &target("m"));
    let mut out = feed(&mut *relay, &[EVERYTHING.trim_end().as_bytes()]).unwrap();
    relay.finish(&mut out).unwrap();
    assert_eq!(out.concat(), EVERYTHING.as_bytes());
}

#[test]
fn older_servers_say_only_that_it_is_over() {
    let stream = "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":false}\n{\"model\":\"m\",\"done\":true}\n";
    let (said, ended) = Said::of_events(&events(&[stream.as_bytes()]).unwrap());
    assert_eq!(
        (said.text.as_str(), said.finish, said.usage, ended),
        ("a", Some("stop"), None, true)
    );
    for bytes in [&b"nonsense\n"[..], b"[1]\n", b"{\"done\":\"yes\"}\n"] {
        assert_eq!(events(&[bytes]).unwrap_err().kind, ErrorKind::UpstreamFailed);
        assert!(feed(&mut *Ollama.relay(&chat(), &target("m")), &[bytes]).is_err());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(at in 0usize..2000, with in any::<u8>(), size in 1usize..200) {
        let mut bytes = EVERYTHING.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = with;
        let mut relay = Ollama.relay(&chat(), &target("m"));
        let mut reader = Ollama.reader(&target("m"), stamp());
        let (mut out, mut events) = (Vec::new(), Vec::new());
        for piece in cut(&bytes, size) {
            let _ = relay.feed(Bytes::copy_from_slice(piece), &mut out);
            let _ = reader.feed(piece, &mut events);
        }
        let _ = relay.finish(&mut out);
        relay.close(&Close::Length, &mut out);
        let _ = reader.finish(&mut events);
        let _ = Ollama.response(&bytes, &target("m"), stamp());
    }
}
