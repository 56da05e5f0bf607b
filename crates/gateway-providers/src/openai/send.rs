//! Where requests to a provider of this dialect go, and which of the client's headers go with them.

use std::borrow::Cow;

use gateway_types::json::Slices;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

/// The client's headers that go on. `openai-organization` and `openai-project` do not: they belong to the client's
/// account, and the credential that goes upstream is the gateway's.
const PASSED_ON: [&str; 2] = ["openai-beta", "x-client-request-id"];

/// The path of an operation.
pub(super) fn path(_: &Target, operation: Operation) -> Cow<'static, str> {
    Cow::Borrowed(match operation {
        Operation::Completions => "/v1/completions",
        Operation::Embeddings => "/v1/embeddings",
        Operation::Rerank => "/v1/rerank",
        Operation::Moderations => "/v1/moderations",
        Operation::ImageGeneration => "/v1/images/generations",
        Operation::ImageEdit => "/v1/images/edits",
        Operation::ImageVariation => "/v1/images/variations",
        Operation::Speech => "/v1/audio/speech",
        Operation::Transcription => "/v1/audio/transcriptions",
        Operation::Translation => "/v1/audio/translations",
        Operation::Files => "/v1/files",
        Operation::Batches => "/v1/batches",
        Operation::Models => "/v1/models",
        _ => "/v1/chat/completions",
    })
}

/// A request with a body.
pub(super) fn post(
    target: &Target,
    operation: Operation,
    stream: bool,
    client: &HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::OpenAi, operation, stream)?;
    let mut wire = outgoing::sliced(uri, outgoing::JSON, accept(operation, stream), body);
    outgoing::let_through(&PASSED_ON, client, &mut wire);
    Ok(wire)
}

/// What may come back: sound and subtitles have many types.
fn accept(operation: Operation, stream: bool) -> HeaderValue {
    match operation {
        _ if stream => outgoing::EVENTS,
        Operation::Speech | Operation::Transcription | Operation::Translation => HeaderValue::from_static("*/*"),
        _ => outgoing::JSON,
    }
}

/// A request whose body is a form.
pub(super) fn form(
    call: &Call,
    target: &Target,
    content_type: &str,
    client: &HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    let mut wire = post(target, call.operation, call.stream, client, body)?;
    let content_type = HeaderValue::from_str(content_type).map_err(|_| {
        Error::new(
            ErrorKind::Invalid,
            "the content type has characters that no header can hold",
        )
    })?;
    wire.headers.insert(CONTENT_TYPE, content_type);
    Ok(wire)
}

/// A request without one.
pub(super) fn get(target: &Target, operation: Operation) -> Result<WireRequest, Error> {
    address::of(target, DialectName::OpenAi, operation, false).map(outgoing::get)
}
