//! The conversation: system text apart, and turns of user and assistant that alternate.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Message, Part, Role as Speaker};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::kept::{Kept, put};
use super::model::Abilities;
use super::parts::Writer;
use super::wire::{Block, Content, Role, Turn};
use crate::json;
use crate::target::{Site, Target};

/// A conversation in the API's form.
#[derive(Debug, Default)]
pub(super) struct Conversation<'a> {
    /// What the operator says beforehand.
    pub(super) system: Vec<Block<'a>>,
    /// The turns.
    turns: Vec<Open<'a>>,
    /// Whether it names files that are stored at the provider.
    pub(super) files: bool,
    /// Whether thinking had to be left out.
    forgot: bool,
}

/// A turn that may still grow.
#[derive(Debug)]
struct Open<'a> {
    role: Role,
    blocks: Vec<Block<'a>>,
    /// Members of the message that no word covers.
    kept: Kept<'a>,
}

/// Says the messages of a request of that dialect.
pub(super) fn converse<'a>(
    messages: &'a [Message],
    dialect: DialectName,
    able: Abilities,
    target: &Target,
    losses: &mut Vec<Loss>,
) -> Result<Conversation<'a>, Error> {
    let own = dialect == DialectName::Anthropic;
    // The clouds do not hear the operator between the turns.
    let interjections = able.interjections && target.site == Site::Plain;
    let mut said = Conversation::default();
    for (at, message) in messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        let mut kept = if own {
            Kept::of(&message.extras)
        } else {
            Kept::nothing()
        };
        let mut writer = Writer {
            path,
            role: message.role,
            own,
            target,
            losses,
            files: false,
            forgot: false,
        };
        let blocks = writer.blocks(&message.parts, "content", &mut kept)?;
        said.files |= writer.files;
        said.forgot |= writer.forgot;
        let path = writer.path;
        if own {
            said.repeat(message.role, blocks, kept);
            continue;
        }
        unsaid(message, &path, losses);
        if blocks.is_empty() {
            losses.push(Loss::dropped(path, "nothing in it that can be said there"));
            continue;
        }
        match message.role {
            Speaker::System if interjections && said.user_has_spoken(&messages[at + 1..]) => {
                said.take(Role::System, blocks);
            }
            Speaker::System => {
                if !said.turns.is_empty() {
                    let note = "moved to the system prompt, which stands before the conversation";
                    losses.push(Loss::mapped(path, note));
                }
                said.system.extend(blocks);
            }
            Speaker::User => said.take(Role::User, blocks),
            Speaker::Assistant => said.take(Role::Assistant, blocks),
        }
    }
    if !own {
        said.complete(losses)?;
    }
    Ok(said)
}

/// Reports what else stands in a message of another dialect.
fn unsaid(message: &Message, path: &str, losses: &mut Vec<Loss>) {
    // A tool's name is said by its call.
    let is_result = message.parts.iter().all(|part| matches!(part, Part::ToolResult(_)));
    if message.name.is_some() && !is_result {
        losses.push(Loss::dropped(format!("{path}.name"), "speakers have no names there"));
    }
    for (key, _) in &message.extras.0 {
        losses.push(Loss::dropped(format!("{path}.{key}"), "no counterpart"));
    }
}

impl<'a> Conversation<'a> {
    /// Adds a message of this dialect as it was.
    fn repeat(&mut self, role: Speaker, blocks: Vec<Block<'a>>, kept: Kept<'a>) {
        let role = match role {
            // The API takes no turn of the operator's at the beginning, so that what stands there was the system prompt.
            Speaker::System if self.turns.is_empty() => return self.system.extend(blocks),
            Speaker::System => Role::System,
            Speaker::User => Role::User,
            Speaker::Assistant => Role::Assistant,
        };
        // A turn of which nothing can be said is left out: the API refuses an empty one.
        if !blocks.is_empty() || role == Role::System {
            self.turns.push(Open { role, blocks, kept });
        }
    }

    /// Adds blocks to the open turn, or opens one where the other side spoke last.
    fn take(&mut self, role: Role, blocks: Vec<Block<'a>>) {
        match self.turns.last_mut() {
            Some(open) if open.role == role => open.blocks.extend(blocks),
            _ => self.turns.push(Open {
                role,
                blocks,
                kept: Kept::nothing(),
            }),
        }
    }

    /// Whether the operator can be heard here: after the user, and before the model or at the end.
    fn user_has_spoken(&self, following: &[Message]) -> bool {
        let last = self.turns.last().map(|turn| turn.role);
        let next = following.iter().find(|message| message.role != Speaker::System);
        matches!(last, Some(Role::User | Role::System)) && next.is_none_or(|message| message.role == Speaker::Assistant)
    }

    /// Brings turns into the order that the API asks for, and makes sure that there is one.
    fn complete(&mut self, losses: &mut Vec<Loss>) -> Result<(), Error> {
        for turn in self.turns.iter_mut().filter(|turn| turn.role == Role::User) {
            turn.blocks.sort_by_key(|block| !block.answers());
        }
        if self.turns.is_empty() {
            if self.system.is_empty() {
                let message = "messages must hold at least one message with content";
                return Err(Error::invalid("messages", message));
            }
            let note = "the system messages are sent as the user's, since a user must speak";
            losses.push(Loss::mapped("messages", note));
            let system = std::mem::take(&mut self.system);
            self.take(Role::User, system);
        }
        if let Some(Open {
            role: Role::Assistant,
            blocks,
            ..
        }) = self.turns.last_mut()
            && let Some(Block::Text { text, .. }) = blocks.last_mut()
        {
            // The API refuses a prefilled answer that ends in white space.
            *text = Cow::Owned(text.trim_end().to_owned());
        }
        Ok(())
    }

    /// Whether the model's last turn asked for tools, and whether it opened with its thinking. Of a request in this dialect
    /// only where thinking was left out here: else the API is to judge it.
    pub(super) fn resumes_without_thinking(&self, own: bool) -> bool {
        let answers_tools = self
            .turns
            .last()
            .is_some_and(|turn| turn.role == Role::User && turn.blocks.first().is_some_and(Block::answers));
        let asked = self.turns.iter().rev().find(|turn| turn.role == Role::Assistant);
        let unthinking = |turn: &Open<'_>| turn.blocks.first().is_none_or(|block| !block.thinks());
        answers_tools && asked.is_some_and(unthinking) && (self.forgot || !own)
    }

    /// The turns as they are written.
    pub(super) fn turns(&mut self, losses: &mut Vec<Loss>) -> Vec<Turn<'a>> {
        let turns = std::mem::take(&mut self.turns);
        turns.into_iter().map(|turn| turn.said(losses)).collect()
    }

    /// The system prompt: blocks where anything hangs on one, else one text.
    pub(super) fn system(&mut self, own: bool) -> Option<Content<'a>> {
        let blocks = std::mem::take(&mut self.system);
        if blocks.is_empty() {
            return None;
        }
        let texts: Option<Vec<&str>> = blocks.iter().map(text_alone).collect();
        match texts {
            Some(texts) if texts.len() > 1 && !own => Some(Content::Text(Cow::Owned(texts.join("\n\n")))),
            _ => Some(Content::of(blocks)),
        }
    }
}

impl<'a> Open<'a> {
    fn said(self, losses: &mut Vec<Loss>) -> Turn<'a> {
        let turn = Turn::Said {
            role: self.role,
            content: (!self.blocks.is_empty()).then(|| Content::of(self.blocks)),
        };
        if self.kept.is_empty() {
            return turn;
        }
        let with = || {
            let bytes = Bytes::from(json::to_vec(&turn).ok()?);
            let text = String::from_utf8(put(&bytes, self.kept.rest())?.to_vec()).ok()?;
            RawValue::from_string(text).ok()
        };
        match with() {
            Some(json) => Turn::Own(json),
            None => {
                let note = "members of a message cannot be put back where they stood";
                losses.push(Loss::dropped("messages", note));
                turn
            }
        }
    }
}

/// The text of a block of which nothing else is said.
fn text_alone<'b>(block: &'b Block<'_>) -> Option<&'b str> {
    match block {
        Block::Text {
            text,
            citations,
            cache_control: None,
        } if citations.is_empty() => Some(text),
        _ => None,
    }
}
