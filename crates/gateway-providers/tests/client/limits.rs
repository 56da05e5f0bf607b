//! How many exchanges a host has at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gateway_providers::client::HyperTransport;
use gateway_providers::transport::{Egress, Transport, TransportError};
use http_body_util::BodyExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::post;
use crate::server::{Server, read_request};

#[tokio::test]
async fn no_more_exchanges_than_allowed_reach_a_host_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // No body ends until two requests are there: fewer at once would hang, more would show in `most`. The head comes at
    // once, because a place is taken until the end of the body.
    let both = Arc::new(Barrier::new(2));
    let seen = Arc::clone(&most);
    let server = Server::start(move |mut stream| {
        let (now, most, both) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&both));
        async move {
            while read_request(&mut stream).await.is_some() {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
                    .await
                    .unwrap();
                both.wait().await;
                now.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(b"ok").await.unwrap();
            }
        }
    })
    .await;
    let egress = Egress {
        max_conns_per_host: 2,
        ..Egress::default()
    };
    let transport = Arc::new(HyperTransport::new());
    let mut all = JoinSet::new();
    for _ in 0..8 {
        let (transport, egress, request) = (Arc::clone(&transport), egress.clone(), post(&server.url()));
        all.spawn(async move {
            transport
                .send(request, &egress)
                .await
                .unwrap()
                .body
                .collect()
                .await
                .unwrap()
        });
    }
    all.join_all().await;
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_place_is_taken_until_the_body_is_over_or_dropped() {
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&arrived);
    let server = Server::start(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            while let Some(request) = read_request(&mut stream).await {
                let path = request.split(' ').nth(1).unwrap().to_owned();
                // The first answer does not end by itself.
                let length = if path == "/first" { 9 } else { 4 };
                seen.lock().unwrap().push(path);
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\nmore");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let one = Egress {
        max_conns_per_host: 1,
        ..Egress::default()
    };
    let transport = Arc::new(HyperTransport::new());
    let to = |path: &str| post(&format!("http://{}{path}", server.address));
    let first = transport.send(to("/first"), &one).await.unwrap();

    let (waiting, request, egress) = (Arc::clone(&transport), to("/second"), one.clone());
    let second = tokio::spawn(async move { waiting.send(request, &egress).await.unwrap() });
    // Exchanges beside it, not limited by it, which give the second every chance to overtake.
    for _ in 0..5 {
        let beside = transport.send(to("/beside"), &Egress::default()).await.unwrap();
        beside.body.collect().await.unwrap();
    }
    assert!(!arrived.lock().unwrap().contains(&"/second".to_owned()));
    drop(first);
    second.await.unwrap().body.collect().await.unwrap();
    assert_eq!(transport.send(to("/third"), &one).await.unwrap().status, 200);
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_the_place_to_the_next() {
    let server = Server::start(|mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmore")
                .await
                .unwrap();
        }
    })
    .await;
    let one = Egress {
        max_conns_per_host: 1,
        ..Egress::default()
    };
    let transport = HyperTransport::new();
    let held = transport.send(post(&server.url()), &one).await.unwrap();
    for _ in 0..100 {
        let waiting = transport.send(post(&server.url()), &one);
        tokio::select! {
            biased;
            _ = waiting => panic!("there was no place"),
            () = tokio::task::yield_now() => {}
        }
    }
    let (waiting, ()) = tokio::join!(transport.send(post(&server.url()), &one), async { drop(held) });
    assert_eq!(waiting.unwrap().status, 200);
}

#[tokio::test]
async fn everybody_who_waits_for_a_host_that_is_not_there_is_told() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for enforce_http2 in [false, true] {
        let egress = Egress {
            max_conns_per_host: 2,
            enforce_http2,
            ..Egress::default()
        };
        let transport = Arc::new(HyperTransport::new());
        let mut all = JoinSet::new();
        for _ in 0..5 {
            let (transport, egress) = (Arc::clone(&transport), egress.clone());
            let request = post(&format!("http://{nobody}/"));
            all.spawn(async move { transport.send(request, &egress).await.unwrap_err() });
        }
        for error in all.join_all().await {
            assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
        }
    }
}
