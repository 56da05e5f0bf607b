//! A record of the audit log that was changed, removed or moved is found.

use std::path::Path;

use gateway::ports::audit::{AuditEvent, AuditFault, AuditVerified};
use gateway::ports::settings::{Change, Edit};
use gateway_store::Sqlite;
use gateway_types::{Org, Revision};
use rusqlite::Connection;
use serde_json::json;

use crate::books::NOW;

async fn written(folder: &Path) {
    let stores = Sqlite::open(folder, &Org::default()).unwrap();
    let event = |n: u32| AuditEvent {
        at: NOW,
        actor: format!("actor {n}"),
        action: "login".into(),
        target: format!("user/{n}"),
        before: Some(json!({ "n": n })),
        after: Some(json!({ "n": n + 1 })),
        revision: None,
    };
    let events: Vec<AuditEvent> = (1..=4).map(event).collect();
    stores.audit().append(&events).await.unwrap();
    let change = Change {
        expected: Revision(0),
        at: NOW,
        author: "ann".into(),
        edits: vec![Edit {
            section: "team".into(),
            name: "t".into(),
            before: None,
            after: Some(json!({ "name": "T" })),
        }],
    };
    stores.settings().commit(&change).await.unwrap();
    stores.close().await;
}

async fn verified_after(sql: &str) -> AuditVerified {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    Connection::open(folder.path().join("gateway.db"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    let stores = Sqlite::look(folder.path(), &Org::default()).unwrap();
    let verified = stores.audit().verify().await.unwrap();
    stores.close().await;
    verified
}

#[tokio::test]
async fn a_chain_that_nobody_touched_holds() {
    let verified = verified_after("").await;
    assert_eq!((verified.records, verified.found), (5, 0), "{:?}", verified.faults);
}

#[tokio::test]
async fn every_changed_column_is_found() {
    let columns = [
        "at = at + 1",
        "actor = 'x'",
        "action = 'x'",
        "target = 'x'",
        "revision = 7",
        "before = '{\"n\": 3}'",
        "before = NULL",
        "after = '{}'",
        "hash = randomblob(32)",
        "hash = x'00'",
        "v = 0",
    ];
    for column in columns {
        let verified = verified_after(&format!("UPDATE audit_records SET {column} WHERE seq = 3")).await;
        assert_eq!(verified.faults.first(), Some(&AuditFault::Changed(3)), "{column}");
    }
    let last = verified_after("UPDATE audit_records SET actor = 'x' WHERE seq = 5").await;
    assert_eq!(last.faults, [AuditFault::Changed(5)], "the last one too");
}

#[tokio::test]
async fn a_removed_record_is_found_wherever_it_stood() {
    let check = async |sql: &str, expected: &[AuditFault]| {
        assert_eq!(verified_after(sql).await.faults, expected, "{sql}");
    };
    let remove = "DELETE FROM audit_records WHERE seq";
    check(&format!("{remove} = 1"), &[AuditFault::Missing(1, 1)]).await;
    check(&format!("{remove} IN (2, 3)"), &[AuditFault::Missing(2, 3)]).await;
    check(&format!("{remove} = 5"), &[AuditFault::Missing(5, 5)]).await;
    check("DELETE FROM audit_records", &[AuditFault::Missing(1, 5)]).await;
    let closed = format!("{remove} = 2; UPDATE audit_records SET seq = seq - 1 WHERE seq > 2");
    let faults = verified_after(&closed).await.faults;
    assert_eq!(
        faults.first(),
        Some(&AuditFault::Changed(2)),
        "a gap that was closed shows: {faults:?}"
    );
}

#[tokio::test]
async fn records_that_changed_places_are_found() {
    let swap = "UPDATE audit_records SET seq = 99 WHERE seq = 2;
                UPDATE audit_records SET seq = 2 WHERE seq = 3;
                UPDATE audit_records SET seq = 3 WHERE seq = 99";
    let faults = verified_after(swap).await.faults;
    assert_eq!(
        faults,
        [AuditFault::Changed(2), AuditFault::Changed(3), AuditFault::Changed(4)]
    );
}

#[tokio::test]
async fn a_change_that_fails_leaves_no_record() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    Connection::open(folder.path().join("gateway.db"))
        .unwrap()
        .execute_batch("DROP TABLE documents")
        .unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let change = Change {
        expected: Revision(1),
        at: NOW,
        author: "ann".into(),
        edits: vec![Edit {
            section: "team".into(),
            name: "u".into(),
            before: None,
            after: Some(json!({})),
        }],
    };
    stores.settings().commit(&change).await.unwrap_err();
    let verified = stores.audit().verify().await.unwrap();
    assert_eq!((verified.records, verified.found), (5, 0));
    stores.close().await;
}
