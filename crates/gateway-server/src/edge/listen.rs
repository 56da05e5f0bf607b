//! Binding the address: every worker gets a listener of its own on the same port.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};

const BACKLOG: i32 = 4096;

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The host is neither an address nor a name that resolves.
    #[error("`{0}` is no address to listen on ({1}); give --host an address such as 127.0.0.1, or 0.0.0.0 for all")]
    Host(String, io::Error),
    /// Somebody else has the port.
    #[error("{0} is taken by another process; choose another port with --port, or 0 for any that is free")]
    Taken(SocketAddr),
    /// The system refused.
    #[error("could not listen on {0}: {1}; choose another address with --host or another port with --port")]
    Refused(SocketAddr, io::Error),
}

/// The listeners of all workers.
#[derive(Debug)]
pub(crate) struct Listeners {
    /// Where they listen: the real port, the first address first.
    pub(crate) addresses: Vec<SocketAddr>,
    /// One set per worker.
    pub(crate) sets: Vec<Vec<TcpListener>>,
}

/// Binds host and port for that many workers. The default loopback is bound in IPv6 as well, where there is any.
pub(crate) fn bind(host: &str, port: u16, workers: usize) -> Result<Listeners, ListenError> {
    let first = resolve(host, port)?;
    let mut sets: Vec<Vec<TcpListener>> = Vec::new();
    let address = bind_all(first, workers, &mut sets)?;
    let mut addresses = vec![address];
    if address.ip() == IpAddr::from([127, 0, 0, 1]) {
        let twin = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), address.port());
        match bind_all(twin, workers, &mut sets) {
            Ok(twin) => addresses.push(twin),
            Err(error) => tracing::debug!(%error, "IPv6 loopback is not served"),
        }
    }
    Ok(Listeners { addresses, sets })
}

fn resolve(host: &str, port: u16) -> Result<SocketAddr, ListenError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let refused = |error| ListenError::Host(host.to_owned(), error);
    let found: Vec<SocketAddr> = (bare, port).to_socket_addrs().map_err(refused)?.collect();
    // `localhost` may give ::1 first; with 127.0.0.1 both are served.
    let v4 = found.iter().find(|address| address.is_ipv4());
    v4.or_else(|| found.first())
        .copied()
        .ok_or_else(|| refused(io::ErrorKind::NotFound.into()))
}

/// Adds a listener on that address to every worker's set, and gives the address with its real port.
fn bind_all(address: SocketAddr, workers: usize, sets: &mut Vec<Vec<TcpListener>>) -> Result<SocketAddr, ListenError> {
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::Taken(address),
        _ => ListenError::Refused(address, error),
    };
    if address.port() != 0 {
        // Listeners that share a port would share it with another gateway as well; a plain one finds out.
        drop(TcpListener::bind(address).map_err(refused)?);
    }
    let first = shared(address).map_err(refused)?;
    let real = first.local_addr().map_err(refused)?;
    let mut all = vec![first];
    while all.len() < workers {
        all.push(if cfg!(unix) { shared(real) } else { all[0].try_clone() }.map_err(refused)?);
    }
    sets.resize_with(workers.max(1), Vec::new);
    for (set, listener) in sets.iter_mut().zip(all) {
        set.push(listener);
    }
    Ok(real)
}

fn shared(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    #[cfg(unix)]
    {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
    }
    if address.is_ipv6() {
        // `::` takes IPv4 too; `::1` has its IPv4 twin on a listener of its own.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_worker_listens_on_the_same_real_port() {
        let bound = bind("127.0.0.1", 0, 3).unwrap();
        let port = bound.addresses[0].port();
        assert_ne!(port, 0);
        assert_eq!(bound.sets.len(), 3);
        for listener in bound.sets.iter().flatten() {
            assert_eq!(listener.local_addr().unwrap().port(), port);
        }
    }

    #[test]
    fn a_taken_port_is_named_with_the_flag_that_changes_it() {
        let bound = bind("127.0.0.1", 0, 2).unwrap();
        let port = bound.addresses[0].port();
        let error = bind("127.0.0.1", port, 2).unwrap_err().to_string();
        assert!(
            error.contains(&format!("127.0.0.1:{port}")) && error.contains("--port"),
            "{error}"
        );
    }

    #[test]
    fn a_host_that_is_none_is_refused_by_name() {
        let error = bind("no such host", 0, 1).unwrap_err().to_string();
        assert!(error.contains("no such host") && error.contains("--host"), "{error}");
    }
}
