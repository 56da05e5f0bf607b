//! A provider's stream as events.
//!
//! The API has no last word: a stream is over when its bytes are and an answer has ended. Reasons to end may stand in a
//! chunk before the last, so that endings are told when the bytes are over.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::chat::{Event, Extras, Finish, Part, PartStart, ToolUse};
use gateway_types::Error;
use serde_json::value::RawValue;

use super::candidate::{Candidate, Maker, left};
use super::frames::Events;
use super::sources::{Cited, grounded, recited};
use super::wire::Answer;
use super::{errors, finish, keys, logprobs, partial, response};
use crate::dialect::EventReader;
use crate::passing::Frames as _;
use crate::stamp::Stamp;
use crate::target::Target;

/// Texts are kept for finding cited places in them; beyond this, citations have none.
const KEPT: usize = 4 * 1024 * 1024;

/// Reads chunks.
pub(super) struct Reader {
    frames: Events,
    maker: Maker,
    started: bool,
    failed: bool,
    blocked: bool,
    choices: BTreeMap<u32, Heard>,
}

/// What has been heard of one candidate.
#[derive(Default)]
struct Heard {
    /// The number of the next piece.
    next: u32,
    open: Option<(Kind, u32)>,
    /// Whether the piece that is open has its signature.
    signed: bool,
    /// The texts so far, by the numbers of their pieces.
    texts: Vec<(u32, String)>,
    kept: usize,
    calls: bool,
    /// A call whose arguments come in pieces.
    partial: Option<(u32, serde_json::Value)>,
    finish: Option<String>,
    grounding: Option<Box<RawValue>>,
    citations: Option<Box<RawValue>>,
    left: Extras,
}

/// The kind of the piece that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
}

impl Reader {
    pub(super) fn new(target: &Target, stamp: Stamp) -> Self {
        Self {
            frames: Events::default(),
            maker: Maker::new(target, stamp),
            started: false,
            failed: false,
            blocked: false,
            choices: BTreeMap::new(),
        }
    }

    fn chunk(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        if data.is_empty() || self.failed {
            return Ok(());
        }
        let answer = Answer::read(data)?;
        if let Some(error) = answer.error {
            self.failed = true;
            events.push(Event::Error(errors::inside(error, data)));
            return Ok(());
        }
        if !self.started {
            self.started = true;
            events.push(Event::Start {
                id: answer.response_id.clone().unwrap_or_default(),
                model: answer.model_version.clone().unwrap_or_default(),
                created: answer.create_time.as_deref().and_then(response::seconds),
            });
        }
        self.blocked |= answer.blocked().is_some();
        for (at, raw) in answer.candidates.iter().flatten().enumerate() {
            let candidate = Candidate::read(raw)?;
            let choice = candidate.index.unwrap_or_else(|| u32::try_from(at).unwrap_or(u32::MAX));
            let heard = self.choices.entry(choice).or_default();
            Listening { choice, heard, maker: &mut self.maker, events }.hear(candidate)?;
        }
        let usage = answer.usage_metadata.and_then(|counts| counts.classes());
        events.extend(usage.map(Event::Usage));
        Ok(())
    }

    fn frames(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        while let Some(frame) = self.frames.next()? {
            self.chunk(frame.data(), events)?;
        }
        Ok(())
    }
}

impl EventReader for Reader {
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        self.frames.push(Bytes::copy_from_slice(bytes));
        self.frames(events)
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        if let Some(rest) = self.frames.rest() {
            match self.chunk(rest.data(), events) {
                Err(error) if !self.started => return Err(error),
                // A chunk that is not whole was cut off with the stream: whether that was over is told by what came before.
                Ok(()) | Err(_) => {}
            }
        }
        if self.failed {
            return Ok(());
        }
        let over = self.choices.values().any(|heard| heard.finish.is_some());
        if !over && !(self.blocked && self.choices.is_empty()) {
            return Ok(());
        }
        if self.choices.is_empty() {
            events.push(Event::Finish { choice: 0, finish: Finish::Filtered });
        }
        for (&choice, heard) in &mut self.choices {
            Listening { choice, heard, maker: &mut self.maker, events }.end();
        }
        events.push(Event::End);
        Ok(())
    }
}

/// One candidate being heard.
struct Listening<'a> {
    choice: u32,
    heard: &'a mut Heard,
    maker: &'a mut Maker,
    events: &'a mut Vec<Event>,
}

impl Listening<'_> {
    fn hear(&mut self, candidate: Candidate<'_>) -> Result<(), Error> {
        for raw in &candidate.pieces {
            if self.partial(raw) {
                continue;
            }
            for part in self.maker.parts(raw)? {
                self.part(part);
            }
        }
        let said = candidate.logprobs.and_then(logprobs::read);
        let choice = self.choice;
        self.events.extend(said.map(|logprobs| Event::Logprobs { choice, logprobs }));
        let heard = &mut *self.heard;
        heard.finish = candidate.finish.or(heard.finish.take());
        heard.grounding = candidate.grounding.map(ToOwned::to_owned).or(heard.grounding.take());
        heard.citations = candidate.citations.map(ToOwned::to_owned).or(heard.citations.take());
        for (key, value) in candidate.left.0 {
            heard.left.0.retain(|(known, _)| *known != key);
            heard.left.0.push((key, value));
        }
        Ok(())
    }

    fn part(&mut self, part: Part) {
        match part {
            Part::Text { text, signature, .. } => self.say(Kind::Text, text, signature),
            Part::Reasoning(thought) => match thought.encrypted {
                Some(encrypted) => {
                    self.start(PartStart::Encrypted(encrypted));
                    self.close();
                }
                None => self.say(Kind::Reasoning, thought.text, thought.signature),
            },
            Part::ToolUse(tool) => self.call(tool),
            whole => {
                self.start(PartStart::Whole(whole));
                self.close();
            }
        }
    }

    /// More of the text or the thinking that is open, or a new one. What is signed ends with its signature.
    fn say(&mut self, kind: Kind, text: String, signature: Option<gateway_types::chat::Opaque>) {
        let part = match self.heard.open {
            Some((open, part)) if open == kind && (!self.heard.signed || text.is_empty()) => part,
            _ => {
                let part = self.start(match kind {
                    Kind::Text => PartStart::Text,
                    Kind::Reasoning => PartStart::Reasoning,
                });
                self.heard.open = Some((kind, part));
                part
            }
        };
        if kind == Kind::Text {
            self.heard.keep(part, &text);
        }
        let choice = self.choice;
        if !text.is_empty() {
            self.events.push(Event::Delta { choice, part, text });
        }
        if let Some(signature) = signature {
            self.events.push(Event::Signature { choice, part, signature });
            // It stays open for its sources, which come last, and takes no more text.
            self.heard.signed = true;
        }
    }

    fn call(&mut self, tool: ToolUse) {
        let part = self.begin_call(tool.id, tool.name, tool.signature);
        self.events.push(Event::Delta { choice: self.choice, part, text: tool.arguments });
        self.close();
    }

    fn begin_call(&mut self, id: String, name: String, signature: Option<gateway_types::chat::Opaque>) -> u32 {
        self.heard.calls = true;
        let part = self.start(PartStart::ToolUse { id, name, freeform: false });
        let choice = self.choice;
        let signature = signature.map(|signature| Event::Signature { choice, part, signature });
        self.events.extend(signature);
        part
    }

    /// A call that comes in pieces, or a further piece of one.
    fn partial(&mut self, raw: &RawValue) -> bool {
        let Ok(mut members) = keys::members(raw) else { return false };
        let Ok(Some(mut call)) = keys::object(&mut members, "functionCall") else { return false };
        let more = call.take("willContinue").is_some_and(|more| more.get() == "true");
        let pieces = call.take("partialArgs");
        if !more && pieces.is_none() && self.heard.partial.is_none() {
            return false;
        }
        let name: String = call.read("name").ok().flatten().unwrap_or_default();
        if !name.is_empty() || self.heard.partial.is_none() {
            self.end_partial();
            // The piece is read like a whole one; its arguments are still to come.
            let Ok(parts) = self.maker.parts(raw) else { return false };
            for part in parts {
                let Part::ToolUse(tool) = part else { continue };
                let arguments = serde_json::from_str(&tool.arguments).unwrap_or_default();
                let part = self.begin_call(tool.id, tool.name, tool.signature);
                self.heard.partial = Some((part, arguments));
            }
        }
        if let (Some(pieces), Some((_, arguments))) = (pieces, &mut self.heard.partial) {
            partial::add(pieces.get(), arguments);
        }
        if !more {
            self.end_partial();
        }
        true
    }

    fn end_partial(&mut self) {
        let Some((part, arguments)) = self.heard.partial.take() else { return };
        let text = if arguments.is_null() { String::from("{}") } else { arguments.to_string() };
        self.events.push(Event::Delta { choice: self.choice, part, text });
        self.close();
    }

    /// Begins a piece, ending the one that is open.
    fn start(&mut self, start: PartStart) -> u32 {
        self.end_partial();
        self.close();
        let part = self.heard.next;
        self.heard.next += 1;
        let kind = if matches!(start, PartStart::Text) { Kind::Text } else { Kind::Reasoning };
        self.heard.open = Some((kind, part));
        self.heard.signed = false;
        self.events.push(Event::PartStart { choice: self.choice, part, start });
        part
    }

    fn close(&mut self) {
        if let Some((_, part)) = self.heard.open.take() {
            self.events.push(Event::PartEnd { choice: self.choice, part });
        }
    }

    /// The candidate is over: its sources, what only this dialect knows of it, and why it ended.
    fn end(&mut self) {
        self.end_partial();
        self.cite();
        let rest = left(&std::mem::take(&mut self.heard.left));
        if let Some(rest) = rest {
            self.start(PartStart::Whole(rest));
        }
        self.close();
        if let Some(word) = self.heard.finish.take() {
            let finish = finish::read(&word, self.heard.calls);
            self.events.push(Event::Finish { choice: self.choice, finish });
        }
    }

    fn cite(&mut self) {
        let (grounding, recitation) = (self.heard.grounding.take(), self.heard.citations.take());
        if grounding.is_none() && recitation.is_none() {
            return;
        }
        let texts: Vec<Cited<'_>> = self
            .heard
            .texts
            .iter()
            .map(|(part, text)| Cited { part: *part as usize, piece: *part as usize, text })
            .collect();
        let mut found = grounding.map(|raw| grounded(&raw, &texts)).unwrap_or_default();
        found.extend(recitation.map(|raw| recited(&raw, &texts)).unwrap_or_default());
        if found.is_empty() {
            return;
        }
        let part = match self.heard.open {
            Some((Kind::Text, part)) => part,
            _ => self.start(PartStart::Text),
        };
        for (cites, mut citation) in found {
            if cites != part as usize {
                citation.range = None;
            }
            self.events.push(Event::Citation { choice: self.choice, part, citation });
        }
    }
}

impl Heard {
    fn keep(&mut self, part: u32, text: &str) {
        self.kept = self.kept.saturating_add(text.len());
        if self.kept > KEPT {
            return;
        }
        match self.texts.last_mut() {
            Some((open, had)) if *open == part => had.push_str(text),
            _ => self.texts.push((part, text.to_owned())),
        }
    }
}
