//! A quota's book, made safe to share, and the desk where cells leave errands for the keeper.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_types::{QuotaId, Wall};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::book::{As, Book, Errand, Place, Short};
use super::crossing::Outbox;
use super::{Denied, QuotaSpec, QuotaUsage, Remaining, Unit, WindowNo};
use crate::ledger::{Return, Slice, WindowState};

/// One quota on this node. Each operation is one short critical section, window roll included.
pub struct Cell {
    id: QuotaId,
    unit: Unit,
    desk: Arc<Desk>,
    state: Mutex<State>,
    /// Rung whenever a hold that was short may fit: a slice came, or a call finished.
    changed: Notify,
}

struct State {
    book: Book,
    /// Whether the cell is with the keeper, or on its way there.
    queued: bool,
    /// Whether the store failed at the cell's last errand.
    failed: bool,
}

/// Where cells with errands wait for the keeper.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    waiting: Mutex<Vec<Arc<Cell>>>,
    bell: Notify,
    /// What the host is to be told.
    pub(crate) outbox: Outbox,
}

impl Cell {
    pub(super) fn new(spec: QuotaSpec, desk: Arc<Desk>) -> Self {
        Self {
            id: spec.id.clone(),
            unit: spec.unit,
            desk,
            state: Mutex::new(State {
                book: Book::new(spec),
                queued: false,
                failed: false,
            }),
            changed: Notify::new(),
        }
    }

    /// The quota's id.
    pub fn id(&self) -> &QuotaId {
        &self.id
    }

    /// What is counted.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The quota's state at that time.
    pub fn usage(&self, now: Wall) -> QuotaUsage {
        self.lock().book.usage(now)
    }

    pub(crate) fn hold(self: &Arc<Self>, amount: i64, how: As, now: Wall) -> Result<Place, Short> {
        self.work(|book| book.hold(amount, how, now))
    }

    pub(crate) fn settle(self: &Arc<Self>, place: Place, held: i64, actual: i64) -> i64 {
        let (overrun, crossings) = self.work(|book| (book.settle(place, held, actual), book.crossings()));
        self.changed.notify_waiters();
        for crossing in crossings {
            self.desk.outbox.send(crossing);
        }
        overrun
    }

    pub(crate) fn stretch(self: &Arc<Self>, place: Place, more: i64) -> i64 {
        self.work(|book| book.stretch(place, more))
    }

    pub(crate) fn uncharge(self: &Arc<Self>, place: Place, amount: i64) {
        self.work(|book| book.uncharge(place, amount));
        self.changed.notify_waiters();
    }

    pub(crate) fn change(self: &Arc<Self>, spec: QuotaSpec) {
        self.work(|book| book.change(spec));
        self.changed.notify_waiters();
    }

    pub(crate) fn restore(&self, state: &WindowState) {
        self.lock().book.restore(state);
    }

    pub(crate) fn available(self: &Arc<Self>, how: As, now: Wall) -> i64 {
        self.work(|book| book.available(how, now))
    }

    /// What the window would leave if no call held anything.
    pub(crate) fn unsettled(self: &Arc<Self>, now: Wall) -> i64 {
        self.work(|book| book.unsettled(now))
    }

    /// What the window leaves to whoever comes next.
    pub(crate) fn remaining(self: &Arc<Self>, now: Wall) -> Remaining {
        self.work(|book| book.remaining(now))
    }

    /// The refusal, should not even one more unit be had.
    pub(crate) fn look(self: &Arc<Self>, needed: i64, now: Wall) -> Option<Denied> {
        self.work(|book| book.closed(now).map(|short| book.denied(needed, short, now)))
    }

    /// The window that is open.
    pub(crate) fn window(&self) -> Option<WindowNo> {
        self.lock().book.window()
    }

    /// Leaves that window, which the store has ended before its time.
    pub(crate) fn leave(self: &Arc<Self>, window: WindowNo, now: Wall) {
        self.work(|book| book.leave(window, now));
        self.changed.notify_waiters();
    }

    pub(crate) fn denied(&self, needed: i64, short: Short, now: Wall) -> Denied {
        self.lock().book.denied(needed, short, now)
    }

    /// The store has let go of so much that a crash had left charged in that window.
    pub(crate) fn write_off(self: &Arc<Self>, window: WindowNo, amount: i64) {
        self.work(|book| book.write_off(window, amount));
        self.changed.notify_waiters();
    }

    /// Resolves at the next change after it was first polled or enabled.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Whether the store failed when it was last asked.
    pub(crate) fn store_failed(&self) -> bool {
        self.lock().failed
    }

    /// The keeper's side: what is to be done. The cell stays queued until [`Cell::done`].
    pub(crate) fn errand(&self) -> Errand {
        self.lock().book.errand()
    }

    pub(crate) fn take(&self, slice: &Slice) {
        self.lock().book.take(slice);
    }

    pub(crate) fn returned(&self, back: &Return) {
        self.lock().book.returned(back);
    }

    pub(crate) fn not_returned(&self, back: Return) {
        self.lock().book.not_returned(back);
    }

    /// The keeper's side: the errand is over, well or badly. New ones may be left.
    pub(crate) fn done(self: &Arc<Self>, failed: bool) {
        {
            let mut state = self.lock();
            (state.queued, state.failed) = (false, failed);
        }
        if !failed {
            self.work(|_| ());
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn idle(self: &Arc<Self>) {
        self.work(Book::idle);
    }

    pub(crate) fn state(&self) -> Option<WindowState> {
        self.lock().book.state()
    }

    pub(crate) fn is_idle(&self) -> bool {
        let state = self.lock();
        !state.queued && state.book.is_idle()
    }

    /// Leaves the cell at the desk again, for what a failing store left undone.
    pub(crate) fn again(self: &Arc<Self>) {
        self.work(|_| ());
    }

    /// One critical section; what it left for the store goes to the desk after it.
    fn work<T>(self: &Arc<Self>, work: impl FnOnce(&mut Book) -> T) -> T {
        let mut state = self.lock();
        let result = work(&mut state.book);
        let leave = !state.queued && state.book.has_errand();
        state.queued |= leave;
        drop(state);
        if leave {
            self.desk.leave(Arc::clone(self));
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every critical section is plain arithmetic; one that panicked would have changed nothing by halves.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell")
            .field("id", &self.id)
            .field("book", &self.lock().book)
            .finish_non_exhaustive()
    }
}

impl Desk {
    fn leave(&self, cell: Arc<Cell>) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(cell);
        self.bell.notify_one();
    }

    /// Resolves when something has been left since the last time.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(crate) fn collect(&self) -> Vec<Arc<Cell>> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
