//! The settings of a router: how fast it loses trust, and for how long.

use std::time::Duration;

/// Settings of a [`Router`](crate::Router). The defaults are meant to be kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// When a place counts as broken.
    pub breaker: BreakerSettings,
    /// How long a key is left alone.
    pub cooldown: Cooldowns,
    /// What is remembered.
    pub memory: Memory,
}

/// When a place counts as broken, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerSettings {
    /// Failures (5xx, broken answers) in a row that open it.
    pub failures: u32,
    /// Timeouts in a row that open it.
    pub timeouts: u32,
    /// Failed connections in a row that open it, for every deployment behind the same base URL.
    pub unreachable: u32,
    /// The share of failed calls that opens it, once `samples` calls are known within `window`.
    pub error_rate: f64,
    /// How many calls make a share believable.
    pub samples: u32,
    /// How far back calls count.
    pub window: Duration,
    /// How long it is open at first. Every failed probe doubles it.
    pub open_for: Duration,
    /// The longest it is open before the next probe.
    pub open_max: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 3,
            timeouts: 1,
            unreachable: 1,
            error_rate: 0.5,
            samples: 20,
            window: Duration::from_secs(30),
            open_for: Duration::from_secs(5),
            open_max: Duration::from_secs(60),
        }
    }
}

impl BreakerSettings {
    /// How long to open after so many openings in a row.
    pub(crate) fn open_ms(&self, trips: u32) -> u64 {
        let factor = 1_u32.checked_shl(trips).unwrap_or(u32::MAX);
        ms(self.open_for.saturating_mul(factor).min(self.open_max))
    }
}

/// How long a key is left alone after an answer that concerns it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cooldowns {
    /// After 401 or 403.
    pub refused: Duration,
    /// After 429 without `Retry-After`.
    pub limited: Duration,
    /// After "model not found".
    pub missing: Duration,
    /// The most of a `Retry-After` that is believed.
    pub longest: Duration,
}

impl Default for Cooldowns {
    fn default() -> Self {
        Self {
            refused: Duration::from_secs(60),
            limited: Duration::from_secs(5),
            missing: Duration::from_secs(30),
            longest: Duration::from_secs(3600),
        }
    }
}

/// What is remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// How many deployments at most; the longest unused are forgotten first.
    pub deployments: usize,
    /// How long a measured time keeps its influence.
    pub latency_decay: Duration,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            deployments: 10_000,
            latency_decay: Duration::from_secs(30),
        }
    }
}

/// Whole milliseconds.
pub(crate) fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
