//! Responses: the one body type that leaves the server, and the shapes that answers and errors take.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use gateway::{ControlError, Reply, ReplyBody};
use gateway_providers::client_dialect;
use gateway_types::{DialectName, Error, RequestId};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use serde_json::{Value, json};

use crate::edge::Busy;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-gateway-request-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// What is sent, and the mark that its connection has a request under way.
pub(crate) struct Body {
    bytes: Kind,
    /// Held until the last byte is out, so that a connection at work is not taken for an idle one.
    busy: Option<Busy>,
}

enum Kind {
    Whole(Option<Bytes>),
    Line(ReplyBody),
    Feed(Pin<Box<dyn Stream<Item = Bytes> + Send>>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

impl Body {
    /// All there is.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            bytes: Kind::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())),
            busy: None,
        }
    }

    /// What comes, until it ends.
    pub(crate) fn feed(stream: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self {
            bytes: Kind::Feed(Box::pin(stream)),
            busy: None,
        }
    }

    /// The same, marking its connection as busy.
    pub(crate) fn holding(mut self, busy: Busy) -> Self {
        self.busy = Some(busy);
        self
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.bytes {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Line(body) => Pin::new(body).poll_frame(cx),
            Kind::Feed(stream) => stream
                .as_mut()
                .poll_next(cx)
                .map(|next| next.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.bytes {
            Kind::Whole(bytes) => bytes.is_none(),
            Kind::Line(body) => body.is_end_stream(),
            Kind::Feed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.bytes {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Line(body) => body.size_hint(),
            Kind::Feed(_) => SizeHint::default(),
        }
    }
}

/// What the line answered.
pub(crate) fn reply(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body {
        bytes: Kind::Line(reply.body),
        busy: None,
    });
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

/// A JSON document.
pub(crate) fn json_with(status: StatusCode, value: &Value) -> Response<Body> {
    typed(status, "application/json", value.to_string())
}

/// Bytes of that type.
pub(crate) fn typed(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Nothing but a status.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// An error on an inference path, in the dialect of the path.
pub(crate) fn dialect_error(dialect: DialectName, id: RequestId, error: &Error) -> Response<Body> {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let speaker = client_dialect(dialect);
    let mut response = typed(status, "application/json", speaker.error(error));
    let headers = response.headers_mut();
    speaker.error_head(error, headers);
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(after) = error.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    if let Some(should) = error.should_retry() {
        headers.insert(
            SHOULD_RETRY,
            HeaderValue::from_static(if should { "true" } else { "false" }),
        );
    }
    response
}

/// An error of the management API: a status and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The status.
    pub(crate) status: StatusCode,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
    /// When it may be tried again.
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An error of that status.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(Duration::from_secs(1)),
        }
    }

    /// The same, to be tried again after that.
    pub(crate) fn after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// Wrong input.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// In the envelope that the reference's users know.
    pub(crate) fn response(&self) -> Response<Body> {
        let body = json!({
            "is_bifrost_error": false,
            "status_code": self.status.as_u16(),
            "error": { "message": self.message },
            "extra_fields": {},
        });
        let mut response = json_with(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"gateway\"");
            response.headers_mut().insert(http::header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        let status = match &error {
            ControlError::Invalid(_) => StatusCode::BAD_REQUEST,
            ControlError::NotFound(_) => StatusCode::NOT_FOUND,
            ControlError::Conflict(_) => StatusCode::CONFLICT,
            ControlError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.to_string())
    }
}

impl From<gateway::ports::StoreError> for ApiError {
    fn from(error: gateway::ports::StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, error.message)
    }
}

/// What a browser may do with anything of the gateway's: load what the gateway itself serves, and be in no frame.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";

/// The headers of the dashboard's page: it may make style elements that carry its nonce, and run scripts of the gateway's
/// files only.
pub(crate) fn secure_page(headers: &mut HeaderMap, nonce: &str) {
    secure(headers);
    let policy = format!("{POLICY}; script-src 'self'; style-src 'self' 'nonce-{nonce}'");
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// The headers of everything that a browser may show or an operator may read.
pub(crate) fn secure(headers: &mut HeaderMap) {
    const SECURITY: [(&str, &str); 5] = [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", POLICY),
    ];
    for (name, value) in SECURITY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
