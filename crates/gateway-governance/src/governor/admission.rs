//! An admitted call: its place in flight, its ledger entry's slot, and what has been booked on it so far.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_types::{EntryId, Error, Metered, NanoUsd, Now};
use smallvec::SmallVec;

use super::take::{Part, Parts};
use super::{Inner, Turn};
use crate::directory::Principal;
use crate::entry::{Charge, ENTRY_VERSION, Entry, Leg};
use crate::quota::{Cell, Remaining, Unit};

/// A call that was admitted. Finished, or dropped, it hands its entry to the ledger.
#[must_use = "a call that is admitted holds a place in flight until it is finished"]
pub struct Admission {
    book: Arc<TurnBook>,
    done: bool,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What all its attempts cost.
    pub cost: NanoUsd,
    /// What of that no hold covered.
    pub overrun: NanoUsd,
    /// Whether a model's price was not known.
    pub unpriced: bool,
    /// The tokens of the last attempt that was billed.
    pub metered: Option<Metered>,
}

/// What the tightest of the caller's own rate limits leave: of its virtual key, its team and its customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Of requests; `None` where they are not limited.
    pub requests: Option<Remaining>,
    /// Of tokens; `None` where they are not limited.
    pub tokens: Option<Remaining>,
}

impl Admission {
    /// A call that has its slot.
    pub(super) fn new(inner: Arc<Inner>, principal: Principal, turn: Turn, parts: Parts) -> Self {
        let (in_flight, requests): (Parts, Parts) =
            parts.into_iter().partition(|part| part.cell.unit() == Unit::InFlight);
        let charges = requests.into_iter().map(|part| Charged { part, overrun: 0 }).collect();
        let notes = Notes {
            has_slot: true,
            in_flight,
            charges,
            legs: Vec::new(),
            open: 0,
            reserved: NanoUsd::ZERO,
            finished: None,
        };
        Self {
            book: Arc::new(TurnBook {
                inner,
                principal,
                turn,
                notes: Mutex::new(notes),
            }),
            done: false,
        }
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        &self.book.principal
    }

    /// What the caller's own rate limits leave now, this call taken into account.
    pub fn rate_limits(&self, now: Now) -> RateLimits {
        let Some(scope) = self.book.principal.scope() else {
            return RateLimits::default();
        };
        let tightest = |unit| {
            let left = scope.of(unit).map(|cell| cell.remaining(now.wall));
            left.min_by_key(|left| left.remaining)
        };
        RateLimits {
            requests: tightest(Unit::Requests),
            tokens: tightest(Unit::Tokens),
        }
    }

    /// Ends the call: its place in flight is free, its entry is on its way.
    pub fn finish(mut self, now: Now) -> Settled {
        self.done = true;
        self.book.finish(now)
    }

    /// Ends a call that was refused before anything was done for it: it does not count as a request. Gives what the caller's
    /// rate limits leave then.
    pub fn refuse(mut self) -> RateLimits {
        self.done = true;
        let mut notes = self.book.notes();
        for charged in notes.charges.drain(..) {
            charged.part.undo();
        }
        drop(notes);
        let now = self.book.inner.clock.now();
        self.book.finish(now);
        self.rate_limits(now)
    }

    pub(super) fn book(&self) -> &Arc<TurnBook> {
        &self.book
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if !self.done {
            self.book.finish(self.book.inner.clock.now());
        }
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("principal", &self.book.principal)
            .field("turn", &self.book.turn)
            .finish()
    }
}

/// What is booked on a call. Its holds share it, because any of them may be the last to be dropped.
pub(super) struct TurnBook {
    pub(super) inner: Arc<Inner>,
    pub(super) principal: Principal,
    pub(super) turn: Turn,
    notes: Mutex<Notes>,
}

struct Notes {
    /// Whether the slot of its entry is still to be used.
    has_slot: bool,
    in_flight: Parts,
    charges: SmallVec<[Charged; 6]>,
    legs: Vec<Leg>,
    /// Holds that are not settled.
    open: usize,
    /// What they can cost, where the call has a ceiling.
    reserved: NanoUsd,
    finished: Option<Now>,
}

/// What one quota is charged so far.
struct Charged {
    part: Part,
    overrun: i64,
}

impl TurnBook {
    /// Whether a quota has counted this request already.
    pub(super) fn counts(&self, cell: &Arc<Cell>) -> bool {
        self.notes()
            .charges
            .iter()
            .any(|charged| Arc::ptr_eq(&charged.part.cell, cell))
    }

    /// Reserves, under the call's ceiling, what `wanted` makes of what is taken of it so far.
    pub(super) fn reserve(&self, wanted: impl FnOnce(NanoUsd) -> Result<NanoUsd, Error>) -> Result<NanoUsd, Error> {
        let mut notes = self.notes();
        let spent: NanoUsd = notes.legs.iter().map(|leg| leg.cost).sum();
        let amount = wanted(spent.saturating_add(notes.reserved))?;
        notes.reserved = notes.reserved.saturating_add(amount);
        Ok(amount)
    }

    pub(super) fn unreserve(&self, amount: NanoUsd) {
        let mut notes = self.notes();
        notes.reserved = notes.reserved - amount;
    }

    pub(super) fn hold_opened(&self) {
        self.notes().open += 1;
    }

    /// Ends a hold: its leg, if it was billed, and its charges.
    pub(super) fn hold_closed(&self, leg: Option<Leg>, charges: impl Iterator<Item = (Part, i64)>) {
        let mut notes = self.notes();
        for (part, overrun) in charges {
            notes.charge(part, overrun);
        }
        if let Some(leg) = leg {
            // Nearly every call has one, and its entry waits for the writer with thousands of others.
            notes.legs.reserve_exact(1);
            notes.legs.push(leg);
        }
        notes.open -= 1;
        self.send(&mut notes);
    }

    fn finish(&self, now: Now) -> Settled {
        let mut notes = self.notes();
        for part in notes.in_flight.drain(..) {
            part.undo();
        }
        let settled = Settled {
            cost: notes.legs.iter().map(|leg| leg.cost).sum(),
            overrun: notes.legs.iter().map(|leg| leg.overrun).sum(),
            unpriced: notes.legs.iter().any(|leg| leg.unpriced),
            metered: notes.legs.last().map(|leg| leg.metered),
        };
        notes.finished = Some(now);
        self.send(&mut notes);
        settled
    }

    /// Sends the entry into its slot, once the call is over and its last hold is settled. A call that used nothing and is
    /// counted nowhere leaves no entry.
    fn send(&self, notes: &mut Notes) {
        let Some(now) = notes.finished.filter(|_| notes.open == 0) else {
            return;
        };
        if !std::mem::take(&mut notes.has_slot) {
            return;
        }
        if notes.legs.is_empty() && notes.charges.is_empty() {
            return self.inner.slots.free();
        }
        let legs = std::mem::take(&mut notes.legs);
        self.inner.slots.put(Entry {
            v: ENTRY_VERSION,
            id: EntryId::new(now),
            org: self.inner.org.clone(),
            at: now.wall,
            request: self.turn.request,
            virtual_key: self.principal.key().map(|key| key.id.clone()),
            team: self.principal.key().and_then(|key| key.team.clone()),
            customer: self.principal.key().and_then(|key| key.customer.clone()),
            tags: self.turn.tags.clone(),
            operation: self.turn.operation,
            total: legs.iter().map(|leg| leg.cost).sum(),
            legs,
            charges: notes.charges.drain(..).map(Charged::charge).collect(),
        });
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn charge(&mut self, part: Part, overrun: i64) {
        let same = |charged: &&mut Charged| {
            Arc::ptr_eq(&charged.part.cell, &part.cell) && charged.part.place.window == part.place.window
        };
        if let Some(charged) = self.charges.iter_mut().find(same) {
            // A request counts once, however many attempts it takes.
            if part.cell.unit() == Unit::Requests {
                return part.undo();
            }
            charged.part.amount = charged.part.amount.saturating_add(part.amount);
            charged.overrun = charged.overrun.saturating_add(overrun);
        } else {
            self.charges.push(Charged { part, overrun });
        }
    }
}

impl Charged {
    fn charge(self) -> Charge {
        let Part { cell, place, amount } = self.part;
        Charge {
            quota: cell.id().clone(),
            window: place.window,
            unit: cell.unit(),
            amount,
            overrun: self.overrun,
        }
    }
}
