//! What is seen from outside: metrics, logs, and headers on every answer.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed};
use crate::support::{Answer, Gate, Gateway, Reply, Upstream, eventually};

/// A self-hosted server and a cloud, both used.
async fn house() -> (Gateway, Upstream, Upstream) {
    let (local, openai) = (
        Upstream::start("local", &["m"]).await,
        Upstream::start("openai", &["gpt-4o", "gpt-4o-mini"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("local", &local)).await;
    gateway.add(&cloud("openai", &openai)).await;
    (gateway, local, openai)
}

/// The metrics as text.
async fn metrics(gateway: &Gateway) -> String {
    gateway.get("/metrics").await.is(200).text()
}

/// Waits until a series has that value.
async fn becomes(gateway: &Gateway, name: &str, labels: &[(&str, &str)], value: f64) {
    let what = format!("{name}{labels:?} becomes {value}:\n{}", metrics(gateway).await);
    eventually(&what, || async {
        ((gateway.metric(name, labels).await - value).abs() < 1e-12).then_some(())
    })
    .await;
}

#[tokio::test]
async fn requests_are_counted_by_who_answered() {
    let (gateway, local, _openai) = house().await;
    for _ in 0..3 {
        gateway.ask("any", "local/m").await.is(200);
    }
    gateway.ask("any", "openai/gpt-4o-mini").await.is(200);
    gateway.ask("any", "no-such-model").await.is(404);
    local.fails_with(&Answer::error(400));
    gateway.ask("any", "local/m").await.is(400);
    becomes(
        &gateway,
        "bifrost_requests_total",
        &[("provider", "local"), ("model", "m")],
        4.0,
    )
    .await;
    becomes(
        &gateway,
        "bifrost_requests_total",
        &[("provider", "openai"), ("model", "gpt-4o-mini")],
        1.0,
    )
    .await;
    becomes(&gateway, "bifrost_requests_total", &[("provider", "none")], 1.0).await;
    becomes(
        &gateway,
        "bifrost_request_duration_seconds_count",
        &[("provider", "local")],
        4.0,
    )
    .await;
    let cost = 10.0 * 0.15e-6 + 5.0 * 0.6e-6;
    becomes(&gateway, "bifrost_cost_total", &[("provider", "openai")], cost).await;
    becomes(&gateway, "bifrost_cost_total", &[("provider", "local")], 0.0).await;
    becomes(
        &gateway,
        "bifrost_input_tokens_total",
        &[("provider", "local"), ("model", "m")],
        30.0,
    )
    .await;
    becomes(
        &gateway,
        "bifrost_output_tokens_total",
        &[("provider", "local"), ("model", "m")],
        15.0,
    )
    .await;
}

#[tokio::test]
async fn the_series_that_dashboards_need_are_there() {
    let (gateway, local, _openai) = house().await;
    local.once(shapes::CHAT, Answer::error(500));
    let mut body = chat_streamed("local/m");
    body["fallbacks"] = json!(["openai/gpt-4o-mini"]);
    let mut live = gateway.call(Method::POST, shapes::CHAT).json(&body).open().await;
    live.events().await;
    becomes(&gateway, "bifrost_requests_total", &[("provider", "openai")], 1.0).await;
    let text = metrics(&gateway).await;
    for name in [
        "bifrost_request_duration_seconds_bucket",
        "bifrost_stream_first_token_latency_seconds_bucket",
        "bifrost_upstream_latency_seconds_bucket",
        "bifrost_upstream_requests_total",
        "bifrost_success_requests_total",
        "bifrost_error_requests_total",
        "bifrost_fallbacks_total",
        "bifrost_request_retries_total",
        "bifrost_active_requests",
    ] {
        assert!(
            text.lines().any(|line| line.starts_with(name)),
            "{name} is missing:\n{text}"
        );
    }
    assert!(
        (gateway.metric("bifrost_fallbacks_total", &[]).await - 1.0).abs() < 1e-9,
        "{text}"
    );
}

#[tokio::test]
async fn requests_under_way_are_shown() {
    let (gateway, local, _openai) = house().await;
    let gate = Gate::closed();
    local.always(shapes::CHAT, Answer::healthy("local").after(&gate));
    let calls: Vec<_> = (0..3)
        .map(|_| tokio::spawn(gateway.chat("any", "local/m").send()))
        .collect();
    local.busy_with(3).await;
    becomes(&gateway, "bifrost_active_requests", &[], 3.0).await;
    gate.open();
    for call in calls {
        call.await.unwrap().is(200);
    }
    becomes(&gateway, "bifrost_active_requests", &[], 0.0).await;
}

#[tokio::test]
async fn names_that_clients_make_up_do_not_become_series() {
    let (gateway, _local, _openai) = house().await;
    gateway
        .key("vk-secret-name", &json!({"provider_configs": [{"provider": "local"}]}))
        .await;
    gateway.ask("vk-secret-name", "m").await.is(200);
    for index in 0..50 {
        gateway.ask("vk-secret-name", &format!("junk-{index}")).await;
    }
    becomes(&gateway, "bifrost_requests_total", &[], 51.0).await;
    let text = metrics(&gateway).await;
    assert!(!text.contains("junk-"), "{text}");
    assert!(
        !text.contains("vk-secret-name"),
        "no labels with keys unless asked for:\n{text}"
    );
}

#[tokio::test]
async fn the_prefix_of_metrics_is_a_setting() {
    let (gateway, _local, _openai) = house().await;
    gateway
        .put("/api/config", &json!({"client_config": {"metrics_prefix": "house"}}))
        .await
        .is(200);
    gateway.ask("any", "local/m").await.is(200);
    becomes(&gateway, "house_requests_total", &[("provider", "local")], 1.0).await;
}

/// The headers that every answer on an inference path carries.
#[track_caller]
fn check_headers(reply: &Reply, provider: Option<&str>, model: Option<&str>, attempts: &str) {
    assert!(
        reply.header("x-gateway-request-id").is_some_and(|id| id.len() == 36),
        "{:?}",
        reply.headers
    );
    assert_eq!(reply.header("x-gateway-provider"), provider);
    assert_eq!(reply.header("x-gateway-model"), model);
    assert_eq!(reply.header("x-gateway-attempts"), Some(attempts));
    for name in ["x-gateway-upstream-ms", "x-gateway-own-ms"] {
        assert!(
            reply.header(name).is_some_and(|ms| ms.parse::<f64>().is_ok()),
            "{name}: {:?}",
            reply.headers
        );
    }
}

#[tokio::test]
async fn every_answer_says_where_it_came_from() {
    let (gateway, local, _openai) = house().await;
    let plain = gateway.ask("any", "local/m").await;
    check_headers(&plain, Some("local"), Some("m"), "1");
    assert!(
        plain
            .header("x-gateway-cost")
            .is_some_and(|cost| cost.parse::<f64>().is_ok())
    );
    let streamed = gateway.ask_with("any", &chat_streamed("local/m")).await;
    check_headers(&streamed, Some("local"), Some("m"), "1");
    assert_eq!(
        streamed.header("x-gateway-cost"),
        None,
        "the cost of a stream is known when it has ended"
    );
    let unknown = gateway.ask("any", "no-such-model").await;
    check_headers(&unknown, None, None, "0");
    local.fails_with(&Answer::error(500));
    let failed = gateway.ask("any", "local/m").await;
    assert_eq!(failed.status, 500);
    check_headers(&failed, Some("local"), Some("m"), "1");
}

/// Rows that match, once there are as many as that.
async fn rows(gateway: &Gateway, query: &str, count: usize) -> Vec<Value> {
    let what = format!("{count} rows for {query:?}");
    eventually(&what, || async {
        let rows = gateway.logs(query).await["logs"].as_array()?.clone();
        (rows.len() == count).then_some(rows)
    })
    .await
}

#[tokio::test]
async fn every_request_has_a_row() {
    let (gateway, _local, _openai) = house().await;
    gateway
        .key(
            "vk",
            &json!({"name": "the key", "provider_configs": [{"provider": "openai"}]}),
        )
        .await;
    let reply = gateway.ask("vk", "gpt-4o-mini").await.is(200);
    let row = rows(&gateway, "", 1).await.remove(0);
    assert_eq!(row["id"], reply.header("x-gateway-request-id").unwrap());
    let expected = json!({
        "object": "chat.completion", "provider": "openai", "model": "gpt-4o-mini", "status": "success", "stream": false,
        "virtual_key_id": "vk",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&row[field], value, "{field}: {row}");
    }
    assert_eq!(row["token_usage"]["prompt_tokens"], 10);
    assert_eq!(row["token_usage"]["completion_tokens"], 5);
    assert_eq!(row["token_usage"]["total_tokens"], 15);
    assert!((row["cost"].as_f64().unwrap() - 4.5e-6).abs() < 1e-12, "{row}");
    assert!(row["latency"].as_f64().is_some_and(|ms| ms > 0.0), "{row}");
    assert!(
        row["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')),
        "{row}"
    );
    assert_eq!(row["attempts"].as_array().map(Vec::len), Some(1));
    let one = gateway
        .get(&format!("/api/logs/{}", row["id"].as_str().unwrap()))
        .await
        .is(200)
        .json();
    assert_eq!(one["id"], row["id"]);
    assert!(
        !row.to_string().contains("Hello!"),
        "content is not kept unless asked for"
    );
}

#[tokio::test]
async fn what_was_said_is_kept_where_the_settings_say_so() {
    let (gateway, _local, _openai) = house().await;
    gateway
        .put("/api/config", &json!({"client_config": {"content_capture": "full"}}))
        .await
        .is(200);
    gateway.ask("any", "local/m").await.is(200);
    let row = rows(&gateway, "", 1).await.remove(0);
    let one = gateway
        .get(&format!("/api/logs/{}", row["id"].as_str().unwrap()))
        .await
        .is(200)
        .text();
    assert!(one.contains("Hello!") && one.contains("hello from local"), "{one}");
}

#[tokio::test]
async fn refused_calls_have_a_row_without_a_provider() {
    let (gateway, _local, _openai) = house().await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "local", "allowed_models": ["m"]}]}),
        )
        .await;
    gateway.ask("vk", "gpt-4o").await.is(403);
    let row = rows(&gateway, "status=error", 1).await.remove(0);
    assert!(row["provider"].is_null(), "{row}");
    assert_eq!(row["virtual_key_id"], "vk");
    assert!(row["error_details"].to_string().contains("gpt-4o"), "{row}");
}

#[tokio::test]
async fn rows_are_filtered_by_who_answered() {
    let (gateway, local, openai) = house().await;
    gateway.ask("any", "local/m").await.is(200);
    gateway.ask("any", "openai/gpt-4o-mini").await.is(200);
    local.fails_with(&Answer::error(500));
    let mut body = chat("local/m");
    body["fallbacks"] = json!(["openai/gpt-4o"]);
    gateway.ask_with("any", &body).await.is(200);
    openai.fails_with(&Answer::error(400));
    gateway.ask("any", "openai/gpt-4o-mini").await.is(400);
    for (query, count) in [
        ("", 4),
        ("providers=openai", 3),
        ("providers=local", 1),
        ("providers=local,openai", 4),
        ("models=gpt-4o", 1),
        ("providers=openai&models=gpt-4o-mini", 2),
        ("providers=openai&status=success", 2),
        ("status=error", 1),
        ("min_cost=0.000001", 2),
        ("min_tokens=15&max_tokens=15", 3),
        ("providers=nobody", 0),
        ("start_time=2020-01-01T00:00:00Z&end_time=2020-01-02T00:00:00Z", 0),
        ("start_time=2020-01-01T00:00:00Z", 4),
    ] {
        rows(&gateway, query, count).await;
    }
}

#[tokio::test]
async fn rows_come_in_pages_newest_first_with_figures_over_all() {
    let (gateway, _local, _openai) = house().await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        let reply = gateway.ask("any", "openai/gpt-4o-mini").await.is(200);
        ids.insert(0, reply.header("x-gateway-request-id").unwrap().to_owned());
    }
    gateway.ask("any", "local/no-such-model").await;
    rows(&gateway, "providers=openai", 7).await;
    let mut paged = Vec::new();
    for offset in [0, 3, 6] {
        let page = gateway.logs(&format!("providers=openai&limit=3&offset={offset}")).await;
        let pagination = &page["pagination"];
        assert_eq!(
            (&pagination["limit"], &pagination["offset"]),
            (&json!(3), &json!(offset)),
            "{pagination}"
        );
        assert_eq!(pagination["total_count"], 7, "{pagination}");
        let stats = &page["stats"];
        assert_eq!(
            (&stats["total_requests"], &stats["total_tokens"]),
            (&json!(7), &json!(105)),
            "{stats}"
        );
        assert!(
            (stats["total_cost"].as_f64().unwrap() - 7.0 * 4.5e-6).abs() < 1e-12,
            "{stats}"
        );
        assert!(
            (stats["success_rate"].as_f64().unwrap() - 100.0).abs() < 1e-9,
            "{stats}"
        );
        let rows = page["logs"].as_array().unwrap();
        paged.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(paged, ids);
    let sorted = gateway.logs("sort_by=latency&order=asc&limit=100").await;
    let times: Vec<f64> = sorted["logs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["latency"].as_f64())
        .collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn a_wrong_query_of_logs_is_told() {
    let gateway = Gateway::start().await;
    for (query, names) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("start_time=yesterday", "start_time"),
    ] {
        let reply = gateway.get(&format!("/api/logs?{query}")).await.is(400);
        assert!(reply.message().contains(names), "{query}: {}", reply.text());
    }
    gateway
        .get("/api/logs/019abcde-0000-7000-8000-000000000000")
        .await
        .is(404);
    assert_eq!(gateway.logs("").await["has_logs"], false);
}

#[tokio::test]
async fn a_row_tells_each_attempt() {
    let (gateway, local, _openai) = house().await;
    local.fails_with(&Answer::error(503));
    let mut body = chat_streamed("local/m");
    body["fallbacks"] = json!(["openai/gpt-4o-mini"]);
    gateway.ask_with("any", &body).await.is(200);
    let row = rows(&gateway, "", 1).await.remove(0);
    assert_eq!(
        (&row["provider"], &row["status"], &row["stream"]),
        (&json!("openai"), &json!("success"), &json!(true))
    );
    let attempts = row["attempts"].as_array().unwrap();
    let tried: Vec<&str> = attempts
        .iter()
        .filter_map(|attempt| attempt["provider"].as_str())
        .collect();
    assert_eq!(tried, ["local", "openai"]);
    assert!(attempts[0].to_string().contains("503"), "{row}");
    assert!(
        (row["cost"].as_f64().unwrap() - 4.5e-6).abs() < 1e-12,
        "the cost of a stream stands in its row: {row}"
    );
}

#[tokio::test]
async fn rows_survive_a_restart_and_can_be_removed() {
    let (mut gateway, _local, _openai) = house().await;
    gateway.ask("any", "local/m").await.is(200);
    gateway.ask("any", "local/m").await.is(200);
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    let ids: BTreeSet<String> = rows(&gateway, "", 2)
        .await
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let one = ids.first().unwrap();
    gateway
        .call(Method::DELETE, "/api/logs")
        .json(&json!({"ids": [one]}))
        .send()
        .await
        .is(200);
    assert_ne!(&rows(&gateway, "", 1).await[0]["id"], one);
}
