//! Providers as whoever runs the gateway handles them: tried, disabled, looked at, counted on; and the catalogue of models.

use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::{Answer, Gateway, Reply, Upstream, eventually, shapes};

const MODELS: &[&str] = &["gpt-4o", "gpt-4o-mini", "text-embedding-3-small"];

async fn house() -> (Gateway, Upstream) {
    let openai = Upstream::start("openai", MODELS).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    (gateway, openai)
}

async fn tried(gateway: &Gateway, provider: &str, body: &Value) -> Value {
    let path = format!("/api/providers/{provider}/test");
    gateway.post(&path, body).await.is(200).json()
}

fn advice(tried: &Value) -> &str {
    assert_eq!(tried["ok"], false, "{tried}");
    tried["error"]["advice"].as_str().unwrap()
}

async fn row(gateway: &Gateway, id: &Value) -> Value {
    let path = format!("/api/logs/{}", id.as_str().unwrap());
    eventually("the call is in the log", || async {
        let found: Reply = gateway.get(&path).await;
        (found.status == 200).then(|| found.json())
    })
    .await
}

#[tokio::test]
async fn a_test_is_one_small_real_call_that_is_in_the_books() {
    let (gateway, openai) = house().await;
    let first = tried(&gateway, "openai", &json!({})).await;
    assert_eq!(
        (&first["ok"], &first["model"]),
        (&json!(true), &json!("gpt-4o-mini")),
        "{first}"
    );
    assert_eq!(first["input_tokens"], shapes::INPUT_TOKENS);
    assert!(first["said"].as_str().is_some_and(|said| !said.is_empty()), "{first}");
    assert!(first["cost"].as_f64().is_some_and(|cost| cost > 0.0), "{first}");
    let sent = openai.last_chat().json();
    assert!(
        sent["max_completion_tokens"].as_u64().is_some_and(|cap| cap <= 64),
        "{sent}"
    );

    let row = row(&gateway, &first["request_id"]).await;
    assert_eq!(
        (&row["provider"], &row["cost"]),
        (&json!("openai"), &first["cost"]),
        "{row}"
    );
    let entry = eventually("it is in the ledger", || async {
        let page = gateway.get("/api/ledger").await.is(200).json();
        page["entries"].as_array().and_then(|entries| entries.first().cloned())
    })
    .await;
    assert_eq!(entry["request_id"], first["request_id"], "{entry}");
    let audit = gateway.get("/api/audit-logs?action=provider.test").await.is(200).json();
    assert_eq!(audit["audit_logs"][0]["target"], "provider/openai", "{audit}");

    let vector = tried(&gateway, "openai", &json!({"model": "text-embedding-3-small"})).await;
    assert_eq!(
        (&vector["ok"], &vector["operation"]),
        (&json!(true), &json!("embeddings")),
        "{vector}"
    );
}

#[tokio::test]
async fn a_test_keeps_to_the_limits_of_provider_and_model() {
    let (gateway, openai) = house().await;
    let limits = json!({"rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}});
    gateway.put("/api/governance/providers/openai", &limits).await.is(200);
    assert_eq!(tried(&gateway, "openai", &json!({})).await["ok"], true);
    let second = tried(&gateway, "openai", &json!({})).await;
    assert!(advice(&second).contains("limit of this gateway"), "{second}");
    assert_eq!(openai.asked(), 1);

    gateway
        .put("/api/governance/providers/openai", &json!({"rate_limit": {}}))
        .await;
    let broke = json!({"model_name": "gpt-4o-mini", "budget": {"max_limit": 0, "reset_duration": "1d"}});
    gateway.post("/api/governance/model-configs", &broke).await.is(200);
    let third = tried(&gateway, "openai", &json!({})).await;
    assert_eq!(third["status"], 402, "{third}");
    assert_eq!(openai.asked(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_to_do() {
    let (gateway, mut openai) = house().await;
    let words = json!({"error": {"message": "Incorrect API key provided", "type": "x", "param": null, "code": "invalid_api_key"}});
    openai.once(shapes::CHAT, Answer::json(401, &words));
    let refused = tried(&gateway, "openai", &json!({"key": "openai-key-1"})).await;
    assert!(advice(&refused).contains("refuses the key"), "{refused}");
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("Incorrect API key"),
        "{refused}"
    );

    let words = json!({"error": {"message": "The model `nope` does not exist", "type": "x", "param": null, "code": "model_not_found"}});
    openai.once(shapes::CHAT, Answer::json(404, &words));
    let missing = tried(&gateway, "openai", &json!({"model": "nope"})).await;
    assert!(advice(&missing).contains("gpt-4o"), "{missing}");

    openai.refuse().await;
    let silent = tried(&gateway, "openai", &json!({})).await;
    assert!(advice(&silent).contains(&openai.url()), "{silent}");

    let bad = gateway
        .post("/api/providers/openai/test", &json!({"modle": "x"}))
        .await
        .is(400);
    assert!(bad.message().contains("modle"), "{}", bad.text());
    gateway.post("/api/providers/nobody/test", &json!({})).await.is(404);
    gateway
        .post("/api/providers/openai/test", &json!({"key": "nope"}))
        .await
        .is(404);
}

#[tokio::test]
async fn a_provider_of_which_no_model_is_known_is_asked_for_its_list() {
    let speaker = Upstream::start("speaker", &["eleven_v3"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("elevenlabs", &speaker)).await;
    let list = json!([{"model_id": "eleven_v3", "name": "v3", "can_do_text_to_speech": true}]);
    speaker.always(shapes::MODELS, Answer::json(200, &list));
    let tried = tried(&gateway, "elevenlabs", &json!({})).await;
    assert_eq!(
        (&tried["ok"], &tried["operation"]),
        (&json!(true), &json!("models")),
        "{tried}"
    );
    assert_eq!(
        tried["said"], "3 models listed",
        "two that the vendor does not list among them"
    );
}

#[tokio::test]
async fn a_disabled_provider_gets_no_call_and_keeps_all_it_has() {
    let (gateway, openai) = house().await;
    let other = Upstream::start("other", MODELS).await;
    gateway.add(&self_hosted("other", &other)).await;
    let entries = json!([{"provider": "openai", "weight": 1}, {"provider": "other", "weight": 0}]);
    gateway.key("vk", &json!({"provider_configs": entries})).await;
    assert_eq!(
        gateway.ask("vk", "gpt-4o").await.is(200).header("x-gateway-provider"),
        Some("openai")
    );

    let shown = gateway
        .put("/api/providers/openai", &json!({"enabled": false}))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&shown["enabled"], &shown["provider_status"]),
        (&json!(false), &json!("disabled")),
        "{shown}"
    );
    assert_eq!(shown["keys"].as_array().unwrap().len(), 1);
    assert_eq!(
        gateway.ask("vk", "gpt-4o").await.is(200).header("x-gateway-provider"),
        Some("other")
    );
    let pinned = gateway.ask("vk", "openai/gpt-4o").await.is(503);
    assert!(pinned.message().contains("`openai` is disabled"), "{}", pinned.text());
    assert_eq!(openai.asked(), 1);

    let explained = gateway
        .call(http::Method::POST, "/api/explain")
        .bearer("vk")
        .json(&shapes::chat("gpt-4o"));
    let explained = explained.send().await.is(200).json();
    let why = json!({"provider": "openai", "why": "the provider is disabled"});
    assert!(
        explained["not_allowed"]
            .as_array()
            .unwrap()
            .iter()
            .any(|left| left["why"] == why["why"]),
        "{explained}"
    );
    let listed = gateway
        .call(http::Method::GET, "/v1/models")
        .bearer("vk")
        .send()
        .await
        .is(200)
        .text();
    assert!(!listed.contains("\"openai/gpt-4o\""), "{listed}");

    gateway
        .put("/api/providers/openai", &json!({"enabled": true}))
        .await
        .is(200);
    assert_eq!(
        gateway.ask("vk", "gpt-4o").await.is(200).header("x-gateway-provider"),
        Some("openai")
    );
}

#[tokio::test]
async fn health_is_told_in_words_with_the_latest_failure() {
    let (gateway, openai) = house().await;
    gateway.ask("", "openai/gpt-4o").await.is(200);
    let healthy = gateway.get("/api/health/deployments").await.is(200).json()["deployments"][0].clone();
    assert_eq!(
        (&healthy["words"], &healthy["last_failure"]),
        (&json!("answers"), &Value::Null),
        "{healthy}"
    );
    assert_eq!(healthy["key_name"], "openai-key-1");

    openai.once(shapes::CHAT, Answer::error(401));
    gateway.ask("", "openai/gpt-4o").await;
    let unwell = gateway.get("/api/health/deployments").await.is(200).json()["deployments"][0].clone();
    assert_eq!(unwell["last_failure"]["outcome"], "key_refused", "{unwell}");
    assert_eq!(unwell["words"], "the upstream refuses the key");
    assert!(unwell["ready_at"].is_string(), "{unwell}");
}

#[tokio::test]
async fn a_list_of_models_is_refreshed_at_once_and_by_key() {
    let (gateway, openai) = house().await;
    openai.lists(&["gpt-4o", "gpt-5"]);
    let shown = gateway
        .post("/api/providers/openai/models/refresh", &json!({}))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&shown["discovery"]["models"], &shown["keys"][0]["discovery"]["models"]),
        (&json!(2), &json!(2)),
        "{shown}"
    );
    openai.always(shapes::MODELS, Answer::error(500));
    let shown = gateway
        .post("/api/providers/openai/models/refresh", &json!({}))
        .await
        .is(200)
        .json();
    assert!(
        shown["keys"][0]["discovery"]["error"].as_str().unwrap().contains("500"),
        "{shown}"
    );
    assert_eq!(shown["discovery"]["models"], 2, "what was known stays");
}

#[tokio::test]
async fn who_counts_on_a_provider_is_told() {
    let (gateway, _openai) = house().await;
    let entries = json!([{"provider": "openai", "weight": 3}, {"provider": "backup", "weight": 1}]);
    gateway.key("vk-split", &json!({"provider_configs": entries})).await;
    gateway
        .key(
            "vk-only",
            &json!({"provider_configs": [{"provider": "openai", "weight": 0}]}),
        )
        .await;
    gateway.key("vk-all", &json!({})).await;
    let rule = json!({"name": "to openai", "cel_expression": "true", "targets": [{"provider": "openai", "weight": 1}]});
    gateway.post("/api/governance/routing-rules", &rule).await.is(200);
    let uses = gateway.get("/api/providers/openai/uses").await.is(200).json();
    let of = |id: &str| {
        uses["virtual_keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["id"] == id)
            .cloned()
            .unwrap()
    };
    assert_eq!(
        (&of("vk-split")["share"], &of("vk-split")["only"]),
        (&json!(0.75), &json!(false)),
        "{uses}"
    );
    assert_eq!(
        (&of("vk-only")["share"], &of("vk-only")["only"]),
        (&json!(0.0), &json!(true)),
        "{uses}"
    );
    assert_eq!(uses["unrestricted_keys"], 1);
    assert_eq!(uses["routing_rules"][0]["name"], "to openai");
    gateway.get("/api/providers/nobody/uses").await.is(404);
}

#[tokio::test]
async fn forms_are_made_of_what_kinds_need() {
    let gateway = Gateway::with().env("GROQ_API_KEY", "gsk-0123456789").start().await;
    let kinds = gateway.get("/api/providers/kinds").await.is(200).json();
    let of = |list: &str, name: &str| {
        let all = kinds[list].as_array().unwrap();
        all.iter().find(|kind| kind["name"] == name).cloned().unwrap()
    };
    let groq = of("kinds", "groq");
    assert_eq!(
        (&groq["variable"], &groq["variable_is_set"]),
        (&json!("GROQ_API_KEY"), &json!(true))
    );
    assert_eq!(of("kinds", "openai")["variable_is_set"], false);
    let azure = of("kinds", "azure");
    let paths: Vec<_> = azure["key_fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["path"].clone())
        .collect();
    assert!(paths.contains(&json!("azure_key_config.endpoint")), "{azure}");
    assert_eq!(of("base_types", "openai")["needs_base_url"], true);
    assert!(
        kinds["requests"]
            .as_array()
            .unwrap()
            .contains(&json!("chat_completion_stream"))
    );
}

#[tokio::test]
async fn the_catalogue_is_searched_sorted_and_narrowed() {
    let (gateway, _openai) = house().await;
    let own = Upstream::start("own", &["llama-3-8b"]).await;
    gateway.add(&self_hosted("own", &own)).await;
    let get = async |query: &str| {
        gateway
            .get(&format!("/api/models/details?{query}"))
            .await
            .is(200)
            .json()
    };
    let names = |page: &Value| -> Vec<String> {
        let models = page["models"].as_array().unwrap().iter();
        models.map(|model| model["name"].as_str().unwrap().to_owned()).collect()
    };

    let all = get("").await;
    assert_eq!(all["total"], 4, "{all}");
    let dearest = get("provider=openai&sort_by=output&order=desc&limit=1").await;
    assert_eq!(
        (names(&dearest), &dearest["total"]),
        (vec!["gpt-4o".to_owned()], &json!(3))
    );
    let mini = &get("query=MINI+openai").await["models"][0];
    assert_eq!(mini["name"], "gpt-4o-mini");
    assert_eq!(
        (&mini["context_length"], &mini["discovered"]),
        (&json!(128_000), &json!(true))
    );
    assert_eq!(mini["price"]["per_million_tokens"]["input"], 0.15);
    assert_eq!(names(&get("self_hosted=true").await), ["llama-3-8b"]);
    assert_eq!(names(&get("mode=embedding").await), ["text-embedding-3-small"]);
    let off = json!({"enabled": false});
    gateway.put("/api/providers/own", &off).await.is(200);
    assert_eq!(names(&get("reachable=false").await), ["llama-3-8b"]);
    assert!(get("all=true").await["total"].as_u64().unwrap() > 3000);
    for wrong in ["sort_by=colour", "order=up", "all=perhaps", "limit=0"] {
        gateway.get(&format!("/api/models/details?{wrong}")).await.is(400);
    }

    gateway
        .key(
            "vk-mini",
            &json!({"provider_configs": [{"provider": "openai", "allowed_models": ["gpt-4o-mini"]}]}),
        )
        .await;
    gateway
        .key(
            "vk-big",
            &json!({"provider_configs": [{"provider": "openai", "allowed_models": ["gpt-4o"]}]}),
        )
        .await;
    let one = get("model=gpt-4o-mini&provider=openai").await["models"][0].clone();
    assert_eq!(
        one["virtual_keys"],
        json!([{"id": "vk-mini", "name": "vk-mini"}]),
        "{one}"
    );
}

#[tokio::test]
async fn an_override_is_previewed_before_it_is_saved() {
    let (gateway, _openai) = house().await;
    let body = json!({"provider": "openai", "model": "gpt-4o",
        "override": {"model_pattern": "gpt-4*", "match_type": "wildcard", "input_cost_per_token": 1e-6}});
    let preview = gateway.post("/api/models/prices/preview", &body).await.is(200).json();
    assert_eq!(preview["now"]["per_million_tokens"]["input"], 2.5);
    assert_eq!(preview["then"]["per_million_tokens"]["input"], 1.0);
    assert_eq!(preview["then"]["priced_by"], json!({"override": "preview"}));
    let wrong =
        json!({"provider": "openai", "model": "gpt-4o", "override": {"model_pattern": "(", "match_type": "regex"}});
    gateway.post("/api/models/prices/preview", &wrong).await.is(400);
    let listed = gateway.get("/api/governance/pricing-overrides").await.is(200).json();
    assert_eq!(listed["total_count"], 0, "nothing was saved");
}
