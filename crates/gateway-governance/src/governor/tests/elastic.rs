//! Holds that begin small and grow with a stream.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Waker};

use super::*;

/// Tokens that leave the first slices far from the limit.
const PLENTY: i64 = 1_000_000;

fn stream(input: u64, cap: u64) -> Estimate {
    Estimate {
        elastic: true,
        ..estimate(input, cap)
    }
}

async fn cover(hold: &mut Hold, output: u64) -> Result<(), Error> {
    poll_fn(|cx| hold.poll_cover(output, cx)).await
}

/// Whether it is covered without waiting.
fn covered_at_once(hold: &mut Hold, output: u64) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    hold.poll_cover(output, &mut cx).is_ready()
}

fn held(bench: &Bench) -> i64 {
    bench.used("vk/k/budget").1
}

#[tokio::test(start_paused = true)]
async fn a_stream_holds_its_input_and_a_first_slice_and_more_as_it_goes() {
    let bench = Bench::new(budget(PLENTY)).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    assert_eq!((hold.cap(), hold.covered(), held(&bench)), (None, Some(512), 562));
    cover(&mut hold, 512).await.unwrap();
    assert_eq!(held(&bench), 562, "what is held is not taken again");
    cover(&mut hold, 513).await.unwrap();
    assert_eq!(
        (hold.covered(), held(&bench)),
        (Some(769), 819),
        "a batch is taken ahead"
    );
    assert!(covered_at_once(&mut hold, 769), "cells are not touched for every chunk");
    cover(&mut hold, 3000).await.unwrap();
    assert_eq!(hold.covered(), Some(3750), "batches grow with the stream");
    cover(&mut hold, 4900).await.unwrap();
    assert_eq!((hold.covered(), held(&bench)), (None, 5050), "never more than the cap");
    cover(&mut hold, 9000).await.unwrap();
    assert_eq!(held(&bench), 5050);
    hold.sent(&"key".into());
    let billed = hold.settle(used(50, 4200));
    assert_eq!((billed.cost, billed.overrun), (NanoUsd(4250), NanoUsd(0)));
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/budget"), (4250, 0));
}

#[tokio::test(start_paused = true)]
async fn a_first_slice_is_as_long_as_the_models_answers_tend_to_be() {
    let bench = Bench::new(budget(PLENTY)).await;
    for _ in 0..50 {
        let admission = bench.admit().await.unwrap();
        let hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
        hold.settle(used(50, 200));
    }
    let admission = bench.admit().await.unwrap();
    let hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    assert_eq!(hold.covered(), Some(201));
    hold.settle(Metered {
        basis: Basis::Counted,
        ..used(50, 5000)
    });
    let three = Estimate {
        choices: 3,
        ..stream(50, 5000)
    };
    let hold = bench.hold(&admission, three, nano()).await.unwrap();
    assert_eq!(
        hold.covered(),
        Some(603),
        "of each answer; what is only counted teaches nothing"
    );
    hold.release();
    let hold = bench.hold(&admission, stream(50, 100), nano()).await.unwrap();
    assert_eq!((hold.covered(), held(&bench)), (None, 150), "at most the cap");
    hold.release();
}

#[tokio::test(start_paused = true)]
async fn a_lone_stream_near_the_end_of_its_budget_is_ended_by_the_provider() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    assert_eq!((hold.cap(), held(&bench)), (Some(950), 562));
    cover(&mut hold, 950).await.unwrap();
    assert_eq!(hold.settle(used(50, 950)).overrun, NanoUsd(0));
    let refused = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap_err();
    assert_eq!(words(&refused), (402, "budget_exceeded", Some(3600)));
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/budget"), (1000, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_unknown_length_goes_on_as_long_as_its_budget() {
    let open_ended = Estimate {
        cap: None,
        max_output: None,
        ..stream(50, 0)
    };
    let bench = Bench::new(budget(100_000)).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, open_ended, nano()).await.unwrap();
    assert_eq!(hold.cap(), None, "there is more than any usual answer");
    cover(&mut hold, 90_000).await.unwrap();
    cover(&mut hold, 99_950).await.unwrap();
    let error = cover(&mut hold, 99_951).await.unwrap_err();
    assert_eq!(
        words(&error),
        (402, "budget_exceeded", Some(1)),
        "only what it holds itself is in its way"
    );
    hold.settle(used(50, 99_950));
    let known = Estimate {
        max_output: Some(1000),
        ..open_ended
    };
    let bench = Bench::new(budget(100_000)).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, known, nano()).await.unwrap();
    assert_eq!(hold.cap(), None, "the model ends it by itself");
    cover(&mut hold, 3000).await.unwrap();
    assert!(held(&bench) >= 3050, "should it not, that is held too");
    hold.release();
    let small = Bench::new(budget(5000)).await;
    let admission = small.admit().await.unwrap();
    let hold = small.hold(&admission, open_ended, nano()).await.unwrap();
    assert_eq!(hold.cap(), Some(4950));
    hold.release();
}

#[tokio::test(start_paused = true)]
async fn a_stream_waits_for_what_others_hold_and_ends_when_they_keep_it() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    let mut first = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    let mut second = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    assert_eq!(
        (first.covered(), second.covered()),
        (Some(512), Some(388)),
        "it begins on what there is"
    );
    let error = cover(&mut first, 513).await.unwrap_err();
    assert_eq!(words(&error), (402, "budget_exceeded", Some(1)));
    assert!(error.message.contains("held by calls under way"), "{error}");
    let settled = async {
        tokio::task::yield_now().await;
        cover(&mut second, 300).await.unwrap();
        second.settle(used(50, 300));
    };
    let (covered, ()) = tokio::join!(cover(&mut first, 580), settled);
    covered.unwrap();
    assert_eq!(
        (first.covered(), held(&bench)),
        (Some(600), 650),
        "all of the rest, which is less than a batch"
    );
    let error = cover(&mut first, 601).await.unwrap_err();
    assert_eq!(words(&error).1, "budget_exceeded");
    assert_eq!(first.settle(used(50, 600)).overrun, NanoUsd(0));
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/budget"), (1000, 0), "exactly the limit");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_ends_no_stream() {
    for health in [FAILING, HANGING] {
        let bench = Bench::new(budget(PLENTY)).await;
        let admission = bench.admit().await.unwrap();
        let mut hold = bench.hold(&admission, stream(50, 50_000), nano()).await.unwrap();
        bench.store.set(health);
        // On the clock of the test: at most the wait for one lease.
        let waited = tokio::time::timeout(Duration::from_millis(1001), cover(&mut hold, 20_000));
        waited.await.unwrap().unwrap();
        assert!(hold.covered() >= Some(20_000));
        assert!(
            covered_at_once(&mut hold, 40_000),
            "it is not waited for again and again"
        );
        let before = held(&bench);
        let billed = hold.settle(used(50, 40_000));
        assert!(
            before < 40_050 && billed.overrun.0 > 0,
            "what no slice covered is overrun"
        );
        assert_eq!(bench.used("vk/k/budget"), (40_050, 0));
        bench.tasks.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_over_the_edge_of_a_window_is_charged_in_both() {
    let bench = Bench::new(budget(PLENTY)).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    bench.clock.advance(Duration::from_secs(3600));
    cover(&mut hold, 700).await.unwrap();
    assert_eq!(
        held(&bench),
        444,
        "what is added is held in the window that is open now"
    );
    cover(&mut hold, 1500).await.unwrap();
    let billed = hold.settle(used(50, 1500));
    assert_eq!(billed.overrun, NanoUsd(0));
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/budget"), (988, 0));
    let entries = bench.entries().await;
    let charged: Vec<_> = entries[0]
        .charges
        .iter()
        .map(|charge| (charge.window.0, charge.amount))
        .collect();
    assert_eq!(charged, [(1, 562), (2, 988)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_reported_late_is_covered_by_what_lies_free() {
    let bench = Bench::new(budget(PLENTY)).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    assert_eq!(hold.settle(used(50, 600)).overrun, NanoUsd(0));
    let whole = bench.hold(&admission, estimate(50, 600), nano()).await.unwrap();
    assert_eq!(
        whole.settle(used(50, 610)).overrun,
        NanoUsd(10),
        "a hold that does not grow"
    );
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/budget"), (1310, 0));
}

#[tokio::test(start_paused = true)]
async fn money_and_tokens_grow_together() {
    let mut key = budget(PLENTY);
    key["rate_limit"] = tokens(2000)["rate_limit"].clone();
    let bench = Bench::new(key).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, stream(100, 5000), nano()).await.unwrap();
    assert_eq!(hold.cap(), Some(1900), "what the tokens' window leaves");
    cover(&mut hold, 1000).await.unwrap();
    assert_eq!((bench.used("vk/k/tokens").1, held(&bench)), (1356, 1356));
    let mut other = bench.hold(&admission, stream(100, 5000), nano()).await.unwrap();
    assert_eq!(other.covered(), Some(512));
    let error = cover(&mut hold, 1500).await.unwrap_err();
    assert_eq!(words(&error).1, "token_limited");
    assert_eq!(held(&bench), 1356 + 612, "money that tokens do not follow is not kept");
    cover(&mut other, 530).await.unwrap();
    drop((hold, other));
    assert_eq!((bench.used("vk/k/tokens").1, held(&bench)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_limited_needs_no_cover() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    for (wanted, pricing) in [(stream(50, 5000), Pricing::Free), (estimate(50, 500), nano())] {
        let mut hold = bench.hold(&admission, wanted, pricing).await.unwrap();
        assert_eq!((hold.cap(), hold.covered()), (None, None));
        assert!(covered_at_once(&mut hold, u64::MAX));
        hold.release();
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_while_its_stream_waits_leaves_nothing_held() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    let other = bench.hold(&admission, estimate(50, 400), nano()).await.unwrap();
    let mut hold = bench.hold(&admission, stream(50, 5000), nano()).await.unwrap();
    hold.sent(&"key".into());
    {
        let mut waiting = pin!(cover(&mut hold, 550));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
    }
    drop(hold);
    assert_eq!(bench.used("vk/k/budget"), (12, 450));
    drop(other);
    assert_eq!(bench.used("vk/k/budget"), (12, 0));
}
