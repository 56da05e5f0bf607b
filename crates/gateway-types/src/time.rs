//! Time as a value. Nothing below the `gateway` crate reads a clock: it is told what time it is.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch: for what is written down, and for windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Wall(i64);

impl Wall {
    /// That many milliseconds after the epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The moment `span` later.
    pub fn plus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC, with milliseconds; the last moment of the year 9999 for what no calendar reaches.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => format!("{at:.3}"),
            Err(_) => String::from("9999-12-31T23:59:59.999Z"),
        }
    }

    /// Reads RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }
}

/// A monotonic reading: for intervals, timeouts and decay. It means nothing outside its process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(Duration);

impl Tick {
    /// A reading, counted from any fixed point of the process.
    pub const fn new(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// The reading as a duration from the process's fixed point.
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// The reading `span` later.
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The calendar's time; it can jump.
    pub wall: Wall,
    /// The monotonic time; it cannot.
    pub tick: Tick,
}

impl Now {
    /// Both clocks `span` later.
    pub fn plus(self, span: Duration) -> Self {
        Self {
            wall: self.wall.plus(span),
            tick: self.tick.plus(span),
        }
    }
}

/// The port through which the time is read.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now. Ticks never go back.
    fn now(&self) -> Now;
}

/// A clock that stands still until it is moved: for tests and simulations.
#[derive(Debug, Default)]
pub struct ManualClock(Mutex<Now>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Now) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves both clocks on.
    pub fn advance(&self, span: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.plus(span);
    }

    /// Sets the wall clock alone, as an operator or NTP would.
    pub fn set_wall(&self, wall: Wall) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).wall = wall;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_round_trips_as_rfc3339() {
        let at = Wall::from_millis(1_700_000_000_123);
        assert_eq!(at.rfc3339(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Wall::parse_rfc3339(&at.rfc3339()), Some(at));
        assert_eq!(Wall::parse_rfc3339("yesterday"), None);
    }

    #[test]
    fn a_clock_going_back_gives_no_negative_interval() {
        assert_eq!(Wall::from_millis(5).since(Wall::from_millis(9)), Duration::ZERO);
        let tick = |millis| Tick::new(Duration::from_millis(millis));
        assert_eq!(tick(5).since(tick(9)), Duration::ZERO);
        assert_eq!(tick(9).since(tick(5)), Duration::from_millis(4));
    }

    #[test]
    fn the_ends_of_time_are_not_passed() {
        let end = Now {
            wall: Wall::from_millis(i64::MAX),
            tick: Tick::new(Duration::MAX),
        };
        assert_eq!(end.plus(Duration::MAX), end);
        assert_eq!(end.wall.rfc3339(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Wall::from_millis(i64::MIN).since(end.wall), Duration::ZERO);
        assert_eq!(
            end.wall.since(Wall::from_millis(i64::MIN)),
            Duration::from_millis(i64::MAX as u64)
        );
    }

    #[test]
    fn the_wall_clock_of_a_manual_clock_can_jump_and_its_ticks_cannot() {
        let clock = ManualClock::default();
        clock.advance(Duration::from_secs(3));
        clock.set_wall(Wall::from_millis(1));
        let before = clock.now();
        assert_eq!(
            (before.wall.millis(), before.tick.since_start()),
            (1, Duration::from_secs(3))
        );
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), before.plus(Duration::from_secs(1)));
    }
}
