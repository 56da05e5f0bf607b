//! How fast a quota is spent on this node, so that a slice is about what one second takes.

use std::time::Duration;

use gateway_types::Wall;

/// Two asks within less than this are measured as if it lay between them, so that two calls at once are no rush.
const SHORTEST: Duration = Duration::from_millis(100);

/// A quota of which nothing is known yet is taken to have that many calls a second.
const FIRST_CALLS: i64 = 4;

/// What was wanted since the last slice was asked for, and how much of it a second was wanted until then.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    wanted: i64,
    asked: Option<Wall>,
    per_second: Option<i64>,
}

impl Pace {
    /// Counts what a call took, or would have taken had there been a slice.
    pub(super) fn want(&mut self, amount: i64) {
        self.wanted = self.wanted.saturating_add(amount);
    }

    /// A slice is asked for: the time since the last one is measured.
    pub(super) fn ask(&mut self, now: Wall) {
        if let Some(asked) = self.asked.replace(now) {
            let millis = i128::try_from(now.since(asked).max(SHORTEST).as_millis()).unwrap_or(i128::MAX);
            let per_second = i128::from(self.wanted).saturating_mul(1000) / millis;
            self.per_second = Some(i64::try_from(per_second).unwrap_or(i64::MAX));
        }
        self.wanted = 0;
    }

    /// How much a second, between the last two slices that were asked for; before that, for calls that need so much.
    pub(super) fn per_second(&self, need: i64) -> i64 {
        self.per_second.unwrap_or_else(|| need.saturating_mul(FIRST_CALLS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_what_was_wanted_between_two_asks() {
        let mut pace = Pace::default();
        let at = |millis| Wall::from_millis(millis);
        pace.want(50);
        pace.ask(at(0));
        assert_eq!(pace.per_second(50), 200, "one call is no speed");
        pace.want(30);
        pace.want(20);
        pace.ask(at(500));
        assert_eq!(pace.per_second(50), 100);
        pace.want(20);
        pace.ask(at(501));
        assert_eq!(pace.per_second(50), 200, "as if a tenth of a second had passed");
        pace.want(20);
        pace.ask(at(40_501));
        assert_eq!(pace.per_second(50), 0, "a key that is hardly used");
    }
}
