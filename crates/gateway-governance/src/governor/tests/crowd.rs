//! Many threads at one key.

use std::future::poll_fn;

use super::*;

const LIMIT: i64 = 100_000;
const TOKENS: u64 = 90_000;

/// A small generator: tests need variety, not quality.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A call that is answered whole, with at most the cap that was paid for.
async fn whole(bench: &Bench, admission: &Admission, random: &mut Random) -> Result<(), Error> {
    let wanted = estimate(random.below(100), 16 + random.below(200));
    let mut hold = bench.hold(admission, wanted, nano()).await?;
    tokio::task::yield_now().await;
    let output = random.below(hold.cap().or(wanted.cap).unwrap() + 1);
    match random.below(8) {
        0 => hold.release(),
        1 => drop(hold),
        2 => {
            hold.sent(&"key".into());
            drop(hold);
        }
        _ => {
            hold.sent(&"key".into());
            hold.settle(used(wanted.input_estimate, output));
        }
    }
    Ok(())
}

/// A stream that is ended where its next tokens are not covered, or where its client leaves.
async fn streamed(bench: &Bench, admission: &Admission, random: &mut Random) -> Result<(), Error> {
    let mut wanted = estimate(random.below(100), 16 + random.below(3000));
    wanted.elastic = true;
    let mut hold = bench.hold(admission, wanted, nano()).await?;
    hold.sent(&"key".into());
    let whole = random.below(hold.cap().or(wanted.cap).unwrap() + 1);
    let mut output = 0;
    while output < whole {
        let next = whole.min(output + 1 + random.below(80));
        if poll_fn(|cx| hold.poll_cover(next, cx)).await.is_err() || random.below(200) == 0 {
            break;
        }
        output = next;
        tokio::task::yield_now().await;
    }
    let billed = hold.settle(used(wanted.input_estimate, output));
    assert_eq!(billed.overrun, NanoUsd::ZERO);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_at_once_settle_within_every_limit() {
    let options = Options {
        lease_wait: Duration::from_secs(1),
        ..Options::default()
    };
    let mut key = budget(LIMIT);
    key["rate_limit"] = json!({"max_in_flight": 8});
    key["provider_configs"] = json!([{"provider": "p", "rate_limit": tokens(TOKENS)["rate_limit"]}]);
    let bench = Arc::new(Bench::over(Arc::default(), options, key).await);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..64 {
        let bench = bench.clone();
        tasks.spawn(async move {
            let mut random = Random(task);
            let mut cost = 0;
            for _ in 0..40 {
                let Ok(admission) = bench.admit().await else { continue };
                let called = match random.below(2) {
                    0 => whole(&bench, &admission, &mut random).await,
                    _ => streamed(&bench, &admission, &mut random).await,
                };
                assert!(bench.used("vk/k/budget").0 <= LIMIT);
                match called {
                    Ok(()) => cost += admission.finish(bench.now()).cost.0,
                    Err(_) => drop(admission.refuse()),
                }
            }
            cost
        });
    }
    let cost: i64 = tasks.join_all().await.into_iter().sum();
    assert_eq!(bench.used("vk/k/budget"), (cost, 0));
    let (used, held) = bench.used("vk/k/p/tokens");
    assert!(used <= TOKENS as i64 && held == 0, "{used} {held}");
    assert!(used > TOKENS as i64 * 9 / 10, "the limit is nearly used up: {used}");
    bench.governor.close().await;
    let window = bench.store.window("vk/k/budget").await;
    assert_eq!((window.settled, window.granted, window.overrun), (cost, cost, 0));
    let entries = bench.store.books.entries(10_000).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.total.0).sum::<i64>(), cost);
}
