//! Budgets: what fits, what is lowered, what is booked.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_budget_lets_calls_through_until_it_is_spent() {
    let bench = Bench::new(budget(350)).await;
    for _ in 0..3 {
        let settled = bench.call(estimate(50, 50), nano()).await.unwrap();
        assert_eq!(
            (settled.cost, settled.overrun, settled.unpriced),
            (NanoUsd(100), NanoUsd(0), false)
        );
    }
    assert_eq!(bench.used("vk/k/budget"), (300, 0));
    bench.clock.advance(Duration::from_secs(600));
    let error = bench.call(estimate(40, 50), nano()).await.unwrap_err();
    assert_eq!(
        words(&error),
        (402, "budget_exceeded", Some(3000)),
        "10 are left, the floor is 16"
    );
    assert_eq!(
        error.message,
        "budget of virtual key k exceeded: 0.0000003 of 0.00000035 dollars used, and this call can cost 0.000000056"
    );
    assert_eq!(bench.used("vk/k/budget"), (300, 0), "a refused call costs nothing");
    bench.clock.advance(Duration::from_secs(3000));
    bench.call(estimate(50, 50), nano()).await.unwrap();
    assert_eq!(
        bench.used("vk/k/budget"),
        (100, 0),
        "a new window begins with the next call"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cap_that_the_budget_does_not_cover_is_lowered() {
    let bench = Bench::new(budget(350)).await;
    let admission = bench.admit().await.unwrap();
    let asked = |cap| Estimate { cap, ..estimate(50, 0) };
    let within = bench.hold(&admission, asked(Some(300)), nano()).await.unwrap();
    assert_eq!(within.cap(), None, "the client's cap stands");
    within.release();
    let lowered = bench.hold(&admission, asked(Some(400)), nano()).await.unwrap();
    assert_eq!(lowered.cap(), Some(300));
    lowered.release();
    let put_in = bench.hold(&admission, asked(None), nano()).await.unwrap();
    assert_eq!(
        put_in.cap(),
        Some(300),
        "without a cap the model's maximum would be possible"
    );
    put_in.release();
    let twice = bench
        .hold(
            &admission,
            Estimate {
                choices: 3,
                ..asked(Some(400))
            },
            nano(),
        )
        .await
        .unwrap();
    assert_eq!(twice.cap(), Some(100), "each of three answers may be that long");
    twice.release();
    let tiny = bench
        .hold(
            &admission,
            Estimate {
                cap: Some(5),
                ..estimate(345, 0)
            },
            nano(),
        )
        .await
        .unwrap();
    assert_eq!(tiny.cap(), None, "a client may ask for less than the floor");
    tiny.release();
    let vectors = Estimate {
        generates: false,
        elastic: false,
        ..asked(None)
    };
    let hold = bench.hold(&admission, vectors, nano()).await.unwrap();
    assert_eq!(
        (hold.cap(), bench.used("vk/k/budget").1),
        (None, 50),
        "what generates nothing has no cap"
    );
    hold.release();
    assert_eq!(bench.used("vk/k/budget"), (0, 0));
    let free = bench.hold(&admission, asked(None), Pricing::Free).await.unwrap();
    assert_eq!(free.cap(), None, "nothing is limited");
}

#[tokio::test(start_paused = true)]
async fn a_budget_of_nothing_lets_through_what_costs_nothing() {
    let bench = Bench::new(budget(0)).await;
    let zero = Pricing::Known(Price::flat(Rates::default()));
    assert_eq!(
        bench.call(estimate(50, 50), Pricing::Free).await.unwrap().cost,
        NanoUsd::ZERO
    );
    assert_eq!(bench.call(estimate(50, 50), zero).await.unwrap().cost, NanoUsd::ZERO);
    let refused = bench.call(estimate(50, 50), nano()).await.unwrap_err();
    assert_eq!(words(&refused), (402, "budget_exceeded", Some(3600)));
    let unknown = bench.call(estimate(50, 50), Pricing::Unknown).await.unwrap_err();
    assert_eq!(words(&unknown), (402, "price_unknown", None));
    assert!(unknown.message.contains("model `m` at provider `p`") && unknown.message.contains("`vk/k/budget`"));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_price_is_free_and_marked_where_no_budget_is_in_scope() {
    let bench = Bench::new(json!({})).await;
    let settled = bench.call(estimate(50, 50), Pricing::Unknown).await.unwrap();
    assert_eq!((settled.cost, settled.unpriced), (NanoUsd::ZERO, true));
    let entries = bench.entries().await;
    assert_eq!(entries.len(), 1);
    let leg = &entries[0].legs[0];
    assert!(leg.unpriced && leg.amounts.is_empty() && entries[0].charges.is_empty());
    assert_eq!(
        (leg.provider.as_str(), leg.key.as_str(), leg.model.as_str()),
        ("p", "key", "m")
    );
    assert_eq!(
        (&entries[0].virtual_key, leg.metered),
        (&Some(VirtualKeyId::from("k")), used(50, 50))
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_billed_beyond_a_hold_is_booked_in_full() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    let mut hold = bench.hold(&admission, estimate(50, 50), nano()).await.unwrap();
    hold.sent(&"key".into());
    let billed = hold.settle(used(50, 850));
    assert_eq!(
        billed,
        Billed {
            cost: NanoUsd(900),
            overrun: NanoUsd(800),
            unpriced: false
        }
    );
    assert_eq!(admission.finish(bench.now()).overrun, NanoUsd(800));
    assert_eq!(bench.used("vk/k/budget"), (900, 0));
    let error = bench.call(estimate(90, 50), nano()).await.unwrap_err();
    assert_eq!(words(&error).1, "budget_exceeded", "it counts against the window");
    let entries = bench.entries().await;
    assert_eq!(
        (entries[0].charges[0].amount, entries[0].charges[0].overrun),
        (900, 800)
    );
    let window = bench.store.window("vk/k/budget").await;
    assert_eq!((window.settled, window.overrun, window.granted), (900, 800, 900));
}

#[tokio::test(start_paused = true)]
async fn all_quotas_in_scope_are_taken_or_none() {
    let own = json!({"max_limit": 1e-6, "reset_duration": "1h"});
    let of_entry = json!({"max_limit": 1e-7, "reset_duration": "1d"});
    let bench = Bench::new(json!({"budgets": [own], "rate_limit": tokens(500)["rate_limit"],
        "provider_configs": [{"provider": "p", "budgets": [of_entry]}]}))
    .await;
    let error = bench.call(estimate(90, 50), nano()).await.unwrap_err();
    assert!(error.message.contains("virtual key k at provider p"), "{error}");
    assert_eq!(error.retry_after.map(|after| after.as_secs()), Some(86_400));
    for quota in ["vk/k/budget", "vk/k/p/budget", "vk/k/tokens"] {
        assert_eq!(bench.used(quota), (0, 0), "{quota}");
    }
    bench.call(estimate(50, 50), nano()).await.unwrap();
    for quota in ["vk/k/budget", "vk/k/p/budget", "vk/k/tokens"] {
        assert_eq!(bench.used(quota), (100, 0), "{quota}");
    }
    let entries = bench.entries().await;
    let charged: Vec<_> = entries[0]
        .charges
        .iter()
        .map(|charge| (charge.quota.as_str(), charge.amount))
        .collect();
    assert_eq!(
        charged,
        [("vk/k/budget", 100), ("vk/k/p/budget", 100), ("vk/k/tokens", 100)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_what_others_are_about_to_give_back() {
    let bench = Bench::new(budget(1000)).await;
    let (one, two) = (bench.admit().await.unwrap(), bench.admit().await.unwrap());
    let first = bench.hold(&one, estimate(500, 490), nano()).await.unwrap();
    // Polled first, the second call finds the budget held; then the first one ends.
    let (second, ()) = tokio::join!(biased; bench.hold(&two, estimate(500, 100), nano()), async { first.release() });
    assert_eq!(second.unwrap().cap(), None);
    let first = bench.hold(&one, estimate(500, 490), nano()).await.unwrap();
    let refused = bench.hold(&two, estimate(500, 100), nano()).await.unwrap_err();
    assert_eq!(
        words(&refused),
        (402, "budget_exceeded", Some(1)),
        "only the unfinished call is in the way"
    );
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_only_held_is_waited_for_whatever_a_call_could_cost_at_most() {
    let bench = Bench::new(budget(350)).await;
    let first = bench.admit().await.unwrap();
    let hold = bench.hold(&first, estimate(50, 1000), nano()).await.unwrap();
    let second = bench.admit().await.unwrap();
    let error = bench.hold(&second, estimate(50, 1000), nano()).await.unwrap_err();
    assert_eq!(words(&error), (402, "budget_exceeded", Some(1)), "nothing is spent yet");
    assert!(error.message.contains("held by calls under way"), "{}", error.message);
    let waiting = bench.hold(&second, estimate(50, 1000), nano());
    let settling = async {
        tokio::task::yield_now().await;
        hold.settle(used(50, 10));
    };
    let (held, ()) = tokio::join!(waiting, settling);
    drop(held.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_hold_is_estimated_if_it_was_sent_and_released_if_not() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    drop(bench.hold(&admission, estimate(40, 50), nano()).await.unwrap());
    assert_eq!(bench.used("vk/k/budget"), (0, 0));
    let mut sent = bench.hold(&admission, estimate(40, 50), nano()).await.unwrap();
    sent.sent(&"key".into());
    // The client is gone: the call is dropped before its attempt is.
    drop(admission);
    assert_eq!(bench.used("vk/k/budget"), (0, 90));
    drop(sent);
    assert_eq!(bench.used("vk/k/budget"), (10, 0));
    let entries = bench.entries().await;
    assert_eq!(
        (entries.len(), entries[0].total),
        (1, NanoUsd(10)),
        "the last to go sends the entry"
    );
    assert_eq!(entries[0].legs[0].metered.basis, Basis::Estimated);
}

#[tokio::test(start_paused = true)]
async fn changed_limits_keep_usage_and_act_at_once() {
    let bench = Bench::new(budget(350)).await;
    bench.call(estimate(50, 250), nano()).await.unwrap();
    assert_eq!(words(&bench.call(estimate(90, 90), nano()).await.unwrap_err()).0, 402);
    let mut raised = budget(1000);
    raised["id"] = json!("k");
    principal(&bench.governor, &raised);
    bench.call(estimate(90, 90), nano()).await.unwrap();
    assert_eq!(bench.used("vk/k/budget"), (480, 0));
    let mut lowered = budget(400);
    lowered["id"] = json!("k");
    principal(&bench.governor, &lowered);
    assert_eq!(words(&bench.call(estimate(1, 1), nano()).await.unwrap_err()).0, 402);
}
