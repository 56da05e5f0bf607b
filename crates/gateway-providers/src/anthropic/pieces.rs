//! The pieces of an answer that is being streamed to a client, each with its block.

use gateway_types::chat::Opaque;

use super::frames::{input_delta, signature_delta, stop};
use super::show;

/// A piece of the answer.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// Its block, while one is open.
    pub(super) block: Option<u32>,
    /// Whether the other side has ended it.
    pub(super) ended: bool,
}

/// What kind of piece it is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Text; its signature follows it.
    Text(Option<Opaque>),
    /// Thinking, and whether it is signed.
    Thinking { signed: bool },
    /// A tool's call that has not been written yet: its signature may still come, and goes into the id.
    Called { id: String, name: String, freeform: bool },
    /// A tool's call whose input is being written, or has been.
    Calling { freeform: bool },
}

impl Piece {
    /// A piece that has begun, and of which nothing is written.
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            block: None,
            ended: false,
        }
    }

    /// Ends its block, if one is open.
    pub(super) fn close(&mut self, to: &mut Vec<u8>) {
        let Some(index) = self.block.take() else { return };
        match self.kind {
            Kind::Calling { freeform: true } => input_delta(index, "\"}", to),
            Kind::Thinking { signed: false } => signature_delta(index, &show::unsigned_thinking(), to),
            _ => {}
        }
        stop(index, to);
    }
}
