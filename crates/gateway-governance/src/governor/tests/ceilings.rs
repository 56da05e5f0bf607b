//! What a caller is willing to pay for a call, and what a provider says that it cost.

use super::*;
use crate::price::PricedBy;

impl Bench {
    async fn admit_under(&self, ceiling: i64) -> Admission {
        let mut turn = Turn::new(RequestId::new(self.now()), Operation::Chat, 10);
        turn.ceiling = Some(NanoUsd(ceiling));
        self.governor.admit(&self.principal, turn, self.now()).await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_ceiling_lowers_the_cap_and_refuses_what_is_too_dear() {
    let bench = Bench::new(json!({})).await;
    let admission = bench.admit_under(300).await;
    let hold = bench.hold(&admission, estimate(50, 400), nano()).await.unwrap();
    assert_eq!(hold.cap(), Some(250));
    hold.release();
    let no_cap = Estimate {
        cap: None,
        ..estimate(50, 0)
    };
    let hold = bench.hold(&admission, no_cap, nano()).await.unwrap();
    assert_eq!(hold.cap(), Some(250), "put in, though nothing else is limited");
    hold.release();
    let open_ended = Estimate {
        max_output: None,
        elastic: true,
        ..no_cap
    };
    let hold = bench.hold(&admission, open_ended, nano()).await.unwrap();
    assert_eq!((hold.cap(), hold.covered()), (Some(250), None));
    hold.release();
    let within = bench.hold(&admission, estimate(50, 250), nano()).await.unwrap();
    assert_eq!(within.cap(), None);
    within.release();
    let vectors = Estimate {
        generates: false,
        ..no_cap
    };
    let hold = bench.hold(&admission, vectors, nano()).await.unwrap();
    assert_eq!(hold.cap(), None, "what generates nothing has no cap");
    hold.release();
    let error = bench.hold(&admission, estimate(285, 400), nano()).await.unwrap_err();
    assert_eq!(words(&error), (402, "cost_ceiling_exceeded", None));
    assert_eq!(
        error.message,
        "the cost ceiling of this call is 0.0000003 dollars, and the smallest answer can cost 0.000000301; raise the \
         ceiling, shorten the prompt, or use a cheaper model"
    );
    let free = bench
        .hold(&admission, estimate(5000, 5000), Pricing::Free)
        .await
        .unwrap();
    assert_eq!(free.cap(), None, "what costs nothing is under every ceiling");
    free.release();
    let unknown = bench
        .hold(&admission, estimate(5, 5), Pricing::Unknown)
        .await
        .unwrap_err();
    assert_eq!(words(&unknown), (402, "price_unknown", None));
}

#[tokio::test(start_paused = true)]
async fn all_attempts_of_a_call_are_under_one_ceiling() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit_under(300).await;
    let mut first = bench.hold(&admission, estimate(50, 50), nano()).await.unwrap();
    let hedge = bench.hold(&admission, estimate(50, 400), nano()).await.unwrap();
    assert_eq!(hedge.cap(), Some(150), "what one may cost is not the other's");
    let third = bench.hold(&admission, estimate(50, 50), nano()).await.unwrap_err();
    assert!(
        third.message.contains("of which earlier attempts took 0.0000003"),
        "{third}"
    );
    hedge.release();
    first.sent(&"key".into());
    first.settle(used(50, 20));
    let last = bench.hold(&admission, estimate(50, 400), nano()).await.unwrap();
    assert_eq!(last.cap(), Some(180), "what a failed attempt was billed counts");
    last.settle(used(50, 180));
    assert_eq!(admission.finish(bench.now()).cost, NanoUsd(300));
}

#[tokio::test(start_paused = true)]
async fn a_cap_that_the_budget_lowers_leaves_more_under_the_ceiling() {
    let bench = Bench::new(budget(200)).await;
    let admission = bench.admit_under(300).await;
    let hold = bench.hold(&admission, estimate(50, 400), nano()).await.unwrap();
    assert_eq!(hold.cap(), Some(150));
    let error = bench.hold(&admission, estimate(20, 400), nano()).await.unwrap_err();
    assert_eq!(
        words(&error).1,
        "budget_exceeded",
        "and not the ceiling, of which 100 are left"
    );
    hold.release();
}

fn reported(cost: i64) -> Metered {
    Metered {
        cost: Some(NanoUsd(cost)),
        ..used(50, 50)
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_it_cost_is_what_is_billed() {
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench.hold(&admission, estimate(50, 50), nano()).await.unwrap();
    let billed = hold.settle(reported(70));
    assert_eq!(
        (billed.cost, billed.overrun, billed.unpriced),
        (NanoUsd(70), NanoUsd(0), false)
    );
    let hold = bench.hold(&admission, estimate(50, 50), nano()).await.unwrap();
    assert_eq!(hold.settle(reported(130)).overrun, NanoUsd(30));
    let own = bench.hold(&admission, estimate(50, 50), Pricing::Free).await.unwrap();
    assert_eq!(
        own.settle(reported(500)).cost,
        NanoUsd(0),
        "an operator's own machine stays free"
    );
    admission.finish(bench.now());
    assert_eq!(bench.used("vk/k/budget"), (200, 0));
    let entries = bench.entries().await;
    let legs = &entries[0].legs;
    assert!(legs[0].amounts.is_empty() && legs[0].priced_by == PricedBy::Provider);
    assert_eq!(legs[0].metered.cost, Some(legs[0].cost));
    assert_eq!(legs[2].priced_by, PricedBy::Catalogue);
    assert_eq!(entries[0].total, NanoUsd(200));
}

#[tokio::test(start_paused = true)]
async fn a_reported_cost_is_charged_where_no_price_was_known() {
    let bench = Bench::new(json!({})).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench
        .hold(&admission, estimate(50, 50), Pricing::Unknown)
        .await
        .unwrap();
    let billed = hold.settle(reported(70));
    assert_eq!((billed.cost, billed.unpriced), (NanoUsd(70), false));
    admission.finish(bench.now());

    let nothing = Quote {
        pricing: Pricing::Free,
        by: PricedBy::Unknown,
    };
    let bench = Bench::new(budget(1000)).await;
    let admission = bench.admit().await.unwrap();
    let hold = bench.hold(&admission, estimate(50, 50), nothing.clone()).await.unwrap();
    assert!(
        hold.settle(used(50, 50)).unpriced,
        "let through for nothing, and marked"
    );
    let hold = bench.hold(&admission, estimate(50, 50), nothing).await.unwrap();
    assert_eq!((hold.cap(), bench.used("vk/k/budget")), (None, (0, 0)));
    assert_eq!(
        hold.settle(reported(70)).overrun,
        NanoUsd(70),
        "nothing was held for it"
    );
    assert_eq!(admission.finish(bench.now()).cost, NanoUsd(70));
    assert_eq!(bench.used("vk/k/budget"), (70, 0));
}
