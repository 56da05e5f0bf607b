//! Connections of HTTP/2: as many as the peer's limit of streams makes necessary.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gateway_providers::client::HyperTransport;
use gateway_providers::transport::{Egress, Transport, TransportError};
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, Notify, mpsc};
use tokio::task::JoinSet;

use crate::server::Server;
use crate::{post, tls};

/// Answers when as many requests are there as the barrier wants, with two streams on a connection at the most.
async fn together<S: AsyncRead + AsyncWrite + Unpin>(stream: S, all: Arc<Barrier>) {
    let answer = |request: http::Request<Incoming>| {
        let all = Arc::clone(&all);
        async move {
            let body = request.into_body().collect().await?.to_bytes();
            all.wait().await;
            Ok::<_, hyper::Error>(http::Response::new(Full::new(body)))
        }
    };
    let _ = Builder::new(TokioExecutor::new())
        .max_concurrent_streams(2)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
}

fn http2() -> Egress {
    Egress {
        enforce_http2: true,
        ..Egress::default()
    }
}

async fn fetch(transport: &HyperTransport, url: &str, egress: &Egress) -> Result<Bytes, TransportError> {
    let response = transport.send(post(url), egress).await?;
    Ok(response.body.collect().await?.to_bytes())
}

async fn five_at_once(transport: &Arc<HyperTransport>, url: &str, egress: &Egress) {
    let mut all = JoinSet::new();
    for _ in 0..5 {
        let (transport, url, egress) = (Arc::clone(transport), url.to_owned(), egress.clone());
        all.spawn(async move { fetch(&transport, &url, &egress).await.unwrap() });
    }
    assert_eq!(all.join_all().await, ["{\"a\":1}"; 5]);
}

#[tokio::test]
async fn further_connections_are_opened_at_the_peers_limit_of_streams() {
    let all = Arc::new(Barrier::new(5));
    let server = Server::start(move |stream| together(stream, Arc::clone(&all))).await;
    let transport = Arc::new(HyperTransport::new());
    for _ in 0..3 {
        five_at_once(&transport, &server.url(), &http2()).await;
        assert_eq!(server.accepted(), 3);
    }
}

#[tokio::test]
async fn it_is_spoken_over_tls_as_well() {
    let all = Arc::new(Barrier::new(5));
    let (server, pem) = tls::serving(move |acceptor, stream| {
        let all = Arc::clone(&all);
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            together(stream, all).await;
        }
    })
    .await;
    let egress = Egress {
        enforce_http2: true,
        ..tls::trusting(&pem)
    };
    let url = format!("https://localhost:{}/", server.address.port());
    five_at_once(&Arc::new(HyperTransport::new()), &url, &egress).await;
    assert_eq!(server.accepted(), 3);
}

#[tokio::test]
async fn the_limit_of_connections_has_streams_wait() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (seen, all) = (Arc::clone(&most), Arc::new(Barrier::new(2)));
    let server = Server::start(move |stream| {
        let (now, most, all) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&all));
        async move {
            let answer = move |_: http::Request<Incoming>| {
                let (now, most, all) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&all));
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    all.wait().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok::<_, hyper::Error>(http::Response::new(Full::new(Bytes::from_static(b"ok"))))
                }
            };
            let _ = Builder::new(TokioExecutor::new())
                .max_concurrent_streams(2)
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        }
    })
    .await;
    let egress = Egress {
        max_conns_per_host: 1,
        ..http2()
    };
    let transport = Arc::new(HyperTransport::new());
    let mut all = JoinSet::new();
    for _ in 0..6 {
        let (transport, url, egress) = (Arc::clone(&transport), server.url(), egress.clone());
        all.spawn(async move { fetch(&transport, &url, &egress).await.unwrap() });
    }
    all.join_all().await;
    assert_eq!((seen.load(Ordering::SeqCst), server.accepted()), (2, 1));
}

#[tokio::test]
async fn a_peer_that_leaves_finishes_what_it_began_and_gets_nothing_new() {
    let (leave, rest) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (leaving, go) = (Arc::clone(&leave), Arc::clone(&rest));
    let server = Server::start(move |stream| {
        let (leaving, go) = (Arc::clone(&leaving), Arc::clone(&go));
        async move {
            let answer = |_: http::Request<Incoming>| {
                let go = Arc::clone(&go);
                async move {
                    let (mut send, body) = Channel::<Bytes, hyper::Error>::new(1);
                    tokio::spawn(async move {
                        let _ = send.send_data(Bytes::from_static(b"some, ")).await;
                        go.notified().await;
                        let _ = send.send_data(Bytes::from_static(b"and more")).await;
                    });
                    Ok::<_, hyper::Error>(http::Response::new(body))
                }
            };
            let serving = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service_fn(answer));
            let mut serving = std::pin::pin!(serving);
            tokio::select! {
                _ = serving.as_mut() => return,
                () = leaving.notified() => serving.as_mut().graceful_shutdown(),
            }
            // The farewell goes out before the rest of the answer.
            let (_, ()) = tokio::join!(serving, async {
                tokio::task::yield_now().await;
                go.notify_one();
            });
        }
    })
    .await;
    let transport = HyperTransport::new();
    let first = transport.send(post(&server.url()), &http2()).await.unwrap();
    leave.notify_one();
    assert_eq!(first.body.collect().await.unwrap().to_bytes(), "some, and more");
    let second = transport.send(post(&server.url()), &http2()).await.unwrap();
    rest.notify_one();
    assert_eq!(second.body.collect().await.unwrap().to_bytes(), "some, and more");
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_connection_that_died_is_replaced() {
    let cut = Arc::new(Notify::new());
    let cutting = Arc::clone(&cut);
    let (ended, mut endings) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let (cutting, ended) = (Arc::clone(&cutting), ended.clone());
        async move {
            let one = Arc::new(Barrier::new(1));
            tokio::select! {
                () = together(stream, one) => {}
                () = cutting.notified() => {}
            }
            ended.send(()).unwrap();
        }
    })
    .await;
    let transport = HyperTransport::new();
    let egress = Egress {
        max_conns_per_host: 1,
        ..http2()
    };
    for connections in 1..=3 {
        assert_eq!(fetch(&transport, &server.url(), &egress).await.unwrap(), "{\"a\":1}");
        assert_eq!(server.accepted(), connections);
        cut.notify_one();
        endings.recv().await.unwrap();
        // By the end of this the runtime has seen the end of the connection.
        fetch(&HyperTransport::new(), &Server::echo().await.url(), &Egress::default())
            .await
            .unwrap();
    }
}

/// Answers without end, in frames of so many bytes, and tells when nobody wants more; `/short` with one of them.
async fn endless(stream: TcpStream, size: usize, ended: mpsc::UnboundedSender<()>) {
    stream.set_nodelay(true).unwrap();
    let answer = |request: http::Request<Incoming>| {
        let ended = ended.clone();
        async move {
            let (mut send, body) = Channel::<Bytes, hyper::Error>::new(1);
            let frame = Bytes::from(vec![b'x'; size]);
            tokio::spawn(async move {
                let _ = send.send_data(frame.clone()).await;
                if request.uri().path() != "/short" {
                    while send.send_data(frame.clone()).await.is_ok() {}
                    let _ = ended.send(());
                }
            });
            Ok::<_, hyper::Error>(http::Response::new(body))
        }
    };
    let _ = Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
}

#[tokio::test]
async fn a_dropped_answer_ends_its_stream_and_not_its_connection() {
    let (ended, mut endings) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| endless(stream, 1000, ended.clone())).await;
    let transport = HyperTransport::new();
    for _ in 0..3 {
        let mut response = transport.send(post(&server.url()), &http2()).await.unwrap();
        response.body.frame().await.unwrap().unwrap();
        drop(response);
        endings.recv().await.unwrap();
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn who_stops_reading_small_frames_holds_nobody_else_up() {
    let (ended, mut endings) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| endless(stream, 100, ended.clone())).await;
    let transport = HyperTransport::new();
    let mut paused = transport.send(post(&server.url()), &http2()).await.unwrap();
    let short = format!("http://{}/short", server.address);
    // In these the server fills the window of the stream that nobody reads.
    for _ in 0..500 {
        assert_eq!(fetch(&transport, &short, &http2()).await.unwrap().len(), 100);
    }
    for _ in 0..5000 {
        paused.body.frame().await.unwrap().unwrap();
    }
    drop(paused);
    endings.recv().await.unwrap();
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_peer_that_does_not_speak_it_is_unreachable() {
    let server = Server::start(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            .await;
    })
    .await;
    let error = fetch(&HyperTransport::new(), &server.url(), &http2())
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn what_lies_idle_is_closed_after_a_while() {
    let (ended, mut endings) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let ended = ended.clone();
        async move {
            together(stream, Arc::new(Barrier::new(1))).await;
            ended.send(()).unwrap();
        }
    })
    .await;
    let transport = HyperTransport::new();
    fetch(&transport, &server.url(), &http2()).await.unwrap();
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    endings.recv().await.unwrap();
    let lain = began.elapsed();
    assert!(
        Duration::from_secs(40) <= lain && lain <= Duration::from_secs(50),
        "{lain:?}"
    );
}
