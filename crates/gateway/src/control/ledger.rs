//! The ledger as the management API shows it: what was spent on what, what each window's books say, and whether all of it
//! adds up. Dollars are JSON numbers as everywhere, and exact beside that: `…_nano_usd` and `…_pico_usd`.

mod shown;

use gateway_types::QuotaId;
use serde_json::json;

use super::{Control, ControlError};
use crate::ports::ledger::{Ledger, Page, StoreError, Wanted, WindowNo};
pub use shown::{
    LedgerList, LedgerVerdict, ShownAmount, ShownCharge, ShownDifference, ShownLedgerEntry, ShownLeg, ShownWindow,
    WindowList, WrittenOff, priced_by,
};

impl Control {
    /// The ledger, with every call in it that has finished: entries are written a moment after their calls.
    async fn settled_ledger(&self) -> &dyn Ledger {
        self.shared.governor.flush().await;
        &*self.shared.ledger
    }

    /// A page of the ledger, as it is kept: for exports.
    pub async fn ledger_page(&self, wanted: &Wanted) -> Result<Page, ControlError> {
        Ok(self.settled_ledger().await.page(wanted).await?)
    }

    /// `GET /api/ledger`: `{entries, next}`; `next` goes into `after` for the page that follows.
    pub async fn ledger(&self, wanted: &Wanted) -> Result<LedgerList, ControlError> {
        let page = self.ledger_page(wanted).await?;
        Ok(LedgerList {
            entries: page.entries.iter().map(ShownLedgerEntry::from).collect(),
            next: page.next,
        })
    }

    /// `GET /api/ledger/windows`: the books of a quota's windows, the latest first, or of each quota's latest window:
    /// `{windows: [{quota, window, unit, started_at, ends_at, granted, settled, overrun, unaccounted}], next}`. Amounts are
    /// in the unit: nano-dollars, requests, tokens.
    pub async fn ledger_windows(
        &self,
        quota: Option<&QuotaId>,
        before: Option<WindowNo>,
        limit: usize,
    ) -> Result<WindowList, ControlError> {
        let ledger = self.settled_ledger().await;
        let windows = match quota {
            Some(quota) => ledger.history(quota, before, limit).await?,
            None => ledger.windows().await?,
        };
        let full = quota.is_some() && windows.len() == limit;
        Ok(WindowList {
            next: windows.last().filter(|_| full).map(|last| last.window.0),
            windows: windows.iter().map(ShownWindow::from).collect(),
        })
    }

    /// `POST /api/ledger/verify`: whether everything adds up.
    pub async fn verify_ledger(&self) -> Result<LedgerVerdict, ControlError> {
        Ok(LedgerVerdict::from(&self.settled_ledger().await.verify().await?))
    }

    /// `POST /api/ledger/write-off`: lets go of what a crash left unaccounted in a window of a quota, the latest one where
    /// none is named. `{quota, window, unit, written_off}`.
    pub async fn write_off(
        &self,
        quota: &QuotaId,
        window: Option<WindowNo>,
        author: &str,
    ) -> Result<WrittenOff, ControlError> {
        let before = window.map(|window| WindowNo(window.0.saturating_add(1)));
        let books = self.shared.ledger.history(quota, before, 1).await?;
        let books = books
            .into_iter()
            .find(|books| window.is_none_or(|window| books.window == window))
            .ok_or_else(|| no_window(quota, window))?;
        let amount = self.shared.governor.write_off(quota, books.window).await?;
        let told = WrittenOff {
            quota: quota.to_string(),
            window: books.window.0,
            unit: books.unit,
            written_off: amount,
        };
        if amount > 0 {
            self.audit(author, "ledger.write_off", &format!("quota/{quota}"), json!(told))
                .await?;
        }
        Ok(told)
    }
}

fn no_window(quota: &QuotaId, window: Option<WindowNo>) -> ControlError {
    ControlError::NotFound(match window {
        Some(window) => format!("quota `{quota}` has no window {} in the ledger", window.0),
        None => format!("quota `{quota}` has no window in the ledger"),
    })
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}
