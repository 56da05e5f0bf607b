//! What is remembered of one deployment: how it answered, how fast, how many calls it has, and when it may be asked again.

mod breaker;
mod ewma;
mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};
use std::time::Duration;

use gateway_types::Now;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use breaker::Breaker;
use breaker::{Pass, Phase};
use ewma::PeakEwma;
use window::Window;

use crate::config::{Config, ms};
use crate::outcome::Outcome;

/// How a deployment stands at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Whether it may be asked.
    pub condition: Condition,
    /// When it may be asked again, in milliseconds from then; 0 if it may.
    pub ready_in_ms: u64,
    /// Calls that it has, streams that still run included.
    pub in_flight: u32,
    /// The measured time to the first byte (peak EWMA), in milliseconds.
    pub latency_ms: Option<f64>,
    /// The same, faded with the time since it was measured: what the latency strategy goes by.
    pub expected_ms: Option<f64>,
    /// Calls that ended within the window of the breaker.
    pub calls: u32,
    /// How many of them failed.
    pub failures: u32,
}

impl Standing {
    /// That of one of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        condition: Condition::Ready,
        ready_in_ms: 0,
        in_flight: 0,
        latency_ms: None,
        expected_ms: None,
        calls: 0,
        failures: 0,
    };
}

/// Whether a deployment may be asked, and if not, why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It may.
    #[default]
    Ready,
    /// It was broken; the next call is the probe.
    ProbeDue,
    /// It was broken; the probe is out.
    Probing,
    /// It failed.
    Broken,
    /// Nothing behind its base URL can be reached.
    Unreachable,
    /// Its key was refused.
    KeyRefused,
    /// Its key is limited by the upstream.
    RateLimited,
    /// The upstream did not know the model.
    ModelMissing,
}

impl Condition {
    /// Whether a call is let through.
    pub const fn is_ready(self) -> bool {
        matches!(self, Self::Ready | Self::ProbeDue)
    }
}

/// The memory of one deployment. Every step on it is atomic; nothing locks.
#[derive(Debug)]
pub(crate) struct Health {
    config: Arc<Config>,
    /// Shared by all deployments of a provider behind one base URL.
    upstream: Arc<Breaker>,
    breaker: Breaker,
    window: Window,
    latency: PeakEwma,
    in_flight: AtomicU32,
    cooldown: Cooldown,
    last_failure: LastFailure,
    touched: AtomicU64,
}

/// The right to call a deployment once. It goes back through [`Health::settle`] or [`Health::release`].
#[derive(Debug)]
pub(crate) struct Permit {
    upstream: Pass,
    own: Pass,
    /// The cooldown that the call was made in spite of, or after.
    cooldown: u64,
}

impl Health {
    pub(crate) fn new(config: Arc<Config>, upstream: Arc<Breaker>) -> Self {
        Self {
            config,
            upstream,
            breaker: Breaker::default(),
            window: Window::default(),
            latency: PeakEwma::default(),
            in_flight: AtomicU32::new(0),
            cooldown: Cooldown::default(),
            last_failure: LastFailure::default(),
            touched: AtomicU64::new(0),
        }
    }

    pub(crate) fn standing(&self, now: Now) -> Standing {
        let at = millis(now);
        let (condition, until) = self.condition(at);
        let latency = self.latency.read(at, self.decay());
        let counts = self.window.counts(at, ms(self.config.breaker.window));
        Standing {
            condition,
            ready_in_ms: until.saturating_sub(at),
            in_flight: self.in_flight(),
            latency_ms: latency.map(|(average, _)| average),
            expected_ms: latency.map(|(_, faded)| faded),
            calls: counts.calls,
            failures: counts.failures,
        }
    }

    fn condition(&self, now: u64) -> (Condition, u64) {
        let cooldown = self.cooldown.read().filter(|(until, _)| *until > now);
        let (upstream, own) = (self.upstream.phase(), self.breaker.phase());
        let due = |(phase, until): (Phase, u64)| phase == Phase::Open && until <= now;
        match (upstream, own, cooldown) {
            ((Phase::Open, until), ..) if until > now => (Condition::Unreachable, until),
            (_, _, Some((until, why))) => (why, until),
            (_, (Phase::Open, until), _) if until > now => (Condition::Broken, until),
            ((Phase::Probing, _), ..) | (_, (Phase::Probing, _), _) => (Condition::Probing, now),
            _ if due(upstream) || due(own) => (Condition::ProbeDue, now),
            _ => (Condition::Ready, now),
        }
    }

    /// The latest call that did not come to an answer, and how long ago it ended.
    pub(crate) fn last_failure(&self, now: Now) -> Option<(Outcome, Duration)> {
        let (outcome, at) = self.last_failure.read()?;
        Some((outcome, Duration::from_millis(millis(now).saturating_sub(at))))
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Relaxed)
    }

    /// When it was last called, in milliseconds; none while it is being called.
    pub(crate) fn idle_since(&self) -> Option<u64> {
        (self.in_flight() == 0).then(|| self.touched.load(Relaxed))
    }

    /// Takes the right to one call, all or nothing. `forced` is for the last candidate left.
    pub(crate) fn claim(&self, most: Option<u32>, forced: bool, now: Now) -> Option<Permit> {
        let at = millis(now);
        if !forced && self.cooldown.read().is_some_and(|(until, _)| until > at) {
            return None;
        }
        let cooldown = self.cooldown.0.load(Relaxed);
        let upstream = self.upstream.enter(at, forced)?;
        let Some(own) = self.breaker.enter(at, forced) else {
            self.upstream.release(&upstream);
            return None;
        };
        let most = if forced { u32::MAX } else { most.unwrap_or(u32::MAX) };
        let counted = self
            .in_flight
            .fetch_update(AcqRel, Acquire, |had| (had < most).then(|| had.saturating_add(1)));
        if counted.is_err() {
            self.breaker.release(&own);
            self.upstream.release(&upstream);
            return None;
        }
        self.touched.fetch_max(at, Relaxed);
        Some(Permit {
            upstream,
            own,
            cooldown,
        })
    }

    /// An answer has begun after `waited`: the place works, even if the answer is long.
    pub(crate) fn first_byte(&self, permit: &Permit, waited: Duration, now: Now) {
        self.latency.observe(millis_of(waited), millis(now), self.decay());
        self.upstream.success(&permit.upstream);
        self.breaker.close(&permit.own);
    }

    /// The call ended. `waited` is the time without a first byte, where there was none.
    pub(crate) fn settle(&self, permit: &Permit, outcome: &Outcome, waited: Option<Duration>, now: Now) {
        self.leave();
        if let Outcome::Skipped(_) = outcome {
            return self.give_back(permit);
        }
        let at = millis(now);
        self.last_failure.note(outcome, at);
        // A quick failure must not make a place look fast; a timeout was at least that slow.
        if let (Outcome::Success | Outcome::TimedOut, Some(waited)) = (outcome, waited) {
            self.latency.observe(millis_of(waited), at, self.decay());
        }
        self.window
            .record(outcome.is_failure(), at, ms(self.config.breaker.window));
        self.cool(permit, outcome, at);
        self.judge_upstream(permit, outcome, at);
        self.judge(permit, outcome, at);
    }

    /// The call was abandoned: nothing is known of how it would have ended.
    pub(crate) fn release(&self, permit: &Permit) {
        self.leave();
        self.give_back(permit);
    }

    fn cool(&self, permit: &Permit, outcome: &Outcome, at: u64) {
        let cooldowns = &self.config.cooldown;
        let (why, length) = match outcome {
            Outcome::Success => return self.cooldown.clear(permit.cooldown),
            Outcome::KeyRefused => (Condition::KeyRefused, cooldowns.refused),
            Outcome::RateLimited { retry_after } => (
                Condition::RateLimited,
                retry_after.unwrap_or(cooldowns.limited).min(cooldowns.longest),
            ),
            Outcome::ModelMissing => (Condition::ModelMissing, cooldowns.missing),
            _ => return,
        };
        self.cooldown.start(at.saturating_add(ms(length)), why);
    }

    fn judge_upstream(&self, permit: &Permit, outcome: &Outcome, at: u64) {
        let settings = &self.config.breaker;
        match outcome {
            Outcome::Unreachable => {
                self.upstream
                    .failure(&permit.upstream, settings.unreachable.max(1), false, at, settings);
            }
            // A connection that came to nothing is no proof that there is something behind it, but ends a probe badly.
            Outcome::TimedOut | Outcome::Broke => {
                self.upstream.failure(&permit.upstream, 0, false, at, settings);
            }
            _ => self.upstream.success(&permit.upstream),
        }
    }

    fn judge(&self, permit: &Permit, outcome: &Outcome, at: u64) {
        let settings = &self.config.breaker;
        let threshold = match outcome {
            Outcome::Failed | Outcome::Busy { .. } | Outcome::Broke => settings.failures.max(1),
            Outcome::TimedOut => settings.timeouts.max(1),
            // The upstream's breaker has it; the deployment itself was not asked.
            Outcome::Unreachable => return self.breaker.release(&permit.own),
            _ => return self.breaker.success(&permit.own),
        };
        let counts = self.window.counts(at, ms(settings.window));
        let anyway = counts.calls >= settings.samples.max(1) && counts.rate() >= settings.error_rate;
        if self.breaker.failure(&permit.own, threshold, anyway, at, settings) {
            self.window.clear();
        }
    }

    fn leave(&self) {
        self.in_flight.fetch_sub(1, AcqRel);
    }

    fn give_back(&self, permit: &Permit) {
        self.breaker.release(&permit.own);
        self.upstream.release(&permit.upstream);
    }

    fn decay(&self) -> f64 {
        millis_of(self.config.memory.latency_decay).max(1.0)
    }
}

/// Until when a key is left alone and why, in one word; the latest end wins.
#[derive(Debug, Default)]
struct Cooldown(AtomicU64);

impl Cooldown {
    const REASONS: [Condition; 3] = [Condition::KeyRefused, Condition::RateLimited, Condition::ModelMissing];

    fn start(&self, until: u64, why: Condition) {
        let why = Self::REASONS.iter().position(|reason| *reason == why).unwrap_or(0) as u64;
        self.0.fetch_max((until.min(u64::MAX >> 2) << 2) | why, Relaxed);
    }

    /// Ends the cooldown that was `seen`. One that has begun since stays: a stream from before it proves nothing.
    fn clear(&self, seen: u64) {
        let _ = self.0.compare_exchange(seen, 0, Relaxed, Relaxed);
    }

    fn read(&self) -> Option<(u64, Condition)> {
        let word = self.0.load(Relaxed);
        let why = Self::REASONS.get((word & 3) as usize)?;
        (word != 0).then_some((word >> 2, *why))
    }
}

/// How the latest call ended that spoke against the place or its key, and when, in one word.
#[derive(Debug, Default)]
struct LastFailure(AtomicU64);

impl LastFailure {
    /// Those that are told, each without what it says beside. The word 0 is none of them.
    const TOLD: [Outcome; 7] = [
        Outcome::KeyRefused,
        Outcome::RateLimited { retry_after: None },
        Outcome::ModelMissing,
        Outcome::Failed,
        Outcome::Unreachable,
        Outcome::TimedOut,
        Outcome::Broke,
    ];

    fn note(&self, outcome: &Outcome, at: u64) {
        let plain = match outcome {
            Outcome::RateLimited { .. } => Outcome::RateLimited { retry_after: None },
            Outcome::Busy { .. } => Outcome::Failed,
            other => other.clone(),
        };
        if let Some(which) = Self::TOLD.iter().position(|told| *told == plain) {
            self.0
                .fetch_max((at.min(u64::MAX >> 3) << 3) | (which as u64 + 1), Relaxed);
        }
    }

    fn read(&self) -> Option<(Outcome, u64)> {
        let word = self.0.load(Relaxed);
        let which = (word & 7).checked_sub(1)?;
        Some((Self::TOLD.get(which as usize)?.clone(), word >> 3))
    }
}

fn millis(now: Now) -> u64 {
    ms(now.tick.since_start())
}

fn millis_of(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health() -> Health {
        Health::new(Arc::default(), Arc::default())
    }

    fn at(ms: u64) -> Now {
        Now::default().plus(Duration::from_millis(ms))
    }

    fn call(health: &Health, outcome: &Outcome, now: Now) {
        let permit = health.claim(None, true, now).unwrap();
        health.settle(&permit, outcome, Some(Duration::from_millis(100)), now);
    }

    #[test]
    fn each_outcome_has_the_consequence_it_deserves() {
        let forever = Outcome::RateLimited {
            retry_after: Some(Duration::MAX),
        };
        let limited = Outcome::RateLimited {
            retry_after: Some(Duration::from_secs(7)),
        };
        let cases = [
            (Outcome::Success, Condition::Ready, 0),
            (Outcome::Rejected, Condition::Ready, 0),
            (Outcome::Skipped("no money".into()), Condition::Ready, 0),
            (Outcome::Failed, Condition::Ready, 0),
            (Outcome::Broke, Condition::Ready, 0),
            (Outcome::TimedOut, Condition::Broken, 5_000),
            (Outcome::Unreachable, Condition::Unreachable, 5_000),
            (Outcome::KeyRefused, Condition::KeyRefused, 60_000),
            (limited, Condition::RateLimited, 7_000),
            (
                Outcome::RateLimited { retry_after: None },
                Condition::RateLimited,
                5_000,
            ),
            (forever, Condition::RateLimited, 3_600_000),
            (Outcome::ModelMissing, Condition::ModelMissing, 30_000),
        ];
        for (outcome, condition, ready_in_ms) in cases {
            let health = health();
            call(&health, &outcome, at(1_000));
            let standing = health.standing(at(1_000));
            assert_eq!(
                (standing.condition, standing.ready_in_ms, standing.in_flight),
                (condition, ready_in_ms, 0),
                "{outcome:?}"
            );
            assert_eq!(
                health.claim(None, false, at(1_000)).is_some(),
                ready_in_ms == 0,
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn the_latest_failure_is_remembered_and_what_is_none_is_not() {
        let health = health();
        call(&health, &Outcome::Success, at(0));
        call(&health, &Outcome::Rejected, at(0));
        assert_eq!(health.last_failure(at(0)), None);
        let busy = Outcome::Busy {
            retry_after: Duration::from_secs(1),
        };
        call(&health, &Outcome::KeyRefused, at(10));
        call(&health, &busy, at(20));
        call(&health, &Outcome::Success, at(30));
        let ago = Duration::from_millis(20);
        assert_eq!(health.last_failure(at(40)), Some((Outcome::Failed, ago)));
    }

    #[test]
    fn a_long_stream_is_no_reason_to_keep_the_breaker_half_open() {
        let health = health();
        call(&health, &Outcome::TimedOut, at(0));
        let probe = health.claim(None, false, at(5_000)).unwrap();
        assert_eq!(health.standing(at(5_000)).condition, Condition::Probing);
        health.first_byte(&probe, Duration::from_millis(300), at(5_300));
        let standing = health.standing(at(5_300));
        assert_eq!((standing.condition, standing.in_flight), (Condition::Ready, 1));
    }

    #[test]
    fn a_share_of_failures_opens_it_even_if_they_never_come_in_a_row() {
        let health = health();
        for n in 0..20 {
            assert_eq!(health.standing(at(n)).condition, Condition::Ready);
            call(
                &health,
                if n % 2 == 0 {
                    &Outcome::Success
                } else {
                    &Outcome::Failed
                },
                at(n),
            );
        }
        assert_eq!(health.standing(at(20)).condition, Condition::Broken);
        assert_eq!(
            health.standing(at(20)).calls,
            0,
            "what led to this opening does not lead to the next"
        );
    }

    #[test]
    fn what_cannot_be_reached_is_so_for_every_key_behind_the_address() {
        let upstream = Arc::<Breaker>::default();
        let (one, other) = (
            Health::new(Arc::default(), upstream.clone()),
            Health::new(Arc::default(), upstream),
        );
        call(&one, &Outcome::Unreachable, at(0));
        assert_eq!(other.standing(at(1)).condition, Condition::Unreachable);
        call(&other, &Outcome::Failed, at(5_000));
        assert_eq!(
            one.standing(at(5_000)).condition,
            Condition::Ready,
            "an answer of any kind shows that it is there"
        );
    }

    #[test]
    fn a_bound_on_calls_in_flight_holds_until_one_leaves() {
        let health = health();
        let first = health.claim(Some(1), false, at(0)).unwrap();
        assert!(health.claim(Some(1), false, at(0)).is_none());
        health.release(&first);
        assert!(health.claim(Some(1), false, at(0)).is_some());
    }

    #[test]
    fn a_claim_that_fails_half_way_leaves_nothing_behind() {
        let health = health();
        call(&health, &Outcome::Unreachable, at(0));
        let _held = health.claim(None, true, at(1)).unwrap();
        assert!(health.claim(Some(1), false, at(5_000)).is_none(), "full");
        assert_eq!(health.standing(at(5_000)).condition, Condition::ProbeDue);
    }

    #[test]
    fn an_attempt_is_measured_once() {
        let router = crate::Router::default();
        let query = crate::Query::new("m", vec![crate::Candidate::new(crate::Deployment::new("a", "k", "m"))]);
        let mut attempt = router.begin(query, at(0), 1).unwrap().next(at(0)).unwrap();
        attempt.first_byte(at(300));
        attempt.first_byte(at(900));
        attempt.finish(Outcome::Success, at(9_000));
        assert_eq!(router.health(at(9_000))[0].standing.latency_ms, Some(300.0));
    }

    #[test]
    fn only_answers_are_measured() {
        let health = health();
        call(&health, &Outcome::Failed, at(0));
        assert_eq!(health.standing(at(0)).latency_ms, None);
        call(&health, &Outcome::Success, at(0));
        assert_eq!(health.standing(at(0)).latency_ms, Some(100.0));
    }

    #[test]
    fn an_answer_to_a_call_from_before_a_cooldown_does_not_end_it() {
        let health = health();
        let stream = health.claim(None, false, at(0)).unwrap();
        call(&health, &Outcome::RateLimited { retry_after: None }, at(1));
        health.settle(&stream, &Outcome::Success, None, at(2));
        assert_eq!(health.standing(at(2)).condition, Condition::RateLimited);
    }

    #[test]
    fn of_many_threads_one_gets_the_probe_and_no_bound_is_passed() {
        for round in 0..50 {
            let (broken, bounded) = (health(), health());
            call(&broken, &Outcome::Unreachable, at(0));
            call(&broken, &Outcome::TimedOut, at(0));
            let (probes, calls) = (AtomicU32::new(0), AtomicU32::new(0));
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        probes.fetch_add(u32::from(broken.claim(None, false, at(5_000)).is_some()), Relaxed);
                        for _ in 0..4 {
                            calls.fetch_add(u32::from(bounded.claim(Some(5), false, at(0)).is_some()), Relaxed);
                        }
                    });
                }
            });
            assert_eq!((probes.into_inner(), calls.into_inner()), (1, 5), "round {round}");
            assert_eq!((broken.in_flight(), bounded.in_flight()), (1, 5));
        }
    }

    #[test]
    fn an_answer_ends_a_cooldown() {
        let health = health();
        call(&health, &Outcome::KeyRefused, at(0));
        call(&health, &Outcome::Success, at(1));
        assert_eq!(health.standing(at(1)).condition, Condition::Ready);
    }
}
