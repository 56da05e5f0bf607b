//! The upstream's side of a connection: requests read, steps played, and the moment noticed when the other side leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::Step;

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    left: Arc<AtomicBool>,
}

impl Seen {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the gateway sends JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(had, _)| had == name)
            .map(|(_, value)| value.as_str())
    }

    /// Notes that the other side has left.
    pub(crate) fn leaves(&self) {
        self.left.store(true, Ordering::SeqCst);
    }

    /// Whether the other side left before the answer was whole.
    pub(crate) fn left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }
}

/// Reads one request with the bytes left over from the one before; `None` where the connection ended.
pub(crate) async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Seen> {
    let head_end = fill(stream, read, |read| {
        read.windows(4).position(|four| four == b"\r\n\r\n")
    })
    .await?
        + 4;
    let head = String::from_utf8_lossy(&read[..head_end]).into_owned();
    read.drain(..head_end);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| {
        headers
            .iter()
            .find(|(had, _)| had == name)
            .map(|(_, value)| value.clone())
    };
    let body = match header("content-length") {
        Some(length) => {
            let length = length.parse().ok()?;
            fill(stream, read, |read| (read.len() >= length).then_some(())).await?;
            read.drain(..length).collect()
        }
        None if header("transfer-encoding").is_some() => chunked(stream, read).await?,
        None => Vec::new(),
    };
    Some(Seen {
        method,
        path,
        headers,
        body: body.into(),
        left: Arc::default(),
    })
}

/// The chunks of a body, put together.
async fn chunked(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = fill(stream, read, |read| read.windows(2).position(|two| two == b"\r\n")).await?;
        let length = usize::from_str_radix(std::str::from_utf8(&read[..line]).ok()?.trim(), 16).ok()?;
        let end = line + 2 + length + 2;
        fill(stream, read, |read| (read.len() >= end).then_some(())).await?;
        body.extend_from_slice(&read[line + 2..end - 2]);
        read.drain(..end);
        if length == 0 {
            return Some(body);
        }
    }
}

/// Reads on until that is found in what was read.
async fn fill<T>(stream: &mut TcpStream, read: &mut Vec<u8>, find: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    loop {
        if let Some(found) = find(read) {
            return Some(found);
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}

/// Plays the steps, and says whether the other side stayed to the end.
pub(crate) async fn play(stream: &mut TcpStream, steps: &[Step]) -> bool {
    for step in steps {
        let stayed = match step {
            Step::Send(bytes) => stream.write_all(bytes).await.is_ok(),
            Step::Close => return true,
            Step::Wait(gate) => {
                tokio::select! {
                    () = gate.passed() => true,
                    () = leaves(stream) => false,
                }
            }
            Step::Pause(time) => {
                tokio::time::sleep(*time).await;
                true
            }
            Step::Hang => {
                leaves(stream).await;
                false
            }
        };
        if !stayed {
            return false;
        }
    }
    true
}

/// Ends when the other side has closed its connection. It has nothing to say while it waits for an answer.
async fn leaves(stream: &TcpStream) {
    loop {
        let mut byte = [0];
        match stream.peek(&mut byte).await {
            Ok(1..) => tokio::time::sleep(Duration::from_millis(10)).await,
            Ok(0) | Err(_) => return,
        }
    }
}
