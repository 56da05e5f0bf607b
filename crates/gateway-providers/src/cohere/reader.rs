//! A provider's stream as events.

use bytes::Bytes;
use gateway_types::chat::{Event, PartStart};
use gateway_types::{Error, ErrorKind};

use super::answer::finish;
use super::step::Step;
use super::{citation, logprobs};
use crate::dialect::EventReader;
use crate::framing::sse::{Frame, Splitter};
use crate::stamp::Stamp;
use crate::target::Target;

/// This dialect gives one answer.
const CHOICE: u32 = 0;

/// Reads a stream of `POST /v2/chat`.
#[derive(Debug)]
pub(super) struct Reader {
    frames: Splitter,
    model: String,
    stamp: Stamp,
    started: bool,
    over: bool,
    /// How many pieces have begun.
    parts: u32,
    open: Option<(Kind, u32)>,
    /// The pieces that content has become, by the number that the stream gives it.
    contents: Vec<(u32, u32)>,
}

/// What is open. Texts stay open until something else begins, since what they cite may come after their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text(u32),
    Thinking(u32),
    Plan,
    Call(u32),
}

impl Reader {
    pub(super) fn new(target: &Target, stamp: Stamp) -> Self {
        Self {
            frames: Splitter::default(),
            model: target.model.as_str().to_owned(),
            stamp,
            started: false,
            over: false,
            parts: 0,
            open: None,
            contents: Vec::new(),
        }
    }

    fn frame(&mut self, frame: &Frame, events: &mut Vec<Event>) -> Result<(), Error> {
        let Some(data) = frame.data() else { return Ok(()) };
        let data = data.trim_ascii();
        if data.is_empty() || self.over {
            return Ok(());
        }
        self.step(Step::read(data)?, events);
        Ok(())
    }

    fn step(&mut self, step: Step, events: &mut Vec<Event>) {
        match step {
            Step::Start { id } => self.start(id, events),
            Step::Open { index, thinking, text } => {
                self.content(index, thinking, events);
                self.say(text, events);
            }
            Step::More {
                index,
                thinking,
                text,
                logprobs,
            } => {
                if !text.is_empty() {
                    self.content(index, thinking, events);
                    self.say(text, events);
                }
                let logprobs = logprobs.and_then(|raw| logprobs::read(&raw));
                events.extend(logprobs.map(|logprobs| Event::Logprobs {
                    choice: CHOICE,
                    logprobs,
                }));
            }
            Step::Close { index } if self.is_open(Kind::Thinking(index)) => self.close(events),
            Step::Plan(text) if !text.is_empty() => {
                self.begin(Kind::Plan, || PartStart::Text, events);
                self.say(text, events);
            }
            Step::Call { index, call } => {
                let (id, name) = (call.id, call.name);
                self.close(events);
                let start = || PartStart::ToolUse {
                    id,
                    name,
                    freeform: false,
                };
                self.begin(Kind::Call(index), start, events);
                self.say(call.arguments, events);
            }
            Step::Arguments { index, text } if self.is_open(Kind::Call(index)) => self.say(text, events),
            Step::CallEnd { index } if self.is_open(Kind::Call(index)) => self.close(events),
            Step::Citation(raw) => self.cite(&raw, events),
            Step::End { reason, usage } => {
                self.start(String::new(), events);
                self.close(events);
                events.extend(usage.classes().map(Event::Usage));
                events.push(Event::Finish {
                    choice: CHOICE,
                    finish: finish(&reason),
                });
                events.push(Event::End);
                self.over = true;
            }
            Step::Error(error) => {
                events.push(Event::Error(error));
                self.over = true;
            }
            Step::Close { .. } | Step::Plan(_) | Step::Arguments { .. } | Step::CallEnd { .. } | Step::Nothing => {}
        }
    }

    fn start(&mut self, id: String, events: &mut Vec<Event>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        events.push(Event::Start {
            id: if id.is_empty() { self.stamp.id("", 0) } else { id },
            model: self.model.clone(),
            created: None,
        });
    }

    fn is_open(&self, kind: Kind) -> bool {
        self.open.is_some_and(|(open, _)| open == kind)
    }

    /// Opens a piece, unless it is open.
    fn begin(&mut self, kind: Kind, start: impl FnOnce() -> PartStart, events: &mut Vec<Event>) {
        if self.is_open(kind) {
            return;
        }
        self.start(String::new(), events);
        self.close(events);
        let part = self.parts;
        self.parts += 1;
        self.open = Some((kind, part));
        events.push(Event::PartStart {
            choice: CHOICE,
            part,
            start: start(),
        });
    }

    fn content(&mut self, index: u32, thinking: bool, events: &mut Vec<Event>) {
        let (kind, start) = match thinking {
            true => (Kind::Thinking(index), PartStart::Reasoning),
            false => (Kind::Text(index), PartStart::Text),
        };
        self.begin(kind, || start, events);
        if let Some((_, part)) = self.open
            && !self.contents.contains(&(index, part))
        {
            self.contents.push((index, part));
        }
    }

    fn say(&mut self, text: String, events: &mut Vec<Event>) {
        if let Some((_, part)) = self.open.filter(|_| !text.is_empty()) {
            events.push(Event::Delta {
                choice: CHOICE,
                part,
                text,
            });
        }
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        if let Some((_, part)) = self.open.take() {
            events.push(Event::PartEnd { choice: CHOICE, part });
        }
    }

    /// A citation belongs to the content that it names, else to the text that is open, or was last.
    fn cite(&mut self, raw: &serde_json::value::RawValue, events: &mut Vec<Event>) {
        let cited = citation::read(raw);
        let open = self
            .open
            .filter(|(kind, _)| matches!(kind, Kind::Text(_) | Kind::Plan))
            .map(|(_, part)| part);
        let named = cited.content.and_then(|at| u32::try_from(at).ok());
        let place = self
            .contents
            .iter()
            .rev()
            .find(|(index, _)| named.is_none_or(|named| named == *index));
        let part = match (cited.plan, place) {
            (false, Some((_, part))) => Some(*part),
            _ => open,
        };
        if let Some(part) = part.or(open) {
            events.push(Event::Citation {
                choice: CHOICE,
                part,
                citation: cited.citation,
            });
        }
    }
}

impl EventReader for Reader {
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        self.frames.push(Bytes::copy_from_slice(bytes));
        loop {
            let frame = self.frames.next_frame();
            match frame.map_err(|error| Error::new(ErrorKind::UpstreamFailed, error.to_string()))? {
                Some(frame) => self.frame(&frame, events)?,
                None => return Ok(()),
            }
        }
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        if let Some(frame) = self.frames.rest() {
            // Half a frame is what a broken connection leaves behind; a whole one only lacks its last line feed.
            let _ = self.frame(&frame, events);
        }
        Ok(())
    }
}
