//! Real requests: sent on, only the declared spans differ.

use std::collections::BTreeMap;

use gateway_providers::lane::Cap;
use gateway_providers::{kind, prepare};
use gateway_types::{Call, Operation};
use http::HeaderMap;
use serde_json::Value;

use crate::{STAMP, asked, decode, recordings, sent, target};

fn calls() -> Vec<(String, Call)> {
    let recorded = recordings("chat").into_iter();
    recorded
        .filter_map(|recording| {
            let call = decode(Operation::Chat, sent(&recording)?);
            Some((
                recording.id.clone(),
                call.unwrap_or_else(|error| panic!("{}: {error}", recording.id)),
            ))
        })
        .collect()
}

#[test]
fn facts_are_what_the_json_says() {
    for (name, call) in calls() {
        let json: Value = serde_json::from_slice(&call.body.bytes).unwrap();
        assert_eq!(call.model.as_str(), json["model"].as_str().unwrap(), "{name}");
        assert_eq!(call.stream, json["stream"] == true, "{name}");
        let caps = ["max_tokens", "max_completion_tokens"]
            .into_iter()
            .filter_map(|cap| json[cap].as_u64());
        assert_eq!(call.caps.largest, caps.max(), "{name}");
        assert_eq!(u64::from(call.choices), json["n"].as_u64().unwrap_or(1), "{name}");
    }
}

#[test]
fn a_call_that_needs_no_edit_is_sent_as_it_came() {
    for (name, call) in calls() {
        let here = target(kind("openrouter").unwrap(), call.model.as_str());
        let prepared = prepare(&call, &here, Cap::Client, &HeaderMap::new(), STAMP).unwrap();
        assert_eq!(prepared.wire.body.concat(), call.body.bytes, "{name}");
        assert!(prepared.losses.is_empty(), "{name}");
    }
}

/// The members in order with their spelling.
fn members(json: &[u8]) -> BTreeMap<String, Box<serde_json::value::RawValue>> {
    serde_json::from_slice(json).unwrap()
}

#[test]
fn only_declared_spans_are_edited() {
    for (name, call) in calls() {
        let prepared = prepare(
            &call,
            &target(asked(), "elsewhere"),
            Cap::AtMost(5),
            &HeaderMap::new(),
            STAMP,
        )
        .unwrap();
        let (given, sent) = (members(&call.body.bytes), members(&prepared.wire.body.concat()));
        assert_eq!(sent["model"].get(), "\"elsewhere\"", "{name}");
        let cap = |key: &str| sent.get(key).and_then(|raw| raw.get().parse::<u64>().ok());
        let caps: Vec<u64> = ["max_tokens", "max_completion_tokens"]
            .into_iter()
            .filter_map(cap)
            .collect();
        assert!(!caps.is_empty() && caps.iter().all(|cap| *cap <= 5), "{name}");
        if call.stream {
            let options: Value = serde_json::from_str(sent["stream_options"].get()).unwrap();
            assert_eq!(options["include_usage"], true, "{name}");
        }
        for (key, raw) in &given {
            if !["model", "max_tokens", "max_completion_tokens", "stream_options"].contains(&key.as_str()) {
                assert_eq!(sent[key].get(), raw.get(), "{name}: {key}");
            }
        }
    }
}
