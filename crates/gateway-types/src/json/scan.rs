//! The scanner: one pass over a body, no allocation per member, no tree.

use std::ops::Range;

use smallvec::SmallVec;

/// Where one wanted member stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which of the wanted keys it is: an index into the list given to [`scan`].
    pub key: usize,
    /// From the opening quote of the key to the end of the value.
    pub span: Range<usize>,
    /// The value alone.
    pub value: Range<usize>,
}

/// The map of one JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The wanted members, in the order they stand.
    pub members: SmallVec<[Member; 12]>,
    /// From `{` to `}` inclusive.
    pub span: Range<usize>,
    /// Whether the object has no member at all, wanted or not.
    pub empty: bool,
}

impl Object {
    /// The member with that index in the wanted list.
    pub fn find(&self, key: usize) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }
}

/// Where in the input something stands: a byte offset.
pub type Spot = usize;

/// Why a body is not one the fast lane takes. Parsers disagree about the last three, and allow-lists must not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ScanError {
    #[error("the body is not valid UTF-8 at byte {0}")]
    Utf8(Spot),
    #[error("the body is not valid JSON at byte {0}")]
    Syntax(Spot),
    #[error("the body must be a JSON object")]
    NotAnObject,
    #[error("the body has more after its end, at byte {0}")]
    Trailing(Spot),
    #[error("the body is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("the field `{0}` is given twice")]
    Duplicate(String),
    #[error("a top-level field name is written with an escape, at byte {0}; write it plainly")]
    EscapedKey(Spot),
}

/// Finds the members of the top-level object whose keys are `wanted`, checking the whole input on the way.
///
/// A duplicate of a wanted key and an escape in any top-level key are errors. Structure (brackets, commas, literals,
/// numbers, strings with their escapes), UTF-8 and depth (127) are checked for the whole input; what a string or
/// number means is left to whoever needs it.
pub fn scan(_input: &[u8], _wanted: &[&str]) -> Result<Object, ScanError> {
    unimplemented!()
}
