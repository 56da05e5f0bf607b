//! The playground: whoever manages the gateway makes a call in the name of a virtual key.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed};
use crate::support::{Answer, Gateway, Reply, Upstream, eventually};

const PATH: &str = "/api/playground/chat/completions";

impl Gateway {
    async fn play(&self, key: Option<&str>, body: &Value) -> Reply {
        let path = key.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}?virtual_key_id={id}"));
        self.call(Method::POST, &path).json(body).send().await
    }
}

async fn at_home(gateway: Gateway) -> (Gateway, Upstream) {
    let home = Upstream::start("home", &["m"]).await;
    gateway.add(&self_hosted("home", &home)).await;
    (gateway, home)
}

#[tokio::test]
async fn a_call_is_booked_on_the_key_that_it_names_and_is_found_in_both_logs() {
    let openai = Upstream::start("openai", &["gpt-4o-mini"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    let settings = json!({"budget": {"max_limit": 1, "reset_duration": "1d"}});
    gateway.key("vk", &settings).await;
    let reply = gateway.play(Some("vk"), &chat("gpt-4o-mini")).await.is(200);
    assert_eq!(reply.said(), "hello from openai");
    assert_eq!(reply.header("x-gateway-provider"), Some("openai"));
    let cost: f64 = reply.header("x-gateway-cost").unwrap().parse().unwrap();
    assert!(cost > 0.0);
    let shown = gateway.shown("vk").await;
    assert_eq!(shown["budget"]["current_usage"].as_f64().unwrap(), cost);

    let id = reply.header("x-gateway-request-id").unwrap();
    let row = eventually("the call is in the log", || async {
        let logs = gateway.logs("virtual_key_ids=vk").await;
        logs["logs"].as_array().cloned().unwrap_or_default().into_iter().next()
    })
    .await;
    assert_eq!((&row["id"], &row["virtual_key_id"]), (&json!(id), &json!("vk")));
    let path = format!("/api/logs/{id}");
    let row = gateway.get(&path).await.is(200).json();
    assert!(row.to_string().contains(r#""source":"playground""#), "{row:#}");

    let audit = gateway.get("/api/audit-logs").await.is(200).text();
    for word in ["playground.call", "virtual_key/vk", id, "gpt-4o-mini"] {
        assert!(audit.contains(word), "{word}: {audit}");
    }
    assert!(!audit.contains("messages"), "what is said is nobody's business");
    let headers = openai.last_chat();
    assert_eq!(headers.header("x-bf-dim-source"), None, "tags do not go upstream");
}

#[tokio::test]
async fn the_limits_of_the_key_hold() {
    let openai = Upstream::start("openai", &["gpt-4o-mini"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    let broke = json!({"budget": {"max_limit": 0.000_000_1, "reset_duration": "1d"}});
    gateway.key("broke", &broke).await;
    gateway.key("off", &json!({"is_active": false})).await;
    let past = json!({"expires_at": "2020-01-01T00:00:00Z"});
    gateway.key("past", &past).await;
    gateway
        .key(
            "narrow",
            &json!({"provider_configs": [{"provider": "openai", "allowed_models": ["gpt-4o"]}]}),
        )
        .await;
    for (key, status, code) in [
        ("broke", 402, "budget_exceeded"),
        ("off", 403, "virtual_key_blocked"),
        ("past", 403, "virtual_key_blocked"),
        ("narrow", 403, "model_blocked"),
    ] {
        let reply = gateway.play(Some(key), &chat("gpt-4o-mini")).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{key}: {}",
            reply.text()
        );
    }
    let reply = gateway.play(Some("nobody"), &chat("gpt-4o-mini")).await.is(404);
    assert!(reply.message().contains("`nobody`"), "{}", reply.text());
    let reply = gateway.play(None, &json!({"messages": []})).await.is(400);
    assert_eq!(reply.json()["error"]["param"], "model");
    assert_eq!(openai.asked(), 0);
}

#[tokio::test]
async fn a_stream_comes_as_the_upstream_sends_it() {
    let (gateway, _home) = at_home(Gateway::start().await).await;
    gateway.key("vk", &json!({})).await;
    let body = chat_streamed("m");
    let direct = gateway
        .call(Method::POST, shapes::CHAT)
        .bearer("vk")
        .json(&body)
        .open()
        .await;
    assert_eq!(direct.status, 200);
    let direct = direct.whole().await;
    let path = format!("{PATH}?virtual_key_id=vk");
    let played = gateway.call(Method::POST, &path).json(&body).open().await;
    assert_eq!(played.header("content-type"), direct.header("content-type"));
    let played = played.whole().await;
    assert_eq!(played.text(), direct.text(), "the same bytes");
}

#[tokio::test]
async fn whoever_leaves_ends_the_call() {
    let (gateway, home) = at_home(Gateway::start().await).await;
    home.always(shapes::CHAT, Answer::stream_that_hangs("home"));
    gateway.key("vk", &json!({})).await;
    let path = format!("{PATH}?virtual_key_id=vk");
    let mut live = gateway.call(Method::POST, &path).json(&chat_streamed("m")).open().await;
    live.event().await.expect("the stream begins");
    drop(live);
    eventually("the call is in the log as cancelled", || async {
        let logs = gateway.logs("virtual_key_ids=vk").await;
        let cancelled = logs["logs"].as_array()?.iter().any(|row| row["status"] == "cancelled");
        cancelled.then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_operator_needs_no_key_even_where_all_others_do() {
    let gateway = Gateway::with()
        .args(&["--admin-token", "let-me-in-please-0123456789"])
        .start()
        .await;
    let admin = |method: Method, path: &str| gateway.call(method, path).bearer("let-me-in-please-0123456789");
    let home = Upstream::start("home", &["m"]).await;
    admin(Method::POST, "/api/providers")
        .json(&self_hosted("home", &home))
        .send()
        .await
        .is(200);
    admin(Method::PUT, "/api/config")
        .json(&json!({"client_config": {"enforce_auth_on_inference": true}}))
        .send()
        .await
        .is(200);
    let key = json!({"required_headers": ["x-case"]});
    admin(Method::PUT, "/api/governance/virtual-keys/vk")
        .json(&key)
        .send()
        .await
        .is(200);
    gateway
        .call(Method::POST, shapes::CHAT)
        .json(&chat("m"))
        .send()
        .await
        .is(401);
    for path in [PATH.to_owned(), format!("{PATH}?virtual_key_id=vk")] {
        let reply = admin(Method::POST, &path).json(&chat("m")).send().await.is(200);
        assert_eq!(reply.said(), "hello from home");
        assert_eq!(
            home.last_chat().header("authorization"),
            Some("Bearer dummy"),
            "the admin token stays here"
        );
    }
    let viewer = json!({"id": "looks", "role": "viewer"});
    let viewer = admin(Method::POST, "/api/tokens")
        .json(&viewer)
        .send()
        .await
        .is(200)
        .json();
    let viewer = viewer["value"].as_str().unwrap().to_owned();
    let asked = home.asked();
    let call = gateway.call(Method::POST, PATH).bearer(&viewer).json(&chat("m"));
    call.send().await.is(403);
    gateway.call(Method::POST, PATH).json(&chat("m")).send().await.is(401);
    let scoped = json!({"id": "plays", "role": "operator", "scopes": ["playground"]});
    let scoped = admin(Method::POST, "/api/tokens")
        .json(&scoped)
        .send()
        .await
        .is(200)
        .json();
    let scoped = scoped["value"].as_str().unwrap();
    gateway
        .call(Method::POST, PATH)
        .bearer(scoped)
        .json(&chat("m"))
        .send()
        .await
        .is(200);
    assert_eq!(home.asked(), asked + 1);
}
