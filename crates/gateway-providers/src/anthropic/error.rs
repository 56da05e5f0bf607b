//! Errors, as answers and inside streams: what they mean here, and how they are written.

use std::time::Duration;

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde::{Deserialize, Serialize};

/// The body of an error, and the data of an `error` event.
#[derive(Debug, Deserialize)]
struct Envelope {
    error: Words,
}

#[derive(Debug, Deserialize)]
struct Words {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let mut error = match serde_json::from_slice::<Envelope>(&body) {
        Ok(Envelope { error: words }) => {
            let mut error = said(words, Some(status));
            if let Some(upstream) = &mut error.upstream {
                upstream.body = Some((DialectName::Anthropic, body));
            }
            error
        }
        Err(_) => Error::new(kind_of(Some(status), "", ""), excerpt(status, &body)),
    };
    error.status = Some(status);
    error.retry_after = retry_after(headers);
    error
}

/// What a body that is no error of this dialect says: its text, unless it is a page.
fn excerpt(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') {
        return format!("the provider answered {status} without saying why");
    }
    text.chars().take(300).collect()
}

/// Reads the data of an `error` event, or of a whole answer that is an error in spite of its status.
pub(super) fn read_event(data: &[u8]) -> Error {
    match serde_json::from_slice::<Envelope>(data) {
        Ok(Envelope { error: words }) => {
            let mut error = said(words, None);
            if let Some(upstream) = &mut error.upstream {
                upstream.body = Some((DialectName::Anthropic, Bytes::copy_from_slice(data)));
            }
            error
        }
        Err(_) => Error::new(
            ErrorKind::UpstreamFailed,
            "the provider reported an error without saying which",
        ),
    }
}

/// Writes an error event.
pub(super) fn event(error: &Error) -> Bytes {
    #[derive(Serialize)]
    struct Data<'a> {
        #[serde(rename = "type")]
        kind: &'static str,
        error: Inner<'a>,
    }
    #[derive(Serialize)]
    struct Inner<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        message: &'a str,
    }
    let own = error
        .upstream
        .as_ref()
        .filter(|upstream| matches!(upstream.body, Some((DialectName::Anthropic, _))));
    let kind = own
        .and_then(|upstream| upstream.kind.as_deref())
        .unwrap_or_else(|| word(error.kind));
    let data = Data {
        kind: "error",
        error: Inner {
            kind,
            message: &error.message,
        },
    };
    let data = serde_json::to_string(&data).unwrap_or_default();
    Bytes::from(format!("event: error\ndata: {data}\n\n"))
}

/// That the bytes are none of this dialect.
pub(super) fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::UpstreamFailed,
        format!("the provider sent {what} that cannot be read: {why}"),
    )
}

/// That the stream ended before it said so.
pub(super) fn broke_off() -> Error {
    Error::new(
        ErrorKind::UpstreamFailed,
        "the provider's stream broke off before its end",
    )
}

fn said(words: Words, status: Option<u16>) -> Error {
    let kind = words.kind.as_deref().unwrap_or("");
    let message = words
        .message
        .unwrap_or_else(|| "the provider reported an error without saying which".to_owned());
    let mut error = Error::new(kind_of(status, kind, &message), message);
    error.upstream = Some(Box::new(UpstreamWords {
        kind: words.kind,
        ..UpstreamWords::default()
    }));
    error
}

/// The status decides where there is one, since imitations of the API are careless with types.
fn kind_of(status: Option<u16>, kind: &str, message: &str) -> ErrorKind {
    // An account without money is refused as a wrong request, but another key can help.
    if message.contains("credit balance is too low") {
        return ErrorKind::UpstreamAuth;
    }
    match status.unwrap_or_else(|| status_of(kind)) {
        401..=403 => ErrorKind::UpstreamAuth,
        // Files and paths are not found with the same type; only the message tells them from models.
        404 if kind == "not_found_error" && message.contains("model") => ErrorKind::ModelNotFound,
        408 | 504 => ErrorKind::UpstreamTimeout,
        429 => ErrorKind::UpstreamLimited,
        400..=499 => ErrorKind::UpstreamRejected,
        _ => ErrorKind::UpstreamFailed,
    }
}

/// The status that a type comes with.
fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

/// The vendor's word for a kind.
fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TooLarge => "request_too_large",
        ErrorKind::VirtualKeyRequired | ErrorKind::VirtualKeyUnknown => "authentication_error",
        ErrorKind::VirtualKeyBlocked | ErrorKind::Forbidden | ErrorKind::ProviderBlocked | ErrorKind::ModelBlocked => {
            "permission_error"
        }
        ErrorKind::BudgetExceeded | ErrorKind::PriceUnknown | ErrorKind::UpstreamQuota => "billing_error",
        ErrorKind::RouteNotFound | ErrorKind::ModelNotFound => "not_found_error",
        ErrorKind::RequestLimited | ErrorKind::TokenLimited | ErrorKind::UpstreamLimited => "rate_limit_error",
        ErrorKind::Unavailable | ErrorKind::UpstreamOverloaded => "overloaded_error",
        ErrorKind::UpstreamTimeout | ErrorKind::ClientTimeout => "timeout_error",
        ErrorKind::Invalid
        | ErrorKind::UnsupportedOperation
        | ErrorKind::MethodNotAllowed
        | ErrorKind::ContextExceeded
        | ErrorKind::ContentRefused
        | ErrorKind::UpstreamRejected => "invalid_request_error",
        ErrorKind::UpstreamAuth | ErrorKind::UpstreamFailed | ErrorKind::Internal => "api_error",
    }
}

/// Seconds only: a date would need a clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    // A day is the longest that means anything to a retry.
    Duration::try_from_secs_f64(seconds.min(86_400.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, kind: &str, expected: ErrorKind) {
        let body =
            format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"why: model"}},"request_id":"req_1"}}"#);
        let error = read(status, &HeaderMap::new(), Bytes::from(body.clone()));
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (expected, status, "why: model"),
            "{kind}"
        );
        let words = error.upstream.unwrap();
        assert_eq!(words.kind.as_deref(), Some(kind));
        assert_eq!(words.body, Some((DialectName::Anthropic, Bytes::from(body.clone()))));
        let event = read_event(body.as_bytes());
        assert_eq!(
            (event.kind, event.status),
            (expected, None),
            "the same type inside a stream"
        );
    }

    #[test]
    fn every_published_error_has_its_kind() {
        check(400, "invalid_request_error", ErrorKind::UpstreamRejected);
        check(401, "authentication_error", ErrorKind::UpstreamAuth);
        check(402, "billing_error", ErrorKind::UpstreamAuth);
        check(403, "permission_error", ErrorKind::UpstreamAuth);
        check(404, "not_found_error", ErrorKind::ModelNotFound);
        check(413, "request_too_large", ErrorKind::UpstreamRejected);
        check(429, "rate_limit_error", ErrorKind::UpstreamLimited);
        check(500, "api_error", ErrorKind::UpstreamFailed);
        check(504, "timeout_error", ErrorKind::UpstreamTimeout);
        check(529, "overloaded_error", ErrorKind::UpstreamFailed);
    }

    #[test]
    fn when_to_come_back_is_read_and_bodies_of_strangers_are_not_taken_for_words() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, http::HeaderValue::from_static("17"))]);
        let error = read(429, &headers, Bytes::from_static(b"<html>busy</html>"));
        assert_eq!(
            (error.kind, error.retry_after),
            (ErrorKind::UpstreamLimited, Some(Duration::from_secs(17)))
        );
        assert!(error.upstream.is_none() && error.message.contains("429"));
        let never = HeaderMap::from_iter([(RETRY_AFTER, http::HeaderValue::from_static("-1"))]);
        assert_eq!(read(429, &never, Bytes::new()).retry_after, None);
    }

    #[test]
    fn only_a_missing_model_is_one() {
        let body = r#"{"type":"error","error":{"type":"not_found_error","message":"file: file_011"}}"#;
        assert_eq!(
            read(404, &HeaderMap::new(), Bytes::from(body)).kind,
            ErrorKind::UpstreamRejected
        );
        let error = read(
            404,
            &HeaderMap::new(),
            Bytes::from_static(b"{\"detail\":\"Not Found\"}"),
        );
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::UpstreamRejected, "{\"detail\":\"Not Found\"}")
        );
    }

    #[test]
    fn an_account_without_money_asks_for_another_key() {
        let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#;
        assert_eq!(
            read(400, &HeaderMap::new(), Bytes::from(body)).kind,
            ErrorKind::UpstreamAuth
        );
    }
}
