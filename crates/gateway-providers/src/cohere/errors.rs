//! Errors, both ways: `{"message", "id"}`. There are no codes: the status and the words decide.

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::HeaderMap;
use serde::Deserialize;

use crate::json::Out;
use crate::openai::retry_after;

#[derive(Debug, Deserialize)]
struct Words {
    message: String,
    #[serde(default)]
    id: Option<String>,
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let mut error = match serde_json::from_slice::<Words>(&body) {
        Ok(words) => {
            let mut error = Error::new(kind(status, &words.message), words.message);
            error.upstream = Some(Box::new(UpstreamWords {
                request_id: words.id,
                body: Some((DialectName::Cohere, body)),
                ..UpstreamWords::default()
            }));
            error
        }
        Err(_) => {
            let message = excerpt(status, &body);
            Error::new(kind(status, &message), message)
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

/// What an error means. The statuses and the beginnings of messages are those of the vendor's page "Errors".
fn kind(status: u16, message: &str) -> ErrorKind {
    let says = |words: &str| message.contains(words);
    match status {
        // A cap that is beyond the model's is said with the same beginning.
        400 | 413 | 422 if says("too many tokens") && !says("max tokens must be") => ErrorKind::ContextExceeded,
        401 | 403 => ErrorKind::UpstreamAuth,
        402 => ErrorKind::UpstreamQuota,
        404 if says("model") => ErrorKind::ModelNotFound,
        408 | 504 => ErrorKind::UpstreamTimeout,
        // A trial key's month is not over in a minute.
        429 if says("/ month") || says("per month") => ErrorKind::UpstreamQuota,
        429 => ErrorKind::UpstreamLimited,
        // A word in it is on a list.
        498 => ErrorKind::ContentRefused,
        // Cancelled, and not by us.
        499 => ErrorKind::UpstreamFailed,
        400..=499 => ErrorKind::UpstreamRejected,
        // What is asked for is not made.
        501 => ErrorKind::UpstreamRejected,
        503 => ErrorKind::UpstreamOverloaded,
        _ => ErrorKind::UpstreamFailed,
    }
}

/// The error for an answer that ended as a failure: `finish_reason` is `ERROR` or `TIMEOUT`.
pub(super) fn ended(reason: &str, said: Option<String>) -> Option<Error> {
    let (kind, unsaid) = match reason {
        "ERROR" => (ErrorKind::UpstreamFailed, "the provider failed while it answered"),
        "TIMEOUT" => (ErrorKind::UpstreamTimeout, "the provider took too long to answer"),
        _ => return None,
    };
    Some(Error::new(kind, said.unwrap_or_else(|| unsaid.to_owned())))
}

/// The body of an error. An upstream's own words in this dialect are sent on untouched.
pub(super) fn body(error: &Error) -> Bytes {
    let words = error.upstream.as_deref();
    if let Some((DialectName::Cohere, body)) = words.and_then(|words| words.body.as_ref()) {
        return body.clone();
    }
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.maybe("id", words.and_then(|words| words.request_id.as_ref()));
        out.member("message", &error.message);
    });
    Bytes::from(body)
}

/// That the bytes are none of this dialect.
pub(super) fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Error {
    let message = format!("the provider sent {what} that cannot be read: {why}");
    Error::new(ErrorKind::UpstreamFailed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        read(status, &HeaderMap::new(), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn every_documented_error_has_its_kind() {
        for (status, message, kind) in [
            (
                400,
                "invalid request: temperature must be between 0 and 1.0 inclusive.",
                ErrorKind::UpstreamRejected,
            ),
            (
                400,
                "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292. Try using a shorter prompt",
                ErrorKind::ContextExceeded,
            ),
            (
                400,
                "too many tokens: size limit exceeded by 11326 tokens.",
                ErrorKind::ContextExceeded,
            ),
            (
                400,
                "too many tokens: max tokens must be less than or equal to 4096, the maximum output for this model - received 8192.",
                ErrorKind::UpstreamRejected,
            ),
            (401, "invalid api token", ErrorKind::UpstreamAuth),
            (
                402,
                "Please add or update your payment method",
                ErrorKind::UpstreamQuota,
            ),
            (403, "no", ErrorKind::UpstreamAuth),
            (
                404,
                "model 'x' not found, make sure the correct model ID was used",
                ErrorKind::ModelNotFound,
            ),
            (404, "dataset with id x not found", ErrorKind::UpstreamRejected),
            (
                422,
                "unknown field: parameter x is not a valid field.",
                ErrorKind::UpstreamRejected,
            ),
            (
                429,
                "You are using a Trial key, which is limited to 40 API calls / minute.",
                ErrorKind::UpstreamLimited,
            ),
            (
                429,
                "You are using a Trial key, which is limited to 1000 API calls / month.",
                ErrorKind::UpstreamQuota,
            ),
            (498, "blocked", ErrorKind::ContentRefused),
            (499, "request cancelled", ErrorKind::UpstreamFailed),
            (500, "internal", ErrorKind::UpstreamFailed),
            (501, "not implemented", ErrorKind::UpstreamRejected),
            (503, "busy", ErrorKind::UpstreamOverloaded),
            (504, "slow", ErrorKind::UpstreamTimeout),
        ] {
            let json = serde_json::json!({"id": "req", "message": message}).to_string();
            let said = error(status, &json);
            assert_eq!(
                (said.kind, said.status(), said.message.as_str()),
                (kind, status, message),
                "{status}"
            );
            assert_eq!(body(&said), json, "a client of the dialect gets it as it came");
            assert_eq!(said.upstream.unwrap().request_id.as_deref(), Some("req"));
        }
    }

    #[test]
    fn what_is_no_error_of_the_dialect_is_shown_in_part() {
        let page = error(502, "<html>bad gateway</html>");
        assert_eq!(
            (page.kind, page.message.contains("502")),
            (ErrorKind::UpstreamFailed, true)
        );
        assert!(page.upstream.is_none());
        assert_eq!(
            body(&page),
            r#"{"message":"the provider answered 502 without saying why"}"#
        );
        let plain = error(429, "slow down");
        assert_eq!(
            (plain.kind, plain.message.as_str()),
            (ErrorKind::UpstreamLimited, "slow down")
        );
    }
}
