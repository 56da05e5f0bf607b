//! The client's side of streams.

use std::collections::BTreeMap;

use gateway_types::Usage;
use gateway_types::chat::{Citation, Event, Finish, Opaque, Part, PartStart};
use gateway_types::loss::Loss;

use super::answer::{finish_word, lose};
use super::citation::{self, Place};
use super::message::{ENCRYPTED, SIGNATURE};
use super::write::call_id;
use super::{logprobs, usage, wire};
use crate::dialect::EventWriter;
use crate::framing::sse::FRAME_LIMIT;
use crate::json::Out;
use crate::seal;
use crate::stamp::Stamp;

/// Writes a stream of `POST /v2/chat`.
#[derive(Debug)]
pub(super) struct Writer {
    stamp: Stamp,
    started: bool,
    parts: BTreeMap<u32, Speech>,
    /// The content that is open: its number, and what it is.
    open: Option<(u32, Content)>,
    contents: u32,
    calls: u32,
    citations: u32,
    usage: Option<Usage>,
    finish: Option<Finish>,
}

/// What a part has become.
#[derive(Clone, Debug)]
enum Speech {
    Text,
    Thinking,
    /// A call that has not been written: what its maker wants back may come before its first argument, and goes into its id.
    Waiting {
        id: String,
        name: String,
        signature: Option<Opaque>,
    },
    Call(u32),
    Nothing,
}

#[derive(Clone, Debug)]
enum Content {
    /// Text, and what it says so far. Neighbouring texts are one: clients read the first.
    Text {
        said: String,
        part_from: usize,
    },
    Thinking,
}

impl Writer {
    pub(super) fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            started: false,
            parts: BTreeMap::new(),
            open: None,
            contents: 0,
            calls: 0,
            citations: 0,
            usage: None,
            finish: None,
        }
    }

    fn start(&mut self, id: &str, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        match id.is_empty() {
            true => wire::start(out, &self.stamp.id("", 0)),
            false => wire::start(out, id),
        }
    }

    fn part(&mut self, part: u32, start: &PartStart, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let speech = match start {
            PartStart::Text => self.text(out),
            PartStart::Refusal => {
                losses.push(Loss::mapped(format!("content[{part}]"), "the refusal is sent as text"));
                self.text(out)
            }
            PartStart::Reasoning => {
                self.begin(Content::Thinking, None, out);
                Speech::Thinking
            }
            PartStart::Encrypted(opaque) => {
                self.begin(Content::Thinking, Some(opaque), out);
                Speech::Thinking
            }
            PartStart::ToolUse { id, name, freeform } => {
                if *freeform {
                    losses.push(Loss::emulated(
                        format!("content[{part}]"),
                        "the text stands in place of arguments",
                    ));
                }
                self.close(out);
                Speech::Waiting {
                    id: id.clone(),
                    name: name.clone(),
                    signature: None,
                }
            }
            PartStart::Whole(Part::Audio {
                transcript: Some(text), ..
            }) => {
                losses.push(Loss::emulated(
                    format!("content[{part}]"),
                    "the transcript is sent in place of the sound",
                ));
                let speech = self.text(out);
                self.more(text, out);
                speech
            }
            PartStart::Whole(_) => {
                losses.push(Loss::dropped(
                    format!("content[{part}]"),
                    "an answer holds text, thinking and calls here",
                ));
                Speech::Nothing
            }
        };
        self.parts.insert(part, speech);
    }

    /// Text goes on where text is open.
    fn text(&mut self, out: &mut Vec<u8>) -> Speech {
        match &mut self.open {
            Some((_, Content::Text { said, part_from })) => *part_from = said.len(),
            _ => self.begin(
                Content::Text {
                    said: String::new(),
                    part_from: 0,
                },
                None,
                out,
            ),
        }
        Speech::Text
    }

    fn begin(&mut self, content: Content, encrypted: Option<&Opaque>, out: &mut Vec<u8>) {
        self.close(out);
        let index = self.contents;
        self.contents += 1;
        let kind = match content {
            Content::Text { .. } => "text",
            Content::Thinking => "thinking",
        };
        wire::about(out, "content-start", index, |out| {
            out.inner("content", |out| {
                out.member("type", kind);
                out.member(kind, "");
                out.maybe(ENCRYPTED, encrypted.map(seal::seal));
            });
        });
        self.open = Some((index, content));
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if let Some((index, _)) = self.open.take() {
            wire::end(out, "content-end", index);
        }
    }

    /// More of the content that is open.
    fn more(&mut self, text: &str, out: &mut Vec<u8>) {
        let Some((index, content)) = &mut self.open else { return };
        let kind = match content {
            Content::Text { said, .. } => {
                // Only the places of citations are counted in it.
                if said.len() < FRAME_LIMIT {
                    said.push_str(text);
                }
                "text"
            }
            Content::Thinking => "thinking",
        };
        wire::about(out, "content-delta", *index, |out| {
            out.inner("content", |out| out.member(kind, text))
        });
    }

    fn delta(&mut self, part: u32, text: &str, out: &mut Vec<u8>) {
        self.call(part, out);
        match self.parts.get(&part) {
            Some(Speech::Text | Speech::Thinking) => self.more(text, out),
            Some(Speech::Call(index)) => wire::about(out, "tool-call-delta", *index, |out| {
                out.inner("tool_calls", |out| {
                    out.inner("function", |out| out.member("arguments", text))
                });
            }),
            _ => {}
        }
    }

    /// Writes the beginning of a call that waits.
    fn call(&mut self, part: u32, out: &mut Vec<u8>) {
        let Some(speech) = self.parts.get_mut(&part) else {
            return;
        };
        let Speech::Waiting { id, name, signature } = speech else {
            return;
        };
        let (id, name) = (call_id(id, signature.as_ref()), std::mem::take(name));
        let index = self.calls;
        self.calls += 1;
        *speech = Speech::Call(index);
        wire::about(out, "tool-call-start", index, |out| {
            out.inner("tool_calls", |out| {
                out.member("id", id);
                out.member("type", "function");
                out.inner("function", |out| {
                    out.member("name", name);
                    out.member("arguments", "");
                });
            });
        });
    }

    fn signed(&mut self, part: u32, opaque: &Opaque, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match (self.parts.get_mut(&part), &self.open) {
            (Some(Speech::Waiting { signature, .. }), _) => *signature = Some(opaque.clone()),
            (Some(Speech::Thinking), Some((index, Content::Thinking))) => {
                let sealed = seal::seal(opaque);
                wire::about(out, "content-delta", *index, |out| {
                    out.inner("content", |out| {
                        out.member("thinking", "");
                        out.member(SIGNATURE, sealed);
                    });
                });
            }
            _ => losses.push(Loss::dropped(
                format!("content[{part}].signature"),
                "there is no place for it here",
            )),
        }
    }

    fn cite(&mut self, citation: &Citation, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Some((index, Content::Text { said, part_from })) = &self.open else {
            losses.push(Loss::dropped("citations", "no text is open that it could belong to"));
            return;
        };
        let (before, text) = said.split_at(*part_from);
        let place = Place {
            content: *index as usize,
            before: before.chars().count() as u64,
            text,
        };
        let mut json = Vec::new();
        citation::write(citation, place, &mut json);
        let Ok(json) = serde_json::from_slice::<&serde_json::value::RawValue>(&json) else {
            return;
        };
        wire::about(out, "citation-start", self.citations, |out| {
            out.member("citations", json)
        });
        wire::end(out, "citation-end", self.citations);
        self.citations += 1;
    }

    fn logprobs(&self, raw: &serde_json::value::RawValue, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Some((index, Content::Text { .. })) = &self.open else {
            losses.push(Loss::dropped("logprobs", "no text is open that they could belong to"));
            return;
        };
        for item in logprobs::items(raw) {
            wire::event(out, "content-delta", |out| {
                out.member("index", index);
                out.inner("delta", |out| {
                    out.inner("message", |out| out.inner("content", |out| out.member("text", "")));
                });
                out.member("logprobs", item);
            });
        }
    }

    fn end_part(&mut self, part: u32, out: &mut Vec<u8>) {
        self.call(part, out);
        match self.parts.get(&part) {
            Some(Speech::Thinking) => self.close(out),
            Some(Speech::Call(index)) => wire::end(out, "tool-call-end", *index),
            _ => {}
        }
    }

    /// What ends a message: how it ended, and what it used.
    fn stop(&self, out: &mut Out<'_>) {
        out.member("finish_reason", self.finish.as_ref().map_or("COMPLETE", finish_word));
        if let Some(used) = &self.usage {
            usage::write(used, out);
        }
    }
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match event {
            Event::Start { id, .. } => self.start(id, out),
            Event::Usage(used) => self.usage = Some(*used),
            Event::Error(error) => {
                self.start("", out);
                self.close(out);
                wire::fail(out, error);
            }
            Event::End => {
                self.start("", out);
                self.close(out);
                lose(self.finish.as_ref(), losses);
                self.usage.iter().for_each(|used| usage::lose(used, losses));
                wire::stop(out, |out| self.stop(out));
            }
            // This API gives one answer.
            Event::PartStart { choice, .. }
            | Event::Delta { choice, .. }
            | Event::Signature { choice, .. }
            | Event::Citation { choice, .. }
            | Event::PartEnd { choice, .. }
            | Event::Logprobs { choice, .. }
            | Event::Finish { choice, .. }
                if *choice > 0 => {}
            Event::PartStart { part, start, .. } => {
                self.start("", out);
                self.part(*part, start, out, losses);
            }
            Event::Delta { text, .. } if text.is_empty() => {}
            Event::Delta { part, text, .. } => self.delta(*part, text, out),
            Event::Signature { part, signature, .. } => self.signed(*part, signature, out, losses),
            Event::Citation { citation, .. } => self.cite(citation, out, losses),
            Event::PartEnd { part, .. } => self.end_part(*part, out),
            Event::Logprobs { logprobs, .. } => self.logprobs(logprobs, out, losses),
            Event::Finish { finish, .. } => self.finish = Some(finish.clone()),
        }
    }
}
