//! What a request presents to be let into the management API, as it stands in the headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_types::Secret;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use subtle::ConstantTimeEq;

/// The cookie that holds a session.
pub(crate) const SESSION: &str = "token";

/// Whether the `Authorization` header holds that token. Compared in constant time.
pub(super) fn presents(headers: &HeaderMap, token: &Secret) -> bool {
    after_scheme(headers, b"bearer ").is_some_and(|given| given.ct_eq(token.expose().as_bytes()).into())
}

/// The token after `Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    std::str::from_utf8(after_scheme(headers, b"bearer ")?).ok()
}

/// The user and the password after `Basic`.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, Secret)> {
    let decoded = STANDARD.decode(after_scheme(headers, b"basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (username, password) = text.split_once(':')?;
    Some((username.to_owned(), Secret::new(password)))
}

fn after_scheme<'h>(headers: &'h HeaderMap, scheme: &[u8]) -> Option<&'h [u8]> {
    let (given, rest) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked(scheme.len())?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim_ascii())
}

/// The value of the session's cookie.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == SESSION)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_token_is_the_whole_of_what_stands_after_bearer() {
        let token = Secret::new("open sesame");
        for (given, right) in [
            ("Bearer open sesame", true),
            ("bearer open sesame ", true),
            ("Bearer open sesam", false),
            ("Bearer open sesame!", false),
            ("open sesame", false),
            ("Bearer ", false),
            ("Basic open sesame", false),
        ] {
            assert_eq!(presents(&with(AUTHORIZATION, given), &token), right, "{given}");
        }
    }

    #[test]
    fn basic_splits_at_the_first_colon_and_takes_nothing_else() {
        // alice:pass:word
        let (user, password) = basic(&with(AUTHORIZATION, "Basic YWxpY2U6cGFzczp3b3Jk")).unwrap();
        assert_eq!((user.as_str(), password.expose()), ("alice", "pass:word"));
        for wrong in [
            "Basic !",
            "Basic YWxpY2U=",
            "Basic",
            "Bearer YWxpY2U6cGFzczp3b3Jk",
            "Basic /////w==",
        ] {
            assert!(basic(&with(AUTHORIZATION, wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        for (cookies, expected) in [
            ("token=abc", Some("abc")),
            ("a=b; token=abc; c=d", Some("abc")),
            ("xtoken=abc", None),
            ("token=", None),
            ("token", None),
        ] {
            assert_eq!(session(&with(COOKIE, cookies)), expected, "{cookies}");
        }
    }
}
