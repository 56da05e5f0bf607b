//! A stream of this dialect on its way to a client of the same: frames pass byte for byte and are watched.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use gateway_types::{Call, Error, ErrorKind, Operation};

use super::glance::Glance;
use super::wire::Answer;
use super::{errors, pass, writer};
use crate::framing::sse::{Frame, Splitter};
use crate::json::Out;
use crate::kind::Kind;
use crate::lane::{Close, Observed, Relay};
use crate::passing::{Pieces, Run};
use crate::target::Target;

/// How much is held back at the most while no content comes.
const HELD: usize = 64 * 1024;

/// Passes frames on.
#[derive(Debug)]
pub(super) struct Passing {
    splitter: Splitter,
    glance: Glance,
    observed: Observed,
    /// Whether the frame that answers the gateway's own question for usage is to be cut.
    cuts_usage: bool,
    kind: &'static Kind,
    operation: Operation,
    choices: u32,
    ended: BTreeSet<u32>,
    head: Option<Head>,
    held: Vec<Bytes>,
    held_bytes: usize,
}

/// What every chunk of the stream says again.
#[derive(Debug, Default)]
struct Head {
    id: String,
    model: String,
    created: i64,
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pass,
    Cut,
}

impl Passing {
    pub(super) fn new(call: &Call, target: &Target) -> Self {
        Self {
            splitter: Splitter::default(),
            glance: Glance::default(),
            observed: Observed::default(),
            cuts_usage: pass::asks_for_usage(call, target),
            kind: target.kind,
            operation: call.operation,
            choices: call.choices,
            ended: BTreeSet::new(),
            head: None,
            held: Vec::new(),
            held_bytes: 0,
        }
    }

    fn frame(&mut self, frame: &Frame, whole: bool) -> Result<Fate, Error> {
        let Some(data) = frame.data() else {
            return Ok(Fate::Pass);
        };
        let data = data.trim_ascii();
        if data.is_empty() || self.observed.failed {
            return Ok(Fate::Pass);
        }
        if data == b"[DONE]" {
            self.observed.done = true;
            return Ok(Fate::Pass);
        }
        if whole
            && self.head.is_some()
            && let Some(bytes) = self.glance.at(data)
        {
            self.observed.output_bytes += bytes;
            self.observed.content |= bytes > 0;
            return Ok(Fate::Pass);
        }
        self.chunk(data)
    }

    fn chunk(&mut self, data: &[u8]) -> Result<Fate, Error> {
        let answer = Answer::chunk(data)?;
        if let Some(usage) = answer.usage {
            self.observed.usage = Some(self.kind.believed(usage.classes()));
        }
        for (i, choice) in answer.choices.iter().flatten().enumerate() {
            self.observed.output_bytes += choice.output_bytes();
            self.observed.content |= choice.has_content();
            let index = choice.number(i);
            // Some give more answers than they were asked for; within reason, each is ended.
            self.choices = self.choices.max(index.saturating_add(1).min(128));
            if let Some(finish) = &choice.finish_reason {
                self.ended.insert(index);
                if self.observed.finish.is_none() || index == 0 {
                    self.observed.finish = Some(finish.clone());
                }
            }
        }
        if let Some(error) = answer.error {
            if !self.observed.content {
                return Err(errors::inside(error, data));
            }
            self.observed.failed = true;
            return Ok(Fate::Pass);
        }
        let only_usage = answer.usage.is_some() && answer.choices.as_ref().is_some_and(Vec::is_empty);
        self.remember(answer);
        Ok(if self.cuts_usage && only_usage {
            Fate::Cut
        } else {
            Fate::Pass
        })
    }

    /// Keeps what a closing chunk has to say again. A first chunk may leave it out (Azure's is about its filter only).
    fn remember(&mut self, answer: Answer<'_>) {
        if answer.choices.is_none_or(|choices| choices.is_empty()) || self.head.is_some() {
            return;
        }
        let model = answer.model.unwrap_or_default();
        self.observed.model = Some(model.clone()).filter(|model| !model.is_empty());
        let (id, created) = (answer.id.unwrap_or_default(), answer.created.unwrap_or_default());
        self.head = Some(Head { id, model, created });
    }

    /// Takes every whole frame; what passes is put into as few pieces as it can be.
    fn frames(&mut self, chunk: &Bytes, run: &mut Run<'_>) -> Result<(), Error> {
        self.splitter.push(chunk.clone());
        loop {
            let frame = self.splitter.next_frame();
            let Some(frame) = frame.map_err(|error| Error::new(ErrorKind::UpstreamFailed, error.to_string()))? else {
                return Ok(());
            };
            if self.frame(&frame, true)? == Fate::Pass {
                run.add(frame.span, frame.bytes);
            }
        }
    }

    /// Whether what has come may go out.
    fn committed(&self) -> bool {
        let seen = &self.observed;
        seen.content || seen.done || seen.failed || seen.finish.is_some() || self.held_bytes > HELD
    }

    fn release(&mut self, pieces: Pieces, out: &mut Vec<Bytes>) {
        self.held_bytes = self.held_bytes.saturating_add(pieces.iter().map(Bytes::len).sum());
        if self.committed() {
            out.append(&mut self.held);
            out.extend(pieces);
        } else {
            self.held.extend(pieces);
        }
    }

    /// Chunks that end every answer that has not ended, as if it had met its cap.
    fn ending(&self) -> Vec<u8> {
        let none = Head::default();
        let head = self.head.as_ref().unwrap_or(&none);
        let chat = self.operation == Operation::Chat;
        let mut frames = Vec::new();
        for index in (0..self.choices).filter(|index| !self.ended.contains(index)) {
            frames.extend_from_slice(b"data: ");
            Out::object(&mut frames, |out| {
                out.member("id", &head.id);
                out.member(
                    "object",
                    if chat {
                        "chat.completion.chunk"
                    } else {
                        "text_completion"
                    },
                );
                out.member("created", head.created);
                out.member("model", &head.model);
                out.array("choices", |out| {
                    out.item_object(|out| {
                        out.member("index", index);
                        if chat {
                            out.inner("delta", |_| {});
                        } else {
                            out.member("text", "");
                        }
                        out.member("logprobs", ());
                        out.member("finish_reason", "length");
                    });
                });
            });
            frames.extend_from_slice(b"\n\n");
        }
        frames.extend_from_slice(writer::DONE);
        frames
    }
}

impl Relay for Passing {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let mut run = Run::of(&bytes);
        let result = self.frames(&bytes, &mut run);
        self.release(run.finish(), out);
        result
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let mut pieces = Pieces::new();
        // A last frame without its empty line is whole if what stands in it is.
        if let Some(rest) = self.splitter.rest()
            && rest.data().is_some()
        {
            match self.frame(&rest, false) {
                Ok(Fate::Pass) => pieces.push(ended(&rest.bytes)),
                Ok(Fate::Cut) => {}
                Err(error) if !self.observed.content => return Err(error),
                // It was cut off with the stream: whether that was over is told by what came before.
                Err(_) => {}
            }
        }
        // Some servers never say [DONE]; an answer that has ended is over all the same.
        self.observed.done |= self.observed.finish.is_some();
        self.release(pieces, out);
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
        out.append(&mut self.held);
        match how {
            Close::Length => {
                out.push(Bytes::from(self.ending()));
                self.observed.finish.get_or_insert_with(|| String::from("length"));
                self.observed.done = true;
            }
            Close::Error(error) => {
                out.push(Bytes::from(errors::frame(error)));
                self.observed.failed = true;
            }
        }
    }

    fn observed(&self) -> &Observed {
        &self.observed
    }
}

/// A frame's bytes with the empty line that it lacks.
fn ended(bytes: &Bytes) -> Bytes {
    let mut whole = BytesMut::from(&bytes[..]);
    whole.extend_from_slice(if bytes.ends_with(b"\n") || bytes.ends_with(b"\r") {
        b"\n"
    } else {
        b"\n\n"
    });
    whole.freeze()
}
