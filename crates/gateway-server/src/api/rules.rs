//! Routing rules.

use gateway::Control;
use gateway::control::{Check, Checked, ConditionSchema, List, Message, One};
use gateway::settings::{RoutingRule, RuleScope};
use schemars::JsonSchema;

use super::doc::Doc;
use super::documents::{Change, ListQuery, create, delete, list, show, upsert};
use super::{Call, Outcome, Route, route, typed};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/routing-rules", Viewer, now list::<RoutingRule>,
        Doc::of("Lists routing rules").details(LISTS).query::<RulesQuery>().gives::<List<RoutingRule>>()),
    route!(POST "/api/governance/routing-rules", Operator, later create::<RoutingRule>,
        Doc::of("Makes a routing rule").details(MAKES).takes::<Change<RoutingRule>>().gives::<One<RoutingRule>>()),
    route!(POST "/api/governance/routing-rules/check", Viewer, now check,
        Doc::of("Checks a condition while somebody types it").details(CHECKS).takes::<Check>().gives::<Checked>()),
    route!(GET "/api/governance/routing-rules/schema", Viewer, now schema,
        Doc::of("What conditions may speak of").gives::<ConditionSchema>()),
    route!(GET "/api/governance/routing-rules/{id}", Viewer, now show::<RoutingRule>,
        Doc::of("Shows a routing rule").gives::<One<RoutingRule>>()),
    route!(PUT "/api/governance/routing-rules/{id}", Operator, later upsert::<RoutingRule>,
        Doc::of("Changes a routing rule, or makes it").details(CHANGES)
            .takes::<Change<RoutingRule>>().gives::<One<RoutingRule>>()),
    route!(DELETE "/api/governance/routing-rules/{id}", Operator, later delete::<RoutingRule>,
        Doc::of("Deletes a routing rule").gives::<Message>()),
];

const LISTS: &str = "\
In the order of their ids. They are asked in another one: the virtual key's own first, then its team's, its customer's and \
the global ones; within a scope by `priority`, the lowest first, and by id where that is equal. `warnings` names targets \
that are not there yet.";
const MAKES: &str =
    "An id is made where none is given; 409 where it exists. A condition that is wrong is refused with its place.";
const CHANGES: &str = "What is not said stays; null removes. 409 where a configuration file declares it.";
const CHECKS: &str = "\
Answers 200 whether it is right or wrong. Places are in characters; lines and columns count from 1. With `facts`, a sample \
call, it is told whether the condition is true of it, and if not, which part is false.";

/// Which routing rules are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct RulesQuery {
    #[schemars(flatten)]
    list: ListQuery,
    /// Those for such callers alone.
    scope: Option<RuleScope>,
    /// Those of one virtual key, team or customer.
    scope_id: Option<String>,
}

/// Whether an expression would be taken, for an editor that asks while somebody types.
fn check(_: &Edge, call: &Call) -> Outcome {
    typed(&Control::check_condition(call.json()?)?)
}

/// The names that expressions may use.
fn schema(_: &Edge, _: &Call) -> Outcome {
    typed(&Control::condition_schema())
}
