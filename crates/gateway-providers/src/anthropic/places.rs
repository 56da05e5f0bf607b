//! Where images and documents are: the `source` of their blocks.

use bytes::Bytes;
use gateway_types::chat::{Extras, Source};
use serde_json::value::RawValue;

use super::kept::keep;
use crate::json::{Fault, Members, parse};

/// A `source`, understood or not.
pub(super) enum Place {
    Known(Source),
    /// A document in pieces of text, each of which can be cited: their text.
    Chunks(String),
    Unknown,
}

/// Reads the `source` of the block that stands there.
pub(super) fn place(raw: &RawValue, at: &str, kept: &mut Extras) -> Result<Place, Fault> {
    let mut read = || -> Result<Place, Fault> {
        let mut members = Members::of(raw)?;
        let kind: String = members.need("type")?;
        let source = match kind.as_str() {
            "base64" => Source::Inline {
                media_type: members.need("media_type")?,
                data: Bytes::from(members.need::<String>("data")?),
            },
            "url" => Source::Url(members.need("url")?),
            "file" => Source::File(members.need("file_id")?),
            "text" => {
                members.take("media_type");
                Source::Text(members.need("data")?)
            }
            "content" => return Ok(chunks(members.need("content")?)),
            _ => return Ok(Place::Unknown),
        };
        keep(&format!("{at}.source"), members, kept);
        Ok(Place::Known(source))
    };
    read().map_err(|fault| fault.under("source"))
}

/// A document's pieces, if all of them are text.
fn chunks(raw: &RawValue) -> Place {
    let is_text = |piece: &&RawValue| {
        let kind = Members::of(piece).and_then(|mut members| members.read::<String>("type"));
        kind.is_ok_and(|kind| kind.as_deref() == Some("text"))
    };
    match parse::<Vec<&RawValue>>(raw) {
        Ok(pieces) if !pieces.iter().all(is_text) => Place::Unknown,
        _ => Place::Chunks(texts(raw)),
    }
}

/// The text of a string, or of text blocks.
pub(super) fn texts(raw: &RawValue) -> String {
    let joined = |pieces: Vec<Members<'_>>| {
        let text = |mut piece: Members<'_>| piece.read::<String>("text").ok().flatten();
        pieces.into_iter().filter_map(text).collect::<Vec<_>>().join("\n")
    };
    parse::<String>(raw).unwrap_or_else(|_| parse(raw).map(joined).unwrap_or_default())
}
