//! A whole answer to a client, as `GenerateContentResponse`.

use std::borrow::Cow;

use gateway_types::chat::{Choice, Finish, Opaque, Part, Reasoning, Response, Source, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName};
use serde_json::value::RawValue;

use super::candidate::is_piece;
use super::piece::media_type_of;
use super::sources::Sources;
use super::tree::{Json, Object};
use super::{finish, keys, logprobs, usage};
use crate::seal;
use crate::stamp::Stamp;

/// Members of an answer of this dialect that the vocabulary keeps as they are.
const OWN: [&str; 2] = ["promptFeedback", "modelStatus"];

/// Writes a whole answer.
pub(super) fn whole(response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Vec<u8> {
    let mut body = Object::new();
    // The pieces are kept apart, so that what is written can borrow from them.
    let said: Vec<Said<'_>> = response
        .choices
        .iter()
        .enumerate()
        .map(|(at, choice)| Said::of(choice, &format!("choices[{at}]"), losses))
        .collect();
    let blocked = response
        .extras
        .0
        .iter()
        .any(|(key, value)| key == "promptFeedback" && value.get().contains("lockReason"));
    let refused = |choice: &Choice| choice.parts.is_empty() && choice.finish == Some(Finish::Filtered);
    if !(blocked && response.choices.iter().all(refused)) {
        let candidates = response.choices.iter().zip(&said).enumerate();
        let candidates: Json<'_> = candidates
            .map(|(at, (choice, said))| candidate(at, choice, said))
            .collect();
        body.put("candidates", candidates);
    }
    for (key, value) in &response.extras.0 {
        match OWN.contains(&key.as_str()) {
            true => body.put(key.as_str(), value),
            false => losses.push(Loss::dropped(key.as_str(), "no counterpart")),
        }
    }
    body.maybe(
        "usageMetadata",
        response.usage.as_ref().map(|used| usage::write(used, losses)),
    );
    body.put("modelVersion", model(&response.model, call));
    body.put("responseId", id(&response.id, stamp));
    body.maybe("createTime", response.created.and_then(time));
    body.to_bytes()
}

/// The model that answered, else the one that was asked for.
pub(super) fn model<'a>(model: &'a str, call: &'a Call) -> &'a str {
    if model.is_empty() { call.model.as_str() } else { model }
}

pub(super) fn id(id: &str, stamp: Stamp) -> Cow<'_, str> {
    match id.is_empty() {
        true => stamp.id("", 0).into(),
        false => id.into(),
    }
}

/// A time as RFC 3339 writes it.
pub(super) fn time(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// What one answer says.
struct Said<'a> {
    pieces: Vec<Object<'a>>,
    sources: Sources,
    logprobs: Option<Box<RawValue>>,
    /// Members of a candidate that a provider of this dialect had beside its pieces.
    own: Vec<(String, &'a RawValue)>,
}

impl<'a> Said<'a> {
    fn of(choice: &'a Choice, at: &str, losses: &mut Vec<Loss>) -> Self {
        let mut said = Self {
            pieces: Vec::new(),
            sources: Sources::default(),
            logprobs: None,
            own: Vec::new(),
        };
        for (i, part) in choice.parts.iter().enumerate() {
            let path = format!("{at}.content[{i}]");
            if let Part::Other(verbatim) = part
                && verbatim.dialect == DialectName::Gemini
                && let Ok(members) = keys::members(&verbatim.json)
                && !is_piece(&members)
            {
                said.own
                    .extend(members.pairs().map(|(key, value)| (key.to_owned(), value)));
                continue;
            }
            if let Part::Text { text, citations, .. } = part {
                for citation in citations {
                    said.sources.add(said.pieces.len(), text, citation);
                }
            }
            pieces(part, &path, &mut said.pieces, losses);
        }
        if let Some(finish) = &choice.finish {
            let calls = choice.parts.iter().any(|part| matches!(part, Part::ToolUse(_)));
            finish::note(finish, calls, at, losses);
        }
        said.logprobs = choice.logprobs.as_deref().and_then(logprobs::write);
        said
    }
}

fn candidate<'a>(at: usize, choice: &'a Choice, said: &'a Said<'a>) -> Json<'a> {
    let parts: Json<'a> = said.pieces.iter().cloned().map(Json::from).collect();
    let mut candidate = Object::of("content", Object::of("parts", parts).with("role", "model"));
    candidate.maybe("finishReason", choice.finish.as_ref().map(finish::said));
    candidate.put("index", at as u64);
    said.sources.write(&mut candidate);
    candidate.maybe("logprobsResult", said.logprobs.as_ref());
    for (key, value) in &said.own {
        match key.as_str() {
            "groundingMetadata" => beside_sources(&mut candidate, value),
            key => candidate.put(key, *value),
        }
    }
    candidate.into()
}

/// Puts what stood beside the sources back beside them.
pub(super) fn beside_sources<'a>(candidate: &mut Object<'a>, beside: &'a RawValue) {
    let Ok(members) = crate::json::Members::of(beside) else {
        return;
    };
    if !candidate.has("groundingMetadata") {
        candidate.put("groundingMetadata", Object::new());
    }
    for (key, value) in members.pairs() {
        candidate.put_at_owned("groundingMetadata", key.to_owned(), value);
    }
}

/// Says a part: as one piece, as several, or not at all.
pub(super) fn pieces<'a>(part: &'a Part, path: &str, pieces: &mut Vec<Object<'a>>, losses: &mut Vec<Loss>) {
    match part {
        Part::Text { text, signature, .. } => {
            if !text.is_empty() || signature.is_some() {
                pieces.push(signed(Object::of("text", text), signature.as_ref()));
            }
        }
        Part::Reasoning(thought) => pieces.extend(thinking(thought)),
        Part::Refusal(text) => {
            losses.push(Loss::mapped(path, "the refusal is sent as text"));
            pieces.push(Object::of("text", text));
        }
        Part::ToolUse(tool) => pieces.push(function_call(tool, path, losses)),
        Part::Audio { source, transcript } => {
            if let Some(transcript) = transcript.as_ref().filter(|transcript| !transcript.is_empty()) {
                losses.push(Loss::mapped(
                    format!("{path}.transcript"),
                    "the transcript is sent as text",
                ));
                pieces.push(Object::of("text", transcript));
            }
            pieces.extend(media(source, Some("audio/wav"), path, losses));
        }
        Part::Image { source, .. } => pieces.extend(media(source, Some("image/png"), path, losses)),
        Part::Video { source, .. } => pieces.extend(media(source, Some("video/mp4"), path, losses)),
        Part::Document { source, .. } => pieces.extend(media(source, None, path, losses)),
        Part::Other(verbatim) if verbatim.dialect == DialectName::Gemini => {
            let mut piece = Object::new();
            if let Ok(members) = crate::json::Members::of(&verbatim.json) {
                for (key, value) in members.pairs() {
                    piece.push(key.to_owned(), value);
                }
            }
            pieces.push(piece);
        }
        Part::Other(verbatim) => {
            losses.push(Loss::dropped(
                path,
                format!("only {} has a word for it", verbatim.dialect),
            ));
        }
        Part::ToolResult(_) => losses.push(Loss::dropped(path, "the result of a provider's own tool")),
    }
}

/// Thinking. What cannot be read has a signature and no text, not even an empty one: so it is told from thinking whose text
/// is not shown when it comes back.
fn thinking(thought: &Reasoning) -> Option<Object<'_>> {
    if let Some(encrypted) = &thought.encrypted {
        return Some(signed(Object::of("thought", true), Some(encrypted)));
    }
    let empty = thought.text.is_empty() && thought.signature.is_none();
    (!empty).then(|| {
        signed(
            Object::of("text", &thought.text).with("thought", true),
            thought.signature.as_ref(),
        )
    })
}

pub(super) fn signed<'a>(mut piece: Object<'a>, signature: Option<&'a Opaque>) -> Object<'a> {
    piece.maybe("thoughtSignature", signature.map(signature_of));
    piece
}

/// A signature as the API has it: its own as they are, others' sealed. SDKs read it as base64.
pub(super) fn signature_of(signature: &Opaque) -> Cow<'_, str> {
    match signature.dialect {
        DialectName::Gemini => Cow::Borrowed(&signature.value),
        _ => Cow::Owned(seal::seal_as_base64(signature)),
    }
}

fn function_call<'a>(tool: &'a ToolUse, path: &str, losses: &mut Vec<Loss>) -> Object<'a> {
    for (key, _) in &tool.extras.0 {
        losses.push(Loss::dropped(format!("{path}.{key}"), "no counterpart"));
    }
    let args = arguments(&tool.arguments, tool.freeform, path, losses);
    let mut call = Object::new();
    call.maybe("id", (!tool.id.is_empty()).then_some(&tool.id));
    call.put("name", &tool.name);
    call.put("args", args);
    signed(Object::of("functionCall", call), tool.signature.as_ref())
}

/// Arguments, which are an object there.
pub(super) fn arguments<'a>(text: &'a str, freeform: bool, path: &str, losses: &mut Vec<Loss>) -> Json<'a> {
    if freeform {
        return Object::of("input", text).into();
    }
    if text.trim().is_empty() {
        return Object::new().into();
    }
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) if raw.get().starts_with('{') => raw.into(),
        _ => {
            let note = "the arguments are no JSON object; sent as {\"arguments\": text}";
            losses.push(Loss::emulated(format!("{path}.arguments"), note));
            Object::of("arguments", text).into()
        }
    }
}

fn media<'a>(
    source: &'a Source,
    usual: Option<&'static str>,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Option<Object<'a>> {
    match source {
        Source::Inline { media_type, data } => {
            let kind = if media_type.contains('/') {
                media_type.as_str()
            } else {
                usual?
            };
            let data = std::str::from_utf8(data).ok()?;
            Some(Object::of(
                "inlineData",
                Object::of("mimeType", kind).with("data", data),
            ))
        }
        Source::Url(uri) | Source::File(uri) => {
            let mut file = Object::of("fileUri", uri);
            file.maybe(
                "mimeType",
                media_type_of(uri).or(usual).filter(|kind| !kind.ends_with('*')),
            );
            Some(Object::of("fileData", file))
        }
        Source::Text(text) => {
            losses.push(Loss::mapped(path, "the document is sent as text"));
            Some(Object::of("text", text))
        }
    }
}
