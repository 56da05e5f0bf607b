//! What is falsified in the books is found and named, column by column.

use gateway_governance::catalog::Catalog;
use gateway_governance::entry::{Charge, Entry, Leg};
use gateway_governance::ledger::{Ask, Verified};
use gateway_governance::price::PricedBy;
use gateway_governance::quota::{Cut, Unit, WindowNo};
use gateway_store::Sqlite;
use gateway_types::{Basis, Metered, NanoUsd, Org, PicoUsd, UnitPrice, Usage};
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
            overrun: NanoUsd(0),
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
    kept_of([call(), call()]).await
}

/// The same of two other calls.
async fn kept_of(calls: [Entry; 2]) -> TempDir {
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
    for call in calls {
        ledger.append(&[call]).await.unwrap();
    }
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
    told(&folder).await
}

/// Where and what differs, in words.
async fn told(folder: &TempDir) -> Vec<String> {
    let verified = verified(folder).await;
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
async fn every_entry_that_does_not_add_up_is_named() {
    type Tamper = fn(&mut Entry);
    let cases: Vec<(Tamper, &str)> = vec![
        (|call| call.total = NanoUsd(7), "entry total"),
        (|call| call.legs[0].cost = NanoUsd(1), "entry leg 1 cost"),
        (|call| call.legs[1].overrun = NanoUsd(-1), "entry leg 2 overrun"),
        (
            |call| call.legs[1].amounts[0].amount = PicoUsd(1),
            "entry leg 2 input amount",
        ),
        (
            |call| call.legs[0].amounts[1].price = UnitPrice(1),
            "entry leg 1 cache_read amount",
        ),
        (
            |call| call.legs[0].amounts[1].tokens = 1,
            "entry leg 1 cache_read count",
        ),
        (|call| call.legs[0].metered.usage.output = 1, "entry leg 1 output count"),
        (|call| call.legs[0].metered.usage.reasoning = 1, "entry leg 1 tokens"),
        (|call| call.legs[0].priced_by = PricedBy::Provider, "entry leg 1 cost"),
        (|call| call.charges[0].amount = 11, "entry charge both window 1 amount"),
        (
            |call| call.charges[1].overrun = 99_999_999,
            "entry charge azure window 1 overrun",
        ),
        (|call| call.charges[2].amount = 1, "entry charge tokens window 1 amount"),
    ];
    for (falsify, expected) in cases {
        let mut wrong = call();
        falsify(&mut wrong);
        let told = told(&kept_of([wrong, call()]).await).await;
        assert!(
            told.iter().any(|words| words == expected),
            "{told:?} has no `{expected}`"
        );
    }
}

#[tokio::test]
async fn every_falsified_column_is_named() {
    let set = |column: &str| format!("UPDATE ledger_segments SET {column} WHERE seq = 1");
    let changed = |column: &str| {
        set(&format!(
            "{column} = CAST(substr({column}, 1, 9) || x'07' || substr({column}, 11) AS BLOB)"
        ))
    };
    let cases: Vec<(String, &str)> = vec![
        (set("seq = 9"), "entry number 1 number"),
        (set("entries = 2"), "entries 1 to 2 entries"),
        (set("low_at = low_at - 1"), "entries 1 to 1 at"),
        (set("high_at = high_at + 1"), "entries 1 to 1 at"),
        (set("low_id = zeroblob(16)"), "entries 1 to 1 id"),
        (
            set("high_id = x'ffffffffffffffffffffffffffffffff'"),
            "entries 1 to 1 id",
        ),
        (set("low_request = zeroblob(16)"), "entries 1 to 1 request"),
        (
            set("high_request = x'ffffffffffffffffffffffffffffffff'"),
            "entries 1 to 1 request",
        ),
        (set("checksum = checksum + 1"), "entries 1 to 1 checksum"),
        (changed("names"), "entries 1 to 1 checksum"),
        (changed("ids"), "entries 1 to 1 checksum"),
        (changed("records"), "entries 1 to 1 checksum"),
        (set("records = zeroblob(99)"), "entry body"),
        (set("records = x''"), "quota azure window 1 settled"),
        (set("names = x''"), "entry body"),
        (set("ids = x''"), "entries 1 to 1 entries"),
        (
            "DELETE FROM ledger_segments WHERE seq = 1".into(),
            "entry number 1 number",
        ),
        (
            "DELETE FROM ledger_segments WHERE seq = 2".into(),
            "quota azure window 1 settled",
        ),
        (
            "INSERT INTO ledger_segments SELECT org, 3, v, entries, low_at, high_at, low_id, high_id, low_request,
                 high_request, checksum, names, ids, records FROM ledger_segments WHERE seq = 1"
                .into(),
            "entry id",
        ),
        (
            "INSERT INTO ledger_segments SELECT org, 3, v, entries, low_at, high_at, low_id, high_id, low_request,
                 high_request, checksum, names, ids, records FROM ledger_segments WHERE seq = 1"
                .into(),
            "quota azure window 1 settled",
        ),
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
        .execute("UPDATE ledger_segments SET v = 99 WHERE seq = 1", [])
        .unwrap();
    let stores = Sqlite::look(folder.path(), &Org::default()).unwrap();
    for refused in [
        stores.ledger().verify().await.unwrap_err(),
        stores.ledger().entries(9).await.unwrap_err(),
    ] {
        assert!(
            refused.to_string().contains("a segment of the ledger is in format 99"),
            "{refused}"
        );
    }
    stores.close().await;
}
