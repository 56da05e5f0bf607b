//! What is measured: calls of one kind each, by name.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::bodies::{chat, code, falling_back, prose};
use crate::setup::{EIGHT, NOTHING_LEFT, PLAIN, bearer};

/// The names of all cases, the usual ones first.
pub const CASES: [&str; 10] = [
    "whole",
    "stream",
    "prose",
    "code",
    "to-anthropic",
    "stream-from-anthropic",
    "anonymous",
    "eight-quotas",
    "fallback",
    "refused",
];

const CLAUDE: &str = "anthropic/claude-3-5-haiku-20241022";

/// One kind of call.
#[derive(Clone, Debug)]
pub struct Case {
    /// As it is called.
    pub name: &'static str,
    /// What the caller presents.
    pub headers: HeaderMap,
    /// What is asked.
    pub body: Bytes,
    /// How it ends.
    pub status: StatusCode,
    /// Whether the answer is a stream, of [`FRAMES`](crate::FRAMES) frames.
    pub streams: bool,
    /// Whether a call takes long enough for few of them to do.
    pub large: bool,
}

impl Case {
    /// The case of that name.
    pub fn named(name: &str) -> Option<Self> {
        let name = *CASES.iter().find(|known| **known == name)?;
        let whole = Self {
            name,
            headers: bearer(PLAIN),
            body: chat("gpt-4o-mini", false),
            status: StatusCode::OK,
            streams: false,
            large: false,
        };
        Some(match name {
            "stream" => Self {
                body: chat("gpt-4o-mini", true),
                streams: true,
                ..whole
            },
            "prose" => Self {
                body: prose(400_000),
                large: true,
                ..whole
            },
            "code" => Self {
                body: code(400_000),
                large: true,
                ..whole
            },
            "to-anthropic" => Self {
                body: chat(CLAUDE, false),
                ..whole
            },
            "stream-from-anthropic" => Self {
                body: chat(CLAUDE, true),
                streams: true,
                ..whole
            },
            "anonymous" => Self {
                headers: HeaderMap::new(),
                ..whole
            },
            "eight-quotas" => Self {
                headers: bearer(EIGHT),
                ..whole
            },
            // The first choice is known not to have the model, except at the first call.
            "fallback" => Self {
                body: falling_back(),
                ..whole
            },
            "refused" => Self {
                headers: bearer(NOTHING_LEFT),
                status: StatusCode::PAYMENT_REQUIRED,
                ..whole
            },
            _ => whole,
        })
    }
}
