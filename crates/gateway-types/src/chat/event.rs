//! A streamed chat response, as a small language of events.

use serde_json::value::RawValue;

use crate::usage::Usage;

use super::{Citation, Finish, Opaque, Part};

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
    /// The signature of the piece that is open: thinking, a tool call, or text.
    Signature {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
        /// The signature.
        signature: Opaque,
    },
    /// A source that the open text cites.
    Citation {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
        /// The citation.
        citation: Citation,
    },
    /// A piece ends.
    PartEnd {
        /// Which answer.
        choice: u32,
        /// Which piece.
        part: u32,
    },
    /// Token probabilities of what has just been said, in OpenAI's shape, verbatim.
    Logprobs {
        /// Which answer.
        choice: u32,
        /// The probabilities.
        logprobs: Box<RawValue>,
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
#[derive(Clone, Debug)]
pub enum PartStart {
    /// Text.
    Text,
    /// Thinking that can be read.
    Reasoning,
    /// Thinking that cannot be read, whole.
    Encrypted(Opaque),
    /// A refusal.
    Refusal,
    /// A tool call; its arguments follow as deltas.
    ToolUse {
        /// The id that the result refers to.
        id: String,
        /// The tool's name.
        name: String,
        /// Whether the tool is a freeform one.
        freeform: bool,
    },
    /// A piece that comes whole: a picture, sound, something that only one dialect knows. Nothing follows but its end.
    Whole(Part),
}
