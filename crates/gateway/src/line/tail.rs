//! The tail of a streamed call: it decodes, counts and settles as the client's server polls it.
//!
//! It owns all that the call still holds, because a client that hangs up drops it and nothing else would run. Settling
//! happens exactly once: before the stream's last word goes out, so that whoever has read it sees the books balanced,
//! or in `Drop`, on what was used until then. Where the call's policy is to finish, `Drop` hands the stream on instead,
//! and it is read to its end without a client.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use gateway_governance::governor::{Admission, Hold};
use gateway_providers::{Close, Relay, TransportError, WireBody};
use gateway_router::{Attempt, Outcome};
use gateway_types::{Error, ErrorKind};
use http::HeaderValue;
use http_body::Body as _;
use tokio::time::{Instant, Sleep};

use super::exchange::Exchange;
use super::finish::Patience;
use super::metering::{bound, counted, metered};
use super::responses::Keeper;
use crate::ports::logs::Status;

/// How many tokens of output are to be covered beyond those that may have passed, before more is read.
const AHEAD: u64 = 64;

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
    /// What happens to it should the client leave, where that is more than to end it.
    pub(super) patience: Option<Patience>,
}

/// The body of a streamed reply.
#[derive(Debug)]
pub(super) struct Tail {
    /// There until the client has left.
    stream: Option<Box<Stream>>,
    patience: Option<Patience>,
}

impl Tail {
    pub(super) fn new(exchange: Box<Exchange>, mut flow: Flow) -> Self {
        Self {
            patience: flow.patience.take(),
            stream: Some(Box::new(Stream::new(exchange, flow))),
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut self.stream {
            Some(stream) => stream.poll(cx),
            None => Poll::Ready(None),
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let stream = self
            .stream
            .take()
            .filter(|stream| stream.held.is_some() && stream.ending.is_none());
        if let (Some(mut stream), Some(patience)) = (stream, self.patience.take()) {
            stream.leave();
            let most = counted(stream.relay.observed()).saturating_add(patience.most_tokens);
            patience.run(async move { stream.read_on(most).await });
        }
    }
}

/// A stream under way.
struct Stream {
    exchange: Box<Exchange>,
    relay: Box<dyn Relay>,
    /// Gone once the upstream has nothing more to say.
    upstream: Option<WireBody>,
    out: VecDeque<Bytes>,
    /// What the relay gives for what came last, on its way into `out`.
    fresh: Vec<Bytes>,
    /// What the call holds; taken when it is settled.
    held: Option<Held>,
    keeper: Option<Keeper>,
    input_estimate: u64,
    idle: Duration,
    /// Fires when nothing came for too long. It is moved on only when it fires or is waited for.
    timer: Pin<Box<Sleep>>,
    /// Whether the upstream has been heard since it was last waited for.
    heard: bool,
    /// When it was last waited for, having been heard.
    since: Instant,
    /// Whether what is read next is waited for because it is not covered yet, so that the upstream is not to blame.
    uncovered: bool,
    /// Whether nobody gets it any more.
    left: bool,
    /// How it has ended, while that is not settled yet.
    ending: Option<End>,
    /// How it ended, once it did.
    status: Option<Status>,
}

struct Held {
    attempt: Attempt,
    hold: Hold,
    admission: Admission,
}

/// How a stream ended.
enum End {
    /// It came whole.
    Whole,
    /// It was closed as if it had met its cap, because its quotas pay for no more.
    Cut,
    /// It broke, or the upstream reported an error.
    Failed(Outcome),
    /// Nobody waits for the rest.
    Left,
}

impl Stream {
    fn new(exchange: Box<Exchange>, flow: Flow) -> Self {
        let mut stream = Self {
            exchange,
            relay: flow.relay,
            upstream: Some(flow.upstream),
            out: flow.first.into(),
            fresh: Vec::new(),
            held: Some(Held {
                attempt: flow.attempt,
                hold: flow.hold,
                admission: flow.admission,
            }),
            keeper: flow.keeper,
            input_estimate: flow.input_estimate,
            idle: flow.idle,
            timer: Box::pin(tokio::time::sleep(flow.idle)),
            heard: false,
            since: Instant::now(),
            uncovered: false,
            left: false,
            ending: None,
            status: None,
        };
        stream.look();
        stream
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Err(error) = ready!(self.cover(cx))
                && self.ending.is_none()
            {
                self.spent(&error);
            }
            if let Some(end) = self.ending.take() {
                self.settle(end);
            }
            if let Some(bytes) = self.out.pop_front() {
                if !self.left {
                    if self.relay.observed().content {
                        self.exchange.first_content();
                    }
                    self.exchange.passed(&bytes);
                }
                return Poll::Ready(Some(bytes));
            }
            let Some(upstream) = &mut self.upstream else {
                self.exchange.close(self.status.unwrap_or(Status::Error));
                return Poll::Ready(None);
            };
            match Pin::new(upstream).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.heard = true;
                        self.take(bytes);
                    }
                }
                Poll::Ready(Some(Err(error))) => self.broke_off(&error),
                Poll::Ready(None) => self.ended(),
                // It has said its last word: whatever else it does is no matter of the client's.
                Poll::Pending if self.relay.observed().done => self.upstream = None,
                Poll::Pending if self.is_silent(cx) => self.fell_silent(),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Sees that what has been read is paid for, and what is read next; at the end, what is going to be charged. While it
    /// waits for that, the upstream is not read, and is not timed.
    fn cover(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(held) = &mut self.held else {
            return Poll::Ready(Ok(()));
        };
        let Some(covered) = held.hold.covered() else {
            return Poll::Ready(Ok(()));
        };
        let observed = self.relay.observed();
        let wanted = match &self.ending {
            None => bound(observed).saturating_add(AHEAD),
            Some(_) => metered(observed, 0, false).usage.output_total(),
        };
        if wanted <= covered {
            return Poll::Ready(Ok(()));
        }
        let answer = held.hold.poll_cover(wanted, cx);
        // What it was not read for, it did not keep silent.
        self.heard |= self.uncovered && answer.is_ready();
        self.uncovered = answer.is_pending();
        answer
    }

    /// Whether the upstream has been waited for in vain for as long as it may be.
    fn is_silent(&mut self, cx: &mut Context<'_>) -> bool {
        if std::mem::take(&mut self.heard) {
            self.since = Instant::now();
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let deadline = self.since + self.idle;
            if self.timer.deadline() >= deadline {
                return true;
            }
            self.timer.as_mut().reset(deadline);
        }
        false
    }

    fn take(&mut self, bytes: Bytes) {
        let taken = self.relay.feed(bytes, &mut self.fresh);
        self.out.extend(self.fresh.drain(..));
        match taken {
            Ok(()) => self.look(),
            Err(error) => self.cut(Outcome::Broke, error),
        }
    }

    /// Sees whether the stream has said its last word, and settles before that word goes out.
    fn look(&mut self) {
        let observed = self.relay.observed();
        if self.held.is_none() || self.ending.is_some() {
            return;
        }
        if observed.failed {
            self.exchange
                .broke(&Outcome::Failed, "the upstream reported an error inside the stream");
            self.exchange.failed(&Error::new(
                ErrorKind::UpstreamFailed,
                "the upstream reported an error inside the stream",
            ));
            self.settle(End::Failed(Outcome::Failed));
        } else if observed.done {
            self.ending = Some(End::Whole);
        }
    }

    fn ended(&mut self) {
        self.upstream = None;
        if self.relay.observed().done || self.status.is_some() {
            return;
        }
        let finished = self.relay.finish(&mut self.fresh);
        self.out.extend(self.fresh.drain(..));
        match finished {
            Ok(()) => self.ending = Some(End::Whole),
            Err(error) => self.cut(Outcome::Broke, error),
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

    /// Ends the client's stream as if it had met its cap: nothing pays for more. The log says why.
    fn spent(&mut self, error: &Error) {
        self.upstream = None;
        self.exchange.failed(error);
        self.settle(End::Cut);
        self.close(&Close::Length);
    }

    /// Ends the client's stream with an error that its SDK sees as one.
    fn cut(&mut self, outcome: Outcome, error: Error) {
        self.upstream = None;
        if self.status.is_some() {
            return;
        }
        self.exchange.broke(&outcome, &error.message);
        self.exchange.failed(&error);
        self.settle(End::Failed(outcome));
        self.close(&Close::Error(error));
    }

    fn close(&mut self, how: &Close) {
        self.relay.close(how, &mut self.fresh);
        self.out.extend(self.fresh.drain(..));
    }

    fn settle(&mut self, end: End) {
        let status = match end {
            _ if self.left => Status::Cancelled,
            End::Whole | End::Cut => Status::Success,
            End::Failed(_) => Status::Error,
            End::Left => Status::Cancelled,
        };
        self.status = Some(status);
        let Some(held) = self.held.take() else { return };
        let now = self.exchange.clock().now();
        let observed = self.relay.observed();
        let whole = matches!(end, End::Whole);
        let metered = metered(observed, self.input_estimate, !whole);
        self.exchange.lost(&observed.losses);
        if let (Some(keeper), Some(document), true) = (self.keeper.take(), &observed.document, whole) {
            keeper.keep(document);
        }
        held.hold.settle(metered);
        self.exchange.settled(&held.admission.finish(now));
        match end {
            End::Whole | End::Cut => held.attempt.finish(Outcome::Success, now),
            End::Failed(outcome) => held.attempt.finish(outcome, now),
            // A client that leaves says nothing about the upstream.
            End::Left => {}
        }
    }

    /// The client has gone; the stream may go on without it.
    fn leave(&mut self) {
        self.left = true;
        self.out.clear();
        self.exchange.left();
    }

    /// Reads on for nobody, until it ends or has more than that many tokens of output.
    async fn read_on(mut self: Box<Self>, most: u64) {
        while poll_fn(|cx| self.poll(cx)).await.is_some() && counted(self.relay.observed()) <= most {}
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.held.is_some() {
            self.left = true;
            let end = self.ending.take().unwrap_or(End::Left);
            self.settle(end);
        }
        self.exchange.close(self.status.unwrap_or(Status::Cancelled));
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("status", &self.status)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
