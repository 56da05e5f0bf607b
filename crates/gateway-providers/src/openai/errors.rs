//! Errors, both ways: a vendor's answer as a kind that can be acted on, and any error as a body for the client.

use std::time::Duration;

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::HeaderMap;
use serde_json::value::RawValue;

use super::recognise::Told;
use super::wire::text;
use crate::json::{Members, Out, parse};
use crate::lane;

/// The body of an error. An upstream's own words in this dialect are sent on untouched.
pub(super) fn body(error: &Error) -> Bytes {
    match error.upstream.as_ref().and_then(|words| words.body.as_ref()) {
        Some((DialectName::OpenAi, body)) => body.clone(),
        _ => Bytes::from(written(error)),
    }
}

/// The frame of an error in a stream: SDKs raise what stands under `error`.
pub(super) fn frame(error: &Error) -> Vec<u8> {
    let mut frame = b"data: ".to_vec();
    let words = error.upstream.as_ref().and_then(|words| words.body.as_ref());
    match words {
        // A body over several lines would end the frame in its middle.
        Some((DialectName::OpenAi, body)) if !body.iter().any(|byte| matches!(byte, b'\n' | b'\r')) => {
            frame.extend_from_slice(body);
        }
        _ => frame.extend_from_slice(&written(error)),
    }
    frame.extend_from_slice(b"\n\n");
    frame
}

fn written(error: &Error) -> Vec<u8> {
    // What another API calls it, this one's clients do not look for.
    let foreign = |words: &&UpstreamWords| {
        words
            .body
            .as_ref()
            .is_some_and(|(dialect, _)| *dialect != DialectName::OpenAi)
    };
    let upstream = error.upstream.as_deref();
    let words = upstream.filter(|words| !foreign(words));
    let kind = words
        .and_then(|words| words.kind.as_deref())
        .unwrap_or_else(|| kind_word(error));
    let code = words
        .and_then(|words| words.code.as_deref())
        .unwrap_or_else(|| match error.kind {
            ErrorKind::UpstreamLimited if upstream.is_some() => "rate_limit_exceeded",
            kind => kind.code(),
        });
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.inner("error", |out| {
            out.member("message", &error.message);
            out.member("type", kind);
            out.member("param", &error.param);
            out.member("code", code);
        });
    });
    body
}

/// OpenAI's `type` for an error of the gateway's own.
fn kind_word(error: &Error) -> &'static str {
    match error.kind {
        ErrorKind::BudgetExceeded | ErrorKind::CostCeiling | ErrorKind::PriceUnknown | ErrorKind::UpstreamQuota => {
            "insufficient_quota"
        }
        ErrorKind::RequestLimited | ErrorKind::UpstreamLimited => "requests",
        ErrorKind::TokenLimited => "tokens",
        _ => match error.status() {
            401 => "authentication_error",
            403 => "permission_error",
            400..500 => "invalid_request_error",
            _ => "server_error",
        },
    }
}

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let said = Said::read(&body);
    let mut error = said.error(status);
    error.retry_after = retry_after(headers);
    if let Some(words) = error.upstream.as_mut() {
        let id = lane::request_id(headers).and_then(|id| id.to_str().ok());
        words.request_id = id.map(str::to_owned);
        words.body = said.in_shape.then_some((DialectName::OpenAi, body));
    }
    error
}

/// Reads an error that stands in a stream, or in an answer whose status promised better. `around` is what it stands in.
pub(super) fn inside(raw: &RawValue, around: &[u8]) -> Error {
    let said = Said::object(raw).unwrap_or_else(|| Said {
        message: text(raw),
        ..Said::default()
    });
    // Some vendors give the status that it would have been as the code.
    let code = said
        .code
        .as_deref()
        .and_then(|code| code.parse().ok())
        .filter(|code| (400..600).contains(code));
    let mut error = said.error(code.unwrap_or(502));
    if raw.get().starts_with('{')
        && let Some(words) = error.upstream.as_mut()
    {
        words.body = Some((DialectName::OpenAi, Bytes::copy_from_slice(around)));
    }
    error
}

/// What an error answer says.
#[derive(Debug, Default)]
struct Said {
    message: String,
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    /// Whether it is the dialect's own shape, so that a client of the dialect can have it as it is.
    in_shape: bool,
}

/// How much of a body that is no error object is shown.
const EXCERPT: usize = 300;

impl Said {
    fn as_told(&self, status: u16) -> Told<'_> {
        Told {
            status,
            kind: self.kind.as_deref().unwrap_or_default(),
            code: self.code.as_deref().unwrap_or_default(),
            message: &self.message,
        }
    }

    fn read(body: &[u8]) -> Self {
        let json = serde_json::from_slice::<&RawValue>(body).ok();
        if let Some(said) = json.and_then(Self::any) {
            return said;
        }
        let text = String::from_utf8_lossy(body);
        let plain: String = without_tags(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let message = match plain.is_empty() {
            true => String::from("the provider gave no reason"),
            false => plain.chars().take(EXCERPT).collect(),
        };
        Self {
            message,
            ..Self::default()
        }
    }

    /// `{"error": {…}}`, `{"error": "…"}`, the members without an `error` around them, or a list of any of these.
    fn any(raw: &RawValue) -> Option<Self> {
        if let Ok(list) = parse::<Vec<&RawValue>>(raw) {
            return Self::any(list.first()?);
        }
        let mut members = Members::of(raw).ok()?;
        match members.take("error") {
            Some(inner) if inner.get().starts_with('{') => {
                Self::object(inner).map(|said| Self { in_shape: true, ..said })
            }
            Some(inner) => {
                let outer = Self::object(raw).unwrap_or_default();
                Some(Self {
                    message: text(inner),
                    ..outer
                })
            }
            None => Self::object(raw),
        }
    }

    fn object(raw: &RawValue) -> Option<Self> {
        let mut members = Members::of(raw).ok()?;
        let inner = members.object("innererror").ok().flatten();
        // Azure says in there what its filter has found.
        let inner = inner.and_then(|mut inner| inner.take("code").map(text));
        let mut word = |key| members.take(key).map(text).filter(|text| !text.is_empty());
        let message = word("message").or_else(|| word("detail"));
        let (kind, code, param) = (word("type"), word("code").or(inner), word("param"));
        let message = message.or_else(|| kind.clone()).or_else(|| code.clone())?;
        Some(Self {
            message,
            kind,
            code,
            param,
            in_shape: false,
        })
    }

    fn error(&self, status: u16) -> Error {
        let mut error = Error::new(self.as_told(status).kind(), self.message.clone());
        error.status = Some(status);
        error.param = self.param.clone();
        let words = UpstreamWords {
            kind: self.kind.clone(),
            code: self.code.clone(),
            request_id: None,
            body: None,
        };
        error.upstream = Some(Box::new(words));
        error
    }
}

/// An error page's text, roughly: what stands between its tags.
fn without_tags(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let mut plain = String::new();
    for piece in text.split('<') {
        let (tag, after) = piece.split_once('>').unwrap_or(("", piece));
        if !matches!(tag.split(' ').next(), Some("style" | "script")) {
            plain.push_str(after);
            plain.push(' ');
        }
    }
    plain
}

/// When to come back: `retry-after-ms`, or `retry-after` in seconds or as a date, read against the answer's own `date`
/// because nobody here has a clock.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|number| number.is_finite() && *number >= 0.0)
    };
    let millis = value("retry-after-ms").and_then(number).map(|ms| ms / 1000.0);
    let seconds = || value("retry-after").and_then(number);
    // A day is the longest that means anything to a retry.
    let limit = 86_400.0;
    if let Some(seconds) = [millis, seconds()].into_iter().flatten().reduce(f64::max) {
        return Some(Duration::from_secs_f64(seconds.min(limit)));
    }
    let date = |name| {
        jiff::fmt::rfc2822::parse(value(name)?)
            .ok()
            .map(|date| date.timestamp().as_second())
    };
    let wait = date("retry-after")?.checked_sub(date("date")?)?;
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0).min(limit as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        read(status, &HeaderMap::new(), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn a_status_says_what_can_be_done() {
        for (status, body, kind) in [
            (
                400,
                r#"{"error":{"message":"bad","type":"invalid_request_error"}}"#,
                ErrorKind::UpstreamRejected,
            ),
            (401, r#"{"error":{"message":"no"}}"#, ErrorKind::UpstreamAuth),
            (
                402,
                r#"{"error":{"message":"Insufficient Balance"}}"#,
                ErrorKind::UpstreamQuota,
            ),
            (403, "", ErrorKind::UpstreamAuth),
            (
                404,
                r#"{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}"#,
                ErrorKind::ModelNotFound,
            ),
            (
                404,
                r#"{"error":{"message":"model \"m\" not found, try pulling it first","type":"api_error"}}"#,
                ErrorKind::ModelNotFound,
            ),
            (
                404,
                r#"{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","code":404}"#,
                ErrorKind::ModelNotFound,
            ),
            (404, r#"{"detail":"Not Found"}"#, ErrorKind::UpstreamRejected),
            (
                400,
                r#"{"error":{"message":"m is not a valid model ID","code":400}}"#,
                ErrorKind::ModelNotFound,
            ),
            (
                400,
                r#"{"object":"error","message":"Invalid model: m","type":"invalid_model","code":"1500"}"#,
                ErrorKind::ModelNotFound,
            ),
            (413, "", ErrorKind::UpstreamRejected),
            (
                422,
                r#"{"detail":[{"loc":["body"],"msg":"extra"}]}"#,
                ErrorKind::UpstreamRejected,
            ),
            (
                429,
                r#"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#,
                ErrorKind::UpstreamLimited,
            ),
            (500, "{", ErrorKind::UpstreamFailed),
            (529, "", ErrorKind::UpstreamOverloaded),
        ] {
            let error = error(status, body);
            assert_eq!((error.kind, error.status()), (kind, status), "{body}");
            assert!(!error.message.is_empty());
        }
    }

    #[test]
    fn words_in_the_dialects_shape_go_on_untouched_and_others_are_put_into_it() {
        let own = r#"{"error": {"message": "bad", "type": "t", "param": "stop", "code": "c", "more": 1.0}}"#;
        let said = error(400, own);
        assert_eq!(body(&said), own);
        assert_eq!(said.param.as_deref(), Some("stop"));
        assert_eq!(frame(&said), format!("data: {own}\n\n").into_bytes());
        let flat = error(
            404,
            r#"{"object":"error","message":"no such thing","type":"NotFoundError","code":404}"#,
        );
        assert_eq!(
            body(&flat),
            r#"{"error":{"message":"no such thing","type":"NotFoundError","param":null,"code":"404"}}"#
        );
        let word = error(500, r#"{"error":"overloaded"}"#);
        assert_eq!(word.message, "overloaded");
    }

    #[test]
    fn a_page_that_is_no_json_is_shown_in_part() {
        let page = error(
            502,
            "<html><head><style>b{}</style><title>502 Bad Gateway</title></head><body>\n<h1>nginx</h1></body></html>",
        );
        assert_eq!(page.message, "502 Bad Gateway nginx");
        assert_eq!(error(503, "").message, "the provider gave no reason");
        assert!(error(500, &"x".repeat(10_000)).message.len() <= EXCERPT);
    }

    #[test]
    fn coming_back_is_read_in_every_spelling() {
        let after = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            read(429, &headers, Bytes::new()).retry_after
        };
        assert_eq!(after(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(after(&[("retry-after-ms", "1500")]), Some(Duration::from_millis(1500)));
        assert_eq!(
            after(&[("retry-after", "1"), ("retry-after-ms", "0")]),
            Some(Duration::from_secs(1))
        );
        let dates = [
            ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT"),
            ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ];
        assert_eq!(after(&dates), Some(Duration::from_secs(30)));
        assert_eq!(after(&dates[..1]), None);
        assert_eq!(after(&[("retry-after", "soon")]), None);
        assert_eq!(after(&[("retry-after", "-1")]), None);
        assert_eq!(after(&[("retry-after", "1e300")]), Some(Duration::from_secs(86_400)));
    }

    #[test]
    fn an_error_of_our_own_is_in_the_shape_that_sdks_know() {
        let mut ours = Error::invalid("stream", "`stream` must be true or false");
        assert_eq!(
            body(&ours),
            r#"{"error":{"message":"`stream` must be true or false","type":"invalid_request_error","param":"stream","code":"invalid_request"}}"#
        );
        ours.kind = ErrorKind::BudgetExceeded;
        assert!(body(&ours).windows(15).any(|part| part == b"budget_exceeded"));
    }
}
