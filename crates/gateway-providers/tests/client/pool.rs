//! Connections of HTTP/1.1: when one is used again, and when not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gateway_providers::client::HyperTransport;
use gateway_providers::transport::{Egress, Transport, TransportError};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::server::{Server, echo, read_request};
use crate::{post, tls};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Sends and reads everything.
async fn fetch(transport: &HyperTransport, url: &str, egress: &Egress) -> Result<String, TransportError> {
    let response = transport.send(post(url), egress).await?;
    let body = response.body.collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// Sends something elsewhere. By its end the runtime has seen all that had happened on other sockets at its beginning.
async fn look_around() {
    let elsewhere = Server::echo().await;
    fetch(&HyperTransport::new(), &elsewhere.url(), &Egress::default())
        .await
        .unwrap();
}

/// Answers `requests` requests on each connection and closes it, which it tells.
async fn closing_after(requests: usize) -> (Server, mpsc::UnboundedReceiver<()>) {
    let (closed, closings) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let closed = closed.clone();
        async move {
            for _ in 0..requests {
                read_request(&mut stream).await;
                stream.write_all(OK).await.unwrap();
            }
            drop(stream);
            closed.send(()).unwrap();
        }
    })
    .await;
    (server, closings)
}

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection() {
    let server = Server::echo().await;
    let transport = HyperTransport::new();
    for _ in 0..10 {
        fetch(&transport, &server.url(), &Egress::default()).await.unwrap();
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn connections_that_were_closed_meanwhile_are_not_noticed_by_who_sends() {
    let (server, mut closings) = closing_after(1).await;
    let transport = Arc::new(HyperTransport::new());
    for round in 1..=3 {
        let mut several = JoinSet::new();
        for _ in 0..4 {
            let (transport, url) = (Arc::clone(&transport), server.url());
            several.spawn(async move { fetch(&transport, &url, &Egress::default()).await.unwrap() });
        }
        assert_eq!(several.join_all().await, ["ok"; 4]);
        for _ in 0..4 {
            closings.recv().await.unwrap();
        }
        look_around().await;
        assert_eq!(server.accepted(), 4 * round);
    }
}

#[tokio::test]
async fn a_request_that_went_out_is_not_sent_again() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let server = Server::start(move |mut stream| {
        let count = Arc::clone(&count);
        async move {
            read_request(&mut stream).await;
            count.fetch_add(1, Ordering::SeqCst);
            stream.write_all(OK).await.unwrap();
            // The second one is read, and then nothing more is said.
            read_request(&mut stream).await;
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let transport = HyperTransport::new();
    fetch(&transport, &server.url(), &Egress::default()).await.unwrap();
    let error = fetch(&transport, &server.url(), &Egress::default()).await.unwrap_err();
    assert!(matches!(error, TransportError::Broken(_)), "{error}");
    assert_eq!((seen.load(Ordering::SeqCst), server.accepted()), (2, 1));
}

#[tokio::test]
async fn a_connection_that_is_asked_to_close_is_not_kept() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
        stream.write_all(answer).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let transport = HyperTransport::new();
    for connections in 1..=2 {
        fetch(&transport, &server.url(), &Egress::default()).await.unwrap();
        assert_eq!(server.accepted(), connections);
    }
}

#[tokio::test]
async fn an_answer_without_a_length_ends_with_its_connection() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nall of it").await.unwrap();
    })
    .await;
    let transport = HyperTransport::new();
    for connections in 1..=2 {
        let seen = fetch(&transport, &server.url(), &Egress::default()).await.unwrap();
        assert_eq!((seen.as_str(), server.accepted()), ("all of it", connections));
    }
}

#[tokio::test]
async fn an_answer_that_is_dropped_half_read_takes_its_connection_along() {
    let server = Server::start(|mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmore")
                .await
                .unwrap();
        }
    })
    .await;
    let transport = HyperTransport::new();
    for connections in 1..=3 {
        let mut response = transport.send(post(&server.url()), &Egress::default()).await.unwrap();
        assert_eq!(
            response.body.frame().await.unwrap().unwrap().into_data().unwrap(),
            "more"
        );
        assert_eq!(server.accepted(), connections);
    }
}

#[tokio::test]
async fn a_connection_that_comes_back_is_taken_before_one_that_is_being_made() {
    let (first, release) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let go = Arc::clone(&release);
    // The second connection never gets through its TLS handshake.
    let (server, pem) = tls::serving(move |acceptor, stream| {
        let (turn, go) = (first.fetch_add(1, Ordering::SeqCst), Arc::clone(&go));
        async move {
            if turn > 0 {
                return std::future::pending().await;
            }
            let mut stream = acceptor.accept(stream).await.unwrap();
            read_request(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
                .await
                .unwrap();
            go.notified().await;
            stream.write_all(b"ok").await.unwrap();
            echo(stream).await;
        }
    })
    .await;
    let url = format!("https://localhost:{}/", server.address.port());
    let (transport, egress) = (Arc::new(HyperTransport::new()), tls::trusting(&pem));
    let held = transport.send(post(&url), &egress).await.unwrap();
    let other = Arc::clone(&transport);
    let second = tokio::spawn(async move { fetch(&other, &url, &egress).await });
    while server.accepted() < 2 {
        look_around().await;
    }
    release.notify_one();
    held.body.collect().await.unwrap();
    assert!(second.await.unwrap().unwrap().starts_with("POST / "));
}

#[tokio::test]
async fn what_lies_idle_is_closed_after_a_while() {
    let (ended, mut endings) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let ended = ended.clone();
        async move {
            echo(stream).await;
            ended.send(()).unwrap();
        }
    })
    .await;
    let transport = Arc::new(HyperTransport::new());
    let mut several = JoinSet::new();
    for _ in 0..3 {
        let (transport, url) = (Arc::clone(&transport), server.url());
        several.spawn(async move { fetch(&transport, &url, &Egress::default()).await.unwrap() });
    }
    several.join_all().await;
    tokio::time::pause();
    let began = Instant::now();
    for _ in 0..server.accepted() {
        endings.recv().await.unwrap();
    }
    let lain = began.elapsed();
    assert!(
        Duration::from_secs(40) <= lain && lain <= Duration::from_secs(50),
        "{lain:?}"
    );
    tokio::time::resume();
    fetch(&transport, &server.url(), &Egress::default()).await.unwrap();
}

#[tokio::test]
async fn a_transport_that_is_dropped_closes_its_connections() {
    let (ended, mut endings) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let ended = ended.clone();
        async move {
            echo(stream).await;
            ended.send(()).unwrap();
        }
    })
    .await;
    let transport = HyperTransport::new();
    fetch(&transport, &server.url(), &Egress::default()).await.unwrap();
    drop(transport);
    endings.recv().await.unwrap();
}

#[tokio::test]
async fn a_large_body_and_a_large_answer_come_through_whole() {
    let server = Server::echo().await;
    let transport = HyperTransport::new();
    let text = "0123456789abcdef".repeat(64 * 1024);
    for _ in 0..3 {
        let mut request = post(&server.url());
        request.body.0 = [&text[..10], "", &text[10..500_000], &text[500_000..]]
            .map(|part| part.to_owned().into())
            .into_iter()
            .collect();
        let response = transport.send(request, &Egress::default()).await.unwrap();
        let seen = response.body.collect().await.unwrap().to_bytes();
        assert!(seen.ends_with(text.as_bytes()) && seen.starts_with(b"POST "));
    }
    assert_eq!(server.accepted(), 1);
}
