//! From a host's name to a TCP connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::Uri;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::address::is_refused;
use crate::transport::TransportError;

/// How long an address has to answer before the next one is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);

/// Dials hosts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dial {
    /// Whether link-local and metadata addresses may be called.
    pub(super) allow_link_local: bool,
}

impl Dial {
    /// Resolves, leaves out what must not be called, and connects to what is left.
    pub(super) async fn connect(self, host: &str, port: u16) -> Result<TcpStream, TransportError> {
        let found = resolve(host, port).await?;
        let allowed: Vec<SocketAddr> = match self.allow_link_local {
            true => found.clone(),
            false => found
                .iter()
                .copied()
                .filter(|address| !is_refused(address.ip()))
                .collect(),
        };
        match found.first() {
            None => Err(TransportError::Unreachable(format!("`{host}` has no address"))),
            Some(refused) if allowed.is_empty() => Err(TransportError::AddressRefused(named(host, refused.ip()))),
            Some(_) => race(interleave(&allowed)).await.map_err(|why| {
                let message = format!("{}: {why}", SocketName(host, port));
                TransportError::Unreachable(message)
            }),
        }
    }
}

/// A URI's host without the brackets of IPv6.
pub(super) fn bare_host(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or("");
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

/// A URI's port, or its scheme's.
pub(super) fn port_of(uri: &Uri) -> u16 {
    match uri.port_u16() {
        Some(port) => port,
        None if uri.scheme_str() == Some("https") => 443,
        None => 80,
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, TransportError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    match tokio::net::lookup_host((host, port)).await {
        Ok(found) => Ok(found.collect()),
        Err(why) => Err(TransportError::Unreachable(format!(
            "`{host}` cannot be resolved: {why}"
        ))),
    }
}

/// The two families in turn, beginning with the one that the resolver puts first.
fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut ours, mut others): (Vec<SocketAddr>, Vec<SocketAddr>) = addresses
        .iter()
        .rev()
        .copied()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut order = Vec::with_capacity(addresses.len());
    while !ours.is_empty() || !others.is_empty() {
        order.extend(ours.pop());
        order.extend(others.pop());
    }
    order
}

/// Tries the addresses in order, the next one when the last has failed or is slow; the first connection wins.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut trying = JoinSet::new();
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        match waiting.next() {
            Some(address) => {
                trying.spawn(TcpStream::connect(address));
            }
            None if trying.is_empty() => return Err(failure),
            None => {}
        }
        let more = !waiting.as_slice().is_empty();
        let outcome = tokio::select! {
            outcome = trying.join_next() => outcome,
            () = tokio::time::sleep(STAGGER), if more => continue,
        };
        match outcome {
            Some(Ok(Ok(stream))) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Some(Ok(Err(why))) => failure = why,
            Some(Err(gone)) => failure = io::Error::other(gone),
            None => {}
        }
    }
}

fn named(host: &str, address: IpAddr) -> String {
    if host.parse::<IpAddr>().is_ok() {
        host.to_owned()
    } else {
        format!("{address} (`{host}`)")
    }
}

struct SocketName<'a>(&'a str, u16);

impl std::fmt::Display for SocketName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(host, port) = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let all: Vec<SocketAddr> = ["[::1]:1", "[::2]:1", "1.1.1.1:1", "[::3]:1"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let expected: Vec<SocketAddr> = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        assert_eq!(interleave(&all), expected);
    }
}
