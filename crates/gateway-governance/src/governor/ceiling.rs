//! What a caller is willing to pay for a call, over all its attempts.

use std::sync::Arc;

use gateway_types::{Error, ErrorKind, NanoUsd};

use super::admission::TurnBook;
use super::take::Demand;
use crate::price::Price;

/// What an attempt can cost at most, kept free of other attempts under the call's ceiling until it is dropped.
pub(super) struct Reserved {
    book: Arc<TurnBook>,
    amount: NanoUsd,
}

impl Reserved {
    /// Reserves what an attempt can cost, and lowers its cap to what the ceiling leaves. `None` where there is no ceiling.
    pub(super) fn take(book: &Arc<TurnBook>, price: &Price, demand: &mut Demand) -> Result<Option<Self>, Error> {
        let Some(ceiling) = book.turn.ceiling else {
            return Ok(None);
        };
        let amount = book.reserve(|taken| {
            keep_under(ceiling, taken, price, demand)?;
            Ok(price.bound(demand.input_bound, demand.cap, demand.choices))
        })?;
        Ok(Some(Self {
            book: Arc::clone(book),
            amount,
        }))
    }

    /// Lets go of what the attempt cannot cost after all.
    pub(super) fn lower(&mut self, to: NanoUsd) {
        let less = NanoUsd(self.amount.0.saturating_sub(to.0).max(0));
        self.book.unreserve(less);
        self.amount = self.amount - less;
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.book.unreserve(self.amount);
    }
}

/// Lowers the cap of a demand to what a ceiling leaves, of which so much is taken already.
pub(super) fn keep_under(ceiling: NanoUsd, taken: NanoUsd, price: &Price, demand: &mut Demand) -> Result<(), Error> {
    let Demand {
        input_bound,
        choices,
        floor,
        ..
    } = *demand;
    let left = NanoUsd(ceiling.0.saturating_sub(taken.0));
    let affordable = price.afford(input_bound, choices, left).filter(|cap| *cap >= floor);
    let Some(affordable) = affordable else {
        return Err(exceeded(ceiling, taken, price.bound(input_bound, floor, choices)));
    };
    demand.cap = demand.cap.min(affordable);
    Ok(())
}

fn exceeded(ceiling: NanoUsd, taken: NanoUsd, needed: NanoUsd) -> Error {
    let so_far = match taken {
        NanoUsd::ZERO => String::new(),
        _ => format!(", of which earlier attempts took {taken}"),
    };
    let message = format!(
        "the cost ceiling of this call is {ceiling} dollars{so_far}, and the smallest answer can cost {needed}; raise the \
         ceiling, shorten the prompt, or use a cheaper model"
    );
    Error::new(ErrorKind::CostCeiling, message)
}
