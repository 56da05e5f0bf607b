//! A provider's stream as events.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::chat::{Citation, Event};
use gateway_types::{Error, ErrorKind};

use super::hear::{Heard, Listening};
use super::response::Maker;
use super::wire::{Answer, Choice};
use super::{cite, errors};
use crate::dialect::EventReader;
use crate::framing::sse::{Frame, Splitter};
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads chunks.
#[derive(Debug)]
pub(super) struct Reader {
    target: Target,
    stamp: Stamp,
    splitter: Splitter,
    started: bool,
    choices: BTreeMap<u32, Heard>,
    over: bool,
}

/// More answers than anybody may ask for.
const CHOICES: usize = 128;

impl Reader {
    pub(super) fn new(target: &Target, stamp: Stamp) -> Self {
        Self {
            target: target.clone(),
            stamp,
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
            return self.end(events);
        }
        let answer = Answer::chunk(data)?;
        self.answer(&answer, events)?;
        if let Some(error) = answer.error {
            events.push(Event::Error(errors::inside(error, data)));
        }
        Ok(())
    }

    fn answer(&mut self, answer: &Answer<'_>, events: &mut Vec<Event>) -> Result<(), Error> {
        let choices = answer.choices.as_deref().unwrap_or_default();
        if !self.started && !choices.is_empty() && answer.error.is_none() {
            self.started = true;
            events.push(Event::Start {
                id: answer.id.clone().unwrap_or_default(),
                model: answer.model.clone().unwrap_or_default(),
                created: answer.created,
            });
        }
        // Perplexity says its sources again with every chunk; the last one knows them all.
        let last = choices.iter().any(|choice| choice.finish_reason.is_some());
        let mut beside = Vec::new();
        if last {
            beside = cite::beside(answer.search_results, answer.citations);
        }
        for (i, choice) in choices.iter().enumerate() {
            self.hear(choice.number(i), choice, std::mem::take(&mut beside), events)?;
        }
        let usage = answer.usage.map(|usage| self.target.kind.believed(usage.classes()));
        events.extend(usage.map(Event::Usage));
        Ok(())
    }

    fn hear(
        &mut self,
        number: u32,
        choice: &Choice<'_>,
        beside: Vec<Citation>,
        events: &mut Vec<Event>,
    ) -> Result<(), Error> {
        if self.choices.len() >= CHOICES && !self.choices.contains_key(&number) {
            let message = "the provider's stream has more answers than anybody may ask for";
            return Err(Error::new(ErrorKind::UpstreamFailed, message));
        }
        let heard = self.choices.entry(number).or_default();
        let maker = Maker {
            target: &self.target,
            stamp: self.stamp,
        };
        Listening::new(number, maker, heard, events).hear(choice, beside)
    }

    fn end(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        self.over = true;
        let maker = Maker {
            target: &self.target,
            stamp: self.stamp,
        };
        for (number, heard) in &mut self.choices {
            Listening::new(*number, maker, heard, events).wind_up();
        }
        events.push(Event::End);
        Ok(())
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
        if !self.over && self.choices.values().any(Heard::has_finished) {
            self.end(events)?;
        }
        Ok(())
    }
}
