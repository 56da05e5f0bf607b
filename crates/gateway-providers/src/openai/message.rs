//! A client's messages in the chat vocabulary.

use gateway_types::chat::{CacheMark, Extras, Message, Part, Reasoning, Role, Source, ToolResult, ToolUse};
use gateway_types::json::{Cursor, Kind};
use serde_json::value::RawValue;

use super::part::{content, image};
use super::thought::{brought, text_signature, thoughts};
use super::tools::{mark, own};
use super::wire;
use crate::json::{Fault, Take};
use crate::seal;

/// What stands in a message, whoever speaks.
#[derive(Default)]
struct Said {
    role: Option<String>,
    name: Option<String>,
    content: Vec<Part>,
    mark: Option<CacheMark>,
    /// The id of the call that a tool answers.
    answers: Option<String>,
    thinking: Thinking,
    /// What only an assistant says besides: refusals, pictures, sound, calls of tools.
    more: Vec<Part>,
    extras: Extras,
}

#[derive(Default)]
struct Thinking {
    details: Option<Box<RawValue>>,
    text: Option<String>,
}

/// Reads one message.
pub(super) fn message(at: &mut Cursor<'_>) -> Result<Message, Fault> {
    let mut said = Said::default();
    at.members(|key, at| said.member(key, at))?;
    said.finish()
}

impl Said {
    fn member(&mut self, key: &str, at: &mut Cursor<'_>) -> Result<(), Fault> {
        match key {
            "role" => self.role = Some(at.string()?),
            "name" => self.name = Some(at.string()?),
            "content" => self.content = content(at, &mut self.extras)?,
            "cache_control" => self.mark = Some(mark(at)?),
            "tool_call_id" => self.answers = Some(at.string()?),
            "reasoning_details" => self.thinking.details = Some(at.keep()?),
            // Some clients say the same thinking under both names.
            "reasoning_content" | "reasoning" if at.kind() == Some(Kind::String) => {
                self.thinking.text = Some(at.string()?);
            }
            "refusal" => self.more.push(Part::Refusal(at.string()?)),
            "tool_calls" => {
                let calls = at.items(tool_use)?;
                self.more.extend(calls.into_iter().map(Part::ToolUse));
            }
            "function_call" => self.more.push(Part::ToolUse(function_call(at)?)),
            "audio" => self.more.push(spoken(at)?),
            "images" => {
                let images = at.items(piece_image)?;
                self.more.extend(images);
            }
            _ => {
                let raw = at.keep()?;
                // Models that cite nothing say `"annotations": []`, and their clients say it again.
                if key != "annotations" || raw.get() != "[]" {
                    self.extras.0.push((key.to_owned(), raw));
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Message, Fault> {
        const ROLES: &str = "must be system, developer, user, assistant, tool or function";
        let role = self.role.take().ok_or_else(|| Fault::new("role", "is missing"))?;
        let mut name = self.name.take();
        let (role, mut parts) = match role.as_str() {
            "assistant" => (Role::Assistant, self.assistant()),
            "tool" => (Role::User, vec![self.result(None, &mut name)?]),
            "function" => (Role::User, vec![self.result(name.clone(), &mut name)?]),
            role => {
                let role = match role {
                    "system" | "developer" => Role::System,
                    "user" => Role::User,
                    _ => return Err(Fault::new("role", ROLES)),
                };
                if !self.more.is_empty() {
                    return Err(Fault::new("", "has what only an assistant's message may have"));
                }
                (role, std::mem::take(&mut self.content))
            }
        };
        if let (Some(mark), Some(last)) = (self.mark, parts.last_mut()) {
            put_mark(last, mark);
        }
        Ok(Message {
            role,
            name,
            parts,
            extras: self.extras,
        })
    }

    /// Thinking first, then what is said, then what is asked of tools: the order in which a model makes them.
    fn assistant(&mut self) -> Vec<Part> {
        let Thinking { details, text } = std::mem::take(&mut self.thinking);
        let thoughts = thoughts(details.as_deref(), text.unwrap_or_default(), &brought);
        let signed = self.content.iter_mut().rev().find_map(|part| match part {
            Part::Text { signature, .. } => Some(signature),
            _ => None,
        });
        if let Some(signature) = signed {
            *signature = text_signature(details.as_deref());
        }
        let mut parts: Vec<Part> = thoughts.into_iter().map(Part::Reasoning).collect();
        parts.append(&mut self.content);
        parts.append(&mut self.more);
        parts
    }

    fn result(&mut self, id: Option<String>, name: &mut Option<String>) -> Result<Part, Fault> {
        let id = self.answers.take().or(id);
        let id = id.ok_or_else(|| Fault::new("tool_call_id", "is missing"))?;
        Ok(Part::ToolResult(ToolResult {
            id: seal::from_id(&id).0.to_owned(),
            name: name.take(),
            parts: std::mem::take(&mut self.content),
            ..ToolResult::default()
        }))
    }
}

/// A mark on a whole message means the prefix up to its end.
fn put_mark(part: &mut Part, mark: CacheMark) {
    match part {
        Part::Text { cache, .. }
        | Part::Image { cache, .. }
        | Part::Document { cache, .. }
        | Part::Video { cache, .. }
        | Part::ToolUse(ToolUse { cache, .. })
        | Part::ToolResult(ToolResult { cache, .. }) => *cache = Some(mark),
        Part::Audio { .. } | Part::Reasoning(Reasoning { .. }) | Part::Refusal(_) | Part::Other(_) => {}
    }
}

/// Reads one call of a tool.
fn tool_use(at: &mut Cursor<'_>) -> Result<ToolUse, Fault> {
    let mut call = ToolUse::default();
    let mut named = false;
    at.members(|key, at| {
        match key {
            "id" => call.id = at.string()?,
            "function" | "custom" => {
                named = true;
                call.freeform = key == "custom";
                inside(at, &mut call)?;
            }
            "cache_control" => call.cache = Some(mark(at)?),
            // Google's signature, where its models are asked in this dialect.
            "extra_content" => call.signature = Some(brought(at.raw()?.to_owned())),
            "type" | "index" => {}
            _ => call.extras.0.push((key.to_owned(), at.keep()?)),
        }
        Ok(())
    })?;
    if call.id.is_empty() {
        return Err(Fault::new("id", "is missing"));
    }
    if !named {
        return Err(Fault::new("function", "is missing"));
    }
    let (id, signature) = seal::from_id(&call.id);
    call.signature = signature.or(call.signature);
    call.id = id.to_owned();
    Ok(call)
}

/// The name and the arguments of a call. Some clients send arguments as an object, which goes in its own spelling.
fn inside(at: &mut Cursor<'_>, call: &mut ToolUse) -> Result<(), Fault> {
    let mut name = None;
    at.members(|key, at| {
        match key {
            "name" => name = Some(at.string()?),
            "arguments" | "input" => {
                call.arguments = match at.kind() {
                    Some(Kind::String) => at.string()?,
                    _ => at.raw()?.to_owned(),
                };
            }
            _ => call.extras.0.push((format!("function.{key}"), at.keep()?)),
        }
        Ok(())
    })?;
    call.name = name.ok_or_else(|| Fault::new("name", "is missing"))?;
    Ok(())
}

/// The older word for a call, which has no id but its name.
fn function_call(at: &mut Cursor<'_>) -> Result<ToolUse, Fault> {
    let mut call = ToolUse::default();
    inside(at, &mut call)?;
    call.id.clone_from(&call.name);
    Ok(call)
}

/// What an assistant has said aloud, by its id; its sound is at the provider.
fn spoken(at: &mut Cursor<'_>) -> Result<Part, Fault> {
    let mut id = None;
    let (mut data, mut transcript) = (None, None);
    at.members(|key, at| {
        match key {
            "id" => id = Some(at.string()?),
            "data" => data = Some(at.string()?),
            "transcript" => transcript = Some(at.string()?),
            _ => {}
        }
        Ok(())
    })?;
    let source = match (id, data) {
        (Some(id), _) => Source::File(id),
        (None, Some(data)) => wire::sound(data),
        (None, None) => return Err(Fault::new("id", "is missing")),
    };
    Ok(Part::Audio { source, transcript })
}

/// A picture that a model has made, as OpenRouter's clients bring it back.
fn piece_image(at: &mut Cursor<'_>) -> Result<Part, Fault> {
    let raw = at.keep()?;
    let mut picture = None;
    Cursor::new(raw.get()).members(|key, at| {
        if key == "image_url" {
            picture = Some(image(at)?);
        }
        Ok(())
    })?;
    Ok(match picture {
        Some((source, detail)) => Part::Image {
            source,
            detail,
            cache: None,
        },
        None => Part::Other(own(raw)),
    })
}
