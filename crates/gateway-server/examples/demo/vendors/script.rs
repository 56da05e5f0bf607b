//! What a vendor does when it is asked: bytes and pauses.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Fate {
    /// It is answered.
    Answers(Script),
    /// Nobody takes the connection.
    Refused,
    /// It is taken, and nothing ever comes.
    Silence,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// How long the head takes.
    pub(crate) after: Duration,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) end: End,
    /// Tokens that were written, which is what takes time.
    pub(crate) written: u64,
    /// Of them, those before the first that is seen.
    pub(crate) thought: u64,
}

/// Some of its bytes.
#[derive(Debug)]
pub(crate) struct Piece {
    /// How long after the one before they come.
    pub(crate) after: Duration,
    pub(crate) bytes: Bytes,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Whole,
    /// The connection breaks.
    Broken,
}

impl Script {
    /// A whole JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let bytes = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        Self::of(status, "application/json", vec![bytes])
    }

    /// A stream of events.
    pub(crate) fn events(events: impl IntoIterator<Item = String>) -> Self {
        Self::of(200, "text/event-stream", events.into_iter().map(Bytes::from).collect())
    }

    fn of(status: u16, kind: &str, pieces: Vec<Bytes>) -> Self {
        let piece = |bytes| Piece {
            after: Duration::ZERO,
            bytes,
        };
        Self {
            status,
            headers: vec![("content-type", kind.to_owned())],
            after: Duration::ZERO,
            pieces: pieces.into_iter().map(piece).collect(),
            end: End::Whole,
            written: 0,
            thought: 0,
        }
    }

    /// With a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Having written so much, `thought` of it before anything was seen.
    pub(crate) fn written(self, written: u64, thought: u64) -> Self {
        Self {
            written,
            thought,
            ..self
        }
    }
}
