//! What a call cost, as its ledger entry says it: by attempt, and exactly by what was billed.

use gateway::ControlError;
use gateway::control::Control;
use gateway::ports::ledger::{Amount, Charge, Entry, Leg, Unit, Wanted};
use gateway::ports::logs::LogRow;
use gateway_types::{Basis, Billable, KeyId, ModelName, ProviderName, QuotaId};
use schemars::JsonSchema;
use serde::Serialize;

use super::was_made;

/// What a call cost.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LogBill")]
pub(crate) struct Bill {
    /// The entry's id in the ledger.
    id: String,
    /// In dollars.
    total: f64,
    /// Exactly, in billionths of a dollar.
    total_nano_usd: i64,
    /// One for each attempt that was billed.
    legs: Vec<BilledAttempt>,
    /// What each quota in scope was charged.
    charges: Vec<BilledQuota>,
}

/// What one attempt used and cost.
#[derive(Serialize, JsonSchema)]
struct BilledAttempt {
    /// Where it stands in the row's `attempts`, where it can be told.
    attempt: Option<usize>,
    provider: ProviderName,
    key_id: KeyId,
    model: ModelName,
    /// How the usage is known.
    basis: Basis,
    /// In dollars.
    cost: f64,
    /// Exactly, in billionths of a dollar.
    cost_nano_usd: i64,
    /// What of the cost no hold covered, in billionths of a dollar.
    overrun_nano_usd: i64,
    /// Whether the price of the model was not known.
    unpriced: bool,
    /// Where the price is from: `catalogue`, `override …`, `provider`, …
    priced_by: String,
    /// By class of tokens and by other measures; empty where there is no price, or the provider said what it costs.
    amounts: Vec<BilledAmount>,
}

/// One class of tokens, or one measure.
#[derive(Serialize, JsonSchema)]
struct BilledAmount {
    class: Billable,
    /// How many; a fraction where the measure has them.
    count: f64,
    /// Dollars each.
    unit_price: f64,
    /// The product in dollars.
    amount: f64,
    /// The product exactly, in trillionths of a dollar.
    amount_pico_usd: String,
}

/// What one quota was charged.
#[derive(Serialize, JsonSchema)]
struct BilledQuota {
    quota: QuotaId,
    unit: Unit,
    /// In that unit.
    amount: i64,
}

impl Bill {
    /// The bill of a row; none where nothing was booked for it.
    pub(super) async fn of(control: &Control, row: &LogRow) -> Result<Option<Self>, ControlError> {
        let wanted = Wanted {
            request: Some(row.id),
            limit: 1,
            ..Wanted::default()
        };
        let page = control.ledger_page(&wanted).await?;
        Ok(page.entries.first().map(|entry| Self::new(entry, row)))
    }

    fn new(entry: &Entry, row: &LogRow) -> Self {
        let mut seen = 0;
        let legs = entry.legs.iter().map(|leg| {
            let at = place(leg, row, seen);
            seen = at.map_or(seen, |at| at + 1);
            BilledAttempt::new(leg, at)
        });
        Self {
            id: entry.id.to_string(),
            total: entry.total.dollars(),
            total_nano_usd: entry.total.0,
            legs: legs.collect(),
            charges: entry.charges.iter().map(BilledQuota::new).collect(),
        }
    }
}

/// Which attempt a leg is of: legs stand in the order of the attempts, those that were not billed left out.
fn place(leg: &Leg, row: &LogRow, from: usize) -> Option<usize> {
    let rest = row.attempts.iter().enumerate().skip(from);
    let mut same = rest.filter(|(_, attempt)| {
        was_made(attempt) && (&attempt.provider, &attempt.key, &attempt.model) == (&leg.provider, &leg.key, &leg.model)
    });
    same.next().map(|(at, _)| at)
}

impl BilledAttempt {
    fn new(leg: &Leg, attempt: Option<usize>) -> Self {
        Self {
            attempt,
            provider: leg.provider.clone(),
            key_id: leg.key.clone(),
            model: leg.model.clone(),
            basis: leg.metered.basis,
            cost: leg.cost.dollars(),
            cost_nano_usd: leg.cost.0,
            overrun_nano_usd: leg.overrun.0,
            unpriced: leg.unpriced,
            priced_by: gateway::control::ledger::priced_by(&leg.priced_by),
            amounts: leg.amounts.iter().map(BilledAmount::new).collect(),
        }
    }
}

impl BilledAmount {
    fn new(line: &Amount) -> Self {
        let parts = match line.class {
            Billable::Tokens(_) => 1,
            Billable::Units(measure) => measure.parts(),
        };
        Self {
            class: line.class,
            count: line.tokens as f64 / parts as f64,
            unit_price: line.price.0 as f64 / 1e12,
            amount: line.amount.0 as f64 / 1e12,
            amount_pico_usd: line.amount.0.to_string(),
        }
    }
}

impl BilledQuota {
    fn new(charge: &Charge) -> Self {
        Self {
            quota: charge.quota.clone(),
            unit: charge.unit,
            amount: charge.amount,
        }
    }
}
