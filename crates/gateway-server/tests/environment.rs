//! Providers that the environment brings, and servers that are noticed beside the gateway.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::cloud;
use crate::support::{Gateway, Upstream, eventually, shapes};

/// The names of the providers that there are.
async fn providers(gateway: &Gateway) -> Vec<String> {
    let list = gateway.get("/api/providers").await.is(200).json();
    list["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|provider| provider["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn nothing_is_set_up_where_nothing_is_set() {
    let gateway = Gateway::start().await;
    assert_eq!(providers(&gateway).await, Vec::<String>::new());
}

#[tokio::test]
async fn keys_in_the_environment_are_providers_at_once() {
    let gateway = Gateway::with()
        .env("OPENAI_API_KEY", "sk-openai-0123456789abcdef")
        .env("ANTHROPIC_API_KEY", "sk-anthropic-0123456789abcdef")
        .env("GROQ_API_KEY", "gsk-0123456789abcdef")
        .start()
        .await;
    assert_eq!(providers(&gateway).await, ["anthropic", "groq", "openai"]);
    let all = gateway.get("/api/providers").await.text();
    assert!(!all.contains("0123456789abcdef"), "{all}");
    assert!(
        gateway.printed().contains("openai"),
        "the start says what was picked up: {}",
        gateway.printed()
    );
    let models = gateway.get("/v1/models").await.is(200).text();
    assert!(
        models.contains("openai/gpt-4o-mini"),
        "the catalogue serves until the list is known"
    );
}

#[tokio::test]
async fn a_post_takes_such_a_provider_over_and_the_next_does_not() {
    let upstream = Upstream::start("mine", &["gpt-4o-mini"]).await;
    let mut gateway = Gateway::with()
        .env("OPENAI_API_KEY", "sk-environment-0123456789")
        .start()
        .await;
    gateway.add(&cloud("openai", &upstream)).await;
    let keys = gateway.get("/api/providers/openai/keys").await.is(200).json();
    assert_eq!(keys["total"], 1, "keys are taken over as well: {keys}");
    gateway.ask("any", "openai/gpt-4o-mini").await.is(200);
    assert_eq!(
        upstream.last_chat().header("authorization"),
        Some("Bearer sk-openai-0123456789abcdef")
    );
    gateway
        .post("/api/providers", &cloud("openai", &upstream))
        .await
        .is(409);
    gateway.stop().await;
    let gateway = gateway
        .again()
        .env("OPENAI_API_KEY", "sk-environment-0123456789")
        .start()
        .await;
    gateway.ask("any", "openai/gpt-4o-mini").await.is(200);
    let latest = upstream.last_chat();
    assert_eq!(
        latest.header("authorization"),
        Some("Bearer sk-openai-0123456789abcdef"),
        "a person's choice stays"
    );
}

#[tokio::test]
async fn a_server_that_is_noticed_is_offered_and_used_once_accepted() {
    let ollama = Upstream::start("ollama", &["mistral:latest"]).await;
    let gateway = Gateway::with()
        .env("GATEWAY_OFFER_PLACES", &format!("ollama={}", ollama.url()))
        .start()
        .await;
    let offer: Value = eventually("the server is noticed", || async {
        let offers = gateway.get("/api/offers").await.is(200).json();
        offers["offers"].get(0).cloned()
    })
    .await;
    assert_eq!(offer["base_url"], ollama.url());
    eventually("a line says so", || async {
        gateway.printed().contains(&ollama.url()).then_some(())
    })
    .await;
    assert_eq!(providers(&gateway).await, Vec::<String>::new());
    gateway.ask("any", "mistral").await.is(404);
    assert_eq!(ollama.asked(), 0, "it takes no traffic before it is accepted");

    let name = offer["name"].as_str().unwrap();
    gateway
        .call(Method::POST, &format!("/api/offers/{name}/accept"))
        .json(&json!({}))
        .send()
        .await
        .is(200);
    assert_eq!(providers(&gateway).await, [name]);
    assert_eq!(gateway.ask("any", "mistral").await.said(), "hello from ollama");
    assert_eq!(ollama.last_chat().path, shapes::CHAT);
}
