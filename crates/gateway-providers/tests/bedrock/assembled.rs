//! What an answer says, read off its JSON, its frames, the vocabulary and its events alike, so that they can be compared.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_providers::bedrock::Bedrock;
use gateway_providers::framing::eventstream::{Message, MessageType, Splitter};
use gateway_providers::{EventReader, ProviderDialect};
use gateway_types::chat::{Event, Finish, Part, PartStart, Reasoning, Response, ToolUse};
use gateway_types::{Error, Usage};
use serde_json::{Value, json};

use crate::{STAMP, target};

/// An answer without its spelling.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    /// The pieces, each as a list that begins with its kind.
    pub(crate) pieces: Vec<Value>,
    pub(crate) finish: Option<Finish>,
    pub(crate) usage: Usage,
}

/// From the JSON of a whole answer.
pub(crate) fn from_json(body: &Value) -> Answer {
    let blocks = body["output"]["message"]["content"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    Answer {
        pieces: blocks.iter().map(piece_of_json).collect(),
        finish: body["stopReason"]
            .as_str()
            .map(|word| finish(word, &body["additionalModelResponseFields"])),
        usage: usage(&body["usage"]),
    }
}

fn piece_of_json(block: &Value) -> Value {
    let (kind, value) = block.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "text" => json!(["text", value, []]),
        "citationsContent" => {
            let texts = value["content"].as_array().cloned().unwrap_or_default();
            let text: String = texts.iter().filter_map(|piece| piece["text"].as_str()).collect();
            json!(["text", text, value["citations"]])
        }
        "reasoningContent" if value["redactedContent"].is_string() => json!(["hidden", value["redactedContent"]]),
        "reasoningContent" => json!([
            "thought",
            value["reasoningText"]["text"],
            value["reasoningText"]["signature"]
        ]),
        "toolUse" if value["type"] != "server_tool_use" => {
            json!(["tool", value["toolUseId"], value["name"], value["input"]])
        }
        _ => json!(["own", block]),
    }
}

fn finish(word: &str, fields: &Value) -> Finish {
    match word {
        "end_turn" => Finish::Stop,
        "tool_use" => Finish::Tools,
        "max_tokens" => Finish::Length,
        "stop_sequence" => Finish::StopSequence(fields["stop_sequence"].as_str().map(str::to_owned)),
        "guardrail_intervened" | "content_filtered" => Finish::Filtered,
        other => Finish::Other(other.to_owned()),
    }
}

fn usage(said: &Value) -> Usage {
    let count = |key: &str| said[key].as_u64().unwrap_or_default();
    let details = said["cacheDetails"].as_array().cloned().unwrap_or_default();
    let hour = details
        .iter()
        .filter(|detail| detail["ttl"] == "1h")
        .filter_map(|detail| detail["inputTokens"].as_u64())
        .sum();
    Usage {
        input: count("inputTokens"),
        output: count("outputTokens"),
        cache_read: count("cacheReadInputTokens"),
        cache_write: count("cacheWriteInputTokens") - hour,
        cache_write_hour: hour,
        ..Usage::default()
    }
}

/// The events of a stream, by their names.
pub(crate) fn messages(stream: &[u8]) -> Vec<(String, Value)> {
    let mut splitter = Splitter::default();
    splitter.push(Bytes::copy_from_slice(stream));
    let mut messages = Vec::new();
    while let Some(frame) = splitter.next_frame().unwrap() {
        let message = Message::read(&frame.bytes).unwrap();
        let name = match message.kind {
            MessageType::Event => message.name,
            _ => format!("!{}", message.name),
        };
        messages.push((name, serde_json::from_slice(message.payload).unwrap()));
    }
    assert!(!splitter.is_within_frame());
    messages
}

/// The whole answer that a stream adds up to, as its JSON.
pub(crate) fn message_of(stream: &[u8]) -> Value {
    let mut blocks: BTreeMap<u64, Value> = BTreeMap::new();
    let mut whole = json!({});
    for (name, payload) in messages(stream) {
        let index = payload["contentBlockIndex"].as_u64().unwrap_or_default();
        match name.as_str() {
            "contentBlockStart" => {
                blocks.insert(index, payload["start"].clone());
            }
            "contentBlockDelta" => add(blocks.entry(index).or_insert_with(|| json!({})), &payload["delta"]),
            "messageStop" => {
                whole["stopReason"] = payload["stopReason"].clone();
                whole["additionalModelResponseFields"] = payload["additionalModelResponseFields"].clone();
            }
            "metadata" => whole["usage"] = payload["usage"].clone(),
            "messageStart" | "contentBlockStop" => {}
            other => panic!("an event `{other}`"),
        }
    }
    for block in blocks.values_mut() {
        if let Some(tool) = block.get_mut("toolUse").and_then(Value::as_object_mut) {
            let input = tool
                .remove("written")
                .and_then(|written| serde_json::from_str(written.as_str()?).ok());
            tool.insert("input".into(), input.unwrap_or(json!({})));
        }
        block.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    let content: Vec<Value> = blocks.into_values().collect();
    whole["output"] = json!({"message": {"role": "assistant", "content": content}});
    whole
}

fn add(block: &mut Value, delta: &Value) {
    let (kind, more) = delta.as_object().unwrap().iter().next().unwrap();
    let append =
        |to: &mut Value, more: &Value| *to = json!(to.as_str().unwrap_or_default().to_owned() + more.as_str().unwrap());
    match kind.as_str() {
        "text" if block["citationsContent"].is_object() => {
            append(&mut block["citationsContent"]["content"][0]["text"], more);
        }
        "text" => append(&mut block["text"], more),
        "citation" => {
            if !block["citationsContent"].is_object() {
                let text = block["text"].take();
                let content = if text.is_null() {
                    json!([])
                } else {
                    json!([{ "text": text }])
                };
                *block = json!({"citationsContent": {"content": content, "citations": []}});
            }
            block["citationsContent"]["citations"]
                .as_array_mut()
                .unwrap()
                .push(more.clone());
        }
        "toolUse" => append(&mut block["toolUse"]["written"], &more["input"]),
        "toolResult" => {
            let mut pieces = block["toolResult"]["content"].as_array().cloned().unwrap_or_default();
            pieces.extend(more.as_array().unwrap().clone());
            block["toolResult"]["content"] = json!(pieces);
        }
        "reasoningContent" => match more.as_object().unwrap().iter().next().unwrap() {
            (key, data) if key == "redactedContent" => block["reasoningContent"]["redactedContent"] = data.clone(),
            (key, text) => append(&mut block["reasoningContent"]["reasoningText"][key.as_str()], text),
        },
        other => panic!("a delta of `{other}`"),
    }
}

/// From the vocabulary.
pub(crate) fn from_response(response: &Response) -> Answer {
    let choice = &response.choices[0];
    Answer {
        pieces: choice.parts.iter().map(piece_of_part).collect(),
        finish: choice.finish.clone(),
        usage: response.usage.unwrap_or_default(),
    }
}

fn piece_of_part(part: &Part) -> Value {
    match part {
        Part::Text { text, citations, .. } => {
            let cited: Vec<Value> = citations
                .iter()
                .map(|one| serde_json::from_str(one.verbatim.json.get()).unwrap())
                .collect();
            json!(["text", text, cited])
        }
        Part::Reasoning(Reasoning {
            encrypted: Some(data), ..
        }) => json!(["hidden", data.value]),
        Part::Reasoning(thought) => {
            json!([
                "thought",
                thought.text,
                thought.signature.as_ref().map(|signature| &signature.value)
            ])
        }
        Part::ToolUse(tool) => {
            let input: Value = serde_json::from_str(&tool.arguments).unwrap_or(json!({}));
            json!(["tool", tool.id, tool.name, input])
        }
        Part::Other(own) => json!(["own", serde_json::from_str::<Value>(own.json.get()).unwrap()]),
        other => panic!("{other:?}"),
    }
}

/// From events. Each piece begins once and ends once, and nothing follows the end.
pub(crate) fn from_events(events: &[Event]) -> Answer {
    let mut parts: BTreeMap<u32, Part> = BTreeMap::new();
    let mut open: Vec<u32> = Vec::new();
    let (mut finish, mut usage, mut over) = (None, Usage::default(), false);
    for event in events {
        assert!(!over, "{event:?} after the end");
        match event {
            Event::PartStart { part, start, .. } => {
                assert!(parts.insert(*part, begun(start)).is_none(), "{part} begins twice");
                open.push(*part);
            }
            Event::Delta { part, text, .. } => match parts.get_mut(part).unwrap() {
                Part::Text { text: said, .. } | Part::Reasoning(Reasoning { text: said, .. }) => said.push_str(text),
                Part::ToolUse(tool) => tool.arguments.push_str(text),
                other => panic!("{other:?} has no deltas"),
            },
            Event::Signature { part, signature, .. } => match parts.get_mut(part).unwrap() {
                Part::Reasoning(thought) => thought.signature = Some(signature.clone()),
                other => panic!("{other:?} is not signed"),
            },
            Event::Citation { part, citation, .. } => match parts.get_mut(part).unwrap() {
                Part::Text { citations, .. } => citations.push(citation.clone()),
                other => panic!("{other:?} cites nothing"),
            },
            Event::PartEnd { part, .. } => {
                let at = open.iter().position(|open| open == part).unwrap();
                open.remove(at);
            }
            Event::Finish { finish: said, .. } => finish = Some(said.clone()),
            Event::Usage(used) => usage = *used,
            Event::End => over = true,
            Event::Start { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty() && over, "{open:?} left open");
    Answer {
        pieces: parts.values().map(piece_of_part).collect(),
        finish,
        usage,
    }
}

fn begun(start: &PartStart) -> Part {
    match start {
        PartStart::Text => Part::text(""),
        PartStart::Reasoning => Part::Reasoning(Reasoning::default()),
        PartStart::Encrypted(data) => Part::Reasoning(Reasoning {
            encrypted: Some(data.clone()),
            ..Reasoning::default()
        }),
        PartStart::ToolUse { id, name, freeform } => Part::ToolUse(ToolUse {
            id: id.clone(),
            name: name.clone(),
            freeform: *freeform,
            ..ToolUse::default()
        }),
        PartStart::Whole(part) => part.clone(),
        PartStart::Refusal => panic!("no model here refuses in so many words"),
    }
}

/// The events of a stream that comes in those pieces.
pub(crate) fn read(pieces: &[&[u8]]) -> Result<Vec<Event>, Error> {
    let mut reader: Box<dyn EventReader> = Bedrock.reader(&target("anthropic.claude-served"), STAMP);
    let mut events = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut events)?;
    }
    reader.finish(&mut events)?;
    Ok(events)
}
