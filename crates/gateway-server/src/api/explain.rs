//! `POST /api/explain`: an inference request that is planned and not sent.

use gateway::{Arrival, Caller};
use gateway_types::{Asked, DialectName, Operation, RequestId};
use http::header::AUTHORIZATION;
use serde_json::Value;

use super::{Call, Outcome, Route, ok, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[route!(POST "/api/explain", Viewer, now explain)];

/// Plans the request in the body for the virtual key in the headers. An `Authorization` that opens this API is no virtual
/// key; beside it the key goes into `x-bf-vk`.
pub(super) fn explain(edge: &Edge, call: &Call) -> Outcome {
    let request = call.json()?;
    let mut headers = call.headers.clone();
    if call.who()?.by_authorization() {
        headers.remove(AUTHORIZATION);
    }
    let received = edge.now();
    let arrival = Arrival {
        id: RequestId::new(received),
        received,
        dialect: DialectName::OpenAi,
        asked: Asked::plain(operation(&request)),
        aim: None,
        caller: Caller::Presented,
        headers,
    };
    ok(&edge.line.explain(arrival, call.body.clone())?)
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
}
