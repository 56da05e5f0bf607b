//! Budgets and rate limits by their own ids, whoever they belong to. An id may be written with its slashes or with `%2F` for
//! them: the path's rest is the id.

use std::sync::Arc;

use gateway::control::{AllOf, Limit, Message, One};
use gateway::settings::{Budget, RateLimit};
use http::StatusCode;

use super::doc::Doc;
use super::documents::Change;
use super::{Call, Outcome, Route, answered, route, typed};
use crate::respond::ApiError;
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/budgets", Viewer, now all::<Budget>,
        Doc::of("Lists all budgets, whoever they belong to").details(MADE).gives::<AllOf<Budget>>()),
    route!(GET "/api/governance/budgets/{*id}", Viewer, now show::<Budget>,
        Doc::of("Shows a budget with its use").gives::<One<Budget>>()),
    route!(PUT "/api/governance/budgets/{*id}", Operator, later save::<Budget>,
        Doc::of("Changes a budget").details(CHANGED).takes::<Change<Budget>>().gives::<One<Budget>>()),
    route!(DELETE "/api/governance/budgets/{*id}", Operator, later delete::<Budget>,
        Doc::of("Takes a budget from its owner").gives::<Message>()),
    route!(POST "/api/governance/budgets/{*id}", Operator, later reset::<Budget>,
        Doc::of("Begins a budget's window anew").details(RESET).gives::<One<Budget>>()),
    route!(GET "/api/governance/rate-limits", Viewer, now all::<RateLimit>,
        Doc::of("Lists all rate limits, whoever they belong to").details(MADE).gives::<AllOf<RateLimit>>()),
    route!(GET "/api/governance/rate-limits/{*id}", Viewer, now show::<RateLimit>,
        Doc::of("Shows a rate limit with its use").gives::<One<RateLimit>>()),
    route!(PUT "/api/governance/rate-limits/{*id}", Operator, later save::<RateLimit>,
        Doc::of("Changes a rate limit").details(CHANGED).takes::<Change<RateLimit>>().gives::<One<RateLimit>>()),
    route!(DELETE "/api/governance/rate-limits/{*id}", Operator, later delete::<RateLimit>,
        Doc::of("Takes a rate limit from its owner").gives::<Message>()),
    route!(POST "/api/governance/rate-limits/{*id}", Operator, later reset::<RateLimit>,
        Doc::of("Begins a rate limit's windows anew").details(RESET).gives::<One<RateLimit>>()),
];

const MADE: &str = "\
There is no POST that makes one: a budget or a rate limit is made with its owner, a virtual key, team, customer, provider or \
model, whose `budgets` and `rate_limit` they are.";
const CHANGED: &str = "\
Its numbers are changed where its owner has them; what is not said stays. 404 where there is none: it is made with its owner.";
const RESET: &str = "\
The path is the id and `/reset`. What was used counts no more, and stays in the ledger; the audit log keeps who did it and how \
much had been used.";

fn all<L: Limit>(edge: &Edge, _: &Call) -> Outcome {
    typed(&edge.gateway.control().limits::<L>())
}

fn show<L: Limit>(edge: &Edge, call: &Call) -> Outcome {
    answered(edge.gateway.control().limit::<L>(call.param("id")))
}

async fn save<L: Limit>(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(edge.gateway.control().save_limit::<L>(id, call.json()?, author).await)
}

async fn delete<L: Limit>(edge: Arc<Edge>, call: Call) -> Outcome {
    let (id, author) = (call.param("id"), call.author.as_str());
    answered(edge.gateway.control().delete_limit::<L>(id, author).await)
}

/// `POST …/{id}/reset`. A wildcard takes the whole rest of a path, so that the last word is looked at here.
async fn reset<L: Limit>(edge: Arc<Edge>, call: Call) -> Outcome {
    let Some(id) = call.param("id").strip_suffix("/reset") else {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "what can be posted to a budget or a rate limit is `…/{id}/reset`".to_owned(),
        ));
    };
    answered(edge.gateway.control().reset_limit::<L>(id, call.author.as_str()).await)
}
