//! A provider's stream as events. Items may overlap on the wire; the vocabulary tells one piece after the other, so what comes
//! for an item that is not at the front waits until it is.

use std::collections::VecDeque;

use bytes::Bytes;
use gateway_types::chat::Event;
use gateway_types::{Error, ErrorKind};
use serde_json::value::RawValue;

use super::fault;
use super::heard::Heard;
use super::wire::{self, Answer, Item, Status};
use crate::dialect::EventReader;
use crate::framing::sse::{FRAME_LIMIT, Frame, Splitter};
use crate::target::Target;

/// Reads events.
#[derive(Debug)]
pub(super) struct Reader {
    target: Target,
    splitter: Splitter,
    started: bool,
    over: bool,
    /// Items that have begun and are not told to their end, in the order of their beginnings.
    items: VecDeque<Heard>,
    /// How many bytes wait behind the front.
    waiting: usize,
    /// Whether any item has come by itself.
    itemised: bool,
    next: u32,
    open: Option<u32>,
}

impl Reader {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            target: target.clone(),
            splitter: Splitter::default(),
            started: false,
            over: false,
            items: VecDeque::new(),
            waiting: 0,
            itemised: false,
            next: 0,
            open: None,
        }
    }

    fn frame(&mut self, frame: &Frame, events: &mut Vec<Event>) -> Result<(), Error> {
        let Some(data) = frame.data() else { return Ok(()) };
        let data = data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" || self.over {
            return Ok(());
        }
        let event = wire::Event::read(data)?;
        match &*event.kind {
            "response.created" | "response.queued" | "response.in_progress" => self.start(&event.answer(), events),
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                self.end(&event.answer(), events);
            }
            "error" => self.fail(fault::event(&event, data), events),
            "" if event.error.is_some() => self.fail(fault::event(&event, data), events),
            _ => self.more(&event, events),
        }
        match self.waiting > FRAME_LIMIT {
            true => Err(Error::new(
                ErrorKind::UpstreamFailed,
                "the provider's stream leaves an item open while too much comes for others",
            )),
            false => Ok(()),
        }
    }

    fn start(&mut self, answer: &Answer<'_>, events: &mut Vec<Event>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        events.push(Event::Start {
            id: answer.id.clone().unwrap_or_default(),
            model: answer.model.clone().unwrap_or_default(),
            created: answer.created_at.map(|at| at as i64),
        });
    }

    fn fail(&mut self, error: Error, events: &mut Vec<Event>) {
        self.over = true;
        events.push(Event::Error(error));
    }

    fn end(&mut self, answer: &Answer<'_>, events: &mut Vec<Event>) {
        let finish = match answer.status() {
            Status::Failed => return self.fail(fault::failed(answer), events),
            Status::Over(finish) => finish,
            Status::Going => return,
        };
        self.start(answer, events);
        if !self.itemised {
            let output = answer.output.iter().flatten();
            for (index, raw) in output.enumerate() {
                self.item_done(u32::try_from(index).unwrap_or(u32::MAX), raw, events);
            }
        }
        for heard in &mut self.items {
            heard.close();
            heard.done = true;
        }
        self.tell(events);
        let usage = answer.usage.map(|usage| self.target.kind.believed(usage.classes()));
        events.extend(usage.map(Event::Usage));
        events.push(Event::Finish { choice: 0, finish });
        events.push(Event::End);
        self.over = true;
    }

    fn more(&mut self, event: &wire::Event<'_>, events: &mut Vec<Event>) {
        let index = event.output_index.unwrap_or(0);
        match (&*event.kind, event.item) {
            ("response.output_item.added", Some(raw)) => self.heard(index, &Item::read(raw)),
            ("response.output_item.done", Some(raw)) => return self.item_done(index, raw, events),
            _ => {}
        }
        let front = self.items.front().map(|heard| heard.index);
        let Some(heard) = self.items.iter_mut().find(|heard| heard.index == index && !heard.done) else {
            return;
        };
        heard.more(event);
        match front == Some(index) {
            true => self.tell(events),
            false => self.waiting += event.delta.map_or(0, |raw| raw.get().len()),
        }
    }

    fn heard(&mut self, index: u32, item: &Item<'_>) {
        if !self.items.iter().any(|heard| heard.index == index && !heard.done) {
            self.itemised = true;
            self.items.push_back(Heard::of(index, item, &self.target));
        }
    }

    fn item_done(&mut self, index: u32, raw: &RawValue, events: &mut Vec<Event>) {
        let item = Item::read(raw);
        self.heard(index, &item);
        let known = self.items.iter_mut().find(|heard| heard.index == index && !heard.done);
        if let Some(heard) = known {
            heard.finish(raw, &item, &self.target);
        }
        self.waiting += raw.get().len();
        self.tell(events);
    }

    /// Tells what is known of the item at the front, and of those behind it as far as it is told to its end.
    fn tell(&mut self, events: &mut Vec<Event>) {
        while let Some(mut heard) = self.items.pop_front() {
            for step in heard.steps.drain(..) {
                events.extend(step.event(&mut self.next, &mut self.open));
            }
            if !heard.done {
                self.items.push_front(heard);
                break;
            }
        }
        if self.items.len() <= 1 {
            self.waiting = 0;
        }
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
        match self.splitter.rest().map(|rest| self.frame(&rest, events)) {
            Some(Err(error)) if !self.started => Err(error),
            // A frame that is not whole was cut off with the stream: whether that was over is told by what came before.
            _ => Ok(()),
        }
    }
}
