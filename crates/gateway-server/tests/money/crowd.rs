//! A crowd of clients at keys whose budgets they exceed many times over: streaming and not, some leaving midway, some
//! failing over. Whatever races, no budget is passed, and the ledger says what the vendors' own books say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gateway_types::Basis;
use serde_json::{Value, json};

use super::statement::Statement;
use super::vendor::{Fate, Order, Vendor};
use crate::support::gateway::Gateway;
use crate::support::{eventually, shapes};

const CLIENTS: u64 = 64;
const CALLS: u64 = 10_048;

/// The keys, and how much each may spend, in dollars; the last two share the budget of a team.
const KEYS: [(&str, f64); 6] = [
    ("vk-wide", 0.9),
    ("vk-mean", 0.03),
    ("vk-short", 0.02),
    ("vk-patient", 0.15),
    ("vk-left", 1.0),
    ("vk-right", 1.0),
];

/// A small generator: tests need variety, not quality.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Two vendors of the same model; whoever fails at the first is served by the second.
pub(super) struct Market {
    pub(super) gateway: Gateway,
    pub(super) first: Vendor,
    pub(super) second: Vendor,
}

impl Market {
    pub(super) async fn open() -> Self {
        let (first, second) = (
            Vendor::start("openai", true).await,
            Vendor::start("second", false).await,
        );
        let gateway = Gateway::start().await;
        let priced = json!({"pricing": "catalogue", "custom_provider_config": {"base_provider_type": "openai"}});
        for (name, vendor) in [("first", &first), ("second", &second)] {
            let mut provider = priced.clone();
            provider["provider"] = name.into();
            provider["keys"] = json!([{"name": format!("{name}-key"), "value": "sk-test-0123456789abcdef"}]);
            provider["network_config"] = json!({"base_url": vendor.upstream.url()});
            gateway.add(&provider).await;
        }
        Self { gateway, first, second }
    }

    /// A key whose calls go to the first vendor, and to the second where that fails.
    pub(super) async fn key(&self, id: &str, mut settings: Value) {
        settings["provider_configs"] =
            json!([{"provider": "first", "weight": 1.0}, {"provider": "second", "weight": 0.0}]);
        self.gateway.key(id, &settings).await;
    }

    /// Nothing is held any more, whoever's it is.
    pub(super) async fn settles(&self, keys: &[&str]) {
        for key in keys {
            eventually(&format!("nothing of {key} is held"), || async {
                let shown = self.gateway.shown(key).await;
                (shown["budget"]["held"] == 0.0).then_some(())
            })
            .await;
        }
    }
}

async fn market() -> Market {
    let market = Market::open().await;
    market
        .gateway
        .post(
            "/api/governance/teams",
            &json!({"id": "pair", "name": "Pair", "budget": {"max_limit": 0.3, "reset_duration": "1d"}}),
        )
        .await
        .is(200);
    for (key, dollars) in KEYS {
        let reset = if key == "vk-short" { "2s" } else { "1d" };
        let mut settings = json!({"budget": {"max_limit": dollars, "reset_duration": reset}});
        match key {
            "vk-mean" => settings["rate_limit"] = json!({"token_max_limit": 20_000, "token_reset_duration": "1d"}),
            "vk-patient" => settings["on_disconnect"] = json!({"finish": {"most_tokens": 10_000}}),
            "vk-left" | "vk-right" => settings["team_id"] = "pair".into(),
            _ => {}
        }
        market.key(key, settings).await;
    }
    market
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crowd_passes_a_budget_and_the_ledger_says_what_the_vendors_say() {
    let market = Arc::new(market().await);
    let next = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(shop(Arc::clone(&market), Arc::clone(&next), Dice(client))))
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let mut market = Arc::into_inner(market).expect("all clients have gone");
    market.settles(&KEYS.map(|(key, _)| key)).await;
    check_limits(&market).await;
    market.gateway.stop().await;
    check_ledger(&market);
}

async fn shop(market: Arc<Market>, next: Arc<AtomicU64>, mut dice: Dice) {
    loop {
        let call = next.fetch_add(1, Ordering::Relaxed);
        if call >= CALLS {
            return;
        }
        let key = KEYS[usize::try_from(dice.below(KEYS.len() as u64)).unwrap()].0;
        let at = 1 + dice.below(30);
        let longest = if dice.below(20) == 0 { 2_000 } else { 120 };
        let fate = match dice.below(10) {
            0 => Fate::FailsOver,
            1 if key == "vk-patient" => Fate::LeftAloneAt(at),
            1 => Fate::LeavesAt(at),
            2 => Fate::BreaksOff,
            _ => Fate::Served,
        };
        let order = Order {
            call,
            input: 5 + dice.below(15),
            output: 1 + dice.below(longest),
            fate,
        };
        let streamed = !matches!(fate, Fate::Served) || dice.below(2) == 0;
        let cap = (dice.below(3) > 0).then(|| 16 + dice.below(200));
        ask(&market.gateway, key, order, streamed, cap).await;
    }
}

/// Makes a call, and leaves where its order says so.
pub(super) async fn ask(gateway: &Gateway, key: &str, order: Order, streamed: bool, cap: Option<u64>) -> u16 {
    let prompt = serde_json::to_string(&order).unwrap();
    let mut body = json!({"model": "gpt-4o", "stream": streamed, "messages": [{"role": "user", "content": prompt}]});
    if let Some(cap) = cap {
        body["max_tokens"] = cap.into();
    }
    let call = gateway
        .call(http::Method::POST, shapes::CHAT)
        .bearer(key)
        .header("x-bf-dim-call", &order.call.to_string())
        .json(&body);
    let mut answer = call.open().await;
    let status = answer.status;
    let (Fate::LeavesAt(leaves) | Fate::LeftAloneAt(leaves)) = order.fate else {
        answer.whole().await;
        return status;
    };
    let mut seen = 0;
    while seen < leaves && status == 200 {
        match answer.event().await {
            Some(event) => seen += u64::from(event.contains("abc ")),
            None => break,
        }
    }
    status
}

/// Every window of every quota: nothing beyond its limit, nothing unaccounted, nothing beyond its holds.
async fn check_limits(market: &Market) {
    let windows = market
        .gateway
        .get("/api/ledger/windows?limit=1000")
        .await
        .is(200)
        .json();
    let windows = windows["windows"].as_array().expect("windows are a list").clone();
    assert!(windows.len() >= 8, "{windows:?}");
    let limits: BTreeMap<String, i64> = KEYS
        .iter()
        .map(|(key, dollars)| (format!("vk/{key}/budget"), *dollars))
        .chain([("team/pair/budget".to_owned(), 0.3)])
        .map(|(quota, dollars)| (quota, gateway_types::NanoUsd::from_dollars(dollars).unwrap().0))
        .chain([("vk/vk-mean/tokens".to_owned(), 20_000)])
        .collect();
    for window in &windows {
        let Some(limit) = limits.get(window["quota"].as_str().unwrap()) else {
            continue;
        };
        let of = |field: &str| window[field].as_i64().unwrap_or_else(|| panic!("{field} of {window}"));
        assert!(of("settled") <= *limit, "{window}");
        assert_eq!((of("overrun"), of("unaccounted")), (0, 0), "{window}");
    }
}

fn check_ledger(market: &Market) {
    let statement = Statement::of(&market.gateway);
    let (first, second) = (market.first.books(), market.second.books());
    let entries = statement.by_call();
    let mut compared = 0;
    for (call, entry) in &entries {
        for leg in &entry.legs {
            let books = if leg.provider == "first" { &first } else { &second };
            let billed = books.get(call).unwrap_or_else(|| panic!("nobody served {entry:?}"));
            let usage = &leg.metered.usage;
            assert_eq!(usage.input_total(), billed.input, "{entry:?}");
            if leg.metered.basis == Basis::Reported || usage.output_total() == billed.output {
                assert_eq!(
                    (usage.output_total(), leg.cost),
                    (billed.output, billed.cost()),
                    "{entry:?}"
                );
                compared += 1;
            } else {
                // Closed in the middle for want of money: the vendor had said more than was heard.
                assert!(usage.output_total() < billed.output, "{entry:?}");
            }
        }
    }
    for (books, name) in [(&first, "first"), (&second, "second")] {
        for call in books.keys() {
            let entry = entries
                .get(call)
                .unwrap_or_else(|| panic!("{name} served call {call}, which is nowhere"));
            assert!(entry.legs.iter().any(|leg| leg.provider == name), "{entry:?}");
        }
    }
    assert!(compared > 1_000, "only {compared} legs were compared");
}
