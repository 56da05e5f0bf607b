//! The quick start: providers by API, each call as it is printed there, hosts and ports aside.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::{Gateway, Upstream, eventually, shapes};

const LLAMA: &str = "meta-llama/Llama-3-8B-Instruct";

/// Sends a call of the quick start byte for byte, with the address of the upstream in place of the printed one.
async fn check(gateway: &Gateway, printed: &str, host: &str, upstream: &Upstream) -> Value {
    let body = printed.replace(host, &format!("127.0.0.1:{}", upstream.port()));
    gateway
        .call(Method::POST, "/api/providers")
        .text(&body)
        .send()
        .await
        .is(200)
        .json()
}

#[tokio::test]
async fn the_self_hosted_servers_of_the_quick_start_answer() {
    let (vllm, ollama) = (
        Upstream::start("vllm", &[LLAMA]).await,
        Upstream::start("ollama", &["mistral:latest"]).await,
    );
    let gateway = Gateway::start().await;
    let added = check(
        &gateway,
        r#"{"provider":"vllm-local","keys":[{"name":"vllm-key-1","value":"dummy","weight":1.0}],"network_config":{"base_url":"http://vllm-endpoint:8000","default_request_timeout_in_seconds":60},"custom_provider_config":{"base_provider_type":"openai","allowed_requests":{"chat_completion":true,"chat_completion_stream":true}}}"#,
        "vllm-endpoint:8000",
        &vllm,
    )
    .await;
    assert_eq!(added["name"], "vllm-local");
    assert_eq!(added["network_config"]["default_request_timeout_in_seconds"], 60);
    check(
        &gateway,
        r#"{"provider":"ollama-local","keys":[{"name":"ollama-key-1","value":"dummy","weight":1.0}],"network_config":{"base_url":"http://ollama-endpoint:11434","default_request_timeout_in_seconds":60},"custom_provider_config":{"base_provider_type":"openai","allowed_requests":{"chat_completion":true,"chat_completion_stream":true}}}"#,
        "ollama-endpoint:11434",
        &ollama,
    )
    .await;
    assert_eq!(
        gateway
            .ask("any", "vllm-local/meta-llama/Llama-3-8B-Instruct")
            .await
            .said(),
        "hello from vllm"
    );
    assert_eq!(vllm.last_chat().json()["model"], LLAMA);
    assert_eq!(
        gateway.ask("any", "ollama-local/mistral").await.said(),
        "hello from ollama"
    );
}

#[tokio::test]
async fn the_clouds_of_the_quick_start_take_their_keys_from_the_environment() {
    let (openai, anthropic) = (
        Upstream::start("openai", &["gpt-4o-mini"]).await,
        Upstream::start("anthropic", &["claude-3-5-haiku-20241022"]).await,
    );
    let gateway = Gateway::with()
        .env("OPENAI_API_KEY", "sk-the-openai-key-0123456789")
        .env("ANTHROPIC_API_KEY", "sk-the-anthropic-key-0123456789")
        .start()
        .await;
    for (name, variable, upstream) in [
        ("openai", "OPENAI_API_KEY", &openai),
        ("anthropic", "ANTHROPIC_API_KEY", &anthropic),
    ] {
        let printed = format!(
            r#"{{"provider":"{name}","keys":[{{"name":"{name}-key-1","value":"env.{variable}","weight":1.0}}]}}"#
        );
        let added = gateway
            .call(Method::POST, "/api/providers")
            .text(&printed)
            .send()
            .await
            .is(200)
            .json();
        assert_eq!(added["keys"][0]["name"], format!("{name}-key-1"));
        // Only the address differs from the quick start: the real clouds are not to be called by a test.
        let there = json!({"network_config": {"base_url": upstream.url()}, "keys": [
            {"name": format!("{name}-key-1"), "value": format!("env.{variable}"), "weight": 1.0}]});
        gateway.put(&format!("/api/providers/{name}"), &there).await.is(200);
    }
    assert_eq!(
        gateway.ask("any", "openai/gpt-4o-mini").await.said(),
        "hello from openai"
    );
    assert_eq!(
        openai.last_chat().header("authorization"),
        Some("Bearer sk-the-openai-key-0123456789")
    );
    assert_eq!(
        gateway.ask("any", "anthropic/claude-3-5-haiku-20241022").await.said(),
        "hello from anthropic"
    );
    let message = anthropic.seen(shapes::MESSAGES).pop().expect("a message came");
    assert_eq!(message.header("x-api-key"), Some("sk-the-anthropic-key-0123456789"));
    assert_eq!(message.header("authorization"), None);
}

#[tokio::test]
async fn providers_are_listed_read_changed_and_removed() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("zeta", &upstream)).await;
    gateway.add(&self_hosted("alpha", &upstream)).await;
    let list = gateway.get("/api/providers").await.is(200).json();
    let names: Vec<&str> = list["providers"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["name"].as_str())
        .collect();
    assert_eq!((names, &list["total"]), (vec!["alpha", "zeta"], &json!(2)));

    let changed = json!({"network_config": {"default_request_timeout_in_seconds": 7}});
    gateway.put("/api/providers/zeta", &changed).await.is(200);
    let zeta = gateway.get("/api/providers/zeta").await.is(200).json();
    assert_eq!(zeta["network_config"]["default_request_timeout_in_seconds"], 7);
    assert_eq!(
        zeta["network_config"]["base_url"],
        upstream.url(),
        "what a PUT leaves out stays"
    );
    assert_eq!(zeta["keys"][0]["name"], "zeta-key-1", "what a PUT leaves out stays");

    gateway.delete("/api/providers/zeta").await.is(200);
    gateway.get("/api/providers/zeta").await.is(404);
    gateway.delete("/api/providers/zeta").await.is(404);
    assert_eq!(gateway.ask("any", "alpha/m").await.said(), "hello from here");
}

#[tokio::test]
async fn a_put_makes_a_provider_that_is_not_there() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("fresh", &upstream);
    settings.as_object_mut().unwrap().remove("provider");
    gateway.put("/api/providers/fresh", &settings).await.is(200);
    assert_eq!(gateway.ask("any", "fresh/m").await.said(), "hello from here");
}

#[tokio::test]
async fn a_provider_that_a_person_made_is_not_made_twice() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    let again = gateway
        .post("/api/providers", &self_hosted("mine", &upstream))
        .await
        .is(409);
    assert!(again.message().contains("mine"), "{}", again.text());
    assert_eq!(again.json()["status_code"], 409, "the envelope of the reference");
    assert_eq!(again.json()["is_bifrost_error"], false, "the envelope of the reference");
}

#[tokio::test]
async fn keys_of_a_provider_are_made_read_changed_and_removed() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    let keys = "/api/providers/mine/keys";
    let made = gateway
        .post(keys, &json!({"name": "second", "value": "sk-second-0123456789abcdef"}))
        .await
        .is(200)
        .json();
    let id = made["id"].as_str().expect("a key has an id").to_owned();
    assert_eq!(
        (&made["name"], &made["weight"]),
        (&json!("second"), &json!(1.0)),
        "a weight left out is 1"
    );
    assert_eq!(gateway.get(keys).await.is(200).json()["total"], 2);

    let one = format!("{keys}/{id}");
    gateway.put(&one, &json!({"weight": 3})).await.is(200);
    let read = gateway.get(&one).await.is(200).json();
    assert_eq!((&read["name"], read["weight"].as_f64()), (&json!("second"), Some(3.0)));

    let first = gateway.get(keys).await.json()["keys"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    gateway.delete(&format!("{keys}/{first}")).await.is(200);
    gateway.get(&format!("{keys}/{first}")).await.is(404);
    gateway.ask("any", "mine/m").await.is(200);
    let sent = upstream.last_chat();
    assert_eq!(
        sent.header("authorization"),
        Some("Bearer sk-second-0123456789abcdef"),
        "a PUT of the weight keeps the value"
    );
}

#[tokio::test]
async fn values_of_keys_are_never_shown_again() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let secret = "sk-very-secret-value-0123456789";
    let mut settings = self_hosted("mine", &upstream);
    settings["keys"][0]["value"] = secret.into();
    let added = gateway.add(&settings).await;
    let shown = added["keys"][0]["value"]
        .as_str()
        .expect("the value is shown redacted")
        .to_owned();
    assert!(
        shown.starts_with("sk-v") && shown.ends_with("6789") && shown.contains('*'),
        "{shown}"
    );
    let id = added["keys"][0]["id"].as_str().unwrap();
    for path in [
        "/api/providers",
        "/api/providers/mine",
        "/api/providers/mine/keys",
        "/api/keys",
        "/api/config",
    ] {
        assert!(!gateway.get(path).await.text().contains(secret), "{path}");
    }
    // Sending back what was shown changes nothing: dashboards and scripts do that.
    gateway
        .put(&format!("/api/providers/mine/keys/{id}"), &json!({"value": shown}))
        .await
        .is(200);
    gateway.ask("any", "mine/m").await.is(200);
    assert_eq!(
        upstream.last_chat().header("authorization"),
        Some(&*format!("Bearer {secret}"))
    );

    let short = gateway
        .post("/api/providers/mine/keys", &json!({"name": "short", "value": "abc123"}))
        .await
        .is(200)
        .json();
    let stars = short["value"].as_str().unwrap();
    assert!(
        !stars.is_empty() && stars.chars().all(|c| c == '*'),
        "a short value is stars only: {stars}"
    );
    assert!(!gateway.printed().contains(secret), "nor is it printed");
}

#[tokio::test]
async fn no_value_of_a_key_lies_readable_in_the_data_folder() {
    let upstream = Upstream::start("here", &["m"]).await;
    let mut gateway = Gateway::start().await;
    let secret = "sk-very-secret-value-0123456789";
    let mut settings = self_hosted("mine", &upstream);
    settings["keys"][0]["value"] = secret.into();
    gateway.add(&settings).await;
    gateway.stop().await;
    let mut files = 0;
    for entry in std::fs::read_dir(gateway.file("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        files += 1;
    }
    assert!(files > 0, "the data folder holds the settings");
    let gateway = gateway.again().start().await;
    gateway.ask("any", "mine/m").await.is(200);
    assert_eq!(
        upstream.last_chat().header("authorization"),
        Some(&*format!("Bearer {secret}"))
    );
}

#[tokio::test]
async fn a_missing_variable_is_told_on_the_key_and_works_once_it_is_set() {
    let upstream = Upstream::start("here", &["m"]).await;
    let mut gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["keys"][0]["value"] = "env.LATER_KEY".into();
    let added = gateway.add(&settings).await;
    let told = added["keys"][0].to_string();
    assert!(
        told.contains("LATER_KEY") && told.contains("not set"),
        "the key says which variable is missing: {told}"
    );
    let refused = gateway.ask("any", "mine/m").await;
    assert!(refused.status >= 400, "{}", refused.text());
    assert_eq!(upstream.asked(), 0, "nothing is sent without its key");
    gateway.stop().await;

    let gateway = gateway
        .again()
        .env("LATER_KEY", "sk-set-at-last-0123456789")
        .start()
        .await;
    assert_eq!(gateway.ask("any", "mine/m").await.said(), "hello from here");
    assert_eq!(
        upstream.last_chat().header("authorization"),
        Some("Bearer sk-set-at-last-0123456789")
    );
}

#[tokio::test]
async fn variables_of_the_gateway_itself_are_no_keys() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::with()
        .env("GATEWAY_ADMIN_TOKEN", "admin-secret-0123456789")
        .start()
        .await;
    let mut settings = self_hosted("thief", &upstream);
    settings["keys"][0]["value"] = "env.GATEWAY_ADMIN_TOKEN".into();
    let reply = gateway
        .call(Method::POST, "/api/providers")
        .bearer("admin-secret-0123456789")
        .json(&settings)
        .send()
        .await;
    if reply.status == 200 {
        gateway.ask("any", "thief/m").await;
        assert_eq!(upstream.asked(), 0, "the gateway's own secret was sent to an upstream");
    } else {
        assert_eq!(reply.status, 400, "{}", reply.text());
    }
}

#[tokio::test]
async fn only_allowed_variables_are_read() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::with()
        .args(&["--env-allow", "LLM_*"])
        .env("LLM_KEY", "sk-llm-0123456789")
        .env("DATABASE_PASSWORD", "not-for-upstreams")
        .start()
        .await;
    for (name, variable) in [("good", "env.LLM_KEY"), ("bad", "env.DATABASE_PASSWORD")] {
        let mut settings = self_hosted(name, &upstream);
        settings["keys"][0]["value"] = variable.into();
        gateway.post("/api/providers", &settings).await;
        gateway.ask("any", &format!("{name}/m")).await;
    }
    let sent: Vec<_> = upstream
        .seen(shapes::CHAT)
        .iter()
        .map(|seen| seen.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(sent, [Some("Bearer sk-llm-0123456789".to_owned())]);
}

#[tokio::test]
async fn headers_of_the_settings_go_along() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["network_config"]["extra_headers"] = json!({"x-team": "blue"});
    gateway.add(&settings).await;
    gateway.ask("any", "mine/m").await.is(200);
    assert_eq!(upstream.last_chat().header("x-team"), Some("blue"));
}

#[tokio::test]
async fn a_key_may_be_off_or_for_some_models_only() {
    let upstream = Upstream::start("here", &["m", "n"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["keys"] = json!([
        {"name": "off", "value": "sk-off", "enabled": false},
        {"name": "for-m", "value": "sk-for-m", "models": ["m"]},
        {"name": "for-n", "value": "sk-for-n", "models": ["n"]}]);
    gateway.add(&settings).await;
    for _ in 0..10 {
        for (model, bearer) in [("mine/m", "Bearer sk-for-m"), ("mine/n", "Bearer sk-for-n")] {
            gateway.ask("any", model).await.is(200);
            assert_eq!(upstream.last_chat().header("authorization"), Some(bearer));
        }
    }
}

#[tokio::test]
async fn a_base_url_may_end_in_v1_or_not() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    for (index, end) in ["", "/", "/v1", "/v1/"].into_iter().enumerate() {
        let name = format!("p{index}");
        let mut settings = self_hosted(&name, &upstream);
        settings["network_config"]["base_url"] = format!("{}{end}", upstream.url()).into();
        gateway.add(&settings).await;
        assert_eq!(
            gateway.ask("any", &format!("{name}/m")).await.said(),
            "hello from here",
            "{end:?}"
        );
    }
    assert_eq!(upstream.seen(shapes::CHAT).len(), 4);
}

#[tokio::test]
async fn moving_a_provider_to_another_host_takes_its_keys_away() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &upstream)).await;
    let elsewhere = format!("http://localhost:{}", upstream.port());
    gateway
        .put(
            "/api/providers/openai",
            &json!({"network_config": {"base_url": elsewhere}}),
        )
        .await
        .is(200);
    gateway.ask("any", "openai/gpt-4o-mini").await;
    for seen in upstream.seen(shapes::CHAT) {
        assert_eq!(
            seen.header("authorization"),
            None,
            "a stored key went to a host it was not given for"
        );
    }
}

#[tokio::test]
async fn metadata_addresses_are_no_upstreams() {
    let gateway = Gateway::start().await;
    let settings = json!({
        "provider": "cloud-metadata", "keys": [{"name": "k", "value": "dummy"}],
        "network_config": {"base_url": "http://169.254.169.254"},
        "custom_provider_config": {"base_provider_type": "openai"},
    });
    let reply = gateway.post("/api/providers", &settings).await;
    if reply.status == 200 {
        let asked = gateway.ask("any", "cloud-metadata/m").await;
        assert!(
            asked.status >= 400 && asked.text().contains("169.254"),
            "{}",
            asked.text()
        );
    } else {
        assert_eq!(reply.status, 400, "{}", reply.text());
    }
}

#[tokio::test]
async fn fields_of_the_reference_that_have_no_effect_are_named_in_warnings() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["concurrency_and_buffer_size"] = json!({"concurrency": 10, "buffer_size": 100});
    let added = gateway.add(&settings).await;
    assert!(
        added["warnings"].to_string().contains("concurrency_and_buffer_size"),
        "{added}"
    );
}

#[tokio::test]
async fn settings_survive_a_restart() {
    let upstream = Upstream::start("here", &["m"]).await;
    let mut gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "mine"}]}))
        .await;
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    assert_eq!(
        gateway.ask("vk", "m").await.said(),
        "hello from here",
        "the list of models is kept as well"
    );
}

#[tokio::test]
async fn models_carry_the_name_of_their_provider() {
    let upstream = Upstream::start("here", &["one", "two/three"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    let ids = eventually("the models are listed", || async {
        let list = gateway.get("/v1/models").await.is(200).json();
        assert_eq!(list["object"], "list");
        let ids: Vec<String> = list["data"]
            .as_array()?
            .iter()
            .filter_map(|model| model["id"].as_str().map(str::to_owned))
            .collect();
        (!ids.is_empty()).then_some(ids)
    })
    .await;
    assert_eq!(ids, ["mine/one", "mine/two/three"]);
}
