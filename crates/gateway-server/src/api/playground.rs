//! The playground: a chat in the name of a virtual key, by whoever manages the gateway. It is the key's own call: the same
//! line, the same limits, the same books; only that nobody has to know the key's value, and that it is audited.

use std::sync::Arc;

use gateway::{Arrival, Caller};
use gateway_types::{Asked, DialectName, Error, Operation, RequestId};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::doc::Doc;
use super::{Call, Outcome, Route, route};
use crate::respond;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/playground/chat/completions", Operator, later complete,
        Doc::of("Makes a chat completion in the name of a virtual key").details(COMPLETES)
            .query::<PlaygroundQuery>().takes::<ChatCompletion>().as_inference()),
];

const COMPLETES: &str = "\
Request, answer, stream, headers and errors are those of `POST /v1/chat/completions`. The call is booked on the key that \
`virtual_key_id` names, within its limits, whatever its value; without it, on nobody, as the operator's own. It is in the log \
under the tag `source: playground`, and in the audit log as `playground.call`, without what is said. A key that is not there \
is 404, and whoever may not call here is refused, as everywhere in this API.";

/// Whose call it is.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct PlaygroundQuery {
    /// The virtual key that it is booked on; none: the operator's own call.
    virtual_key_id: Option<String>,
}

/// A chat completion request, as OpenAI documents it.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "the line reads it")]
struct ChatCompletion {
    /// The model.
    model: String,
    /// What was said so far.
    messages: Vec<Value>,
    /// Whether the answer is to come as it is made.
    stream: Option<bool>,
}

/// What such calls are found by in the log.
const TAG: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-bf-dim-source"),
    HeaderValue::from_static("playground"),
);

async fn complete(edge: Arc<Edge>, call: Call) -> Outcome {
    let received = edge.now();
    let id = RequestId::new(received);
    if let Err(error) = call.query.only(&["virtual_key_id"]) {
        let error = Error::invalid("virtual_key_id", error.message);
        return Ok(respond::dialect_error(DialectName::OpenAi, id, &error));
    }
    let key = call.query.text("virtual_key_id");
    let target = key.map_or_else(|| "operator".to_owned(), |id| format!("virtual_key/{id}"));
    let details = json!({ "request_id": id.to_string(), "model": model(&call) });
    let control = edge.gateway.control();
    if let Some(key) = key {
        control.virtual_key(key)?;
    }
    control
        .audit(call.author.as_str(), "playground.call", &target, details)
        .await?;
    let mut headers = call.headers;
    headers.remove(AUTHORIZATION);
    headers.remove(COOKIE);
    headers.insert(TAG.0, TAG.1);
    let turn = edge.line.open(Arrival {
        id,
        received,
        dialect: DialectName::OpenAi,
        asked: Asked::plain(Operation::Chat),
        aim: None,
        caller: key.map_or(Caller::Operator, |id| Caller::Key(id.into())),
        headers,
    });
    Ok(respond::reply(match turn {
        Ok(turn) => turn.run(call.body).await,
        Err(refusal) => *refusal,
    }))
}

/// The model, for the audit log; the line tells what is wrong with a body.
fn model(call: &Call) -> Option<String> {
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    Some(body["model"].as_str()?.chars().take(200).collect())
}
