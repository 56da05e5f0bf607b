//! Where requests to a provider of this dialect go, and the client's own bytes on their way there: only declared spans change.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::json::{Edit, Slices, splice};
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;
use smallvec::SmallVec;

use super::decode::KEYS;
use crate::dialect::undone;
use crate::facts::{member, value};
use crate::lane::Cap;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

/// The client's headers that go on: the name of the project that asks, which shows in the vendor's dashboard.
const PASSED_ON: [&str; 1] = ["x-client-name"];

/// The path of an operation.
pub(super) fn path(operation: Operation) -> Cow<'static, str> {
    Cow::Borrowed(match operation {
        Operation::Embeddings => "/v2/embed",
        Operation::Rerank => "/v2/rerank",
        Operation::Models => "/v1/models",
        _ => "/v2/chat",
    })
}

/// A request with a body.
pub(super) fn post(
    target: &Target,
    operation: Operation,
    stream: bool,
    client: &HeaderMap,
    body: impl Into<Bytes>,
) -> Result<WireRequest, Error> {
    sliced(target, operation, stream, client, Slices::one(body.into()))
}

fn sliced(
    target: &Target,
    operation: Operation,
    stream: bool,
    client: &HeaderMap,
    body: Slices,
) -> Result<WireRequest, Error> {
    let uri = address::of(target, DialectName::Cohere, operation, stream)?;
    let accept = if stream { outgoing::EVENTS } else { outgoing::JSON };
    let mut wire = outgoing::sliced(uri, outgoing::JSON, accept, body);
    outgoing::let_through(&PASSED_ON, client, &mut wire);
    Ok(wire)
}

/// Sends the client's bytes on, with its model and its cap put in place and the gateway's own field taken out.
pub(super) fn pass(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
    if !matches!(
        call.operation,
        Operation::Chat | Operation::Embeddings | Operation::Rerank
    ) {
        return Err(undone(target, call.operation));
    }
    let mut edits: SmallVec<[Edit; 3]> = SmallVec::new();
    if call.model != target.model {
        let member = member(call, KEYS, "model");
        let member = member.ok_or_else(|| Error::new(ErrorKind::Internal, "a decoded body has no `model`"))?;
        let name = Bytes::from(serde_json::Value::from(target.model.as_str()).to_string());
        edits.push(Edit::Replace(member.value.clone(), name));
    }
    edits.extend(member(call, KEYS, "fallbacks").map(|fallbacks| Edit::Remove(fallbacks.span.clone())));
    if let (Operation::Chat, Cap::AtMost(most)) = (call.operation, cap) {
        edits.extend(lower(call, most));
    }
    let body = splice(&call.body.bytes, &call.body.members, &edits);
    sliced(target, call.operation, call.stream, client, body)
}

/// The cap at its place, unless the client's own is as low.
fn lower(call: &Call, most: u64) -> Option<Edit> {
    // Nothing at all cannot be asked for.
    let most = most.max(1);
    let said = Bytes::from(most.to_string());
    let Some(member) = member(call, KEYS, "max_tokens") else {
        return Some(Edit::Insert(Bytes::from(format!("\"max_tokens\":{most}"))));
    };
    let given: Option<u64> = value(call, KEYS, "max_tokens").and_then(|text| serde_json::from_slice(text).ok());
    (given.is_none_or(|given| given > most)).then(|| Edit::Replace(member.value.clone(), said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Access;
    use crate::target::BaseUrl;
    use gateway_types::Asked;

    fn target() -> Target {
        let base = BaseUrl::parse("http://host/v2").unwrap();
        Target::plain(
            "there",
            crate::kind::kind("cohere").unwrap(),
            base,
            "served",
            Access::None,
        )
    }

    fn passed(operation: Operation, cap: Cap, body: &str) -> String {
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        let call = super::super::decode::decode(&Asked::plain(operation), bytes).unwrap();
        let wire = pass(&call, &target(), cap, &HeaderMap::new()).unwrap();
        String::from_utf8(wire.body.concat().to_vec()).unwrap()
    }

    #[test]
    fn bytes_outside_the_declared_spans_are_the_clients() {
        let body =
            "{ \"p\" : 0.50,\n \"model\":\"m\", \"x\":{\"model\":1},\t\"messages\":[ ],\"fallbacks\":[\"a/b\"] }";
        let expected = body
            .replace("\"m\"", "\"served\"")
            .replace(",\"fallbacks\":[\"a/b\"]", "");
        assert_eq!(passed(Operation::Chat, Cap::Client, body), expected);
    }

    #[test]
    fn a_cap_is_lowered_where_it_is_given_and_put_in_where_it_is_not() {
        let with = |cap: &str| format!(r#"{{"model":"served",{cap}"messages":[]}}"#);
        for (given, sent) in [
            (
                with(""),
                String::from(r#"{"model":"served","messages":[],"max_tokens":50}"#),
            ),
            (with(r#""max_tokens":99,"#), with(r#""max_tokens":50,"#)),
            (with(r#""max_tokens":null,"#), with(r#""max_tokens":50,"#)),
            (with(r#""max_tokens":9,"#), with(r#""max_tokens":9,"#)),
        ] {
            assert_eq!(passed(Operation::Chat, Cap::AtMost(50), &given), sent);
            assert_eq!(passed(Operation::Chat, Cap::Client, &given), given);
        }
        let embed = r#"{"model":"served","texts":["a"],"max_tokens":99}"#;
        assert_eq!(
            passed(Operation::Embeddings, Cap::AtMost(50), embed),
            embed,
            "that is no cap on output"
        );
    }
}
