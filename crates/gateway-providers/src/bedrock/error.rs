//! Errors of Bedrock's, as answers and inside streams: what its exceptions mean here.

use std::time::Duration;

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName};
use serde::Deserialize;

use crate::framing::eventstream::{Message, MessageType};

/// Names the exception of an answer; what follows a colon is a namespace.
pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The provider's id of a request.
pub(super) const REQUEST_ID: &str = "x-amzn-requestid";

/// The body of an error, as services of AWS spell it.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(alias = "Message", alias = "originalMessage")]
    message: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let said = serde_json::from_slice::<Body>(&body).ok();
    let name = text(ERROR_TYPE.as_str()).or_else(|| said.as_ref()?.kind.clone());
    let in_shape = said.is_some();
    let message = said
        .and_then(|said| said.message)
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| excerpt(status, &body));
    let mut error = of(name.as_deref().map(bare).unwrap_or_default(), Some(status), message);
    error.status = Some(status);
    error.retry_after = retry_after(headers);
    if let Some(words) = &mut error.upstream {
        words.request_id = text(REQUEST_ID);
        words.body = in_shape.then_some((DialectName::Bedrock, body));
    }
    error
}

/// Reads an exception inside a stream.
pub(super) fn read_message(message: &Message<'_>) -> Error {
    let said: Body = serde_json::from_slice(message.payload).unwrap_or_default();
    let why = said
        .message
        .or_else(|| message.error.clone())
        .unwrap_or_else(|| format!("the provider reported `{}` without saying why", message.name));
    let mut error = of(&message.name, None, why);
    if message.kind == MessageType::Exception
        && let Some(words) = &mut error.upstream
    {
        words.body = Some((DialectName::Bedrock, Bytes::copy_from_slice(message.payload)));
    }
    error
}

/// The name without its namespace: `com.amazonaws.x#Name:http://…`.
fn bare(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or(name);
    name.rsplit('#').next().unwrap_or(name).trim()
}

fn of(name: &str, status: Option<u16>, message: String) -> Error {
    let mut error = Error::new(kind_of(name, status, &message), message);
    error.upstream = Some(Box::new(UpstreamWords {
        kind: (!name.is_empty()).then(|| name.to_owned()),
        ..UpstreamWords::default()
    }));
    error
}

/// Streams spell an exception with a small first letter.
fn is(name: &str, exception: &str) -> bool {
    name.eq_ignore_ascii_case(exception)
}

fn kind_of(name: &str, status: Option<u16>, message: &str) -> ErrorKind {
    let of_name = |exceptions: &[&str]| exceptions.iter().any(|exception| is(name, exception));
    // A validation says in words alone what it has found.
    if status.is_none_or(|status| (400..500).contains(&status))
        && let Some(kind) = kind_of_words(&message.to_ascii_lowercase(), status == Some(404))
    {
        return kind;
    }
    if of_name(&["ThrottlingException", "TooManyRequestsException", "Throttling"]) {
        return ErrorKind::UpstreamLimited;
    }
    if of_name(&[
        "ModelNotReadyException",
        "ServiceUnavailableException",
        "ServiceUnavailable",
    ]) {
        return ErrorKind::UpstreamOverloaded;
    }
    if of_name(&["ServiceQuotaExceededException"]) {
        return ErrorKind::UpstreamQuota;
    }
    if of_name(&["ModelTimeoutException"]) {
        return ErrorKind::UpstreamTimeout;
    }
    if of_name(&["ResourceNotFoundException"]) {
        return ErrorKind::ModelNotFound;
    }
    if of_name(&[
        "ModelErrorException",
        "ModelStreamErrorException",
        "InternalServerException",
    ]) {
        return ErrorKind::UpstreamFailed;
    }
    if name.ends_with("TokenException") || of_name(&CREDENTIALS) {
        return ErrorKind::UpstreamAuth;
    }
    match status {
        Some(401..=403) => ErrorKind::UpstreamAuth,
        Some(408 | 504) => ErrorKind::UpstreamTimeout,
        Some(429) => ErrorKind::UpstreamLimited,
        Some(503) => ErrorKind::UpstreamOverloaded,
        Some(424) => ErrorKind::UpstreamFailed,
        Some(400..=499) => ErrorKind::UpstreamRejected,
        None if is(name, "ValidationException") => ErrorKind::UpstreamRejected,
        _ => ErrorKind::UpstreamFailed,
    }
}

/// What AWS's services answer to a signature or a credential that they do not take ("Common Errors").
const CREDENTIALS: [&str; 8] = [
    "AccessDeniedException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
];

fn kind_of_words(message: &str, missing: bool) -> Option<ErrorKind> {
    let has = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if has(&[
        "input is too long",
        "prompt is too long",
        "too many input tokens",
        "maximum context length",
        "exceeds the maximum number of tokens",
        "exceed context limit",
        "context window",
    ]) {
        return Some(ErrorKind::ContextExceeded);
    }
    if has(&[
        "blocked by content filtering",
        "content filtering policy",
        "blocked by our content filters",
    ]) {
        return Some(ErrorKind::ContentRefused);
    }
    let unknown = has(&[
        "model identifier is invalid",
        "on-demand throughput isn\u{2019}t supported",
        "on-demand throughput isn't supported",
        "don't have access to the model",
        "is not authorized to perform: bedrock:invokemodel on resource",
    ]);
    (unknown || (missing && message.contains("model"))).then_some(ErrorKind::ModelNotFound)
}

/// What a body that is no error of this dialect says: its text, unless it is a page.
fn excerpt(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    match text.is_empty() || text.starts_with(['<', '{']) {
        true => format!("the provider answered {status} without saying why"),
        false => text.chars().take(300).collect(),
    }
}

/// Seconds only: a date would need a clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    // A day is the longest that means anything to a retry.
    Duration::try_from_secs_f64(seconds.min(86_400.0)).ok()
}

/// That the bytes are none of this dialect.
pub(super) fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Error {
    let message = format!("the provider sent {what} that cannot be read: {why}");
    Error::new(ErrorKind::UpstreamFailed, message)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::bedrock::told;

    fn check(status: u16, name: &'static str, message: &str, expected: ErrorKind) {
        let headers = HeaderMap::from_iter([
            (ERROR_TYPE, HeaderValue::from_static(name)),
            (HeaderName::from_static(REQUEST_ID), HeaderValue::from_static("r-1")),
        ]);
        let bytes = Bytes::from(format!(r#"{{"message":{message:?}}}"#));
        let error = read(status, &headers, bytes.clone());
        assert_eq!(
            (error.kind, error.status(), error.message.as_str()),
            (expected, status, message),
            "{name}"
        );
        let words = error.upstream.as_ref().unwrap();
        assert_eq!(
            (words.kind.as_deref(), words.request_id.as_deref()),
            (Some(bare(name)), Some("r-1"))
        );
        // A client of the same dialect has it as it came.
        let mut head_of = HeaderMap::new();
        told::head(&error, &mut head_of);
        assert_eq!(
            (told::body(&error), head_of[ERROR_TYPE].to_str().unwrap()),
            (bytes, bare(name))
        );
    }

    #[test]
    fn every_exception_of_the_service_model_has_its_kind() {
        check(403, "AccessDeniedException", "no", ErrorKind::UpstreamAuth);
        check(
            429,
            "ThrottlingException",
            "Too many requests",
            ErrorKind::UpstreamLimited,
        );
        check(
            404,
            "ResourceNotFoundException",
            "no such thing",
            ErrorKind::ModelNotFound,
        );
        check(408, "ModelTimeoutException", "late", ErrorKind::UpstreamTimeout);
        check(500, "InternalServerException", "oh", ErrorKind::UpstreamFailed);
        check(
            503,
            "ServiceUnavailableException",
            "busy",
            ErrorKind::UpstreamOverloaded,
        );
        check(
            400,
            "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/",
            "bad",
            ErrorKind::UpstreamRejected,
        );
        check(429, "ModelNotReadyException", "loading", ErrorKind::UpstreamOverloaded);
        check(424, "ModelErrorException", "it failed", ErrorKind::UpstreamFailed);
        check(400, "ServiceQuotaExceededException", "spent", ErrorKind::UpstreamQuota);
        check(403, "ExpiredTokenException", "old", ErrorKind::UpstreamAuth);
        check(403, "UnrecognizedClientException", "who", ErrorKind::UpstreamAuth);
        check(400, "IncompleteSignature", "half", ErrorKind::UpstreamAuth);
    }

    #[test]
    fn a_validation_is_known_by_its_words() {
        let name = "ValidationException";
        check(
            400,
            name,
            "The provided model identifier is invalid.",
            ErrorKind::ModelNotFound,
        );
        check(
            400,
            name,
            "Input is too long for requested model.",
            ErrorKind::ContextExceeded,
        );
        check(
            400,
            name,
            "Invocation of model ID anthropic.claude-haiku-4-5 with on-demand throughput isn\u{2019}t supported. Retry with an inference profile.",
            ErrorKind::ModelNotFound,
        );
        check(
            400,
            name,
            "Output blocked by content filtering policy",
            ErrorKind::ContentRefused,
        );
        check(
            424,
            "ModelErrorException",
            "The model returned the following errors: prompt is too long: 5 tokens > 4 maximum",
            ErrorKind::ContextExceeded,
        );
    }

    #[test]
    fn an_exception_inside_a_stream_is_an_error() {
        let message = |kind, name: &str, payload: &'static str| Message {
            kind,
            name: name.to_owned(),
            payload: payload.as_bytes(),
            error: Some("unforeseen".to_owned()),
        };
        for (name, payload, expected) in [
            ("throttlingException", r#"{"message":"m"}"#, ErrorKind::UpstreamLimited),
            (
                "modelStreamErrorException",
                r#"{"message":"m","originalStatusCode":500}"#,
                ErrorKind::UpstreamFailed,
            ),
            (
                "validationException",
                r#"{"message":"Input is too long"}"#,
                ErrorKind::ContextExceeded,
            ),
            ("validationException", "", ErrorKind::UpstreamRejected),
        ] {
            assert_eq!(
                read_message(&message(MessageType::Exception, name, payload)).kind,
                expected,
                "{name} {payload}"
            );
        }
        let unforeseen = read_message(&message(MessageType::Error, "InternalError", ""));
        assert_eq!(
            (unforeseen.kind, unforeseen.message.as_str()),
            (ErrorKind::UpstreamFailed, "unforeseen")
        );
    }

    #[test]
    fn a_page_is_not_taken_for_words() {
        let error = read(502, &HeaderMap::new(), Bytes::from_static(b"<html>busy</html>"));
        assert_eq!(error.kind, ErrorKind::UpstreamFailed);
        assert!(error.message.contains("502") && error.upstream.unwrap().body.is_none());
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("17"))]);
        assert_eq!(
            read(429, &headers, Bytes::new()).retry_after,
            Some(Duration::from_secs(17))
        );
    }
}
