//! The client's side of whole answers.

use gateway_types::chat::{Opaque, Part, Reasoning, Response, ToolUse};
use gateway_types::loss::Loss;

use super::answer::{finish_word, lose};
use super::citation::{self, Place};
use super::message::{ENCRYPTED, SIGNATURE};
use super::{logprobs, usage};
use crate::freeform;
use crate::json::Out;
use crate::seal;
use crate::stamp::Stamp;

/// Writes a whole answer: the first, since this API knows one.
pub(super) fn whole(response: &Response, stamp: Stamp, losses: &mut Vec<Loss>) -> Vec<u8> {
    let choice = response.choices.first();
    for at in 1..response.choices.len() {
        losses.push(Loss::dropped(format!("choices[{at}]"), "this API gives one answer"));
    }
    let parts = choice.map(|choice| choice.parts.as_slice()).unwrap_or_default();
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        match response.id.is_empty() {
            true => out.member("id", stamp.id("", 0)),
            false => out.member("id", &response.id),
        }
        out.inner("message", |out| message(parts, out, losses));
        let finish = choice.and_then(|choice| choice.finish.as_ref());
        out.member("finish_reason", finish.map_or("COMPLETE", finish_word));
        lose(finish, losses);
        if let Some(used) = &response.usage {
            usage::lose(used, losses);
            usage::write(used, out);
        }
        if let Some(raw) = choice.and_then(|choice| choice.logprobs.as_ref()) {
            out.member("logprobs", logprobs::items(raw));
        }
    });
    body
}

fn message(parts: &[Part], out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    out.member("role", "assistant");
    let calls = parts.iter().any(|part| matches!(part, Part::ToolUse(_)));
    let pieces = pieces(parts, losses);
    // What is said before calls is their plan.
    let planned = |piece: &Piece<'_>| calls && matches!(piece, Piece::Text { .. });
    let content: Vec<&Piece<'_>> = pieces.iter().filter(|piece| !planned(piece)).collect();
    if !content.is_empty() || !calls {
        out.array("content", |out| {
            content.iter().for_each(|piece| out.item_object(|out| piece.write(out)))
        });
    }
    let plan: String = pieces
        .iter()
        .filter(|piece| planned(piece))
        .map(|piece| piece.text())
        .collect();
    out.maybe("tool_plan", (!plan.is_empty()).then_some(plan));
    if calls {
        out.array("tool_calls", |out| {
            for part in parts {
                if let Part::ToolUse(tool) = part {
                    out.item_object(|out| tool_call(tool, out));
                }
            }
        });
    }
    let cited = citations(&pieces, calls);
    if !cited.is_empty() {
        out.member("citations", cited);
    }
}

/// A piece of content. Neighbouring texts are one: clients read the first.
enum Piece<'a> {
    Text {
        text: String,
        cited: Vec<(u64, &'a str, &'a gateway_types::chat::Citation)>,
    },
    Thinking(&'a Reasoning),
}

impl Piece<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Text { text, .. } => text,
            Self::Thinking(reasoning) => &reasoning.text,
        }
    }

    fn write(&self, out: &mut Out<'_>) {
        match self {
            Self::Text { text, .. } => {
                out.member("type", "text");
                out.member("text", text);
            }
            Self::Thinking(reasoning) => {
                out.member("type", "thinking");
                out.member("thinking", &reasoning.text);
                sealed(reasoning.signature.as_ref(), SIGNATURE, out);
                sealed(reasoning.encrypted.as_ref(), ENCRYPTED, out);
            }
        }
    }
}

/// The members beside thinking, which this API has not, in which another's proof of it comes back with the next turn.
fn sealed(opaque: Option<&Opaque>, key: &str, out: &mut Out<'_>) {
    out.maybe(key, opaque.map(seal::seal));
}

fn pieces<'a>(parts: &'a [Part], losses: &mut Vec<Loss>) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let (said, citations) = match part {
            Part::Text {
                text,
                citations,
                signature,
                ..
            } => {
                if signature.is_some() {
                    losses.push(Loss::dropped(
                        format!("content[{at}].signature"),
                        "a text has no signature here",
                    ));
                }
                (text, citations.as_slice())
            }
            Part::Refusal(text) => {
                losses.push(Loss::mapped(format!("content[{at}]"), "the refusal is sent as text"));
                (text, &[][..])
            }
            Part::Audio {
                transcript: Some(text), ..
            } => {
                losses.push(Loss::emulated(
                    format!("content[{at}]"),
                    "the transcript is sent in place of the sound",
                ));
                (text, &[][..])
            }
            Part::Reasoning(reasoning) => {
                pieces.push(Piece::Thinking(reasoning));
                continue;
            }
            Part::ToolUse(_) => continue,
            _ => {
                losses.push(Loss::dropped(
                    format!("content[{at}]"),
                    "an answer holds text, thinking and calls here",
                ));
                continue;
            }
        };
        if !matches!(pieces.last(), Some(Piece::Text { .. })) {
            pieces.push(Piece::Text {
                text: String::new(),
                cited: Vec::new(),
            });
        }
        if let Some(Piece::Text { text, cited }) = pieces.last_mut() {
            let before = text.chars().count() as u64;
            cited.extend(citations.iter().map(|citation| (before, said.as_str(), citation)));
            text.push_str(said);
        }
    }
    pieces
}

/// All citations, each with its place.
fn citations(pieces: &[Piece<'_>], calls: bool) -> Vec<Box<serde_json::value::RawValue>> {
    let mut written = Vec::new();
    for (content, piece) in pieces.iter().enumerate() {
        let Piece::Text { cited, .. } = piece else { continue };
        for (before, text, citation) in cited {
            let place = Place {
                content: if calls { 0 } else { content },
                before: *before,
                text,
            };
            let mut json = Vec::new();
            citation::write(citation, place, &mut json);
            let json = String::from_utf8(json)
                .ok()
                .and_then(|json| serde_json::value::RawValue::from_string(json).ok());
            written.extend(json);
        }
    }
    written
}

fn tool_call(tool: &ToolUse, out: &mut Out<'_>) {
    out.member("id", call_id(tool.id.as_str(), tool.signature.as_ref()));
    out.member("type", "function");
    out.inner("function", |out| {
        out.member("name", &tool.name);
        match tool.freeform {
            // A function's arguments are JSON.
            true => out.member("arguments", freeform::wrap(&tool.arguments)),
            false => out.member("arguments", &tool.arguments),
        }
    });
}

/// The id of a call, and in it what the call's maker wants back.
pub(super) fn call_id(id: &str, signature: Option<&Opaque>) -> String {
    signature.map_or_else(|| id.to_owned(), |signature| seal::into_id(id, signature))
}
