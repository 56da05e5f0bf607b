//! The port through which finished requests are told, and the recorder that keeps them as log rows.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gateway_types::Clock;
use tokio::sync::mpsc;

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
const BATCH: usize = 512;
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
    loop {
        tokio::select! {
            count = pages.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return;
                }
                let rows: Vec<LogRow> = batch.drain(..).map(Arc::unwrap_or_clone).collect();
                if let Err(error) = logs.append(&rows).await {
                    tracing::error!(%error, rows = rows.len(), "log rows were lost");
                }
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
