//! Finished requests, as they come, to whoever follows. Bounded: a reader that falls behind loses the oldest.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gateway::ports::logs::LogRow;
use tokio::sync::broadcast;

/// Rows that a reader may be behind.
const BEHIND: usize = 512;

/// The feed.
#[derive(Debug)]
pub(crate) struct Live {
    rows: broadcast::Sender<Arc<LogRow>>,
    readers: Arc<AtomicUsize>,
}

/// One who follows, until dropped.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The rows to come.
    pub(crate) rows: broadcast::Receiver<Arc<LogRow>>,
    readers: Arc<AtomicUsize>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            rows: broadcast::Sender::new(BEHIND),
            readers: Arc::default(),
        }
    }
}

impl Live {
    /// Tells a row to whoever follows.
    pub(crate) fn publish(&self, row: &Arc<LogRow>) {
        if self.readers.load(Ordering::Relaxed) > 0 {
            // No reader left in the meantime is fine.
            self.rows.send(Arc::clone(row)).unwrap_or_default();
        }
    }

    /// One more reader, unless there are `most` already.
    pub(crate) fn reader(&self, most: usize) -> Option<Reader> {
        let one_more = |readers| (readers < most).then_some(readers + 1);
        self.readers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()?;
        Some(Reader {
            rows: self.rows.subscribe(),
            readers: Arc::clone(&self.readers),
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.readers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;
    use crate::api::sample;

    #[test]
    fn a_reader_hears_rows_and_is_told_what_it_missed() {
        let live = Live::default();
        let row = Arc::new(sample::row());
        live.publish(&row);
        let mut reader = live.reader(1).unwrap();
        assert!(live.reader(1).is_none(), "one reader is the limit");
        for _ in 0..BEHIND + 3 {
            live.publish(&row);
        }
        assert!(matches!(reader.rows.try_recv(), Err(TryRecvError::Lagged(3))));
        assert_eq!(reader.rows.try_recv().unwrap().id, row.id);
        drop(reader);
        assert!(live.reader(1).is_some(), "a place is free again");
    }
}
