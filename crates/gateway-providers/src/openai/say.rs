//! The content of a message said in this dialect: a text, or pieces.

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Part, Source};

use super::kept::Kept;
use super::offer::mark;
use super::request::Saying;
use crate::json::Out;
use crate::media::address;

/// Parts with their numbers in the message.
pub(super) type Numbered<'p> = [(usize, &'p Part)];

/// All texts of one kind in one, or nothing where there is none.
pub(super) fn joined(parts: &Numbered<'_>, of: impl for<'p> Fn(&'p Part) -> Option<&'p String>) -> Option<String> {
    let mut texts = parts.iter().filter_map(|(_, part)| of(part)).peekable();
    texts.peek()?;
    Some(texts.map(String::as_str).collect())
}

/// `content`: one text where it is one, else an array of pieces.
pub(super) fn content(saying: &mut Saying<'_>, parts: &Numbered<'_>, at: &str, kept: &mut Kept<'_>, out: &mut Out<'_>) {
    match parts {
        [] => out.member("content", ""),
        [(_, Part::Text { text, cache: None, .. })] => out.member("content", text),
        many => out.array("content", |out| pieces(saying, many, at, kept, out)),
    }
}

/// Parts as the pieces of an array.
pub(super) fn pieces(saying: &mut Saying<'_>, parts: &Numbered<'_>, at: &str, kept: &mut Kept<'_>, out: &mut Out<'_>) {
    for (i, part) in parts {
        let mut piece = Piece {
            at: format!("{at}.content[{i}]"),
            place: format!("content[{i}]"),
            saying,
            kept,
        };
        piece.say(part, out);
    }
}

/// A piece on its way out, and where it stood.
struct Piece<'a, 's, 'k> {
    at: String,
    place: String,
    saying: &'a mut Saying<'s>,
    kept: &'a mut Kept<'k>,
}

impl Piece<'_, '_, '_> {
    fn say(&mut self, part: &Part, out: &mut Out<'_>) {
        match part {
            Part::Text { text, cache, .. } => self.text(text, cache.as_ref(), out),
            Part::Refusal(text) => self.text(text, None, out),
            Part::Image { source, detail, cache } => match address(source) {
                Some(url) => self.object("image_url", cache.as_ref(), out, |out| {
                    out.member("url", url);
                    out.maybe("detail", detail.as_ref());
                }),
                None => self.lose("a picture must be at an address or in the request here"),
            },
            Part::Audio { source, .. } => self.audio(source, out),
            Part::Video { source, cache } => match address(source) {
                Some(url) if self.saying.words.name("video_url", false).is_some() => {
                    self.object("video_url", cache.as_ref(), out, |out| out.member("url", url));
                }
                _ => self.lose("this provider takes no films"),
            },
            Part::Document {
                source,
                name,
                cache,
                extras,
            } => self.document(source, name.as_deref(), cache.as_ref(), extras, out),
            Part::Other(own) if own.dialect == DialectName::OpenAi && own.json.get().contains("\"type\"") => {
                out.item(&own.json);
            }
            Part::Other(other) => self.lose(&format!("a part that only the {} API has", other.dialect)),
            Part::ToolUse(_) | Part::ToolResult(_) | Part::Reasoning(_) => {
                self.lose("only an assistant's message holds this here");
            }
        }
    }

    fn lose(&mut self, note: &str) {
        self.saying.lose(self.at.clone(), note);
    }

    fn text(&mut self, text: &str, cache: Option<&CacheMark>, out: &mut Out<'_>) {
        out.item_object(|out| {
            out.member("type", "text");
            out.member("text", text);
            self.rest(cache, out);
        });
    }

    fn object(&mut self, kind: &str, cache: Option<&CacheMark>, out: &mut Out<'_>, inner: impl FnOnce(&mut Out<'_>)) {
        out.item_object(|out| {
            out.member("type", kind);
            out.inner(kind, inner);
            self.rest(cache, out);
        });
    }

    /// The mark, and what was kept of it.
    fn rest(&mut self, cache: Option<&CacheMark>, out: &mut Out<'_>) {
        mark(self.saying, &self.at, cache, out);
        if self.saying.own {
            self.kept.say(&self.place, out);
        }
    }

    fn audio(&mut self, source: &Source, out: &mut Out<'_>) {
        let Source::Inline { media_type, data } = source else {
            return self.lose("sound must be in the request here");
        };
        let format = media_type.strip_prefix("audio/").unwrap_or(media_type);
        let format = match format {
            "mpeg" => "mp3",
            "x-wav" | "wave" => "wav",
            other => other,
        };
        self.object("input_audio", None, out, |out| {
            out.member("data", String::from_utf8_lossy(data));
            out.member("format", format);
        });
    }

    fn document(
        &mut self,
        source: &Source,
        name: Option<&str>,
        cache: Option<&CacheMark>,
        extras: &Extras,
        out: &mut Out<'_>,
    ) {
        for (key, _) in &extras.0 {
            self.saying
                .lose(format!("{}.{key}", self.at), "documents have no such field here");
        }
        // An id means something where the file was given to OpenAI, through this API or its newer one.
        let ours = matches!(
            self.saying.request.dialect,
            DialectName::OpenAi | DialectName::Responses
        );
        let named = (!self.saying.own).then_some("document");
        match source {
            Source::Text(text) => {
                if name.is_some() {
                    self.saying
                        .lose(format!("{}.title", self.at), "a document of text is a text here");
                }
                self.text(text, cache, out);
            }
            // The name must be there, except where the client of this dialect has left it out.
            Source::Inline { .. } => self.object("file", cache, out, |out| {
                out.maybe("filename", name.or(named));
                out.maybe("file_data", address(source));
            }),
            Source::File(id) if ours => self.object("file", cache, out, |out| {
                out.maybe("filename", name);
                out.member("file_id", id);
            }),
            Source::Url(_) | Source::File(_) => self.lose("a document must be in the request or uploaded here"),
        }
    }
}

/// A picture as the item of an array.
pub(super) fn say_image(source: &Source, detail: Option<&str>, out: &mut Out<'_>) {
    let Some(url) = address(source) else { return };
    out.item_object(|out| {
        out.member("type", "image_url");
        out.inner("image_url", |out| {
            out.member("url", url);
            out.maybe("detail", detail);
        });
    });
}
