//! One connection to a provider, from the name in a URI to HTTP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::is_refused_name;
use super::dial::{Dial, bare_host};
use super::http1::Http1;
use super::http2::Http2;
use super::proxy::Route;
use super::stock::Fresh;
use super::tls;
use crate::transport::{Egress, TransportError};

/// Makes connections for one way out.
pub(super) struct Connector {
    timeout: Duration,
    dial: Dial,
    route: Route,
    tls: TlsConnector,
    http2: bool,
}

impl Connector {
    /// Understands the settings.
    pub(super) fn new(egress: &Egress) -> Result<Self, TransportError> {
        Ok(Self {
            timeout: egress.connect_timeout,
            dial: Dial {
                allow_link_local: egress.allow_link_local,
            },
            route: Route::read(&egress.proxy)?,
            tls: TlsConnector::from(tls::config(egress)?),
            http2: egress.enforce_http2,
        })
    }

    /// Whether its connections speak HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.http2
    }

    /// Whether an HTTP proxy reads requests without TLS itself.
    pub(super) fn through_http(&self) -> bool {
        matches!(self.route, Route::Http { .. })
    }

    /// What requests carry that an HTTP proxy reads itself.
    pub(super) fn proxy_authorization(&self) -> Option<HeaderValue> {
        match &self.route {
            Route::Http { authorization, .. } => authorization.clone(),
            Route::Direct | Route::Socks5 { .. } => None,
        }
    }

    /// Makes a connection that HTTP is spoken on.
    pub(super) async fn connect(&self, to: &Uri) -> Result<Fresh, TransportError> {
        match tokio::time::timeout(self.timeout, self.start(to)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(TransportError::ConnectTimeout(self.timeout)),
        }
    }

    async fn start(&self, to: &Uri) -> Result<Fresh, TransportError> {
        let wire = self.wire(to).await?;
        Ok(match self.http2 {
            true => Fresh::Http2(Http2::start(wire).await?),
            false => Fresh::Http1(Http1::start(wire).await?),
        })
    }

    async fn wire(&self, to: &Uri) -> Result<Wire, TransportError> {
        let host = bare_host(to);
        // A proxy resolves names itself, so what is written is all that can be judged there.
        if !self.dial.allow_link_local && is_refused_name(host) {
            return Err(TransportError::AddressRefused(host.to_owned()));
        }
        let stream = self.route.connect(to, self.dial).await?;
        if to.scheme_str() != Some("https") {
            return Ok(Wire::Plain(stream));
        }
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| TransportError::Misconfigured(format!("`{host}` is no name that a certificate can have")))?;
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|why| TransportError::Unreachable(format!("TLS with {host}: {why}")))?;
        Ok(Wire::Tls(Box::new(stream)))
    }
}

/// A connection that stands.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }
}
