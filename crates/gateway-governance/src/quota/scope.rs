//! All quotas of a node by id, and the ones that one call has to pass.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_types::{ProviderName, QuotaId, VirtualKeyId, Wall};

use super::cell::{Cell, Desk};
use super::{QuotaSpec, QuotaUsage, Unit};
use crate::ledger::WindowState;

/// All quotas of a node.
#[derive(Clone, Default)]
pub struct Quotas(Arc<Shared>);

#[derive(Default)]
struct Shared {
    desk: Arc<Desk>,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    cells: HashMap<QuotaId, Arc<Cell>>,
    /// Windows that were open before a restart, or before their quota was taken out of use.
    windows: HashMap<QuotaId, WindowState>,
}

impl Quotas {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cells of those quotas. A quota whose id is known keeps its usage and takes over the new numbers: a raised limit
    /// acts at once, a lowered one stops grants and recalls idle slices.
    pub fn bind(&self, specs: &[QuotaSpec]) -> Scope {
        let mut all = self.lock();
        let mut cells: Vec<Arc<Cell>> = specs.iter().map(|spec| all.bind(spec, &self.0.desk)).collect();
        cells.sort_by(|a, b| a.id().cmp(b.id()));
        Scope(cells.into())
    }

    /// The state of a quota at that time.
    pub fn usage(&self, id: &QuotaId, now: Wall) -> Option<QuotaUsage> {
        let cell = self.lock().cells.get(id).cloned()?;
        Some(cell.usage(now))
    }

    /// Takes all other quotas out of use: their idle slices are given back. Should one come back, it goes on where it was.
    pub(crate) fn retain(&self, used: &HashSet<QuotaId>) {
        let mut all = self.lock();
        let unused: Vec<Arc<Cell>> = all
            .cells
            .values()
            .filter(|cell| !used.contains(cell.id()))
            .cloned()
            .collect();
        for cell in unused {
            cell.idle();
            // Slices on their way back and unfinished calls keep a cell; the next change of settings asks again.
            if cell.is_idle() {
                all.cells.remove(cell.id());
                if let Some(state) = cell.state() {
                    all.windows.insert(state.quota.clone(), state);
                }
            }
        }
    }

    /// Takes over what the store's books show of the time before.
    pub(crate) fn restore(&self, windows: Vec<WindowState>) {
        let mut all = self.lock();
        for state in windows {
            match all.cells.get(&state.quota) {
                Some(cell) => cell.restore(&state),
                None => drop(all.windows.insert(state.quota.clone(), state)),
            }
        }
    }

    /// Gives all slices back that nothing holds, and answers every cell.
    pub(crate) fn idle(&self) -> Vec<Arc<Cell>> {
        let cells: Vec<Arc<Cell>> = self.lock().cells.values().cloned().collect();
        cells.iter().for_each(Cell::idle);
        cells
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn bind(&mut self, spec: &QuotaSpec, desk: &Arc<Desk>) -> Arc<Cell> {
        if let Some(cell) = self.cells.get(&spec.id) {
            cell.change(spec.clone());
            return Arc::clone(cell);
        }
        let cell = Arc::new(Cell::new(spec.clone(), Arc::clone(desk)));
        if let Some(state) = self.windows.remove(&spec.id) {
            cell.restore(&state);
        }
        self.cells.insert(spec.id.clone(), Arc::clone(&cell));
        cell
    }
}

impl fmt::Debug for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().cells.keys()).finish()
    }
}

/// The quotas of one owner, in the order of their ids.
#[derive(Clone, Debug)]
pub struct Scope(Arc<[Arc<Cell>]>);

impl Scope {
    /// The cells, in the order of their ids.
    pub fn cells(&self) -> &[Arc<Cell>] {
        &self.0
    }

    pub(crate) fn of(&self, unit: Unit) -> impl Iterator<Item = &Arc<Cell>> {
        self.0.iter().filter(move |cell| cell.unit() == unit)
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

/// Whose a quota is. Ids are made of it, so that they stay while numbers change.
#[derive(Clone, Debug)]
pub struct Owner {
    path: String,
    words: String,
}

impl Owner {
    /// A virtual key.
    pub fn virtual_key(id: &VirtualKeyId) -> Self {
        Self {
            path: format!("vk/{id}"),
            words: format!("virtual key {id}"),
        }
    }

    /// What a virtual key has at one provider.
    pub fn entry(id: &VirtualKeyId, provider: &ProviderName) -> Self {
        Self {
            path: format!("vk/{id}/{provider}"),
            words: format!("virtual key {id} at provider {provider}"),
        }
    }

    /// The owner in words: `virtual key vk-dev`.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The id of its budget of that index: `vk/{id}/budget`, then `vk/{id}/budget/1`.
    pub fn budget(&self, index: usize) -> QuotaId {
        match index {
            0 => self.id("budget"),
            more => self.id(&format!("budget/{more}")),
        }
    }

    /// The id of its limit on requests.
    pub fn requests(&self) -> QuotaId {
        self.id("requests")
    }

    /// The id of its limit on tokens.
    pub fn tokens(&self) -> QuotaId {
        self.id("tokens")
    }

    /// The id of its limit on requests at the same time.
    pub fn in_flight(&self) -> QuotaId {
        self.id("in_flight")
    }

    fn id(&self, last: &str) -> QuotaId {
        QuotaId::from(format!("{}/{last}", self.path))
    }
}
