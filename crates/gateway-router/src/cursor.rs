//! The walk of one request along its plan.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gateway_types::{Now, Tick};
use serde::Serialize;
use smallvec::{SmallVec, smallvec};

use crate::attempt::{Attempt, Choice, Kind, Request};
use crate::health::{Health, Permit};
use crate::outcome::Outcome;
use crate::plan::{Pick, Plan};
use crate::query::{Candidate, Deployment, Query};
use crate::rng::Rng;
use crate::view::View;

/// The health of every candidate of a query, in its order.
pub(crate) type Cells = SmallVec<[Arc<Health>; 4]>;

/// The walk of one request along its plan.
///
/// Ask [`next`](Cursor::next) for an attempt, wait its [`delay`](Choice::delay), make the call, say how it ended, and
/// ask again. It ends after a success, after an answer that is the client's to see, and when nothing is left to spend.
/// No deployment is tried twice, except as a retry that its provider's policy asks for.
pub struct Cursor {
    request: Arc<Request>,
    view: View,
    plan: Arc<Plan>,
    cells: Cells,
    /// For every pick, whether it is still to be tried.
    open: SmallVec<[bool; 8]>,
    deadline: Tick,
    rng: Rng,
    attempts: u32,
    serials: u32,
    /// The attempt that the next call of `next` asks about.
    last: Option<Trial>,
    /// The attempt before which the next one is another key, a retry or a fallback.
    previous: Option<usize>,
    end: Option<End>,
}

/// An attempt that was given out.
#[derive(Clone, Copy)]
struct Trial {
    pick: usize,
    serial: u32,
    retries: u32,
}

/// Why a cursor gives no further attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// An attempt succeeded.
    Answered,
    /// The upstream rejected the request itself.
    Rejected,
    /// Every candidate was tried, or is behind one that failed.
    NoneLeft,
    /// The request has made as many attempts as it may.
    AttemptsSpent,
    /// It is too late to start another one.
    TooLate,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered => "an attempt succeeded",
            Self::Rejected => "the upstream rejected the request",
            Self::NoneLeft => "no candidate is left",
            Self::AttemptsSpent => "the request has made as many attempts as it may",
            Self::TooLate => "it is too late to start another attempt",
        })
    }
}

impl Cursor {
    pub(crate) fn new(query: Query, view: View, plan: Plan, cells: Cells, now: Now) -> Self {
        Self {
            open: smallvec![true; plan.picks.len()],
            deadline: now.tick.plus(query.limits.start_within),
            // The plan's lots are drawn from the seed itself; the jitter of retries is another stream.
            rng: Rng::new(!plan.seed),
            request: Arc::new(Request::new(query)),
            view,
            plan: Arc::new(plan),
            cells,
            attempts: 0,
            serials: 0,
            last: None,
            previous: None,
            end: None,
        }
    }

    /// What is walked along.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same, to be kept beyond the walk.
    pub fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// The health that the plan was made from.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What was asked.
    pub fn query(&self) -> &Query {
        &self.request.query
    }

    /// How many attempts were made. One that was skipped does not count once it has said so.
    pub fn attempts(&self) -> u32 {
        let last = self.last.map(|trial| trial.serial);
        let reports = self.request.reports();
        let skipped = matches!(&reports.last, Some((serial, Outcome::Skipped(_))) if Some(*serial) == last);
        self.attempts - u32::from(skipped)
    }

    /// Why [`next`](Cursor::next) gave nothing; none as long as it has not.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The next attempt. The last one should have said how it ended; if it has not, it counts as given up, and its
    /// place is not asked again.
    pub fn next(&mut self, now: Now) -> Option<Attempt> {
        if self.end.is_some() {
            return None;
        }
        let retry = self.learn();
        if self.end.is_none() && self.attempts >= self.query().limits.attempts {
            self.end = Some(End::AttemptsSpent);
        }
        if self.end.is_none() && now.tick > self.deadline {
            self.end = Some(End::TooLate);
        }
        if self.end.is_some() {
            return None;
        }
        let attempt = retry
            .and_then(|retry| self.again(retry, now))
            .or_else(|| self.onwards(now));
        if attempt.is_none() {
            self.end = Some(End::NoneLeft);
        }
        attempt
    }

    /// Takes in how the last attempt ended: what it rules out, and whether its policy wants it again, and when.
    fn learn(&mut self) -> Option<(Trial, Duration)> {
        let reports = std::mem::take(&mut *self.request.reports());
        if let Some(settled) = reports.settled {
            self.end = Some(if settled == Outcome::Success {
                End::Answered
            } else {
                End::Rejected
            });
        }
        let trial = self.last.take()?;
        let outcome = reports
            .last
            .filter(|(serial, _)| *serial == trial.serial)
            .map(|(_, outcome)| outcome);
        if let Some(Outcome::Skipped(_)) = outcome {
            self.attempts -= 1;
            return None;
        }
        self.previous = Some(trial.pick);
        self.rule_out(trial.pick, outcome.as_ref());
        let outcome = outcome?;
        if matches!(outcome, Outcome::RateLimited { .. }) && self.has_other_key(trial.pick) {
            return None;
        }
        let policy = self.candidate_of(trial.pick).retry;
        let delay = policy.delay(&outcome, trial.retries, &mut self.rng)?;
        Some((
            Trial {
                retries: trial.retries + 1,
                ..trial
            },
            delay,
        ))
    }

    /// What is not worth asking any more: a failure is one of the place, whichever key knocks.
    fn rule_out(&mut self, pick: usize, outcome: Option<&Outcome>) {
        let same: fn(&Deployment, &Deployment) -> bool = match outcome {
            Some(Outcome::KeyRefused | Outcome::RateLimited { .. }) => return,
            Some(Outcome::Unreachable) => Deployment::shares_upstream,
            _ => |one, other| one.shares_upstream(other) && one.serves_alike(other),
        };
        let failed = &self.plan.picks[pick].deployment;
        for (open, pick) in self.open.iter_mut().zip(&self.plan.picks) {
            *open &= !same(failed, &pick.deployment);
        }
    }

    fn has_other_key(&self, pick: usize) -> bool {
        let limited = &self.plan.picks[pick].deployment;
        self.open
            .iter()
            .zip(&self.plan.picks)
            .any(|(open, other)| *open && !other.last_resort && limited.serves_alike(&other.deployment))
    }

    /// The same key again, if there is time for it. The policy wants it, so no breaker is asked.
    fn again(&mut self, (trial, delay): (Trial, Duration), now: Now) -> Option<Attempt> {
        if now.tick.plus(delay) > self.deadline {
            return None;
        }
        let permit = self.claim(trial.pick, true, now)?;
        Some(self.give(trial, permit, Kind::Retry, delay, now))
    }

    /// The first pick that lets itself be claimed; where none does, the first one all the same.
    fn onwards(&mut self, now: Now) -> Option<Attempt> {
        for forced in [false, true] {
            for pick in 0..self.open.len() {
                if !self.open[pick] {
                    continue;
                }
                if let Some(permit) = self.claim(pick, forced, now) {
                    self.open[pick] = false;
                    let trial = Trial {
                        pick,
                        serial: 0,
                        retries: 0,
                    };
                    return Some(self.give(trial, permit, self.kind(pick), Duration::ZERO, now));
                }
            }
        }
        None
    }

    fn claim(&self, pick: usize, forced: bool, now: Now) -> Option<Permit> {
        let most = self.candidate_of(pick).max_in_flight;
        self.cells[self.plan.picks[pick].flat].claim(most, forced, now)
    }

    fn kind(&self, pick: usize) -> Kind {
        let Some(previous) = self.previous else {
            return Kind::First;
        };
        if self.plan.picks[previous]
            .deployment
            .serves_alike(&self.plan.picks[pick].deployment)
        {
            Kind::OtherKey
        } else {
            Kind::Fallback
        }
    }

    fn give(&mut self, trial: Trial, permit: Permit, kind: Kind, delay: Duration, now: Now) -> Attempt {
        self.attempts += 1;
        self.serials += 1;
        self.last = Some(Trial {
            serial: self.serials,
            ..trial
        });
        let Pick { group, index, flat, .. } = self.plan.picks[trial.pick];
        let choice = Choice {
            request: self.request.clone(),
            group: group as usize,
            index: index as usize,
            ordinal: self.attempts,
            kind,
            delay,
        };
        Attempt::new(choice, self.cells[flat].clone(), permit, self.serials, now)
    }

    fn candidate_of(&self, pick: usize) -> &Candidate {
        let Pick { group, index, .. } = self.plan.picks[pick];
        &self.request.query.groups[group as usize].candidates[index as usize]
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("plan", &self.plan)
            .field("attempts", &self.attempts)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
