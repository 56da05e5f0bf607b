//! Whether the process lives, and whether it should be sent requests.

use http::{Response, StatusCode};
use serde_json::json;

use crate::edge::Phase;
use crate::respond::{ApiError, Body, json_with, typed};
use crate::state::Edge;

/// `GET /livez`: answered by the worker itself, so that a worker that hangs shows.
pub(crate) fn live() -> Response<Body> {
    typed(StatusCode::OK, "application/json", r#"{"status":"ok"}"#)
}

/// `GET /health`, in the reference's shape.
pub(crate) async fn health(edge: &Edge) -> Response<Body> {
    match stores(edge).await {
        Ok(()) => json_with(
            StatusCode::OK,
            &json!({ "status": "ok", "components": { "db_pings": "ok" } }),
        ),
        Err(error) => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, error).response(),
    }
}

/// `GET /readyz`: the stores answer, and the process is not stopping. A gateway without providers is ready: they come
/// by the API. What is wrong with a file (settings, catalogue, certificate) is told, but the state before it serves on.
pub(crate) async fn ready(edge: &Edge) -> Response<Body> {
    let draining = *edge.phase.borrow() != Phase::Running;
    let store = stores(edge).await;
    let status = if draining || store.is_err() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let mut body = json!({
        "status": match (draining, &store) {
            (true, _) => "draining",
            (false, Err(_)) => "store unavailable",
            (false, Ok(())) => "ready",
        },
        "store": store.err().unwrap_or_else(|| String::from("ok")),
        "config_file": edge.gateway.control().file_error().unwrap_or_else(|| String::from("ok")),
        "catalogue": edge.gateway.control().catalogue_error().unwrap_or_else(|| String::from("ok")),
    });
    if let Some(tls) = &edge.tls {
        body["certificate"] = tls.refused().unwrap_or_else(|| String::from("ok")).into();
    }
    json_with(status, &body)
}

async fn stores(edge: &Edge) -> Result<(), String> {
    if let Err(error) = edge.gateway.control().ready().await {
        return Err(format!("config store not available: {error}"));
    }
    edge.gateway
        .logs()
        .any()
        .await
        .map(drop)
        .map_err(|error| format!("log store not available: {error}"))
}
