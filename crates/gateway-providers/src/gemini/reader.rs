//! A provider's stream as events.
//!
//! The API has no last word: a stream is over when its bytes are and an answer has ended. Reasons to end may stand in a
//! chunk before the last, so that endings are told when the bytes are over.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::Error;
use gateway_types::chat::{Event, Finish};

use super::candidate::{Candidate, Maker};
use super::frames::Events;
use super::hear::{Heard, Listening};
use super::wire::Answer;
use super::{recognise, response};
use crate::dialect::EventReader;
use crate::passing::{DONE, Frames as _};
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads chunks.
pub(super) struct Reader {
    frames: Events,
    maker: Maker,
    started: bool,
    failed: bool,
    blocked: bool,
    choices: BTreeMap<u32, Heard>,
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
        // Google never says that it is done, some servers of its dialect do.
        if data.is_empty() || data == DONE || self.failed {
            return Ok(());
        }
        let answer = Answer::read(data)?;
        if let Some(error) = answer.error {
            self.failed = true;
            events.push(Event::Error(recognise::inside(error, data)));
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
            Listening {
                choice,
                heard,
                maker: &mut self.maker,
                events,
            }
            .hear(candidate)?;
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
        if !(over || self.blocked && self.choices.is_empty()) {
            return Ok(());
        }
        if self.choices.is_empty() {
            events.push(Event::Finish {
                choice: 0,
                finish: Finish::Filtered,
            });
        }
        for (&choice, heard) in &mut self.choices {
            Listening {
                choice,
                heard,
                maker: &mut self.maker,
                events,
            }
            .end();
        }
        events.push(Event::End);
        Ok(())
    }
}
