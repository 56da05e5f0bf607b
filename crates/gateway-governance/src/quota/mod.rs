//! The one mechanism: a budget and a rate limit are the same thing in different units.

mod window;

pub use window::{Cut, NotAligned};

use std::fmt;
use std::time::Duration;

use gateway_types::{QuotaId, Wall};
use serde::{Deserialize, Serialize};

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
    /// When coming back can help; `None` where only finishing calls can.
    pub resets_in: Option<Duration>,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, limit, used, .. } = self;
        match self.unit {
            Unit::NanoUsd => {
                let (limit, used) = (gateway_types::NanoUsd(*limit), gateway_types::NanoUsd(*used));
                write!(f, "budget of {owner} exceeded: {used} of {limit} dollars used")
            }
            Unit::Requests => write!(f, "request limit of {owner} reached: {used} of {limit} requests used"),
            Unit::Tokens => write!(f, "token limit of {owner} reached: {used} of {limit} tokens used"),
            Unit::InFlight => write!(f, "limit of {owner} on requests in flight reached: {used} of {limit}"),
        }
    }
}
