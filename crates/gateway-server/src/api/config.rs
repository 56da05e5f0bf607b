//! The client section of the settings, their revisions, and the version.

use std::sync::Arc;

use gateway_types::Revision;
use serde_json::json;

use super::{Call, Outcome, Route, answered, ok, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/config", Viewer, now show),
    route!(PUT "/api/config", Admin, later save),
    route!(GET "/api/config/revisions", Viewer, later revisions),
    route!(GET "/api/version", Viewer, now version),
];

pub(super) fn show(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().config())
}

pub(super) async fn save(edge: Arc<Edge>, call: Call) -> Outcome {
    answered(
        edge.gateway
            .control()
            .save_config(call.json()?, call.author.as_str())
            .await,
    )
}

pub(super) async fn revisions(edge: Arc<Edge>, call: Call) -> Outcome {
    let before = call.query.number("before")?.map(Revision);
    let limit = call.query.within("limit", 1, 1000, 50)?;
    answered(edge.gateway.control().revisions(before, limit).await)
}

/// A bare JSON string, as the reference has it.
pub(super) fn version(_: &Edge, _: &Call) -> Outcome {
    ok(&json!(concat!("v", env!("CARGO_PKG_VERSION"))))
}
