//! Addresses and headers.

use std::borrow::Cow;

use gateway_types::json::Slices;
use gateway_types::{DialectName, Error, Operation};
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

use super::betas;
use crate::target::{Site, Target};
use crate::transport::WireRequest;
use crate::{address, outgoing};

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// The version of the API that this folder speaks.
const SPOKEN: HeaderValue = HeaderValue::from_static("2023-06-01");
/// The same in a body for Vertex AI, where the path names the model and the body the version.
pub(super) const ON_VERTEX: &str = "vertex-2023-10-16";

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

/// Whether the path there names the model of that operation, so that the body must not.
pub(super) fn path_names_model(target: &Target, operation: Operation) -> bool {
    is_vertex(target) && operation != Operation::CountTokens
}

/// Whether the body there names the version.
pub(super) fn is_vertex(target: &Target) -> bool {
    matches!(target.site, Site::Vertex { .. })
}

/// A request for a chat turn, or for how long one is.
pub(super) fn post(target: &Target, operation: Operation, stream: bool, body: Slices) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Anthropic, operation, stream)?;
    Ok(outgoing::sliced(uri, outgoing::JSON, outgoing::JSON, body))
}

/// A request for the first page of models.
pub(super) fn list(target: &Target) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Anthropic, Operation::Models, false)?;
    let mut wire = outgoing::get(first_page(uri));
    head(target, &HeaderMap::new(), &[], &mut wire);
    Ok(wire)
}

fn first_page(uri: Uri) -> Uri {
    match uri.query() {
        Some(_) => uri,
        None => format!("{uri}?limit=1000").parse().unwrap_or(uri),
    }
}

/// The client's own version and betas are let through, and nothing else of it; `needed` are betas that what is said needs.
pub(super) fn head(target: &Target, client: &HeaderMap, needed: &[&'static str], wire: &mut WireRequest) {
    if !is_vertex(target) {
        let version = client.get(&VERSION).cloned().unwrap_or(SPOKEN);
        wire.headers.insert(VERSION, version);
    }
    betas::put(target, client, needed, &mut wire.headers);
}
