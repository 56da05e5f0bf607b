//! What the gateway's books say once it has stopped: its entries by call, its windows, and whether they verify.

use std::collections::BTreeMap;
use std::process::Command;

use gateway_types::Metered;
use serde::Deserialize;

use crate::support::Gateway;
use crate::support::gateway::BINARY;

/// The ledger of a gateway that has ended.
pub(super) struct Statement {
    pub(super) entries: Vec<Entry>,
}

/// An entry as it is exported.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    tags: BTreeMap<String, String>,
    pub(super) total: i64,
    pub(super) legs: Vec<Leg>,
    charges: Vec<Charge>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Leg {
    pub(super) provider: String,
    pub(super) metered: Metered,
    pub(super) cost: i64,
    pub(super) overrun: i64,
}

#[derive(Debug, Deserialize)]
struct Charge {
    quota: String,
    window: u64,
    amount: i64,
    overrun: i64,
}

impl Statement {
    /// Exports the ledger, after it has verified.
    pub(super) fn of(gateway: &Gateway) -> Self {
        let verified = ledger(gateway, &["verify"]);
        assert!(verified.status.success(), "{}", text(&verified));
        let exported = ledger(gateway, &["export", "--format", "jsonl"]);
        assert!(exported.status.success(), "{}", text(&exported));
        let lines = String::from_utf8(exported.stdout).unwrap();
        let entries = lines.lines().map(|line| serde_json::from_str(line).unwrap());
        Self {
            entries: entries.collect(),
        }
    }

    /// The entries by the number of their call, which is in their tags.
    pub(super) fn by_call(&self) -> BTreeMap<u64, &Entry> {
        let number = |entry: &Entry| entry.tags["call"].parse().expect("calls have numbers");
        let by_call: BTreeMap<u64, &Entry> = self.entries.iter().map(|entry| (number(entry), entry)).collect();
        assert_eq!(by_call.len(), self.entries.len(), "a call has one entry");
        by_call
    }

    /// What all entries charge a quota in a window, and what of that is overrun.
    pub(super) fn charged(&self, quota: &str, window: u64) -> (i64, i64) {
        let charges = self.entries.iter().flat_map(|entry| &entry.charges);
        let of_it = charges.filter(|charge| charge.quota == quota && charge.window == window);
        of_it.fold((0, 0), |(amount, overrun), charge| {
            (amount + charge.amount, overrun + charge.overrun)
        })
    }
}

fn ledger(gateway: &Gateway, args: &[&str]) -> std::process::Output {
    Command::new(BINARY)
        .arg("ledger")
        .args(args)
        .arg("--data-dir")
        .arg(gateway.file("data"))
        .output()
        .expect("the binary runs")
}

fn text(output: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
