//! Calls whose client has left, run to their end so that what the provider reports is what is charged.
//!
//! A call stays on the runtime that it began on, where its connection and its timers live; what it takes to hand one over
//! in a `Drop` is a seat and a spawn. The gateway owns the seats, and waits for all of them when it closes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use gateway_governance::settings::OnDisconnect;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

use super::reply::Reply;

/// How many calls may run on without a client at once; those beyond it are cancelled.
const SEATS: u32 = 256;

/// Where calls go whose client has left.
#[derive(Clone, Debug)]
pub(crate) struct Finisher {
    seats: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

/// What is to be done with a call should its client leave, where that is more than to end it.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    finisher: Finisher,
    home: Handle,
    /// The most tokens of output that are still waited for.
    pub(super) most_tokens: u64,
}

impl Finisher {
    pub(crate) fn new() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(SEATS as usize)),
            stopping: watch::Sender::new(false),
        }
    }

    /// Ends whatever still runs: each call is settled on what was counted. Returns when all have.
    pub(crate) async fn close(&self) {
        self.stopping.send_replace(true);
        if let Ok(all) = self.seats.acquire_many(SEATS).await {
            all.forget();
            self.seats.close();
        }
    }

    /// What the policy asks for. To be called on the runtime that the call runs on.
    pub(super) fn patience(&self, policy: OnDisconnect) -> Option<Patience> {
        match policy {
            OnDisconnect::Cancel => None,
            OnDisconnect::Finish { most_tokens } => Some(Patience {
                finisher: self.clone(),
                home: Handle::try_current().ok()?,
                most_tokens,
            }),
        }
    }
}

impl Patience {
    /// Has a call run on by itself. Where too many do, or the gateway is closing, it is dropped, which settles it.
    pub(super) fn run(self, rest: impl Future<Output = ()> + Send + 'static) {
        let Ok(seat) = Arc::clone(&self.finisher.seats).try_acquire_owned() else {
            return;
        };
        let mut stopping = self.finisher.stopping.subscribe();
        self.home.spawn(async move {
            {
                let stopped = stopping.wait_for(|stopping| *stopping);
                tokio::select! {
                    biased;
                    _ = stopped => {}
                    () = rest => {}
                }
            }
            drop(seat);
        });
    }
}

/// Whether an upstream is at work on a call, and whether anybody still waits for it.
#[derive(Clone, Debug, Default)]
pub(super) struct UnderWay(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    sent: AtomicBool,
    left: AtomicBool,
}

impl UnderWay {
    /// An attempt is on its way, or has ended.
    pub(super) fn sent(&self, sent: bool) {
        self.0.sent.store(sent, Ordering::Relaxed);
    }

    /// Whether the client has left, so that nothing more is to be begun for it.
    pub(super) fn is_left(&self) -> bool {
        self.0.left.load(Ordering::Relaxed)
    }
}

/// The answer to a call: should its client leave while an upstream is at work on it, it comes all the same, to nobody.
pub(super) struct Lasting {
    /// Gone once it is done.
    answer: Option<Pin<Box<dyn Future<Output = Reply> + Send>>>,
    patience: Option<Patience>,
    under_way: UnderWay,
}

impl Lasting {
    pub(super) fn new(
        answer: impl Future<Output = Reply> + Send + 'static,
        patience: Patience,
        under_way: UnderWay,
    ) -> Self {
        Self {
            answer: Some(Box::pin(answer)),
            patience: Some(patience),
            under_way,
        }
    }
}

impl Future for Lasting {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let Some(answer) = &mut self.answer else {
            return Poll::Pending;
        };
        let done = answer.as_mut().poll(cx);
        if done.is_ready() {
            self.answer = None;
        }
        done
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let (Some(answer), Some(patience)) = (self.answer.take(), self.patience.take()) else {
            return;
        };
        self.under_way.0.left.store(true, Ordering::Relaxed);
        if self.under_way.0.sent.load(Ordering::Relaxed) {
            patience.run(async { drop(answer.await) });
        }
    }
}
