//! One node's book of one quota: plain arithmetic over plain numbers, without locks, clocks or IO.
//!
//! What holds at all times, in the window that is open:
//!
//! - `settled + held <= granted`: nothing is spent that the store did not grant, or that was not booked as overrun.
//! - The store's grants stay at or below the limit, so that `settled <= limit + overrun`, however many nodes there are.
//!
//! This file is the side of the calls: they hold and settle. `store` is the side of the keeper, `told` what is said of it.

mod store;
mod told;

use gateway_types::Wall;
use smallvec::SmallVec;

use super::gcra::{Gcra, Rate};
use super::pace::Pace;
use super::{QuotaSpec, Unit, WindowNo};
use crate::ledger::Return;
pub(crate) use store::Errand;

/// A slice is about what one second spends, and at most this part of the limit, so that a crash leaves little unaccounted.
const SLICES_PER_LIMIT: i64 = 16;

#[derive(Debug)]
pub(crate) struct Book {
    spec: QuotaSpec,
    open: Option<Open>,
    /// What the store has granted to this node, with the overrun that this node booked.
    granted: i64,
    /// What finished calls were charged.
    settled: i64,
    /// What unfinished calls hold.
    held: i64,
    /// What had been charged when this node opened the window: by others, or before a restart.
    base: i64,
    /// The store's grants to everybody, as far as this node knows.
    in_all: i64,
    /// What has been decided to be given back, and is not yet.
    returning: i64,
    /// What the next ask is for.
    want: i64,
    returns: SmallVec<[Return; 2]>,
    /// How often a window was opened here.
    openings: u64,
    /// The end of the window that was left last: the store is never told an earlier time.
    left: Wall,
    /// The window that was left by a reset, and is not gone back to.
    reset: WindowNo,
    pace: Pace,
    gcra: Gcra,
    /// The share of the limit, in percent, up to which its crossings have been told in this window.
    told: i64,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    no: WindowNo,
    opening: u64,
    started: Wall,
    ends: Wall,
}

/// Why a hold was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    /// The store may have more: a slice is to be asked for.
    Dry,
    /// It would fit, were it not for what unfinished calls hold.
    Busy,
    /// It comes too soon after others: the window allows it, the burst does not.
    Early,
    /// The window is spent, as far as this call goes.
    Spent,
}

/// How a hold is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    /// Held until it is settled.
    Held,
    /// Held by a call that is under way. A burst does not refuse it, those who come later wait for it.
    Grown,
    /// Charged at once.
    Charged,
}

/// Where a hold was taken. A window that this node left and came back to, by a change of its length, is another place:
/// what is held there was not carried over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) window: WindowNo,
    opening: u64,
}

impl Book {
    pub(crate) fn new(spec: QuotaSpec) -> Self {
        Self {
            spec,
            open: None,
            granted: 0,
            settled: 0,
            held: 0,
            base: 0,
            in_all: 0,
            returning: 0,
            want: 0,
            returns: SmallVec::new(),
            openings: 0,
            left: Wall::from_millis(i64::MIN),
            reset: WindowNo(0),
            pace: Pace::default(),
            gcra: Gcra::new(),
            told: 0,
        }
    }

    /// Takes `amount` of the window that is open at `now`, and tells where that was. Nothing at all fits even where all is
    /// spent; it still has a place.
    pub(crate) fn hold(&mut self, amount: i64, how: As, now: Wall) -> Result<Place, Short> {
        if self.spec.unit == Unit::InFlight {
            return self.enter(amount);
        }
        self.roll(now);
        if amount > self.spec.limit {
            return Err(Short::Spent);
        }
        let Some(open) = self.open else {
            self.pace.want(amount);
            self.ask(amount, now);
            return Err(Short::Dry);
        };
        let free = self.free();
        if amount > 0 && amount > free.min(self.room()) {
            return Err(self.short(amount, free, now));
        }
        if !self.conforms(amount, how, now) {
            return Err(Short::Early);
        }
        match how {
            As::Held | As::Grown => self.held += amount,
            As::Charged => self.settled += amount,
        }
        self.pace.want(amount);
        // The next slice is asked for before this one is used up, so that few calls wait for one.
        if free - amount < self.batch(amount) / 2 && self.rest() > 0 {
            self.ask(amount, now);
        }
        Ok(Place {
            window: open.no,
            opening: open.opening,
        })
    }

    fn enter(&mut self, amount: i64) -> Result<Place, Short> {
        if self.held.saturating_add(amount) > self.spec.limit {
            return Err(if amount > self.spec.limit {
                Short::Spent
            } else {
                Short::Busy
            });
        }
        self.held += amount;
        Ok(Place::default())
    }

    fn short(&mut self, amount: i64, free: i64, now: Wall) -> Short {
        if amount <= self.room().min(free.saturating_add(self.rest())) {
            self.pace.want(amount);
            self.ask(amount - free, now);
            Short::Dry
        } else if self.used().saturating_add(amount) <= self.spec.limit {
            Short::Busy
        } else {
            Short::Spent
        }
    }

    /// Whether a burst lets it through; then it is counted.
    fn conforms(&mut self, amount: i64, how: As, now: Wall) -> bool {
        let Some(rate) = self.rate() else { return true };
        let conforms = self.gcra.conforms(&rate, amount, now) || how == As::Grown;
        if conforms {
            self.gcra.count(&rate, amount);
        }
        conforms
    }

    /// Ends a hold of `held` that was taken at `place`, with what it really came to. What that is beyond the hold is
    /// overrun: it is answered, and counts as granted.
    pub(crate) fn settle(&mut self, place: Place, held: i64, actual: i64) -> i64 {
        let overrun = (actual - held).max(0);
        if self.spec.unit == Unit::InFlight {
            self.held -= held;
            return overrun;
        }
        self.count_again(held, actual);
        if self.is_at(place) {
            self.held -= held;
            self.settled = self.settled.saturating_add(actual);
            self.granted = self.granted.saturating_add(overrun);
            self.in_all = self.in_all.saturating_add(overrun);
            self.recall();
        } else {
            self.give_back(place.window, held - actual);
        }
        overrun
    }

    /// Adds to a hold what of `more` lies free here, without asking anybody, and tells how much that was.
    pub(crate) fn stretch(&mut self, place: Place, more: i64) -> i64 {
        if self.spec.unit == Unit::InFlight || !self.is_at(place) {
            return 0;
        }
        let more = more.min(self.free()).min(self.room()).max(0);
        self.held += more;
        self.count_again(0, more);
        more
    }

    /// Takes a charge back that was made at once and did not come to be.
    pub(crate) fn uncharge(&mut self, place: Place, amount: i64) {
        self.count_again(amount, 0);
        if self.is_at(place) {
            self.settled -= amount;
            self.recall();
        } else {
            self.give_back(place.window, amount);
        }
    }

    fn count_again(&mut self, before: i64, after: i64) {
        if let Some(rate) = self.rate() {
            if after > before {
                self.gcra.count(&rate, after - before);
            } else {
                self.gcra.give_back(&rate, before - after);
            }
        }
    }

    /// Leaves a window that has ended. Holds of it go on; they settle there.
    fn roll(&mut self, now: Wall) {
        if let Some(open) = self.open.filter(|open| now >= open.ends) {
            self.close(open.ends);
        }
    }

    /// What a burst is spread at, where there is one: over the window's own length.
    fn rate(&self) -> Option<Rate> {
        let burst = self.spec.burst?;
        let (started, ends) = match self.open {
            Some(open) => (open.started, open.ends),
            None => self.spec.cut.window(self.left.max(Wall::default())),
        };
        Some(Rate {
            limit: self.spec.limit,
            length: ends.since(started),
            burst,
        })
    }

    /// Wants at least so much of the store.
    fn ask(&mut self, need: i64, now: Wall) {
        if self.want == 0 {
            self.pace.ask(now);
        }
        self.want = self.want.max(self.batch(need)).max(1);
    }

    /// How much to ask for where a call needs so much.
    fn batch(&self, need: i64) -> i64 {
        need.max((self.spec.limit / SLICES_PER_LIMIT).min(self.pace.per_second(need)))
    }

    fn is_at(&self, place: Place) -> bool {
        self.open.is_some_and(|open| open.opening == place.opening)
    }

    fn free(&self) -> i64 {
        self.granted - self.settled - self.held
    }

    /// What the store has not granted to anybody, once it has taken back what is on its way.
    fn rest(&self) -> i64 {
        self.spec.limit.saturating_sub(self.in_all - self.returning).max(0)
    }

    /// What the limit leaves by what this node itself has seen. It knows of its own overrun before the store does.
    fn room(&self) -> i64 {
        self.spec.limit.saturating_sub(self.used().saturating_add(self.held))
    }

    fn used(&self) -> i64 {
        self.base.saturating_add(self.settled)
    }
}

#[cfg(test)]
mod tests;
