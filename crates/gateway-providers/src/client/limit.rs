//! How many exchanges a host may have at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::uri::Authority;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many hosts are remembered before those without an exchange are forgotten.
const HOSTS: usize = 256;

/// A limit per host. An HTTP/1.1 exchange takes a connection, so this bounds connections.
#[derive(Debug)]
pub(super) struct Limits {
    most: usize,
    hosts: Mutex<HashMap<Authority, Arc<Semaphore>>>,
}

impl Limits {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most: most.min(Semaphore::MAX_PERMITS),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place; how long is the caller's to bound.
    pub(super) async fn enter(&self, host: &Authority) -> OwnedSemaphorePermit {
        self.host(host)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed: nothing calls close")
    }

    fn host(&self, host: &Authority) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host) {
            return Arc::clone(known);
        }
        if hosts.len() >= HOSTS {
            // A permit or a waiter holds its semaphore, so these are in nobody's hands.
            hosts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let semaphore = Arc::new(Semaphore::new(self.most));
        hosts.insert(host.clone(), Arc::clone(&semaphore));
        semaphore
    }
}
