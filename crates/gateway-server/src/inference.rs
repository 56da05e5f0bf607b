//! A call of the inference API: from its head to the line, and the line's reply back out.

use std::net::SocketAddr;

use bytes::Bytes;
use gateway::{Aim, Arrival, Caller, Errand};
use gateway_types::json::{Edit, scan, splice};
use gateway_types::{Asked, DialectName, Error, ErrorKind, Operation, RequestId};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;

use crate::access::Origin;
use crate::api::query::decoded;
use crate::body::{self, Framing, Pace};
use crate::edge::worker::Worker;
use crate::respond::{self, Body};
use crate::routes::with_query;
use crate::state::Edge;

/// The setting that limits bodies, for the refusal.
const SETTING: &str = "client setting max_request_body_size_mb";

/// The way that a request takes through the line.
#[derive(Debug)]
pub(crate) enum Way {
    /// By its model.
    Call,
    /// To one provider.
    Aimed(Aim),
    /// By the id of something that was made before.
    Errand(Errand),
    /// To what is known of a model that the body names.
    Show,
}

/// Answers one call. A client that leaves drops this, or the reply's body: the line settles either way.
pub(crate) async fn answer(
    worker: &Worker,
    peer: SocketAddr,
    dialect: DialectName,
    mut asked: Asked,
    way: Way,
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
    asked.content_type = form_type(&head.headers);
    let named = match asked.model.take().map(|name| model_in(&name)).transpose() {
        Ok(named) => named,
        Err(error) => return respond::dialect_error(dialect, id, &error),
    };
    asked.model.clone_from(&named);
    let operation = asked.operation;
    let shows = matches!(way, Way::Show);
    let (errand, aim) = match way {
        Way::Call | Way::Show => (None, None),
        Way::Aimed(aim) => (None, Some(aim)),
        Way::Errand(errand) => (Some(errand), None),
    };
    let turn = match worker.line.open(Arrival {
        id,
        received,
        dialect,
        asked,
        aim,
        caller: Caller::Presented,
        headers: head.headers,
    }) {
        Ok(turn) => turn,
        Err(refusal) => {
            // Nothing of it is wanted; reading it away lets the client see why.
            tokio::spawn(async move { body::read(&framing, incoming, pace(0)).await.map(drop) });
            return respond::reply(*refusal);
        }
    };
    if operation == Operation::Models && !shows {
        return respond::reply(match named {
            None => turn.run(Bytes::new()).await,
            Some(name) => turn.model(&name),
        });
    }
    let body = body::read(&framing, incoming, pace(turn.body_limit())).await;
    if shows {
        return respond::reply(match body.and_then(|bytes| shown(&bytes)) {
            Ok(name) => turn.show(&name),
            Err(error) => turn.refuse(&error),
        });
    }
    if let Some(errand) = errand {
        let query = head.uri.query().map(|query| with_query("", Some(query)));
        let query = query.as_deref().and_then(|query| query.strip_prefix('?'));
        return respond::reply(match body {
            Ok(bytes) => turn.errand(errand, named.as_deref(), query, bytes).await,
            Err(error) => turn.refuse(&error),
        });
    }
    let in_body = named.filter(|_| dialect == DialectName::OpenAi);
    match body.map(|bytes| in_body.map_or_else(|| bytes.clone(), |name| for_model(name, &bytes))) {
        Ok(bytes) => respond::reply(turn.run(bytes).await),
        Err(error) => respond::reply(turn.refuse(&error)),
    }
}

/// The model that a body asks to be shown; older clients call it `name`.
fn shown(body: &[u8]) -> Result<String, Error> {
    let asked: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let name = asked["model"].as_str().or_else(|| asked["name"].as_str());
    name.map(str::to_owned)
        .ok_or_else(|| Error::invalid("model", "`model` is missing; it must be a string that names a model"))
}

/// The media type of a body that is a form.
fn form_type(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_form = essence.eq_ignore_ascii_case("multipart/form-data");
    is_form.then(|| kind.trim().to_owned())
}

/// The model that a path names.
fn model_in(path: &str) -> Result<String, Error> {
    decoded(path, false).map_err(|error| Error::new(ErrorKind::Invalid, error.message))
}

/// A body with the model that its path names, whatever model stands in it: Azure's rule.
fn for_model(name: String, body: &Bytes) -> Bytes {
    let name = serde_json::Value::String(name).to_string();
    let Ok(object) = scan(body, &["model"]) else {
        // What is wrong with it is told where every body is read; a form names its model in a part of its own.
        return body.clone();
    };
    let edit = match object.find(0) {
        Some(member) => Edit::Replace(member.value.clone(), name.into()),
        None => Edit::Insert(format!("\"model\":{name}").into()),
    };
    splice(body, &object, &[edit]).concat()
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
    if presented && edge.gateway.control().has_virtual_keys() {
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
    fn a_form_is_one_even_where_its_boundary_is_missing() {
        for (kind, is_form) in [
            ("multipart/form-data; boundary=x", true),
            ("Multipart/Form-Data", true),
            ("multipart/form-data ;boundary=x", true),
            ("application/json; charset=utf-8", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
            assert_eq!(form_type(&headers).is_some(), is_form, "{kind}");
        }
    }

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
            let named = model_in(name).unwrap();
            assert_eq!(for_model(named, &Bytes::from(body)), expected, "{name} {body}");
        }
        assert!(model_in("%zz").is_err());
    }
}
