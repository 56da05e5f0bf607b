//! The port through which finished requests are told, and the recorder that keeps them as log rows.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway_types::Clock;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ports::logs::{LogRow, LogStore};

/// Hears of every client request twice: when it is opened, and when its last byte is out or its client is gone.
///
/// Both calls come from the request's own path, the second perhaps from a `Drop`: an implementation does atomics or a
/// non-blocking send and returns. What it cannot take it drops and counts.
pub trait Recorder: Send + Sync + fmt::Debug {
    /// A request has come.
    fn opened(&self) {}

    /// It is over. Called exactly once for each `opened`.
    fn finished(&self, row: &Arc<LogRow>);
}

/// How many rows wait for the store at the most.
const QUEUE: usize = 8192;
/// How many rows are written at once. They wait in memory, each some kilobytes with its plan.
const BATCH: usize = 1024;
/// How long after one batch the next is written, unless it is full before: the more rows a batch has, the less each costs,
/// because all that are counted in one slot of a chart change it once. A row after a pause waits for nothing.
const PAUSE: Duration = Duration::from_millis(500);
/// How often old rows are taken away.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Keeps rows: into a bounded queue, from which a task of its own writes them in batches. A row may be dropped.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    dropped: AtomicU64,
}

/// The other end of a [`Journal`].
#[derive(Debug)]
pub(crate) struct Pages(Arc<Shared>);

/// Rows between the calls and the writer. The writer looks when it is time to; it is woken for what cannot wait alone, so
/// that a call under load hands its row over and wakes nobody.
#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    ring: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    rows: Vec<Arc<LogRow>>,
    /// Whether the writer has nothing to do until it is rung for.
    idle: bool,
    closed: bool,
}

impl Journal {
    pub(crate) fn new() -> (Self, Pages) {
        let shared = Arc::new(Shared::default());
        let journal = Self {
            shared: Arc::clone(&shared),
            dropped: AtomicU64::new(0),
        };
        (journal, Pages(shared))
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Lets the writer end once it has written what waits.
    pub(crate) fn close(&self) {
        self.shared.close();
    }
}

impl Recorder for Journal {
    fn finished(&self, row: &Arc<LogRow>) {
        if !self.shared.put(row) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there was room.
    fn put(&self, row: &Arc<LogRow>) -> bool {
        let mut waiting = self.lock();
        if waiting.closed || waiting.rows.len() >= QUEUE {
            return false;
        }
        waiting.rows.push(Arc::clone(row));
        let ring = std::mem::take(&mut waiting.idle) || waiting.rows.len() == BATCH;
        drop(waiting);
        if ring {
            self.ring.notify_one();
        }
        true
    }

    fn close(&self) {
        self.lock().closed = true;
        self.ring.notify_one();
    }
}

impl Pages {
    /// The next rows to write, as soon as that time has come, there is a batch of them, or no more can come; none where
    /// that was all.
    async fn next(&self, due: Instant) -> Option<Vec<Arc<LogRow>>> {
        loop {
            let late = Instant::now() >= due;
            {
                let mut waiting = self.0.lock();
                if waiting.rows.len() >= BATCH || ((late || waiting.closed) && !waiting.rows.is_empty()) {
                    let most = waiting.rows.len().min(BATCH);
                    let rest = waiting.rows.split_off(most);
                    return Some(std::mem::replace(&mut waiting.rows, rest));
                }
                if waiting.closed {
                    return None;
                }
                waiting.idle = late;
            }
            // A ring from before is kept, so that none is missed.
            let rung = self.0.ring.notified();
            if late {
                rung.await;
            } else {
                // Whether it was rung or is time now, it is seen to above.
                let _ = tokio::time::timeout_at(due, rung).await;
            }
        }
    }
}

impl Drop for Pages {
    /// Nobody would write what comes now: it is dropped and counted.
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Writes rows as they come, and takes old ones away. Ends when the journal is closed.
pub(crate) async fn keep(
    pages: Pages,
    logs: Arc<dyn LogStore>,
    clock: Arc<dyn Clock>,
    retention: impl Fn() -> Duration,
) {
    let mut prune = tokio::time::interval(PRUNE_EVERY);
    let mut due = Instant::now();
    loop {
        tokio::select! {
            rows = pages.next(due) => {
                let Some(rows) = rows else { return };
                if let Err(error) = logs.append(&rows).await {
                    tracing::error!(%error, rows = rows.len(), "log rows were lost");
                }
                due = Instant::now() + PAUSE;
            }
            _ = prune.tick() => {
                let before = clock.now().wall.millis().saturating_sub(i64::try_from(retention().as_millis()).unwrap_or(i64::MAX));
                if let Err(error) = logs.prune(gateway_types::Wall::from_millis(before)).await {
                    tracing::warn!(%error, "old log rows could not be taken away");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use gateway_types::{ManualClock, Wall};
    use tokio::sync::mpsc;

    use super::*;
    use crate::ports::StoreError;
    use crate::ports::conformance::row;
    use crate::ports::logs::{Dimension, LogPage, LogQuery, Rank, Shares, Slice, Slot};

    /// Tells of every batch that it is given.
    #[derive(Debug)]
    struct Telling(mpsc::UnboundedSender<usize>);

    #[async_trait::async_trait]
    impl LogStore for Telling {
        async fn append(&self, rows: &[Arc<LogRow>]) -> Result<(), StoreError> {
            // Whoever listened no longer does.
            let _ = self.0.send(rows.len());
            Ok(())
        }

        async fn page(&self, _: &LogQuery) -> Result<LogPage, StoreError> {
            Ok(LogPage::default())
        }

        async fn row(&self, _: gateway_types::RequestId) -> Result<Option<LogRow>, StoreError> {
            Ok(None)
        }

        async fn series(&self, _: &Slice, _: i64) -> Result<Vec<Slot>, StoreError> {
            Ok(Vec::new())
        }

        async fn shares(&self, _: &Slice, _: Rank, _: usize) -> Result<Shares, StoreError> {
            Ok(Shares::default())
        }

        async fn values(&self, _: Dimension, _: Wall) -> Result<Vec<String>, StoreError> {
            Ok(Vec::new())
        }

        async fn remove(&self, _: &[gateway_types::RequestId]) -> Result<u64, StoreError> {
            Ok(0)
        }

        async fn prune(&self, _: Wall) -> Result<u64, StoreError> {
            Ok(0)
        }

        async fn any(&self) -> Result<bool, StoreError> {
            Ok(false)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_after_a_pause_is_written_at_once_and_a_stream_of_them_together() {
        let (told, mut batches) = mpsc::unbounded_channel();
        let (journal, pages) = Journal::new();
        let clock = Arc::new(ManualClock::default());
        let keeping = tokio::spawn(keep(pages, Arc::new(Telling(told)), clock, || PRUNE_EVERY));
        let begun = Instant::now();
        journal.finished(&Arc::new(row(0)));
        assert_eq!(batches.recv().await, Some(1));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for n in 1..=5 {
            journal.finished(&Arc::new(row(n)));
            tokio::task::yield_now().await;
        }
        assert_eq!(batches.recv().await, Some(5));
        assert!(begun.elapsed() >= PAUSE && begun.elapsed() < PAUSE * 2);
        (0..BATCH as u64 + 3).for_each(|n| journal.finished(&Arc::new(row(n))));
        assert_eq!(batches.recv().await, Some(BATCH), "a full batch waits for nothing");
        journal.close();
        assert_eq!(batches.recv().await, Some(3), "nor does the last");
        keeping.await.unwrap();
        assert!(begun.elapsed() < PAUSE * 2);
    }
    /// Whether somebody would be woken.
    fn rings(pages: &Pages) -> bool {
        pages.0.ring.notified().now_or_never().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_under_load_wakes_nobody() {
        let (journal, pages) = Journal::new();
        let soon = Instant::now() + PAUSE;
        assert!(pages.next(soon).now_or_never().is_none());
        (1..BATCH as u64).for_each(|n| journal.finished(&Arc::new(row(n))));
        assert!(!rings(&pages), "whoever writes looks by itself");
        journal.finished(&Arc::new(row(0)));
        assert!(rings(&pages), "a full batch is told");
        assert_eq!(pages.next(soon).await.map(|rows| rows.len()), Some(BATCH));
        assert!(pages.next(Instant::now()).now_or_never().is_none());
        journal.finished(&Arc::new(row(0)));
        journal.finished(&Arc::new(row(1)));
        assert!(rings(&pages), "so is a row that nobody waits for by the clock");
        assert!(!rings(&pages), "once");
    }

    #[tokio::test]
    async fn what_there_is_no_room_for_is_counted() {
        let (journal, pages) = Journal::new();
        (0..QUEUE as u64 + 3).for_each(|n| journal.finished(&Arc::new(row(n))));
        assert_eq!(journal.dropped(), 3);
        drop(pages);
        journal.finished(&Arc::new(row(0)));
        assert_eq!(journal.dropped(), 4, "nor is there where nobody writes");
    }
}
