//! A provider's stream as events. Items may overlap on the wire; the vocabulary tells one piece after the other, so what comes
//! for an item that is not at the front waits until it is.

use std::collections::VecDeque;

use bytes::Bytes;
use gateway_types::chat::{Citation, Event, Opaque, PartStart};
use gateway_types::{Error, ErrorKind};
use serde_json::value::RawValue;

use super::content::citation;
use super::fault;
use super::response::{BETWEEN, chat_logprobs, phase, proof, thought, whole};
use super::tools::flat;
use super::wire::{self, Answer, Item, Piece, Status, entries, text};
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

/// What has been heard of one item.
#[derive(Debug)]
struct Heard {
    index: u32,
    kind: Kind,
    /// What is to be told once it is at the front.
    steps: Vec<Step>,
    done: bool,
    /// Whether a piece of it is open.
    open: bool,
    /// The piece that is open or was last: its place in the item, and whether it was text.
    at: (Thread, u32),
    /// Whether something of the piece has been said.
    said: bool,
    /// Whether anything of the item has.
    told: bool,
    cited: usize,
    phase: Option<Opaque>,
}

/// Which of an item's lists a piece stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Thread {
    #[default]
    Content,
    Summary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Message,
    Reasoning,
    Call,
    Other,
}

/// An event without its numbers.
#[derive(Debug)]
enum Step {
    Start(PartStart),
    Delta(String),
    Signature(Opaque),
    Citation(Citation),
    Logprobs(Box<RawValue>),
    End,
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
        events.extend(answer.usage.map(|usage| Event::Usage(usage.classes())));
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

impl Step {
    /// The step with its numbers.
    fn event(self, next: &mut u32, open: &mut Option<u32>) -> Option<Event> {
        let choice = 0;
        if let Self::Start(start) = self {
            let part = *next;
            *next += 1;
            *open = Some(part);
            return Some(Event::PartStart { choice, part, start });
        }
        if let Self::Logprobs(logprobs) = self {
            return Some(Event::Logprobs { choice, logprobs });
        }
        let part = (*open)?;
        Some(match self {
            Self::Delta(text) => Event::Delta { choice, part, text },
            Self::Signature(signature) => Event::Signature {
                choice,
                part,
                signature,
            },
            Self::Citation(citation) => Event::Citation { choice, part, citation },
            Self::End | Self::Start(_) | Self::Logprobs(_) => {
                *open = None;
                Event::PartEnd { choice, part }
            }
        })
    }
}

impl Heard {
    fn of(index: u32, item: &Item<'_>, target: &Target) -> Self {
        let kind = match item.kind.as_deref() {
            Some("message") => Kind::Message,
            Some("reasoning") => Kind::Reasoning,
            Some("function_call" | "custom_tool_call") => Kind::Call,
            _ => Kind::Other,
        };
        let mut heard = Self {
            index,
            kind,
            steps: Vec::new(),
            done: false,
            open: false,
            at: (Thread::Content, 0),
            said: false,
            told: false,
            cited: 0,
            phase: phase(item, target),
        };
        // Without a name, the beginning tells nothing yet.
        if kind == Kind::Call && item.name.is_some() {
            heard.start(call(item));
        }
        heard
    }

    fn start(&mut self, start: PartStart) {
        self.close();
        self.steps.push(Step::Start(start));
        self.open = true;
        self.told = true;
        self.said = false;
        self.cited = 0;
    }

    fn close(&mut self) {
        if std::mem::replace(&mut self.open, false) {
            self.steps.push(Step::End);
        }
    }

    fn more(&mut self, event: &wire::Event<'_>) {
        let content = event.content_index.unwrap_or(0);
        match &*event.kind {
            "response.output_text.delta" => {
                self.text(content, PartStart::Text, &event.delta());
                self.probable(entries(event.logprobs));
            }
            "response.refusal.delta" => self.text(content, PartStart::Refusal, &event.delta()),
            "response.output_text.annotation.added" => {
                if let Some(raw) = event.annotation {
                    self.text(content, PartStart::Text, "");
                    self.cite(raw);
                }
            }
            "response.content_part.done" => {
                if let (Kind::Message, Some(raw)) = (self.kind, event.part) {
                    self.piece(content, &Piece::read(raw));
                }
            }
            "response.reasoning_text.delta" => self.thought(Thread::Content, content, &event.delta()),
            "response.reasoning_summary_text.delta" => {
                self.thought(Thread::Summary, event.summary_index.unwrap_or(0), &event.delta());
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.say(&event.delta());
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        if !text.is_empty() && self.open {
            self.said = true;
            self.steps.push(Step::Delta(text.to_owned()));
        }
    }

    /// More of a piece of a message.
    fn text(&mut self, index: u32, start: PartStart, text: &str) {
        if self.kind != Kind::Message {
            return;
        }
        if !self.open || self.at.1 != index {
            let is_text = matches!(start, PartStart::Text);
            self.start(start);
            self.at = (Thread::Content, index);
            if let Some(phase) = self.phase.take().filter(|_| is_text) {
                self.steps.push(Step::Signature(phase));
            }
        }
        self.say(text);
    }

    fn cite(&mut self, raw: &RawValue) {
        self.cited += 1;
        self.steps.push(Step::Citation(citation(raw)));
    }

    fn probable(&mut self, entries: Vec<&RawValue>) {
        self.steps.extend(chat_logprobs(&entries).map(Step::Logprobs));
    }

    /// A whole piece of a message: what has not been told of it bit by bit is told now.
    fn piece(&mut self, index: u32, piece: &Piece<'_>) {
        if !self.told || self.at.1 < index {
            match (&piece.text, &piece.refusal) {
                (_, Some(refusal)) => self.text(index, PartStart::Refusal, refusal),
                (Some(text), None) if !text.is_empty() => {
                    self.text(index, PartStart::Text, text);
                    self.probable(entries(piece.logprobs));
                }
                _ => return,
            }
        }
        if self.open && self.at.1 == index {
            for raw in piece.annotations.iter().flatten().skip(self.cited) {
                self.cite(raw);
            }
        }
    }

    /// More thinking. Where both the thoughts and their summary come, the first to come is told.
    fn thought(&mut self, thread: Thread, index: u32, text: &str) {
        if self.kind != Kind::Reasoning || text.is_empty() || (self.told && self.at.0 != thread) {
            return;
        }
        if !self.told {
            self.start(PartStart::Reasoning);
        } else if self.at.1 != index {
            self.say(BETWEEN);
        }
        self.at = (thread, index);
        self.say(text);
    }

    /// The whole item: what has not been told of it is told now.
    fn finish(&mut self, raw: &RawValue, item: &Item<'_>, target: &Target) {
        match self.kind {
            Kind::Message => {
                for (i, raw) in item.content.iter().flatten().enumerate() {
                    self.piece(u32::try_from(i).unwrap_or(u32::MAX), &Piece::read(raw));
                }
            }
            Kind::Reasoning => self.finish_thought(item, target),
            Kind::Call => {
                if !self.open {
                    self.start(call(item));
                }
                if !self.said {
                    let rest = item.arguments.or(item.input).map(text).unwrap_or_default();
                    self.say(&rest);
                }
            }
            Kind::Other => self.start(PartStart::Whole(whole(raw, item))),
        }
        self.close();
        self.done = true;
    }

    fn finish_thought(&mut self, item: &Item<'_>, target: &Target) {
        let proof = proof(item, target);
        let rest = thought(item);
        if !self.told && !rest.is_empty() {
            self.start(PartStart::Reasoning);
            self.say(&rest);
        }
        match (self.told, proof) {
            (true, Some(proof)) => self.steps.push(Step::Signature(proof)),
            (false, Some(proof)) => self.start(PartStart::Encrypted(proof)),
            (_, None) => {}
        }
    }
}

fn call(item: &Item<'_>) -> PartStart {
    PartStart::ToolUse {
        id: item.call(),
        name: flat(item.namespace.as_deref(), item.name.as_deref().unwrap_or_default()),
        freeform: item.kind.as_deref() == Some("custom_tool_call"),
    }
}
