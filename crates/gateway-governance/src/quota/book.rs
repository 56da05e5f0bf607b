//! One node's book of one quota: plain arithmetic over plain numbers, without locks, clocks or IO.
//!
//! What holds at all times, in the window that is open:
//!
//! - `settled + held <= granted`: nothing is spent that the store did not grant, or that was not booked as overrun.
//! - The store's grants stay at or below the limit, so that `settled <= limit + overrun`, however many nodes there are.

use std::time::Duration;

use gateway_types::Wall;
use smallvec::SmallVec;

use super::{Denied, QuotaSpec, QuotaUsage, Unit, WindowNo};
use crate::ledger::{Ask, Return, Slice, WindowState};

/// A slice is at most this part of the limit, so that a crash leaves little unaccounted …
const SLICES_PER_LIMIT: i64 = 16;
/// … and at most this many calls' worth, so that a large limit is not carved up by a small caller.
const CALLS_PER_SLICE: i64 = 16;

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
    /// The window is spent, as far as this call goes.
    Spent,
}

/// How a hold is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    /// Held until it is settled.
    Held,
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

/// What there is to be done with the store.
#[derive(Debug)]
pub(crate) struct Errand {
    pub(crate) ask: Option<Ask>,
    /// The time before which the ask must not be: a clock that goes back reopens no window.
    pub(crate) not_before: Wall,
    pub(crate) returns: SmallVec<[Return; 2]>,
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
        }
    }

    /// Takes `amount` of the window that is open at `now`, and tells where that was.
    pub(crate) fn hold(&mut self, amount: i64, how: As, now: Wall) -> Result<Place, Short> {
        if self.spec.unit == Unit::InFlight {
            return self.enter(amount);
        }
        self.roll(now);
        if amount > self.spec.limit {
            return Err(Short::Spent);
        }
        let Some(open) = self.open else {
            self.want = self.want.max(self.batch(amount));
            return Err(Short::Dry);
        };
        let free = self.free();
        if amount > free.min(self.room()) {
            return Err(self.short(amount, free));
        }
        match how {
            As::Held => self.held += amount,
            As::Charged => self.settled += amount,
        }
        // The next slice is asked for before this one is used up, so that few calls wait for one.
        let batch = self.batch(amount);
        if free - amount < batch / 2 && self.rest() > 0 {
            self.want = self.want.max(batch);
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

    fn short(&mut self, amount: i64, free: i64) -> Short {
        if amount <= self.room().min(free.saturating_add(self.rest())) {
            self.want = self.want.max(self.batch(amount - free));
            Short::Dry
        } else if self.used().saturating_add(amount) <= self.spec.limit {
            Short::Busy
        } else {
            Short::Spent
        }
    }

    /// Ends a hold of `held` that was taken at `place`, with what it really came to. What that is beyond the hold is
    /// overrun: it is answered, and counts as granted.
    pub(crate) fn settle(&mut self, place: Place, held: i64, actual: i64) -> i64 {
        let overrun = (actual - held).max(0);
        if self.spec.unit == Unit::InFlight {
            self.held -= held;
        } else if self.is_at(place) {
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

    /// Takes a charge back that was made at once and did not come to be.
    pub(crate) fn uncharge(&mut self, place: Place, amount: i64) {
        if self.is_at(place) {
            self.settled -= amount;
            self.recall();
        } else {
            self.give_back(place.window, amount);
        }
    }

    /// Takes over a slice that the store granted.
    pub(crate) fn take(&mut self, slice: &Slice) {
        self.want = 0;
        if self.open.is_some_and(|open| slice.window < open.no) {
            return self.give_back(slice.window, slice.granted);
        }
        if !self.is_open(slice.window) {
            self.close();
            self.base = slice.charged;
            self.openings += 1;
        }
        self.open = Some(Open {
            no: slice.window,
            opening: self.openings,
            started: slice.started,
            ends: slice.ends,
        });
        self.granted = self.granted.saturating_add(slice.granted);
        self.in_all = slice.granted_in_all;
        self.recall();
    }

    /// Opens the window that the store's books show, unless one is open.
    pub(crate) fn restore(&mut self, state: &WindowState) {
        if self.open.is_none() {
            let ends = self.spec.cut.end_of(state.started);
            self.openings += 1;
            self.open = Some(Open {
                no: state.window,
                opening: self.openings,
                started: state.started,
                ends,
            });
            self.base = state.settled.saturating_add(state.unaccounted);
            self.in_all = state.granted;
        }
    }

    /// The window as it can be restored from, should this book be closed.
    pub(crate) fn state(&self) -> Option<WindowState> {
        self.open.map(|open| WindowState {
            quota: self.spec.id.clone(),
            window: open.no,
            unit: self.spec.unit,
            started: open.started,
            ends: open.ends,
            granted: self.in_all,
            settled: self.used(),
            overrun: 0,
            unaccounted: 0,
        })
    }

    /// Takes over new numbers. A raised limit acts at once; a lowered one recalls what is idle.
    pub(crate) fn change(&mut self, spec: QuotaSpec) {
        if let Some(open) = &mut self.open {
            open.ends = spec.cut.end_of(open.started);
        }
        self.spec = spec;
        self.recall();
    }

    /// Gives everything back that nothing holds.
    pub(crate) fn idle(&mut self) {
        self.want = 0;
        if let Some(open) = self.open {
            let free = self.free();
            self.granted -= free;
            self.returning += free;
            self.give_back(open.no, free);
        }
    }

    /// What there is to be done with the store. It is taken to be under way until [`Book::take`], [`Book::returned`] or
    /// [`Book::not_returned`].
    pub(crate) fn errand(&mut self) -> Errand {
        let spec = &self.spec;
        let ask = (self.want > 0 && spec.unit != Unit::InFlight).then(|| Ask {
            quota: spec.id.clone(),
            unit: spec.unit,
            limit: spec.limit,
            cut: spec.cut,
            want: self.want,
        });
        Errand {
            ask,
            not_before: self.left,
            returns: std::mem::take(&mut self.returns),
        }
    }

    pub(crate) fn has_errand(&self) -> bool {
        self.want > 0 || !self.returns.is_empty()
    }

    /// The store has taken that back.
    pub(crate) fn returned(&mut self, back: &Return) {
        if self.is_open(back.window) {
            let ours = back.amount.min(self.returning);
            self.returning -= ours;
            self.in_all -= ours;
        }
    }

    /// The store has not taken that back: it is to be tried again.
    pub(crate) fn not_returned(&mut self, back: Return) {
        self.returns.push(back);
    }

    /// The most that one hold could take now, or after one more slice.
    pub(crate) fn available(&mut self, now: Wall) -> i64 {
        self.roll(now);
        match (self.spec.unit, self.open) {
            (Unit::InFlight, _) => self.spec.limit - self.held,
            (_, None) => self.spec.limit,
            (_, Some(_)) => self.room().min(self.free().saturating_add(self.rest())),
        }
        .max(0)
    }

    /// Whether the window is spent to its last unit, whoever asks.
    pub(crate) fn is_spent(&mut self, now: Wall) -> bool {
        self.roll(now);
        self.used() >= self.spec.limit
    }

    /// The refusal that a call is told.
    pub(crate) fn denied(&self, needed: i64, short: Short, now: Wall) -> Denied {
        let ends = self.open.map_or_else(|| self.spec.cut.window(now).1, |open| open.ends);
        let resets_in = (short != Short::Busy && self.spec.unit != Unit::InFlight).then(|| ends.since(now));
        Denied {
            quota: self.spec.id.clone(),
            owner: self.spec.owner.clone(),
            unit: self.spec.unit,
            limit: self.spec.limit,
            used: self.used().saturating_add(self.held),
            needed,
            resets_in: resets_in.map(|left| left.max(Duration::from_millis(1))),
        }
    }

    pub(crate) fn usage(&self, now: Wall) -> QuotaUsage {
        let open = self.open.filter(|open| now < open.ends);
        let windowed = self.spec.unit != Unit::InFlight;
        QuotaUsage {
            limit: self.spec.limit,
            used: if open.is_some() { self.used() } else { 0 },
            held: if open.is_some() || !windowed { self.held } else { 0 },
            started: open.map(|open| open.started),
            ends: open.map(|open| open.ends),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.held == 0 && !self.has_errand() && self.returning == 0
    }

    /// Leaves a window that has ended. Holds of it go on; they settle there.
    fn roll(&mut self, now: Wall) {
        if self.open.is_some_and(|open| now >= open.ends) {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.give_back(open.no, self.free());
            self.left = self.left.max(open.ends);
        }
        self.granted = 0;
        self.settled = 0;
        self.base = 0;
        self.in_all = 0;
        self.returning = 0;
        self.want = 0;
        if self.spec.unit != Unit::InFlight {
            self.held = 0;
        }
    }

    /// Gives idle slices back as far as the grants pass the limit: because it was lowered, or by overrun.
    fn recall(&mut self) {
        let Some(open) = self.open else { return };
        let beyond = (self.in_all - self.returning).saturating_sub(self.spec.limit);
        let idle = beyond.min(self.free()).max(0);
        self.granted -= idle;
        self.returning += idle;
        self.give_back(open.no, idle);
    }

    fn give_back(&mut self, window: WindowNo, amount: i64) {
        if amount > 0 {
            self.returns.push(Return {
                quota: self.spec.id.clone(),
                window,
                amount,
            });
        }
    }

    fn is_at(&self, place: Place) -> bool {
        self.open.is_some_and(|open| open.opening == place.opening)
    }

    fn is_open(&self, window: WindowNo) -> bool {
        self.open.is_some_and(|open| open.no == window)
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

    fn batch(&self, need: i64) -> i64 {
        need.max((self.spec.limit / SLICES_PER_LIMIT).min(need.saturating_mul(CALLS_PER_SLICE)))
    }
}

#[cfg(test)]
mod tests;
