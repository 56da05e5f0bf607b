//! Errors, as answers and inside streams: what they mean here (vendor's document: Errors).

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The body of an error, and the data of an `error` event. Vertex AI and Azure answer in shapes of their own for what never
/// reached the model.
#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    error: Words<'a>,
    request_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Words<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    #[serde(borrow)]
    details: Option<&'a RawValue>,
    /// Google's word for the kind.
    status: Option<String>,
    /// Azure's word for the kind; Google repeats the status there.
    #[serde(borrow)]
    code: Option<&'a RawValue>,
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let mut error = match envelope(&body) {
        Some(envelope) => {
            let in_shape = envelope.error.kind.is_some();
            let mut error = said(envelope, Some(status));
            if let Some(words) = error.upstream.as_mut().filter(|_| in_shape) {
                words.body = Some((DialectName::Anthropic, body));
            }
            error
        }
        None => Error::new(kind_of(status, "", ""), excerpt(status, &body)),
    };
    error.status = Some(status);
    error.retry_after = retry_after(headers);
    if let Some(id) = headers.get("request-id").and_then(|id| id.to_str().ok()) {
        error.upstream.get_or_insert_default().request_id = Some(id.to_owned());
    }
    error
}

/// An error object, alone or, as Vertex AI sends some, in a list.
fn envelope(body: &[u8]) -> Option<Envelope<'_>> {
    let listed = || {
        serde_json::from_slice::<Vec<Envelope<'_>>>(body)
            .ok()?
            .into_iter()
            .next()
    };
    serde_json::from_slice(body).ok().or_else(listed)
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
    let Some(envelope) = envelope(data) else {
        return Error::new(ErrorKind::UpstreamFailed, UNSAID);
    };
    let mut error = said(envelope, None);
    if let Some(words) = &mut error.upstream {
        words.body = Some((DialectName::Anthropic, Bytes::copy_from_slice(data)));
    }
    error
}

const UNSAID: &str = "the provider reported an error without saying which";

/// That the bytes are none of this dialect.
pub(super) fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::UpstreamFailed,
        format!("the provider sent {what} that cannot be read: {why}"),
    )
}

fn said(envelope: Envelope<'_>, status: Option<u16>) -> Error {
    #[derive(Default, Deserialize)]
    struct Details {
        error_code: Option<String>,
    }
    let words = envelope.error;
    let code = words.code.map(|code| Cow::Borrowed(code.get().trim_matches('"')));
    let kind = words
        .kind
        .or(words.status)
        .or_else(|| code.as_deref().map(str::to_owned));
    let named = kind.as_deref().unwrap_or_default();
    let message = words.message.unwrap_or_else(|| UNSAID.to_owned());
    let details: Option<Details> = words.details.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let mut error = Error::new(
        kind_of(status.unwrap_or_else(|| status_of(named)), named, &message),
        message,
    );
    error.upstream = Some(Box::new(UpstreamWords {
        code: details.and_then(|details| details.error_code),
        request_id: envelope.request_id,
        kind,
        body: None,
    }));
    error
}

/// What the vendor's texts say that neither status nor type does.
const BY_TEXT: &[(&str, ErrorKind)] = &[
    // An account without money is refused as a wrong request, but another key can help.
    ("credit balance is too low", ErrorKind::UpstreamQuota),
    ("specified api usage limits", ErrorKind::UpstreamQuota),
    ("prompt is too long", ErrorKind::ContextExceeded),
    ("exceed context limit", ErrorKind::ContextExceeded),
    ("exceeds the context window", ErrorKind::ContextExceeded),
    ("content filtering policy", ErrorKind::ContentRefused),
];

/// The status decides where there is one, since imitations of the API are careless with types.
fn kind_of(status: u16, kind: &str, message: &str) -> ErrorKind {
    let message = message.to_ascii_lowercase();
    let told = BY_TEXT.iter().find(|(text, _)| message.contains(text));
    if let Some((_, told)) = told.filter(|_| (400..429).contains(&status)) {
        return *told;
    }
    match status {
        402 => ErrorKind::UpstreamQuota,
        401 | 403 => ErrorKind::UpstreamAuth,
        // Files and paths are not found with the same type; only the message tells them from models.
        404 if !kind.is_empty() && (message.contains("model") || message.contains("deployment")) => {
            ErrorKind::ModelNotFound
        }
        408 | 504 => ErrorKind::UpstreamTimeout,
        413 => ErrorKind::TooLarge,
        429 => ErrorKind::UpstreamLimited,
        529 => ErrorKind::UpstreamOverloaded,
        500..=599 if kind == "overloaded_error" || message.contains("overloaded") => ErrorKind::UpstreamOverloaded,
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
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
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
        assert_eq!(
            (words.kind.as_deref(), words.request_id.as_deref()),
            (Some(kind), Some("req_1"))
        );
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
        check(402, "billing_error", ErrorKind::UpstreamQuota);
        check(403, "permission_error", ErrorKind::UpstreamAuth);
        check(404, "not_found_error", ErrorKind::ModelNotFound);
        check(409, "conflict_error", ErrorKind::UpstreamRejected);
        check(413, "request_too_large", ErrorKind::TooLarge);
        check(429, "rate_limit_error", ErrorKind::UpstreamLimited);
        check(500, "api_error", ErrorKind::UpstreamFailed);
        check(504, "timeout_error", ErrorKind::UpstreamTimeout);
        check(529, "overloaded_error", ErrorKind::UpstreamOverloaded);
    }

    fn told(status: u16, kind: &str, message: &str) -> ErrorKind {
        let body = serde_json::json!({"type": "error", "error": {"type": kind, "message": message}});
        read(status, &HeaderMap::new(), Bytes::from(body.to_string())).kind
    }

    #[test]
    fn what_only_the_text_says_is_understood() {
        let rejected = |message| told(400, "invalid_request_error", message);
        for message in [
            "prompt is too long: 210000 tokens > 200000 maximum",
            "input length and `max_tokens` exceed context limit: 188059 + 20000 > 200000, decrease input length or `max_tokens` and try again",
        ] {
            assert_eq!(rejected(message), ErrorKind::ContextExceeded);
        }
        for message in [
            "Your credit balance is too low to access the API.",
            "You have reached your specified API usage limits. You will regain access on 2026-02-01 at 00:00 UTC.",
        ] {
            assert_eq!(rejected(message), ErrorKind::UpstreamQuota);
        }
        assert_eq!(
            rejected("Output blocked by content filtering policy"),
            ErrorKind::ContentRefused
        );
        assert_eq!(
            rejected("messages: at least one message is required"),
            ErrorKind::UpstreamRejected
        );
        assert_eq!(
            told(500, "overloaded_error", "Overloaded"),
            ErrorKind::UpstreamOverloaded
        );
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
    fn clouds_say_it_in_their_own_shapes() {
        let vertex = r#"[{"error":{"code":404,"message":"Publisher Model `projects/p/locations/l/publishers/anthropic/models/claude-x` was not found","status":"NOT_FOUND"}}]"#;
        let error = read(404, &HeaderMap::new(), Bytes::from(vertex));
        let words = error.upstream.unwrap();
        assert_eq!(
            (error.kind, words.kind.as_deref()),
            (ErrorKind::ModelNotFound, Some("NOT_FOUND"))
        );
        assert_eq!(words.body, None, "a client of the dialect would not understand it");
        let azure = r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#;
        assert_eq!(
            read(404, &HeaderMap::new(), Bytes::from(azure)).kind,
            ErrorKind::ModelNotFound
        );
    }

    #[test]
    fn only_a_missing_model_is_one() {
        let body = r#"{"type":"error","error":{"type":"not_found_error","message":"file: file_011"}}"#;
        let error = read(404, &HeaderMap::new(), Bytes::from(body));
        assert_eq!(error.kind, ErrorKind::UpstreamRejected);
        let page = Bytes::from_static(b"{\"detail\":\"Not Found\"}");
        let error = read(404, &HeaderMap::new(), page);
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::UpstreamRejected, "{\"detail\":\"Not Found\"}")
        );
    }
}
