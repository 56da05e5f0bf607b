//! Without TLS and proxies: what arrives, what comes back, and what goes wrong.

use std::sync::Mutex;
use std::time::Duration;

use gateway_providers::client::HyperTransport;
use gateway_providers::transport::{Egress, Transport, TransportError};
use http::Method;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::server::{Server, read_request};
use crate::{fetch, post, send};

#[tokio::test]
async fn a_request_arrives_as_it_was_prepared_and_its_answer_comes_back() {
    let server = Server::echo().await;
    let mut request = post(&server.url());
    request.headers.insert("x-api-key", "secret".parse().unwrap());
    let response = HyperTransport::new().send(request, &Egress::default()).await.unwrap();
    assert_eq!(
        (response.status.as_u16(), &response.headers["x-own"]),
        (200, &"yes".parse().unwrap())
    );
    let seen = response.body.collect().await.unwrap().to_bytes();
    let seen = std::str::from_utf8(&seen).unwrap();
    let mut lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines.remove(0), "POST /v1/x?y=z HTTP/1.1");
    lines.sort_unstable();
    let host = format!("host: {}", server.address);
    assert_eq!(
        lines,
        ["", "content-length: 7", &host, "x-api-key: secret", "{\"a\":1}"]
    );
}

#[tokio::test]
async fn a_request_without_a_body_has_no_length() {
    let server = Server::echo().await;
    let mut request = post(&server.url());
    (request.method, request.body) = (Method::GET, Default::default());
    let response = HyperTransport::new().send(request, &Egress::default()).await.unwrap();
    let seen = response.body.collect().await.unwrap().to_bytes();
    assert!(seen.starts_with(b"GET ") && !seen.windows(14).any(|word| word == b"content-length"));
}

#[tokio::test]
async fn connections_are_kept_per_egress() {
    let server = Server::echo().await;
    let transport = HyperTransport::new();
    let other = Egress {
        connect_timeout: Duration::from_secs(7),
        ..Egress::default()
    };
    for (egress, connections) in [
        (Egress::default(), 1),
        (Egress::default(), 1),
        (other.clone(), 2),
        (other, 2),
    ] {
        let response = transport.send(post(&server.url()), &egress).await.unwrap();
        response.body.collect().await.unwrap();
        // The connection goes back to its pool in a task of its own.
        tokio::task::yield_now().await;
        assert_eq!(server.accepted(), connections);
    }
}

#[tokio::test]
async fn a_stream_is_read_as_it_comes() {
    let (go, wait) = oneshot::channel::<()>();
    let wait = Mutex::new(Some(wait));
    let server = Server::start(move |mut stream| {
        let wait = wait.lock().unwrap().take();
        async move {
            read_request(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
                .await
                .unwrap();
            wait.unwrap().await.unwrap();
            stream.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let mut body = send(&server.url(), &Egress::default()).await.unwrap().body;
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
    go.send(()).unwrap();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "two");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let answer = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    assert_eq!(fetch(&server.url(), &Egress::default()).await.unwrap().0, 302);
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send(&format!("http://{address}/"), &Egress::default())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, TransportError::Unreachable(why) if why.contains(&address.to_string())),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_does_not_stand_in_time_is_told_apart() {
    // It takes the connection and then says nothing, so that TLS never stands.
    let server = Server::start(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let egress = Egress {
        connect_timeout: Duration::from_millis(50),
        ..Egress::default()
    };
    let error = send(&format!("https://{}/", server.address), &egress)
        .await
        .unwrap_err();
    assert_eq!(error, TransportError::ConnectTimeout(Duration::from_millis(50)));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_before_and_in_the_middle_of_an_answer() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    let error = send(&server.url(), &Egress::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::Broken(_)), "{error}");

    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")
            .await
            .unwrap();
    })
    .await;
    let error = fetch(&server.url(), &Egress::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::Broken(_)), "{error}");

    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"this is no HTTP\r\n\r\n").await.unwrap();
    })
    .await;
    let error = send(&server.url(), &Egress::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_dropped_body_ends_the_exchange_upstream() {
    let (ended, end) = oneshot::channel();
    let ended = Mutex::new(Some(ended));
    let server = Server::start(move |mut stream| {
        let ended = ended.lock().unwrap().take();
        async move {
            read_request(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
                .await
                .unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
            let _ = ended.unwrap().send(());
        }
    })
    .await;
    let transport = HyperTransport::new();
    let mut body = transport
        .send(post(&server.url()), &Egress::default())
        .await
        .unwrap()
        .body;
    body.frame().await.unwrap().unwrap();
    drop(body);
    end.await.unwrap();
}

#[tokio::test]
async fn a_dropped_future_ends_the_exchange_upstream() {
    let (arrived, arrival) = oneshot::channel();
    let (ended, end) = oneshot::channel();
    let signals = Mutex::new(Some((arrived, ended)));
    let server = Server::start(move |mut stream| {
        let signals = signals.lock().unwrap().take();
        async move {
            let (arrived, ended) = signals.unwrap();
            read_request(&mut stream).await;
            let _ = arrived.send(());
            let _ = stream.read_to_end(&mut Vec::new()).await;
            let _ = ended.send(());
        }
    })
    .await;
    let (transport, egress) = (HyperTransport::new(), Egress::default());
    tokio::select! {
        _ = transport.send(post(&server.url()), &egress) => panic!("nothing was answered"),
        seen = arrival => seen.unwrap(),
    }
    end.await.unwrap();
}

#[tokio::test]
async fn link_local_and_metadata_addresses_are_not_called() {
    for host in [
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "[::ffff:169.254.169.254]",
        "metadata.google.internal",
    ] {
        let error = send(&format!("http://{host}/latest/meta-data"), &Egress::default())
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::AddressRefused(_)), "{host}: {error}");
        assert!(error.to_string().contains("allow_link_local"), "{error}");
    }
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_enforced() {
    let server = Server::start(|stream| async move {
        let answer = |request: http::Request<hyper::body::Incoming>| async move {
            let version = format!("{:?}", request.version());
            let body = request.into_body().collect().await?.to_bytes();
            let body = format!("{version} {}", String::from_utf8_lossy(&body));
            Ok::<_, hyper::Error>(http::Response::new(body))
        };
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), hyper::service::service_fn(answer))
            .await;
    })
    .await;
    let egress = Egress {
        enforce_http2: true,
        ..Egress::default()
    };
    let (status, body) = fetch(&server.url(), &egress).await.unwrap();
    assert_eq!((status, body.as_str()), (200, "HTTP/2.0 {\"a\":1}"));
}
