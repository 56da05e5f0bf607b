//! Routing rules: where calls go that fit a condition.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::support::gateway::run;
use crate::support::settings::{cloud, key_path, self_hosted};
use crate::support::shapes::{self, chat};
use crate::support::{Answer, Gateway, Reply, Seen, Step, Upstream, eventually};

const RULES: &str = "/api/governance/routing-rules";

/// Two servers of one's own that serve `m`, and a cloud.
struct House {
    gateway: Gateway,
    home: Upstream,
    spare: Upstream,
    openai: Upstream,
}

async fn house() -> House {
    let (home, spare, openai) = (
        Upstream::start("home", &["m", "small"]).await,
        Upstream::start("spare", &["m"]).await,
        Upstream::start("openai", &["gpt-4o", "gpt-4o-mini"]).await,
    );
    openai.always(shapes::CHAT, Answer::of(spends_its_cap));
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("home", &home)).await;
    gateway.add(&self_hosted("spare", &spare)).await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway.key("vk", &json!({})).await;
    House {
        gateway,
        home,
        spare,
        openai,
    }
}

/// An honest model that uses every token it may.
fn spends_its_cap(seen: &Seen) -> Vec<Step> {
    let asked = seen.json();
    let cap = asked["max_tokens"].as_u64().unwrap_or(5);
    let mut answer = shapes::chat_answer("openai", &asked);
    answer["usage"] = json!({"prompt_tokens": 20, "completion_tokens": cap, "total_tokens": 20 + cap});
    Answer::json(200, &answer).play(seen)
}

impl House {
    /// Makes a rule, and gives it as it is shown.
    async fn rule(&self, rule: &Value) -> Value {
        self.gateway.post(RULES, rule).await.is(200).json()["rule"].clone()
    }

    /// Asks for a model and tells who answered.
    async fn asked(&self, model: &str) -> String {
        self.gateway.ask("vk", model).await.is(200).said()
    }

    async fn refused(&self, rule: &Value) -> String {
        self.gateway.post(RULES, rule).await.is(400).message()
    }
}

fn to(name: &str, condition: &str, target: &Value) -> Value {
    json!({"name": name, "cel_expression": condition, "targets": [target]})
}

fn went(reply: &Reply) -> (Option<&str>, Option<&str>, Option<&str>) {
    let header = |name| reply.header(name);
    (
        header("x-gateway-provider"),
        header("x-gateway-model"),
        header("x-gateway-rule"),
    )
}

#[tokio::test]
async fn a_header_sends_a_call_elsewhere_and_everything_says_why() {
    let house = house().await;
    let target = json!({"provider": "openai", "model": "gpt-4o"});
    let rule = house
        .rule(&to("Premium", r#"headers["X-Tier"] == "premium""#, &target))
        .await;
    let id = rule["id"].as_str().expect("it has an id");
    let call = || house.gateway.chat("vk", "home/m");
    assert_eq!(went(&call().send().await.is(200)), (Some("home"), Some("m"), None));

    // Even where the caller chose a provider: rules come first.
    let reply = call().header("x-tier", "premium").send().await.is(200);
    assert_eq!(went(&reply), (Some("openai"), Some("gpt-4o"), Some(id)));

    let row = eventually("the call is in the log", || async {
        let logs = house.gateway.logs("limit=10").await;
        let rows = logs["logs"].as_array().cloned().unwrap_or_default();
        rows.into_iter().find(|row| row["routing_rule_id"] == id)
    })
    .await;
    assert_eq!(
        (&row["routing_rule_name"], &row["requested_model"]),
        (&json!("Premium"), &json!("home/m"))
    );
    let found = house.gateway.logs(&format!("routing_rule_ids={id}")).await;
    assert_eq!(found["pagination"]["total_count"], 1);
    let found = house.gateway.logs("routing_rule_ids=another").await;
    assert_eq!(found["pagination"]["total_count"], 0);
    let path = format!("/api/logs/{}", row["id"].as_str().unwrap());
    let routing = house.gateway.get(&path).await.is(200).json()["plan"]["routing"].clone();
    assert_eq!(routing["rule"]["target"], target);
    assert_eq!(
        routing["facts"],
        json!({"headers": {"x-tier": "premium"}}),
        "what rules use, and nothing else"
    );

    let explain = || {
        let call = house.gateway.call(Method::POST, "/api/explain").header("x-bf-vk", "vk");
        call.json(&chat("home/m"))
    };
    let told = explain().header("x-tier", "premium").send().await.is(200).json();
    assert_eq!(told["routing"]["rule"]["id"], id);
    assert_eq!(told["candidates"][0]["deployment"]["provider"], "openai");
    let told = explain().send().await.is(200).json();
    assert_eq!(told["routing"]["rule"], Value::Null);
    assert_eq!(
        told["routing"]["undecided"],
        json!([{"id": id, "why": "there is no `x-tier`"}])
    );
}

#[tokio::test]
async fn credentials_are_no_facts() {
    let house = house().await;
    let seen = r#"headers.exists(name, name == "authorization" || name == "x-bf-vk")"#;
    house.rule(&to("Spy", seen, &json!({"provider": "spare"}))).await;
    let call = house.gateway.chat("vk", "home/m").header("x-bf-vk", "vk");
    assert_eq!(call.send().await.is(200).said(), "hello from home");
}

#[tokio::test]
async fn tags_of_headers_metadata_and_keys_decide() {
    let house = house().await;
    house
        .rule(&to(
            "Dev",
            r#"tags.env in ["dev", "test"]"#,
            &json!({"provider": "spare"}),
        ))
        .await;
    assert_eq!(house.asked("home/m").await, "hello from home");
    let by_header = house.gateway.chat("vk", "home/m").header("x-bf-dim-env", "dev");
    assert_eq!(by_header.send().await.is(200).said(), "hello from spare");
    let mut body = chat("home/m");
    body["metadata"] = json!({"env": "test"});
    assert_eq!(
        house.gateway.ask_with("vk", &body).await.is(200).said(),
        "hello from spare"
    );
    house.gateway.key("vk", &json!({"metadata": {"env": "dev"}})).await;
    assert_eq!(house.asked("home/m").await, "hello from spare");
}

#[tokio::test]
async fn a_budget_that_runs_low_sends_calls_home() {
    let house = house().await;
    house
        .gateway
        .key("vk", &json!({"budget": {"max_limit": 0.01, "reset_duration": "1d"}}))
        .await;
    house
        .rule(&to(
            "Save",
            "budget_used > 80",
            &json!({"provider": "home", "model": "m"}),
        ))
        .await;
    // 20 tokens in and 100 out: 0.00105 dollars, so that the ninth call finds 84 % used.
    let mut body = chat("gpt-4o");
    body["max_tokens"] = 100.into();
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(house.gateway.ask_with("vk", &body).await.is(200).said());
    }
    let expected: Vec<_> = ["hello from openai"; 8]
        .into_iter()
        .chain(["hello from home"; 2])
        .collect();
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn what_is_left_of_rate_limits_decides() {
    let house = house().await;
    let limit = json!({"request_max_limit": 4, "request_reset_duration": "1h",
        "token_max_limit": 100_000, "token_reset_duration": "1h"});
    house.gateway.key("vk", &json!({"rate_limit": limit})).await;
    house
        .rule(&to(
            "Spread",
            "request >= 50 && tokens_used < 50",
            &json!({"provider": "spare"}),
        ))
        .await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(house.asked("home/m").await);
    }
    assert_eq!(answers[0], "hello from home");
    assert_eq!(answers[3], "hello from spare");
}

#[tokio::test]
async fn long_inputs_parameters_and_operations_decide() {
    let house = house().await;
    house
        .rule(&to(
            "Long",
            "token_estimate > 500",
            &json!({"model": "m", "provider": "spare"}),
        ))
        .await;
    house
        .rule(&to(
            "Cold",
            "params.temperature == 0 && params.seed > 5 && !stream",
            &json!({"provider": "spare"}),
        ))
        .await;
    house
        .rule(&to(
            "Vectors",
            r#"request_type == "embedding" && operation == "embeddings""#,
            &json!({"model": "small"}),
        ))
        .await;
    assert_eq!(house.asked("home/m").await, "hello from home");
    let mut long = chat("home/m");
    long["messages"][0]["content"] = "word ".repeat(2000).into();
    assert_eq!(
        house.gateway.ask_with("vk", &long).await.is(200).said(),
        "hello from spare"
    );
    let vain = to(
        "Said",
        r#"params.exists(name, name == "prompt")"#,
        &json!({"provider": "spare"}),
    );
    let told = house.rule(&vain).await;
    let prompt = json!({"model": "home/m", "prompt": "what is said is no parameter"});
    let call = house.gateway.call(Method::POST, shapes::COMPLETIONS).bearer("vk");
    assert_eq!(went(&call.json(&prompt).send().await.is(200)).2, None);
    let path = format!("{RULES}/{}", told["id"].as_str().unwrap());
    house.gateway.delete(&path).await.is(200);
    let mut cold = chat("home/m");
    (cold["temperature"], cold["seed"]) = (0.0.into(), 7.into());
    assert_eq!(
        house.gateway.ask_with("vk", &cold).await.is(200).said(),
        "hello from spare"
    );
    let body = json!({"model": "home/m", "input": "text"});
    let call = house
        .gateway
        .call(Method::POST, shapes::EMBEDDINGS)
        .bearer("vk")
        .json(&body);
    let reply = call.send().await.is(200);
    assert_eq!(
        (went(&reply).0, went(&reply).1),
        (Some("home"), Some("small")),
        "the provider stays as it was asked"
    );
}

#[tokio::test]
async fn the_nearest_scope_wins_and_in_it_the_lowest_priority() {
    let house = house().await;
    let gateway = &house.gateway;
    gateway
        .put("/api/governance/customers/acme", &json!({"name": "Acme"}))
        .await
        .is(200);
    gateway
        .put(
            "/api/governance/teams/ml",
            &json!({"name": "ML", "customer_id": "acme"}),
        )
        .await
        .is(200);
    gateway.key("vk", &json!({"team_id": "ml"})).await;
    gateway.key("other", &json!({})).await;
    // Each scope's rule sends calls to a model of its own name, which the upstream sees.
    let rule = |name: &str, scope: &str, id: Option<&str>, priority: i64, condition: &str| {
        json!({"name": name, "cel_expression": condition, "scope": scope, "scope_id": id, "priority": priority,
            "targets": [{"provider": "home", "model": name}]})
    };
    let model = |key: &'static str| async move {
        gateway.ask(key, "home/m").await.is(200);
    };
    let seen = || house.home.last_chat().json()["model"].clone();
    let mut ids = Vec::new();
    for (name, scope, id, priority, condition) in [
        ("global", "global", None, 0, "true"),
        (
            "customer",
            "customer",
            Some("acme"),
            9,
            r#"customer_name == "Acme" && customer_id == "acme""#,
        ),
        ("team", "team", Some("ml"), 9, r#"team_name == "ML" && team_id == "ml""#),
        (
            "key-late",
            "virtual_key",
            Some("vk"),
            9,
            r#"virtual_key_id == "vk" && virtual_key_name == "vk""#,
        ),
        ("key-early", "virtual_key", Some("vk"), -1, "true"),
        (
            "key-never",
            "virtual_key",
            Some("vk"),
            -2,
            r#"model == "other" || provider != "home""#,
        ),
    ] {
        ids.push((
            name,
            house.rule(&rule(name, scope, id, priority, condition)).await["id"].clone(),
        ));
    }
    model("other").await;
    assert_eq!(seen(), "global", "others' rules are not asked");
    for winner in ["key-early", "key-late", "team", "customer", "global"] {
        model("vk").await;
        assert_eq!(seen(), winner);
        let (_, id) = ids.iter().find(|(name, _)| *name == winner).unwrap();
        gateway
            .delete(&format!("{RULES}/{}", id.as_str().unwrap()))
            .await
            .is(200);
    }
    model("vk").await;
    assert_eq!(seen(), "m");
}

#[tokio::test]
async fn targets_are_drawn_by_their_weights_and_keys_can_be_named() {
    let house = house().await;
    house
        .rule(&json!({"name": "Split", "targets": [
            {"provider": "home", "weight": 0.5}, {"provider": "spare", "weight": 0.3}, {"weight": 0.2}]}))
        .await;
    let mut answers = BTreeSet::new();
    for _ in 0..60 {
        answers.insert(house.asked("openai/gpt-4o-mini").await);
    }
    // What a target does not say stays: the provider, and at the others the model, which they do not check.
    assert_eq!(answers.len(), 3, "{answers:?}");

    let mut keyed = self_hosted("keyed", &house.spare);
    keyed["keys"] = json!([{"id": "k-1", "name": "one", "value": "v-1", "weight": 1},
        {"id": "k-2", "name": "two", "value": "v-2", "weight": 1}]);
    house.gateway.add(&keyed).await;
    let target = json!({"provider": "keyed", "key_id": "two", "model": "m"});
    let mut rule = to("Keyed", "true", &target);
    rule["priority"] = (-1).into();
    house.rule(&rule).await;
    for _ in 0..8 {
        house.asked("home/m").await;
        assert_eq!(house.spare.last_chat().header("authorization"), Some("Bearer v-2"));
    }
    let only = json!({"provider_configs": [{"provider": "keyed", "key_ids": ["k-1"]}]});
    house.gateway.key("narrow", &only).await;
    let reply = house.gateway.ask("narrow", "m").await.is(403);
    assert!(reply.message().contains("key `two`"), "{}", reply.text());
}

#[tokio::test]
async fn after_the_target_come_the_rules_fallbacks_and_then_the_requests_own() {
    let mut house = house().await;
    let mut rule = to(
        "Cloud",
        r#"model == "m""#,
        &json!({"provider": "openai", "model": "gpt-4o"}),
    );
    rule["fallbacks"] = json!(["spare/", {"provider": "openai", "model": "gpt-4o-mini"}]);
    house.rule(&rule).await;
    let mut body = chat("m");
    body["fallbacks"] = json!(["home/small"]);
    let ask = async |house: &House| house.gateway.ask_with("vk", &body).await.is(200);
    assert_eq!(ask(&house).await.said(), "hello from openai");
    house.openai.fails_with(&Answer::error(500));
    let reply = ask(&house).await;
    assert_eq!(
        (went(&reply).0, went(&reply).1),
        (Some("spare"), Some("m")),
        "the model stays as it was asked"
    );
    house.spare.refuse().await;
    let reply = ask(&house).await;
    assert_eq!((went(&reply).0, went(&reply).1), (Some("home"), Some("small")));
}

#[tokio::test]
async fn no_rule_reaches_what_a_key_does_not_allow() {
    let house = house().await;
    house
        .gateway
        .key(
            "stays",
            &json!({"provider_configs": [{"provider": "home", "allowed_models": ["m"]}]}),
        )
        .await;
    let rule = house
        .rule(&to("Out", "true", &json!({"provider": "openai", "model": "gpt-4o"})))
        .await;
    let id = rule["id"].as_str().unwrap().to_owned();
    let reply = house.gateway.ask("stays", "m").await.is(403);
    assert_eq!(reply.code(), "provider_blocked");
    for word in ["openai", "routing rule", &id] {
        assert!(reply.message().contains(word), "{}", reply.text());
    }
    assert_eq!(reply.header("x-gateway-rule"), Some(id.as_str()));
    // A model that the key does not allow is no way out either; a fallback that it allows is.
    let path = format!("{RULES}/{id}");
    let fallbacks = json!({"fallbacks": ["home/small", "openai/gpt-4o-mini", "home/m"]});
    house.gateway.put(&path, &fallbacks).await.is(200);
    assert_eq!(house.gateway.ask("stays", "m").await.is(200).said(), "hello from home");
    assert_eq!(house.openai.asked(), 0);
    let models: Vec<_> = house
        .home
        .seen(shapes::CHAT)
        .iter()
        .map(|seen| seen.json()["model"].clone())
        .collect();
    assert_eq!(models, ["m"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_with_its_place() {
    let house = house().await;
    let home = json!({"provider": "home"});
    for (condition, place, says) in [
        ("modle == 'a'", "line 1, column 1", "did you mean `model`"),
        (
            "stream &&\n budget_used > '80'",
            "line 2, column 2",
            "double and string",
        ),
        ("headers['a']", "line 1, column 1", "a condition is true or false"),
        ("model.matches('(')", "line 1, column 15", "no pattern"),
        ("model ==", "line 1, column 9", "ends"),
    ] {
        let told = house.refused(&to("r", condition, &home)).await;
        for word in ["`cel_expression`", place, says] {
            assert!(told.contains(word), "{condition}: {told}");
        }
    }
    let nested = "(".repeat(4000);
    assert!(house.refused(&to("r", &nested, &home)).await.contains("nested"));
    for (rule, field, says) in [
        (json!({"name": "r"}), "`targets`", "at least one"),
        (json!({"name": " ", "targets": [home]}), "`name`", "empty"),
        (
            json!({"name": "r", "targets": [{"weight": 0.5}]}),
            "`targets`",
            "sum to 0.5",
        ),
        (
            json!({"name": "r", "targets": [{"weight": 1.5}, {"provider": "home", "weight": -0.5}]}),
            "`targets[1].weight`",
            "above 0",
        ),
        (
            json!({"name": "r", "targets": [{"weight": 0.5}, {"weight": 0.5}]}),
            "`targets[1]`",
            "the same",
        ),
        (
            json!({"name": "r", "targets": [{"key_id": "k"}]}),
            "`targets[0].key_id`",
            "provider",
        ),
        (
            json!({"name": "r", "targets": [{"model": ""}]}),
            "`targets[0].model`",
            "empty",
        ),
        (
            json!({"name": "r", "targets": [home], "fallbacks": ["/"]}),
            "`fallbacks[0]`",
            "names nothing",
        ),
        (
            json!({"name": "r", "targets": [home], "scope": "team"}),
            "`scope_id`",
            "missing",
        ),
        (
            json!({"name": "r", "targets": [home], "scope": "team", "scope_id": "x"}),
            "`scope_id`",
            "no team `x`",
        ),
        (
            json!({"name": "r", "targets": [home], "scope_id": "x"}),
            "`scope_id`",
            "global",
        ),
        (
            json!({"name": "r", "targets": [home], "scope": "galaxy"}),
            "`scope`",
            "unknown variant",
        ),
        (
            json!({"name": "r", "targets": [home], "cel": "true"}),
            "`cel`",
            "unknown field",
        ),
        (json!({"targets": [home]}), "name", "missing"),
    ] {
        let told = house.refused(&rule).await;
        assert!(told.contains(field) && told.contains(says), "{rule}: {told}");
    }
    assert_eq!(house.gateway.get(RULES).await.is(200).json()["rules"], json!([]));
}

#[tokio::test]
async fn an_editor_can_ask_while_somebody_types() {
    let gateway = Gateway::start().await;
    let check = async |text: &str| {
        let body = json!({"cel_expression": text});
        gateway.post(&format!("{RULES}/check"), &body).await.is(200).json()
    };
    let told = check("budget_used > 80 && headers['X-Tier'] == 'gold'").await;
    assert_eq!((&told["valid"], &told["errors"]), (&json!(true), &json!([])));
    assert_eq!(told["uses"], json!(["budget_used", "headers.x-tier"]));
    let told = check("'é' == model &&\n  modle == 'a'").await;
    assert_eq!(told["valid"], false);
    let error = &told["errors"][0];
    assert_eq!(
        (&error["position"], &error["end"], &error["line"], &error["column"]),
        (&json!(18), &json!(23), &json!(2), &json!(3))
    );
    assert!(error["message"].as_str().unwrap().contains("`modle`"));
    let names = gateway.get(&format!("{RULES}/schema")).await.is(200).json();
    let of = |name: &str| {
        names["names"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name)
            .cloned()
    };
    assert_eq!(of("budget_used").unwrap()["type"], "double");
    assert_eq!(of("headers").unwrap()["type"], "map<string, string>");
    gateway.post(&format!("{RULES}/check"), &json!({})).await.is(400);
}

#[tokio::test]
async fn every_name_of_the_schema_is_known_of_every_call() {
    let house = house().await;
    let schema = house.gateway.get(&format!("{RULES}/schema")).await.is(200).json();
    let known = schema["names"].as_array().unwrap().iter().map(|one| {
        let name = one["name"].as_str().unwrap();
        match one["type"].as_str().unwrap() {
            "bool" => format!("({name} || !{name})"),
            "int" | "double" => format!("{name} >= 0"),
            _ => format!("size({name}) >= 0"),
        }
    });
    let known: Vec<_> = known.collect();
    assert!(known.len() > 15, "{known:?}");
    house
        .rule(&to("All", &known.join(" && "), &json!({"provider": "spare"})))
        .await;
    assert_eq!(house.asked("home/m").await, "hello from spare");
    let anonymous = house.gateway.post(shapes::CHAT, &chat("home/m")).await.is(200);
    assert_eq!(anonymous.said(), "hello from spare");
}

#[tokio::test]
async fn rules_are_made_shown_changed_and_taken_away() {
    let house = house().await;
    let gateway = &house.gateway;
    let mut sent = to("First", "true", &json!({"provider": "spare"}));
    (sent["scope"], sent["scope_id"], sent["chain_rule"]) = ("virtual_key".into(), "vk".into(), true.into());
    let made = gateway.post(RULES, &sent).await.is(200).json();
    assert_eq!(made["message"], "Routing rule created successfully");
    assert!(made["warnings"].to_string().contains("chain_rule"), "{made}");
    let rule = &made["rule"];
    assert_eq!(
        (&rule["enabled"], &rule["priority"], &rule["targets"][0]["weight"]),
        (&json!(true), &json!(0), &json!(1.0))
    );
    let path = format!("{RULES}/{}", rule["id"].as_str().unwrap());
    assert_eq!(house.asked("home/m").await, "hello from spare");

    let twin = gateway.post(RULES, &sent).await.is(400).message();
    assert!(twin.contains("`name`") && twin.contains("`First`"), "{twin}");
    let off = gateway.put(&path, &json!({"enabled": false})).await.is(200).json();
    assert_eq!(off["message"], "Routing rule updated successfully");
    assert_eq!(
        (&off["rule"]["name"], &off["rule"]["enabled"]),
        (&json!("First"), &json!(false))
    );
    assert_eq!(house.asked("home/m").await, "hello from home");

    // What is shown can be sent back, and a provider that is not there yet is told and taken.
    let mut shown = gateway.get(&path).await.is(200).json()["rule"].clone();
    shown["targets"][0]["provider"] = "later".into();
    let saved = gateway.put(&path, &shown).await.is(200).json();
    assert!(
        saved["rule"]["warnings"]
            .to_string()
            .contains("no provider `later` yet"),
        "{saved}"
    );

    house.rule(&to("Second", "true", &json!({"provider": "home"}))).await;
    let listed = gateway.get(RULES).await.is(200).json();
    assert_eq!(
        (&listed["count"], listed["rules"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    let listed = gateway
        .get(&format!("{RULES}?scope=virtual_key&scope_id=vk"))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&listed["count"], &listed["rules"][0]["name"]),
        (&json!(1), &json!("First"))
    );
    let listed = gateway.get(&format!("{RULES}?scope=global")).await.is(200).json();
    assert_eq!(listed["rules"][0]["name"], "Second");

    let reply = gateway.delete(&key_path("vk")).await.is(400);
    assert!(reply.message().contains("no virtual key `vk`"), "{}", reply.text());
    assert_eq!(
        gateway.delete(&path).await.is(200).json()["message"],
        "Routing rule deleted successfully"
    );
    gateway.get(&path).await.is(404);
    gateway.delete(&path).await.is(404);
    gateway.delete(&key_path("vk")).await.is(200);
}

#[tokio::test]
async fn a_file_has_rules_and_keeps_them() {
    let (home, spare) = (
        Upstream::start("home", &["m"]).await,
        Upstream::start("spare", &["m"]).await,
    );
    let provider = |upstream: &Upstream| {
        json!({"network_config": {"base_url": upstream.url()}, "custom_provider_config": {"base_provider_type": "openai"},
            "keys": [{"name": "k", "value": "dummy"}]})
    };
    let document = |condition: &str| {
        json!({"providers": {"home": provider(&home), "spare": provider(&spare)},
            "governance": {"virtual_keys": [{"id": "vk", "name": "vk"}], "routing_rules": [
                {"id": "later", "name": "Later", "cel_expression": "true", "priority": 5, "targets": [{"provider": "home"}]},
                {"id": "ours", "name": "Ours", "cel_expression": condition, "scope": "virtual_key", "scope_id": "vk",
                    "targets": [{"provider": "spare"}]}]}})
    };
    let right = document(r#"headers["x-to"] == "spare""#).to_string();
    let gateway = Gateway::with().config("gateway.json", &right).start().await;
    let call = || gateway.chat("vk", "m");
    assert_eq!(call().send().await.is(200).header("x-gateway-rule"), Some("later"));
    assert_eq!(
        call().header("x-to", "spare").send().await.is(200).said(),
        "hello from spare"
    );
    let path = format!("{RULES}/ours");
    let shown = gateway.get(&path).await.is(200).json();
    assert!(shown["rule"]["origin"].to_string().contains("gateway.json"), "{shown}");
    gateway.put(&path, &json!({"priority": 1})).await.is(409);
    gateway.delete(&path).await.is(409);

    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("wrong.json");
    std::fs::write(&file, document("x_to == 'spare'").to_string()).unwrap();
    let (status, out, error) = run(folder.path(), &["check", file.to_str().unwrap()]);
    assert!(!status.success(), "{out}{error}");
    for word in ["governance.routing_rules[1].cel_expression", "unknown name `x_to`"] {
        assert!(error.contains(word) || out.contains(word), "{out}{error}");
    }
}
