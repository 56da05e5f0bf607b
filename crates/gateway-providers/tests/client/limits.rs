//! How many exchanges a host has at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gateway_providers::client::HyperTransport;
use gateway_providers::transport::{Egress, Transport};
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
async fn a_place_is_free_again_when_a_body_is_dropped() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmore")
            .await
            .unwrap();
        let _ = read_request(&mut stream).await;
    })
    .await;
    let egress = Egress {
        max_conns_per_host: 1,
        ..Egress::default()
    };
    let transport = HyperTransport::new();
    for _ in 0..3 {
        drop(transport.send(post(&server.url()), &egress).await.unwrap());
    }
    assert_eq!(server.accepted(), 3);
}
