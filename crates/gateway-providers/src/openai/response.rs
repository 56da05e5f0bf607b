//! A provider's whole answer in the chat vocabulary.

use bytes::Bytes;
use gateway_types::chat::{Choice, Citation, Extras, Finish, Part, Reasoning, Response, Source, ToolUse};
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::message::{own, thought_text, thoughts};
use super::observe::refuse_error;
use super::wire::{self, Answer, Message, ToolCall, text};
use crate::seal;
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads a whole answer.
pub(super) fn response(body: &[u8], target: &Target, _: Stamp) -> Result<Response, Error> {
    let answer = Answer::whole(body)?;
    refuse_error(&answer, body)?;
    Ok(Response {
        id: answer.id.unwrap_or_default(),
        model: answer.model.unwrap_or_default(),
        created: answer.created,
        choices: answer
            .choices
            .iter()
            .flatten()
            .map(|said| choice(said, target))
            .collect(),
        usage: answer.usage.map(|usage| usage.classes()),
        extras: Extras::default(),
    })
}

/// Why an answer ended, from the dialect's word.
pub(super) fn finish(word: &str) -> Finish {
    match word {
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::Tools,
        "content_filter" => Finish::Filtered,
        other => Finish::Other(other.to_owned()),
    }
}

fn choice(choice: &wire::Choice<'_>, target: &Target) -> Choice {
    Choice {
        parts: choice.said().map(|said| parts(said, target)).unwrap_or_default(),
        finish: choice.finish_reason.as_deref().map(finish),
        logprobs: choice.logprobs.map(ToOwned::to_owned),
    }
}

/// Thinking first, then what is said, then what is asked of tools: the order in which a model makes them.
fn parts(message: &Message<'_>, target: &Target) -> Vec<Part> {
    let mut parts: Vec<Part> = reasoning(message, target).into_iter().map(Part::Reasoning).collect();
    parts.extend(message.content.map(content).unwrap_or_default());
    if let Some(annotations) = message.annotations
        && let Some(Part::Text { citations, .. }) =
            parts.iter_mut().rev().find(|part| matches!(part, Part::Text { .. }))
    {
        *citations = self::citations(annotations);
    }
    parts.extend(
        message
            .refusal
            .map(text)
            .filter(|text| !text.is_empty())
            .map(Part::Refusal),
    );
    parts.extend(message.audio.as_ref().and_then(audio));
    parts.extend(
        message
            .tool_calls
            .iter()
            .flatten()
            .enumerate()
            .map(|(i, call)| Part::ToolUse(tool_use(i, call))),
    );
    if let Some(call) = &message.function_call {
        let name = call.name.clone().unwrap_or_default();
        let arguments = call.arguments.map(text).unwrap_or_default();
        parts.push(Part::ToolUse(ToolUse {
            id: name.clone(),
            name,
            arguments,
            ..ToolUse::default()
        }));
    }
    parts
}

fn reasoning(message: &Message<'_>, target: &Target) -> Vec<Reasoning> {
    let said = message
        .reasoning_content
        .or(message.reasoning)
        .map(text)
        .unwrap_or_default();
    thoughts(message.reasoning_details, said, &|value| {
        seal::made(value, DialectName::OpenAi, target)
    })
}

/// `annotations`: the sources of a text.
pub(super) fn citations(raw: &RawValue) -> Vec<Citation> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    let citation = |raw: &&RawValue| Citation {
        url: None,
        title: None,
        quote: None,
        range: None,
        verbatim: own(raw),
    };
    items.iter().map(citation).collect()
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
        return Part::Other(own(raw));
    };
    match (piece.kind.as_deref(), piece.text, piece.thinking) {
        (Some("text"), Some(said), _) => Part::text(text(said)),
        (Some("thinking"), _, Some(thought)) => Part::Reasoning(Reasoning {
            text: thought_text(thought),
            ..Reasoning::default()
        }),
        _ => Part::Other(own(raw)),
    }
}

fn audio(audio: &wire::Audio<'_>) -> Option<Part> {
    // Which format it has stands in the request alone.
    let source = Source::Inline {
        media_type: String::from("audio"),
        data: Bytes::from(text(audio.data?)),
    };
    Some(Part::Audio {
        source,
        transcript: audio.transcript.map(text),
    })
}

fn tool_use(index: usize, call: &ToolCall<'_>) -> ToolUse {
    let id = call
        .id
        .clone()
        .filter(|id| !id.is_empty())
        .unwrap_or_else(|| made_id(0, index));
    let mut extras = Extras::default();
    let (name, arguments) = match (&call.function, &call.custom) {
        (Some(function), _) => (function.name.clone(), function.arguments),
        (None, Some(custom)) => {
            let kind = RawValue::from_string("\"custom\"".into()).expect("a quoted word is JSON");
            extras.0.push((String::from("type"), kind));
            (custom.name.clone(), custom.input)
        }
        (None, None) => (None, None),
    };
    let arguments = arguments.map(text).unwrap_or_default();
    ToolUse {
        id,
        name: name.unwrap_or_default(),
        arguments,
        freeform: call.custom.is_some(),
        extras,
        ..ToolUse::default()
    }
}

/// An id for a call that came without one; a result has to refer to something.
pub(super) fn made_id(choice: u32, index: usize) -> String {
    format!("call_{choice}_{index}")
}
