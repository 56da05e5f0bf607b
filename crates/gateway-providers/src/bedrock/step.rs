//! One frame of a stream, understood. The reader and the watcher both walk by these steps.

use gateway_types::Error;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::response::{stop_sequence, tokens};
use super::usage::Tokens;
use crate::framing::eventstream::{Message, MessageType};

/// What a frame says (`ConverseStreamOutput`).
#[derive(Debug)]
pub(super) enum Step {
    /// `messageStart`.
    Start,
    /// `contentBlockStart`: of tools, their results and pictures alone. Other blocks begin with their first delta.
    Open { index: u32, block: Opened },
    /// `contentBlockDelta`.
    More { index: u32, piece: Piece },
    /// `contentBlockStop`.
    Close { index: u32 },
    /// `messageStop`.
    Finish { reason: String, sequence: Option<String> },
    /// `metadata`: what was used. Nothing follows it.
    Report { tokens: Option<Tokens> },
    /// An exception.
    Error(Error),
    /// An event that is not known yet.
    Nothing,
}

/// What kind of block begins.
#[derive(Debug)]
pub(super) enum Opened {
    /// A tool that the client runs.
    ToolUse { id: String, name: String },
    /// A tool that the provider runs, its answer, or something new: the start as it came.
    Own(Box<RawValue>),
    /// A picture, in that format.
    Image(String),
}

/// More of a block.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Input(String),
    Thinking(String),
    Signature(String),
    Redacted(String),
    Citation(Box<RawValue>),
    /// Pieces of what a tool of the provider's answered.
    Results(Vec<Box<RawValue>>),
    /// A picture, base64.
    Image(String),
    Other,
}

/// The members of all events; which are there depends on the type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(default)]
    content_block_index: u32,
    #[serde(borrow, default)]
    start: Option<&'a RawValue>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(borrow, default)]
    additional_model_response_fields: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    tool_use: Option<ToolStart>,
    image: Option<ImageStart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolStart {
    tool_use_id: String,
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct ImageStart {
    format: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delta {
    text: Option<String>,
    tool_use: Option<Input>,
    tool_result: Option<Vec<Box<RawValue>>>,
    reasoning_content: Option<Thought>,
    citation: Option<Box<RawValue>>,
    image: Option<Picture>,
}

#[derive(Deserialize)]
struct Input {
    input: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thought {
    text: Option<String>,
    signature: Option<String>,
    redacted_content: Option<String>,
}

#[derive(Deserialize)]
struct Picture {
    source: Option<Bytes>,
}

#[derive(Deserialize)]
struct Bytes {
    bytes: Option<String>,
}

impl Step {
    /// Understands a frame.
    pub(super) fn read(frame: &[u8]) -> Result<Self, Error> {
        let message = Message::read(frame).map_err(|why| error::unreadable("a stream", &why))?;
        if message.kind != MessageType::Event {
            return Ok(Self::Error(error::read_message(&message)));
        }
        Self::event(&message.name, message.payload)
    }

    /// Understands an event by its name. Nova's own streams hold the same ones.
    pub(super) fn event(name: &str, payload: &[u8]) -> Result<Self, Error> {
        const KNOWN: [&str; 6] = [
            "messageStart",
            "contentBlockStart",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata",
        ];
        if !KNOWN.contains(&name) {
            return Ok(Self::Nothing);
        }
        let said: Payload<'_> = serde_json::from_slice(payload).map_err(|why| unreadable(&why))?;
        let index = said.content_block_index;
        Ok(match name {
            "contentBlockStart" => Self::Open {
                index,
                block: Opened::read(said.start)?,
            },
            "contentBlockDelta" => Self::More {
                index,
                piece: Piece::read(said.delta)?,
            },
            "contentBlockStop" => Self::Close { index },
            "messageStop" => Self::Finish {
                reason: said.stop_reason.unwrap_or_default(),
                sequence: stop_sequence(said.additional_model_response_fields),
            },
            "metadata" => Self::Report {
                tokens: tokens(said.usage),
            },
            _ => Self::Start,
        })
    }
}

impl Opened {
    fn read(raw: Option<&RawValue>) -> Result<Self, Error> {
        let raw = raw.ok_or_else(|| unreadable(&"`start` is missing"))?;
        let start: Start = part(raw)?;
        Ok(match (start.tool_use, start.image) {
            (Some(tool), _) if tool.kind.as_deref().is_none_or(|kind| kind == "tool_use") => Self::ToolUse {
                id: tool.tool_use_id,
                name: tool.name,
            },
            (None, Some(image)) => Self::Image(image.format),
            _ => Self::Own(raw.to_owned()),
        })
    }
}

impl Piece {
    fn read(raw: Option<&RawValue>) -> Result<Self, Error> {
        let delta: Delta = part(raw.ok_or_else(|| unreadable(&"`delta` is missing"))?)?;
        Ok(match delta {
            Delta { text: Some(text), .. } => Self::Text(text),
            Delta {
                tool_use: Some(more), ..
            } => Self::Input(more.input),
            Delta {
                tool_result: Some(pieces),
                ..
            } => Self::Results(pieces),
            Delta {
                citation: Some(citation),
                ..
            } => Self::Citation(citation),
            Delta {
                reasoning_content: Some(thought),
                ..
            } => match thought {
                Thought { text: Some(text), .. } => Self::Thinking(text),
                Thought {
                    signature: Some(signature),
                    ..
                } => Self::Signature(signature),
                Thought {
                    redacted_content: Some(data),
                    ..
                } => Self::Redacted(data),
                _ => Self::Other,
            },
            Delta {
                image: Some(picture), ..
            } => picture
                .source
                .and_then(|source| source.bytes)
                .map_or(Self::Other, Self::Image),
            _ => Self::Other,
        })
    }

    /// How many bytes it takes to keep.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text)
            | Self::Input(text)
            | Self::Thinking(text)
            | Self::Signature(text)
            | Self::Redacted(text)
            | Self::Image(text) => text.len(),
            Self::Citation(raw) => raw.get().len(),
            Self::Results(pieces) => pieces.iter().map(|piece| piece.get().len()).sum(),
            Self::Other => 0,
        }
    }

    /// How many bytes of it the model wrote.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Text(text) | Self::Input(text) | Self::Thinking(text) => text.len() as u64,
            _ => 0,
        }
    }
}

fn part<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Error> {
    serde_json::from_str(raw.get()).map_err(|why| unreadable(&why))
}

fn unreadable(why: &dyn std::fmt::Display) -> Error {
    error::unreadable("an event", why)
}
