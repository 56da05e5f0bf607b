//! A gateway without a socket, for all that measures the line: keys with limits that refuse nothing, upstreams in memory that
//! answer at once, a log store that keeps nothing, and the cases that are measured with them.
//!
//! All of it is on one thread, so that what a call costs is counted whole, the handing over of its entry and row included.

mod answers;
mod bodies;
mod cases;
mod forgetful;
mod setup;
mod upstream;

use std::sync::Arc;

use bytes::Bytes;
use gateway::{Arrival, Gateway, Line};
use gateway_providers::Transport;
use gateway_types::{Clock, DialectName, ManualClock, Now, Operation, RequestId, Tick, Wall};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use tokio::runtime::Runtime;
use upstream::Upstream;

pub use answers::{Answer, FRAMES};
pub use bodies::{chat, code, prose};
pub use cases::{CASES, Case};
pub use setup::presented;

/// After so many calls the writers of ledger entries and log rows get the thread.
pub const BATCH: usize = 32;

/// A gateway, and one line of it.
pub struct Setting {
    /// What everything runs on.
    pub runtime: Runtime,
    /// What answers the calls.
    pub upstream: Arc<dyn Transport>,
    gateway: Gateway,
    line: Line,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting").finish_non_exhaustive()
    }
}

impl Default for Setting {
    fn default() -> Self {
        Self::new(FRAMES, None)
    }
}

impl Setting {
    /// One whose upstreams say streams of so many frames, and whose clock stands still: what is written down of latencies
    /// has the same length every time.
    pub fn still(frames: usize) -> Self {
        let now = Now {
            wall: Wall::from_millis(1_700_000_000_000),
            tick: Tick::default(),
        };
        Self::new(frames, Some(Arc::new(ManualClock::at(now))))
    }

    fn new(frames: usize, clock: Option<Arc<dyn Clock>>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime needs no more than this thread");
        let upstream: Arc<dyn Transport> = Arc::new(Upstream::new(frames));
        let gateway = runtime.block_on(setup::gateway(&upstream, clock));
        let line = gateway.line(Arc::clone(&upstream));
        Self {
            runtime,
            upstream,
            gateway,
            line,
        }
    }

    /// One call, from its arrival to the last byte of its answer; says how it ended and how many bytes there were.
    pub async fn call(&self, headers: &HeaderMap, body: &Bytes) -> (StatusCode, usize) {
        let received = self.gateway.clock().now();
        let arrival = Arrival {
            id: RequestId::new(received),
            received,
            dialect: DialectName::OpenAi,
            asked: gateway_types::Asked::plain(Operation::Chat),
            aim: None,
            caller: gateway::Caller::Presented,
            headers: headers.clone(),
        };
        let reply = match self.line.open(arrival) {
            Ok(turn) => turn.run(body.clone()).await,
            Err(refusal) => *refusal,
        };
        (reply.status, drain(reply.body).await)
    }

    /// So many calls of a case, each of which must end as the case says.
    pub async fn calls(&self, case: &Case, calls: usize) {
        for nth in 1..=calls {
            let (status, length) = self.call(&case.headers, &case.body).await;
            assert_eq!(status, case.status, "{} ends otherwise", case.name);
            assert_ne!(length, 0, "{} has no answer", case.name);
            if nth.is_multiple_of(BATCH) {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits until all is written.
    pub fn close(&self) {
        self.runtime.block_on(self.gateway.close());
    }
}

/// Reads a body to its end and says how long it was.
pub async fn drain<B>(mut body: B) -> usize
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Debug,
{
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame
            .expect("the body does not break off")
            .into_data()
            .map_or(0, |data| data.len());
    }
    length
}
