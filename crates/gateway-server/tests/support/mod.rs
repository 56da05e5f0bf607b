//! What the tests stand on: the real binary, upstreams that do as they are told, and a client.

pub(crate) mod answer;
pub(crate) mod client;
pub(crate) mod document;
pub(crate) mod gateway;
pub(crate) mod raw;
pub(crate) mod settings;
pub(crate) mod shapes;
pub(crate) mod upstream;
pub(crate) mod wire;

use std::future::Future;
use std::time::{Duration, Instant};

pub(crate) use answer::{Answer, Gate, Step};
pub(crate) use client::{Live, Reply};
pub(crate) use gateway::Gateway;
pub(crate) use upstream::Upstream;
pub(crate) use wire::Seen;

/// How long anything that must happen may take before the test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Looks again and again until there is something, or patience ends.
pub(crate) async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// Ends a test that would otherwise wait forever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("still waiting: {what}"),
    }
}
