//! Addresses and headers.

use gateway_types::json::Slices;
use gateway_types::{Error, ErrorKind, Operation};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

use crate::kind::Auth;
use crate::target::Target;
use crate::transport::WireRequest;

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// Names the features in trial that a request uses.
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");
/// The version of the API that this folder speaks.
const SPOKEN: HeaderValue = HeaderValue::from_static("2023-06-01");
/// The feature in trial that stored files are.
pub(super) const FILES: &str = "files-api-2025-04-14";

/// A request for a chat turn.
pub(super) fn post(
    target: &Target,
    body: Slices,
    client: &HeaderMap,
    betas: &[&'static str],
) -> Result<WireRequest, Error> {
    let mut headers = common(target, client, betas)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let path = path(target, Operation::Chat);
    wire(Method::POST, target, path, headers, body)
}

/// A request for the first page of models.
pub(super) fn list(target: &Target) -> Result<WireRequest, Error> {
    let headers = common(target, &HeaderMap::new(), &[])?;
    let path = path(target, Operation::Models);
    let first = if path.contains('?') {
        path.to_owned()
    } else {
        format!("{path}?limit=1000")
    };
    wire(Method::GET, target, &first, headers, Slices::default())
}

/// The operator's path, or the usual one.
fn path(target: &Target, operation: Operation) -> &str {
    match target.path_overrides.get(&operation) {
        Some(path) => path,
        None => target.kind.path(operation),
    }
}

fn wire(method: Method, target: &Target, path: &str, headers: HeaderMap, body: Slices) -> Result<WireRequest, Error> {
    let uri = target.base_url.join(path).ok_or_else(|| {
        let message = format!(
            "`{path}` does not make a URL with the base URL of provider `{}`",
            target.provider
        );
        Error::new(ErrorKind::UpstreamFailed, message)
    })?;
    Ok(WireRequest {
        method,
        uri,
        headers,
        body,
    })
}

/// The client's own version and betas are let through, and nothing else of it; what the operator adds comes last and wins.
fn common(target: &Target, client: &HeaderMap, betas: &[&'static str]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(VERSION, client.get(&VERSION).cloned().unwrap_or(SPOKEN));
    for beta in client.get_all(&BETA) {
        headers.append(BETA, beta.clone());
    }
    for beta in betas {
        headers.append(BETA, HeaderValue::from_static(beta));
    }
    if let Some((name, value)) = credential(target)? {
        headers.insert(name, value);
    }
    for name in target.extra_headers.keys() {
        if name != BETA {
            headers.remove(name);
        }
        for value in target.extra_headers.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    Ok(headers)
}

fn credential(target: &Target) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
    let Some(secret) = &target.secret else { return Ok(None) };
    let (name, value) = match target.kind.auth {
        Auth::Bearer => (
            AUTHORIZATION,
            HeaderValue::try_from(format!("Bearer {}", secret.expose())),
        ),
        Auth::Header(name) => (HeaderName::from_static(name), HeaderValue::from_str(secret.expose())),
    };
    let mut value = value.map_err(|_| {
        let message = format!(
            "the key of provider `{}` holds characters that no header can carry",
            target.provider
        );
        Error::new(ErrorKind::UpstreamAuth, message)
    })?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}
