//! Who may use the management API, the dashboard and `/metrics`, and who may call without a credential.
//!
//! One rule where there are no admin credentials: loopback by peer address, `Host` and `Origin` together. The peer alone
//! would let any web page in that resolves its own name to 127.0.0.1; `Host` alone can be written by anybody.

use std::net::{IpAddr, SocketAddr};

use gateway_types::Secret;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, StatusCode, Uri};
use subtle::ConstantTimeEq;

use crate::respond::ApiError;

/// Who made a change, for the revision's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// Somebody with the admin token.
    Admin,
    /// Somebody at this machine, while there is no admin token.
    Loopback,
}

impl Author {
    /// The word that a revision keeps.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Loopback => "loopback",
        }
    }
}

/// What is known of where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// The other end of the connection.
    pub(crate) peer: SocketAddr,
    /// The target, which names the host in HTTP/2.
    pub(crate) uri: &'a Uri,
    /// The headers.
    pub(crate) headers: &'a HeaderMap,
}

/// The tokens in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    /// Opens everything.
    pub(crate) admin: Option<Secret>,
    /// Opens `/metrics`.
    pub(crate) scrape: Option<Secret>,
}

impl Tokens {
    /// Whether a management call may come in, and as whom.
    pub(crate) fn admit(&self, origin: Origin<'_>) -> Result<Author, ApiError> {
        match &self.admin {
            Some(token) if presents(origin.headers, token) => Ok(Author::Admin),
            Some(_) => Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "the management API asks for the admin token: send `Authorization: Bearer <token>`",
            )),
            None if origin.is_local() => Ok(Author::Loopback),
            None => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "without an admin token the management API answers this machine only, by address, Host and Origin; \
                 start the gateway with `--admin-token TOKEN` and send `Authorization: Bearer TOKEN` to use it from elsewhere",
            )),
        }
    }

    /// Whether `/metrics` may be read.
    pub(crate) fn admit_scrape(&self, origin: Origin<'_>) -> Result<(), ApiError> {
        match &self.scrape {
            Some(token) if presents(origin.headers, token) => Ok(()),
            _ => self.admit(origin).map(drop).map_err(|mut error| {
                error.message = error.message.replace("the management API", "/metrics").replace(
                    "start the gateway with `--admin-token TOKEN`",
                    "start the gateway with `--scrape-token TOKEN` or `--admin-token TOKEN`",
                );
                error
            }),
        }
    }

    /// Whether the dashboard's files may be loaded: with a token in force they ask for it themselves.
    pub(crate) fn admit_page(&self, origin: Origin<'_>) -> Result<(), ApiError> {
        if self.admin.is_some() {
            Ok(())
        } else {
            self.admit(origin).map(drop)
        }
    }

    /// Whether the `Authorization` header holds the admin token, and so no virtual key.
    pub(crate) fn is_admin(&self, headers: &HeaderMap) -> bool {
        self.admin.as_ref().is_some_and(|token| presents(headers, token))
    }
}

impl Origin<'_> {
    /// Whether the request comes from this machine, and from no web page of another.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(self.peer.ip()) && self.names_local() && !self.was_forwarded()
    }

    /// Whether the target, `Host` and `Origin`, as far and as often as they are there, name this machine.
    fn names_local(&self) -> bool {
        let all = |name, is_local: fn(&str) -> bool| {
            let mut values = self.headers.get_all(name).iter();
            values.all(|value| value.to_str().is_ok_and(is_local))
        };
        self.uri.host().is_none_or(local_host) && all(HOST, local_authority) && all(ORIGIN, local_origin)
    }

    /// Whether a proxy passed it on: then the peer is the proxy, not the caller.
    fn was_forwarded(&self) -> bool {
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"]
            .iter()
            .any(|name| self.headers.contains_key(*name))
    }
}

/// Whether an `Origin` header names a page of this machine.
pub(crate) fn local_origin(origin: &str) -> bool {
    origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))
        .is_some_and(local_authority)
}

fn local_authority(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, "")) => host,
            Some((host, port)) if port.starts_with(':') => host,
            _ => return false,
        },
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    local_host(host)
}

fn local_host(host: &str) -> bool {
    const NAME: &str = "localhost";
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = host.strip_suffix('.').unwrap_or(host);
    let named = host
        .len()
        .checked_sub(NAME.len())
        .and_then(|at| host.split_at_checked(at))
        .is_some_and(|(sub, name)| name.eq_ignore_ascii_case(NAME) && (sub.is_empty() || sub.ends_with('.')));
    named || host.parse().is_ok_and(is_loopback)
}

/// Whether an address stays on this machine, IPv4 written as IPv6 included.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether the `Authorization` header holds that token. Compared in constant time.
fn presents(headers: &HeaderMap, token: &Secret) -> bool {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().split_at_checked(7))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
        .is_some_and(|(_, given)| given.trim_ascii().ct_eq(token.expose().as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn admitted(tokens: &Tokens, peer: &str, pairs: &[(&'static str, &str)]) -> Result<Author, u16> {
        let (uri, headers) = (Uri::from_static("/api/providers"), headers(pairs));
        let origin = Origin {
            peer: SocketAddr::new(peer.parse().unwrap(), 5),
            uri: &uri,
            headers: &headers,
        };
        tokens.admit(origin).map_err(|error| error.status.as_u16())
    }

    #[test]
    fn without_a_token_peer_host_and_origin_must_all_be_loopback() {
        let none = Tokens::default();
        let check = |peer, pairs: &[(&'static str, &str)], in_: bool| {
            let expected = if in_ { Ok(Author::Loopback) } else { Err(403) };
            assert_eq!(admitted(&none, peer, pairs), expected, "{peer} {pairs:?}");
        };
        check("127.0.0.1", &[("host", "localhost:8080")], true);
        check("::1", &[("host", "[::1]:8080")], true);
        check("::ffff:127.0.0.1", &[("host", "127.0.0.1")], true);
        check(
            "127.0.0.1",
            &[("host", "localhost"), ("origin", "http://localhost:3000")],
            true,
        );
        check("127.0.0.1", &[], true);
        check("127.0.0.1", &[("host", "app.LocalHost.:8080")], true);
        check("127.0.0.1", &[("host", "notlocalhost")], false);
        check("127.0.0.1", &[("host", "localhost"), ("host", "evil.example")], false);
        check("10.0.0.7", &[("host", "localhost:8080")], false);
        check("127.0.0.1", &[("host", "rebound.example:8080")], false);
        check("127.0.0.1", &[("host", "localhost.evil.example")], false);
        check("127.0.0.1", &[("host", "127.0.0.1.evil.example")], false);
        check(
            "127.0.0.1",
            &[("host", "localhost"), ("origin", "https://evil.example")],
            false,
        );
        check("127.0.0.1", &[("host", "localhost"), ("origin", "null")], false);
        check(
            "127.0.0.1",
            &[("host", "localhost"), ("origin", "http://localhost@evil.example")],
            false,
        );
        check(
            "127.0.0.1",
            &[("host", "localhost"), ("x-forwarded-for", "203.0.113.9")],
            false,
        );
    }

    #[test]
    fn with_a_token_only_the_token_counts() {
        let tokens = Tokens {
            admin: Some(Secret::new("open sesame")),
            scrape: Some(Secret::new("just looking")),
        };
        assert_eq!(
            admitted(&tokens, "10.0.0.7", &[("authorization", "Bearer open sesame")]),
            Ok(Author::Admin)
        );
        assert_eq!(
            admitted(&tokens, "10.0.0.7", &[("authorization", "bearer open sesame")]),
            Ok(Author::Admin)
        );
        for wrong in [
            "Bearer open sesam",
            "Bearer open sesame!",
            "open sesame",
            "Bearer ",
            "Bearer just looking",
        ] {
            assert_eq!(
                admitted(&tokens, "127.0.0.1", &[("authorization", wrong)]),
                Err(401),
                "{wrong}"
            );
        }
        assert_eq!(
            admitted(&tokens, "127.0.0.1", &[]),
            Err(401),
            "loopback is no exception"
        );
    }

    #[test]
    fn metrics_take_the_scrape_token_as_well() {
        let tokens = Tokens {
            admin: None,
            scrape: Some(Secret::new("just looking")),
        };
        let uri = Uri::from_static("/metrics");
        let peer = "10.0.0.7:5".parse().unwrap();
        let check = |pairs: &[(&'static str, &str)]| {
            let headers = headers(pairs);
            tokens.admit_scrape(Origin {
                peer,
                uri: &uri,
                headers: &headers,
            })
        };
        assert!(check(&[("authorization", "Bearer just looking")]).is_ok());
        let error = check(&[]).unwrap_err();
        assert_eq!(error.status, StatusCode::FORBIDDEN);
        assert!(
            error.message.contains("/metrics") && error.message.contains("--scrape-token"),
            "{}",
            error.message
        );
    }
}
