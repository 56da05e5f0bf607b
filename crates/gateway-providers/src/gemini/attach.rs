//! Media as pieces of a content: bytes in the request, or where they are.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_types::chat::{Part, Source};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};

use super::piece::{is_stored, media_type_of};
use super::say::{Speaker, members_of};
use super::tree::Object;
use crate::target::Site;

impl<'a> Speaker<'a, '_> {
    /// Pictures, sound, films, documents.
    pub(super) fn media(&mut self, part: &'a Part, path: &str) -> Result<Option<Object<'a>>, Error> {
        let (source, usual, name) = match part {
            Part::Image { source, detail, .. } => {
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.lose(&format!("{path}.detail"), "no counterpart");
                }
                (source, Some("image/jpeg"), None)
            }
            Part::Audio {
                source: Source::File(_),
                transcript: Some(transcript),
            } if !self.own => {
                self.losses
                    .push(Loss::emulated(path, "the transcript is sent in place of the sound"));
                return Ok(Some(Object::of("text", transcript)));
            }
            Part::Audio { source, transcript } => {
                if transcript.is_some() {
                    self.lose(&format!("{path}.transcript"), "the sound itself is sent");
                }
                (source, Some("audio/mp3"), None)
            }
            Part::Video { source, .. } => (source, Some("video/mp4"), None),
            Part::Document {
                source, name, extras, ..
            } => {
                for (key, _) in &extras.0 {
                    self.lose(&format!("{path}.{key}"), "no counterpart");
                }
                (source, None, name.as_ref())
            }
            Part::Other(verbatim) if verbatim.dialect == DialectName::Gemini => {
                return Ok(Some(members_of(&verbatim.json)));
            }
            _ => {
                self.lose(path, "no counterpart");
                return Ok(None);
            }
        };
        let mut media = self.source(source, usual, path)?;
        if let Some(name) = name {
            // Only Google Cloud's API has a place for it.
            match matches!(self.target.site, Site::Vertex { .. }) || self.own {
                true => media.1.put("displayName", name),
                false => self.lose(&format!("{path}.name"), "documents have no names there"),
            }
        }
        Ok(Some(Object::of(media.0, media.1)))
    }

    fn source(
        &mut self,
        source: &'a Source,
        usual: Option<&'static str>,
        path: &str,
    ) -> Result<(&'static str, Object<'a>), Error> {
        let blob = |kind: &'a str, data: Cow<'a, str>| ("inlineData", Object::of("mimeType", kind).with("data", data));
        let file = |uri: &'a str| {
            let kind = media_type_of(uri).or(usual).filter(|kind| !kind.ends_with('*'));
            let mut file = Object::of("fileUri", uri);
            file.maybe("mimeType", kind);
            ("fileData", file)
        };
        match source {
            Source::Inline { media_type, data } => {
                let data =
                    std::str::from_utf8(data).map_err(|_| Error::invalid(path, "the data must be base64 text"))?;
                Ok(blob(media_type, Cow::Borrowed(data)))
            }
            Source::Text(text) => Ok(blob("text/plain", Cow::Owned(STANDARD.encode(text)))),
            Source::Url(url) => Ok(file(url)),
            Source::File(id) if self.own || is_stored_name(id) => Ok(file(id)),
            Source::File(id) => {
                let message =
                    format!("the file `{id}` is not stored at the provider that serves this model; send its content");
                Err(Error::invalid(path, message))
            }
        }
    }
}

/// A file's address at Google, or its name there; ids of other vendors' files have neither form.
fn is_stored_name(id: &str) -> bool {
    is_stored(id) && (id.contains("://") || id.starts_with("files/"))
}
