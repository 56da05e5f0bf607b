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

/// An answer below this length is not worth its price: a cap is not lowered further …
const SHORTEST_CAP: u64 = 16;
/// … and while other calls are about to give back what they hold, not below this.
const COMFORTABLE_CAP: u64 = 1024;

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
    /// The price that money is held at; where there is none, `cells` has no money.
    pub(super) price: Option<&'a Price>,
}

/// How much a call can use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    pub(super) input_bound: u64,
    pub(super) input_estimate: u64,
    /// The cap on output that is wanted; 0 where none is generated.
    pub(super) cap: u64,
    pub(super) choices: u32,
}

/// What is tried for: the demand, or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    /// Input tokens, for token quotas. Money is always held for the bound.
    input: u64,
    cap: u64,
}

/// Takes from all cells or from none, and tells the cap that was paid for.
///
/// Suspends only where a slice is short, or where other calls hold what is missing, and not beyond `lease_wait`.
pub(super) async fn take(inner: &Inner, wish: &Wish<'_>, mut now: Now) -> Result<(Parts, u64), Error> {
    let mut patience: Option<Pin<Box<Sleep>>> = None;
    let mut patient = true;
    let mut size = wish.whole();
    loop {
        let (cell, short) = match wish.attempt(size, now.wall) {
            Ok(parts) => return Ok((parts, size.cap)),
            Err(refused) => refused,
        };
        if short != Short::Dry {
            if let Some(smaller) = wish.smaller(cell, size, short == Short::Busy && patient, now.wall) {
                size = smaller;
                continue;
            }
            // What no window could give the whole wish, this one may still give the smallest when others are done.
            if short == Short::Spent && size != wish.smallest() {
                size = wish.smallest();
                continue;
            }
            if short == Short::Spent || !patient {
                let needed = wish.amount(cell, wish.smallest());
                return Err(cell.denied(needed, short, now.wall).error());
            }
        }
        let mut changed = pin!(cell.changed());
        changed.as_mut().enable();
        // What changed before the bell was listened to is seen now, what changes later rings it.
        match wish.attempt(size, now.wall) {
            Ok(parts) => return Ok((parts, size.cap)),
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
    fn whole(&self) -> Size {
        Size {
            input: self.demand.input_bound,
            cap: self.demand.cap,
        }
    }

    fn smallest(&self) -> Size {
        Size {
            input: self.demand.input_bound.min(self.demand.input_estimate),
            cap: self.demand.cap.min(SHORTEST_CAP),
        }
    }

    /// One try at all cells, in the order of their ids; whoever takes in one order never runs in circles with others.
    fn attempt(&self, size: Size, now: Wall) -> Result<Parts, (&'a Arc<Cell>, Short)> {
        let mut parts = Parts::new();
        for cell in &self.cells {
            let amount = self.amount(cell, size);
            let how = if cell.unit() == Unit::Requests {
                As::Charged
            } else {
                As::Held
            };
            match cell.hold(amount, how, now) {
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

    fn amount(&self, cell: &Cell, size: Size) -> i64 {
        let choices = self.demand.choices;
        match (cell.unit(), self.price) {
            (Unit::NanoUsd, Some(price)) => price.bound(self.demand.input_bound, size.cap, choices).0.max(1),
            (Unit::Tokens, _) => {
                let output = size.cap.saturating_mul(u64::from(choices.max(1)));
                i64::try_from(size.input.saturating_add(output))
                    .unwrap_or(i64::MAX)
                    .max(1)
            }
            _ => 1,
        }
    }

    /// Less, so that it fits what a cell has; `None` where that would be too little.
    ///
    /// A cap is lowered for money and for tokens. Before tokens are refused for the sake of the input, its estimate is
    /// taken for its bound, which is several times as large: a limit on tokens slows callers down, it is no money.
    fn smaller(&self, cell: &'a Arc<Cell>, size: Size, may_wait: bool, now: Wall) -> Option<Size> {
        let Demand {
            input_bound,
            input_estimate,
            cap,
            choices,
        } = self.demand;
        let floor = cap.min(if may_wait { COMFORTABLE_CAP } else { SHORTEST_CAP });
        let available = cell.available(now);
        match cell.unit() {
            Unit::NanoUsd => {
                let affordable = self.price?.afford(input_bound, choices, NanoUsd(available))?;
                (affordable >= floor)
                    .then_some(Size {
                        cap: size.cap.min(affordable),
                        ..size
                    })
                    .filter(|to| *to != size)
            }
            Unit::Tokens => {
                let inputs = [size.input, size.input.min(input_estimate)];
                let mut sizes = inputs.into_iter().filter_map(|input| {
                    let rest = u64::try_from(available).unwrap_or(0).checked_sub(input)?;
                    let cap = size.cap.min(rest / u64::from(choices.max(1)));
                    (cap >= floor).then_some(Size { input, cap })
                });
                sizes.find(|to| *to != size)
            }
            Unit::Requests | Unit::InFlight => None,
        }
    }
}
