//! Addresses and headers.

use std::borrow::Cow;

use gateway_types::json::Slices;
use gateway_types::{DialectName, Error, Operation};
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// Names the features in trial that a request uses.
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");
/// The version of the API that this folder speaks.
const SPOKEN: HeaderValue = HeaderValue::from_static("2023-06-01");
/// The feature in trial that stored files are.
pub(super) const FILES: &str = "files-api-2025-04-14";

/// The path of an operation.
pub(super) fn path(_: &Target, operation: Operation, _: bool) -> Cow<'static, str> {
    Cow::Borrowed(match operation {
        Operation::CountTokens => "/v1/messages/count_tokens",
        Operation::Batches => "/v1/messages/batches",
        Operation::Files => "/v1/files",
        Operation::Models => "/v1/models",
        _ => "/v1/messages",
    })
}

/// A request for a chat turn.
pub(super) fn post(
    target: &Target,
    stream: bool,
    body: Slices,
    client: &HeaderMap,
    betas: &[&'static str],
) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Anthropic, Operation::Chat, stream)?;
    let mut wire = outgoing::sliced(uri, outgoing::JSON, outgoing::JSON, body);
    common(&mut wire, client, betas);
    Ok(wire)
}

/// A request for the first page of models.
pub(super) fn list(target: &Target) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Anthropic, Operation::Models, false)?;
    let mut wire = outgoing::get(first_page(uri));
    common(&mut wire, &HeaderMap::new(), &[]);
    Ok(wire)
}

fn first_page(uri: Uri) -> Uri {
    match uri.query() {
        Some(_) => uri,
        None => format!("{uri}?limit=1000").parse().unwrap_or(uri),
    }
}

/// The client's own version and betas are let through, and nothing else of it.
fn common(wire: &mut WireRequest, client: &HeaderMap, betas: &[&'static str]) {
    let version = client.get(&VERSION).cloned().unwrap_or(SPOKEN);
    wire.headers.insert(VERSION, version);
    for beta in client.get_all(&BETA) {
        wire.headers.append(BETA, beta.clone());
    }
    for beta in betas {
        wire.headers.append(BETA, HeaderValue::from_static(beta));
    }
}
