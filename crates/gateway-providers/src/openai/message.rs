//! A client's messages in the chat vocabulary.

use bytes::Bytes;
use gateway_types::DialectName;
use gateway_types::chat::{
    CacheMark, Extras, Message, Opaque, Part, Reasoning, Role, Source, ToolResult, ToolUse, Verbatim,
};
use serde_json::value::RawValue;

use super::json::{Fault, Members, each, parse};
use crate::seal;

/// Reads one message.
pub(super) fn message(raw: &RawValue) -> Result<Message, Fault> {
    let mut members = Members::of(raw)?;
    let role: String = members.need("role")?;
    let name: Option<String> = members.read("name")?;
    let mark = cache(&mut members)?;
    let (role, mut parts, name) = match role.as_str() {
        "system" | "developer" => (Role::System, content(&mut members)?, name),
        "user" => (Role::User, content(&mut members)?, name),
        "assistant" => (Role::Assistant, assistant(&mut members)?, name),
        "tool" => {
            let id = members.need("tool_call_id")?;
            (Role::User, vec![result(id, &mut members)?], name)
        }
        "function" => {
            let id = name.ok_or_else(|| Fault::new("name", "is missing"))?;
            (Role::User, vec![result(id, &mut members)?], None)
        }
        _ => {
            return Err(Fault::new(
                "role",
                "must be system, developer, user, assistant, tool or function",
            ));
        }
    };
    if mark.is_some()
        && let Some(last) = parts.last_mut()
    {
        put_mark(last, mark);
    }
    Ok(Message {
        role,
        name,
        parts,
        extras: members.rest(),
    })
}

/// The mark of a part, a message or a tool.
pub(super) fn cache(members: &mut Members<'_>) -> Result<Option<CacheMark>, Fault> {
    let Some(mut mark) = members.object("cache_control")? else {
        return Ok(None);
    };
    Ok(Some(CacheMark {
        ttl: mark.read("ttl").map_err(|fault| fault.under("cache_control"))?,
    }))
}

/// A mark on a whole message means the prefix up to its end.
fn put_mark(part: &mut Part, mark: Option<CacheMark>) {
    match part {
        Part::Text { cache, .. }
        | Part::Image { cache, .. }
        | Part::Document { cache, .. }
        | Part::Video { cache, .. } => *cache = mark,
        Part::ToolUse(ToolUse { cache, .. }) | Part::ToolResult(ToolResult { cache, .. }) => *cache = mark,
        Part::Audio { .. } | Part::Reasoning(_) | Part::Refusal(_) | Part::Other(_) => {}
    }
}

fn result(id: String, members: &mut Members<'_>) -> Result<Part, Fault> {
    Ok(Part::ToolResult(ToolResult {
        id,
        parts: content(members)?,
        ..ToolResult::default()
    }))
}

/// Thinking first, then what is said, then what is asked of tools: the order in which a model makes them.
fn assistant(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let mut parts: Vec<Part> = reasoning(members)?.into_iter().map(Part::Reasoning).collect();
    parts.extend(content(members)?);
    parts.extend(members.read("refusal")?.map(Part::Refusal));
    parts.extend(each(members, "tool_calls", tool_use)?.into_iter().map(Part::ToolUse));
    if let Some(mut legacy) = members.object("function_call")? {
        let name: String = legacy.need("name").map_err(|fault| fault.under("function_call"))?;
        let arguments = legacy.take("arguments").map(super::wire::text).unwrap_or_default();
        parts.push(Part::ToolUse(ToolUse {
            id: name.clone(),
            name,
            arguments,
            extras: legacy.rest(),
            ..ToolUse::default()
        }));
    }
    Ok(parts)
}

fn tool_use(raw: &RawValue) -> Result<ToolUse, Fault> {
    let mut members = Members::of(raw)?;
    let id = members.need("id")?;
    let cache = cache(&mut members)?;
    members.take("index");
    if let Some(mut custom) = members.object("custom")? {
        let name = custom.need("name").map_err(|fault| fault.under("custom"))?;
        let arguments = custom
            .read("input")
            .map_err(|fault| fault.under("custom"))?
            .unwrap_or_default();
        return Ok(ToolUse {
            id,
            name,
            arguments,
            freeform: true,
            cache,
            extras: members.rest(),
            ..ToolUse::default()
        });
    }
    let function = members.object("function")?;
    let mut function = function.ok_or_else(|| Fault::new("function", "is missing"))?;
    let name = function.need("name").map_err(|fault| fault.under("function"))?;
    let arguments = function.take("arguments").map(super::wire::text).unwrap_or_default();
    members.take("type");
    Ok(ToolUse {
        id,
        name,
        arguments,
        cache,
        extras: members.rest(),
        ..ToolUse::default()
    })
}

/// Thinking that comes back: `reasoning_details` where it is there, because it holds the signature; else the text.
fn reasoning(members: &mut Members<'_>) -> Result<Vec<Reasoning>, Fault> {
    let details = members.take("reasoning_details");
    let plain = members.take("reasoning_content");
    let other = members.take("reasoning");
    let text = plain
        .or(other)
        .map(parse::<String>)
        .transpose()
        .map_err(|fault| fault.under("reasoning_content"))?;
    Ok(thoughts(details, text.unwrap_or_default(), &brought))
}

/// What is known of thinking: its details, and its text where they do not hold it.
pub(super) fn thoughts(details: Option<&RawValue>, text: String, opaque: &dyn Fn(String) -> Opaque) -> Vec<Reasoning> {
    let mut found = details.map(|raw| details_of(raw, opaque)).unwrap_or_default();
    if text.is_empty() || found.iter().any(|thought| !thought.text.is_empty()) {
        return found;
    }
    match found.iter_mut().find(|thought| thought.encrypted.is_none()) {
        Some(thought) => thought.text = text,
        None => found.insert(
            0,
            Reasoning {
                text,
                ..Reasoning::default()
            },
        ),
    }
    found
}

/// The pieces of `reasoning_details` that are known; a signature belongs to the text before it.
fn details_of(raw: &RawValue, opaque: &dyn Fn(String) -> Opaque) -> Vec<Reasoning> {
    let items: Vec<Members<'_>> = parse(raw).unwrap_or_default();
    let mut found: Vec<Reasoning> = Vec::new();
    for mut item in items {
        let kind: Option<String> = item.read("type").ok().flatten();
        let mut text = |key| item.read::<String>(key).ok().flatten();
        match kind.as_deref() {
            Some("reasoning.text") => {
                let (said, signature) = (text("text").unwrap_or_default(), text("signature").map(opaque));
                match found.last_mut() {
                    Some(last) if said.is_empty() && last.signature.is_none() => last.signature = signature,
                    _ => found.push(Reasoning {
                        text: said,
                        signature,
                        encrypted: None,
                    }),
                }
            }
            Some("reasoning.summary") => {
                found.push(Reasoning {
                    text: text("summary").unwrap_or_default(),
                    ..Reasoning::default()
                });
            }
            Some("reasoning.encrypted") => {
                found.extend(text("data").map(|data| Reasoning {
                    encrypted: Some(opaque(data)),
                    ..Reasoning::default()
                }));
            }
            _ => {}
        }
    }
    found
}

/// A signature or a ciphertext that a client brings back.
fn brought(text: String) -> Opaque {
    seal::brought(text, DialectName::OpenAi)
}

/// A piece that only this dialect knows.
pub(super) fn own(raw: &RawValue) -> Verbatim {
    Verbatim {
        dialect: DialectName::OpenAi,
        json: raw.to_owned(),
    }
}

/// `content`: text, or an array of pieces.
fn content(members: &mut Members<'_>) -> Result<Vec<Part>, Fault> {
    let Some(raw) = members.take("content") else {
        return Ok(Vec::new());
    };
    if let Ok(text) = parse::<String>(raw) {
        return Ok(if text.is_empty() {
            Vec::new()
        } else {
            vec![Part::text(text)]
        });
    }
    let pieces: Vec<&RawValue> =
        parse(raw).map_err(|_| Fault::new("content", "must be a string or an array of content parts"))?;
    let read = |(i, raw)| piece(raw).map_err(|fault| fault.under(format!("content[{i}]")));
    pieces.into_iter().enumerate().map(read).collect()
}

fn piece(raw: &RawValue) -> Result<Part, Fault> {
    let mut members = Members::of(raw)?;
    let kind: String = members.need("type")?;
    let cache = cache(&mut members)?;
    Ok(match kind.as_str() {
        "text" => Part::Text {
            text: members.need("text")?,
            cache,
            citations: Vec::new(),
            signature: None,
        },
        "image_url" => image(&mut members, cache)?,
        "input_audio" => audio(&mut members)?,
        "file" => return file(&mut members, cache, raw).map_err(|fault| fault.under("file")),
        "refusal" => Part::Refusal(members.need("refusal")?),
        "thinking" => thought(&mut members)?,
        _ => Part::Other(own(raw)),
    })
}

fn image(members: &mut Members<'_>, cache: Option<CacheMark>) -> Result<Part, Fault> {
    let raw = members
        .take("image_url")
        .ok_or_else(|| Fault::new("image_url", "is missing"))?;
    // Some clients write the address without the object around it.
    if let Ok(url) = parse::<String>(raw) {
        return Ok(Part::Image {
            source: source(url),
            detail: None,
            cache,
        });
    }
    let mut image = Members::of(raw).map_err(|fault| fault.under("image_url"))?;
    let url = image.need("url").map_err(|fault| fault.under("image_url"))?;
    let detail = image.read("detail").map_err(|fault| fault.under("image_url"))?;
    Ok(Part::Image {
        source: source(url),
        detail,
        cache,
    })
}

fn audio(members: &mut Members<'_>) -> Result<Part, Fault> {
    let under = |fault: Fault| fault.under("input_audio");
    let audio = members.object("input_audio")?;
    let mut audio = audio.ok_or_else(|| Fault::new("input_audio", "is missing"))?;
    let data: String = audio.need("data").map_err(under)?;
    let format: String = audio.need("format").map_err(under)?;
    let source = Source::Inline {
        media_type: format!("audio/{format}"),
        data: Bytes::from(data),
    };
    Ok(Part::Audio {
        source,
        transcript: None,
    })
}

fn file(members: &mut Members<'_>, cache: Option<CacheMark>, raw: &RawValue) -> Result<Part, Fault> {
    let Some(mut file) = members.object("file")? else {
        return Err(Fault::new("", "is missing"));
    };
    let data: Option<String> = file.read("file_data")?;
    let id: Option<String> = file.read("file_id")?;
    let name = file.read("filename")?;
    Ok(match (data, id) {
        (Some(data), _) => Part::Document {
            source: source(data),
            name,
            cache,
            extras: Extras::default(),
        },
        (None, Some(id)) => Part::Document {
            source: Source::File(id),
            name,
            cache,
            extras: Extras::default(),
        },
        (None, None) => Part::Other(own(raw)),
    })
}

/// Mistral's thinking: text, or an array of texts.
fn thought(members: &mut Members<'_>) -> Result<Part, Fault> {
    let text = members.take("thinking").map(thought_text).unwrap_or_default();
    let signature = members.read("signature")?.map(brought);
    Ok(Part::Reasoning(Reasoning {
        text,
        signature,
        encrypted: None,
    }))
}

pub(super) fn thought_text(raw: &RawValue) -> String {
    let texts = |pieces: Vec<Members<'_>>| {
        let text = |mut piece: Members<'_>| piece.read::<String>("text").ok().flatten();
        pieces.into_iter().filter_map(text).collect::<String>()
    };
    parse::<String>(raw).unwrap_or_else(|_| parse(raw).map(texts).unwrap_or_default())
}

/// An address, or what a `data:` address holds.
fn source(url: String) -> Source {
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match inline {
        Some((media_type, data)) => {
            // Parameters of the media type (`;charset=…`) say nothing about a picture.
            let media_type = media_type.split(';').next().unwrap_or(media_type).to_owned();
            Source::Inline {
                media_type,
                data: Bytes::copy_from_slice(data.as_bytes()),
            }
        }
        None => Source::Url(url),
    }
}
