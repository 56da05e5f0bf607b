//! Who may use the management API: people who log in, and tokens for programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Somebody who logs in with a password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name to log in with.
    pub username: String,
    /// What may be done.
    pub role: Role,
    /// The password, hashed with Argon2id, in the PHC string format.
    pub password_hash: String,
}

/// A token for a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// The keyed hash of its value, in hex.
    pub value_hash: String,
    /// When it stops working, as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}
