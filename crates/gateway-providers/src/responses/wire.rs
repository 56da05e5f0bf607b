//! Answers as they stand on the wire, whole or in events: lenient about everything that is not needed, because each
//! vendor has its own idea of it.

use std::borrow::Cow;

use gateway_types::chat::Finish;
use gateway_types::{Error, ErrorKind};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::usage::WireUsage;

/// A `response` object, or a `response.compaction`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Answer<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) model: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) created_at: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) incomplete_details: Option<Incomplete>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) output: Option<Vec<&'a RawValue>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// Why an answer is not complete.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Incomplete {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) reason: Option<String>,
}

/// One item of the output.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Item<'a> {
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub(super) kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) call_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) namespace: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) phase: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) encrypted_content: Option<String>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) content: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) summary: Option<Vec<&'a RawValue>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) result: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) output_format: Option<String>,
}

/// A piece of an item: of a message's content, or of thinking.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) text: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) refusal: Option<String>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) annotations: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
}

/// The members of all events; which are there depends on the type.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(rename = "type", borrow, default)]
    pub(super) kind: Cow<'a, str>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) sequence_number: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) output_index: Option<u32>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) content_index: Option<u32>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) summary_index: Option<u32>,
    #[serde(borrow, default)]
    pub(super) response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) item: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) part: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) annotation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

/// Where an answer stands, by its `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It is not over.
    Going,
    /// It is over, for that reason.
    Over(Finish),
    /// It failed, or was called off.
    Failed,
}

impl<'a> Answer<'a> {
    /// Reads one; what is no object of this kind is the provider's fault.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes).map_err(|why| unreadable(bytes, &why))
    }

    /// Where it stands. What has no status has an output, or it failed.
    pub(super) fn status(&self) -> Status {
        let reason = || {
            self.incomplete_details
                .as_ref()
                .and_then(|details| details.reason.as_deref())
        };
        match self.status.as_deref() {
            Some("failed" | "cancelled") => Status::Failed,
            Some("queued" | "in_progress") => Status::Going,
            Some("incomplete") => Status::Over(unfinished(reason())),
            _ if self.output.is_none() && self.error.is_some() => Status::Failed,
            _ => Status::Over(self.stop()),
        }
    }

    /// Whether the answer, being complete, waits for tools that are the client's to run.
    fn stop(&self) -> Finish {
        let calls = |raw: &&RawValue| {
            let kind = Item::read(raw).kind;
            matches!(kind.as_deref(), Some("function_call" | "custom_tool_call"))
        };
        match self.output.iter().flatten().any(calls) {
            true => Finish::Tools,
            false => Finish::Stop,
        }
    }
}

fn unfinished(reason: Option<&str>) -> Finish {
    match reason {
        Some("max_output_tokens") | None => Finish::Length,
        Some("content_filter") => Finish::Filtered,
        Some(other) => Finish::Other(other.to_owned()),
    }
}

impl<'a> Item<'a> {
    /// Reads one; what cannot be read is an item of no kind.
    pub(super) fn read(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }

    /// The id that a call's result refers to.
    pub(super) fn call(&self) -> String {
        let id = self.call_id.clone().filter(|id| !id.is_empty());
        id.or_else(|| self.id.clone()).unwrap_or_default()
    }
}

impl<'a> Piece<'a> {
    /// Reads one; what cannot be read is a piece of no kind.
    pub(super) fn read(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }
}

impl<'a> Event<'a> {
    /// Reads the data of a frame.
    pub(super) fn read(data: &'a [u8]) -> Result<Self, Error> {
        serde_json::from_slice(data).map_err(|why| unreadable(data, &why))
    }

    /// The response that it brings along.
    pub(super) fn answer(&self) -> Answer<'a> {
        let read = |raw: &'a RawValue| serde_json::from_str(raw.get()).ok();
        self.response.and_then(read).unwrap_or_default()
    }

    /// More text.
    pub(super) fn delta(&self) -> Cow<'a, str> {
        self.delta.map(text).unwrap_or_default()
    }
}

/// A text; of arguments that came as an object, the object's own spelling.
pub(super) fn text(raw: &RawValue) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    match serde_json::from_str(raw.get()) {
        Ok(Text(text)) => text,
        Err(_) => Cow::Borrowed(raw.get()),
    }
}

/// The items of a list of token probabilities; none where there is no list.
pub(super) fn entries(logprobs: Option<&RawValue>) -> Vec<&RawValue> {
    logprobs
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

fn unreadable(bytes: &[u8], why: &serde_json::Error) -> Error {
    let start = String::from_utf8_lossy(bytes.get(..80).unwrap_or(bytes)).into_owned();
    let message = format!("the provider's answer could not be read ({why}): {start:?}");
    Error::new(ErrorKind::UpstreamFailed, message)
}

/// A member that is taken if it is of the kind that is expected, and else as if it were not there.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(input: D) -> Result<Option<T>, D::Error> {
    let raw = Option::<&'de RawValue>::deserialize(input)?;
    Ok(raw.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}
