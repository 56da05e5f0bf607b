//! A provider's stream as events.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::chat::{Citation, Event, Opaque, Part, PartStart};
use gateway_types::{DialectName, Error, ErrorKind};
use serde_json::value::RawValue;

use super::errors;
use super::message::thoughts;
use super::response::{content, finish, made_id};
use super::wire::{Answer, Choice, Message, ToolCall, text};
use crate::dialect::EventReader;
use crate::framing::sse::{Frame, Splitter};
use crate::seal;
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads chunks.
#[derive(Debug)]
pub(super) struct Reader {
    target: Target,
    splitter: Splitter,
    started: bool,
    choices: BTreeMap<u32, Heard>,
    over: bool,
}

/// What has been heard of one choice.
#[derive(Debug, Default)]
struct Heard {
    next: u32,
    open: Option<(Kind, u32)>,
    tools: Vec<Tool>,
    finished: bool,
}

/// A tool call that has begun.
#[derive(Debug)]
struct Tool {
    index: Option<u32>,
    id: String,
    part: u32,
}

/// The kind of the piece that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Refusal,
    Tool,
}

impl Reader {
    pub(super) fn new(target: &Target, _: Stamp) -> Self {
        Self {
            target: target.clone(),
            splitter: Splitter::default(),
            started: false,
            choices: BTreeMap::new(),
            over: false,
        }
    }

    fn frame(&mut self, frame: &Frame, events: &mut Vec<Event>) -> Result<(), Error> {
        let Some(data) = frame.data() else { return Ok(()) };
        let data = data.trim_ascii();
        if data.is_empty() || self.over {
            return Ok(());
        }
        if data == b"[DONE]" {
            self.end(events);
            return Ok(());
        }
        let answer = Answer::chunk(data)?;
        self.answer(&answer, events);
        if let Some(error) = answer.error {
            events.push(Event::Error(errors::inside(error, data)));
        }
        Ok(())
    }

    fn answer(&mut self, answer: &Answer<'_>, events: &mut Vec<Event>) {
        let choices = answer.choices.as_deref().unwrap_or_default();
        if !self.started && !choices.is_empty() && answer.error.is_none() {
            self.started = true;
            let (id, model) = (
                answer.id.clone().unwrap_or_default(),
                answer.model.clone().unwrap_or_default(),
            );
            events.push(Event::Start {
                id,
                model,
                created: answer.created,
            });
        }
        for (i, choice) in choices.iter().enumerate() {
            let index = choice.number(i);
            let heard = self.choices.entry(index).or_default();
            Listening {
                choice: index,
                target: &self.target,
                heard,
                events,
            }
            .hear(choice);
        }
        events.extend(answer.usage.map(|usage| Event::Usage(usage.classes())));
    }

    fn end(&mut self, events: &mut Vec<Event>) {
        self.over = true;
        events.push(Event::End);
    }
}

impl EventReader for Reader {
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        self.splitter.push(Bytes::copy_from_slice(bytes));
        loop {
            let frame = self.splitter.next_frame();
            match frame.map_err(|error| Error::new(ErrorKind::UpstreamFailed, error.to_string()))? {
                Some(frame) => self.frame(&frame, events)?,
                None => return Ok(()),
            }
        }
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        if let Some(rest) = self.splitter.rest() {
            match self.frame(&rest, events) {
                Err(error) if !self.started => return Err(error),
                // A frame that is not whole was cut off with the stream: whether that was over is told by what came before.
                Ok(()) | Err(_) => {}
            }
        }
        // Some servers never say [DONE]; an answer that has ended is over all the same.
        if !self.over && self.choices.values().any(|heard| heard.finished) {
            self.end(events);
        }
        Ok(())
    }
}

/// One choice being heard.
struct Listening<'a> {
    choice: u32,
    target: &'a Target,
    heard: &'a mut Heard,
    events: &'a mut Vec<Event>,
}

impl Listening<'_> {
    fn hear(&mut self, choice: &Choice<'_>) {
        if let Some(message) = choice.said() {
            self.message(message);
        }
        if let Some(said) = choice.text {
            self.say(Kind::Text, &text(said));
        }
        if let Some(word) = &choice.finish_reason
            && !std::mem::replace(&mut self.heard.finished, true)
        {
            self.close();
            self.events.push(Event::Finish {
                choice: self.choice,
                finish: finish(word),
            });
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        self.reasoning(message);
        for part in message.content.map(content).unwrap_or_default() {
            match part {
                Part::Text { text, .. } => self.say(Kind::Text, &text),
                Part::Reasoning(thought) => self.say(Kind::Reasoning, &thought.text),
                _ => {}
            }
        }
        if let Some(citations) = message.annotations {
            self.cite(citations);
        }
        if let Some(refusal) = message.refusal {
            self.say(Kind::Refusal, &text(refusal));
        }
        let calls = message.tool_calls.as_deref().unwrap_or_default();
        for (i, call) in calls.iter().enumerate() {
            self.tool(i, call, calls.len());
        }
        if let Some(call) = &message.function_call {
            let name = call.name.clone().unwrap_or_default();
            self.call(Some(0), name.clone(), name, call.arguments);
        }
    }

    fn reasoning(&mut self, message: &Message<'_>) {
        let said = message
            .reasoning_content
            .or(message.reasoning)
            .map(text)
            .unwrap_or_default();
        let target = self.target;
        let made = |value| seal::made(value, DialectName::OpenAi, target);
        for thought in thoughts(message.reasoning_details, said, &made) {
            if let Some(data) = thought.encrypted {
                self.open(Kind::Reasoning, PartStart::Encrypted(data));
                self.close();
                continue;
            }
            self.say(Kind::Reasoning, &thought.text);
            if let Some(signature) = thought.signature {
                self.sign(signature);
            }
        }
    }

    /// A signature ends the thinking that it is for; it may come with the last of the text, or after it.
    fn sign(&mut self, signature: Opaque) {
        let part = match self.heard.open {
            Some((Kind::Reasoning, part)) => part,
            _ => self.open(Kind::Reasoning, PartStart::Reasoning),
        };
        self.events.push(Event::Signature {
            choice: self.choice,
            part,
            signature,
        });
        self.close();
    }

    fn say(&mut self, kind: Kind, text: &str) {
        if text.is_empty() {
            return;
        }
        let part = match self.heard.open {
            Some((open, part)) if open == kind => part,
            _ => self.open(
                kind,
                match kind {
                    Kind::Reasoning => PartStart::Reasoning,
                    Kind::Refusal => PartStart::Refusal,
                    Kind::Text | Kind::Tool => PartStart::Text,
                },
            ),
        };
        self.events.push(Event::Delta {
            choice: self.choice,
            part,
            text: text.to_owned(),
        });
    }

    fn cite(&mut self, citations: &RawValue) {
        let Some((Kind::Text, part)) = self.heard.open else {
            return;
        };
        let citations: Vec<Citation> = super::response::citations(citations);
        let choice = self.choice;
        self.events.extend(
            citations
                .into_iter()
                .map(|citation| Event::Citation { choice, part, citation }),
        );
    }

    /// More of a tool call. Vendors number them, or do not, or give every one the same number; a new id is a new call.
    fn tool(&mut self, place: usize, call: &ToolCall<'_>, among: usize) {
        let custom = call.custom.as_ref();
        let (name, arguments) = match &call.function {
            Some(function) => (function.name.clone(), function.arguments),
            None => (
                custom.and_then(|custom| custom.name.clone()),
                custom.and_then(|custom| custom.input),
            ),
        };
        let numbered = call
            .index
            .or_else(|| (among > 1).then(|| u32::try_from(place).unwrap_or(u32::MAX)));
        let id = call.id.clone().unwrap_or_default();
        self.call(numbered, id, name.unwrap_or_default(), arguments);
    }

    fn call(&mut self, index: Option<u32>, id: String, name: String, arguments: Option<&RawValue>) {
        let known = self.heard.tools.iter().rev().find(|tool| {
            let same_place = index.is_none() || tool.index == index;
            let same_id = id.is_empty() || tool.id == id;
            // Without a number and an id, a name can only be the beginning of a new one.
            same_place && same_id && !(index.is_none() && id.is_empty() && !name.is_empty())
        });
        let part = match known {
            Some(tool) => tool.part,
            None => {
                let id = if id.is_empty() {
                    made_id(self.choice, self.heard.tools.len())
                } else {
                    id
                };
                let part = self.open(
                    Kind::Tool,
                    PartStart::ToolUse {
                        id: id.clone(),
                        name,
                        freeform: false,
                    },
                );
                self.heard.tools.push(Tool { index, id, part });
                part
            }
        };
        let text = arguments.map(text).unwrap_or_default();
        if !text.is_empty() {
            self.events.push(Event::Delta {
                choice: self.choice,
                part,
                text,
            });
        }
    }

    fn open(&mut self, kind: Kind, start: PartStart) -> u32 {
        self.close();
        let part = self.heard.next;
        self.heard.next += 1;
        self.heard.open = Some((kind, part));
        self.events.push(Event::PartStart {
            choice: self.choice,
            part,
            start,
        });
        part
    }

    fn close(&mut self) {
        if let Some((_, part)) = self.heard.open.take() {
            self.events.push(Event::PartEnd {
                choice: self.choice,
                part,
            });
        }
    }
}
