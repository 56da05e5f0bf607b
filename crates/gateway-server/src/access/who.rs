//! Somebody who was let in: what they are called, and what is open to them.

use gateway::control::Visitor;
use gateway::settings::Role;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::Origin;
use crate::api::{Needs, Route};
use crate::respond::ApiError;

/// Who made a change, for the revision's author and the audit log: `admin`, `loopback`, `user:alice`, `token:ci`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Author(String);

impl Author {
    /// Whoever calls a path that is open to all.
    pub(crate) fn nobody() -> Self {
        Self(String::from("nobody"))
    }

    /// As it is written down.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// By what somebody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// The admin token.
    AdminToken,
    /// Being at this machine, where nothing else is asked for.
    Loopback,
    /// A user's session.
    Session,
    /// A user's name and password.
    Password,
    /// An API token.
    #[serde(rename = "api_token")]
    Token,
}

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    /// What they are called.
    pub(crate) author: Author,
    /// What they may do.
    pub(crate) role: Role,
    /// The parts of the API that are open to them; none: all that the role may.
    pub(crate) scopes: Vec<String>,
    /// By what.
    pub(crate) by: By,
}

impl Who {
    /// Whoever has the admin token.
    pub(super) fn admin() -> Self {
        Self::all_powerful("admin", By::AdminToken)
    }

    /// Whoever is at this machine, where there are no credentials.
    pub(super) fn at_this_machine(origin: Origin<'_>) -> Result<Self, ApiError> {
        if origin.is_local() {
            return Ok(Self::all_powerful("loopback", By::Loopback));
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "without an admin token, users or API tokens the management API answers this machine only, by address, Host and \
             Origin; start the gateway with `--admin-token TOKEN` and send `Authorization: Bearer TOKEN` to use it from \
             elsewhere, or make a user at this machine with POST /api/users",
        ))
    }

    /// A user or an API token.
    pub(super) fn visitor(visitor: Visitor, by: By) -> Self {
        Self {
            author: Author(visitor.name),
            role: visitor.role,
            scopes: visitor.scopes,
            by,
        }
    }

    fn all_powerful(name: &str, by: By) -> Self {
        Self {
            author: Author(name.to_owned()),
            role: Role::Admin,
            scopes: Vec::new(),
            by,
        }
    }

    /// Whether a path of the management API is open to them.
    pub(crate) fn may(&self, route: &Route) -> Result<(), ApiError> {
        let needed = match route.needs {
            Needs::Public => return Ok(()),
            Needs::Viewer => Role::Viewer,
            Needs::Operator => Role::Operator,
            Needs::Admin => Role::Admin,
        };
        if self.role < needed {
            let (method, path, author) = (&route.method, route.path, self.author.as_str());
            let role = self.role;
            return Err(forbidden(format!(
                "{method} {path} is for the role `{needed}`; {author} is `{role}`"
            )));
        }
        self.may_see(route.part())
    }

    /// Whether a part of the API is among their scopes.
    pub(crate) fn may_see(&self, part: &str) -> Result<(), ApiError> {
        if self.scopes.is_empty() || self.scopes.iter().any(|scope| scope == part) {
            return Ok(());
        }
        let (author, scopes) = (self.author.as_str(), self.scopes.join(", "));
        Err(forbidden(format!("{author} opens {scopes} only, not {part}")))
    }

    /// Whether the `Authorization` header let them in, and so holds no virtual key.
    pub(crate) fn by_authorization(&self) -> bool {
        matches!(self.by, By::AdminToken | By::Password | By::Token)
    }
}

fn forbidden(message: String) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, message)
}

/// Somebody at this machine, for tests.
#[cfg(test)]
pub(crate) fn somebody() -> Who {
    Who::all_powerful("loopback", By::Loopback)
}
