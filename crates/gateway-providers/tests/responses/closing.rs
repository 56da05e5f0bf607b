//! Streams that cannot go on end legally from wherever they stand.

use gateway_providers::responses::Responses;
use gateway_providers::{Close, ProviderDialect};
use gateway_types::{Error, ErrorKind};
use serde_json::Value;

use crate::golden::{frames, streams};
use crate::said::Said;
use crate::{events_of, grammar, streamed, target};

fn closed(frames: &[bytes::Bytes], how: &Close) -> Option<Vec<u8>> {
    let mut relay = Responses.relay(&streamed(), &target("openai"));
    let mut out = Vec::new();
    for frame in frames {
        relay.feed(frame.clone(), &mut out).ok()?;
    }
    if relay.observed().done || relay.observed().failed {
        return None;
    }
    relay.close(how, &mut out);
    Some(out.concat())
}

/// How a stream ends; all of it is checked where the provider's part is what it should be.
fn ending(events: &[Value], strict: bool) -> (String, Value) {
    if strict {
        return grammar::check(events);
    }
    let last = events.last().unwrap();
    (last["type"].as_str().unwrap().to_owned(), last["response"].clone())
}

#[test]
fn a_stream_is_cut_after_every_frame_as_if_it_had_met_its_cap() {
    let mut checked = 0;
    for stream in streams() {
        let frames = frames(&stream);
        let strict = grammar::holds(&events_of(&stream));
        for end in 0..frames.len() {
            let Some(bytes) = closed(&frames[..end], &Close::Length) else {
                continue;
            };
            let events = events_of(&bytes);
            let (kind, response) = ending(&events, strict);
            assert_eq!(kind, "response.incomplete");
            assert_eq!(response["incomplete_details"]["reason"], "max_output_tokens");
            // All that has been said bit by bit is in it.
            let said: String = events
                .iter()
                .filter(|event| event["type"] == "response.output_text.delta")
                .filter_map(|event| event["delta"].as_str())
                .collect();
            let told = Said::of_json(&response).text;
            assert!(told == said || said.is_empty(), "{told:?} {said:?}");
            checked += 1;
        }
    }
    println!("{checked} closings");
}

#[test]
fn a_stream_is_ended_by_an_error_after_every_frame() {
    let error = Error::new(ErrorKind::UpstreamTimeout, "nothing came for 60 seconds");
    for stream in streams() {
        let frames = frames(&stream);
        let strict = grammar::holds(&events_of(&stream));
        for end in (0..frames.len()).step_by(7) {
            let Some(bytes) = closed(&frames[..end], &Close::Error(error.clone())) else {
                continue;
            };
            let events = events_of(&bytes);
            let (kind, response) = ending(&events, strict);
            assert_eq!(kind, "response.failed");
            assert_eq!(response["error"]["message"], error.message);
            let told = &events[events.len() - 2];
            assert_eq!(
                (&told["type"], &told["error"]["message"]),
                (&"error".into(), &error.message.clone().into())
            );
        }
    }
}
