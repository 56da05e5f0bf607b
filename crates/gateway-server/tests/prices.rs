//! What calls cost: by overrides, by a file of prices, by other measures than tokens, by the provider's own word.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::cloud;
use crate::support::shapes::{self, chat};
use crate::support::{Answer, Gateway, Reply, Upstream, eventually};

const OVERRIDES: &str = "/api/governance/pricing-overrides";
const SPEECH: &str = "/v1/audio/speech";
const IMAGES: &str = "/v1/images/generations";

async fn house() -> (Gateway, Upstream) {
    let openai = Upstream::start("openai", &["gpt-4o", "mystery", "tts-1", "dall-e-3", "whisper-1"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "openai"}]}))
        .await;
    (gateway, openai)
}

/// What an answer says it cost, in dollars: [`shapes::INPUT_TOKENS`] in and [`shapes::OUTPUT_TOKENS`] out.
fn cost(reply: &Reply) -> &str {
    reply.header("x-gateway-cost").expect("every answer says what it cost")
}

async fn ask(gateway: &Gateway, model: &str) -> Reply {
    gateway.ask("vk", model).await.is(200)
}

/// The cost of the newest call in the log, once there are so many.
async fn logged(gateway: &Gateway, calls: usize) -> f64 {
    eventually("the call is in the log", || async {
        let rows = gateway.logs("limit=1").await;
        (rows["pagination"]["total_count"] == calls).then(|| rows["logs"][0]["cost"].as_f64().unwrap())
    })
    .await
}

async fn price(gateway: &Gateway, model: &str) -> Value {
    let path = format!("/api/models/prices?provider=openai&model={model}");
    gateway.get(&path).await.is(200).json()["prices"][0].clone()
}

#[tokio::test]
async fn an_override_replaces_a_price_until_it_is_gone() {
    let (gateway, _openai) = house().await;
    assert_eq!(cost(&ask(&gateway, "gpt-4o").await), "0.000075");
    let shown = price(&gateway, "gpt-4o").await;
    assert_eq!(
        (&shown["priced_by"], &shown["per_million_tokens"]["input"]),
        (&json!("catalogue"), &json!(2.5))
    );

    let contract = json!({"id": "contract", "model_pattern": "gpt-4*", "match_type": "wildcard",
        "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "input_cost_per_token_priority": 9});
    let made = gateway.post(OVERRIDES, &contract).await.is(200).json();
    assert!(
        made["warnings"][0]
            .as_str()
            .unwrap()
            .contains("input_cost_per_token_priority"),
        "{made}"
    );
    assert_eq!(cost(&ask(&gateway, "gpt-4o").await), "0.00002");
    let shown = price(&gateway, "gpt-4o").await;
    assert_eq!(shown["priced_by"], json!({"override": "contract"}));
    let path = format!("{OVERRIDES}/contract");
    gateway
        .put(&path, &json!({"output_cost_per_token": 4e-6}))
        .await
        .is(200);
    assert_eq!(cost(&ask(&gateway, "gpt-4o").await), "0.00003");

    let own = json!([{"model_pattern": "gpt-4o", "input_cost_per_token": 0.001}]);
    let provider = json!({"pricing_overrides": own});
    gateway.put("/api/providers/openai", &provider).await.is(200);
    assert_eq!(
        cost(&ask(&gateway, "gpt-4o").await),
        "0.01",
        "the provider's own list is nearer"
    );
    gateway
        .put("/api/providers/openai", &json!({"pricing_overrides": null}))
        .await
        .is(200);
    gateway.delete(&path).await.is(200);
    assert_eq!(cost(&ask(&gateway, "gpt-4o").await), "0.000075");
}

#[tokio::test]
async fn an_override_that_is_wrong_is_refused_with_its_field() {
    let (gateway, _openai) = house().await;
    for (field, value, named) in [
        ("input_cost_per_token", json!(-1), "input_cost_per_token"),
        ("input_cost_per_tokn", json!(1), "input_cost_per_tokn"),
        ("match_type", json!("regex"), "model_pattern"),
        ("effective_from", json!("soon"), "effective_from"),
        ("request_types", json!(["tea"]), "request_types[0]"),
    ] {
        let mut said = json!({"id": "x", "model_pattern": "(", "input_cost_per_token": 1e-6});
        said[field] = value;
        let reply = gateway.post(OVERRIDES, &said).await.is(400);
        assert!(reply.message().contains(named), "{}", reply.text());
    }
    assert_eq!(gateway.get(OVERRIDES).await.is(200).json()["total_count"], 0);
}

#[tokio::test]
async fn a_model_without_a_price_is_treated_as_the_setting_says() {
    let (gateway, _openai) = house().await;
    gateway
        .key(
            "paid",
            &json!({"provider_configs": [{"provider": "openai"}],
        "budget": {"max_limit": 1, "reset_duration": "1d"}}),
        )
        .await;
    let rule = async |said: Value| {
        let body = json!({"client_config": {"unknown_price": said}});
        gateway.put("/api/config", &body).await.is(200);
        let [free, paid] = [gateway.ask("vk", "mystery").await, gateway.ask("paid", "mystery").await];
        (free.status, paid.status, paid)
    };
    let (free, paid, reply) = rule(json!("refuse_under_budget")).await;
    assert_eq!((free, paid, reply.code().as_str()), (200, 402, "price_unknown"));
    let (free, paid, _) = rule(json!("free")).await;
    assert_eq!((free, paid), (200, 200));
    let (free, paid, _) = rule(json!("refuse")).await;
    assert_eq!((free, paid), (402, 402));
    let charged = json!({"charge": {"input_cost_per_token": 1e-5, "output_cost_per_token": 1e-5}});
    let (free, paid, reply) = rule(charged).await;
    assert_eq!((free, paid, cost(&reply)), (200, 200, "0.00015"));
}

#[tokio::test]
async fn a_file_of_prices_is_taken_whole_or_not_at_all_and_never_stops_the_start() {
    let openai = Upstream::start("openai", &["gpt-4o"]).await;
    let start = Gateway::with();
    let path = start.file("prices.jsonl");
    let line =
        |dollars: &str| format!(r#"{{"provider":"openai","model":"gpt-4o","price":{{"in":"{dollars}","out":"0"}}}}"#);
    let broken = format!("# ours\n{}\nnonsense\n", line("100"));
    let gateway = start
        .write("prices.jsonl", &broken)
        .args(&["--catalog", path.to_str().unwrap()])
        .start()
        .await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "openai"}]}))
        .await;
    let ready = || async { gateway.get("/readyz").await.is(200).json()["catalogue"].take() };
    assert!(ready().await.as_str().unwrap().contains("line 3"), "{}", ready().await);
    assert_eq!(
        cost(&ask(&gateway, "gpt-4o").await),
        "0.000075",
        "the embedded one is in force"
    );

    std::fs::write(&path, line("100")).unwrap();
    let synced = gateway
        .post("/api/pricing/force-sync", &Value::Null)
        .await
        .is(200)
        .json();
    assert_eq!(synced["catalogue"]["error"], Value::Null, "{synced}");
    assert_eq!(cost(&ask(&gateway, "gpt-4o").await), "0.001");

    std::fs::write(&path, line("200")).unwrap();
    eventually("the changed file is taken up by itself", || async {
        (cost(&ask(&gateway, "gpt-4o").await) == "0.002").then_some(())
    })
    .await;
    std::fs::write(&path, line("-1")).unwrap();
    let refused = gateway.post("/api/pricing/force-sync", &Value::Null).await.is(400);
    assert!(refused.message().contains("line 1"), "{}", refused.text());
    assert_eq!(cost(&ask(&gateway, "gpt-4o").await), "0.002");
    std::fs::remove_file(&path).unwrap();
    eventually("the loss is shown", || async {
        ready().await.as_str().unwrap().contains("cannot be read").then_some(())
    })
    .await;
    assert_eq!(
        cost(&ask(&gateway, "gpt-4o").await),
        "0.002",
        "and takes nothing with it"
    );
}

#[tokio::test]
async fn without_a_file_nothing_is_fetched_and_that_is_said() {
    let (gateway, _openai) = house().await;
    let said = gateway
        .post("/api/pricing/force-sync", &Value::Null)
        .await
        .is(200)
        .json();
    assert!(said["message"].as_str().unwrap().contains("--catalog"), "{said}");
    assert_eq!(said["catalogue"]["file"], Value::Null);
}

#[tokio::test]
async fn speech_and_pictures_are_billed_by_what_there_is_of_them_and_held_for_before() {
    let (gateway, openai) = house().await;
    openai.always(
        SPEECH,
        Answer::with_headers(200, &[("content-type", "audio/mpeg")], &json!("sound")),
    );
    let two = json!({"created": 1, "data": [{"url": "http://x/1"}, {"url": "http://x/2"}]});
    openai.always(IMAGES, Answer::json(200, &two));
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "openai"}],
        "budget": {"max_limit": 0.25, "reset_duration": "1d"}}),
        )
        .await;
    let post = |path: &'static str, body: Value| gateway.call(Method::POST, path).bearer("vk").json(&body).send();

    let speech = json!({"model": "tts-1", "input": "Grüße an alle!", "voice": "alloy"});
    post(SPEECH, speech).await.is(200);
    assert_eq!(
        logged(&gateway, 1).await,
        0.00021,
        "14 characters at 15 dollars a million"
    );
    let pictures = json!({"model": "dall-e-3", "prompt": "x", "n": 2, "size": "1024x1792", "quality": "standard"});
    assert_eq!(cost(&post(IMAGES, pictures.clone()).await.is(200)), "0.16");
    let refused = post(IMAGES, pictures).await.is(402);
    assert_eq!(
        refused.code(),
        "budget_exceeded",
        "two more would pass the budget before they are made"
    );
    assert_eq!(openai.seen(IMAGES).len(), 1);
}

#[tokio::test]
async fn who_says_what_a_call_costs_is_believed_where_that_is_what_it_charges() {
    let upstream = Upstream::start("router", &["some/model"]).await;
    let mut answer = shapes::chat_answer("router", &chat("some/model"));
    answer["usage"] = json!({"prompt_tokens": 866, "completion_tokens": 43, "total_tokens": 909,
        "cost": 0.001081, "is_byok": false});
    upstream.always(shapes::CHAT, Answer::json(200, &answer));
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openrouter", &upstream)).await;
    gateway
        .post(
            OVERRIDES,
            &json!({"id": "all", "model_pattern": "*", "match_type": "wildcard",
        "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6}),
        )
        .await
        .is(200);
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "openrouter"}]}))
        .await;
    assert_eq!(cost(&ask(&gateway, "some/model").await), "0.001081");

    let mut other = cloud("other", &upstream);
    other["custom_provider_config"] = json!({"base_provider_type": "openai"});
    other["pricing"] = json!("catalogue");
    gateway.add(&other).await;
    gateway
        .key("vk", &json!({"provider_configs": [{"provider": "other"}]}))
        .await;
    assert_eq!(
        cost(&ask(&gateway, "some/model").await),
        "0.000909",
        "its field may mean anything"
    );
}
