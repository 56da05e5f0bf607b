//! The transport over loopback sockets.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod http2;
mod limits;
mod plain;
mod pool;
mod proxies;
mod server;
mod tls;

use bytes::Bytes;
use gateway_providers::client::HyperTransport;
use gateway_providers::transport::{Egress, Transport, TransportError, WireRequest, WireResponse};
use gateway_types::json::Slices;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;

/// A POST of a body in two slices.
fn post(url: &str) -> WireRequest {
    let slices = [Bytes::from_static(b"{\"a\":"), Bytes::from_static(b"1}")];
    WireRequest {
        method: Method::POST,
        uri: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Slices(slices.into_iter().collect()),
    }
}

async fn send(url: &str, egress: &Egress) -> Result<WireResponse, TransportError> {
    HyperTransport::new().send(post(url), egress).await
}

/// Sends and reads everything: status and body.
async fn fetch(url: &str, egress: &Egress) -> Result<(u16, String), TransportError> {
    let response = send(url, egress).await?;
    let body = response.body.collect().await?.to_bytes();
    Ok((response.status.as_u16(), String::from_utf8(body.to_vec()).unwrap()))
}
