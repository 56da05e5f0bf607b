//! Budgets and rate limits: what they stop, what they count, and that they hold over restarts and crashes.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed};
use crate::support::{Answer, Gate, Gateway, Reply, Step, Upstream, eventually};

/// A cloud with prices, and a self-hosted server without.
async fn house() -> (Gateway, Upstream, Upstream) {
    let (openai, local) = (
        Upstream::start("openai", &["gpt-4o", "gpt-4o-mini"]).await,
        Upstream::start("local", &["m"]).await,
    );
    openai.always(shapes::CHAT, Answer::of(spends_its_cap));
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway.add(&self_hosted("vllm-local", &local)).await;
    (gateway, openai, local)
}

/// An honest model that uses every token it may: 20 in, and out what the cap says.
fn spends_its_cap(seen: &crate::support::Seen) -> Vec<Step> {
    let asked = seen.json();
    let cap = ["max_completion_tokens", "max_tokens"]
        .iter()
        .find_map(|name| asked[*name].as_u64())
        .unwrap_or(5);
    let mut answer = shapes::chat_answer("openai", &asked);
    answer["usage"] = json!({"prompt_tokens": 20, "completion_tokens": cap, "total_tokens": 20 + cap});
    Answer::json(200, &answer).play(seen)
}

/// A turn of at most that many tokens.
fn capped(model: &str, cap: u64) -> Value {
    let mut body = chat(model);
    body["max_tokens"] = cap.into();
    body
}

/// What gpt-4o costs: dollars per token in and out.
const INPUT: f64 = 2.5e-6;
const OUTPUT: f64 = 10e-6;

#[track_caller]
fn check_money(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("no amount: {found}"));
    assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
}

/// A refusal for money or for a rate, in the shape of the reference.
#[track_caller]
fn check_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (status, code),
        "{}",
        reply.text()
    );
    let retry_after = reply
        .header("retry-after")
        .map(|after| after.parse::<u64>().expect("seconds"));
    if status == 402 {
        // Money that calls under way only hold comes back, all of it or in part: that is worth another try.
        let held = reply.message().contains("held by calls under way");
        assert_eq!(reply.header("x-should-retry"), (!held).then_some("false"));
    } else {
        assert!(
            retry_after.is_some_and(|after| after > 0),
            "a 429 says when to come back"
        );
        let lasting = retry_after.is_some_and(|after| after > 60);
        assert_eq!(reply.header("x-should-retry"), lasting.then_some("false"));
    }
}

/// A disk that is slower than a call may wait: told as that, and not as a limit.
#[track_caller]
fn check_come_back(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (503, "unavailable"),
        "{}",
        reply.text()
    );
    assert!(reply.header("retry-after").is_some(), "{:?}", reply.headers);
}

#[tokio::test]
async fn a_budget_of_nothing_allows_what_costs_nothing() {
    let (gateway, openai, _local) = house().await;
    let budget = json!({"max_limit": 0, "reset_duration": "1d"});
    gateway
        .key(
            "vk-free",
            &json!({"budget": budget, "provider_configs": [{"provider": "vllm-local"}, {"provider": "openai"}]}),
        )
        .await;
    assert_eq!(gateway.ask("vk-free", "m").await.said(), "hello from local");
    let refused = gateway.ask("vk-free", "gpt-4o").await;
    check_refused(&refused, 402, "budget_exceeded");
    assert!(refused.message().contains("vk-free"), "{}", refused.text());
    assert_eq!(openai.asked(), 0);
}

#[tokio::test]
async fn a_budget_is_spent_to_its_end_and_not_beyond() {
    let (gateway, openai, _local) = house().await;
    gateway
        .key("vk", &json!({"budget": {"max_limit": 0.01, "reset_duration": "1d"}}))
        .await;
    let mut answered = 0;
    let refused = loop {
        let reply = gateway.ask_with("vk", &capped("gpt-4o", 100)).await;
        if reply.status != 200 {
            break reply;
        }
        answered += 1;
        assert!(answered < 100, "the budget never ends");
    };
    check_refused(&refused, 402, "budget_exceeded");
    assert!(answered >= 8, "{answered} calls of 0.00105 dollars fit into 0.01");
    let budget = gateway.shown("vk").await["budget"].clone();
    let used = budget["current_usage"].as_f64().unwrap();
    assert!(used > 0.008 && used <= 0.01, "{budget}");
    let billed: f64 = openai
        .seen(shapes::CHAT)
        .iter()
        .map(|seen| 20.0 * INPUT + seen.json()["max_tokens"].as_f64().expect("the cap is kept") * OUTPUT)
        .sum();
    check_money(&budget["current_usage"], billed);
}

#[tokio::test]
async fn many_calls_at_once_do_not_pass_a_budget() {
    let (gateway, openai, _local) = house().await;
    let gate = Gate::closed();
    openai.always(shapes::CHAT, Answer::of(spends_its_cap).after(&gate));
    gateway
        .key("vk", &json!({"budget": {"max_limit": 0.005, "reset_duration": "1d"}}))
        .await;
    let call = || {
        gateway
            .call(Method::POST, shapes::CHAT)
            .bearer("vk")
            .json(&capped("gpt-4o", 100))
    };
    let calls: Vec<_> = (0..30).map(|_| tokio::spawn(call().send())).collect();
    eventually("calls reach the upstream", || async {
        (openai.asked() > 0).then_some(())
    })
    .await;
    gate.open();
    let mut answered = 0;
    for call in calls {
        let reply = call.await.unwrap();
        match reply.status {
            200 => answered += 1,
            503 => check_come_back(&reply),
            _ => check_refused(&reply, 402, "budget_exceeded"),
        }
    }
    assert!(answered >= 1, "{answered}");
    let used = gateway.shown("vk").await["budget"]["current_usage"].as_f64().unwrap();
    assert!(used <= 0.005, "{used} of 0.005 dollars");
}

#[tokio::test]
async fn a_call_that_does_not_fit_is_cut_to_what_does() {
    let (gateway, openai, _local) = house().await;
    gateway
        .key("vk", &json!({"budget": {"max_limit": 0.01, "reset_duration": "1d"}}))
        .await;
    let reply = gateway.ask_with("vk", &capped("gpt-4o", 5000)).await.is(200);
    let clamped: u64 = reply
        .header("x-gateway-clamped")
        .expect("the cut is shown")
        .parse()
        .unwrap();
    assert!(
        (100..1000).contains(&clamped),
        "0.01 dollars are less than 1000 tokens: {clamped}"
    );
    assert_eq!(openai.last_chat().json()["max_tokens"], clamped);
    let whole = gateway.ask_with("vk2", &capped("gpt-4o", 50)).await;
    assert_ne!(whole.status, 200, "an unknown key has no budget to be cut to");
}

#[tokio::test]
async fn the_cost_of_a_call_is_told_and_booked() {
    let (gateway, _openai, _local) = house().await;
    gateway
        .key("vk", &json!({"budget": {"max_limit": 1, "reset_duration": "1M"}}))
        .await;
    let reply = gateway.ask_with("vk", &capped("gpt-4o", 100)).await.is(200);
    let cost = 20.0 * INPUT + 100.0 * OUTPUT;
    check_money(
        &json!(reply.header("x-gateway-cost").unwrap().parse::<f64>().unwrap()),
        cost,
    );
    check_money(&gateway.shown("vk").await["budget"]["current_usage"], cost);
    assert_eq!(
        gateway
            .ask("vk", "m")
            .await
            .header("x-gateway-cost")
            .map(str::parse::<f64>),
        Some(Ok(0.0))
    );
}

#[tokio::test]
async fn a_model_of_the_quick_start_that_catalogues_lack_has_its_price() {
    let anthropic = Upstream::start("claude", &["claude-3-5-haiku-20241022"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("anthropic", &anthropic)).await;
    let reply = gateway.ask("any", "anthropic/claude-3-5-haiku-20241022").await.is(200);
    check_money(
        &json!(reply.header("x-gateway-cost").unwrap().parse::<f64>().unwrap()),
        10.0 * 0.8e-6 + 5.0 * 4e-6,
    );
}

#[tokio::test]
async fn streams_are_billed_as_the_upstream_reports() {
    let (gateway, openai, _local) = house().await;
    openai.heals();
    gateway
        .key("vk", &json!({"budget": {"max_limit": 1, "reset_duration": "1d"}}))
        .await;
    let mut live = gateway
        .call(Method::POST, shapes::CHAT)
        .bearer("vk")
        .json(&chat_streamed("gpt-4o"))
        .open()
        .await;
    live.events().await;
    check_money(
        &gateway.shown("vk").await["budget"]["current_usage"],
        10.0 * INPUT + 5.0 * OUTPUT,
    );
}

#[tokio::test]
async fn a_client_that_leaves_pays_for_what_it_used_and_frees_the_rest() {
    let (gateway, openai, _local) = house().await;
    let mut events = shapes::chat_stream("openai", &chat_streamed("gpt-4o"));
    events.truncate(3);
    let steps = events.into_iter().map(Step::Send).chain([Step::Hang]).collect();
    openai.always(shapes::CHAT, Answer::stream(steps));
    gateway
        .key("vk", &json!({"budget": {"max_limit": 0.02, "reset_duration": "1d"}}))
        .await;
    let mut live = gateway
        .call(Method::POST, shapes::CHAT)
        .bearer("vk")
        .json(&chat_streamed("gpt-4o"))
        .open()
        .await;
    for _ in 0..3 {
        live.event().await.expect("the stream goes on");
    }
    drop(live);
    let used = eventually("the aborted stream is booked", || async {
        gateway.shown("vk").await["budget"]["current_usage"]
            .as_f64()
            .filter(|used| *used > 0.0)
    })
    .await;
    assert!(used < 0.005, "{used} dollars for a few tokens");
    openai.always(shapes::CHAT, Answer::of(spends_its_cap));
    let reply = gateway.ask_with("vk", &capped("gpt-4o", 1000)).await.is(200);
    assert_eq!(
        reply.header("x-gateway-clamped"),
        None,
        "what the stream had held is free again"
    );
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_only_where_money_counts() {
    let (gateway, openai, _local) = house().await;
    openai.lists(&["made-up-model"]);
    gateway
        .key(
            "vk-plain",
            &json!({"provider_configs": [{"provider": "openai", "allowed_models": ["made-up-model"]}]}),
        )
        .await;
    gateway.ask("vk-plain", "made-up-model").await.is(200);
    gateway
        .key(
            "vk-plain",
            &json!({"budget": {"max_limit": 100, "reset_duration": "1d"}}),
        )
        .await;
    check_refused(&gateway.ask("vk-plain", "made-up-model").await, 402, "price_unknown");
}

#[tokio::test]
async fn an_entry_whose_own_budget_is_spent_leaves_the_choice_to_the_others() {
    let (gateway, _openai, local) = house().await;
    local.lists(&["gpt-4o"]);
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [
            {"provider": "openai", "weight": 1, "allowed_models": ["gpt-4o"],
             "budget": {"max_limit": 0.003, "reset_duration": "1d"}},
            {"provider": "vllm-local", "weight": 0, "allowed_models": ["gpt-4o"]}]}),
        )
        .await;
    let mut said = Vec::new();
    for _ in 0..8 {
        said.push(gateway.ask_with("vk", &capped("gpt-4o", 100)).await.said());
    }
    assert_eq!(said.first().map(String::as_str), Some("hello from openai"));
    assert_eq!(said.last().map(String::as_str), Some("hello from local"), "{said:?}");
}

#[tokio::test]
async fn a_limit_on_requests_counts_what_it_lets_through() {
    let (gateway, _openai, local) = house().await;
    let limit = json!({"request_max_limit": 3, "request_reset_duration": "1h"});
    gateway
        .key(
            "vk-dev",
            &json!({"rate_limit": limit, "provider_configs": [{"provider": "vllm-local"}]}),
        )
        .await;
    for used in 1..=3 {
        gateway.ask("vk-dev", "m").await.is(200);
        assert_eq!(
            gateway.shown("vk-dev").await["rate_limit"]["request_current_usage"],
            used
        );
    }
    for _ in 0..2 {
        let refused = gateway.ask("vk-dev", "m").await;
        check_refused(&refused, 429, "request_limited");
        assert!(
            refused.message().contains("vk-dev") && refused.message().contains('3'),
            "{}",
            refused.text()
        );
    }
    assert_eq!(local.asked(), 3);
    assert_eq!(
        gateway.shown("vk-dev").await["rate_limit"]["request_current_usage"],
        3,
        "refused calls do not count"
    );
}

#[tokio::test]
async fn a_window_that_ends_lets_calls_through_again() {
    let (gateway, _openai, _local) = house().await;
    let limit = json!({"request_max_limit": 1, "request_reset_duration": "1s"});
    gateway
        .key(
            "vk",
            &json!({"rate_limit": limit, "provider_configs": [{"provider": "vllm-local"}]}),
        )
        .await;
    gateway.ask("vk", "m").await.is(200);
    eventually("the window ends", || async {
        (gateway.ask("vk", "m").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_limit_on_tokens_holds() {
    let (gateway, openai, _local) = house().await;
    let limit = json!({"token_max_limit": 1000, "token_reset_duration": "1h"});
    gateway.key("vk", &json!({"rate_limit": limit})).await;
    let mut answered = 0;
    let refused = loop {
        let reply = gateway.ask_with("vk", &capped("gpt-4o", 300)).await;
        if reply.status != 200 {
            break reply;
        }
        answered += 1;
        assert!(answered < 100, "the limit never ends");
    };
    check_refused(&refused, 429, "token_limited");
    assert!(answered >= 2, "{answered} calls of 320 tokens fit into 1000");
    let billed: u64 = openai
        .seen(shapes::CHAT)
        .iter()
        .map(|seen| 20 + seen.json()["max_tokens"].as_u64().unwrap())
        .sum();
    assert_eq!(gateway.shown("vk").await["rate_limit"]["token_current_usage"], billed);
    assert!(billed <= 1000, "{billed} tokens of 1000");
}

#[tokio::test]
async fn calls_at_the_same_time_can_be_limited() {
    let (gateway, _openai, local) = house().await;
    gateway
        .key(
            "vk",
            &json!({"rate_limit": {"max_in_flight": 2}, "provider_configs": [{"provider": "vllm-local"}]}),
        )
        .await;
    let gate = Gate::closed();
    local.always(shapes::CHAT, Answer::healthy("local").after(&gate));
    let calls: Vec<_> = (0..2).map(|_| tokio::spawn(gateway.chat("vk", "m").send())).collect();
    local.busy_with(2).await;
    for _ in 0..5 {
        assert_eq!(gateway.ask("vk", "m").await.status, 429);
    }
    gate.open();
    for call in calls {
        call.await.unwrap().is(200);
    }
    eventually("the places are free again", || async {
        (gateway.ask("vk", "m").await.status == 200).then_some(())
    })
    .await;
    assert_eq!(local.peak(), 2);
}

#[tokio::test]
async fn many_calls_at_once_do_not_pass_a_limit() {
    let (gateway, _openai, local) = house().await;
    let limit = json!({"request_max_limit": 10, "request_reset_duration": "1h"});
    gateway
        .key(
            "vk",
            &json!({"rate_limit": limit, "provider_configs": [{"provider": "vllm-local"}]}),
        )
        .await;
    let calls: Vec<_> = (0..50).map(|_| tokio::spawn(gateway.chat("vk", "m").send())).collect();
    let mut answered = 0;
    for call in calls {
        let reply = call.await.unwrap();
        match reply.status {
            200 => answered += 1,
            503 => check_come_back(&reply),
            _ => check_refused(&reply, 429, "request_limited"),
        }
    }
    // What a slow disk turned away in the rush still fits afterwards, and no more than that.
    loop {
        match gateway.ask("vk", "m").await.status {
            200 => answered += 1,
            503 => {}
            _ => break,
        }
    }
    assert_eq!((answered, local.asked()), (10, 10));
}

#[tokio::test]
async fn a_failover_counts_once() {
    let (gateway, openai, local) = house().await;
    local.fails_with(&Answer::error(500));
    gateway
        .key(
            "vk",
            &json!({
            "rate_limit": {"request_max_limit": 100, "request_reset_duration": "1h"},
            "budget": {"max_limit": 1, "reset_duration": "1d"},
            "provider_configs": [
                {"provider": "vllm-local", "weight": 1, "allowed_models": ["gpt-4o"]},
                {"provider": "openai", "weight": 0, "allowed_models": ["gpt-4o"]}]}),
        )
        .await;
    let reply = gateway.ask_with("vk", &capped("gpt-4o", 100)).await.is(200);
    assert_eq!(reply.header("x-gateway-attempts"), Some("2"));
    let shown = gateway.shown("vk").await;
    assert_eq!(shown["rate_limit"]["request_current_usage"], 1);
    check_money(&shown["budget"]["current_usage"], 20.0 * INPUT + 100.0 * OUTPUT);
    assert_eq!(openai.asked(), 1);
}

/// A key with limits on everything.
fn limited() -> Value {
    json!({
        "budget": {"max_limit": 1, "reset_duration": "1d"},
        "rate_limit": {"request_max_limit": 20, "request_reset_duration": "1d",
            "token_max_limit": 1_000_000, "token_reset_duration": "1d"},
    })
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let (mut gateway, _openai, _local) = house().await;
    gateway.key("vk", &limited()).await;
    for _ in 0..5 {
        gateway.ask_with("vk", &capped("gpt-4o", 100)).await.is(200);
    }
    let before = gateway.shown("vk").await;
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    let after = gateway.shown("vk").await;
    check_money(&after["budget"]["current_usage"], 5.0 * (20.0 * INPUT + 100.0 * OUTPUT));
    for pointer in [
        "/budget/current_usage",
        "/budget/last_reset",
        "/budget/max_limit",
        "/rate_limit/request_current_usage",
        "/rate_limit/token_current_usage",
        "/rate_limit/request_last_reset",
    ] {
        assert_eq!(after.pointer(pointer), before.pointer(pointer), "{pointer}");
    }
    for _ in 5..20 {
        gateway.ask_with("vk", &capped("gpt-4o", 1)).await.is(200);
    }
    check_refused(&gateway.ask("vk", "gpt-4o").await, 429, "request_limited");
}

#[tokio::test]
async fn a_crash_lets_nothing_pass_a_limit() {
    let (mut gateway, openai, _local) = house().await;
    gateway.key("vk", &limited()).await;
    let gate = Gate::closed();
    openai.always(shapes::CHAT, Answer::of(spends_its_cap).after(&gate));
    gate.pass(5);
    for _ in 0..5 {
        gateway.ask_with("vk", &capped("gpt-4o", 100)).await.is(200);
    }
    let under_way: Vec<_> = (0..3)
        .map(|_| {
            tokio::spawn(
                gateway
                    .call(Method::POST, shapes::CHAT)
                    .bearer("vk")
                    .json(&capped("gpt-4o", 100))
                    .try_sent(),
            )
        })
        .collect();
    openai.busy_with(3).await;
    gateway.kill();
    for call in under_way {
        assert!(!call.await.unwrap(), "nobody is there to answer");
    }
    gate.open();
    let gateway = gateway.again().start().await;
    let shown = gateway.shown("vk").await;
    let used = shown["budget"]["current_usage"].as_f64().unwrap();
    let answered = 5.0 * (20.0 * INPUT + 100.0 * OUTPUT);
    assert!(
        used >= answered - 1e-12,
        "what was answered is not forgotten: {used} < {answered}"
    );
    assert!(
        shown["rate_limit"]["request_current_usage"].as_u64().unwrap() >= 5,
        "{shown}"
    );
    let mut passed = 5;
    while gateway.ask_with("vk", &capped("gpt-4o", 1)).await.status == 200 {
        passed += 1;
        assert!(passed <= 20, "more calls than the limit");
    }
    assert!(passed <= 20, "{passed}");
}
