//! Spreads what a window allows evenly over it, but for a burst: the generic cell rate algorithm.
//!
//! It is the virtual scheduling algorithm of ITU-T I.371 (Annex A), with calls of any size instead of cells of one, as the
//! buckets of RFC 2697 have it. One number is kept: the *theoretical arrival time*, at which all that was taken so far
//! would have come at the even rate. A call may come before it, but by no more than the burst takes.
//!
//! Plain arithmetic, and of one node only: it is not kept over a restart, nor shared between nodes.

use std::time::Duration;

use gateway_types::Wall;

const NANOS_PER_MILLI: i128 = 1_000_000;
/// A clock that goes back by more than this was set; by less, calls came in another order than they read it.
const SET_BACK: i64 = 1000;

/// How fast, and how much at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// How much in `length`.
    pub(super) limit: i64,
    pub(super) length: Duration,
    /// How much at once.
    pub(super) burst: i64,
}

/// What has come, as a point in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gcra {
    /// The theoretical arrival time, in nanoseconds since the Unix epoch.
    arrival: i128,
    /// The latest time that was read.
    seen: Wall,
}

impl Rate {
    /// How long that much takes at the even rate, rounded up.
    fn time(&self, amount: i64) -> i128 {
        self.scaled(amount).map_or(i128::MAX / 4, |(scaled, limit)| {
            scaled.saturating_add(limit - 1) / limit
        })
    }

    /// The same, rounded down: what is given back is never more than what was taken.
    fn time_back(&self, amount: i64) -> i128 {
        self.scaled(amount).map_or(0, |(scaled, limit)| scaled / limit)
    }

    fn scaled(&self, amount: i64) -> Option<(i128, i128)> {
        let length = i128::try_from(self.length.as_nanos()).ok()?;
        let scaled = i128::from(amount.max(0)).checked_mul(length)?;
        (self.limit > 0).then_some((scaled, i128::from(self.limit)))
    }
}

impl Gcra {
    /// Nothing has come yet.
    pub(super) const fn new() -> Self {
        Self {
            arrival: i128::MIN / 2,
            seen: Wall::from_millis(i64::MIN),
        }
    }

    /// How much may come at `now`.
    pub(super) fn available(&mut self, rate: &Rate, now: Wall) -> i64 {
        let now = self.read(now);
        let slack = now + rate.time(rate.burst) - self.arrival.max(now);
        let Ok(length) = i128::try_from(rate.length.as_nanos()) else {
            return 0;
        };
        let amount = slack.max(0).saturating_mul(i128::from(rate.limit)) / length.max(1);
        i64::try_from(amount).unwrap_or(i64::MAX).clamp(0, rate.burst.max(0))
    }

    /// Whether that much may come at `now`.
    pub(super) fn conforms(&mut self, rate: &Rate, amount: i64, now: Wall) -> bool {
        let now = self.read(now);
        rate.limit > 0
            && amount <= rate.burst
            && self.arrival.max(now) + rate.time(amount) - now <= rate.time(rate.burst)
    }

    /// Counts what has come, whether it conforms or not.
    pub(super) fn count(&mut self, rate: &Rate, amount: i64) {
        let came = self.arrival.max(nanos(self.seen));
        self.arrival = came.saturating_add(rate.time(amount));
    }

    /// Counts less, for what was not used.
    pub(super) fn give_back(&mut self, rate: &Rate, amount: i64) {
        self.arrival = self.arrival.saturating_sub(rate.time_back(amount));
    }

    /// How long until that much may come; `None` where it is more than a burst.
    pub(super) fn wait(&self, rate: &Rate, amount: i64, now: Wall) -> Option<Duration> {
        if amount > rate.burst {
            return None;
        }
        let now = nanos(now.max(self.seen));
        let left = self.arrival.max(now) + rate.time(amount) - rate.time(rate.burst) - now;
        Some(Duration::from_nanos(u64::try_from(left.max(0)).unwrap_or(u64::MAX)))
    }

    /// The time, which goes back only where the clock was set back: then what is owed stays as far away as it was.
    fn read(&mut self, now: Wall) -> i128 {
        let back = self.seen.millis().saturating_sub(now.millis());
        if back > SET_BACK {
            self.arrival = self.arrival.saturating_sub(i128::from(back) * NANOS_PER_MILLI);
            self.seen = now;
        }
        self.seen = self.seen.max(now);
        nanos(self.seen)
    }
}

fn nanos(at: Wall) -> i128 {
    i128::from(at.millis()) * NANOS_PER_MILLI
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_700_000_000_000;

    fn at(millis: i64) -> Wall {
        Wall::from_millis(START + millis)
    }

    /// 60 a minute, 5 at once.
    const SLOW: Rate = Rate {
        limit: 60,
        length: Duration::from_secs(60),
        burst: 5,
    };

    fn take(gcra: &mut Gcra, rate: &Rate, amount: i64, now: Wall) -> bool {
        let conforms = gcra.conforms(rate, amount, now);
        if conforms {
            gcra.count(rate, amount);
        }
        conforms
    }

    #[test]
    fn a_burst_passes_at_once_and_the_rest_at_the_even_rate() {
        let mut gcra = Gcra::new();
        for n in 0..5 {
            assert_eq!(gcra.available(&SLOW, at(0)), 5 - n);
            assert!(take(&mut gcra, &SLOW, 1, at(0)));
        }
        assert!(!take(&mut gcra, &SLOW, 1, at(0)));
        assert_eq!(gcra.wait(&SLOW, 1, at(0)), Some(Duration::from_secs(1)));
        assert_eq!(gcra.wait(&SLOW, 3, at(0)), Some(Duration::from_secs(3)));
        assert!(!take(&mut gcra, &SLOW, 1, at(999)));
        assert!(take(&mut gcra, &SLOW, 1, at(1000)));
        assert!(!take(&mut gcra, &SLOW, 1, at(1999)));
        assert_eq!(gcra.available(&SLOW, at(60_000)), 5, "no more than a burst is saved up");
    }

    #[test]
    fn what_is_more_than_a_burst_never_conforms() {
        let mut gcra = Gcra::new();
        assert!(!take(&mut gcra, &SLOW, 6, at(0)));
        assert_eq!(gcra.wait(&SLOW, 6, at(0)), None);
        let nothing = Rate { limit: 0, ..SLOW };
        assert!(!take(&mut gcra, &nothing, 1, at(0)));
        assert_eq!(gcra.available(&nothing, at(0)), 0);
    }

    #[test]
    fn what_was_not_used_may_be_taken_by_others_and_what_was_used_beyond_is_waited_for() {
        let mut gcra = Gcra::new();
        assert!(take(&mut gcra, &SLOW, 5, at(0)));
        gcra.give_back(&SLOW, 3);
        assert_eq!(gcra.available(&SLOW, at(0)), 3);
        gcra.count(&SLOW, 10);
        assert_eq!(gcra.wait(&SLOW, 1, at(0)), Some(Duration::from_secs(8)));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_for_it() {
        let mut gcra = Gcra::new();
        assert!(take(&mut gcra, &SLOW, 5, at(0)));
        assert_eq!(gcra.available(&SLOW, at(-500)), 0, "calls in another order");
        assert_eq!(gcra.available(&SLOW, at(-3_600_000)), 0);
        assert_eq!(gcra.available(&SLOW, at(-3_600_000 + 2000)), 2);
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Take(i64),
        GiveBack(i64),
        Later(i64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            5 => (1..40_i64).prop_map(Step::Take),
            1 => (1..40_i64).prop_map(Step::GiveBack),
            3 => (0..5000_i64).prop_map(Step::Later),
        ];
        proptest::collection::vec(step, 1..200)
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_has_more_than_a_burst_and_what_the_rate_gives(
            limit in 1..5000_i64, seconds in 1..3600_u64, burst in 1..60_i64, steps in steps()
        ) {
            let rate = Rate { limit, length: Duration::from_secs(seconds), burst };
            let mut gcra = Gcra::new();
            let mut now = 0;
            let mut taken: Vec<(i64, i64)> = Vec::new();
            for step in steps {
                match step {
                    Step::Later(millis) => now += millis,
                    Step::Take(amount) => {
                        let available = gcra.available(&rate, at(now));
                        let wait = gcra.wait(&rate, amount, at(now));
                        let conforms = take(&mut gcra, &rate, amount, at(now));
                        prop_assert_eq!(conforms, amount <= available);
                        prop_assert_eq!(conforms, wait == Some(Duration::ZERO));
                        if conforms {
                            taken.push((now, amount));
                        }
                    }
                    Step::GiveBack(amount) => {
                        let all: i64 = taken.iter().map(|(_, amount)| amount).sum();
                        let amount = amount.min(all);
                        gcra.give_back(&rate, amount);
                        taken.push((now, -amount));
                    }
                }
            }
            for (from, (start, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for (end, amount) in &taken[from..] {
                    sum += amount;
                    let even = i128::from(end - start) * NANOS_PER_MILLI * i128::from(limit);
                    let length = rate.length.as_nanos() as i128;
                    // One nanosecond's worth is the rounding of the burst.
                    prop_assert!(i128::from(sum - burst) * length <= even + i128::from(limit), "{sum} from {start} to {end}");
                }
            }
        }

        #[test]
        fn who_waits_as_told_may_come(amounts in proptest::collection::vec(1..10_i64, 1..50)) {
            let rate = Rate { limit: 7, length: Duration::from_secs(3), burst: 10 };
            let mut gcra = Gcra::new();
            let mut now = 0;
            for amount in amounts {
                let wait = gcra.wait(&rate, amount, at(now)).unwrap();
                now += wait.as_nanos().div_ceil(1_000_000) as i64;
                prop_assert!(take(&mut gcra, &rate, amount, at(now)));
            }
        }
    }
}
