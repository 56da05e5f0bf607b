//! Who may use this API: users and API tokens.

use std::sync::Arc;

use gateway::control::{List, Message, One, TokenSaved};
use gateway::settings::{ApiToken, Role, User};
use schemars::JsonSchema;

use super::doc::Doc;
use super::documents::{Change, ListQuery, delete, list, show};
use super::{Call, Outcome, Route, answered, route};
use crate::state::Edge;

/// The paths that are answered here.
pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/users", Admin, now list::<User>,
        Doc::of("Lists users").query::<PeopleQuery>().gives::<List<User>>()),
    route!(POST "/api/users", Admin, later create_user,
        Doc::of("Makes a user").details("409 where it exists.").takes::<UserChange>().gives::<One<User>>()),
    route!(GET "/api/users/{id}", Admin, now show::<User>, Doc::of("Shows a user").gives::<One<User>>()),
    route!(PUT "/api/users/{id}", Admin, later upsert_user,
        Doc::of("Changes a user, or makes it").details(USER).takes::<UserChange>().gives::<One<User>>()),
    route!(DELETE "/api/users/{id}", Admin, later delete_user,
        Doc::of("Deletes a user, whose sessions end").details(WAY_IN).gives::<Message>()),
    route!(GET "/api/tokens", Admin, now list::<ApiToken>,
        Doc::of("Lists API tokens").query::<PeopleQuery>().gives::<List<ApiToken>>()),
    route!(POST "/api/tokens", Admin, later create_token,
        Doc::of("Makes an API token").details(TOKEN).takes::<Change<ApiToken>>().gives::<TokenSaved>()),
    route!(GET "/api/tokens/{id}", Admin, now show::<ApiToken>,
        Doc::of("Shows an API token, without its value").gives::<One<ApiToken>>()),
    route!(PUT "/api/tokens/{id}", Admin, later upsert_token,
        Doc::of("Changes an API token, or makes it").details(TOKEN).takes::<Change<ApiToken>>().gives::<TokenSaved>()),
    route!(DELETE "/api/tokens/{id}", Admin, later delete::<ApiToken>,
        Doc::of("Deletes an API token").details(WAY_IN).gives::<Message>()),
    route!(POST "/api/tokens/{id}/rotate", Admin, later rotate_token,
        Doc::of("Gives an API token another value, told this once; the old one stops working").gives::<TokenSaved>()),
];

const USER: &str = "\
What is not said stays. Another password or role ends the user's sessions. 409 where a configuration file declares the user, \
or nobody would be left who can manage the gateway.";
const TOKEN: &str = "Where a new token is given no `value`, one is made and told in the answer, this once.";
const WAY_IN: &str = "409 where a configuration file declares it, or nobody would be left who can manage the gateway.";

/// Which users or tokens are wanted.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "read field by field, so that errors name them")]
struct PeopleQuery {
    #[schemars(flatten)]
    list: ListQuery,
    /// Those with that role.
    role: Option<Role>,
}

/// A change of a user. A new one needs all of it, with a password or the hash of one.
#[derive(JsonSchema)]
#[allow(
    dead_code,
    reason = "the schema of a body that is read field by field, so that errors name them"
)]
struct UserChange {
    /// The name to log in with: up to 100 letters, digits and `-_.@`.
    username: Option<String>,
    /// What may be done.
    role: Option<Role>,
    /// A password of at least 12 characters.
    password: Option<String>,
    /// Instead of a password: its hash, as `gateway-server hash-password` makes it.
    password_hash: Option<String>,
}

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
