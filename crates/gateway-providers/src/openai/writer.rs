//! The client's side of streams: `chat.completion.chunk`.

use std::collections::{BTreeMap, BTreeSet};

use gateway_types::chat::{Citation, Event, Opaque, Part, PartStart, Source};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Usage};

use super::cite::{self, Placed};
use super::say::say_image;
use super::thought::{write_detail, write_text_signature};
use super::write::{bare, extra_content, finish_word, freeform_tools, id, note_finish, place};
use super::{errors, usage};
use crate::dialect::EventWriter;
use crate::freeform::Unwrapping;
use crate::json::{Members, Out};
use crate::stamp::Stamp;

/// The last frame of every stream.
pub(super) const DONE: &[u8] = b"data: [DONE]\n\n";

/// Writes a stream of `chat.completion.chunk`.
#[derive(Debug)]
pub(super) struct Writer {
    wants_usage: bool,
    freeform: BTreeSet<String>,
    stamp: Stamp,
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
    /// Characters of text so far: citations say where they stand.
    said: u64,
}

/// A piece that has begun.
#[derive(Debug)]
enum Speech {
    /// A text, where it began, and what it cites.
    Text {
        start: u64,
        citations: Vec<Citation>,
    },
    Reasoning,
    Refusal,
    Tool(Box<Calling>),
    /// A piece that came whole.
    Whole,
}

/// A call of a tool.
#[derive(Debug)]
struct Calling {
    /// Its place among the calls.
    index: u32,
    /// Its id and name, and the first of its arguments: held until it is known whether a signature comes along, which has to
    /// go with the id.
    held: Option<Held>,
    custom: bool,
    unwrapping: Option<Unwrapping>,
}

#[derive(Debug)]
struct Held {
    id: String,
    name: String,
    arguments: Option<String>,
}

impl Writer {
    pub(super) fn new(call: &Call, stamp: Stamp) -> Self {
        Self {
            wants_usage: call.wants_usage,
            freeform: freeform_tools(call),
            stamp,
            id: stamp.id("chatcmpl-", 0),
            model: String::new(),
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

    fn delta(&self, choice: u32, to: &mut Vec<u8>, delta: impl FnOnce(&mut Out<'_>)) {
        self.choice(choice, to, delta, |out| {
            out.member("logprobs", ());
            out.member("finish_reason", ());
        });
    }

    fn choice(&self, choice: u32, to: &mut Vec<u8>, delta: impl FnOnce(&mut Out<'_>), rest: impl FnOnce(&mut Out<'_>)) {
        self.chunk(to, |out| {
            out.array("choices", |out| {
                out.item_object(|out| {
                    out.member("index", choice);
                    out.inner("delta", delta);
                    rest(out);
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
        self.delta(choice, to, |out| {
            out.member("role", "assistant");
            out.member("content", "");
        });
    }

    fn part_start(&mut self, choice: u32, part: u32, start: &PartStart, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Some(speaking) = self.choices.get_mut(&choice) else {
            return;
        };
        let speech = match start {
            PartStart::Text => Speech::Text {
                start: speaking.said,
                citations: Vec::new(),
            },
            PartStart::Reasoning | PartStart::Encrypted(_) => Speech::Reasoning,
            PartStart::Refusal => Speech::Refusal,
            PartStart::Whole(_) => Speech::Whole,
            PartStart::ToolUse { id, name, freeform } => {
                speaking.tools += 1;
                let custom = *freeform || self.freeform.contains(name);
                Speech::Tool(Box::new(Calling {
                    index: speaking.tools - 1,
                    held: Some(Held {
                        id: id.clone(),
                        name: name.clone(),
                        arguments: None,
                    }),
                    custom,
                    unwrapping: (custom && !freeform).then(Unwrapping::default),
                }))
            }
        };
        speaking.parts.insert(part, speech);
        match start {
            PartStart::Encrypted(data) => self.detail(choice, part, data, true, to),
            PartStart::Whole(whole) => self.whole(choice, part, whole, to, losses),
            _ => {}
        }
    }

    fn detail(&self, choice: u32, part: u32, proof: &Opaque, encrypted: bool, to: &mut Vec<u8>) {
        self.delta(choice, to, |out| {
            out.array("reasoning_details", |out| {
                out.item_object(|out| write_detail(part, None, Some(proof), encrypted, out));
            });
        });
    }

    /// A piece that comes whole.
    fn whole(&mut self, choice: u32, part: u32, whole: &Part, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let mut lose = |note: String| losses.push(Loss::dropped(format!("choices[{choice}].delta[{part}]"), note));
        match whole {
            Part::Text { text, .. } => {
                if let Some(speaking) = self.choices.get_mut(&choice) {
                    speaking.said += text.chars().count() as u64;
                }
                self.delta(choice, to, |out| out.member("content", text));
            }
            Part::Image {
                source: source @ (Source::Url(_) | Source::Inline { .. }),
                detail,
                ..
            } => self.delta(choice, to, |out| {
                out.array("images", |out| say_image(source, detail.as_deref(), out));
            }),
            Part::Audio {
                source: Source::Inline { data, .. },
                transcript,
            } => self.delta(choice, to, |out| {
                out.inner("audio", |out| {
                    out.member("id", self.stamp.id("audio_", choice as usize));
                    out.member("data", String::from_utf8_lossy(data));
                    out.member("transcript", transcript.as_deref().unwrap_or_default());
                    out.member("expires_at", self.created);
                });
            }),
            Part::Other(own) if own.dialect == DialectName::OpenAi && bare(&own.json).is_some() => {
                self.delta(choice, to, |out| {
                    for (key, raw) in bare(&own.json).iter().flat_map(Members::pairs) {
                        out.member(key, raw);
                    }
                });
            }
            Part::Other(own) => lose(format!("a part that only the {} API has", own.dialect)),
            _ => lose(String::from("an answer holds no such part here")),
        }
    }

    fn more(&mut self, choice: u32, part: u32, text: &str, to: &mut Vec<u8>) {
        let Some(speaking) = self.choices.get_mut(&choice) else {
            return;
        };
        match speaking.parts.get_mut(&part) {
            Some(Speech::Reasoning) => self.delta(choice, to, |out| out.member("reasoning_content", text)),
            Some(Speech::Refusal) => self.delta(choice, to, |out| out.member("refusal", text)),
            Some(Speech::Tool(calling)) => {
                if let Some(held) = calling.held.as_mut().filter(|held| held.arguments.is_none()) {
                    held.arguments = Some(text.to_owned());
                    return;
                }
                self.release(choice, part, None, to);
                self.arguments(choice, part, Some(text), to);
            }
            Some(Speech::Text { .. } | Speech::Whole) | None => {
                speaking.said += text.chars().count() as u64;
                self.delta(choice, to, |out| out.member("content", text));
            }
        }
    }

    fn calling(&mut self, choice: u32, part: u32) -> Option<&mut Calling> {
        match self.choices.get_mut(&choice)?.parts.get_mut(&part)? {
            Speech::Tool(calling) => Some(calling),
            _ => None,
        }
    }

    /// Says that a call begins, and the first of its arguments.
    fn release(&mut self, choice: u32, part: u32, signature: Option<&Opaque>, to: &mut Vec<u8>) {
        let Some(calling) = self.calling(choice, part) else {
            return;
        };
        let Some(held) = calling.held.take() else { return };
        let (index, custom) = (calling.index, calling.custom);
        self.delta(choice, to, |out| {
            tool_delta(out, |out| {
                out.member("index", index);
                out.member("id", id(&held.id, signature));
                let (kind, input) = words(custom);
                out.member("type", kind);
                out.inner(kind, |out| {
                    out.member("name", &held.name);
                    out.member(input, "");
                });
                out.maybe("extra_content", extra_content(signature));
            });
        });
        if let Some(arguments) = held.arguments {
            self.arguments(choice, part, Some(&arguments), to);
        }
    }

    /// Says more of the arguments, or without any what is left of them at the end.
    fn arguments(&mut self, choice: u32, part: u32, more: Option<&str>, to: &mut Vec<u8>) {
        let Some(calling) = self.calling(choice, part) else {
            return;
        };
        let (index, custom) = (calling.index, calling.custom);
        let text = match (&mut calling.unwrapping, more) {
            (Some(unwrapping), Some(more)) => unwrapping.feed(more),
            (Some(unwrapping), None) => unwrapping.end(),
            (None, more) => more.unwrap_or_default().to_owned(),
        };
        if text.is_empty() {
            return;
        }
        self.delta(choice, to, |out| {
            tool_delta(out, |out| {
                out.member("index", index);
                let (kind, input) = words(custom);
                out.inner(kind, |out| out.member(input, text));
            });
        });
    }

    fn signature(&mut self, choice: u32, part: u32, signature: &Opaque, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let speech = self.choices.get(&choice).and_then(|speaking| speaking.parts.get(&part));
        match speech {
            Some(Speech::Tool(calling)) if calling.held.is_some() => self.release(choice, part, Some(signature), to),
            Some(Speech::Tool(_)) => losses.push(Loss::dropped(
                format!("choices[{choice}].delta.tool_calls"),
                "what signs a call came after its id had gone out, which would have carried it",
            )),
            Some(Speech::Text { .. }) => self.delta(choice, to, |out| {
                out.array("reasoning_details", |out| {
                    out.item_object(|out| write_text_signature(signature, out));
                });
            }),
            _ => self.detail(choice, part, signature, false, to),
        }
    }

    fn part_end(&mut self, choice: u32, part: u32, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        self.release(choice, part, None, to);
        self.arguments(choice, part, None, to);
        let Some(speaking) = self.choices.get_mut(&choice) else {
            return;
        };
        let said = speaking.said;
        let Some(Speech::Text { start, citations }) = speaking.parts.remove(&part) else {
            return;
        };
        if citations.is_empty() {
            return;
        }
        let placed: Vec<Placed<'_>> = citations
            .iter()
            .map(|citation| Placed {
                citation,
                range: place(citation.range, start, said - start),
            })
            .collect();
        let at = format!("choices[{choice}].delta");
        self.delta(choice, to, |out| cite::write(&placed, &at, out, losses));
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

fn tool_delta(out: &mut Out<'_>, call: impl FnOnce(&mut Out<'_>)) {
    out.array("tool_calls", |out| out.item_object(call));
}

/// What a call's object is called, and its arguments in it.
fn words(custom: bool) -> (&'static str, &'static str) {
    match custom {
        true => ("custom", "input"),
        false => ("function", "arguments"),
    }
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match event {
            Event::Start { id, model, created } => {
                if !id.is_empty() {
                    self.id.clone_from(id);
                }
                self.model.clone_from(model);
                self.created = created.unwrap_or(self.created);
                self.begin(0, out);
            }
            Event::PartStart { choice, part, start } => {
                self.begin(*choice, out);
                self.part_start(*choice, *part, start, out, losses);
            }
            Event::Delta { text, .. } if text.is_empty() => {}
            Event::Delta { choice, part, text } => {
                self.begin(*choice, out);
                self.more(*choice, *part, text, out);
            }
            Event::Signature {
                choice,
                part,
                signature,
            } => self.signature(*choice, *part, signature, out, losses),
            Event::Citation { choice, part, citation } => {
                let speaking = self.choices.get_mut(choice);
                if let Some(Speech::Text { citations, .. }) = speaking.and_then(|speaking| speaking.parts.get_mut(part))
                {
                    citations.push(citation.clone());
                }
            }
            Event::PartEnd { choice, part } => self.part_end(*choice, *part, out, losses),
            Event::Logprobs { choice, logprobs } => {
                self.begin(*choice, out);
                self.choice(
                    *choice,
                    out,
                    |_| {},
                    |out| {
                        out.member("logprobs", logprobs);
                        out.member("finish_reason", ());
                    },
                );
            }
            Event::Finish { choice, finish } => {
                self.begin(*choice, out);
                note_finish(&format!("choices[{choice}]"), finish, losses);
                self.choice(
                    *choice,
                    out,
                    |_| {},
                    |out| {
                        out.member("logprobs", ());
                        out.member("finish_reason", finish_word(finish));
                    },
                );
            }
            Event::Usage(used) => self.usage = Some(*used),
            Event::Error(error) => out.extend_from_slice(&errors::frame(error)),
            Event::End => self.end(out),
        }
    }
}
