//! One item of a provider's stream: what has been heard of it, as steps that are told once it is its turn.

use gateway_types::chat::{Citation, Event, Opaque, PartStart};
use serde_json::value::RawValue;

use super::content::citation;
use super::response::{BETWEEN, chat_logprobs, phase, proof, thought, whole};
use super::tools::flat;
use super::wire::{self, Item, Piece, entries, text};
use crate::target::Target;

/// What has been heard of one item.
#[derive(Debug)]
pub(super) struct Heard {
    /// Its place in the output.
    pub(super) index: u32,
    kind: Kind,
    /// What is to be told once it is at the front.
    pub(super) steps: Vec<Step>,
    /// Whether it is told to its end.
    pub(super) done: bool,
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
pub(super) enum Step {
    Start(PartStart),
    Delta(String),
    Signature(Opaque),
    Citation(Citation),
    Logprobs(Box<RawValue>),
    End,
}

impl Step {
    /// The step with its numbers.
    pub(super) fn event(self, next: &mut u32, open: &mut Option<u32>) -> Option<Event> {
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
    pub(super) fn of(index: u32, item: &Item<'_>, target: &Target) -> Self {
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

    pub(super) fn close(&mut self) {
        if std::mem::replace(&mut self.open, false) {
            self.steps.push(Step::End);
        }
    }

    pub(super) fn more(&mut self, event: &wire::Event<'_>) {
        let content = event.content_index.unwrap_or(0);
        match &*event.kind {
            "response.output_text.delta" => {
                self.text(content, PartStart::Text, &event.delta());
                self.probable(&entries(event.logprobs));
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

    fn probable(&mut self, entries: &[&RawValue]) {
        self.steps.extend(chat_logprobs(entries).map(Step::Logprobs));
    }

    /// A whole piece of a message: what has not been told of it bit by bit is told now.
    fn piece(&mut self, index: u32, piece: &Piece<'_>) {
        if !self.told || self.at.1 < index {
            match (&piece.text, &piece.refusal) {
                (_, Some(refusal)) => self.text(index, PartStart::Refusal, refusal),
                (Some(text), None) if !text.is_empty() => {
                    self.text(index, PartStart::Text, text);
                    self.probable(&entries(piece.logprobs));
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
    pub(super) fn finish(&mut self, raw: &RawValue, item: &Item<'_>, target: &Target) {
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
