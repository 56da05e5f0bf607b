//! The ledger in memory: for embedding without a store, and for tests. It forgets everything with its process.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use gateway_types::{EntryId, QuotaId, Wall};

use crate::entry::{Charge, Entry};
use crate::ledger::{Ask, Ledger, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use crate::quota::{Unit, WindowNo};

/// How many entries are kept; older ones are forgotten, their charges are not.
const KEPT_ENTRIES: usize = 10_000;
/// How many windows of a quota are kept: the latest, and older ones that calls may still settle in.
const KEPT_WINDOWS: usize = 16;

/// A ledger in memory.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    windows: HashMap<QuotaId, BTreeMap<WindowNo, WindowState>>,
    entries: VecDeque<Entry>,
    known: HashSet<EntryId>,
}

impl MemoryLedger {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Books) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError> {
        Ok(self.with(|books| asks.iter().map(|ask| books.lease(ask, now)).collect()))
    }

    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError> {
        self.with(|books| returns.iter().for_each(|back| books.give_back(back)));
        Ok(())
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        self.with(|books| entries.iter().for_each(|entry| books.append(entry)));
        Ok(())
    }

    async fn windows(&self) -> Result<Vec<WindowState>, StoreError> {
        Ok(self.with(|books| {
            books
                .windows
                .values()
                .filter_map(|all| all.values().next_back().cloned())
                .collect()
        }))
    }

    async fn recover(&self) -> Result<(), StoreError> {
        self.with(|books| {
            for window in books.windows.values_mut().flat_map(BTreeMap::values_mut) {
                window.unaccounted = window.granted - window.settled;
            }
        });
        Ok(())
    }

    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        let _ = now;
        Err(StoreError(format!("TODO {quota}")))
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        let _ = window;
        Err(StoreError(format!("TODO {quota}")))
    }

    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        Err(StoreError(format!("TODO {wanted:?}")))
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        Err(StoreError(String::from("TODO")))
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(self.with(|books| books.entries.iter().rev().take(limit).cloned().collect()))
    }
}

impl Books {
    fn lease(&mut self, ask: &Ask, now: Wall) -> Slice {
        let window = self.window_at(ask, now);
        let granted = ask.want.min(ask.limit.saturating_sub(window.granted)).max(0);
        window.granted += granted;
        Slice {
            quota: ask.quota.clone(),
            window: window.window,
            started: window.started,
            ends: window.ends,
            granted,
            granted_in_all: window.granted,
            charged: window.settled + window.unaccounted,
        }
    }

    fn window_at(&mut self, ask: &Ask, now: Wall) -> &mut WindowState {
        let all = self.windows.entry(ask.quota.clone()).or_default();
        let latest = all
            .last_key_value()
            .map(|(no, window)| (*no, ask.cut.end_of(window.started)));
        let (no, started, ends) = match latest {
            Some((no, ends)) if now < ends => (no, now, ends),
            latest => {
                let (started, ends) = ask.cut.window(now);
                (WindowNo(latest.map_or(1, |(no, _)| no.0 + 1)), started, ends)
            }
        };
        while all.len() >= KEPT_WINDOWS && !all.contains_key(&no) {
            all.pop_first();
        }
        let window = all
            .entry(no)
            .or_insert_with(|| empty(&ask.quota, no, ask.unit, started, ends));
        window.ends = ends;
        window
    }

    fn give_back(&mut self, back: &Return) {
        if let Some(window) = self
            .windows
            .get_mut(&back.quota)
            .and_then(|all| all.get_mut(&back.window))
        {
            let free = window.granted - window.settled - window.unaccounted;
            window.granted -= back.amount.min(free).max(0);
        }
    }

    fn append(&mut self, entry: &Entry) {
        if !self.known.insert(entry.id) {
            return;
        }
        for charge in &entry.charges {
            self.charge(charge, entry.at);
        }
        self.entries.push_back(entry.clone());
        while self.entries.len() > KEPT_ENTRIES {
            let forgotten = self.entries.pop_front();
            if let Some(entry) = forgotten {
                self.known.remove(&entry.id);
            }
        }
    }

    fn charge(&mut self, charge: &Charge, at: Wall) {
        if charge.unit == Unit::InFlight {
            return;
        }
        let all = self.windows.entry(charge.quota.clone()).or_default();
        let window = all
            .entry(charge.window)
            .or_insert_with(|| empty(&charge.quota, charge.window, charge.unit, at, at));
        window.settled += charge.amount;
        window.granted += charge.overrun;
        window.overrun += charge.overrun;
        let beyond = (window.settled + window.unaccounted - window.granted).max(0);
        window.granted += beyond;
        window.overrun += beyond;
    }
}

fn empty(quota: &QuotaId, no: WindowNo, unit: Unit, started: Wall, ends: Wall) -> WindowState {
    WindowState {
        quota: quota.clone(),
        window: no,
        unit,
        started,
        ends,
        granted: 0,
        settled: 0,
        overrun: 0,
        unaccounted: 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn it_keeps_the_promises_of_a_ledger() {
        crate::conformance::ledger(|| async { Arc::new(MemoryLedger::new()) as Arc<dyn Ledger> }).await;
    }
}
