//! One request from end to end.

use bytes::Bytes;
use gateway::Suppose;
use gateway::ports::logs::Status;
use gateway_governance::ledger::Ledger as _;
use gateway_providers::TransportError;
use gateway_types::{Basis, NanoUsd, Operation};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Act, DONE, NO_LIST, World, chat, delta, hello, log_rows, streamed, usage};

fn sse(pieces: &[Bytes]) -> Act {
    Act::Answer(200, "text/event-stream", pieces.to_vec())
}

#[tokio::test]
async fn a_whole_answer_passes_untouched_and_is_written_down() {
    let world = World::new().await;
    world.provider("vllm-local").await;
    let (status, headers, body) = world.chat(None, hello("vllm-local/m")).await;
    assert_eq!((status, body.as_bytes()), (200, &chat("hello", 10, 5)[..]));
    assert_eq!(headers["x-gateway-provider"], "vllm-local");
    assert_eq!(
        (&headers["x-gateway-model"], &headers["x-gateway-attempts"]),
        (&"m".parse().unwrap(), &"1".parse().unwrap())
    );
    assert_eq!(headers["x-gateway-cost"], "0");
    let row = world.rows.last();
    assert_eq!(
        (row.status, row.http_status, row.id.to_string().as_str()),
        (Status::Success, 200, headers["x-gateway-request-id"].to_str().unwrap())
    );
    assert_eq!(
        row.metered.map(|metered| (metered.usage.total(), metered.basis)),
        Some((15, Basis::Reported))
    );
    let (_, sent) = world.upstreams.calls.lock().unwrap()[0].clone();
    assert_eq!(sent["model"], "m");
}

#[tokio::test]
async fn a_stream_is_settled_before_its_last_word_goes_out() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    world.upstreams.script(
        "api.openai.com",
        [sse(&[
            delta("he", None),
            delta("y", Some("stop")),
            usage(1000, 1000),
            DONE,
        ])],
    );
    let mut reply = world.ask(Some("vk"), streamed("openai/gpt-4o-mini")).await;
    let mut seen = String::new();
    while !seen.contains("[DONE]") {
        let frame = reply.body.frame().await.unwrap().unwrap();
        seen.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert_eq!(world.key("vk")["budget"]["current_usage"], json!(0.00075));
    assert!(
        !seen.contains("usage\":{"),
        "the frame that only the gateway asked for is cut: {seen}"
    );
    assert!(reply.body.frame().await.is_none());
    let row = world.rows.last();
    assert_eq!((row.status, row.cost), (Status::Success, NanoUsd(750_000)));
    assert!(row.ttft_us.is_some());
}

#[tokio::test]
async fn a_client_that_leaves_pays_for_what_it_was_sent() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    let (sender, pieces) = mpsc::unbounded_channel();
    world.upstreams.script("api.openai.com", [Act::Live(pieces)]);
    sender.send(Ok(delta("twelve chars", None))).unwrap();
    let mut reply = world.ask(Some("vk"), streamed("openai/gpt-4o-mini")).await;
    reply.body.frame().await.unwrap().unwrap();
    drop(reply);
    let row = world.rows.last();
    assert_eq!(row.status, Status::Cancelled);
    let metered = row.metered.unwrap();
    assert_eq!((metered.basis, metered.usage.output), (Basis::Counted, 3));
    assert!(row.cost > NanoUsd::ZERO);
    assert_eq!(world.key("vk")["budget"]["held"], json!(0.0), "nothing stays held");
    assert!(sender.is_closed(), "the upstream is let go");
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_leaves_nothing_held() {
    let world = World::new().await;
    world
        .virtual_key(
            "vk",
            json!({"rate_limit": {"max_in_flight": 1}, "budget": {"max_limit": 1, "reset_duration": "1d"}}),
        )
        .await;
    world.upstreams.script("api.openai.com", [Act::Hang]);
    let mut asking = Box::pin(world.ask(Some("vk"), hello("openai/gpt-4o-mini")));
    while world.upstreams.calls_to("api.openai.com") == 0 {
        futures_util::future::poll_immediate(&mut asking).await;
        tokio::task::yield_now().await;
    }
    drop(asking);
    let row = world.rows.last();
    assert_eq!(row.status, Status::Cancelled);
    assert_eq!(row.attempts[0].outcome, "abandoned");
    assert_eq!(
        world.key("vk")["budget"]["current_usage"],
        json!(row.cost.0 as f64 / 1e9),
        "the log says what the ledger says"
    );
    assert!(row.cost > NanoUsd(0) && row.metered.is_some_and(|metered| metered.basis == Basis::Estimated));
    assert_eq!(world.key("vk")["budget"]["held"], json!(0.0));
    assert_eq!(world.key("vk")["rate_limit"]["current_in_flight"], json!(0));
    assert_eq!(world.chat(Some("vk"), hello("openai/gpt-4o-mini")).await.0, 200);
}

#[tokio::test]
async fn whatever_breaks_before_the_first_content_is_invisible() {
    let world = World::new().await;
    world.provider("a").await;
    world.provider("b").await;
    let entries = json!({"strategy": "weighted", "provider_configs": [{"provider": "a", "weight": 1}, {"provider": "b", "weight": 0}]});
    world.virtual_key("vk", entries).await;
    let good = || sse(&[delta("ok", Some("stop")), usage(1, 1), DONE]);
    let role = Bytes::from_static(
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    );
    let error = Bytes::from_static(
        b"data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":503}}\n\n",
    );
    for broken in [
        Act::Refuse,
        Act::Answer(500, "application/json", vec![Bytes::from_static(b"{}")]),
        Act::Answer(429, "application/json", vec![]),
        Act::Answer(401, "application/json", vec![]),
        Act::Answer(
            404,
            "application/json",
            vec![Bytes::from_static(
                b"{\"error\":{\"message\":\"model not found\",\"code\":\"model_not_found\"}}",
            )],
        ),
        sse(&[]),
        sse(std::slice::from_ref(&role)),
        sse(&[role, error]),
        Act::Answer(200, "application/json", vec![Bytes::from_static(b"{\"error\":\"no\"}")]),
        Act::Answer(
            200,
            "text/event-stream",
            vec![Bytes::from_static(b"data: {nonsense\n\n")],
        ),
    ] {
        let world = World::new().await;
        world.provider("a").await;
        world.provider("b").await;
        world
            .virtual_key(
                "vk",
                json!({"provider_configs": [{"provider": "a"}, {"provider": "b", "weight": 0}]}),
            )
            .await;
        world.upstreams.script("a", [broken]);
        world.upstreams.script("b", [good()]);
        let (status, headers, body) = world.chat(Some("vk"), streamed("m")).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("ok") && body.ends_with("data: [DONE]\n\n"), "{body}");
        assert_eq!(
            (&headers["x-gateway-provider"], &headers["x-gateway-attempts"]),
            (&"b".parse().unwrap(), &"2".parse().unwrap())
        );
        assert_eq!(world.rows.last().attempts.len(), 2);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_later_ends_in_an_error_that_sdks_see() {
    let world = World::new().await;
    world.provider("a").await;
    let (sender, pieces) = mpsc::unbounded_channel();
    world.upstreams.script("a", [Act::Live(pieces)]);
    sender.send(Ok(delta("half", None))).unwrap();
    sender.send(Err(TransportError::Broken("reset".to_owned()))).unwrap();
    let (status, _, body) = world.chat(None, streamed("a/m")).await;
    assert_eq!(status, 200);
    let last = body
        .trim_end()
        .rsplit("\n\n")
        .find(|frame| frame.contains("error"))
        .unwrap_or_default();
    let frame: Value = serde_json::from_str(last.trim_start_matches("data: ")).unwrap();
    assert!(
        frame["error"]["message"].as_str().unwrap().contains("broke off"),
        "{frame}"
    );
    let row = world.rows.last();
    assert_eq!((row.status, &*row.attempts[0].outcome), (Status::Error, "broke"));
}

#[tokio::test]
async fn a_whole_answer_to_a_stream_request_is_no_answer_and_is_paid_for() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    let whole = Act::Answer(200, "application/json", vec![chat("hello", 1000, 1000)]);
    world.upstreams.script("api.openai.com", [whole]);
    let (status, _, body) = world.chat(Some("vk"), streamed("openai/gpt-4o-mini")).await;
    assert_eq!(status, 502, "{body}");
    assert_eq!(world.key("vk")["budget"]["current_usage"], json!(0.00075));
}

#[tokio::test]
async fn client_errors_of_the_upstream_are_returned_and_not_multiplied() {
    let world = World::new().await;
    world.provider("a").await;
    world.provider("b").await;
    world
        .virtual_key(
            "vk",
            json!({"provider_configs": [{"provider": "a"}, {"provider": "b", "weight": 0}]}),
        )
        .await;
    let words = r#"{"error":{"message":"bad temperature","type":"invalid_request_error","param":"temperature","code":null},"x":1}"#;
    world.upstreams.script(
        "a",
        [Act::Answer(
            422,
            "application/json",
            vec![Bytes::from_static(words.as_bytes())],
        )],
    );
    let (status, _, body) = world.chat(Some("vk"), hello("m")).await;
    assert_eq!((status, body.as_str()), (422, words));
    assert_eq!(world.upstreams.calls_to("b"), 0);
}

#[tokio::test]
async fn a_spent_budget_is_402_and_refused_calls_count_nowhere() {
    let world = World::new().await;
    world.provider("free").await;
    let entries = json!([{"provider": "openai", "allowed_models": ["gpt-4o-mini"]}, {"provider": "free"}]);
    world
        .virtual_key(
            "vk",
            json!({"provider_configs": entries, "budget": {"max_limit": 0, "reset_duration": "1d"},
        "rate_limit": {"request_max_limit": 10, "request_reset_duration": "1h"}}),
        )
        .await;
    let (status, headers, body) = world.chat(Some("vk"), hello("openai/gpt-4o-mini")).await;
    assert_eq!(status, 402, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["error"]["code"], "budget_exceeded");
    assert_eq!(headers["x-should-retry"], "false");
    assert_eq!(world.upstreams.calls_to("api.openai.com"), 0);
    assert_eq!(world.key("vk")["rate_limit"]["request_current_usage"], json!(0));
    let (status, headers, _) = world.chat(Some("vk"), hello("gpt-4o-mini")).await;
    assert_eq!(
        (status, &headers["x-gateway-provider"]),
        (200, &"free".parse().unwrap()),
        "only what costs nothing"
    );
    assert_eq!(world.key("vk")["rate_limit"]["request_current_usage"], json!(1));
}

#[tokio::test]
async fn every_settled_call_is_in_the_ledger_and_every_request_in_the_log() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    for _ in 0..3 {
        assert_eq!(world.chat(Some("vk"), hello("openai/gpt-4o-mini")).await.0, 200);
    }
    assert_eq!(world.chat(Some("wrong"), hello("openai/gpt-4o-mini")).await.0, 401);
    assert_eq!(world.chat(Some("vk"), hello("nonsense")).await.0, 404);
    world.gateway.close().await;
    let entries = world.ledger.entries(10).await.unwrap();
    let settled: Vec<_> = entries.iter().filter(|entry| !entry.legs.is_empty()).collect();
    assert_eq!(
        (settled.len(), settled.iter().map(|entry| entry.total).sum::<NanoUsd>()),
        (3, NanoUsd(3 * 4500))
    );
    assert_eq!((world.rows.count(), log_rows(&world).await), (5, 5));
}

#[tokio::test]
async fn a_plan_is_explained_and_nothing_is_sent() {
    let world = World::new().await;
    world.provider("a").await;
    let turn = world.arrival(None, Operation::Chat);
    let body = Bytes::from(hello("gpt-4o-mini").to_string());
    let told = world.line.explain(turn, body, Suppose::default()).unwrap();
    let told = serde_json::to_value(told).unwrap();
    let of = |provider: &str| {
        told["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["deployment"]["provider"] == provider)
            .cloned()
            .unwrap()
    };
    assert_eq!((&of("a")["price"], &of("a")["in"]), (&json!("free"), &json!(true)));
    assert_eq!(of("openai")["price"]["input"], json!(0.15));
    assert!(of("openai")["why"].is_string());
    assert_eq!(
        (world.upstreams.calls.lock().unwrap().len(), world.rows.count()),
        (0, 0)
    );
}

#[tokio::test]
async fn the_list_of_models_is_what_the_key_allows() {
    let world = World::new().await;
    world.provider("a").await;
    world
        .virtual_key(
            "vk",
            json!({"provider_configs": [{"provider": "a", "allowed_models": ["m"], "model_aliases": {"small": "m"}}]}),
        )
        .await;
    let turn = world.line.open(world.arrival(Some("vk"), Operation::Models)).unwrap();
    let body = turn.run(Bytes::new()).await.body.collect().await.unwrap().to_bytes();
    let list: Value = serde_json::from_slice(&body).unwrap();
    let ids: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["a/m", "a/small"]);
}

#[tokio::test]
async fn a_provider_of_which_no_list_is_known_is_asked_for_the_model_without_its_own_name() {
    let world = World::new().await;
    // Until a list is known, the catalogue speaks for it.
    let provider = json!({
        "provider": "anthropic",
        "keys": [{"name": "k", "value": "dummy"}],
        "network_config": {"base_url": format!("http://{NO_LIST}")},
    });
    world
        .gateway
        .control()
        .save_provider(None, provider, gateway::control::Save::Create, "test")
        .await
        .unwrap();
    world
        .virtual_key("vk", json!({"provider_configs": [{"provider": "anthropic"}]}))
        .await;
    world
        .chat(Some("vk"), hello("anthropic/claude-3-5-haiku-20241022"))
        .await;
    let (_, sent) = world.upstreams.calls.lock().unwrap()[0].clone();
    assert_eq!(sent["model"], "claude-3-5-haiku-20241022");
}

#[tokio::test]
async fn a_redirect_is_neither_followed_nor_passed_on() {
    let world = World::new().await;
    world.provider("moved").await;
    world.provider("here").await;
    world.upstreams.script(
        "moved",
        [
            Act::Answer(302, "text/html", vec![]),
            Act::Answer(307, "text/html", vec![]),
        ],
    );
    let (status, _, body) = world.chat(None, hello("moved/m")).await;
    assert_eq!(status, 502, "{body}");
    assert!(body.contains("302") && body.contains("base_url"), "{body}");
    let mut asked = hello("moved/m");
    asked["fallbacks"] = json!(["here/m"]);
    let (status, headers, _) = world.chat(None, asked).await;
    assert_eq!((status, headers["x-gateway-provider"].to_str().unwrap()), (200, "here"));
}

#[tokio::test]
async fn whoever_asks_for_the_models_stands_in_the_log() {
    let world = World::new().await;
    world.virtual_key("vk", json!({})).await;
    let turn = world.line.open(world.arrival(Some("vk"), Operation::Models)).unwrap();
    turn.run(Bytes::new()).await.body.collect().await.unwrap();
    assert_eq!(
        world.rows.last().virtual_key.as_ref().map(|key| key.as_str()),
        Some("vk")
    );
}

#[tokio::test]
async fn a_cap_of_nothing_is_no_way_around_a_budget() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    let mut asked = hello("openai/gpt-4o-mini");
    asked["max_tokens"] = json!(0);
    for (key, sent) in [(Some("vk"), 1), (None, 0)] {
        world.chat(key, asked.clone()).await;
        let (_, body) = world.upstreams.calls.lock().unwrap().last().cloned().unwrap();
        assert_eq!(body["max_tokens"], sent, "{key:?}");
    }
}

#[tokio::test]
async fn what_a_failed_attempt_used_is_in_the_log_as_it_is_in_the_ledger() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    world.upstreams.script("api.openai.com", [sse(&[usage(1000, 1000)])]);
    let (status, _, body) = world.chat(Some("vk"), streamed("openai/gpt-4o-mini")).await;
    assert_eq!(status, 502, "{body}");
    let row = world.rows.last();
    assert_eq!(row.cost, NanoUsd(750_000));
    assert_eq!(world.key("vk")["budget"]["current_usage"], json!(0.00075));
}

#[tokio::test]
async fn one_model_is_shown_to_who_may_use_it() {
    let world = World::new().await;
    world.provider("a").await;
    let entries = json!({"provider_configs": [{"provider": "a", "allowed_models": ["m"]}]});
    world.virtual_key("vk", entries).await;
    let shown = |name: &'static str| {
        let turn = world.line.open(world.arrival(Some("vk"), Operation::Models)).unwrap();
        async move {
            let reply = turn.model(name);
            let status = reply.status.as_u16();
            let body: Value = serde_json::from_slice(&reply.body.collect().await.unwrap().to_bytes()).unwrap();
            (status, body)
        }
    };
    for name in ["a/m", "m"] {
        let (status, body) = shown(name).await;
        assert_eq!(
            (status, &body["id"], &body["owned_by"]),
            (200, &json!(name), &json!("a"))
        );
    }
    assert_eq!(shown("gpt-4o-mini").await.0, 403);
    assert_eq!(shown("a/nonsense").await.0, 403);
}
