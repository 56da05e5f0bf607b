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

/// Whether an upstream is at work on a call, and whether anybody still waits for it; kept where the call may outlast its
/// client.
#[derive(Clone, Debug, Default)]
pub(super) struct UnderWay(Option<Arc<Flags>>);

#[derive(Debug, Default)]
struct Flags {
    sent: AtomicBool,
    left: AtomicBool,
}

impl UnderWay {
    fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    /// An attempt is on its way, or has ended.
    pub(super) fn sent(&self, sent: bool) {
        if let Some(flags) = &self.0 {
            flags.sent.store(sent, Ordering::Relaxed);
        }
    }

    /// Whether the client has left, so that nothing more is to be begun for it.
    pub(super) fn is_left(&self) -> bool {
        self.0.as_ref().is_some_and(|flags| flags.left.load(Ordering::Relaxed))
    }

    /// The client leaves. Whether an upstream is at work.
    fn leave(&self) -> bool {
        let leave = |flags: &Arc<Flags>| {
            flags.left.store(true, Ordering::Relaxed);
            flags.sent.load(Ordering::Relaxed)
        };
        self.0.as_ref().is_some_and(leave)
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
    /// `work` is to tell when an upstream is at work on it.
    pub(super) fn new<F>(patience: Patience, work: impl FnOnce(UnderWay) -> F) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let under_way = UnderWay::kept();
        Self {
            answer: Some(Box::pin(work(under_way.clone()))),
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
        if self.under_way.leave() {
            patience.run(async { drop(answer.await) });
        }
    }
}
