//! Opening, closing, and all that can be wrong with a data folder.

use std::path::Path;

use gateway_governance::ledger::Ask;
use gateway_governance::quota::{Cut, Unit};
use gateway_store::{OpenError, Sqlite, Stores};
use gateway_types::{Org, Wall};
use rusqlite::Connection;

fn open(folder: &Path) -> Result<Stores, OpenError> {
    Sqlite::open(folder, &Org::default())
}

fn refusal(folder: &Path) -> String {
    open(folder).expect_err("it is refused").to_string()
}

fn ask() -> Ask {
    Ask {
        quota: "q".into(),
        unit: Unit::Requests,
        limit: 10,
        cut: Cut::Day,
        want: 4,
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a").join("b");
    let stores = open(&folder).unwrap();
    stores.ledger().lease(&[ask()], Wall::from_millis(0)).await.unwrap();
    let before = stores.ledger().windows().await.unwrap();
    stores.close().await;

    let stores = open(&folder).unwrap();
    assert_eq!(stores.ledger().windows().await.unwrap(), before);
    stores.close().await;
    assert!(
        !folder.join("gateway.db-wal").exists(),
        "the write-ahead log is taken back into the file"
    );
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let stores = open(folder.path()).unwrap();
    let ledger = stores.ledger();
    stores.close().await;
    let error = ledger.lease(&[ask()], Wall::from_millis(0)).await.unwrap_err();
    assert_eq!(error.to_string(), "the store failed: it is closed");
    ledger.windows().await.unwrap_err();
}

#[tokio::test]
async fn work_in_flight_at_the_close_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let stores = open(folder.path()).unwrap();
    let ledger = stores.ledger();
    let asks = [ask()];
    let mut lease = ledger.lease(&asks, Wall::from_millis(0));
    // Polled once, so that it is in the queue.
    let early = std::future::poll_fn(|cx| std::task::Poll::Ready(lease.as_mut().poll(cx))).await;
    stores.close().await;
    let slices = match early {
        std::task::Poll::Ready(slices) => slices,
        std::task::Poll::Pending => lease.await,
    };
    assert_eq!(slices.unwrap()[0].granted, 4);
}

#[test]
fn a_folder_serves_one_gateway_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).unwrap();
    let second = refusal(folder.path());
    assert_eq!(
        second,
        format!(
            "the data folder {} is in use by another gateway; stop it or name another folder",
            folder.path().display()
        )
    );
    drop(first);
}

#[test]
fn a_folder_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refusal = refusal(&file.join("data"));
    assert!(refusal.starts_with(&format!(
        "the data folder {} cannot be written: ",
        file.join("data").display()
    )));
}

#[cfg(unix)]
#[test]
fn a_new_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("data");
    let _stores = open(&folder).unwrap();
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

/// Makes a data folder and does something to one of its files.
async fn meddled(file: &str, sql: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().close().await;
    Connection::open(folder.path().join(file))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    folder
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = meddled("gateway.db", "INSERT INTO schema_migrations VALUES (99, 'x')").await;
    let file = folder.path().join("gateway.db");
    assert_eq!(
        refusal(folder.path()),
        format!(
            "{} has schema version 99, this gateway knows versions up to 3; use a newer gateway",
            file.display()
        )
    );
}

#[cfg(feature = "gateway")]
#[tokio::test]
async fn a_newer_schema_of_the_logs_is_refused() {
    let folder = meddled("logs.db", "INSERT INTO schema_migrations VALUES (7, 'x')").await;
    assert!(matches!(
        open(folder.path()),
        Err(OpenError::Newer { found: 7, known: 4, .. })
    ));
}

#[tokio::test]
async fn a_schema_of_another_build_is_refused() {
    let folder = meddled("gateway.db", "UPDATE schema_migrations SET checksum = 'other'").await;
    assert!(matches!(
        open(folder.path()),
        Err(OpenError::Changed { version: 1, .. })
    ));
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.db");
    std::fs::write(&file, "Dear diary, this is not a database. ".repeat(100)).unwrap();
    let refusal = refusal(folder.path());
    assert!(
        refusal.starts_with(&format!("{} cannot be opened: ", file.display())),
        "{refusal}"
    );
}

#[tokio::test]
async fn organisations_do_not_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let stores = open(folder.path()).unwrap();
    stores.ledger().lease(&[ask()], Wall::from_millis(0)).await.unwrap();
    stores.close().await;
    let stores = Sqlite::open(folder.path(), &Org::new("other")).unwrap();
    assert_eq!(stores.ledger().windows().await.unwrap(), []);
    stores.ledger().lease(&[ask()], Wall::from_millis(0)).await.unwrap();
    assert_eq!(stores.ledger().windows().await.unwrap()[0].granted, 4);
    stores.close().await;
}

#[tokio::test]
async fn books_can_be_read_while_a_gateway_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let stores = open(folder.path()).unwrap();
    stores.ledger().lease(&[ask()], Wall::from_millis(0)).await.unwrap();
    let onlooker = Sqlite::look(folder.path(), &Org::default()).unwrap();
    assert_eq!(
        onlooker.ledger().windows().await.unwrap(),
        stores.ledger().windows().await.unwrap()
    );
    stores.ledger().lease(&[ask()], Wall::from_millis(0)).await.unwrap();
    assert_eq!(
        onlooker.ledger().windows().await.unwrap()[0].granted,
        8,
        "it sees what comes"
    );
    let refused = onlooker
        .ledger()
        .lease(&[ask()], Wall::from_millis(0))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
    onlooker.close().await;
    stores.close().await;
    let alone = Sqlite::look(folder.path(), &Org::default()).unwrap();
    assert_eq!(
        alone.ledger().windows().await.unwrap()[0].granted,
        8,
        "and needs no gateway"
    );
    alone.close().await;
}

#[tokio::test]
async fn whoever_only_looks_makes_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Sqlite::look(folder.path(), &Org::default()).unwrap_err().to_string();
    assert!(missing.contains("gateway.db does not exist"), "{missing}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    let folder = meddled("gateway.db", "DELETE FROM schema_migrations WHERE version = 3").await;
    let older = Sqlite::look(folder.path(), &Org::default()).unwrap_err().to_string();
    assert!(
        older.ends_with("has schema version 2, this gateway reads version 3; start this gateway on it once"),
        "{older}"
    );
    let folder = meddled("gateway.db", "INSERT INTO schema_migrations VALUES (99, 'x')").await;
    let newer = Sqlite::look(folder.path(), &Org::default()).unwrap_err();
    assert!(matches!(newer, OpenError::Newer { found: 99, .. }));
}
