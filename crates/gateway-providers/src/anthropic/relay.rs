//! A stream on its way to a client of the same dialect, as it comes, and what is seen of it.

use gateway_types::Error;
use smallvec::SmallVec;

use super::frames::{frame, stop};
use super::show::Counts;
use super::step::{Opened, Piece, Step};
use super::told;
use super::usage::Tokens;
use crate::framing::sse::Splitter;
use crate::lane::Observed;
use crate::passing::Watch;

/// What has been seen of a stream.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    tokens: Tokens,
    started: bool,
    /// Whether the answer has ended: why it did has come.
    ended: bool,
    /// The blocks that are open.
    open: SmallVec<[u32; 2]>,
}

impl Watch for Watcher {
    type Frames = Splitter;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        if seen.done {
            return Ok(None);
        }
        match Step::read(data)? {
            Step::Start { model, tokens, .. } => {
                self.started = true;
                seen.model = (!model.is_empty()).then_some(model);
                self.count(tokens, seen);
            }
            Step::Open { index, block } => {
                self.open.push(index);
                opened(&block, seen);
            }
            Step::More { piece, .. } => {
                seen.content = true;
                seen.output_bytes += match &piece {
                    Piece::Text(text) | Piece::Json(text) | Piece::Thinking(text) => text.len() as u64,
                    Piece::Signature(_) | Piece::Citation(_) | Piece::Other(_) => 0,
                };
            }
            Step::Close { index } => self.open.retain(|open| *open != index),
            Step::Finish { reason, tokens, .. } => {
                if reason.is_some() {
                    self.ended = true;
                    seen.finish = reason;
                }
                self.count(tokens, seen);
            }
            Step::Stop => seen.done = true,
            Step::Error(error) => return Ok(Some(error)),
            Step::Nothing => {}
        }
        Ok(None)
    }

    fn has_ended(&self) -> bool {
        self.ended
    }

    fn last_word(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        frame("message_stop", &mut out, |_| {});
        out
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let mut out = Vec::new();
        if !self.started {
            message_start(&mut out);
        }
        for index in std::mem::take(&mut self.open) {
            stop(index, &mut out);
        }
        if !self.ended {
            frame("message_delta", &mut out, |out| {
                out.inner("delta", |out| {
                    out.member("stop_reason", "max_tokens");
                    out.member("stop_sequence", ());
                });
                out.inner("usage", |out| out.member("output_tokens", self.tokens.output()));
            });
        }
        out.extend(self.last_word());
        (out, "max_tokens")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        told::event(error).to_vec()
    }
}

impl Watcher {
    fn count(&mut self, tokens: Option<Tokens>, seen: &mut Observed) {
        if let Some(tokens) = tokens {
            self.tokens.merge(tokens);
            seen.usage = Some(self.tokens.usage());
        }
    }
}

/// Text and thinking begin empty; the others say something at once.
fn opened(block: &Opened, seen: &mut Observed) {
    let bytes = match block {
        Opened::Text(text) | Opened::Thinking { text, .. } => text.len(),
        Opened::ToolUse { .. } | Opened::Redacted(_) | Opened::Other(_) => {
            seen.content = true;
            0
        }
    };
    seen.output_bytes += bytes as u64;
    seen.content |= bytes > 0;
}

/// The beginning of a message of which nothing has come.
fn message_start(to: &mut Vec<u8>) {
    frame("message_start", to, |out| {
        out.inner("message", |out| {
            out.member("id", "");
            out.member("type", "message");
            out.member("role", "assistant");
            out.member("model", "");
            out.array("content", |_| {});
            out.member("stop_reason", ());
            out.member("stop_sequence", ());
            out.member("usage", Counts::likely(0, 0));
        });
    });
}
