//! A client of HTTP/1.1, as plain as can be: what it costs is not measured, but it must keep up.

use bytes::Bytes;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Door, Shot};
use crate::Failure;

/// Bytes that were looked at are let go of when there are so many.
const LOOKED_AT: usize = 32 * 1024;

trait Socket: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Socket for S {}

/// A connection that is used for the same request again and again.
pub(crate) struct Connection {
    socket: Box<dyn Socket>,
    request: Bytes,
    read: Vec<u8>,
}

/// How an answer's end is told.
enum End {
    After(usize),
    Chunked,
}

impl Connection {
    pub(super) async fn open(door: &Door, shot: &Shot) -> Result<Self, Failure> {
        let socket = TcpStream::connect(door.address).await?;
        socket.set_nodelay(true)?;
        let socket: Box<dyn Socket> = match &door.tls {
            None => Box::new(socket),
            Some(config) => {
                let connector = TlsConnector::from(std::sync::Arc::clone(config));
                let name = ServerName::from(door.address.ip());
                Box::new(connector.connect(name, socket).await?)
            }
        };
        Ok(Self {
            socket,
            request: written(shot),
            read: Vec::with_capacity(64 * 1024),
        })
    }

    /// One request and its whole answer, which must be a 200: how long its body is, and the body itself where it is wanted.
    pub(super) async fn ask(&mut self, wanted: Option<&mut Vec<u8>>) -> Result<usize, Failure> {
        let (head, end) = self.begin().await?;
        match end {
            End::After(length) => {
                while self.read.len() < head + length {
                    self.more().await?;
                }
                if let Some(wanted) = wanted {
                    wanted.extend_from_slice(&self.read[head..]);
                }
                Ok(length)
            }
            End::Chunked => self.chunks(head, wanted).await,
        }
    }

    /// One request and the first bytes of its answer.
    pub(super) async fn first_bytes(&mut self) -> Result<(), Failure> {
        let (head, _) = self.begin().await?;
        while self.read.len() == head {
            self.more().await?;
        }
        // It waits from now on, and needs no room for what comes.
        self.read = Vec::new();
        self.request = Bytes::new();
        Ok(())
    }

    /// Sends the request, and reads the head of its answer.
    async fn begin(&mut self) -> Result<(usize, End), Failure> {
        self.socket.write_all(&self.request).await?;
        self.socket.flush().await?;
        self.read.clear();
        loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = end + 4;
                return Ok((head, told(&self.read[..head])?));
            }
            self.more().await?;
        }
    }

    async fn chunks(&mut self, mut at: usize, mut wanted: Option<&mut Vec<u8>>) -> Result<usize, Failure> {
        let mut length = 0;
        loop {
            let line = loop {
                let unread = self.read.get(at..).unwrap_or_default();
                match unread.windows(2).position(|window| window == b"\r\n") {
                    Some(end) => break at + end,
                    None => self.more().await?,
                }
            };
            let size = std::str::from_utf8(&self.read[at..line])?;
            let size = usize::from_str_radix(size.trim(), 16)?;
            let from = line + 2;
            while self.read.len() < from + size + 2 {
                self.more().await?;
            }
            if size == 0 {
                return Ok(length);
            }
            if let Some(wanted) = wanted.as_deref_mut() {
                wanted.extend_from_slice(&self.read[from..from + size]);
            }
            length += size;
            at = from + size + 2;
            if at > LOOKED_AT {
                self.read.drain(..at);
                at = 0;
            }
        }
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.socket.read_buf(&mut self.read).await? {
            0 => Err(format!("the target hung up after: {}", String::from_utf8_lossy(&self.read)).into()),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

fn written(shot: &Shot) -> Bytes {
    let mut head = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\n", shot.method, shot.path);
    for (name, value) in &shot.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if shot.method == http::Method::POST {
        head.push_str(&format!("content-length: {}\r\n", shot.body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), &shot.body].concat().into()
}

fn told(head: &[u8]) -> Result<End, Failure> {
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
