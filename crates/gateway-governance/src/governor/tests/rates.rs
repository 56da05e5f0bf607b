//! Limits on requests, tokens and requests in flight.

use super::*;

#[tokio::test(start_paused = true)]
async fn requests_count_once_when_admitted_and_never_when_refused() {
    let rate = json!({"request_max_limit": 2, "request_reset_duration": "1m"});
    let bench = Bench::new(json!({"rate_limit": rate, "budgets": budget(200)["budgets"]})).await;
    bench.call(estimate(50, 50), nano()).await.unwrap();
    bench.call(estimate(500, 50), nano()).await.unwrap_err();
    assert_eq!(bench.used("vk/k/requests").0, 1, "a refused call is no request");
    drop(bench.admit().await.unwrap());
    assert_eq!(bench.used("vk/k/requests").0, 2, "one that the client left is");
    bench.clock.advance(Duration::from_secs(20));
    let error = bench.admit().await.unwrap_err();
    assert_eq!(words(&error), (429, "request_limited", Some(40)));
    assert_eq!(
        error.message,
        "request limit of virtual key k reached: 2 of 2 requests used"
    );
    bench.clock.advance(Duration::from_secs(40));
    bench.admit().await.unwrap().finish(bench.now());
}

#[tokio::test(start_paused = true)]
async fn a_failover_counts_once_at_each_provider() {
    let rate = json!({"request_max_limit": 1, "request_reset_duration": "1m", "max_in_flight": 2});
    let bench = Bench::new(json!({"provider_configs": [{"provider": "p", "rate_limit": rate}]})).await;
    let other = bench.admit().await.unwrap();
    bench
        .hold(&other, estimate(1, 1), Pricing::Free)
        .await
        .unwrap()
        .release();
    drop(other);
    assert_eq!(
        bench.used("vk/k/p/requests").0,
        0,
        "what was never sent is no request there"
    );
    let admission = bench.admit().await.unwrap();
    for _ in 0..2 {
        let mut hold = bench.hold(&admission, estimate(1, 1), Pricing::Free).await.unwrap();
        assert_eq!(bench.used("vk/k/p/in_flight").1, 1);
        hold.sent(&"key".into());
        hold.settle(used(1, 0));
    }
    let mut failed = bench.hold(&admission, estimate(1, 1), Pricing::Free).await.unwrap();
    failed.sent(&"key".into());
    failed.release();
    bench
        .hold(&admission, estimate(1, 1), Pricing::Free)
        .await
        .unwrap()
        .release();
    admission.finish(bench.now());
    assert_eq!(
        (bench.used("vk/k/p/requests"), bench.used("vk/k/p/in_flight")),
        ((1, 0), (0, 0))
    );
    let entries = bench.entries().await;
    assert_eq!(entries.len(), 1, "a call that used nothing leaves no entry");
    assert_eq!(
        (
            entries[0].legs.len(),
            entries[0].charges.len(),
            entries[0].charges[0].amount
        ),
        (2, 1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn places_in_flight_come_back_when_calls_end_or_are_dropped() {
    let bench = Bench::new(json!({"rate_limit": {"max_in_flight": 2}})).await;
    let (first, second) = (bench.admit().await.unwrap(), bench.admit().await.unwrap());
    let error = bench.admit().await.unwrap_err();
    assert_eq!(words(&error), (429, "request_limited", Some(1)));
    assert_eq!(
        error.message,
        "limit of virtual key k on requests in flight reached: 2 of 2"
    );
    drop(first);
    let third = bench.admit().await.unwrap();
    second.finish(bench.now());
    third.refuse();
    assert_eq!(bench.used("vk/k/in_flight"), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn tokens_are_held_with_the_attempt_and_looked_at_by_admit() {
    let bench = Bench::new(tokens(1000)).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench
        .hold(
            &admission,
            Estimate {
                cap: None,
                ..estimate(400, 0)
            },
            Pricing::Free,
        )
        .await
        .unwrap();
    assert_eq!(hold.cap(), Some(600), "the cap is what the window leaves");
    hold.settle(used(100, 500));
    assert_eq!(bench.used("vk/k/tokens"), (600, 0));
    let hold = bench.hold(&admission, estimate(800, 100), Pricing::Free).await.unwrap();
    assert_eq!(
        (hold.cap(), bench.used("vk/k/tokens").1),
        (None, 300),
        "its likely input fits, if not its bound"
    );
    hold.settle(used(400, 100));
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/tokens"), (1100, 0));
    let error = bench.admit().await.unwrap_err();
    assert_eq!(words(&error), (429, "token_limited", Some(60)));
    assert!(
        error
            .message
            .starts_with("token limit of virtual key k reached: 1100 of 1000 tokens used")
    );
    bench.clock.advance(Duration::from_secs(60));
    let error = bench.call(estimate(4000, 100), Pricing::Free).await.unwrap_err();
    assert_eq!(
        words(&error),
        (429, "token_limited", Some(60)),
        "a call that is too large for any window is told so"
    );
}

fn remaining(left: Option<crate::quota::Remaining>) -> (i64, i64, u64) {
    let left = left.expect("it is limited");
    (left.limit, left.remaining, left.resets_in.as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_at_once_and_the_rest_of_a_window_evenly() {
    let rate = json!({"request_max_limit": 60, "request_reset_duration": "1m", "request_burst": 3});
    let bench = Bench::new(json!({"rate_limit": rate})).await;
    for _ in 0..3 {
        bench.admit().await.unwrap().finish(bench.now());
    }
    let error = bench.admit().await.unwrap_err();
    assert_eq!(words(&error), (429, "request_limited", Some(1)));
    assert_eq!(
        error.message,
        "request limit of virtual key k reached: at most 3 requests may come at once, the others spread over time"
    );
    let limited = error.limited.expect("it names the quota");
    assert_eq!(
        (limited.limit, limited.used, limited.resets_in),
        (60, 3, Some(Duration::from_secs(1)))
    );
    bench.clock.advance(Duration::from_secs(1));
    let admission = bench.admit().await.unwrap();
    assert_eq!(remaining(admission.rate_limits(bench.now()).requests), (60, 0, 59));
    assert!(bench.admit().await.is_err());
    admission.refuse();
    bench.admit().await.unwrap().finish(bench.now());
    assert_eq!(
        bench.used("vk/k/requests").0,
        4,
        "what was refused may be taken by another"
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_that_were_held_and_not_used_are_no_part_of_a_burst() {
    let rate = json!({"token_max_limit": 6000, "token_reset_duration": "1m", "token_burst": 1000});
    let bench = Bench::new(json!({"rate_limit": rate})).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench
        .hold(&admission, estimate(100, 5000), Pricing::Free)
        .await
        .unwrap();
    assert_eq!(hold.cap(), Some(900), "an answer is at most a burst");
    hold.settle(used(100, 300));
    let hold = bench
        .hold(&admission, estimate(100, 5000), Pricing::Free)
        .await
        .unwrap();
    assert_eq!(hold.cap(), Some(500));
    hold.settle(used(100, 2500));
    let error = bench.admit().await.unwrap_err();
    assert_eq!(
        words(&error),
        (429, "token_limited", Some(20)),
        "what was used beyond is waited for"
    );
    let mut stream = estimate(100, 5000);
    stream.elastic = true;
    bench.clock.advance(Duration::from_secs(30));
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, stream, Pricing::Free).await.unwrap();
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(
        hold.poll_cover(2500, &mut cx).is_ready(),
        "a stream comes evenly by itself: others wait for it"
    );
    assert!(bench.admit().await.is_err());
    hold.settle(used(100, 2000));
}

#[tokio::test(start_paused = true)]
async fn a_call_is_told_what_the_tightest_of_its_limits_leaves() {
    let rate = json!({"request_max_limit": 10, "request_reset_duration": "1h",
        "token_max_limit": 5000, "token_reset_duration": "1m"});
    let bench = Bench::new(json!({"rate_limit": rate})).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench.hold(&admission, estimate(100, 400), Pricing::Free).await.unwrap();
    let limits = admission.rate_limits(bench.now());
    assert_eq!(remaining(limits.requests), (10, 9, 3600));
    assert_eq!(remaining(limits.tokens), (5000, 4500, 60));
    hold.settle(used(100, 100));
    assert_eq!(remaining(admission.rate_limits(bench.now()).tokens), (5000, 4800, 60));
    bench.clock.advance(Duration::from_secs(90));
    assert_eq!(
        remaining(admission.rate_limits(bench.now()).tokens),
        (5000, 5000, 60),
        "a window that has ended"
    );
    let unlimited = Bench::new(json!({}))
        .await
        .admit()
        .await
        .unwrap()
        .rate_limits(Now::default());
    assert_eq!(unlimited, RateLimits::default());
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_can_follow_the_calendar() {
    let rate = json!({"request_max_limit": 1, "request_reset_duration": "1d", "calendar_aligned": true});
    let bench = Bench::new(json!({"rate_limit": rate})).await;
    bench.admit().await.unwrap().finish(bench.now());
    // The bench begins at 22:13:20 of its day.
    assert_eq!(
        words(&bench.admit().await.unwrap_err()),
        (429, "request_limited", Some(6400))
    );
    bench.clock.advance(Duration::from_secs(6400));
    bench.admit().await.unwrap().finish(bench.now());
}
