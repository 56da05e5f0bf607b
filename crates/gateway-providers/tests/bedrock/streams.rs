//! Streams that no recording shows: exceptions in the middle, odd orders, blocks in pieces, and what comes of other dialects'
//! events.

use gateway_providers::bedrock::Bedrock;
use gateway_providers::{ClientDialect, EventWriter};
use gateway_types::chat::{Citation, Event, Finish, Opaque, Part, PartStart, Source, Verbatim};
use gateway_types::loss::{Fate, Loss};
use gateway_types::{DialectName, Error, ErrorKind, Operation, Usage};
use serde_json::{Value, json};

use crate::STAMP;
use crate::assembled::{from_events, from_json, message_of, messages, read};
use crate::golden::call;
use crate::passing::stream;

fn delta(index: u32, delta: Value) -> (&'static str, Value) {
    (
        "contentBlockDelta",
        json!({"contentBlockIndex": index, "delta": delta, "p": "abc"}),
    )
}

fn stop(index: u32) -> (&'static str, Value) {
    ("contentBlockStop", json!({ "contentBlockIndex": index }))
}

fn ending(reason: &str) -> [(&'static str, Value); 2] {
    [
        ("messageStop", json!({ "stopReason": reason })),
        (
            "metadata",
            json!({"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}, "metrics": {"latencyMs": 5}}),
        ),
    ]
}

fn begun() -> (&'static str, Value) {
    ("messageStart", json!({"role": "assistant"}))
}

#[test]
fn an_exception_in_the_middle_is_an_error_and_the_last_word() {
    for (name, kind) in [
        ("!modelStreamErrorException", ErrorKind::UpstreamFailed),
        ("!throttlingException", ErrorKind::UpstreamLimited),
        ("!serviceUnavailableException", ErrorKind::UpstreamOverloaded),
        ("!internalServerException", ErrorKind::UpstreamFailed),
        ("!validationException", ErrorKind::UpstreamRejected),
    ] {
        let bytes = stream(&[
            begun(),
            delta(0, json!({"text": "a"})),
            (name, json!({"message": "why"})),
            stop(0),
        ]);
        let events = read(&[&bytes]).unwrap();
        let Some(Event::Error(error)) = events.last() else {
            panic!("{events:?}")
        };
        assert_eq!((error.kind, error.message.as_str()), (kind, "why"), "{name}");
    }
}

#[test]
fn a_stream_that_broke_off_does_not_end() {
    let whole = stream(&[begun(), delta(0, json!({"text": "a"})), stop(0)]);
    for bytes in [&whole[..], &whole[..whole.len() - 3]] {
        let events = read(&[bytes]).unwrap();
        assert!(
            !events
                .iter()
                .any(|event| matches!(event, Event::End | Event::Finish { .. })),
            "{events:?}"
        );
    }
    // Where the reason has come, only the report is missing.
    let ended = stream(&[begun(), ("messageStop", json!({"stopReason": "end_turn"}))]);
    assert!(matches!(read(&[&ended]).unwrap().last(), Some(Event::End)));
}

#[test]
fn blocks_may_lack_their_stop_change_their_kind_and_come_in_pieces() {
    let [end, report] = ending("stop_sequence");
    let bytes = stream(&[
        begun(),
        delta(0, json!({"reasoningContent": {"text": "hm"}})),
        delta(0, json!({"reasoningContent": {"signature": "sig"}})),
        delta(0, json!({"text": "a"})),
        delta(1, json!({"reasoningContent": {"redactedContent": "QUI="}})),
        delta(1, json!({"reasoningContent": {"redactedContent": "Q0Q="}})),
        stop(1),
        (
            "contentBlockStart",
            json!({"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t", "name": "now"}}}),
        ),
        ("aNewEvent", json!({"x": 1})),
        delta(2, json!({"somethingNew": {}})),
        stop(2),
        (
            "contentBlockStart",
            json!({"contentBlockIndex": 3, "start": {"image": {"format": "png"}}}),
        ),
        delta(3, json!({"image": {"source": {"bytes": "QUJD"}}})),
        (
            end.0,
            json!({"stopReason": "stop_sequence", "additionalModelResponseFields": {"stop_sequence": "END"}}),
        ),
        report,
    ]);
    let events = read(&[&bytes]).unwrap();
    let image = events.iter().find_map(|event| match event {
        Event::PartStart {
            start: PartStart::Whole(Part::Image { source, .. }),
            ..
        } => Some(source.clone()),
        _ => None,
    });
    assert_eq!(
        image,
        Some(Source::Inline {
            media_type: "image/png".into(),
            data: "QUJD".into()
        })
    );
    let without: Vec<Event> = events
        .into_iter()
        .filter(|event| !matches!(event, Event::PartStart { part: 4, .. } | Event::PartEnd { part: 4, .. }))
        .collect();
    let answer = from_events(&without);
    let expected = [
        json!(["thought", "hm", "sig"]),
        json!(["text", "a", []]),
        json!(["hidden", "QUJDRA=="]),
        json!(["tool", "t", "now", {}]),
    ];
    assert_eq!(answer.pieces, expected);
    assert_eq!(answer.finish, Some(Finish::StopSequence(Some("END".into()))));
    assert_eq!(
        answer.usage,
        Usage {
            input: 3,
            output: 4,
            ..Usage::default()
        }
    );
}

#[test]
fn a_stream_that_leaves_ever_more_open_is_refused() {
    let blocks = |count: u32| {
        let tool = |index| json!({"contentBlockIndex": index, "start": {"toolUse": {"toolUseId": "t", "name": "f"}}});
        let events: Vec<_> = (0..count).map(|index| ("contentBlockStart", tool(index))).collect();
        stream(&events)
    };
    assert!(read(&[&blocks(64)]).is_ok());
    assert!(read(&[&blocks(65)]).is_err());
    assert!(crate::passing::pass(Operation::Chat, &[&blocks(65)]).is_err());
    let piece = "QUFB".repeat(1 << 20);
    let hidden = stream(&[delta(0, json!({"reasoningContent": {"redactedContent": piece}}))]);
    assert!(read(&[&hidden, &hidden, &hidden, &hidden]).is_ok());
    assert!(read(&[&hidden, &hidden, &hidden, &hidden, &hidden]).is_err());
}

/// What a client gets of those events.
fn written(events: &[Event]) -> (Vec<u8>, Vec<Loss>) {
    let mut writer: Box<dyn EventWriter> = Bedrock.writer(&call(Operation::Chat, true, "{}"), STAMP);
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    for event in events {
        writer.write(event, &mut out, &mut losses);
    }
    (out, losses)
}

fn start(part: u32, start: PartStart) -> Event {
    Event::PartStart { choice: 0, part, start }
}

fn more(part: u32, text: &str) -> Event {
    Event::Delta {
        choice: 0,
        part,
        text: text.into(),
    }
}

fn end(part: u32) -> Event {
    Event::PartEnd { choice: 0, part }
}

/// A report of nothing, so that nothing is estimated.
fn used() -> Event {
    Event::Usage(Usage::default())
}

fn finished(finish: Finish) -> [Event; 2] {
    [Event::Finish { choice: 0, finish }, Event::End]
}

fn tool(id: &str, freeform: bool) -> PartStart {
    PartStart::ToolUse {
        id: id.into(),
        name: "f".into(),
        freeform,
    }
}

#[test]
fn calls_whose_pieces_are_mixed_keep_their_blocks_apart() {
    let mut events = vec![
        start(0, PartStart::Text),
        more(0, "a"),
        start(1, tool("one", false)),
        more(1, "{\"x\":"),
        start(2, tool("two", false)),
        more(2, "{}"),
        more(1, "1}"),
        more(0, "b"),
        end(1),
        end(2),
        end(0),
    ];
    events.push(used());
    events.extend(finished(Finish::Stop));
    let (bytes, losses) = written(&events);
    let answer = from_json(&message_of(&bytes));
    let expected = [
        json!(["text", "a", []]),
        json!(["tool", "one", "f", {"x": 1}]),
        json!(["tool", "two", "f", {}]),
        json!(["text", "b", []]),
    ];
    assert_eq!((answer.pieces, answer.finish), (expected.to_vec(), Some(Finish::Tools)));
    assert_eq!(losses, []);
}

#[test]
fn a_freeform_call_is_an_object_with_one_text() {
    let mut events = vec![start(0, tool("t", true)), more(0, "a\n\"b"), more(0, "\\"), end(0)];
    events.extend(finished(Finish::Tools));
    let (bytes, _) = written(&events);
    assert_eq!(
        from_json(&message_of(&bytes)).pieces,
        [json!(["tool", "t", "f", {"input": "a\n\"b\\"}])]
    );
}

#[test]
fn what_the_dialect_cannot_say_is_reported_once() {
    let mut events = vec![
        Event::Start {
            id: "x".into(),
            model: "m".into(),
            created: None,
        },
        start(0, PartStart::Refusal),
        more(0, "no"),
        end(0),
        Event::PartStart {
            choice: 1,
            part: 0,
            start: PartStart::Text,
        },
        Event::Delta {
            choice: 1,
            part: 0,
            text: "b".into(),
        },
        Event::Usage(Usage {
            input: 1,
            output: 2,
            reasoning: 3,
            ..Usage::default()
        }),
    ];
    events.extend(finished(Finish::Refusal));
    let (bytes, losses) = written(&events);
    let answer = from_json(&message_of(&bytes));
    assert_eq!(answer.pieces, [json!(["text", "no", []])]);
    assert_eq!((answer.usage.output, answer.finish), (5, Some(Finish::Filtered)));
    let told: Vec<(&str, Fate)> = losses.iter().map(|loss| (loss.field.as_str(), loss.fate)).collect();
    let expected = [
        ("content[0]", Fate::Mapped),
        ("choices[1]", Fate::Dropped),
        ("finish_reason", Fate::Mapped),
        ("usage", Fate::Mapped),
    ];
    assert_eq!(told, expected);
}

#[test]
fn an_error_ends_a_stream_in_an_exception() {
    let events = [
        start(0, PartStart::Text),
        more(0, "a"),
        Event::Error(Error::new(ErrorKind::UpstreamOverloaded, "busy")),
    ];
    let (bytes, _) = written(&events);
    let sent = messages(&bytes);
    assert_eq!(
        sent.last(),
        Some(&("!serviceUnavailableException".to_owned(), json!({"message": "busy"})))
    );
}

#[test]
fn foreign_citations_become_sources_of_the_web() {
    let citation = Citation {
        url: Some("https://a.example/b?c".into()),
        title: Some("A".into()),
        quote: Some("words".into()),
        range: Some((0, 1)),
        verbatim: Verbatim {
            dialect: DialectName::OpenAi,
            json: serde_json::from_str("{}").unwrap(),
        },
    };
    let mut events = vec![
        start(0, PartStart::Text),
        more(0, "a"),
        Event::Citation {
            choice: 0,
            part: 0,
            citation,
        },
        end(0),
    ];
    events.push(used());
    events.extend(finished(Finish::Stop));
    let (bytes, losses) = written(&events);
    let web = json!({"url": "https://a.example/b?c", "domain": "a.example"});
    let cited = json!({"title": "A", "sourceContent": [{"text": "words"}], "location": {"web": web}});
    assert_eq!(from_json(&message_of(&bytes)).pieces, [json!(["text", "a", [cited]])]);
    assert!(
        losses.iter().all(|loss| loss.fate == Fate::Mapped) && losses.len() == 1,
        "{losses:?}"
    );
}

#[test]
fn signatures_of_others_find_a_place_each() {
    let signature = |value: &str| Opaque {
        dialect: DialectName::Gemini,
        maker: Some(("gemini".into(), "gemini-3".into())),
        value: value.into(),
    };
    let signed = |part, value| Event::Signature {
        choice: 0,
        part,
        signature: signature(value),
    };
    let mut events = vec![
        start(0, PartStart::Reasoning),
        more(0, "hm"),
        signed(0, "of-thought"),
        end(0),
        start(1, PartStart::Text),
        more(1, "a"),
        signed(1, "of-text"),
        end(1),
        start(2, tool("t", false)),
        signed(2, "of-call"),
        more(2, "{}"),
        end(2),
        start(3, PartStart::Encrypted(signature("hidden"))),
        end(3),
    ];
    events.push(used());
    events.extend(finished(Finish::Tools));
    let (bytes, losses) = written(&events);
    assert_eq!(losses, []);
    // The client brings the answer back as it got it.
    let body = json!({"messages": [message_of(&bytes)["output"]["message"]]}).to_string();
    let request = Bedrock.read(&call(Operation::Chat, false, &body)).unwrap();
    let [
        Part::Reasoning(thought),
        Part::Text {
            text,
            signature: Some(of_text),
            ..
        },
        Part::ToolUse(called),
        Part::Reasoning(hidden),
    ] = &request.messages[0].parts[..]
    else {
        panic!("{:?}", request.messages)
    };
    assert_eq!(
        (thought.text.as_str(), &thought.signature),
        ("hm", &Some(signature("of-thought")))
    );
    assert_eq!((text.as_str(), of_text), ("a", &signature("of-text")));
    assert_eq!(
        (called.id.as_str(), &called.signature),
        ("t", &Some(signature("of-call")))
    );
    assert_eq!(
        (hidden.text.as_str(), &hidden.encrypted),
        ("", &Some(signature("hidden")))
    );
}
