//! The load: connections that send the same request again and again, as soon as the answer is there (closed loop) or when
//! it is due (open loop, where a late start counts as latency).

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Shot(Vec<u8>);

impl Shot {
    /// A POST of JSON.
    pub(crate) fn post(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n");
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        Self(bytes)
    }

    /// A GET.
    pub(crate) fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").into_bytes())
    }
}

/// Latencies of one leg of a measurement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latency that this share of requests did not pass.
    pub(crate) fn quantile(&mut self, share: f64) -> Duration {
        self.0.sort_unstable();
        let place = (self.0.len() as f64 * share) as usize;
        self.0
            .get(place.min(self.0.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }
}

/// Sends `requests` over `connections`, each as soon as the one before it is answered.
pub(crate) async fn closed(to: SocketAddr, shot: &Shot, connections: usize, requests: usize) -> Result<(), Failure> {
    let left = Rc::new(Cell::new(requests));
    let workers = (0..connections).map(|_| {
        let left = Rc::clone(&left);
        async move {
            let mut connection = Connection::open(to).await?;
            while let Some(rest) = left.get().checked_sub(1) {
                left.set(rest);
                connection.ask(shot).await?;
            }
            Ok::<(), Failure>(())
        }
    });
    try_join_all(workers).await.map(drop)
}

/// Sends requests at a steady rate, whatever becomes of them; each latency counts from when the request was due.
pub(crate) async fn open(to: SocketAddr, shot: &Shot, rate: usize, lasting: Duration) -> Result<Latencies, Failure> {
    const CONNECTIONS: usize = 64;
    let requests = (rate as f64 * lasting.as_secs_f64()) as usize;
    let begun = Instant::now();
    let next = Rc::new(Cell::new(0));
    let workers = (0..CONNECTIONS).map(|_| {
        let next = Rc::clone(&next);
        async move {
            let mut connection = Connection::open(to).await?;
            let mut latencies = Vec::new();
            loop {
                let number = next.get();
                if number >= requests {
                    return Ok::<_, Failure>(latencies);
                }
                next.set(number + 1);
                let due = begun + Duration::from_secs_f64(number as f64 / rate as f64);
                until(due).await;
                connection.ask(shot).await?;
                latencies.push(due.elapsed());
            }
        }
    });
    let latencies = try_join_all(workers).await?;
    Ok(Latencies(latencies.concat()))
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
pub(crate) async fn idle(to: SocketAddr, shot: &Shot, streams: usize) -> Result<Vec<Connection>, Failure> {
    let mut open = Vec::with_capacity(streams);
    for _ in 0..streams {
        let mut connection = Connection::open(to).await?;
        connection.socket.write_all(&shot.0).await?;
        connection.first_bytes().await?;
        open.push(connection);
    }
    Ok(open)
}

/// A connection that is used for one request after the other.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: TcpStream,
    read: Vec<u8>,
}

/// How an answer's end is told.
enum End {
    After(usize),
    Chunked,
}

impl Connection {
    async fn open(to: SocketAddr) -> Result<Self, Failure> {
        let socket = TcpStream::connect(to).await?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            read: Vec::with_capacity(64 * 1024),
        })
    }

    /// One request and its whole answer, which must be a 200.
    async fn ask(&mut self, shot: &Shot) -> Result<(), Failure> {
        self.socket.write_all(&shot.0).await?;
        self.read.clear();
        let head = self.head().await?;
        match end(&self.read[..head])? {
            End::After(length) => {
                while self.read.len() < head + length {
                    self.more().await?;
                }
            }
            // Only the end has these bytes after a line's end: our chunks hold none.
            End::Chunked => {
                while !self.read.ends_with(b"\r\n0\r\n\r\n") {
                    // What came is not looked at again.
                    let keep = self.read.len().saturating_sub(16);
                    self.read.drain(..keep);
                    self.more().await?;
                }
            }
        }
        Ok(())
    }

    async fn first_bytes(&mut self) -> Result<(), Failure> {
        let head = self.head().await?;
        end(&self.read[..head])?;
        while self.read.len() == head {
            self.more().await?;
        }
        // It waits from now on, and needs no room for what comes.
        self.read = Vec::new();
        Ok(())
    }

    /// Reads up to the end of the head and says where that is.
    async fn head(&mut self) -> Result<usize, Failure> {
        loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(end + 4);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.socket.read_buf(&mut self.read).await? {
            0 => Err(format!("the target hung up after: {}", String::from_utf8_lossy(&self.read)).into()),
            _ => Ok(()),
        }
    }
}

fn end(head: &[u8]) -> Result<End, Failure> {
    let text = String::from_utf8_lossy(head);
    if !text.starts_with("HTTP/1.1 200") {
        return Err(format!("the target did not answer 200: {text}").into());
    }
    let text = text.to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    match length {
        Some(length) => Ok(End::After(length.trim().parse()?)),
        None => Ok(End::Chunked),
    }
}
