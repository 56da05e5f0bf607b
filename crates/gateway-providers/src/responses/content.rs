//! Pieces of content, as a client gives them: in messages, and in what tools answered.

use bytes::Bytes;
use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Citation, Extras, Part, Source, Verbatim};
use serde_json::value::RawValue;

use super::read::Notes;
use crate::json::{Fault, Members, parse};
use crate::media::source;

/// Reads `key`: text, or an array of pieces. What has no word is noted under its path, which begins with `at`.
pub(super) fn content(members: &mut Members<'_>, key: &str, at: &str, notes: &mut Notes) -> Result<Vec<Part>, Fault> {
    let Some(raw) = members.take(key) else {
        return Ok(Vec::new());
    };
    if let Ok(text) = parse::<String>(raw) {
        return Ok(match text.is_empty() {
            true => Vec::new(),
            false => vec![Part::text(text)],
        });
    }
    let wrong = |_| Fault::new(key, "must be a string or an array of content parts");
    let pieces: Vec<&RawValue> = parse(raw).map_err(wrong)?;
    let mut parts = Vec::with_capacity(pieces.len());
    for (i, raw) in pieces.into_iter().enumerate() {
        let at = format!("{at}.{key}[{i}]");
        parts.push(piece(raw, &at, notes).map_err(|fault| fault.under(format!("{key}[{i}]")))?);
    }
    Ok(parts)
}

fn piece(raw: &RawValue, at: &str, notes: &mut Notes) -> Result<Part, Fault> {
    let mut members = Members::of(raw)?;
    let kind: String = members.need("type")?;
    let cache = cache(&mut members)?;
    let part = match kind.as_str() {
        "input_text" | "output_text" | "text" => {
            members.take("logprobs");
            Part::Text {
                text: members.need("text")?,
                cache,
                citations: citations(&mut members)?,
                signature: None,
            }
        }
        "input_image" => match image(&mut members)? {
            Some(source) => Part::Image {
                source,
                detail: members.read("detail")?,
                cache,
            },
            None => own(raw),
        },
        "input_file" => match file(&mut members)? {
            Some(source) => Part::Document {
                source,
                name: members.read("filename")?,
                cache,
                extras: Extras::default(),
            },
            None => own(raw),
        },
        "input_audio" => audio(&mut members)?,
        "refusal" => Part::Refusal(members.need("refusal")?),
        _ => own(raw),
    };
    if !matches!(part, Part::Other(_)) {
        notes.leftover(at, members.rest());
    }
    Ok(part)
}

fn own(raw: &RawValue) -> Part {
    Part::Other(Verbatim {
        dialect: DialectName::Responses,
        json: raw.to_owned(),
    })
}

/// The mark that the prefix up to here is worth caching.
fn cache(members: &mut Members<'_>) -> Result<Option<CacheMark>, Fault> {
    let key = "prompt_cache_breakpoint";
    let Some(mut mark) = members.object(key)? else {
        return Ok(None);
    };
    let ttl = mark.read("ttl").map_err(|fault| fault.under(key))?;
    Ok(Some(CacheMark { ttl }))
}

fn citations(members: &mut Members<'_>) -> Result<Vec<Citation>, Fault> {
    let annotations: Vec<&RawValue> = members.read("annotations")?.unwrap_or_default();
    Ok(annotations.into_iter().map(citation).collect())
}

/// An annotation of a text: what it cites.
pub(super) fn citation(raw: &RawValue) -> Citation {
    let mut members = Members::of(raw).ok();
    let mut word = |key| members.as_mut()?.read::<String>(key).ok().flatten();
    let (url, title) = (word("url"), word("title").or_else(|| word("filename")));
    let mut number = |key| members.as_mut()?.read::<u64>(key).ok().flatten();
    Citation {
        url,
        title,
        quote: None,
        range: number("start_index").zip(number("end_index")),
        verbatim: Verbatim {
            dialect: DialectName::Responses,
            json: raw.to_owned(),
        },
    }
}

fn image(members: &mut Members<'_>) -> Result<Option<Source>, Fault> {
    let url: Option<String> = members.read("image_url")?;
    let id: Option<String> = members.read("file_id")?;
    Ok(url.map(source).or_else(|| id.map(Source::File)))
}

fn file(members: &mut Members<'_>) -> Result<Option<Source>, Fault> {
    let data: Option<String> = members.read("file_data")?;
    let id: Option<String> = members.read("file_id")?;
    let url: Option<String> = members.read("file_url")?;
    let elsewhere = || id.map(Source::File).or_else(|| url.map(Source::Url));
    Ok(data.map(inline).or_else(elsewhere))
}

/// File data without a media type around them are a PDF's, the one kind that the API took in its beginnings.
fn inline(data: String) -> Source {
    match source(data) {
        Source::Url(data) => Source::Inline {
            media_type: String::from("application/pdf"),
            data: Bytes::from(data),
        },
        source => source,
    }
}

fn audio(members: &mut Members<'_>) -> Result<Part, Fault> {
    let under = |fault: Fault| fault.under("input_audio");
    let audio = members.object("input_audio")?;
    let mut audio = audio.ok_or_else(|| Fault::new("input_audio", "is missing"))?;
    let data: String = audio.need("data").map_err(under)?;
    let format: String = audio.need("format").map_err(under)?;
    Ok(Part::Audio {
        source: Source::Inline {
            media_type: format!("audio/{format}"),
            data: Bytes::from(data),
        },
        transcript: None,
    })
}
