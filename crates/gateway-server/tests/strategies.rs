//! How one of several candidates is chosen.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::{Answer, Gate, Gateway, Upstream, eventually, shapes};

/// A key over these providers, all of weight 1, with that strategy.
async fn key(gateway: &Gateway, strategy: &str, providers: &[&str]) {
    let entries: Vec<Value> = providers.iter().map(|name| json!({"provider": name})).collect();
    gateway
        .key("vk", &json!({"strategy": strategy, "provider_configs": entries}))
        .await;
}

/// Two self-hosted providers that serve `m`, and a key over both.
async fn two(strategy: &str) -> (Gateway, Upstream, Upstream) {
    let (a, b) = (Upstream::start("a", &["m"]).await, Upstream::start("b", &["m"]).await);
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("a", &a)).await;
    gateway.add(&self_hosted("b", &b)).await;
    key(&gateway, strategy, &["a", "b"]).await;
    (gateway, a, b)
}

#[tokio::test]
async fn least_busy_goes_where_less_is_under_way() {
    let (gateway, a, b) = two("least_busy").await;
    let gate = Gate::closed();
    a.always(shapes::CHAT, Answer::healthy("a").after(&gate));
    b.always(shapes::CHAT, Answer::healthy("b").after(&gate));
    let mut calls = Vec::new();
    for under_way in 1..=6 {
        calls.push(tokio::spawn(gateway.chat("vk", "m").send()));
        eventually("the call has arrived", || async {
            (a.asked() + b.asked() == under_way).then_some(())
        })
        .await;
    }
    assert_eq!(
        (a.asked(), b.asked()),
        (3, 3),
        "each call went to the less busy of the two"
    );
    gate.open();
    for call in calls {
        call.await.unwrap().is(200);
    }
}

#[tokio::test]
async fn latency_goes_where_answers_come_sooner() {
    let (gateway, slow, fast) = two("latency").await;
    slow.always(shapes::CHAT, Answer::healthy("a").slow());
    for _ in 0..60 {
        gateway.ask("vk", "m").await.is(200);
    }
    let (slow, fast) = (slow.asked(), fast.asked());
    assert!(fast > slow * 2, "fast {fast}, slow {slow}");
}

#[tokio::test]
async fn cost_goes_where_it_is_cheaper_and_elsewhere_when_that_fails() {
    let (free, openai) = (
        Upstream::start("free", &["gpt-4o-mini"]).await,
        Upstream::start("openai", &["gpt-4o-mini"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway.add(&self_hosted("free", &free)).await;
    key(&gateway, "cost", &["openai", "free"]).await;
    for _ in 0..20 {
        assert_eq!(gateway.ask("vk", "gpt-4o-mini").await.said(), "hello from free");
    }
    free.fails_with(&Answer::error(500));
    assert_eq!(gateway.ask("vk", "gpt-4o-mini").await.said(), "hello from openai");
}

#[tokio::test]
async fn affinity_keeps_a_session_where_it_was() {
    let (gateway, _a, _b) = two("affinity").await;
    let mut used = BTreeSet::new();
    for session in 0..16 {
        let mut homes = BTreeSet::new();
        for _ in 0..4 {
            let reply = gateway
                .chat("vk", "m")
                .header("x-bf-session-id", &format!("session-{session}"))
                .send()
                .await;
            homes.insert(reply.said());
        }
        assert_eq!(homes.len(), 1, "session {session} moved: {homes:?}");
        used.extend(homes);
    }
    assert_eq!(used.len(), 2, "all sessions went to one provider: {used:?}");
}

#[tokio::test]
async fn a_strategy_that_nobody_knows_is_refused_by_name() {
    let gateway = Gateway::start().await;
    let path = crate::support::settings::key_path("vk");
    let reply = gateway
        .call(Method::PUT, &path)
        .json(&json!({"strategy": "cheapest"}))
        .send()
        .await
        .is(400);
    for word in ["strategy", "cheapest", "least_busy"] {
        assert!(reply.message().contains(word), "{}", reply.text());
    }
}
