//! Content blocks, read: those of a client's request and those of a model's answer.
//!
//! What a block says that no word of ours covers is kept among the extras of its message, under the place of the part that was
//! made of it: `content[2]` where only the spelling would be lost, with more after it where another dialect does lose
//! something.

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Opaque, Part, Reasoning, Source, ToolResult, ToolUse, Verbatim};
use serde_json::value::RawValue;

use super::formats::{AUDIO, DOCUMENTS, IMAGES, VIDEOS};
use super::pieces::{audio, citation, count, image, media, search_result, source, text_of, texts, video};
use crate::json::{Fault, Members, parse};
use crate::seal;
use crate::target::Target;

/// Who says the blocks: it decides whose the signatures are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Speaker<'t> {
    /// A client, who brings back what models made.
    Client,
    /// A model.
    Model(&'t Target),
}

/// The members of a document beside its content, which Anthropic's have by the same names.
pub(super) const ABOUT_DOCUMENTS: [&str; 2] = ["citations", "context"];

/// What says of a sealed signature that it is the ciphertext of its thinking.
pub(super) const ENCRYPTED: &str = "encrypted";
/// What says of a sealed signature that it is that of the text before it.
pub(super) const OF_TEXT: &str = "text";

/// The parts that blocks turn out to be, and what is kept of them beside.
#[derive(Debug)]
pub(super) struct Blocks<'t> {
    speaker: Speaker<'t>,
    pub(super) parts: Vec<Part>,
    pub(super) kept: Extras,
}

impl<'t> Blocks<'t> {
    pub(super) fn of(speaker: Speaker<'t>) -> Self {
        Self {
            speaker,
            parts: Vec::new(),
            kept: Extras::default(),
        }
    }

    /// Reads an array of blocks.
    pub(super) fn read_all(&mut self, blocks: &[&RawValue]) -> Result<(), Fault> {
        for (i, raw) in blocks.iter().enumerate() {
            self.read(raw).map_err(|fault| fault.under(format!("[{i}]")))?;
        }
        Ok(())
    }

    /// Reads one block: an object whose one member says what it is.
    fn read(&mut self, raw: &RawValue) -> Result<(), Fault> {
        let block = Members::of(raw)?;
        let mut said = block.pairs().filter(|(_, value)| value.get() != "null");
        match (said.next(), said.next()) {
            (Some((kind, value)), None) => self.member(kind, value, raw).map_err(|fault| fault.under(kind)),
            // What a model's block may hold besides one day is not ours to refuse.
            _ if matches!(self.speaker, Speaker::Model(_)) => {
                self.parts.push(own(raw));
                Ok(())
            }
            _ => Err(Fault::new("", "must have exactly one member that is not null")),
        }
    }

    fn member(&mut self, kind: &str, value: &RawValue, raw: &RawValue) -> Result<(), Fault> {
        let part = match kind {
            "text" => Part::text(parse::<String>(value)?),
            "cachePoint" => return self.mark(value, raw),
            "reasoningContent" => return self.reasoning(value, raw),
            "toolUse" => self.tool_use(value)?.map_or_else(|| own(raw), Part::ToolUse),
            "toolResult" => return self.tool_result(value, raw),
            "image" => media(value, IMAGES)?.map_or_else(|| own(raw), image),
            "video" => media(value, VIDEOS)?.map_or_else(|| own(raw), video),
            "audio" => media(value, AUDIO)?.map_or_else(|| own(raw), audio),
            "document" => self.document(value, raw)?,
            "searchResult" => search_result(value)?,
            "citationsContent" => self.cited(value, raw)?,
            "guardContent" => self.guarded(value, raw)?,
            _ => own(raw),
        };
        self.parts.push(part);
        Ok(())
    }

    /// Keeps something of the part that comes next.
    fn keep(&mut self, more: &str, raw: &RawValue) {
        self.kept
            .0
            .push((format!("content[{}]{more}", self.parts.len()), raw.to_owned()));
    }

    /// A mark stands after what it marks.
    fn mark(&mut self, value: &RawValue, raw: &RawValue) -> Result<(), Fault> {
        let place = self.parts.last_mut().and_then(cache_of).filter(|cache| cache.is_none());
        match (cache_mark(value)?, place) {
            (Some(mark), Some(place)) => *place = Some(mark),
            _ => self.parts.push(own(raw)),
        }
        Ok(())
    }

    fn reasoning(&mut self, value: &RawValue, raw: &RawValue) -> Result<(), Fault> {
        let mut members = Members::of(value)?;
        let mut thought = Reasoning::default();
        if let Some(mut said) = members.object("reasoningText")? {
            let under = |fault: Fault| fault.under("reasoningText");
            // Clients that put a stream together leave out what never came.
            thought.text = said.read("text").map_err(under)?.unwrap_or_default();
            let signature: Option<String> = said.read("signature").map_err(under)?;
            match signature.filter(|text| !text.is_empty()) {
                Some(signature) => self.signed(thought, signature),
                None => self.parts.push(Part::Reasoning(thought)),
            }
        } else if let Some(data) = members.read::<String>("redactedContent")? {
            thought.encrypted = Some(self.opaque(data));
            self.parts.push(Part::Reasoning(thought));
        } else {
            self.parts.push(own(raw));
        }
        Ok(())
    }

    /// Adds signed thinking. What a writer of this dialect had no other place for comes out of the signature again.
    fn signed(&mut self, mut thought: Reasoning, said: String) {
        match (self.speaker, seal::from_id(&said)) {
            (Speaker::Client, (ENCRYPTED, Some(sealed))) => thought.encrypted = Some(sealed),
            (Speaker::Client, (OF_TEXT, Some(sealed))) => {
                match self.parts.last_mut() {
                    Some(Part::Text { signature, .. }) if signature.is_none() => *signature = Some(sealed),
                    _ => self.parts.push(Part::Text {
                        text: String::new(),
                        cache: None,
                        citations: Vec::new(),
                        signature: Some(sealed),
                    }),
                }
                return;
            }
            _ => thought.signature = Some(self.opaque(said)),
        }
        self.parts.push(Part::Reasoning(thought));
    }

    fn opaque(&self, value: String) -> Opaque {
        match self.speaker {
            Speaker::Client => seal::brought(value, DialectName::Bedrock),
            Speaker::Model(target) => seal::made(value, DialectName::Bedrock, target),
        }
    }

    /// Nothing for a tool that the provider itself runs.
    fn tool_use(&self, value: &RawValue) -> Result<Option<ToolUse>, Fault> {
        let mut members = Members::of(value)?;
        if members.read::<String>("type")?.is_some_and(|kind| kind != "tool_use") {
            return Ok(None);
        }
        let (id, signature) = self.id(members.need("toolUseId")?);
        Ok(Some(ToolUse {
            id,
            signature,
            name: members.need("name")?,
            arguments: members.take("input").map_or("{}", RawValue::get).to_owned(),
            extras: members.rest(),
            ..ToolUse::default()
        }))
    }

    /// An id, and the signature that a writer of this dialect put into it.
    fn id(&self, said: String) -> (String, Option<Opaque>) {
        match (self.speaker, seal::from_id(&said)) {
            (Speaker::Client, (bare, signature @ Some(_))) => (bare.to_owned(), signature),
            _ => (said, None),
        }
    }

    fn tool_result(&mut self, value: &RawValue, raw: &RawValue) -> Result<(), Fault> {
        let mut members = Members::of(value)?;
        let id: String = members.need("toolUseId")?;
        if members.read::<String>("type")?.is_some() {
            // Of a tool that the provider itself ran.
            self.parts.push(own(raw));
            return Ok(());
        }
        let (id, _) = self.id(id);
        let content: Vec<&RawValue> = members.read("content")?.unwrap_or_default();
        let mut inner = Self::of(self.speaker);
        let mut exact = true;
        for (i, raw) in content.iter().enumerate() {
            let under = |fault: Fault| fault.under(format!("content[{i}]"));
            match Members::of(raw).map_err(under)?.take("json") {
                // Text to everybody else.
                Some(json) => {
                    exact = false;
                    inner.parts.push(Part::text(json.get()));
                }
                None => inner.read(raw).map_err(under)?,
            }
        }
        if !exact || !inner.kept.0.is_empty() {
            let content = serde_json::value::to_raw_value(&content);
            self.keep(
                ".content",
                &content.map_err(|error| Fault::new("content", error.to_string()))?,
            );
        }
        let status = members.take("status");
        let failed = status.is_some_and(|status| status.get() == "\"error\"");
        if let Some(status) = status.filter(|_| !failed) {
            self.keep(".status", status);
        }
        self.parts.push(Part::ToolResult(ToolResult {
            id,
            failed,
            parts: inner.parts,
            ..ToolResult::default()
        }));
        Ok(())
    }

    fn document(&mut self, value: &RawValue, raw: &RawValue) -> Result<Part, Fault> {
        let mut members = Members::of(value)?;
        let format: Option<&RawValue> = members.take("format");
        let known = format
            .and_then(|format| parse::<String>(format).ok())
            .and_then(|format| DOCUMENTS.media_type(&format));
        let name = members.read("name")?;
        let Some(mut place) = members.object("source")? else {
            return Err(Fault::new("source", "is missing"));
        };
        let (source, exact) = match (source(&mut place, known)?, place.take("content")) {
            (Some(source), None) => {
                let exact = format.is_none() || matches!(source, Source::Inline { .. });
                (source, exact)
            }
            // Its pieces say where citations may begin; another dialect gets the text without them.
            (None, Some(pieces)) => (Source::Text(texts(pieces)?), false),
            _ => return Ok(own(raw)),
        };
        let mut extras = Extras::default();
        for key in ABOUT_DOCUMENTS {
            extras
                .0
                .extend(members.take(key).map(|raw| (key.to_owned(), raw.to_owned())));
        }
        if count(&members) > 0 {
            self.keep(".document", raw);
        } else if !exact {
            self.keep("", raw);
        }
        Ok(Part::Document {
            source,
            name,
            cache: None,
            extras,
        })
    }

    /// Text with the sources that it cites.
    fn cited(&mut self, value: &RawValue, raw: &RawValue) -> Result<Part, Fault> {
        let mut members = Members::of(value)?;
        let pieces: Vec<&RawValue> = members.read("content")?.unwrap_or_default();
        if pieces.len() > 1 {
            self.keep("", raw);
        }
        let text: Vec<String> = pieces.into_iter().map(text_of).collect::<Result<_, _>>()?;
        let cited: Vec<&RawValue> = members.read("citations")?.unwrap_or_default();
        Ok(Part::Text {
            text: text.concat(),
            cache: None,
            citations: cited.into_iter().map(citation).collect(),
            signature: None,
        })
    }

    /// What a guardrail is to look at: text or a picture, which is what remains of it elsewhere.
    fn guarded(&mut self, value: &RawValue, raw: &RawValue) -> Result<Part, Fault> {
        let mut members = Members::of(value)?;
        let part = match (members.object("text")?, members.take("image")) {
            (Some(mut text), _) => Part::text(text.need::<String>("text").map_err(|fault| fault.under("text"))?),
            (None, Some(picture)) => match media(picture, IMAGES)? {
                Some(source) => image(source),
                None => return Ok(own(raw)),
            },
            (None, None) => return Ok(own(raw)),
        };
        self.keep(".guardContent", raw);
        Ok(part)
    }
}

/// A block that only this dialect knows.
pub(super) fn own(raw: &RawValue) -> Part {
    Part::Other(Verbatim {
        dialect: DialectName::Bedrock,
        json: raw.to_owned(),
    })
}

/// Where a part's mark is, if it can have one.
pub(super) fn cache_of(part: &mut Part) -> Option<&mut Option<CacheMark>> {
    match part {
        Part::Text { cache, .. }
        | Part::Image { cache, .. }
        | Part::Video { cache, .. }
        | Part::Document { cache, .. }
        | Part::ToolUse(ToolUse { cache, .. })
        | Part::ToolResult(ToolResult { cache, .. }) => Some(cache),
        Part::Audio { .. } | Part::Reasoning(_) | Part::Refusal(_) | Part::Other(_) => None,
    }
}

/// The mark of a `cachePoint`; nothing for a kind of point that has no word of ours.
pub(super) fn cache_mark(value: &RawValue) -> Result<Option<CacheMark>, Fault> {
    let mut members = Members::of(value)?;
    let usual = members.take("type").is_none_or(|kind| kind.get() == "\"default\"");
    let ttl = members.read("ttl")?;
    Ok((usual && count(&members) == 0).then_some(CacheMark { ttl }))
}
