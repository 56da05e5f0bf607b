//! The port through which prepared requests leave.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gateway_types::json::Slices;
use http::{HeaderMap, Method, StatusCode, Uri};
use http_body_util::combinators::UnsyncBoxBody;

/// A request ready for the wire. `content-length` and `host` are the transport's to add.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// The method.
    pub method: Method,
    /// Where to: scheme, authority, path and query.
    pub uri: Uri,
    /// The headers; those that hold credentials are marked sensitive.
    pub headers: HeaderMap,
    /// The body, in slices.
    pub body: Slices,
}

/// The bytes of an answer as they come.
pub type WireBody = UnsyncBoxBody<Bytes, TransportError>;

/// An answer's head, and its body to be read.
pub struct WireResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: WireBody,
}

impl fmt::Debug for WireResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// How to reach a provider: what a connection depends on, besides its address. Equal values share connections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Egress {
    /// How long a connection may take to stand.
    pub connect_timeout: Duration,
    /// Takes any certificate. For tests and broken appliances.
    pub insecure_skip_verify: bool,
    /// Further roots, as PEM.
    pub ca_cert_pem: Option<Arc<str>>,
    /// The way out.
    pub proxy: Proxy,
    /// Connections kept and used per host at the most.
    pub max_conns_per_host: u32,
    /// Speaks HTTP/2 only.
    pub enforce_http2: bool,
    /// Lets link-local and cloud metadata addresses through.
    pub allow_link_local: bool,
}

/// The way out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Proxy {
    /// Straight.
    #[default]
    None,
    /// An HTTP proxy: `CONNECT` for https, absolute form for http.
    Http(ProxyServer),
    /// A SOCKS5 proxy.
    Socks5(ProxyServer),
}

/// A proxy's address and credentials.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProxyServer {
    /// `http://host:port` or `socks5://host:port`.
    pub url: String,
    /// The user, where it asks for one.
    pub username: Option<String>,
    /// The password, where it asks for one.
    pub password: Option<String>,
}

impl fmt::Debug for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyServer")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            insecure_skip_verify: false,
            ca_cert_pem: None,
            proxy: Proxy::None,
            max_conns_per_host: 5000,
            enforce_http2: false,
            allow_link_local: false,
        }
    }
}

/// Why nothing, or no more, came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection: refused, no such host, TLS.
    #[error("could not connect: {0}")]
    Unreachable(String),
    /// No connection in time.
    #[error("could not connect within {} ms", .0.as_millis())]
    ConnectTimeout(Duration),
    /// The address is one that the gateway does not call.
    #[error("{0} is a link-local or metadata address, which is refused unless the provider sets allow_link_local")]
    AddressRefused(String),
    /// The connection broke, before or in the middle of the answer.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The settings do not make a connection: a CA that is none, a proxy URL that is none.
    #[error("{0}")]
    Misconfigured(String),
}

/// Sends prepared requests. One value serves one worker; it may keep connections.
///
/// An implementation must: connect within `egress.connect_timeout`; refuse link-local and cloud metadata addresses
/// after name resolution unless allowed; follow no redirects; and end the exchange with the upstream when the returned
/// future or body is dropped.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends one request and waits for the head of its answer. No timeout but the connection's: the caller has its own.
    async fn send(&self, request: WireRequest, egress: &Egress) -> Result<WireResponse, TransportError>;
}
