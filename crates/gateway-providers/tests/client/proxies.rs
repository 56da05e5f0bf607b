//! Proxies, small ones of the test's own.

use std::net::SocketAddr;
use std::sync::Arc;

use gateway_providers::transport::{Egress, Proxy, ProxyServer, TransportError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use crate::server::{Server, echo, read_head};
use crate::{fetch, tls};

fn through(url: String) -> ProxyServer {
    ProxyServer {
        url,
        username: Some("ada".into()),
        password: Some("lovelace".into()),
    }
}

/// Takes `CONNECT` with the right credentials; other requests are answered with what they looked like.
async fn http_proxy(mut stream: TcpStream) {
    let mut first = [0; 8];
    if stream.peek(&mut first).await.is_err() || &first != b"CONNECT " {
        return echo(stream).await;
    }
    let Some(head) = read_head(&mut stream).await else {
        return;
    };
    if !head
        .to_ascii_lowercase()
        .contains(&"proxy-authorization: Basic YWRhOmxvdmVsYWNl".to_ascii_lowercase())
    {
        let _ = stream
            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            .await;
        return;
    }
    let port = head
        .split(' ')
        .nth(1)
        .and_then(|target| target.strip_prefix("localhost:"))
        .unwrap();
    let mut target = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    stream
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await
        .unwrap();
    let _ = copy_bidirectional(&mut stream, &mut target).await;
}

/// SOCKS5 with user and password, for names and IPv4 addresses on this machine.
async fn socks_proxy(mut stream: TcpStream) {
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(greeting, [5, 1, 2]);
    stream.write_all(&[5, 2]).await.unwrap();
    let mut credentials = [0; 2 + 3 + 1 + 8];
    stream.read_exact(&mut credentials).await.unwrap();
    assert_eq!(&credentials, b"\x01\x03ada\x08lovelace");
    stream.write_all(&[1, 0]).await.unwrap();
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.unwrap();
    let length = match request[3] {
        1 => 4,
        3 => usize::from(stream.read_u8().await.unwrap()),
        other => panic!("address type {other}"),
    };
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    let port = stream.read_u16().await.unwrap();
    let mut target = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))
        .await
        .unwrap();
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut target).await;
}

#[tokio::test]
async fn an_http_proxy_reads_plain_requests_with_their_whole_address() {
    let proxy = Server::start(http_proxy).await;
    let egress = Egress {
        proxy: Proxy::Http(through(format!("http://{}", proxy.address))),
        ..Egress::default()
    };
    let (_, seen) = fetch("http://upstream.internal:8000/v1/x", &egress).await.unwrap();
    assert!(
        seen.starts_with("POST http://upstream.internal:8000/v1/x HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(
        seen.contains("proxy-authorization: Basic YWRhOmxvdmVsYWNl\r\n"),
        "{seen}"
    );
}

#[tokio::test]
async fn an_http_proxy_is_tunnelled_through_for_https() {
    let (server, pem) = tls::start().await;
    let proxy = Server::start(http_proxy).await;
    let mut server_of = through(format!("http://{}", proxy.address));
    let url = format!("https://localhost:{}/v1/x", server.address.port());
    let egress = |proxy| Egress {
        proxy: Proxy::Http(proxy),
        ca_cert_pem: Some(Arc::clone(&pem)),
        ..Egress::default()
    };
    let (_, seen) = fetch(&url, &egress(server_of.clone())).await.unwrap();
    assert!(
        seen.starts_with("POST /v1/x HTTP/1.1\r\n") && !seen.contains("proxy-authorization"),
        "{seen}"
    );

    server_of.password = Some("byron".into());
    let error = fetch(&url, &egress(server_of)).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Unreachable(why) if why.contains("proxy")),
        "{error}"
    );
    assert!(!error.to_string().contains("byron"), "{error}");
}

#[tokio::test]
async fn a_socks5_proxy_carries_both() {
    let proxy = Server::start(socks_proxy).await;
    let (server, pem) = tls::start().await;
    let plain = Server::echo().await;
    let egress = Egress {
        proxy: Proxy::Socks5(through(format!("socks5://{}", proxy.address))),
        ca_cert_pem: Some(pem),
        ..Egress::default()
    };
    let (_, seen) = fetch(&plain.url(), &egress).await.unwrap();
    assert!(seen.starts_with("POST /v1/x?y=z HTTP/1.1\r\n"), "{seen}");
    let (_, seen) = fetch(&format!("https://localhost:{}/", server.address.port()), &egress)
        .await
        .unwrap();
    assert!(seen.starts_with("POST / HTTP/1.1\r\n"), "{seen}");
    assert_eq!(proxy.accepted(), 2);
}

#[tokio::test]
async fn a_proxy_does_not_open_the_way_to_metadata() {
    let proxy = Server::start(http_proxy).await;
    let egress = Egress {
        proxy: Proxy::Http(through(format!("http://{}", proxy.address))),
        ..Egress::default()
    };
    for host in ["169.254.169.254", "metadata.google.internal"] {
        let error = fetch(&format!("http://{host}/"), &egress).await.unwrap_err();
        assert!(matches!(error, TransportError::AddressRefused(_)), "{error}");
    }
    assert_eq!(proxy.accepted(), 0);
}

#[tokio::test]
async fn a_proxy_that_is_none_is_named() {
    let egress = Egress {
        proxy: Proxy::Http(through("ftp://proxy".into())),
        ..Egress::default()
    };
    let error = fetch("http://upstream.internal/", &egress).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Misconfigured(why) if why.contains("ftp://proxy")),
        "{error}"
    );
}
