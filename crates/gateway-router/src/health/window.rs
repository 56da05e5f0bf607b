//! Calls and failures of the last while, in a ring of slots.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const SLOTS: usize = 6;

/// Counts over a window that rolls in sixths. Each slot is one word: its number, its calls, its failures.
#[derive(Debug, Default)]
pub(crate) struct Window([AtomicU64; SLOTS]);

/// What a window holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) calls: u32,
    pub(crate) failures: u32,
}

impl Counts {
    /// Failures per call; 0 without calls.
    pub(crate) fn rate(self) -> f64 {
        if self.calls == 0 {
            0.0
        } else {
            f64::from(self.failures) / f64::from(self.calls)
        }
    }
}

impl Window {
    /// Counts a call that ended at `now`.
    pub(crate) fn record(&self, failed: bool, now: u64, length: u64) {
        let number = number(now, length);
        let _ = self.0[number as usize % SLOTS].fetch_update(Relaxed, Relaxed, |word| {
            let held = if word >> 32 == number { word } else { number << 32 };
            let (calls, failures) = ((held >> 16) as u16, held as u16);
            let calls = u64::from(calls.saturating_add(1));
            let failures = u64::from(failures.saturating_add(u16::from(failed)));
            Some((number << 32) | (calls << 16) | failures)
        });
    }

    /// What it holds at `now`.
    pub(crate) fn counts(&self, now: u64, length: u64) -> Counts {
        let number = number(now, length);
        let oldest = number.saturating_sub(SLOTS as u64 - 1);
        self.0
            .iter()
            .map(|slot| slot.load(Relaxed))
            .filter(|word| (oldest..=number).contains(&(word >> 32)))
            .fold(Counts::default(), |sum, word| Counts {
                calls: sum.calls + u32::from((word >> 16) as u16),
                failures: sum.failures + u32::from(word as u16),
            })
    }

    /// Forgets everything: what led to an opening must not lead to the next.
    pub(crate) fn clear(&self) {
        for slot in &self.0 {
            slot.store(0, Relaxed);
        }
    }
}

fn number(now: u64, length: u64) -> u64 {
    (now / (length / SLOTS as u64).max(1)) & u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_calls_roll_out() {
        let window = Window::default();
        for (now, failed) in [(0, true), (1_000, true), (2_000, false), (5_900, false)] {
            window.record(failed, now, 6_000);
        }
        assert_eq!(window.counts(5_999, 6_000), Counts { calls: 4, failures: 2 });
        assert_eq!(window.counts(6_000, 6_000), Counts { calls: 3, failures: 1 });
        assert_eq!(window.counts(90_000, 6_000), Counts::default());
        assert_eq!(window.counts(5_999, 6_000).rate(), 0.5);
    }
}
