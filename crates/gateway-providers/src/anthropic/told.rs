//! Errors as clients of this dialect are told of them: a body, or an event (vendor's document: Errors, "Error shapes").

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::{DialectName, Error, ErrorKind};
use serde::Serialize;

use crate::json;

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Words<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Words<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    message: Cow<'a, str>,
}

/// The body of an error. An upstream's own words in this dialect are sent on untouched.
pub(super) fn body(error: &Error) -> Bytes {
    own(error).cloned().unwrap_or_else(|| written(error))
}

/// The event of an error in a stream.
pub(super) fn event(error: &Error) -> Bytes {
    // A body over several lines would end the event in its middle.
    let one_line = |body: &&Bytes| !body.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    let data = own(error).filter(one_line).cloned().unwrap_or_else(|| written(error));
    [&b"event: error\ndata: "[..], &data, b"\n\n"].concat().into()
}

/// The status: the vendor has one of its own for more work than can be done.
pub(super) fn status(error: &Error) -> u16 {
    match error.kind {
        ErrorKind::UpstreamOverloaded if own(error).is_none() => 529,
        _ => error.status(),
    }
}

/// The body as an upstream of this dialect wrote it.
fn own(error: &Error) -> Option<&Bytes> {
    match &error.upstream.as_ref()?.body {
        Some((DialectName::Anthropic, body)) => Some(body),
        _ => None,
    }
}

fn written(error: &Error) -> Bytes {
    let words = error.upstream.as_deref();
    let own = own(error).and_then(|_| words?.kind.as_deref());
    let envelope = Envelope {
        kind: "error",
        error: Words {
            kind: own.unwrap_or_else(|| word(error)),
            message: message(error),
        },
        request_id: words.and_then(|words| words.request_id.as_deref()),
    };
    // Texts alone always make JSON.
    Bytes::from(json::to_vec(&envelope).unwrap_or_default())
}

/// The message. Clients of this dialect find out by its first words that they must shorten their conversation.
fn message(error: &Error) -> Cow<'_, str> {
    const TOO_LONG: &str = "prompt is too long";
    let said = error.message.as_str();
    if error.kind == ErrorKind::ContextExceeded && own(error).is_none() && !said.contains(TOO_LONG) {
        return Cow::Owned(format!("{TOO_LONG}: {said}"));
    }
    Cow::Borrowed(said)
}

/// The vendor's word for an error.
fn word(error: &Error) -> &'static str {
    match error.kind {
        ErrorKind::TooLarge => "request_too_large",
        ErrorKind::VirtualKeyRequired | ErrorKind::VirtualKeyUnknown => "authentication_error",
        ErrorKind::VirtualKeyBlocked | ErrorKind::Forbidden | ErrorKind::ProviderBlocked | ErrorKind::ModelBlocked => {
            "permission_error"
        }
        ErrorKind::BudgetExceeded | ErrorKind::CostCeiling | ErrorKind::PriceUnknown | ErrorKind::UpstreamQuota => {
            "billing_error"
        }
        ErrorKind::RouteNotFound | ErrorKind::ModelNotFound => "not_found_error",
        ErrorKind::RequestLimited | ErrorKind::TokenLimited | ErrorKind::UpstreamLimited => "rate_limit_error",
        ErrorKind::Unavailable | ErrorKind::UpstreamOverloaded => "overloaded_error",
        ErrorKind::UpstreamTimeout | ErrorKind::ClientTimeout => "timeout_error",
        ErrorKind::UpstreamRejected | ErrorKind::UpstreamAuth => by_status(error.status()),
        ErrorKind::Invalid
        | ErrorKind::MissingHeaders
        | ErrorKind::UnsupportedOperation
        | ErrorKind::MethodNotAllowed
        | ErrorKind::ContextExceeded
        | ErrorKind::ContentRefused => "invalid_request_error",
        ErrorKind::UpstreamFailed | ErrorKind::Internal => "api_error",
    }
}

/// What an upstream refused, by the status that it gave.
fn by_status(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::error::UpstreamWords;

    use super::*;

    fn told(error: &Error) -> String {
        String::from_utf8(body(error).to_vec()).unwrap()
    }

    #[test]
    fn an_error_has_the_vendors_shape_and_words() {
        for (kind, word) in [
            (ErrorKind::Invalid, "invalid_request_error"),
            (ErrorKind::MissingHeaders, "invalid_request_error"),
            (ErrorKind::VirtualKeyRequired, "authentication_error"),
            (ErrorKind::ModelBlocked, "permission_error"),
            (ErrorKind::ModelNotFound, "not_found_error"),
            (ErrorKind::BudgetExceeded, "billing_error"),
            (ErrorKind::CostCeiling, "billing_error"),
            (ErrorKind::TokenLimited, "rate_limit_error"),
            (ErrorKind::UpstreamOverloaded, "overloaded_error"),
            (ErrorKind::UpstreamTimeout, "timeout_error"),
            (ErrorKind::UpstreamFailed, "api_error"),
            (ErrorKind::TooLarge, "request_too_large"),
        ] {
            let expected = format!(r#"{{"type":"error","error":{{"type":"{word}","message":"why"}}}}"#);
            assert_eq!(told(&Error::new(kind, "why")), expected);
        }
        let mut refused = Error::new(ErrorKind::UpstreamRejected, "no");
        refused.status = Some(404);
        assert!(told(&refused).contains("not_found_error"));
    }

    #[test]
    fn more_work_than_can_be_done_has_a_status_of_its_own() {
        let mut error = Error::new(ErrorKind::UpstreamOverloaded, "busy");
        error.status = Some(503);
        assert_eq!(status(&error), 529);
        assert_eq!(status(&Error::new(ErrorKind::Unavailable, "stopping")), 503);
    }

    #[test]
    fn the_vendors_own_words_are_sent_on_as_they_are() {
        let own = "{ \"type\":\"error\",\n \"error\":{\"type\":\"new_error\",\"message\":\"x\"}}";
        let mut error = Error::new(ErrorKind::UpstreamRejected, "x");
        error.upstream = Some(Box::new(UpstreamWords {
            kind: Some("new_error".into()),
            request_id: Some("req_1".into()),
            body: Some((DialectName::Anthropic, Bytes::from(own))),
            ..UpstreamWords::default()
        }));
        assert_eq!(told(&error), own);
        let event = String::from_utf8(event(&error).to_vec()).unwrap();
        let expected = r#"{"type":"error","error":{"type":"new_error","message":"x"},"request_id":"req_1"}"#;
        assert_eq!(event, format!("event: error\ndata: {expected}\n\n"));
    }

    #[test]
    fn a_foreign_prompt_that_is_too_long_is_told_in_the_words_that_clients_look_for() {
        let mut error = Error::new(ErrorKind::ContextExceeded, "maximum context length is 128000 tokens");
        assert!(told(&error).contains(r#""message":"prompt is too long: maximum context length"#));
        error.message = "prompt is too long: 9 > 8".into();
        assert!(told(&error).contains(r#""message":"prompt is too long: 9 > 8""#));
    }
}
