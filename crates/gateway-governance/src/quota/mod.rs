//! The one mechanism: a budget and a rate limit are the same thing in different units.
//!
//! A quota's durable books are a [`crate::ledger::Ledger`]'s. Its node takes slices of them and spends these in memory:
//! what is free is what was granted, less what is settled, less what unfinished calls hold. `book` is that arithmetic
//! and nothing else, `cell` makes it safe to share, `scope` collects the cells that one call has to pass. Beside its
//! window a rate limit may have a burst: `gcra` spreads the rest evenly.

pub(crate) mod book;
pub(crate) mod cell;
mod crossing;
mod denied;
#[cfg(test)]
mod fixtures;
mod gcra;
#[cfg(test)]
mod model;
mod owner;
mod pace;
pub(crate) mod scope;
mod window;

pub use cell::Cell;
pub use crossing::Crossing;
pub use denied::Denied;
pub use owner::Owner;
pub use scope::{Quotas, Scope};
pub use window::{Cut, NotAligned};

use std::sync::Arc;
use std::time::Duration;

use gateway_types::{QuotaId, Wall};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::Alerts;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "QuotaUnit")]
pub enum Unit {
    /// Money, in nano-dollars.
    NanoUsd,
    /// Requests.
    Requests,
    /// Tokens.
    Tokens,
    /// Requests at the same time; it has no window and is not kept.
    InFlight,
}

impl Unit {
    /// Its name in settings, errors and stores.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NanoUsd => "nano_usd",
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::InFlight => "in_flight",
        }
    }
}

/// A window's number within its quota. They only go up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WindowNo(pub u64);

/// What a quota is, before it has a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaSpec {
    /// Its id: made of the owner and the unit, so that it outlives changes of its numbers.
    pub id: QuotaId,
    /// Whose it is, in words for refusals: `virtual key vk-dev`.
    pub owner: String,
    /// What is counted.
    pub unit: Unit,
    /// How much of it a window allows.
    pub limit: i64,
    /// How time is cut. Of no meaning for [`Unit::InFlight`].
    pub cut: Cut,
    /// How much may be taken at once, where the rest of a window is spread evenly over it.
    pub burst: Option<i64>,
    /// Who is told when it runs low; of a budget only.
    pub alerts: Option<Arc<Alerts>>,
}

/// A quota's state as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaUsage {
    /// The limit in force.
    pub limit: i64,
    /// What has been charged in this window.
    pub used: i64,
    /// What unfinished calls hold.
    pub held: i64,
    /// When the window began, where one is open.
    pub started: Option<Wall>,
    /// When it ends.
    pub ends: Option<Wall>,
}

/// What a rate limit leaves, for the response headers of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// How much a window allows.
    pub limit: i64,
    /// What of it may still be taken now.
    pub remaining: i64,
    /// When the window ends and all of it may be taken again.
    pub resets_in: Duration,
}
