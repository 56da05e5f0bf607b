//! Which rows were written a moment ago, so that what is written again is not counted twice.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway::ports::logs::LogRow;
use gateway_types::RequestId;

/// How many ids are known at the least, once there were so many; twice as many at the most.
const KEPT: usize = 4 * 1024;

/// The ids of the latest rows.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    new: HashSet<RequestId>,
    old: HashSet<RequestId>,
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows that were not written a moment ago, each once.
    pub(super) fn unwritten(&self, rows: &[Arc<LogRow>]) -> Vec<Arc<LogRow>> {
        let known = self.lock();
        let mut seen = HashSet::with_capacity(rows.len());
        let is_new = |row: &&Arc<LogRow>| !known.holds(row.id) && seen.insert(row.id);
        rows.iter().filter(is_new).cloned().collect()
    }

    pub(super) fn written(&self, rows: &[Arc<LogRow>]) {
        let mut known = self.lock();
        for row in rows {
            if known.new.len() >= KEPT {
                known.old = std::mem::take(&mut known.new);
            }
            known.new.insert(row.id);
        }
    }

    /// They may be written anew.
    pub(super) fn removed(&self, ids: &[RequestId]) {
        let mut known = self.lock();
        for id in ids {
            known.new.remove(id);
            known.old.remove(id);
        }
    }
}

impl Known {
    fn holds(&self, id: RequestId) -> bool {
        self.new.contains(&id) || self.old.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use gateway::ports::conformance::row;

    use super::*;

    #[test]
    fn the_latest_are_known_and_no_more_than_can_be_held() {
        let recent = Recent::default();
        let rows: Vec<Arc<LogRow>> = (0..KEPT as u64 * 3).map(|n| Arc::new(row(n))).collect();
        for some in rows.chunks(1000) {
            recent.written(some);
        }
        let (oldest, latest) = (&rows[..KEPT / 2], &rows[rows.len() - KEPT..]);
        assert_eq!(recent.unwritten(latest), []);
        assert_eq!(recent.unwritten(oldest), oldest);
        recent.removed(&[latest[0].id]);
        assert_eq!(recent.unwritten(latest), latest[..1]);
        let known = recent.lock();
        assert!(known.new.len() + known.old.len() <= 2 * KEPT);
    }
}
