//! What would happen: a request planned and not sent.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{self, chat};
use crate::support::{Gateway, Upstream};

const RULES: &str = "/api/governance/routing-rules";

struct House {
    gateway: Gateway,
    home: Upstream,
    openai: Upstream,
}

async fn house() -> House {
    let home = Upstream::start("home", &["m"]).await;
    let openai = Upstream::start("openai", &["gpt-4o-mini"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("home", &home)).await;
    gateway.add(&cloud("openai", &openai)).await;
    House { gateway, home, openai }
}

impl House {
    async fn told(&self, query: &str, body: &Value) -> Value {
        let call = self.gateway.call(Method::POST, &format!("/api/explain?{query}"));
        call.json(body).send().await.is(200).json()
    }

    fn asked(&self) -> usize {
        self.home.asked() + self.openai.asked()
    }
}

fn first(told: &Value) -> (&Value, &Value) {
    let place = &told["outcome"]["first"];
    let candidates = told["candidates"].as_array().unwrap();
    let first = candidates.iter().find(|candidate| candidate["place"] == *place);
    let deployment = &first.unwrap_or_else(|| panic!("nobody is asked: {told:#}"))["deployment"];
    (&deployment["provider"], &deployment["model"])
}

#[tokio::test]
async fn a_caller_is_named_by_its_id_whatever_its_value() {
    let house = house().await;
    let entries = json!({"provider_configs": [{"provider": "home"}]});
    house.gateway.key("vk", &entries).await;
    let told = house.told("virtual_key_id=vk", &chat("m")).await;
    assert_eq!(told["virtual_key"], "vk");
    assert_eq!(
        (&told["caller"]["kind"], &told["caller"]["name"]),
        (&json!("virtual_key"), &json!("vk"))
    );
    assert_eq!(first(&told), (&json!("home"), &json!("m")));
    assert!(
        told["outcome"]["sentence"]
            .as_str()
            .unwrap()
            .starts_with("It goes to home/m"),
        "{told:#}"
    );
    let told = house.told("operator=true", &chat("gpt-4o-mini")).await;
    assert_eq!(told["caller"]["kind"], "operator");
    assert_eq!(first(&told).0, "openai");
    let told = house.told("", &chat("gpt-4o-mini")).await;
    assert_eq!(told["caller"]["kind"], "anonymous");
    for (query, status) in [
        ("virtual_key_id=nobody", 404),
        ("virtual_key_id=vk&operator=true", 400),
        ("input_tokens=many", 400),
        ("seed=yesterday", 400),
        ("unheard_of=1", 400),
    ] {
        let call = house.gateway.call(Method::POST, &format!("/api/explain?{query}"));
        call.json(&chat("m")).send().await.is(status);
    }
    assert_eq!(house.asked(), 0);
}

#[tokio::test]
async fn a_refusal_is_an_explanation_too() {
    let house = house().await;
    let entries =
        json!({"provider_configs": [{"provider": "home"}, {"provider": "openai", "allowed_models": ["gpt-4o"]}]});
    house.gateway.key("narrow", &entries).await;
    house.gateway.key("off", &json!({"is_active": false})).await;
    let broke = json!({"budget": {"max_limit": 0.000_000_1, "reset_duration": "1d"}});
    house.gateway.key("broke", &broke).await;
    house
        .gateway
        .key(
            "busy",
            &json!({"rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}}),
        )
        .await;
    house.gateway.ask("busy", "m").await.is(200);
    let refusal = async |key: &str, model: &str| {
        let told = house.told(&format!("virtual_key_id={key}"), &chat(model)).await;
        let refusal = told["outcome"]["refusal"].clone();
        // The same is told to whoever really calls.
        let reply = house.gateway.ask(key, model).await;
        assert_eq!(
            (u64::from(reply.status), reply.code()),
            (
                refusal["status"].as_u64().unwrap_or_default(),
                refusal["code"].as_str().unwrap_or_default().to_owned(),
            ),
            "{told:#}"
        );
        assert_eq!(reply.message(), refusal["message"], "{key}");
        assert_eq!(told["outcome"]["first"], Value::Null);
        told
    };
    let told = refusal("narrow", "gpt-4o-mini").await;
    assert_eq!(
        told["not_allowed"],
        json!([
            {"provider": "home", "why": "the provider does not serve the model"},
            {"provider": "openai", "why": "the entry does not allow the model"},
        ])
    );
    let told = refusal("off", "m").await;
    assert_eq!(told["caller"]["kind"], "refused");
    refusal("narrow", "nonsense").await;
    let told = refusal("broke", "gpt-4o-mini").await;
    assert_eq!(told["outcome"]["refusal"]["quota"], "vk/broke/budget");
    assert_eq!(told["candidates"][0]["refusal"]["code"], "budget_exceeded");
    let told = refusal("busy", "m").await;
    assert_eq!(told["outcome"]["refusal"]["quota"], "vk/busy/requests");
    assert_eq!(told["limits"][0]["used"], 1);
}

#[tokio::test]
async fn a_candidate_that_a_limit_is_in_the_way_of_is_passed_over_as_it_then_is() {
    let house = house().await;
    let entries = json!([
        {"provider": "openai", "weight": 1, "budget": {"max_limit": 0.000_000_1, "reset_duration": "1d"}},
        {"provider": "home", "weight": 0, "model_aliases": {"*": "m"}}]);
    house.gateway.key("vk", &json!({"provider_configs": entries})).await;
    let told = house.told("virtual_key_id=vk", &chat("gpt-4o-mini")).await;
    assert_eq!(first(&told), (&json!("home"), &json!("m")));
    let sentence = told["outcome"]["sentence"].as_str().unwrap();
    for word in [
        "openai/gpt-4o-mini is passed over",
        "budget of virtual key vk at provider openai",
        "home/m",
    ] {
        assert!(sentence.contains(word), "{sentence}");
    }
    let reply = house.gateway.ask("vk", "gpt-4o-mini").await.is(200);
    assert_eq!(reply.header("x-gateway-provider"), Some("home"));
}

#[tokio::test]
async fn what_is_explained_with_the_seed_of_a_request_is_what_happened_to_it() {
    let house = house().await;
    let spare = Upstream::start("spare", &["m"]).await;
    house.gateway.add(&self_hosted("spare", &spare)).await;
    let entries = json!([{"provider": "home", "weight": 0.5}, {"provider": "spare", "weight": 0.5}]);
    house.gateway.key("vk", &json!({"provider_configs": entries})).await;
    let mut went = std::collections::BTreeSet::new();
    for _ in 0..12 {
        let reply = house.gateway.ask("vk", "m").await.is(200);
        let id = reply.header("x-gateway-request-id").unwrap();
        let told = house.told(&format!("virtual_key_id=vk&seed={id}"), &chat("m")).await;
        let provider = reply.header("x-gateway-provider").unwrap();
        assert_eq!(first(&told).0, provider);
        went.insert(provider.to_owned());
        let again = told["replay"].as_str().unwrap();
        let again = house.told(&format!("virtual_key_id=vk&seed={again}"), &chat("m")).await;
        assert_eq!(first(&again).0, provider);
        let shares: Vec<_> = told["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["share"])
            .collect();
        assert_eq!(shares, [&json!(0.5), &json!(0.5)]);
    }
    assert_eq!(went.len(), 2, "both were drawn");
}

#[tokio::test]
async fn a_prompt_of_any_size_is_supposed_and_what_it_costs_is_told() {
    let house = house().await;
    let told = house
        .told("operator=true&input_tokens=10000", &chat("gpt-4o-mini"))
        .await;
    assert_eq!(told["request"]["input_estimate"], 10_000);
    // 0.15 dollars a million in, 0.60 out, at most 16384 out.
    let cost = &told["candidates"][0]["cost"];
    assert_eq!(cost["least"], json!(0.0015));
    assert!(cost["most"].as_f64().unwrap() > 0.0098, "{cost}");
    let told = house
        .told("operator=true&input_tokens=1000000", &chat("gpt-4o-mini"))
        .await;
    assert_eq!(told["candidates"][0]["reason"]["code"], "largest_context");
    let told = house.told("operator=true", &chat("home/m")).await;
    assert_eq!(told["candidates"][0]["cost"], json!({"least": 0.0, "most": 0.0}));
    assert_eq!(told["candidates"][0]["price"], "free");
}

#[tokio::test]
async fn every_rule_tells_why_it_fits_or_not() {
    let house = house().await;
    house.gateway.key("vk", &json!({})).await;
    for (name, priority, condition) in [
        ("tier", 0, r#"headers["x-tier"] == "gold""#),
        ("big", 1, "!stream && token_estimate > 500"),
        ("all", 2, ""),
        ("late", 3, "true"),
    ] {
        let rule = json!({"name": name, "priority": priority, "cel_expression": condition, "targets": [
            {"provider": "home", "weight": 0.7}, {"provider": "openai", "model": "gpt-4o-mini", "weight": 0.3}]});
        house.gateway.post(RULES, &rule).await.is(200);
    }
    let told = house.told("virtual_key_id=vk", &chat("home/m")).await;
    let rules = told["routing"]["rules"].as_array().unwrap();
    let said: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule["name"].as_str().unwrap(),
                rule["verdict"].as_str().unwrap(),
                rule["why"].as_str(),
            )
        })
        .collect();
    let estimate = &told["request"]["input_estimate"];
    assert_eq!(
        said,
        [
            (
                "tier",
                "undecided",
                Some("there is no `x-tier`, which counts as not fitting")
            ),
            (
                "big",
                "does_not",
                Some(&*format!(
                    "`token_estimate > 500` is false: `token_estimate` is {estimate}"
                ))
            ),
            ("all", "fits", Some("it has no condition, so it always fits")),
            ("late", "not_asked", None),
        ]
    );
    assert_eq!(told["routing"]["looks_at"]["headers"], json!(["x-tier"]));
    let drawn: Vec<_> = rules[2]["targets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["drawn"] == true)
        .collect();
    assert_eq!(drawn.len(), 1);
    assert_eq!(drawn[0]["provider"], *first(&told).0);
    let tier = house
        .gateway
        .call(Method::POST, "/api/explain?virtual_key_id=vk")
        .header("x-tier", "gold");
    let told = tier.json(&chat("home/m")).send().await.is(200).json();
    assert_eq!(
        told["routing"]["rules"][0]["why"],
        r#"it is true: `headers["x-tier"]` is "gold""#
    );
    assert_eq!(house.home.seen(shapes::CHAT).len(), 0);
}

#[tokio::test]
async fn a_condition_is_warned_of_where_it_is_probably_not_meant() {
    let gateway = Gateway::start().await;
    let check = async |body: Value| gateway.post(&format!("{RULES}/check"), &body).await.is(200).json();
    let warned = async |condition: &str| {
        let told = check(json!({"cel_expression": condition})).await;
        assert_eq!(told["valid"], true);
        told["warnings"].clone()
    };
    assert_eq!(warned("budget_used > 80").await, json!([]));
    let told = warned("model == 'm' && budget_used > 0.8").await;
    assert_eq!(
        (&told[0]["position"], &told[0]["end"], &told[0]["instead"]),
        (&json!(30), &json!(33), &json!("80"))
    );
    assert!(told[0]["message"].as_str().unwrap().contains("percent"));
    let told = warned("request_type in ['chat', 'embedding']").await;
    assert_eq!(
        (told.as_array().unwrap().len(), &told[0]["instead"]),
        (1, &json!("\"chat_completion\""))
    );
    let told = warned("headers['X-Api-Key'] == 'k'").await;
    assert!(
        told[0]["message"].as_str().unwrap().contains("no condition sees"),
        "{told}"
    );
    assert_eq!(told[0]["position"], 9);

    let sample = json!({"stream": false, "budget_used": 12.5, "headers": {}});
    let verdict = async |condition: &str| {
        let body = json!({"cel_expression": condition, "facts": sample});
        check(body).await["verdict"].clone()
    };
    assert_eq!(verdict("!stream").await["fits"], true);
    let told = verdict("!stream && budget_used > 80").await;
    assert_eq!(
        (&told["fits"], &told["why"]),
        (
            &json!(false),
            &json!("`budget_used > 80` is false: `budget_used` is 12.5")
        )
    );
    assert_eq!(verdict("headers['x-a'] == 'b'").await["fits"], Value::Null);
    let told = check(json!({"cel_expression": "budget_usd > 80"})).await;
    assert_eq!(told["errors"][0]["instead"], "budget_used");
    gateway
        .post(&format!("{RULES}/check"), &json!({"cel_expression": "true", "cel": 1}))
        .await
        .is(400);
}
