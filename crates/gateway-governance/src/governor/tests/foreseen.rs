//! What a call would be told is what it is then told, and nothing is taken for it.

use proptest::prelude::*;

use super::*;

impl Bench {
    fn would(&self, estimate: Estimate, pricing: Pricing) -> Result<Option<u64>, Error> {
        let call = Foreseen {
            principal: &self.principal,
            input_estimate: 10,
            ceiling: None,
        };
        self.governor.would_admit(call, self.now())?;
        let allowed = self.allowed("m");
        self.governor
            .would_hold(call, &allowed, estimate, &pricing.into(), self.now())
    }

    async fn does(&self, estimate: Estimate, pricing: Pricing) -> Result<Option<u64>, Error> {
        let admission = self.admit().await?;
        let held = self.hold(&admission, estimate, pricing).await;
        let told = held.map(|hold| {
            let cap = hold.cap();
            hold.release();
            cap
        });
        admission.refuse();
        told
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_ahead_takes_nothing() {
    let mut key = budget(1000);
    key["rate_limit"] = json!({"request_max_limit": 1, "request_reset_duration": "1h"});
    let bench = Bench::new(key).await;
    for _ in 0..5 {
        assert_eq!(bench.would(estimate(50, 400), nano()).unwrap(), None);
    }
    assert_eq!(bench.used("vk/k/budget"), (0, 0));
    assert_eq!(bench.used("vk/k/requests"), (0, 0));
    bench.call(estimate(50, 400), nano()).await.unwrap();
    let told = bench.would(estimate(50, 400), nano()).unwrap_err();
    let then = bench.admit().await.unwrap_err();
    assert_eq!((words(&told), &told.message), (words(&then), &then.message));
}

#[test]
fn a_look_ahead_tells_what_then_happens() {
    let cases = (
        100_i64..2000,
        0_u64..900,
        0_u64..900,
        prop::option::of(1_u64..600),
        any::<bool>(),
        0_u8..3,
    );
    let mut runner = proptest::test_runner::TestRunner::default();
    let checked = runner.run(&cases, |(limit, before, input, cap, elastic, priced)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut key = budget(limit);
            key["rate_limit"] = tokens(3 * limit.unsigned_abs())["rate_limit"].clone();
            let bench = Bench::new(key).await;
            drop(bench.call(estimate(before, 20), nano()).await);
            let asked = Estimate {
                cap,
                elastic,
                ..estimate(input, 0)
            };
            let pricing = [nano(), Pricing::Free, Pricing::Unknown][usize::from(priced)].clone();
            let shown = |told: Result<Option<u64>, Error>| told.map_err(|error| (words(&error), error.message));
            let told = shown(bench.would(asked, pricing.clone()));
            let then = shown(bench.does(asked, pricing).await);
            prop_assert_eq!(told, then);
            Ok(())
        })
    });
    checked.unwrap();
}
