//! What every request to a provider of this dialect has in common: where it goes, and its headers.

use gateway_types::json::Slices;
use gateway_types::{Error, ErrorKind, Operation};
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::kind::Auth;
use crate::target::Target;
use crate::transport::WireRequest;

/// The client's headers that go on. `openai-organization` and `openai-project` do not: they belong to the client's
/// account, and the credential that goes upstream is the gateway's.
const PASSED_ON: [&str; 2] = ["openai-beta", "x-client-request-id"];

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

/// A request with a body.
pub(super) fn post(
    target: &Target,
    operation: Operation,
    stream: bool,
    client: &HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accept = if stream {
        "text/event-stream"
    } else {
        "application/json"
    };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    for name in PASSED_ON {
        for value in client.get_all(name) {
            headers.append(HeaderName::from_static(name), value.clone());
        }
    }
    finish(target, Method::POST, operation, headers, body)
}

/// A request without one.
pub(super) fn get(target: &Target, operation: Operation) -> Result<WireRequest, Error> {
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    finish(target, Method::GET, operation, headers, Slices::default())
}

fn finish(
    target: &Target,
    method: Method,
    operation: Operation,
    mut headers: HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    // Some vendors refuse those who do not say what they are.
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("gateway/", env!("CARGO_PKG_VERSION"))),
    );
    // What is compressed cannot be watched as it passes.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    authorise(target, &mut headers)?;
    for name in target
        .extra_headers
        .keys()
        .filter(|name| !TRANSPORT.contains(&name.as_str()))
    {
        headers.remove(name);
        for value in target.extra_headers.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    Ok(WireRequest {
        method,
        uri: uri(target, operation)?,
        headers,
        body,
    })
}

fn authorise(target: &Target, headers: &mut HeaderMap) -> Result<(), Error> {
    let Some(secret) = &target.secret else { return Ok(()) };
    let (name, value) = match target.kind.auth {
        Auth::Bearer => (AUTHORIZATION, format!("Bearer {}", secret.expose())),
        Auth::Header(name) => (HeaderName::from_static(name), secret.expose().to_owned()),
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        let message = format!(
            "the key of the provider `{}` has characters that no header can hold",
            target.provider
        );
        Error::new(ErrorKind::UpstreamAuth, message)
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn uri(target: &Target, operation: Operation) -> Result<Uri, Error> {
    let path = target
        .path_overrides
        .get(&operation)
        .map_or_else(|| target.kind.path(operation), String::as_str);
    let joined = match path.starts_with('/') || path.contains("://") {
        true => target.base_url.join(path),
        false => target.base_url.join(&format!("/{path}")),
    };
    joined.ok_or_else(|| {
        let base = target.base_url.as_str();
        let message = format!(
            "the address of the provider `{}` is no URL: `{base}` and `{path}`",
            target.provider
        );
        Error::new(ErrorKind::UpstreamFailed, message)
    })
}
