//! The process is killed in the middle of everything, again and again. What the store has granted never passes a limit,
//! what is unaccounted is what was out, and the ledger verifies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use http::Method;
use serde_json::{Value, json};

use super::crowd::Dice;
use super::statement::Statement;
use super::vendor::{Fate, Order, Vendor};
use crate::support::client::Call;
use crate::support::gateway::Gateway;
use crate::support::{eventually, shapes};

const KILLS: u64 = 20;
const LIMIT: f64 = 0.5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_again_and_again_overshoots_nothing() {
    let vendor = Vendor::start("openai", false).await;
    let mut gateway = Gateway::start().await;
    gateway
        .add(
            &json!({"provider": "vendor", "pricing": "catalogue", "network_config": {"base_url": vendor.upstream.url()},
            "keys": [{"name": "key", "value": "sk-test-0123456789abcdef"}],
            "custom_provider_config": {"base_provider_type": "openai"}}),
        )
        .await;
    gateway
        .key(
            "vk",
            &json!({"budget": {"max_limit": LIMIT, "reset_duration": "1d"},
            "rate_limit": {"request_max_limit": 100_000, "request_reset_duration": "1d"}}),
        )
        .await;
    let next = Arc::new(AtomicU64::new(0));
    let mut dice = Dice(20);
    for _ in 0..KILLS {
        let over = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..8)
            .map(|_| tokio::spawn(shop(gateway.address, Arc::clone(&next), Arc::clone(&over))))
            .collect();
        // Killed once so many further calls have begun: a random moment, without a clock.
        let until = next.load(Ordering::Relaxed) + 8 + dice.below(60);
        eventually("more calls begin", || async {
            (next.load(Ordering::Relaxed) >= until).then_some(())
        })
        .await;
        gateway.kill();
        over.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.unwrap();
        }
        gateway = gateway.again().start().await;
        check(&budget(&gateway).await);
    }
    let window = budget(&gateway).await;
    let unaccounted = window["unaccounted"].as_i64().unwrap();
    let out = window["granted"].as_i64().unwrap() - window["settled"].as_i64().unwrap();
    assert!(unaccounted > 0 && unaccounted <= out, "{window}");
    // An operator finds that it was not spent, and it may be spent again.
    let written_off = gateway
        .post(
            "/api/ledger/write-off",
            &json!({"quota": "vk/vk/budget", "window": window["window"]}),
        )
        .await
        .is(200)
        .json();
    assert!(written_off.to_string().contains("written"), "{written_off}");
    assert_eq!(budget(&gateway).await["unaccounted"], 0);
    gateway.stop().await;
    let statement = Statement::of(&gateway);
    let books = vendor.books();
    let (settled, overrun) = statement.charged("vk/vk/budget", 1);
    assert_eq!((overrun, window["settled"].as_i64()), (0, Some(settled)));
    for (call, entry) in statement.by_call() {
        assert_eq!(entry.total, books[&call].cost(), "{entry:?}");
    }
}

/// Clients that go on until the gateway is gone.
async fn shop(address: std::net::SocketAddr, next: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let call = next.fetch_add(1, Ordering::Relaxed);
        let order = Order {
            call,
            input: 10,
            output: 20 + call % 50,
            fate: Fate::Served,
        };
        let prompt = serde_json::to_string(&order).unwrap();
        let body = json!({"model": "gpt-4o", "stream": call.is_multiple_of(2), "max_tokens": 64,
            "messages": [{"role": "user", "content": prompt}]});
        let sent = Call::new(address, Method::POST, shapes::CHAT)
            .bearer("vk")
            .header("x-bf-dim-call", &call.to_string())
            .json(&body)
            .try_sent();
        sent.await;
        tokio::task::yield_now().await;
    }
}

/// The books of the budget's window.
async fn budget(gateway: &Gateway) -> Value {
    let windows = gateway
        .get("/api/ledger/windows?quota=vk/vk/budget")
        .await
        .is(200)
        .json();
    windows["windows"][0].clone()
}

fn check(window: &Value) {
    let of = |field: &str| window[field].as_i64().unwrap_or_else(|| panic!("{field} of {window}"));
    let limit = gateway_types::NanoUsd::from_dollars(LIMIT).unwrap().0;
    assert!(of("granted") <= limit, "{window}");
    assert!(of("settled") + of("unaccounted") <= of("granted"), "{window}");
    assert_eq!(of("overrun"), 0, "{window}");
}
