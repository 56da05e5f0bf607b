//! The router puts candidates in order, and a request walks along them.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion};
use gateway_router::{Candidate, Deployment, Outcome, Query, Router, Strategy, View, plan};
use gateway_types::Now;

const STRATEGIES: [Strategy; 5] = [
    Strategy::Weighted,
    Strategy::LeastBusy,
    Strategy::Latency,
    Strategy::Cost,
    Strategy::Affinity,
];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("plan");
    for count in [1, 4, 16, 64] {
        let query = query(count, Strategy::Weighted);
        group.bench_with_input(BenchmarkId::new("weighted", count), &query, planned);
        group.bench_with_input(BenchmarkId::new("names", count), &query, |bench, query| {
            bench.iter(|| names(black_box(query)));
        });
    }
    for strategy in STRATEGIES
        .into_iter()
        .filter(|strategy| *strategy != Strategy::Weighted)
    {
        group.bench_with_input(BenchmarkId::new(strategy.as_str(), 4), &query(4, strategy), planned);
    }
    group.finish();

    let mut group = criterion.benchmark_group("walk");
    for count in [1, 4, 16, 64] {
        walked(&mut group, "first", count, 0);
    }
    walked(&mut group, "last", 4, 3);
    group.finish();
    criterion.final_summary();
}

/// The plan alone: a pure function of what is given to it.
fn planned(bench: &mut criterion::Bencher<'_>, query: &Query) {
    let (view, now) = (view(query), Now::default());
    let mut seed = 0;
    assert_eq!(plan(query, &view, now, seed).picks.len(), query.candidates().count());
    bench.iter(|| {
        seed += 1;
        plan(black_box(query), black_box(&view), now, seed)
    });
}

/// What a list of candidates costs that says no more than whom it means, in the order in which they were given.
fn names(query: &Query) -> Vec<Deployment> {
    query
        .candidates()
        .map(|candidate| candidate.deployment.clone())
        .collect()
}

/// A whole request: plan, attempts, the answer of the last of them, and everything dropped again.
fn walked(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, count: usize, skipped: usize) {
    let query = query(count, Strategy::Weighted);
    let router = Router::default();
    let mut step = Step::default();
    assert_eq!(walk(&router, query.clone(), skipped, &mut step), skipped + 1);
    group.bench_function(BenchmarkId::new(name, count), |bench| {
        bench.iter_batched(
            || query.clone(),
            |query| walk(&router, query, skipped, &mut step),
            BatchSize::SmallInput,
        );
    });
}

/// Gives up so many candidates before anything is sent, has the next one answer, and says how many were asked.
fn walk(router: &Router, query: Query, skipped: usize, step: &mut Step) -> usize {
    let now = step.next();
    let mut cursor = router.begin(query, now, step.seed).expect("the query has candidates");
    let mut asked = 0;
    while let Some(mut attempt) = cursor.next(now) {
        asked += 1;
        if asked <= skipped {
            // It leaves the health alone, so that every turn of the bench meets the same router.
            attempt.finish(Outcome::Skipped("a quota".to_owned()), now);
            continue;
        }
        attempt.first_byte(now.plus(Duration::from_millis(200)));
        attempt.finish(Outcome::Success, now.plus(Duration::from_millis(900)));
    }
    asked
}

/// Requests come a millisecond after each other, each with lots of its own.
#[derive(Default)]
struct Step {
    now: Now,
    seed: u64,
}

impl Step {
    fn next(&mut self) -> Now {
        self.now = self.now.plus(Duration::from_millis(1));
        self.seed += 1;
        self.now
    }
}

/// Providers with two keys each, unequal weights, and a price for every other one.
fn query(count: usize, strategy: Strategy) -> Query {
    let candidates = (0..count).map(|nth| {
        let provider = format!("provider-{}", nth / 2);
        let deployment = Deployment::new(provider, format!("key-{nth}"), "llama-3-8b-instruct");
        Candidate {
            cost_rank: (nth / 2 % 2 == 0).then_some(1_000 + nth as u64),
            context: Some(131_072),
            order: (nth / 2) as u32,
            ..Candidate::new(deployment).weight(1.0 + (nth / 2) as f64)
        }
    });
    Query {
        session: Some("conversation-17".to_owned()),
        input_estimate: 1_000,
        ..Query::new("llama-3-8b-instruct", candidates.collect()).strategy(strategy)
    }
}

/// How a router sees them that has had an answer from each.
fn view(query: &Query) -> View {
    let router = Router::default();
    let now = Now::default();
    for candidate in query.candidates() {
        let one = Query::new("llama-3-8b-instruct", vec![candidate.clone()]);
        let mut cursor = router.begin(one, now, 0).expect("the query has a candidate");
        let mut attempt = cursor.next(now).expect("nothing speaks against it");
        attempt.first_byte(now.plus(Duration::from_millis(200)));
        attempt.finish(Outcome::Success, now.plus(Duration::from_millis(900)));
    }
    router.view(query, now.plus(Duration::from_secs(1)))
}
