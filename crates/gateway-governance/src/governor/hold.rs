//! What one attempt may cost, taken before it is sent.

use std::fmt;
use std::sync::Arc;

use gateway_types::{Basis, Error, ErrorKind, KeyId, Metered, ModelName, NanoUsd, Now, ProviderName, Usage};
use smallvec::SmallVec;

use super::Inner;
use super::admission::{Admission, TurnBook};
use super::take::{self, Cells, Demand, Part, Parts, Wish};
use crate::access::Allowed;
use crate::entry::Leg;
use crate::price::{PricedBy, Pricing, Quote};
use crate::quota::{Cell, Unit};

/// The cap that is put in where something is limited, the client gave none, and the model's own is not known.
const CAP_OF_UNKNOWN_MODELS: u64 = 8192;

/// How much an attempt can use.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// An upper bound of its input in tokens.
    pub input_bound: u64,
    /// A likely size of its input in tokens.
    pub input_estimate: u64,
    /// The client's cap on output, per answer.
    pub cap: Option<u64>,
    /// The most that the model can produce, where known.
    pub max_output: Option<u64>,
    /// How many answers are asked for.
    pub choices: u32,
    /// Whether the answer is generated, so that there is output to be capped.
    pub generates: bool,
    /// Whether what is billed can be seen as it passes, so that the hold may begin small and grow with it.
    pub elastic: bool,
}

/// What is taken for one attempt. Settled on what was really used, or released; dropped, it settles on the estimate of its
/// input if it was sent, and is released if not.
#[must_use = "a hold that is neither settled nor released is settled on an estimate"]
pub struct Hold {
    book: Arc<TurnBook>,
    parts: Parts,
    cap: Option<u64>,
    provider: ProviderName,
    model: ModelName,
    pricing: Pricing,
    by: PricedBy,
    input_estimate: u64,
    sent: Option<KeyId>,
    done: bool,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    /// Its cost.
    pub cost: NanoUsd,
    /// What of that the hold did not cover.
    pub overrun: NanoUsd,
    /// Whether the model's price is not known.
    pub unpriced: bool,
}

pub(super) async fn take(
    inner: &Inner,
    admission: &Admission,
    allowed: &Allowed,
    estimate: Estimate,
    quote: Quote,
    now: Now,
) -> Result<Hold, Error> {
    let Quote { pricing, by } = quote;
    let book = admission.book();
    let pays = match &pricing {
        Pricing::Known(price) => Some(price).filter(|price| !price.is_free()),
        Pricing::Free | Pricing::Unknown => None,
    };
    let own = admission.principal().scope().map_or(&[][..], |scope| scope.cells());
    let cells = merge(own, allowed.scope.cells());
    if pricing == Pricing::Unknown
        && let Some(budget) = cells.iter().find(|(cell, _)| cell.unit() == Unit::NanoUsd)
    {
        return Err(price_unknown(budget.0, allowed));
    }
    let cells: Cells<'_> = cells
        .into_iter()
        .filter(|(cell, of_entry)| match cell.unit() {
            Unit::NanoUsd => pays.is_some(),
            Unit::Tokens => true,
            Unit::InFlight => *of_entry,
            Unit::Requests => *of_entry && !book.counts(cell),
        })
        .map(|(cell, _)| cell)
        .collect();
    let capped = estimate.generates
        && cells
            .iter()
            .any(|cell| matches!(cell.unit(), Unit::NanoUsd | Unit::Tokens));
    let wish = Wish {
        cells,
        demand: estimate.demand(),
        price: pays,
    };
    let taken = take::take(inner, &wish, now).await;
    drop(wish);
    let (parts, cap) = taken?;
    book.hold_opened();
    Ok(Hold {
        book: Arc::clone(book),
        parts,
        cap: Some(cap).filter(|cap| capped && estimate.cap != Some(*cap)),
        provider: allowed.provider.clone(),
        model: allowed.model.clone(),
        pricing,
        by,
        input_estimate: estimate.input_estimate,
        sent: None,
        done: false,
    })
}

fn price_unknown(budget: &Cell, allowed: &Allowed) -> Error {
    let Allowed { model, provider, .. } = allowed;
    let message = format!(
        "the price of model `{model}` at provider `{provider}` is not known, and budget `{}` is in scope; give the model a \
         price, or use one that has one",
        budget.id()
    );
    Error::new(ErrorKind::PriceUnknown, message)
}

/// Both scopes' cells in the order of their ids; the flag tells those of the entry.
fn merge<'a>(own: &'a [Arc<Cell>], of_entry: &'a [Arc<Cell>]) -> SmallVec<[(&'a Arc<Cell>, bool); 8]> {
    let own = own.iter().map(|cell| (cell, false));
    let mut cells: SmallVec<[(&Arc<Cell>, bool); 8]> = own.chain(of_entry.iter().map(|cell| (cell, true))).collect();
    cells.sort_unstable_by(|(a, _), (b, _)| a.id().cmp(b.id()));
    cells
}

impl Estimate {
    fn demand(&self) -> Demand {
        let cap = self.cap.or(self.max_output).unwrap_or(CAP_OF_UNKNOWN_MODELS);
        Demand {
            input_bound: self.input_bound.max(self.input_estimate),
            input_estimate: self.input_estimate,
            cap: if self.generates { cap } else { 0 },
            choices: self.choices,
        }
    }
}

impl Hold {
    /// The cap that the request must carry: lower than the client's, or put in where the client gave none. `None` where the
    /// request may stand as it is.
    pub fn cap(&self) -> Option<u64> {
        self.cap
    }

    /// Notes that the attempt is being sent, under that key of the provider: from now on it may be billed.
    pub fn sent(&mut self, key: &KeyId) {
        self.sent = Some(key.clone());
    }

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
        let (amounts, cost) = match &self.pricing {
            Pricing::Known(price) => {
                let bill = price.bill(&metered.usage);
                (bill.amounts, bill.total)
            }
            Pricing::Free | Pricing::Unknown => (Vec::new(), NanoUsd::ZERO),
        };
        let tokens = i64::try_from(metered.usage.total()).unwrap_or(i64::MAX);
        let mut beyond = 0;
        let charges: Parts = std::mem::take(&mut self.parts);
        let charges = charges.into_iter().filter_map(|part| {
            let actual = match part.cell.unit() {
                Unit::NanoUsd => cost.0,
                Unit::Tokens => tokens,
                // Charged when it was taken.
                Unit::Requests => return Some((part, 0)),
                Unit::InFlight => 0,
            };
            let overrun = part.cell.settle(part.place, part.amount, actual);
            if part.cell.unit() == Unit::NanoUsd {
                beyond = overrun.max(beyond);
            }
            (actual > 0).then_some((Part { amount: actual, ..part }, overrun))
        });
        let charges: SmallVec<[_; 6]> = charges.collect();
        let billed = Billed {
            cost,
            overrun: NanoUsd(beyond),
            unpriced: self.pricing == Pricing::Unknown,
        };
        let leg = Leg {
            provider: self.provider.clone(),
            key: self.sent.clone().unwrap_or_else(|| KeyId::from("")),
            model: self.model.clone(),
            metered,
            amounts,
            cost,
            unpriced: billed.unpriced,
            overrun: billed.overrun,
            priced_by: self.by.clone(),
        };
        self.book.hold_closed(Some(leg), charges.into_iter());
        billed
    }

    fn free(&mut self) {
        let (counted, held): (Parts, Parts) = std::mem::take(&mut self.parts)
            .into_iter()
            .partition(|part| self.sent.is_some() && part.cell.unit() == Unit::Requests);
        held.iter().for_each(Part::undo);
        self.book.hold_closed(None, counted.into_iter().map(|part| (part, 0)));
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

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            parts,
            cap,
            provider,
            model,
            sent,
            ..
        } = self;
        let parts: Vec<_> = parts.iter().map(|part| (part.cell.id(), part.amount)).collect();
        f.debug_struct("Hold")
            .field("provider", provider)
            .field("model", model)
            .field("parts", &parts)
            .field("cap", cap)
            .field("sent", sent)
            .finish_non_exhaustive()
    }
}
