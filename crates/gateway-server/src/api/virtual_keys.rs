//! Virtual keys.

use std::sync::Arc;

use super::{Call, Outcome, Route, answered, ok, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/virtual-keys", Viewer, now list),
    route!(POST "/api/governance/virtual-keys", Operator, later create),
    route!(GET "/api/governance/virtual-keys/{id}", Viewer, now show),
    route!(PUT "/api/governance/virtual-keys/{id}", Operator, later upsert),
    route!(DELETE "/api/governance/virtual-keys/{id}", Operator, later delete),
];

pub(super) fn list(edge: &Edge, call: &Call) -> Outcome {
    let limit = call.query.within("limit", 1, 1000, 25)?;
    let offset = call.query.within("offset", 0, usize::MAX, 0)?;
    ok(&edge
        .gateway
        .control()
        .virtual_keys(limit, offset, call.query.text("search")))
}

pub(super) fn show(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().virtual_key(call.param("id")))
}

pub(super) async fn create(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .save_virtual_key(None, call.json()?, call.author.as_str())
            .await,
    )
}

pub(super) async fn upsert(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(
        edge.gateway
            .control()
            .save_virtual_key(Some(id), call.json()?, author)
            .await,
    )
}

pub(super) async fn delete(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .delete_virtual_key(call.param("id"), call.author.as_str())
            .await,
    )
}
