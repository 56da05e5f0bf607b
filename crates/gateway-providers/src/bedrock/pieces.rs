//! What stands in content blocks: media, documents' texts, search results, citations.

use bytes::Bytes;
use gateway_types::DialectName;
use gateway_types::chat::{Citation, Extras, Part, Source, Verbatim};
use serde_json::value::RawValue;

use super::formats::Formats;
use crate::json::{Fault, Members, parse};

/// The member of a document that holds a whole search result; to another dialect it is a document of its text.
pub(super) const SEARCH_RESULT: &str = "searchResult";

/// How many members an object has left.
pub(super) fn count(members: &Members<'_>) -> usize {
    members.pairs().filter(|(_, value)| value.get() != "null").count()
}

pub(super) fn image(source: Source) -> Part {
    Part::Image {
        source,
        detail: None,
        cache: None,
    }
}

pub(super) fn video(source: Source) -> Part {
    Part::Video { source, cache: None }
}

pub(super) fn audio(source: Source) -> Part {
    Part::Audio {
        source,
        transcript: None,
    }
}

/// Where a picture, a film or sound is; nothing where no word of ours says all of it.
pub(super) fn media(value: &RawValue, formats: Formats) -> Result<Option<Source>, Fault> {
    let mut members = Members::of(value)?;
    let format: String = members.need("format")?;
    let Some(mut place) = members.object("source")? else {
        return Err(Fault::new("source", "is missing"));
    };
    let known = formats.media_type(&format);
    let source = source(&mut place, known)?;
    // A format beside an address would be lost.
    Ok(source.filter(|source| matches!(source, Source::Inline { .. }) && count(&members) == 0))
}

pub(super) fn source(place: &mut Members<'_>, media_type: Option<&str>) -> Result<Option<Source>, Fault> {
    let under = |fault: Fault| fault.under("source");
    if let Some(data) = place.read::<String>("bytes").map_err(under)? {
        return Ok(media_type.map(|media_type| Source::Inline {
            media_type: media_type.to_owned(),
            data: Bytes::from(data),
        }));
    }
    place.read("text").map(|text| text.map(Source::Text)).map_err(under)
}

pub(super) fn text_of(raw: &RawValue) -> Result<String, Fault> {
    Members::of(raw)?.need("text")
}

pub(super) fn texts(raw: &RawValue) -> Result<String, Fault> {
    let pieces: Vec<&RawValue> = parse(raw)?;
    let texts: Vec<String> = pieces.into_iter().map(text_of).collect::<Result<_, _>>()?;
    Ok(texts.join("\n"))
}

pub(super) fn search_result(value: &RawValue) -> Result<Part, Fault> {
    let mut members = Members::of(value)?;
    let text = members
        .take("content")
        .map(texts)
        .transpose()
        .map_err(|fault| fault.under("content"))?;
    Ok(Part::Document {
        source: Source::Text(text.unwrap_or_default()),
        name: members.read("title")?,
        cache: None,
        extras: Extras(vec![(SEARCH_RESULT.to_owned(), value.to_owned())]),
    })
}

/// Reads a citation; what of it has no word of ours stays in its verbatim form.
pub(super) fn citation(raw: &RawValue) -> Citation {
    let mut citation = Citation {
        url: None,
        title: None,
        quote: None,
        range: None,
        verbatim: Verbatim {
            dialect: DialectName::Bedrock,
            json: raw.to_owned(),
        },
    };
    // One that is odd is still a citation.
    let _ = understand(raw, &mut citation);
    citation
}

fn understand(raw: &RawValue, citation: &mut Citation) -> Result<(), Fault> {
    let mut members = Members::of(raw)?;
    citation.title = members.read("title")?;
    let quote = members.take("sourceContent").map(texts).transpose()?;
    citation.quote = quote.filter(|quote| !quote.is_empty());
    let from: Option<String> = members.read("source")?;
    citation.url = from.filter(|from| from.starts_with("http://") || from.starts_with("https://"));
    if let Some(mut place) = members.object("location")?
        && let Some(mut web) = place.object("web")?
        && let Some(url) = web.read("url")?
    {
        citation.url = Some(url);
    }
    Ok(())
}
