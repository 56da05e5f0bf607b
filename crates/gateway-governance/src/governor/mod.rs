//! How much: every call passes here twice, and settles once.
//!
//! 1. [`Governor::admit`] takes what does not depend on the destination: a request and a place in flight of the caller's
//!    own quotas, and the slot of the call's ledger entry, so that the entry can always be written.
//! 2. [`Governor::hold`], before each attempt, takes what that destination can cost at most, of every quota in scope or of
//!    none. Tokens are held here too, and only looked at by `admit`: how many a call can use depends on the cap that its
//!    destination has.
//!    A hold for a stream of which all that is billed can be seen takes less, and [grows](Hold::poll_cover) with it.
//! 3. [`Hold::settle`] replaces what was held by what was used; [`Admission::finish`] hands the entry to the ledger.
//!
//! All of that is arithmetic in memory. Two tasks, which the host owns, speak to the store: the keeper leases slices of
//! quotas, the writer appends entries. A call waits for them only where a slice is short, and at most
//! [`Options::lease_wait`]. While the store fails, leases run down; then calls are refused as `unavailable`.

mod admission;
mod ceiling;
mod hold;
mod keeper;
mod learned;
mod slots;
mod take;
mod writer;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gateway_types::{Clock, Error, ErrorKind, NanoUsd, Now, Operation, Org, QuotaId, RequestId};
use tokio::sync::{mpsc, watch};

pub use admission::{Admission, RateLimits, Settled};
pub use hold::{Billed, Estimate, Foreseen, Hold};

use crate::access::Allowed;
use crate::directory::Principal;
use crate::entry::Tags;
use crate::ledger::{Ledger, StoreError};
use crate::price::Quote;
use crate::quota::{Crossing, QuotaUsage, Quotas, Unit, WindowNo};
use learned::Learned;
use slots::{NoSlot, Slots};
use take::{Demand, Wish};

/// Keeps all quotas of a node. Cheap to clone.
#[derive(Clone)]
pub struct Governor(Arc<Inner>);

pub(crate) struct Inner {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    org: Org,
    options: Options,
    quotas: Quotas,
    learned: Learned,
    slots: Slots,
    stage: watch::Sender<Stage>,
}

/// What a host may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a call waits for a slice of a quota, or for other calls to finish, before it is refused.
    pub lease_wait: Duration,
    /// How many entries may be on their way to the store, those of running calls included.
    pub entry_slots: usize,
    /// How many entries are written in one commit at most.
    pub entry_batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lease_wait: Duration::from_secs(1),
            entry_slots: 65_536,
            entry_batch: 4096,
        }
    }
}

/// What is going on, in the only order there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The store's books are not read yet.
    Starting,
    /// Calls are taken.
    Running,
    /// No call is admitted any more; running ones finish.
    Closing,
    /// Every entry is written.
    Drained,
    /// Every idle slice is given back.
    Closed,
}

/// One billable turn, as far as governance needs to know it.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The client's request.
    pub request: RequestId,
    /// What is to be done.
    pub operation: Operation,
    /// A likely size of its input in tokens: charged where a call was sent and nothing else is known of it.
    pub input_estimate: u64,
    /// What the caller and its virtual key say of it, for the ledger.
    pub tags: Tags,
    /// The most that all its attempts together may cost, by the caller's own wish.
    pub ceiling: Option<NanoUsd>,
}

impl Turn {
    /// A turn without tags and ceiling.
    pub fn new(request: RequestId, operation: Operation, input_estimate: u64) -> Self {
        Self {
            request,
            operation,
            input_estimate,
            tags: Tags::default(),
            ceiling: None,
        }
    }
}

/// The two futures that speak to the store. The host spawns them, and owns them, until [`Governor::close`] has returned.
#[must_use = "without its tasks a governor gets no slices and writes no entries"]
pub struct Tasks {
    /// Leases slices of quotas, and gives them back at the end.
    pub keeper: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Writes entries.
    pub writer: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Tasks {
    /// Both at once, for hosts that want to spawn one future.
    pub async fn run(self) {
        tokio::join!(self.keeper, self.writer);
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tasks")
    }
}

impl Governor {
    /// A governor over a ledger, and the tasks without which it cannot work.
    pub fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>, org: Org, options: Options) -> (Self, Tasks) {
        let slots = Slots::new(options.entry_slots, options.entry_batch);
        let (stage, _) = watch::channel(Stage::Starting);
        let inner = Arc::new(Inner {
            ledger,
            clock,
            org,
            options,
            quotas: Quotas::new(),
            learned: Learned::default(),
            slots,
            stage,
        });
        let tasks = Tasks {
            keeper: Box::pin(keeper::run(AtEnd::new(&inner, Stage::Closed))),
            writer: Box::pin(writer::run(AtEnd::new(&inner, Stage::Drained))),
        };
        (Self(inner), tasks)
    }

    /// The quotas that it keeps: [`crate::directory::Directory::compile`] binds them.
    pub fn quotas(&self) -> &Quotas {
        &self.0.quotas
    }

    /// Waits until the store's books have been read, so that usage from before a restart is shown and counted. Answers at
    /// once while or after closing.
    pub async fn ready(&self) {
        self.0.reached(Stage::Running).await;
    }

    /// Takes a call in: counts a request and a place in flight of the caller, and keeps a slot for its ledger entry.
    pub async fn admit(&self, principal: &Principal, turn: Turn, now: Now) -> Result<Admission, Error> {
        let slot = self.0.slots.take().map_err(|none| match none {
            NoSlot::Full => unavailable("the ledger cannot keep up with the calls; try again in a moment"),
            NoSlot::Closed => unavailable("the gateway is stopping"),
        })?;
        let mut cells = take::Cells::new();
        if let Some(scope) = principal.scope() {
            let needed = i64::try_from(turn.input_estimate).unwrap_or(i64::MAX).max(1);
            cells.extend(
                scope
                    .cells()
                    .iter()
                    .filter(|cell| matches!(cell.unit(), Unit::Requests | Unit::InFlight)),
            );
            if let Some(denied) = scope.of(Unit::Tokens).find_map(|cell| cell.look(needed, now.wall)) {
                return Err(denied.error());
            }
        }
        let wish = Wish {
            cells,
            demand: Demand::default(),
            price: None,
            held: None,
        };
        let (parts, _) = take::take(&self.0, &wish, now).await?;
        slot.keep();
        Ok(Admission::new(Arc::clone(&self.0), principal.clone(), turn, parts))
    }

    /// Takes, before an attempt, what it can cost at most: all quotas in scope, or none.
    ///
    /// A refusal has the kind of the quota that refused, names it, and says when coming back can help.
    pub async fn hold(
        &self,
        admission: &Admission,
        allowed: &Allowed,
        estimate: Estimate,
        quote: impl Into<Quote>,
        now: Now,
    ) -> Result<Hold, Error> {
        hold::take(&self.0, admission, allowed, estimate, quote.into(), now).await
    }

    /// The state of a quota now.
    pub fn usage(&self, quota: &QuotaId) -> Option<QuotaUsage> {
        self.0.quotas.usage(quota, self.0.clock.now().wall)
    }

    /// Begins a quota's window anew: what was used counts no more, and stays in the ledger.
    pub async fn reset(&self, quota: &QuotaId) -> Result<(), StoreError> {
        let now = self.0.clock.now().wall;
        let Some(cell) = self.0.quotas.cell(quota) else {
            self.0.ledger.reset(quota, now).await?;
            self.0.quotas.forget(quota);
            return Ok(());
        };
        let window = cell.window();
        self.0.ledger.reset(quota, now).await?;
        // A slice of the next window may have come while the store was at it: then there is nothing to leave.
        if let Some(window) = window {
            cell.leave(window, now);
        }
        Ok(())
    }

    /// Lets go of what a crash left unaccounted in a window, and tells how much that was: it may be used again at once.
    pub async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        let amount = self.0.ledger.write_off(quota, window).await?;
        if let Some(cell) = self.0.quotas.cell(quota) {
            cell.write_off(window, amount);
        }
        Ok(amount)
    }

    /// Budgets that pass a threshold, each once per window and threshold. The host takes the other end once; while it does
    /// not fetch them, the latest are lost and counted.
    pub fn crossings(&self) -> Option<mpsc::Receiver<Crossing>> {
        self.0.quotas.desk().outbox.take()
    }

    /// How many crossings nobody fetched in time.
    pub fn crossings_lost(&self) -> u64 {
        self.0.quotas.desk().outbox.lost()
    }

    /// Waits until every call that has finished is in the ledger, so that whoever reads it finds them. Entries are written in
    /// batches, a moment after their calls; while the store fails, this waits for [`Options::lease_wait`] and no longer.
    pub async fn flush(&self) {
        // What could not be written in that time is still to come.
        let _ = tokio::time::timeout(self.0.options.lease_wait, self.0.slots.flushed()).await;
    }

    /// Admits no further call, waits until every running one has finished and every entry is written, gives idle slices
    /// back, and returns. While the store fails it goes on trying: a host that cannot wait bounds it.
    pub async fn close(&self) {
        self.0.advance(Stage::Closing);
        self.0.reached(Stage::Closed).await;
    }
}

impl fmt::Debug for Governor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = *self.0.stage.borrow();
        f.debug_struct("Governor")
            .field("stage", &stage)
            .field("quotas", &self.0.quotas)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn advance(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let later = *stage < to;
            *stage = (*stage).max(to);
            later
        });
    }

    async fn reached(&self, wanted: Stage) {
        // It cannot fail: the sender is in `self`.
        let _ = self.stage.subscribe().wait_for(|stage| *stage >= wanted).await;
    }
}

/// A refusal that is nobody's quota.
fn unavailable(why: &str) -> Error {
    Error::new(ErrorKind::Unavailable, why).retry_after(Duration::from_secs(1))
}

/// Marks a stage as reached when a task ends, however it ends, so that nobody waits for a task that is gone.
struct AtEnd {
    inner: Arc<Inner>,
    stage: Stage,
}

impl AtEnd {
    fn new(inner: &Arc<Inner>, stage: Stage) -> Self {
        Self {
            inner: Arc::clone(inner),
            stage,
        }
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.inner.advance(self.stage);
    }
}

/// Growing pauses between tries at a failing store.
struct Backoff(Duration);

impl Backoff {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    fn new() -> Self {
        Self(Self::FIRST)
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    async fn pause(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Self::LONGEST);
    }
}

#[cfg(test)]
mod tests;
