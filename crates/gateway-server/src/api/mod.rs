//! The management API: one table of paths and handlers. A handler turns HTTP into a call of the control plane or the
//! log store, and its answer into JSON.

mod audit;
mod budgets;
mod config;
pub(crate) mod doc;
mod documents;
mod explain;
mod governance;
mod ledger;
mod live;
mod logs;
pub(crate) mod openapi;
mod overview;
mod people;
mod playground;
mod prices;
mod providers;
pub(crate) mod query;
mod revisions;
mod row;
mod rules;
mod session;
mod virtual_keys;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::Value;

use crate::access::{Author, Origin, Who};
use crate::body::{self, Framing, Pace};
use crate::limits;
use crate::respond::{self, ApiError, Body, json_with};
use crate::state::Edge;

use doc::Doc;
pub(crate) use query::Query;
#[cfg(test)]
pub(crate) use row::sample;
pub(crate) use row::was_made;

/// What a handler gives.
pub(crate) type Outcome = Result<Response<Body>, ApiError>;

/// A handler: one that answers at once, or one that waits for something.
#[derive(Clone, Copy)]
pub(crate) enum Handle {
    /// Answers at once.
    Now(fn(&Edge, &Call) -> Outcome),
    /// Waits.
    Later(fn(Arc<Edge>, Call) -> BoxFuture<'static, Outcome>),
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Now",
            Self::Later(_) => "Later",
        })
    }
}

/// A management call, its body read.
#[derive(Debug)]
pub(crate) struct Call {
    /// What whoever makes it is called.
    pub(crate) author: Author,
    /// Who makes it; why nobody was recognised, where the path is open to all.
    who: Result<Who, ApiError>,
    /// The other end of the connection.
    pub(crate) peer: SocketAddr,
    /// Whether the gateway itself speaks TLS.
    tls: bool,
    /// The target.
    uri: Uri,
    /// What the path's placeholders stand for.
    params: Vec<(String, String)>,
    /// The query string.
    pub(crate) query: Query,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

/// Every path of the management API, by the module that answers it.
pub(crate) static TABLES: &[&[Route]] = &[
    providers::ROUTES,
    virtual_keys::ROUTES,
    rules::ROUTES,
    governance::ROUTES,
    budgets::ROUTES,
    config::ROUTES,
    revisions::ROUTES,
    explain::ROUTES,
    playground::ROUTES,
    overview::ROUTES,
    logs::ROUTES,
    live::ROUTES,
    ledger::ROUTES,
    audit::ROUTES,
    prices::ROUTES,
    session::ROUTES,
    people::ROUTES,
    openapi::ROUTES,
];

/// What whoever calls a path must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each is named by some table")]
pub(crate) enum Needs {
    /// Nothing: whoever has no credential of this API as well, from wherever. The handler itself asks who it is.
    Public,
    /// At least [`gateway::settings::Role::Viewer`].
    Viewer,
    /// At least [`gateway::settings::Role::Operator`].
    Operator,
    /// [`gateway::settings::Role::Admin`].
    Admin,
}

/// A path of the management API.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The method.
    pub(crate) method: Method,
    /// The path, with placeholders.
    pub(crate) path: &'static str,
    /// What whoever calls it must be.
    pub(crate) needs: Needs,
    /// What answers.
    pub(crate) handle: Handle,
    /// What the document of the API says of it.
    pub(crate) doc: Doc,
}

/// A row of a table: method, path, what the caller must be, what answers, what is said of it.
macro_rules! route {
    ($method:ident $path:literal, $role:ident, now $handler:expr, $doc:expr) => {
        $crate::api::Route {
            method: http::Method::$method,
            path: $path,
            needs: $crate::api::Needs::$role,
            handle: $crate::api::Handle::Now($handler),
            doc: $doc,
        }
    };
    ($method:ident $path:literal, $role:ident, later $handler:path, $doc:expr) => {
        $crate::api::Route {
            method: http::Method::$method,
            path: $path,
            needs: $crate::api::Needs::$role,
            handle: $crate::api::Handle::Later(|edge, call| Box::pin($handler(edge, call))),
            doc: $doc,
        }
    };
}
use route;

impl Route {
    /// The part of the API that it belongs to, as scopes of tokens name them: the first segment after `/api`.
    pub(crate) fn part(&self) -> &'static str {
        let below = self.path.strip_prefix("/api/").unwrap_or_default();
        below.split('/').next().unwrap_or_default()
    }
}

/// Answers a call where whoever makes it may make it. The one place where that is decided.
pub(crate) async fn answer(
    edge: Arc<Edge>,
    route: &'static Route,
    who: Result<Who, ApiError>,
    peer: SocketAddr,
    params: Vec<(String, String)>,
    request: Request<Incoming>,
) -> Response<Body> {
    let allowed = match (route.needs, &who) {
        (Needs::Public, _) => Ok(()),
        (_, Ok(who)) => who.may(route),
        (_, Err(error)) => Err(error.clone()),
    };
    if let Err(error) = allowed {
        return error.response();
    }
    let outcome = match read(&edge, who, peer, params, request).await {
        Ok(call) => match route.handle {
            Handle::Now(handler) => handler(&edge, &call),
            Handle::Later(handler) => handler(edge, call).await,
        },
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(|error| error.response())
}

async fn read(
    edge: &Edge,
    who: Result<Who, ApiError>,
    peer: SocketAddr,
    params: Vec<(String, String)>,
    request: Request<Incoming>,
) -> Result<Call, ApiError> {
    let (head, incoming) = request.into_parts();
    let query = Query::parse(head.uri.query().unwrap_or(""))?;
    let params = params
        .into_iter()
        .map(|(name, value)| Ok((name, query::decoded(&value, false)?)))
        .collect::<Result<_, ApiError>>()?;
    let pace = Pace {
        most: limits::API_BODY_BYTES,
        named: "the limit of the management API",
        pause: edge.limits.body_pause,
    };
    let body = body::read(&Framing::of(&head.headers), incoming, pace).await?;
    Ok(Call {
        author: who.as_ref().map_or_else(|_| Author::nobody(), |who| who.author.clone()),
        who,
        peer,
        tls: edge.tls.is_some(),
        uri: head.uri,
        params,
        query,
        headers: head.headers,
        body,
    })
}

impl Call {
    /// Who makes it, or why nobody was recognised.
    pub(crate) fn who(&self) -> Result<&Who, ApiError> {
        self.who.as_ref().map_err(Clone::clone)
    }

    /// Where it comes from.
    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin {
            peer: self.peer,
            uri: &self.uri,
            headers: &self.headers,
        }
    }

    /// Whether the caller's end of the way is encrypted, as far as is known.
    pub(crate) fn was_encrypted(&self) -> bool {
        self.tls || self.origin().was_encrypted()
    }

    /// What a placeholder of the path stands for.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// The body as JSON. What breaks it is named by line, column and path.
    pub(crate) fn json(&self) -> Result<Value, ApiError> {
        if self.body.trim_ascii().is_empty() {
            return Err(ApiError::invalid("the body is empty; send a JSON object"));
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path: String = error.path().to_string().chars().take(100).collect();
            let place = match path.as_str() {
                // At the top, or in a name that was not read to its end.
                "." | "?" => String::new(),
                path => format!(" (at `{path}`)"),
            };
            ApiError::invalid(format!("the body is not JSON: {}{place}", error.inner()))
        })?;
        reader
            .end()
            .map_err(|error| ApiError::invalid(format!("the body goes on after its JSON: {error}")))?;
        Ok(value)
    }
}

/// A JSON answer.
fn ok(value: &Value) -> Outcome {
    Ok(json_with(StatusCode::OK, value))
}

/// A JSON answer of a type that the document of the API knows.
fn typed(answer: &impl Serialize) -> Outcome {
    let text = serde_json::to_vec(answer).map_err(|error| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the answer is no JSON: {error}"),
        )
    })?;
    Ok(respond::typed(StatusCode::OK, "application/json", text))
}

/// The control plane's answer.
fn answered(answer: Result<impl Serialize, gateway::ControlError>) -> Outcome {
    typed(&answer?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn call(body: &'static str) -> Call {
        let who = crate::access::somebody();
        Call {
            author: who.author.clone(),
            who: Ok(who),
            peer: SocketAddr::from(([127, 0, 0, 1], 5)),
            tls: false,
            uri: Uri::from_static("/api/providers/openai"),
            params: vec![("provider".into(), "openai".into())],
            query: Query::parse("").unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn what_breaks_a_body_is_named_with_its_place() {
        for (body, expected) in [
            ("", "empty"),
            ("{\"a\":{\"b\":[1,}}}", "line 1 column 14"),
            ("{\"a\":{\"b\":[1,}}}", "`a.b"),
            ("{} x", "goes on"),
            ("\u{1}", "not JSON"),
        ] {
            let error = call(body).json().unwrap_err();
            assert_eq!(error.status, StatusCode::BAD_REQUEST);
            assert!(error.message.contains(expected), "{body}: {}", error.message);
        }
        assert_eq!(call("{\"a\":1} ").json().unwrap()["a"], 1);
        assert_eq!(call("").param("provider"), "openai");
    }

    #[test]
    fn every_part_of_the_api_can_be_a_scope_but_those_that_say_who_may_what() {
        let parts: BTreeSet<&str> = TABLES.iter().copied().flatten().map(Route::part).collect();
        for part in &parts {
            // The document is for whoever may use any part.
            let no_scope = matches!(*part, "users" | "tokens" | "session" | "openapi.json");
            let scope = gateway::settings::PARTS.contains(part);
            assert!(
                scope != no_scope,
                "`{part}`: list it in gateway::settings::PARTS, or here"
            );
        }
        for scope in gateway::settings::PARTS {
            assert!(scope == "metrics" || parts.contains(scope), "`{scope}` opens nothing");
        }
    }
}
