//! Content blocks as a client sends them. A block without a word of ours is kept verbatim, and of the others each member.

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Opaque, Part, Reasoning, Source, ToolResult, ToolUse, Verbatim};
use serde_json::value::RawValue;

use super::citations;
use super::kept::keep;
use super::places::{Place, place};
use crate::json::{Fault, Members, parse};
use crate::seal;

/// Text, or blocks, that stand at that path of a message.
pub(super) fn content(raw: &RawValue, at: &str, kept: &mut Extras) -> Result<Vec<Part>, Fault> {
    if let Ok(text) = parse::<String>(raw) {
        return Ok(vec![Part::text(text)]);
    }
    let blocks: Vec<&RawValue> = parse(raw).map_err(|_| Fault::new("", "must be a string or an array of blocks"))?;
    let mut parts = Vec::with_capacity(blocks.len());
    for (i, raw) in blocks.into_iter().enumerate() {
        let at = format!("{at}[{i}]");
        let part = block(raw, &at, kept).map_err(|fault| fault.under(format!("[{i}]")))?;
        match (part, parts.last_mut()) {
            // What a writer of this dialect made of a text's signature.
            (Read::Signature(sealed), Some(Part::Text { signature, .. })) => *signature = Some(sealed),
            (Read::Signature(sealed), _) => parts.push(Part::Text {
                text: String::new(),
                cache: None,
                citations: Vec::new(),
                signature: Some(sealed),
            }),
            (Read::Part(part), _) => parts.push(part),
        }
    }
    Ok(parts)
}

/// What a block turns out to be.
enum Read {
    Part(Part),
    /// The signature of the text before it.
    Signature(Opaque),
}

fn block(raw: &RawValue, at: &str, kept: &mut Extras) -> Result<Read, Fault> {
    let mut members = Members::of(raw)?;
    let kind: String = members.need("type")?;
    let part = match kind.as_str() {
        "text" => text(&mut members, at, kept)?,
        "image" => match image(&mut members, at, kept)? {
            Some(part) => part,
            None => return Ok(Read::Part(own(raw))),
        },
        "document" => return document(members, raw, at, kept).map(Read::Part),
        "search_result" => return Ok(Read::Part(search_result(members, raw))),
        "thinking" => thinking(&mut members)?,
        "redacted_thinking" => match redacted(&mut members)? {
            Ok(part) => part,
            Err(signature) => return Ok(Read::Signature(signature)),
        },
        "tool_use" => return tool_use(members, at, kept).map(Read::Part),
        "tool_result" => tool_result(&mut members, at, kept)?,
        _ => return Ok(Read::Part(own(raw))),
    };
    keep(at, members, kept);
    Ok(Read::Part(part))
}

fn own(raw: &RawValue) -> Part {
    Part::Other(Verbatim {
        dialect: DialectName::Anthropic,
        json: raw.to_owned(),
    })
}

/// A mark that the prefix up to there is cached.
pub(super) fn cache(members: &mut Members<'_>, at: &str, kept: &mut Extras) -> Result<Option<CacheMark>, Fault> {
    let Some(mut mark) = members.object("cache_control")? else {
        return Ok(None);
    };
    mark.take("type");
    let ttl = mark.read("ttl").map_err(|fault| fault.under("cache_control"))?;
    keep(&format!("{at}.cache_control"), mark, kept);
    Ok(Some(CacheMark { ttl }))
}

fn text(members: &mut Members<'_>, at: &str, kept: &mut Extras) -> Result<Part, Fault> {
    let cited: Vec<&RawValue> = members.read("citations")?.unwrap_or_default();
    Ok(Part::Text {
        text: members.need("text")?,
        cache: cache(members, at, kept)?,
        citations: cited.into_iter().map(|raw| citations::read(raw.to_owned())).collect(),
        signature: None,
    })
}

/// Nothing for one whose place has no word of ours.
fn image(members: &mut Members<'_>, at: &str, kept: &mut Extras) -> Result<Option<Part>, Fault> {
    let source = members
        .take("source")
        .ok_or_else(|| Fault::new("source", "is missing"))?;
    let Place::Known(source) = place(source, at, kept)? else {
        return Ok(None);
    };
    Ok(Some(Part::Image {
        source,
        detail: None,
        cache: cache(members, at, kept)?,
    }))
}

fn document(mut members: Members<'_>, raw: &RawValue, at: &str, kept: &mut Extras) -> Result<Part, Fault> {
    let given = members
        .take("source")
        .ok_or_else(|| Fault::new("source", "is missing"))?;
    let (source, chunks) = match place(given, at, kept)? {
        Place::Known(source) => (source, None),
        // Its pieces say where citations may begin; another dialect gets the text without them.
        Place::Chunks(text) => (Source::Text(text), Some(given)),
        Place::Unknown => return Ok(own(raw)),
    };
    let name = members.read("title")?;
    let cache = cache(&mut members, at, kept)?;
    let mut extras = members.rest();
    extras
        .0
        .extend(chunks.map(|chunks| ("source".to_owned(), chunks.to_owned())));
    Ok(Part::Document {
        source,
        name,
        cache,
        extras,
    })
}

/// The member that holds a whole search result, which to another dialect is a document of its text.
pub(super) const SEARCH_RESULT: &str = "search_result";

fn search_result(mut members: Members<'_>, raw: &RawValue) -> Part {
    let texts = members.take("content").map(super::places::texts).unwrap_or_default();
    let title = members.read("title").ok().flatten();
    Part::Document {
        source: Source::Text(texts),
        name: title.or_else(|| members.read("source").ok().flatten()),
        cache: cache(&mut members, "", &mut Extras::default()).ok().flatten(),
        extras: Extras(vec![(SEARCH_RESULT.to_owned(), raw.to_owned())]),
    }
}

/// What says of a sealed signature that it is the ciphertext of its thinking.
pub(super) const ENCRYPTED: &str = "encrypted";
/// What says of sealed thinking that it is the signature of the text before it.
pub(super) const OF_TEXT: &str = "text";

fn thinking(members: &mut Members<'_>) -> Result<Part, Fault> {
    let mut thought = Reasoning {
        text: members.read("thinking")?.unwrap_or_default(),
        ..Reasoning::default()
    };
    if let Some(said) = members.read::<String>("signature")?.filter(|said| !said.is_empty()) {
        match seal::from_id(&said) {
            (ENCRYPTED, Some(sealed)) => thought.encrypted = Some(sealed),
            _ => thought.signature = Some(seal::brought(said, DialectName::Anthropic)).filter(is_signed),
        }
    }
    Ok(Part::Reasoning(thought))
}

/// Whether a signature is one: where another dialect signed nothing, an empty one says so.
fn is_signed(signature: &Opaque) -> bool {
    !signature.value.is_empty()
}

fn redacted(members: &mut Members<'_>) -> Result<Result<Part, Opaque>, Fault> {
    let data: String = members.need("data")?;
    Ok(match seal::from_id(&data) {
        (OF_TEXT, Some(sealed)) => Err(sealed),
        _ => Ok(Part::Reasoning(Reasoning {
            encrypted: Some(seal::brought(data, DialectName::Anthropic)),
            ..Reasoning::default()
        })),
    })
}

fn tool_use(mut members: Members<'_>, at: &str, kept: &mut Extras) -> Result<Part, Fault> {
    let said: String = members.need("id")?;
    let (id, signature) = seal::from_id(&said);
    let signature = signature.filter(is_signed);
    let arguments = members.take("input").map_or("{}", RawValue::get).to_owned();
    Ok(Part::ToolUse(ToolUse {
        id: id.to_owned(),
        name: members.need("name")?,
        arguments,
        freeform: false,
        signature,
        cache: cache(&mut members, at, kept)?,
        extras: members.rest(),
    }))
}

fn tool_result(members: &mut Members<'_>, at: &str, kept: &mut Extras) -> Result<Part, Fault> {
    let said: String = members.need("tool_use_id")?;
    let parts = match members.take("content") {
        Some(raw) => content(raw, &format!("{at}.content"), kept).map_err(|fault| fault.under("content"))?,
        None => Vec::new(),
    };
    Ok(Part::ToolResult(ToolResult {
        id: seal::from_id(&said).0.to_owned(),
        name: None,
        parts,
        failed: members.read("is_error")?.unwrap_or(false),
        cache: cache(members, at, kept)?,
    }))
}
