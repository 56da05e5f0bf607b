//! Who may use the management API: people who log in, and tokens for programs.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::KeyValue;

/// What somebody may do. Each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees settings, usage, logs and the ledger.
    Viewer,
    /// Changes providers, virtual keys, limits, rules and prices.
    Operator,
    /// Changes who may do what, writes off money, exports and deletes.
    Admin,
}

impl Role {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The parts of the management API that an API token can be limited to: the first segment of a path after `/api`, and
/// `metrics` for `/metrics`. Users, tokens and sessions are no parts: whoever manages those can give themselves the rest.
pub const PARTS: [&str; 16] = [
    "audit-logs",
    "config",
    "explain",
    "governance",
    "health",
    "keys",
    "ledger",
    "logs",
    "metrics",
    "models",
    "offers",
    "overview",
    "playground",
    "pricing",
    "providers",
    "version",
];

/// Somebody who logs in with a password.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name to log in with.
    pub username: String,
    /// What may be done.
    pub role: Role,
    /// The password, hashed with Argon2id, in the PHC string format: `gateway-server hash-password` makes one.
    pub password_hash: String,
}

/// A token for a program.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiToken {
    /// Its id in paths and in the audit log.
    pub id: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The most that may be done with it.
    pub role: Role,
    /// The parts of the management API that it opens: `logs`, `governance`, … None: all that the role may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// What is presented, of 32 characters at least: plain or `env.NAME`. It is hashed at once and kept nowhere.
    #[serde(default, skip_serializing)]
    pub value: Option<KeyValue>,
    /// Filled in by the gateway: the keyed hash of its value, in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value_hash: String,
    /// When it stops working, as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (username, role) = (&self.username, &self.role);
        f.debug_struct("User")
            .field("username", username)
            .field("role", role)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiToken")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
