//! A stream of Converse on its way to a client of the same dialect: watched, and ended where it must be.

use gateway_types::Error;
use smallvec::SmallVec;

use super::reader::MOST_OPEN;
use super::step::{Opened, Piece, Step};
use super::usage::Tokens;
use super::{error, frames as write, told};
use crate::framing::eventstream::Splitter;
use crate::lane::Observed;
use crate::passing::Watch;

/// Watches a stream of Converse.
#[derive(Debug, Default)]
pub(super) struct Converse {
    begun: bool,
    finished: bool,
    /// The blocks that are open.
    open: SmallVec<[u32; 2]>,
}

impl Watch for Converse {
    type Frames = Splitter;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        let step = Step::read(data)?;
        let reported = self.step(step, seen);
        if self.open.len() > MOST_OPEN {
            return Err(error::unreadable(
                "a stream",
                &"more blocks are open than of any answer",
            ));
        }
        Ok(reported)
    }

    fn has_ended(&self) -> bool {
        self.finished
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let mut frames = Vec::new();
        for index in std::mem::take(&mut self.open) {
            write::stop(Some(index), &mut frames);
        }
        if !self.finished {
            write::cut(self.begun, &mut frames);
        }
        // What was used is not known yet; zeros are what clients add up without harm.
        write::metadata(&Tokens::default().usage(), &mut frames);
        (frames, "max_tokens")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        let mut frame = Vec::new();
        told::write(error, &mut frame);
        frame
    }
}

impl Converse {
    /// Notes a step; gives the error that the provider reports in it.
    pub(super) fn step(&mut self, step: Step, seen: &mut Observed) -> Option<Error> {
        match step {
            Step::Start => self.begun = true,
            Step::Open { index, block } => {
                self.opened(index);
                // A tool's call says something at once; a picture does with its first bytes.
                seen.content |= !matches!(block, Opened::Image(_));
            }
            Step::More { index, piece } => {
                self.opened(index);
                seen.output_bytes += piece.bytes();
                seen.content |= !matches!(&piece, Piece::Text(text) | Piece::Thinking(text) if text.is_empty());
            }
            Step::Close { index } => self.open.retain(|open| *open != index),
            Step::Finish { reason, .. } => {
                self.finished = true;
                seen.finish = Some(reason);
            }
            Step::Report { tokens } => {
                seen.usage = tokens.map(|tokens| tokens.usage()).or(seen.usage);
                seen.done = true;
            }
            Step::Error(error) => return Some(error),
            Step::Nothing => {}
        }
        None
    }

    fn opened(&mut self, index: u32) {
        self.begun = true;
        if !self.open.contains(&index) && self.open.len() <= MOST_OPEN {
            self.open.push(index);
        }
    }

    /// The blocks that are open, which are not from now on.
    pub(super) fn close_all(&mut self) -> SmallVec<[u32; 2]> {
        std::mem::take(&mut self.open)
    }

    /// Whether anything has come, and whether the answer has ended.
    pub(super) fn state(&self) -> (bool, bool) {
        (self.begun, self.finished)
    }
}
