//! A provider's whole answer in the chat vocabulary.

use bytes::Bytes;
use gateway_types::chat::{Choice, Extras, Opaque, Part, Reasoning, Response, Source, ToolUse, Verbatim};
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::content::citation;
use super::fault;
use super::sealed::with_id;
use super::tools::flat;
use super::wire::{Answer, Item, Piece, Status, entries, text};
use crate::json::Out;
use crate::seal;
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads a whole answer.
pub(super) fn response(body: &[u8], target: &Target, _: Stamp) -> Result<Response, Error> {
    let answer = Answer::read(body)?;
    let finish = match answer.status() {
        Status::Failed => return Err(fault::failed(&answer)),
        Status::Over(finish) => Some(finish),
        Status::Going => None,
    };
    let Some(output) = &answer.output else {
        return Err(fault::failed(&answer));
    };
    let mut logprobs = Vec::new();
    let mut parts = Vec::new();
    for raw in output {
        item(raw, target, &mut parts, &mut logprobs);
    }
    let choice = Choice {
        parts,
        finish,
        logprobs: chat_logprobs(&logprobs),
    };
    Ok(Response {
        id: answer.id.unwrap_or_default(),
        model: answer.model.unwrap_or_default(),
        created: answer.created_at.map(|at| at as i64),
        choices: vec![choice],
        usage: answer.usage.map(|usage| usage.classes()),
        extras: Extras::default(),
    })
}

/// Reads an item of the output as the parts that it is, and the token probabilities in it.
fn item<'a>(raw: &'a RawValue, target: &Target, parts: &mut Vec<Part>, logprobs: &mut Vec<&'a RawValue>) {
    let item = Item::read(raw);
    match item.kind.as_deref() {
        Some("message") => message(&item, target, parts, logprobs),
        Some("reasoning") => parts.extend(reasoning(&item, target).map(Part::Reasoning)),
        Some("function_call" | "custom_tool_call") => parts.push(Part::ToolUse(call(&item))),
        _ => parts.push(whole(raw, &item)),
    }
}

fn message<'a>(item: &Item<'a>, target: &Target, parts: &mut Vec<Part>, logprobs: &mut Vec<&'a RawValue>) {
    let mut phase = phase(item, target);
    for raw in item.content.iter().flatten() {
        let piece = Piece::read(raw);
        logprobs.extend(entries(piece.logprobs));
        match (piece.text, piece.refusal) {
            (_, Some(refusal)) => parts.push(Part::Refusal(refusal)),
            (Some(text), None) if text.is_empty() => {}
            (Some(text), None) => parts.push(Part::Text {
                text,
                cache: None,
                citations: piece.annotations.iter().flatten().map(|raw| citation(raw)).collect(),
                signature: phase.take(),
            }),
            (None, None) => parts.push(Part::Other(own(raw))),
        }
    }
}

/// What part of its work a message is of: models want it back with their text.
pub(super) fn phase(item: &Item<'_>, target: &Target) -> Option<Opaque> {
    let phase = item.phase.as_deref()?;
    Some(seal::made(phase, DialectName::Responses, target))
}

fn reasoning(item: &Item<'_>, target: &Target) -> Option<Reasoning> {
    let text = thought(item);
    let proof = proof(item, target);
    let readable = !text.is_empty();
    (readable || proof.is_some()).then(|| Reasoning {
        text,
        signature: proof.clone().filter(|_| readable),
        encrypted: proof.filter(|_| !readable),
    })
}

/// The thinking that can be read: the thoughts themselves where they are shown, else their summary.
pub(super) fn thought(item: &Item<'_>) -> String {
    let joined = |pieces: &Option<Vec<&RawValue>>| {
        let texts = pieces.iter().flatten().filter_map(|raw| Piece::read(raw).text);
        let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
        texts.join(BETWEEN)
    };
    let thoughts = joined(&item.content);
    if thoughts.is_empty() {
        joined(&item.summary)
    } else {
        thoughts
    }
}

/// What stands between two pieces of thinking that make one.
pub(super) const BETWEEN: &str = "\n\n";

/// The ciphertext of thinking, with the id of its item.
pub(super) fn proof(item: &Item<'_>, target: &Target) -> Option<Opaque> {
    let content = item
        .encrypted_content
        .as_deref()
        .filter(|content| !content.is_empty())?;
    let value = with_id(item.id.as_deref(), content);
    Some(seal::made(value, DialectName::Responses, target))
}

fn call(item: &Item<'_>) -> ToolUse {
    let freeform = item.kind.as_deref() == Some("custom_tool_call");
    let arguments = if freeform { item.input } else { item.arguments };
    ToolUse {
        id: item.call(),
        name: flat(item.namespace.as_deref(), item.name.as_deref().unwrap_or_default()),
        arguments: arguments.map(|raw| text(raw).into_owned()).unwrap_or_default(),
        freeform,
        ..ToolUse::default()
    }
}

/// An item that others have no word for, unless it is a picture.
pub(super) fn whole(raw: &RawValue, item: &Item<'_>) -> Part {
    match (item.kind.as_deref(), &item.result) {
        (Some("image_generation_call"), Some(data)) if !data.is_empty() => Part::Image {
            source: Source::Inline {
                media_type: format!("image/{}", item.output_format.as_deref().unwrap_or("png")),
                data: Bytes::from(data.clone()),
            },
            detail: None,
            cache: None,
        },
        _ => Part::Other(own(raw)),
    }
}

fn own(raw: &RawValue) -> Verbatim {
    Verbatim {
        dialect: DialectName::Responses,
        json: raw.to_owned(),
    }
}

/// Token probabilities as the chat API has them: the same entries, under `content`.
pub(super) fn chat_logprobs(entries: &[&RawValue]) -> Option<Box<RawValue>> {
    if entries.is_empty() {
        return None;
    }
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.member("content", entries);
        out.member("refusal", ());
    });
    serde_json::from_slice(&body).ok()
}
