//! The way of entries to the writer. A call takes a slot when it is admitted, so that its entry always has room, and leaves
//! its entry there in the end: neither waits for anything, and hardly ever does the writer have to be woken.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::entry::Entry;

/// A bit of [`Slots::held`]: no slot is given any more.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// The slots, and the entries that wait in theirs.
#[derive(Debug)]
pub(super) struct Slots {
    /// How many there are.
    most: usize,
    /// How many entries that wait are worth waking the writer before its rest is over.
    urgent: usize,
    /// How many are taken, those of waiting entries included, and whether it is closed.
    held: AtomicUsize,
    waiting: Mutex<Waiting>,
    /// Wakes the writer.
    bell: Notify,
    /// How many entries were written.
    written: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<Entry>,
    /// How many have come.
    come: u64,
    /// Whether the writer sleeps until there is one.
    asleep: bool,
}

/// Why there is no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSlot {
    Full,
    Closed,
}

/// A slot that was taken. Dropped, it is free again.
#[derive(Debug)]
pub(super) struct Slot<'a>(&'a Slots);

impl Slot<'_> {
    /// Keeps the slot: [`Slots::put`] or [`Slots::free`] must follow, once.
    pub(super) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.free();
    }
}

impl Slots {
    /// So many slots, for a writer that takes up to `batch` entries at once.
    pub(super) fn new(most: usize, batch: usize) -> Self {
        let most = most.clamp(1, CLOSED - 1);
        Self {
            most,
            urgent: batch.min(most / 2).max(1),
            held: AtomicUsize::new(0),
            waiting: Mutex::default(),
            bell: Notify::new(),
            written: watch::Sender::new(0),
        }
    }

    /// Takes a slot.
    pub(super) fn take(&self) -> Result<Slot<'_>, NoSlot> {
        let taken = self.held.fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
            (held < self.most).then(|| held + 1)
        });
        match taken {
            Ok(_) => Ok(Slot(self)),
            Err(held) if held & CLOSED != 0 => Err(NoSlot::Closed),
            Err(_) => {
                // Whatever waits makes room.
                self.bell.notify_one();
                Err(NoSlot::Full)
            }
        }
    }

    /// Gives a slot back without an entry.
    pub(super) fn free(&self) {
        if self.held.fetch_sub(1, Ordering::AcqRel) == CLOSED + 1 {
            self.bell.notify_one();
        }
    }

    /// Puts an entry into its slot.
    pub(super) fn put(&self, entry: Entry) {
        let wake = {
            let mut waiting = self.waiting();
            waiting.entries.push(entry);
            waiting.come += 1;
            std::mem::take(&mut waiting.asleep) || waiting.entries.len() == self.urgent
        };
        if wake {
            self.bell.notify_one();
        }
    }

    /// Gives no slots any more.
    pub(super) fn close(&self) {
        self.held.fetch_or(CLOSED, Ordering::AcqRel);
    }

    /// Waits until what has come so far is written.
    pub(super) async fn flushed(&self) {
        let come = self.waiting().come;
        let mut written = self.written.subscribe();
        if *written.borrow_and_update() < come {
            self.bell.notify_one();
            // It cannot fail: the sender is in `self`.
            let _ = written.wait_for(|written| *written >= come).await;
        }
    }

    /// Fetches up to so many entries that wait into `batch`, which is empty; their slots are free then. Where none waits, the
    /// next one rings the bell.
    pub(super) fn fetch(&self, batch: &mut Vec<Entry>, most: usize) {
        let mut waiting = self.waiting();
        if waiting.entries.len() <= most {
            std::mem::swap(&mut waiting.entries, batch);
            // A crowd leaves no room behind that nobody needs.
            waiting.entries.shrink_to(most);
        } else {
            batch.extend(waiting.entries.drain(..most));
        }
        waiting.asleep = batch.is_empty();
        drop(waiting);
        self.held.fetch_sub(batch.len(), Ordering::AcqRel);
    }

    /// Notes that so many entries, in the order in which they were fetched, are written.
    pub(super) fn done(&self, entries: usize) {
        self.written.send_modify(|written| *written += entries as u64);
    }

    /// Whether it is closed, and every slot is free for good.
    pub(super) fn is_over(&self) -> bool {
        self.held.load(Ordering::Acquire) == CLOSED
    }

    /// Waits until the writer is called.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
