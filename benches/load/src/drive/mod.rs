//! The load: clients that send the same request again and again, as soon as the answer is there (closed loop) or when it is
//! due (open loop, where a late start counts as latency). Every answer must be as long as the one that was looked at first.

mod http1;
mod http2;

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use rustls::ClientConfig;

use crate::Failure;

pub(crate) use http1::Connection;

/// Where to knock, and how to speak.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    /// Over TLS.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// In HTTP/2 by prior knowledge; all clients share a connection then.
    pub(crate) http2: bool,
}

impl Door {
    /// In the clear, in HTTP/1.1.
    pub(crate) fn plain(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            http2: false,
        }
    }
}

/// A request, ready to be sent, and how long its answer is.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    method: http::Method,
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: bytes::Bytes,
    length: Option<usize>,
}

impl Shot {
    /// A POST of JSON.
    pub(crate) fn post(path: &'static str, mut headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Self {
        headers.push(("content-type", "application/json".to_owned()));
        Self {
            method: http::Method::POST,
            path,
            headers,
            body: body.into(),
            length: None,
        }
    }

    /// A GET.
    pub(crate) fn get(path: &'static str) -> Self {
        Self {
            method: http::Method::GET,
            path,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
            length: None,
        }
    }

    /// The same, whose answer must be that long.
    pub(crate) fn answered_by(self, length: usize) -> Self {
        Self {
            length: Some(length),
            ..self
        }
    }

    fn check(&self, length: usize) -> Result<(), Failure> {
        match self.length {
            Some(expected) if expected != length => {
                Err(format!("an answer has {length} bytes where {expected} are right").into())
            }
            _ => Ok(()),
        }
    }
}

/// Somebody who asks one thing after the other.
enum Client {
    Http1(Box<Connection>),
    Http2(Box<http2::Channel>),
}

impl Client {
    /// So many of them at a door.
    async fn several(door: &Door, shot: &Shot, count: usize) -> Result<Vec<Self>, Failure> {
        if door.http2 {
            let channel = http2::Channel::open(door, shot).await?;
            return Ok((0..count).map(|_| Self::Http2(Box::new(channel.clone()))).collect());
        }
        let opening = (0..count).map(|_| async {
            let connection = Connection::open(door, shot).await?;
            Ok::<_, Failure>(Self::Http1(Box::new(connection)))
        });
        try_join_all(opening).await
    }

    /// One request and its whole answer, which must be a 200.
    async fn ask(&mut self, shot: &Shot) -> Result<(), Failure> {
        let length = match self {
            Self::Http1(connection) => connection.ask(None).await?,
            Self::Http2(channel) => channel.ask(None).await?,
        };
        shot.check(length)
    }
}

/// One request, and the body of its answer.
pub(crate) async fn once(door: &Door, shot: &Shot) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    match Client::several(door, shot, 1).await?.pop() {
        Some(Client::Http1(mut connection)) => connection.ask(Some(&mut body)).await?,
        Some(Client::Http2(mut channel)) => channel.ask(Some(&mut body)).await?,
        None => 0,
    };
    Ok(body)
}

/// Sends `requests` over `connections`, each as soon as the one before it is answered.
pub(crate) async fn closed(door: &Door, shot: &Shot, connections: usize, requests: usize) -> Result<(), Failure> {
    let left = Rc::new(Cell::new(requests));
    let clients = Client::several(door, shot, connections).await?;
    let working = clients.into_iter().map(|mut client| {
        let left = Rc::clone(&left);
        async move {
            while let Some(rest) = left.get().checked_sub(1) {
                left.set(rest);
                client.ask(shot).await?;
            }
            Ok::<(), Failure>(())
        }
    });
    try_join_all(working).await.map(drop)
}

/// Latencies of one leg of a measurement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latency that this share of requests did not pass.
    pub(crate) fn quantile(&mut self, share: f64) -> Duration {
        self.0.sort_unstable();
        let place = (self.0.len() as f64 * share) as usize;
        let last = self.0.len().saturating_sub(1);
        self.0.get(place.min(last)).copied().unwrap_or_default()
    }
}

/// Sends requests at a steady rate, whatever becomes of them; each latency counts from when the request was due.
pub(crate) async fn open(door: &Door, shot: &Shot, rate: usize, lasting: Duration) -> Result<Latencies, Failure> {
    const CONNECTIONS: usize = 64;
    let requests = (rate as f64 * lasting.as_secs_f64()) as usize;
    let clients = Client::several(door, shot, CONNECTIONS).await?;
    let begun = Instant::now();
    let next = Rc::new(Cell::new(0));
    let working = clients.into_iter().map(|mut client| {
        let next = Rc::clone(&next);
        async move {
            let mut latencies = Vec::new();
            loop {
                let number = next.get();
                if number >= requests {
                    return Ok::<_, Failure>(latencies);
                }
                next.set(number + 1);
                let due = begun + Duration::from_secs_f64(number as f64 / rate as f64);
                until(due).await;
                client.ask(shot).await?;
                latencies.push(due.elapsed());
            }
        }
    });
    Ok(Latencies(try_join_all(working).await?.concat()))
}

/// The runtime's timer has steps of a millisecond; the rest is waited for turn by turn.
async fn until(due: Instant) {
    const STEP: Duration = Duration::from_millis(2);
    if let Some(early) = due.checked_sub(STEP).filter(|early| *early > Instant::now()) {
        tokio::time::sleep_until(early.into()).await;
    }
    while Instant::now() < due {
        tokio::task::yield_now().await;
    }
}

/// Opens streams that stay open, until dropped.
pub(crate) async fn idle(door: &Door, shot: &Shot, streams: usize) -> Result<Vec<Connection>, Failure> {
    let mut open = Vec::with_capacity(streams);
    for _ in 0..streams {
        let mut connection = Connection::open(door, shot).await?;
        connection.first_bytes().await?;
        open.push(connection);
    }
    Ok(open)
}
