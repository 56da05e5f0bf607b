//! The one place of the library that reads the clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway_types::{Clock, Now, Tick, Wall};

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Now {
            wall: Wall::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)),
            tick: Tick::new(self.0.elapsed()),
        }
    }
}
