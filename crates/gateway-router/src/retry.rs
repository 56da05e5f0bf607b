//! Trying the same place again: how often, and after how long.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::rng::Rng;

/// How a provider wants to be tried again on the same key. Off unless asked for: fallbacks do the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// How many times one request may try the same key again.
    pub max_retries: u32,
    /// The wait before the first of them, in milliseconds; each further one waits twice as long.
    #[serde(rename = "backoff_initial_ms", with = "millis")]
    #[schemars(with = "u64")]
    pub backoff_initial: Duration,
    /// The longest wait, in milliseconds. An upstream that asks for more is not waited for.
    #[serde(rename = "backoff_max_ms", with = "millis")]
    #[schemars(with = "u64")]
    pub backoff_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 0,
            backoff_initial: Duration::from_millis(500),
            backoff_max: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// How long to wait before the same key may be tried again after `done` retries; none if it may not.
    pub(crate) fn delay(&self, outcome: &Outcome, done: u32, rng: &mut Rng) -> Option<Duration> {
        if done >= self.max_retries || !outcome.is_worth_a_retry() {
            return None;
        }
        let asked = match outcome {
            Outcome::RateLimited { retry_after } => retry_after.unwrap_or_default(),
            Outcome::Busy { retry_after } => *retry_after,
            _ => Duration::ZERO,
        };
        (asked <= self.backoff_max).then(|| asked.max(self.backoff(done, rng)))
    }

    /// Doubles with every retry. The upper half is drawn, so that requests that failed together do not return together.
    fn backoff(&self, done: u32, rng: &mut Rng) -> Duration {
        let full = self
            .backoff_initial
            .saturating_mul(1_u32.checked_shl(done).unwrap_or(u32::MAX))
            .min(self.backoff_max);
        full.mul_f64(0.5 + rng.unit() / 2.0)
    }
}

/// Durations as whole milliseconds, for what is written down.
pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(span: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        u64::deserialize(input).map(Duration::from_millis)
    }
}

/// The same where there may be none.
pub(crate) mod millis_option {
    use std::time::Duration;

    use serde::Serializer;

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(span: &Option<Duration>, out: S) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => super::millis::serialize(span, out),
            None => out.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        max_retries: 4,
        backoff_initial: Duration::from_millis(500),
        backoff_max: Duration::from_secs(2),
    };

    fn limited(retry_after: Duration) -> Outcome {
        Outcome::RateLimited {
            retry_after: Some(retry_after),
        }
    }

    #[test]
    fn a_busy_upstream_is_waited_for_as_long_as_it_asks_and_no_longer_than_the_policy_allows() {
        let busy = |seconds| Outcome::Busy {
            retry_after: Duration::from_secs(seconds),
        };
        let waits = |seconds| POLICY.delay(&busy(seconds), 0, &mut Rng::new(1));
        assert!(waits(1).unwrap() >= Duration::from_secs(1));
        assert_eq!(waits(POLICY.backoff_max.as_secs() + 1), None);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_are_jittered_within_the_upper_half() {
        let mut rng = Rng::new(7);
        for (done, full) in [(0, 500), (1, 1000), (2, 2000), (3, 2000)] {
            let wait = POLICY.delay(&Outcome::Failed, done, &mut rng).unwrap().as_millis();
            assert!((full / 2..=full).contains(&wait), "retry {done} waits {wait} ms");
        }
        assert_eq!(POLICY.delay(&Outcome::Failed, 4, &mut rng), None);
    }

    #[test]
    fn retry_after_is_honoured_up_to_the_longest_wait_and_otherwise_not_waited_for() {
        let mut rng = Rng::new(7);
        let second = Duration::from_secs(1);
        assert_eq!(POLICY.delay(&limited(second), 0, &mut rng), Some(second));
        assert_eq!(POLICY.delay(&limited(3 * second), 0, &mut rng), None);
    }

    #[test]
    fn what_another_try_cannot_mend_is_not_tried_again() {
        let mut rng = Rng::new(7);
        for outcome in [
            Outcome::KeyRefused,
            Outcome::Rejected,
            Outcome::ModelMissing,
            Outcome::Success,
        ] {
            assert_eq!(POLICY.delay(&outcome, 0, &mut rng), None, "{outcome:?}");
        }
    }

    #[test]
    fn huge_policies_do_not_overflow() {
        let policy = RetryPolicy {
            max_retries: u32::MAX,
            backoff_initial: Duration::MAX,
            backoff_max: Duration::from_secs(9),
        };
        assert!(policy.delay(&Outcome::Failed, 90, &mut Rng::new(1)).unwrap() <= policy.backoff_max);
    }
}
