//! What a client of this dialect is shown, whole or in a stream: content blocks, and why an answer ended.

use std::borrow::Cow;

use gateway_types::DialectName;
use gateway_types::chat::{Citation, Finish, Opaque, Part, Reasoning, Source, ToolUse};
use gateway_types::loss::Loss;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::blocks::{ENCRYPTED, OF_TEXT};
use super::formats::{AUDIO, DOCUMENTS, Formats, IMAGES, VIDEOS};
use super::say::wrapped;
use super::wire::{Block, Cited, Document, Media, Place, Thought, ToolUse as Call, Words};
use crate::seal;

/// Shows one piece of an answer that stands there.
pub(super) fn show<'a>(part: &'a Part, at: &str, out: &mut Vec<Block<'a>>, losses: &mut Vec<Loss>) {
    match part {
        Part::Text {
            text,
            citations,
            signature,
            ..
        } => {
            if !citations.is_empty() {
                let citations = citations.iter().map(|one| cited(one, at, losses)).collect();
                let content = (!text.is_empty()).then_some(Words::Text(text)).into_iter().collect();
                out.push(Block::CitationsContent(Cited { content, citations }));
            } else if !text.is_empty() || signature.is_none() {
                out.push(Block::Text(Cow::Borrowed(text)));
            }
            out.extend(signature.as_ref().map(of_text));
        }
        Part::Reasoning(thought) => out.extend(thinking(thought)),
        Part::ToolUse(tool) => out.push(Block::ToolUse(call(tool, at, losses))),
        Part::Refusal(text) => {
            losses.push(Loss::mapped(at, "the refusal is text"));
            out.push(Block::Text(Cow::Borrowed(text)));
        }
        Part::Image { source, .. } => out.extend(media(source, IMAGES, at, losses).map(Block::Image)),
        Part::Video { source, .. } => out.extend(media(source, VIDEOS, at, losses).map(Block::Video)),
        Part::Audio { source, transcript } => match (media_of(source, AUDIO), transcript) {
            (Some(sound), _) => out.push(Block::Audio(sound)),
            (None, Some(said)) => {
                losses.push(Loss::emulated(at, "the transcript in place of the sound"));
                out.push(Block::Text(Cow::Borrowed(said)));
            }
            (None, None) => losses.push(Loss::dropped(at, UNKNOWN)),
        },
        Part::Document {
            source: Source::Text(text),
            ..
        } => {
            losses.push(Loss::emulated(at, "the text of the document"));
            out.push(Block::Text(Cow::Borrowed(text)));
        }
        Part::Document { source, name, .. } => {
            let document = |Media { format, source }| {
                Block::Document(Document {
                    format: Some(format),
                    name: Cow::Borrowed(name.as_deref().unwrap_or("Document")),
                    source,
                    citations: None,
                    context: None,
                })
            };
            out.extend(media(source, DOCUMENTS, at, losses).map(document));
        }
        Part::Other(verbatim) if verbatim.dialect == DialectName::Bedrock => out.push(Block::Own(&verbatim.json)),
        Part::ToolResult(_) | Part::Other(_) => {
            losses.push(Loss::dropped(at, "answers hold nothing of that kind there"))
        }
    }
}

/// Why media cannot be shown.
const UNKNOWN: &str = "its format or place is not known there";

fn media<'a>(source: &'a Source, formats: Formats, at: &str, losses: &mut Vec<Loss>) -> Option<Media<'a>> {
    let shown = media_of(source, formats);
    if shown.is_none() {
        losses.push(Loss::dropped(at, UNKNOWN));
    }
    shown
}

fn media_of(source: &Source, formats: Formats) -> Option<Media<'_>> {
    let Source::Inline { media_type, data } = source else {
        return None;
    };
    Some(Media {
        format: formats.format(media_type)?,
        source: Place::Bytes(Cow::Borrowed(std::str::from_utf8(data).ok()?)),
    })
}

/// A signature: this dialect's own as it is, another's as a seal.
pub(super) fn signed(opaque: &Opaque) -> Cow<'_, str> {
    match opaque.dialect {
        DialectName::Bedrock => Cow::Borrowed(&opaque.value),
        _ => Cow::Owned(seal::seal(opaque)),
    }
}

/// A ciphertext, likewise. It is bytes here, so clients take it for base64.
pub(super) fn redacted(opaque: &Opaque) -> Cow<'_, str> {
    match opaque.dialect {
        DialectName::Bedrock => Cow::Borrowed(&opaque.value),
        _ => Cow::Owned(seal::seal_as_base64(opaque)),
    }
}

/// The signature of a text, which has no place of its own, as thinking without words behind it.
pub(super) fn of_text<'a>(signature: &Opaque) -> Block<'a> {
    Block::ReasoningContent(Thought::ReasoningText {
        text: "",
        signature: Some(Cow::Owned(seal::into_id(OF_TEXT, signature))),
    })
}

fn thinking(thought: &Reasoning) -> impl Iterator<Item = Block<'_>> {
    let text = thought.text.as_str();
    let (readable, hidden) = match (&thought.encrypted, &thought.signature) {
        (Some(hidden), None) if !text.is_empty() => (Some(Some(Cow::Owned(seal::into_id(ENCRYPTED, hidden)))), None),
        (None, None) => (Some(None), None),
        (hidden, signature) => (
            signature.as_ref().map(|signature| Some(signed(signature))),
            hidden.as_ref(),
        ),
    };
    let readable = readable.map(|signature| Thought::ReasoningText { text, signature });
    let hidden = hidden.map(|hidden| Thought::RedactedContent(redacted(hidden)));
    readable.into_iter().chain(hidden).map(Block::ReasoningContent)
}

/// The id of a tool's call; a signature goes with it, and comes back with it. SDKs do not look at its length or letters, and
/// Bedrock itself never sees it.
pub(super) fn tool_id<'a>(id: &'a str, signature: Option<&Opaque>) -> Cow<'a, str> {
    match signature {
        Some(signature) => Cow::Owned(seal::into_id(id, signature)),
        None => Cow::Borrowed(id),
    }
}

fn call<'a>(tool: &'a ToolUse, at: &str, losses: &mut Vec<Loss>) -> Call<'a> {
    Call {
        tool_use_id: tool_id(&tool.id, tool.signature.as_ref()),
        name: Cow::Borrowed(&tool.name),
        input: input(tool, at, losses),
    }
}

/// The input, which is an object there whatever the model wrote.
fn input<'a>(tool: &'a ToolUse, at: &str, losses: &mut Vec<Loss>) -> Cow<'a, RawValue> {
    let written = match tool.arguments.trim() {
        "" if !tool.freeform => "{}",
        written => written,
    };
    match serde_json::from_str::<&RawValue>(written) {
        Ok(object) if !tool.freeform && object.get().starts_with('{') => Cow::Borrowed(object),
        _ => {
            losses.push(Loss::emulated(
                format!("{at}.input"),
                "no JSON object; shown as the one text of one",
            ));
            wrapped(&tool.arguments)
        }
    }
}

/// A citation: verbatim where it is of this dialect, another as a source of the web.
fn cited<'a>(citation: &'a Citation, at: &str, losses: &mut Vec<Loss>) -> Cow<'a, RawValue> {
    match shown_citation(citation) {
        Ok(own) => Cow::Borrowed(own),
        Err(made) => {
            losses.push(Loss::mapped(format!("{at}.citations"), "shown as a source of the web"));
            Cow::Owned(made)
        }
    }
}

/// A citation's own words, or those that are made of another's.
pub(super) fn shown_citation(citation: &Citation) -> Result<&RawValue, Box<RawValue>> {
    if citation.verbatim.dialect == DialectName::Bedrock {
        return Ok(&citation.verbatim.json);
    }
    let mut made = serde_json::Map::new();
    if let Some(title) = &citation.title {
        made.insert("title".to_owned(), json!(title));
    }
    if let Some(quote) = &citation.quote {
        made.insert("sourceContent".to_owned(), json!([{ "text": quote }]));
    }
    if let Some(url) = &citation.url {
        let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let domain = host.split(['/', '?', '#']).next().unwrap_or(host);
        made.insert("location".to_owned(), json!({"web": {"url": url, "domain": domain}}));
    }
    Err(to_raw_value(&made).expect("an object of texts can be said"))
}

/// The word of the service model (`StopReason`) for why an answer ended.
pub(super) fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::Pause => "end_turn",
        Finish::StopSequence(_) => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::Tools => "tool_use",
        Finish::Filtered | Finish::Refusal => "content_filtered",
        Finish::Other(word) if MALFORMED.contains(&word.as_str()) => word,
        Finish::Other(_) => "end_turn",
    }
}

/// Words of the service model that have none of ours.
const MALFORMED: [&str; 2] = ["malformed_model_output", "malformed_tool_use"];

/// Why an answer ended, in our words.
pub(super) fn finish(word: &str, stop_sequence: Option<String>) -> Finish {
    match word {
        "end_turn" => Finish::Stop,
        "tool_use" => Finish::Tools,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "stop_sequence" => Finish::StopSequence(stop_sequence),
        "guardrail_intervened" | "content_filtered" => Finish::Filtered,
        "refusal" => Finish::Refusal,
        "pause_turn" => Finish::Pause,
        other => Finish::Other(other.to_owned()),
    }
}

/// The word that an answer ends with: servers that are careless with the reason still want their tools used.
pub(super) fn ending<'f>(finish: Option<&'f Finish>, tools: bool, losses: &mut Vec<Loss>) -> &'f str {
    const FIELD: &str = "finish_reason";
    match finish {
        None | Some(Finish::Stop) if tools => "tool_use",
        None => {
            losses.push(Loss::emulated(
                FIELD,
                "nobody said why it stopped, which must be said there: `end_turn`",
            ));
            "end_turn"
        }
        Some(finish) => {
            let word = finish_word(finish);
            match finish {
                Finish::Pause => losses.push(Loss::emulated(FIELD, "no word for a pause there: `end_turn`")),
                Finish::Other(other) if other != word => {
                    losses.push(Loss::emulated(FIELD, format!("`{other}` is not known there: `{word}`")));
                }
                Finish::Refusal => losses.push(Loss::mapped(FIELD, "a refusal is `content_filtered` there")),
                _ => {}
            }
            word
        }
    }
}
