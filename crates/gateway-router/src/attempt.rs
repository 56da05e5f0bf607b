//! One try at one deployment, as a guard.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway_types::{Now, Tick};
use serde::Serialize;

use crate::health::{Health, Permit};
use crate::outcome::Outcome;
use crate::query::{Candidate, Deployment, Query};

/// One try at one deployment: a [`Choice`] and the right to call it.
///
/// It is held until the end of the answer's body, so it may outlive the [`Cursor`](crate::Cursor) that gave it. Say how
/// it ended with [`finish`](Attempt::finish); one that is dropped without is abandoned: what it held goes back, and the
/// deployment's health does not suffer.
#[derive(Debug)]
pub struct Attempt {
    choice: Choice,
    health: Arc<Health>,
    /// Taken out when the attempt ends.
    permit: Option<Permit>,
    serial: u32,
    sent: Tick,
    first_byte: bool,
}

/// What was chosen for one try. Cheap to clone, and free to outlive it.
#[derive(Clone)]
pub struct Choice {
    pub(crate) request: Arc<Request>,
    pub(crate) group: usize,
    pub(crate) index: usize,
    pub(crate) ordinal: u32,
    pub(crate) kind: Kind,
    pub(crate) delay: Duration,
}

/// What an attempt is in the course of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The first one.
    First,
    /// The same key again.
    Retry,
    /// Another key of the same provider and model.
    OtherKey,
    /// Another provider or model.
    Fallback,
}

impl Kind {
    /// The word for it in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Retry => "retry",
            Self::OtherKey => "other_key",
            Self::Fallback => "fallback",
        }
    }
}

impl Choice {
    /// The place to call.
    pub fn deployment(&self) -> &Deployment {
        &self.candidate().deployment
    }

    /// The candidate, as the query gave it.
    pub fn candidate(&self) -> &Candidate {
        &self.request.query.groups[self.group].candidates[self.index]
    }

    /// The query that it was chosen for.
    pub fn query(&self) -> &Query {
        &self.request.query
    }

    /// Which group of the query it is from: 0 the asked model, then the request's own fallbacks.
    pub fn group(&self) -> usize {
        self.group
    }

    /// Which attempt of the request this is, from 1. Skipped ones do not count.
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// What it is in the course of the request.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How long to wait before sending. Not zero for retries only.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// How long to wait for the head of the response.
    pub fn timeout(&self) -> Duration {
        self.candidate().timeout
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("deployment", self.deployment())
            .field("ordinal", &self.ordinal)
            .field("kind", &self.kind)
            .field("delay", &self.delay)
            .finish()
    }
}

impl Deref for Attempt {
    type Target = Choice;

    fn deref(&self) -> &Choice {
        &self.choice
    }
}

impl Attempt {
    pub(crate) fn new(choice: Choice, health: Arc<Health>, permit: Permit, serial: u32, now: Now) -> Self {
        let sent = now.tick.plus(choice.delay);
        Self {
            choice,
            health,
            permit: Some(permit),
            serial,
            sent,
            first_byte: false,
        }
    }

    /// What was chosen, to be kept beyond the attempt.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// The first byte of an answer is here: this is its time to first byte, and a broken place works again, however
    /// long the answer will be. Only the first call counts.
    pub fn first_byte(&mut self, now: Now) {
        if let Some(permit) = self.permit.as_ref().filter(|_| !self.first_byte) {
            self.health.first_byte(permit, now.tick.since(self.sent), now);
            self.first_byte = true;
        }
    }

    /// It ended like this.
    pub fn finish(mut self, outcome: Outcome, now: Now) {
        if let Some(permit) = self.permit.take() {
            let waited = (!self.first_byte).then(|| now.tick.since(self.sent));
            self.health.settle(&permit, &outcome, waited, now);
        }
        self.choice.request.report(self.serial, outcome);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.health.release(&permit);
        }
    }
}

/// What a cursor and its attempts share.
pub(crate) struct Request {
    pub(crate) query: Query,
    reports: Mutex<Reports>,
}

/// What attempts have told the cursor.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    /// The last report, and of which attempt it is.
    pub(crate) last: Option<(u32, Outcome)>,
    /// The outcome after which nobody else is asked, whichever attempt it is of.
    pub(crate) settled: Option<Outcome>,
}

impl Request {
    pub(crate) fn new(query: Query) -> Self {
        Self {
            query,
            reports: Mutex::default(),
        }
    }

    fn report(&self, serial: u32, outcome: Outcome) {
        let mut reports = self.reports();
        if !outcome.moves_on() {
            reports.settled = Some(outcome.clone());
        }
        // Of attempts that overlap, the later one is the one that the cursor will ask about.
        if reports.last.as_ref().is_none_or(|(last, _)| *last <= serial) {
            reports.last = Some((serial, outcome));
        }
    }

    /// Held for moments only; a panic elsewhere cannot leave it half written.
    pub(crate) fn reports(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
