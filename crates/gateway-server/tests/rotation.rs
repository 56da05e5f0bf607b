//! A virtual key gets a new value, and may ask what is left of its budgets.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{key_path, self_hosted};
use crate::support::{Gateway, Reply, Upstream};

const QUOTA: &str = "/api/governance/virtual-keys/quota";

async fn house() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    (gateway, upstream)
}

async fn rotated(gateway: &Gateway, id: &str, body: &Value) -> Value {
    gateway
        .post(&format!("{}/rotate", key_path(id)), body)
        .await
        .is(200)
        .json()["virtual_key"]
        .clone()
}

#[track_caller]
fn check_blocked(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "virtual_key_blocked"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn a_rotated_key_has_a_new_value_and_keeps_the_rest() {
    let (gateway, _upstream) = house().await;
    let budget = json!({"max_limit": 5, "reset_duration": "1d"});
    gateway
        .key(
            "vk",
            &json!({"budget": budget, "rate_limit": {"request_max_limit": 9, "request_reset_duration": "1h"}}),
        )
        .await;
    gateway.ask("vk", "m").await.is(200);
    let new = rotated(&gateway, "vk", &json!({})).await;
    let value = new["value"].as_str().unwrap();
    assert!(value.starts_with("sk-bf-"), "{value}");
    check_blocked(&gateway.ask("vk", "m").await);
    gateway.ask(value, "m").await.is(200);
    let shown = gateway.shown("vk").await;
    assert_eq!(
        (
            &shown["rate_limit"]["request_current_usage"],
            &shown["budget"]["max_limit"]
        ),
        (&json!(2), &json!(5.0)),
        "its use goes on"
    );
    assert!(!gateway.get(&key_path("vk")).await.text().contains(value), "shown once");
    // One of the operator's choice, and never the same again.
    assert_eq!(
        rotated(&gateway, "vk", &json!({"value": "chosen"})).await["value"],
        "chosen"
    );
    gateway.ask("chosen", "m").await.is(200);
    let again = gateway
        .post(&format!("{}/rotate", key_path("vk")), &json!({"value": "chosen"}))
        .await;
    assert!(
        again.status == 400 && again.text().contains("`value`"),
        "{}",
        again.text()
    );
    for (body, names) in [
        (json!({"grace": "soon"}), "`grace`"),
        (json!({"cooldown": "1h"}), "`cooldown`"),
    ] {
        let refused = gateway.post(&format!("{}/rotate", key_path("vk")), &body).await;
        assert!(
            refused.status == 400 && refused.text().contains(names),
            "{}",
            refused.text()
        );
    }
    assert_eq!(
        gateway
            .post(&format!("{}/rotate", key_path("none")), &json!({}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn an_old_value_works_on_for_its_grace() {
    let (mut gateway, _upstream) = house().await;
    gateway.key("vk", &json!({})).await;
    let new = rotated(&gateway, "vk", &json!({"value": "second", "grace": "1h"})).await;
    assert!(new["previous"][0]["until"].is_string(), "{new}");
    assert!(!new.to_string().contains("hash"), "{new}");
    for value in ["vk", "second"] {
        gateway.ask(value, "m").await.is(200);
    }
    // By setting, unless a rotation says otherwise.
    gateway
        .put("/api/config", &json!({"client_config": {"vk_rotation_cooldown": "2h"}}))
        .await
        .is(200);
    rotated(&gateway, "vk", &json!({"value": "third"})).await;
    rotated(&gateway, "vk", &json!({"value": "fourth", "grace": null})).await;
    for (value, works) in [("vk", true), ("second", true), ("third", false), ("fourth", true)] {
        let reply = gateway.ask(value, "m").await;
        assert_eq!(reply.status == 200, works, "{value}: {}", reply.text());
    }
    check_blocked(&gateway.ask("third", "m").await);

    // A grace of the past moment is over at once, also after a restart.
    rotated(&gateway, "vk", &json!({"value": "fifth", "grace": "1ms"})).await;
    check_blocked(&gateway.ask("fourth", "m").await);
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    check_blocked(&gateway.ask("fourth", "m").await);
    gateway.ask("second", "m").await.is(200);

    // What was over is let go at the next change, and stays refused; so do all of them once the key is deleted.
    gateway.key("vk", &json!({"name": "saved"})).await;
    assert_eq!(gateway.shown("vk").await["previous"].as_array().map(Vec::len), Some(2));
    check_blocked(&gateway.ask("fourth", "m").await);
    gateway.delete(&key_path("vk")).await.is(200);
    for value in ["vk", "second", "fourth", "fifth"] {
        check_blocked(&gateway.ask(value, "m").await);
    }
}

#[tokio::test]
async fn a_key_may_ask_what_is_left_of_its_budgets() {
    let (gateway, _upstream) = house().await;
    let limit = json!({"request_max_limit": 9, "request_reset_duration": "1h"});
    let budget = json!({"max_limit": 5, "reset_duration": "1d"});
    gateway
        .put("/api/governance/teams/core", &json!({"name": "Core", "budget": budget}))
        .await
        .is(200);
    gateway
        .key(
            "vk",
            &json!({"name": "mine", "team_id": "core", "rate_limit": limit, "budget": budget,
                "provider_configs": [{"provider": "mine", "budget": budget}], "model_limits": [{"model_name": "m", "budget": budget}]}),
        )
        .await;
    gateway.ask("vk", "m").await.is(200);
    let asked = |value: &'static str| gateway.call(Method::GET, QUOTA).header("x-bf-vk", value).send();
    let own = asked("vk").await.is(200).json();
    assert_eq!(
        (&own["virtual_key_name"], &own["is_active"]),
        (&json!("mine"), &json!(true))
    );
    assert_eq!(own["rate_limit"]["request_current_usage"], 1);
    for budget in [
        &own["budgets"][0],
        &own["provider_configs"][0]["budget"],
        &own["model_configs"][0]["budget"],
        &own["team"]["budgets"][0],
    ] {
        assert_eq!(budget["max_limit"], 5.0, "{own}");
    }
    assert_eq!(own.get("customer"), None);
    let bearer = gateway.call(Method::GET, QUOTA).bearer("vk").send().await;
    assert_eq!(bearer.is(200).json()["virtual_key_name"], "mine");

    assert_eq!(gateway.get(QUOTA).await.status, 401, "nobody asks");
    assert_eq!(asked("unknown").await.status, 401);
    gateway.key("vk", &json!({"is_active": false})).await;
    assert_eq!(asked("vk").await.is(200).json()["is_active"], false);
    gateway
        .key("vk", &json!({"is_active": true, "expires_at": "2020-01-01T00:00:00Z"}))
        .await;
    assert_eq!(asked("vk").await.status, 403);
    gateway.delete(&key_path("vk")).await.is(200);
    assert_eq!(asked("vk").await.status, 403);
}
