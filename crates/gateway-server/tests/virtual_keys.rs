//! Virtual keys: how they are set up, how a client presents one, and what it then may use.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, key_path, self_hosted};
use crate::support::{Gateway, Reply, Upstream, eventually, shapes};

const LLAMA: &str = "meta-llama/Llama-3-8B-Instruct";

/// Providers `a`, `b` and `c`, which all serve `shared`, and each one of its own.
async fn three() -> (Gateway, [Upstream; 3]) {
    let upstreams = [
        Upstream::start("a", &["shared", "only-a"]).await,
        Upstream::start("b", &["shared", "only-b"]).await,
        Upstream::start("c", &["shared", "only-c"]).await,
    ];
    let gateway = Gateway::start().await;
    for (name, upstream) in ["a", "b", "c"].into_iter().zip(&upstreams) {
        gateway.add(&self_hosted(name, upstream)).await;
    }
    (gateway, upstreams)
}

/// Sends that many turns and counts who answered.
async fn count(gateway: &Gateway, key: &str, model: &str, turns: usize) -> BTreeMap<String, usize> {
    let mut answered = BTreeMap::new();
    for _ in 0..turns {
        let reply = gateway.ask(key, model).await.is(200);
        let provider = reply
            .header("x-gateway-provider")
            .expect("the answer names its provider")
            .to_owned();
        *answered.entry(provider).or_default() += 1;
    }
    answered
}

/// Whether a share of turns is within five standard deviations of what it should be.
#[track_caller]
fn check_share(answered: &BTreeMap<String, usize>, provider: &str, share: f64) {
    let turns = answered.values().sum::<usize>() as f64;
    let spread = 5.0 * (turns * share * (1.0 - share)).sqrt();
    let got = *answered.get(provider).unwrap_or(&0) as f64;
    assert!(
        (got - turns * share).abs() <= spread,
        "{provider}: {got} of {turns}, expected {share}: {answered:?}"
    );
}

/// A refusal in OpenAI's shape, with that status and code, that names all of these.
#[track_caller]
fn check_refused(reply: &Reply, status: u16, code: &str, names: &[&str]) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (status, code),
        "{}",
        reply.text()
    );
    for name in names {
        assert!(reply.message().contains(name), "must name {name}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_put_makes_a_key_whose_value_is_its_id() {
    let (gateway, _upstreams) = three().await;
    let made = gateway
        .key(
            "vk-unified",
            &json!({"provider_configs": [{"provider": "a", "allowed_models": ["shared"]}]}),
        )
        .await;
    assert_eq!(made["virtual_key"]["id"], "vk-unified");
    assert_eq!(
        made["virtual_key"]["provider_configs"][0]["weight"].as_f64(),
        Some(1.0),
        "a weight left out is 1"
    );
    assert_eq!(gateway.ask("vk-unified", "shared").await.said(), "hello from a");
}

#[tokio::test]
async fn a_put_changes_what_it_says_and_nothing_else() {
    let (gateway, _upstreams) = three().await;
    let budget = json!({"max_limit": 5, "reset_duration": "1d"});
    gateway
        .key(
            "vk",
            &json!({"name": "mine", "provider_configs": [{"provider": "a"}], "budget": budget}),
        )
        .await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "b"}]}))
        .await;
    let shown = gateway.shown("vk").await;
    assert_eq!(
        (&shown["name"], shown["budget"]["max_limit"].as_f64()),
        (&json!("mine"), Some(5.0))
    );
    assert_eq!(
        shown["provider_configs"].as_array().map(Vec::len),
        Some(1),
        "entries are replaced as a set"
    );
    assert_eq!(shown["provider_configs"][0]["provider"], "b");
    gateway.key("vk", &json!({"budget": {}})).await;
    assert!(gateway.shown("vk").await["budget"].is_null(), "an empty object removes");
}

#[tokio::test]
async fn a_posted_key_has_a_value_that_is_shown_once() {
    let (gateway, _upstreams) = three().await;
    let made = gateway
        .post(
            "/api/governance/virtual-keys",
            &json!({"name": "posted", "provider_configs": [{"provider": "a"}]}),
        )
        .await
        .is(200)
        .json();
    let key = &made["virtual_key"];
    let (id, value) = (key["id"].as_str().unwrap(), key["value"].as_str().unwrap());
    assert!(value.starts_with("sk-bf-"), "{value}");
    assert_eq!(gateway.ask(value, "shared").await.said(), "hello from a");
    check_refused(&gateway.ask(id, "shared").await, 401, "virtual_key_not_found", &[]);
    let list = gateway.get("/api/governance/virtual-keys").await.is(200);
    assert!(!list.text().contains(value), "shown once");
    assert_eq!(list.json()["virtual_keys"].as_array().map(Vec::len), Some(1));
    assert!(!gateway.get(&key_path(id)).await.text().contains(value), "shown once");
}

#[tokio::test]
async fn a_key_is_taken_from_each_header_that_an_sdk_may_use() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "a"}]}))
        .await;
    let call = || gateway.call(Method::POST, shapes::CHAT).json(&shapes::chat("shared"));
    for name in ["x-bf-vk", "x-api-key", "x-goog-api-key", "api-key"] {
        assert_eq!(call().header(name, "vk").send().await.said(), "hello from a", "{name}");
    }
    assert_eq!(call().bearer("vk").send().await.said(), "hello from a");
    // The first of them in that order counts, and only it.
    let order = ["x-bf-vk", "authorization", "x-api-key", "x-goog-api-key", "api-key"];
    let value = |name: &str, key: &str| {
        if name == "authorization" {
            format!("Bearer {key}")
        } else {
            key.to_owned()
        }
    };
    for pair in order.windows(2) {
        let good = call()
            .header(pair[0], &value(pair[0], "vk"))
            .header(pair[1], &value(pair[1], "unknown"))
            .send()
            .await;
        assert_eq!(good.status, 200, "{pair:?}");
        let bad = call()
            .header(pair[0], &value(pair[0], "unknown"))
            .header(pair[1], &value(pair[1], "vk"))
            .send()
            .await;
        assert_eq!(bad.status, 401, "{pair:?}");
    }
}

#[tokio::test]
async fn weights_split_traffic() {
    let (gateway, _upstreams) = three().await;
    let split = |a: f64, b: f64, c: f64| {
        json!({"provider_configs": [
            {"provider": "a", "weight": a}, {"provider": "b", "weight": b}, {"provider": "c", "weight": c}]})
    };
    gateway.key("vk", &split(0.5, 0.3, 0.2)).await;
    let answered = count(&gateway, "vk", "shared", 600).await;
    for (provider, share) in [("a", 0.5), ("b", 0.3), ("c", 0.2)] {
        check_share(&answered, provider, share);
    }
    // They need not sum to 1, and 0 means only as a fallback.
    gateway.key("vk", &split(3.0, 1.0, 0.0)).await;
    let answered = count(&gateway, "vk", "shared", 200).await;
    check_share(&answered, "a", 0.75);
    assert_eq!(answered.get("c"), None, "{answered:?}");
}

#[tokio::test]
async fn weights_left_out_are_equal() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "a"}, {"provider": "b", "weight": 1.0}]}),
        )
        .await;
    check_share(&count(&gateway, "vk", "shared", 200).await, "a", 0.5);
}

#[tokio::test]
async fn auto_splits_over_entries_whose_models_have_different_names() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [
            {"provider": "a", "weight": 0.5, "allowed_models": ["only-a"]},
            {"provider": "b", "weight": 0.3, "allowed_models": ["only-b"]},
            {"provider": "c", "weight": 0.2, "model_aliases": {"*": "only-c"}}]}),
        )
        .await;
    let answered = count(&gateway, "vk", "auto", 300).await;
    for (provider, share) in [("a", 0.5), ("b", 0.3), ("c", 0.2)] {
        check_share(&answered, provider, share);
    }
}

#[tokio::test]
async fn the_name_of_a_model_decides_who_can_serve_it() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "a", "weight": 9}, {"provider": "b", "weight": 0.1}]}),
        )
        .await;
    assert_eq!(gateway.ask("vk", "only-b").await.said(), "hello from b");
    assert_eq!(
        gateway.ask("vk", "b/shared").await.said(),
        "hello from b",
        "a prefix picks the entry, whatever its weight"
    );
}

#[tokio::test]
async fn aliases_ask_for_one_model_and_serve_another() {
    let upstream = Upstream::start("here", &["served", "other"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "mine", "model_aliases": {"asked": "served", "*": "other"}}]}),
        )
        .await;
    for (asked, served) in [
        ("asked", "served"),
        ("anything-else", "other"),
        ("served", "served"),
        ("mine/asked", "served"),
    ] {
        let reply = gateway.ask("vk", asked).await.is(200);
        assert_eq!(upstream.last_chat().json()["model"], served, "{asked}");
        assert_eq!(reply.header("x-gateway-model"), Some(served));
    }
}

#[tokio::test]
async fn allowed_models_may_have_wildcards() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "a", "allowed_models": ["only-*"]}]}),
        )
        .await;
    gateway.ask("vk", "only-a").await.is(200);
    check_refused(
        &gateway.ask("vk", "shared").await,
        403,
        "model_blocked",
        &["vk", "shared"],
    );
}

#[tokio::test]
async fn a_model_that_no_entry_allows_is_refused_by_name() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key(
            "vk-narrow",
            &json!({"provider_configs": [{"provider": "a", "allowed_models": ["only-a"]}]}),
        )
        .await;
    check_refused(
        &gateway.ask("vk-narrow", "shared").await,
        403,
        "model_blocked",
        &["vk-narrow", "shared"],
    );
    check_refused(
        &gateway.ask("vk-narrow", "a/shared").await,
        403,
        "model_blocked",
        &["vk-narrow", "shared"],
    );
    check_refused(
        &gateway.ask("vk-narrow", "b/shared").await,
        403,
        "provider_blocked",
        &["vk-narrow", "b"],
    );
}

#[tokio::test]
async fn a_model_that_only_others_serve_is_refused_by_name() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key("vk-home", &json!({"provider_configs": [{"provider": "a"}]}))
        .await;
    check_refused(
        &gateway.ask("vk-home", "only-b").await,
        403,
        "model_blocked",
        &["vk-home", "only-b"],
    );
}

#[tokio::test]
async fn a_model_that_nobody_serves_is_not_found() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    check_refused(
        &gateway.ask("any", "no-such-model").await,
        404,
        "model_not_found",
        &["no-such-model"],
    );
    assert_eq!(upstream.asked(), 0);
}

#[tokio::test]
async fn a_key_that_does_not_work_is_never_treated_as_none() {
    let (gateway, _upstreams) = three().await;
    let entry = json!([{"provider": "a"}]);
    gateway.key("vk-good", &json!({"provider_configs": entry})).await;
    check_refused(
        &gateway.ask("vk-mistyped", "shared").await,
        401,
        "virtual_key_not_found",
        &[],
    );

    gateway
        .key("vk-off", &json!({"provider_configs": entry, "is_active": false}))
        .await;
    check_refused(
        &gateway.ask("vk-off", "shared").await,
        403,
        "virtual_key_blocked",
        &["vk-off"],
    );

    gateway
        .key(
            "vk-old",
            &json!({"provider_configs": entry, "expires_at": "2020-01-01T00:00:00Z"}),
        )
        .await;
    check_refused(
        &gateway.ask("vk-old", "shared").await,
        403,
        "virtual_key_blocked",
        &["vk-old"],
    );

    gateway.key("vk-gone", &json!({"provider_configs": entry})).await;
    gateway.ask("vk-gone", "shared").await.is(200);
    gateway.delete(&key_path("vk-gone")).await.is(200);
    gateway.get(&key_path("vk-gone")).await.is(404);
    check_refused(&gateway.ask("vk-gone", "shared").await, 403, "virtual_key_blocked", &[]);
}

#[tokio::test]
async fn a_deleted_key_stays_refused_over_a_restart() {
    let (mut gateway, _upstreams) = three().await;
    gateway
        .key("vk-gone", &json!({"provider_configs": [{"provider": "a"}]}))
        .await;
    gateway.delete(&key_path("vk-gone")).await.is(200);
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    check_refused(&gateway.ask("vk-gone", "shared").await, 403, "virtual_key_blocked", &[]);
}

#[tokio::test]
async fn keys_can_be_made_a_must() {
    let (gateway, _upstreams) = three().await;
    let anonymous = || gateway.call(Method::POST, shapes::CHAT).json(&shapes::chat("shared"));
    anonymous().send().await.is(200);
    gateway
        .put(
            "/api/config",
            &json!({"client_config": {"enforce_auth_on_inference": true}}),
        )
        .await
        .is(200);
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "a"}]}))
        .await;
    gateway.ask("vk", "shared").await.is(200);
    check_refused(&anonymous().send().await, 401, "virtual_key_required", &[]);
    check_refused(
        &gateway.ask("unknown", "shared").await,
        401,
        "virtual_key_not_found",
        &[],
    );
}

#[tokio::test]
async fn models_are_discovered_and_discovered_again() {
    let upstream = Upstream::start("here", &["first"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "mine"}]}))
        .await;
    gateway.ask("vk", "first").await.is(200);
    // The upstream stops serving one and begins to serve another; its "not found" is the sign to look again.
    upstream.lists(&["second"]);
    upstream.always(
        shapes::CHAT,
        crate::support::Answer::of(|seen| {
            let body = seen.json();
            let known = body["model"] == "second";
            let answer = if known {
                crate::support::Answer::healthy("here")
            } else {
                crate::support::Answer::json(
                    404,
                    &json!({"error": {"message": "The model `first` does not exist",
                "type": "NotFoundError", "param": "model", "code": "model_not_found"}}),
                )
            };
            answer.play(seen)
        }),
    );
    eventually("the new model is known", || async {
        gateway.ask("vk", "first").await.is(404);
        (gateway.ask("vk", "second").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_custom_provider_that_lists_nothing_serves_what_nobody_else_does() {
    let (listing, silent) = (
        Upstream::start("listing", &["known"]).await,
        Upstream::start("silent", &[]).await,
    );
    silent.always(shapes::MODELS, crate::support::Answer::error(404));
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("listing", &listing)).await;
    gateway.add(&self_hosted("silent", &silent)).await;
    assert_eq!(gateway.ask("any", "unknown-to-all").await.said(), "hello from silent");
    for _ in 0..10 {
        assert_eq!(gateway.ask("any", "known").await.said(), "hello from listing");
    }
}

#[tokio::test]
async fn a_name_with_the_tag_latest_is_the_same_model() {
    let upstream = Upstream::start("ollama", &["mistral:latest"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("ollama-local", &upstream)).await;
    for name in ["mistral", "mistral:latest", "ollama-local/mistral"] {
        assert_eq!(gateway.ask("any", name).await.said(), "hello from ollama", "{name}");
    }
}

#[tokio::test]
async fn a_slash_in_the_name_of_a_model_is_not_always_a_provider() {
    let (vllm, openai) = (
        Upstream::start("vllm", &["openai/gpt-oss-20b", LLAMA]).await,
        Upstream::start("openai", &["gpt-4o-mini"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("vllm-local", &vllm)).await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "vllm-local"}, {"provider": "openai"}]}),
        )
        .await;
    assert_eq!(gateway.ask("vk", "openai/gpt-oss-20b").await.said(), "hello from vllm");
    assert_eq!(vllm.last_chat().json()["model"], "openai/gpt-oss-20b");
    assert_eq!(gateway.ask("vk", LLAMA).await.said(), "hello from vllm");
    assert_eq!(
        gateway.ask("vk", "openai/gpt-4o-mini").await.said(),
        "hello from openai"
    );
    assert_eq!(openai.last_chat().json()["model"], "gpt-4o-mini");
}

#[tokio::test]
async fn a_key_sees_only_its_models() {
    let (gateway, _upstreams) = three().await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [
            {"provider": "a", "allowed_models": ["only-a"]}, {"provider": "b"}]}),
        )
        .await;
    let list = gateway
        .call(Method::GET, "/v1/models")
        .bearer("vk")
        .send()
        .await
        .is(200)
        .json();
    let mut ids: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m["id"].as_str())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["a/only-a", "b/only-b", "b/shared"]);
}

#[tokio::test]
async fn a_key_uses_only_the_provider_keys_that_it_lists() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["keys"] = json!([{"name": "one", "value": "sk-one"}, {"name": "two", "value": "sk-two"}]);
    gateway.add(&settings).await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "mine", "key_ids": ["two"]}]}),
        )
        .await;
    for _ in 0..10 {
        gateway.ask("vk", "m").await.is(200);
    }
    let used: Vec<Value> = upstream
        .seen(shapes::CHAT)
        .iter()
        .map(|seen| json!(seen.header("authorization")))
        .collect();
    assert_eq!(used, vec![json!("Bearer sk-two"); 10]);
}

#[tokio::test]
async fn every_limit_that_a_key_is_under_is_one_list_with_the_tightest_marked() {
    let (gateway, _upstreams) = three().await;
    let customer =
        json!({"name": "Acme", "budget": {"max_limit": 50, "reset_duration": "1M", "calendar_aligned": true}});
    gateway.put("/api/governance/customers/acme", &customer).await.is(200);
    let team = json!({"name": "Core", "customer_id": "acme", "budget": {"max_limit": 2, "reset_duration": "1d"},
        "rate_limit": {"request_max_limit": 100, "request_reset_duration": "1h"}});
    gateway.put("/api/governance/teams/core", &team).await.is(200);
    for provider in ["a", "b"] {
        let path = format!("/api/governance/providers/{provider}");
        let limit = json!({"rate_limit": {"request_max_limit": 9, "request_reset_duration": "1h"}});
        gateway.put(&path, &limit).await.is(200);
    }
    let key = json!({"team_id": "core", "provider_configs": [{"provider": "a", "budget": {"max_limit": 1, "reset_duration": "1d"}}],
        "budget": {"max_limit": 5, "reset_duration": "1d"}, "rate_limit": {"request_max_limit": 10, "request_reset_duration": "1h"}});
    gateway.key("vk", &key).await;
    gateway.ask("vk", "shared").await.is(200);

    let answer = gateway.get(&format!("{}/limits", key_path("vk"))).await.is(200).json();
    let told: Vec<(&str, &str, f64, bool)> = answer["limits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|limit| {
            let (owner, unit) = (
                limit["owner"]["name"].as_str().unwrap(),
                limit["unit"].as_str().unwrap(),
            );
            (
                owner,
                unit,
                limit["remaining"].as_f64().unwrap(),
                limit["tightest"] == true,
            )
        })
        .collect();
    let expected = [
        ("vk", "dollars", 5.0, false),
        ("vk", "requests", 9.0, true),
        ("vk", "dollars", 1.0, false),
        ("Core", "dollars", 2.0, true),
        ("Core", "requests", 99.0, false),
        ("Acme", "dollars", 50.0, false),
        ("a", "requests", 8.0, false),
    ];
    assert_eq!(told, expected, "what the key cannot reach is not there: {answer}");
    assert_eq!(
        answer["limits"][2]["provider"], "a",
        "what holds for some calls says for which"
    );
    assert!(
        answer["limits"][5]["resets_at"].is_string(),
        "the calendar's end is known: {answer}"
    );
    assert_eq!(gateway.get(&format!("{}/limits", key_path("none"))).await.status, 404);
}

#[tokio::test]
async fn the_list_of_keys_is_narrowed_and_sorted_by_the_server() {
    let (gateway, _upstreams) = three().await;
    let body = |more: Value| {
        let mut body = json!({"provider_configs": [{"provider": "a"}]});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        body
    };
    let budget = |dollars: f64| json!({"budget": {"max_limit": dollars, "reset_duration": "1d"}});
    gateway.key("vk-small", &body(budget(0.5))).await;
    gateway.key("vk-large", &body(budget(1000.0))).await;
    gateway.key("vk-all", &json!({})).await;
    gateway.key("vk-off", &body(json!({"is_active": false}))).await;
    gateway
        .key("vk-over", &body(json!({"expires_at": "2020-01-01T00:00:00Z"})))
        .await;
    let ids = async |query: &str| -> Vec<String> {
        let page = gateway
            .get(&format!("/api/governance/virtual-keys?{query}"))
            .await
            .is(200)
            .json();
        let keys = page["virtual_keys"].as_array().unwrap().iter();
        keys.map(|key| key["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("status=disabled").await, ["vk-off"]);
    assert_eq!(ids("status=expired").await, ["vk-over"]);
    assert_eq!(
        ids("status=active&sort_by=name&order=desc").await,
        ["vk-small", "vk-large", "vk-all"]
    );
    assert_eq!(ids("provider=b").await, ["vk-all"], "a key without entries may use all");
    assert_eq!(ids("search=SMALL").await, ["vk-small"]);
    assert_eq!(ids("sort_by=expires_at").await[0], "vk-over");
    for order in ["asc", "desc"] {
        let found = ids(&format!("sort_by=budget_used&order={order}&status=active")).await;
        assert_eq!(found[2], "vk-all", "one without a budget is last: {found:?}");
    }
    check_refused_query(&gateway, "status=sleepy", "`status`").await;

    gateway.ask("vk-all", "shared").await.is(200);
    eventually("the call is in the log", || async {
        let key = gateway.shown("vk-all").await;
        let activity = &key["activity"];
        (activity["last_used_at"].is_string() && activity["week_requests"] == 1).then_some(())
    })
    .await;
    assert!(gateway.shown("vk-off").await["activity"]["last_used_at"].is_null());
}

async fn check_refused_query(gateway: &Gateway, query: &str, names: &str) {
    let reply = gateway.get(&format!("/api/governance/virtual-keys?{query}")).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert!(reply.text().contains(names), "{}", reply.text());
}

#[tokio::test]
async fn what_a_put_did_is_said_and_what_is_wrong_with_a_key_is_told_at_its_field() {
    let (gateway, _upstreams) = three().await;
    let said = async |body: Value| gateway.put(&key_path("vk"), &body).await.is(200).json()["message"].clone();
    assert_eq!(said(json!({})).await, "Virtual key created successfully");
    assert_eq!(said(json!({"name": "n"})).await, "Virtual key updated successfully");
    for (body, names) in [
        (json!({"name": ""}), &["`name` is empty"][..]),
        (
            json!({"on_disconnect": "stop"}),
            &["`on_disconnect`", "write \\\"cancel\\\""],
        ),
        (
            json!({"budget": {"max_limit": 1e-12, "reset_duration": "1d"}}),
            &["`budget.max_limit`", "less than can be counted"],
        ),
    ] {
        let reply = gateway.put(&key_path("vk"), &body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        for name in names {
            assert!(reply.text().contains(name), "must name {name}: {}", reply.text());
        }
    }
    for path in ["/api/governance/teams", "/api/governance/customers"] {
        let reply = gateway.post(path, &json!({"name": " "})).await;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.text().contains("`name` is empty"), "{}", reply.text());
        let made = gateway.put(&format!("{path}/new"), &json!({})).await.is(200).json();
        assert!(
            made["message"].as_str().unwrap().ends_with("created successfully"),
            "{made}"
        );
    }
}
