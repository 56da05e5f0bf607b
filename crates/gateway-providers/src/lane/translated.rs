//! A stream between two dialects: one side's reader, the other side's writer, and what can be seen in between.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::chat::{Event, Finish, Part, PartStart, Response, ToolResult};
use gateway_types::{Error, ErrorKind};

use super::{Close, Observed, Relay};
use crate::dialect::{ClientDialect, EventReader, EventWriter};

/// A relay through the chat vocabulary.
pub(super) struct Translated {
    client: &'static dyn ClientDialect,
    reader: Box<dyn EventReader>,
    writer: Box<dyn EventWriter>,
    observed: Observed,
    /// The answers that have begun.
    choices: BTreeMap<u32, Choice>,
    started: bool,
    /// What is written before content has come, held back so that another attempt stays possible.
    held: Vec<u8>,
    events: Vec<Event>,
    /// How long the last piece was that went out: the next has room for as much.
    length: usize,
}

/// The most room that is made before it is needed.
const ROOM: usize = 4096;

#[derive(Clone, Copy, Debug, Default)]
struct Choice {
    open: Option<u32>,
    finished: bool,
}

impl Translated {
    pub(super) fn new(
        client: &'static dyn ClientDialect,
        reader: Box<dyn EventReader>,
        writer: Box<dyn EventWriter>,
    ) -> Self {
        Self {
            client,
            reader,
            writer,
            observed: Observed::default(),
            choices: BTreeMap::new(),
            started: false,
            held: Vec::new(),
            events: Vec::new(),
            length: 0,
        }
    }

    /// Watches and writes the events read so far.
    fn pass(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let mut written = std::mem::take(&mut self.held);
        if !self.events.is_empty() {
            written.reserve(self.length);
        }
        let mut events = std::mem::take(&mut self.events);
        let result = events.iter().try_for_each(|event| self.step(event, &mut written));
        events.clear();
        self.events = events;
        self.keep();
        if self.committed() {
            self.length = written.len().min(ROOM);
            push(written, out);
        } else {
            self.held = written;
        }
        result
    }

    fn step(&mut self, event: &Event, written: &mut Vec<u8>) -> Result<(), Error> {
        match event {
            Event::Error(error) if !self.observed.content => return Err(error.clone()),
            // The client has been told; what follows an error is not the answer any more.
            _ if self.observed.failed => return Ok(()),
            Event::Error(_) => self.observed.failed = true,
            other => self.watch(other),
        }
        self.writer.write(event, written, &mut self.observed.losses);
        Ok(())
    }

    /// Takes the whole answer over, where the writer has one.
    fn keep(&mut self) {
        if let Some(document) = self.writer.document() {
            self.observed.document = Some(document);
        }
    }

    fn watch(&mut self, event: &Event) {
        match event {
            Event::Start { id, model, .. } => {
                self.started = true;
                self.observed.id = Some(id.clone());
                self.observed.model = Some(model.clone());
            }
            Event::PartStart { choice, part, start } => {
                self.choices.entry(*choice).or_default().open = Some(*part);
                self.observed.content |= matches!(
                    start,
                    PartStart::ToolUse { .. } | PartStart::Encrypted(_) | PartStart::Whole(_)
                );
            }
            Event::Delta { text, .. } => {
                self.observed.output_bytes += text.len() as u64;
                self.observed.content |= !text.is_empty();
            }
            Event::PartEnd { choice, .. } => self.choices.entry(*choice).or_default().open = None,
            Event::Usage(usage) => self.observed.usage = Some(*usage),
            Event::Finish { choice, finish } => {
                self.choices.entry(*choice).or_default().finished = true;
                if self.observed.finish.is_none() || *choice == 0 {
                    self.observed.finish = Some(self.client.finish_word(finish));
                }
            }
            Event::End => self.observed.done = true,
            Event::Signature { .. } | Event::Citation { .. } | Event::Logprobs { .. } | Event::Error(_) => {}
        }
    }

    /// Whether what is written may go out: content has come, or it is known that none will.
    fn committed(&self) -> bool {
        self.observed.content || self.observed.finish.is_some() || self.observed.done
    }

    /// The events that end every answer as if it had met its cap.
    fn ending(&self) -> Vec<Event> {
        let mut events = Vec::new();
        if !self.started {
            events.push(Event::Start {
                id: String::new(),
                model: String::new(),
                created: None,
            });
        }
        let first = BTreeMap::from([(0, Choice::default())]);
        let choices = if self.choices.is_empty() { &first } else { &self.choices };
        for (&choice, state) in choices.iter().filter(|(_, state)| !state.finished) {
            events.extend(state.open.map(|part| Event::PartEnd { choice, part }));
            events.push(Event::Finish {
                choice,
                finish: Finish::Length,
            });
        }
        events.push(Event::End);
        events
    }
}

impl Relay for Translated {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let read = self.reader.feed(&bytes, &mut self.events);
        self.pass(out)?;
        read
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let read = self.reader.finish(&mut self.events);
        self.pass(out)?;
        read?;
        if self.observed.done || self.observed.failed {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::UpstreamFailed,
            "the provider's stream broke off before its end",
        ))
    }

    fn close(&mut self, how: &Close, out: &mut Vec<Bytes>) {
        if self.observed.done || self.observed.failed {
            return;
        }
        let mut written = std::mem::take(&mut self.held);
        match how {
            Close::Length => {
                for event in self.ending() {
                    self.watch(&event);
                    self.writer.write(&event, &mut written, &mut self.observed.losses);
                }
            }
            Close::Error(error) => {
                self.observed.failed = true;
                let event = Event::Error(error.clone());
                self.writer.write(&event, &mut written, &mut self.observed.losses);
            }
        }
        self.keep();
        push(written, out);
    }

    fn observed(&self) -> &Observed {
        &self.observed
    }
}

fn push(written: Vec<u8>, out: &mut Vec<Bytes>) {
    if !written.is_empty() {
        out.push(Bytes::from(written));
    }
}

/// What can be seen of a whole answer.
pub(super) fn observe(client: &dyn ClientDialect, response: &Response) -> Observed {
    let output_bytes = response.choices.iter().flat_map(|choice| &choice.parts).map(size).sum();
    let finish = response.choices.first().and_then(|choice| choice.finish.as_ref());
    Observed {
        usage: response.usage,
        output_bytes,
        finish: finish.map(|finish| client.finish_word(finish)),
        content: response.choices.iter().any(|choice| !choice.parts.is_empty()),
        done: true,
        failed: false,
        model: Some(response.model.clone()),
        ..Observed::default()
    }
}

fn size(part: &Part) -> u64 {
    match part {
        Part::Text { text, .. } | Part::Refusal(text) => text.len() as u64,
        Part::Reasoning(reasoning) => reasoning.text.len() as u64,
        Part::ToolUse(tool) => tool.arguments.len() as u64,
        Part::ToolResult(ToolResult { parts, .. }) => parts.iter().map(size).sum(),
        Part::Audio { transcript, .. } => transcript.as_ref().map_or(0, |text| text.len() as u64),
        Part::Image { .. } | Part::Video { .. } | Part::Document { .. } | Part::Other(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_types::loss::Loss;
    use std::sync::{Arc, Mutex};

    /// Gives what it was told to, whatever the bytes.
    struct Script(Vec<Event>);

    impl EventReader for Script {
        fn feed(&mut self, _: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
            events.append(&mut self.0);
            Ok(())
        }

        fn finish(&mut self, _: &mut Vec<Event>) -> Result<(), Error> {
            Ok(())
        }
    }

    /// Keeps what it was told.
    struct Log(Arc<Mutex<Vec<String>>>);

    impl EventWriter for Log {
        fn write(&mut self, event: &Event, out: &mut Vec<u8>, _: &mut Vec<Loss>) {
            out.push(b'.');
            self.0.lock().unwrap().push(format!("{event:?}"));
        }
    }

    #[test]
    fn a_closing_ends_what_is_open_and_only_that() {
        let start = |choice, part| Event::PartStart {
            choice,
            part,
            start: PartStart::Text,
        };
        let script = vec![
            Event::Start {
                id: String::new(),
                model: String::new(),
                created: None,
            },
            start(0, 0),
            Event::Delta {
                choice: 0,
                part: 0,
                text: String::from("a"),
            },
            start(1, 0),
            Event::PartEnd { choice: 1, part: 0 },
            Event::Finish {
                choice: 1,
                finish: Finish::Stop,
            },
        ];
        let (given, log) = (script.len(), Arc::default());
        let writer = Box::new(Log(Arc::clone(&log)));
        let mut relay = Translated::new(&crate::openai::OpenAi, Box::new(Script(script)), writer);
        let mut out = Vec::new();
        relay.feed(Bytes::new(), &mut out).unwrap();
        relay.finish(&mut out).unwrap_err();
        relay.close(&Close::Length, &mut out);
        let added = log.lock().unwrap().split_off(given);
        let expected = [
            Event::PartEnd { choice: 0, part: 0 },
            Event::Finish {
                choice: 0,
                finish: Finish::Length,
            },
            Event::End,
        ];
        assert_eq!(added, expected.map(|event| format!("{event:?}")));
    }
}
