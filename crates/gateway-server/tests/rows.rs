//! One row of the log, opened: why it went where it went, what it cost, what was said.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{chat, chat_streamed};
use crate::support::{Answer, Gateway, Reply, Upstream, eventually};

const SECRET: &str = "sk-canary-of-the-caller-0123456789";

/// A self-hosted server that is asked first, a cloud behind it, and content that is kept.
async fn house() -> (Gateway, Upstream, Upstream) {
    let (local, openai) = (
        Upstream::start("local", &["m"]).await,
        Upstream::start("openai", &["gpt-4o-mini"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("local", &local)).await;
    gateway.add(&cloud("openai", &openai)).await;
    let entries = json!([
        {"provider": "local", "weight": 1.0, "allowed_models": ["m"]},
        {"provider": "openai", "weight": 0.0, "model_aliases": {"m": "gpt-4o-mini"}},
    ]);
    gateway
        .key("vk", &json!({"value": SECRET, "provider_configs": entries}))
        .await;
    let full = json!({"client_config": {"content_capture": "full"}});
    gateway.put("/api/config", &full).await.is(200);
    (gateway, local, openai)
}

/// The row of a call, once it is there, and its entry in the ledger is, where it cost something.
async fn row(gateway: &Gateway, reply: &Reply) -> Value {
    let id = reply
        .header("x-gateway-request-id")
        .expect("every answer has one")
        .to_owned();
    eventually("the call is in the log", || async {
        let shown = gateway.get(&format!("/api/logs/{id}")).await;
        let row = shown.text().contains("\"id\"").then(|| shown.json())?;
        let is_booked = row["cost"] == 0.0 || !row["ledger"].is_null();
        is_booked.then_some(row)
    })
    .await
}

#[tokio::test]
async fn a_failover_is_told_with_its_attempts_its_bill_and_its_words() {
    let (gateway, local, _openai) = house().await;
    local.fails_with(&Answer::error(500));
    let reply = gateway.ask_with(SECRET, &chat_streamed("m")).await.is(200);
    let row = row(&gateway, &reply).await;

    let why: Vec<&str> = row["why"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(why[0], "There are 2 candidates for `m`, drawn by weight.");
    assert_eq!(why[1], "local, with weight 1, is drawn first: 100 % of the weights.");
    assert_eq!(why[2], "Next in line: openai.");
    assert!(why[3].starts_with("local answered 500 after "), "{why:?}");
    assert!(
        why[4].starts_with("So openai was tried, and answered after "),
        "{why:?}"
    );
    assert_eq!(row["plan"]["picks"][1]["reason"]["code"], "fallback_only");

    let attempts = row["attempts"].as_array().unwrap();
    let at = |at: usize, name: &str| attempts[at][name].as_f64().unwrap_or_else(|| panic!("{name}: {row}"));
    assert!(at(0, "ended") <= at(1, "started"), "one after the other: {row}");
    assert!(at(1, "started") + at(1, "head") <= at(1, "ended") && at(1, "ended") <= row["latency"].as_f64().unwrap());

    let bill = &row["ledger"];
    let leg = &bill["legs"].as_array().unwrap().last().unwrap();
    assert_eq!((&leg["attempt"], &leg["provider"]), (&json!(1), &json!("openai")));
    assert_eq!(bill["total"], row["cost"]);
    let sum: i64 = leg["amounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["amount_pico_usd"].as_str().unwrap().parse::<i64>().unwrap())
        .sum();
    assert_eq!(sum, bill["total_nano_usd"].as_i64().unwrap() * 1000, "{bill}");

    assert_eq!(row["dialect"], "openai");
    assert_eq!(row["conversation"]["messages"][0]["role"], "user");
    let said = row["conversation"]["answers"][0]["parts"][0]["text"].as_str().unwrap();
    assert!(said.contains("openai"), "a stream is put together: {said}");
    assert!(row["raw_response"].as_str().unwrap().contains("data: [DONE]"));
}

#[tokio::test]
async fn what_an_anthropic_client_said_is_shown_as_chat_too() {
    let (gateway, _local, _openai) = house().await;
    let body = json!({
        "model": "m", "max_tokens": 50, "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hello!"}],
    });
    let call = gateway
        .call(Method::POST, "/anthropic/v1/messages")
        .header("x-api-key", SECRET);
    let reply = call.json(&body).send().await.is(200);
    let row = row(&gateway, &reply).await;
    assert_eq!(row["dialect"], "anthropic");
    let conversation = &row["conversation"];
    assert_eq!(conversation["messages"][0]["role"], "system");
    assert_eq!(conversation["messages"][1]["parts"][0]["text"], "Hello!");
    assert!(
        conversation["answers"][0]["parts"].to_string().contains("local"),
        "{conversation}"
    );
}

#[tokio::test]
async fn a_row_holds_no_credential() {
    let (gateway, local, _openai) = house().await;
    local.fails_with(&Answer::error(401));
    let call = gateway
        .call(Method::POST, "/v1/chat/completions")
        .bearer(SECRET)
        .header("cookie", "session=canary-in-a-cookie")
        .header("x-api-key", "canary-in-another-header");
    let reply = call.json(&chat("m")).send().await.is(200);
    let row = row(&gateway, &reply).await.to_string();
    assert!(row.contains("Hello!"), "content is kept: {row}");
    for secret in [SECRET, "canary", "sk-openai-0123456789abcdef"] {
        assert!(!row.contains(secret), "{secret}: {row}");
    }
}

#[tokio::test]
async fn a_call_that_was_refused_before_there_was_a_plan_has_neither_plan_nor_bill() {
    let (gateway, _local, _openai) = house().await;
    let reply = gateway.ask(SECRET, "no-such-model").await.is(404);
    let row = row(&gateway, &reply).await;
    assert_eq!((&row["plan"], &row["why"]), (&Value::Null, &json!([])));
    assert_eq!(row["error_details"]["code"], "model_not_found");
    assert_eq!((&row["ledger"], &row["tokens_by_class"]), (&Value::Null, &json!([])));
}
