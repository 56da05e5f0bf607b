//! Where a request comes from: from this machine or elsewhere, by which page, by which way.

use std::net::{IpAddr, SocketAddr};

use http::header::{FORWARDED, HOST, HeaderName, ORIGIN};
use http::{HeaderMap, Uri};

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

    /// Whether a page of this very gateway sends it, as far as the browser says: what it says cannot be made up by a page.
    pub(super) fn is_own_page(&self) -> Option<bool> {
        let text = |name: &str| self.headers.get(name).map(|value| value.to_str().unwrap_or_default());
        if let Some(site) = text("sec-fetch-site") {
            return Some(site == "same-origin");
        }
        let origin = text("origin")?;
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        let host = self
            .uri
            .authority()
            .map(|authority| authority.as_str())
            .or_else(|| text("host"));
        Some(host.is_some() && authority == host)
    }

    /// Whether the caller's end of the way is encrypted, as far as the proxy in front says.
    pub(crate) fn was_encrypted(&self) -> bool {
        let says = |name: &str, what: &str| {
            let value = self.headers.get(name).and_then(|value| value.to_str().ok());
            value.is_some_and(|value| value.to_ascii_lowercase().contains(what))
        };
        self.uri.scheme_str() == Some("https") || says("x-forwarded-proto", "https") || says("forwarded", "proto=https")
    }

    /// Whether a proxy passed it on: then the peer is the proxy, not the caller.
    fn was_forwarded(&self) -> bool {
        const BY_PROXIES: [HeaderName; 4] = [
            FORWARDED,
            HeaderName::from_static("x-forwarded-for"),
            HeaderName::from_static("x-forwarded-host"),
            HeaderName::from_static("x-real-ip"),
        ];
        BY_PROXIES.iter().any(|name| self.headers.contains_key(name))
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

    fn origin_of<'a>(peer: &str, uri: &'a Uri, headers: &'a HeaderMap) -> Origin<'a> {
        let peer = SocketAddr::new(peer.parse().unwrap(), 5);
        Origin { peer, uri, headers }
    }

    #[test]
    fn a_local_request_is_so_by_peer_host_and_origin() {
        let check = |peer, pairs: &[(&'static str, &str)], local: bool| {
            let (uri, headers) = (Uri::from_static("/api/providers"), headers(pairs));
            assert_eq!(origin_of(peer, &uri, &headers).is_local(), local, "{peer} {pairs:?}");
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
    fn a_page_is_the_gateways_own_by_what_the_browser_says() {
        let (plain, whole) = (
            Uri::from_static("/api/users"),
            Uri::from_static("https://gw.example/api/users"),
        );
        for (uri, pairs, own) in [
            (&plain, &[("sec-fetch-site", "same-origin")][..], Some(true)),
            (&plain, &[("sec-fetch-site", "same-site")], Some(false)),
            (
                &plain,
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("host", "gw"),
                    ("origin", "http://gw"),
                ],
                Some(false),
            ),
            (
                &plain,
                &[("host", "gw.example"), ("origin", "https://gw.example")],
                Some(true),
            ),
            (
                &plain,
                &[("host", "gw.example:8080"), ("origin", "http://gw.example:8080")],
                Some(true),
            ),
            (
                &plain,
                &[("host", "gw.example:8080"), ("origin", "http://gw.example:9090")],
                Some(false),
            ),
            (&plain, &[("host", "gw.example"), ("origin", "null")], Some(false)),
            (&plain, &[("host", "null"), ("origin", "null")], Some(false)),
            (&plain, &[("origin", "http://gw.example")], Some(false)),
            (&whole, &[("origin", "https://gw.example")], Some(true)),
            (&plain, &[("host", "gw.example")], None),
        ] {
            let headers = headers(pairs);
            assert_eq!(origin_of("10.0.0.1", uri, &headers).is_own_page(), own, "{pairs:?}");
        }
    }

    #[test]
    fn an_encrypted_way_is_seen_by_what_the_proxy_says() {
        let uri = Uri::from_static("/");
        for (pairs, expected) in [
            (&[("x-forwarded-proto", "https")][..], true),
            (&[("forwarded", "for=10.0.0.1;proto=https")], true),
            (&[("x-forwarded-proto", "http")], false),
            (&[], false),
        ] {
            let headers = headers(pairs);
            assert_eq!(
                origin_of("10.0.0.1", &uri, &headers).was_encrypted(),
                expected,
                "{pairs:?}"
            );
        }
    }
}
