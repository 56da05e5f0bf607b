//! The side of the keeper: slices come and go, windows open and close, numbers change.

use gateway_types::Wall;
use smallvec::SmallVec;

use super::{Book, Open};
use crate::ledger::{Ask, Return, Slice, WindowState};
use crate::quota::{QuotaSpec, Unit, WindowNo};

/// What there is to be done with the store.
#[derive(Debug)]
pub(crate) struct Errand {
    pub(crate) ask: Option<Ask>,
    /// The time before which the ask must not be: a clock that goes back reopens no window.
    pub(crate) not_before: Wall,
    pub(crate) returns: SmallVec<[Return; 2]>,
}

impl Book {
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

    /// Takes over a slice that the store granted.
    pub(crate) fn take(&mut self, slice: &Slice) {
        self.want = 0;
        let older = self.open.is_some_and(|open| slice.window < open.no);
        if older || slice.window <= self.reset {
            return self.give_back(slice.window, slice.granted);
        }
        if !self.is_open(slice.window) {
            self.close(slice.started);
            self.base = slice.charged;
            self.told = self.percent();
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

    /// Opens the window that the store's books show, unless one is open.
    pub(crate) fn restore(&mut self, state: &WindowState) {
        if self.open.is_none() {
            self.openings += 1;
            self.open = Some(Open {
                no: state.window,
                opening: self.openings,
                started: state.started,
                // A window that was reset ended before its time.
                ends: self.spec.cut.end_of(state.started).min(state.ends),
            });
            self.base = state.settled.saturating_add(state.unaccounted);
            self.in_all = state.granted;
            self.told = self.percent();
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
        if let Some(open) = &mut self.open
            && spec.cut != self.spec.cut
        {
            open.ends = spec.cut.end_of(open.started);
        }
        let unwatched = self.spec.alerts.is_none();
        self.spec = spec;
        if unwatched {
            // Whoever begins to watch is told of what is passed from now on.
            self.told = self.percent();
        }
        self.recall();
    }

    /// The window that is open.
    pub(crate) fn window(&self) -> Option<WindowNo> {
        self.open.map(|open| open.no)
    }

    /// Leaves that window, which the store has ended before its time. Holds of it go on; they settle there.
    pub(crate) fn leave(&mut self, window: WindowNo, now: Wall) {
        self.reset = self.reset.max(window);
        if self.is_open(window) {
            self.close(now);
        }
    }

    /// The store has let go of so much that a crash had left charged in that window.
    pub(crate) fn write_off(&mut self, window: WindowNo, amount: i64) {
        if self.is_open(window) {
            let amount = amount.min(self.base);
            self.base -= amount;
            self.in_all -= amount;
        }
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

    pub(crate) fn is_idle(&self) -> bool {
        self.held == 0 && !self.has_errand() && self.returning == 0
    }

    /// Leaves the window, `at` the latest when it ends.
    pub(super) fn close(&mut self, at: Wall) {
        if let Some(open) = self.open.take() {
            self.give_back(open.no, self.free());
            self.left = self.left.max(open.ends.min(at));
        }
        self.granted = 0;
        self.settled = 0;
        self.base = 0;
        self.in_all = 0;
        self.returning = 0;
        self.want = 0;
        self.told = 0;
        if self.spec.unit != Unit::InFlight {
            self.held = 0;
        }
    }

    /// Gives idle slices back as far as the grants pass the limit: because it was lowered, or by overrun.
    pub(super) fn recall(&mut self) {
        let Some(open) = self.open else { return };
        let beyond = (self.in_all - self.returning).saturating_sub(self.spec.limit);
        let idle = beyond.min(self.free()).max(0);
        self.granted -= idle;
        self.returning += idle;
        self.give_back(open.no, idle);
    }

    pub(super) fn give_back(&mut self, window: WindowNo, amount: i64) {
        if amount > 0 {
            self.returns.push(Return {
                quota: self.spec.id.clone(),
                window,
                amount,
            });
        }
    }

    pub(super) fn is_open(&self, window: WindowNo) -> bool {
        self.window() == Some(window)
    }
}
