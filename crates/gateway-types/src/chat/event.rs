//! A streamed chat response, as a small language of events.

use serde_json::value::RawValue;

use crate::usage::Usage;

use super::Finish;

/// One step of a stream. `choice` numbers the answer, `part` the piece within it; both count from 0.
#[derive(Clone, Debug)]
pub enum Event {
    /// The answer begins.
    Start {
        /// The provider's id of it.
        id: String,
        /// The model that answers, in the provider's words.
        model: String,
        /// When, in seconds since the epoch, where said.
        created: Option<i64>,
    },
    /// A piece begins.
    PartStart {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
        /// What kind of piece.
        start: PartStart,
    },
    /// Text, thinking text, refusal text or tool arguments: more of the piece that is open.
    Delta {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
        /// The text.
        text: String,
    },
    /// The signature of the thinking that is open.
    Signature {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
        /// The signature.
        signature: String,
    },
    /// A source that the open text cites, verbatim.
    Citation {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
        /// The citation.
        citation: Box<RawValue>,
    },
    /// A piece ends.
    PartEnd {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
    },
    /// What has been used so far; a later one replaces an earlier one.
    Usage(Usage),
    /// An answer ends.
    Finish {
        /// Which answer.
        choice: u32,
        /// Why.
        finish: Finish,
    },
    /// The provider reports an error inside the stream.
    Error(crate::error::Error),
    /// The stream is over, and said so.
    End,
}

/// What kind of piece begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartStart {
    /// Text.
    Text,
    /// Thinking that can be read.
    Reasoning,
    /// Thinking that cannot be read, whole.
    Encrypted(String),
    /// A refusal.
    Refusal,
    /// A tool call; its arguments follow as deltas.
    ToolUse {
        /// The id that the result refers to.
        id: String,
        /// The tool's name.
        name: String,
    },
}
