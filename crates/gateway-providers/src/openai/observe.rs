//! A whole answer that is passed on as it is: what it used, and how it ended.

use bytes::Bytes;
use gateway_types::{Error, ErrorKind, Measure, Operation, Units};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::usage::WireUsage;
use super::wire::{Answer, Choice};
use super::{errors, plain, rerank};
use crate::json::{literal_len, parse};
use crate::lane::{Observed, Whole};

/// Reads a body for what is to be known of it.
pub(super) fn observe(operation: Operation, headers: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
    let observed = match operation.generates() {
        true => match plain::observed(&body) {
            Some(observed) => observed,
            None => read(&body)?,
        },
        false => made(operation, headers, &body)?,
    };
    Ok(Whole {
        body,
        content_type: None,
        observed,
    })
}

/// Text that was generated, whatever else is with it.
pub(super) fn read(body: &Bytes) -> Result<Observed, Error> {
    let answer = Answer::whole(body)?;
    refuse_error(&answer, body)?;
    let choices = answer
        .choices
        .ok_or_else(|| Error::new(ErrorKind::UpstreamFailed, "the provider's answer has no `choices`"))?;
    Ok(Observed {
        done: true,
        model: answer.model,
        usage: answer.usage.map(|usage| usage.classes()),
        output_bytes: choices.iter().map(Choice::output_bytes).sum(),
        content: choices.iter().any(Choice::has_content),
        finish: choices.into_iter().find_map(|choice| choice.finish_reason),
        ..Observed::default()
    })
}

/// Vectors, pictures, an order, what was heard, or whatever else was asked for.
fn made(operation: Operation, headers: &HeaderMap, body: &Bytes) -> Result<Observed, Error> {
    let mut observed = Observed {
        done: true,
        content: !body.is_empty(),
        ..Observed::default()
    };
    let is_heard = matches!(operation, Operation::Transcription | Operation::Translation);
    if is_heard && !is_json(headers, body) {
        // A transcript as text or subtitles: it says nothing about itself.
        observed.output_bytes = body.len() as u64;
        return Ok(observed);
    }
    let answer: Made<'_> = serde_json::from_slice(body).map_err(|error| unreadable(body, &error))?;
    let empty = answer.data.is_none() && answer.results.is_none() && answer.text.is_none();
    if let (Some(error), true) = (answer.error, empty) {
        return Err(errors::inside(error, body));
    }
    let usage = answer
        .usage
        .and_then(|raw| serde_json::from_str::<WireUsage>(raw.get()).ok());
    observed.usage = usage.and_then(|usage| usage.of(operation));
    let units = units(operation, &answer);
    if !units.is_none() {
        let usage = observed.usage.get_or_insert_default();
        usage.units = usage.units.or(&units);
    }
    observed.model = answer.model.and_then(|raw| parse(raw).ok());
    observed.output_bytes = answer.text.map_or(0, |raw| literal_len(raw.get().as_bytes()));
    let list = answer.data.or(answer.results);
    observed.content = list.is_none_or(|raw| raw.get() != "[]");
    Ok(observed)
}

/// What an answer says of units: how long the sound was, how many searches are billed, how many pictures there are.
fn units(operation: Operation, answer: &Made<'_>) -> Units {
    match operation {
        Operation::Transcription | Operation::Translation => {
            let seconds = answer.duration.and_then(|raw| parse::<f64>(raw).ok());
            seconds.map(Units::seconds).unwrap_or_default()
        }
        Operation::Rerank => {
            let searches = answer.meta.and_then(rerank::searches).unwrap_or(0);
            Units::of(Measure::Search, searches)
        }
        Operation::ImageGeneration | Operation::ImageEdit | Operation::ImageVariation => {
            let made = answer.data.and_then(|raw| parse::<Vec<IgnoredAny>>(raw).ok());
            Units::of(Measure::Image, made.map_or(0, |made| made.len() as u64))
        }
        _ => Units::NONE,
    }
}

/// Whether an answer is JSON. Some servers do not say, or say `text/plain` of everything.
fn is_json(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match kind.map(str::to_ascii_lowercase) {
        Some(kind) if kind.starts_with("application/json") => true,
        Some(kind) if kind.starts_with("text/") && !kind.starts_with("text/plain") => false,
        _ => body.starts_with(b"{"),
    }
}

fn unreadable(body: &[u8], error: &serde_json::Error) -> Error {
    let start = String::from_utf8_lossy(body.get(..80).unwrap_or(body)).into_owned();
    Error::new(
        ErrorKind::UpstreamFailed,
        format!("the provider's answer could not be read ({error}): {start:?}"),
    )
}

/// An answer that is no text, as far as it matters here.
#[derive(Deserialize)]
struct Made<'a> {
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    results: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    /// How long the sound was, in seconds.
    #[serde(borrow, default)]
    duration: Option<&'a RawValue>,
    #[serde(borrow, default)]
    meta: Option<&'a RawValue>,
}

/// Some vendors answer 200 and then say that it went wrong.
pub(super) fn refuse_error(answer: &Answer<'_>, body: &[u8]) -> Result<(), Error> {
    match answer.error {
        Some(error) if answer.choices.as_ref().is_none_or(Vec::is_empty) => Err(errors::inside(error, body)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(operation: Operation, body: &'static str) -> Result<Whole, Error> {
        observe(operation, &HeaderMap::new(), Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn an_answer_is_passed_on_byte_for_byte_and_seen() {
        let body = r#"{"model":"m-1", "choices":[{"message":{"content":"hi","refusal":null,"tool_calls":[{"function":{"arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
        let whole = seen(Operation::Chat, body).unwrap();
        assert_eq!(whole.body, body);
        assert_eq!(whole.observed.output_bytes, 9);
        assert_eq!(whole.observed.finish.as_deref(), Some("tool_calls"));
        assert_eq!(whole.observed.model.as_deref(), Some("m-1"));
        assert_eq!(whole.observed.usage.unwrap().total(), 7);
        assert!(whole.observed.content && whole.observed.done);
    }

    #[test]
    fn embeddings_are_counted_by_their_prompt() {
        let whole = seen(Operation::Embeddings, r#"{"object":"list","data":[{"embedding":[0.5]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}"#).unwrap();
        assert_eq!(whole.observed.usage.unwrap().input, 8);
        assert!(whole.observed.content);
    }

    #[test]
    fn what_is_no_answer_is_the_providers_fault() {
        for body in ["", "<html>", "{}", "[]", r#"{"choices":5}"#] {
            assert_eq!(
                seen(Operation::Chat, body).unwrap_err().kind,
                ErrorKind::UpstreamFailed,
                "{body}"
            );
        }
        let limited = seen(
            Operation::Chat,
            r#"{"error":{"message":"slow down","code":429},"user_id":"u"}"#,
        )
        .unwrap_err();
        assert_eq!((limited.kind, limited.status()), (ErrorKind::UpstreamLimited, 429));
    }
}
