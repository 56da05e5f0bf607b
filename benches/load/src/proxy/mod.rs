//! The bare hyper proxy: a server and a pooled client, one thread, bytes forwarded and nothing else. What it costs is what
//! no gateway on hyper can be under.

mod secure;

use std::net::SocketAddr;

use http::header::{CONNECTION, HOST, HeaderValue};
use http::{Request, Response, Uri, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use self::secure::Secure;
use crate::Failure;
use crate::wire::{Papers, Wire};

/// Serves before an upstream; papers are needed where one side is encrypted.
pub(crate) async fn serve(upstream: SocketAddr, wire: Wire, papers: Option<Papers>) -> Result<(), Failure> {
    let papers = || papers.as_ref().ok_or("TLS needs a folder of certificates");
    let builder = || {
        let mut builder = Client::builder(TokioExecutor::new());
        builder.http2_only(wire == Wire::Http2Out);
        builder
    };
    if wire == Wire::TlsOut {
        let connector = Secure::new(upstream, papers()?.asking()?);
        return listen(builder().build(connector), upstream, wire, None).await;
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let tls = match wire {
        Wire::TlsIn => Some(TlsAcceptor::from(papers()?.serving()?)),
        _ => None,
    };
    listen(builder().build(connector), upstream, wire, tls).await
}

async fn listen<C>(
    client: Client<C, Incoming>,
    upstream: SocketAddr,
    wire: Wire,
    tls: Option<TlsAcceptor>,
) -> Result<(), Failure>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let authority = HeaderValue::try_from(upstream.to_string())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let (client, authority) = (client.clone(), authority.clone());
        match tls.clone() {
            None => drop(tokio::spawn(connection(socket, client, authority, wire))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(socket) = tls.accept(socket).await {
                    connection(socket, client, authority, wire).await;
                }
            })),
        }
    }
}

async fn connection<S, C>(socket: S, client: Client<C, Incoming>, authority: HeaderValue, wire: Wire)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    C: Connect + Clone + Send + Sync + 'static,
{
    let service = service_fn(move |request| forward(client.clone(), authority.clone(), request, wire));
    let socket = TokioIo::new(socket);
    if wire == Wire::Http2In {
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(socket, service);
        return server.await.unwrap_or_default();
    }
    let server = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(socket, service);
    server.await.unwrap_or_default();
}

async fn forward<C>(
    client: Client<C, Incoming>,
    authority: HeaderValue,
    mut request: Request<Incoming>,
    wire: Wire,
) -> Result<Response<Incoming>, Failure>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(if wire == Wire::TlsOut {
        http::uri::Scheme::HTTPS
    } else {
        http::uri::Scheme::HTTP
    });
    parts.authority = Some(authority.as_bytes().try_into()?);
    *request.uri_mut() = Uri::from_parts(parts)?;
    request.headers_mut().insert(HOST, authority);
    request.headers_mut().remove(CONNECTION);
    *request.version_mut() = Version::HTTP_11;
    let mut response = client.request(request).await?;
    response.headers_mut().remove(CONNECTION);
    *response.version_mut() = Version::HTTP_11;
    Ok(response)
}
