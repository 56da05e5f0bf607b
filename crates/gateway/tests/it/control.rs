//! Settings: changed whole or not at all, kept sealed, owned by whoever declared them.

use std::path::PathBuf;
use std::sync::Arc;

use gateway::control::Save;
use gateway::ports::memory::MemorySettings;
use gateway::ports::settings::{Change, Edit, SettingsStore as _};
use gateway::{ControlError, Gateway};
use gateway_types::{Revision, Wall};
use serde_json::json;

use crate::support::{Upstreams, World, hello};

#[tokio::test]
async fn secrets_are_sealed_in_the_store_and_come_back_after_a_restart() {
    let world = World::new().await;
    let body = json!({"provider": "openai", "keys": [{"name": "k", "value": "sk-very-secret-value-of-mine"}]});
    world
        .gateway
        .control()
        .save_provider(None, body, Save::Create, "test")
        .await
        .unwrap();
    world.virtual_key("vk", json!({})).await;
    let stored = format!("{:?}", world.settings.load().await.unwrap());
    assert!(
        !stored.contains("very-secret") && stored.contains("sealed:v1:"),
        "{stored}"
    );
    assert!(!stored.contains("\"value\": String(\"vk\")"), "{stored}");
    world.gateway.close().await;

    let again = World::over(Arc::clone(&world.ledger), Arc::clone(&world.settings)).await;
    let shown = json!(again.gateway.control().key("openai", "k").unwrap());
    assert_eq!(shown["value"], format!("sk-v{}mine", "*".repeat(24)));
    assert_eq!(shown["status"], "ready");
    assert_eq!(again.chat(Some("vk"), hello("openai/gpt-4o-mini")).await.0, 200);
}

#[tokio::test]
async fn a_provider_from_the_environment_is_taken_over_once() {
    let world = World::new().await;
    let control = world.gateway.control();
    assert_eq!(control.from_environment(), ["openai"]);
    assert_eq!(json!(control.provider("openai").unwrap())["origin"], "environment");
    let body = json!({"provider": "openai", "keys": [{"name": "mine", "value": "env.OPENAI_API_KEY", "weight": 1.0}]});
    let taken = control.save_provider(None, body.clone(), Save::Create, "test").await;
    let taken = json!(taken.unwrap());
    assert_eq!(
        (&taken["keys"][0]["name"], &taken["origin"]),
        (&json!("mine"), &json!("api"))
    );
    assert_eq!(taken["keys"][0]["value"], "env.OPENAI_API_KEY");
    assert_eq!(taken["keys"].as_array().unwrap().len(), 1);
    let again = control
        .save_provider(None, body, Save::Create, "test")
        .await
        .unwrap_err();
    assert!(matches!(again, ControlError::Conflict(_)), "{again}");
}

#[tokio::test]
async fn a_credential_does_not_follow_to_another_host() {
    let world = World::new().await;
    world.provider("mine").await;
    let control = world.gateway.control();
    let put = async |body| {
        let saved = control.save_provider(Some("mine"), body, Save::Upsert, "test").await;
        json!(saved.unwrap())
    };
    put(json!({"network_config": {"extra_headers": {"x-token": "t", "x-team": "blue"}}})).await;
    let same = put(json!({"network_config": {"base_url": "http://mine:9000/v1"}})).await;
    assert_eq!(same["keys"][0]["value"], "*****");
    assert_eq!(
        same["network_config"]["extra_headers"],
        json!({"x-team": "blue", "x-token": "*"})
    );
    let moved = put(json!({"network_config": {"base_url": "http://thief:8000"}})).await;
    assert!(moved["network_config"].get("extra_headers").is_none());
    assert_eq!(moved["keys"][0]["value"], "");
    for (place, what) in ["extra_headers.x-team", "extra_headers.x-token", "keys[0].value"]
        .into_iter()
        .enumerate()
    {
        let warning = moved["warnings"][place].as_str().unwrap();
        assert!(warning.contains(what) && warning.contains("send it again"), "{warning}");
    }
    let sent = json!({"network_config": {"base_url": "http://other"}, "keys": [{"name": "k", "value": "dummy"}]});
    assert_eq!(put(sent).await["keys"][0]["value"], "*****");
    let shown = json!({"keys": [{"name": "k", "value": "*****", "weight": 2.0}]});
    assert_eq!(put(shown).await["keys"][0]["status"], "ready");
    let elsewhere = json!({"custom_provider_config": {
        "base_provider_type": "openai",
        "request_path_overrides": {"chat_completion": "http://thief:8000/v1/chat/completions"},
    }});
    assert_eq!(put(elsewhere).await["keys"][0]["value"], "");
}

#[tokio::test]
async fn a_proxys_password_does_not_follow_to_another_proxy() {
    let world = World::new().await;
    world.provider("mine").await;
    let control = world.gateway.control();
    let put = async |url: &str, password: Option<&str>| {
        let mut proxy = json!({"type": "http", "url": url, "username": "u"});
        if let Some(password) = password {
            proxy["password"] = json!(password);
        }
        let change = json!({"proxy_config": proxy});
        json!(
            control
                .save_provider(Some("mine"), change, Save::Upsert, "test")
                .await
                .unwrap()
        )
    };
    put("http://proxy:3128", Some("geheim")).await;
    let kept = put("http://proxy:3128", Some("******")).await;
    assert_eq!(kept["proxy_config"]["password"], "******");
    let moved = put("http://thief:3128", Some("******")).await;
    assert_eq!(moved["proxy_config"].get("password"), None);
}

#[tokio::test]
async fn what_a_file_declares_belongs_to_it() {
    let world = World::new().await;
    let control = world.gateway.control();
    let path = PathBuf::from("/etc/gateway.yaml");
    let document = json!({
        "providers": {"filed": {"network_config": {"base_url": "http://filed"}, "custom_provider_config": {"base_provider_type": "vllm"}}},
        "governance": {"virtual_keys": [{"id": "vk-file", "budget": {"max_limit": 5, "reset_duration": "1d"}}]},
    });
    control.take_file(path.clone(), Some(document)).await.unwrap();
    assert_eq!(
        json!(control.provider("filed").unwrap())["origin"],
        "file /etc/gateway.yaml"
    );
    for refused in [
        control
            .save_provider(Some("filed"), json!({"pricing": "free"}), Save::Upsert, "test")
            .await
            .map(drop),
        control.delete_provider("filed", "test").await.map(drop),
        control
            .save_virtual_key(Some("vk-file"), json!({"name": "x"}), "test")
            .await
            .map(drop),
        control.delete_virtual_key("vk-file", "test").await.map(drop),
    ] {
        let error = refused.unwrap_err();
        assert!(
            matches!(&error, ControlError::Conflict(why) if why.contains("/etc/gateway.yaml")),
            "{error}"
        );
    }
    let broken = json!({"providers": {"filed": {"network_config": {"base_url": "nowhere"}}}});
    let error = control.take_file(path.clone(), Some(broken)).await.unwrap_err();
    assert!(error.to_string().contains("providers.filed"), "{error}");
    assert!(control.provider("filed").is_ok(), "the state before it stays");
    world.virtual_key("vk-api", json!({})).await;
    control.take_file(path, None).await.unwrap();
    assert!(control.provider("filed").is_err() && control.virtual_key("vk-api").is_ok());
}

#[tokio::test]
async fn deleted_and_replaced_values_are_refused_for_good() {
    let world = World::new().await;
    world.provider("a").await;
    world.virtual_key("vk", json!({})).await;
    assert_eq!(world.chat(Some("vk"), hello("a/m")).await.0, 200);
    world.virtual_key("vk", json!({"value": "another"})).await;
    assert_eq!(
        (
            world.chat(Some("vk"), hello("a/m")).await.0,
            world.chat(Some("another"), hello("a/m")).await.0
        ),
        (403, 200)
    );
    world.gateway.control().delete_virtual_key("vk", "test").await.unwrap();
    assert_eq!(world.chat(Some("another"), hello("a/m")).await.0, 403);
    world.virtual_key("vk", json!({"is_active": false})).await;
    assert_eq!(world.chat(Some("vk"), hello("a/m")).await.0, 403);
    world.virtual_key("vk", json!({"is_active": true})).await;
    assert_eq!(world.chat(Some("vk"), hello("a/m")).await.0, 200, "its value was kept");
}

#[tokio::test]
async fn what_a_key_names_and_nobody_has_is_warned_about() {
    let world = World::new().await;
    world.provider("a").await;
    let entries = json!({"provider_configs": [{"provider": "a", "key_ids": ["k", "typo"]}, {"provider": "later"}]});
    let saved = world
        .gateway
        .control()
        .save_virtual_key(Some("vk"), entries, "test")
        .await
        .unwrap();
    let warnings = saved.warnings.join("; ");
    assert!(
        warnings.contains("no key `typo`") && warnings.contains("no provider `later`"),
        "{warnings}"
    );
    assert!(!warnings.contains("`k`"), "{warnings}");
}

#[tokio::test]
async fn a_refused_change_leaves_everything_as_it_was() {
    let world = World::new().await;
    let control = world.gateway.control();
    for (body, named) in [
        (json!({"provider_configs": [{"provider": "a", "weight": -1}]}), "weight"),
        (json!({"budget": {"max_limit": 1, "reset_duration": "5x"}}), "5x"),
        (
            json!({"budget": {"max_limit": -1, "reset_duration": "1d"}}),
            "max_limit",
        ),
        (
            json!({"rate_limit": {"request_max_limit": 5}}),
            "request_reset_duration",
        ),
        (json!({"strategy": "clever"}), "clever"),
        (json!({"wieght": 1}), "wieght"),
        (json!({"expires_at": "tomorrow"}), "expires_at"),
    ] {
        let error = control.save_virtual_key(Some("vk"), body, "test").await.unwrap_err();
        assert!(
            matches!(&error, ControlError::Invalid(why) if why.contains(named)),
            "{named}: {error}"
        );
        assert!(
            !error.to_string().contains("virtual_keys[") && !error.to_string().contains("budgets["),
            "the path is that of the body that was sent: {error}"
        );
    }
    assert!(control.virtual_key("vk").is_err());
    assert_eq!(json!(control.config())["revision"], json!(0));
}

#[tokio::test]
async fn usage_survives_a_restart() {
    let world = World::new().await;
    world
        .virtual_key(
            "vk",
            json!({"budget": {"max_limit": 1, "reset_duration": "1d"},
        "rate_limit": {"request_max_limit": 10, "request_reset_duration": "1h"}}),
        )
        .await;
    assert_eq!(world.chat(Some("vk"), hello("openai/gpt-4o-mini")).await.0, 200);
    let before = world.key("vk");
    world.gateway.close().await;
    let again = World::over(Arc::clone(&world.ledger), Arc::clone(&world.settings)).await;
    assert_eq!(again.key("vk"), before);
    assert_eq!(before["rate_limit"]["request_current_usage"], json!(1));
    assert_eq!(before["budget"]["current_usage"], json!(0.0000045));
}

#[tokio::test]
async fn headers_that_were_stored_before_they_were_sealed_are_still_read() {
    let stored = json!({"v": 1, "keys": [], "network_config": {
        "base_url": "http://mine:8000", "extra_headers": {"x-team": "blue", "authorization": "plain"}},
        "custom_provider_config": {"base_provider_type": "openai"}});
    let settings = MemorySettings::default();
    let change = Change {
        expected: Revision(0),
        at: Wall::from_millis(0),
        author: "test".to_owned(),
        edits: vec![Edit {
            section: "provider".to_owned(),
            name: "mine".to_owned(),
            before: None,
            after: Some(stored),
        }],
    };
    settings.commit(&change).await.unwrap();
    let builder = Gateway::builder(Arc::new(Upstreams::default())).settings(Arc::new(settings));
    let gateway = builder.start().await.unwrap();
    let shown = json!(gateway.control().provider("mine").unwrap());
    assert_eq!(
        shown["network_config"]["extra_headers"],
        json!({"x-team": "blue", "authorization": "*****"})
    );
}
