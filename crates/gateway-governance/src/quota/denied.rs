//! Why a quota let nothing through, for the client.

use std::fmt;
use std::time::Duration;

use gateway_types::{Error, ErrorKind, Limited, NanoUsd, QuotaId};

use super::Unit;

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
    /// How much may be taken at once, where that is what refused.
    pub burst: Option<i64>,
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
        let mut error = Error::new(kind, self.to_string()).retry_after(self.resets_in.unwrap_or(SOON).max(SOON));
        error.limited = Some(Box::new(Limited {
            quota: self.quota.clone(),
            owner: self.owner.clone(),
            unit: self.unit.word(),
            limit: self.limit,
            used: self.used,
            resets_in: self.resets_in,
        }));
        error
    }

    fn burst(&self, f: &mut fmt::Formatter<'_>, burst: i64) -> fmt::Result {
        let Self { owner, needed, .. } = self;
        match self.unit {
            Unit::Tokens => write!(
                f,
                "token limit of {owner} reached: at most {burst} tokens may be taken at once, and this call needs {needed}"
            ),
            _ => write!(
                f,
                "request limit of {owner} reached: at most {burst} requests may come at once, the others spread over time"
            ),
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(burst) = self.burst {
            return self.burst(f, burst);
        }
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
