//! What web pages may do: those of this machine may call the gateway from a browser, those of others may not.

use http::header::{HeaderName, ORIGIN, VARY};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::access::local_origin;
use crate::respond::{self, ApiError, Body};

/// The page that calls, where it is one of this machine.
pub(crate) fn local_page(headers: &HeaderMap) -> Option<HeaderValue> {
    headers
        .get(ORIGIN)
        .filter(|origin| origin.to_str().is_ok_and(local_origin))
        .cloned()
}

/// What a browser is told that asks before it lets a page call.
pub(crate) fn preflight(headers: &HeaderMap) -> Result<Response<Body>, ApiError> {
    const METHODS: HeaderName = HeaderName::from_static("access-control-allow-methods");
    const HEADERS: HeaderName = HeaderName::from_static("access-control-allow-headers");
    const ASKED: HeaderName = HeaderName::from_static("access-control-request-headers");
    if local_page(headers).is_none() {
        let message = "pages of other origins may not call this gateway from a browser; only those of this machine may";
        return Err(ApiError::new(StatusCode::FORBIDDEN, message));
    }
    let mut response = respond::empty(StatusCode::NO_CONTENT);
    let answer = response.headers_mut();
    answer.insert(METHODS, HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE"));
    if let Some(asked) = headers.get(ASKED) {
        answer.insert(HEADERS, asked.clone());
    }
    Ok(response)
}

/// Lets a page read the answer.
pub(crate) fn allow_reading(headers: &mut HeaderMap, origin: HeaderValue) {
    const ORIGIN_ALLOWED: HeaderName = HeaderName::from_static("access-control-allow-origin");
    const EXPOSED: HeaderName = HeaderName::from_static("access-control-expose-headers");
    headers.insert(ORIGIN_ALLOWED, origin);
    headers.insert(
        EXPOSED,
        HeaderValue::from_static(
            "x-gateway-request-id, x-gateway-provider, x-gateway-model, x-gateway-attempts, x-gateway-cost, \
             x-gateway-upstream-ms, x-gateway-own-ms, retry-after",
        ),
    );
    headers.append(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_may_call_and_others_may_not() {
        for (origin, may) in [
            ("http://localhost:5173", true),
            ("https://evil.example", false),
            ("null", false),
        ] {
            let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
            assert_eq!(preflight(&headers).is_ok(), may, "{origin}");
        }
        assert!(preflight(&HeaderMap::new()).is_err());
    }
}
