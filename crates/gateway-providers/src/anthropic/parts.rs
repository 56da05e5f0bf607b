//! The parts of a message as content blocks of a request.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gateway_types::chat::{Citation, Opaque, Part, Reasoning, Role as Speaker, Source as Place, ToolResult, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, ErrorKind};
use serde_json::value::RawValue;

use super::blocks::SEARCH_RESULT;
use super::kept::{Kept, put};
use super::wire::{Block, CacheControl, Content, Own, Source};
use crate::target::Target;
use crate::{freeform, json, seal};

/// Says parts.
pub(super) struct Writer<'l> {
    /// Where the message stands.
    pub(super) path: String,
    pub(super) role: Speaker,
    /// Whether the request is in this dialect, so that everything is said as it was.
    pub(super) own: bool,
    pub(super) target: &'l Target,
    pub(super) losses: &'l mut Vec<Loss>,
    /// Whether files are named that are stored at the provider.
    pub(super) files: bool,
    /// Whether thinking had to be left out.
    pub(super) forgot: bool,
}

impl Writer<'_> {
    /// Says the parts that stand at that path of the message.
    pub(super) fn blocks<'a>(
        &mut self,
        parts: &'a [Part],
        at: &str,
        kept: &mut Kept<'a>,
    ) -> Result<Vec<Block<'a>>, Error> {
        let mut blocks = Vec::with_capacity(parts.len());
        for (i, part) in parts.iter().enumerate() {
            let at = format!("{at}[{i}]");
            let path = format!("{}.{at}", self.path);
            if self.role == Speaker::System && !self.own && !matches!(part, Part::Text { .. }) {
                self.drop(path, "the system prompt is text only");
                continue;
            }
            let mut inside = kept.under(&at);
            let Some(block) = self.block(part, &path, &mut inside)? else {
                continue;
            };
            blocks.push(match inside.is_empty() {
                true => block,
                false => self.with(block, inside.rest(), path),
            });
        }
        Ok(blocks)
    }

    /// A block with members that no word covers.
    fn with<'a>(
        &mut self,
        block: Block<'a>,
        members: impl Iterator<Item = (&'a str, &'a RawValue)>,
        path: String,
    ) -> Block<'a> {
        let json = || {
            let bytes = Bytes::from(json::to_vec(&block).ok()?);
            let text = String::from_utf8(put(&bytes, members)?.to_vec()).ok()?;
            RawValue::from_string(text).ok()
        };
        match json() {
            Some(json) => Block::Own(Own {
                answers: block.answers(),
                thinks: block.thinks(),
                json: Cow::Owned(json),
            }),
            None => {
                self.drop(path, "members of it cannot be put back where they stood");
                block
            }
        }
    }

    fn block<'a>(&mut self, part: &'a Part, path: &str, kept: &mut Kept<'a>) -> Result<Option<Block<'a>>, Error> {
        Ok(match part {
            Part::Text {
                text,
                cache,
                citations,
                signature,
            } => {
                let _ = signature.as_ref().and_then(|signature| self.may_go(signature, path));
                let citations = self.citations(citations, path);
                // The API refuses empty text.
                (self.own || !text.is_empty()).then(|| Block::Text {
                    text: Cow::Borrowed(text.as_str()),
                    citations,
                    cache_control: CacheControl::of(cache.as_ref(), self.own),
                })
            }
            Part::Image { source, detail, cache } => {
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.drop(format!("{path}.detail"), "no counterpart");
                }
                let source = self.image(source, path)?;
                Some(Block::Image {
                    source,
                    cache_control: CacheControl::of(cache.as_ref(), self.own),
                })
            }
            Part::Document { .. } => Some(self.document(part, path)?),
            Part::Audio { transcript, .. } => Some(self.audio(transcript.as_deref(), path)?),
            Part::Video { .. } => {
                self.drop(path.to_owned(), "this model sees no films");
                None
            }
            Part::Refusal(text) => {
                self.losses.push(Loss::mapped(path, "the refusal is sent as text"));
                (!text.is_empty()).then(|| Block::plain(text))
            }
            Part::Reasoning(reasoning) => {
                let said = self.reasoning(reasoning, path);
                self.forgot |= said.is_none();
                said
            }
            Part::ToolUse(tool) => Some(self.tool_use(tool, path)?),
            Part::ToolResult(result) => Some(self.tool_result(result, path, kept)?),
            Part::Other(verbatim) if verbatim.dialect == DialectName::Anthropic => Some(Block::Own(Own {
                json: Cow::Borrowed(&*verbatim.json),
                answers: false,
                thinks: false,
            })),
            Part::Other(_) => {
                self.drop(path.to_owned(), "no counterpart");
                None
            }
        })
    }

    /// Citations of this dialect go back with their text; the API refuses others.
    fn citations<'a>(&mut self, citations: &'a [Citation], path: &str) -> Vec<&'a RawValue> {
        let own = |citation: &&Citation| citation.verbatim.dialect == DialectName::Anthropic;
        let said: Vec<&RawValue> = citations
            .iter()
            .filter(own)
            .map(|citation| &*citation.verbatim.json)
            .collect();
        if said.len() < citations.len() {
            self.drop(format!("{path}.citations"), "only its own citations go back");
        }
        said
    }

    fn image<'a>(&mut self, source: &'a Place, path: &str) -> Result<Source<'a>, Error> {
        match source {
            Place::Inline { media_type, data } => Ok(Source::Base64 {
                media_type,
                data: base64_text(data, path)?,
            }),
            Place::Url(url) => Ok(Source::Url { url }),
            Place::File(id) => self.file(id, path),
            Place::Text(_) => Err(Error::invalid(path, "an image must be base64 data or a URL, not text")),
        }
    }

    /// A document with its further members, which only this dialect knows.
    fn document<'a>(&mut self, part: &'a Part, path: &str) -> Result<Block<'a>, Error> {
        let Part::Document {
            source,
            name,
            cache,
            extras,
        } = part
        else {
            return Err(Error::new(ErrorKind::Internal, "a part that is no document"));
        };
        if self.own
            && let Some((_, whole)) = extras.0.iter().find(|(key, _)| key == SEARCH_RESULT)
        {
            return Ok(Block::Own(Own {
                json: Cow::Borrowed(&**whole),
                answers: false,
                thinks: false,
            }));
        }
        let block = Block::Document {
            source: self.document_source(source, path)?,
            title: name.as_deref(),
            cache_control: CacheControl::of(cache.as_ref(), self.own),
        };
        let members = extras.0.iter().map(|(key, value)| (key.as_str(), &**value));
        if self.own && !extras.0.is_empty() {
            return Ok(self.with(block, members, path.to_owned()));
        }
        for (key, _) in members {
            self.drop(format!("{path}.{key}"), "no counterpart");
        }
        Ok(block)
    }

    fn document_source<'a>(&mut self, source: &'a Place, path: &str) -> Result<Source<'a>, Error> {
        match source {
            Place::Inline { media_type, data } if self.own || media_type == "application/pdf" => Ok(Source::Base64 {
                media_type,
                data: base64_text(data, path)?,
            }),
            Place::Inline { media_type, data } => match plain_text(media_type, data) {
                Some(text) => {
                    self.losses.push(Loss::mapped(path, "sent as plain text"));
                    Ok(Source::text(text))
                }
                None => {
                    let message = format!("a document must be application/pdf or text, not `{media_type}`");
                    Err(Error::invalid(path, message))
                }
            },
            Place::Url(url) => Ok(Source::Url { url }),
            Place::File(id) => self.file(id, path),
            Place::Text(text) => Ok(Source::text(text)),
        }
    }

    /// Only the provider's own ids mean anything there; they begin with `file_`.
    fn file<'a>(&mut self, id: &'a str, path: &str) -> Result<Source<'a>, Error> {
        if !self.own && !id.starts_with("file_") {
            let message =
                format!("the file `{id}` is not stored at the provider that serves this model; send its content");
            return Err(Error::invalid(path, message));
        }
        self.files = true;
        Ok(Source::File { file_id: id })
    }

    fn audio<'a>(&mut self, transcript: Option<&'a str>, path: &str) -> Result<Block<'a>, Error> {
        match transcript.filter(|transcript| !transcript.is_empty()) {
            Some(transcript) => {
                self.losses
                    .push(Loss::emulated(path, "the transcript is sent in place of the sound"));
                Ok(Block::plain(transcript))
            }
            None => {
                let message = "this model takes no audio; send text, images or documents";
                Err(Error::invalid(path, message))
            }
        }
    }

    fn reasoning<'a>(&mut self, reasoning: &'a Reasoning, path: &str) -> Option<Block<'a>> {
        if let Some(data) = &reasoning.encrypted {
            let data = self.may_go(data, path)?;
            return Some(Block::RedactedThinking { data });
        }
        if let Some(signature) = &reasoning.signature {
            let signature = self.may_go(signature, path)?;
            return Some(Block::Thinking {
                thinking: &reasoning.text,
                signature,
            });
        }
        self.drop(path.to_owned(), "thinking without its signature is refused there");
        None
    }

    fn may_go<'a>(&mut self, opaque: &'a Opaque, path: &str) -> Option<&'a str> {
        seal::may_go(opaque, DialectName::Anthropic, self.target, path, self.losses)
    }

    fn tool_use<'a>(&mut self, tool: &'a ToolUse, path: &str) -> Result<Block<'a>, Error> {
        let _ = tool
            .signature
            .as_ref()
            .and_then(|signature| self.may_go(signature, path));
        let input = match arguments(tool) {
            Some(input) => input,
            None if tool.freeform => Cow::Owned(raw(freeform::wrap(&tool.arguments))?),
            None => {
                let note = "the arguments are no JSON object; sent as {\"arguments\": text}";
                self.losses.push(Loss::emulated(format!("{path}.arguments"), note));
                Cow::Owned(raw(serde_json::json!({"arguments": tool.arguments}).to_string())?)
            }
        };
        let block = Block::ToolUse {
            id: self.tool_id(&tool.id, path),
            name: &tool.name,
            input,
            cache_control: CacheControl::of(tool.cache.as_ref(), self.own),
        };
        let members = tool.extras.0.iter().map(|(key, value)| (key.as_str(), &**value));
        if self.own && !tool.extras.0.is_empty() {
            return Ok(self.with(block, members, path.to_owned()));
        }
        for (key, _) in members {
            self.drop(format!("{path}.{key}"), "no counterpart");
        }
        Ok(block)
    }

    fn tool_result<'a>(&mut self, result: &'a ToolResult, path: &str, kept: &mut Kept<'a>) -> Result<Block<'a>, Error> {
        let outer = std::mem::replace(&mut self.path, path.to_owned());
        let blocks = self.blocks(&result.parts, "content", kept);
        self.path = outer;
        let blocks = blocks?;
        Ok(Block::ToolResult {
            tool_use_id: self.tool_id(&result.id, path),
            content: (!blocks.is_empty()).then(|| Content::of(blocks)),
            is_error: result.failed,
            cache_control: CacheControl::of(result.cache.as_ref(), self.own),
        })
    }

    /// Ids made elsewhere may hold characters that the API refuses; a use and its result change alike.
    fn tool_id<'a>(&mut self, id: &'a str, path: &str) -> Cow<'a, str> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if id.chars().all(fine) {
            return Cow::Borrowed(id);
        }
        let note = "only letters, digits, `_` and `-` are taken in the id of a tool's use";
        self.losses.push(Loss::mapped(format!("{path}.id"), note));
        Cow::Owned(id.chars().map(|c| if fine(c) { c } else { '_' }).collect())
    }

    fn drop(&mut self, field: String, note: &'static str) {
        self.losses.push(Loss::dropped(field, note));
    }
}

fn base64_text<'a>(data: &'a [u8], path: &str) -> Result<&'a str, Error> {
    std::str::from_utf8(data).map_err(|_| Error::invalid(path, "the data must be base64 text"))
}

/// What a file of text says.
fn plain_text(media_type: &str, data: &[u8]) -> Option<String> {
    let is_text = media_type.starts_with("text/") || matches!(media_type, "application/json" | "application/xml");
    String::from_utf8(STANDARD.decode(data).ok()?).ok().filter(|_| is_text)
}

/// The arguments as the object that they are, verbatim.
fn arguments(tool: &ToolUse) -> Option<Cow<'_, RawValue>> {
    if tool.freeform {
        return None;
    }
    if tool.arguments.trim().is_empty() {
        return RawValue::from_string("{}".to_owned()).ok().map(Cow::Owned);
    }
    let raw: &RawValue = serde_json::from_str(&tool.arguments).ok()?;
    raw.get().starts_with('{').then_some(Cow::Borrowed(raw))
}

/// A piece of JSON.
fn raw(text: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}
