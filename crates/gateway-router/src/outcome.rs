//! How an attempt ended, as far as the next choice depends on it.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::retry::{millis, millis_option};

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The answer came.
    Success,
    /// The upstream calls the request itself wrong (400, 422, …). The client gets that answer; nobody else is asked.
    Rejected,
    /// The upstream refuses the credential (401, 403).
    KeyRefused,
    /// The upstream limits the credential (429).
    RateLimited {
        /// How long it asks to be left alone.
        #[serde(rename = "retry_after_ms", with = "millis_option")]
        retry_after: Option<Duration>,
    },
    /// The upstream does not know the model (404).
    ModelMissing,
    /// The upstream failed (5xx).
    Failed,
    /// The upstream failed, and says when it can be asked again (503 with `Retry-After`).
    Busy {
        /// How long it asks to be left alone.
        #[serde(rename = "retry_after_ms", with = "millis")]
        retry_after: Duration,
    },
    /// No connection to the upstream.
    Unreachable,
    /// No response head in time.
    TimedOut,
    /// The upstream broke off, before the first byte of an answer or after.
    Broke,
    /// The attempt was given up before anything was sent, for the reason given. It costs nothing.
    Skipped(String),
}

impl Outcome {
    /// The word for it in logs, metrics and explanations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Rejected => "rejected",
            Self::KeyRefused => "key_refused",
            Self::RateLimited { .. } => "rate_limited",
            Self::ModelMissing => "model_missing",
            Self::Failed => "failed",
            Self::Busy { .. } => "busy",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Broke => "broke",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Whether another candidate is asked after it.
    pub const fn moves_on(&self) -> bool {
        !matches!(self, Self::Success | Self::Rejected)
    }

    /// Whether it speaks against the deployment's health.
    pub const fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Busy { .. } | Self::Unreachable | Self::TimedOut | Self::Broke
        )
    }

    pub(crate) const fn is_worth_a_retry(&self) -> bool {
        self.is_failure() || matches!(self, Self::RateLimited { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "answered",
            Self::Rejected => "the upstream rejected the request",
            Self::KeyRefused => "the upstream refused the key",
            Self::RateLimited { retry_after: None } => "the upstream limits the key",
            Self::RateLimited {
                retry_after: Some(after),
            } => {
                return write!(f, "the upstream limits the key for {} ms", after.as_millis());
            }
            Self::ModelMissing => "the upstream does not know the model",
            Self::Failed => "the upstream failed",
            Self::Busy { retry_after } => {
                return write!(f, "the upstream is busy for {} ms", retry_after.as_millis());
            }
            Self::Unreachable => "the upstream cannot be reached",
            Self::TimedOut => "the upstream did not answer in time",
            Self::Broke => "the upstream broke off",
            Self::Skipped(why) => return write!(f, "skipped: {why}"),
        })
    }
}

impl From<&Self> for Outcome {
    fn from(outcome: &Self) -> Self {
        outcome.clone()
    }
}
