//! A whole answer, read.

use bytes::Bytes;
use gateway_types::chat::{Choice, Extras, Part, Response};
use gateway_types::{Error, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::blocks::{Blocks, Speaker};
use super::error;
use super::show::finish;
use super::usage::Tokens;
use crate::lane::{Observed, Whole};
use crate::stamp::Stamp;
use crate::target::Target;

/// The members of an answer that no word of the vocabulary covers.
pub(super) const EXTRAS: [&str; 5] = [
    "additionalModelResponseFields",
    "metrics",
    "performanceConfig",
    "serviceTier",
    "trace",
];

/// The body of an answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    output: Output<'a>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    additional_model_response_fields: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metrics: Option<&'a RawValue>,
    #[serde(borrow, default)]
    performance_config: Option<&'a RawValue>,
    #[serde(borrow, default)]
    service_tier: Option<&'a RawValue>,
    #[serde(borrow, default)]
    trace: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Vec<&'a RawValue>,
}

impl<'a> Answer<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Error> {
        serde_json::from_slice(body).map_err(|why| error::unreadable("an answer", &why))
    }

    fn parts(&self, speaker: Speaker<'_>) -> Result<Vec<Part>, Error> {
        let mut blocks = Blocks::of(speaker);
        let read = blocks.read_all(&self.output.message.content);
        read.map_err(|fault| error::unreadable("an answer", &format!("content{}: {}", fault.path, fault.message)))?;
        Ok(blocks.parts)
    }

    fn usage(&self) -> Option<Usage> {
        tokens(self.usage).map(|tokens| tokens.usage())
    }
}

/// Reads `usage`; one that cannot be read counts as not given, since the answer itself is still good.
pub(super) fn tokens(raw: Option<&RawValue>) -> Option<Tokens> {
    serde_json::from_str(raw?.get()).ok()
}

/// The stop text that was met, where Claude was asked to say it.
pub(super) fn stop_sequence(fields: Option<&RawValue>) -> Option<String> {
    #[derive(Deserialize)]
    struct Fields {
        stop_sequence: Option<String>,
    }
    serde_json::from_str::<Fields>(fields?.get()).ok()?.stop_sequence
}

/// Reads a whole answer.
pub(super) fn read(body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
    let answer = Answer::read(body)?;
    let extras = EXTRAS.into_iter().zip([
        answer.additional_model_response_fields,
        answer.metrics,
        answer.performance_config,
        answer.service_tier,
        answer.trace,
    ]);
    let sequence = stop_sequence(answer.additional_model_response_fields);
    Ok(Response {
        id: stamp.id("msg_", 0),
        model: target.model.as_str().to_owned(),
        created: None,
        choices: vec![Choice {
            parts: answer.parts(Speaker::Model(target))?,
            finish: answer.stop_reason.as_deref().map(|word| finish(word, sequence)),
            logprobs: None,
        }],
        usage: answer.usage(),
        extras: Extras(
            extras
                .filter_map(|(key, raw)| Some((key.to_owned(), raw?.to_owned())))
                .collect(),
        ),
    })
}

/// Looks at an answer that is passed on as it is.
pub(super) fn observe(body: Bytes) -> Result<Whole, Error> {
    let answer = Answer::read(&body)?;
    let parts = answer.parts(Speaker::Client)?;
    let observed = Observed {
        usage: answer.usage(),
        output_bytes: parts.iter().map(bytes).sum(),
        content: !parts.is_empty(),
        done: true,
        finish: answer.stop_reason,
        ..Observed::default()
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

fn bytes(part: &Part) -> u64 {
    let bytes = match part {
        Part::Text { text, .. } => text.len(),
        Part::Reasoning(thought) => thought.text.len(),
        Part::ToolUse(tool) => tool.arguments.len(),
        _ => 0,
    };
    bytes as u64
}

/// Reads how many tokens an input has.
pub(super) fn counted(body: &[u8]) -> Result<u64, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Count {
        input_tokens: u64,
    }
    let count: Count = serde_json::from_slice(body).map_err(|why| error::unreadable("a count", &why))?;
    Ok(count.input_tokens)
}
