//! Taking from several quotas at once: all or none, with patience.

use std::pin::{Pin, pin};
use std::sync::Arc;

use gateway_types::{Error, NanoUsd, Now, Wall};
use smallvec::SmallVec;
use tokio::time::Sleep;

use super::{Inner, unavailable};
use crate::price::Price;
use crate::quota::book::{As, Place, Short};
use crate::quota::{Cell, Unit};

/// The cells that one step of a call passes, in the order of their ids.
pub(super) type Cells<'a> = SmallVec<[&'a Arc<Cell>; 8]>;
pub(super) type Parts = SmallVec<[Part; 6]>;

/// What was taken of one quota.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) cell: Arc<Cell>,
    pub(super) place: Place,
    pub(super) amount: i64,
}

impl Part {
    /// Puts it back as if it had never been taken.
    pub(super) fn undo(&self) {
        match self.cell.unit() {
            Unit::Requests => self.cell.uncharge(self.place, self.amount),
            _ => drop(self.cell.settle(self.place, self.amount, 0)),
        }
    }
}

/// What a step of a call would take, and from where.
pub(super) struct Wish<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) demand: Demand,
    /// The price that money is held at; where there is none, money is only looked at.
    pub(super) price: Option<&'a Price>,
    /// What a call that is under way holds already: it wants the difference.
    pub(super) held: Option<&'a [Part]>,
}

/// How much a call can use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    /// Input tokens that money is held for.
    pub(super) input_bound: u64,
    /// Input tokens that token quotas are asked for …
    pub(super) input: u64,
    /// … and what they are asked for before the call is refused for the sake of its input.
    pub(super) input_estimate: u64,
    /// The cap on output that is wanted, per answer; 0 where none is generated.
    pub(super) cap: u64,
    /// It is not lowered below this …
    pub(super) floor: u64,
    /// … nor below this while other calls are about to give back what they hold.
    pub(super) comfortable: u64,
    pub(super) choices: u32,
}

/// What is tried for: the demand, or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Input tokens, for token quotas. Money is always held for the bound.
    pub(super) input: u64,
    pub(super) cap: u64,
}

/// Takes from all cells or from none, and tells what was paid for.
///
/// Suspends only where a slice is short, or where other calls hold what is missing, and not beyond `lease_wait`.
pub(super) async fn take(inner: &Inner, wish: &Wish<'_>, mut now: Now) -> Result<(Parts, Size), Error> {
    let mut patience: Option<Pin<Box<Sleep>>> = None;
    let mut patient = true;
    let mut size = wish.whole();
    loop {
        let (cell, short) = match wish.attempt(size, now.wall) {
            Ok(parts) => return Ok((parts, size)),
            Err(refused) => refused,
        };
        if short != Short::Dry {
            if let Some(smaller) = wish.smaller(cell, size, short == Short::Busy && patient, now.wall) {
                size = smaller;
                continue;
            }
            // What no window could give the whole wish, this one may still give the smallest when others are done.
            let hopeless = matches!(short, Short::Early | Short::Spent);
            if hopeless && size != wish.smallest() {
                size = wish.smallest();
                continue;
            }
            if hopeless || !patient {
                return Err(wish.refusal(cell, short, now.wall));
            }
        }
        let mut changed = pin!(cell.changed());
        changed.as_mut().enable();
        // What changed before the bell was listened to is seen now, what changes later rings it.
        match wish.attempt(size, now.wall) {
            Ok(parts) => return Ok((parts, size)),
            Err((other, why)) if !Arc::ptr_eq(other, cell) || why != short => continue,
            Err(_) => {}
        }
        let patience = patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(inner.options.lease_wait)));
        let rang = tokio::select! {
            biased;
            () = changed => true,
            () = patience.as_mut() => false,
        };
        if short == Short::Dry && (!rang || cell.store_failed()) {
            return Err(unavailable(
                "the store that keeps quotas does not answer; try again in a moment",
            ));
        }
        patient &= rang;
        now = inner.clock.now();
        size = wish.whole();
    }
}

impl<'a> Wish<'a> {
    pub(super) fn whole(&self) -> Size {
        Size {
            input: self.demand.input,
            cap: self.demand.cap,
        }
    }

    pub(super) fn smallest(&self) -> Size {
        Size {
            input: self.demand.input.min(self.demand.input_estimate),
            cap: self.demand.floor,
        }
    }

    /// One try at all cells, in the order of their ids; whoever takes in one order never runs in circles with others.
    pub(super) fn attempt(&self, size: Size, now: Wall) -> Result<Parts, (&'a Arc<Cell>, Short)> {
        let mut parts = Parts::new();
        for cell in &self.cells {
            let amount = self.amount(cell, size) - self.has(cell);
            if amount <= 0 && self.held.is_some() {
                continue;
            }
            match cell.hold(amount, self.how(cell), now) {
                Ok(place) => parts.push(Part {
                    cell: Arc::clone(cell),
                    place,
                    amount,
                }),
                Err(short) => {
                    parts.iter().for_each(Part::undo);
                    return Err((cell, short));
                }
            }
        }
        Ok(parts)
    }

    /// The largest cap, the demand's at most, that every window could pay for if no other call held anything; a refusal
    /// where one could not even pay for the smallest.
    pub(super) fn alone(&self, now: Wall) -> Result<u64, Error> {
        let mut size = self.whole();
        for cell in &self.cells {
            if matches!(cell.unit(), Unit::NanoUsd | Unit::Tokens) {
                let fits = self.fits(cell, size, cell.unsettled(now), self.demand.floor);
                size = fits.ok_or_else(|| self.refusal(cell, Short::Spent, now))?;
            }
        }
        Ok(size.cap)
    }

    fn how(&self, cell: &Cell) -> As {
        match cell.unit() {
            Unit::Requests => As::Charged,
            _ if self.held.is_some() => As::Grown,
            _ => As::Held,
        }
    }

    fn refusal(&self, cell: &Cell, short: Short, now: Wall) -> Error {
        cell.denied(self.amount(cell, self.smallest()), short, now).error()
    }

    /// What the call holds of it already.
    fn has(&self, cell: &Arc<Cell>) -> i64 {
        let parts = self.held.unwrap_or_default().iter();
        let of_cell = parts.filter(|part| Arc::ptr_eq(&part.cell, cell));
        of_cell.map(|part| part.amount).sum()
    }

    fn amount(&self, cell: &Cell, size: Size) -> i64 {
        let choices = self.demand.choices;
        match (cell.unit(), self.price) {
            (Unit::NanoUsd, Some(price)) => price.bound(self.demand.input_bound, size.cap, choices).0.max(1),
            (Unit::NanoUsd, None) => 0,
            (Unit::Tokens, _) => {
                let output = size.cap.saturating_mul(u64::from(choices.max(1)));
                i64::try_from(size.input.saturating_add(output))
                    .unwrap_or(i64::MAX)
                    .max(1)
            }
            (Unit::Requests | Unit::InFlight, _) => 1,
        }
    }

    /// Less, so that it fits what a cell has; `None` where that would be too little.
    fn smaller(&self, cell: &'a Arc<Cell>, size: Size, may_wait: bool, now: Wall) -> Option<Size> {
        let floor = if may_wait {
            self.demand.comfortable
        } else {
            self.demand.floor
        };
        let available = cell.available(self.how(cell), now).saturating_add(self.has(cell));
        self.fits(cell, size, available, floor).filter(|to| *to != size)
    }

    /// The most, up to that size, that so much of a cell pays for.
    ///
    /// A cap is lowered for money and for tokens. Before tokens are refused for the sake of the input, its estimate is
    /// taken for its bound, which is several times as large: a limit on tokens slows callers down, it is no money.
    fn fits(&self, cell: &Cell, size: Size, available: i64, floor: u64) -> Option<Size> {
        let Demand {
            input_bound,
            input_estimate,
            choices,
            ..
        } = self.demand;
        match (cell.unit(), self.price) {
            (Unit::NanoUsd, Some(price)) => {
                let affordable = price.afford(input_bound, choices, NanoUsd(available))?;
                let cap = size.cap.min(affordable);
                (cap >= floor).then_some(Size { cap, ..size })
            }
            (Unit::Tokens, _) => {
                let inputs = [size.input, size.input.min(input_estimate)];
                inputs.into_iter().find_map(|input| {
                    let rest = u64::try_from(available).unwrap_or(0).checked_sub(input)?;
                    let cap = size.cap.min(rest / u64::from(choices.max(1)));
                    (cap >= floor).then_some(Size { input, cap })
                })
            }
            (Unit::NanoUsd, None) => Some(size),
            (Unit::Requests | Unit::InFlight, _) => None,
        }
    }
}
