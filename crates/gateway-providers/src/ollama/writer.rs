//! The client's side of streams.

use std::collections::BTreeMap;

use gateway_types::chat::{Event, Finish, Opaque, PartStart, Reasoning, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{Call, Usage, Wall};

use super::errors;
use super::message::DETAILS;
use super::wire::Head;
use super::write::{detail, finish_word, head, items, lose, text_of, tool_call};
use crate::dialect::EventWriter;
use crate::framing::sse::FRAME_LIMIT;
use crate::json::Out;
use crate::media;
use crate::stamp::Stamp;

/// Writes a stream, line by line.
#[derive(Debug)]
pub(super) struct Writer {
    head: Head,
    parts: BTreeMap<u32, Speech>,
    calls: usize,
    usage: Option<Usage>,
    finish: Option<Finish>,
}

/// What a part is here.
#[derive(Debug)]
enum Speech {
    Text,
    Thinking,
    /// A call, which is said in one line when it is whole.
    Call(ToolUse),
    Nothing,
}

impl Writer {
    pub(super) fn new(call: &Call, stamp: Stamp) -> Self {
        Self {
            head: head(call, stamp),
            parts: BTreeMap::new(),
            calls: 0,
            usage: None,
            finish: None,
        }
    }

    fn part(&mut self, part: u32, start: &PartStart, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let speech = match start {
            PartStart::Text => Speech::Text,
            PartStart::Refusal => {
                losses.push(Loss::mapped(format!("content[{part}]"), "the refusal is sent as text"));
                Speech::Text
            }
            PartStart::Reasoning => Speech::Thinking,
            PartStart::Encrypted(opaque) => {
                let thought = Reasoning {
                    encrypted: Some(opaque.clone()),
                    ..Reasoning::default()
                };
                self.details(&thought, out);
                Speech::Nothing
            }
            PartStart::ToolUse { id, name, freeform } => Speech::Call(ToolUse {
                id: id.clone(),
                name: name.clone(),
                freeform: *freeform,
                ..ToolUse::default()
            }),
            PartStart::Whole(whole) => {
                if let Some(text) = text_of(whole, part as usize, losses) {
                    self.head.line(out, text, |_| {}, |_| {});
                }
                if let Some(data) = media::inline_picture(whole) {
                    self.head.line(out, "", |out| out.member("images", [data]), |_| {});
                }
                Speech::Nothing
            }
        };
        self.parts.insert(part, speech);
    }

    fn details(&self, thought: &Reasoning, out: &mut Vec<u8>) {
        let said = |out: &mut Out<'_>| out.array(DETAILS, |out| out.item_object(|out| detail(thought, out)));
        self.head.line(out, "", said, |_| {});
    }

    fn delta(&mut self, part: u32, text: &str, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match self.parts.get_mut(&part) {
            Some(Speech::Text) => self.head.line(out, text, |_| {}, |_| {}),
            Some(Speech::Thinking) => self.head.line(out, "", |out| out.member("thinking", text), |_| {}),
            Some(Speech::Call(tool)) if tool.arguments.len() + text.len() > FRAME_LIMIT => {
                losses.push(Loss::dropped(
                    format!("content[{part}].arguments"),
                    "they are longer than a line may be",
                ));
            }
            Some(Speech::Call(tool)) => tool.arguments.push_str(text),
            Some(Speech::Nothing) | None => {}
        }
    }

    fn signed(&mut self, part: u32, opaque: &Opaque, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match self.parts.get_mut(&part) {
            Some(Speech::Call(tool)) => tool.signature = Some(opaque.clone()),
            Some(Speech::Thinking) => {
                let thought = Reasoning {
                    signature: Some(opaque.clone()),
                    ..Reasoning::default()
                };
                self.details(&thought, out);
            }
            _ => losses.push(Loss::dropped(
                format!("content[{part}].signature"),
                "there is no place for it here",
            )),
        }
    }

    fn end_part(&mut self, part: u32, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Some(Speech::Call(tool)) = self.parts.remove(&part) else {
            return;
        };
        let index = self.calls;
        self.calls += 1;
        let said = |out: &mut Out<'_>| {
            out.array("tool_calls", |out| {
                out.item_object(|out| tool_call(index, &tool, out, losses))
            });
        };
        self.head.line(out, "", said, |_| {});
    }
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match event {
            Event::Start { model, created, .. } => {
                if !model.is_empty() {
                    self.head.model.clone_from(model);
                }
                if let Some(created) = created {
                    self.head.created_at = Wall::from_millis(created.saturating_mul(1000)).rfc3339();
                }
            }
            Event::Usage(used) => self.usage = Some(*used),
            Event::Error(error) => out.extend_from_slice(&errors::line(error)),
            Event::End => {
                lose(self.finish.as_ref(), self.usage.as_ref(), losses);
                let reason = self.finish.as_ref().map_or("stop", finish_word);
                self.head.last(out, reason, self.usage.as_ref());
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
            Event::PartStart { part, start, .. } => self.part(*part, start, out, losses),
            Event::Delta { text, .. } if text.is_empty() => {}
            Event::Delta { part, text, .. } => self.delta(*part, text, out, losses),
            Event::Signature { part, signature, .. } => self.signed(*part, signature, out, losses),
            Event::Citation { part, .. } => {
                losses.push(Loss::dropped(
                    format!("content[{part}].citations"),
                    "a text has no sources here",
                ));
            }
            Event::PartEnd { part, .. } => self.end_part(*part, out, losses),
            Event::Logprobs { logprobs, .. } => {
                if let Some(items) = items(logprobs) {
                    self.head.line(out, "", |_| {}, |out| out.member("logprobs", items));
                }
            }
            Event::Finish { finish, .. } => self.finish = Some(finish.clone()),
        }
    }
}
