//! A day that passes in seconds: the clock of the gateway is the clock of a paused runtime, which stands still while anything
//! works and leaps to the next timer when everything waits. Timeouts, retries and streams take the time they take, and calls
//! overlap as they would.

use std::future::Future;

use gateway_types::{Clock, Now, Tick, Wall};
use tokio::runtime::Handle;
use tokio::time::Instant;

/// The runtime's clock, with a calendar.
#[derive(Debug)]
pub(crate) struct RuntimeClock {
    began: Instant,
    at: Wall,
}

impl RuntimeClock {
    /// Shows that time now.
    pub(crate) fn beginning_at(at: Wall) -> Self {
        Self {
            began: Instant::now(),
            at,
        }
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Now {
        let since = self.began.elapsed();
        Now {
            wall: self.at.plus(since),
            tick: Tick::new(since),
        }
    }
}

/// Has the clock stand still while that is waited for: a store's threads are none of the runtime's, which would take the wait
/// for idleness. It must not wait for a timer.
pub(crate) async fn held<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = Handle::current();
    // A runtime does not leap while a blocking task runs.
    tokio::task::spawn_blocking(move || runtime.block_on(work))
        .await
        .expect("what is held neither panics nor is aborted")
}
