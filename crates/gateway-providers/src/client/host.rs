//! The connections of one host: who has them, who waits, and when a further one is opened.
//!
//! A request takes a connection with room, or waits. Those who wait are served in their order by whatever comes first: a
//! connection whose exchange is over, or a new one. New ones are opened by the host, as many as those who wait need and
//! the limit allows, so that a request that goes away leaves a connection behind and no half-open one.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use http::Uri;
use http_body::{Body, Frame};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Request;
use super::connect::Connector;
use super::http1::Http1;
use super::http2::{STREAMS, Stream};
use super::stock::{Fresh, Stock};
use super::sweep;
use crate::transport::TransportError;

/// Where requests of one scheme and authority go.
pub(super) struct Host {
    /// Scheme, host and port.
    uri: Uri,
    connector: Arc<Connector>,
    /// Connections at the most.
    most: usize,
    runtime: Handle,
    state: Mutex<State>,
}

type Waiting = oneshot::Sender<Result<Lease, TransportError>>;

struct State {
    stock: Stock,
    /// Connections that stand or are being made.
    open: usize,
    /// Those being made.
    connecting: usize,
    /// Exchanges that a connection is expected to take at once, from the last one that was made.
    room: usize,
    /// In their order. Some may have gone away.
    waiting: VecDeque<Waiting>,
    sweeping: bool,
}

impl Host {
    pub(super) fn new(uri: Uri, connector: Arc<Connector>, most: usize) -> Self {
        let room = if connector.is_http2() { STREAMS } else { 1 };
        Self {
            uri,
            connector,
            most,
            runtime: Handle::current(),
            state: Mutex::new(State {
                stock: Stock::default(),
                open: 0,
                connecting: 0,
                room,
                waiting: VecDeque::new(),
                sweeping: false,
            }),
        }
    }

    /// A place on a connection, at once or when there is one. How long to wait is the caller's to bound.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease, TransportError> {
        let waiting = {
            let mut state = self.state();
            if let Some(held) = state.stock.take() {
                return Ok(self.leased(held));
            }
            let (waiting, served) = oneshot::channel();
            state.enqueue(waiting);
            let wanted = state.wanted(self.most);
            drop(state);
            self.open(wanted);
            served
        };
        waiting.await.unwrap_or_else(|_| Err(given_up()))
    }

    /// Whether nothing stands, is under way or is waited for.
    pub(super) fn is_unused(&self) -> bool {
        let state = self.state();
        state.open == 0 && state.waiting.is_empty()
    }

    /// Closes what has lain idle for too long or is gone. Says whether there is anything left to look after.
    pub(super) fn sweep(self: &Arc<Self>) -> bool {
        let mut state = self.state();
        let swept = state.stock.sweep();
        state.open -= swept.len();
        state.sweeping = state.stock.lies_idle();
        let again = state.sweeping;
        self.settle(state);
        for connection in swept {
            connection.close();
        }
        again
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leased(self: &Arc<Self>, held: Held) -> Lease {
        Lease {
            host: Arc::clone(self),
            held: Some(held),
        }
    }

    /// Takes back what an exchange had.
    fn take_back(self: &Arc<Self>, held: Held) {
        let mut state = self.state();
        let gone = match held {
            Held::Own(connection) if !connection.is_free() => {
                state.open -= 1;
                Some(connection)
            }
            held => {
                state.put_back(held);
                None
            }
        };
        self.settle(state);
        drop(gone);
    }

    /// Gives what there is to those who wait, and sees to it that the rest get something.
    fn settle(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        while let Some(waiting) = state.waiting.pop_front() {
            if waiting.is_closed() {
                continue;
            }
            let Some(held) = state.stock.take() else {
                state.waiting.push_front(waiting);
                break;
            };
            if let Err(Ok(mut unwanted)) = waiting.send(Ok(self.leased(held)))
                && let Some(held) = unwanted.held.take()
            {
                state.put_back(held);
            }
        }
        let wanted = state.wanted(self.most);
        let sweep = !state.sweeping && state.stock.lies_idle();
        state.sweeping |= sweep;
        drop(state);
        self.open(wanted);
        if sweep {
            self.runtime.spawn(sweep::run(Arc::downgrade(self)));
        }
    }

    fn open(self: &Arc<Self>, connections: usize) {
        for _ in 0..connections {
            let attempt = Attempt(Some(Arc::clone(self)));
            self.runtime.spawn(attempt.run());
        }
    }

    async fn connect(&self) -> Result<Fresh, TransportError> {
        self.connector.connect(&self.uri).await
    }

    fn arrived(self: &Arc<Self>, fresh: Fresh) {
        let mut state = self.state();
        state.connecting -= 1;
        state.room = fresh.room();
        state.stock.add(fresh);
        self.settle(state);
    }

    /// A connection that could not be made: those who wait for it are told, and no others.
    fn failed(self: &Arc<Self>, why: &TransportError, go_on: bool) {
        let mut state = self.state();
        state.connecting -= 1;
        state.open -= 1;
        state.waiting.retain(|waiting| !waiting.is_closed());
        let hopeful = state.connecting.saturating_mul(state.room);
        let told = state.waiting.len().saturating_sub(hopeful).min(state.room);
        for waiting in state.waiting.drain(..told) {
            let _ = waiting.send(Err(why.clone()));
        }
        if go_on {
            self.settle(state);
        }
    }
}

impl State {
    fn enqueue(&mut self, waiting: Waiting) {
        if self.waiting.len() == self.waiting.capacity() {
            self.waiting.retain(|waiting| !waiting.is_closed());
        }
        self.waiting.push_back(waiting);
    }

    fn put_back(&mut self, held: Held) {
        match held {
            Held::Own(connection) => self.stock.lay_down(connection),
            Held::Shared(stream) => self.stock.end_stream(stream.id),
        }
    }

    /// How many further connections those who wait need, counted as being made from now on.
    fn wanted(&mut self, most: usize) -> usize {
        if self.waiting.is_empty() {
            return 0;
        }
        self.open -= self.stock.bury();
        let wanted = self.waiting.len().div_ceil(self.room).saturating_sub(self.connecting);
        let wanted = wanted.min(most.saturating_sub(self.open));
        self.open += wanted;
        self.connecting += wanted;
        wanted
    }
}

fn given_up() -> TransportError {
    TransportError::Unreachable("the connection was given up before it stood".to_owned())
}

/// A connection being made. Dropped before its end, as when the runtime ends, it tells those who wait for it.
struct Attempt(Option<Arc<Host>>);

impl Attempt {
    async fn run(mut self) {
        let Some(host) = &self.0 else { return };
        let outcome = host.connect().await;
        let Some(host) = self.0.take() else { return };
        match outcome {
            Ok(fresh) => host.arrived(fresh),
            Err(why) => host.failed(&why, true),
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(host) = self.0.take() {
            host.failed(&given_up(), false);
        }
    }
}

/// What an exchange has of a connection.
pub(super) enum Held {
    /// The whole of it.
    Own(Box<Http1>),
    /// A stream.
    Shared(Stream),
}

const UNDROPPED: &str = "only dropping a lease takes out what it holds";

/// A place on a connection for one exchange. Dropped, it goes back to its host; a connection of HTTP/1.1 that is still
/// in the middle of something is closed instead.
pub(super) struct Lease {
    host: Arc<Host>,
    /// Something until it is dropped.
    held: Option<Held>,
}

impl Lease {
    /// Whether the connection carried an exchange before, and so may have been closed meanwhile.
    pub(super) fn is_kept(&self) -> bool {
        match &self.held {
            Some(Held::Own(connection)) => connection.kept,
            Some(Held::Shared(stream)) => stream.kept,
            None => false,
        }
    }

    /// Sends a request and waits for the head of its answer. Gives the request back where nothing of it was written.
    pub(super) async fn exchange(
        &mut self,
        request: Request,
    ) -> Result<http::Response<Incoming>, TrySendError<Request>> {
        match self.held.as_mut().expect(UNDROPPED) {
            Held::Own(connection) => connection.exchange(request).await,
            Held::Shared(stream) => stream.exchange(request).await,
        }
    }

    /// The next frame of the answer.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        body: &mut Incoming,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.held {
            Some(Held::Own(connection)) => connection.poll_frame(cx, body),
            Some(Held::Shared(_)) | None => Pin::new(body).poll_frame(cx),
        }
    }

    /// Whether the rest of the answer does not need the connection.
    pub(super) fn is_over(&self, body: &Incoming) -> bool {
        match &self.held {
            Some(Held::Own(connection)) => connection.is_free(),
            Some(Held::Shared(_)) => body.is_end_stream(),
            None => true,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            self.host.take_back(held);
        }
    }
}
