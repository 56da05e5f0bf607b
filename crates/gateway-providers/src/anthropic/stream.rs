//! A stream, read as events.

use bytes::Bytes;
use gateway_types::chat::{Event, Opaque, Part, PartStart};
use gateway_types::{DialectName, Error};
use smallvec::SmallVec;

use super::own_block::OwnBlock;
use super::response::finish;
use super::step::{Opened, Piece, Step};
use super::usage::Tokens;
use super::{citations, error};
use crate::dialect::EventReader;
use crate::framing::sse::{Frame, Splitter};
use crate::seal;
use crate::target::Target;

/// This dialect gives one answer.
const CHOICE: u32 = 0;

/// Reads a stream of `POST /v1/messages`.
#[derive(Debug)]
pub(super) struct Reader {
    /// Who makes the signatures.
    target: Target,
    frames: Splitter,
    /// The blocks that are open, by the index that the stream gives them.
    open: SmallVec<[(u32, Open); 2]>,
    /// How many pieces have begun.
    parts: u32,
    tokens: Tokens,
    finished: bool,
    over: bool,
}

/// An open block.
#[derive(Debug)]
enum Open {
    /// Text or thinking.
    Words { part: u32 },
    /// A tool call: the arguments that its start held, which count if no more come.
    Tool { part: u32, input: String, more: bool },
    /// A block without a word of ours, which is a piece once it is whole.
    Own(OwnBlock),
}

impl EventReader for Reader {
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        self.frames.push(Bytes::copy_from_slice(bytes));
        while let Some(frame) = self
            .frames
            .next_frame()
            .map_err(|why| error::unreadable("a stream", &why))?
        {
            self.frame(&frame, events)?;
        }
        Ok(())
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        if let Some(frame) = self.frames.rest() {
            // Half a frame is what a broken connection leaves behind; a whole one only lacks its last line feed.
            let _ = self.frame(&frame, events);
        }
        // Where the reason has come, all has come, with or without the last event.
        if self.finished && !self.over {
            self.over = true;
            events.push(Event::End);
        }
        Ok(())
    }
}

impl Reader {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            target: target.clone(),
            frames: Splitter::default(),
            open: SmallVec::new(),
            parts: 0,
            tokens: Tokens::default(),
            finished: false,
            over: false,
        }
    }

    fn made(&self, value: String) -> Opaque {
        seal::made(value, DialectName::Anthropic, &self.target)
    }

    fn frame(&mut self, frame: &Frame, events: &mut Vec<Event>) -> Result<(), Error> {
        let Some(data) = frame.data() else { return Ok(()) };
        if self.over {
            return Ok(());
        }
        match Step::read(&data)? {
            Step::Start { id, model, tokens } => {
                events.push(Event::Start {
                    id,
                    model,
                    created: None,
                });
                self.usage(tokens, events);
            }
            Step::Open { index, block } => self.begin(index, block, events),
            Step::More { index, piece } => self.more(index, piece, events),
            Step::Close { index } => self.end(index, events),
            Step::Finish {
                reason,
                sequence,
                tokens,
            } => {
                self.usage(tokens, events);
                if let Some(reason) = reason
                    && !self.finished
                {
                    self.finished = true;
                    events.push(Event::Finish {
                        choice: CHOICE,
                        finish: finish(&reason, sequence),
                    });
                }
            }
            Step::Stop => {
                self.over = true;
                events.push(Event::End);
            }
            Step::Error(error) => {
                self.over = true;
                events.push(Event::Error(error));
            }
            Step::Nothing => {}
        }
        Ok(())
    }

    fn usage(&mut self, tokens: Option<Tokens>, events: &mut Vec<Event>) {
        if let Some(tokens) = tokens {
            self.tokens.merge(tokens);
            events.push(Event::Usage(self.tokens.usage()));
        }
    }

    fn begin(&mut self, index: u32, block: Opened, events: &mut Vec<Event>) {
        // A block that begins ends one of the same index that was left open.
        self.end(index, events);
        let part = self.parts;
        let choice = CHOICE;
        let (start, open, text, signature) = match block {
            Opened::Text(text) => (PartStart::Text, Open::Words { part }, text, None),
            Opened::Thinking { text, signature } => (PartStart::Reasoning, Open::Words { part }, text, signature),
            Opened::Redacted(data) => (
                PartStart::Encrypted(self.made(data)),
                Open::Words { part },
                String::new(),
                None,
            ),
            Opened::ToolUse { id, name, input } => (
                PartStart::ToolUse {
                    id,
                    name,
                    freeform: false,
                },
                Open::Tool {
                    part,
                    input,
                    more: false,
                },
                String::new(),
                None,
            ),
            Opened::Other(json) => {
                self.open.push((index, Open::Own(OwnBlock::new(json))));
                return;
            }
        };
        self.parts += 1;
        self.open.push((index, open));
        events.push(Event::PartStart { choice, part, start });
        if !text.is_empty() {
            events.push(Event::Delta { choice, part, text });
        }
        if let Some(signature) = signature.filter(|signature| !signature.is_empty()) {
            let signature = self.made(signature);
            events.push(Event::Signature {
                choice,
                part,
                signature,
            });
        }
    }

    fn more(&mut self, index: u32, piece: Piece, events: &mut Vec<Event>) {
        let choice = CHOICE;
        let Some((_, open)) = self.open.iter_mut().find(|(at, _)| *at == index) else {
            return;
        };
        match (open, piece) {
            (Open::Words { part }, Piece::Text(text) | Piece::Thinking(text)) if !text.is_empty() => {
                events.push(Event::Delta {
                    choice,
                    part: *part,
                    text,
                });
            }
            (Open::Words { part }, Piece::Signature(signature)) => {
                let signature = seal::made(signature, DialectName::Anthropic, &self.target);
                events.push(Event::Signature {
                    choice,
                    part: *part,
                    signature,
                });
            }
            (Open::Words { part }, Piece::Citation(said)) => {
                events.push(Event::Citation {
                    choice,
                    part: *part,
                    citation: citations::read(said),
                });
            }
            (Open::Tool { part, more, .. }, Piece::Json(text)) if !text.is_empty() => {
                *more = true;
                events.push(Event::Delta {
                    choice,
                    part: *part,
                    text,
                });
            }
            (Open::Own(block), Piece::Json(text)) => block.input(&text),
            (Open::Own(block), Piece::Other(delta)) => block.members(&delta),
            _ => {}
        }
    }

    fn end(&mut self, index: u32, events: &mut Vec<Event>) {
        let Some(at) = self.open.iter().position(|(open, _)| *open == index) else {
            return;
        };
        let choice = CHOICE;
        match self.open.remove(at).1 {
            Open::Own(block) => {
                let part = self.parts;
                self.parts += 1;
                let start = PartStart::Whole(Part::Other(block.whole()));
                events.push(Event::PartStart { choice, part, start });
                events.push(Event::PartEnd { choice, part });
            }
            Open::Words { part } => events.push(Event::PartEnd { choice, part }),
            Open::Tool { part, input, more } => {
                if !more {
                    events.push(Event::Delta {
                        choice,
                        part,
                        text: input,
                    });
                }
                events.push(Event::PartEnd { choice, part });
            }
        }
    }
}
