//! Reads along what an HTTP/2 peer says about the connection itself: how many streams it takes, and that it leaves.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const MAX_CONCURRENT_STREAMS: u16 = 3;

/// What a peer has said.
#[derive(Debug)]
pub(super) struct Peer {
    streams: AtomicU32,
    leaving: AtomicBool,
    heard: Notify,
}

impl Peer {
    fn new() -> Self {
        Self {
            streams: AtomicU32::new(u32::MAX),
            leaving: AtomicBool::new(false),
            heard: Notify::new(),
        }
    }

    /// How many streams it takes at once.
    pub(super) fn streams(&self) -> u32 {
        self.streams.load(Ordering::Relaxed)
    }

    /// Whether it takes no further streams, or is gone.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Waits for its first settings, or its end.
    pub(super) async fn heard(&self) {
        self.heard.notified().await;
    }

    fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        self.heard.notify_one();
    }
}

/// A connection whose incoming frames are read along.
#[derive(Debug)]
pub(super) struct Watched<T> {
    io: T,
    frames: Frames,
    peer: Arc<Peer>,
}

impl<T> Watched<T> {
    pub(super) fn new(io: T) -> (Self, Arc<Peer>) {
        let peer = Arc::new(Peer::new());
        let watched = Self {
            io,
            frames: Frames::default(),
            peer: Arc::clone(&peer),
        };
        (watched, peer)
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        self.peer.leave();
    }
}

/// Where in the frames the reading is.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; 9],
    /// Bytes of the head that are there.
    have: usize,
    /// Bytes of the payload to come.
    left: usize,
    setting: [u8; 6],
    /// Bytes of the setting that are there.
    of_setting: usize,
}

impl Frames {
    fn read(&mut self, mut bytes: &[u8], peer: &Peer) {
        while !bytes.is_empty() {
            if self.have < self.head.len() {
                let taken = bytes.len().min(self.head.len() - self.have);
                self.head[self.have..self.have + taken].copy_from_slice(&bytes[..taken]);
                self.have += taken;
                bytes = &bytes[taken..];
                if self.have < self.head.len() {
                    return;
                }
                self.left =
                    usize::from(self.head[0]) << 16 | usize::from(self.head[1]) << 8 | usize::from(self.head[2]);
                self.of_setting = 0;
            }
            let (payload, rest) = bytes.split_at(self.left.min(bytes.len()));
            if self.is_settings() {
                self.settings(payload, peer);
            }
            self.left -= payload.len();
            bytes = rest;
            if self.left == 0 {
                self.end(peer);
            }
        }
    }

    fn is_settings(&self) -> bool {
        self.head[3] == SETTINGS && self.head[4] & ACK == 0
    }

    fn settings(&mut self, payload: &[u8], peer: &Peer) {
        for &byte in payload {
            self.setting[self.of_setting] = byte;
            self.of_setting += 1;
            if self.of_setting == self.setting.len() {
                self.of_setting = 0;
                let [a, b, value @ ..] = self.setting;
                if u16::from_be_bytes([a, b]) == MAX_CONCURRENT_STREAMS {
                    peer.streams.store(u32::from_be_bytes(value), Ordering::Relaxed);
                }
            }
        }
    }

    fn end(&mut self, peer: &Peer) {
        self.have = 0;
        match self.head[3] {
            GOAWAY => peer.leave(),
            _ if self.is_settings() => peer.heard.notify_one(),
            _ => {}
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
        this.frames.read(&buf.filled()[before..], &this.peer);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings (a window size, then 2 streams), an answer's data, a ping, and a farewell.
    const SAID: &[u8] = &[
        0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 255, 255, 0, 3, 0, 0, 0, 2, // settings
        0, 0, 0, 4, 1, 0, 0, 0, 0, // settings, acknowledged
        0, 0, 3, 0, 0, 0, 0, 0, 1, 4, 7, 4, // data
        0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // farewell
    ];

    #[test]
    fn what_a_peer_says_is_heard_however_it_is_cut() {
        for size in 1..=SAID.len() {
            let (peer, mut frames) = (Peer::new(), Frames::default());
            let (farewell, before) = (17, SAID.len() - 17);
            for piece in SAID[..before].chunks(size) {
                frames.read(piece, &peer);
            }
            assert_eq!((peer.streams(), peer.is_leaving()), (2, false), "in pieces of {size}");
            for piece in SAID[SAID.len() - farewell..].chunks(size) {
                frames.read(piece, &peer);
            }
            assert!(peer.is_leaving(), "in pieces of {size}");
        }
    }
}
