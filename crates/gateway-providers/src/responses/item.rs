//! One item of an answer being written: what has been said of it, and the events that say it.

use gateway_types::chat::Opaque;
use serde_json::value::RawValue;

use super::frames::Frames;
use super::sealed::Carried;
use super::tools::Meant;
use crate::freeform::Unwrapping;
use crate::json::Out;
use crate::seal;

/// An item that has begun.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: String,
    /// Its place in the output.
    pub(super) index: usize,
    pub(super) shape: Shape,
}

/// What kind of item.
#[derive(Debug)]
pub(super) enum Shape {
    Message(Message),
    Thought(Thought),
    Call(Call),
}

/// What the model says.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// The pieces that are over.
    done: Vec<Box<RawValue>>,
    open: Option<Piece>,
    /// What part of the model's work it is of.
    pub(super) phase: Option<String>,
    /// What signs the last piece: the item ends with it.
    pub(super) signature: Option<Opaque>,
}

#[derive(Debug, Default)]
struct Piece {
    refusal: bool,
    text: String,
    annotations: Vec<Box<RawValue>>,
    logprobs: Vec<Box<RawValue>>,
}

/// What the model thinks.
#[derive(Debug, Default)]
pub(super) struct Thought {
    pub(super) text: String,
    pub(super) proof: Option<Carried>,
}

/// A tool that the model calls.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) signature: Option<Opaque>,
    pub(super) meant: Meant,
    /// What takes the input of a freeform tool out of the arguments of a function that stands for it.
    pub(super) wrapped: Option<Unwrapping>,
    pub(super) text: String,
    pub(super) added: bool,
}

impl Item {
    /// Tells that the item begins. A call waits with it: what signs it stands in its id, and comes first.
    pub(super) fn begin(&mut self, frames: &mut Frames, to: &mut Vec<u8>) {
        if !matches!(self.shape, Shape::Call(_)) {
            self.add(frames, to);
        }
    }

    fn add(&self, frames: &mut Frames, to: &mut Vec<u8>) {
        frames.write("response.output_item.added", to, |out| {
            out.member("output_index", self.index);
            out.inner("item", |out| self.write("in_progress", out));
        });
    }

    /// More of it.
    pub(super) fn more(&mut self, text: &str, frames: &mut Frames, to: &mut Vec<u8>) {
        match &mut self.shape {
            Shape::Message(message) => {
                let Some(piece) = &mut message.open else { return };
                piece.text.push_str(text);
                let kind = if piece.refusal {
                    "response.refusal.delta"
                } else {
                    "response.output_text.delta"
                };
                let (plain, at) = (!piece.refusal, message.done.len());
                frames.write(kind, to, |out| {
                    head(&self.id, self.index, out);
                    out.member("content_index", at);
                    out.member("delta", text);
                    if plain {
                        out.array("logprobs", |_| {});
                    }
                });
            }
            Shape::Thought(thought) => {
                let first = thought.text.is_empty();
                thought.text.push_str(text);
                if first {
                    self.summary("response.reasoning_summary_part.added", "part", "", frames, to);
                }
                self.summary("response.reasoning_summary_text.delta", "delta", text, frames, to);
            }
            Shape::Call(call) => match &mut call.wrapped {
                Some(wrapped) => {
                    let text = wrapped.feed(text);
                    self.input_goes_on(&text, frames, to);
                }
                None => self.input_goes_on(text, frames, to),
            },
        }
    }

    /// Ends it.
    pub(super) fn end(mut self, status: &str, frames: &mut Frames, to: &mut Vec<u8>) -> Box<RawValue> {
        self.piece_ends(frames, to);
        match &mut self.shape {
            Shape::Message(_) => {}
            Shape::Thought(thought) => {
                let text = thought.text.clone();
                if !text.is_empty() {
                    self.summary("response.reasoning_summary_text.done", "text", &text, frames, to);
                    self.summary("response.reasoning_summary_part.done", "part", &text, frames, to);
                }
            }
            Shape::Call(call) => {
                let rest = call.wrapped.as_mut().map(Unwrapping::end).unwrap_or_default();
                self.call_begins(frames, to);
                self.input_goes_on(&rest, frames, to);
                self.input_ends(frames, to);
            }
        }
        frames.write("response.output_item.done", to, |out| {
            out.member("output_index", self.index);
            out.inner("item", |out| self.write(status, out));
        });
        object(|out| self.write(status, out))
    }

    /// Begins a piece of what is said.
    pub(super) fn piece(&mut self, refusal: bool, frames: &mut Frames, to: &mut Vec<u8>) {
        self.piece_ends(frames, to);
        let Shape::Message(message) = &mut self.shape else {
            return;
        };
        let piece = Piece {
            refusal,
            ..Piece::default()
        };
        frames.write("response.content_part.added", to, |out| {
            head(&self.id, self.index, out);
            out.member("content_index", message.done.len());
            out.inner("part", |out| piece.write(out));
        });
        message.open = Some(piece);
    }

    /// Ends the piece that is open.
    pub(super) fn piece_ends(&mut self, frames: &mut Frames, to: &mut Vec<u8>) {
        let Shape::Message(message) = &mut self.shape else {
            return;
        };
        let Some(piece) = message.open.take() else { return };
        let at = message.done.len();
        let (kind, key) = match piece.refusal {
            true => ("response.refusal.done", "refusal"),
            false => ("response.output_text.done", "text"),
        };
        frames.write(kind, to, |out| {
            head(&self.id, self.index, out);
            out.member("content_index", at);
            out.member(key, &piece.text);
            if !piece.refusal {
                out.member("logprobs", &piece.logprobs);
            }
        });
        frames.write("response.content_part.done", to, |out| {
            head(&self.id, self.index, out);
            out.member("content_index", at);
            out.inner("part", |out| piece.write(out));
        });
        message.done.push(object(|out| piece.write(out)));
    }

    /// Adds a source that the open text cites.
    pub(super) fn cite(&mut self, annotation: Box<RawValue>, frames: &mut Frames, to: &mut Vec<u8>) {
        let Shape::Message(message) = &mut self.shape else {
            return;
        };
        let Some(piece) = &mut message.open else { return };
        frames.write("response.output_text.annotation.added", to, |out| {
            head(&self.id, self.index, out);
            out.member("content_index", message.done.len());
            out.member("annotation_index", piece.annotations.len());
            out.member("annotation", &annotation);
        });
        piece.annotations.push(annotation);
    }

    /// The text of the piece that is open.
    pub(super) fn text(&self) -> &str {
        match &self.shape {
            Shape::Message(message) => message.open.as_ref().map_or("", |piece| &piece.text),
            _ => "",
        }
    }

    /// Adds token probabilities of the open text.
    pub(super) fn probable(&mut self, entries: impl Iterator<Item = Box<RawValue>>) {
        if let Shape::Message(Message { open: Some(piece), .. }) = &mut self.shape {
            piece.logprobs.extend(entries);
        }
    }

    fn call_begins(&mut self, frames: &mut Frames, to: &mut Vec<u8>) {
        let Shape::Call(call) = &mut self.shape else { return };
        if !std::mem::replace(&mut call.added, true) {
            self.add(frames, to);
        }
    }

    /// Whether a call has been told of, so that its id cannot change any more.
    pub(super) const fn is_told(&self) -> bool {
        matches!(&self.shape, Shape::Call(call) if call.added)
    }

    fn input_goes_on(&mut self, text: &str, frames: &mut Frames, to: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        self.call_begins(frames, to);
        let Shape::Call(call) = &mut self.shape else { return };
        call.text.push_str(text);
        let kind = match call.meant.custom {
            true => "response.custom_tool_call_input.delta",
            false => "response.function_call_arguments.delta",
        };
        frames.write(kind, to, |out| {
            head(&self.id, self.index, out);
            out.member("delta", text);
        });
    }

    fn input_ends(&self, frames: &mut Frames, to: &mut Vec<u8>) {
        let Shape::Call(call) = &self.shape else { return };
        let (kind, key) = match call.meant.custom {
            true => ("response.custom_tool_call_input.done", "input"),
            false => ("response.function_call_arguments.done", "arguments"),
        };
        frames.write(kind, to, |out| {
            head(&self.id, self.index, out);
            out.member(key, &call.text);
        });
    }

    fn summary(&self, kind: &str, key: &str, text: &str, frames: &mut Frames, to: &mut Vec<u8>) {
        frames.write(kind, to, |out| {
            head(&self.id, self.index, out);
            out.member("summary_index", 0);
            match key {
                "part" => out.inner("part", |out| summary_text(text, out)),
                key => out.member(key, text),
            }
        });
    }

    /// The item as it stands.
    fn write(&self, status: &str, out: &mut Out<'_>) {
        out.member("id", &self.id);
        match &self.shape {
            Shape::Message(message) => {
                out.member("type", "message");
                out.member("status", status);
                out.member("role", "assistant");
                out.maybe("phase", message.phase.as_ref());
                out.member("content", &message.done);
            }
            Shape::Thought(thought) => {
                out.member("type", "reasoning");
                out.array("summary", |out| {
                    if !thought.text.is_empty() {
                        out.item_object(|out| summary_text(&thought.text, out));
                    }
                });
                out.maybe("encrypted_content", thought.proof.as_ref().map(Carried::write));
            }
            Shape::Call(call) => {
                let custom = call.meant.custom;
                out.member("type", if custom { "custom_tool_call" } else { "function_call" });
                out.member("status", status);
                let signed = call
                    .signature
                    .as_ref()
                    .map(|signature| seal::into_id(&call.id, signature));
                out.member("call_id", signed.as_ref().unwrap_or(&call.id));
                out.maybe("namespace", call.meant.space.as_ref());
                out.member("name", &call.meant.name);
                out.member(if custom { "input" } else { "arguments" }, &call.text);
            }
        }
    }
}

impl Piece {
    fn write(&self, out: &mut Out<'_>) {
        if self.refusal {
            out.member("type", "refusal");
            out.member("refusal", &self.text);
            return;
        }
        out.member("type", "output_text");
        out.member("annotations", &self.annotations);
        out.member("logprobs", &self.logprobs);
        out.member("text", &self.text);
    }
}

/// What every event about a piece of an item begins with.
fn head(id: &str, index: usize, out: &mut Out<'_>) {
    out.member("item_id", id);
    out.member("output_index", index);
}

fn summary_text(text: &str, out: &mut Out<'_>) {
    out.member("type", "summary_text");
    out.member("text", text);
}

/// An object by itself.
pub(super) fn object(members: impl FnOnce(&mut Out<'_>)) -> Box<RawValue> {
    let mut body = Vec::new();
    Out::object(&mut body, members);
    serde_json::from_slice(&body).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
