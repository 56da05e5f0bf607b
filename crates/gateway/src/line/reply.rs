//! What goes back to the client: status, headers, and a body that settles as it passes.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use gateway_governance::governor::RateLimits;
use gateway_providers::client_dialect;
use gateway_types::{DialectName, Error};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body::{Frame, SizeHint};

use super::attempt::Done;
use super::exchange::Exchange;
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
    pub(super) fn whole(mut exchange: Exchange, dialect: DialectName, done: Done) -> Self {
        exchange.settled(&done.settled);
        exchange.first_content();
        let mut reply = Self::bytes(exchange, dialect, done.status, done.body, Status::Success);
        if let Some(content_type) = done.content_type {
            reply.headers.insert(CONTENT_TYPE, content_type);
        }
        put_request_id(&mut reply.headers, dialect, done.request_id);
        reply
    }

    pub(super) fn json(exchange: Exchange, dialect: DialectName, body: Bytes) -> Self {
        Self::bytes(exchange, dialect, StatusCode::OK, body, Status::Success)
    }

    pub(super) fn refusal(mut exchange: Exchange, dialect: DialectName, error: &Error) -> Self {
        exchange.failed(error);
        let speaker = client_dialect(dialect);
        let status = StatusCode::from_u16(speaker.status(error)).unwrap_or(StatusCode::BAD_GATEWAY);
        let body = speaker.error(error);
        if let Some(limited) = &error.limited
            && *exchange.limits() == RateLimits::default()
        {
            exchange.limited(headers::rate_limits_of(limited));
        }
        let mut reply = Self::bytes(exchange, dialect, status, body, Status::Error);
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

    fn bytes(mut exchange: Exchange, dialect: DialectName, status: StatusCode, body: Bytes, end: Status) -> Self {
        exchange.head(status.as_u16());
        exchange.passed(&body);
        let mut headers = facts(&exchange, dialect);
        if let Some(row) = exchange.row() {
            headers::put_cost(&mut headers, row.cost);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = ReplyBody(Content::Whole {
            bytes: Some(body),
            exchange: Box::new(exchange),
            status: end,
        });
        Self { status, headers, body }
    }

    pub(super) fn stream(mut exchange: Exchange, dialect: DialectName, mut flow: Flow) -> Self {
        let status = flow.status;
        exchange.head(status.as_u16());
        let mut headers = facts(&exchange, dialect);
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
fn facts(exchange: &Exchange, dialect: DialectName) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(18);
    headers::put_rate_limits(&mut headers, exchange.limits(), dialect, exchange.clock().now().wall);
    let Some(row) = exchange.row() else { return headers };
    headers::put(&mut headers, headers::REQUEST_ID, &row.id.to_string());
    if let (Some(provider), Some(model)) = (&row.provider, &row.model) {
        headers::put(&mut headers, headers::PROVIDER, provider.as_str());
        headers::put(&mut headers, headers::MODEL, model.as_str());
    }
    headers::put(&mut headers, headers::ATTEMPTS, &exchange.attempts().to_string());
    headers::put_millis(&mut headers, headers::UPSTREAM_MS, row.upstream_us);
    headers::put_millis(&mut headers, headers::OWN_MS, exchange.own_us());
    if let Some(rule) = &row.rule {
        headers::put(&mut headers, headers::RULE, &rule.id);
    }
    if let Some(cap) = row.clamped {
        headers::put(&mut headers, headers::CLAMPED, &cap.to_string());
    }
    if !row.losses.is_empty() {
        let short: Vec<_> = row
            .losses
            .iter()
            .take(16)
            .map(|loss| format!("{}={:?}", loss.field, loss.fate))
            .collect();
        headers::put(&mut headers, headers::TRANSLATION, &short.join("; ").to_lowercase());
    }
    headers
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
