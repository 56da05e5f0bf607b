//! A provider's stream as events.

use bytes::Bytes;
use gateway_types::chat::{Event, PartStart};
use gateway_types::{Error, ErrorKind};

use super::answer::{Line, Message, finish};
use super::message::picture;
use crate::dialect::EventReader;
use crate::framing::lines::Splitter;
use crate::stamp::Stamp;
use crate::target::Target;

/// This dialect gives one answer.
const CHOICE: u32 = 0;

/// Reads lines of JSON.
#[derive(Debug)]
pub(super) struct Reader {
    lines: Splitter,
    model: String,
    stamp: Stamp,
    started: bool,
    over: bool,
    parts: u32,
    open: Option<(Kind, u32)>,
    calls: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
}

impl Reader {
    pub(super) fn new(target: &Target, stamp: Stamp) -> Self {
        Self {
            lines: Splitter::default(),
            model: target.model.as_str().to_owned(),
            stamp,
            started: false,
            over: false,
            parts: 0,
            open: None,
            calls: 0,
        }
    }

    fn line(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        if data.is_empty() || self.over {
            return Ok(());
        }
        let mut line = Line::read(data)?;
        if let Some(error) = line.failed() {
            self.over = true;
            events.push(Event::Error(error));
            return Ok(());
        }
        self.start(&line, events);
        let message = line.said();
        self.message(message, events);
        let logprobs = line.logprobs();
        events.extend(logprobs.map(|logprobs| Event::Logprobs {
            choice: CHOICE,
            logprobs,
        }));
        if line.done == Some(true) {
            self.close(events);
            events.extend(line.usage().map(Event::Usage));
            let reason = line.reason().unwrap_or_default();
            events.push(Event::Finish {
                choice: CHOICE,
                finish: finish(&reason, self.calls > 0),
            });
            events.push(Event::End);
            self.over = true;
        }
        Ok(())
    }

    fn start(&mut self, line: &Line<'_>, events: &mut Vec<Event>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        events.push(Event::Start {
            id: self.stamp.id("chat-", 0),
            model: line.model.clone().unwrap_or_else(|| self.model.clone()),
            created: line.created(),
        });
    }

    fn message(&mut self, message: Message<'_>, events: &mut Vec<Event>) {
        self.say(Kind::Thinking, message.thinking, events);
        self.say(Kind::Text, message.content, events);
        for image in message.images.into_iter().flatten() {
            self.whole(PartStart::Whole(picture(image)), None, events);
        }
        for call in message.tool_calls.into_iter().flatten() {
            let tool = call.tool(self.calls, self.stamp);
            self.calls += 1;
            let (id, name) = (tool.id, tool.name);
            let start = PartStart::ToolUse {
                id,
                name,
                freeform: false,
            };
            self.whole(start, Some(tool.arguments), events);
        }
    }

    fn say(&mut self, kind: Kind, text: Option<String>, events: &mut Vec<Event>) {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return;
        };
        let part = match self.open {
            Some((open, part)) if open == kind => part,
            _ => {
                let start = match kind {
                    Kind::Text => PartStart::Text,
                    Kind::Thinking => PartStart::Reasoning,
                };
                let part = self.begin(start, events);
                self.open = Some((kind, part));
                part
            }
        };
        events.push(Event::Delta {
            choice: CHOICE,
            part,
            text,
        });
    }

    /// A piece that comes in one.
    fn whole(&mut self, start: PartStart, text: Option<String>, events: &mut Vec<Event>) {
        let part = self.begin(start, events);
        events.extend(text.map(|text| Event::Delta {
            choice: CHOICE,
            part,
            text,
        }));
        events.push(Event::PartEnd { choice: CHOICE, part });
    }

    fn begin(&mut self, start: PartStart, events: &mut Vec<Event>) -> u32 {
        self.close(events);
        let part = self.parts;
        self.parts += 1;
        events.push(Event::PartStart {
            choice: CHOICE,
            part,
            start,
        });
        part
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        if let Some((_, part)) = self.open.take() {
            events.push(Event::PartEnd { choice: CHOICE, part });
        }
    }
}

impl EventReader for Reader {
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        self.lines.push(Bytes::copy_from_slice(bytes));
        loop {
            let line = self.lines.next_line();
            match line.map_err(|error| Error::new(ErrorKind::UpstreamFailed, error.to_string()))? {
                Some(line) => self.line(line.text(), events)?,
                None => return Ok(()),
            }
        }
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        if let Some(line) = self.lines.rest() {
            // Half a line is what a broken connection leaves behind; a whole one only lacks its line feed.
            let _ = self.line(line.text(), events);
        }
        Ok(())
    }
}
