//! Real requests, read and said again to the vendor that got them: the same JSON, unknown fields included.

use gateway_providers::lane::Cap;
use gateway_providers::openai::OpenAi;
use gateway_providers::{ClientDialect, ProviderDialect, kind};
use serde_json::{Map, Value};

use crate::{asked, decode, json, recordings, sent, target};

/// A request in one spelling of the several that mean the same.
fn normal(mut body: Value) -> Value {
    let top = body.as_object_mut().unwrap();
    // The cap has two names; usage is asked for where it would not come; the functions of old are tools.
    if let Some(cap) = top.remove("max_completion_tokens") {
        top.insert(String::from("max_tokens"), cap);
    }
    if let Some(Value::Object(options)) = top.get_mut("stream_options") {
        options.remove("include_usage");
    }
    if top.get("stream") == Some(&Value::Bool(false)) {
        top.remove("stream");
    }
    if top["stop"].is_string() {
        top["stop"] = Value::Array(vec![top["stop"].clone()]);
    }
    if top["tool_choice"] == "any" {
        top["tool_choice"] = "required".into();
    }
    if top["tool_choice"]["function"].is_object() {
        top["tool_choice"]["type"] = "function".into();
    }
    // Switched on, and no more said, is medium effort in OpenRouter's reference.
    if top["reasoning"]["enabled"] == true {
        top["reasoning"].as_object_mut().unwrap().remove("enabled");
        if top["reasoning"]["max_tokens"].is_null() {
            top["reasoning"]["effort"] = "medium".into();
        }
    }
    // A list of nothing is nothing.
    top.retain(|_, value| *value != Value::Array(Vec::new()) && *value != Value::Object(Map::new()));
    for tool in top.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        if tool["function"].is_object() {
            tool["type"] = "function".into();
        }
    }
    for message in top
        .get_mut("messages")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        message_of(message.as_object_mut().unwrap());
    }
    without_nulls(body)
}

fn message_of(message: &mut Map<String, Value>) {
    if message["role"] == "developer" {
        message.insert(String::from("role"), "system".into());
    }
    // A text is an array of one piece of text.
    let content = message.remove("content").unwrap_or_default();
    let mut pieces = match content {
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![serde_json::json!({"type": "text", "text": text})],
        Value::Array(pieces) => pieces,
        _ => Vec::new(),
    };
    // A mark on a message is one on the last of what it says.
    if let Some(mark) = message.remove("cache_control") {
        let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
        let place = match calls.and_then(|calls| calls.last_mut()) {
            Some(call) => Some(call),
            None => pieces.last_mut(),
        };
        place.unwrap()["cache_control"] = mark;
    }
    for piece in &mut pieces {
        if let Some(url) = piece["image_url"].as_str().map(ToOwned::to_owned) {
            piece["image_url"] = serde_json::json!({"url": url});
        }
    }
    message.insert(String::from("content"), Value::Array(pieces));
    // The thinking has several names, and stands in the details where there are some.
    let thinking = ["reasoning_content", "reasoning"].map(|name| message.remove(name));
    if message.get("reasoning_details").is_none_or(Value::is_null)
        && let Some(text) = thinking
            .into_iter()
            .flatten()
            .find(|text| text.as_str().is_some_and(|text| !text.is_empty()))
    {
        message.insert(String::from("reasoning"), text);
    }
    if message.get("annotations") == Some(&Value::Array(Vec::new())) {
        message.remove("annotations");
    }
    for call in message
        .get_mut("tool_calls")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        call.as_object_mut().unwrap().remove("index");
        call["type"] = "function".into();
    }
}

/// Without members that say nothing, and with every number as a float: 0 and 0.0 are one.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(members.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Into::into),
        other => other,
    }
}

#[test]
fn a_request_that_is_read_and_said_again_is_the_same() {
    for recording in recordings("chat") {
        let Some(body) = sent(&recording) else { continue };
        let name = &recording.id;
        let call = decode(gateway_types::Operation::Chat, body.clone()).unwrap();
        let request = OpenAi.read(&call).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Who has no profile of their own follows the book.
        let vendor = kind(&recording.provider)
            .filter(|kind| kind.dialects.contains(&call.dialect))
            .unwrap_or_else(asked);
        let there = target(vendor, call.model.as_str());
        let mut losses = Vec::new();
        let wire = OpenAi.request(&request, &there, Cap::Client, &mut losses).unwrap();
        let (given, said) = (normal(json(&body)), normal(json(&wire.body.concat())));
        if given == said {
            continue;
        }
        let keys = given
            .as_object()
            .unwrap()
            .keys()
            .chain(said.as_object().unwrap().keys());
        for key in keys {
            let (given, said) = (&given[key], &said[key]);
            let lost = losses.iter().any(|loss| loss.field.starts_with(key.as_str()));
            assert!(given == said || lost, "{name}: {key}\n{given}\n{said}\n{losses:?}");
        }
    }
}
