//! The tail of a streamed call: it decodes, counts and settles as the client's server polls it.
//!
//! It owns all that the call still holds, because a client that hangs up drops it and nothing else would run. Settling
//! happens exactly once: before the stream's last word goes out, so that whoever has read it sees the books balanced,
//! or in `Drop`, on what was used until then.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gateway_governance::governor::{Admission, Hold};
use gateway_providers::{Close, Relay, TransportError, WireBody};
use gateway_router::{Attempt, Outcome};
use gateway_types::{Error, ErrorKind};
use http::HeaderValue;
use http_body::Body as _;
use tokio::time::Sleep;

use super::exchange::Exchange;
use super::metering::metered;
use super::responses::Keeper;
use crate::ports::logs::Status;

/// A streamed answer whose first content has come.
pub(super) struct Flow {
    pub(super) status: http::StatusCode,
    pub(super) relay: Box<dyn Relay>,
    pub(super) first: Vec<Bytes>,
    pub(super) content_type: HeaderValue,
    /// The provider's id of the request.
    pub(super) request_id: Option<HeaderValue>,
    /// Whether it is as the provider gives it.
    pub(super) passes: bool,
    /// Keeps the answer once it has come whole, where it is one that its client may come back for.
    pub(super) keeper: Option<Keeper>,
    pub(super) upstream: WireBody,
    pub(super) attempt: Attempt,
    pub(super) hold: Hold,
    pub(super) admission: Admission,
    pub(super) input_estimate: u64,
    pub(super) idle: Duration,
}

/// The body of a streamed reply.
pub(super) struct Tail {
    exchange: Exchange,
    relay: Box<dyn Relay>,
    /// Gone once the upstream has nothing more to say.
    upstream: Option<WireBody>,
    out: VecDeque<Bytes>,
    /// What the call holds; taken when it is settled.
    held: Option<Held>,
    keeper: Option<Keeper>,
    input_estimate: u64,
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    /// How it ended, once it did.
    status: Option<Status>,
}

struct Held {
    attempt: Attempt,
    hold: Hold,
    admission: Admission,
}

impl Tail {
    pub(super) fn new(exchange: Exchange, flow: Flow) -> Self {
        let mut tail = Self {
            exchange,
            relay: flow.relay,
            upstream: Some(flow.upstream),
            out: flow.first.into(),
            held: Some(Held {
                attempt: flow.attempt,
                hold: flow.hold,
                admission: flow.admission,
            }),
            keeper: flow.keeper,
            input_estimate: flow.input_estimate,
            idle: flow.idle,
            timer: Box::pin(tokio::time::sleep(flow.idle)),
            status: None,
        };
        tail.look();
        tail
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(bytes) = self.out.pop_front() {
                if self.relay.observed().content {
                    self.exchange.first_content();
                }
                self.exchange.passed(&bytes);
                return Poll::Ready(Some(bytes));
            }
            let Some(upstream) = &mut self.upstream else {
                self.exchange.close(self.status.unwrap_or(Status::Error));
                return Poll::Ready(None);
            };
            match Pin::new(upstream).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.timer.as_mut().reset(tokio::time::Instant::now() + self.idle);
                        self.take(bytes);
                    }
                }
                Poll::Ready(Some(Err(error))) => self.broke_off(&error),
                Poll::Ready(None) => self.ended(),
                // It has said its last word: whatever else it does is no matter of the client's.
                Poll::Pending if self.relay.observed().done => self.upstream = None,
                Poll::Pending if self.timer.as_mut().poll(cx).is_ready() => self.fell_silent(),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take(&mut self, bytes: Bytes) {
        let mut out = Vec::new();
        match self.relay.feed(bytes, &mut out) {
            Ok(()) => {
                self.out.extend(out);
                self.look();
            }
            Err(error) => {
                self.out.extend(out);
                self.cut(Outcome::Broke, error);
            }
        }
    }

    /// Sees whether the stream has said its last word, and settles before that word goes out.
    fn look(&mut self) {
        let observed = self.relay.observed();
        if observed.failed && self.held.is_some() {
            self.exchange
                .broke(&Outcome::Failed, "the upstream reported an error inside the stream");
            self.exchange.failed(&Error::new(
                ErrorKind::UpstreamFailed,
                "the upstream reported an error inside the stream",
            ));
            self.settle(Outcome::Failed, Status::Error);
        } else if observed.done && self.held.is_some() {
            self.settle(Outcome::Success, Status::Success);
        }
    }

    fn ended(&mut self) {
        self.upstream = None;
        if self.relay.observed().done || self.status.is_some() {
            return;
        }
        let mut out = Vec::new();
        match self.relay.finish(&mut out) {
            Ok(()) => {
                self.out.extend(out);
                self.settle(Outcome::Success, Status::Success);
            }
            Err(error) => {
                self.out.extend(out);
                self.cut(Outcome::Broke, error);
            }
        }
    }

    fn broke_off(&mut self, error: &TransportError) {
        if self.relay.observed().done || self.status.is_some() {
            self.upstream = None;
            return;
        }
        self.cut(
            Outcome::Broke,
            Error::new(ErrorKind::UpstreamFailed, format!("the upstream broke off: {error}")),
        );
    }

    fn fell_silent(&mut self) {
        let message = format!("the upstream sent nothing for {} s", self.idle.as_secs_f64());
        self.cut(Outcome::TimedOut, Error::new(ErrorKind::UpstreamTimeout, message));
    }

    /// Ends the client's stream with an error that its SDK sees as one.
    fn cut(&mut self, outcome: Outcome, error: Error) {
        self.upstream = None;
        if self.status.is_some() {
            return;
        }
        self.exchange.broke(&outcome, &error.message);
        self.exchange.failed(&error);
        self.settle(outcome, Status::Error);
        let mut out = Vec::new();
        self.relay.close(&Close::Error(error), &mut out);
        self.out.extend(out);
    }

    fn settle(&mut self, outcome: Outcome, status: Status) {
        self.status = Some(status);
        let Some(held) = self.held.take() else { return };
        let now = self.exchange.clock().now();
        let observed = self.relay.observed();
        let metered = metered(observed, self.input_estimate, status != Status::Success);
        self.exchange.lost(&observed.losses);
        if let (Some(keeper), Some(document), Status::Success) = (self.keeper.take(), &observed.document, status) {
            keeper.keep(document);
        }
        held.hold.settle(metered);
        self.exchange.settled(&held.admission.finish(now));
        // A client that leaves says nothing about the upstream.
        if status != Status::Cancelled {
            held.attempt.finish(outcome, now);
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        if self.held.is_some() {
            self.settle(Outcome::Success, Status::Cancelled);
        }
        self.exchange.close(self.status.unwrap_or(Status::Cancelled));
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
