//! What every request to a provider has in common: who asks, with what it is let in, and what the operator adds.

use bytes::Bytes;
use gateway_types::json::Slices;
use gateway_types::{Error, ErrorKind};
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::cloud::Access;
use crate::kind::Auth;
use crate::target::Target;
use crate::transport::WireRequest;

/// Headers that are the transport's, whatever an operator writes.
const TRANSPORT: [&str; 9] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "proxy-authorization",
];

/// Room for what most requests have, so that the map of them does not grow: these two, and what [`complete`] and the
/// transport add.
const HEADERS: usize = 10;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(crate) const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");

/// A request with a JSON body.
pub(crate) fn post(uri: Uri, accept: HeaderValue, body: impl Into<Bytes>) -> WireRequest {
    sliced(uri, JSON, accept, Slices::one(body.into()))
}

/// A request with a body in slices.
pub(crate) fn sliced(uri: Uri, content_type: HeaderValue, accept: HeaderValue, body: Slices) -> WireRequest {
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(ACCEPT, accept);
    WireRequest {
        method: Method::POST,
        uri,
        headers,
        body,
    }
}

/// A request without a body.
pub(crate) fn get(uri: Uri) -> WireRequest {
    WireRequest {
        method: Method::GET,
        uri,
        headers: HeaderMap::from_iter([(ACCEPT, JSON)]),
        body: Slices::default(),
    }
}

/// Lets the client's headers of those names go on.
pub(crate) fn let_through(names: &[&'static str], client: &HeaderMap, wire: &mut WireRequest) {
    for name in names {
        for value in client.get_all(*name) {
            wire.headers.append(HeaderName::from_static(name), value.clone());
        }
    }
}

/// Adds what is the same for every dialect. What the operator adds comes last and wins, except over the transport's own.
pub(crate) fn complete(wire: &mut WireRequest, target: &Target) -> Result<(), Error> {
    // Some vendors refuse those who do not say what they are.
    wire.headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("gateway/", env!("CARGO_PKG_VERSION"))),
    );
    // What is compressed cannot be watched as it passes.
    wire.headers
        .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some((name, value)) = credential(target)? {
        // Claude on Azure reads its own header.
        if name == "api-key" && wire.uri.path().starts_with("/anthropic/") {
            wire.headers.insert("x-api-key", value.clone());
        }
        wire.headers.insert(name, value);
    }
    let added = target.extra_headers.keys();
    for name in added.filter(|name| !TRANSPORT.contains(&name.as_str())) {
        // Names of features in trial add up.
        if name != "anthropic-beta" {
            wire.headers.remove(name);
        }
        for value in target.extra_headers.get_all(name) {
            wire.headers.append(name.clone(), value.clone());
        }
    }
    Ok(())
}

fn credential(target: &Target) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
    let bearer = |secret: &gateway_types::Secret| (AUTHORIZATION, ["Bearer ", secret.expose()].concat());
    let (name, text) = match (&target.access, target.kind.auth) {
        (Access::None | Access::Aws(_), _) => return Ok(None),
        (Access::Bearer(secret), _) | (Access::Key(secret), Auth::Bearer) => bearer(secret),
        (Access::Key(secret), Auth::Header(name)) => (HeaderName::from_static(name), secret.expose().to_owned()),
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        let message = format!(
            "the key of the provider `{}` has characters that no header can hold",
            target.provider
        );
        Error::new(ErrorKind::UpstreamAuth, message)
    })?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}
