//! The one place of the library that reads the clocks.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway_types::{Clock, Now, Tick, Wall};

/// How long the calendar is taken to run beside the monotonic clock before it is looked at again, in microseconds: a call
/// reads the time many times, and an operator who sets the clock does not see ten milliseconds.
const TOGETHER: u64 = 10_000;

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    began: Instant,
    /// The calendar's time at the beginning, by the latest look at it, in microseconds since the epoch.
    origin: AtomicI64,
    /// When it is to be looked at again, in microseconds from the beginning.
    due: AtomicU64,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            origin: AtomicI64::new(0),
            due: AtomicU64::new(0),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let tick = self.began.elapsed();
        let micros = u64::try_from(tick.as_micros()).unwrap_or(u64::MAX);
        if micros >= self.due.load(Relaxed) {
            self.look(micros);
        }
        let wall = self.origin.load(Relaxed).saturating_add_unsigned(micros);
        Now {
            wall: Wall::from_millis(wall / 1000),
            tick: Tick::new(tick),
        }
    }
}

impl SystemClock {
    /// Two who look at once find the same.
    fn look(&self, micros: u64) {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let wall = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
        self.origin.store(wall.saturating_sub_unsigned(micros), Relaxed);
        self.due.store(micros.saturating_add(TOGETHER), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_that_of_the_machine() {
        let clock = SystemClock::default();
        let of_machine = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        for _ in 0..3 {
            let (before, now, after) = (of_machine(), clock.now().wall.millis(), of_machine());
            assert!((before - 1..=after + 1).contains(&now), "{before} {now} {after}");
            // As if so much time had passed since it was looked at.
            clock.origin.fetch_add(5_000_000, Relaxed);
            clock.due.store(0, Relaxed);
        }
    }
}
