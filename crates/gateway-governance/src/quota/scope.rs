//! All quotas of a node by id, and the ones that one call has to pass.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_types::{QuotaId, Wall};
use smallvec::SmallVec;

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

    /// Whether both are the quotas of one node, rather than those of a trial.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The cells of those quotas. A quota whose id is known keeps its usage and takes over the new numbers: a raised limit
    /// acts at once, a lowered one stops grants and recalls idle slices.
    pub fn bind(&self, specs: &[QuotaSpec]) -> Scope {
        let mut all = self.lock();
        Scope::of_cells(specs.iter().map(|spec| all.bind(spec, &self.0.desk)).collect())
    }

    /// The state of a quota at that time.
    pub fn usage(&self, id: &QuotaId, now: Wall) -> Option<QuotaUsage> {
        Some(self.cell(id)?.usage(now))
    }

    /// The cell of a quota that is in use.
    pub(crate) fn cell(&self, id: &QuotaId) -> Option<Arc<Cell>> {
        self.lock().cells.get(id).cloned()
    }

    /// Lets go of what is remembered of a quota that is not in use.
    pub(crate) fn forget(&self, id: &QuotaId) {
        self.lock().windows.remove(id);
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

/// Quotas that a call has to pass together, in the order of their ids, each once. Cheap to clone; none at all costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Scope(Option<Arc<[Arc<Cell>]>>);

impl Scope {
    /// The cells, in the order of their ids.
    pub fn cells(&self) -> &[Arc<Cell>] {
        self.0.as_deref().unwrap_or_default()
    }

    /// How much of a budget is used at that time, in percent: the largest share over its money quotas, and 0 where there is
    /// none. A budget of nothing is used up.
    pub fn budget_used_percent(&self, now: Wall) -> f64 {
        let share = |cell: &Arc<Cell>| match cell.usage(now) {
            QuotaUsage { limit, used, .. } if limit > 0 => used as f64 / limit as f64 * 100.0,
            _ => 100.0,
        };
        self.of(Unit::NanoUsd).map(share).fold(0.0, f64::max)
    }

    /// The quotas of all of them. Where only one of them has any, it is that one's.
    pub(crate) fn join(scopes: &[&Self]) -> Self {
        let mut some = scopes.iter().filter(|scope| scope.0.is_some());
        match (some.next(), some.next()) {
            (None, _) => Self::default(),
            (Some(only), None) => (*only).clone(),
            (Some(_), Some(_)) => Self::of_cells(scopes.iter().flat_map(|scope| scope.cells()).cloned().collect()),
        }
    }

    fn of_cells(mut cells: SmallVec<[Arc<Cell>; 16]>) -> Self {
        cells.sort_unstable_by(|a, b| a.id().cmp(b.id()));
        cells.dedup_by(|a, b| a.id() == b.id());
        Self((!cells.is_empty()).then(|| cells.into_iter().collect()))
    }

    pub(crate) fn of(&self, unit: Unit) -> impl Iterator<Item = &Arc<Cell>> {
        self.cells().iter().filter(move |cell| cell.unit() == unit)
    }
}
