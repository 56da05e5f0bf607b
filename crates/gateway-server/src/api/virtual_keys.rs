//! Virtual keys.

use std::sync::Arc;

use gateway::control::SortBy;
use serde_json::json;

use super::documents::wanted;
use super::{Call, Outcome, Route, answered, ok, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/virtual-keys", Viewer, now list),
    route!(POST "/api/governance/virtual-keys", Operator, later create),
    route!(GET "/api/governance/virtual-keys/quota", Public, now quota),
    route!(GET "/api/governance/virtual-keys/{id}", Viewer, now show),
    route!(PUT "/api/governance/virtual-keys/{id}", Operator, later upsert),
    route!(DELETE "/api/governance/virtual-keys/{id}", Operator, later delete),
    route!(POST "/api/governance/virtual-keys/{id}/rotate", Operator, later rotate),
];

/// What a list may be sorted by, in the reference's words.
const SORTS: [(&str, SortBy); 4] = [
    ("id", SortBy::Id),
    ("name", SortBy::Name),
    ("budget_spent", SortBy::Spent),
    ("status", SortBy::Status),
];

pub(super) fn list(edge: &Edge, call: &Call) -> Outcome {
    let wanted = wanted(call, &["team_id", "customer_id"])?;
    let by = call.query.word("sort_by", &SORTS, SortBy::Id)?;
    let descending = call.query.word("order", &[("asc", false), ("desc", true)], false)?;
    ok(&edge.gateway.control().virtual_keys(&wanted, by, descending))
}

/// What a key may know of itself: the key that is presented is asked about, and opens nothing else.
pub(super) fn quota(edge: &Edge, call: &Call) -> Outcome {
    ok(&edge.gateway.control().own_quota(&call.headers)?)
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

pub(super) async fn rotate(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    // Nothing needs to be said.
    let body = match call.body.trim_ascii().is_empty() {
        true => json!({}),
        false => call.json()?,
    };
    answered(edge.gateway.control().rotate_virtual_key(id, body, author).await)
}
