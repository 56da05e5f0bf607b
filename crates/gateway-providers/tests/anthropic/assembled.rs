//! An answer put together, from events, from a whole response, and from plain JSON by a second, simpler way.

use gateway_providers::{ProviderDialect, anthropic::Anthropic};
use gateway_types::chat::{Event, Finish, Opaque, Part, PartStart, Response};
use gateway_types::{DialectName, Error, Usage};
use serde_json::Value;
use serde_json::value::RawValue;

/// What an answer says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) signatures: Vec<String>,
    pub(crate) encrypted: Vec<String>,
    /// Id, name, and the arguments as JSON.
    pub(crate) tools: Vec<(String, String, Value)>,
    pub(crate) citations: Vec<Value>,
    /// Blocks that only this dialect knows.
    pub(crate) own: Vec<Value>,
    pub(crate) finish: Option<Finish>,
    pub(crate) usage: Usage,
}

/// Reads a stream in pieces.
pub(crate) fn read(pieces: &[&[u8]]) -> Result<Vec<Event>, Error> {
    let mut reader = Anthropic.reader(&crate::target("claude-served"), crate::STAMP);
    let mut events = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut events)?;
    }
    reader.finish(&mut events)?;
    Ok(events)
}

fn json(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

/// What a signature is, which says who made it.
fn made(opaque: &Opaque) -> String {
    assert_eq!(opaque.dialect, DialectName::Anthropic);
    assert_eq!(opaque.maker, Some(("anthropic".into(), "claude-served".into())));
    opaque.value.clone()
}

/// Puts events together, and checks that they keep the grammar.
pub(crate) fn from_events(events: &[Event]) -> Answer {
    let mut answer = Answer::default();
    let mut open: Option<(u32, PartStart, String)> = None;
    let mut parts = 0;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start {
                id,
                model,
                created: None,
            } => {
                assert_eq!(at, 0);
                (answer.id, answer.model) = (id.clone(), model.clone());
            }
            Event::PartStart { choice: 0, part, start } => {
                assert_eq!((*part, open.is_none()), (parts, true));
                parts += 1;
                open = Some((*part, start.clone(), String::new()));
            }
            Event::Delta { choice: 0, part, text } => {
                let (at, _, so_far) = open.as_mut().expect("a delta belongs to an open part");
                assert_eq!(at, part);
                so_far.push_str(text);
            }
            Event::Signature {
                choice: 0,
                part,
                signature,
            } => {
                assert_eq!(open.as_ref().map(|open| open.0), Some(*part));
                answer.signatures.push(made(signature));
            }
            Event::Citation {
                choice: 0,
                part,
                citation,
            } => {
                assert_eq!(open.as_ref().map(|open| open.0), Some(*part));
                answer.citations.push(json(&citation.verbatim.json));
            }
            Event::PartEnd { choice: 0, part } => {
                let (at, start, text) = open.take().expect("an end belongs to an open part");
                assert_eq!(at, *part);
                match start {
                    PartStart::Text => answer.text.push_str(&text),
                    PartStart::Reasoning => answer.thinking.push_str(&text),
                    PartStart::Encrypted(data) => answer.encrypted.push(made(&data)),
                    PartStart::Whole(Part::Other(own)) => answer.own.push(json(&own.json)),
                    PartStart::Whole(other) => panic!("not expected: {other:?}"),
                    PartStart::ToolUse { id, name, .. } => {
                        answer.tools.push((id, name, serde_json::from_str(&text).unwrap()))
                    }
                    PartStart::Refusal => panic!("this dialect has no refusal parts"),
                }
            }
            Event::Usage(usage) => answer.usage = *usage,
            Event::Finish { choice: 0, finish } => answer.finish = Some(finish.clone()),
            Event::End => assert_eq!(at, events.len() - 1),
            other => panic!("not expected: {other:?}"),
        }
    }
    answer
}

/// Puts a whole response together.
pub(crate) fn from_response(response: &Response) -> Answer {
    let choice = &response.choices[0];
    let mut answer = Answer {
        id: response.id.clone(),
        model: response.model.clone(),
        finish: choice.finish.clone(),
        usage: response.usage.unwrap_or_default(),
        ..Answer::default()
    };
    for part in &choice.parts {
        match part {
            Part::Text { text, citations, .. } => {
                answer.text.push_str(text);
                answer
                    .citations
                    .extend(citations.iter().map(|citation| json(&citation.verbatim.json)));
            }
            Part::Reasoning(reasoning) => {
                answer.thinking.push_str(&reasoning.text);
                answer.signatures.extend(reasoning.signature.as_ref().map(made));
                answer.encrypted.extend(reasoning.encrypted.as_ref().map(made));
            }
            Part::ToolUse(tool) => {
                answer.tools.push((
                    tool.id.clone(),
                    tool.name.clone(),
                    serde_json::from_str(&tool.arguments).unwrap(),
                ));
            }
            Part::Other(own) => answer.own.push(json(&own.json)),
            other => panic!("not expected: {other:?}"),
        }
    }
    answer
}

/// Puts a message together from its JSON.
pub(crate) fn from_json(message: &Value) -> Answer {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut answer = Answer {
        id: text(&message["id"]),
        model: text(&message["model"]),
        finish: message["stop_reason"]
            .as_str()
            .map(|reason| finish(reason, &message["stop_sequence"])),
        usage: usage(&message["usage"]),
        ..Answer::default()
    };
    for block in message["content"].as_array().unwrap() {
        match block["type"].as_str().unwrap() {
            "text" => {
                answer.text.push_str(block["text"].as_str().unwrap());
                answer
                    .citations
                    .extend(block["citations"].as_array().into_iter().flatten().cloned());
            }
            "thinking" => {
                answer.thinking.push_str(block["thinking"].as_str().unwrap());
                answer.signatures.push(text(&block["signature"]));
            }
            "redacted_thinking" => answer.encrypted.push(text(&block["data"])),
            "tool_use" => answer
                .tools
                .push((text(&block["id"]), text(&block["name"]), block["input"].clone())),
            _ => answer.own.push(block.clone()),
        }
    }
    answer
}

/// Puts the message that a stream builds together as JSON, by the letter of the vendor's page on streaming.
pub(crate) fn message_of(stream: &str) -> Value {
    let mut message = Value::Null;
    let mut partial = String::new();
    for data in stream.lines().filter_map(|line| line.strip_prefix("data:")) {
        let event: Value = serde_json::from_str(data).unwrap();
        let at = event["index"].as_u64().unwrap_or(0) as usize;
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                partial.clear();
                message["content"]
                    .as_array_mut()
                    .unwrap()
                    .push(event["content_block"].clone());
            }
            "content_block_delta" => {
                let block = &mut message["content"][at];
                let delta = &event["delta"];
                for key in ["text", "thinking", "signature"] {
                    if let Some(more) = delta[key].as_str() {
                        block[key] = Value::from(format!("{}{more}", block[key].as_str().unwrap_or_default()));
                    }
                }
                partial.push_str(delta["partial_json"].as_str().unwrap_or_default());
                if delta["type"] == "compaction_delta" {
                    for (key, value) in delta.as_object().unwrap().iter().filter(|(key, _)| *key != "type") {
                        block[key] = value.clone();
                    }
                }
                if delta["type"] == "citations_delta" {
                    let mut all = block["citations"].as_array().cloned().unwrap_or_default();
                    all.push(delta["citation"].clone());
                    block["citations"] = Value::from(all);
                }
            }
            "content_block_stop" if !partial.is_empty() => {
                message["content"][at]["input"] = serde_json::from_str(&partial).unwrap();
                partial.clear();
            }
            "message_delta" => {
                for (key, value) in event["delta"].as_object().unwrap() {
                    message[key] = value.clone();
                }
                for (key, value) in event["usage"].as_object().unwrap() {
                    message["usage"][key] = value.clone();
                }
            }
            _ => {}
        }
    }
    message
}

fn finish(reason: &str, sequence: &Value) -> Finish {
    match reason {
        "end_turn" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "stop_sequence" => Finish::StopSequence(sequence.as_str().map(str::to_owned)),
        "tool_use" => Finish::Tools,
        "refusal" => Finish::Refusal,
        "pause_turn" => Finish::Pause,
        other => Finish::Other(other.to_owned()),
    }
}

fn usage(usage: &Value) -> Usage {
    let beside = usage["iterations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|sampling| sampling["type"] != "message");
    let sum = |key: &str| -> u64 {
        beside
            .clone()
            .chain([usage])
            .map(|counts| counts[key].as_u64().unwrap_or(0))
            .sum()
    };
    let hour: u64 = beside
        .clone()
        .chain([usage])
        .filter_map(|counts| counts["cache_creation"]["ephemeral_1h_input_tokens"].as_u64())
        .sum();
    let reasoning = usage["output_tokens_details"]["thinking_tokens"].as_u64().unwrap_or(0);
    Usage {
        input: sum("input_tokens"),
        cache_read: sum("cache_read_input_tokens"),
        cache_write: sum("cache_creation_input_tokens") - hour,
        cache_write_hour: hour,
        output: sum("output_tokens") - reasoning,
        reasoning,
        ..Usage::default()
    }
}
