//! What governance costs a call: finding the quotas it has to pass, among more and more limits; then admit, hold, settle
//! and finish, with more and more quotas in scope, alone and in a crowd.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use criterion::{BenchmarkId, Criterion};
use gateway_governance::access::{Allowed, Served, Serves, authorise};
use gateway_governance::credential::KeyHasher;
use gateway_governance::directory::{Directory, Principal, Rules, Said, authenticate};
use gateway_governance::entry::Entry;
use gateway_governance::governor::{Admission, Estimate, Governor, Options, Settled, Turn};
use gateway_governance::ledger::{Ask, Ledger, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use gateway_governance::memory::MemoryLedger;
use gateway_governance::price::{Price, Pricing, Rates};
use gateway_governance::quota::{Quotas, WindowNo};
use gateway_governance::settings::{ModelConfig, VirtualKeySettings};
use gateway_types::{
    Basis, Clock, ErrorKind, ManualClock, Metered, ModelName, Now, Operation, Org, ProviderName, QuotaId, RequestId,
    Tick, UnitPrice, Usage, Wall,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How many call at once in the crowd.
const CROWD: usize = 16;
/// After so many calls a caller lets the writer of entries and the keeper of leases have its thread.
const BATCH: u64 = 32;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    authorising(&mut criterion);
    let mut group = criterion.benchmark_group("admit");
    for (quotas, fields) in scopes() {
        let one = Desk::new(vec![fields.clone()]);
        assert_eq!(one.quotas(), quotas, "so many quotas are in scope");
        for (name, desk) in [
            ("alone", one),
            ("crowd-on-one-key", Desk::new(vec![fields.clone()])),
            ("crowd-on-own-keys", Desk::new(vec![fields.clone(); CROWD])),
        ] {
            let callers = if name == "alone" { 1 } else { CROWD };
            group.bench_function(BenchmarkId::new(name, quotas), |bench| {
                bench.iter_custom(|calls| desk.time(callers, calls));
            });
            if callers == 1 {
                group.bench_function(BenchmarkId::new("hold-and-settle", quotas), |bench| {
                    bench.iter_custom(|calls| desk.time_holds(calls));
                });
            }
            desk.close();
        }
    }
    group.finish();
    criterion.final_summary();
}

/// Finding out where a call may go and which quotas hold there: that must not grow with how many limits there are.
fn authorising(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("authorise");
    for limits in [0, 10, 1_000] {
        let (principal, model) = limited(limits);
        group.bench_function(BenchmarkId::new("limits-by-model", limits), |bench| {
            bench.iter(|| authorise(&principal, model, &Anything));
        });
    }
    group.finish();
}

/// A key, and a model that 4 limits hold for, should there be any: half of all are patterns, half are at one provider.
fn limited(limits: usize) -> (Principal, &'static str) {
    let config = |nth: usize| -> ModelConfig {
        let vendor = match nth / 4 {
            0 => "vendor".to_owned(),
            more => format!("v{more}-vendor"),
        };
        let name = if nth.is_multiple_of(2) { "model" } else { "mo*" };
        let provider = (nth % 4 < 2).then_some("p");
        let limit = json!({"request_max_limit": 1, "request_reset_duration": "1d"});
        let fields = json!({
            "id": nth.to_string(), "model_name": format!("{vendor}-{name}"), "provider": provider, "rate_limit": limit,
        });
        serde_json::from_value(fields).expect("the bench's limits are good")
    };
    let models: Vec<_> = (0..limits).map(config).collect();
    let hasher = KeyHasher::new(&[7; 32]);
    let keys = [virtual_key(
        &hasher,
        0,
        json!({"provider_configs": [{"provider": "p"}]}),
    )];
    let said = Said {
        models: &models,
        ..Said::keys(&keys)
    };
    let directory = Directory::compile(&said, &Quotas::new()).expect("the bench's limits are good");
    let principal = caller(&directory, &hasher, 0);
    let model = "vendor-model";
    let grant = authorise(&principal, model, &Anything).expect("the key allows the model");
    assert_eq!(
        grant.allowed[0].scope.cells().len(),
        limits.min(4),
        "so many limits hold"
    );
    (principal, model)
}

/// What a virtual key has, by how many quotas that are. All of them are too large to refuse anything.
fn scopes() -> [(usize, Value); 3] {
    let budget = json!([{"max_limit": 1_000_000.0, "reset_duration": "1d"}]);
    let limit = json!({
        "request_max_limit": 1_000_000_000_000_u64, "request_reset_duration": "1d",
        "token_max_limit": 1_000_000_000_000_000_u64, "token_reset_duration": "1d",
        "max_in_flight": 1_000_000,
    });
    let requests = json!({"request_max_limit": 1_000_000_000_000_u64, "request_reset_duration": "1d"});
    let entry = json!([{"provider": "p", "budgets": budget, "rate_limit": limit}]);
    [
        (0, json!({})),
        (2, json!({"budgets": budget, "rate_limit": requests})),
        (
            8,
            json!({"budgets": budget, "rate_limit": limit, "provider_configs": entry}),
        ),
    ]
}

/// A governor at work, and those who may call.
struct Desk {
    runtime: Runtime,
    governor: Governor,
    now: Now,
    callers: Vec<Caller>,
}

#[derive(Clone)]
struct Caller {
    principal: Principal,
    allowed: Allowed,
}

impl Desk {
    /// One virtual key for each of `keys`.
    fn new(keys: Vec<Value>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(CROWD)
            .enable_time()
            .build()
            .expect("threads can be started");
        let now = Now {
            wall: Wall::from_millis(1_700_000_000_000),
            tick: Tick::default(),
        };
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(now));
        let ledger = Arc::new(Forgetful::default());
        let (governor, tasks) = Governor::new(ledger, clock, Org::default(), Options::default());
        runtime.spawn(tasks.run());
        runtime.block_on(governor.ready());
        let callers = callers(&governor, keys);
        Self {
            runtime,
            governor,
            now,
            callers,
        }
    }

    fn quotas(&self) -> usize {
        let Caller { principal, allowed } = &self.callers[0];
        let own = principal.key().map_or(0, |key| key.scope.cells().len());
        own + allowed.scope.cells().len()
    }

    /// The time that so many calls take in all, shared out among so many callers.
    fn time(&self, callers: usize, calls: u64) -> Duration {
        let each = calls.div_ceil(callers as u64);
        let begun = Instant::now();
        let running: Vec<_> = (0..callers)
            .map(|nth| {
                let caller = self.callers[nth % self.callers.len()].clone();
                self.runtime.spawn(turns(self.governor.clone(), caller, self.now, each))
            })
            .collect();
        self.runtime.block_on(async {
            for caller in running {
                caller.await.expect("no caller panics");
            }
        });
        begun.elapsed()
    }

    /// Of the time of so many calls, that from before the hold to after it is settled.
    fn time_holds(&self, calls: u64) -> Duration {
        let caller = self.callers[0].clone();
        let (governor, now) = (self.governor.clone(), self.now);
        self.runtime.block_on(async {
            let mut took = Duration::ZERO;
            for nth in 1..=calls {
                let admission = admit(&governor, &caller, now).await;
                let begun = Instant::now();
                attempt(&governor, &admission, &caller, now).await;
                took += begun.elapsed();
                admission.finish(now);
                if nth % BATCH == 0 {
                    tokio::task::yield_now().await;
                }
            }
            took
        })
    }

    fn close(self) {
        self.runtime.block_on(self.governor.close());
    }
}

fn callers(governor: &Governor, keys: Vec<Value>) -> Vec<Caller> {
    let hasher = KeyHasher::new(&[7; 32]);
    let keys: Vec<_> = keys
        .into_iter()
        .enumerate()
        .map(|(nth, fields)| virtual_key(&hasher, nth, fields))
        .collect();
    let directory = Directory::compile(&Said::keys(&keys), governor.quotas()).expect("the bench's keys are good");
    (0..keys.len())
        .map(|nth| {
            let principal = caller(&directory, &hasher, nth);
            let mut grant = authorise(&principal, "m", &Anything).expect("the key allows the model");
            let allowed = grant.allowed.remove(0);
            Caller { principal, allowed }
        })
        .collect()
}

fn virtual_key(hasher: &KeyHasher, nth: usize, mut fields: Value) -> Arc<VirtualKeySettings> {
    fields["id"] = json!(format!("vk-{nth}"));
    fields["value_hash"] = json!(hasher.hash(&format!("value-{nth}")).to_string());
    serde_json::from_value(fields).expect("the bench's keys are good")
}

fn caller(directory: &Directory, hasher: &KeyHasher, nth: usize) -> Principal {
    let (value, rules) = (format!("value-{nth}"), Rules { enforced: true });
    authenticate(directory, hasher, Some(&value), rules, Now::default()).expect("the value is that of a key")
}

async fn turns(governor: Governor, caller: Caller, now: Now, calls: u64) {
    for nth in 1..=calls {
        let settled = turn(&governor, &caller, now).await;
        assert!(settled.metered.is_some(), "the call was settled");
        if nth % BATCH == 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// One call, from the door to the ledger.
async fn turn(governor: &Governor, caller: &Caller, now: Now) -> Settled {
    let admission = admit(governor, caller, now).await;
    attempt(governor, &admission, caller, now).await;
    admission.finish(now)
}

async fn admit(governor: &Governor, caller: &Caller, now: Now) -> Admission {
    let turn = Turn::new(RequestId::new(now), Operation::Chat, 250);
    loop {
        match governor.admit(&caller.principal, turn.clone(), now).await {
            Ok(admission) => return admission,
            // The writer of entries has not had a core for a while: callers come back, as clients do.
            Err(refused) => assert_eq!(refused.kind, ErrorKind::Unavailable, "no quota refuses it"),
        }
        tokio::task::yield_now().await;
    }
}

/// What is held for it, and what it has used.
async fn attempt(governor: &Governor, admission: &Admission, caller: &Caller, now: Now) {
    let estimate = Estimate {
        input_bound: 1_000,
        input_estimate: 250,
        cap: Some(512),
        max_output: Some(8_192),
        choices: 1,
        generates: true,
        elastic: false,
    };
    let price = Price::flat(Rates::new(UnitPrice(150_000), UnitPrice(600_000)));
    let mut hold = governor
        .hold(admission, &caller.allowed, estimate, Pricing::Known(price), now)
        .await
        .expect("no quota refuses it");
    hold.sent(&"key".into());
    let usage = Usage {
        input: 240,
        output: 80,
        ..Usage::default()
    };
    hold.settle(Metered::new(usage, Basis::Reported));
}

/// Leases from memory, and keeps no entry: what a store costs is the store's to measure.
#[derive(Debug, Default)]
struct Forgetful(MemoryLedger);

#[async_trait]
impl Ledger for Forgetful {
    async fn lease(&self, asks: &[Ask], now: Wall) -> Result<Vec<Slice>, StoreError> {
        self.0.lease(asks, now).await
    }

    async fn give_back(&self, returns: &[Return]) -> Result<(), StoreError> {
        self.0.give_back(returns).await
    }

    async fn append(&self, _: &[Entry]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn windows(&self) -> Result<Vec<WindowState>, StoreError> {
        self.0.windows().await
    }

    async fn recover(&self) -> Result<(), StoreError> {
        self.0.recover().await
    }

    async fn reset(&self, quota: &QuotaId, now: Wall) -> Result<(), StoreError> {
        self.0.reset(quota, now).await
    }

    async fn write_off(&self, quota: &QuotaId, window: WindowNo) -> Result<i64, StoreError> {
        self.0.write_off(quota, window).await
    }

    async fn entries(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.0.entries(limit).await
    }

    async fn page(&self, wanted: &Wanted) -> Result<Page, StoreError> {
        self.0.page(wanted).await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.0.verify().await
    }
}

/// One provider, which serves every model.
struct Anything;

impl Serves for Anything {
    fn is_provider(&self, name: &str) -> bool {
        name == "p"
    }

    fn providers(&self) -> Vec<ProviderName> {
        vec!["p".into()]
    }

    fn serves(&self, _: &ProviderName, model: &str) -> Served {
        Served::Yes(ModelName::from(model))
    }
}
