//! A client's request as facts. The body stays bytes; a typed view is made only where a translation needs one.

use bytes::Bytes;

use crate::id::ModelName;
use crate::json::Object;
use crate::operation::{DialectName, Operation};

/// One decoded request: what the stages before translation may know of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it wants done.
    pub operation: Operation,
    /// The shape that its body has.
    pub dialect: DialectName,
    /// The model as the client wrote it, prefix included.
    pub model: ModelName,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// How the stream is cut into frames.
    pub form: StreamForm,
    /// The caps on output that it states.
    pub caps: Caps,
    /// How many answers it asks for (`n`); 1 unless said.
    pub choices: u32,
    /// Models to try after the first, in order, as written.
    pub fallbacks: Vec<ModelName>,
    /// Whether it asked for a usage report at the end of the stream itself.
    pub wants_usage: bool,
    /// An upper bound of its input in tokens: no tokenizer makes more tokens than there are bytes.
    pub input_bound: u64,
    /// A likely size of its input in tokens, for ranking and small windows.
    pub input_estimate: u64,
    /// The body and where its acted-on members stand.
    pub body: Body,
}

/// What the path of a request says of it, before its body is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done.
    pub operation: Operation,
    /// The model, where the path names it.
    pub model: Option<String>,
    /// The form of the stream, where the path asks for one; a body may ask for one too.
    pub stream: Option<StreamForm>,
    /// The media type of the body, where it is not JSON: a multipart form with its boundary.
    pub content_type: Option<String>,
}

impl Asked {
    /// An operation whose path says nothing more.
    pub const fn plain(operation: Operation) -> Self {
        Self {
            operation,
            model: None,
            stream: None,
            content_type: None,
        }
    }
}

/// How a stream is cut into frames for the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamForm {
    /// The dialect's usual form: server-sent events, lines of JSON, AWS event stream.
    #[default]
    Usual,
    /// One JSON array, sent element by element (Gemini without `alt=sse`).
    Array,
}

/// The body of a call: the client's bytes and a map of them.
#[derive(Clone, Debug)]
pub struct Body {
    /// As received.
    pub bytes: Bytes,
    /// Its media type, where it is not JSON.
    pub content_type: Option<String>,
    /// Where the members stand that the dialect acts on.
    pub members: Object,
}

/// The caps on output that a request states, by the fields that dialects have for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// The largest of all that were given: what may be produced, so what must be held.
    pub largest: Option<u64>,
}

impl Caps {
    /// Takes one more field's value into account.
    pub fn note(&mut self, cap: u64) {
        self.largest = Some(self.largest.map_or(cap, |had| had.max(cap)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_cap_counts() {
        let mut caps = Caps::default();
        for cap in [5, 9, 7] {
            caps.note(cap);
        }
        assert_eq!(caps.largest, Some(9));
        assert_eq!(Caps::default().largest, None);
    }
}
