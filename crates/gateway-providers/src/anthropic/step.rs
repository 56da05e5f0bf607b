//! One frame of a stream, understood. The reader and the relay both walk by these steps.

use std::borrow::Cow;

use gateway_types::Error;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::response::Block;
use super::usage::Tokens;

/// What a frame says.
#[derive(Debug)]
pub(super) enum Step {
    /// `message_start`.
    Start {
        id: String,
        model: String,
        tokens: Option<Tokens>,
    },
    /// `content_block_start`.
    Open { index: u32, block: Opened },
    /// `content_block_delta`.
    More { index: u32, piece: Piece },
    /// `content_block_stop`.
    Close { index: u32 },
    /// `message_delta`.
    Finish {
        reason: Option<String>,
        sequence: Option<String>,
        tokens: Option<Tokens>,
    },
    /// `message_stop`.
    Stop,
    /// `error`.
    Error(Error),
    /// A ping, a comment, or an event that is not known yet.
    Nothing,
}

/// What kind of block begins.
#[derive(Debug)]
pub(super) enum Opened {
    Text(String),
    Thinking {
        text: String,
        signature: Option<String>,
    },
    Redacted(String),
    ToolUse {
        id: String,
        name: String,
        input: String,
    },
    /// One that only this dialect knows: server tools and their results, compactions.
    Other(Box<RawValue>),
}

/// More of a block.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Json(String),
    Thinking(String),
    Signature(String),
    Citation(Box<RawValue>),
    /// Members of a block that only this dialect knows.
    Other(Box<RawValue>),
}

/// The members of all events; which are there depends on the type.
#[derive(Debug, Deserialize)]
struct Data<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    index: u32,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Message<'a> {
    #[serde(default)]
    id: String,
    #[serde(default)]
    model: String,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// The members of all deltas, of which the type says which one is meant.
#[derive(Debug, Deserialize)]
struct Delta<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    partial_json: Option<&'a RawValue>,
    #[serde(borrow, default)]
    thinking: Option<&'a RawValue>,
    #[serde(borrow, default)]
    signature: Option<&'a RawValue>,
}

/// Apart from the others, because what it holds is kept verbatim.
#[derive(Debug, Deserialize)]
struct CitationDelta {
    citation: Box<RawValue>,
}

#[derive(Debug, Default, Deserialize)]
struct Ending {
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    stop_sequence: Option<String>,
}

impl Step {
    /// Understands the data of a frame. The type inside decides, since imitations leave the event's name out.
    pub(super) fn read(data: &[u8]) -> Result<Self, Error> {
        // Imitations close in the other dialect's way.
        if data.trim_ascii().is_empty() || data.trim_ascii() == b"[DONE]" {
            return Ok(Self::Nothing);
        }
        let event: Data<'_> = serde_json::from_slice(data).map_err(|why| unreadable(&why))?;
        let index = event.index;
        Ok(match &*event.kind {
            "message_start" => {
                let message: Message<'_> = part(event.message)?;
                Self::Start {
                    tokens: Tokens::read(message.usage),
                    id: message.id,
                    model: message.model,
                }
            }
            "content_block_start" => Self::Open {
                index,
                block: Opened::read(event.content_block)?,
            },
            "content_block_delta" => Self::More {
                index,
                piece: Piece::read(event.delta)?,
            },
            "content_block_stop" => Self::Close { index },
            "message_delta" => {
                let ending: Ending = if event.delta.is_some() {
                    part(event.delta)?
                } else {
                    Ending::default()
                };
                let tokens = Tokens::read(event.usage);
                Self::Finish {
                    reason: ending.stop_reason,
                    sequence: ending.stop_sequence,
                    tokens,
                }
            }
            "message_stop" => Self::Stop,
            "error" => Self::Error(error::read_event(data)),
            _ => Self::Nothing,
        })
    }
}

impl Opened {
    fn read(raw: Option<&RawValue>) -> Result<Self, Error> {
        let raw = raw.ok_or_else(missing)?;
        Ok(match Block::read(raw)? {
            Block::Text(block) => Self::Text(block.text),
            Block::Thinking(block) => Self::Thinking {
                text: block.thinking,
                signature: block.signature,
            },
            Block::Redacted(block) => Self::Redacted(block.data),
            Block::ToolUse(block) => Self::ToolUse {
                input: block.arguments(),
                id: block.id,
                name: block.name,
            },
            Block::Other => Self::Other(raw.to_owned()),
        })
    }
}

impl Piece {
    fn read(raw: Option<&RawValue>) -> Result<Self, Error> {
        let raw = raw.ok_or_else(missing)?;
        let delta: Delta<'_> = part(Some(raw))?;
        Ok(match &*delta.kind {
            "text_delta" => Self::Text(part(delta.text)?),
            "input_json_delta" => Self::Json(part(delta.partial_json)?),
            "thinking_delta" => Self::Thinking(part(delta.thinking)?),
            "signature_delta" => Self::Signature(part(delta.signature)?),
            _ => match part::<CitationDelta>(Some(raw)) {
                Ok(delta) => Self::Citation(delta.citation),
                Err(_) => Self::Other(raw.to_owned()),
            },
        })
    }
}

fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Result<T, Error> {
    serde_json::from_str(raw.ok_or_else(missing)?.get()).map_err(|why| unreadable(&why))
}

fn missing() -> Error {
    unreadable(&"a member of it is missing")
}

fn unreadable(why: &dyn std::fmt::Display) -> Error {
    error::unreadable("an event", why)
}
