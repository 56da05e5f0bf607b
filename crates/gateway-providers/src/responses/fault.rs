//! Errors that stand in answers and streams: a `response.failed`, an `error` event; read and written. Error answers are
//! OpenAI's own, whichever of its APIs was asked, so that dialect reads and writes them.

use bytes::Bytes;
use gateway_types::{Error, ErrorKind};
use http::HeaderMap;
use serde_json::value::RawValue;

use super::wire::{Answer, Event, text};
use crate::dialect::{ClientDialect, ProviderDialect};
use crate::json::{Members, Out};
use crate::openai::OpenAi;

/// The error of an answer that failed.
pub(super) fn failed(answer: &Answer<'_>) -> Error {
    match answer.error {
        Some(error) => inside(error),
        None => Error::new(
            ErrorKind::UpstreamFailed,
            format!(
                "the provider's answer is {}",
                answer.status.as_deref().unwrap_or("empty")
            ),
        ),
    }
}

/// The error of an `error` event. By the book its members stand in the event itself; in practice under `error`.
pub(super) fn event(event: &Event<'_>, data: &[u8]) -> Error {
    let whole = || serde_json::from_slice::<&RawValue>(data).ok();
    match event.error.or_else(whole) {
        Some(error) => inside(error),
        None => Error::new(
            ErrorKind::UpstreamFailed,
            "the provider's stream failed without a reason",
        ),
    }
}

/// An error object, read as if it had been an error answer of its own.
fn inside(raw: &RawValue) -> Error {
    let mut members = Members::of(raw).ok();
    let mut word = |key| members.as_mut().and_then(|members| members.take(key)).map(text);
    let (code, kind) = (word("code"), word("type"));
    let message = word("message").unwrap_or_else(|| text(raw));
    let status = code.as_deref().map_or(502, status);
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.inner("error", |out| {
            out.member("message", message);
            // `error` is the type of the event, not of the error.
            let kind = kind.filter(|kind| kind != "error");
            out.member(
                "type",
                kind.as_deref().unwrap_or(if status < 500 {
                    "invalid_request_error"
                } else {
                    "server_error"
                }),
            );
            out.member("param", word("param"));
            out.member("code", code);
        });
    });
    ProviderDialect::error(&OpenAi, status, &HeaderMap::new(), Bytes::from(body))
}

/// The status that an answer with that code would have had.
fn status(code: &str) -> u16 {
    match code {
        "rate_limit_exceeded" | "insufficient_quota" | "usage_limit_reached" => 429,
        "server_is_overloaded" | "slow_down" => 503,
        "server_error" | "internal_error" | "vector_store_timeout" => 500,
        "model_not_found" => 404,
        "invalid_api_key" => 401,
        // Some vendors give the status that it would have been as the code.
        other => match other.parse() {
            Ok(status) if (400..600).contains(&status) => status,
            _ => 400,
        },
    }
}

/// An error as it stands in events: under `error` as SDKs raise it, with its members beside it as the book has them.
pub(super) struct Said {
    message: String,
    code: String,
    param: Option<String>,
    object: Option<Box<RawValue>>,
}

impl Said {
    pub(super) fn of(error: &Error) -> Self {
        let body = ClientDialect::error(&OpenAi, error);
        let object = serde_json::from_slice::<Members<'_>>(&body).ok();
        let object = object.and_then(|mut members| members.take("error").map(ToOwned::to_owned));
        Self {
            message: error.message.clone(),
            code: code(error),
            param: error.param.clone(),
            object,
        }
    }

    /// The members of an `error` event.
    pub(super) fn event(&self, out: &mut Out<'_>) {
        out.member("code", &self.code);
        out.member("message", &self.message);
        out.member("param", &self.param);
        out.maybe("error", self.object.as_ref());
    }

    /// `error` of a response that failed.
    pub(super) fn member(&self, out: &mut Out<'_>) {
        out.inner("error", |out| {
            out.member("code", &self.code);
            out.member("message", &self.message);
        });
    }
}

/// The code that clients of this API act on.
fn code(error: &Error) -> String {
    let known = match error.kind {
        ErrorKind::UpstreamLimited | ErrorKind::RequestLimited | ErrorKind::TokenLimited => "rate_limit_exceeded",
        ErrorKind::UpstreamQuota | ErrorKind::BudgetExceeded | ErrorKind::CostCeiling | ErrorKind::PriceUnknown => {
            "insufficient_quota"
        }
        ErrorKind::ContextExceeded => "context_length_exceeded",
        ErrorKind::UpstreamOverloaded | ErrorKind::Unavailable => "server_is_overloaded",
        ErrorKind::ContentRefused => "invalid_prompt",
        _ => {
            let words = error.upstream.as_ref().and_then(|words| words.code.clone());
            // A number is a status elsewhere, and no code here.
            let word = words.filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
            return word.unwrap_or_else(|| String::from("server_error"));
        }
    };
    known.to_owned()
}
