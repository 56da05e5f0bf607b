//! A piece of a content as a part of the vocabulary: text, thinking, media, calls of functions and their results. Requests
//! and answers have the same pieces ("Content" and "Part" in Google's "Gemini API reference").

use bytes::Bytes;
use gateway_types::DialectName;
use gateway_types::chat::{Extras, Opaque, Part, Reasoning, Source, ToolResult, ToolUse, Verbatim};
use serde_json::value::RawValue;

use super::keys;
use crate::json::{Fault, Members};

/// What a piece cannot say by itself: whose signatures it has, and what a call or a result without an id is called.
pub(super) trait Context {
    /// A signature that stands in a piece.
    fn signed(&mut self, value: String) -> Opaque;
    /// The id of a call.
    fn call(&mut self, id: Option<String>, name: &str) -> String;
    /// The id of the call that a result answers.
    fn answer(&mut self, id: Option<String>, name: &str) -> String;
}

/// What was read.
pub(super) struct Piece {
    pub(super) part: Part,
    /// Members that the part has no word for, by their path in the piece.
    pub(super) left: Extras,
}

/// Reads a piece.
pub(super) fn read(raw: &RawValue, context: &mut dyn Context) -> Result<Piece, Fault> {
    let mut members = keys::members(raw)?;
    let mut left = Extras::default();
    let mark = members.take("thoughtSignature");
    let signature: Option<String> = mark
        .map(crate::json::parse)
        .transpose()?
        .filter(|text: &String| !text.is_empty());
    let thought = members.take("thought");
    let thinks = thought.is_some_and(|thought| thought.get() == "true");
    let part = if let Some(text) = members.read::<String>("text")? {
        let signature = signature.map(|value| context.signed(value));
        match thinks {
            true => Part::Reasoning(Reasoning {
                text,
                signature,
                encrypted: None,
            }),
            false => Part::Text {
                text,
                signature,
                cache: None,
                citations: Vec::new(),
            },
        }
    } else if let Some(call) = keys::object(&mut members, "functionCall")? {
        let signature = signature.map(|value| context.signed(value));
        Part::ToolUse(tool_use(call, signature, context, &mut left)?)
    } else if let Some(response) = keys::object(&mut members, "functionResponse")? {
        let result = tool_result(response, context, &mut left).map_err(|fault| fault.under("functionResponse"))?;
        Part::ToolResult(result)
    } else if thinks && let Some(value) = signature.as_ref().filter(|_| members.pairs().next().is_none()) {
        let encrypted = Some(context.signed(value.clone()));
        Part::Reasoning(Reasoning {
            encrypted,
            ..Reasoning::default()
        })
    } else if let Some(media) = media(&mut members, "", &mut left)?.filter(|_| !thinks) {
        // A picture has no place for a signature.
        left.0
            .extend(mark.map(|mark| ("thoughtSignature".to_owned(), mark.to_owned())));
        media
    } else {
        // What only Google has a word for: code and its result, its own tools, pictures that are thoughts.
        return Ok(Piece {
            part: own(raw),
            left: Extras::default(),
        });
    };
    keys::keep("", members, &mut left);
    Ok(Piece { part, left })
}

/// A piece that only this dialect knows.
pub(super) fn own(raw: &RawValue) -> Part {
    Part::Other(Verbatim {
        dialect: DialectName::Gemini,
        json: raw.to_owned(),
    })
}

fn tool_use(
    mut call: Members<'_>,
    signature: Option<Opaque>,
    context: &mut dyn Context,
    left: &mut Extras,
) -> Result<ToolUse, Fault> {
    let under = |fault: Fault| fault.under("functionCall");
    let name: String = call.read("name").map_err(under)?.unwrap_or_default();
    let id: Option<String> = call.read("id").map_err(under)?;
    let arguments = call.take("args").map_or("{}", RawValue::get).to_owned();
    keys::keep("functionCall", call, left);
    Ok(ToolUse {
        id: context.call(id.filter(|id| !id.is_empty()), &name),
        name,
        arguments,
        signature,
        ..ToolUse::default()
    })
}

fn tool_result(mut response: Members<'_>, context: &mut dyn Context, left: &mut Extras) -> Result<ToolResult, Fault> {
    let name: String = response.read("name")?.unwrap_or_default();
    let id: Option<String> = response.read("id")?;
    let (text, failed) = response.take("response").map_or((None, false), answer);
    let mut parts: Vec<Part> = text.map(Part::text).into_iter().collect();
    for (at, raw) in keys::items(&mut response, "parts")?.into_iter().enumerate() {
        let path = format!("functionResponse.parts[{at}]");
        let mut members = keys::members(raw)?;
        parts.push(media(&mut members, &path, left)?.unwrap_or_else(|| own(raw)));
        keys::keep(&path, members, left);
    }
    keys::keep("functionResponse", response, left);
    Ok(ToolResult {
        id: context.answer(id.filter(|id| !id.is_empty()), &name),
        name: Some(name).filter(|name| !name.is_empty()),
        parts,
        failed,
        cache: None,
    })
}

/// What a function answered, and whether it failed. By Google's convention `output` holds the answer and `error` the
/// failure; anything else is an answer as it stands.
fn answer(raw: &RawValue) -> (Option<String>, bool) {
    let whole = || Some(raw.get().to_owned());
    let Ok(members) = Members::of(raw) else {
        return (whole(), false);
    };
    let mut pairs = members.pairs();
    let only = pairs.next().filter(|_| pairs.next().is_none());
    let Some((key @ ("output" | "error"), value)) = only else {
        return (whole(), false);
    };
    match serde_json::from_str::<String>(value.get()) {
        // Text that reads as an object would come back as one.
        Ok(text) if !is_object(&text) => (Some(text), key == "error"),
        _ if key == "error" && is_object(value.get()) => (Some(value.get().to_owned()), true),
        _ => (whole(), false),
    }
}

/// Whether a text is a JSON object.
pub(super) fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Media: bytes in the piece, or where they are.
fn media(members: &mut Members<'_>, at: &str, left: &mut Extras) -> Result<Option<Part>, Fault> {
    if let Some(mut blob) = keys::object(members, "inlineData")? {
        let media_type: Option<String> = blob.read("mimeType").map_err(|fault| fault.under("inlineData"))?;
        let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        let data: String = blob.need("data").map_err(|fault| fault.under("inlineData"))?;
        let name = blob.read("displayName").map_err(|fault| fault.under("inlineData"))?;
        keys::keep(&keys::join(at, "inlineData"), blob, left);
        let kind = media_type.clone();
        let source = Source::Inline {
            media_type,
            data: standard(data),
        };
        return Ok(Some(of_kind(&kind, source, name, &keys::join(at, "inlineData"), left)));
    }
    let Some(mut file) = keys::object(members, "fileData")? else {
        return Ok(None);
    };
    let uri: String = file.need("fileUri").map_err(|fault| fault.under("fileData"))?;
    let media_type: Option<String> = file.read("mimeType").map_err(|fault| fault.under("fileData"))?;
    let name = file.read("displayName").map_err(|fault| fault.under("fileData"))?;
    keys::keep(&keys::join(at, "fileData"), file, left);
    let kind = media_type
        .as_deref()
        .or_else(|| media_type_of(&uri))
        .unwrap_or_default()
        .to_owned();
    let source = match is_stored(&uri) {
        true => Source::File(uri),
        false => Source::Url(uri),
    };
    Ok(Some(of_kind(&kind, source, name, &keys::join(at, "fileData"), left)))
}

fn of_kind(kind: &str, source: Source, name: Option<String>, at: &str, left: &mut Extras) -> Part {
    let (major, _) = kind.split_once('/').unwrap_or((kind, ""));
    if let Some(name) = name.as_ref().filter(|_| matches!(major, "image" | "audio" | "video"))
        && let Ok(raw) = serde_json::value::to_raw_value(name)
    {
        left.0.push((format!("{at}.displayName"), raw));
    }
    match major {
        "image" => Part::Image {
            source,
            detail: None,
            cache: None,
        },
        "audio" => Part::Audio {
            source,
            transcript: None,
        },
        "video" => Part::Video { source, cache: None },
        _ => Part::Document {
            source,
            name,
            cache: None,
            extras: Extras::default(),
        },
    }
}

/// Whether a file is one that only Google can read: of its Files API, or in its storage.
pub(super) fn is_stored(uri: &str) -> bool {
    let is_url = uri.starts_with("https://") || uri.starts_with("http://");
    !is_url || (uri.contains("generativelanguage.googleapis.com/") && uri.contains("/files/"))
}

/// The media type that the end of an address tells.
pub(super) fn media_type_of(uri: &str) -> Option<&'static str> {
    let path = uri.split(['?', '#']).next().unwrap_or(uri);
    let is_film = ["youtube.com/watch", "youtu.be/"].iter().any(|site| uri.contains(site));
    if is_film {
        return Some("video/*");
    }
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "wav" => "audio/wav",
        "mp3" => "audio/mp3",
        "aac" => "audio/aac",
        "ogg" => "audio/ogg",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "mov" => "video/mov",
        "mpeg" | "mpg" => "video/mpeg",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "html" | "htm" => "text/html",
        "csv" => "text/csv",
        "md" => "text/md",
        _ => return None,
    })
}

/// Base64 in the alphabet that everybody reads. Google takes the one for addresses as well, and some of its SDKs write it.
fn standard(data: String) -> Bytes {
    if !data.bytes().any(|byte| matches!(byte, b'-' | b'_')) {
        return Bytes::from(data);
    }
    let mut bytes = data.into_bytes();
    for byte in &mut bytes {
        match *byte {
            b'-' => *byte = b'+',
            b'_' => *byte = b'/',
            _ => {}
        }
    }
    while !bytes.len().is_multiple_of(4) {
        bytes.push(b'=');
    }
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_answered_is_read_by_googles_convention() {
        for (raw, text, failed) in [
            (r#"{"output":"15 C"}"#, "15 C", false),
            (r#"{"error":"no such city"}"#, "no such city", true),
            (r#"{"error":{"code":5}}"#, r#"{"code":5}"#, true),
            (r#"{"error":5}"#, r#"{"error":5}"#, false),
            (r#"{"output":"{}"}"#, r#"{"output":"{}"}"#, false),
            (r#"{"output":{"t":1}}"#, r#"{"output":{"t":1}}"#, false),
            (r#"{"result":"x","n":1}"#, r#"{"result":"x","n":1}"#, false),
            ("{}", "{}", false),
        ] {
            let raw: Box<RawValue> = serde_json::from_str(raw).unwrap();
            assert_eq!(answer(&raw), (Some(text.to_owned()), failed), "{raw}");
        }
    }

    #[test]
    fn the_alphabet_for_addresses_becomes_the_usual_one() {
        assert_eq!(standard("_9j_4A-Q".into()), "/9j/4A+Q");
        assert_eq!(standard("_9j_4A".into()), "/9j/4A==");
        assert_eq!(standard("QUJD".into()), "QUJD");
    }

    #[test]
    fn files_that_only_google_reads_are_told_from_addresses() {
        for (uri, stored) in [
            ("https://generativelanguage.googleapis.com/v1beta/files/abc", true),
            ("files/abc", true),
            ("gs://bucket/a.png", true),
            ("https://a/b.png", false),
        ] {
            assert_eq!(is_stored(uri), stored, "{uri}");
        }
        assert_eq!(media_type_of("https://a/b.JPG?x=1.png"), Some("image/jpeg"));
        assert_eq!(media_type_of("https://youtu.be/x"), Some("video/*"));
        assert_eq!(media_type_of("https://a.png/b"), None);
    }
}
