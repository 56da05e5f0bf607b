//! A provider's whole answer: in the chat vocabulary, and looked at as it passes.

use bytes::Bytes;
use gateway_types::chat::{Choice, Finish, Part, Response, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::piece;
use super::usage::Wire;
use super::{citation, errors, logprobs};
use crate::json::{Fault, Members, parse};
use crate::lane::{Observed, Whole};
use crate::stamp::Stamp;
use crate::target::Target;

/// Reads a whole answer. It does not say which model made it.
pub(super) fn response(body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
    let answer = Answer::read(body)?;
    let id = answer.id.filter(|id| !id.is_empty()).unwrap_or_else(|| stamp.id("", 0));
    Ok(Response {
        id,
        model: target.model.as_str().to_owned(),
        created: None,
        choices: vec![Choice {
            parts: answer.parts,
            finish: answer.reason.as_deref().map(finish),
            logprobs: answer.logprobs.and_then(logprobs::read),
        }],
        usage: answer.usage.classes(),
        extras: answer.extras,
    })
}

/// Looks at an answer that is passed on as it is.
pub(super) fn observe(body: Bytes) -> Result<Whole, Error> {
    let answer = Answer::read(&body)?;
    let observed = Observed {
        usage: answer.usage.classes(),
        output_bytes: answer.parts.iter().map(size).sum(),
        content: !answer.parts.is_empty(),
        done: true,
        finish: answer.reason,
        id: answer.id,
        ..Observed::default()
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

/// Why an answer ended, in our words. The last two are of the older API.
pub(super) fn finish(reason: &str) -> Finish {
    match reason {
        "COMPLETE" => Finish::Stop,
        "STOP_SEQUENCE" => Finish::StopSequence(None),
        "MAX_TOKENS" => Finish::Length,
        "TOOL_CALL" => Finish::Tools,
        "ERROR_TOXIC" => Finish::Filtered,
        "ERROR_LIMIT" => Finish::Length,
        other => Finish::Other(other.to_owned()),
    }
}

/// The vendor's word for why an answer ended.
pub(super) fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::Refusal | Finish::Pause => "COMPLETE",
        Finish::StopSequence(_) => "STOP_SEQUENCE",
        Finish::Length => "MAX_TOKENS",
        Finish::Tools => "TOOL_CALL",
        Finish::Filtered => "ERROR_TOXIC",
        Finish::Other(word) => word,
    }
}

/// Notes that the word says less than was meant.
pub(super) fn lose(finish: Option<&Finish>, losses: &mut Vec<Loss>) {
    let note = match finish {
        None => "the provider did not say why the answer ended; `COMPLETE` is said here",
        Some(Finish::Refusal | Finish::Pause) => "there is no other word than `COMPLETE` for it here",
        Some(_) => return,
    };
    losses.push(Loss::mapped("finish_reason", note));
}

struct Answer<'a> {
    id: Option<String>,
    reason: Option<String>,
    parts: Vec<Part>,
    usage: Wire,
    logprobs: Option<&'a RawValue>,
    extras: gateway_types::chat::Extras,
}

impl<'a> Answer<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Error> {
        let raw: &RawValue = serde_json::from_slice(body).map_err(|why| errors::unreadable("an answer", &why))?;
        let answer = Self::members(raw).map_err(|fault| {
            let why = format!("`{}` {}", fault.path, fault.message);
            errors::unreadable("an answer", &why)
        })?;
        match answer.reason.as_deref().and_then(|reason| errors::ended(reason, None)) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    fn members(raw: &'a RawValue) -> Result<Self, Fault> {
        let mut top = Members::of(raw)?;
        let message = top.take("message").ok_or_else(|| Fault::new("message", "is missing"))?;
        let usage = top.take("usage").and_then(|raw| parse(raw).ok()).unwrap_or_default();
        Ok(Self {
            id: top.read("id")?,
            reason: top.read("finish_reason")?,
            parts: parts(message).map_err(|fault| fault.under("message"))?,
            usage,
            logprobs: top.take("logprobs"),
            extras: top.rest(),
        })
    }
}

/// Thinking and text, then the plan, then the calls: the order in which they are made.
fn parts(message: &RawValue) -> Result<Vec<Part>, Fault> {
    let mut message = Members::of(message)?;
    let mut parts = match message.take("content") {
        Some(raw) => match parse::<String>(raw) {
            Ok(text) => vec![Part::text(text)],
            Err(_) => parse::<Vec<&RawValue>>(raw)?
                .into_iter()
                .map(piece)
                .collect::<Result<_, _>>()?,
        },
        None => Vec::new(),
    };
    parts.extend(
        message
            .read("tool_plan")?
            .filter(|plan: &String| !plan.is_empty())
            .map(Part::text),
    );
    citation::attach(&message.read::<Vec<_>>("citations")?.unwrap_or_default(), &mut parts);
    let calls: Vec<Call> = message.read("tool_calls")?.unwrap_or_default();
    parts.extend(calls.into_iter().map(|call| Part::ToolUse(call.into())));
    parts.retain(|part| !matches!(part, Part::Text { text, .. } if text.is_empty()));
    Ok(parts)
}

/// A call of a tool, whole or as it begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) function: Option<Function>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<String>,
}

impl From<Call> for ToolUse {
    fn from(call: Call) -> Self {
        let function = call.function.unwrap_or_default();
        Self {
            id: call.id,
            name: function.name.unwrap_or_default(),
            arguments: function.arguments.unwrap_or_default(),
            ..Self::default()
        }
    }
}

fn size(part: &Part) -> u64 {
    let bytes = match part {
        Part::Text { text, .. } => text.len(),
        Part::Reasoning(reasoning) => reasoning.text.len(),
        Part::ToolUse(tool) => tool.arguments.len(),
        _ => 0,
    };
    bytes as u64
}

/// Looks at vectors or an order of documents that are passed on as they are.
pub(super) fn observe_meta(body: Bytes, holds: &str) -> Result<Whole, Error> {
    let raw: &RawValue = serde_json::from_slice(&body).map_err(|why| errors::unreadable("an answer", &why))?;
    let mut top = Members::of(raw).map_err(|fault| errors::unreadable("an answer", &fault.message))?;
    if top.take(holds).is_none() {
        let message = format!("the provider's answer has no `{holds}`");
        return Err(Error::new(ErrorKind::UpstreamFailed, message));
    }
    let meta: Wire = top.take("meta").and_then(|raw| parse(raw).ok()).unwrap_or_default();
    let observed = Observed {
        usage: meta.with_searches(),
        content: true,
        done: true,
        ..Observed::default()
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}
