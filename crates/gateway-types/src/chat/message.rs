//! Messages and what they are made of.

use bytes::Bytes;
use serde_json::value::RawValue;

use super::opaque::{Opaque, Verbatim};

/// Members that no word of ours covers, kept verbatim and in order, with the key they had.
#[derive(Clone, Debug, Default)]
pub struct Extras(pub Vec<(String, Box<RawValue>)>);

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The operator of the application (`system`, `developer`).
    System,
    /// The end user, and tool results.
    User,
    /// The model.
    Assistant,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The speaker's name, where it has one.
    pub name: Option<String>,
    /// What is said, in order.
    pub parts: Vec<Part>,
    /// What else stood in it.
    pub extras: Extras,
}

/// A mark that the prefix up to here is worth caching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMark {
    /// How long, in the dialect's own words (`5m`, `1h`), where said.
    pub ttl: Option<String>,
}

/// A piece of a message.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
        /// Whether the prefix up to it should be cached.
        cache: Option<CacheMark>,
        /// Sources that it cites.
        citations: Vec<Citation>,
        /// What its maker wants back with it untouched.
        signature: Option<Opaque>,
    },
    /// A picture.
    Image {
        /// Where it is.
        source: Source,
        /// How closely to look (`low`, `high`, `auto`), where said.
        detail: Option<String>,
        /// Whether the prefix up to it should be cached.
        cache: Option<CacheMark>,
    },
    /// Sound.
    Audio {
        /// Where it is.
        source: Source,
        /// What was said in it, where known.
        transcript: Option<String>,
    },
    /// A film.
    Video {
        /// Where it is.
        source: Source,
        /// Whether the prefix up to it should be cached.
        cache: Option<CacheMark>,
    },
    /// A document, such as a PDF.
    Document {
        /// Where it is.
        source: Source,
        /// Its title or file name.
        name: Option<String>,
        /// Whether the prefix up to it should be cached.
        cache: Option<CacheMark>,
        /// What else stood in it, in the dialect's words: whether it may be cited, its context.
        extras: Extras,
    },
    /// The model asks for a tool.
    ToolUse(ToolUse),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// The model's thinking.
    Reasoning(Reasoning),
    /// The model declines.
    Refusal(String),
    /// A part that only one dialect knows.
    Other(Verbatim),
}

/// A source that a text cites.
#[derive(Clone, Debug)]
pub struct Citation {
    /// Its address, where it has one.
    pub url: Option<String>,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// What is cited of it, in its own words.
    pub quote: Option<String>,
    /// The part of the citing text, in characters from its beginning, where said.
    pub range: Option<(u64, u64)>,
    /// As it came.
    pub verbatim: Verbatim,
}

/// Where media are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the request itself, base64 as it was sent.
    Inline {
        /// Its media type (`image/png`).
        media_type: String,
        /// The base64 text.
        data: Bytes,
    },
    /// At an address.
    Url(String),
    /// At the provider, by its id.
    File(String),
    /// Plain text.
    Text(String),
}

/// A call of a tool.
#[derive(Clone, Debug, Default)]
pub struct ToolUse {
    /// The id that the result refers to.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them: JSON text for functions, anything for freeform tools.
    pub arguments: String,
    /// Whether the tool is a freeform one.
    pub freeform: bool,
    /// What its maker wants back with it untouched.
    pub signature: Option<Opaque>,
    /// Whether the prefix up to it should be cached.
    pub cache: Option<CacheMark>,
    /// What else stood in it.
    pub extras: Extras,
}

/// An answer of a tool.
#[derive(Clone, Debug, Default)]
pub struct ToolResult {
    /// The id of the use it answers.
    pub id: String,
    /// The tool's name, where said.
    pub name: Option<String>,
    /// What it answered.
    pub parts: Vec<Part>,
    /// Whether the tool failed.
    pub failed: bool,
    /// Whether the prefix up to it should be cached.
    pub cache: Option<CacheMark>,
}

/// Thinking, as far as the provider shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// What can be read.
    pub text: String,
    /// The provider's proof that the text is its own; must come back untouched.
    pub signature: Option<Opaque>,
    /// What cannot be read; must come back untouched.
    pub encrypted: Option<Opaque>,
}

impl Part {
    /// Plain text without marks.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            cache: None,
            citations: Vec::new(),
            signature: None,
        }
    }
}
