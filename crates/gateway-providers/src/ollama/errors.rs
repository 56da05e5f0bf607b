//! Errors, both ways: `{"error": "…"}`, as an answer or as a line in a stream. There are no codes: the status and the words decide.

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::Out;
use crate::openai::retry_after;

#[derive(Debug, Deserialize)]
struct Words {
    error: String,
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let mut error = match serde_json::from_slice::<Words>(&body) {
        Ok(words) => {
            let mut error = Error::new(kind(Some(status), &words.error), words.error);
            error.upstream = Some(Box::new(UpstreamWords {
                body: Some((DialectName::Ollama, body)),
                ..UpstreamWords::default()
            }));
            error
        }
        Err(_) => {
            let message = excerpt(status, &body);
            Error::new(kind(Some(status), &message), message)
        }
    };
    error.status = Some(status);
    error.retry_after = retry_after(headers);
    error
}

/// What a body that is no error of this dialect says: its text, unless it is a page.
fn excerpt(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    match text.is_empty() || text.starts_with('<') {
        true => format!("the provider answered {status} without saying why"),
        false => text.chars().take(300).collect(),
    }
}

/// The error that stands in the place of an answer, or in a stream.
pub(super) fn inside(raw: &RawValue) -> Error {
    let message = serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    let mut error = Error::new(kind(None, &message), message);
    let body = format!(r#"{{"error":{}}}"#, raw.get());
    error.upstream = Some(Box::new(UpstreamWords {
        body: Some((DialectName::Ollama, Bytes::from(body))),
        ..UpstreamWords::default()
    }));
    error
}

/// What an error means.
fn kind(status: Option<u16>, message: &str) -> ErrorKind {
    let says = |words: &str| message.contains(words);
    if says("exceeds the context length") || says("exceeds maximum context length") || says("exceed context") {
        return ErrorKind::ContextExceeded;
    }
    match status {
        Some(401 | 403) => ErrorKind::UpstreamAuth,
        Some(402) => ErrorKind::UpstreamQuota,
        Some(404) if says("model") => ErrorKind::ModelNotFound,
        Some(408 | 504) => ErrorKind::UpstreamTimeout,
        Some(429) if says("usage limit") => ErrorKind::UpstreamQuota,
        Some(429) => ErrorKind::UpstreamLimited,
        Some(400..=499) => ErrorKind::UpstreamRejected,
        Some(503) => ErrorKind::UpstreamOverloaded,
        None if says("server busy") || says("overloaded") => ErrorKind::UpstreamOverloaded,
        _ => ErrorKind::UpstreamFailed,
    }
}

/// The body of an error. An upstream's own words in this dialect are sent on untouched.
pub(super) fn body(error: &Error) -> Bytes {
    match error.upstream.as_ref().and_then(|words| words.body.as_ref()) {
        Some((DialectName::Ollama, body)) => body.clone(),
        _ => Bytes::from(written(error)),
    }
}

/// The line of an error in a stream: SDKs raise it.
pub(super) fn line(error: &Error) -> Vec<u8> {
    let mut line = match error.upstream.as_ref().and_then(|words| words.body.as_ref()) {
        // A body over several lines would be several.
        Some((DialectName::Ollama, body)) if !body.contains(&b'\n') => body.to_vec(),
        _ => written(error),
    };
    line.push(b'\n');
    line
}

fn written(error: &Error) -> Vec<u8> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| out.member("error", &error.message));
    body
}

/// That the bytes are none of this dialect.
pub(super) fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Error {
    let message = format!("the provider sent {what} that cannot be read: {why}");
    Error::new(ErrorKind::UpstreamFailed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_kind() {
        for (status, message, kind) in [
            (
                400,
                "registry.ollama.ai/library/x does not support tools",
                ErrorKind::UpstreamRejected,
            ),
            (
                400,
                "the input length exceeds the context length",
                ErrorKind::ContextExceeded,
            ),
            (401, "unauthorized", ErrorKind::UpstreamAuth),
            (403, "cloud models are disabled", ErrorKind::UpstreamAuth),
            (404, "model 'x' not found", ErrorKind::ModelNotFound),
            (404, "page not found", ErrorKind::UpstreamRejected),
            (429, "too many requests", ErrorKind::UpstreamLimited),
            (
                429,
                "you have reached your weekly usage limit",
                ErrorKind::UpstreamQuota,
            ),
            (
                500,
                "the model failed to generate a response",
                ErrorKind::UpstreamFailed,
            ),
            (
                500,
                "input length exceeds maximum context length",
                ErrorKind::ContextExceeded,
            ),
            (502, "the cloud cannot be reached", ErrorKind::UpstreamFailed),
            (
                503,
                "server busy, please try again.  maximum pending requests exceeded",
                ErrorKind::UpstreamOverloaded,
            ),
        ] {
            let json = serde_json::json!({ "error": message }).to_string();
            let said = read(status, &HeaderMap::new(), Bytes::from(json.clone()));
            assert_eq!(
                (said.kind, said.status(), said.message.as_str()),
                (kind, status, message),
                "{status}"
            );
            assert_eq!(body(&said), json);
            assert_eq!(line(&said), format!("{json}\n").into_bytes());
        }
    }

    #[test]
    fn what_is_no_error_of_the_dialect_is_put_into_its_shape() {
        let page = read(502, &HeaderMap::new(), Bytes::from_static(b"<html>bad gateway</html>"));
        assert_eq!(
            body(&page),
            r#"{"error":"the provider answered 502 without saying why"}"#
        );
        let ours = Error::invalid("stream", "`stream` must be true or false");
        assert_eq!(body(&ours), r#"{"error":"`stream` must be true or false"}"#);
    }
}
