//! A connection of HTTP/1.1: one exchange at a time, driven in place by whoever has it.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http_body::{Body, Frame};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::bell::Bell;
use super::body::Sliced;
use super::connect::Wire;
use super::{Request, chain};
use crate::transport::TransportError;

/// How often a connection is polled before other tasks get their turn.
const ROUNDS: usize = 16;

/// A connection. It has no task: the request that waits for its head drives it, then the answer's body does, and while
/// it lies idle nobody does. Dropped, it is closed.
pub(super) struct Http1 {
    sender: SendRequest<Sliced>,
    /// Nothing once it is over.
    driver: Option<Connection<TokioIo<Wire>, Sliced>>,
    bell: Arc<Bell>,
    waker: Waker,
    /// Whether it carried any exchange,
    used: bool,
    /// and one before the present.
    pub(super) kept: bool,
    /// The sweep of its host before which it was laid down.
    pub(super) since: u32,
}

impl Http1 {
    /// Speaks HTTP/1.1 on a connection that stands.
    pub(super) async fn start(wire: Wire) -> Result<Box<Self>, TransportError> {
        let (sender, driver) = Builder::new()
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|why| TransportError::Broken(chain(&why)))?;
        let bell = Arc::new(Bell::default());
        Ok(Box::new(Self {
            sender,
            driver: Some(driver),
            waker: Waker::from(Arc::clone(&bell)),
            bell,
            used: false,
            kept: false,
            since: 0,
        }))
    }

    /// Sends a request and waits for the head of its answer. Gives the request back where nothing of it was written.
    pub(super) async fn exchange(
        &mut self,
        request: Request,
    ) -> Result<http::Response<Incoming>, TrySendError<Request>> {
        self.kept = mem::replace(&mut self.used, true);
        self.bell.begin();
        let mut answer = pin!(self.sender.try_send_request(request));
        poll_fn(|cx| self.drive(cx, |own| answer.as_mut().poll(own))).await
    }

    /// The next frame of the present answer.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        body: &mut Incoming,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.drive(cx, |own| Pin::new(&mut *body).poll_frame(own))
    }

    /// Whether the present exchange is over and another may follow.
    pub(super) fn is_free(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Nobody waits for it any more, since before the sweep of its host that is said.
    pub(super) fn lay_down(&mut self, since: u32) {
        self.since = since;
        self.bell.forget();
    }

    /// Whether it still stands, as it lies idle.
    pub(super) fn stands(&mut self) -> bool {
        self.advance();
        self.driver.is_some()
    }

    /// Says farewell, as TLS wants it, and closes.
    pub(super) fn close(self) {
        let Self {
            sender, driver, waker, ..
        } = self;
        drop(sender);
        if let Some(mut driver) = driver {
            let _ = Pin::new(&mut driver).poll(&mut Context::from_waker(&waker));
        }
    }

    /// Lets the connection do what it has to do until the answer has something to say.
    fn drive<T>(&mut self, cx: &mut Context<'_>, mut answer: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.bell.watch(cx.waker());
        for _ in 0..ROUNDS {
            if self.bell.look() {
                self.advance();
            }
            if let Poll::Ready(said) = answer(&mut Context::from_waker(&self.waker)) {
                self.bell.leave();
                return Poll::Ready(said);
            }
            if self.bell.wait() {
                return Poll::Pending;
            }
        }
        self.bell.leave();
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn advance(&mut self) {
        if let Some(driver) = &mut self.driver
            && Pin::new(driver).poll(&mut Context::from_waker(&self.waker)).is_ready()
        {
            // It gives back what it did not come to send as it is dropped.
            self.driver = None;
        }
    }
}
