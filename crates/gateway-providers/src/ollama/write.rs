//! The client's side of whole answers.

use gateway_types::chat::{Finish, Part, Reasoning, Response, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{Call, Usage, Wall};
use serde_json::value::RawValue;

use super::decode::Shape;
use super::message::DETAILS;
use super::say::arguments;
use super::wire::{Head, done};
use crate::json::Out;
use crate::media;
use crate::seal;
use crate::stamp::Stamp;

/// The vendor's word for why an answer ended.
pub(super) fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Length => "length",
        Finish::Other(word) => word,
        _ => "stop",
    }
}

/// Notes that the word, or the count, says less than was meant.
pub(super) fn lose(finish: Option<&Finish>, usage: Option<&Usage>, losses: &mut Vec<Loss>) {
    let ended = match finish {
        None => Some("the provider did not say why the answer ended; `stop` is said here"),
        Some(Finish::Filtered | Finish::Refusal | Finish::Pause) => {
            Some("there is no other word than `stop` for it here")
        }
        Some(_) => None,
    };
    losses.extend(ended.map(|note| Loss::mapped("done_reason", note)));
    if usage.is_some_and(|usage| usage.total() > usage.input.saturating_add(usage.output)) {
        losses.push(Loss::mapped(
            "usage",
            "thinking, sound and what caches hold are counted with the rest here",
        ));
    }
}

pub(super) fn head(call: &Call, stamp: Stamp) -> Head {
    Head {
        shape: Shape::of(call),
        model: call.model.as_str().to_owned(),
        created_at: stamp.at.rfc3339(),
    }
}

/// Writes a whole answer: the first, since this API knows one.
pub(super) fn whole(response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Vec<u8> {
    let mut head = head(call, stamp);
    if !response.model.is_empty() {
        head.model.clone_from(&response.model);
    }
    if let Some(created) = response.created {
        head.created_at = Wall::from_millis(created.saturating_mul(1000)).rfc3339();
    }
    let choice = response.choices.first();
    for at in 1..response.choices.len() {
        losses.push(Loss::dropped(format!("choices[{at}]"), "this API gives one answer"));
    }
    let parts = choice.map(|choice| choice.parts.as_slice()).unwrap_or_default();
    let finish = choice.and_then(|choice| choice.finish.as_ref());
    lose(finish, response.usage.as_ref(), losses);
    let text: String = parts
        .iter()
        .enumerate()
        .filter_map(|(at, part)| text_of(part, at, losses))
        .collect();
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        head.write(
            out,
            &text,
            |out| beside(parts, out, losses),
            |out| {
                done(out, finish.map_or("stop", finish_word), response.usage.as_ref());
                out.maybe("logprobs", choice.and_then(|choice| items(choice.logprobs.as_deref()?)));
            },
        );
    });
    body
}

/// What of a part is text here.
pub(super) fn text_of<'a>(part: &'a Part, at: usize, losses: &mut Vec<Loss>) -> Option<&'a str> {
    let field = || format!("content[{at}]");
    match part {
        Part::Text {
            text,
            citations,
            signature,
            ..
        } => {
            if !citations.is_empty() {
                losses.push(Loss::dropped(
                    format!("{}.citations", field()),
                    "a text has no sources here",
                ));
            }
            if signature.is_some() {
                losses.push(Loss::dropped(
                    format!("{}.signature", field()),
                    "a text has no signature here",
                ));
            }
            Some(text)
        }
        Part::Refusal(text) => {
            losses.push(Loss::mapped(field(), "the refusal is sent as text"));
            Some(text)
        }
        Part::Audio {
            transcript: Some(text), ..
        } => {
            losses.push(Loss::emulated(field(), "the transcript is sent in place of the sound"));
            Some(text)
        }
        Part::Reasoning(_) | Part::ToolUse(_) => None,
        Part::Image { .. } if media::inline_picture(part).is_some() => None,
        _ => {
            losses.push(Loss::dropped(
                field(),
                "an answer holds text, thinking, pictures and calls here",
            ));
            None
        }
    }
}

/// Thinking, pictures and calls.
fn beside(parts: &[Part], out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let thoughts: Vec<&Reasoning> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Reasoning(reasoning) => Some(reasoning),
            _ => None,
        })
        .collect();
    let thinking: String = thoughts.iter().map(|thought| thought.text.as_str()).collect();
    out.maybe("thinking", (!thinking.is_empty()).then_some(thinking));
    if thoughts
        .iter()
        .any(|thought| thought.signature.is_some() || thought.encrypted.is_some())
    {
        out.array(DETAILS, |out| {
            thoughts
                .iter()
                .for_each(|thought| out.item_object(|out| detail(thought, out)))
        });
    }
    let images: Vec<String> = parts.iter().filter_map(media::inline_picture).collect();
    out.maybe("images", (!images.is_empty()).then_some(images));
    let calls: Vec<&ToolUse> = parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolUse(tool) => Some(tool),
            _ => None,
        })
        .collect();
    if !calls.is_empty() {
        out.array("tool_calls", |out| {
            for (index, tool) in calls.into_iter().enumerate() {
                out.item_object(|out| tool_call(index, tool, out, losses));
            }
        });
    }
}

/// Thinking that another provider has signed, for the next turn: in a member that this API has not.
pub(super) fn detail(thought: &Reasoning, out: &mut Out<'_>) {
    out.maybe("thinking", (!thought.text.is_empty()).then_some(&thought.text));
    out.maybe("signature", thought.signature.as_ref().map(seal::seal));
    out.maybe("encrypted", thought.encrypted.as_ref().map(seal::seal));
}

pub(super) fn tool_call(index: usize, tool: &ToolUse, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let id = tool
        .signature
        .as_ref()
        .map_or_else(|| tool.id.clone(), |signature| seal::into_id(&tool.id, signature));
    let arguments = arguments(tool, |note| {
        losses.push(Loss::emulated(format!("tool_calls[{index}].arguments"), note))
    });
    out.member("id", id);
    out.inner("function", |out| {
        out.member("index", index);
        out.member("name", &tool.name);
        out.member("arguments", arguments);
    });
}

/// The items of OpenAI's probabilities, which are this API's.
pub(super) fn items(logprobs: &RawValue) -> Option<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Tokens {
        content: Option<Box<RawValue>>,
    }
    serde_json::from_str::<Tokens>(logprobs.get()).ok()?.content
}
