//! The conversation: system text apart, and turns of user and assistant that alternate.

use std::borrow::Cow;

use gateway_types::{DialectName, Error};
use gateway_types::chat::{Message, Opaque, Part, Reasoning, Role as Speaker, Source as Place, ToolResult, ToolUse};
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::wire::{Block, CacheControl, Content, Role, Source, Turn};
use crate::seal;
use crate::target::Target;

/// A conversation in the API's form.
#[derive(Debug, Default)]
pub(super) struct Conversation<'a> {
    /// What the operator says: text blocks only.
    pub(super) system: Vec<Block<'a>>,
    /// The turns.
    pub(super) turns: Vec<(Role, Vec<Block<'a>>)>,
    /// Whether it names files that are stored at the provider.
    pub(super) files: bool,
}

/// Says the messages of a request.
pub(super) fn converse<'a>(messages: &'a [Message], target: &Target, losses: &mut Vec<Loss>) -> Result<Conversation<'a>, Error> {
    let mut said = Conversation::default();
    for (at, message) in messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        // A tool's name is said by its call.
        let is_result = message.parts.iter().all(|part| matches!(part, Part::ToolResult(_)));
        if message.name.is_some() && !is_result {
            losses.push(Loss::dropped(format!("{path}.name"), "speakers have no names there"));
        }
        for (key, _) in &message.extras.0 {
            losses.push(Loss::dropped(format!("{path}.{key}"), "no counterpart"));
        }
        let mut writer = Writer {
            path,
            role: message.role,
            files: false,
            target,
            losses,
        };
        let blocks = writer.blocks(&message.parts)?;
        said.files |= writer.files;
        if blocks.is_empty() {
            losses.push(Loss::dropped(
                format!("messages[{at}]"),
                "nothing in it that can be said there",
            ));
            continue;
        }
        match message.role {
            Speaker::System => {
                if !said.turns.is_empty() {
                    let note = "moved to the system prompt, which stands before the conversation";
                    losses.push(Loss::mapped(format!("messages[{at}]"), note));
                }
                said.system.extend(blocks);
            }
            Speaker::User => said.take(Role::User, blocks),
            Speaker::Assistant => said.take(Role::Assistant, blocks),
        }
    }
    said.complete(losses)
}

impl<'a> Conversation<'a> {
    /// Adds blocks to the open turn, or opens one where the other side spoke last.
    fn take(&mut self, role: Role, blocks: Vec<Block<'a>>) {
        match self.turns.last_mut() {
            Some((last, open)) if *last == role => open.extend(blocks),
            _ => self.turns.push((role, blocks)),
        }
    }

    /// Brings turns into the order that the API asks for, and makes sure that there is one.
    fn complete(mut self, losses: &mut Vec<Loss>) -> Result<Self, Error> {
        for (role, blocks) in &mut self.turns {
            if *role == Role::User {
                blocks.sort_by_key(|block| !matches!(block, Block::ToolResult { .. }));
            }
        }
        if self.turns.is_empty() {
            if self.system.is_empty() {
                return Err(Error::invalid(
                    "messages",
                    "messages must hold at least one message with content",
                ));
            }
            losses.push(Loss::mapped(
                "messages",
                "the system messages are sent as the user's, since a user must speak",
            ));
            self.turns.push((Role::User, std::mem::take(&mut self.system)));
        }
        if let Some((Role::Assistant, blocks)) = self.turns.last_mut()
            && let Some(Block::Text { text, .. }) = blocks.last_mut()
        {
            // The API refuses a prefilled answer that ends in white space.
            *text = Cow::Owned(text.trim_end().to_owned());
        }
        Ok(self)
    }

    /// The system prompt: blocks where a mark hangs on one, else one text.
    pub(super) fn system(blocks: Vec<Block<'a>>) -> Option<Content<'a>> {
        if blocks.is_empty() {
            return None;
        }
        if blocks.len() == 1
            || blocks.iter().any(|block| {
                !matches!(
                    block,
                    Block::Text {
                        cache_control: None,
                        ..
                    }
                )
            })
        {
            return Some(Content::of(blocks));
        }
        let texts: Vec<&str> = blocks.iter().filter_map(text_of).collect();
        Some(Content::Text(Cow::Owned(texts.join("\n\n"))))
    }

    /// Whether the model's last turn asked for tools, and whether it opened with its thinking.
    pub(super) fn resumes_without_thinking(&self) -> bool {
        let answers_tools = self.turns.last().is_some_and(|(role, blocks)| {
            *role == Role::User && matches!(blocks.first(), Some(Block::ToolResult { .. }))
        });
        let asked = self.turns.iter().rev().find(|(role, _)| *role == Role::Assistant);
        answers_tools
            && asked.is_some_and(|(_, blocks)| {
                !matches!(
                    blocks.first(),
                    Some(Block::Thinking { .. } | Block::RedactedThinking { .. })
                )
            })
    }
}

/// The turns as they are written.
pub(super) fn turns<'a>(turns: Vec<(Role, Vec<Block<'a>>)>) -> Vec<Turn<'a>> {
    turns
        .into_iter()
        .map(|(role, blocks)| Turn {
            role,
            content: Content::of(blocks),
        })
        .collect()
}

fn text_of<'b>(block: &'b Block<'_>) -> Option<&'b str> {
    match block {
        Block::Text { text, .. } => Some(text),
        _ => None,
    }
}

/// Writes the parts of one message.
struct Writer<'l> {
    path: String,
    role: Speaker,
    files: bool,
    target: &'l Target,
    losses: &'l mut Vec<Loss>,
}

impl Writer<'_> {
    fn blocks<'a>(&mut self, parts: &'a [Part]) -> Result<Vec<Block<'a>>, Error> {
        let mut blocks = Vec::with_capacity(parts.len());
        for (at, part) in parts.iter().enumerate() {
            let path = format!("{}.content[{at}]", self.path);
            if self.role == Speaker::System && !matches!(part, Part::Text { .. }) {
                self.losses.push(Loss::dropped(path, "the system prompt is text only"));
                continue;
            }
            blocks.extend(self.block(part, &path)?);
        }
        Ok(blocks)
    }

    fn block<'a>(&mut self, part: &'a Part, path: &str) -> Result<Option<Block<'a>>, Error> {
        Ok(match part {
            Part::Text { text, cache, citations, signature } => {
                if signature.is_some() {
                    self.drop(format!("{path}.signature"), "text is not signed there");
                }
                if !citations.is_empty() {
                    self.drop(format!("{path}.citations"), "sources are not sent back");
                }
                // The API refuses empty text.
                (!text.is_empty()).then(|| Block::Text {
                    text: Cow::Borrowed(text.as_str()),
                    cache_control: CacheControl::of(cache.as_ref()),
                })
            }
            Part::Image { source, detail, cache } => {
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.drop(format!("{path}.detail"), "no counterpart");
                }
                let source = self.image(source, path)?;
                Some(Block::Image {
                    source,
                    cache_control: CacheControl::of(cache.as_ref()),
                })
            }
            Part::Document { source, name, cache, extras } => {
                for (key, _) in &extras.0 {
                    self.drop(format!("{path}.{key}"), "no counterpart");
                }
                let source = self.document(source, path)?;
                let cache_control = CacheControl::of(cache.as_ref());
                Some(Block::Document {
                    source,
                    title: name.as_deref(),
                    cache_control,
                })
            }
            Part::Audio {
                transcript: Some(transcript),
                ..
            } if !transcript.is_empty() => {
                self.losses
                    .push(Loss::emulated(path, "the transcript is sent in place of the sound"));
                Some(plain(transcript))
            }
            Part::Audio { .. } => {
                return Err(Error::invalid(
                    path,
                    "this model takes no audio; send text, images or documents",
                ));
            }
            Part::Video { .. } => {
                self.drop(path.to_owned(), "no counterpart");
                None
            }
            Part::Refusal(text) => {
                self.losses.push(Loss::mapped(path, "the refusal is sent as text"));
                (!text.is_empty()).then(|| plain(text))
            }
            Part::Reasoning(reasoning) => self.reasoning(reasoning, path),
            Part::ToolUse(tool) => Some(self.tool_use(tool, path)?),
            Part::ToolResult(result) => Some(self.tool_result(result, path)?),
            Part::Other(_) => {
                self.drop(path.to_owned(), "no counterpart");
                None
            }
        })
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

    fn document<'a>(&mut self, source: &'a Place, path: &str) -> Result<Source<'a>, Error> {
        match source {
            Place::Inline { media_type, data } if media_type == "application/pdf" => Ok(Source::Base64 {
                media_type,
                data: base64_text(data, path)?,
            }),
            Place::Inline { media_type, .. } => {
                let message = format!("a document must be application/pdf or plain text, not `{media_type}`");
                Err(Error::invalid(path, message))
            }
            Place::Url(url) => Ok(Source::Url { url }),
            Place::File(id) => self.file(id, path),
            Place::Text(text) => Ok(Source::Text {
                media_type: "text/plain",
                data: text,
            }),
        }
    }

    /// Only the provider's own ids mean anything there; they begin with `file_`.
    fn file<'a>(&mut self, id: &'a str, path: &str) -> Result<Source<'a>, Error> {
        if !id.starts_with("file_") {
            let message =
                format!("the file `{id}` is not stored at the provider that serves this model; send its content");
            return Err(Error::invalid(path, message));
        }
        self.files = true;
        Ok(Source::File { file_id: id })
    }

    fn reasoning<'a>(&mut self, reasoning: &'a Reasoning, path: &str) -> Option<Block<'a>> {
        if let Some(data) = &reasoning.encrypted {
            return self.may_go(data, path).map(|data| Block::RedactedThinking { data });
        }
        if let Some(signature) = &reasoning.signature {
            return self.may_go(signature, path).map(|signature| Block::Thinking {
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
        for (key, _) in &tool.extras.0 {
            self.drop(format!("{path}.{key}"), "no counterpart");
        }
        let input = match arguments(&tool.arguments) {
            Some(input) => input,
            None => {
                self.losses.push(Loss::emulated(
                    format!("{path}.arguments"),
                    "the arguments are no JSON object; sent as {\"arguments\": text}",
                ));
                Cow::Owned(wrapped(&tool.arguments)?)
            }
        };
        let cache_control = CacheControl::of(tool.cache.as_ref());
        Ok(Block::ToolUse {
            id: tool_id(&tool.id),
            name: &tool.name,
            input,
            cache_control,
        })
    }

    fn tool_result<'a>(&mut self, result: &'a ToolResult, path: &str) -> Result<Block<'a>, Error> {
        let outer = std::mem::replace(&mut self.path, path.to_owned());
        let blocks = self.blocks(&result.parts);
        self.path = outer;
        let blocks = blocks?;
        Ok(Block::ToolResult {
            tool_use_id: tool_id(&result.id),
            content: (!blocks.is_empty()).then(|| Content::of(blocks)),
            is_error: result.failed,
            cache_control: CacheControl::of(result.cache.as_ref()),
        })
    }

    fn drop(&mut self, field: String, note: &'static str) {
        self.losses.push(Loss::dropped(field, note));
    }
}

fn plain(text: &str) -> Block<'_> {
    Block::Text {
        text: Cow::Borrowed(text),
        cache_control: None,
    }
}

fn base64_text<'a>(data: &'a [u8], path: &str) -> Result<&'a str, Error> {
    std::str::from_utf8(data).map_err(|_| Error::invalid(path, "the data must be base64 text"))
}

/// The arguments as the object that they are, verbatim.
fn arguments(text: &str) -> Option<Cow<'_, RawValue>> {
    if text.trim().is_empty() {
        return serde_json::from_str::<Box<RawValue>>("{}").ok().map(Cow::Owned);
    }
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    raw.get().starts_with('{').then_some(Cow::Borrowed(raw))
}

fn wrapped(text: &str) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(&std::collections::BTreeMap::from([("arguments", text)]))
        .map_err(|error| Error::new(gateway_types::ErrorKind::Internal, error.to_string()))
}

/// Ids made elsewhere may hold characters that the API refuses; a use and its result change alike.
fn tool_id(id: &str) -> Cow<'_, str> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if id.chars().all(fine) {
        return Cow::Borrowed(id);
    }
    Cow::Owned(id.chars().map(|c| if fine(c) { c } else { '_' }).collect())
}
