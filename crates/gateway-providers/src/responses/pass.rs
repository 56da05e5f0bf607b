//! The client's own bytes on their way to a provider of the same dialect, and where all requests go. Only declared spans
//! change: the model's name, the cap, and the gateway's own members.

use bytes::Bytes;
use gateway_types::json::{Edit, Slices, splice};
use gateway_types::{Call, DialectName, Error, Operation};
use http::HeaderMap;
use smallvec::SmallVec;

use super::decode::{CAP, CONTINUED, KEYS};
use crate::facts::{member, value};
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

/// The client's headers that go on.
const PASSED_ON: [&str; 2] = ["openai-beta", "x-client-request-id"];

/// The path of an operation.
pub(super) fn path(operation: Operation) -> &'static str {
    match operation {
        Operation::CountTokens => "/v1/responses/input_tokens",
        Operation::Models => "/v1/models",
        _ => "/v1/responses",
    }
}

/// Sends a call on.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
    let members = &call.body.members;
    let mut edits: SmallVec<[Edit; 4]> = SmallVec::new();
    let name = serde_json::Value::from(target.model.as_str()).to_string();
    match member(call, KEYS, "model") {
        Some(_) if call.model == target.model => {}
        Some(member) => edits.push(Edit::Replace(member.value.clone(), Bytes::from(name))),
        // The path named it.
        None => edits.push(Edit::Insert(Bytes::from(format!("\"model\":{name}")))),
    }
    for own in ["fallbacks", CONTINUED] {
        edits.extend(member(call, KEYS, own).map(|member| Edit::Remove(member.span.clone())));
    }
    if let (Cap::AtMost(most), Operation::Responses) = (cap, call.operation) {
        edits.extend(lowered(call, most));
    }
    let body = splice(&call.body.bytes, members, &edits);
    post(target, call.operation, call.stream, client, body)
}

/// The cap put in, or lowered. A cap of 0 means no cap to some servers, so 1 is said in its place.
fn lowered(call: &Call, most: u64) -> Option<Edit> {
    let said = |given: Option<u64>| given.unwrap_or(most).clamp(1, most.max(1));
    let Some(member) = member(call, KEYS, CAP) else {
        return Some(Edit::Insert(Bytes::from(format!("\"{CAP}\":{}", said(None)))));
    };
    let given = value(call, KEYS, CAP).and_then(|value| serde_json::from_slice(value).ok());
    let edit = || Edit::Replace(member.value.clone(), Bytes::from(said(given).to_string()));
    (given != Some(said(given))).then(edit)
}

/// A request with a body.
pub(super) fn post(
    target: &Target,
    operation: Operation,
    stream: bool,
    client: &HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Responses, operation, stream)?;
    let accept = if stream { outgoing::EVENTS } else { outgoing::JSON };
    let mut wire = outgoing::sliced(uri, outgoing::JSON, accept, body);
    let_in(client, &mut wire);
    Ok(wire)
}

/// Lets the client's headers in.
pub(super) fn let_in(client: &HeaderMap, wire: &mut WireRequest) {
    outgoing::let_through(&PASSED_ON, client, wire);
}
