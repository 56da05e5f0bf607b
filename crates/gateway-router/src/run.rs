//! A whole request in one call, for those who embed the router.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gateway_types::Now;

use crate::attempt::Choice;
use crate::cursor::End;
use crate::outcome::Outcome;
use crate::query::Query;
use crate::router::{NoCandidate, Router};

/// What a router needs of the program that it runs in.
pub trait Host: Send + Sync + 'static {
    /// The time. Ticks never go back.
    fn now(&self) -> Now;

    /// A number that nobody can foresee, another one each time; one that is always the same makes runs repeatable.
    fn seed(&self) -> u64;

    /// Ends after that long.
    fn sleep(&self, span: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A [`Router`] with a clock, dice and a timer. Clones share the router.
#[derive(Clone)]
pub struct Driven {
    router: Router,
    host: Arc<dyn Host>,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum RunError<E> {
    /// Nobody was there to ask.
    #[error(transparent)]
    NoCandidate(#[from] NoCandidate),
    /// Everyone who was asked failed; this is the last one's error.
    #[error("attempt {attempts} failed, and {end}")]
    Failed {
        /// What the last call returned.
        #[source]
        error: E,
        /// How many attempts there were.
        attempts: u32,
        /// Why there was no further one.
        end: End,
    },
    /// The same, where the last one asked did not answer in time, or nothing was asked.
    #[error("no answer in time after {attempts} attempts, and {end}")]
    NoAnswer {
        /// How many attempts there were.
        attempts: u32,
        /// Why there was no further one.
        end: End,
    },
}

impl Driven {
    pub(crate) fn new(router: Router, host: Arc<dyn Host>) -> Self {
        Self { router, host }
    }

    /// The router itself.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Calls `call` with one choice after the other until it succeeds or there is nothing left to try.
    ///
    /// The error of a call says through `From` what it means for the next choice, so `impl From<&MyError> for Outcome`
    /// is all that a client needs. A call that takes longer than its candidate's timeout is dropped and counts as
    /// [`Outcome::TimedOut`]. The attempt ends when the call returns: an answer that streams on afterwards is better
    /// walked with a [`Cursor`](crate::Cursor), whose attempts can be kept until its end.
    pub async fn run<T, E, F, Fut>(&self, query: Query, call: F) -> Result<T, RunError<E>>
    where
        F: Fn(Choice) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        Outcome: for<'e> From<&'e E>,
    {
        let mut cursor = self.router.begin(query, self.host.now(), self.host.seed())?;
        let mut last = None;
        while let Some(attempt) = cursor.next(self.host.now()) {
            if !attempt.delay().is_zero() {
                self.host.sleep(attempt.delay()).await;
            }
            let timeout = self.host.sleep(attempt.timeout());
            let result = within(timeout, call(attempt.choice().clone())).await;
            let outcome = match &result {
                Some(Ok(_)) => Outcome::Success,
                Some(Err(error)) => Outcome::from(error),
                None => Outcome::TimedOut,
            };
            attempt.finish(outcome, self.host.now());
            last = match result {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(error)) => Some(error),
                None => None,
            };
        }
        let attempts = cursor.attempts();
        let end = cursor.end().cloned().unwrap_or(End::NoneLeft);
        Err(match last {
            Some(error) => RunError::Failed { error, attempts, end },
            None => RunError::NoAnswer { attempts, end },
        })
    }
}

/// What `call` gives, unless `timeout` is over first.
async fn within<Fut: Future>(mut timeout: Pin<Box<dyn Future<Output = ()> + Send>>, call: Fut) -> Option<Fut::Output> {
    let mut call = pin!(call);
    poll_fn(|cx| match call.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timeout.as_mut().poll(cx).map(|()| None),
    })
    .await
}

impl fmt::Debug for Driven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven")
            .field("router", &self.router)
            .finish_non_exhaustive()
    }
}
