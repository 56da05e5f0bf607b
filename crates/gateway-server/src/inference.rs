//! A call of the inference API: from its head to the line, and the line's reply back out.

use std::net::SocketAddr;

use bytes::Bytes;
use gateway::Arrival;
use gateway_types::json::{Edit, scan, splice};
use gateway_types::{DialectName, Error, ErrorKind, Operation, RequestId};
use http::{Request, Response};
use hyper::body::Incoming;

use crate::access::Origin;
use crate::api::query::decoded;
use crate::body::{self, Framing, Pace};
use crate::edge::worker::Worker;
use crate::respond::{self, Body};
use crate::state::Edge;

/// The setting that limits bodies, for the refusal.
const SETTING: &str = "client setting max_request_body_size_mb";

/// What a path asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The shape of the body.
    pub(crate) dialect: DialectName,
    /// What is to be done.
    pub(crate) operation: Operation,
    /// The model, where the path names it, percent-encoded.
    pub(crate) deployment: Option<String>,
}

/// Answers one call. A client that leaves drops this, or the reply's body: the line settles either way.
pub(crate) async fn answer(
    worker: &Worker,
    peer: SocketAddr,
    asked: Asked,
    request: Request<Incoming>,
) -> Response<Body> {
    let Asked {
        dialect,
        operation,
        deployment,
    } = asked;
    let received = worker.edge.now();
    let id = RequestId::new(received);
    let (head, incoming) = request.into_parts();
    if let Err(error) = admit_anonymous(
        &worker.edge,
        Origin {
            peer,
            uri: &head.uri,
            headers: &head.headers,
        },
    ) {
        return respond::dialect_error(dialect, id, &error);
    }
    let pause = worker.edge.limits.body_pause;
    let pace = move |most| Pace {
        most,
        named: SETTING,
        pause,
    };
    let framing = Framing::of(&head.headers);
    let turn = match worker.line.open(Arrival {
        id,
        received,
        dialect,
        operation,
        headers: head.headers,
    }) {
        Ok(turn) => turn,
        Err(refusal) => {
            // Nothing of it is wanted; reading it away lets the client see why.
            tokio::spawn(async move { body::read(&framing, incoming, pace(0)).await.map(drop) });
            return respond::reply(*refusal);
        }
    };
    if operation == Operation::Models {
        return match deployment.map(|name| model_in(&name)) {
            None => respond::reply(turn.run(Bytes::new()).await),
            Some(Ok(name)) => respond::reply(turn.model(&name)),
            Some(Err(error)) => respond::reply(turn.refuse(&error)),
        };
    }
    match body::read(&framing, incoming, pace(turn.body_limit())).await {
        Ok(bytes) => match deployment.map_or(Ok(bytes.clone()), |name| for_model(&name, &bytes)) {
            Ok(bytes) => respond::reply(turn.run(bytes).await),
            Err(error) => respond::reply(turn.refuse(&error)),
        },
        Err(error) => respond::reply(turn.refuse(&error)),
    }
}

/// The model that a path names.
fn model_in(path: &str) -> Result<String, Error> {
    decoded(path, false).map_err(|error| Error::new(ErrorKind::Invalid, error.message))
}

/// A body with the model that its path names, whatever model stands in it: Azure's rule.
fn for_model(name: &str, body: &Bytes) -> Result<Bytes, Error> {
    let name = serde_json::Value::String(model_in(name)?).to_string();
    let Ok(object) = scan(body, &["model"]) else {
        // What is wrong with it is told where every body is read.
        return Ok(body.clone());
    };
    let edit = match object.find(0) {
        Some(member) => Edit::Replace(member.value.clone(), name.into()),
        None => Edit::Insert(format!("\"model\":{name}").into()),
    };
    Ok(splice(body, &object, &[edit]).concat())
}

/// A gateway that only this machine can reach lets anonymous callers in. A web page that resolves its own name to
/// 127.0.0.1 reaches it too, and is told apart by the `Host` and `Origin` that its browser sends; a caller behind a
/// proxy, by what the proxy says of it. Beyond loopback,
/// governance's own rule for anonymous callers holds.
fn admit_anonymous(edge: &Edge, origin: Origin<'_>) -> Result<(), Error> {
    if edge.exposed || origin.is_local() {
        return Ok(());
    }
    let presented = gateway::presents_credential(origin.headers);
    // While there is no virtual key at all, any credential counts as none.
    if presented && edge.gateway.control().virtual_keys(1, 0, None)["total_count"].as_u64() != Some(0) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Forbidden,
        "anonymous calls must come from this machine and name it in Host and Origin, as in http://127.0.0.1; present a virtual key to call from elsewhere",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_of_a_path_goes_into_the_body() {
        for (name, body, expected) in [
            ("m", r#"{"n": 1.0}"#, r#"{"n": 1.0,"model":"m"}"#),
            ("m", "{}", r#"{"model":"m"}"#),
            (
                "p%2Fm%22",
                r#"{"model": "other", "n": 1}"#,
                r#"{"model": "p/m\"", "n": 1}"#,
            ),
            ("m", "no object", "no object"),
            ("m", r#"{"model": 1, "model": 2}"#, r#"{"model": 1, "model": 2}"#),
        ] {
            assert_eq!(for_model(name, &Bytes::from(body)).unwrap(), expected, "{name} {body}");
        }
        assert!(for_model("%zz", &Bytes::new()).is_err());
    }
}
