//! What goes back to the client: status, headers, and a body that settles as it passes.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use gateway_governance::governor::RateLimits;
use gateway_providers::client_dialect;
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error, Now};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body::{Frame, SizeHint};

use super::attempt::Done;
use super::exchange::Exchange;
use super::head::Head;
use super::headers;
use super::tail::{Flow, Tail};
use crate::ports::logs::Status;

/// An answer: its body must be polled to the end or dropped; either way the call is settled and recorded.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, `x-gateway-*` included.
    pub headers: HeaderMap,
    /// The body.
    pub body: ReplyBody,
}

/// The bytes of an answer: whole, or a stream that settles as it passes.
#[derive(Debug)]
pub struct ReplyBody(Content);

#[derive(Debug)]
enum Content {
    /// The exchange is closed when the bytes are taken; dropped before, the client has left.
    Whole {
        bytes: Option<Bytes>,
        exchange: Box<Exchange>,
        status: Status,
    },
    Stream(Tail),
}

impl Reply {
    pub(super) fn whole(mut exchange: Box<Exchange>, dialect: DialectName, done: Done) -> Self {
        let now = exchange.clock().now();
        exchange.settled(&done.settled);
        exchange.first_content_at(now);
        let mut reply = Self::bytes(exchange, dialect, done.status, done.body, Status::Success, now);
        if let Some(content_type) = done.content_type {
            reply.headers.insert(CONTENT_TYPE, content_type);
        }
        put_request_id(&mut reply.headers, dialect, done.request_id);
        reply
    }

    pub(super) fn json(exchange: Box<Exchange>, dialect: DialectName, body: Bytes) -> Self {
        let now = exchange.clock().now();
        Self::bytes(exchange, dialect, StatusCode::OK, body, Status::Success, now)
    }

    pub(super) fn refusal(mut exchange: Box<Exchange>, dialect: DialectName, error: &Error) -> Self {
        exchange.failed(error);
        let speaker = client_dialect(dialect);
        let status = StatusCode::from_u16(speaker.status(error)).unwrap_or(StatusCode::BAD_GATEWAY);
        let body = speaker.error(error);
        if let Some(limited) = &error.limited
            && *exchange.limits() == RateLimits::default()
        {
            exchange.limited(headers::rate_limits_of(limited));
        }
        let now = exchange.clock().now();
        let mut reply = Self::bytes(exchange, dialect, status, body, Status::Error, now);
        if let Some(limited) = &error.limited {
            headers::put(&mut reply.headers, headers::QUOTA, limited.quota.as_str());
        }
        speaker.error_head(error, &mut reply.headers);
        let id = error.upstream.as_ref().and_then(|words| words.request_id.as_deref());
        put_request_id(&mut reply.headers, dialect, id.and_then(|id| id.parse().ok()));
        if let Some(after) = error.retry_after {
            headers::put_retry_after(&mut reply.headers, after);
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            // A client that is told to slow down and not for how long waits for minutes, or not at all.
            headers::put_retry_after(&mut reply.headers, std::time::Duration::from_secs(1));
        }
        if let Some(should) = error.should_retry() {
            headers::put(
                &mut reply.headers,
                headers::SHOULD_RETRY,
                if should { "true" } else { "false" },
            );
        }
        reply
    }

    fn bytes(
        mut exchange: Box<Exchange>,
        dialect: DialectName,
        status: StatusCode,
        body: Bytes,
        end: Status,
        now: Now,
    ) -> Self {
        exchange.head(status.as_u16());
        exchange.passed(&body);
        let mut head = facts(&exchange, dialect, now);
        if let Some(row) = exchange.row() {
            head.cost(row.cost);
        }
        let mut headers = head.done();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = ReplyBody(Content::Whole {
            bytes: Some(body),
            exchange,
            status: end,
        });
        Self { status, headers, body }
    }

    pub(super) fn stream(mut exchange: Box<Exchange>, dialect: DialectName, mut flow: Flow) -> Self {
        let status = flow.status;
        exchange.head(status.as_u16());
        let now = exchange.clock().now();
        let mut headers = facts(&exchange, dialect, now).done();
        headers.insert(CONTENT_TYPE, flow.content_type.clone());
        put_request_id(&mut headers, dialect, flow.request_id.take());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Self {
            status,
            headers,
            body: ReplyBody(Content::Stream(Tail::new(exchange, flow))),
        }
    }
}

/// The provider's id of the request, where SDKs of the dialect look for it.
fn put_request_id(headers: &mut HeaderMap, dialect: DialectName, id: Option<HeaderValue>) {
    if let Some(id) = id {
        headers.insert(client_dialect(dialect).request_id_header(), id);
    }
}

/// What every answer says of itself.
fn facts(exchange: &Exchange, dialect: DialectName, now: Now) -> Head {
    let mut head = Head::new();
    head.rate_limits(exchange.limits(), dialect, now.wall);
    let Some(row) = exchange.row() else { return head };
    head.id(headers::REQUEST_ID, row.id);
    if let (Some(provider), Some(model)) = (&row.provider, &row.model) {
        head.text(headers::PROVIDER, provider.as_str());
        head.text(headers::MODEL, model.as_str());
    }
    head.number(headers::ATTEMPTS, exchange.attempts());
    head.millis(headers::UPSTREAM_MS, row.upstream_us);
    head.millis(headers::OWN_MS, exchange.own_us(now));
    if let Some(rule) = &row.rule {
        head.text(headers::RULE, &rule.id);
    }
    if let Some(cap) = row.clamped {
        head.number(headers::CLAMPED, cap);
    }
    if !row.losses.is_empty() {
        head.text(headers::TRANSLATION, &shortly(&row.losses));
    }
    head
}

/// What a translation lost, in a line.
fn shortly(losses: &[Loss]) -> String {
    let mut line = String::new();
    for loss in losses.iter().take(16) {
        let gap = if line.is_empty() { "" } else { "; " };
        // Writing into a text cannot fail.
        let _ = write!(line, "{gap}{}={:?}", loss.field, loss.fate);
    }
    line.to_lowercase()
}

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Content::Whole {
                bytes,
                exchange,
                status,
            } => {
                exchange.close(*status);
                Poll::Ready(
                    bytes
                        .take()
                        .filter(|bytes| !bytes.is_empty())
                        .map(|bytes| Ok(Frame::data(bytes))),
                )
            }
            Content::Stream(tail) => tail.poll(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Content::Whole { bytes: None, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole { bytes, .. } => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}
