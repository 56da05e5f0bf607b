//! The headers that the line reads and writes.

use std::time::Duration;

use gateway_types::NanoUsd;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue, RETRY_AFTER};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-gateway-request-id");
pub(super) const PROVIDER: HeaderName = HeaderName::from_static("x-gateway-provider");
pub(super) const MODEL: HeaderName = HeaderName::from_static("x-gateway-model");
pub(super) const ATTEMPTS: HeaderName = HeaderName::from_static("x-gateway-attempts");
pub(super) const COST: HeaderName = HeaderName::from_static("x-gateway-cost");
pub(super) const UPSTREAM_MS: HeaderName = HeaderName::from_static("x-gateway-upstream-ms");
pub(super) const OWN_MS: HeaderName = HeaderName::from_static("x-gateway-own-ms");
pub(super) const CLAMPED: HeaderName = HeaderName::from_static("x-gateway-clamped");
pub(super) const TRANSLATION: HeaderName = HeaderName::from_static("x-gateway-translation");
pub(super) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
const VIRTUAL_KEY: HeaderName = HeaderName::from_static("x-bf-vk");
const STRICT: HeaderName = HeaderName::from_static("x-gateway-strict");
const SESSION: HeaderName = HeaderName::from_static("x-bf-session-id");
const BARE: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
];

/// The credential that a caller presents: the first that is there, and not empty, of `x-bf-vk`, a bearer token (or the id
/// of the access key of a signature), `x-api-key`, `x-goog-api-key` and `api-key`. One that is not readable text is
/// presented all the same, and known to nobody; so is an `Authorization` of another kind, where it is all there is:
/// whoever shows something is not taken for nobody.
pub(super) fn credential(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &HeaderName| {
        let value = headers.get(name)?.to_str().unwrap_or("\u{fffd}").trim();
        Some(value).filter(|text| !text.is_empty())
    };
    let shown = text(&AUTHORIZATION);
    let bearer = || match shown?.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        Some(("AWS4-HMAC-SHA256", signature)) => access_key(signature),
        Some(_) => None,
        // A key by itself is a common slip; the word alone is what SDKs make of an empty key.
        None => shown.filter(|shown| !shown.eq_ignore_ascii_case("bearer")),
    };
    let other = || shown.filter(|shown| !shown.eq_ignore_ascii_case("bearer"));
    text(&VIRTUAL_KEY)
        .or_else(bearer)
        .or_else(|| BARE.iter().find_map(text))
        .or_else(other)
}

/// The id of the access key in a signature of AWS. Its SDKs send no token over plain HTTP, so that this is where their
/// callers can put a virtual key; the signature itself is of no interest.
fn access_key(signature: &str) -> Option<&str> {
    let (_, credential) = signature.split_once("Credential=")?;
    credential.split('/').next().filter(|id| !id.is_empty())
}

/// Whether the caller wants nothing left out, where it says.
pub(super) fn strict(headers: &HeaderMap) -> Option<bool> {
    match headers.get(STRICT)?.to_str().ok()?.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// What calls of one conversation have in common.
pub(super) fn session(headers: &HeaderMap) -> Option<String> {
    headers
        .get(SESSION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// A number or a name as a header value; nothing where it cannot be one.
pub(super) fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

pub(super) fn put_cost(headers: &mut HeaderMap, cost: NanoUsd) {
    put(headers, COST, &cost.to_string());
}

/// `Retry-After` in whole seconds, rounded up so that coming back then is not too early.
pub(super) fn put_retry_after(headers: &mut HeaderMap, after: Duration) {
    let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
    put(headers, RETRY_AFTER, &seconds.max(1).to_string());
}

pub(super) fn put_millis(headers: &mut HeaderMap, name: HeaderName, micros: u64) {
    put(headers, name, &format!("{}.{:03}", micros / 1000, micros % 1000));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_in_their_order() {
        let mut headers = HeaderMap::new();
        assert_eq!(credential(&headers), None);
        let mut expect = |name: &'static str, value: &'static str, seen: &str| {
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(credential(&headers), Some(seen));
        };
        expect("api-key", "five", "five");
        expect("x-goog-api-key", "four", "four");
        expect("x-api-key", "three", "three");
        expect("authorization", "Basic eDp5", "three");
        expect("authorization", "bearer two", "two");
        expect("x-bf-vk", "one", "one");
    }

    #[test]
    fn whoever_shows_something_is_not_taken_for_nobody() {
        for (pairs, seen) in [
            (&[("authorization", &b"key"[..])][..], Some("key")),
            (&[("authorization", b"Token key")], Some("Token key")),
            (
                &[(
                    "authorization",
                    b"AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/bedrock/aws4_request",
                )],
                Some("key"),
            ),
            (&[("authorization", b"Bearer \xff")], Some("\u{fffd}")),
            (&[("x-bf-vk", b" "), ("authorization", b"Bearer key")], Some("key")),
            (&[("authorization", b"Bearer "), ("api-key", b"key")], Some("key")),
            (&[("authorization", b"Bearer")], None),
            (&[("api-key", b"")], None),
        ] {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap()))
                .collect();
            assert_eq!(credential(&headers), seen, "{pairs:?}");
        }
    }

    #[test]
    fn retry_after_is_rounded_up_to_whole_seconds() {
        let mut headers = HeaderMap::new();
        for (after, seconds) in [(0, "1"), (1000, "1"), (1001, "2")] {
            put_retry_after(&mut headers, Duration::from_millis(after));
            assert_eq!(headers[RETRY_AFTER], seconds);
        }
    }
}
