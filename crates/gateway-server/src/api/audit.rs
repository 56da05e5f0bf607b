//! `/api/audit-logs`: who did what to what, and whether the log is what was written.

use std::sync::Arc;

use gateway::control::{AuditList, AuditVerdict};
use gateway::ports::audit::AuditQuery;
use schemars::JsonSchema;

use super::doc::Doc;
use super::{Call, Outcome, Route, answered, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/audit-logs", Admin, later list,
        Doc::of("Lists who did what, newest first").query::<RecordsQuery>().gives::<AuditList>()),
    route!(POST "/api/audit-logs/verify", Admin, later verify,
        Doc::of("Computes every hash of the audit log anew").details(VERIFIES).gives::<AuditVerdict>()),
];

const VERIFIES: &str = "\
Each record holds the hash of itself and all before it: one that was changed, removed or moved is found. Noting `head` \
somewhere else finds a log that was written anew from its beginning.";

/// Which records are wanted: those that fit all that is said.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct RecordsQuery {
    /// By that actor: `user:anna`, `token:ci`, `admin`, …
    actor: Option<String>,
    /// That action, or all that begin so: `provider.update`, `ledger.`.
    action: Option<String>,
    /// To that target, or to all that begin so: `provider/openai`, `provider/`.
    target: Option<String>,
    /// At that time or later, in RFC 3339.
    start_time: Option<String>,
    /// Before that time, in RFC 3339.
    end_time: Option<String>,
    /// Those before this number: the `next` of the page before.
    before: Option<u64>,
    /// The most that are answered: 1 to 1000; 50 unless given.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

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
