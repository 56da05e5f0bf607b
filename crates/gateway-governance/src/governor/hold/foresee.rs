//! What a call would be told, without anything being taken: for explanations.

use std::sync::Arc;

use gateway_types::{Error, NanoUsd, Now};

use super::{Asked, Estimate, to_pay};
use crate::access::Allowed;
use crate::directory::Principal;
use crate::governor::take::Wish;
use crate::governor::{Governor, ceiling};
use crate::price::Quote;
use crate::quota::{Cell, Unit};

/// A call whose way is looked at beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Foreseen<'a> {
    /// Who would call.
    pub principal: &'a Principal,
    /// A likely size of the input in tokens.
    pub input_estimate: u64,
    /// The most that all attempts together may cost, by the caller's own wish.
    pub ceiling: Option<NanoUsd>,
}

impl Governor {
    /// What [`Governor::admit`] would say. What other calls hold just now does not count, as it may be free again by then.
    pub fn would_admit(&self, call: Foreseen<'_>, now: Now) -> Result<(), Error> {
        let tokens = i64::try_from(call.input_estimate).unwrap_or(i64::MAX).max(1);
        let cells = call.principal.scope().map_or(&[][..], |scope| scope.cells());
        cells.iter().try_for_each(|cell| match cell.unit() {
            Unit::Requests => open(cell, 1, now),
            Unit::Tokens => open(cell, tokens, now),
            Unit::InFlight => open(cell, 1, now),
            Unit::NanoUsd => Ok(()),
        })
    }

    /// What [`Governor::hold`] would say before an attempt there, and the cap that the request would have to carry: lower
    /// than the client's, or put in where the client gave none.
    pub fn would_hold(
        &self,
        call: Foreseen<'_>,
        allowed: &Allowed,
        estimate: Estimate,
        quote: &Quote,
        now: Now,
    ) -> Result<Option<u64>, Error> {
        let asked = Asked {
            principal: call.principal,
            allowed,
            pricing: &quote.pricing,
            by: &quote.by,
            has_ceiling: call.ceiling.is_some(),
        };
        let own = call.principal.scope().map_or(&[][..], |scope| scope.cells());
        let cells = asked.cells(|cell| own.iter().any(|own| Arc::ptr_eq(own, cell)))?;
        for cell in &cells {
            if matches!(cell.unit(), Unit::Requests | Unit::InFlight) {
                open(cell, 1, now)?;
            }
        }
        let price = to_pay(&quote.pricing);
        let mut demand = estimate.demand();
        let under_ceiling = price.zip(call.ceiling);
        if let Some((price, ceiling)) = under_ceiling {
            ceiling::keep_under(ceiling, NanoUsd::ZERO, price, &mut demand)?;
        }
        let limited = estimate.generates && asked.limits(&cells);
        let elastic = estimate.elastic && limited;
        if elastic && under_ceiling.is_none() && estimate.is_open_ended() {
            demand.cap = u64::MAX;
        }
        let wish = Wish {
            cells,
            demand,
            price,
            held: None,
        };
        let cap = wish.alone(now.wall)?;
        let out = estimate.out(cap, elastic && under_ceiling.is_none());
        Ok(out.filter(|_| limited || estimate.generates && under_ceiling.is_some()))
    }
}

/// Whether a quota lets through anything at all.
fn open(cell: &Arc<Cell>, needed: i64, now: Now) -> Result<(), Error> {
    cell.look(needed, now.wall).map_or(Ok(()), |denied| Err(denied.error()))
}
