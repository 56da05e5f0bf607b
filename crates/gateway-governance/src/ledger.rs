//! The port behind which leases and entries are durable.

use async_trait::async_trait;
use gateway_types::{CustomerId, ModelName, ProviderName, QuotaId, RequestId, TeamId, VirtualKeyId, Wall};

use crate::entry::{Entry, Leg};
use crate::quota::{Cut, Unit, WindowNo};

/// A wish for a slice of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The quota.
    pub quota: QuotaId,
    /// What it counts.
    pub unit: Unit,
    /// Its limit as the settings have it now.
    pub limit: i64,
    /// How its time is cut.
    pub cut: Cut,
    /// How much is wanted. 0 only opens the window and reads its state.
    pub want: i64,
}

/// What a store gives for an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The quota.
    pub quota: QuotaId,
    /// The window that it belongs to.
    pub window: WindowNo,
    /// When that window began.
    pub started: Wall,
    /// When it ends.
    pub ends: Wall,
    /// How much was granted: at most what was wanted, and never so much that the window's grants pass the limit.
    pub granted: i64,
    /// What the window's grants come to with this one, settled overrun and `unaccounted` included. The rest up to the
    /// limit is still to be had.
    pub granted_in_all: i64,
    /// What entries and crashes have charged in the window: `settled` and `unaccounted` of its books.
    pub charged: i64,
}

/// A part of a slice that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// The quota.
    pub quota: QuotaId,
    /// The window that the slice was of.
    pub window: WindowNo,
    /// How much comes back.
    pub amount: i64,
}

/// A window's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowState {
    /// The quota.
    pub quota: QuotaId,
    /// The window.
    pub window: WindowNo,
    /// What it counts.
    pub unit: Unit,
    /// When it began.
    pub started: Wall,
    /// When it ends.
    pub ends: Wall,
    /// What is granted and not returned.
    pub granted: i64,
    /// What entries have charged.
    pub settled: i64,
    /// What of that was beyond any grant.
    pub overrun: i64,
    /// What a crash left granted and never settled; charged until the window ends.
    pub unaccounted: i64,
}

/// Which entries are wanted: those that fit all that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of that virtual key.
    pub virtual_key: Option<VirtualKeyId>,
    /// Of that team.
    pub team: Option<TeamId>,
    /// Of that customer.
    pub customer: Option<CustomerId>,
    /// With a leg at that provider.
    pub provider: Option<ProviderName>,
    /// With a leg of that model.
    pub model: Option<ModelName>,
    /// That charge that quota.
    pub quota: Option<QuotaId>,
    /// Of that request.
    pub request: Option<RequestId>,
    /// Settled at that time or later.
    pub from: Option<Wall>,
    /// Settled before that time.
    pub until: Option<Wall>,
    /// Oldest first instead of newest first.
    pub oldest_first: bool,
    /// Where the page before ended.
    pub after: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

/// A part of the entries that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where the next page begins, if there may be one.
    pub next: Option<u64>,
}

impl Wanted {
    /// Whether an entry is asked for, wherever it stands.
    pub fn takes(&self, entry: &Entry) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, found: Option<&T>) -> bool {
            wanted.as_ref().is_none_or(|wanted| found == Some(wanted))
        }
        let leg = |of: &dyn Fn(&Leg) -> bool| entry.legs.iter().any(of);
        is(&self.virtual_key, entry.virtual_key.as_ref())
            && is(&self.team, entry.team.as_ref())
            && is(&self.customer, entry.customer.as_ref())
            && is(&self.request, Some(&entry.request))
            && self
                .provider
                .as_ref()
                .is_none_or(|name| leg(&|leg| leg.provider == *name))
            && self.model.as_ref().is_none_or(|name| leg(&|leg| leg.model == *name))
            && self
                .quota
                .as_ref()
                .is_none_or(|quota| entry.charges.iter().any(|charge| charge.quota == *quota))
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at < until)
    }
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries were read.
    pub entries: u64,
    /// How many windows were recomputed.
    pub windows: u64,
    /// What does not agree, up to a thousand times.
    pub differences: Vec<Difference>,
    /// How many differences there are.
    pub found: u64,
}

/// Something that does not agree with the entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: an entry, or a quota and its window.
    pub at: String,
    /// Of what: `settled`, `overrun`, `total`, …
    pub of: String,
    /// What the books say.
    pub booked: String,
    /// What the entries come to, or what would be right.
    pub computed: String,
}

/// What went wrong in a store. The call can be made again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

/// Leases and entries, durable. What an implementation must promise ([`crate::conformance`] checks it):
///
/// - An error means that nothing was done; the call can be made again.
/// - **Grants.** A lease adds to the window's `granted` at most what is wanted, and never so much that `granted` passes
///   the limit of the ask. A limit below what is granted already gives 0. Asks of one call see each other.
/// - **Windows** are cut by the `now` that a lease is given, by [`Cut::window`], and numbered upwards per quota from 1.
///   A window ends where the ask's own cut ends it, counted from the window's start, so that a changed cut acts at
///   once; `now` at or past that end opens the next one. A `now` before the latest window's start still belongs to that
///   window: a clock going back never reopens an older one.
/// - **Entries.** [`Ledger::append`] stores entries and their charges in one commit, durably, and takes an entry that it
///   has already as done. Each charge adds its `amount` to its window's `settled`, and its `overrun` to `granted` and
///   `overrun` both; should `settled` and `unaccounted` together still be more than `granted`, both are raised by the
///   difference. A charge on an older window goes to that window; one on a window that was never leased makes its books.
/// - **Returns** lower `granted`, never below what is settled and unaccounted.
/// - **Resets.** [`Ledger::reset`] ends the latest window at `now` for good, whatever its cut says: its books stay, calls
///   that hold of it settle in it, and the next lease opens the next number. Where that lease comes before the old window
///   would have ended, the new one starts at the lease (not before the reset) and ends where the cut ends it; later it is
///   like any other. A second reset, and one of a quota without windows, changes nothing.
/// - **Write-offs.** [`Ledger::write_off`] takes a window's `unaccounted` to 0 and lowers `granted` by as much, so that it
///   can be granted again while the window lasts. A window that does not exist, or has nothing unaccounted, gives 0.
/// - **Pages** give the entries that fit in the order in which they were written, or the opposite one; asked again with
///   `after` set to the `next` before, they go on without gap or repetition, whatever is appended meanwhile.
/// - **Verification** recomputes each entry from its own lines and each window from its charges ([`crate::verify`]), on
///   one state of the books and in bounded memory; it changes nothing.
/// - [`Unit::InFlight`] is never leased, charged or kept.
#[async_trait]
pub trait Ledger: Send + Sync + std::fmt::Debug {
    /// Grants slices, each for itself, in one commit. Answers in the order of the asks.
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError>;

    /// Takes back what was not used.
    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError>;

    /// Writes entries down and charges their windows.
    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError>;

    /// The latest window of each quota that has one.
    async fn windows(&self) -> Result<Vec<WindowState>, StoreError>;

    /// The windows of a quota, the latest first, those before that number; as far back as they are kept.
    async fn history(
        &self,
        quota: &QuotaId,
        before: Option<WindowNo>,
        limit: usize,
    ) -> Result<Vec<WindowState>, StoreError> {
        let mut windows = self.windows().await?;
        windows.retain(|window| window.quota == *quota && before.is_none_or(|before| window.window < before));
        windows.truncate(limit);
        Ok(windows)
    }

    /// Books what an earlier process left granted and never settled as `unaccounted`: afterwards every window's `granted`
    /// is its `settled` and `unaccounted`. Called once, before any lease; calling it again changes nothing.
    async fn recover(&self) -> Result<(), StoreError>;

    /// Ends a quota's latest window at `now`: the next lease opens another, however much of its time is left. What it was
    /// charged stays in its books.
    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError>;

    /// Lets go of what a crash left `unaccounted` in a window, and tells how much that was: an operator has found that it was
    /// not spent. `granted` goes down with it.
    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError>;

    /// The latest entries, newest first.
    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// A page of the entries that fit.
    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError>;

    /// Recomputes every window and every entry from entries alone, and tells what differs.
    async fn verify(&self) -> Result<Verified, StoreError>;
}
