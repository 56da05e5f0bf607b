//! A call of the inference API: from its head to the line, and the line's reply back out.

use std::net::SocketAddr;

use bytes::Bytes;
use gateway::Arrival;
use gateway_types::{DialectName, Error, ErrorKind, Operation, RequestId};
use http::{Request, Response};
use hyper::body::Incoming;

use crate::access::Origin;
use crate::body::{self, Framing, Pace};
use crate::edge::worker::Worker;
use crate::respond::{self, Body};
use crate::state::Edge;

/// The setting that limits bodies, for the refusal.
const SETTING: &str = "client setting max_request_body_size_mb";

/// Headers in which a virtual key may be presented.
const CREDENTIALS: [&str; 5] = ["x-bf-vk", "authorization", "x-api-key", "x-goog-api-key", "api-key"];

/// Answers one call. A client that leaves drops this, or the reply's body: the line settles either way.
pub(crate) async fn answer(
    worker: &Worker,
    peer: SocketAddr,
    dialect: DialectName,
    operation: Operation,
    request: Request<Incoming>,
) -> Response<Body> {
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
        return respond::reply(turn.run(Bytes::new()).await);
    }
    match body::read(&framing, incoming, pace(turn.body_limit())).await {
        Ok(bytes) => respond::reply(turn.run(bytes).await),
        Err(error) => respond::reply(turn.refuse(&error)),
    }
}

/// A gateway that only this machine can reach lets anonymous callers in. A web page that resolves its own name to
/// 127.0.0.1 reaches it too, and is told apart by the `Host` and `Origin` that its browser sends; a caller behind a
/// proxy, by what the proxy says of it. Beyond loopback,
/// governance's own rule for anonymous callers holds.
fn admit_anonymous(edge: &Edge, origin: Origin<'_>) -> Result<(), Error> {
    if edge.exposed || origin.is_local() {
        return Ok(());
    }
    let presented = CREDENTIALS.iter().any(|name| origin.headers.contains_key(*name));
    // While there is no virtual key at all, any credential counts as none.
    if presented && edge.gateway.control().virtual_keys(1, 0, None)["total_count"].as_u64() != Some(0) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Forbidden,
        "anonymous calls must come from this machine and name it in Host and Origin, as in http://127.0.0.1; present a virtual key to call from elsewhere",
    ))
}
