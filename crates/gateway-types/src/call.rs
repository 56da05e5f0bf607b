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

/// The body of a call: the client's bytes and a map of them.
#[derive(Clone, Debug)]
pub struct Body {
    /// As received.
    pub bytes: Bytes,
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
