//! The ledger in memory: for embedding without a store, and for tests. It forgets everything with its process.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use gateway_types::{EntryId, QuotaId, Wall};

use crate::entry::{Charge, Entry};
use crate::ledger::{Ask, Ledger, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use crate::quota::{Unit, WindowNo};
use crate::verify::{Kept, Sums};

/// How many entries are kept; older ones are forgotten, their charges are not.
const KEPT_ENTRIES: usize = 10_000;
/// How many windows of a quota are kept: the latest, and older ones that calls may still settle in.
const KEPT_WINDOWS: usize = 16;

/// A ledger in memory.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    quotas: HashMap<QuotaId, Quota>,
    /// With the number under which each was written.
    entries: VecDeque<(u64, Entry)>,
    written: u64,
    known: HashSet<EntryId>,
}

#[derive(Debug, Default)]
struct Quota {
    windows: BTreeMap<WindowNo, Window>,
    /// Windows up to this one are forgotten, and what is charged to them late cannot be verified.
    forgotten: WindowNo,
}

/// A window and what it takes to recompute it.
#[derive(Debug)]
struct Window {
    state: WindowState,
    kept: Kept,
    /// The charges of entries that are forgotten.
    gone: Sums,
    /// Whether it was reset: no lease belongs to it any more.
    reset: bool,
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
            let latest = |quota: &Quota| quota.windows.values().next_back().map(|window| window.state.clone());
            books.quotas.values().filter_map(latest).collect()
        }))
    }

    async fn history(
        &self,
        quota: &QuotaId,
        before: Option<WindowNo>,
        limit: usize,
    ) -> Result<Vec<WindowState>, StoreError> {
        Ok(self.with(|books| {
            let windows = books
                .quotas
                .get(quota)
                .into_iter()
                .flat_map(|quota| quota.windows.values().rev());
            windows
                .filter(|window| before.is_none_or(|before| window.state.window < before))
                .take(limit)
                .map(|window| window.state.clone())
                .collect()
        }))
    }

    async fn recover(&self) -> Result<(), StoreError> {
        self.with(|books| {
            for window in books.quotas.values_mut().flat_map(|quota| quota.windows.values_mut()) {
                let state = &mut window.state;
                let out = state.granted - state.settled - state.unaccounted;
                state.unaccounted += out;
                window.kept.lost += out;
            }
        });
        Ok(())
    }

    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        self.with(|books| {
            let latest = books
                .quotas
                .get_mut(quota)
                .and_then(|quota| quota.windows.values_mut().next_back());
            if let Some(window) = latest.filter(|window| !window.reset) {
                window.reset = true;
                window.state.ends = now.clamp(window.state.started, window.state.ends.max(window.state.started));
            }
        });
        Ok(())
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        Ok(self.with(|books| {
            let Some(window) = books.window_mut(quota, window) else {
                return 0;
            };
            let amount = std::mem::take(&mut window.state.unaccounted);
            window.state.granted -= amount;
            window.kept.written_off += amount;
            amount
        }))
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(self.with(|books| {
            let entries = books.entries.iter().rev().map(|(_, entry)| entry);
            entries.take(limit).cloned().collect()
        }))
    }

    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        Ok(self.with(|books| books.page(wanted)))
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        Ok(self.with(|books| books.verify()))
    }
}

impl Books {
    fn lease(&mut self, ask: &Ask, now: Wall) -> Slice {
        let window = &mut self.window_at(ask, now).state;
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

    fn window_at(&mut self, ask: &Ask, now: Wall) -> &mut Window {
        let quota = self.quotas.entry(ask.quota.clone()).or_default();
        let latest = quota.windows.last_key_value();
        let no = WindowNo(latest.map_or(0, |(no, _)| no.0) + 1);
        let (no, started, ends) = match latest.map(|(_, window)| (window, ask.cut.end_of(window.state.started))) {
            Some((window, ends)) if now < ends && !window.reset => (window.state.window, now, ends),
            // What the reset cut off: the rest of the old window's time is the new one's.
            Some((window, ends)) if now < ends => {
                let started = now.max(window.state.ends);
                (no, started, ask.cut.end_of(started))
            }
            _ => {
                let (started, ends) = ask.cut.window(now);
                (no, started, ends)
            }
        };
        while quota.windows.len() >= KEPT_WINDOWS && !quota.windows.contains_key(&no) {
            quota.forgotten = quota.windows.pop_first().map_or(quota.forgotten, |(no, _)| no);
        }
        let window = quota
            .windows
            .entry(no)
            .or_insert_with(|| empty(&ask.quota, no, ask.unit, started, ends));
        window.state.ends = ends;
        window
    }

    fn window_mut(&mut self, quota: &QuotaId, window: WindowNo) -> Option<&mut Window> {
        self.quotas.get_mut(quota)?.windows.get_mut(&window)
    }

    fn give_back(&mut self, back: &Return) {
        if let Some(Window { state, .. }) = self.window_mut(&back.quota, back.window) {
            let free = state.granted - state.settled - state.unaccounted;
            state.granted -= back.amount.min(free).max(0);
        }
    }

    fn append(&mut self, entry: &Entry) {
        if !self.known.insert(entry.id) {
            return;
        }
        for charge in kept(entry) {
            self.charge(charge, entry.at);
        }
        self.written += 1;
        self.entries.push_back((self.written, entry.clone()));
        while self.entries.len() > KEPT_ENTRIES {
            if let Some((_, entry)) = self.entries.pop_front() {
                self.forget(&entry);
            }
        }
    }

    fn forget(&mut self, entry: &Entry) {
        self.known.remove(&entry.id);
        for charge in kept(entry) {
            if let Some(window) = self.window_mut(&charge.quota, charge.window) {
                window.gone.add(charge.unit, charge.amount, charge.overrun);
            }
        }
    }

    fn charge(&mut self, charge: &Charge, at: Wall) {
        let quota = self.quotas.entry(charge.quota.clone()).or_default();
        let window = quota
            .windows
            .entry(charge.window)
            .or_insert_with(|| empty(&charge.quota, charge.window, charge.unit, at, at));
        let state = &mut window.state;
        state.settled += charge.amount;
        state.granted += charge.overrun;
        state.overrun += charge.overrun;
        let beyond = (state.settled + state.unaccounted - state.granted).max(0);
        state.granted += beyond;
        state.overrun += beyond;
        window.kept.raised += beyond;
    }

    fn page(&self, wanted: &Wanted) -> Page {
        let fits = |(number, entry): &&(u64, Entry)| {
            let on = wanted.after.is_none_or(|after| {
                if wanted.oldest_first {
                    *number > after
                } else {
                    *number < after
                }
            });
            on && wanted.takes(entry)
        };
        let in_order: Box<dyn Iterator<Item = &(u64, Entry)>> = if wanted.oldest_first {
            Box::new(self.entries.iter())
        } else {
            Box::new(self.entries.iter().rev())
        };
        let mut fitting = in_order.filter(fits);
        let found: Vec<&(u64, Entry)> = fitting.by_ref().take(wanted.limit).collect();
        Page {
            next: fitting.next().and_then(|_| found.last()).map(|(number, _)| *number),
            entries: found.into_iter().map(|(_, entry)| entry.clone()).collect(),
        }
    }

    fn verify(&self) -> Verified {
        let mut verified = Verified::default();
        let mut sums: BTreeMap<(&QuotaId, WindowNo), Sums> = BTreeMap::new();
        for (_, entry) in &self.entries {
            verified.entry(entry);
            for charge in kept(entry) {
                let sum = sums.entry((&charge.quota, charge.window)).or_default();
                sum.add(charge.unit, charge.amount, charge.overrun);
            }
        }
        for quota in self.quotas.values() {
            for window in quota
                .windows
                .range(WindowNo(quota.forgotten.0 + 1)..)
                .map(|(_, window)| window)
            {
                let sum = sums
                    .remove(&(&window.state.quota, window.state.window))
                    .unwrap_or_default();
                verified.window(&window.state, &sum.and(window.gone), &window.kept);
            }
        }
        verified
    }
}

/// The charges that are booked.
fn kept(entry: &Entry) -> impl Iterator<Item = &Charge> {
    entry.charges.iter().filter(|charge| charge.unit != Unit::InFlight)
}

fn empty(quota: &QuotaId, no: WindowNo, unit: Unit, started: Wall, ends: Wall) -> Window {
    let state = WindowState {
        quota: quota.clone(),
        window: no,
        unit,
        started,
        ends,
        granted: 0,
        settled: 0,
        overrun: 0,
        unaccounted: 0,
    };
    Window {
        state,
        kept: Kept::default(),
        gone: Sums::default(),
        reset: false,
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
