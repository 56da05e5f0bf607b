//! What the gateway's books say once it has stopped: its entries by call, its windows, and whether they verify.

use std::collections::BTreeMap;
use std::process::Command;

use gateway_governance::entry::Entry;

use crate::support::Gateway;
use crate::support::gateway::BINARY;

/// The ledger of a gateway that has ended.
pub(super) struct Statement {
    pub(super) entries: Vec<Entry>,
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

    /// What all entries charge the quotas, by quota and window.
    pub(super) fn charged(&self) -> BTreeMap<(String, u64), (i64, i64)> {
        let mut charged: BTreeMap<(String, u64), (i64, i64)> = BTreeMap::new();
        for charge in self.entries.iter().flat_map(|entry| &entry.charges) {
            let window = charged.entry((charge.quota.to_string(), charge.window.0)).or_default();
            window.0 += charge.amount;
            window.1 += charge.overrun;
        }
        charged
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
