//! Addresses and headers ("Amazon Bedrock Runtime" and "Amazon Bedrock", API Reference).

use std::borrow::Cow;

use gateway_types::json::{Edit, Slices, splice};
use gateway_types::{Call, DialectName, Error, Operation};
use http::{HeaderMap, HeaderValue};
use smallvec::SmallVec;

use super::caps::bound;
use super::decode::FALLBACKS;
use super::model::Model;
use crate::address::{self, segment};
use crate::lane::Cap;
use crate::outgoing;
use crate::target::Target;
use crate::transport::WireRequest;

/// The media type of streams.
pub(super) const STREAM: &str = "application/vnd.amazon.eventstream";

/// What a client says in headers of a model's own request.
const LET_THROUGH: [&str; 7] = [
    "x-amzn-bedrock-accept",
    "x-amzn-bedrock-guardrailidentifier",
    "x-amzn-bedrock-guardrailversion",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-request-metadata",
    "x-amzn-bedrock-service-tier",
    "x-amzn-bedrock-trace",
];

/// The path of an operation. Vectors and ranks are made by asking the model itself.
pub(super) fn path(target: &Target, operation: Operation, stream: bool) -> Cow<'static, str> {
    let what = match operation {
        Operation::Models => return Cow::Borrowed("/foundation-models"),
        Operation::Invoke if stream => "invoke-with-response-stream",
        Operation::Invoke | Operation::Embeddings | Operation::Rerank => "invoke",
        Operation::CountTokens => "count-tokens",
        _ if stream => "converse-stream",
        _ => "converse",
    };
    let id = target.model.as_str();
    let id = match operation {
        // Tokens are counted by models, not by the profiles that spread them over regions.
        Operation::CountTokens if !id.starts_with("arn:") => Model::of(id).bare,
        _ => id,
    };
    Cow::Owned(format!("/model/{}/{what}", segment(id)))
}

/// A request with a body of ours.
pub(super) fn post(target: &Target, operation: Operation, stream: bool, body: Vec<u8>) -> Result<WireRequest, Error> {
    // What reranks elsewhere has a host of its own; here it is a model like others.
    let asked = match operation {
        Operation::Rerank if !target.path_overrides.contains_key(&operation) => Operation::Invoke,
        _ => operation,
    };
    let uri = address::of(target, DialectName::Bedrock, asked, stream)?;
    Ok(outgoing::post(uri, accepted(stream), body))
}

fn accepted(stream: bool) -> HeaderValue {
    match stream {
        true => HeaderValue::from_static(STREAM),
        false => outgoing::JSON,
    }
}

/// Sends the client's bytes on, with the cap put in place and the gateway's own field taken out.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
    let body = &call.body;
    let mut edits: SmallVec<[Edit; 3]> = SmallVec::new();
    if let Some(fallbacks) = body.members.find(FALLBACKS) {
        edits.push(Edit::Remove(fallbacks.span.clone()));
    }
    if let Cap::AtMost(most) = cap
        && call.operation.generates()
    {
        edits.extend(bound(call, Model::of(target.family()), most));
    }
    let slices = match edits.is_empty() {
        true => Slices::one(body.bytes.clone()),
        false => splice(&body.bytes, &body.members, &edits),
    };
    let uri = address::of(target, DialectName::Bedrock, call.operation, call.stream)?;
    let given = body
        .content_type
        .as_deref()
        .and_then(|kind| HeaderValue::try_from(kind).ok());
    let mut wire = outgoing::sliced(uri, given.unwrap_or(outgoing::JSON), accepted(call.stream), slices);
    if call.operation == Operation::Invoke {
        outgoing::let_through(&LET_THROUGH, client, &mut wire);
    }
    Ok(wire)
}
