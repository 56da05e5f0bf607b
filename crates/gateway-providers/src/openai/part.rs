//! The content of a client's messages: a text, or pieces.

use bytes::Bytes;
use gateway_types::chat::{CacheMark, Extras, Part, Reasoning, Source};
use gateway_types::json::{Cursor, Kind};
use serde_json::value::RawValue;

use super::thought::{brought, piece_text};
use super::tools::{mark, own};
use crate::json::{Fault, Take};
use crate::media;

/// `content`: a text, or an array of pieces.
pub(super) fn content(at: &mut Cursor<'_>, kept: &mut Extras) -> Result<Vec<Part>, Fault> {
    match at.kind() {
        Some(Kind::String) => {
            let text = at.string()?;
            Ok(if text.is_empty() {
                Vec::new()
            } else {
                vec![Part::text(text)]
            })
        }
        Some(Kind::Array) => {
            let mut number = 0;
            at.items(|at| {
                number += 1;
                piece(number - 1, at, kept)
            })
        }
        _ => Err(Fault::new("", "must be a string or an array of content parts")),
    }
}

/// What stands in a piece, before it is known what it is.
#[derive(Default)]
struct Piece {
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
    signature: Option<String>,
    thinking: Option<String>,
    image: Option<(Source, Option<String>)>,
    audio: Option<Source>,
    file: Option<File>,
    video: Option<Source>,
    mark: Option<CacheMark>,
    rest: Vec<(String, Box<RawValue>)>,
}

#[derive(Default)]
struct File {
    name: Option<String>,
    source: Option<Source>,
}

fn piece(number: usize, at: &mut Cursor<'_>, kept: &mut Extras) -> Result<Part, Fault> {
    // Gemini's and Ollama's users write plain texts into the array.
    if at.kind() == Some(Kind::String) {
        return Ok(Part::text(at.string()?));
    }
    let mut found = Piece::default();
    // A piece of a kind that is not known goes as it is spelt.
    let mut whole = at.clone();
    at.members(|key, at| found.member(key, at))?;
    let kind = found.kind.take().ok_or_else(|| Fault::new("type", "is missing"))?;
    let rest = std::mem::take(&mut found.rest);
    match found.part(&kind)? {
        Some(part) => {
            let rest = rest.into_iter();
            kept.0
                .extend(rest.map(|(key, raw)| (format!("content[{number}].{key}"), raw)));
            Ok(part)
        }
        None => Ok(Part::Other(own(whole.keep()?))),
    }
}

impl Piece {
    fn member(&mut self, key: &str, at: &mut Cursor<'_>) -> Result<(), Fault> {
        match key {
            "type" => self.kind = Some(at.string()?),
            "text" => self.text = Some(at.string()?),
            "refusal" => self.refusal = Some(at.string()?),
            "signature" => self.signature = Some(at.string()?),
            "thinking" => {
                let raw = at.keep()?;
                self.thinking = Some(piece_text(&raw));
            }
            "image_url" => self.image = Some(image(at)?),
            "input_audio" => self.audio = Some(audio(at)?),
            "file" => self.file = Some(file(at)?),
            "video_url" => self.video = Some(image(at)?.0),
            "cache_control" | "prompt_cache_breakpoint" => self.mark = Some(mark(at)?),
            _ => self.rest.push((key.to_owned(), at.keep()?)),
        }
        Ok(())
    }

    /// The part that a piece of that kind is; none where the kind is not known.
    fn part(self, kind: &str) -> Result<Option<Part>, Fault> {
        let missing = || Fault::new(kind, "is missing");
        let cache = self.mark;
        Ok(Some(match kind {
            "text" => Part::Text {
                text: self.text.ok_or_else(missing)?,
                cache,
                citations: Vec::new(),
                signature: None,
            },
            "image_url" => {
                let (source, detail) = self.image.ok_or_else(missing)?;
                Part::Image { source, detail, cache }
            }
            "input_audio" => Part::Audio {
                source: self.audio.ok_or_else(missing)?,
                transcript: None,
            },
            "video_url" => Part::Video {
                source: self.video.ok_or_else(missing)?,
                cache,
            },
            "file" => {
                let file = self.file.ok_or_else(missing)?;
                let Some(source) = file.source else { return Ok(None) };
                Part::Document {
                    source,
                    name: file.name,
                    cache,
                    extras: Extras::default(),
                }
            }
            "refusal" => Part::Refusal(self.refusal.ok_or_else(missing)?),
            // Mistral's thinking.
            "thinking" => Part::Reasoning(Reasoning {
                text: self.thinking.unwrap_or_default(),
                signature: self.signature.map(brought),
                encrypted: None,
            }),
            _ => return Ok(None),
        }))
    }
}

/// A picture, and how closely to look. Some clients write the address without the object around it.
pub(super) fn image(at: &mut Cursor<'_>) -> Result<(Source, Option<String>), Fault> {
    if at.kind() == Some(Kind::String) {
        return Ok((media::source(at.string()?), None));
    }
    let (mut url, mut detail) = (None, None);
    at.members(|key, at| {
        match key {
            "url" => url = Some(at.string()?),
            "detail" => detail = Some(at.string()?),
            _ => {}
        }
        Ok(())
    })?;
    let url = url.ok_or_else(|| Fault::new("url", "is missing"))?;
    Ok((media::source(url), detail))
}

fn audio(at: &mut Cursor<'_>) -> Result<Source, Fault> {
    // Mistral takes the data, or an address, without an object around it.
    if at.kind() == Some(Kind::String) {
        let given = at.string()?;
        return Ok(match media::source(given) {
            Source::Url(data) if !data.contains("://") => super::wire::sound(data),
            source => source,
        });
    }
    let (mut data, mut format) = (None, None);
    at.members(|key, at| {
        match key {
            "data" => data = Some(at.string()?),
            "format" => format = Some(at.string()?),
            _ => {}
        }
        Ok(())
    })?;
    let data = data.ok_or_else(|| Fault::new("data", "is missing"))?;
    let format = format.ok_or_else(|| Fault::new("format", "is missing"))?;
    Ok(Source::Inline {
        media_type: match format.as_str() {
            "mp3" => String::from("audio/mpeg"),
            format => format!("audio/{format}"),
        },
        data: Bytes::from(data),
    })
}

fn file(at: &mut Cursor<'_>) -> Result<File, Fault> {
    let mut file = File::default();
    let (mut data, mut id) = (None, None);
    at.members(|key, at| {
        match key {
            "filename" => file.name = Some(at.string()?),
            "file_data" => data = Some(at.string()?),
            "file_id" => id = Some(at.string()?),
            _ => {}
        }
        Ok(())
    })?;
    file.source = data.map(file_data).or_else(|| id.map(Source::File));
    Ok(file)
}

/// What a file holds: a `data:` address, or the bare base64.
fn file_data(data: String) -> Source {
    match media::source(data) {
        Source::Url(data) if !data.contains("://") => Source::Inline {
            media_type: String::from(match data.starts_with("JVBERi") {
                true => "application/pdf",
                false => "application/octet-stream",
            }),
            data: Bytes::from(data),
        },
        source => source,
    }
}
