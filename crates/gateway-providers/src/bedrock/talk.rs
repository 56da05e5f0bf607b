//! The conversation, said: system blocks apart, and turns in the order that the API asks for.

use std::borrow::Cow;
use std::collections::HashSet;

use gateway_types::chat::{Message, Part, Role};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde::Serialize;

use super::model::{Maker, Model};
use super::say::Speech;
use super::wire::Block;
use super::words::Documents;
use crate::target::Target;

/// One turn.
#[derive(Debug, Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    pub(super) content: Vec<Block<'a>>,
}

/// A conversation in the API's form.
#[derive(Debug, Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
}

const USER: &str = "user";
const ASSISTANT: &str = "assistant";

/// Says the messages of a request; those that came in this dialect as they were.
pub(super) fn converse<'a>(
    messages: &'a [Message],
    dialect: DialectName,
    target: &'a Target,
    losses: &mut Vec<Loss>,
) -> Result<Conversation<'a>, Error> {
    let own = dialect == DialectName::Bedrock;
    let model = Model::of(target.family());
    let mut said = Conversation::default();
    let mut names = Documents::default();
    // Turns of one speaker are one, but where the client itself sent them apart.
    let mut joins = !own;
    for (at, message) in messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        note_extras(message, own, &path, losses);
        let mut blocks = Vec::new();
        let kept = message.extras.0.iter().filter(|_| own);
        let mut speech = Speech {
            kept: kept.map(|(key, raw)| (key.as_str(), &**raw)).collect(),
            own,
            model,
            target,
            names: &mut names,
            losses,
            path: &path,
        };
        for (i, part) in message.parts.iter().enumerate() {
            speech.part(i, part, &mut blocks);
        }
        // A turn that the client sent empty is the API's to refuse.
        let was_empty = own && message.parts.is_empty();
        if blocks.is_empty() && !was_empty {
            losses.push(Loss::dropped(path, "nothing in it that can be said there"));
            joins = true;
            continue;
        }
        said.take(message.role, blocks, (own, joins), path, losses);
        joins = !own;
    }
    if !own {
        said.complete(model, losses)?;
    }
    Ok(said)
}

/// What stands in a message besides its parts has no place there.
fn note_extras(message: &Message, own: bool, path: &str, losses: &mut Vec<Loss>) {
    // A tool's name is said by its call.
    let is_result = message.parts.iter().all(|part| matches!(part, Part::ToolResult(_)));
    if message.name.is_some() && !is_result {
        losses.push(Loss::dropped(format!("{path}.name"), "speakers have no names there"));
    }
    if !own {
        let extras = message.extras.0.iter();
        losses.extend(extras.map(|(key, _)| Loss::dropped(format!("{path}.{key}"), "no counterpart")));
    }
}

impl<'a> Conversation<'a> {
    /// Takes a message's blocks as a turn, or into the turn before it where it `joins` one of the same speaker.
    fn take(
        &mut self,
        role: Role,
        blocks: Vec<Block<'a>>,
        (own, joins): (bool, bool),
        path: String,
        losses: &mut Vec<Loss>,
    ) {
        let role = match role {
            Role::System if self.turns.is_empty() => {
                self.system.extend(blocks);
                return;
            }
            Role::System if own => "system",
            Role::System => {
                let note = "moved to the system prompt, which stands before the conversation";
                losses.push(Loss::mapped(path, note));
                self.system.extend(blocks);
                return;
            }
            Role::User => USER,
            Role::Assistant => ASSISTANT,
        };
        match self.turns.last_mut() {
            Some(open) if open.role == role && joins => open.content.extend(blocks),
            _ => self.turns.push(Turn { role, content: blocks }),
        }
    }

    /// Brings turns into the order that the API asks for, and makes sure that there is one.
    fn complete(&mut self, model: Model<'_>, losses: &mut Vec<Loss>) -> Result<(), Error> {
        for turn in self.turns.iter_mut().filter(|turn| turn.role == USER) {
            turn.content.sort_by_key(|block| !matches!(block, Block::ToolResult(_)));
        }
        self.part_results(model, losses);
        for turn in self.turns.iter_mut().filter(|turn| turn.role == USER) {
            describe_documents(&mut turn.content, losses);
        }
        if self.turns.is_empty() {
            if self.system.is_empty() {
                return Err(Error::invalid(
                    "messages",
                    "messages must hold at least one message with content",
                ));
            }
            let note = "the system messages are sent as the user's, since a user must speak";
            losses.push(Loss::mapped("messages", note));
            let content = std::mem::take(&mut self.system);
            self.turns.push(Turn { role: USER, content });
        }
        let opens = self.turns.first().is_some_and(|turn| turn.role == ASSISTANT);
        if opens && !may_open(model) {
            losses.push(Loss::emulated(
                "messages",
                "a user's turn is put before the model's, which cannot open there",
            ));
            let content = vec![Block::Text(Cow::Borrowed("(The conversation begins.)"))];
            self.turns.insert(0, Turn { role: USER, content });
        }
        if let Some(Turn {
            role: ASSISTANT,
            content,
        }) = self.turns.last_mut()
            && let Some(Block::Text(text)) = content.last_mut()
        {
            // Claude refuses a prefilled answer that ends in white space.
            *text = Cow::Owned(text.trim_end().to_owned());
        }
        Ok(())
    }

    /// Parts tools' results from what a model does not take beside them. Turns of one speaker would be one turn again, so a
    /// word of the model's stands between.
    fn part_results(&mut self, model: Model<'_>, losses: &mut Vec<Loss>) {
        let mut at = 0;
        while let Some(turn) = self.turns.get_mut(at) {
            at += 1;
            let results = turn
                .content
                .iter()
                .take_while(|block| matches!(block, Block::ToolResult(_)))
                .count();
            let marks = turn
                .content
                .iter()
                .skip(results)
                .take_while(|block| matches!(block, Block::CachePoint(_)))
                .count();
            let (_, others) = turn.content.split_at(results + marks);
            if results == 0 || others.iter().all(|block| model.takes_beside_results(block)) {
                continue;
            }
            losses.push(Loss::emulated(
                "messages",
                "a turn of the model's is put between a tool's result and what follows it",
            ));
            let content = turn.content.split_off(results + marks);
            let between = vec![Block::Text(Cow::Borrowed("."))];
            self.turns.splice(
                at..at,
                [
                    Turn {
                        role: ASSISTANT,
                        content: between,
                    },
                    Turn { role: USER, content },
                ],
            );
            at += 2;
        }
    }

    /// Whether the last turn answers a tool call that did not open with its thinking.
    pub(super) fn resumes_without_thinking(&self) -> bool {
        let answers = self.turns.last().is_some_and(|turn| {
            turn.role == USER && turn.content.iter().any(|block| matches!(block, Block::ToolResult(_)))
        });
        let asked = self.turns.iter().rev().find(|turn| turn.role == ASSISTANT);
        answers && asked.is_some_and(|turn| !matches!(turn.content.first(), Some(Block::ReasoningContent(_))))
    }

    /// The names of the tools that were called so far: with calls in the conversation, tools must be given.
    pub(super) fn called(&self) -> Vec<String> {
        let blocks = self.turns.iter().flat_map(|turn| &turn.content);
        let mut met = HashSet::new();
        let names = blocks.filter_map(|block| match block {
            Block::ToolUse(call) => Some(&*call.name),
            _ => None,
        });
        names.filter(|name| met.insert(*name)).map(str::to_owned).collect()
    }
}

/// Whether the model's turn may be the first.
fn may_open(model: Model<'_>) -> bool {
    let known = ["zai.", "moonshot"];
    matches!(model.maker, Maker::Claude | Maker::Qwen | Maker::Unknown)
        || known.iter().any(|beginning| model.bare.starts_with(beginning))
}

/// A document wants text beside it.
fn describe_documents(content: &mut Vec<Block<'_>>, losses: &mut Vec<Loss>) {
    let has_text = content.iter().any(|block| matches!(block, Block::Text(_)));
    let first = content.iter().position(|block| matches!(block, Block::Document(_)));
    if let (false, Some(at)) = (has_text, first) {
        losses.push(Loss::emulated(
            "messages",
            "a few words are put before a document, which cannot stand alone there",
        ));
        content.insert(at, Block::Text(Cow::Borrowed("(A document.)")));
    }
}
