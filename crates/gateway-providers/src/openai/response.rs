//! A provider's whole answer in the chat vocabulary.

use gateway_types::chat::{Choice, Extras, Finish, Opaque, Part, Reasoning, Response, ToolUse};
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::cite;
use super::observe::refuse_error;
use super::thought::{piece_text, thoughts};
use super::tools::own;
use super::wire::{self, Answer, Message, ToolCall, sound, text};
use crate::json::{Members, Out};
use crate::media;
use crate::seal;
use crate::stamp::Stamp;
use crate::target::Target;

/// Who answered, and when: what is made of an answer besides what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker<'a> {
    pub(super) target: &'a Target,
    pub(super) stamp: Stamp,
}

impl Maker<'_> {
    /// What only this provider's model can read.
    pub(super) fn made(&self, value: String) -> Opaque {
        seal::made(value, DialectName::OpenAi, self.target)
    }

    /// An id for a call that came without one; a result has to refer to something.
    pub(super) fn id(&self, choice: u32, index: usize) -> String {
        // No answer has so many calls that two choices would meet.
        self.stamp.id("call_", (choice as usize) * 4096 + index + 1)
    }
}

/// Reads a whole answer.
pub(super) fn response(body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
    let answer = Answer::whole(body)?;
    refuse_error(&answer, body)?;
    let maker = Maker { target, stamp };
    let choices = answer.choices.iter().flatten().enumerate();
    let mut response = Response {
        id: answer.id.clone().unwrap_or_default(),
        model: answer.model.clone().unwrap_or_default(),
        created: answer.created,
        choices: choices.map(|(i, said)| choice(i, said, maker)).collect(),
        usage: answer.usage.map(|usage| usage.classes()),
        extras: extras(body),
    };
    let beside = cite::beside(answer.search_results, answer.citations);
    if let (false, Some(first)) = (beside.is_empty(), response.choices.first_mut()) {
        cite(&mut first.parts, beside);
    }
    Ok(response)
}

/// What no word covers of the answer around its choices.
fn extras(body: &[u8]) -> Extras {
    const COVERED: [&str; 9] = [
        "id",
        "object",
        "created",
        "model",
        "choices",
        "usage",
        "error",
        "citations",
        "search_results",
    ];
    let raw: Option<&RawValue> = serde_json::from_slice(body).ok();
    let Some(mut members) = raw.and_then(|raw| Members::of(raw).ok()) else {
        return Extras::default();
    };
    for key in COVERED {
        members.take(key);
    }
    members.rest()
}

/// Why an answer ended, from the dialect's word.
pub(super) fn finish(word: &str) -> Finish {
    match word {
        // `eos` is TGI's and Together's.
        "stop" | "eos" | "eos_token" => Finish::Stop,
        "stop_sequence" => Finish::StopSequence(None),
        // `model_length` is Mistral's.
        "length" | "max_tokens" | "model_length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::Tools,
        "content_filter" => Finish::Filtered,
        other => Finish::Other(other.to_owned()),
    }
}

fn choice(place: usize, choice: &wire::Choice<'_>, maker: Maker<'_>) -> Choice {
    let number = choice.number(place);
    let mut parts = choice.said().map(|said| parts(number, said, maker)).unwrap_or_default();
    // A completion's text, where a chat was asked of a server that knows only those.
    let completed = choice.text.map(text).filter(|text| !text.is_empty());
    parts.extend(completed.map(Part::text));
    Choice {
        parts,
        finish: choice.finish_reason.as_deref().map(finish),
        logprobs: choice.logprobs.map(ToOwned::to_owned),
    }
}

/// Thinking first, then what is said, then what is asked of tools: the order in which a model makes them.
fn parts(choice: u32, message: &Message<'_>, maker: Maker<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = reasoning(message, maker).into_iter().map(Part::Reasoning).collect();
    parts.extend(message.content.map(content).unwrap_or_default());
    if let Some(annotations) = message.annotations {
        cite(&mut parts, cite::annotations(annotations));
    }
    let refusal = message.refusal.map(text).filter(|text| !text.is_empty());
    parts.extend(refusal.map(Part::Refusal));
    parts.extend(message.images.iter().flatten().map(|raw| picture(raw)));
    parts.extend(message.audio.as_ref().and_then(audio));
    let calls = message.tool_calls.iter().flatten().enumerate();
    parts.extend(calls.map(|(i, call)| Part::ToolUse(tool_use(choice, i, call, maker))));
    if let Some(call) = &message.function_call {
        let name = call.name.clone().unwrap_or_default();
        parts.push(Part::ToolUse(ToolUse {
            id: name.clone(),
            name,
            arguments: call.arguments.map(text).unwrap_or_default(),
            ..ToolUse::default()
        }));
    }
    parts.extend(rest(&message.rest));
    parts
}

/// Members of a message that only this vendor has, as one part.
pub(super) fn rest<K: AsRef<str>, R: std::borrow::Borrow<RawValue>>(members: &[(K, R)]) -> Option<Part> {
    if members.is_empty() {
        return None;
    }
    let mut json = Vec::new();
    Out::object(&mut json, |out| {
        for (key, raw) in members {
            out.member(key.as_ref(), raw.borrow());
        }
    });
    let json = RawValue::from_string(String::from_utf8(json).ok()?).ok()?;
    Some(Part::Other(own(json)))
}

/// Citations belong to the text that was said last; where none was, nothing cites them.
fn cite(parts: &mut [Part], found: Vec<gateway_types::chat::Citation>) {
    let last = parts.iter_mut().rev().find_map(|part| match part {
        Part::Text { citations, .. } => Some(citations),
        _ => None,
    });
    if let Some(citations) = last {
        citations.extend(found);
    }
}

fn reasoning(message: &Message<'_>, maker: Maker<'_>) -> Vec<Reasoning> {
    let said = message.reasoning_content.or(message.reasoning).map(text);
    thoughts(message.reasoning_details, said.unwrap_or_default(), &|value| {
        maker.made(value)
    })
}

/// `content`: text, or an array of pieces.
pub(super) fn content(raw: &RawValue) -> Vec<Part> {
    let Ok(pieces) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        let said = text(raw);
        return if said.is_empty() {
            Vec::new()
        } else {
            vec![Part::text(said)]
        };
    };
    pieces.into_iter().map(piece).collect()
}

fn piece(raw: &RawValue) -> Part {
    let Ok(piece) = serde_json::from_str::<wire::Piece<'_>>(raw.get()) else {
        return Part::Other(own(raw.to_owned()));
    };
    match (piece.kind.as_deref(), piece.text, piece.thinking) {
        (Some("text"), Some(said), _) => Part::text(text(said)),
        (Some("image_url"), ..) => picture(raw),
        (Some("thinking"), _, Some(thought)) => Part::Reasoning(Reasoning {
            text: piece_text(thought),
            ..Reasoning::default()
        }),
        _ => Part::Other(own(raw.to_owned())),
    }
}

/// A picture that a model has made: `{"type": "image_url", "image_url": {"url"}}`.
pub(super) fn picture(raw: &RawValue) -> Part {
    let url = || {
        let mut inner = Members::of(raw).ok()?.object("image_url").ok()??;
        inner.read::<String>("url").ok()?
    };
    match url() {
        Some(url) => Part::Image {
            source: media::source(url),
            detail: None,
            cache: None,
        },
        None => Part::Other(own(raw.to_owned())),
    }
}

fn audio(audio: &wire::Audio<'_>) -> Option<Part> {
    Some(Part::Audio {
        source: sound(text(audio.data?)),
        transcript: audio.transcript.map(text),
    })
}

fn tool_use(choice: u32, index: usize, call: &ToolCall<'_>, maker: Maker<'_>) -> ToolUse {
    let id = call.id.clone().filter(|id| !id.is_empty());
    let (name, arguments) = call.said();
    ToolUse {
        id: id.unwrap_or_else(|| maker.id(choice, index)),
        name: name.cloned().unwrap_or_default(),
        arguments: arguments.map(text).unwrap_or_default(),
        freeform: call.custom.is_some(),
        signature: call.extra_content.map(|raw| maker.made(raw.get().to_owned())),
        ..ToolUse::default()
    }
}
