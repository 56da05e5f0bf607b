//! The store: failing, closing, restarting, crashing.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_lets_leases_run_down_and_then_calls_are_refused() {
    for health in [FAILING, HANGING] {
        let bench = Bench::new(json!({"rate_limit": {"request_max_limit": 160, "request_reset_duration": "1h"}})).await;
        bench.admit().await.unwrap().finish(bench.now());
        bench.store.set(health);
        let mut admitted = 1;
        let run_down = async {
            loop {
                match bench.admit().await {
                    Ok(admission) => drop(admission),
                    Err(error) => break error,
                }
                admitted += 1;
            }
        };
        let error = if health == HANGING {
            run_down.await
        } else {
            // On the clock of the test: a store that says that it fails is not waited for.
            tokio::time::timeout(Duration::from_millis(1), run_down).await.unwrap()
        };
        assert_eq!(words(&error), (503, "unavailable", Some(1)));
        assert!((2..160).contains(&admitted), "{admitted}");
        assert_eq!(bench.used("vk/k/requests").0, admitted);
        if health == FAILING {
            bench.store.set(WELL);
            while bench.admit().await.is_err() {}
        }
        bench.tasks.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn entries_outlast_a_failing_store() {
    let options = Options {
        entry_slots: 2,
        ..Options::default()
    };
    let bench = Bench::over(Arc::default(), options, budget(1000)).await;
    bench.call(estimate(5, 5), nano()).await.unwrap();
    bench.store.set(FAILING);
    let (one, two) = loop {
        // The writer takes what it can carry; then the slots fill up.
        let one = bench.admit().await.unwrap();
        match bench.admit().await {
            Ok(two) => break (one, two),
            Err(_) => drop(one),
        }
        tokio::task::yield_now().await;
    };
    let error = bench.admit().await.unwrap_err();
    assert_eq!(words(&error), (503, "unavailable", Some(1)));
    assert!(error.message.contains("the ledger cannot keep up"));
    for admission in [one, two] {
        let hold = bench.hold(&admission, estimate(5, 5), nano()).await.unwrap();
        hold.settle(used(5, 5));
        admission.finish(bench.now());
    }
    bench.store.set(WELL);
    let entries = bench.entries().await;
    assert_eq!(entries.iter().map(|entry| entry.total.0).sum::<i64>(), 30);
}

/// What the runtime's clock shows, which stands still but where a test waits.
fn stopped_clock() -> tokio::time::Instant {
    tokio::time::sleep(Duration::ZERO).deadline()
}

#[tokio::test(start_paused = true)]
async fn entries_are_written_together_and_the_first_after_a_pause_at_once() {
    let bench = Bench::new(budget(1_000_000)).await;
    let batches = || bench.store.batches.load(Ordering::Relaxed);
    let began = stopped_clock();
    bench.call(estimate(5, 5), nano()).await.unwrap();
    while batches() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "it waits for nothing");
    for _ in 0..100 {
        bench.call(estimate(5, 5), nano()).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(batches(), 1, "the writer rests");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(batches(), 2, "a hundred calls are one batch");
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(batches(), 2, "nothing is written where nothing came");
    assert_eq!(bench.entries().await.len(), 101);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_does_not_wait_for_the_end_of_a_rest() {
    let options = Options {
        entry_slots: 8,
        ..Options::default()
    };
    let bench = Bench::over(Arc::default(), options, budget(1_000_000)).await;
    let began = stopped_clock();
    for _ in 0..200 {
        bench.call(estimate(5, 5), nano()).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "and nobody is refused");
    assert_eq!(bench.entries().await.len(), 200);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_finds_what_was_finished_before() {
    let bench = Bench::new(budget(1_000_000)).await;
    let began = stopped_clock();
    for calls in 1..20 {
        bench.call(estimate(5, 5), nano()).await.unwrap();
        bench.governor.flush().await;
        assert_eq!(bench.store.books.entries(1000).await.unwrap().len(), calls);
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "a rest is cut short");
    bench.store.set(FAILING);
    bench.call(estimate(5, 5), nano()).await.unwrap();
    bench.governor.flush().await;
    assert_eq!(
        began.elapsed(),
        Options::default().lease_wait,
        "a store that fails is not waited for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_admitted_keeps_no_slot() {
    let options = Options {
        entry_slots: 1,
        ..Options::default()
    };
    let limited = json!({"rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}});
    let bench = Bench::over(Arc::default(), options, limited).await;
    bench.admit().await.unwrap().refuse();
    let running = bench.admit().await.unwrap();
    assert_eq!(words(&bench.admit().await.unwrap_err()).0, 503, "there is one slot");
    running.finish(bench.now());
    bench.governor.flush().await;
    for _ in 0..3 {
        assert_eq!(
            words(&bench.admit().await.unwrap_err()).0,
            429,
            "a refusal gives its slot back"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn closing_writes_every_entry_and_gives_every_slice_back() {
    let bench = Bench::new(budget(160_000)).await;
    let running = bench.admit().await.unwrap();
    let hold = bench.hold(&running, estimate(50, 50), nano()).await.unwrap();
    bench.call(estimate(50, 50), nano()).await.unwrap();
    let close = bench.governor.close();
    let finish = async {
        let error = loop {
            match bench.admit().await {
                Ok(admission) => drop(admission.refuse()),
                Err(error) => break error,
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(error.message, "the gateway is stopping");
        hold.settle(used(50, 30));
        running.finish(bench.now());
    };
    tokio::join!(close, finish);
    bench.tasks.await.unwrap();
    let window = bench.store.window("vk/k/budget").await;
    assert_eq!((window.granted, window.settled, window.unaccounted), (180, 180, 0));
    bench.governor.close().await;
    bench.governor.ready().await;
}

#[tokio::test(start_paused = true)]
async fn usage_survives_a_restart() {
    let store = Arc::<Store>::default();
    let first = Bench::over(store.clone(), Options::default(), budget(350)).await;
    first.call(estimate(50, 250), nano()).await.unwrap();
    first.governor.close().await;
    let second = Bench::over(store.clone(), Options::default(), budget(350)).await;
    assert_eq!(second.used("vk/k/budget"), (300, 0), "before any call");
    assert_eq!(words(&second.call(estimate(50, 50), nano()).await.unwrap_err()).0, 402);
    second.call(estimate(25, 25), nano()).await.unwrap();
    second.clock.advance(Duration::from_secs(3600));
    assert_eq!(
        second.used("vk/k/budget"),
        (0, 0),
        "a window that has ended shows nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_overshoots_nothing_and_shows_what_is_unaccounted() {
    let store = Arc::<Store>::default();
    let mut settled = 0;
    for _ in 0..20 {
        let bench = Bench::over(store.clone(), Options::default(), budget(10_000)).await;
        let Ok(running) = bench.admit().await else {
            panic!("nothing but money is limited")
        };
        if let Ok(hold) = bench.hold(&running, estimate(100, 100), nano()).await {
            settled += bench
                .call(estimate(50, 50), nano())
                .await
                .map_or(0, |settled| settled.cost.0);
            // The process is killed: no destructor runs, no slice comes back.
            std::mem::forget(hold);
        }
        std::mem::forget(running);
        bench.tasks.abort();
        let window = store.window("vk/k/budget").await;
        assert!(window.granted <= 10_000 && window.overrun == 0, "{window:?}");
    }
    let last = Bench::over(store.clone(), Options::default(), budget(10_000)).await;
    let window = store.window("vk/k/budget").await;
    assert!(window.settled <= settled && window.unaccounted > 0, "{window:?}");
    assert_eq!(window.settled + window.unaccounted, window.granted);
    assert_eq!(last.used("vk/k/budget").0, window.granted);
    last.clock.advance(Duration::from_secs(3600));
    last.call(estimate(500, 500), nano()).await.unwrap();
    assert_eq!(last.used("vk/k/budget"), (1000, 0), "the next window begins whole");
}

#[tokio::test(start_paused = true)]
async fn the_fast_path_does_not_suspend() {
    let bench = Bench::new(
        json!({"rate_limit": {"request_max_limit": 1600, "request_reset_duration": "1h"},
        "budgets": [{"max_limit": 1, "reset_duration": "1d"}]}),
    )
    .await;
    bench.call(estimate(5, 5), nano()).await.unwrap();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let call = std::pin::pin!(bench.call(estimate(5, 5), nano()));
    assert!(
        call.poll(&mut context).is_ready(),
        "a call that has its slices waits for nobody"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reset_budget_begins_anew_at_once() {
    let store = Arc::<Store>::default();
    let bench = Bench::over(store.clone(), Options::default(), budget(350)).await;
    bench.call(estimate(50, 250), nano()).await.unwrap();
    let running = bench.admit().await.unwrap();
    let hold = bench.hold(&running, estimate(20, 20), nano()).await.unwrap();
    assert_eq!(bench.used("vk/k/budget"), (300, 40));
    bench.governor.reset(&"vk/k/budget".into()).await.unwrap();
    assert_eq!(bench.used("vk/k/budget"), (0, 0));
    bench.call(estimate(50, 280), nano()).await.unwrap();
    hold.settle(used(20, 20));
    running.finish(bench.now());
    assert_eq!(
        bench.used("vk/k/budget"),
        (330, 0),
        "what was held before settles there"
    );
    let error = bench.call(estimate(50, 50), nano()).await.unwrap_err();
    assert_eq!(words(&error), (402, "budget_exceeded", Some(3600)));
    let entries = bench.entries().await;
    let charged = entries
        .iter()
        .map(|entry| (entry.charges[0].window.0, entry.charges[0].amount));
    assert_eq!(charged.rev().collect::<Vec<_>>(), [(1, 300), (2, 330), (1, 40)]);

    let again = Bench::over(store, Options::default(), budget(350)).await;
    assert_eq!(again.used("vk/k/budget"), (330, 0));
    again.governor.reset(&"vk/k/budget".into()).await.unwrap();
    again.governor.close().await;
    let last = Bench::over(again.store.clone(), Options::default(), budget(350)).await;
    assert_eq!(last.used("vk/k/budget"), (0, 0), "a reset outlasts a restart");
    last.governor.reset(&"nobody/budget".into()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_unaccounted_can_be_written_off() {
    let store = Arc::<Store>::default();
    let first = Bench::over(store.clone(), Options::default(), budget(1000)).await;
    let running = first.admit().await.unwrap();
    std::mem::forget(first.hold(&running, estimate(400, 400), nano()).await.unwrap());
    std::mem::forget(running);
    first.tasks.abort();
    let second = Bench::over(store.clone(), Options::default(), budget(1000)).await;
    assert_eq!(second.used("vk/k/budget"), (800, 0));
    assert!(second.call(estimate(400, 400), nano()).await.is_err());
    let window = store.window("vk/k/budget").await.window;
    let written_off = second.governor.write_off(&"vk/k/budget".into(), window).await;
    assert_eq!(written_off, Ok(800));
    assert_eq!(second.used("vk/k/budget"), (0, 0));
    second.call(estimate(500, 500), nano()).await.unwrap();
    second.governor.close().await;
    let window = store.window("vk/k/budget").await;
    assert_eq!((window.granted, window.settled, window.unaccounted), (1000, 1000, 0));
}
