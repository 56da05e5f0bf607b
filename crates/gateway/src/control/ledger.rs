//! The ledger as the management API shows it: what was spent on what, what each window's books say, and whether all of it
//! adds up. Dollars are JSON numbers as everywhere, and exact beside that: `…_nano_usd` and `…_pico_usd`.

use gateway_types::{Billable, NanoUsd, QuotaId, Wall};
use serde_json::{Value, json};

use super::{Answer, Control, ControlError};
use crate::ports::ledger::{
    Amount, Charge, Entry, Leg, Page, PricedBy, StoreError, Unit, Wanted, WindowNo, WindowState,
};

impl Control {
    /// A page of the ledger, as it is kept: for exports.
    pub async fn ledger_page(&self, wanted: &Wanted) -> Result<Page, ControlError> {
        Ok(self.shared.ledger.page(wanted).await?)
    }

    /// `GET /api/ledger`: `{entries, next}`; `next` goes into `after` for the page that follows.
    pub async fn ledger(&self, wanted: &Wanted) -> Answer {
        let page = self.ledger_page(wanted).await?;
        let entries: Vec<Value> = page.entries.iter().map(entry).collect();
        Ok(json!({ "entries": entries, "next": page.next }))
    }

    /// `GET /api/ledger/windows`: the books of a quota's windows, the latest first, or of each quota's latest window:
    /// `{windows: [{quota, window, unit, started_at, ends_at, granted, settled, overrun, unaccounted}], next}`. Amounts are
    /// in the unit: nano-dollars, requests, tokens.
    pub async fn ledger_windows(&self, quota: Option<&QuotaId>, before: Option<WindowNo>, limit: usize) -> Answer {
        let windows = match quota {
            Some(quota) => self.shared.ledger.history(quota, before, limit).await?,
            None => self.shared.ledger.windows().await?,
        };
        let full = quota.is_some() && windows.len() == limit;
        let next = windows.last().filter(|_| full).map(|last| last.window.0);
        let shown: Vec<Value> = windows.iter().map(window).collect();
        Ok(json!({ "windows": shown, "next": next }))
    }

    /// `POST /api/ledger/verify`: `{ok, entries, windows, found, differences: [{at, of, booked, computed}]}`.
    pub async fn verify_ledger(&self) -> Answer {
        let verified = self.shared.ledger.verify().await?;
        let differences: Vec<Value> = verified
            .differences
            .iter()
            .map(|one| json!({ "at": one.at, "of": one.of, "booked": one.booked, "computed": one.computed }))
            .collect();
        Ok(json!({
            "ok": verified.found == 0,
            "entries": verified.entries,
            "windows": verified.windows,
            "found": verified.found,
            "differences": differences,
        }))
    }

    /// `POST /api/ledger/write-off`: lets go of what a crash left unaccounted in a window of a quota, the latest one where
    /// none is named. `{quota, window, unit, written_off}`.
    pub async fn write_off(&self, quota: &QuotaId, window: Option<WindowNo>, author: &str) -> Answer {
        let before = window.map(|window| WindowNo(window.0.saturating_add(1)));
        let books = self.shared.ledger.history(quota, before, 1).await?;
        let books = books
            .into_iter()
            .find(|books| window.is_none_or(|window| books.window == window))
            .ok_or_else(|| no_window(quota, window))?;
        let amount = self.shared.governor.write_off(quota, books.window).await?;
        let told = json!({
            "quota": quota,
            "window": books.window,
            "unit": books.unit,
            "written_off": amount,
        });
        if amount > 0 {
            self.audit(author, "ledger.write_off", &format!("quota/{quota}"), told.clone())
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

fn window(books: &WindowState) -> Value {
    json!({
        "quota": books.quota,
        "window": books.window,
        "unit": books.unit,
        "started_at": books.started.rfc3339(),
        "ends_at": books.ends.rfc3339(),
        "granted": books.granted,
        "settled": books.settled,
        "overrun": books.overrun,
        "unaccounted": books.unaccounted,
    })
}

/// An entry as it is shown.
fn entry(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "at": Wall::rfc3339(entry.at),
        "request_id": entry.request,
        "virtual_key_id": entry.virtual_key,
        "team_id": entry.team,
        "customer_id": entry.customer,
        "tags": *entry.tags,
        "operation": entry.operation.as_str(),
        "total": entry.total.dollars(),
        "total_nano_usd": entry.total,
        "legs": entry.legs.iter().map(leg).collect::<Vec<_>>(),
        "charges": entry.charges.iter().map(charge).collect::<Vec<_>>(),
    })
}

fn leg(leg: &Leg) -> Value {
    json!({
        "provider": leg.provider,
        "key_id": leg.key,
        "model": leg.model,
        "basis": leg.metered.basis,
        "usage": leg.metered.usage,
        "cost": leg.cost.dollars(),
        "cost_nano_usd": leg.cost,
        "overrun_nano_usd": leg.overrun,
        "unpriced": leg.unpriced,
        "priced_by": priced_by(&leg.priced_by),
        "amounts": leg.amounts.iter().map(amount).collect::<Vec<_>>(),
    })
}

/// Who says what a leg costs, in a word.
pub fn priced_by(by: &PricedBy) -> String {
    match by {
        PricedBy::Catalogue => "catalogue".to_owned(),
        PricedBy::Override(id) => format!("override {id}"),
        PricedBy::Unknown => "default for unknown models".to_owned(),
        PricedBy::Provider => "provider".to_owned(),
    }
}

/// The price is per unit; a measure that is counted in parts says how many make a unit.
fn amount(line: &Amount) -> Value {
    let parts = match line.class {
        Billable::Tokens(_) => 1,
        Billable::Units(measure) => measure.parts(),
    };
    json!({
        "class": line.class,
        "count": line.tokens,
        "parts_per_unit": parts,
        "unit_price_pico_usd": line.price,
        // Beyond what JSON numbers hold everywhere.
        "amount_pico_usd": line.amount.0.to_string(),
    })
}

fn charge(charge: &Charge) -> Value {
    let mut shown = json!({
        "quota": charge.quota,
        "window": charge.window,
        "unit": charge.unit,
        "amount": charge.amount,
        "overrun": charge.overrun,
    });
    if charge.unit == Unit::NanoUsd {
        shown["dollars"] = json!(NanoUsd(charge.amount).dollars());
    }
    shown
}
