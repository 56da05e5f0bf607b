//! A governor at work over a store whose health the test sets.

mod alerts;
mod budgets;
mod ceilings;
mod crowd;
mod elastic;
mod foreseen;
mod rates;
mod stores;

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
use crate::entry::Entry;
use crate::ledger::{Ask, Page, Return, Slice, StoreError, Verified, Wanted, WindowState};
use crate::memory::MemoryLedger;
use crate::price::{Price, Pricing, Rates};
use crate::settings::VirtualKeySettings;

/// A store whose health is set by the test.
#[derive(Debug, Default)]
struct Store {
    books: MemoryLedger,
    health: AtomicU8,
    /// How many batches of entries have come.
    batches: AtomicU8,
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
        self.batches.fetch_add(1, Ordering::Relaxed);
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
    let directory = Directory::compile(&Said::keys(&[key.into()]), governor.quotas()).unwrap();
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

    async fn hold(&self, admission: &Admission, estimate: Estimate, quote: impl Into<Quote>) -> Result<Hold, Error> {
        self.governor
            .hold(admission, &self.allowed("m"), estimate, quote, self.now())
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

fn tokens(limit: u64) -> Value {
    json!({"rate_limit": {"token_max_limit": limit, "token_reset_duration": "1m"}})
}
