//! A provider's answers as they stand on the wire, whole or line by line, in either form; and whole ones in the chat vocabulary.

use bytes::Bytes;
use gateway_types::chat::{Choice, Extras, Finish, Part, Reasoning, Response, ToolUse};
use gateway_types::{Error, ErrorKind, Usage, Wall};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::errors;
use super::message::{arguments, picture};
use crate::lane::{Observed, Whole};
use crate::stamp::Stamp;
use crate::target::Target;

/// An answer, or a line of one: of `/api/chat`, or of `/api/generate`, which has a message's members at its top.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Line<'a> {
    pub(super) model: Option<String>,
    pub(super) created_at: Option<String>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    response: Option<String>,
    thinking: Option<String>,
    #[serde(borrow)]
    tool_calls: Option<Vec<Call<'a>>>,
    image: Option<String>,
    pub(super) done: Option<bool>,
    pub(super) done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    #[serde(borrow)]
    logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// What an answer says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    pub(super) content: Option<String>,
    pub(super) thinking: Option<String>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<Call<'a>>>,
    pub(super) images: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Call<'a> {
    id: Option<String>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function<'a> {
    name: String,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

impl Call<'_> {
    /// The call; one without an id gets the `n`th of the answer.
    pub(super) fn tool(&self, n: usize, stamp: Stamp) -> ToolUse {
        let id = self
            .id
            .clone()
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| stamp.id("call_", n));
        ToolUse {
            id,
            name: self.function.name.clone(),
            arguments: self.function.arguments.map_or_else(|| String::from("{}"), arguments),
            ..ToolUse::default()
        }
    }

    fn size(&self) -> u64 {
        self.function.arguments.map_or(0, |raw| raw.get().len() as u64)
    }
}

impl<'a> Line<'a> {
    /// Reads an answer or a line of one. An error in its place is given as one.
    pub(super) fn read(data: &'a [u8]) -> Result<Self, Error> {
        serde_json::from_slice(data).map_err(|why| errors::unreadable("an answer", &why))
    }

    /// The error that stands in the place of an answer.
    pub(super) fn failed(&self) -> Option<Error> {
        self.error.filter(|raw| raw.get() != "null").map(errors::inside)
    }

    /// What it says, in whichever form.
    pub(super) fn said(&mut self) -> Message<'a> {
        let mut said = self.message.take().unwrap_or_default();
        said.content = said.content.or_else(|| self.response.take());
        said.thinking = said.thinking.or_else(|| self.thinking.take());
        said.tool_calls = said.tool_calls.or_else(|| self.tool_calls.take());
        said.images = said.images.or_else(|| self.image.take().map(|image| vec![image]));
        said
    }

    /// What it used, where it says so. What was read from a cache is not counted, and thinking not apart.
    pub(super) fn usage(&self) -> Option<Usage> {
        let counted = self.prompt_eval_count.is_some() || self.eval_count.is_some();
        counted.then(|| Usage {
            input: self.prompt_eval_count.unwrap_or(0),
            output: self.eval_count.unwrap_or(0),
            ..Usage::default()
        })
    }

    /// When it was made, in seconds since the epoch.
    pub(super) fn created(&self) -> Option<i64> {
        Some(Wall::parse_rfc3339(self.created_at.as_deref()?)?.millis() / 1000)
    }

    /// Token probabilities, in OpenAI's shape: the items are the same.
    pub(super) fn logprobs(&self) -> Option<Box<RawValue>> {
        let items = self.logprobs.filter(|raw| raw.get() != "null")?;
        RawValue::from_string(format!(r#"{{"content":{},"refusal":null}}"#, items.get())).ok()
    }

    /// Why it ended, in the vendor's word; older servers say only that it did.
    pub(super) fn reason(&self) -> Option<String> {
        let word = self.done_reason.clone().filter(|word| !word.is_empty());
        word.or_else(|| (self.done == Some(true)).then(|| String::from("stop")))
    }
}

/// Why an answer ended, in our words; the API does not say that it ended for tools.
pub(super) fn finish(reason: &str, calls: bool) -> Finish {
    match reason {
        "stop" if calls => Finish::Tools,
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        other => Finish::Other(other.to_owned()),
    }
}

/// Reads a whole answer. It has no id of its own.
pub(super) fn response(body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
    let mut line = whole(body)?;
    let message = line.said();
    let mut parts = Vec::new();
    if let Some(text) = message.thinking.filter(|text| !text.is_empty()) {
        parts.push(Part::Reasoning(Reasoning {
            text,
            ..Reasoning::default()
        }));
    }
    parts.extend(message.content.filter(|text| !text.is_empty()).map(Part::text));
    parts.extend(message.images.into_iter().flatten().map(picture));
    let calls = message.tool_calls.unwrap_or_default();
    parts.extend(
        calls
            .iter()
            .enumerate()
            .map(|(n, call)| Part::ToolUse(call.tool(n, stamp))),
    );
    Ok(Response {
        id: stamp.id("chat-", 0),
        model: line.model.clone().unwrap_or_else(|| target.model.as_str().to_owned()),
        created: line.created(),
        choices: vec![Choice {
            parts,
            finish: line.reason().map(|reason| finish(&reason, !calls.is_empty())),
            logprobs: line.logprobs(),
        }],
        usage: line.usage(),
        extras: Extras::default(),
    })
}

fn whole(body: &[u8]) -> Result<Line<'_>, Error> {
    let line = Line::read(body)?;
    if let Some(error) = line.failed() {
        return Err(error);
    }
    match line.message.is_some() || line.response.is_some() {
        true => Ok(line),
        false => Err(Error::new(
            ErrorKind::UpstreamFailed,
            "the provider's answer has no `message` and no `response`",
        )),
    }
}

/// Looks at an answer that is passed on as it is.
pub(super) fn observe(body: Bytes) -> Result<Whole, Error> {
    let mut line = whole(&body)?;
    let mut observed = Observed {
        usage: line.usage(),
        done: true,
        finish: line.reason(),
        model: line.model.take(),
        ..Observed::default()
    };
    see(&line.said(), &mut observed);
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

/// Notes what is said.
pub(super) fn see(message: &Message<'_>, seen: &mut Observed) {
    let texts = [&message.content, &message.thinking].into_iter().flatten();
    let text: usize = texts.map(String::len).sum();
    let calls = message.tool_calls.as_deref().unwrap_or_default();
    let images = message.images.as_deref().unwrap_or_default();
    seen.output_bytes += text as u64 + calls.iter().map(Call::size).sum::<u64>();
    seen.content |= text > 0 || !calls.is_empty() || !images.is_empty();
}
