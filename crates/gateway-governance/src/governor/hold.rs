//! What one attempt may cost, taken before it is sent. `elastic` lets a hold grow with a stream, `bill` ends it.

mod bill;
mod elastic;
mod foresee;

use std::fmt;
use std::sync::Arc;

use gateway_types::{Error, ErrorKind, KeyId, ModelName, NanoUsd, Now, ProviderName};
use smallvec::SmallVec;

use super::Inner;
use super::admission::{Admission, TurnBook};
use super::ceiling::Reserved;
use super::take::{self, Cells, Demand, Parts, Wish};
use crate::access::Allowed;
use crate::directory::Principal;
use crate::price::{Price, PricedBy, Pricing, Quote};
use crate::quota::{Cell, Unit};
use elastic::Elastic;
pub use foresee::Foreseen;

/// The cap that is put in where something is limited, the client gave none, and the model's own is not known.
const CAP_OF_UNKNOWN_MODELS: u64 = 8192;
/// An answer below this length is not worth its price: a cap is not lowered further …
const SHORTEST_CAP: u64 = 16;
/// … and while other calls are about to give back what they hold, not below this.
const COMFORTABLE_CAP: u64 = 1024;

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
    /// Whether what is billed can be seen as it passes, so that the hold may begin small and grow with it
    /// ([`Hold::poll_cover`]).
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
    /// How many answers are generated.
    answers: u32,
    /// Where it began small.
    elastic: Option<Box<Elastic>>,
    /// What it keeps free under the call's ceiling.
    reserved: Option<Reserved>,
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
    let book = admission.book();
    let Quote { pricing, by } = quote;
    let asked = Asked {
        principal: admission.principal(),
        allowed,
        pricing: &pricing,
        by: &by,
        has_ceiling: book.turn.ceiling.is_some(),
    };
    let cells = asked.cells(|cell| book.counts(cell))?;
    let price = to_pay(&pricing);
    let limited = estimate.generates && asked.limits(&cells);
    let elastic = estimate.elastic && limited;
    let mut demand = estimate.demand();
    let reserved = match price {
        Some(price) => Reserved::take(book, price, &mut demand)?,
        None => None,
    };
    if elastic && reserved.is_none() && estimate.is_open_ended() {
        demand.cap = u64::MAX;
    }
    let mut wish = Wish {
        cells,
        demand,
        price,
        held: None,
    };
    let mut cap = demand.cap;
    if elastic {
        cap = wish.alone(now.wall)?;
        wish.demand = elastic::first(demand, cap, inner.learned.expect(&allowed.provider, &allowed.model));
    }
    let (parts, size) = take::take(inner, &wish, now).await?;
    let first = wish.demand;
    drop(wish);
    if !elastic {
        cap = size.cap;
    }
    let out = estimate.out(cap, elastic && reserved.is_none());
    let out = out.filter(|_| limited || estimate.generates && reserved.is_some());
    book.hold_opened();
    let mut hold = Hold {
        book: Arc::clone(book),
        parts,
        cap: out,
        provider: allowed.provider.clone(),
        model: allowed.model.clone(),
        pricing,
        by,
        input_estimate: estimate.input_estimate,
        answers: if estimate.generates { estimate.choices.max(1) } else { 0 },
        elastic: elastic.then(|| Box::new(Elastic::new(&first, size, out.or(estimate.cap)))),
        reserved,
        sent: None,
        done: false,
    };
    hold.lower_reserve(&demand, cap);
    Ok(hold)
}

/// What is paid by tokens, if anything is.
fn to_pay(pricing: &Pricing) -> Option<&Price> {
    match pricing {
        Pricing::Known(price) if !price.is_free() => Some(price),
        _ => None,
    }
}

/// Whether it costs nothing whatever a provider says: not where it is only nobody who knows the price.
fn is_free(pricing: &Pricing, by: &PricedBy) -> bool {
    *pricing == Pricing::Free && *by != PricedBy::Unknown
}

/// What is to be taken for an attempt, and for whom.
struct Asked<'a> {
    principal: &'a Principal,
    allowed: &'a Allowed,
    pricing: &'a Pricing,
    by: &'a PricedBy,
    has_ceiling: bool,
}

impl<'a> Asked<'a> {
    /// The cells that an attempt passes: those of the caller that `admit` has not taken, and those of the entry. `counted`
    /// tells which have counted this request already.
    fn cells(&self, counted: impl Fn(&Arc<Cell>) -> bool) -> Result<Cells<'a>, Error> {
        let own = self.principal.scope().map_or(&[][..], |scope| scope.cells());
        let cells = merge(own, self.allowed.scope.cells());
        if *self.pricing == Pricing::Unknown {
            let budget = cells.iter().find(|(cell, _)| cell.unit() == Unit::NanoUsd);
            if let Some((budget, _)) = budget {
                return Err(price_unknown(&format!("budget `{}`", budget.id()), self.allowed));
            }
            if self.has_ceiling {
                return Err(price_unknown("a cost ceiling", self.allowed));
            }
        }
        let free = is_free(self.pricing, self.by);
        let passed = |cell: &Arc<Cell>, of_entry: bool| match cell.unit() {
            // What has no price may still be billed by what the provider says it cost.
            Unit::NanoUsd => !free,
            Unit::Tokens => true,
            Unit::InFlight => of_entry,
            Unit::Requests => of_entry && !counted(cell),
        };
        let passed = cells.into_iter().filter(|(cell, of_entry)| passed(cell, *of_entry));
        Ok(passed.map(|(cell, _)| cell).collect())
    }

    /// Whether any of them limits how long an answer may be.
    fn limits(&self, cells: &Cells<'_>) -> bool {
        cells.iter().any(|cell| match cell.unit() {
            Unit::NanoUsd => to_pay(self.pricing).is_some(),
            unit => unit == Unit::Tokens,
        })
    }
}

fn price_unknown(what: &str, allowed: &Allowed) -> Error {
    let Allowed { model, provider, .. } = allowed;
    let message = format!(
        "the price of model `{model}` at provider `{provider}` is not known, and {what} is in scope; give the model a \
         price, or use one that has one"
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
        let cap = if self.generates { self.usual_cap() } else { 0 };
        let input_bound = self.input_bound.max(self.input_estimate);
        Demand {
            input_bound,
            input: input_bound,
            input_estimate: self.input_estimate,
            cap,
            floor: cap.min(SHORTEST_CAP),
            comfortable: cap.min(COMFORTABLE_CAP),
            choices: self.choices,
        }
    }

    fn usual_cap(&self) -> u64 {
        self.cap.or(self.max_output).unwrap_or(CAP_OF_UNKNOWN_MODELS)
    }

    /// Whether nothing says how long an answer can be.
    fn is_open_ended(&self) -> bool {
        self.cap.is_none() && self.max_output.is_none()
    }

    /// The cap that goes out where `cap` is what may be used. What is paid for as it comes needs no cap but the client's,
    /// unless there is less to be had.
    fn out(&self, cap: u64, as_it_comes: bool) -> Option<u64> {
        let stands = self.cap == Some(cap) || as_it_comes && cap >= self.usual_cap();
        (!stands).then_some(cap)
    }
}

impl Hold {
    /// The cap that the request must carry: lower than the client's, or put in where the client gave none. `None` where the
    /// request may stand as it is.
    ///
    /// An elastic hold lowers the client's cap only to what its windows could pay for if no other call held anything, so
    /// that a lone stream near the end of its budget is ended by the provider itself.
    pub fn cap(&self) -> Option<u64> {
        self.cap
    }

    /// Notes that the attempt is being sent, under that key of the provider: from now on it may be billed.
    pub fn sent(&mut self, key: &KeyId) {
        self.sent = Some(key.clone());
    }

    /// Keeps no more under the call's ceiling than the attempt can cost with the cap that was had.
    fn lower_reserve(&mut self, demand: &Demand, cap: u64) {
        if let (Some(reserved), Some(price)) = (&mut self.reserved, to_pay(&self.pricing)) {
            reserved.lower(price.bound(demand.input_bound, cap, demand.choices));
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
