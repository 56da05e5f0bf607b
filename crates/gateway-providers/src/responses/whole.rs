//! Whole answers: each is the response in which the stream of its parts would end.

use bytes::Bytes;
use gateway_types::chat::{Finish, Part, Response, Source, Verbatim};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName};

use super::item::object;
use super::sealed::Carried;
use super::writer::{Writer, thought};
use crate::stamp::Stamp;

/// Writes a whole answer.
pub(super) fn write(response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
    let mut writer = Writer::new(call, stamp, true);
    let mut nowhere = Vec::new();
    writer.start(&response.id, &response.model, response.created, &mut nowhere);
    if response.choices.len() > 1 {
        losses.push(Loss::dropped("choices", "an answer is one here"));
    }
    let choice = response.choices.first();
    let parts = choice.map_or(&[][..], |choice| &choice.parts);
    let last_text = parts.iter().rposition(|part| matches!(part, Part::Text { .. }));
    for (i, part) in parts.iter().enumerate() {
        writer.part(part, &format!("parts[{i}]"), &mut nowhere, losses);
        let logprobs = choice.and_then(|choice| choice.logprobs.as_ref());
        if let Some(logprobs) = logprobs.filter(|_| last_text == Some(i)) {
            writer.probable(logprobs);
        }
    }
    writer.usage = response.usage;
    writer.finish = choice.and_then(|choice| choice.finish.clone());
    writer.end(&mut nowhere, losses)
}

/// The word for why an answer ended: its status, or why it is not complete.
pub(super) fn finish_word(finish: &Finish) -> &str {
    incomplete(finish).unwrap_or(match finish {
        Finish::Other(word) => word,
        _ => "completed",
    })
}

/// Why an answer that ended so is not complete, if it is not.
pub(super) const fn incomplete(finish: &Finish) -> Option<&'static str> {
    match finish {
        Finish::Length => Some("max_output_tokens"),
        Finish::Filtered | Finish::Refusal => Some("content_filter"),
        _ => None,
    }
}

/// Ends that the API has no word for.
pub(super) fn lost_finish(finish: &Finish, losses: &mut Vec<Loss>) {
    let note = match finish {
        Finish::Stop | Finish::StopSequence(None) | Finish::Length | Finish::Tools | Finish::Filtered => return,
        Finish::StopSequence(Some(_)) => "which stop text was met is not said here",
        Finish::Refusal => "an answer that was declined is one that was filtered here",
        Finish::Pause => "an answer that paused is complete here",
        Finish::Other(_) => "why else an answer ended is not said here",
    };
    losses.push(Loss::mapped("finish", note));
}

impl Writer {
    /// A part that comes whole.
    pub(super) fn part(&mut self, part: &Part, at: &str, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match part {
            Part::Text {
                text,
                citations,
                signature,
                ..
            } => {
                self.speak(false, to);
                self.more(text, to);
                citations.iter().for_each(|citation| self.cite(citation, to, losses));
                signature.iter().for_each(|signature| self.sign(signature, losses));
            }
            Part::Refusal(text) => {
                self.speak(true, to);
                self.more(text, to);
            }
            Part::Reasoning(reasoning) => {
                let signature = reasoning.signature.clone().map(Carried::Signature);
                let encrypted = reasoning.encrypted.clone().map(Carried::Encrypted);
                let (first, second) = match signature {
                    Some(signature) => (Some(signature), encrypted),
                    None => (encrypted, None),
                };
                self.begin("rs_", thought(first), to);
                self.more(&reasoning.text, to);
                if second.is_some() {
                    self.begin("rs_", thought(second), to);
                }
            }
            Part::ToolUse(tool) => {
                self.call(&tool.id, &tool.name, tool.freeform, to);
                tool.signature.iter().for_each(|signature| self.sign(signature, losses));
                self.more(&tool.arguments, to);
            }
            Part::Image { source, .. } => self.picture(source, at, to, losses),
            Part::Audio {
                transcript: Some(text), ..
            } => {
                losses.push(Loss::mapped(at, "what is spoken is said in text"));
                self.speak(false, to);
                self.more(text, to);
            }
            Part::Other(Verbatim {
                dialect: DialectName::Responses,
                json,
            }) => self.give(json.clone(), to),
            Part::Other(_) => losses.push(Loss::dropped(at, "a part that only another API knows")),
            Part::Audio { .. } | Part::Video { .. } | Part::Document { .. } | Part::ToolResult(_) => {
                losses.push(Loss::dropped(at, "this API has no such part of an answer"));
            }
        }
    }

    fn picture(&mut self, source: &Source, at: &str, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Source::Inline { media_type, data } = source else {
            losses.push(Loss::dropped(at, "a picture stands in the answer itself here"));
            return;
        };
        let id = self.id("ig_");
        let item = object(|out| {
            out.member("id", id);
            out.member("type", "image_generation_call");
            out.member("status", "completed");
            out.member("output_format", media_type.strip_prefix("image/").unwrap_or(media_type));
            out.member("result", String::from_utf8_lossy(data));
        });
        self.give(item, to);
    }
}
