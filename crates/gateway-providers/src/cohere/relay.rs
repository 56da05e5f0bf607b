//! What is to be known of a stream that passes to a client of the same dialect.

use gateway_types::Error;

use super::step::Step;
use super::wire;
use crate::framing::sse::Splitter;
use crate::lane::Observed;
use crate::passing::Watch;

/// Where a passing stream stands.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    started: bool,
    content: Option<u32>,
    call: Option<u32>,
}

impl Watch for Watcher {
    type Frames = Splitter;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        match Step::read(data)? {
            Step::Start { id } => {
                self.started = true;
                seen.id = Some(id).filter(|id| !id.is_empty());
            }
            Step::Open { index, text, .. } => {
                self.content = Some(index);
                said(&text, seen);
            }
            Step::More { text, .. } | Step::Plan(text) | Step::Arguments { text, .. } => said(&text, seen),
            Step::Close { .. } => self.content = None,
            Step::Call { index, call } => {
                self.call = Some(index);
                seen.content = true;
                said(&call.arguments, seen);
            }
            Step::CallEnd { .. } => self.call = None,
            Step::End { reason, usage } => {
                seen.usage = usage.classes();
                seen.finish = Some(reason);
                seen.done = true;
            }
            Step::Error(error) => return Ok(Some(error)),
            Step::Citation(_) | Step::Nothing => {}
        }
        Ok(None)
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let mut frames = Vec::new();
        self.close(&mut frames);
        wire::stop(&mut frames, |out| out.member("finish_reason", "MAX_TOKENS"));
        (frames, "MAX_TOKENS")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        let mut frames = Vec::new();
        self.close(&mut frames);
        wire::fail(&mut frames, error);
        frames
    }
}

impl Watcher {
    /// Ends what is open, or begins what has not begun.
    fn close(&mut self, frames: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            wire::start(frames, "");
        }
        if let Some(index) = self.content.take() {
            wire::end(frames, "content-end", index);
        }
        if let Some(index) = self.call.take() {
            wire::end(frames, "tool-call-end", index);
        }
    }
}

fn said(text: &str, seen: &mut Observed) {
    seen.output_bytes += text.len() as u64;
    seen.content |= !text.is_empty();
}
