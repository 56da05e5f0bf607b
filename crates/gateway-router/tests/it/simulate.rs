//! Many requests over a stretch of time, in one thread, with a clock that is moved by hand: every run is the same.

use std::collections::BTreeMap;
use std::time::Duration;

use gateway_router::{Attempt, Candidate, Config, Cursor, End, Outcome, Query, RetryPolicy, Router, Strategy};

use crate::{at, candidate, name};

/// What an upstream does with a call that reaches it at `ms`: how long it takes, and how it ends.
type Upstream<'a> = dyn Fn(&str, u64) -> (u64, Outcome) + 'a;

/// One attempt as it went.
#[derive(Clone, Debug)]
struct Tried {
    at: u64,
    place: String,
    code: &'static str,
}

/// One request as it went.
#[derive(Debug, Default)]
struct Told {
    begun: u64,
    tried: Vec<Tried>,
    end: Option<End>,
}

impl Told {
    fn attempts_on(&self, place: &str) -> usize {
        self.tried.iter().filter(|tried| tried.place.starts_with(place)).count()
    }

    fn answered_by(&self) -> Option<&str> {
        self.tried
            .last()
            .filter(|tried| tried.code == "success")
            .map(|tried| tried.place.as_str())
    }
}

enum Event {
    Arrives,
    Ends {
        request: usize,
        cursor: Box<Cursor>,
        attempt: Attempt,
        outcome: Outcome,
    },
}

/// A world of one router, one kind of request, and upstreams.
struct World<'a> {
    router: Router,
    query: Query,
    upstream: &'a Upstream<'a>,
    told: Vec<Told>,
    events: BTreeMap<(u64, usize), Event>,
    scheduled: usize,
}

impl<'a> World<'a> {
    fn new(query: Query, upstream: &'a Upstream<'a>) -> Self {
        let router = Router::new(Config::default());
        Self {
            router,
            query,
            upstream,
            told: Vec::new(),
            events: BTreeMap::new(),
            scheduled: 0,
        }
    }

    /// One request every `every` ms until `until`, and everything that follows from them.
    fn run(mut self, every: u64, until: u64) -> (Router, Vec<Told>) {
        for ms in (0..until).step_by(every as usize) {
            self.schedule(ms, Event::Arrives);
        }
        while let Some(((ms, _), event)) = self.events.pop_first() {
            match event {
                Event::Arrives => self.arrive(ms),
                Event::Ends {
                    request,
                    cursor,
                    attempt,
                    outcome,
                } => {
                    attempt.finish(outcome, at(ms));
                    self.step(request, cursor, ms);
                }
            }
        }
        (self.router, self.told)
    }

    fn arrive(&mut self, ms: u64) {
        let request = self.told.len();
        self.told.push(Told {
            begun: ms,
            ..Told::default()
        });
        let mut query = self.query.clone();
        query.session = Some(format!("session-{}", request % 50));
        let cursor = self.router.begin(query, at(ms), request as u64 * 7_919).unwrap();
        self.step(request, Box::new(cursor), ms);
    }

    fn step(&mut self, request: usize, mut cursor: Box<Cursor>, ms: u64) {
        let Some(mut attempt) = cursor.next(at(ms)) else {
            self.told[request].end = cursor.end().cloned();
            return;
        };
        let sent = ms + attempt.delay().as_millis() as u64;
        let place = name(attempt.deployment());
        let (takes, outcome) = (self.upstream)(&place, sent);
        self.told[request].tried.push(Tried {
            at: sent,
            place,
            code: outcome.code(),
        });
        if outcome == Outcome::Success {
            attempt.first_byte(at(sent + takes / 4));
        }
        self.schedule(
            sent + takes,
            Event::Ends {
                request,
                cursor,
                attempt,
                outcome,
            },
        );
    }

    /// What is scheduled for the same moment happens in the order in which it was scheduled.
    fn schedule(&mut self, ms: u64, event: Event) {
        self.scheduled += 1;
        self.events.insert((ms, self.scheduled), event);
    }
}

fn three() -> Query {
    let weights = [("a/m", 0.5), ("b/m", 0.3), ("c/m", 0.2)];
    Query::new(
        "m",
        weights
            .iter()
            .map(|(name, weight)| candidate(name).weight(*weight))
            .collect(),
    )
}

fn shares(told: &[Told]) -> BTreeMap<&str, f64> {
    let mut shares = BTreeMap::new();
    for place in told.iter().filter_map(Told::answered_by) {
        *shares.entry(place).or_insert(0.0) += 1.0 / told.len() as f64;
    }
    shares
}

fn nothing_leaks(router: &Router) {
    assert!(router.health(at(0)).iter().all(|known| known.standing.in_flight == 0));
}

#[test]
fn traffic_follows_the_weights() {
    let (router, told) = World::new(three(), &|_, _| (400, Outcome::Success)).run(10, 100_000);
    let shares = shares(&told);
    for (name, share) in [("a/m", 0.5), ("b/m", 0.3), ("c/m", 0.2)] {
        assert!((shares[name] - share).abs() < 0.02, "{shares:?}");
    }
    assert!(told.iter().all(|told| told.tried.len() == 1));
    nothing_leaks(&router);
}

/// What a death of `a` between 20 s and 50 s must look like, however it shows.
fn dies(outcome: &Outcome, takes: u64, strategy: Strategy) -> Vec<Told> {
    let dead = 20_000..50_000;
    let upstream = |place: &str, ms: u64| match place {
        "a/m" if dead.contains(&ms) => (takes, outcome.clone()),
        // What is under way when it dies, dies with it.
        "a/m" if ms < dead.start && ms + 400 > dead.start => (dead.start - ms, Outcome::Broke),
        _ => (400, Outcome::Success),
    };
    let (router, told) = World::new(three().strategy(strategy), &upstream).run(10, 100_000);
    nothing_leaks(&router);
    assert!(
        told.iter().all(|told| told.end == Some(End::Answered)),
        "no client notices"
    );
    assert!(
        told.iter().all(|told| told.attempts_on("a/") <= 1),
        "one attempt on it at most"
    );
    told
}

#[test]
fn a_dead_upstream_costs_those_in_flight_one_attempt_and_the_later_ones_nothing_but_probes() {
    for strategy in [
        Strategy::Weighted,
        Strategy::LeastBusy,
        Strategy::Latency,
        Strategy::Cost,
        Strategy::Affinity,
    ] {
        let told = dies(&Outcome::Unreachable, 3, strategy);
        let wasted: Vec<_> = told
            .iter()
            .filter(|told| told.begun >= 20_000 + 10)
            .flat_map(|told| &told.tried)
            .filter(|tried| tried.code == "unreachable")
            .collect();
        // Opened once, then probed after 5, 10 and 20 s: whichever of them fall into the thirty seconds.
        assert!(wasted.len() <= 3, "{strategy:?}: {wasted:?}");
    }
}

#[test]
fn an_upstream_that_hangs_or_fails_is_out_of_the_picks_as_well() {
    for (outcome, takes) in [(Outcome::TimedOut, 2_000), (Outcome::Failed, 30), (Outcome::Broke, 30)] {
        let told = dies(&outcome, takes, Strategy::Weighted);
        let settled = told.iter().filter(|told| (25_000..45_000).contains(&told.begun));
        let (mut requests, mut touched) = (0, 0);
        for told in settled {
            requests += 1;
            touched += told.attempts_on("a/");
        }
        assert!(
            touched * 100 <= requests,
            "{outcome:?}: {touched} of {requests} requests met it"
        );
    }
}

#[test]
fn an_upstream_that_is_back_is_found_by_a_probe_and_gets_its_share_again() {
    let told = dies(&Outcome::Unreachable, 3, Strategy::Weighted);
    let later: Vec<Told> = told.into_iter().filter(|told| told.begun >= 80_000).collect();
    assert!((shares(&later)["a/m"] - 0.5).abs() < 0.04, "{:?}", shares(&later));
}

#[test]
fn at_most_one_probe_is_out_while_an_upstream_hangs() {
    let upstream = |place: &str, _| {
        if place == "a/m" {
            (2_000, Outcome::TimedOut)
        } else {
            (100, Outcome::Success)
        }
    };
    let (_, told) = World::new(three(), &upstream).run(10, 60_000);
    let mut probes: Vec<u64> = told
        .iter()
        .flat_map(|told| &told.tried)
        .filter(|tried| tried.place == "a/m")
        .map(|tried| tried.at)
        .collect();
    probes.sort_unstable();
    probes.retain(|ms| *ms > 2_000);
    assert!(probes.is_sorted_by(|one, next| one + 2_000 <= *next), "{probes:?}");
    assert!(probes.len() <= 4, "{probes:?}");
}

#[test]
fn a_limited_key_sends_its_calls_to_the_other_key_until_it_may_be_asked_again() {
    let all: Vec<Candidate> = ["a/m#1", "a/m#2", "b/m"].iter().map(|name| candidate(name)).collect();
    let mut query = Query::new("m", all);
    query.groups[0].candidates[2].weight = 0.0;
    let limited = Outcome::RateLimited {
        retry_after: Some(Duration::from_secs(20)),
    };
    let upstream = |place: &str, ms: u64| match place {
        "a/m#1" if ms < 20_000 => (10, limited.clone()),
        _ => (200, Outcome::Success),
    };
    let (_, told) = World::new(query, &upstream).run(100, 60_000);
    assert!(
        told.iter()
            .all(|told| told.answered_by().is_some_and(|place| place.starts_with("a/")))
    );
    let refused = told
        .iter()
        .flat_map(|told| &told.tried)
        .filter(|tried| tried.code == "rate_limited")
        .count();
    assert_eq!(refused, 1, "one call finds out for all");
    let late: Vec<Told> = told.into_iter().filter(|told| told.begun > 25_000).collect();
    assert!((shares(&late)["a/m#1"] - 0.5).abs() < 0.1);
}

#[test]
fn when_everything_is_down_each_place_is_asked_once_per_request_and_no_more() {
    let mut query = three();
    query = query
        .fallback("n", vec![candidate("a/n"), candidate("d/n")])
        .fallback("m", three().groups.remove(0).candidates);
    let (router, told) = World::new(query.clone(), &|_, _| (5, Outcome::Failed)).run(50, 20_000);
    nothing_leaks(&router);
    for told in &told {
        assert_eq!(told.end, Some(End::NoneLeft));
        assert_eq!(told.tried.len(), 5, "{:?}", told.tried);
    }

    let policy = RetryPolicy {
        max_retries: 3,
        ..RetryPolicy::default()
    };
    query
        .groups
        .iter_mut()
        .flat_map(|group| &mut group.candidates)
        .for_each(|candidate| candidate.retry = policy);
    let (_, told) = World::new(query, &|_, _| (5, Outcome::Failed)).run(50, 20_000);
    assert!(
        told.iter()
            .all(|told| told.tried.len() == 10 && told.end == Some(End::AttemptsSpent))
    );
}

#[test]
fn the_only_candidate_is_asked_however_ill_it_is() {
    let query = Query::new("m", vec![candidate("a/m")]);
    let upstream = |_: &str, ms: u64| {
        if ms < 30_000 {
            (5, Outcome::Unreachable)
        } else {
            (5, Outcome::Success)
        }
    };
    let (_, told) = World::new(query, &upstream).run(100, 40_000);
    assert!(told.iter().all(|told| told.tried.len() == 1));
    assert!(
        told.iter()
            .filter(|told| told.begun >= 30_000)
            .all(|told| told.answered_by().is_some())
    );
}

#[test]
fn latency_finds_the_fast_one_and_goes_on_looking() {
    let upstream = |place: &str, ms: u64| match place {
        "a/m" if ms < 60_000 => (4_000, Outcome::Success),
        "a/m" => (200, Outcome::Success),
        "b/m" => (1_200, Outcome::Success),
        _ => (3_000, Outcome::Success),
    };
    let (_, told) = World::new(three().strategy(Strategy::Latency), &upstream).run(1_500, 600_000);
    let (early, late) = told.split_at(40);
    assert!(shares(early)["b/m"] > 0.6, "{:?}", shares(early));
    assert!(shares(&late[100..])["a/m"] > 0.6, "{:?}", shares(&late[100..]));
}

#[test]
fn two_runs_are_the_same() {
    let run = || {
        let upstream = |place: &str, ms: u64| {
            if place == "a/m" && ms.is_multiple_of(7) {
                (20, Outcome::Failed)
            } else {
                (300, Outcome::Success)
            }
        };
        let (_, told) = World::new(three().strategy(Strategy::LeastBusy), &upstream).run(13, 10_000);
        format!("{told:?}")
    };
    assert_eq!(run(), run());
}
