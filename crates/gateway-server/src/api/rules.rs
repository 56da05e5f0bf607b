//! Routing rules.

use gateway::Control;
use gateway::settings::RoutingRule;

use super::documents::{create, delete, list, show, upsert};
use super::{Call, Outcome, Route, answered, ok, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/governance/routing-rules", Viewer, now list::<RoutingRule>),
    route!(POST "/api/governance/routing-rules", Operator, later create::<RoutingRule>),
    route!(POST "/api/governance/routing-rules/check", Viewer, now check),
    route!(GET "/api/governance/routing-rules/schema", Viewer, now schema),
    route!(GET "/api/governance/routing-rules/{id}", Viewer, now show::<RoutingRule>),
    route!(PUT "/api/governance/routing-rules/{id}", Operator, later upsert::<RoutingRule>),
    route!(DELETE "/api/governance/routing-rules/{id}", Operator, later delete::<RoutingRule>),
];

/// Whether an expression would be taken, for an editor that asks while somebody types.
fn check(_: &Edge, call: &Call) -> Outcome {
    answered(Control::check_condition(call.json()?))
}

/// The names that expressions may use.
fn schema(_: &Edge, _: &Call) -> Outcome {
    ok(&Control::condition_schema())
}
