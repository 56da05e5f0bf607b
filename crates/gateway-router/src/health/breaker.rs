//! A breaker: closed while all is well, open for a growing while after failures, then one probe at a time.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};

use crate::config::BreakerSettings;

/// The state is one word, so that each step is one compare-and-swap and no reader sees half of one.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    word: AtomicU64,
    /// Failures in a row while closed.
    streak: AtomicU32,
    /// Openings in a row without a success between them.
    trips: AtomicU32,
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Calls pass.
    Closed,
    /// Calls do not pass before `until`, in milliseconds; the first one after it is the probe.
    Open,
    /// The probe is out.
    Probing,
}

/// The right to call once, to be handed back by exactly one of `success`, `failure` and `release`.
#[derive(Debug)]
pub(crate) struct Pass {
    /// Which opening of the breaker it was taken after: what began before an opening says nothing about the time after it.
    epoch: u16,
    probe: bool,
}

#[derive(Clone, Copy)]
struct State {
    phase: Phase,
    epoch: u16,
    until: u64,
}

/// Milliseconds take 46 bits: two thousand years.
const UNTIL: u64 = (1 << 46) - 1;

impl State {
    fn word(self) -> u64 {
        let phase = match self.phase {
            Phase::Closed => 0,
            Phase::Open => 1,
            Phase::Probing => 2,
        };
        (phase << 62) | (u64::from(self.epoch) << 46) | self.until.min(UNTIL)
    }

    fn of(word: u64) -> Self {
        let phase = match word >> 62 {
            0 => Phase::Closed,
            1 => Phase::Open,
            _ => Phase::Probing,
        };
        Self {
            phase,
            epoch: (word >> 46) as u16,
            until: word & UNTIL,
        }
    }
}

impl Breaker {
    /// Where it stands, and until when it is open.
    pub(crate) fn phase(&self) -> (Phase, u64) {
        let state = State::of(self.word.load(Acquire));
        (state.phase, state.until)
    }

    /// Asks to call at `now`. `forced` is for the last candidate left, which no breaker refuses.
    pub(crate) fn enter(&self, now: u64, forced: bool) -> Option<Pass> {
        let mut seen = self.word.load(Acquire);
        loop {
            let state = State::of(seen);
            let due = state.phase == Phase::Open && state.until <= now;
            if !due {
                let open = forced || state.phase == Phase::Closed;
                return open.then_some(Pass {
                    epoch: state.epoch,
                    probe: false,
                });
            }
            match self.swap(
                seen,
                State {
                    phase: Phase::Probing,
                    ..state
                },
            ) {
                Ok(()) => {
                    return Some(Pass {
                        epoch: state.epoch,
                        probe: true,
                    });
                }
                Err(now_seen) => seen = now_seen,
            }
        }
    }

    /// The call shows that all is well.
    pub(crate) fn success(&self, pass: &Pass) {
        if self.close(pass) {
            self.streak.store(0, Relaxed);
            self.trips.store(0, Relaxed);
        }
    }

    /// Closes it if it is not, without forgetting how often it opened. Whether it is closed now and by calls of its time.
    pub(crate) fn close(&self, pass: &Pass) -> bool {
        let mut seen = self.word.load(Acquire);
        loop {
            let state = State::of(seen);
            if state.epoch != pass.epoch || state.phase == Phase::Closed {
                return state.epoch == pass.epoch;
            }
            match self.swap(
                seen,
                State {
                    phase: Phase::Closed,
                    until: 0,
                    ..state
                },
            ) {
                Ok(()) => return true,
                Err(now_seen) => seen = now_seen,
            }
        }
    }

    /// The call failed. It opens the breaker if it is the `threshold`th in a row (0: never by the row), if `anyway`, or
    /// if it was the probe. Whether it did.
    pub(crate) fn failure(
        &self,
        pass: &Pass,
        threshold: u32,
        anyway: bool,
        now: u64,
        settings: &BreakerSettings,
    ) -> bool {
        let mut seen = self.word.load(Acquire);
        let mut counted = false;
        loop {
            let state = State::of(seen);
            if state.epoch != pass.epoch {
                return false;
            }
            let opens = match state.phase {
                Phase::Closed if counted => true,
                Phase::Closed => {
                    let streak = if threshold > 0 {
                        self.streak.fetch_add(1, Relaxed).saturating_add(1)
                    } else {
                        0
                    };
                    anyway || (threshold > 0 && streak >= threshold)
                }
                Phase::Probing => pass.probe,
                Phase::Open => false,
            };
            if !opens {
                return false;
            }
            counted = true;
            let trips = self.trips.load(Relaxed);
            let until = now.saturating_add(settings.open_ms(trips));
            match self.swap(
                seen,
                State {
                    phase: Phase::Open,
                    epoch: state.epoch.wrapping_add(1),
                    until,
                },
            ) {
                Ok(()) => {
                    self.trips.store(trips.saturating_add(1), Relaxed);
                    self.streak.store(0, Relaxed);
                    return true;
                }
                Err(now_seen) => seen = now_seen,
            }
        }
    }

    /// The call says nothing. A probe's place is free again.
    pub(crate) fn release(&self, pass: &Pass) {
        let seen = self.word.load(Acquire);
        let state = State::of(seen);
        if pass.probe && state.phase == Phase::Probing && state.epoch == pass.epoch {
            // Whoever was faster settled the probe by other means; nothing is left to free then.
            let _ = self.swap(
                seen,
                State {
                    phase: Phase::Open,
                    ..state
                },
            );
        }
    }

    fn swap(&self, seen: u64, state: State) -> Result<(), u64> {
        self.word
            .compare_exchange(seen, state.word(), AcqRel, Acquire)
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settings() -> BreakerSettings {
        BreakerSettings::default()
    }

    fn trip(breaker: &Breaker, now: u64) {
        let pass = breaker.enter(now, false).unwrap();
        assert!(breaker.failure(&pass, 1, false, now, &settings()));
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_only_then() {
        let breaker = Breaker::default();
        for round in 0..3 {
            for _ in 0..2 {
                let pass = breaker.enter(round, false).unwrap();
                assert!(!breaker.failure(&pass, 3, false, round, &settings()));
            }
            breaker.success(&breaker.enter(round, false).unwrap());
        }
        for n in 0..3 {
            let pass = breaker.enter(9, false).unwrap();
            assert_eq!(breaker.failure(&pass, 3, false, 9, &settings()), n == 2);
        }
        assert!(breaker.enter(10, false).is_none());
    }

    #[test]
    fn one_probe_at_a_time_and_its_success_closes() {
        let breaker = Breaker::default();
        trip(&breaker, 0);
        assert!(breaker.enter(4_999, false).is_none());
        let probe = breaker.enter(5_000, false).unwrap();
        assert!(breaker.enter(5_000, false).is_none());
        breaker.success(&probe);
        assert_eq!(breaker.phase().0, Phase::Closed);
    }

    #[test]
    fn a_failed_probe_opens_it_for_twice_as_long_up_to_the_longest() {
        let breaker = Breaker::default();
        trip(&breaker, 0);
        let mut now = 5_000;
        for open in [10_000, 20_000, 40_000, 60_000, 60_000] {
            let probe = breaker.enter(now, false).unwrap();
            breaker.failure(&probe, 3, false, now, &settings());
            assert_eq!(breaker.phase(), (Phase::Open, now + open));
            now += open;
        }
    }

    #[test]
    fn an_abandoned_probe_leaves_its_place_to_the_next() {
        let breaker = Breaker::default();
        trip(&breaker, 0);
        breaker.release(&breaker.enter(5_000, false).unwrap());
        assert!(breaker.enter(5_000, false).is_some());
    }

    #[test]
    fn calls_from_before_the_opening_neither_close_nor_prolong_it() {
        let breaker = Breaker::default();
        let (early, late) = (breaker.enter(0, false).unwrap(), breaker.enter(0, false).unwrap());
        trip(&breaker, 0);
        breaker.success(&early);
        assert!(!breaker.failure(&late, 1, false, 4_000, &settings()));
        assert_eq!(breaker.phase(), (Phase::Open, 5_000));
    }

    #[test]
    fn calls_from_before_the_opening_say_nothing_about_the_time_after_it() {
        let breaker = Breaker::default();
        let early = breaker.enter(0, false).unwrap();
        trip(&breaker, 0);
        breaker.success(&breaker.enter(5_000, false).unwrap());
        assert!(!breaker.failure(&early, 1, true, 6_000, &settings()));
        assert_eq!(breaker.phase().0, Phase::Closed);
    }

    #[test]
    fn a_forced_call_that_fails_leaves_the_verdict_to_the_probe() {
        let breaker = Breaker::default();
        trip(&breaker, 0);
        let probe = breaker.enter(5_000, false).unwrap();
        let forced = breaker.enter(5_000, true).unwrap();
        assert!(!breaker.failure(&forced, 1, true, 5_001, &settings()));
        breaker.success(&probe);
        assert_eq!(breaker.phase().0, Phase::Closed);
    }

    #[test]
    fn a_forced_call_passes_and_its_success_counts() {
        let breaker = Breaker::default();
        trip(&breaker, 0);
        let pass = breaker.enter(1, true).unwrap();
        breaker.success(&pass);
        assert_eq!(breaker.phase().0, Phase::Closed);
    }

    proptest! {
        /// However calls overlap, at most one probe is out, and with every call over a breaker is never stuck probing.
        #[test]
        fn never_two_probes_and_never_stuck(steps in proptest::collection::vec((0_u8..5, 0_usize..8, 0_u64..4_000), 1..200)) {
            let breaker = Breaker::default();
            let mut out: Vec<Pass> = Vec::new();
            let mut now = 0;
            for (step, which, wait) in steps {
                now += wait;
                if step < 2 {
                    out.extend(breaker.enter(now, step == 1));
                } else if !out.is_empty() {
                    let pass = out.swap_remove(which % out.len());
                    match step {
                        2 => breaker.success(&pass),
                        3 => drop(breaker.failure(&pass, 2, false, now, &settings())),
                        _ => breaker.release(&pass),
                    }
                }
                let current = State::of(breaker.word.load(Acquire));
                let probes = out.iter().filter(|pass| pass.probe && pass.epoch == current.epoch).count();
                // A probe that a forced call's success has overtaken is still out, but the breaker is closed.
                prop_assert!(current.phase != Phase::Probing || probes == 1);
            }
            for pass in out.drain(..) {
                breaker.release(&pass);
            }
            prop_assert!(breaker.phase().0 != Phase::Probing);
            prop_assert!(breaker.enter(now + 60_000, false).is_some());
        }
    }
}
