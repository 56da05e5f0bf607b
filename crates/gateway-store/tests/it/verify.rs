//! What is falsified in the books is found and named, column by column.

use gateway_governance::catalog::Catalog;
use gateway_governance::entry::{Charge, Entry, Leg};
use gateway_governance::ledger::{Ask, Verified};
use gateway_governance::price::PricedBy;
use gateway_governance::quota::{Cut, Unit, WindowNo};
use gateway_store::Sqlite;
use gateway_types::{Basis, Metered, Org, Usage};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::books::{NOW, charge, entry};

/// A call of two legs at catalogue prices, charged to a budget of both, a budget of one, and a limit of tokens.
fn call() -> Entry {
    let facts = Catalog::embedded().find("openai", "gpt-4o-mini").unwrap();
    let price = facts.price.clone().unwrap();
    let leg = |provider: &str, input: u64, output: u64| {
        let usage = Usage {
            input,
            output,
            cache_read: 3,
            ..Usage::default()
        };
        let bill = price.bill(&usage);
        Leg {
            provider: provider.into(),
            key: "k".into(),
            model: "gpt-4o-mini".into(),
            metered: Metered::new(usage, Basis::Reported),
            amounts: bill.amounts,
            cost: bill.total,
            unpriced: false,
            overrun: gateway_types::NanoUsd(0),
            priced_by: PricedBy::Catalogue,
        }
    };
    let legs = vec![leg("openai", 1000, 20), leg("azure", 500, 7)];
    let tokens: u64 = legs.iter().map(|leg| leg.metered.usage.total()).sum();
    let both = legs[0].cost + legs[1].cost;
    let charges = vec![
        charge("both", WindowNo(1), both.0, 0),
        charge("azure", WindowNo(1), legs[1].cost.0, 2),
        Charge {
            unit: Unit::Tokens,
            ..charge("tokens", WindowNo(1), tokens as i64, 0)
        },
    ];
    Entry {
        legs,
        total: both,
        virtual_key: Some("vk".into()),
        team: Some("t".into()),
        customer: Some("c".into()),
        ..entry(charges)
    }
}

/// Books with everything in them: two calls, a slice that is out, one that a crash left, one that is written off.
async fn kept() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let ledger = stores.ledger();
    let ask = |quota: &str, want| Ask {
        quota: quota.into(),
        unit: Unit::NanoUsd,
        limit: 10_000_000,
        cut: Cut::Day,
        want,
    };
    ledger
        .lease(&[ask("both", 500_000), ask("lost", 70), ask("off", 80)], NOW)
        .await
        .unwrap();
    ledger.recover().await.unwrap();
    ledger.write_off(&"off".into(), WindowNo(1)).await.unwrap();
    ledger.append(&[call(), call()]).await.unwrap();
    ledger.lease(&[ask("both", 1000)], NOW).await.unwrap();
    stores.close().await;
    folder
}

async fn verified(folder: &TempDir) -> Verified {
    let stores = Sqlite::look(folder.path(), &Org::default()).unwrap();
    let verified = stores.ledger().verify().await.unwrap();
    stores.close().await;
    verified
}

/// Falsifies books and says where and what is found, in words.
async fn found(sql: &str) -> Vec<String> {
    let folder = kept().await;
    let changed = Connection::open(folder.path().join("gateway.db"))
        .unwrap()
        .execute(sql, [])
        .unwrap();
    assert!(changed > 0, "nothing is falsified by {sql}");
    let verified = verified(&folder).await;
    assert_eq!(verified.found, verified.differences.len() as u64);
    let words = verified.differences.iter().map(|one| {
        let place: Vec<&str> = one.at.split(' ').filter(|word| !word.contains('-')).collect();
        format!("{} {}", place.join(" "), one.of)
    });
    words.collect()
}

#[tokio::test]
async fn books_as_they_are_kept_add_up() {
    let verified = verified(&kept().await).await;
    assert_eq!(verified.differences, []);
    assert_eq!((verified.entries, verified.windows), (2, 5));
}

#[tokio::test]
async fn every_falsified_column_is_named() {
    let first = "WHERE seq = 1";
    let body = |path: &str, value: &str| {
        format!("UPDATE ledger_entries SET body = json_set(body, '$.{path}', {value}) {first}")
    };
    let cases: Vec<(String, &str)> = vec![
        (
            format!("UPDATE ledger_entries SET id = randomblob(16) {first}"),
            "entry id",
        ),
        (format!("UPDATE ledger_entries SET v = 1 {first}"), "entry v"),
        (format!("UPDATE ledger_entries SET at = at + 1 {first}"), "entry at"),
        (
            format!("UPDATE ledger_entries SET request = randomblob(16) {first}"),
            "entry request",
        ),
        (
            format!("UPDATE ledger_entries SET virtual_key = 'x' {first}"),
            "entry virtual_key",
        ),
        (format!("UPDATE ledger_entries SET team = NULL {first}"), "entry team"),
        (
            format!("UPDATE ledger_entries SET customer = 'x' {first}"),
            "entry customer",
        ),
        (
            format!("UPDATE ledger_entries SET total = total + 1 {first}"),
            "entry total",
        ),
        (format!("UPDATE ledger_entries SET body = '{{}}' {first}"), "entry body"),
        (body("total", "7"), "entry total"),
        (body("legs[0].cost", "1"), "entry leg 1 cost"),
        (body("legs[1].overrun", "-1"), "entry leg 2 overrun"),
        (body("legs[1].amounts[0].amount", "1"), "entry leg 2 input amount"),
        (body("legs[0].amounts[1].price", "1"), "entry leg 1 cache_read amount"),
        (body("legs[0].amounts[1].tokens", "1"), "entry leg 1 cache_read count"),
        (body("legs[0].metered.usage.output", "1"), "entry leg 1 output count"),
        (body("legs[0].metered.usage.reasoning", "1"), "entry leg 1 tokens"),
        (body("legs[0].priced_by", "'provider'"), "entry leg 1 cost"),
        (body("legs[0].provider", "'x'"), "entry legs"),
        (body("charges[0].amount", "11"), "entry charge both window 1 amount"),
        (body("charges[0].amount", "11"), "entry charges"),
        (
            body("charges[1].overrun", "99999999"),
            "entry charge azure window 1 overrun",
        ),
        (body("charges[2].amount", "1"), "entry charge tokens window 1 amount"),
        (body("charges[0].window", "2"), "entry charges"),
        (
            "UPDATE ledger_legs SET provider = 'x' WHERE seq = 1 AND place = 0".into(),
            "entry legs",
        ),
        (
            "UPDATE ledger_legs SET model = 'x' WHERE seq = 2 AND place = 1".into(),
            "entry legs",
        ),
        (
            "UPDATE ledger_legs SET place = 9 WHERE seq = 2 AND place = 1".into(),
            "entry legs",
        ),
        (
            "DELETE FROM ledger_legs WHERE seq = 2 AND place = 1".into(),
            "entry legs",
        ),
        (
            "INSERT INTO ledger_legs VALUES ('main', 9, 0, 'p', 'm')".into(),
            "entry number 9 legs",
        ),
        (
            "UPDATE ledger_charges SET amount = amount + 1 WHERE seq = 1 AND quota = 'both'".into(),
            "entry charges",
        ),
        (
            "UPDATE ledger_charges SET amount = amount + 1 WHERE seq = 1 AND quota = 'both'".into(),
            "quota both window 1 settled",
        ),
        (
            "UPDATE ledger_charges SET overrun = 3 WHERE seq = 1 AND quota = 'azure'".into(),
            "quota azure window 1 overrun",
        ),
        (
            "UPDATE ledger_charges SET unit = 'tokens' WHERE quota = 'azure'".into(),
            "quota azure window 1 unit",
        ),
        (
            "UPDATE ledger_charges SET window = 2 WHERE seq = 1 AND quota = 'azure'".into(),
            "quota azure window 2 settled",
        ),
        (
            "UPDATE ledger_charges SET quota = 'zzz' WHERE seq = 1 AND quota = 'azure'".into(),
            "quota zzz window 1 settled",
        ),
        (
            "UPDATE ledger_charges SET place = 9 WHERE seq = 1 AND quota = 'azure'".into(),
            "entry charges",
        ),
        (
            "UPDATE ledger_charges SET seq = 9 WHERE seq = 1 AND quota = 'azure'".into(),
            "entry charges",
        ),
        (
            "DELETE FROM ledger_charges WHERE seq = 1 AND quota = 'azure'".into(),
            "entry charges",
        ),
        (format!("DELETE FROM ledger_entries {first}"), "entry charges"),
        (format!("DELETE FROM ledger_entries {first}"), "entry number 1 legs"),
        (
            "UPDATE quota_windows SET settled = settled + 1 WHERE quota = 'both'".into(),
            "quota both window 1 settled",
        ),
        (
            "UPDATE quota_windows SET overrun = overrun - 1 WHERE quota = 'azure'".into(),
            "quota azure window 1 overrun",
        ),
        (
            "UPDATE quota_windows SET raised = raised + 1 WHERE quota = 'azure'".into(),
            "quota azure window 1 overrun",
        ),
        (
            "UPDATE quota_windows SET unaccounted = 0 WHERE quota = 'lost'".into(),
            "quota lost window 1 unaccounted",
        ),
        (
            "UPDATE quota_windows SET lost = 0 WHERE quota = 'lost'".into(),
            "quota lost window 1 unaccounted",
        ),
        (
            "UPDATE quota_windows SET written_off = 0 WHERE quota = 'off'".into(),
            "quota off window 1 unaccounted",
        ),
        (
            "UPDATE quota_windows SET granted = settled + unaccounted - 1 WHERE quota = 'both'".into(),
            "quota both window 1 granted",
        ),
        (
            "UPDATE quota_windows SET unit = 'requests' WHERE quota = 'both'".into(),
            "quota both window 1 unit",
        ),
        (
            "DELETE FROM quota_windows WHERE quota = 'tokens'".into(),
            "quota tokens window 1 settled",
        ),
    ];
    for (sql, expected) in cases {
        let found = found(&sql).await;
        assert!(
            found.iter().any(|words| words == expected),
            "{sql}: {found:?} has no `{expected}`"
        );
    }
}

#[tokio::test]
async fn entries_of_a_newer_format_are_refused() {
    let folder = kept().await;
    Connection::open(folder.path().join("gateway.db"))
        .unwrap()
        .execute("UPDATE ledger_entries SET v = 99 WHERE seq = 1", [])
        .unwrap();
    let stores = Sqlite::look(folder.path(), &Org::default()).unwrap();
    for refused in [
        stores.ledger().verify().await.unwrap_err(),
        stores.ledger().entries(9).await.unwrap_err(),
    ] {
        assert!(
            refused.to_string().contains("a ledger entry is in format 99"),
            "{refused}"
        );
    }
    stores.close().await;
}
