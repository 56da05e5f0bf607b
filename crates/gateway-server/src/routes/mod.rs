//! The one table of paths, and where each request goes.

use std::net::SocketAddr;
use std::sync::Arc;

use gateway::Aim;
use gateway_providers::lane::Forward;
use gateway_types::{Asked, DialectName, Error, ErrorKind, Operation, RequestId, StreamForm};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::access::{self, Origin};
use crate::api::{self, Route};
use crate::edge::worker::Worker;
use crate::inference::Way;
use crate::respond::{self, ApiError, Body};
use crate::state::Edge;
use crate::{cors, dashboard, health, inference, telemetry};

mod paths;

pub(crate) use paths::with_query;
use paths::{Inference, Streams, dialect_of};

/// What a path stands for.
#[derive(Clone, Copy)]
pub(crate) enum Endpoint {
    /// A call of the inference API, served on the worker.
    Inference(Inference),
    /// Whatever a provider's own API has, below a prefix.
    Passthrough(DialectName),
    /// The same for everybody.
    Fact(paths::Fact),
    /// The root of an inference prefix: some clients ask whether it is there.
    Root,
    /// The management API, on the admin runtime.
    Api(&'static Route),
    /// Prometheus.
    Metrics,
    /// `/health`.
    Health,
    /// `/livez`.
    Live,
    /// `/readyz`.
    Ready,
    /// The dashboard, or a file that it loads.
    Page,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Inference(..) => "Inference",
            Self::Passthrough(_) => "Passthrough",
            Self::Fact(_) => "Fact",
            Self::Root => "Root",
            Self::Api(_) => "Api",
            Self::Metrics => "Metrics",
            Self::Health => "Health",
            Self::Live => "Live",
            Self::Ready => "Ready",
            Self::Page => "Page",
        })
    }
}

const FIXED: [(Method, &str, Endpoint); 4] = [
    (Method::GET, "/metrics", Endpoint::Metrics),
    (Method::GET, "/health", Endpoint::Health),
    (Method::GET, "/livez", Endpoint::Live),
    (Method::GET, "/readyz", Endpoint::Ready),
];

fn table() -> Vec<(Method, String, Endpoint)> {
    let mut table = Vec::new();
    for root in paths::roots() {
        table.push((Method::GET, format!("{root}/"), Endpoint::Root));
        table.push((Method::GET, root, Endpoint::Root));
    }
    for (method, path, stands_for) in paths::paths() {
        table.push((method, path, Endpoint::Inference(stands_for)));
    }
    for (prefix, dialect) in paths::PASSTHROUGH {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            table.push((method, format!("{prefix}/{{*path}}"), Endpoint::Passthrough(dialect)));
        }
    }
    for (path, fact) in paths::FACTS {
        table.push((Method::GET, path.to_owned(), Endpoint::Fact(fact)));
    }
    table.extend(FIXED.map(|(method, path, endpoint)| (method, path.to_owned(), endpoint)));
    for route in api::TABLES.iter().copied().flatten() {
        table.push((route.method.clone(), route.path.to_owned(), Endpoint::Api(route)));
    }
    for path in dashboard::PATHS {
        table.push((Method::GET, path.to_owned(), Endpoint::Page));
    }
    table
}

/// A path beside the management API, as the API's document describes it.
pub(crate) struct Described {
    /// The method.
    pub(crate) method: Method,
    /// The path, with placeholders.
    pub(crate) path: String,
    /// What it belongs to.
    pub(crate) tag: &'static str,
    /// What it is for.
    pub(crate) summary: String,
    /// The media type of its body, where it has one.
    pub(crate) takes: &'static str,
}

/// All paths beside the management API, the dashboard's pages, and what passes through to providers.
pub(crate) fn described() -> Vec<Described> {
    let describe = |(method, path, endpoint): (Method, String, Endpoint)| {
        let (tag, summary) = match endpoint {
            Endpoint::Inference(inference) => inference.described(),
            Endpoint::Fact(_) => ("facts", "What clients ask for when they start".to_owned()),
            Endpoint::Metrics => ("process", "Metrics for Prometheus, as text".to_owned()),
            Endpoint::Health => ("process", "Whether the process and its stores work".to_owned()),
            Endpoint::Live => ("process", "Whether the process is alive".to_owned()),
            Endpoint::Ready => ("process", "Whether it takes requests".to_owned()),
            Endpoint::Passthrough(_) | Endpoint::Root | Endpoint::Api(_) | Endpoint::Page => return None,
        };
        let form = matches!(endpoint, Endpoint::Inference(inference) if inference.takes_a_form());
        Some(Described {
            method,
            path,
            tag,
            summary,
            takes: if form {
                "multipart/form-data"
            } else {
                "application/json"
            },
        })
    };
    table().into_iter().filter_map(describe).collect()
}

/// The table, ready to be asked.
#[derive(Debug)]
pub(crate) struct Routes(matchit::Router<Vec<(Method, Endpoint)>>);

/// What a path and a method lead to.
#[derive(Debug)]
pub(crate) enum Found {
    /// There.
    Endpoint(Endpoint, Vec<(String, String)>),
    /// The path is there, for these methods.
    OtherMethods(String),
    /// Nothing.
    Nothing,
}

impl Routes {
    /// All routes. The table is fixed, so that an error is one of this file and shows in every start.
    pub(crate) fn new() -> Result<Self, matchit::InsertError> {
        let mut rows: Vec<(String, Vec<(Method, Endpoint)>)> = Vec::new();
        for (method, path, endpoint) in table() {
            match rows.iter_mut().find(|(known, _)| *known == path) {
                Some((_, methods)) => methods.push((method, endpoint)),
                None => rows.push((path, vec![(method, endpoint)])),
            }
        }
        let mut router = matchit::Router::new();
        for (path, methods) in rows {
            router.insert(path, methods)?;
        }
        Ok(Self(router))
    }

    /// Looks a request up. `HEAD` is served wherever `GET` is; hyper leaves the body away.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found {
        let Ok(matched) = self.0.at(path) else {
            return Found::Nothing;
        };
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        match matched.value.iter().find(|(method, _)| method == wanted) {
            Some((_, endpoint)) => {
                let params = matched
                    .params
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                Found::Endpoint(*endpoint, params)
            }
            None => {
                let mut methods: Vec<&str> = matched.value.iter().map(|(method, _)| method.as_str()).collect();
                if methods.contains(&"GET") {
                    methods.push("HEAD");
                }
                Found::OtherMethods(methods.join(", "))
            }
        }
    }
}

/// Answers one request.
pub(crate) async fn dispatch(worker: Arc<Worker>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let page = cors::local_page(request.headers());
    let mut response = if request.method() == Method::OPTIONS {
        preflight(&worker.edge, &request)
    } else {
        answer(worker, peer, request).await
    };
    if let Some(page) = page {
        cors::allow_reading(response.headers_mut(), page);
    }
    response
}

fn preflight(edge: &Edge, request: &Request<Incoming>) -> Response<Body> {
    match edge.routes.find(request.method(), request.uri().path()) {
        Found::Nothing => unknown_path(edge, request),
        _ => cors::preflight(request.headers()).unwrap_or_else(|error| secured(error.response())),
    }
}

async fn answer(worker: Arc<Worker>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let found = worker.edge.routes.find(request.method(), request.uri().path());
    if is_management(request.uri().path()) {
        let answered = aside(&worker.edge, move |edge| management(edge, peer, found, request));
        return secured(answered.await);
    }
    let (endpoint, params) = match found {
        Found::Endpoint(endpoint, params) => (endpoint, params),
        Found::OtherMethods(methods) => return wrong_method(&worker.edge, &request, &methods),
        Found::Nothing => return unknown_path(&worker.edge, &request),
    };
    let origin = Origin {
        peer,
        uri: request.uri(),
        headers: request.headers(),
    };
    match endpoint {
        Endpoint::Inference(stands_for) => {
            let names: Vec<String> = params.into_iter().map(|(_, name)| name).collect();
            let named = (!names.is_empty()).then(|| names.join("/"));
            match asked(stands_for, named, request.uri().query()) {
                Some((dialect, asked)) => {
                    let way = match stands_for {
                        Inference::Errand(_, _, errand) => Way::Errand(errand),
                        Inference::Show => Way::Show,
                        _ => Way::Call,
                    };
                    inference::answer(&worker, peer, dialect, asked, way, request).await
                }
                None => unknown_path(&worker.edge, &request),
            }
        }
        Endpoint::Passthrough(dialect) => passthrough(&worker, peer, dialect, request).await,
        Endpoint::Fact(fact) => respond::typed(StatusCode::OK, "application/json", fact()),
        Endpoint::Root => respond::typed(StatusCode::OK, "application/json", r#"{"status":"ok"}"#),
        Endpoint::Live => health::live(),
        Endpoint::Page => match access::admit_page(&worker.edge, origin) {
            Ok(()) => dashboard::answer(request.uri().path(), request.headers()),
            Err(error) => secured(error.response()),
        },
        Endpoint::Metrics => aside(&worker.edge, move |edge| metrics(edge, peer, request)).await,
        Endpoint::Health => aside(&worker.edge, |edge| async move { health::health(&edge).await }).await,
        Endpoint::Ready => aside(&worker.edge, |edge| async move { health::ready(&edge).await }).await,
        // All of it is below the prefix, and was answered there.
        Endpoint::Api(_) => unknown_path(&worker.edge, &request),
    }
}

/// Whether a path belongs to the management API, whether or not there is anything at it.
fn is_management(path: &str) -> bool {
    path.strip_prefix("/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A request to the management API. Who makes it is asked first: what there is and is not, is nobody else's to know.
async fn management(edge: Arc<Edge>, peer: SocketAddr, found: Found, request: Request<Incoming>) -> Response<Body> {
    let origin = Origin {
        peer,
        uri: request.uri(),
        headers: request.headers(),
    };
    let who = access::identify(&edge, origin, request.method()).await;
    match (found, who) {
        (Found::Endpoint(Endpoint::Api(route), params), who) => {
            api::answer(edge, route, who, peer, params, request).await
        }
        (_, Err(error)) => error.response(),
        (Found::OtherMethods(methods), Ok(_)) => wrong_method(&edge, &request, &methods),
        (Found::Endpoint(..) | Found::Nothing, Ok(_)) => unknown_path(&edge, &request),
    }
}

async fn metrics(edge: Arc<Edge>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let origin = Origin {
        peer,
        uri: request.uri(),
        headers: request.headers(),
    };
    match access::admit_scrape(&edge, origin).await {
        Ok(()) => telemetry::scrape::answer(&edge),
        Err(error) => secured(error.response()),
    }
}

/// A request below a passthrough prefix: a call that the gateway can read is taken as one, only that its provider is
/// chosen; anything else goes on as it is.
async fn passthrough(
    worker: &Worker,
    peer: SocketAddr,
    dialect: DialectName,
    request: Request<Incoming>,
) -> Response<Body> {
    if paths::climbs(request.uri().path()) {
        let error = Error::invalid("path", "the path must not hold `.` or `..` between slashes");
        return respond::dialect_error(dialect, RequestId::new(worker.edge.now()), &error);
    }
    let Some(provider) = worker.edge.gateway.control().provider_of(dialect) else {
        let message = format!("no provider that speaks {dialect} is configured");
        let error = Error::new(ErrorKind::ModelNotFound, message);
        return respond::dialect_error(dialect, RequestId::new(worker.edge.now()), &error);
    };
    let aim = |forward| Aim {
        provider,
        key: None,
        forward,
        passthrough: true,
    };
    let own = paths::below_passthrough(request.uri().path(), dialect);
    let read = match worker.edge.routes.find(request.method(), &own.readable) {
        Found::Endpoint(Endpoint::Inference(stands_for), params) if !matches!(stands_for, Inference::Errand(..)) => {
            let names: Vec<String> = params.into_iter().map(|(_, name)| name).collect();
            let named = (!names.is_empty()).then(|| names.join("/"));
            asked(stands_for, named, request.uri().query())
        }
        _ => None,
    };
    match read.filter(|(_, asked)| asked.operation != Operation::Models) {
        Some((dialect, asked)) => inference::answer(worker, peer, dialect, asked, Way::Aimed(aim(None)), request).await,
        None => {
            let forward = Forward {
                method: request.method().clone(),
                below: None,
                path: paths::with_query(&own.path, request.uri().query()),
                content_type: request.headers().get(CONTENT_TYPE).cloned(),
            };
            let asked = Asked::plain(Operation::Passthrough);
            let way = Way::Aimed(aim(Some(forward)));
            inference::answer(worker, peer, dialect, asked, way, request).await
        }
    }
}

/// What a path asks for, with what it names.
fn asked(stands_for: Inference, named: Option<String>, query: Option<&str>) -> Option<(DialectName, Asked)> {
    match stands_for {
        Inference::Show => Some((DialectName::Ollama, Asked::plain(Operation::Models))),
        Inference::Google => Some((DialectName::Gemini, paths::google(&named?, query)?)),
        Inference::Errand(dialect, operation, _) => Some((
            dialect,
            Asked {
                model: named,
                ..Asked::plain(operation)
            },
        )),
        Inference::Call(dialect, operation, streams) => Some((
            dialect,
            Asked {
                model: named,
                stream: (streams == Streams::Always).then_some(StreamForm::Usual),
                ..Asked::plain(operation)
            },
        )),
    }
}

/// Runs something on the admin runtime. It goes on there even if the client leaves: a change is made whole.
async fn aside<F>(edge: &Arc<Edge>, work: impl FnOnce(Arc<Edge>) -> F) -> Response<Body>
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    edge.admin
        .spawn(work(Arc::clone(edge)))
        .await
        .unwrap_or_else(|_| panicked())
}

/// The answer where a handler panicked: a bug, but only of that request.
pub(crate) fn panicked() -> Response<Body> {
    ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the gateway failed on this request; its log says where",
    )
    .response()
}

fn secured(mut response: Response<Body>) -> Response<Body> {
    respond::secure(response.headers_mut());
    response
}

fn unknown_path(edge: &Edge, request: &Request<Incoming>) -> Response<Body> {
    let (method, path) = (request.method(), request.uri().path());
    match dialect_of(path) {
        Some(dialect) => {
            let error = Error::new(ErrorKind::RouteNotFound, format!("there is no {method} {path} here"));
            respond::dialect_error(dialect, RequestId::new(edge.now()), &error)
        }
        None => secured(ApiError::new(StatusCode::NOT_FOUND, format!("Route not found: {path}")).response()),
    }
}

fn wrong_method(edge: &Edge, request: &Request<Incoming>, methods: &str) -> Response<Body> {
    let (method, path) = (request.method(), request.uri().path());
    let message = format!("{path} does not take {method}; it takes {methods}");
    let mut response = match dialect_of(path) {
        Some(dialect) => {
            let error = Error::new(ErrorKind::MethodNotAllowed, message);
            respond::dialect_error(dialect, RequestId::new(edge.now()), &error)
        }
        None => secured(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message).response()),
    };
    if let Ok(methods) = HeaderValue::from_str(methods) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_inference_path_works_under_every_prefix() {
        let routes = Routes::new().unwrap();
        for prefix in [
            "/v1",
            "/openai/v1",
            "/openai",
            "/cursor/v1",
            "/litellm",
            "/langchain/v1",
        ] {
            for (method, path) in [
                (Method::POST, "/responses"),
                (Method::POST, "/audio/transcriptions"),
                (Method::POST, "/chat/completions"),
                (Method::POST, "/completions"),
                (Method::POST, "/embeddings"),
                (Method::GET, "/models"),
            ] {
                let found = routes.find(&method, &format!("{prefix}{path}"));
                assert!(
                    matches!(found, Found::Endpoint(Endpoint::Inference(..), _)),
                    "{method} {prefix}{path}"
                );
            }
            for method in [Method::GET, Method::HEAD] {
                assert!(
                    matches!(routes.find(&method, prefix), Found::Endpoint(Endpoint::Root, _)),
                    "{prefix}"
                );
            }
        }
    }

    #[test]
    fn every_dialect_has_its_paths() {
        let routes = Routes::new().unwrap();
        for path in [
            "/v1/messages",
            "/anthropic/v1/messages/count_tokens",
            "/litellm/v1/messages",
            "/genai/v1beta/models/gemini-2.5-pro:generateContent",
            "/bedrock/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse-stream",
            "/cohere/v2/rerank",
            "/ollama/api/chat",
            "/openai/deployments/gpt/chat/completions",
        ] {
            let found = routes.find(&Method::POST, path);
            assert!(matches!(found, Found::Endpoint(Endpoint::Inference(..), _)), "{path}");
        }
        for root in [
            "/anthropic",
            "/genai",
            "/bedrock",
            "/cohere",
            "/ollama",
            "/litellm",
            "/cursor",
            "/genai/v1beta",
            "/cohere/v2",
            "/ollama/api",
            "/openai_passthrough",
            "/anthropic_passthrough/",
        ] {
            let found = routes.find(&Method::HEAD, root);
            assert!(matches!(found, Found::Endpoint(Endpoint::Root, _)), "{root}");
        }
    }

    #[test]
    fn a_wrong_method_is_told_the_right_ones_and_an_unknown_path_nothing() {
        let routes = Routes::new().unwrap();
        let Found::OtherMethods(methods) = routes.find(&Method::GET, "/v1/chat/completions") else {
            panic!()
        };
        assert_eq!(methods, "POST");
        let Found::OtherMethods(methods) = routes.find(&Method::PATCH, "/api/providers/x") else {
            panic!()
        };
        assert_eq!(methods, "GET, PUT, DELETE, HEAD");
        assert!(matches!(routes.find(&Method::GET, "/v1/nothing"), Found::Nothing));
    }
}
