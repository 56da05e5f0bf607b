//! A whole message, read.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Choice, Extras, Finish, Part, Reasoning, Response, ToolUse, Verbatim};
use gateway_types::{DialectName, Error, Operation, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::Tokens;
use super::{citations, error};
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
    #[serde(borrow, default)]
    diagnostics: Option<&'a RawValue>,
    #[serde(borrow, default)]
    input_transformations: Option<&'a RawValue>,
}

/// The members of an answer beside the vocabulary.
pub(super) const EXTRAS: [&str; 5] = [
    "stop_details",
    "container",
    "context_management",
    "diagnostics",
    "input_transformations",
];

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
        message.stop_details,
        message.container,
        message.context_management,
        message.diagnostics,
        message.input_transformations,
    ];
    let extras = EXTRAS.into_iter().zip(extras);
    let extras = extras.filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
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

/// Reads how many tokens an input has.
pub(super) fn counted(body: &[u8]) -> Result<u64, Error> {
    #[derive(Deserialize)]
    struct Count {
        input_tokens: u64,
    }
    let count: Count = serde_json::from_slice(body).map_err(|why| error::unreadable("a count of tokens", &why))?;
    Ok(count.input_tokens)
}

/// Looks at an answer that is passed on as it is.
pub(super) fn observe(operation: Operation, body: Bytes) -> Result<Whole, Error> {
    if operation == Operation::CountTokens {
        counted(&body)?;
        let observed = Observed {
            // Counting is free.
            usage: Some(Usage::default()),
            content: true,
            done: true,
            ..Observed::default()
        };
        return Ok(Whole {
            body,
            content_type: None,
            observed,
        });
    }
    let message = Message::read(&body)?;
    let sizes = message
        .content
        .iter()
        .map(|block| Block::read(block).map(|block| block.size()));
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
    #[serde(borrow, default)]
    toolset_name: Option<&'a RawValue>,
}

impl ToolUseBlock<'_> {
    /// What else stands in it: who called it, and from which set of tools.
    fn extras(&self) -> Extras {
        let extras = [("caller", self.caller), ("toolset_name", self.toolset_name)];
        let extras = extras
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
        Extras(extras.filter(|(_, value)| value.get() != "null").collect())
    }

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
            citations: block
                .citations
                .unwrap_or_default()
                .into_iter()
                .map(citations::read)
                .collect(),
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
            extras: block.extras(),
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
