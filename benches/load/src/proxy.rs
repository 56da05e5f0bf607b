//! The bare hyper proxy: a server and a pooled client, one thread, bytes forwarded and nothing else. What it costs is what
//! no gateway on hyper can be under.

use std::net::SocketAddr;

use http::header::{CONNECTION, HOST, HeaderValue};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::Failure;

pub(crate) async fn serve(upstream: SocketAddr) -> Result<(), Failure> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> = Client::builder(TokioExecutor::new()).build(connector);
    let authority = HeaderValue::try_from(upstream.to_string())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let (client, authority) = (client.clone(), authority.clone());
        let service = service_fn(move |request| forward(client.clone(), authority.clone(), request));
        let server = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(socket), service);
        tokio::spawn(async move { server.await.unwrap_or_default() });
    }
}

async fn forward(
    client: Client<HttpConnector, Incoming>,
    authority: HeaderValue,
    mut request: Request<Incoming>,
) -> Result<Response<Incoming>, Failure> {
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    parts.authority = Some(authority.as_bytes().try_into()?);
    *request.uri_mut() = Uri::from_parts(parts)?;
    request.headers_mut().insert(HOST, authority);
    request.headers_mut().remove(CONNECTION);
    let mut response = client.request(request).await?;
    response.headers_mut().remove(CONNECTION);
    Ok(response)
}
