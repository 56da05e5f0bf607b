//! A hold that begins small and grows with the stream that it pays for.
//!
//! It holds the input and a first slice of output, as long as the model's answers tend to be. As tokens pass, more is taken
//! ahead of them, in the window that is open by then. Only a window that is spent ends a stream; a store that does not
//! answer does not, and what passes meanwhile is overrun.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gateway_types::{Error, ErrorKind};

use super::{Hold, to_pay};
use crate::governor::Inner;
use crate::governor::take::{self, Cells, Demand, Part, Parts, Size, Wish};
use crate::price::Price;
use crate::quota::Unit;
use crate::quota::book::Short;

/// The first slice of a model that nothing is known of.
const FIRST_SLICE: u64 = 512;
/// The least that a first slice is, so that short answers need no second …
const LEAST_SLICE: u64 = 64;
/// What is taken ahead grows with the stream, by this part of it, …
const PARTS: u64 = 4;
/// … within these bounds: cells are not touched for every chunk, and no stream keeps much from others.
const BATCH: (u64, u64) = (256, 4096);

/// How far a hold has grown. Tokens of output are those of all answers together.
pub(super) struct Elastic {
    /// What is held, or let pass while the store does not answer.
    covered: u64,
    /// Beyond this nothing is held: the cap of the request, where it has one.
    most: u64,
    input_bound: u64,
    /// The input that token quotas hold.
    input: u64,
    /// Whether the store did not answer the last time.
    unanswered: bool,
    growing: Option<Growing>,
}

/// Takes more, or says why not.
type Growing = Pin<Box<dyn Future<Output = Result<(Parts, u64), Error>> + Send + Sync>>;

/// The demand of a first slice, for a call whose answers may have `cap` tokens each.
pub(super) fn first(demand: Demand, cap: u64, learned: Option<u64>) -> Demand {
    let slice = learned.unwrap_or(FIRST_SLICE).max(LEAST_SLICE).min(cap);
    Demand {
        cap: slice,
        floor: demand.floor.min(slice),
        comfortable: slice.min(LEAST_SLICE),
        ..demand
    }
}

impl Elastic {
    /// `cap` is the one that the request carries, per answer.
    pub(super) fn new(first: &Demand, size: Size, cap: Option<u64>) -> Self {
        let choices = u64::from(first.choices.max(1));
        Self {
            covered: size.cap.saturating_mul(choices),
            most: cap.map_or(u64::MAX, |cap| cap.saturating_mul(choices)),
            input_bound: first.input_bound,
            input: size.input,
            unanswered: false,
            growing: None,
        }
    }

    /// What is wanted when `output` tokens must be held: them, and a batch ahead of them.
    fn demand(&self, output: u64) -> Demand {
        let batch = (output / PARTS).clamp(BATCH.0, BATCH.1);
        Demand {
            input_bound: self.input_bound,
            input: self.input,
            input_estimate: self.input,
            cap: output.saturating_add(batch).min(self.most),
            floor: output,
            comfortable: output,
            choices: 1,
        }
    }
}

impl Hold {
    /// The tokens of output, of all answers together, that are held now; `None` where the hold covers all that it can ever
    /// need: it is not elastic, or nothing is limited.
    pub fn covered(&self) -> Option<u64> {
        let elastic = self.elastic.as_ref()?;
        (elastic.covered < elastic.most).then_some(elastic.covered)
    }

    /// Makes sure that `output` tokens of output, of all answers together, are held on every money and token quota of the
    /// hold. It is for a stream to call before it passes on what goes beyond [`Hold::covered`], and once more with what the
    /// provider reports before it settles.
    ///
    /// Ready at once where there is room: a batch is taken ahead. Else it waits for a slice, or for other calls to finish,
    /// for [`Options::lease_wait`] at most, in a tokio runtime with time. An error is the refusal of a window that is spent,
    /// or whose rest other calls keep on holding: the stream is to be ended as one that has reached its length. A store
    /// that does not answer is no error: what passes beyond the hold is booked as overrun.
    ///
    /// Never holds more than the request's cap pays for. A later poll may be told another `output`.
    ///
    /// [`Options::lease_wait`]: crate::governor::Options::lease_wait
    pub fn poll_cover(&mut self, output: u64, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(elastic) = self.elastic.as_deref_mut() else {
            return Poll::Ready(Ok(()));
        };
        let output = output.min(elastic.most);
        while output > elastic.covered {
            let demand = elastic.demand(output);
            let price = to_pay(&self.pricing);
            let grown = match &mut elastic.growing {
                Some(growing) => ready!(growing.as_mut().poll(cx)),
                None => match grow_now(&self.book.inner, &self.parts, price, demand) {
                    Ok(grown) => Ok(grown),
                    // Who was not answered once does not stop the stream for each further batch.
                    Err(Short::Dry) if elastic.unanswered => {
                        elastic.covered = demand.cap;
                        continue;
                    }
                    Err(_) => {
                        let inner = Arc::clone(&self.book.inner);
                        let growing = grow(inner, self.parts.clone(), price.cloned(), demand);
                        elastic.growing = Some(Box::pin(growing));
                        continue;
                    }
                },
            };
            elastic.growing = None;
            match grown {
                Ok((parts, covered)) => {
                    elastic.unanswered = false;
                    elastic.covered = covered;
                    join(&mut self.parts, parts);
                }
                Err(error) if error.kind == ErrorKind::Unavailable => {
                    elastic.unanswered = true;
                    elastic.covered = demand.cap;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// One try at the whole batch, and one at what is needed.
fn grow_now(inner: &Inner, held: &Parts, price: Option<&Price>, demand: Demand) -> Result<(Parts, u64), Short> {
    let wish = wish(held, price, demand);
    let now = inner.clock.now().wall;
    let mut size = wish.whole();
    loop {
        match wish.attempt(size, now) {
            Ok(parts) => return Ok((parts, size.cap)),
            Err(_) if size != wish.smallest() => size = wish.smallest(),
            Err((_, short)) => return Err(short),
        }
    }
}

async fn grow(inner: Arc<Inner>, held: Parts, price: Option<Price>, demand: Demand) -> Result<(Parts, u64), Error> {
    let wish = wish(&held, price.as_ref(), demand);
    let now = inner.clock.now();
    let (parts, size) = take::take(&inner, &wish, now).await?;
    Ok((parts, size.cap))
}

/// A wish for more of what grows with the output.
fn wish<'a>(held: &'a Parts, price: Option<&'a Price>, demand: Demand) -> Wish<'a> {
    let mut cells = Cells::new();
    for Part { cell, .. } in held {
        let grows = match cell.unit() {
            Unit::NanoUsd => price.is_some(),
            unit => unit == Unit::Tokens,
        };
        if grows && !cells.iter().any(|other| Arc::ptr_eq(other, cell)) {
            cells.push(cell);
        }
    }
    Wish {
        cells,
        demand,
        price,
        held: Some(held),
    }
}

/// Puts together what is held in the same window; what was taken in a later one stays apart, and settles there.
fn join(held: &mut Parts, more: Parts) {
    for part in more {
        let same = |other: &&mut Part| Arc::ptr_eq(&other.cell, &part.cell) && other.place == part.place;
        match held.iter_mut().find(same) {
            Some(other) => other.amount += part.amount,
            None => held.push(part),
        }
    }
}
