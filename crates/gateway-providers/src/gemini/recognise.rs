//! Google's errors as kinds that can be acted on: told by status, by the reason in the details, and by words where there is
//! nothing else.

use std::time::Duration;

use bytes::Bytes;
use gateway_types::error::UpstreamWords;
use gateway_types::{DialectName, Error, ErrorKind};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Reads an error answer.
pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Error {
    let said = Said::read(&body);
    let mut error = said.error(status);
    error.retry_after = retry_after(headers).or(error.retry_after);
    if said.in_shape
        && let Some(words) = error.upstream.as_mut()
    {
        words.body = Some((DialectName::Gemini, body));
    }
    error
}

/// Reads an error that stands in a stream, or in an answer whose status promised better.
pub(super) fn inside(raw: &RawValue, around: &[u8]) -> Error {
    let said = Said::object(raw).unwrap_or_default();
    let status = said.code.filter(|code| (400..600).contains(code)).unwrap_or(502);
    let mut error = said.error(status);
    if let Some(words) = error.upstream.as_mut() {
        words.body = Some((DialectName::Gemini, Bytes::copy_from_slice(around)));
    }
    error
}

/// Seconds; dates are not what Google sends.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// What an error answer says.
#[derive(Debug, Default)]
struct Said {
    message: String,
    code: Option<u16>,
    status: Option<String>,
    details: Vec<Detail>,
    /// Whether it is the dialect's own shape, so that a client of the dialect can have it as it is.
    in_shape: bool,
}

/// What is wanted of the details of all types.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Detail {
    reason: Option<String>,
    retry_delay: Option<String>,
    field_violations: Vec<Violation>,
    violations: Vec<Violation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Violation {
    field: Option<String>,
    quota_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    code: Option<u16>,
    message: Option<String>,
    status: Option<String>,
    #[serde(borrow)]
    details: Option<Vec<&'a RawValue>>,
}

/// How much of a body that is no error object is shown.
const EXCERPT: usize = 300;

impl Said {
    /// `{"error": {…}}`, or a list with that in it, as streams that are arrays have it.
    fn read(body: &[u8]) -> Self {
        let listed = || {
            serde_json::from_slice::<Vec<&RawValue>>(body)
                .ok()?
                .first()
                .map(|first| first.get().as_bytes())
        };
        let shape = serde_json::from_slice::<Shape<'_>>(listed().unwrap_or(body)).ok();
        if let Some(said) = shape.and_then(|shape| Self::object(shape.error?)) {
            return Self { in_shape: true, ..said };
        }
        let text = String::from_utf8_lossy(body);
        let words: Vec<&str> = text.split_whitespace().collect();
        let message = match words.is_empty() {
            true => String::from("the provider gave no reason"),
            false => words.join(" ").chars().take(EXCERPT).collect(),
        };
        Self {
            message,
            ..Self::default()
        }
    }

    fn object(raw: &RawValue) -> Option<Self> {
        let status: Status<'_> = serde_json::from_str(raw.get()).ok()?;
        let details = status.details.into_iter().flatten();
        Some(Self {
            message: status.message.clone().or_else(|| status.status.clone())?,
            code: status.code,
            status: status.status,
            details: details
                .map(|detail| serde_json::from_str(detail.get()).unwrap_or_default())
                .collect(),
            in_shape: false,
        })
    }

    fn error(&self, status: u16) -> Error {
        let mut error = Error::new(self.kind(status), self.message.clone());
        error.status = Some(status);
        error.param = self
            .details
            .iter()
            .flat_map(|detail| &detail.field_violations)
            .find_map(|one| one.field.clone());
        error.retry_after = self
            .details
            .iter()
            .find_map(|detail| delay(detail.retry_delay.as_deref()?));
        error.upstream = Some(Box::new(UpstreamWords {
            kind: self.status.clone(),
            code: self.reason().map(str::to_owned),
            ..UpstreamWords::default()
        }));
        error
    }

    fn reason(&self) -> Option<&str> {
        self.details.iter().find_map(|detail| detail.reason.as_deref())
    }

    fn kind(&self, status: u16) -> ErrorKind {
        let says = |words: &[&str]| {
            let message = self.message.to_ascii_lowercase();
            words.iter().any(|word| message.contains(word))
        };
        match status {
            400 | 404 if self.names_a_missing_model(status) => ErrorKind::ModelNotFound,
            // A key that is none is a wrong argument there; a place from which nobody may ask is nobody's argument.
            400 if self.is_about_the_key() || says(&["location is not supported"]) => ErrorKind::UpstreamAuth,
            400 if says(&["exceeds the maximum number of tokens", "input context is too long"]) => {
                ErrorKind::ContextExceeded
            }
            400 if says(&["blocked", "prohibited"]) && says(&["safety", "policy", "policies", "content"]) => {
                ErrorKind::ContentRefused
            }
            401 | 403 => ErrorKind::UpstreamAuth,
            408 => ErrorKind::UpstreamTimeout,
            429 if self.is_spent() => ErrorKind::UpstreamQuota,
            429 => ErrorKind::UpstreamLimited,
            400..500 => ErrorKind::UpstreamRejected,
            503 | 529 => ErrorKind::UpstreamOverloaded,
            504 => ErrorKind::UpstreamTimeout,
            _ => ErrorKind::UpstreamFailed,
        }
    }

    fn is_about_the_key(&self) -> bool {
        let reason = self.reason().unwrap_or_default();
        reason.starts_with("API_KEY_") || self.message.starts_with("API key ")
    }

    /// Whether the model is not served there: it is named, and not found.
    fn names_a_missing_model(&self, status: u16) -> bool {
        let message = self.message.to_ascii_lowercase();
        let missing = [
            "not found",
            "does not exist",
            "unexpected model name",
            "is not supported for",
        ];
        let about_models = ["model `", "models/", "publisher model", "model name", "publishers/"];
        let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
        (status == 404 || has(&["unexpected model name"])) && has(&about_models) && has(&missing)
    }

    /// Whether what is used up does not come back with the next minutes: a day's requests, or the account's money.
    fn is_spent(&self) -> bool {
        let violations = self.details.iter().flat_map(|detail| &detail.violations);
        let daily = violations
            .filter_map(|one| one.quota_id.as_deref())
            .any(|id| id.contains("PerDay"));
        let message = self.message.to_ascii_lowercase();
        daily
            || ["credits are depleted", "prepayment", "spending cap"]
                .iter()
                .any(|word| message.contains(word))
    }
}

/// `34.5s` and the like.
fn delay(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    (0.0..1e9).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

/// `{"error": {…}}`.
#[derive(Deserialize)]
pub(super) struct Shape<'a> {
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &'static str) -> Error {
        read(status, &HeaderMap::new(), Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn kinds_are_told_by_status_reason_and_words() {
        for (status, body, expected) in [
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
                ErrorKind::UpstreamAuth,
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#,
                ErrorKind::UpstreamAuth,
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
                ErrorKind::ContextExceeded,
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"Invalid value at 'contents'","status":"INVALID_ARGUMENT"}}"#,
                ErrorKind::UpstreamRejected,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#,
                ErrorKind::UpstreamAuth,
            ),
            (
                404,
                r#"{"error":{"code":404,"message":"models/x is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}"#,
                ErrorKind::ModelNotFound,
            ),
            (
                404,
                r#"{"error":{"code":404,"message":"CachedContent not found","status":"NOT_FOUND"}}"#,
                ErrorKind::UpstreamRejected,
            ),
            (
                429,
                r#"[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]"#,
                ErrorKind::UpstreamLimited,
            ),
            (
                500,
                r#"{"error":{"code":500,"message":"An internal error has occurred.","status":"INTERNAL"}}"#,
                ErrorKind::UpstreamFailed,
            ),
            (
                503,
                r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
                ErrorKind::UpstreamOverloaded,
            ),
            (
                504,
                r#"{"error":{"code":504,"message":"Deadline expired","status":"DEADLINE_EXCEEDED"}}"#,
                ErrorKind::UpstreamTimeout,
            ),
            (502, "<html>bad gateway</html>", ErrorKind::UpstreamFailed),
        ] {
            let error = kind(status, body);
            assert_eq!((error.kind, error.status()), (expected, status), "{body}");
        }
    }

    #[test]
    fn what_is_used_up_for_the_day_is_told_from_what_comes_back_soon() {
        let quota = |id: &str| {
            let body = format!(
                r#"{{"error":{{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[
                    {{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{{"quotaId":"{id}"}}]}},
                    {{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}}]}}}}"#
            );
            read(429, &HeaderMap::new(), Bytes::from(body))
        };
        let minute = quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
        assert_eq!(
            (minute.kind, minute.retry_after),
            (ErrorKind::UpstreamLimited, Some(Duration::from_millis(34_500)))
        );
        assert_eq!(
            quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier").kind,
            ErrorKind::UpstreamQuota
        );
    }

    #[test]
    fn a_body_that_says_nothing_has_words_of_ours() {
        assert_eq!(kind(400, "").message, "the provider gave no reason");
        assert_eq!(kind(502, "<p>\n no </p>").message, "<p> no </p>");
    }
}
