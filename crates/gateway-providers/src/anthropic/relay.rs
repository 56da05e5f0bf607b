//! A stream on its way to a client of the same dialect, as it comes.

use bytes::Bytes;
use gateway_types::Error;
use smallvec::SmallVec;

use super::step::{Opened, Piece, Step};
use super::usage::Tokens;
use super::{error, told};
use crate::framing::sse::Splitter;
use crate::lane::{Close, Observed, Relay};

/// How much is held back at the most while no content comes.
const HELD: usize = 64 * 1024;

/// Passes a stream on.
///
/// What comes before the first content is held back, so that an error there can still be made good by another attempt
/// without the client having seen two beginnings.
#[derive(Debug, Default)]
pub(super) struct Pass {
    frames: Splitter,
    held: Vec<Bytes>,
    held_bytes: usize,
    observed: Observed,
    tokens: Tokens,
    started: bool,
    /// The blocks that are open.
    open: SmallVec<[u32; 2]>,
}

impl Relay for Pass {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        self.frames.push(bytes.clone());
        let mut run = Run {
            chunk: bytes,
            span: 0..0,
        };
        while let Some(frame) = self
            .frames
            .next_frame()
            .map_err(|why| error::unreadable("a stream", &why))?
        {
            if self.over() {
                continue;
            }
            if let Some(data) = frame.data() {
                self.watch(&data)?;
            }
            if !self.may_pass() {
                self.held_bytes += frame.bytes.len();
                self.held.push(frame.bytes);
                continue;
            }
            out.append(&mut self.held);
            match frame.span {
                Some(span) => run.add(span, out),
                None => {
                    run.flush(out);
                    out.push(frame.bytes);
                }
            }
        }
        run.flush(out);
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        if let Some(frame) = self.frames.rest()
            && !self.over()
            && let Some(data) = frame.data()
            && Step::read(&data).is_ok()
        {
            // The last frame, whole but for its empty line.
            self.watch(&data)?;
            self.held.push(frame.bytes);
            self.held.push(Bytes::from_static(b"\n\n"));
            if self.may_pass() {
                out.append(&mut self.held);
            }
        }
        if self.over() {
            return Ok(());
        }
        if self.observed.finish.is_none() {
            return Err(error::broke_off());
        }
        out.append(&mut self.held);
        self.stop(out);
        Ok(())
    }

    fn close(&mut self, how: &Close, out: &mut Vec<Bytes>) {
        if self.over() {
            return;
        }
        out.append(&mut self.held);
        match how {
            Close::Error(error) => {
                self.observed.failed = true;
                out.push(told::event(error));
            }
            Close::Length => self.cut(out),
        }
    }

    fn observed(&self) -> &Observed {
        &self.observed
    }
}

impl Pass {
    /// Whether nothing more is to be written.
    fn over(&self) -> bool {
        self.observed.done || self.observed.failed
    }

    /// Looks at one frame. An error that the provider reports is returned only while another attempt can be made.
    fn watch(&mut self, data: &[u8]) -> Result<(), Error> {
        match Step::read(data)? {
            Step::Start { model, tokens, .. } => {
                self.started = true;
                self.observed.model = (!model.is_empty()).then_some(model);
                self.count(tokens);
            }
            Step::Open { index, block } => {
                self.open.push(index);
                self.opened(&block);
            }
            Step::More { piece, .. } => {
                self.observed.content = true;
                self.observed.output_bytes += match &piece {
                    Piece::Text(text) | Piece::Json(text) | Piece::Thinking(text) => text.len() as u64,
                    Piece::Signature(_) | Piece::Citation(_) | Piece::Other(_) => 0,
                };
            }
            Step::Close { index } => self.open.retain(|open| *open != index),
            Step::Finish { reason, tokens, .. } => {
                if reason.is_some() {
                    self.observed.finish = reason;
                }
                self.count(tokens);
            }
            Step::Stop => self.observed.done = true,
            Step::Error(_) if self.observed.content => self.observed.failed = true,
            Step::Error(error) => return Err(error),
            Step::Nothing => {}
        }
        Ok(())
    }

    /// Text and thinking begin empty; the others say something at once.
    fn opened(&mut self, block: &Opened) {
        let bytes = match block {
            Opened::Text(text) | Opened::Thinking { text, .. } => text.len(),
            Opened::ToolUse { .. } | Opened::Redacted(_) | Opened::Other(_) => {
                self.observed.content = true;
                0
            }
        };
        self.observed.output_bytes += bytes as u64;
        self.observed.content |= bytes > 0;
    }

    fn count(&mut self, tokens: Option<Tokens>) {
        if let Some(tokens) = tokens {
            self.tokens.merge(tokens);
            self.observed.usage = Some(self.tokens.usage());
        }
    }

    fn may_pass(&self) -> bool {
        let seen = &self.observed;
        seen.content || seen.finish.is_some() || seen.done || self.held_bytes > HELD
    }

    /// Ends the message as if it had met its cap, from wherever it stands.
    fn cut(&mut self, out: &mut Vec<Bytes>) {
        if !self.started {
            out.push(event(
                "message_start",
                r#""message":{"id":"","type":"message","role":"assistant","model":"","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}"#,
            ));
        }
        for index in std::mem::take(&mut self.open) {
            out.push(event("content_block_stop", &format!(r#""index":{index}"#)));
        }
        if self.observed.finish.is_none() {
            self.observed.finish = Some("max_tokens".to_owned());
            let tokens = self.tokens.output();
            let members = format!(
                r#""delta":{{"stop_reason":"max_tokens","stop_sequence":null}},"usage":{{"output_tokens":{tokens}}}"#
            );
            out.push(event("message_delta", &members));
        }
        self.stop(out);
    }

    fn stop(&mut self, out: &mut Vec<Bytes>) {
        self.observed.done = true;
        out.push(Bytes::from_static(
            b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        ));
    }
}

fn event(name: &str, members: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {{\"type\":\"{name}\",{members}}}\n\n"))
}

/// Neighbouring frames of one chunk, passed on in one piece.
struct Run {
    chunk: Bytes,
    span: std::ops::Range<usize>,
}

impl Run {
    fn add(&mut self, span: std::ops::Range<usize>, out: &mut Vec<Bytes>) {
        if self.span.end == span.start && !self.span.is_empty() {
            self.span.end = span.end;
        } else {
            self.flush(out);
            self.span = span;
        }
    }

    fn flush(&mut self, out: &mut Vec<Bytes>) {
        if !self.span.is_empty() {
            out.push(self.chunk.slice(self.span.clone()));
            self.span = 0..0;
        }
    }
}
