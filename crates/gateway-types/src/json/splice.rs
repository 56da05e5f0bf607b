//! Edits of declared spans: the result is a list of slices, so what is not edited is not copied.

use std::ops::Range;

use bytes::Bytes;
use smallvec::SmallVec;

use super::Object;

/// A body as a list of slices, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slices(pub SmallVec<[Bytes; 7]>);

impl Slices {
    /// One slice.
    pub fn one(bytes: Bytes) -> Self {
        Self(SmallVec::from_iter([bytes]))
    }

    /// The length of the whole.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// Whether there is not a byte in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole in one piece; copies unless there is one slice.
    pub fn concat(&self) -> Bytes {
        match &self.0[..] {
            [one] => one.clone(),
            many => many.iter().flat_map(|slice| slice.iter().copied()).collect(),
        }
    }
}

/// One change of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts other bytes where a value stands.
    Replace(Range<usize>, Bytes),
    /// Takes a member out, with the comma that would be left over.
    Remove(Range<usize>),
    /// Adds a member (`"key":value`) at the end of the object.
    Insert(Bytes),
}

/// Applies edits to the object in `body`; every byte outside them is the input's own.
pub fn splice(_body: &Bytes, _object: &Object, _edits: &[Edit]) -> Slices {
    unimplemented!()
}
