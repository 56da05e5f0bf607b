//! The client's own bytes on their way to a provider of the same dialect. Only declared spans change: the model, the cap, the
//! gateway's own `fallbacks`, and the version where a site wants it in the body.

use bytes::Bytes;
use gateway_types::json::{Edit, splice};
use gateway_types::{Call, Error, ErrorKind, Operation};
use http::HeaderMap;
use smallvec::SmallVec;

use super::decode::{FALLBACKS, MAX_TOKENS, MODEL, VERSION};
use super::{http as wire_http, request};
use crate::dialect::undone;
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;

type Edits = SmallVec<[Edit; 4]>;

/// Sends a call on.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
    if !matches!(call.operation, Operation::Chat | Operation::CountTokens) {
        return Err(undone(target, call.operation));
    }
    let mut edits = Edits::new();
    model(call, target, &mut edits)?;
    version(call, target, &mut edits);
    if call.operation == Operation::Chat {
        edits.extend(cap_edit(call, target, cap));
    }
    if let Some(fallbacks) = call.body.members.find(FALLBACKS) {
        edits.push(Edit::Remove(fallbacks.span.clone()));
    }
    let body = splice(&call.body.bytes, &call.body.members, &edits);
    let mut wire = wire_http::post(target, call.operation, call.stream, body)?;
    wire_http::head(target, client, &[], &mut wire);
    Ok(wire)
}

fn model(call: &Call, target: &Target, edits: &mut Edits) -> Result<(), Error> {
    let said = call.body.members.find(MODEL);
    if wire_http::path_names_model(target, call.operation) {
        edits.extend(said.map(|model| Edit::Remove(model.span.clone())));
        return Ok(());
    }
    let name = serde_json::to_string(target.model.as_str())
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    match said {
        Some(model) if call.body.bytes.get(model.value.clone()) == Some(name.as_bytes()) => {}
        Some(model) => edits.push(Edit::Replace(model.value.clone(), name.into())),
        None => edits.push(Edit::Insert(format!("\"model\":{name}").into())),
    }
    Ok(())
}

fn version(call: &Call, target: &Target, edits: &mut Edits) {
    match (wire_http::is_vertex(target), call.body.members.find(VERSION)) {
        (true, None) => {
            let member = format!("\"anthropic_version\":\"{}\"", wire_http::ON_VERTEX);
            edits.push(Edit::Insert(member.into()));
        }
        (false, Some(version)) => edits.push(Edit::Remove(version.span.clone())),
        _ => {}
    }
}

/// The cap; the API insists on one.
fn cap_edit(call: &Call, target: &Target, cap: Cap) -> Option<Edit> {
    let said = call.body.members.find(MAX_TOKENS);
    let Some(asked) = call.caps.largest else {
        let most = Bytes::from(request::cap(None, target, cap).to_string());
        return Some(match said {
            Some(null) => Edit::Replace(null.value.clone(), most),
            None => Edit::Insert([&b"\"max_tokens\":"[..], &most].concat().into()),
        });
    };
    let (Cap::AtMost(most), Some(said)) = (cap, said) else {
        return None;
    };
    (asked > most).then(|| Edit::Replace(said.value.clone(), most.to_string().into()))
}
