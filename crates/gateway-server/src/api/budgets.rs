//! Budgets and rate limits by their own ids, whoever they belong to. An id may be written with its slashes or with `%2F` for
//! them: the path's rest is the id.

use std::sync::Arc;

use gateway::control::LimitKind::{self, Budget, RateLimit};
use http::StatusCode;

use super::{Call, Outcome, Route, answered, ok, route};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/budgets", Viewer, now budgets),
    route!(GET "/api/governance/budgets/{*id}", Viewer, now show_budget),
    route!(PUT "/api/governance/budgets/{*id}", Operator, later save_budget),
    route!(DELETE "/api/governance/budgets/{*id}", Operator, later delete_budget),
    route!(POST "/api/governance/budgets/{*id}", Operator, later reset_budget),
    route!(GET "/api/governance/rate-limits", Viewer, now rate_limits),
    route!(GET "/api/governance/rate-limits/{*id}", Viewer, now show_rate_limit),
    route!(PUT "/api/governance/rate-limits/{*id}", Operator, later save_rate_limit),
    route!(DELETE "/api/governance/rate-limits/{*id}", Operator, later delete_rate_limit),
    route!(POST "/api/governance/rate-limits/{*id}", Operator, later reset_rate_limit),
];

fn budgets(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().limits(Budget))
}

fn rate_limits(edge: &Edge, _: &Call) -> Outcome {
    ok(&edge.gateway.control().limits(RateLimit))
}

fn show_budget(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().limit(Budget, call.param("id")))
}

fn show_rate_limit(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().limit(RateLimit, call.param("id")))
}

async fn save_budget(edge: Arc<Edge>, call: Call) -> Outcome {
    save(Budget, &edge, &call).await
}

async fn save_rate_limit(edge: Arc<Edge>, call: Call) -> Outcome {
    save(RateLimit, &edge, &call).await
}

async fn delete_budget(edge: Arc<Edge>, call: Call) -> Outcome {
    delete(Budget, &edge, &call).await
}

async fn delete_rate_limit(edge: Arc<Edge>, call: Call) -> Outcome {
    delete(RateLimit, &edge, &call).await
}

async fn reset_budget(edge: Arc<Edge>, call: Call) -> Outcome {
    reset(Budget, &edge, &call).await
}

async fn reset_rate_limit(edge: Arc<Edge>, call: Call) -> Outcome {
    reset(RateLimit, &edge, &call).await
}

async fn save(kind: LimitKind, edge: &Edge, call: &Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(edge.gateway.control().save_limit(kind, id, call.json()?, author).await)
}

async fn delete(kind: LimitKind, edge: &Edge, call: &Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(edge.gateway.control().delete_limit(kind, id, author).await)
}

/// `POST …/{id}/reset`. A wildcard takes the whole rest of a path, so that the last word is looked at here.
async fn reset(kind: LimitKind, edge: &Edge, call: &Call) -> Outcome {
    let Some(id) = call.param("id").strip_suffix("/reset") else {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "what can be posted to a budget or a rate limit is `…/{id}/reset`".to_owned(),
        ));
    };
    answered(edge.gateway.control().reset_limit(kind, id, call.author.as_str()).await)
}
