//! The protocol of quotas and leases, explored: several nodes' books over one store's, step by step in any order, against
//! a model that is nothing but sums.
//!
//! Steps are what can happen: calls hold, grow, settle and are released; nodes ask, and the answer comes at once, late or
//! never; idle slices go back; entries are written late; clocks jump; windows end; limits change, and each node learns of
//! it when it does; a budget is reset; a node dies with all it knows; all die and the store recovers; an operator writes
//! off what was left unaccounted.

mod steps;

use std::collections::BTreeMap;

use gateway_types::{Now, QuotaId, Wall};
use proptest::prelude::*;

use super::book::{As, Book, Place, Short};
use super::fixtures::{MINUTE, charge, entry, ready, spec};
use super::{QuotaSpec, WindowNo};
use crate::entry::{Charge, Entry};
use crate::ledger::{Ledger, Slice, WindowState};
use crate::memory::MemoryLedger;
use steps::{Step, steps};

const NODES: usize = 3;
type Outcome = Result<(), TestCaseError>;

#[derive(Debug)]
struct Node {
    book: Book,
    spec: QuotaSpec,
    /// Charges that are on their way to the store.
    unwritten: Vec<Charge>,
    /// An answer of the store that is on its way.
    answer: Option<Slice>,
}

#[derive(Debug)]
struct Held {
    node: usize,
    /// One part per window that it was taken in.
    parts: Vec<(Place, i64)>,
}

/// What is true of one window, whoever knows of it.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    settled: i64,
    overrun: i64,
    held: i64,
    /// What crashes left charged.
    lost: i64,
    /// The highest limit that anybody asked under.
    peak: i64,
}

#[derive(Debug)]
struct World {
    store: MemoryLedger,
    nodes: Vec<Node>,
    holds: Vec<Held>,
    truth: BTreeMap<WindowNo, Sums>,
    limit: i64,
    clock: u64,
    /// The window that the store was told to end last.
    reset: WindowNo,
    /// Slices and entries that nobody knows of any more, until the store recovers.
    stranded: bool,
}

impl World {
    fn new(limit: i64) -> Self {
        let node = || Node {
            book: Book::new(spec(limit)),
            spec: spec(limit),
            unwritten: Vec::new(),
            answer: None,
        };
        Self {
            store: MemoryLedger::new(),
            nodes: (0..NODES).map(|_| node()).collect(),
            holds: Vec::new(),
            truth: BTreeMap::new(),
            limit,
            clock: 10 * MINUTE,
            reset: WindowNo(0),
            stranded: false,
        }
    }

    fn now(&self) -> Wall {
        Wall::from_millis(1_700_000_000_000 + self.clock as i64)
    }

    fn step(&mut self, step: Step) -> Outcome {
        match step {
            Step::Hold(node, amount) => drop(self.hold(node, amount)?),
            Step::Grow(hold, more) => self.grow(hold, more)?,
            Step::Settle(hold, percent) => self.end(hold, Some(percent), false),
            Step::Stretch(hold, percent) => self.end(hold, Some(percent), true),
            Step::Release(hold) => self.end(hold, None, false),
            Step::Write(node) => self.write(node),
            Step::Errand(node) => {
                self.ask(node)?;
                self.deliver(node);
            }
            Step::Ask(node) => self.ask(node)?,
            Step::Deliver(node) => self.deliver(node),
            Step::Lose(node) => self.stranded |= self.nodes[node].answer.take().is_some(),
            Step::Fail(node) => self.fail(node),
            Step::GiveBack(node) => self.nodes[node].book.idle(),
            Step::Later(millis) => self.clock += millis,
            Step::Earlier(millis) => self.clock = self.clock.saturating_sub(millis),
            Step::Limit(limit) => self.limit = limit,
            Step::Learn(node) => self.learn(node),
            Step::Reset => self.reset()?,
            Step::Leave(node) => self.leave(node),
            Step::Crash(node) => self.crash(node),
            Step::CrashAll => self.crash_all()?,
            Step::WriteOff => self.write_off(),
        }
        self.check()
    }

    fn hold(&mut self, node: usize, amount: i64) -> Result<Result<(), Short>, TestCaseError> {
        let now = self.now();
        let taken = self.nodes[node].book.hold(amount, As::Held, now);
        let Ok(place) = taken else {
            return Ok(taken.map(drop));
        };
        self.holds.push(Held {
            node,
            parts: vec![(place, amount)],
        });
        self.took(place, amount)?;
        Ok(Ok(()))
    }

    fn grow(&mut self, which: usize, more: i64) -> Outcome {
        let now = self.now();
        let Some(which) = which.checked_rem(self.holds.len()) else {
            return Ok(());
        };
        let node = self.holds[which].node;
        let Ok(place) = self.nodes[node].book.hold(more, As::Grown, now) else {
            return Ok(());
        };
        let parts = &mut self.holds[which].parts;
        match parts.iter_mut().find(|(at, _)| *at == place) {
            Some((_, amount)) => *amount += more,
            None => parts.push((place, more)),
        }
        self.took(place, more)
    }

    fn took(&mut self, place: Place, amount: i64) -> Outcome {
        let sums = self.truth.entry(place.window).or_default();
        sums.held += amount;
        let used = sums.settled + sums.held + sums.lost;
        prop_assert!(
            used <= sums.peak + sums.overrun,
            "{amount} more in {place:?} is beyond any limit: {sums:?}"
        );
        Ok(())
    }

    /// Settles each part up to what it holds, and the last with the rest; a release comes to nothing.
    fn end(&mut self, which: usize, percent: Option<i64>, stretch: bool) {
        let Some(which) = which.checked_rem(self.holds.len()) else {
            return;
        };
        let Held { node, parts } = self.holds.swap_remove(which);
        let all: i64 = parts.iter().map(|(_, amount)| amount).sum();
        let mut rest = percent.map_or(0, |percent| all * percent / 100);
        let last = parts.len() - 1;
        for (at, (place, held)) in parts.into_iter().enumerate() {
            let actual = if at == last { rest } else { rest.min(held) };
            rest -= actual;
            let node = &mut self.nodes[node];
            let mut held = held;
            let sums = self.truth.entry(place.window).or_default();
            if stretch && actual > held {
                let more = node.book.stretch(place, actual - held);
                held += more;
                sums.held += more;
            }
            let overrun = node.book.settle(place, held, actual);
            assert_eq!(overrun, (actual - held).max(0));
            sums.held -= held;
            sums.settled += actual;
            sums.overrun += overrun;
            if actual > 0 {
                node.unwritten.push(charge(place.window, actual, overrun));
            }
        }
    }

    fn write(&mut self, node: usize) {
        let now = Now {
            wall: self.now(),
            ..Now::default()
        };
        let charges = self.nodes[node].unwritten.drain(..);
        let entries: Vec<Entry> = charges.map(|charge| entry(charge, now)).collect();
        ready(self.store.append(&entries)).unwrap();
    }

    /// The store's side of an errand; its answer is on its way.
    fn ask(&mut self, node: usize) -> Outcome {
        let now = self.now();
        let Node { book, answer, .. } = &mut self.nodes[node];
        // A node has one errand at a time.
        if answer.is_some() {
            return Ok(());
        }
        let errand = book.errand();
        ready(self.store.give_back(&errand.returns)).unwrap();
        errand.returns.iter().for_each(|back| book.returned(back));
        let Some(ask) = errand.ask else {
            return Ok(());
        };
        let before = ready(self.store.windows()).unwrap();
        let slice = ready(self.store.lease(std::slice::from_ref(&ask), now.max(errand.not_before)))
            .unwrap()
            .remove(0);
        let before = before.iter().find(|state| state.window == slice.window);
        let before = before.map_or(0, |state| state.granted);
        prop_assert!(
            slice.granted_in_all <= ask.limit.max(before),
            "a commit grants within its limit: {slice:?} {ask:?}"
        );
        prop_assert!(slice.granted <= ask.want);
        let sums = self.truth.entry(slice.window).or_default();
        sums.peak = sums.peak.max(ask.limit);
        *answer = Some(slice);
        Ok(())
    }

    fn deliver(&mut self, node: usize) {
        let Node { book, answer, .. } = &mut self.nodes[node];
        if let Some(slice) = answer.take() {
            book.take(&slice);
        }
    }

    fn fail(&mut self, node: usize) {
        let Node { book, answer, .. } = &mut self.nodes[node];
        if answer.is_none() {
            for back in book.errand().returns {
                book.not_returned(back);
            }
        }
    }

    fn learn(&mut self, node: usize) {
        let Node { book, spec: own, .. } = &mut self.nodes[node];
        *own = spec(self.limit);
        book.change(own.clone());
    }

    fn reset(&mut self) -> Outcome {
        ready(self.store.reset(&QuotaId::from("q"), self.now())).unwrap();
        if let Some(state) = self.latest() {
            self.reset = self.reset.max(state.window);
        }
        Ok(())
    }

    fn leave(&mut self, node: usize) {
        let now = self.now();
        self.nodes[node].book.leave(self.reset, now);
    }

    /// One node dies: what it held and had not written is gone, what it was granted stays out.
    fn crash(&mut self, node: usize) {
        let limit = spec(self.limit);
        self.stranded = true;
        self.forget(node);
        self.nodes[node] = Node {
            book: Book::new(limit.clone()),
            spec: limit,
            unwritten: Vec::new(),
            answer: None,
        };
        if let Some(state) = self.latest() {
            // What nobody will settle any more stays granted, and cannot be told from what others hold.
            self.nodes[node].book.restore(&state);
        }
    }

    fn forget(&mut self, node: usize) {
        let (gone, kept): (Vec<Held>, Vec<Held>) = self.holds.drain(..).partition(|held| held.node == node);
        self.holds = kept;
        for (place, amount) in gone.into_iter().flat_map(|held| held.parts) {
            let sums = self.truth.entry(place.window).or_default();
            sums.held -= amount;
            sums.lost += amount;
        }
        for charge in self.nodes[node].unwritten.drain(..) {
            let sums = self.truth.entry(charge.window).or_default();
            sums.settled -= charge.amount;
            sums.overrun -= charge.overrun;
            sums.lost += charge.amount - charge.overrun;
        }
    }

    /// All die, and the store recovers: what was out is unaccounted, and all of it was granted within a limit.
    fn crash_all(&mut self) -> Outcome {
        let before = self.latest();
        for node in 0..NODES {
            self.crash(node);
        }
        ready(self.store.recover()).unwrap();
        self.stranded = false;
        let (Some(before), Some(after)) = (before, self.latest()) else {
            return Ok(());
        };
        prop_assert_eq!(
            after.unaccounted,
            before.granted - before.settled,
            "what was out, and no more"
        );
        let sums = self.truth.entry(after.window).or_default();
        prop_assert!(
            after.unaccounted >= sums.lost,
            "what was used is charged: {after:?} {sums:?}"
        );
        prop_assert_eq!((after.settled, after.overrun), (sums.settled, sums.overrun));
        sums.lost = after.unaccounted;
        for node in &mut self.nodes {
            node.book = Book::new(node.spec.clone());
            node.book.restore(&after);
        }
        Ok(())
    }

    fn write_off(&mut self) {
        let Some(state) = self.latest() else { return };
        let amount = ready(self.store.write_off(&QuotaId::from("q"), state.window)).unwrap();
        assert_eq!(amount, state.unaccounted);
        let sums = self.truth.entry(state.window).or_default();
        sums.lost -= amount.min(sums.lost);
        for node in &mut self.nodes {
            node.book.write_off(state.window, amount);
        }
    }

    fn latest(&self) -> Option<WindowState> {
        ready(self.store.windows()).unwrap().pop()
    }

    fn check(&self) -> Outcome {
        if let Some(state) = self.latest() {
            prop_assert!(state.settled + state.unaccounted <= state.granted, "{state:?}");
            let sums = self.truth.get(&state.window).copied().unwrap_or_default();
            prop_assert!(state.granted <= sums.peak + state.overrun, "{state:?} {sums:?}");
        }
        for (window, sums) in &self.truth {
            prop_assert!(sums.settled <= sums.peak + sums.overrun, "{window:?}: {sums:?}");
        }
        Ok(())
    }

    /// All calls finish, all is written and given back: nothing is held, and exactly what is not used can be had again.
    fn quiet(&mut self) -> Outcome {
        while !self.holds.is_empty() {
            self.end(0, Some(50), false);
        }
        for node in 0..NODES {
            self.learn(node);
            self.deliver(node);
            self.write(node);
            self.leave(node);
            self.nodes[node].book.idle();
            let returns = self.nodes[node].book.errand().returns;
            ready(self.store.give_back(&returns)).unwrap();
            returns.iter().for_each(|back| self.nodes[node].book.returned(back));
            prop_assert_eq!(self.nodes[node].book.usage(self.now()).held, 0);
            prop_assert!(self.nodes[node].book.is_idle());
        }
        for (window, sums) in &self.truth {
            prop_assert_eq!(sums.held, 0, "{:?}", window);
        }
        let Some(state) = self.latest() else { return Ok(()) };
        let sums = self.truth.get(&state.window).copied().unwrap_or_default();
        prop_assert_eq!((state.settled, state.overrun), (sums.settled, sums.overrun));
        if !self.stranded {
            prop_assert_eq!(
                state.granted,
                state.settled + state.unaccounted,
                "every slice has come back"
            );
            self.all_of_the_rest()?;
        }
        Ok(())
    }

    /// One node alone may have all that is left, and not one more.
    fn all_of_the_rest(&mut self) -> Outcome {
        self.nodes[0].book = Book::new(spec(self.limit));
        prop_assert_eq!(self.hold(0, self.limit + 1)?, Err(Short::Spent));
        let _ = self.hold(0, 1.min(self.limit))?;
        self.step(Step::Errand(0))?;
        let usage = self.nodes[0].book.usage(self.now());
        let rest = self.limit - usage.used - usage.held;
        if rest <= 0 {
            return Ok(());
        }
        for _ in 0..3 {
            if self.hold(0, rest)?.is_ok() {
                prop_assert_eq!(self.hold(0, 1)?, Err(Short::Busy));
                return Ok(());
            }
            self.step(Step::Errand(0))?;
        }
        prop_assert!(false, "{rest} is left and cannot be had: {:?}", self.nodes[0].book);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn several_nodes_never_pass_a_limit_and_lose_nothing(limit in 0..2000_i64, steps in steps()) {
        let mut world = World::new(limit);
        for step in steps {
            world.step(step)?;
        }
        world.quiet()?;
    }
}
