//! The headers that the line reads and writes.

use std::time::Duration;

use gateway_governance::governor::RateLimits;
use gateway_governance::quota::Remaining;
use gateway_types::{Error, ErrorKind, Limited, NanoUsd};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue, RETRY_AFTER};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-gateway-request-id");
pub(super) const PROVIDER: HeaderName = HeaderName::from_static("x-gateway-provider");
pub(super) const MODEL: HeaderName = HeaderName::from_static("x-gateway-model");
pub(super) const ATTEMPTS: HeaderName = HeaderName::from_static("x-gateway-attempts");
pub(super) const COST: HeaderName = HeaderName::from_static("x-gateway-cost");
pub(super) const UPSTREAM_MS: HeaderName = HeaderName::from_static("x-gateway-upstream-ms");
pub(super) const OWN_MS: HeaderName = HeaderName::from_static("x-gateway-own-ms");
/// The routing rule that said where a call goes.
pub(super) const RULE: HeaderName = HeaderName::from_static("x-gateway-rule");
pub(super) const CLAMPED: HeaderName = HeaderName::from_static("x-gateway-clamped");
pub(super) const TRANSLATION: HeaderName = HeaderName::from_static("x-gateway-translation");
pub(super) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// The quota that refused a call.
pub(super) const QUOTA: HeaderName = HeaderName::from_static("x-gateway-quota");
const MAX_COST: HeaderName = HeaderName::from_static("x-gateway-max-cost");
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

/// The most that the caller wants to pay for the call, in dollars, where it says.
pub(super) fn max_cost(headers: &HeaderMap) -> Result<Option<NanoUsd>, Error> {
    let Some(value) = headers.get(MAX_COST) else {
        return Ok(None);
    };
    let dollars = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    let ceiling = dollars
        .and_then(NanoUsd::from_dollars)
        .filter(|cost| *cost >= NanoUsd::ZERO);
    ceiling.map(Some).ok_or_else(|| {
        let shown = value.to_str().unwrap_or("no text");
        let message = format!("the header `{MAX_COST}` must be an amount of dollars, such as 0.05, not `{shown}`");
        Error::invalid(MAX_COST.as_str(), message)
    })
}

/// That every header is there which the operator asks for.
pub(super) fn required<'a>(headers: &HeaderMap, names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut missing: Vec<&str> = names.filter(|name| !headers.contains_key(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_unstable();
    missing.dedup();
    let message = format!(
        "calls must carry the header `{}`, which is missing",
        missing.join("`, `")
    );
    Err(Error::new(ErrorKind::MissingHeaders, message))
}

/// What the limit leaves that refused a call, where it is one on requests or tokens.
pub(super) fn rate_limits_of(refusal: &Limited) -> RateLimits {
    let left = Some(Remaining {
        limit: refusal.limit,
        remaining: refusal.limit.saturating_sub(refusal.used),
        resets_in: refusal.resets_in.unwrap_or_default(),
    });
    match refusal.unit {
        "requests" => RateLimits {
            requests: left,
            tokens: None,
        },
        "tokens" => RateLimits {
            requests: None,
            tokens: left,
        },
        _ => RateLimits::default(),
    }
}

/// A name as a header value; nothing where it cannot be one.
pub(super) fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// `Retry-After` in whole seconds, rounded up so that coming back then is not too early.
pub(super) fn put_retry_after(headers: &mut HeaderMap, after: Duration) {
    let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
    headers.insert(RETRY_AFTER, seconds.max(1).into());
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
    fn a_ceiling_is_an_amount_of_dollars() {
        let said = |text: &'static str| max_cost(&HeaderMap::from_iter([(MAX_COST, HeaderValue::from_static(text))]));
        assert_eq!(max_cost(&HeaderMap::new()).ok(), Some(None));
        assert_eq!(said(" 0.05 ").ok(), Some(Some(NanoUsd(50_000_000))));
        assert_eq!(said("0").ok(), Some(Some(NanoUsd::ZERO)));
        for wrong in ["", "-1", "1 dollar", "$1", "NaN", "inf"] {
            let error = said(wrong).unwrap_err();
            assert_eq!(error.param.as_deref(), Some("x-gateway-max-cost"), "{wrong}");
        }
    }

    #[test]
    fn every_header_that_is_missing_is_named_once() {
        let headers = HeaderMap::from_iter([(PROVIDER, HeaderValue::from_static("x"))]);
        assert!(required(&headers, ["X-Gateway-Provider"].into_iter()).is_ok());
        let error = required(&headers, ["x-team", "x-app", "x-team"].into_iter()).unwrap_err();
        assert_eq!(error.kind.code(), "missing_required_headers");
        assert!(error.message.contains("`x-app`, `x-team`"), "{error}");
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
