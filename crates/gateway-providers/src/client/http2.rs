//! Connections of HTTP/2: many exchanges at once, as many as the peer takes.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::body::Sliced;
use super::connect::Wire;
use super::frames::{Peer, Watched};
use super::{Request, chain};
use crate::transport::TransportError;

/// Streams on one connection at the most, where the peer takes more: one lost packet holds all of them up.
pub(super) const STREAMS: usize = 100;
/// Bytes that a peer may send ahead of whoever reads a stream. A connection takes as much for each of its streams, so
/// that a reader who pauses holds up nobody else; and h2, which measures by that what it bears of small frames that
/// nobody has read yet, does not end the connection over them.
const WINDOW: u32 = 256 * 1024;
/// With streams open and nothing heard for so long, the peer is asked whether it is there,
const ASK: Duration = Duration::from_secs(20);
/// and has so long to answer.
const ANSWER: Duration = Duration::from_secs(20);

/// A connection.
pub(super) struct Http2 {
    /// Tells it from others of its host, which gives it.
    pub(super) id: u64,
    sender: SendRequest<Sliced>,
    peer: Arc<Peer>,
    /// Exchanges under way.
    pub(super) streams: usize,
    /// Whether it carried any exchange.
    used: bool,
    /// The sweep of its host before which its last exchange ended.
    pub(super) since: u32,
}

/// A place for one exchange on a connection.
pub(super) struct Stream {
    /// The connection's.
    pub(super) id: u64,
    sender: SendRequest<Sliced>,
    /// Whether its connection carried others before.
    pub(super) kept: bool,
}

impl Http2 {
    /// Speaks HTTP/2 on a connection that stands, and waits until the peer has said how many streams it takes.
    pub(super) async fn start(wire: Wire) -> Result<Self, TransportError> {
        let (wire, peer) = Watched::new(wire);
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW * STREAMS as u32)
            .keep_alive_interval(ASK)
            .keep_alive_timeout(ANSWER)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|why| TransportError::Unreachable(chain(&why)))?;
        tokio::spawn(connection);
        peer.heard().await;
        if peer.is_leaving() {
            let why = "the peer closed the connection before it began to speak HTTP/2";
            return Err(TransportError::Unreachable(why.to_owned()));
        }
        Ok(Self {
            id: 0,
            sender,
            peer,
            streams: 0,
            used: false,
            since: 0,
        })
    }

    /// How many exchanges it takes at once.
    pub(super) fn room(&self) -> usize {
        usize::try_from(self.peer.streams()).map_or(STREAMS, |most| most.clamp(1, STREAMS))
    }

    /// Whether it takes further exchanges.
    pub(super) fn stands(&self) -> bool {
        !self.peer.is_leaving() && !self.sender.is_closed()
    }

    /// A place for an exchange, where there is one.
    pub(super) fn stream(&mut self) -> Option<Stream> {
        if self.streams >= self.room() || !self.stands() {
            return None;
        }
        self.streams += 1;
        Some(Stream {
            id: self.id,
            sender: self.sender.clone(),
            kept: std::mem::replace(&mut self.used, true),
        })
    }
}

impl Stream {
    /// Sends a request and waits for the head of its answer. Gives the request back where nothing of it was written.
    pub(super) async fn exchange(
        &mut self,
        request: Request,
    ) -> Result<http::Response<Incoming>, TrySendError<Request>> {
        self.sender.try_send_request(request).await
    }
}
