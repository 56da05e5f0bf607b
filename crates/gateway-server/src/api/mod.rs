//! The management API: one table of paths and handlers. A handler turns HTTP into a call of the control plane or the
//! log store, and its answer into JSON.

mod budgets;
mod config;
mod documents;
mod explain;
mod governance;
mod live;
mod logs;
mod overview;
mod prices;
mod providers;
pub(crate) mod query;
mod row;
mod rules;
mod virtual_keys;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::Value;

use crate::access::Author;
use crate::body::{self, Framing, Pace};
use crate::limits;
use crate::respond::{ApiError, Body, json_with};
use crate::state::Edge;

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
    /// Who makes it.
    pub(crate) author: Author,
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
    explain::ROUTES,
    overview::ROUTES,
    logs::ROUTES,
    live::ROUTES,
    prices::ROUTES,
];

/// What whoever calls a path must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each is named by some table")]
pub(crate) enum Needs {
    /// Anybody who may speak to the management API at all: the handler itself asks who it is.
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
}

macro_rules! route {
    ($method:ident $path:literal, $role:ident, now $handler:expr) => {
        $crate::api::Route {
            method: http::Method::$method,
            path: $path,
            needs: $crate::api::Needs::$role,
            handle: $crate::api::Handle::Now($handler),
        }
    };
    ($method:ident $path:literal, $role:ident, later $handler:path) => {
        $crate::api::Route {
            method: http::Method::$method,
            path: $path,
            needs: $crate::api::Needs::$role,
            handle: $crate::api::Handle::Later(|edge, call| Box::pin($handler(edge, call))),
        }
    };
}
use route;

/// Answers a call that may come in.
pub(crate) async fn answer(
    edge: Arc<Edge>,
    handle: Handle,
    author: Author,
    params: Vec<(String, String)>,
    request: Request<Incoming>,
) -> Response<Body> {
    let outcome = match read(&edge, author, params, request).await {
        Ok(call) => match handle {
            Handle::Now(handler) => handler(&edge, &call),
            Handle::Later(handler) => handler(edge, call).await,
        },
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(|error| error.response())
}

async fn read(
    edge: &Edge,
    author: Author,
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
        author,
        params,
        query,
        headers: head.headers,
        body,
    })
}

impl Call {
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

/// The control plane's answer.
fn answered(answer: Result<Value, gateway::ControlError>) -> Outcome {
    ok(&answer?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &'static str) -> Call {
        Call {
            author: Author::Loopback,
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
}
