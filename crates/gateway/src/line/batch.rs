//! Batches: many calls at once, answered later. What they can cost at most is held from the time a batch is made until its
//! results have been read, also over a restart; then what was used is paid, once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use gateway_governance::access::{Allowed, authorise};
use gateway_governance::directory::Principal;
use gateway_governance::governor::{self, Estimate, Hold};
use gateway_governance::price::{Pricing, Quote};
use gateway_governance::prices::Wanted;
use gateway_providers::{Close, Observed, Relay, client_dialect, provider_dialect};
use gateway_types::{
    Asked, Basis, Call, DialectName, Error, ErrorKind, KeyId, Measure, Metered, ModelName, Operation, ProviderName,
    RequestId, Units, Usage, Wall,
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::place;
use crate::control::Shared;
use crate::control::snapshot::Snapshot;
use crate::kept::{Record, Thing};

/// The cap that is held for a call that states none, of a model whose own is not known.
const CAP_OF_UNKNOWN_MODELS: u64 = 8192;
/// The longest line of results that is read.
const LONGEST_LINE: usize = 32 * 1024 * 1024;

/// The calls of a batch that go to one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    model: ModelName,
    /// An upper bound of their input in tokens.
    input_bound: u64,
    /// A likely size of it.
    input_estimate: u64,
    /// The most that their answers can have, all together.
    output_cap: u64,
    /// What they want done.
    #[serde(default = "chat")]
    operation: Operation,
    /// How many there are.
    #[serde(default = "one")]
    requests: u64,
}

/// What older records, which do not say, are taken for.
const fn chat() -> Operation {
    Operation::Chat
}

const fn one() -> u64 {
    1
}

/// One call of a batch, as it stands in it.
pub(super) struct Item {
    /// Where it stands, for what is wrong with it.
    pub(super) field: String,
    pub(super) dialect: DialectName,
    pub(super) operation: Operation,
    pub(super) body: Bytes,
}

/// What a batch asks, by model. Every model must be one that the caller may use at that provider under its own name: what
/// stands in a file cannot be renamed on the way.
pub(super) fn parts(
    items: impl Iterator<Item = Item>,
    principal: &Principal,
    provider: &ProviderName,
    snapshot: &Snapshot,
) -> Result<Vec<Part>, Error> {
    let mut parts: Vec<Part> = Vec::new();
    for item in items {
        let asked = Asked::plain(item.operation);
        let under = |mut error: Error| {
            error.param = Some(match error.param {
                Some(param) => format!("{}.{param}", item.field),
                None => item.field.clone(),
            });
            error
        };
        let call = client_dialect(item.dialect).decode(&asked, item.body).map_err(under)?;
        let part = part(&call, snapshot, provider);
        match parts.iter_mut().find(|known| known.model == part.model) {
            Some(known) => {
                known.input_bound = known.input_bound.saturating_add(part.input_bound);
                known.input_estimate = known.input_estimate.saturating_add(part.input_estimate);
                known.output_cap = known.output_cap.saturating_add(part.output_cap);
                known.requests = known.requests.saturating_add(part.requests);
            }
            None => {
                allowed(&part.model, principal, provider, snapshot).map_err(under)?;
                parts.push(part);
            }
        }
    }
    Ok(parts)
}

fn part(call: &Call, snapshot: &Snapshot, provider: &ProviderName) -> Part {
    let upstream = snapshot.upstreams.get(provider);
    let facts = upstream.and_then(|upstream| place::facts(snapshot, upstream, &call.model));
    let most = facts
        .and_then(|facts| facts.max_output)
        .unwrap_or(CAP_OF_UNKNOWN_MODELS);
    let cap = if call.operation.generates() {
        call.caps.largest.unwrap_or(most)
    } else {
        0
    };
    Part {
        model: call.model.clone(),
        input_bound: call.input_bound,
        input_estimate: call.input_estimate,
        output_cap: cap.saturating_mul(call.choices.into()),
        operation: call.operation,
        requests: 1,
    }
}

/// The caller's entry for a model of a batch.
fn allowed(
    model: &ModelName,
    principal: &Principal,
    provider: &ProviderName,
    snapshot: &Snapshot,
) -> Result<Allowed, Error> {
    let grant = authorise(principal, &format!("{provider}/{model}"), snapshot)?;
    let own = grant.allowed.into_iter().find(|allowed| allowed.provider == *provider);
    own.filter(|allowed| allowed.model == *model).ok_or_else(|| {
        let message =
            format!("model `{model}` goes by another name at provider `{provider}`, which a batch cannot be told");
        Error::invalid("model", message)
    })
}

/// What open batches hold, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<HashMap<String, Vec<Held>>>);

/// What is held for one part of a batch.
#[derive(Debug)]
pub(super) struct Held {
    model: ModelName,
    hold: Hold,
}

impl Batches {
    pub(super) fn keep(&self, id: &str, held: Vec<Held>) {
        self.all().insert(id.to_owned(), held);
    }

    fn take(&self, id: &str) -> Vec<Held> {
        self.all().remove(id).unwrap_or_default()
    }

    /// Gives back what is held for a batch that came to nothing.
    pub(super) fn release(&self, id: &str) {
        release(self.take(id));
    }

    /// Gives everything back: the records say what to hold after the next start.
    pub(crate) fn close(&self) {
        let all = std::mem::take(&mut *self.all());
        all.into_values().for_each(release);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Vec<Held>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn release(held: Vec<Held>) {
    held.into_iter().for_each(|held| held.hold.release());
}

/// Holds what a batch can cost at most: all of it, or nothing.
pub(super) async fn hold(
    shared: &Shared,
    snapshot: &Snapshot,
    principal: &Principal,
    provider: &ProviderName,
    parts: &[Part],
) -> Result<Vec<Held>, Error> {
    let turn = governor::Turn::new(RequestId::new(shared.clock.now()), Operation::Batches, 0);
    let admission = shared.governor.admit(principal, turn, shared.clock.now()).await?;
    let mut held = Vec::with_capacity(parts.len());
    for part in parts {
        match hold_part(shared, snapshot, principal, provider, part, &admission).await {
            Ok(hold) => held.push(hold),
            Err(error) => {
                release(held);
                admission.refuse();
                return Err(error);
            }
        }
    }
    // The call that makes the batch is counted as a request of its own. The entry waits for what is held.
    admission.refuse();
    Ok(held)
}

async fn hold_part(
    shared: &Shared,
    snapshot: &Snapshot,
    principal: &Principal,
    provider: &ProviderName,
    part: &Part,
    admission: &governor::Admission,
) -> Result<Held, Error> {
    let allowed = allowed(&part.model, principal, provider, snapshot)?;
    let estimate = Estimate {
        input_bound: part.input_bound,
        input_estimate: part.input_estimate,
        cap: Some(part.output_cap),
        max_output: None,
        choices: 1,
        generates: part.output_cap > 0,
        elastic: false,
    };
    let now = shared.clock.now();
    let quote = quote(snapshot, provider, part, now.wall)?;
    let hold = shared.governor.hold(admission, &allowed, estimate, quote, now).await?;
    if let Some(cap) = hold.cap() {
        hold.release();
        let message = format!(
            "the answers of this batch can have {} tokens of model `{}`, and what is left pays for {cap}; lower their caps, or make the batch smaller",
            part.output_cap, part.model
        );
        return Err(Error::new(ErrorKind::BudgetExceeded, message));
    }
    Ok(Held {
        model: part.model.clone(),
        hold,
    })
}

/// What a part costs in a batch, and who says so.
fn quote(snapshot: &Snapshot, provider: &ProviderName, part: &Part, now: Wall) -> Result<Quote, Error> {
    let Some(upstream) = snapshot.upstreams.get(provider) else {
        return Ok(Pricing::Unknown.into());
    };
    let wanted = Wanted {
        in_batch: true,
        ..place::wanted(upstream, &part.model, part.operation)
    };
    let mut quote = snapshot.prices.quote(&wanted, now);
    if let Pricing::Known(price) = quote.pricing {
        quote.pricing = Pricing::Known(price.for_units(&Units::of(Measure::Request, part.requests)));
    }
    snapshot.prices.check(&quote, provider, &part.model)?;
    Ok(quote)
}

/// Holds again what the batches of an earlier process can cost.
pub(crate) async fn resume(shared: &Shared) {
    let batches = match shared.kept.all(Thing::Batch).await {
        Ok(batches) => batches,
        Err(error) => {
            tracing::error!(%error, "what open batches hold could not be read");
            return;
        }
    };
    let snapshot = shared.snapshot.load_full();
    for (id, record) in batches.into_iter().filter(|(_, record)| !record.parts.is_empty()) {
        let owner = record
            .owner
            .as_ref()
            .and_then(|owner| snapshot.directory.on_behalf(owner));
        let Some(principal) = owner else { continue };
        match hold(shared, &snapshot, &principal, &record.provider, &record.parts).await {
            Ok(held) => shared.batches.keep(&id, held),
            // What it comes to will be booked beyond the hold.
            Err(error) => tracing::warn!(%error, batch = id, "what this batch can cost is more than what is left"),
        }
    }
}

/// Results of a batch on their way to the client, counted as they pass. Once they have come whole, they are paid for.
pub(super) struct Results {
    relay: Box<dyn Relay>,
    counter: Counter,
    /// Taken when it is paid.
    bill: Option<Bill>,
}

/// Who pays for a batch, and where its hold is.
pub(super) struct Bill {
    pub(super) shared: Arc<Shared>,
    pub(super) batch: String,
    pub(super) record: Record,
    pub(super) key: KeyId,
}

impl Results {
    /// `first` has passed already.
    pub(super) fn new(relay: Box<dyn Relay>, dialect: DialectName, first: &[Bytes], bill: Bill) -> Self {
        let mut counter = Counter::new(dialect);
        first.iter().for_each(|bytes| counter.feed(bytes));
        Self {
            relay,
            counter,
            bill: Some(bill),
        }
    }
}

impl Relay for Results {
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error> {
        self.counter.feed(&bytes);
        self.relay.feed(bytes, out)
    }

    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error> {
        self.relay.finish(out)?;
        if let Some(bill) = self.bill.take() {
            bill.pay(self.counter.finish());
        }
        Ok(())
    }

    fn close(&mut self, how: &Close, out: &mut Vec<Bytes>) {
        self.relay.close(how, out);
    }

    fn observed(&self) -> &Observed {
        self.relay.observed()
    }
}

impl Bill {
    /// Pays for results that came in one piece.
    pub(super) fn pay_for(self, dialect: DialectName, body: &[u8]) {
        let mut counter = Counter::new(dialect);
        counter.feed(body);
        self.pay(counter.finish());
    }

    fn pay(self, used: Vec<(String, Usage)>) {
        let held = self.shared.batches.take(&self.batch);
        let mut sums: Vec<Usage> = vec![Usage::default(); held.len()];
        for (model, usage) in used {
            // Answers name a dated model where the call named it without its date.
            let fits = |held: &Held| model.starts_with(held.model.as_str());
            let longest = (0..held.len())
                .filter(|i| fits(&held[*i]))
                .max_by_key(|i| held[*i].model.as_str().len());
            if let Some(sum) = sums.get_mut(longest.unwrap_or(0)) {
                *sum = sum.plus(&usage);
            }
        }
        for (mut held, usage) in held.into_iter().zip(sums) {
            held.hold.sent(&self.key);
            let basis = Basis::Reported;
            held.hold.settle(Metered::new(usage, basis));
        }
        let mut record = self.record;
        record.parts.clear();
        self.shared.kept.keep(Thing::Batch, &self.batch, record);
    }
}

/// Counts what the lines of a batch's results say was used.
struct Counter {
    dialect: DialectName,
    line: BytesMut,
    used: Vec<(String, Usage)>,
}

/// A line of results, in OpenAI's shape or in Anthropic's.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    response: Option<Answer<'a>>,
    #[serde(borrow)]
    result: Option<Answer<'a>>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, alias = "message")]
    body: Option<&'a RawValue>,
}

impl Counter {
    fn new(dialect: DialectName) -> Self {
        Self {
            dialect,
            line: BytesMut::new(),
            used: Vec::new(),
        }
    }

    fn feed(&mut self, mut bytes: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.line.extend_from_slice(&bytes[..end]);
            self.count();
            bytes = &bytes[end + 1..];
        }
        if self.line.len() + bytes.len() <= LONGEST_LINE {
            self.line.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self) -> Vec<(String, Usage)> {
        self.count();
        std::mem::take(&mut self.used)
    }

    fn count(&mut self) {
        let line = self.line.split().freeze();
        let Ok(line) = serde_json::from_slice::<Line<'_>>(&line) else {
            return;
        };
        let answer = line.response.or(line.result).and_then(|answer| answer.body);
        let Some(body) = answer else { return };
        let body = Bytes::copy_from_slice(body.get().as_bytes());
        let tried = match self.dialect {
            DialectName::Anthropic => &[(DialectName::Anthropic, Operation::Chat)][..],
            _ => &[
                (DialectName::OpenAi, Operation::Chat),
                (DialectName::Responses, Operation::Responses),
                (DialectName::OpenAi, Operation::Embeddings),
            ],
        };
        let seen = tried.iter().find_map(|(dialect, operation)| {
            let whole = provider_dialect(*dialect).observe(*operation, &HeaderMap::new(), body.clone());
            let observed = whole.ok()?.observed;
            // Each line is a request. What one says it cost was not said for a batch.
            let usage = Usage {
                units: Units::of(Measure::Request, 1),
                charged: None,
                ..observed.usage?
            };
            Some((observed.model.unwrap_or_default(), usage))
        });
        self.used.extend(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_however_they_are_cut() {
        let lines = concat!(
            r#"{"id":"1","custom_id":"a","response":{"status_code":200,"body":{"model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}},"error":null}"#,
            "\n",
            r#"{"id":"2","custom_id":"b","response":null,"error":{"message":"no"}}"#,
            "\n",
        );
        for size in [1, 7, lines.len()] {
            let mut counter = Counter::new(DialectName::OpenAi);
            lines.as_bytes().chunks(size).for_each(|piece| counter.feed(piece));
            let used = counter.finish();
            assert_eq!(used.len(), 1, "{size}");
            assert_eq!((used[0].0.as_str(), used[0].1.total()), ("gpt-4o-2024-08-06", 5));
        }
        let line = r#"{"custom_id":"a","result":{"type":"succeeded","message":{"id":"m","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}}}"#;
        let mut counter = Counter::new(DialectName::Anthropic);
        counter.feed(line.as_bytes());
        assert_eq!(counter.finish()[0].1.total(), 5);
    }
}
