//! A node's book over a store in memory, against a model that is nothing but sums.

use std::collections::BTreeMap;
use std::time::Duration;

use gateway_types::Now;
use proptest::prelude::*;

use super::*;
use crate::entry::{Charge, Entry};
use crate::ledger::Ledger;
use crate::memory::MemoryLedger;
use crate::quota::Cut;
use crate::quota::fixtures::{MINUTE, charge, entry, ready, spec};

fn at(millis: u64) -> Wall {
    Wall::from_millis(1_700_000_000_000 + millis as i64)
}

/// What is true of one window, whoever knows of it.
#[derive(Debug, Default)]
struct Sums {
    settled: i64,
    overrun: i64,
    held: i64,
    /// What a crash left charged.
    lost: i64,
}

#[derive(Debug)]
struct World {
    ledger: MemoryLedger,
    book: Book,
    limit: i64,
    clock: u64,
    truth: BTreeMap<WindowNo, Sums>,
    holds: Vec<(Place, i64)>,
    /// Charges that are on their way to the ledger.
    unwritten: Vec<Charge>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Hold(i64),
    Charge(i64),
    /// Which hold, and what it came to in percent of it.
    Settle(usize, i64),
    Release(usize),
    Write,
    Errand,
    FailedErrand,
    Later(u64),
    Earlier(u64),
    Limit(i64),
    Crash,
    Quiet,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1..120_i64).prop_map(Step::Hold),
        2 => (1..4_i64).prop_map(Step::Charge),
        5 => (any::<usize>(), prop_oneof![3 => 0..=100_i64, 1 => 100..300_i64]).prop_map(|(n, part)| Step::Settle(n, part)),
        2 => any::<usize>().prop_map(Step::Release),
        3 => Just(Step::Write),
        8 => Just(Step::Errand),
        1 => Just(Step::FailedErrand),
        2 => (1..MINUTE).prop_map(Step::Later),
        1 => (1..MINUTE).prop_map(Step::Earlier),
        1 => (0..2000_i64).prop_map(Step::Limit),
        1 => Just(Step::Crash),
        1 => Just(Step::Quiet),
    ];
    proptest::collection::vec(step, 1..120)
}

impl World {
    fn new(limit: i64) -> Self {
        Self {
            ledger: MemoryLedger::new(),
            book: Book::new(spec(limit)),
            limit,
            clock: 10 * MINUTE,
            truth: BTreeMap::new(),
            holds: Vec::new(),
            unwritten: Vec::new(),
        }
    }

    fn now(&self) -> Wall {
        at(self.clock)
    }

    fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Hold(amount) => drop(self.hold(amount, As::Held)?),
            Step::Charge(amount) => drop(self.hold(amount, As::Charged)?),
            Step::Settle(which, percent) => self.end(which, Some(percent)),
            Step::Release(which) => self.end(which, None),
            Step::Write => self.write(),
            Step::Errand => self.errand(),
            Step::FailedErrand => {
                for back in self.book.errand().returns {
                    self.book.not_returned(back);
                }
            }
            Step::Later(millis) => self.clock += millis,
            Step::Earlier(millis) => self.clock = self.clock.saturating_sub(millis),
            Step::Limit(limit) => {
                self.limit = limit;
                self.book.change(spec(limit));
            }
            Step::Crash => self.crash()?,
            Step::Quiet => self.quiet()?,
        }
        self.check()
    }

    fn hold(&mut self, amount: i64, how: As) -> Result<Result<Place, Short>, TestCaseError> {
        let taken = self.book.hold(amount, how, self.now());
        if let Ok(place) = taken {
            let sums = self.truth.entry(place.window).or_default();
            match how {
                As::Held | As::Grown => {
                    sums.held += amount;
                    self.holds.push((place, amount));
                }
                As::Charged => {
                    sums.settled += amount;
                    self.unwritten.push(charge(place.window, amount, 0));
                }
            }
            let used = sums.settled + sums.lost + sums.held;
            prop_assert!(used <= self.limit, "{amount} more is beyond {}: {sums:?}", self.limit);
        }
        Ok(taken)
    }

    fn end(&mut self, which: usize, percent: Option<i64>) {
        if self.holds.is_empty() {
            return;
        }
        let (place, held) = self.holds.swap_remove(which % self.holds.len());
        let actual = percent.map_or(0, |percent| held * percent / 100);
        let overrun = self.book.settle(place, held, actual);
        assert_eq!(overrun, (actual - held).max(0));
        let sums = self.truth.entry(place.window).or_default();
        sums.held -= held;
        sums.settled += actual;
        sums.overrun += overrun;
        if actual > 0 {
            self.unwritten.push(charge(place.window, actual, overrun));
        }
    }

    fn write(&mut self) {
        let now = Now {
            wall: self.now(),
            ..Now::default()
        };
        let entries: Vec<Entry> = self.unwritten.drain(..).map(|charge| entry(charge, now)).collect();
        ready(self.ledger.append(&entries)).unwrap();
    }

    fn errand(&mut self) {
        let errand = self.book.errand();
        ready(self.ledger.give_back(&errand.returns)).unwrap();
        errand.returns.iter().for_each(|back| self.book.returned(back));
        if let Some(ask) = errand.ask {
            let slices = ready(self.ledger.lease(&[ask], self.now().max(errand.not_before))).unwrap();
            self.book.take(&slices[0]);
        }
    }

    /// The process dies: holds and unwritten charges are gone, what they had been granted stays charged.
    fn crash(&mut self) -> Result<(), TestCaseError> {
        self.holds.clear();
        self.unwritten.clear();
        ready(self.ledger.recover()).unwrap();
        self.book = Book::new(spec(self.limit));
        for state in ready(self.ledger.windows()).unwrap() {
            let truth = self.truth.entry(state.window).or_default();
            let charged = state.settled + state.unaccounted;
            let overrun_unwritten = truth.overrun - state.overrun;
            prop_assert!(
                charged + overrun_unwritten >= truth.settled + truth.lost,
                "nothing that was used is forgotten, but overrun that was not written: {state:?} {truth:?}"
            );
            *truth = Sums {
                settled: state.settled,
                overrun: state.overrun,
                held: 0,
                lost: state.unaccounted,
            };
            self.book.restore(&state);
        }
        Ok(())
    }

    /// All calls finish and all is written: then exactly what is not used can be had, and no more.
    fn quiet(&mut self) -> Result<(), TestCaseError> {
        while !self.holds.is_empty() {
            self.end(0, Some(50));
        }
        self.write();
        self.errand();
        let now = self.now();
        let usage = self.book.usage(now);
        prop_assert_eq!(usage.held, 0);
        let rest = self.limit - usage.used;
        if self.hold(rest.max(0) + 1, As::Held)? == Err(Short::Dry) {
            // Overrun that was not written when the last slice came is learned of with the next one.
            self.errand();
        }
        prop_assert_eq!(self.hold(rest.max(0) + 1, As::Held)?, Err(Short::Spent));
        prop_assert_eq!(self.book.available(As::Held, now), rest.max(0));
        if rest > 0 {
            for _ in 0..2 {
                if let Err(short) = self.hold(rest, As::Held)? {
                    prop_assert_eq!(short, Short::Dry);
                    self.errand();
                } else {
                    return Ok(());
                }
            }
            prop_assert!(
                self.hold(rest, As::Held)?.is_ok(),
                "{rest} is left and cannot be had: {:?}",
                self.book
            );
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        let now = self.now();
        for state in ready(self.ledger.windows()).unwrap() {
            prop_assert!(state.settled + state.unaccounted <= state.granted, "{state:?}");
        }
        prop_assert!(self.book.free() >= 0, "{:?}", self.book);
        let of_window = |back: &&Return| self.book.is_open(back.window);
        let returning: i64 = self.book.returns.iter().filter(of_window).map(|back| back.amount).sum();
        prop_assert_eq!(self.book.returning, returning);
        let usage = self.book.usage(now);
        if let (Some(open), Some(_)) = (self.book.open, usage.ends) {
            let sums = self.truth.entry(open.no).or_default();
            prop_assert_eq!((usage.used, usage.held), (sums.settled + sums.lost, sums.held));
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_book_agrees_with_plain_sums(limit in 0..2000_i64, steps in steps()) {
        let mut world = World::new(limit);
        for step in steps {
            world.step(step)?;
        }
        world.quiet()?;
    }
}

fn open_with(limit: i64, want: i64) -> World {
    let mut world = World::new(limit);
    assert_eq!(world.hold(want, As::Held).unwrap(), Err(Short::Dry));
    world.errand();
    world
}

#[test]
fn a_raised_limit_acts_at_once_and_a_lowered_one_recalls_what_is_idle() {
    let mut world = open_with(320, 10);
    assert_eq!(world.book.granted, 20, "a slice is at most a sixteenth of the limit");
    world.step(Step::Hold(10)).unwrap();
    world.step(Step::Limit(5)).unwrap();
    assert_eq!(
        (world.book.free(), world.book.held),
        (0, 10),
        "holds finish, the idle rest of the slice goes back"
    );
    world.step(Step::Settle(0, 40)).unwrap();
    assert_eq!(world.book.hold(2, As::Held, world.now()), Err(Short::Spent));
    world.errand();
    assert_eq!(ready(world.ledger.windows()).unwrap()[0].granted, 5);
    world.step(Step::Limit(100)).unwrap();
    assert_eq!(world.hold(96, As::Held).unwrap(), Err(Short::Dry));
    world.errand();
    assert!(world.hold(96, As::Held).unwrap().is_ok());
}

#[test]
fn what_overrun_takes_from_the_limit_is_given_back_by_idle_slices() {
    let mut world = open_with(100, 100);
    world.step(Step::Hold(60)).unwrap();
    world.step(Step::Settle(0, 200)).unwrap();
    world.step(Step::Write).unwrap();
    world.errand();
    let state = &ready(world.ledger.windows()).unwrap()[0];
    assert_eq!((state.settled, state.overrun, state.granted), (120, 60, 120));
}

#[test]
fn a_call_that_outlives_its_window_settles_there() {
    let mut world = open_with(100, 50);
    world.step(Step::Hold(50)).unwrap();
    world.step(Step::Later(MINUTE)).unwrap();
    assert_eq!(world.hold(10, As::Held).unwrap(), Err(Short::Dry));
    world.errand();
    world.step(Step::Hold(10)).unwrap();
    world.step(Step::Settle(0, 40)).unwrap();
    assert_eq!(world.book.usage(world.now()).used, 0, "the new window is not charged");
    let (old, amount) = (world.unwritten[0].window, world.unwritten[0].amount);
    assert_eq!((old, amount), (WindowNo(1), 20));
    let back = Return {
        quota: "q".into(),
        window: old,
        amount: 30,
    };
    assert_eq!(world.book.returns.as_slice(), [back], "what it did not use goes back");
}

#[test]
fn a_window_that_is_reopened_by_a_longer_cut_does_not_carry_old_holds() {
    let mut world = open_with(100, 50);
    world.step(Step::Hold(50)).unwrap();
    world.step(Step::Later(2000)).unwrap();
    let shorter = QuotaSpec {
        cut: Cut::Rolling(1000),
        ..spec(100)
    };
    world.book.change(shorter);
    assert_eq!(
        world.book.hold(10, As::Held, world.now()),
        Err(Short::Dry),
        "the shorter window is over"
    );
    world.book.change(spec(100));
    world.errand();
    let reopened = world.hold(10, As::Held).unwrap().unwrap();
    assert_eq!(reopened.window, WindowNo(1));
    world.end(0, Some(100));
    let usage = world.book.usage(world.now());
    assert_eq!((usage.held, world.book.free() >= 0), (10, true));
}

#[test]
fn a_refusal_tells_whose_it_is_and_when_to_come_back() {
    let mut world = open_with(100, 100);
    world.step(Step::Hold(100)).unwrap();
    let now = at(world.clock + 15_000);
    assert_eq!(world.book.hold(1, As::Held, now), Err(Short::Busy));
    let busy = world.book.denied(1, Short::Busy, now);
    assert_eq!(
        (busy.used, busy.resets_in),
        (100, None),
        "only finishing calls can help"
    );
    world.step(Step::Settle(0, 100)).unwrap();
    assert_eq!(world.book.hold(1, As::Held, now), Err(Short::Spent));
    let spent = world.book.denied(1, Short::Spent, now);
    assert_eq!(spent.resets_in, Some(Duration::from_secs(45)));
    assert_eq!(
        spent.to_string(),
        "budget of virtual key vk exceeded: 0.0000001 of 0.0000001 dollars used, and this call can cost 0.000000001"
    );
}

#[test]
fn a_slice_that_was_granted_before_a_reset_goes_back() {
    let mut world = open_with(100, 10);
    world.step(Step::Hold(10)).unwrap();
    assert_eq!(world.hold(50, As::Held).unwrap(), Err(Short::Dry));
    let ask = world.book.errand().ask.unwrap();
    let slices = ready(world.ledger.lease(&[ask], world.now())).unwrap();
    world.book.leave(WindowNo(1), world.now());
    world.book.take(&slices[0]);
    assert_eq!(world.book.usage(world.now()).ends, None, "the window stays left");
    let back: i64 = world.book.returns.iter().map(|back| back.amount).sum();
    assert_eq!(back, slices[0].granted);
    assert_eq!(
        world.book.errand().not_before,
        world.now(),
        "the next window may begin at once"
    );
}
