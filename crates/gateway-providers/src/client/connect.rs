//! One connection to a provider, from the name in a URI to a stream that HTTP can be spoken on.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::address::is_refused_name;
use super::dial::{Dial, bare_host};
use super::proxy::Route;
use super::tls;
use crate::transport::{Egress, TransportError};

/// Makes connections for one way out.
#[derive(Clone)]
pub(super) struct Connector(Arc<Plan>);

struct Plan {
    timeout: Duration,
    dial: Dial,
    route: Route,
    tls: TlsConnector,
    http2: bool,
}

impl Connector {
    /// Understands the settings.
    pub(super) fn new(egress: &Egress) -> Result<Self, TransportError> {
        Ok(Self(Arc::new(Plan {
            timeout: egress.connect_timeout,
            dial: Dial {
                allow_link_local: egress.allow_link_local,
            },
            route: Route::read(&egress.proxy)?,
            tls: TlsConnector::from(tls::config(egress)?),
            http2: egress.enforce_http2,
        })))
    }

    /// What requests carry that an HTTP proxy reads itself.
    pub(super) fn proxy_authorization(&self) -> Option<HeaderValue> {
        match &self.0.route {
            Route::Http { authorization, .. } => authorization.clone(),
            Route::Direct | Route::Socks5 { .. } => None,
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Wire;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Wire, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let plan = Arc::clone(&self.0);
        Box::pin(async move {
            let timeout = plan.timeout;
            match tokio::time::timeout(timeout, plan.connect(&to)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(TransportError::ConnectTimeout(timeout)),
            }
        })
    }
}

impl Plan {
    async fn connect(&self, to: &Uri) -> Result<Wire, TransportError> {
        let host = bare_host(to);
        // A proxy resolves names itself, so what is written is all that can be judged there.
        if !self.dial.allow_link_local && is_refused_name(host) {
            return Err(TransportError::AddressRefused(host.to_owned()));
        }
        let stream = self.route.connect(to, self.dial).await?;
        if to.scheme_str() == Some("https") {
            return self.secure(stream, host).await;
        }
        let proxied = matches!(self.route, Route::Http { .. });
        Ok(Wire {
            io: TokioIo::new(Box::new(stream)),
            proxied,
            http2: self.http2,
        })
    }

    async fn secure(&self, stream: TcpStream, host: &str) -> Result<Wire, TransportError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| TransportError::Misconfigured(format!("`{host}` is no name that a certificate can have")))?;
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|why| TransportError::Unreachable(format!("TLS with {host}: {why}")))?;
        Ok(Wire {
            io: TokioIo::new(Box::new(stream)),
            proxied: false,
            http2: self.http2,
        })
    }
}

/// A stream of bytes both ways.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection that stands.
pub(super) struct Wire {
    io: TokioIo<Box<dyn Duplex>>,
    /// Whether a proxy reads the requests, so that they must name the whole URI.
    proxied: bool,
    http2: bool,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        let connected = Connected::new().proxy(self.proxied);
        if self.http2 {
            connected.negotiated_h2()
        } else {
            connected
        }
    }
}

impl Read for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}
