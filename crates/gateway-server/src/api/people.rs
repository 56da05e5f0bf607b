//! Who may use this API: users and API tokens.

use std::sync::Arc;

use gateway::settings::{ApiToken, User};

use super::documents::{delete, list, show};
use super::{Call, Outcome, Route, answered, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/users", Admin, now list::<User>),
    route!(POST "/api/users", Admin, later create_user),
    route!(GET "/api/users/{id}", Admin, now show::<User>),
    route!(PUT "/api/users/{id}", Admin, later upsert_user),
    route!(DELETE "/api/users/{id}", Admin, later delete_user),
    route!(GET "/api/tokens", Admin, now list::<ApiToken>),
    route!(POST "/api/tokens", Admin, later create_token),
    route!(GET "/api/tokens/{id}", Admin, now show::<ApiToken>),
    route!(PUT "/api/tokens/{id}", Admin, later upsert_token),
    route!(DELETE "/api/tokens/{id}", Admin, later delete::<ApiToken>),
    route!(POST "/api/tokens/{id}/rotate", Admin, later rotate_token),
];

async fn create_user(edge: Arc<Edge>, call: Call) -> Outcome {
    let control = edge.gateway.control();
    answered(control.save_user(None, call.json()?, call.author.as_str()).await)
}

async fn upsert_user(edge: Arc<Edge>, call: Call) -> Outcome {
    let (control, author) = (edge.gateway.control(), call.author.as_str());
    answered(control.save_user(Some(call.param("id")), call.json()?, author).await)
}

async fn delete_user(edge: Arc<Edge>, call: Call) -> Outcome {
    let control = edge.gateway.control();
    answered(control.delete_user(call.param("id"), call.author.as_str()).await)
}

async fn create_token(edge: Arc<Edge>, call: Call) -> Outcome {
    let control = edge.gateway.control();
    answered(control.save_token(None, call.json()?, call.author.as_str()).await)
}

async fn upsert_token(edge: Arc<Edge>, call: Call) -> Outcome {
    let (control, author) = (edge.gateway.control(), call.author.as_str());
    answered(control.save_token(Some(call.param("id")), call.json()?, author).await)
}

async fn rotate_token(edge: Arc<Edge>, call: Call) -> Outcome {
    let control = edge.gateway.control();
    answered(control.rotate_token(call.param("id"), call.author.as_str()).await)
}
