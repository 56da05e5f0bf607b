//! A stream of this dialect on its way to a client of the same: frames pass byte for byte and are watched.

use std::borrow::Cow;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use gateway_types::{Call, Error, ErrorKind};
use serde_json::value::RawValue;

use super::draft::Draft;
use super::echo::Echo;
use super::observe::said;
use super::wire::{self, Item, Status};
use super::writer::finish_word;
use super::{fault, wire::Answer};
use crate::framing::sse::{Frame, Splitter};
use crate::json::literal_len;
use crate::lane::{Close, Observed, Relay};

/// How much is held back at the most while no content comes.
const HELD: usize = 256 * 1024;

/// Passes frames on.
#[derive(Debug)]
pub(super) struct Passing {
    splitter: Splitter,
    observed: Observed,
    draft: Draft,
    /// Whether the client wants the answer to be kept.
    kept: bool,
    held: Vec<Bytes>,
    held_bytes: usize,
}

impl Passing {
    pub(super) fn new(call: &Call) -> Self {
        Self {
            splitter: Splitter::default(),
            observed: Observed::default(),
            draft: Draft::new(call.body.bytes.clone()),
            kept: Echo::of(call).kept,
            held: Vec::new(),
            held_bytes: 0,
        }
    }

    fn frame(&mut self, frame: &Frame) -> Result<(), Error> {
        let Some(data) = frame.data() else { return Ok(()) };
        let data = trimmed(data);
        if data.is_empty() || *data == *b"[DONE]" || self.observed.failed || self.observed.done {
            return Ok(());
        }
        let event = wire::Event::read(&data)?;
        self.draft.number(event.sequence_number);
        let kept = |raw: &RawValue| within(&frame.bytes, raw.get().as_bytes());
        let index = event.output_index.unwrap_or(0);
        match (&*event.kind, event.response, event.item) {
            ("response.created" | "response.queued" | "response.in_progress", Some(raw), _) => {
                self.identify(&event.answer());
                self.draft.response(kept(raw));
            }
            ("response.output_item.added", _, Some(raw)) => {
                self.observed.content |= !matches!(Item::read(raw).kind.as_deref(), Some("message" | "reasoning"));
                self.draft.begins(index, kept(raw));
            }
            ("response.output_item.done", _, Some(raw)) => {
                if !self.draft.has_said(index) {
                    self.observed.output_bytes += said(raw);
                }
                self.observed.content = true;
                self.draft.ends(index, kept(raw));
            }
            ("response.completed" | "response.incomplete" | "response.failed" | "response.cancelled", Some(raw), _) => {
                return self.end(&event.answer(), kept(raw));
            }
            ("error", ..) => return self.fail(fault::event(&event, &data)),
            ("", ..) if event.error.is_some() => return self.fail(fault::event(&event, &data)),
            _ => self.more(&event),
        }
        Ok(())
    }

    fn identify(&mut self, answer: &Answer<'_>) {
        let seen = &mut self.observed;
        seen.id = answer.id.clone().or(seen.id.take());
        seen.model = answer.model.clone().or(seen.model.take());
    }

    fn more(&mut self, event: &wire::Event<'_>) {
        let text = event.delta.map(RawValue::get).filter(|raw| raw.starts_with('"'));
        let sound = event.kind.starts_with("response.audio.");
        if let Some(text) = text.filter(|_| event.kind.ends_with(".delta")) {
            let length = literal_len(text.as_bytes());
            self.observed.content |= length > 0;
            if !sound {
                self.observed.output_bytes += length;
            }
        }
        self.observed.content |= &*event.kind == "response.image_generation_call.partial_image";
        self.draft.more(event);
    }

    fn end(&mut self, answer: &Answer<'_>, whole: Bytes) -> Result<(), Error> {
        self.identify(answer);
        if let Some(usage) = answer.usage {
            self.observed.usage = Some(usage.classes());
        }
        match answer.status() {
            Status::Failed => return self.fail(fault::failed(answer)),
            Status::Over(finish) => {
                self.observed.finish = Some(finish_word(&finish).to_owned());
            }
            Status::Going => {}
        }
        self.observed.done = true;
        self.observed.document = self.kept.then_some(whole);
        Ok(())
    }

    fn fail(&mut self, error: Error) -> Result<(), Error> {
        if !self.observed.content {
            return Err(error);
        }
        self.observed.failed = true;
        Ok(())
    }

    /// Whether what has come may go out.
    fn committed(&self) -> bool {
        let seen = &self.observed;
        seen.content || seen.done || seen.failed || self.held_bytes > HELD
    }

    fn release(&mut self, pieces: Vec<Bytes>, out: &mut Vec<Bytes>) {
        self.held_bytes = self.held_bytes.saturating_add(pieces.iter().map(Bytes::len).sum());
        self.held.extend(pieces);
        if self.committed() {
            out.append(&mut self.held);
        }
    }

    /// Takes every whole frame; what passes is put into as few pieces as it can be.
    fn frames(&mut self, chunk: &Bytes, pieces: &mut Pieces<'_>) -> Result<(), Error> {
        self.splitter.push(chunk.clone());
        loop {
            let frame = self.splitter.next_frame();
            let Some(frame) = frame.map_err(|error| Error::new(ErrorKind::UpstreamFailed, error.to_string()))? else {
                return Ok(());
            };
            self.frame(&frame)?;
            pieces.add(frame);
        }
    }
}

impl Relay for Passing {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        let mut pieces = Pieces::of(&bytes);
        let result = self.frames(&bytes, &mut pieces);
        let pieces = pieces.finish();
        self.release(pieces, out);
        result
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        // A last frame without its empty line is whole if what stands in it is.
        if let Some(rest) = self.splitter.rest()
            && rest.data().is_some()
        {
            match self.frame(&rest) {
                Ok(()) => self.release(vec![ended(&rest.bytes)], out),
                Err(error) if !self.observed.content => return Err(error),
                // It was cut off with the stream: whether that was over is told by what came before.
                Err(_) => {}
            }
        }
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
        let mut frames = Vec::new();
        let usage = self.observed.usage.as_ref();
        match how {
            Close::Length => {
                self.draft.cut(usage, &mut frames);
                self.observed.finish = Some(String::from("max_output_tokens"));
                self.observed.done = true;
            }
            Close::Error(error) => {
                self.draft.fail(error, usage, &mut frames);
                self.observed.failed = true;
            }
        }
        out.push(Bytes::from(frames));
    }

    fn observed(&self) -> &Observed {
        &self.observed
    }
}

/// Without white space around.
fn trimmed(data: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match data {
        Cow::Borrowed(data) => Cow::Borrowed(data.trim_ascii()),
        Cow::Owned(data) => Cow::Owned(data.trim_ascii().to_vec()),
    }
}

/// A part of a frame as a slice of it, or as a copy where it is none.
fn within(frame: &Bytes, part: &[u8]) -> Bytes {
    let (start, end) = (frame.as_ptr() as usize, frame.as_ptr() as usize + frame.len());
    let at = part.as_ptr() as usize;
    match start <= at && at + part.len() <= end {
        true => frame.slice(at - start..at - start + part.len()),
        false => Bytes::copy_from_slice(part),
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

/// Frames that pass, neighbours within one chunk as one slice of it.
struct Pieces<'a> {
    chunk: &'a Bytes,
    run: Range<usize>,
    done: Vec<Bytes>,
}

impl<'a> Pieces<'a> {
    const fn of(chunk: &'a Bytes) -> Self {
        Self {
            chunk,
            run: 0..0,
            done: Vec::new(),
        }
    }

    fn add(&mut self, frame: Frame) {
        match frame.span {
            Some(span) if span.start == self.run.end && !self.run.is_empty() => self.run.end = span.end,
            Some(span) => {
                self.cut();
                self.run = span;
            }
            None => {
                self.cut();
                self.done.push(frame.bytes);
            }
        }
    }

    fn cut(&mut self) {
        if !self.run.is_empty() {
            self.done.push(self.chunk.slice(self.run.clone()));
        }
        self.run = 0..0;
    }

    fn finish(mut self) -> Vec<Bytes> {
        self.cut();
        self.done
    }
}
