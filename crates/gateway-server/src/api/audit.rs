//! `/api/audit-logs`: who did what to what, and whether the log is what was written.

use std::sync::Arc;

use gateway::ports::audit::AuditQuery;

use super::{Call, Outcome, Route, answered, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/audit-logs", Admin, later list),
    route!(POST "/api/audit-logs/verify", Admin, later verify),
];

/// Newest first. `action=ledger.` and `target=provider/` take all that begin so; `before` is the `next` of the page before.
async fn list(edge: Arc<Edge>, call: Call) -> Outcome {
    let query = &call.query;
    query.only(&["actor", "action", "target", "start_time", "end_time", "before", "limit"])?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let wanted = AuditQuery {
        actor: text("actor"),
        action: text("action"),
        target: text("target"),
        from: query.moment("start_time")?,
        until: query.moment("end_time")?,
        before: query.number("before")?,
        limit: query.within("limit", 1, 1000, 50)?,
    };
    answered(edge.gateway.control().audit_logs(&wanted).await)
}

async fn verify(edge: Arc<Edge>, _: Call) -> Outcome {
    answered(edge.gateway.control().verify_audit_logs().await)
}
