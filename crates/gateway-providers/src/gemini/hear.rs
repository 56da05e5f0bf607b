//! One candidate of a stream as it is heard: which piece is open, what is still to come of a call, and what waits for the
//! end.

use gateway_types::Error;
use gateway_types::chat::{Event, Extras, Opaque, Part, PartStart, ToolUse};
use serde_json::value::RawValue;

use super::candidate::{Candidate, Maker, left};
use super::sources::{Cited, grounded, recited};
use super::{finish, keys, logprobs, partial};

/// Texts are kept for finding cited places in them; beyond this, citations have none.
const KEPT: usize = 4 * 1024 * 1024;

/// A candidate has no reason to have more members beside its pieces.
const LEFT: usize = 32;

/// What has been heard of one candidate.
#[derive(Default)]
pub(super) struct Heard {
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
    pub(super) finish: Option<String>,
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

/// One candidate being heard.
pub(super) struct Listening<'a> {
    pub(super) choice: u32,
    pub(super) heard: &'a mut Heard,
    pub(super) maker: &'a mut Maker,
    pub(super) events: &'a mut Vec<Event>,
}

impl Listening<'_> {
    pub(super) fn hear(&mut self, candidate: Candidate<'_>) -> Result<(), Error> {
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
        self.events
            .extend(said.map(|logprobs| Event::Logprobs { choice, logprobs }));
        let heard = &mut *self.heard;
        heard.finish = candidate.finish.or_else(|| heard.finish.take());
        heard.grounding = candidate
            .grounding
            .map(ToOwned::to_owned)
            .or_else(|| heard.grounding.take());
        heard.citations = candidate
            .citations
            .map(ToOwned::to_owned)
            .or_else(|| heard.citations.take());
        for (key, value) in candidate.left.0 {
            let left = &mut heard.left.0;
            match left.iter().position(|(known, _)| *known == key) {
                Some(at) => left[at].1 = value,
                None if left.len() < LEFT => left.push((key, value)),
                None => {}
            }
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
    fn say(&mut self, kind: Kind, text: String, signature: Option<Opaque>) {
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
            self.events.push(Event::Signature {
                choice,
                part,
                signature,
            });
            // It stays open for its sources, which come last, and takes no more text.
            self.heard.signed = true;
        }
    }

    fn call(&mut self, tool: ToolUse) {
        let part = self.begin_call(tool.id, tool.name, tool.signature);
        self.events.push(Event::Delta {
            choice: self.choice,
            part,
            text: tool.arguments,
        });
        self.close();
    }

    fn begin_call(&mut self, id: String, name: String, signature: Option<Opaque>) -> u32 {
        self.heard.calls = true;
        let part = self.start(PartStart::ToolUse {
            id,
            name,
            freeform: false,
        });
        let choice = self.choice;
        let signature = signature.map(|signature| Event::Signature {
            choice,
            part,
            signature,
        });
        self.events.extend(signature);
        part
    }

    /// A call that comes in pieces, or a further piece of one.
    fn partial(&mut self, raw: &RawValue) -> bool {
        let Ok(mut members) = keys::members(raw) else {
            return false;
        };
        let Ok(Some(mut call)) = keys::object(&mut members, "functionCall") else {
            return false;
        };
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
        let Some((part, arguments)) = self.heard.partial.take() else {
            return;
        };
        let text = if arguments.is_null() {
            String::from("{}")
        } else {
            arguments.to_string()
        };
        self.events.push(Event::Delta {
            choice: self.choice,
            part,
            text,
        });
        self.close();
    }

    /// Begins a piece, ending the one that is open.
    fn start(&mut self, start: PartStart) -> u32 {
        self.end_partial();
        self.close();
        let part = self.heard.next;
        self.heard.next += 1;
        let kind = if matches!(start, PartStart::Text) {
            Kind::Text
        } else {
            Kind::Reasoning
        };
        self.heard.open = Some((kind, part));
        self.heard.signed = false;
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

    /// The candidate is over: its sources, what only this dialect knows of it, and why it ended.
    pub(super) fn end(&mut self) {
        self.end_partial();
        self.cite();
        let rest = left(&std::mem::take(&mut self.heard.left));
        if let Some(rest) = rest {
            self.start(PartStart::Whole(rest));
        }
        self.close();
        if let Some(word) = self.heard.finish.take() {
            let finish = finish::read(&word, self.heard.calls);
            self.events.push(Event::Finish {
                choice: self.choice,
                finish,
            });
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
            .map(|(part, text)| Cited {
                part: *part as usize,
                piece: *part as usize,
                text,
            })
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
            self.events.push(Event::Citation {
                choice: self.choice,
                part,
                citation,
            });
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
