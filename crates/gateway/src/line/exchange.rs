//! The notebook of one turn: facts are only added; logs and metrics read it at the end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_governance::directory::Principal;
use gateway_governance::entry::Tags;
use gateway_governance::governor::{RateLimits, Settled};
use gateway_router::{Choice, Cursor, Outcome};
use gateway_types::loss::Loss;
use gateway_types::{Call, Clock, Error, NanoUsd, Now};

use super::rules::Routing;
use super::{Arrival, decided, tags};
use crate::control::memo::Granted;
use crate::ports::logs::content::{self, CONTENT_LIMIT};
use crate::ports::logs::{Hosting, LOG_VERSION, LogAttempt, LogError, LogRow, LogRule, Status};
use crate::record::Recorder;

/// One client request, from its head to its last byte. It is recorded exactly once: by [`Exchange::close`], or, where
/// the client left before there was an answer, when it is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Nobody else's until it is recorded, when it is taken.
    row: Option<Arc<LogRow>>,
    received: Now,
    clock: Arc<dyn Clock>,
    recorders: Arc<[Arc<dyn Recorder>]>,
    capture: bool,
    /// What the client has got, where that is kept.
    answer: Vec<u8>,
    /// What routing rules made of it, until there is a plan that it stands beside.
    routing: Option<Box<Routing>>,
    /// What the caller's rate limits leave.
    limits: RateLimits,
}

impl Exchange {
    pub(super) fn open(arrival: &Arrival, clock: Arc<dyn Clock>, recorders: Arc<[Arc<dyn Recorder>]>) -> Box<Self> {
        for recorder in recorders.iter() {
            recorder.opened();
        }
        let row = Arc::new(LogRow {
            v: LOG_VERSION,
            id: arrival.id,
            at: arrival.received.wall,
            operation: Some(arrival.asked.operation),
            dialect: Some(arrival.dialect),
            asked: None,
            provider: None,
            key: None,
            model: None,
            hosting: None,
            virtual_key: None,
            team: None,
            customer: None,
            tags: tags::none(),
            stream: false,
            status: Status::Cancelled,
            // What proxies write for a client that closed its request; replaced as soon as there is an answer.
            http_status: 499,
            error: None,
            latency_us: 0,
            ttft_us: None,
            upstream_us: 0,
            metered: None,
            cost: NanoUsd::ZERO,
            unpriced: false,
            rule: None,
            attempts: Vec::new(),
            plan: None,
            losses: Vec::new(),
            clamped: None,
            request_body: None,
            response_body: None,
        });
        Box::new(Self {
            row: Some(row),
            received: arrival.received,
            clock,
            recorders,
            capture: false,
            answer: Vec::new(),
            routing: None,
            limits: RateLimits::default(),
        })
    }

    /// Writes into the row, unless it has been recorded.
    fn note(&mut self, write: impl FnOnce(&mut LogRow)) {
        if let Some(row) = self.row.as_mut().and_then(Arc::get_mut) {
            write(row);
        }
    }

    pub(super) fn caller(&mut self, principal: &Principal) {
        let Some(key) = principal.key() else { return };
        self.note(|row| {
            row.virtual_key = Some(key.id.clone());
            row.team = key.team.clone();
            row.customer = key.customer.clone();
        });
    }

    /// What is said of it; `dropped`: how much of that was too much.
    pub(super) fn tagged(&mut self, tags: &Tags, dropped: usize) {
        self.note(|row| {
            row.tags = Arc::clone(tags);
            if dropped > 0 {
                let note = format!("{dropped} were too many, too long or no text");
                row.losses.push(Loss::dropped("tags", note));
            }
        });
    }

    /// What the caller's rate limits leave now.
    pub(super) fn limited(&mut self, limits: RateLimits) {
        self.limits = limits;
    }

    pub(super) fn limits(&self) -> &RateLimits {
        &self.limits
    }

    pub(super) fn called(&mut self, call: &Call, capture: Option<&Bytes>) {
        self.capture = capture.is_some();
        self.note(|row| {
            row.asked = Some(call.model.clone());
            row.stream = call.stream;
            row.request_body = capture.map(|body| content::keep(body));
        });
    }

    /// What routing rules made of it.
    pub(super) fn routed(&mut self, routing: Routing) {
        let rule = routing.rule.as_ref().map(|rule| LogRule {
            id: rule.id.clone(),
            name: rule.name.clone(),
        });
        self.note(|row| row.rule = rule);
        self.routing = Some(Box::new(routing));
    }

    pub(super) fn routing(&self) -> Option<&Routing> {
        self.routing.as_deref()
    }

    /// Where it is to go, and what its caller may not use.
    pub(super) fn planned(&mut self, cursor: &Cursor, grants: &[Arc<Granted>]) {
        let plan = decided::note(Some(cursor.shared_plan()), self.routing.take(), grants);
        self.note(|row| row.plan = Some(plan));
    }

    /// An attempt begins: gives what [`Exchange::attempted`] needs to write it down.
    pub(super) fn begin(&self, now: Now) -> Begun {
        Begun {
            at: now,
            after: now.tick.since(self.received.tick),
            head: None,
        }
    }

    /// An attempt has ended, or its first byte has come.
    pub(super) fn attempted(&mut self, begun: Begun, choice: &Choice, ended: &Ended<'_>) {
        let mut attempt = begun.ended(choice, ended.outcome.code(), ended.at);
        attempt.http_status = ended.http_status;
        attempt.message = ended.message.map(str::to_owned);
        self.note(|row| {
            if !matches!(ended.outcome, Outcome::Skipped(_)) {
                row.upstream_us += attempt.took_us;
            }
            row.attempts.reserve_exact(1);
            row.attempts.push(attempt);
        });
    }

    /// The client left during an attempt, which says nothing about the upstream.
    pub(super) fn abandoned(&mut self, begun: Begun, choice: &Choice, now: Now) {
        let attempt = begun.ended(choice, "abandoned", now);
        self.note(|row| {
            row.upstream_us += attempt.took_us;
            row.attempts.push(attempt);
        });
    }

    /// How many attempts were made; those that were skipped are none.
    pub(super) fn attempts(&self) -> u64 {
        let attempts = self.row().map_or(&[][..], |row| &row.attempts);
        attempts.iter().filter(|attempt| attempt.outcome != "skipped").count() as u64
    }

    /// Who answers.
    pub(super) fn answered_by(&mut self, choice: &Choice, hosting: Hosting) {
        let deployment = choice.deployment();
        self.note(|row| {
            row.provider = Some(deployment.provider.clone());
            row.key = Some(deployment.key.clone());
            row.model = Some(deployment.model.clone());
            row.hosting = Some(hosting);
        });
    }

    pub(super) fn translated(&mut self, losses: Vec<Loss>, clamped: Option<u64>) {
        self.note(|row| {
            row.losses.extend(losses);
            row.clamped = clamped;
        });
    }

    /// What the client's dialect could not say of the answer.
    pub(super) fn lost(&mut self, losses: &[Loss]) {
        self.note(|row| row.losses.extend_from_slice(losses));
    }

    /// The stream that was passing is part of the last attempt: it ended so after all.
    pub(super) fn broke(&mut self, outcome: &Outcome, message: &str) {
        self.note(|row| {
            if let Some(last) = row.attempts.last_mut() {
                last.outcome = outcome.code().into();
                last.message = Some(message.to_owned());
            }
        });
    }

    /// A byte of content goes out. Only the first counts.
    pub(super) fn first_content(&mut self) {
        if self.row().is_some_and(|row| row.ttft_us.is_none()) {
            self.first_content_at(self.clock.now());
        }
    }

    /// The first byte of content goes out at that time.
    pub(super) fn first_content_at(&mut self, now: Now) {
        let after = self.until(now);
        self.note(|row| row.ttft_us = Some(after));
    }

    /// From its first byte here until that time, in microseconds.
    fn until(&self, now: Now) -> u64 {
        micros(now.tick.since(self.received.tick))
    }

    /// What it used and cost.
    pub(super) fn settled(&mut self, settled: &Settled) {
        self.note(|row| (row.metered, row.cost, row.unpriced) = (settled.metered, settled.cost, settled.unpriced));
    }

    /// Bytes for the client, kept where content is.
    pub(super) fn passed(&mut self, bytes: &[u8]) {
        if !self.capture {
            return;
        }
        let room = CONTENT_LIMIT.saturating_sub(self.answer.len());
        self.answer.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    pub(super) fn failed(&mut self, error: &Error) {
        self.note(|row| {
            row.error = Some(LogError {
                kind: error.kind,
                message: error.message.clone(),
            });
        });
    }

    /// Facts for the response head, while it is being written.
    pub(super) fn row(&self) -> Option<&LogRow> {
        self.row.as_deref()
    }

    /// Of the time until now, what was the gateway's own, in microseconds.
    pub(super) fn own_us(&self, now: Now) -> u64 {
        self.until(now)
            .saturating_sub(self.row().map_or(0, |row| row.upstream_us))
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The answer's head is out with that status.
    pub(super) fn head(&mut self, http_status: u16) {
        self.note(|row| row.http_status = http_status);
    }

    /// The client is gone while the upstream is still read: for the client it took until now, and it gets nothing more.
    pub(super) fn left(&mut self) {
        let after = self.until(self.clock.now());
        self.capture = false;
        self.note(|row| row.latency_us = after.max(1));
    }

    /// It is over. Whoever asks second is late.
    pub(super) fn close(&mut self, status: Status) {
        if self.row.is_none() {
            return;
        }
        // It was refused before there was a plan.
        let decided = self
            .routing
            .take()
            .map(|routing| decided::note(None, Some(routing), &[]));
        let answer = (!self.answer.is_empty()).then(|| content::keep(&self.answer));
        let after = self.until(self.clock.now());
        self.note(|row| {
            row.plan = decided.or_else(|| row.plan.take());
            row.response_body = answer;
            if row.latency_us == 0 {
                row.latency_us = after;
            }
            row.status = status;
        });
        let Some(row) = self.row.take() else { return };
        for recorder in self.recorders.iter() {
            recorder.finished(&row);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.close(Status::Cancelled);
    }
}

/// When an attempt began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    at: Now,
    after: Duration,
    /// When the head of its answer came.
    head: Option<Now>,
}

impl Begun {
    /// The head of its answer has come.
    pub(super) fn head(&mut self, now: Now) {
        self.head = Some(now);
    }

    /// The attempt that it was, once it has ended.
    fn ended(self, choice: &Choice, outcome: &'static str, now: Now) -> LogAttempt {
        let since = |at: Now| micros(at.tick.since(self.at.tick));
        let deployment = choice.deployment();
        LogAttempt {
            provider: deployment.provider.clone(),
            key: deployment.key.clone(),
            model: deployment.model.clone(),
            reason: choice.kind().as_str().into(),
            outcome: outcome.into(),
            http_status: None,
            message: None,
            started_us: micros(self.after),
            took_us: since(now),
            head_us: self.head.map(since),
        }
    }
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) struct Ended<'a> {
    pub(super) at: Now,
    pub(super) outcome: &'a Outcome,
    pub(super) http_status: Option<u16>,
    pub(super) message: Option<&'a str>,
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
