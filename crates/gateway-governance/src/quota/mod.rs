//! The one mechanism: a budget and a rate limit are the same thing in different units.
//!
//! A quota's durable books are a [`crate::ledger::Ledger`]'s. Its node takes slices of them and spends these in memory:
//! what is free is what was granted, less what is settled, less what unfinished calls hold. `book` is that arithmetic
//! and nothing else, `cell` makes it safe to share, `scope` collects the cells that one call has to pass.

pub(crate) mod book;
pub(crate) mod cell;
mod owner;
pub(crate) mod scope;
mod window;

pub use cell::Cell;
pub use owner::Owner;
pub use scope::{Quotas, Scope};
pub use window::{Cut, NotAligned};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gateway_types::{Error, ErrorKind, NanoUsd, QuotaId, Wall};
use serde::{Deserialize, Serialize};

use crate::settings::Alerts;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Why a quota let nothing through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Which.
    pub quota: QuotaId,
    /// Whose, in words.
    pub owner: String,
    /// What it counts.
    pub unit: Unit,
    /// Its limit.
    pub limit: i64,
    /// What is used and held of it.
    pub used: i64,
    /// What the call needed.
    pub needed: i64,
    /// When coming back can help; `None` where only finishing calls can.
    pub resets_in: Option<Duration>,
}

impl Denied {
    /// The error that a client is told.
    pub fn error(&self) -> Error {
        /// How soon to come back where only finishing calls can help.
        const SOON: Duration = Duration::from_secs(1);
        let kind = match self.unit {
            Unit::NanoUsd => ErrorKind::BudgetExceeded,
            Unit::Requests | Unit::InFlight => ErrorKind::RequestLimited,
            Unit::Tokens => ErrorKind::TokenLimited,
        };
        Error::new(kind, self.to_string()).retry_after(self.resets_in.unwrap_or(SOON).max(SOON))
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            owner,
            limit,
            used,
            needed,
            ..
        } = self;
        let taken = match self.resets_in {
            Some(_) => "used",
            None => "used or held by calls under way",
        };
        match self.unit {
            Unit::NanoUsd => {
                let [limit, used, needed] = [*limit, *used, *needed].map(NanoUsd);
                write!(
                    f,
                    "budget of {owner} exceeded: {used} of {limit} dollars {taken}, and this call can cost {needed}"
                )
            }
            Unit::Requests => write!(
                f,
                "request limit of {owner} reached: {used} of {limit} requests {taken}"
            ),
            Unit::Tokens => {
                write!(
                    f,
                    "token limit of {owner} reached: {used} of {limit} tokens {taken}, and this call needs {needed}"
                )
            }
            Unit::InFlight => write!(f, "limit of {owner} on requests in flight reached: {used} of {limit}"),
        }
    }
}
