//! Providers, their keys, and what is known of both.

use std::sync::Arc;

use gateway::control::Save;

use super::{Call, Outcome, Route, answered, ok, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/providers", Viewer, now list),
    route!(POST "/api/providers", Operator, later create),
    route!(GET "/api/providers/{provider}", Viewer, now show),
    route!(PUT "/api/providers/{provider}", Operator, later upsert),
    route!(DELETE "/api/providers/{provider}", Operator, later delete),
    route!(GET "/api/providers/{provider}/keys", Viewer, now keys),
    route!(POST "/api/providers/{provider}/keys", Operator, later create_key),
    route!(GET "/api/providers/{provider}/keys/{key}", Viewer, now key),
    route!(PUT "/api/providers/{provider}/keys/{key}", Operator, later upsert_key),
    route!(DELETE "/api/providers/{provider}/keys/{key}", Operator, later delete_key),
    route!(GET "/api/keys", Viewer, now all_keys),
    route!(GET "/api/models", Viewer, now models),
    route!(GET "/api/offers", Viewer, now offers),
    route!(POST "/api/offers/{offer}/accept", Operator, later accept_offer),
    route!(GET "/api/health/deployments", Viewer, now health),
];

/// Models that a list gives unless asked for more; the reference's number.
const MODELS: usize = 5;

pub(super) fn list(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().providers())
}

pub(super) fn show(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().provider(call.param("provider")))
}

pub(super) async fn create(edge: Arc<Edge>, call: Call) -> Outcome {
    let author = call.author.as_str();
    answered(
        edge.gateway
            .control()
            .save_provider(None, call.json()?, Save::Create, author)
            .await,
    )
}

pub(super) async fn upsert(edge: Arc<Edge>, call: Call) -> Outcome {
    let (name, author) = (call.param("provider"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_provider(Some(name), call.json()?, Save::Upsert, author)
            .await,
    )
}

pub(super) async fn delete(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .delete_provider(call.param("provider"), call.author.as_str())
            .await,
    )
}

pub(super) fn keys(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().keys(call.param("provider")))
}

pub(super) fn key(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().key(call.param("provider"), call.param("key")))
}

pub(super) async fn create_key(edge: Arc<Edge>, call: Call) -> Outcome {
    let (provider, author) = (call.param("provider"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_key(provider, None, call.json()?, author)
            .await,
    )
}

pub(super) async fn upsert_key(edge: Arc<Edge>, call: Call) -> Outcome {
    let (provider, key, author) = (call.param("provider"), call.param("key"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_key(provider, Some(key), call.json()?, author)
            .await,
    )
}

pub(super) async fn delete_key(edge: Arc<Edge>, call: Call) -> Outcome {
    let (provider, key, author) = (call.param("provider"), call.param("key"), call.author.as_str());
    answered(edge.gateway.control().delete_key(provider, key, author).await)
}

pub(super) fn all_keys(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().all_keys())
}

pub(super) fn models(edge: &Edge, call: &Call) -> Outcome {
    let limit = call.query.within("limit", 1, 10_000, MODELS)?;
    ok(&edge
        .gateway
        .control()
        .models(call.query.text("query"), call.query.text("provider"), limit))
}

pub(super) fn offers(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().offers())
}

pub(super) async fn accept_offer(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .accept_offer(call.param("offer"), call.author.as_str())
            .await,
    )
}

pub(super) fn health(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().health())
}
