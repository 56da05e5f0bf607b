//! A process that dies without a word leaves books that add up.

use std::path::Path;
use std::process::Command;

use gateway_governance::ledger::Ask;
use gateway_governance::quota::{Cut, Unit};
use gateway_store::Sqlite;
use gateway_types::Org;

use crate::books::{NOW, charge, entry};

/// Names the folder in which [`a_process_that_dies`] is to die.
const FOLDER: &str = "GATEWAY_STORE_TEST_CRASH";

fn ask(want: i64) -> Ask {
    Ask {
        quota: "q".into(),
        unit: Unit::NanoUsd,
        limit: 100,
        cut: Cut::Day,
        want,
    }
}

/// Does nothing unless [`FOLDER`] is set: then it takes a slice, settles a part of it, and aborts.
#[tokio::test]
async fn a_process_that_dies() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let stores = Sqlite::open(Path::new(&folder), &Org::default()).unwrap();
    let window = stores.ledger().lease(&[ask(60)], NOW).await.unwrap()[0].window;
    stores
        .ledger()
        .append(&[entry(vec![charge("q", window, 25, 0)])])
        .await
        .unwrap();
    std::process::abort();
}

#[tokio::test]
async fn what_a_dead_process_had_out_is_unaccounted() {
    let folder = tempfile::tempdir().unwrap();
    let died = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_process_that_dies", "--test-threads=1"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(!died.status.success(), "it was to die");
    assert!(
        folder.path().join("gateway.db-wal").exists(),
        "it was to die before it could tidy up"
    );

    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let ledger = stores.ledger();
    ledger.recover().await.unwrap();
    let state = &ledger.windows().await.unwrap()[0];
    assert_eq!(
        (state.granted, state.settled, state.overrun, state.unaccounted),
        (60, 25, 0, 35)
    );
    let verified = ledger.verify().await.unwrap();
    assert_eq!((verified.entries, verified.windows, verified.found), (1, 1, 0));
    assert_eq!(ledger.entries(10).await.unwrap().len(), 1);
    let slice = &ledger.lease(&[ask(100)], NOW).await.unwrap()[0];
    assert_eq!(
        (slice.granted, slice.charged),
        (40, 60),
        "grants stay below the limit over the crash"
    );
    assert_eq!(ledger.write_off(&"q".into(), state.window).await, Ok(35));
    let slice = &ledger.lease(&[ask(100)], NOW).await.unwrap()[0];
    assert_eq!((slice.granted, slice.granted_in_all, slice.charged), (35, 100, 25));
    let verified = ledger.verify().await.unwrap();
    assert_eq!(verified.differences, [], "the write-off is in the books");
    stores.close().await;
}
