//! One event of a stream, understood. The reader and the watcher of passing streams both walk by these steps.

use std::borrow::Cow;

use gateway_types::chat::ToolUse;
use gateway_types::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::Call;
use super::errors;
use super::usage::Wire;
use crate::json::parse;
use crate::passing::DONE;

/// What an event says.
#[derive(Debug)]
pub(super) enum Step {
    /// `message-start`.
    Start { id: String },
    /// `content-start`, with what it holds already.
    Open { index: u32, thinking: bool, text: String },
    /// `content-delta`.
    More {
        index: u32,
        thinking: bool,
        text: String,
        logprobs: Option<Box<RawValue>>,
    },
    /// `content-end`.
    Close { index: u32 },
    /// `tool-plan-delta`.
    Plan(String),
    /// `tool-call-start`.
    Call { index: u32, call: ToolUse },
    /// `tool-call-delta`.
    Arguments { index: u32, text: String },
    /// `tool-call-end`.
    CallEnd { index: u32 },
    /// `citation-start`.
    Citation(Box<RawValue>),
    /// `message-end` of an answer that has one.
    End { reason: String, usage: Wire },
    /// `message-end` of an answer that failed, or an error in the place of an event.
    Error(Error),
    /// The last word, the end of a citation, or an event that is not known yet.
    Nothing,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    index: Option<u32>,
    id: Option<String>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta<'a> {
    #[serde(borrow)]
    message: Option<Message<'a>>,
    finish_reason: Option<String>,
    usage: Option<Wire>,
    error: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    tool_plan: Option<String>,
    #[serde(borrow)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    citations: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    thinking: Option<String>,
}

impl Step {
    /// Understands the data of an event. The type inside decides, since imitations leave the event's name out.
    pub(super) fn read(data: &[u8]) -> Result<Self, Error> {
        if data == DONE {
            return Ok(Self::Nothing);
        }
        let event: Event<'_> = serde_json::from_slice(data).map_err(|why| errors::unreadable("an event", &why))?;
        let index = event.index.unwrap_or(0);
        let Some(kind) = event.kind.as_deref() else {
            return Ok(Self::stray(event.message));
        };
        let delta: Delta<'_> = match event.delta {
            Some(raw) => parse(raw).map_err(|fault| errors::unreadable("an event", &fault.message))?,
            None => Delta::default(),
        };
        let message = delta.message.unwrap_or_default();
        let content = || {
            message
                .content
                .and_then(|raw| parse::<Content>(raw).ok())
                .unwrap_or_default()
        };
        let call = || {
            message
                .tool_calls
                .and_then(|raw| parse::<Call>(raw).ok())
                .unwrap_or_default()
        };
        Ok(match kind {
            "message-start" => Self::Start {
                id: event.id.unwrap_or_default(),
            },
            "content-start" => {
                let content = content();
                Self::Open {
                    index,
                    thinking: content.is_thinking(),
                    text: content.said(),
                }
            }
            "content-delta" => {
                let content = content();
                Self::More {
                    index,
                    thinking: content.is_thinking(),
                    text: content.said(),
                    logprobs: event.logprobs.filter(|raw| raw.get() != "null").map(ToOwned::to_owned),
                }
            }
            "content-end" => Self::Close { index },
            "tool-plan-delta" => Self::Plan(message.tool_plan.unwrap_or_default()),
            "tool-call-start" => Self::Call {
                index,
                call: call().into(),
            },
            "tool-call-delta" => Self::Arguments {
                index,
                text: ToolUse::from(call()).arguments,
            },
            "tool-call-end" => Self::CallEnd { index },
            "citation-start" => message
                .citations
                .map_or(Self::Nothing, |raw| Self::Citation(raw.to_owned())),
            "message-end" => {
                let reason = delta.finish_reason.unwrap_or_default();
                let failed = errors::ended(&reason, delta.error.clone());
                // An error that is named is one, whatever the reason.
                let failed = failed.or_else(|| errors::ended("ERROR", Some(delta.error?)));
                match failed {
                    Some(error) => Self::Error(error),
                    None => Self::End {
                        reason,
                        usage: delta.usage.unwrap_or_default(),
                    },
                }
            }
            _ => Self::Nothing,
        })
    }

    /// What stands in the place of an event: an error, if it has an error's words.
    fn stray(message: Option<&RawValue>) -> Self {
        let said = message.and_then(|raw| parse::<String>(raw).ok());
        said.map_or(Self::Nothing, |said| {
            Self::Error(Error::new(ErrorKind::UpstreamFailed, said))
        })
    }
}

impl Content {
    fn is_thinking(&self) -> bool {
        self.kind.as_deref() == Some("thinking") || (self.kind.is_none() && self.thinking.is_some())
    }

    fn said(self) -> String {
        self.thinking
            .filter(|text| !text.is_empty())
            .or(self.text)
            .unwrap_or_default()
    }
}
