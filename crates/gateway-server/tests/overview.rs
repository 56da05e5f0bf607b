//! Figures over time: what the dashboard draws, by whom and by what, and pages of the log that go on from a cursor.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes;
use crate::support::{Answer, Gateway, Upstream, eventually};

/// A self-hosted server and a cloud; a key of a team, which called both.
async fn house() -> (Gateway, Upstream, Upstream) {
    let (local, openai) = (
        Upstream::start("local", &["m"]).await,
        Upstream::start("openai", &["gpt-4o", "gpt-4o-mini"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("local", &local)).await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway
        .put("/api/governance/teams/core", &json!({"name": "Core platform"}))
        .await
        .is(200);
    let key = json!({"name": "Search", "team_id": "core", "provider_configs": [{"provider": "local"}, {"provider": "openai"}]});
    gateway.key("vk-search", &key).await;
    for _ in 0..3 {
        gateway.ask("vk-search", "local/m").await.is(200);
    }
    gateway.ask("vk-search", "openai/gpt-4o-mini").await.is(200);
    gateway.ask("vk-search", "no-such-model").await;
    (gateway, local, openai)
}

/// The overview, once it has as many requests as that.
async fn overview(gateway: &Gateway, query: &str, count: u64) -> Value {
    let what = format!("an overview of {count} requests for {query:?}");
    eventually(&what, || async {
        let shown = gateway.get(&format!("/api/overview?{query}")).await.is(200).json();
        (shown["totals"]["total_requests"] == count).then_some(())
    })
    .await;
    // Its parts are read one after the other: rows may have come between the first of them and the totals.
    gateway.get(&format!("/api/overview?{query}")).await.is(200).json()
}

/// What the list says of those whose field has that value.
#[track_caller]
fn share<'a>(shown: &'a Value, list: &str, field: &str, value: &Value) -> &'a Value {
    let shares = shown[list].as_array().expect("it is a list");
    let found = shares.iter().find(|share| share[field] == *value);
    found.unwrap_or_else(|| panic!("no {field} {value} in {shown:#}"))
}

#[tokio::test]
async fn an_overview_tells_who_used_what() {
    let (gateway, _local, _openai) = house().await;
    let shown = overview(&gateway, "minutes=60", 5).await;
    let totals = &shown["totals"];
    assert_eq!(
        (&totals["successes"], &totals["errors"], &totals["cancelled"]),
        (&json!(4), &json!(1), &json!(0))
    );
    assert_eq!(
        (&totals["input_tokens"], &totals["output_tokens"]),
        (&json!(40), &json!(20))
    );
    assert!(
        (totals["total_cost"].as_f64().unwrap() - 4.5e-6).abs() < 1e-12,
        "{totals}"
    );
    assert!(
        totals["p50_latency"].as_f64().unwrap() <= totals["p99_latency"].as_f64().unwrap(),
        "{totals}"
    );
    assert_eq!(shown["previous"]["total_requests"], 0);
    let local = share(&shown, "providers", "provider", &json!("local"));
    assert_eq!(
        (&local["total_requests"], &local["hosting"]),
        (&json!(3), &json!("self_hosted"))
    );
    assert_eq!(
        share(&shown, "providers", "provider", &json!("openai"))["hosting"],
        "cloud"
    );
    assert_eq!(share(&shown, "providers", "provider", &Value::Null)["errors"], 1);
    assert_eq!(
        share(&shown, "models", "model", &json!("gpt-4o-mini"))["provider"],
        "openai"
    );
    let key = share(&shown, "virtual_keys", "virtual_key", &json!("vk-search"));
    assert_eq!((&key["name"], &key["total_requests"]), (&json!("Search"), &json!(5)));
    assert_eq!(share(&shown, "teams", "team", &json!("core"))["name"], "Core platform");
    assert_eq!(shown["others"]["models"], Value::Null);
}

#[tokio::test]
async fn self_hosted_and_cloud_stand_side_by_side_with_what_was_saved() {
    let (gateway, _local, _openai) = house().await;
    let shown = overview(&gateway, "minutes=60", 5).await;
    let own = share(&shown, "hosting", "hosting", &json!("self_hosted"));
    assert_eq!((&own["total_requests"], &own["total_tokens"]), (&json!(3), &json!(45)));
    let counts: u64 = own["series"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|slot| slot["count"].as_u64())
        .sum();
    assert_eq!((counts, own["series"].as_array().unwrap().len()), (3, 60));
    assert_eq!(
        share(&shown, "hosting", "hosting", &json!("cloud"))["total_requests"],
        1
    );
    let saved = &shown["saved"];
    assert_eq!(
        saved["against"],
        json!({"provider": "openai", "model": "gpt-4o-mini"}),
        "the vendor's model in use"
    );
    assert!(
        (saved["cost"].as_f64().unwrap() - 3.0 * 4.5e-6).abs() < 1e-12,
        "{saved}"
    );
    let dearer = overview(&gateway, "minutes=60&saved_against=openai/gpt-4o", 5).await;
    assert!(dearer["saved"]["cost"].as_f64() > saved["cost"].as_f64(), "{dearer:#}");
    let unknown = overview(&gateway, "minutes=60&saved_against=nobody/nothing", 5).await;
    assert_eq!(unknown["saved"], Value::Null);
}

#[tokio::test]
async fn an_overview_is_filtered_by_one_thing_at_a_time() {
    let (gateway, _local, _openai) = house().await;
    let of_provider = overview(&gateway, "providers=openai", 1).await;
    assert_eq!(
        share(&of_provider, "models", "model", &json!("gpt-4o-mini"))["total_requests"],
        1
    );
    assert_eq!(of_provider["virtual_keys"], json!([]));
    let of_key = overview(&gateway, "virtual_key_ids=vk-search,vk-none", 5).await;
    assert_eq!(
        share(&of_key, "virtual_keys", "name", &json!("Search"))["total_requests"],
        5
    );
    overview(&gateway, "team_ids=nobody", 0).await;
    let two = gateway
        .get("/api/overview?providers=openai&team_ids=core")
        .await
        .is(400);
    assert!(two.message().contains("`providers` and `team_ids`"), "{}", two.text());
    for (query, names) in [
        ("minutes=0", "minutes"),
        ("minutes=129601", "minutes"),
        ("start_time=soon", "start_time"),
    ] {
        let refused = gateway.get(&format!("/api/overview?{query}")).await.is(400);
        assert!(refused.message().contains(names), "{}", refused.text());
    }
}

#[tokio::test]
async fn every_chart_counts_what_the_overview_counts() {
    let (gateway, _local, _openai) = house().await;
    overview(&gateway, "", 5).await;
    let chart = async |path: &str| gateway.get(&format!("/api/logs/{path}")).await.is(200).json();
    let total = |chart: &Value, pointer: &str| -> f64 {
        let buckets = chart["buckets"].as_array().unwrap();
        buckets
            .iter()
            .filter_map(|bucket| bucket.pointer(pointer)?.as_f64())
            .sum()
    };
    let day = chart("histogram").await;
    assert_eq!((total(&day, "/count"), &day["bucket_size_seconds"]), (5.0, &json!(600)));
    assert_eq!(total(&chart("histogram/tokens").await, "/prompt_tokens"), 40.0);
    assert_eq!(
        total(&chart("histogram/latency?minutes=60").await, "/total_requests"),
        5.0
    );
    let cost = chart("histogram/cost").await;
    assert!(
        (total(&cost, "/by_model/gpt-4o-mini") - total(&cost, "/total_cost")).abs() < 1e-12,
        "{cost}"
    );
    assert_eq!(total(&chart("histogram/models").await, "/by_model/m/success"), 3.0);
    assert_eq!(
        total(
            &chart("histogram/tokens/by-provider").await,
            "/by_provider/local/total_tokens"
        ),
        45.0
    );
    assert_eq!(
        total(
            &chart("histogram/latency/by-provider").await,
            "/by_provider/openai/total_requests"
        ),
        1.0
    );
    assert!(total(&chart("histogram/cost/by-provider").await, "/by_provider/openai") > 0.0);
    assert_eq!(total(&chart("histogram?providers=local").await, "/count"), 3.0);
    let ranked = chart("rankings").await;
    assert_eq!(
        (
            &ranked["rankings"][0]["model"],
            &ranked["rankings"][0]["total_requests"]
        ),
        (&json!("m"), &json!(3))
    );
    assert_eq!(ranked["rankings"][0]["trend"]["has_previous_period"], false);
    let known = chart("filterdata").await;
    assert_eq!(known["virtual_keys"], json!([{"id": "vk-search", "name": "Search"}]));
    assert_eq!(known["teams"], json!([{"id": "core", "name": "Core platform"}]));
    assert_eq!(known["providers"], json!(["local", "openai"]));
    assert_eq!(known["error_codes"], json!(["model_not_found"]));
}

#[tokio::test]
async fn what_is_deleted_is_in_no_figure() {
    let (gateway, _local, _openai) = house().await;
    overview(&gateway, "", 5).await;
    let rows = gateway.logs("providers=local").await;
    let ids: Vec<&Value> = rows["logs"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    gateway
        .call(Method::DELETE, "/api/logs")
        .json(&json!({ "ids": ids }))
        .send()
        .await
        .is(200);
    let shown = overview(&gateway, "", 2).await;
    assert_eq!(shown["saved"], Value::Null, "nothing self-hosted is left");
    overview(&gateway, "providers=local", 0).await;
}

#[tokio::test]
async fn pages_of_the_log_go_on_from_a_cursor_both_ways() {
    let (gateway, _local, _openai) = house().await;
    overview(&gateway, "", 5).await;
    let all = gateway.logs("").await;
    let ids = |page: &Value| -> Vec<Value> {
        page["logs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].clone())
            .collect()
    };
    let first = gateway.logs("limit=2&totals=false").await;
    assert_eq!(
        (&first["stats"], &first["pagination"]["total_count"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(first["pagination"]["prev_cursor"], Value::Null);
    let onwards = async |page: &Value, which: &str| {
        let cursor = page["pagination"][which].as_str().unwrap().to_owned();
        gateway.logs(&format!("limit=2&cursor={cursor}")).await
    };
    let second = onwards(&first, "next_cursor").await;
    let third = onwards(&second, "next_cursor").await;
    assert_eq!([ids(&first), ids(&second), ids(&third)].concat(), ids(&all));
    assert_eq!(third["pagination"]["next_cursor"], Value::Null);
    assert_eq!(ids(&onwards(&third, "prev_cursor").await), ids(&second));
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let other = gateway
        .get(&format!("/api/logs?sort_by=cost&cursor={cursor}"))
        .await
        .is(400);
    assert!(other.message().contains("`cursor`"), "{}", other.text());
}

#[tokio::test]
async fn rows_are_found_by_where_and_why() {
    let (gateway, local, _openai) = house().await;
    local.always(shapes::CHAT, Answer::error(500));
    gateway.ask("vk-search", "local/m").await;
    let shown = overview(&gateway, "", 6).await;
    assert_eq!(shown["totals"]["errors"], 2);
    let all = gateway.logs("").await;
    for (query, count) in [
        ("hosting=self_hosted".to_owned(), 4),
        ("hosting=cloud".to_owned(), 1),
        ("error_codes=model_not_found".to_owned(), 1),
        ("content_search=NO-SUCH".to_owned(), 1),
        ("missing_cost_only=true".to_owned(), 0),
        (format!("request_id={}", all["logs"][2]["id"].as_str().unwrap()), 1),
    ] {
        let found = gateway.logs(&query).await;
        assert_eq!(
            found["logs"].as_array().map(Vec::len),
            Some(count),
            "{query}: {found:#}"
        );
        let stats = gateway.get(&format!("/api/logs/stats?{query}")).await.is(200).json();
        assert_eq!(stats["total_requests"], count, "{query}");
    }
}
