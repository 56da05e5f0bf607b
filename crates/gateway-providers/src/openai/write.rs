//! The client's side of answers: a whole `chat.completion`, and a stream of chunks.

use std::collections::BTreeMap;

use gateway_types::chat::{Choice, Event, Finish, Part, PartStart, Response, Source, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{Call, Usage};

use super::json::Out;
use super::{errors, usage};
use crate::dialect::EventWriter;
use crate::seal;
use crate::stamp::Stamp;

/// Writes a whole answer.
pub(super) fn whole(response: &Response, _: &Call, stamp: Stamp, _: &mut Vec<Loss>) -> Vec<u8> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("id", &response.id);
        out.member("object", "chat.completion");
        out.member("created", response.created.unwrap_or(stamp.created()));
        out.member("model", &response.model);
        out.array("choices", |out| {
            for (i, choice) in response.choices.iter().enumerate() {
                out.item_object(|out| write_choice(i, choice, out));
            }
        });
        if let Some(used) = &response.usage {
            usage::write(used, true, out);
        }
    });
    body
}

/// The word for why an answer ended.
pub(super) fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Pause => "stop",
        Finish::Length => "length",
        Finish::Tools => "tool_calls",
        Finish::Filtered | Finish::Refusal => "content_filter",
        Finish::Other(word) => word,
    }
}

fn write_choice(index: usize, choice: &Choice, out: &mut Out<'_>) {
    out.member("index", index);
    out.inner("message", |out| write_message(&choice.parts, out));
    out.member("logprobs", &choice.logprobs);
    out.member("finish_reason", choice.finish.as_ref().map(finish_word));
}

fn write_message(parts: &[Part], out: &mut Out<'_>) {
    out.member("role", "assistant");
    out.member("content", text_of(parts));
    out.member("refusal", refusal_of(parts));
    write_thought_and_tools(parts, out);
    let spoken = parts.iter().find_map(|part| match part {
        Part::Audio {
            source: Source::Inline { data, .. },
            transcript,
        } => Some((data, transcript)),
        _ => None,
    });
    if let Some((data, transcript)) = spoken {
        out.inner("audio", |out| {
            out.member("data", String::from_utf8_lossy(data));
            out.member("transcript", transcript.as_deref().unwrap_or_default());
        });
    }
}

/// The text that an assistant's message says, or nothing where it says none.
pub(super) fn text_of(parts: &[Part]) -> Option<String> {
    joined(parts, |part| match part {
        Part::Text { text, .. } => Some(text),
        _ => None,
    })
}

/// The refusal in an assistant's message, if there is one.
pub(super) fn refusal_of(parts: &[Part]) -> Option<String> {
    joined(parts, |part| match part {
        Part::Refusal(text) => Some(text),
        _ => None,
    })
}

/// Thinking and tool calls: alike in an answer and in the turn that brings it back.
pub(super) fn write_thought_and_tools(parts: &[Part], out: &mut Out<'_>) {
    write_reasoning(parts, out);
    if parts.iter().any(|part| matches!(part, Part::ToolUse(_))) {
        out.array("tool_calls", |out| {
            for part in parts {
                if let Part::ToolUse(tool) = part {
                    out.item_object(|out| tool_call(tool, out));
                }
            }
        });
    }
}

/// All texts of one kind in one, or nothing where there is none.
fn joined(parts: &[Part], of: impl Fn(&Part) -> Option<&String>) -> Option<String> {
    let mut texts = parts.iter().filter_map(of).peekable();
    texts.peek()?;
    Some(texts.map(String::as_str).collect())
}

/// Thinking as its text in `reasoning_content`, which most clients know; and in `reasoning_details` what must come back
/// with the next turn for the provider to take it as its own.
fn write_reasoning(parts: &[Part], out: &mut Out<'_>) {
    let thoughts = || {
        parts.iter().filter_map(|part| match part {
            Part::Reasoning(reasoning) => Some(reasoning),
            _ => None,
        })
    };
    let text: String = thoughts().map(|thought| thought.text.as_str()).collect();
    out.maybe("reasoning_content", (!text.is_empty()).then_some(text));
    if thoughts().all(|thought| thought.signature.is_none() && thought.encrypted.is_none()) {
        return;
    }
    out.array("reasoning_details", |out| {
        for (i, thought) in thoughts().enumerate() {
            out.item_object(|out| {
                match &thought.encrypted {
                    Some(data) => {
                        out.member("type", "reasoning.encrypted");
                        out.member("data", seal::seal(data));
                    }
                    None => {
                        out.member("type", "reasoning.text");
                        out.member("text", &thought.text);
                        out.maybe("signature", thought.signature.as_ref().map(seal::seal));
                    }
                }
                out.member("index", i);
            });
        }
    });
}

/// A call of a tool; one that came as a freeform tool goes as one.
fn tool_call(tool: &ToolUse, out: &mut Out<'_>) {
    out.member("id", &tool.id);
    if tool
        .extras
        .0
        .iter()
        .any(|(key, raw)| key == "type" && raw.get() == "\"custom\"")
    {
        out.member("type", "custom");
        out.inner("custom", |out| {
            out.member("name", &tool.name);
            out.member("input", &tool.arguments);
        });
        return;
    }
    out.member("type", "function");
    out.inner("function", |out| {
        out.member("name", &tool.name);
        out.member("arguments", &tool.arguments);
    });
}

/// Writes a stream of `chat.completion.chunk`.
#[derive(Debug)]
pub(super) struct Writer {
    wants_usage: bool,
    id: String,
    model: String,
    created: i64,
    choices: BTreeMap<u32, Speaking>,
    usage: Option<Usage>,
}

/// What has been said of one choice.
#[derive(Debug, Default)]
struct Speaking {
    parts: BTreeMap<u32, Speech>,
    tools: u32,
}

/// What kind of piece is open, and of a tool its place among the tools.
#[derive(Clone, Copy, Debug)]
enum Speech {
    Text,
    Reasoning,
    Refusal,
    Tool(u32),
}

impl Writer {
    pub(super) fn new(call: &Call, stamp: Stamp) -> Self {
        let (id, model) = (String::new(), String::new());
        Self {
            wants_usage: call.wants_usage,
            id,
            model,
            created: stamp.created(),
            choices: BTreeMap::new(),
            usage: None,
        }
    }

    fn chunk(&self, to: &mut Vec<u8>, choices: impl FnOnce(&mut Out<'_>)) {
        to.extend_from_slice(b"data: ");
        Out::object(to, |out| {
            out.member("id", &self.id);
            out.member("object", "chat.completion.chunk");
            out.member("created", self.created);
            out.member("model", &self.model);
            choices(out);
        });
        to.extend_from_slice(b"\n\n");
    }

    fn delta(&self, choice: u32, finish: Option<&str>, to: &mut Vec<u8>, delta: impl FnOnce(&mut Out<'_>)) {
        self.chunk(to, |out| {
            out.array("choices", |out| {
                out.item_object(|out| {
                    out.member("index", choice);
                    out.inner("delta", delta);
                    out.member("logprobs", ());
                    out.member("finish_reason", finish);
                });
            });
            if self.wants_usage {
                out.member("usage", ());
            }
        });
    }

    /// The first chunk of a choice says who speaks.
    fn begin(&mut self, choice: u32, to: &mut Vec<u8>) {
        if self.choices.contains_key(&choice) {
            return;
        }
        self.choices.insert(choice, Speaking::default());
        self.delta(choice, None, to, |out| {
            out.member("role", "assistant");
            out.member("content", "");
        });
    }

    fn part_start(&mut self, choice: u32, part: u32, start: &PartStart, to: &mut Vec<u8>) {
        let Some(speaking) = self.choices.get_mut(&choice) else {
            return;
        };
        let speech = match start {
            PartStart::Text | PartStart::Whole(_) => Speech::Text,
            PartStart::Reasoning | PartStart::Encrypted(_) => Speech::Reasoning,
            PartStart::Refusal => Speech::Refusal,
            PartStart::ToolUse { .. } => {
                speaking.tools += 1;
                Speech::Tool(speaking.tools - 1)
            }
        };
        speaking.parts.insert(part, speech);
        match (start, speech) {
            (PartStart::ToolUse { id, name, .. }, Speech::Tool(index)) => {
                self.delta(choice, None, to, |out| tool_delta(index, Some((id, name)), "", out));
            }
            (PartStart::Encrypted(data), _) => {
                self.delta(choice, None, to, |out| {
                    detail(part, "reasoning.encrypted", "data", &seal::seal(data), out)
                });
            }
            _ => {}
        }
    }

    fn more(&self, choice: u32, part: u32, text: &str, to: &mut Vec<u8>) {
        let speech = self.choices.get(&choice).and_then(|speaking| speaking.parts.get(&part));
        self.delta(choice, None, to, |out| match speech {
            Some(Speech::Reasoning) => out.member("reasoning_content", text),
            Some(Speech::Refusal) => out.member("refusal", text),
            Some(Speech::Tool(index)) => tool_delta(*index, None, text, out),
            Some(Speech::Text) | None => out.member("content", text),
        });
    }

    fn end(&self, to: &mut Vec<u8>) {
        if let Some(used) = self.usage.as_ref().filter(|_| self.wants_usage) {
            self.chunk(to, |out| {
                out.array("choices", |_| {});
                usage::write(used, true, out);
            });
        }
        to.extend_from_slice(DONE);
    }
}

/// The last frame of every stream.
pub(super) const DONE: &[u8] = b"data: [DONE]\n\n";

fn tool_delta(index: u32, named: Option<(&String, &String)>, arguments: &str, out: &mut Out<'_>) {
    out.array("tool_calls", |out| {
        out.item_object(|out| {
            out.member("index", index);
            if let Some((id, _)) = named {
                out.member("id", id);
                out.member("type", "function");
            }
            out.inner("function", |out| {
                out.maybe("name", named.map(|(_, name)| name));
                out.member("arguments", arguments);
            });
        });
    });
}

fn detail(index: u32, kind: &str, key: &str, value: &str, out: &mut Out<'_>) {
    out.array("reasoning_details", |out| {
        out.item_object(|out| {
            out.member("type", kind);
            out.member(key, value);
            out.member("index", index);
        });
    });
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, _: &mut Vec<Loss>) {
        match event {
            Event::Start { id, model, created } => {
                self.id.clone_from(id);
                self.model.clone_from(model);
                self.created = created.unwrap_or(self.created);
                self.begin(0, out);
            }
            Event::PartStart { choice, part, start } => {
                self.begin(*choice, out);
                self.part_start(*choice, *part, start, out);
            }
            Event::Delta { text, .. } if text.is_empty() => {}
            Event::Delta { choice, part, text } => self.more(*choice, *part, text, out),
            Event::Signature {
                choice,
                part,
                signature,
            } => {
                let write =
                    |out: &mut Out<'_>| detail(*part, "reasoning.text", "signature", &seal::seal(signature), out);
                self.delta(*choice, None, out, write);
            }
            Event::Finish { choice, finish } => {
                self.begin(*choice, out);
                self.delta(*choice, Some(finish_word(finish)), out, |_| {});
            }
            Event::Usage(used) => self.usage = Some(*used),
            Event::Error(error) => out.extend_from_slice(&errors::frame(error)),
            Event::End => self.end(out),
            // A citation has no member of its own in a chunk that clients would take without the text around it.
            Event::PartEnd { .. } | Event::Citation { .. } | Event::Logprobs { .. } => {}
        }
    }
}
