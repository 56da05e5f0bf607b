//! `POST /api/explain`: an inference request that is planned and not sent.

use gateway::{Arrival, Caller, Explanation, Suppose};
use gateway_types::{Asked, DialectName, Operation, RequestId};
use http::header::{AUTHORIZATION, COOKIE};
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::doc::Doc;
use super::{Call, Outcome, Route, route, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[route!(POST "/api/explain", Viewer, now explain,
    Doc::of("What would happen to a request, without sending it").details(EXPLAINS)
        .query::<ExplainQuery>().takes::<InferenceRequest>().gives::<Explanation>())];

const EXPLAINS: &str = "\
The body is a request as the inference API takes it: chat completions, completions or embeddings, told apart by `messages`, \
`prompt` and `input`. Headers that rules look at, tags (`x-bf-dim-…`) and `x-gateway-max-cost` are sent as headers. Whose \
call it would be is said by `virtual_key_id` or `operator`, else by the virtual key in the headers (in `x-bf-vk` where \
`Authorization` opens this API), else it is anonymous. What a caller would be refused for is told in `outcome.refusal`, \
with status 200: an error says that the body is no request, or names a virtual key that is not there. Nothing is held, \
counted or logged.";

/// Whose request it would be, and what is supposed of it.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct ExplainQuery {
    /// As the call of that virtual key.
    virtual_key_id: Option<String>,
    /// As the call of whoever manages the gateway, who needs no virtual key.
    operator: Option<bool>,
    /// As if its input were a text of that many tokens.
    input_tokens: Option<u64>,
    /// What lots are drawn from: a number, or the id of a request whose lots are to be drawn again.
    seed: Option<String>,
}

/// A request of the inference API.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "the line reads it")]
struct InferenceRequest {
    /// The model.
    model: String,
    /// The rest of it.
    #[schemars(flatten)]
    rest: Map<String, Value>,
}

/// Plans the request in the body. An `Authorization` that opens this API is no virtual key.
pub(super) fn explain(edge: &Edge, call: &Call) -> Outcome {
    let request = call.json()?;
    call.query
        .only(&["virtual_key_id", "operator", "input_tokens", "seed"])?;
    let mut headers = call.headers.clone();
    headers.remove(COOKIE);
    if call.who()?.by_authorization() {
        headers.remove(AUTHORIZATION);
    }
    let suppose = Suppose {
        input_tokens: call.query.number("input_tokens")?,
        seed: call.query.text("seed").map(seed).transpose()?,
    };
    let received = edge.now();
    let arrival = Arrival {
        id: RequestId::new(received),
        received,
        dialect: DialectName::OpenAi,
        asked: Asked::plain(operation(&request)),
        aim: None,
        caller: caller(edge, call)?,
        headers,
    };
    typed(&edge.line.explain(arrival, call.body.clone(), suppose)?)
}

fn caller(edge: &Edge, call: &Call) -> Result<Caller, ApiError> {
    let operator = call
        .query
        .word("operator", &[("true", true), ("false", false)], false)?;
    match (call.query.text("virtual_key_id"), operator) {
        (Some(_), true) => Err(ApiError::invalid(
            "a call is either that of a virtual key or the operator's: leave out `virtual_key_id` or `operator`",
        )),
        (Some(id), false) => {
            edge.gateway.control().virtual_key(id)?;
            Ok(Caller::Key(id.into()))
        }
        (None, true) => Ok(Caller::Operator),
        (None, false) => Ok(Caller::Presented),
    }
}

/// What lots are drawn from. That of a request is half of its id.
fn seed(text: &str) -> Result<u64, ApiError> {
    let of_request = || {
        let id: RequestId = serde_json::from_value(Value::from(text)).ok()?;
        Some(id.uuid().as_u64_pair().1)
    };
    text.parse().ok().or_else(of_request).ok_or_else(|| {
        let shown: String = text.chars().take(80).collect();
        ApiError::invalid(format!(
            "query parameter `seed`: `{shown}` is neither a number nor the id of a request"
        ))
    })
}

/// What a body asks for, by the member that only such bodies have.
fn operation(request: &Value) -> Operation {
    let has = |name| request.get(name).is_some();
    match (has("messages"), has("prompt"), has("input")) {
        (false, true, _) => Operation::Completions,
        (false, false, true) => Operation::Embeddings,
        _ => Operation::Chat,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_operation_is_read_from_the_body() {
        assert_eq!(operation(&json!({"model": "m", "messages": []})), Operation::Chat);
        assert_eq!(operation(&json!({"model": "m", "prompt": "p"})), Operation::Completions);
        assert_eq!(operation(&json!({"model": "m", "input": "i"})), Operation::Embeddings);
        assert_eq!(operation(&json!({"model": "m"})), Operation::Chat);
    }

    #[test]
    fn a_seed_is_a_number_or_that_of_a_request() {
        assert_eq!(seed("18446744073709551615").unwrap(), u64::MAX);
        assert_eq!(
            seed("0197a8c2-7c00-7000-8000-00000000002a").unwrap(),
            0x8000_0000_0000_002a
        );
        for wrong in ["-1", "1.5", "yesterday", "18446744073709551616"] {
            assert!(seed(wrong).is_err(), "{wrong}");
        }
    }
}
