//! A stream, read as events.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gateway_types::chat::{Event, Part, PartStart, Source, Verbatim};
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;
use smallvec::SmallVec;

use super::error;
use super::formats::IMAGES;
use super::pieces::citation;
use super::show::finish;
use super::step::{Opened, Piece, Step};
use crate::dialect::EventReader;
use crate::framing::eventstream::{FRAME_LIMIT, Splitter};
use crate::json::{Members, Out};
use crate::seal;
use crate::stamp::Stamp;
use crate::target::Target;

/// This dialect gives one answer.
const CHOICE: u32 = 0;

/// The most blocks that may be open at once, and the most bytes that are kept of blocks that are known when they are whole.
pub(super) const MOST_OPEN: usize = 64;
const MOST_KEPT: usize = FRAME_LIMIT;

/// Reads a stream of `POST /model/{id}/converse-stream`.
#[derive(Debug)]
pub(super) struct Reader {
    frames: Splitter,
    target: Target,
    stamp: Stamp,
    /// The blocks that are open, by the index that the stream gives them.
    open: SmallVec<[(u32, Open); 2]>,
    /// How many bytes are kept of blocks that are not whole yet.
    kept: usize,
    /// How many pieces have begun.
    parts: u32,
    finished: bool,
    over: bool,
}

/// An open block.
#[derive(Debug)]
enum Open {
    Text {
        part: u32,
    },
    Thinking {
        part: u32,
    },
    /// A tool's call; whether anything of its input has come.
    Tool {
        part: u32,
        more: bool,
    },
    /// Thinking that cannot be read: known when it is whole.
    Redacted(Vec<String>),
    /// A block that only this dialect knows: its start, and what came of it.
    Own {
        start: Box<RawValue>,
        input: String,
        results: Vec<Box<RawValue>>,
    },
    /// A picture in that format, in pieces of base64.
    Image {
        format: String,
        data: Vec<String>,
    },
}

impl EventReader for Reader {
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        self.frames.push(Bytes::copy_from_slice(bytes));
        while let Some(frame) = self
            .frames
            .next_frame()
            .map_err(|why| error::unreadable("a stream", &why))?
        {
            self.frame(&frame.bytes, events)?;
        }
        Ok(())
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        // Where the reason has come, all has come but for the report.
        if self.finished && !self.over {
            self.over = true;
            events.push(Event::End);
        }
        Ok(())
    }
}

impl Reader {
    pub(super) fn new(target: &Target, stamp: Stamp) -> Self {
        Self {
            frames: Splitter::default(),
            target: target.clone(),
            stamp,
            open: SmallVec::new(),
            kept: 0,
            parts: 0,
            finished: false,
            over: false,
        }
    }

    fn frame(&mut self, frame: &[u8], events: &mut Vec<Event>) -> Result<(), Error> {
        if self.over {
            return Ok(());
        }
        match Step::read(frame)? {
            Step::Start => events.push(Event::Start {
                id: self.stamp.id("msg_", 0),
                model: self.target.model.as_str().to_owned(),
                created: None,
            }),
            Step::Open { index, block } => self.begin(index, block, events),
            Step::More { index, piece } => self.more(index, piece, events),
            Step::Close { index } => self.end(index, events),
            Step::Finish { reason, sequence } => self.finished(&reason, sequence, events),
            Step::Report { tokens } => {
                events.extend(tokens.map(|tokens| Event::Usage(tokens.usage())));
                self.over = true;
                events.push(Event::End);
            }
            Step::Error(error) => {
                self.over = true;
                events.push(Event::Error(error));
            }
            Step::Nothing => {}
        }
        if self.open.len() > MOST_OPEN || self.kept > MOST_KEPT {
            return Err(error::unreadable("a stream", &"more of it is open than of any answer"));
        }
        Ok(())
    }

    fn finished(&mut self, reason: &str, sequence: Option<String>, events: &mut Vec<Event>) {
        while let Some((index, _)) = self.open.first() {
            self.end(*index, events);
        }
        if !std::mem::replace(&mut self.finished, true) {
            events.push(Event::Finish {
                choice: CHOICE,
                finish: finish(reason, sequence),
            });
        }
    }

    fn begin(&mut self, index: u32, block: Opened, events: &mut Vec<Event>) {
        // A block that begins ends one of the same index that was left open.
        self.end(index, events);
        let open = match block {
            Opened::ToolUse { id, name } => {
                let start = PartStart::ToolUse {
                    id,
                    name,
                    freeform: false,
                };
                let part = self.start(start, events);
                Open::Tool { part, more: false }
            }
            Opened::Own(start) => Open::Own {
                start,
                input: String::new(),
                results: Vec::new(),
            },
            Opened::Image(format) => Open::Image {
                format,
                data: Vec::new(),
            },
        };
        self.open.push((index, open));
    }

    fn start(&mut self, start: PartStart, events: &mut Vec<Event>) -> u32 {
        let part = self.parts;
        self.parts += 1;
        events.push(Event::PartStart {
            choice: CHOICE,
            part,
            start,
        });
        part
    }

    /// A piece that is known when it is whole.
    fn whole(&mut self, start: PartStart, events: &mut Vec<Event>) {
        let part = self.start(start, events);
        events.push(Event::PartEnd { choice: CHOICE, part });
    }

    fn more(&mut self, index: u32, piece: Piece, events: &mut Vec<Event>) {
        let choice = CHOICE;
        if !matches!(
            self.find(index),
            Some(Open::Text { .. } | Open::Thinking { .. } | Open::Tool { .. })
        ) {
            self.kept += piece.size();
        }
        match piece {
            Piece::Text(text) => {
                let part = self.words(index, false, events);
                if !text.is_empty() {
                    events.push(Event::Delta { choice, part, text });
                }
            }
            Piece::Thinking(text) => {
                let part = self.words(index, true, events);
                if !text.is_empty() {
                    events.push(Event::Delta { choice, part, text });
                }
            }
            Piece::Signature(signature) => {
                let part = self.words(index, true, events);
                if !signature.is_empty() {
                    let signature = seal::made(signature, DialectName::Bedrock, &self.target);
                    events.push(Event::Signature {
                        choice,
                        part,
                        signature,
                    });
                }
            }
            Piece::Citation(raw) => {
                let part = self.words(index, false, events);
                events.push(Event::Citation {
                    choice,
                    part,
                    citation: citation(&raw),
                });
            }
            Piece::Redacted(data) => match self.find(index) {
                Some(Open::Redacted(pieces)) => pieces.push(data),
                _ => {
                    self.end(index, events);
                    self.open.push((index, Open::Redacted(vec![data])));
                }
            },
            Piece::Input(text) => match self.find(index) {
                Some(Open::Tool { part, more }) if !text.is_empty() => {
                    *more = true;
                    let part = *part;
                    events.push(Event::Delta { choice, part, text });
                }
                Some(Open::Own { input, .. }) => input.push_str(&text),
                _ => {}
            },
            Piece::Results(pieces) => {
                if let Some(Open::Own { results, .. }) = self.find(index) {
                    results.extend(pieces);
                }
            }
            Piece::Image(more) => {
                if let Some(Open::Image { data, .. }) = self.find(index) {
                    data.push(more);
                }
            }
            Piece::Other => {}
        }
    }

    fn find(&mut self, index: u32) -> Option<&mut Open> {
        self.open.iter_mut().find(|(at, _)| *at == index).map(|(_, open)| open)
    }

    /// The piece of the text or thinking that stands there, begun if it is not open.
    fn words(&mut self, index: u32, thinks: bool, events: &mut Vec<Event>) -> u32 {
        match self.find(index) {
            Some(Open::Text { part }) if !thinks => return *part,
            Some(Open::Thinking { part }) if thinks => return *part,
            _ => self.end(index, events),
        }
        let start = if thinks { PartStart::Reasoning } else { PartStart::Text };
        let part = self.start(start, events);
        self.open.push((
            index,
            if thinks {
                Open::Thinking { part }
            } else {
                Open::Text { part }
            },
        ));
        part
    }

    fn end(&mut self, index: u32, events: &mut Vec<Event>) {
        let Some(at) = self.open.iter().position(|(open, _)| *open == index) else {
            return;
        };
        let choice = CHOICE;
        if self.open.len() == 1 {
            self.kept = 0;
        }
        match self.open.remove(at).1 {
            Open::Text { part } | Open::Thinking { part } | Open::Tool { part, more: true } => {
                events.push(Event::PartEnd { choice, part });
            }
            Open::Tool { part, more: false } => {
                let text = "{}".to_owned();
                events.push(Event::Delta { choice, part, text });
                events.push(Event::PartEnd { choice, part });
            }
            Open::Redacted(pieces) => {
                let data = seal::made(joined(pieces), DialectName::Bedrock, &self.target);
                self.whole(PartStart::Encrypted(data), events);
            }
            Open::Own { start, input, results } => {
                if let Some(json) = assembled(&start, &input, &results) {
                    let own = Verbatim {
                        dialect: DialectName::Bedrock,
                        json,
                    };
                    self.whole(PartStart::Whole(Part::Other(own)), events);
                }
            }
            Open::Image { format, data } => {
                let source = Source::Inline {
                    media_type: IMAGES
                        .media_type(&format)
                        .map_or_else(|| format!("image/{format}"), str::to_owned),
                    data: Bytes::from(joined(data)),
                };
                let image = Part::Image {
                    source,
                    detail: None,
                    cache: None,
                };
                self.whole(PartStart::Whole(image), events);
            }
        }
    }
}

/// Pieces of base64, each padded for itself, as one.
fn joined(pieces: Vec<String>) -> String {
    let mut pieces = pieces;
    if pieces.len() == 1 {
        return pieces.remove(0);
    }
    let bytes: Option<Vec<Vec<u8>>> = pieces.iter().map(|piece| STANDARD.decode(piece).ok()).collect();
    bytes.map_or_else(|| pieces.concat(), |bytes| STANDARD.encode(bytes.concat()))
}

/// A block as it stands in a whole answer: its start, and what came of it.
fn assembled(start: &RawValue, input: &str, results: &[Box<RawValue>]) -> Option<Box<RawValue>> {
    let outer = Members::of(start).ok()?;
    let (kind, raw) = outer.pairs().next()?;
    let inner = Members::of(raw).ok()?;
    let mut json = Vec::new();
    Out::object(&mut json, |out| {
        out.inner(kind, |out| {
            inner.pairs().for_each(|(key, value)| out.member(key, value));
            match kind {
                "toolResult" => out.member("content", results),
                _ => out.maybe("input", serde_json::from_str::<&RawValue>(input).ok()),
            }
        });
    });
    serde_json::from_slice(&json).ok()
}
