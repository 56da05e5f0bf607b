//! A whole message, read.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Choice, Citation, Extras, Finish, Part, Reasoning, Response, ToolUse, Verbatim};
use gateway_types::{DialectName, Error};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::usage::Tokens;
use crate::lane::{Observed, Whole};
use crate::seal;
use crate::target::Target;

/// The body of an answer.
#[derive(Debug, Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(default)]
    id: String,
    #[serde(default)]
    model: String,
    #[serde(borrow, default)]
    content: Vec<&'a RawValue>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    stop_sequence: Option<String>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stop_details: Option<&'a RawValue>,
    #[serde(borrow, default)]
    container: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context_management: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Error> {
        let message: Self = serde_json::from_slice(body).map_err(|why| error::unreadable("an answer", &why))?;
        match message.kind.as_deref() {
            Some("error") => Err(error::read_event(body)),
            // Imitations leave the type out; an answer without content and reason is none at all.
            Some("message") => Ok(message),
            None if !message.content.is_empty() || message.stop_reason.is_some() => Ok(message),
            _ => Err(error::unreadable("an answer", &"it is no message")),
        }
    }

    fn parts(&self, target: &Target) -> Result<Vec<Part>, Error> {
        self.content.iter().map(|block| part(block, target)).collect()
    }
}

/// Reads a whole answer.
pub(super) fn read(body: &[u8], target: &Target) -> Result<Response, Error> {
    let message = Message::read(body)?;
    let parts = message.parts(target)?;
    let extras = [
        ("stop_details", message.stop_details),
        ("container", message.container),
        ("context_management", message.context_management),
    ];
    let extras = extras
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
    let finish = message.stop_reason.map(|reason| finish(&reason, message.stop_sequence));
    Ok(Response {
        usage: Tokens::read(message.usage).map(|tokens| tokens.usage()),
        id: message.id,
        model: message.model,
        created: None,
        choices: vec![Choice {
            parts,
            finish,
            logprobs: None,
        }],
        extras: Extras(extras.collect()),
    })
}

/// Looks at an answer that is passed on as it is.
pub(super) fn observe(body: Bytes) -> Result<Whole, Error> {
    let message = Message::read(&body)?;
    let sizes = message.content.iter().map(|block| Block::read(block).map(|block| block.size()));
    let output_bytes = sizes.sum::<Result<usize, Error>>()?;
    let observed = Observed {
        usage: Tokens::read(message.usage).map(|tokens| tokens.usage()),
        output_bytes: output_bytes as u64,
        content: !message.content.is_empty(),
        done: true,
        failed: false,
        finish: message.stop_reason,
        model: (!message.model.is_empty()).then_some(message.model),
        ..Observed::default()
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

/// Why an answer ended, in our words.
pub(super) fn finish(reason: &str, sequence: Option<String>) -> Finish {
    match reason {
        "end_turn" => Finish::Stop,
        "stop_sequence" => Finish::StopSequence(sequence),
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::Tools,
        "refusal" => Finish::Refusal,
        "pause_turn" => Finish::Pause,
        other => Finish::Other(other.to_owned()),
    }
}

/// A content block: its type, and the members of the types that have a word of ours.
#[derive(Debug, Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// `text`.
#[derive(Debug, Deserialize)]
pub(super) struct TextBlock {
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    citations: Option<Vec<Box<RawValue>>>,
}

/// `thinking`.
#[derive(Debug, Deserialize)]
pub(super) struct ThinkingBlock {
    #[serde(default)]
    pub(super) thinking: String,
    #[serde(default)]
    pub(super) signature: Option<String>,
}

/// `redacted_thinking`.
#[derive(Debug, Deserialize)]
pub(super) struct RedactedBlock {
    pub(super) data: String,
}

/// `tool_use`.
#[derive(Debug, Deserialize)]
pub(super) struct ToolUseBlock<'a> {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow, default)]
    caller: Option<&'a RawValue>,
}

impl ToolUseBlock<'_> {
    /// The arguments verbatim.
    pub(super) fn arguments(&self) -> String {
        self.input.map_or("{}", RawValue::get).to_owned()
    }
}

/// A content block that has a word of ours, or not.
#[derive(Debug)]
pub(super) enum Block<'a> {
    Text(TextBlock),
    Thinking(ThinkingBlock),
    Redacted(RedactedBlock),
    ToolUse(ToolUseBlock<'a>),
    /// One that only this dialect knows: server tools and their results, compactions.
    Other,
}

impl<'a> Block<'a> {
    /// Reads a content block.
    pub(super) fn read(raw: &'a RawValue) -> Result<Self, Error> {
        let text = raw.get();
        let read = |text| -> serde_json::Result<Self> {
            let kind: Kind<'a> = serde_json::from_str(text)?;
            Ok(match &*kind.kind {
                "text" => Self::Text(serde_json::from_str(text)?),
                "thinking" => Self::Thinking(serde_json::from_str(text)?),
                "redacted_thinking" => Self::Redacted(serde_json::from_str(text)?),
                "tool_use" => Self::ToolUse(serde_json::from_str(text)?),
                _ => Self::Other,
            })
        };
        read(text).map_err(|why| error::unreadable("a content block", &why))
    }

    /// How many bytes the model wrote for it.
    fn size(&self) -> usize {
        match self {
            Self::Text(block) => block.text.len(),
            Self::Thinking(block) => block.thinking.len(),
            Self::ToolUse(block) => block.input.map_or(2, |input| input.get().len()),
            Self::Redacted(_) | Self::Other => 0,
        }
    }
}

fn part(raw: &RawValue, target: &Target) -> Result<Part, Error> {
    Ok(match Block::read(raw)? {
        Block::Text(block) => Part::Text {
            text: block.text,
            cache: None,
            citations: block.citations.unwrap_or_default().into_iter().map(citation).collect(),
            signature: None,
        },
        Block::Thinking(block) => Part::Reasoning(Reasoning {
            text: block.thinking,
            signature: block
                .signature
                .filter(|signature| !signature.is_empty())
                .map(|signature| seal::made(signature, DialectName::Anthropic, target)),
            encrypted: None,
        }),
        Block::Redacted(block) => Part::Reasoning(Reasoning {
            encrypted: Some(seal::made(block.data, DialectName::Anthropic, target)),
            ..Reasoning::default()
        }),
        Block::ToolUse(block) => Part::ToolUse(ToolUse {
            arguments: block.arguments(),
            extras: Extras(
                block
                    .caller
                    .map(|caller| ("caller".to_owned(), caller.to_owned()))
                    .into_iter()
                    .collect(),
            ),
            id: block.id,
            name: block.name,
            ..ToolUse::default()
        }),
        Block::Other => Part::Other(Verbatim {
            dialect: DialectName::Anthropic,
            json: raw.to_owned(),
        }),
    })
}

/// A citation, as far as it has words of ours.
pub(super) fn citation(json: Box<RawValue>) -> Citation {
    #[derive(Default, Deserialize)]
    struct Said {
        url: Option<String>,
        title: Option<String>,
        document_title: Option<String>,
        cited_text: Option<String>,
    }
    let said: Said = serde_json::from_str(json.get()).unwrap_or_default();
    Citation {
        url: said.url,
        title: said.title.or(said.document_title),
        quote: said.cited_text,
        range: None,
        verbatim: Verbatim {
            dialect: DialectName::Anthropic,
            json,
        },
    }
}
