//! The port through which finished requests are told, and the recorder that keeps them as log rows.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gateway_types::Clock;
use tokio::sync::mpsc;
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
/// How many rows are written at once.
const BATCH: usize = 2048;
/// How long after one batch the next is written, unless it is full before: the more rows a batch has, the less each costs,
/// because all that are counted in one slot of a chart change it once. A row after a pause waits for nothing.
const PAUSE: Duration = Duration::from_millis(500);
/// How often old rows are taken away.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Keeps rows: into a bounded queue, from which a task of its own writes them in batches. A row may be dropped.
#[derive(Debug)]
pub(crate) struct Journal {
    queue: std::sync::Mutex<Option<mpsc::Sender<Arc<LogRow>>>>,
    dropped: AtomicU64,
}

/// The other end of a [`Journal`].
pub(crate) type Pages = mpsc::Receiver<Arc<LogRow>>;

impl Journal {
    pub(crate) fn new() -> (Self, Pages) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (
            Self {
                queue: std::sync::Mutex::new(Some(sender)),
                dropped: AtomicU64::new(0),
            },
            receiver,
        )
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Lets the writer end once it has written what waits.
    pub(crate) fn close(&self) {
        self.queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
    }
}

impl Recorder for Journal {
    fn finished(&self, row: &Arc<LogRow>) {
        let queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if queue
            .as_ref()
            .is_none_or(|queue| queue.try_send(Arc::clone(row)).is_err())
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes rows as they come, and takes old ones away. Ends when the journal is closed.
pub(crate) async fn keep(
    mut pages: Pages,
    logs: Arc<dyn LogStore>,
    clock: Arc<dyn Clock>,
    retention: impl Fn() -> Duration,
) {
    let mut prune = tokio::time::interval(PRUNE_EVERY);
    let mut batch = Vec::with_capacity(BATCH);
    let mut due = Instant::now();
    loop {
        tokio::select! {
            count = pages.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return;
                }
                gather(&mut pages, &mut batch, due).await;
                let rows: Vec<LogRow> = batch.drain(..).map(Arc::unwrap_or_clone).collect();
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

/// Takes what comes until that time, or until the batch is full or no more can come.
async fn gather(pages: &mut Pages, batch: &mut Vec<Arc<LogRow>>, due: Instant) {
    while batch.len() < BATCH {
        let more = pages.recv_many(batch, BATCH - batch.len());
        if !matches!(tokio::time::timeout_at(due, more).await, Ok(1..)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::{ManualClock, Wall};

    use super::*;
    use crate::ports::StoreError;
    use crate::ports::conformance::row;
    use crate::ports::logs::{Dimension, LogPage, LogQuery, Rank, Shares, Slice, Slot};

    /// Tells of every batch that it is given.
    #[derive(Debug)]
    struct Telling(mpsc::UnboundedSender<usize>);

    #[async_trait::async_trait]
    impl LogStore for Telling {
        async fn append(&self, rows: &[LogRow]) -> Result<(), StoreError> {
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
        (0..3000).for_each(|n| journal.finished(&Arc::new(row(n))));
        assert_eq!(batches.recv().await, Some(BATCH), "a full batch waits for nothing");
        journal.close();
        assert_eq!(batches.recv().await, Some(3000 - BATCH), "nor does the last");
        keeping.await.unwrap();
        assert!(begun.elapsed() < PAUSE * 2);
    }
}
