//! What is wrong with a condition, and where.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// One thing that is wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where it stands: a range of bytes of the expression.
    pub place: Range<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What is probably meant, to stand at that place instead.
    pub instead: Option<String>,
}

impl Fault {
    pub(super) fn new(place: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
            instead: None,
        }
    }

    pub(super) fn instead(mut self, instead: Option<&str>) -> Self {
        self.instead = instead.map(str::to_owned);
        self
    }

    /// Where it begins in that expression: line and column, both from 1, the column in characters.
    pub fn line_and_column(&self, source: &str) -> (usize, usize) {
        let before = source.get(..self.place.start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// Where it begins in that expression, in characters from 0: what an editor marks.
    pub fn position(&self, source: &str) -> usize {
        source.get(..self.place.start).unwrap_or(source).chars().count()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
