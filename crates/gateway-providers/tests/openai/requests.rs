//! Real requests: sent on, only the declared spans differ; read and said again, they ask the same.

use std::collections::BTreeMap;

use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect, kind, prepare};
use gateway_types::chat::{Message, Part, Request, ToolKind};
use gateway_types::{Call, Operation};
use http::HeaderMap;
use serde_json::Value;

use crate::recorded::recordings;
use crate::{asked, target};

fn calls() -> Vec<(String, Call)> {
    let decode = |recording: crate::recorded::Recording| {
        let body = recording.body()?;
        let call = OpenAi.decode(Operation::Chat, body);
        Some((
            recording.id.clone(),
            call.unwrap_or_else(|error| panic!("{}: {error}", recording.id)),
        ))
    };
    recordings("/chat/completions").into_iter().filter_map(decode).collect()
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
        let prepared = prepare(&call, &here, Cap::Client, &HeaderMap::new()).unwrap();
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
        let prepared = prepare(&call, &target(asked(), "elsewhere"), Cap::AtMost(5), &HeaderMap::new()).unwrap();
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

/// What must survive, in words: without what only the source's own dialect has.
fn essence(mut request: Request) -> String {
    request.extras.0.clear();
    request.tools.retain(|tool| !matches!(tool.kind, ToolKind::Other(_)));
    request.tools.iter_mut().for_each(|tool| tool.cache = None);
    request.thinking_budget = None;
    let keep = |message: &mut Message| {
        message.extras.0.clear();
        // The name of a tool stands with its call.
        if matches!(message.parts[..], [Part::ToolResult(_)]) {
            message.name = None;
        }
        strip(&mut message.parts);
    };
    request.messages.iter_mut().for_each(keep);
    format!("{request:#?}")
}

fn strip(parts: &mut Vec<Part>) {
    parts.retain(|part| !matches!(part, Part::Other(_)));
    for part in parts {
        match part {
            Part::Text { cache, .. } | Part::Image { cache, .. } | Part::Document { cache, .. } => *cache = None,
            Part::ToolUse(tool) => {
                tool.cache = None;
                tool.extras.0.clear();
            }
            Part::ToolResult(result) => {
                result.cache = None;
                strip(&mut result.parts);
            }
            _ => {}
        }
    }
}

#[test]
fn a_request_that_is_read_and_said_again_asks_the_same() {
    for (name, call) in calls() {
        let request = OpenAi.read(&call).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut losses = Vec::new();
        let wire = OpenAi
            .request(
                &request,
                &target(asked(), call.model.as_str()),
                Cap::Client,
                &mut losses,
            )
            .unwrap();
        let again = OpenAi.decode(Operation::Chat, wire.body.concat()).unwrap();
        assert_eq!((&again.model, again.stream), (&call.model, call.stream), "{name}");
        let (again, given) = (essence(OpenAi.read(&again).unwrap()), essence(request));
        let other = given.lines().zip(again.lines()).find(|(given, again)| given != again);
        assert!(again == given, "{name}: {other:?}, {losses:?}");
    }
}
