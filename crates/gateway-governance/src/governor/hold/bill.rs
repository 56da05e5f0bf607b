//! The end of a hold: what was held becomes what was used.

use std::sync::Arc;

use gateway_types::{Basis, KeyId, Metered, NanoUsd, Operation, Usage};
use smallvec::SmallVec;

use super::{Billed, Hold, is_free};
use crate::entry::{Amount, Leg};
use crate::governor::take::{Part, Parts};
use crate::price::{PricedBy, Pricing};
use crate::quota::Unit;

/// What an attempt costs, and who says so.
struct Cost {
    amounts: Vec<Amount>,
    total: NanoUsd,
    by: PricedBy,
    unpriced: bool,
}

impl Hold {
    /// Settles on what was used. What that is beyond the hold is booked in full, as overrun.
    pub fn settle(mut self, metered: Metered) -> Billed {
        self.done = true;
        self.bill(metered)
    }

    /// Gives everything back: the attempt was not sent, or is not billed. A request limit of the entry counts it if it was
    /// sent.
    pub fn release(mut self) {
        self.done = true;
        self.free();
    }

    fn bill(&mut self, metered: Metered) -> Billed {
        self.learn(&metered);
        let cost = self.cost(&metered);
        let tokens = i64::try_from(metered.usage.total()).unwrap_or(i64::MAX);
        let (charges, overrun) = self.charge(cost.total.0, tokens);
        let billed = Billed {
            cost: cost.total,
            overrun,
            unpriced: cost.unpriced,
        };
        let leg = Leg {
            provider: self.provider.clone(),
            key: self.sent.clone().unwrap_or_else(|| KeyId::from("")),
            model: self.model.clone(),
            metered,
            amounts: cost.amounts,
            cost: cost.total,
            unpriced: cost.unpriced,
            overrun,
            priced_by: cost.by,
        };
        self.book.hold_closed(Some(leg), charges.into_iter());
        billed
    }

    /// What the provider itself says wins, except where everything is free.
    fn cost(&self, metered: &Metered) -> Cost {
        let free = is_free(&self.pricing, &self.by);
        let (amounts, total, by) = match (&self.pricing, metered.cost) {
            (_, Some(reported)) if !free => (Vec::new(), reported.max(NanoUsd::ZERO), PricedBy::Provider),
            (Pricing::Known(price), _) => {
                let bill = price.bill(&metered.usage);
                (bill.amounts, bill.total, self.by.clone())
            }
            _ => (Vec::new(), NanoUsd::ZERO, self.by.clone()),
        };
        let known = free || matches!(self.pricing, Pricing::Known(_)) || metered.cost.is_some();
        Cost {
            amounts,
            total,
            by,
            unpriced: !known,
        }
    }

    /// Settles every part: what each quota is charged, with the overrun of each, and the largest overrun of money.
    fn charge(&mut self, cost: i64, tokens: i64) -> (SmallVec<[(Part, i64); 6]>, NanoUsd) {
        let parts: Parts = std::mem::take(&mut self.parts);
        let mut charges = SmallVec::new();
        let mut beyond = 0;
        for (at, part) in parts.iter().enumerate() {
            let actual = match part.cell.unit() {
                Unit::NanoUsd => cost,
                Unit::Tokens => tokens,
                Unit::Requests => {
                    // Charged when it was taken.
                    charges.push((part.clone(), 0));
                    continue;
                }
                Unit::InFlight => 0,
            };
            let mut part = part.clone();
            let amount = share(&parts, at, actual);
            if self.elastic.is_some() && amount > part.amount {
                part.amount += part.cell.stretch(part.place, amount - part.amount);
            }
            let overrun = part.cell.settle(part.place, part.amount, amount);
            if part.cell.unit() == Unit::NanoUsd {
                beyond = overrun.max(beyond);
            }
            if amount > 0 {
                charges.push((Part { amount, ..part }, overrun));
            }
        }
        (charges, NanoUsd(beyond))
    }

    fn learn(&self, metered: &Metered) {
        let output = metered.usage.output_total();
        // A batch reports the sum of many answers.
        let one_call = self.book.turn.operation != Operation::Batches;
        if metered.basis == Basis::Reported && self.answers > 0 && output > 0 && one_call {
            let answer = output / u64::from(self.answers);
            self.book.inner.learned.learn(&self.provider, &self.model, answer);
        }
    }

    fn free(&mut self) {
        let (counted, held): (Parts, Parts) = std::mem::take(&mut self.parts)
            .into_iter()
            .partition(|part| self.sent.is_some() && part.cell.unit() == Unit::Requests);
        held.iter().for_each(Part::undo);
        self.book.hold_closed(None, counted.into_iter().map(|part| (part, 0)));
    }
}

/// What of `actual` the part at that place is charged. A hold that grew over the edge of a window has several parts of one
/// quota: each is used up before the next, and the last has the rest.
fn share(parts: &[Part], at: usize, actual: i64) -> i64 {
    let same = |other: &&Part| Arc::ptr_eq(&other.cell, &parts[at].cell);
    let before: i64 = parts[..at].iter().filter(same).map(|part| part.amount).sum();
    let rest = actual.saturating_sub(before).max(0);
    match parts[at + 1..].iter().find(same) {
        Some(_) => rest.min(parts[at].amount),
        None => rest,
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.done {
        } else if self.sent.is_some() {
            let usage = Usage {
                input: self.input_estimate,
                ..Usage::default()
            };
            self.bill(Metered::new(usage, Basis::Estimated));
        } else {
            self.free();
        }
    }
}
