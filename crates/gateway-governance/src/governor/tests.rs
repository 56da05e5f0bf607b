use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use gateway_types::{
    Basis, ManualClock, Metered, ModelName, NanoUsd, ProviderName, Tick, UnitPrice, Usage, VirtualKeyId, Wall,
};
use serde_json::{Value, json};

use super::*;
use crate::access::{Served, Serves, authorise};
use crate::credential::KeyHasher;
use crate::directory::{Directory, Rules, Said, authenticate};
use crate::ledger::{Ask, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use crate::memory::MemoryLedger;
use crate::price::{Price, Pricing, Rates};
use crate::quota::WindowNo;
use crate::settings::VirtualKeySettings;

/// A store whose health is set by the test.
#[derive(Debug, Default)]
struct Store {
    books: MemoryLedger,
    health: AtomicU8,
}

const WELL: u8 = 0;
const FAILING: u8 = 1;
const HANGING: u8 = 2;

impl Store {
    async fn pass(&self) -> Result<(), StoreError> {
        match self.health.load(Ordering::Relaxed) {
            FAILING => Err(StoreError("disk full".into())),
            HANGING => std::future::pending().await,
            _ => Ok(()),
        }
    }

    fn set(&self, health: u8) {
        self.health.store(health, Ordering::Relaxed);
    }

    async fn window(&self, quota: &str) -> WindowState {
        let windows = self.books.windows().await.unwrap();
        windows
            .into_iter()
            .find(|window| window.quota == quota)
            .expect("the window is there")
    }
}

#[async_trait]
impl Ledger for Store {
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError> {
        self.pass().await?;
        self.books.lease(asks, now).await
    }
    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError> {
        self.pass().await?;
        self.books.give_back(returns).await
    }
    async fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        self.pass().await?;
        self.books.append(entries).await
    }
    async fn windows(&self) -> Result<Vec<WindowState>, StoreError> {
        self.pass().await?;
        self.books.windows().await
    }
    async fn recover(&self) -> Result<(), StoreError> {
        self.pass().await?;
        self.books.recover().await
    }
    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        self.books.reset(quota, now).await
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        self.books.write_off(quota, window).await
    }

    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        self.books.page(wanted).await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.books.verify().await
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.books.entries(limit).await
    }
}

struct Anything;

impl Serves for Anything {
    fn is_provider(&self, name: &str) -> bool {
        ["p", "q"].contains(&name)
    }
    fn providers(&self) -> Vec<ProviderName> {
        vec!["p".into(), "q".into()]
    }
    fn serves(&self, _: &ProviderName, model: &str) -> Served {
        Served::Yes(ModelName::from(model))
    }
}

/// A governor at work, with one virtual key `k`.
struct Bench {
    store: Arc<Store>,
    clock: Arc<ManualClock>,
    governor: Governor,
    principal: Principal,
    tasks: tokio::task::JoinHandle<()>,
}

fn principal(governor: &Governor, fields: &Value) -> Principal {
    let hasher = KeyHasher::new(&[0; 32]);
    let mut key: VirtualKeySettings = serde_json::from_value(fields.clone()).unwrap();
    key.value_hash = Some(hasher.hash("k").to_string());
    let directory = Directory::compile(&Said::keys(&[key]), governor.quotas()).unwrap();
    authenticate(&directory, &hasher, Some("k"), Rules { enforced: true }, Now::default()).unwrap()
}

impl Bench {
    async fn new(key: Value) -> Self {
        Self::over(Arc::default(), Options::default(), key).await
    }

    async fn over(store: Arc<Store>, options: Options, mut key: Value) -> Self {
        key["id"] = json!("k");
        let wall = Wall::from_millis(1_700_000_000_000);
        let clock = Arc::new(ManualClock::at(Now {
            wall,
            tick: Tick::default(),
        }));
        let (governor, tasks) = Governor::new(store.clone(), clock.clone(), Org::default(), options);
        let tasks = tokio::spawn(tasks.run());
        governor.ready().await;
        let principal = principal(&governor, &key);
        Self {
            store,
            clock,
            governor,
            principal,
            tasks,
        }
    }

    fn now(&self) -> Now {
        self.clock.now()
    }

    async fn admit(&self) -> Result<Admission, Error> {
        let turn = Turn::new(RequestId::new(self.now()), Operation::Chat, 10);
        self.governor.admit(&self.principal, turn, self.now()).await
    }

    fn allowed(&self, model: &str) -> Allowed {
        authorise(&self.principal, model, &Anything).unwrap().allowed.remove(0)
    }

    async fn hold(&self, admission: &Admission, estimate: Estimate, pricing: Pricing) -> Result<Hold, Error> {
        self.governor
            .hold(admission, &self.allowed("m"), estimate, pricing, self.now())
            .await
    }

    /// A whole call that uses exactly what it could.
    async fn call(&self, estimate: Estimate, pricing: Pricing) -> Result<Settled, Error> {
        let admission = self.admit().await?;
        let mut hold = match self.hold(&admission, estimate, pricing).await {
            Ok(hold) => hold,
            Err(error) => {
                admission.refuse();
                return Err(error);
            }
        };
        hold.sent(&"key".into());
        let output = hold.cap().or(estimate.cap).unwrap_or(0);
        hold.settle(used(estimate.input_bound, output));
        Ok(admission.finish(self.now()))
    }

    fn used(&self, quota: &str) -> (i64, i64) {
        let usage = self.governor.usage(&quota.into()).unwrap();
        (usage.used, usage.held)
    }

    async fn entries(&self) -> Vec<Entry> {
        self.governor.close().await;
        self.store.books.entries(1000).await.unwrap()
    }
}

/// 1 nano-dollar a token, in and out.
fn nano() -> Pricing {
    Pricing::Known(Price::flat(Rates::new(UnitPrice(1000), UnitPrice(1000))))
}

fn estimate(input: u64, cap: u64) -> Estimate {
    Estimate {
        input_bound: input,
        input_estimate: input / 4,
        cap: Some(cap),
        max_output: Some(1000),
        choices: 1,
        generates: true,
        elastic: false,
    }
}

fn used(input: u64, output: u64) -> Metered {
    Metered {
        usage: Usage {
            input,
            output,
            ..Usage::default()
        },
        basis: Basis::Reported,
        cost: None,
    }
}

fn budget(nanos: i64) -> Value {
    json!({"budgets": [{"max_limit": nanos as f64 / 1e9, "reset_duration": "1h"}]})
}

fn words(error: &Error) -> (u16, &'static str, Option<u64>) {
    (
        error.status(),
        error.kind.code(),
        error.retry_after.map(|after| after.as_secs()),
    )
}

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

fn tokens(limit: u64) -> Value {
    json!({"rate_limit": {"token_max_limit": limit, "token_reset_duration": "1m"}})
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
                Ok(admission) => admission.refuse(),
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

/// A small generator: tests need variety, not quality.
fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_at_once_settle_within_every_limit() {
    const LIMIT: i64 = 100_000;
    let options = Options {
        lease_wait: Duration::from_millis(20),
        ..Options::default()
    };
    let bench = Arc::new(
        Bench::over(
            Arc::default(),
            options,
            json!({
                "budgets": budget(LIMIT)["budgets"], "rate_limit": {"max_in_flight": 40},
                "provider_configs": [{"provider": "p", "rate_limit": tokens(90_000)["rate_limit"]}],
            }),
        )
        .await,
    );
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..64 {
        let bench = bench.clone();
        tasks.spawn(async move {
            let mut state = task;
            let mut cost = 0;
            for _ in 0..40 {
                let Ok(admission) = bench.admit().await else { continue };
                let wanted = estimate(random(&mut state) % 100, 16 + random(&mut state) % 200);
                let Ok(mut hold) = bench.hold(&admission, wanted, nano()).await else {
                    admission.refuse();
                    continue;
                };
                tokio::task::yield_now().await;
                assert!(bench.used("vk/k/budget").0 <= LIMIT);
                let output = random(&mut state) % (hold.cap().or(wanted.cap).unwrap() + 1);
                match random(&mut state) % 8 {
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
                cost += admission.finish(bench.now()).cost.0;
            }
            cost
        });
    }
    let cost: i64 = tasks.join_all().await.into_iter().sum();
    let (spent, held) = bench.used("vk/k/budget");
    assert_eq!((spent, held), (cost, 0));
    assert!((LIMIT / 2..=LIMIT).contains(&spent), "{spent}");
    assert!(bench.used("vk/k/p/tokens").0 <= 90_000);
    bench.governor.close().await;
    let window = bench.store.window("vk/k/budget").await;
    assert_eq!((window.settled, window.granted, window.overrun), (cost, cost, 0));
    let entries = bench.store.books.entries(10_000).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.total.0).sum::<i64>(), cost);
}
