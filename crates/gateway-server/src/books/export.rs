//! Entries as lines: CSV with a row per leg, or JSON Lines with an object per entry.
//!
//! An object of JSON Lines is the entry as it is kept, in whole nano- and pico-dollars: what was exported can be computed
//! anew with [`gateway::ports::ledger::Entry`].
//!
//! The columns of CSV, in order: `entry_id`, `at` (RFC 3339), `request_id`, `virtual_key_id`, `team_id`, `customer_id`,
//! `operation`, `tags` (a JSON object), `entry_total_usd`; then of the leg: `leg` (counted from 1; none where nothing was
//! billed), `provider`, `key_id`, `model`, `basis`, `priced_by`, `unpriced`, `cost_usd`, `overrun_usd`; then for every token
//! class and every other measure its `…_count`, `…_unit_price_usd` and `…_amount_usd`, empty where it was not used or has no
//! price. Seconds are counted in thousandths. Dollars are exact decimals. Quotas and what they were charged are in JSON
//! Lines alone.
//!
//! A text that a spreadsheet would take for a formula has an apostrophe put before it.

use std::io::Write;

use clap::ValueEnum;
use gateway::control::ledger::priced_by;
use gateway::ports::audit::{AuditQuery, AuditStore};
use gateway::ports::ledger::{Entry, Leg};
use gateway_types::{Billable, Measure, TokenClass};
use serde_json::json;

use crate::run::RunError;

/// How many entries are read at a time.
pub(crate) const PAGE: usize = 500;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a line of names, a row per leg.
    Csv,
    /// A JSON object per line and entry.
    Jsonl,
}

/// The columns before those of classes.
const COLUMNS: [&str; 18] = [
    "entry_id",
    "at",
    "request_id",
    "virtual_key_id",
    "team_id",
    "customer_id",
    "operation",
    "tags",
    "entry_total_usd",
    "leg",
    "provider",
    "key_id",
    "model",
    "basis",
    "priced_by",
    "unpriced",
    "cost_usd",
    "overrun_usd",
];

/// What stands before the first entry.
pub(crate) fn head(format: Format) -> Vec<u8> {
    match format {
        Format::Jsonl => Vec::new(),
        Format::Csv => {
            let mut names: Vec<String> = COLUMNS.map(str::to_owned).into();
            for class in billables() {
                let class = word(&class);
                names.extend(["count", "unit_price_usd", "amount_usd"].map(|what| format!("{class}_{what}")));
            }
            lines([names])
        }
    }
}

/// The lines of some entries.
pub(crate) fn page(format: Format, entries: &[Entry]) -> Vec<u8> {
    match format {
        Format::Jsonl => {
            let mut lines = Vec::new();
            for entry in entries {
                serde_json::to_writer(&mut lines, entry).expect("an entry is plain data, and memory takes it");
                lines.push(b'\n');
            }
            lines
        }
        Format::Csv => lines(entries.iter().flat_map(rows)),
    }
}

/// The line that ends an export which could not be finished.
pub(crate) fn broken(format: Format, why: &str) -> Vec<u8> {
    match format {
        Format::Jsonl => format!("{}\n", json!({ "error": why })).into_bytes(),
        Format::Csv => lines([vec![format!("error: {why}")]]),
    }
}

/// The whole audit log as JSON Lines, oldest record first, as it is kept: with this the chain can be computed elsewhere.
pub(crate) async fn audit(audit: &dyn AuditStore, out: &mut dyn Write) -> Result<(), RunError> {
    let failed = |error: gateway::ports::StoreError| RunError::Books(error.to_string());
    let newest = AuditQuery {
        limit: 1,
        ..AuditQuery::default()
    };
    let last = audit
        .page(&newest)
        .await
        .map_err(failed)?
        .records
        .first()
        .map_or(0, |record| record.seq);
    let mut from = 1;
    while from <= last {
        let query = AuditQuery {
            before: Some(from.saturating_add(PAGE as u64)),
            limit: PAGE,
            ..AuditQuery::default()
        };
        let page = audit.page(&query).await.map_err(failed)?;
        for record in page
            .records
            .iter()
            .rev()
            .filter(|record| record.seq >= from && record.seq <= last)
        {
            writeln!(out, "{}", json!(record))?;
        }
        from = from.saturating_add(PAGE as u64);
    }
    Ok(())
}

fn billables() -> impl Iterator<Item = Billable> {
    let tokens = TokenClass::ALL.into_iter().map(Billable::Tokens);
    tokens.chain(Measure::ALL.into_iter().map(Billable::Units))
}

fn word(billable: &Billable) -> String {
    json!(billable).as_str().unwrap_or_default().to_owned()
}

fn rows(entry: &Entry) -> Vec<Vec<String>> {
    if entry.legs.is_empty() {
        return vec![row(entry, None)];
    }
    let legs = entry.legs.iter().enumerate();
    legs.map(|(place, leg)| row(entry, Some((place + 1, leg)))).collect()
}

fn row(entry: &Entry, leg: Option<(usize, &Leg)>) -> Vec<String> {
    let or_empty = |text: Option<&str>| defused(text.unwrap_or_default());
    let tags = if entry.tags.is_empty() {
        String::new()
    } else {
        json!(*entry.tags).to_string()
    };
    let mut row = vec![
        entry.id.to_string(),
        entry.at.rfc3339(),
        entry.request.to_string(),
        or_empty(entry.virtual_key.as_ref().map(|key| key.as_str())),
        or_empty(entry.team.as_ref().map(|team| team.as_str())),
        or_empty(entry.customer.as_ref().map(|customer| customer.as_str())),
        entry.operation.as_str().to_owned(),
        defused(&tags),
        entry.total.to_string(),
    ];
    match leg {
        Some((number, leg)) => {
            row.extend([
                number.to_string(),
                defused(leg.provider.as_str()),
                defused(leg.key.as_str()),
                defused(leg.model.as_str()),
                json!(leg.metered.basis).as_str().unwrap_or_default().to_owned(),
                defused(&priced_by(&leg.priced_by)),
                leg.unpriced.to_string(),
                leg.cost.to_string(),
                leg.overrun.to_string(),
            ]);
            row.extend(billables().flat_map(|class| class_of(leg, class)));
        }
        None => row.resize(COLUMNS.len() + billables().count() * 3, String::new()),
    }
    row
}

/// Count, unit price and amount of a class. What has no price has a count all the same.
fn class_of(leg: &Leg, class: Billable) -> [String; 3] {
    if let Some(line) = leg.amounts.iter().find(|line| line.class == class) {
        return [
            line.tokens.to_string(),
            pico(i128::from(line.price.0)),
            pico(line.amount.0),
        ];
    }
    let count = match class {
        Billable::Tokens(class) => leg.metered.usage.of(class),
        Billable::Units(measure) => leg.metered.usage.units.get(measure),
    };
    let count = if count == 0 { String::new() } else { count.to_string() };
    [count, String::new(), String::new()]
}

/// Pico-dollars as a decimal number of dollars.
fn pico(amount: i128) -> String {
    const DOLLAR: u128 = 1_000_000_000_000;
    let (whole, rest) = (amount.unsigned_abs() / DOLLAR, amount.unsigned_abs() % DOLLAR);
    let sign = if amount < 0 { "-" } else { "" };
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:012}").trim_end_matches('0'))
}

/// A text that no spreadsheet computes.
fn defused(text: &str) -> String {
    let computed = text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r', '\n']);
    if computed { format!("'{text}") } else { text.to_owned() }
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).expect("writing into memory does not fail");
    }
    writer.into_inner().expect("writing into memory does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_defused() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r\n=1"] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["gpt-4o", "a=b", "", "1-2"] {
            assert_eq!(defused(text), text);
        }
    }

    #[test]
    fn pico_dollars_are_exact_decimals() {
        assert_eq!(pico(0), "0");
        assert_eq!(pico(150_000), "0.00000015");
        assert_eq!(pico(-2_500_000_000_000), "-2.5");
        assert_eq!(pico(i128::from(i64::MAX) * 1000), "9223372036.854775807");
    }
}
