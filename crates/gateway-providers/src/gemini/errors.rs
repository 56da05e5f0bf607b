//! Any error in Google's shape: that of its "Errors" guide (AIP-193), with the details of `google.rpc`.

use bytes::Bytes;
use gateway_types::{DialectName, Error};

use super::recognise::Shape;
use super::tree::{Json, Object};

/// The body of an error. An upstream's own words in this dialect are passed on untouched.
pub(super) fn body(error: &Error) -> Bytes {
    match error.upstream.as_ref().and_then(|words| words.body.as_ref()) {
        Some((DialectName::Gemini, body)) => body.clone(),
        _ => Bytes::from(Object::of("error", written(error)).to_bytes()),
    }
}

/// The error on one line, for a stream.
pub(super) fn line(error: &Error) -> Vec<u8> {
    let words = error.upstream.as_ref().and_then(|words| words.body.as_ref());
    if let Some((DialectName::Gemini, body)) = words
        && let Ok(Shape { error: Some(inner) }) = serde_json::from_slice::<Shape<'_>>(body)
        && !inner.get().contains(['\n', '\r'])
    {
        return Object::of("error", inner).to_bytes();
    }
    Object::of("error", written(error)).to_bytes()
}

/// An error in the middle of a stream of events, twice: bare, as Google's own servers write it and as those SDKs look for
/// it that judge what they receive before they cut it into events, and as an event, for those that overlook all else.
pub(super) fn told(json: &[u8]) -> Vec<u8> {
    [json, b"\r\n\r\ndata: ", json, b"\r\n\r\n"].concat()
}

fn written(error: &Error) -> Object<'_> {
    let status = error.status();
    let mut details = Vec::new();
    let of = |kind: &str| Object::of("@type", format!("type.googleapis.com/google.rpc.{kind}"));
    let words = error.upstream.as_deref();
    let reason = words
        .and_then(|words| words.code.as_deref())
        .unwrap_or_else(|| error.kind.code());
    details.push(
        of("ErrorInfo")
            .with("reason", reason.to_uppercase())
            .with("domain", "gateway")
            .into(),
    );
    if let Some(param) = &error.param {
        let violation = Object::of("field", param).with("description", &error.message);
        details.push(
            of("BadRequest")
                .with("fieldViolations", Json::Array(vec![violation.into()]))
                .into(),
        );
    }
    if let Some(after) = error.retry_after {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        details.push(of("RetryInfo").with("retryDelay", format!("{seconds}s")).into());
    }
    Object::of("code", u64::from(status))
        .with("message", &error.message)
        .with("status", status_word(status))
        .with("details", Json::Array(details))
}

/// Google's word for a status ("HTTP mapping" in `google.rpc.Code`).
fn status_word(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 429 => "RESOURCE_EXHAUSTED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 | 501 => "UNIMPLEMENTED",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        499 => "CANCELLED",
        400..=499 => "INVALID_ARGUMENT",
        502 | 503 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemini::recognise::read;
    use http::HeaderMap;
    use std::time::Duration;

    #[test]
    fn an_error_of_anybody_is_said_in_googles_shape() {
        let mut error = Error::invalid("contents[0].role", "`contents[0].role` must be `user` or `model`");
        error.retry_after = Some(Duration::from_millis(1_200));
        let said: serde_json::Value = serde_json::from_slice(&body(&error)).unwrap();
        assert_eq!(said["error"]["code"], 400);
        assert_eq!(said["error"]["status"], "INVALID_ARGUMENT");
        assert_eq!(said["error"]["details"][0]["reason"], "INVALID_REQUEST");
        assert_eq!(
            said["error"]["details"][1]["fieldViolations"][0]["field"],
            "contents[0].role"
        );
        assert_eq!(said["error"]["details"][2]["retryDelay"], "2s");
    }

    #[test]
    fn googles_own_words_stay_as_they_are() {
        let body_text = "{\n \"error\": {\"code\": 503, \"message\": \"busy\", \"status\": \"UNAVAILABLE\"}\n}";
        let error = read(503, &HeaderMap::new(), Bytes::from_static(body_text.as_bytes()));
        assert_eq!(body(&error), body_text);
        assert_eq!(
            line(&error),
            br#"{"error":{"code": 503, "message": "busy", "status": "UNAVAILABLE"}}"#
        );
    }
}
