//! Every backend passes the suites of the ports that it is behind.

use std::sync::{Arc, Mutex};

use gateway_store::{Sqlite, Stores};
use gateway_types::Org;
use tempfile::TempDir;

/// Fresh stores, kept until the suite is through with them.
#[derive(Default)]
struct Fresh(Mutex<Vec<(Stores, TempDir)>>);

impl Fresh {
    fn open<T: ?Sized>(&self, port: impl Fn(&Stores) -> Arc<T>) -> Arc<T> {
        let folder = tempfile::tempdir().unwrap();
        let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
        let port = port(&stores);
        self.0.lock().unwrap().push((stores, folder));
        port
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_keeps_its_promises() {
    let fresh = Fresh::default();
    gateway_governance::conformance::ledger(|| async { fresh.open(Stores::ledger) }).await;
}

#[cfg(feature = "gateway")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_keep_their_promises() {
    let fresh = Fresh::default();
    gateway::ports::conformance::settings(|| async { fresh.open(Stores::settings) }).await;
}

#[cfg(feature = "gateway")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_keep_their_promises() {
    let fresh = Fresh::default();
    gateway::ports::conformance::objects(|| async { fresh.open(Stores::objects) }).await;
}

#[cfg(feature = "gateway")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_keep_their_promises() {
    let fresh = Fresh::default();
    gateway::ports::conformance::logs(|| async { fresh.open(Stores::logs) }).await;
}

#[cfg(feature = "gateway")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_keeps_its_promises() {
    let fresh = Fresh::default();
    let pair = |stores: &Stores| Arc::new((stores.audit(), stores.settings()));
    gateway::ports::conformance::audit(|| async {
        let pair = fresh.open(pair);
        (Arc::clone(&pair.0), Arc::clone(&pair.1))
    })
    .await;
}
