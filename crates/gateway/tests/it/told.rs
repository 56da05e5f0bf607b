//! What callers say in headers and what they are told there; what failed attempts cost; tags.

use bytes::Bytes;
use gateway_governance::ledger::Ledger as _;
use gateway_providers::TransportError;
use gateway_types::{Basis, DialectName, NanoUsd, Operation};
use http::{HeaderMap, HeaderName};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Act, World, hello, streamed};

const HOST: &str = "api.openai.com";
const MODEL: &str = "openai/gpt-4o-mini";

/// A chat of that key and dialect with more headers.
async fn ask(
    world: &World,
    dialect: DialectName,
    more: &[(&'static str, &str)],
    body: Value,
) -> (u16, HeaderMap, Value) {
    let mut arrival = world.arrival(Some("vk"), Operation::Chat);
    arrival.dialect = dialect;
    for (name, value) in more {
        arrival
            .headers
            .insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    let reply = match world.line.open(arrival) {
        Ok(turn) => turn.run(Bytes::from(body.to_string())).await,
        Err(refusal) => *refusal,
    };
    let (status, headers) = (reply.status.as_u16(), reply.headers);
    let body = reply.body.collect().await.unwrap().to_bytes();
    (status, headers, serde_json::from_slice(&body).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn answers_and_refusals_tell_what_rate_limits_leave() {
    let world = World::new().await;
    world.provider("vllm-local").await;
    let limit = json!({
        "request_max_limit": 2, "request_reset_duration": "1h",
        "token_max_limit": 10_000, "token_reset_duration": "1d",
    });
    world.virtual_key("vk", json!({"rate_limit": limit})).await;
    let turn = json!({"model": "vllm-local/m", "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]});
    let (status, headers, _) = ask(&world, DialectName::OpenAi, &[], turn.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(text(&headers, "x-ratelimit-limit-requests"), "2");
    assert_eq!(text(&headers, "x-ratelimit-remaining-requests"), "1");
    assert_eq!(text(&headers, "x-ratelimit-limit-tokens"), "10000");
    assert_eq!(text(&headers, "x-ratelimit-remaining-tokens"), "9985", "15 were used");
    assert!(
        ["1h0m0s", "59m59s", "59m60s"].contains(&text(&headers, "x-ratelimit-reset-requests")),
        "{headers:?}"
    );
    assert!(!headers.contains_key("anthropic-ratelimit-requests-limit"));

    let (status, headers, _) = ask(&world, DialectName::Anthropic, &[], turn.clone()).await;
    assert_eq!(
        (status, text(&headers, "anthropic-ratelimit-requests-remaining")),
        (200, "0")
    );
    assert_eq!(text(&headers, "anthropic-ratelimit-tokens-limit"), "10000");
    let reset = text(&headers, "anthropic-ratelimit-requests-reset");
    let reset = gateway_types::Wall::parse_rfc3339(reset).expect("a time");
    assert!(reset > world.gateway.clock().now().wall);

    let (status, headers, body) = ask(&world, DialectName::OpenAi, &[], turn).await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!("request_limited")));
    assert_eq!(text(&headers, "x-ratelimit-limit-requests"), "2");
    assert_eq!(text(&headers, "x-ratelimit-remaining-requests"), "0");
    assert!(!text(&headers, "x-gateway-quota").is_empty());
    assert!(!text(&headers, "retry-after").is_empty());
    assert_eq!(text(&headers, "x-should-retry"), "false", "it lasts an hour");
}

#[tokio::test]
async fn a_call_that_the_budget_refuses_is_not_counted_in_what_is_left() {
    let world = World::new().await;
    let limits = json!({"budget": {"max_limit": 0.000000001, "reset_duration": "1d"},
        "rate_limit": {"request_max_limit": 5, "request_reset_duration": "1h"}});
    world.virtual_key("vk", limits).await;
    for _ in 0..2 {
        let (status, headers, _) = ask(&world, DialectName::OpenAi, &[], hello(MODEL)).await;
        assert_eq!((status, text(&headers, "x-ratelimit-remaining-requests")), (402, "5"));
    }
}

#[tokio::test]
async fn whoever_has_no_limit_is_told_of_none() {
    let world = World::new().await;
    world.virtual_key("vk", json!({})).await;
    let (_, headers, _) = ask(&world, DialectName::OpenAi, &[], hello(MODEL)).await;
    assert!(
        !headers.keys().any(|name| name.as_str().contains("ratelimit")),
        "{headers:?}"
    );
}

#[tokio::test]
async fn headers_that_the_operator_asks_for_must_be_there() {
    let world = World::new().await;
    let config = json!({"client_config": {"required_headers": ["X-App"]}});
    world.gateway.control().save_config(config, "test").await.unwrap();
    world
        .virtual_key("vk", json!({"required_headers": ["x-cost-center"]}))
        .await;
    let (status, _, body) = ask(&world, DialectName::OpenAi, &[("x-app", "a")], hello(MODEL)).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("missing_required_headers"))
    );
    assert!(
        body["error"]["message"].as_str().unwrap().contains("`x-cost-center`"),
        "{body}"
    );
    let (status, _, body) = ask(&world, DialectName::Anthropic, &[("x-cost-center", "7")], hello(MODEL)).await;
    assert_eq!((status, &body["error"]["type"]), (400, &json!("invalid_request_error")));
    assert_eq!(world.upstreams.calls_to(HOST), 0);
    let both = [("x-app", "a"), ("x-cost-center", "7")];
    assert_eq!(ask(&world, DialectName::OpenAi, &both, hello(MODEL)).await.0, 200);
}

#[tokio::test]
async fn a_caller_can_bound_what_one_call_costs() {
    let world = World::new().await;
    world.virtual_key("vk", json!({})).await;
    for wrong in ["a lot", "-1"] {
        let (status, _, body) = ask(
            &world,
            DialectName::OpenAi,
            &[("x-gateway-max-cost", wrong)],
            hello(MODEL),
        )
        .await;
        assert_eq!((status, &body["error"]["param"]), (400, &json!("x-gateway-max-cost")));
    }
    let (status, headers, body) = ask(
        &world,
        DialectName::OpenAi,
        &[("x-gateway-max-cost", "0.0000001")],
        hello(MODEL),
    )
    .await;
    assert_eq!((status, &body["error"]["code"]), (402, &json!("cost_ceiling_exceeded")));
    assert_eq!(text(&headers, "x-should-retry"), "false");
    assert_eq!(world.upstreams.calls_to(HOST), 0);
    assert_eq!(
        ask(
            &world,
            DialectName::OpenAi,
            &[("x-gateway-max-cost", "0.05")],
            hello(MODEL)
        )
        .await
        .0,
        200
    );
}

#[tokio::test]
async fn tags_stand_in_log_and_ledger_and_the_operators_win() {
    let world = World::new().await;
    let key = json!({"metadata": {"env": "prod"}, "budget": {"max_limit": 1, "reset_duration": "1d"}});
    world.virtual_key("vk", key).await;
    let mut body = hello(MODEL);
    body["metadata"] = json!({"feature": "search", "env": "dev"});
    let sent = [("x-bf-dim-team", "red"), ("x-bf-dim-env", "test")];
    assert_eq!(ask(&world, DialectName::OpenAi, &sent, body).await.0, 200);
    let expected = [("env", "prod"), ("feature", "search"), ("team", "red")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(*world.rows.last().tags, expected.clone().into());
    world.gateway.close().await;
    assert_eq!(*world.ledger.entries(1).await.unwrap()[0].tags, expected.into());
}

/// A call whose first attempt ends so and whose second answers: what the legs in the ledger cost, and the row.
async fn failing_over(act: Act, body: Value) -> (Vec<(Basis, u64)>, NanoUsd) {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    world.provider("b").await;
    world.upstreams.script(HOST, [act]);
    let (status, headers, _) = ask(&world, DialectName::OpenAi, &[], body).await;
    assert_eq!((status, text(&headers, "x-gateway-attempts")), (200, "2"));
    let row = world.rows.last();
    world.gateway.close().await;
    let entries = world.ledger.entries(2).await.unwrap();
    assert_eq!(
        (entries.len(), entries[0].total),
        (1, row.cost),
        "the row's cost is the sum of the legs"
    );
    let legs = entries[0].legs.iter();
    (
        legs.map(|leg| (leg.metered.basis, leg.metered.usage.input)).collect(),
        row.cost,
    )
}

#[tokio::test(start_paused = true)]
async fn attempts_that_may_have_been_billed_are_charged_by_the_estimate_of_their_input() {
    let mut body = hello("openai/gpt-4o");
    body["fallbacks"] = json!(["b/m"]);
    let estimate = (body.to_string().len() as u64).div_ceil(4);
    let answered = (Basis::Reported, 10);
    let (legs, _) = failing_over(Act::Hang, body.clone()).await;
    assert_eq!(
        legs,
        [(Basis::Estimated, estimate), answered],
        "it was sent, and nothing came"
    );

    let broken = || {
        let (sender, pieces) = mpsc::unbounded_channel();
        sender.send(Err(TransportError::Broken("reset".to_owned()))).unwrap();
        Act::Live(pieces)
    };
    let (legs, _) = failing_over(broken(), body.clone()).await;
    assert_eq!(legs, [(Basis::Estimated, estimate), answered], "it broke off");

    for free in [
        Act::Refuse,
        Act::Answer(500, "application/json", vec![Bytes::from_static(b"{}")]),
        Act::Answer(504, "application/json", vec![Bytes::from_static(b"{}")]),
        Act::Answer(429, "application/json", vec![Bytes::from_static(b"{}")]),
    ] {
        let (legs, _) = failing_over(free, body.clone()).await;
        assert_eq!(
            legs,
            [answered],
            "who answers with an error, or not at all, bills nothing"
        );
    }
}

#[tokio::test]
async fn a_stream_that_breaks_before_its_first_word_may_have_been_billed() {
    let world = World::new().await;
    world
        .virtual_key("vk", json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    let (sender, pieces) = mpsc::unbounded_channel();
    sender.send(Err(TransportError::Broken("reset".to_owned()))).unwrap();
    world.upstreams.script(HOST, [Act::Live(pieces)]);
    let (status, headers, _) = ask(&world, DialectName::OpenAi, &[], streamed(MODEL)).await;
    assert_eq!(status, 502);
    let row = world.rows.last();
    assert_eq!(row.metered.map(|metered| metered.basis), Some(Basis::Estimated));
    assert_eq!(text(&headers, "x-gateway-cost"), row.cost.to_string());
    assert!(row.cost > NanoUsd::ZERO);
}
