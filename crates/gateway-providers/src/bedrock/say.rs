//! The parts of a message, said as content blocks.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Part, Reasoning, Source, ToolResult};
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::blocks::ABOUT_DOCUMENTS;
use super::formats::{AUDIO, DOCUMENTS, Formats, IMAGES, VIDEOS};
use super::model::{Maker, Model};
use super::pieces::SEARCH_RESULT;
use super::wire::{
    Block, CachePoint, Cited, Content, Document, Media, Place, Thought, ToolResult as Answer, ToolUse, Words,
};
use super::words::{self, Documents};
use crate::freeform;
use crate::seal;
use crate::target::Target;

/// One message on its way.
pub(super) struct Speech<'a, 'l> {
    /// What was kept of a message of this dialect, by its places.
    pub(super) kept: HashMap<&'a str, &'a RawValue>,
    /// Whether it came in this dialect, so that its pieces are said as they were.
    pub(super) own: bool,
    pub(super) model: Model<'a>,
    pub(super) target: &'a Target,
    pub(super) names: &'l mut Documents,
    pub(super) losses: &'l mut Vec<Loss>,
    /// Where it stands in the source.
    pub(super) path: &'l str,
}

impl<'a> Speech<'a, '_> {
    /// Says one part of it.
    pub(super) fn part(&mut self, i: usize, part: &'a Part, out: &mut Vec<Block<'a>>) {
        let path = format!("{}.content[{i}]", self.path);
        if let Some(raw) = self
            .kept(i, "")
            .or_else(|| self.kept(i, ".document"))
            .or_else(|| self.kept(i, ".guardContent"))
        {
            out.push(Block::Own(raw));
        } else if let Some(block) = self.block(i, part, &path) {
            out.push(block);
        }
        let mark = match part {
            Part::Text { cache, .. }
            | Part::Image { cache, .. }
            | Part::Video { cache, .. }
            | Part::Document { cache, .. } => cache,
            Part::ToolUse(tool) => &tool.cache,
            Part::ToolResult(result) => &result.cache,
            Part::Audio { .. } | Part::Reasoning(_) | Part::Refusal(_) | Part::Other(_) => &None,
        };
        if let Some(mark) = mark {
            out.extend(point(mark, self.own, self.model, !out.is_empty(), &path, self.losses).map(Block::CachePoint));
        }
    }

    /// What was kept of a part of this dialect.
    fn kept(&self, i: usize, more: &str) -> Option<&'a RawValue> {
        match self.kept.is_empty() {
            true => None,
            false => self.kept.get(format!("content[{i}]{more}").as_str()).copied(),
        }
    }

    fn lose(&mut self, path: &str, note: impl Into<String>) {
        self.losses.push(Loss::dropped(path, note));
    }

    fn block(&mut self, i: usize, part: &'a Part, path: &str) -> Option<Block<'a>> {
        match part {
            Part::Text {
                text,
                citations,
                signature,
                ..
            } => {
                if let Some(signature) = signature {
                    // Never ours: no model here signs its text.
                    seal::may_go(signature, DialectName::Bedrock, self.target, path, self.losses);
                }
                let cited: Vec<_> = citations
                    .iter()
                    .filter(|one| one.verbatim.dialect == DialectName::Bedrock)
                    .collect();
                if cited.len() < citations.len() {
                    self.lose(&format!("{path}.citations"), "no counterpart in a request");
                }
                if !cited.is_empty() {
                    return Some(Block::CitationsContent(Cited {
                        content: (!text.is_empty()).then_some(Words::Text(text)).into_iter().collect(),
                        citations: cited.iter().map(|one| Cow::Borrowed(&*one.verbatim.json)).collect(),
                    }));
                }
                self.text(text, path)
            }
            Part::Image { source, detail, .. } => {
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.lose(&format!("{path}.detail"), "no counterpart");
                }
                self.media(source, IMAGES, path).map(Block::Image)
            }
            Part::Video { source, .. } => self.media(source, VIDEOS, path).map(Block::Video),
            Part::Audio { source, .. } => self.media(source, AUDIO, path).map(Block::Audio),
            Part::Document {
                source, name, extras, ..
            } => self.document(source, name.as_deref(), extras, path),
            Part::ToolUse(tool) => {
                let (id, name) = match self.own {
                    true => (Cow::Borrowed(&*tool.id), Cow::Borrowed(&*tool.name)),
                    false => (
                        self.fit(words::id(&tool.id), &tool.id, path),
                        self.fit(words::name(&tool.name), &tool.name, path),
                    ),
                };
                if let Some(signature) = &tool.signature {
                    seal::may_go(signature, DialectName::Bedrock, self.target, path, self.losses);
                }
                let input = self.input(&tool.arguments, tool.freeform, path);
                Some(Block::ToolUse(ToolUse {
                    tool_use_id: id,
                    name,
                    input,
                }))
            }
            Part::ToolResult(result) => Some(self.result(i, result, path)),
            Part::Reasoning(thought) => self.thought(thought, path),
            Part::Refusal(text) => {
                self.losses.push(Loss::emulated(path, "a refusal is said as text"));
                self.text(text, path)
            }
            Part::Other(own) if own.dialect == DialectName::Bedrock => Some(Block::Own(&own.json)),
            Part::Other(other) => {
                self.lose(path, format!("a piece that only {} knows", other.dialect));
                None
            }
        }
    }

    fn text(&mut self, text: &'a str, path: &str) -> Option<Block<'a>> {
        if !self.own && text.trim().is_empty() {
            if !text.is_empty() {
                self.lose(path, "blank text is refused there");
            }
            return None;
        }
        Some(Block::Text(Cow::Borrowed(text)))
    }

    /// Notes where a name or an id had to be made to fit.
    fn fit(&mut self, said: Cow<'a, str>, given: &str, path: &str) -> Cow<'a, str> {
        if said != given {
            self.losses
                .push(Loss::mapped(path, format!("`{given}` is called `{said}` there")));
        }
        said
    }

    fn media(&mut self, source: &'a Source, formats: Formats, path: &str) -> Option<Media<'a>> {
        match source {
            Source::Inline { media_type, data } => {
                let Some(format) = formats.format(media_type) else {
                    self.lose(path, format!("the format {media_type} is not known there"));
                    return None;
                };
                let data = std::str::from_utf8(data).unwrap_or_default();
                Some(Media {
                    format,
                    source: Place::Bytes(Cow::Borrowed(data)),
                })
            }
            Source::Url(uri) => match formats.of_file(uri).filter(|_| uri.starts_with("s3://")) {
                Some(format) => Some(Media {
                    format,
                    source: Place::S3Location { uri },
                }),
                None => {
                    self.lose(path, "media are fetched there from S3 alone");
                    None
                }
            },
            Source::File(_) | Source::Text(_) => {
                self.lose(path, "a file of another provider's");
                None
            }
        }
    }

    fn document(
        &mut self,
        source: &'a Source,
        name: Option<&str>,
        extras: &'a Extras,
        path: &str,
    ) -> Option<Block<'a>> {
        let find = |key: &str| extras.0.iter().find(|(name, _)| name == key).map(|(_, raw)| &**raw);
        if let Some(found) = find(SEARCH_RESULT).filter(|_| self.own) {
            return Some(Block::SearchResult(found));
        }
        let (format, source) = match source {
            Source::Text(text) if self.own => (None, Place::Text(text)),
            Source::Text(text) => (Some("txt"), Place::Bytes(Cow::Owned(STANDARD.encode(text)))),
            _ => {
                let Media { format, source } = self.media(source, DOCUMENTS, path)?;
                (Some(format), source)
            }
        };
        let name = match (self.own, name) {
            (true, Some(name)) => name.to_owned(),
            _ => {
                let (said, same) = self.names.name(name);
                if !same {
                    self.losses.push(Loss::mapped(
                        format!("{path}.name"),
                        format!("the document is called `{said}` there"),
                    ));
                }
                said
            }
        };
        // Anthropic has the same words, with the same meaning.
        let about = |key| find(key).filter(|_| self.own || self.model.maker == Maker::Claude);
        let said = ABOUT_DOCUMENTS.map(about);
        for (key, _) in &extras.0 {
            if !ABOUT_DOCUMENTS
                .iter()
                .zip(said)
                .any(|(about, said)| about == key && said.is_some())
            {
                self.losses
                    .push(Loss::dropped(format!("{path}.{key}"), "no counterpart"));
            }
        }
        let [citations, context] = said;
        Some(Block::Document(Document {
            format,
            name: Cow::Owned(name),
            source,
            citations,
            context,
        }))
    }

    /// A call's input, which must be an object.
    fn input(&mut self, arguments: &'a str, freeform: bool, path: &str) -> Cow<'a, RawValue> {
        let trimmed = arguments.trim();
        let json: Option<&'a RawValue> = serde_json::from_str(if trimmed.is_empty() { "{}" } else { trimmed }).ok();
        match json {
            Some(json) if self.own || (!freeform && json.get().starts_with('{')) => Cow::Borrowed(json),
            _ => {
                let note = "what is no object is the one text `input` of an object there";
                self.losses.push(Loss::emulated(format!("{path}.arguments"), note));
                wrapped(arguments)
            }
        }
    }

    fn result(&mut self, i: usize, result: &'a ToolResult, path: &str) -> Block<'a> {
        let tool_use_id = match self.own {
            true => Cow::Borrowed(&*result.id),
            false => words::id(&result.id),
        };
        let content = match self.kept(i, ".content") {
            Some(raw) => Content::Own(raw),
            None => Content::Blocks(self.answer(&result.parts, path)),
        };
        let status = match self.kept(i, ".status") {
            Some(raw) => Some(Cow::Borrowed(raw)),
            None if result.failed => RawValue::from_string("\"error\"".to_owned()).ok().map(Cow::Owned),
            None => None,
        };
        Block::ToolResult(Answer {
            tool_use_id,
            content,
            status,
        })
    }

    fn answer(&mut self, parts: &'a [Part], path: &str) -> Vec<Block<'a>> {
        let mut blocks = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let path = format!("{path}.content[{i}]");
            match part {
                Part::ToolUse(_) | Part::ToolResult(_) | Part::Reasoning(_) | Part::Audio { .. } => {
                    self.lose(&path, "not taken from a tool there");
                }
                // What a tool's answer cites has no place in it.
                Part::Text { text, .. } => blocks.extend(self.text(text, &path)),
                // An index that is no part's: nothing is kept of what is inside.
                other => blocks.extend(self.block(usize::MAX, other, &path)),
            }
        }
        blocks
    }

    /// Thinking goes back to its maker only; a model refuses what it has not signed.
    fn thought(&mut self, thought: &'a Reasoning, path: &str) -> Option<Block<'a>> {
        if let Some(data) = &thought.encrypted {
            let data = seal::may_go(data, DialectName::Bedrock, self.target, path, self.losses)?;
            return Some(Block::ReasoningContent(Thought::RedactedContent(Cow::Borrowed(data))));
        }
        let text = &*thought.text;
        match &thought.signature {
            Some(signature) => {
                let signature = seal::may_go(signature, DialectName::Bedrock, self.target, path, self.losses)?;
                let signature = Some(Cow::Borrowed(signature));
                Some(Block::ReasoningContent(Thought::ReasoningText { text, signature }))
            }
            None if self.own => Some(Block::ReasoningContent(Thought::ReasoningText {
                text,
                signature: None,
            })),
            None => {
                self.lose(path, "thinking that nobody signed is not taken back there");
                None
            }
        }
    }
}

/// A text as the object that a call's input must be.
pub(super) fn wrapped<'a>(text: &str) -> Cow<'a, RawValue> {
    let json = RawValue::from_string(freeform::wrap(text));
    Cow::Owned(json.expect("an object with one quoted text is JSON"))
}

/// A mark, where the model has a cache and there is something before it.
pub(super) fn point<'a>(
    mark: &'a CacheMark,
    own: bool,
    model: Model<'_>,
    after: bool,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Option<CachePoint<'a>> {
    let mut point = CachePoint::of(mark);
    if own {
        return Some(point);
    }
    let field = format!("{path}.cache_control");
    if !model.caches() || !after {
        losses.push(Loss::dropped(field, "this model has no cache that can be asked for"));
        return None;
    }
    match point.ttl {
        Some("1h") if !model.caches_for_an_hour() => {
            losses.push(Loss::emulated(field, "for as long as this model does: five minutes"));
            point.ttl = None;
        }
        Some("5m" | "1h") | None => {}
        Some(other) => {
            losses.push(Loss::emulated(
                field,
                format!("`{other}` is not known there: for five minutes"),
            ));
            point.ttl = None;
        }
    }
    Some(point)
}
