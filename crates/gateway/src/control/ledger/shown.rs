//! The ledger's entries and windows as they are shown.

use std::collections::BTreeMap;

use gateway_types::{Basis, Billable, NanoUsd, Wall};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::ports::ledger::{Amount, Charge, Difference, Entry, Leg, PricedBy, Unit, Verified, WindowState};

/// A page of the ledger.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LedgerList {
    /// The page.
    pub entries: Vec<ShownLedgerEntry>,
    /// What to give as `after` for the page that follows; null after the last.
    pub next: Option<u64>,
}

/// What one call cost, and who was charged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerEntry")]
pub struct ShownLedgerEntry {
    /// Its id.
    pub id: String,
    /// When, in RFC 3339.
    pub at: String,
    /// The call.
    pub request_id: String,
    /// The virtual key that called.
    pub virtual_key_id: Option<String>,
    /// Its team.
    pub team_id: Option<String>,
    /// Its customer.
    pub customer_id: Option<String>,
    /// What the call was tagged with.
    pub tags: BTreeMap<String, String>,
    /// What was asked.
    pub operation: String,
    /// What it cost, in dollars.
    pub total: f64,
    /// The same, exactly.
    pub total_nano_usd: i64,
    /// What each attempt that was paid for cost.
    pub legs: Vec<ShownLeg>,
    /// What each quota was charged.
    pub charges: Vec<ShownCharge>,
}

/// What one attempt cost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerLeg")]
pub struct ShownLeg {
    /// The provider.
    pub provider: String,
    /// Its key.
    pub key_id: String,
    /// The model, in the provider's words.
    pub model: String,
    /// How the usage is known.
    pub basis: Basis,
    /// Tokens by class, and units of other measures.
    pub usage: Value,
    /// The cost, in dollars.
    pub cost: f64,
    /// The same, exactly.
    pub cost_nano_usd: i64,
    /// What of the cost no hold covered.
    pub overrun_nano_usd: i64,
    /// Whether the model's price was not known.
    pub unpriced: bool,
    /// Who says what it costs.
    pub priced_by: String,
    /// The cost line by line; none where the model has no price, or the provider said what it costs.
    pub amounts: Vec<ShownAmount>,
}

/// One class of tokens, or one measure, of an attempt. The price is per unit; a measure that is counted in parts says how
/// many make a unit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerAmount")]
pub struct ShownAmount {
    /// The class, or the measure.
    pub class: Billable,
    /// How many.
    pub count: u64,
    /// How many of them make one unit.
    pub parts_per_unit: u64,
    /// The price of a unit, in pico-dollars.
    pub unit_price_pico_usd: i64,
    /// The product in pico-dollars: digits, as it may be beyond what JSON numbers hold everywhere.
    pub amount_pico_usd: String,
}

/// What one quota was charged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerCharge")]
pub struct ShownCharge {
    /// The quota.
    pub quota: String,
    /// The window in which it was charged.
    pub window: u64,
    /// What it counts.
    pub unit: Unit,
    /// How much, in the unit.
    pub amount: i64,
    /// What of it was beyond any grant.
    pub overrun: i64,
    /// The same in dollars, where dollars are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dollars: Option<f64>,
}

/// The books of windows, the latest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerWindowList")]
pub struct WindowList {
    /// The page.
    pub windows: Vec<ShownWindow>,
    /// What to give as `before` for the page that follows; null after the last.
    pub next: Option<u64>,
}

/// The books of one window of a quota. Amounts are in the unit: nano-dollars, requests, tokens.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerWindow")]
pub struct ShownWindow {
    /// The quota.
    pub quota: String,
    /// The window's number.
    pub window: u64,
    /// What it counts.
    pub unit: Unit,
    /// When it began, in RFC 3339.
    pub started_at: String,
    /// When it ends, in RFC 3339.
    pub ends_at: String,
    /// What is granted and not returned.
    pub granted: i64,
    /// What entries have charged.
    pub settled: i64,
    /// What of that was beyond any grant.
    pub overrun: i64,
    /// What a crash left granted and never settled; charged until the window ends.
    pub unaccounted: i64,
}

/// Whether all of the ledger adds up.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LedgerVerdict {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// How many entries were read.
    pub entries: u64,
    /// How many windows were read.
    pub windows: u64,
    /// How many differences there are.
    pub found: u64,
    /// The differences, up to a thousand.
    pub differences: Vec<ShownDifference>,
}

/// Something that is booked as one number and computed as another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerDifference")]
pub struct ShownDifference {
    /// Where.
    pub at: String,
    /// What.
    pub of: String,
    /// As it is booked.
    pub booked: String,
    /// As it is computed.
    pub computed: String,
}

/// What was let go of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WrittenOff {
    /// The quota.
    pub quota: String,
    /// The window.
    pub window: u64,
    /// What it counts.
    pub unit: Unit,
    /// How much, in the unit.
    pub written_off: i64,
}

impl From<&WindowState> for ShownWindow {
    fn from(books: &WindowState) -> Self {
        Self {
            quota: books.quota.to_string(),
            window: books.window.0,
            unit: books.unit,
            started_at: books.started.rfc3339(),
            ends_at: books.ends.rfc3339(),
            granted: books.granted,
            settled: books.settled,
            overrun: books.overrun,
            unaccounted: books.unaccounted,
        }
    }
}

impl From<&Verified> for LedgerVerdict {
    fn from(verified: &Verified) -> Self {
        let difference = |one: &Difference| ShownDifference {
            at: one.at.clone(),
            of: one.of.clone(),
            booked: one.booked.clone(),
            computed: one.computed.clone(),
        };
        Self {
            ok: verified.found == 0,
            entries: verified.entries,
            windows: verified.windows,
            found: verified.found,
            differences: verified.differences.iter().map(difference).collect(),
        }
    }
}

impl From<&Entry> for ShownLedgerEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: Wall::rfc3339(entry.at),
            request_id: entry.request.to_string(),
            virtual_key_id: entry.virtual_key.as_ref().map(ToString::to_string),
            team_id: entry.team.as_ref().map(ToString::to_string),
            customer_id: entry.customer.as_ref().map(ToString::to_string),
            tags: BTreeMap::clone(&entry.tags),
            operation: entry.operation.as_str().to_owned(),
            total: entry.total.dollars(),
            total_nano_usd: entry.total.0,
            legs: entry.legs.iter().map(ShownLeg::from).collect(),
            charges: entry.charges.iter().map(ShownCharge::from).collect(),
        }
    }
}

impl From<&Leg> for ShownLeg {
    fn from(leg: &Leg) -> Self {
        Self {
            provider: leg.provider.to_string(),
            key_id: leg.key.to_string(),
            model: leg.model.to_string(),
            basis: leg.metered.basis,
            usage: json!(leg.metered.usage),
            cost: leg.cost.dollars(),
            cost_nano_usd: leg.cost.0,
            overrun_nano_usd: leg.overrun.0,
            unpriced: leg.unpriced,
            priced_by: priced_by(&leg.priced_by),
            amounts: leg.amounts.iter().map(ShownAmount::from).collect(),
        }
    }
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

impl From<&Amount> for ShownAmount {
    fn from(line: &Amount) -> Self {
        let parts = match line.class {
            Billable::Tokens(_) => 1,
            Billable::Units(measure) => measure.parts(),
        };
        Self {
            class: line.class,
            count: line.tokens,
            parts_per_unit: parts,
            unit_price_pico_usd: line.price.0,
            amount_pico_usd: line.amount.0.to_string(),
        }
    }
}

impl From<&Charge> for ShownCharge {
    fn from(charge: &Charge) -> Self {
        Self {
            quota: charge.quota.to_string(),
            window: charge.window.0,
            unit: charge.unit,
            amount: charge.amount,
            overrun: charge.overrun,
            dollars: (charge.unit == Unit::NanoUsd).then(|| NanoUsd(charge.amount).dollars()),
        }
    }
}
