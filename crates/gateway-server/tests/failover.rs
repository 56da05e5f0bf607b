//! A bad upstream, as a client does not see it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, self_hosted};
use crate::support::shapes::{self, chat, chat_streamed};
use crate::support::{Answer, Gateway, Reply, Step, Upstream, eventually};

const LLAMA: &str = "meta-llama/Llama-3-8B-Instruct";

/// `vk-hybrid` of the quick start: a self-hosted server first, a cloud behind it.
struct Hybrid {
    gateway: Gateway,
    vllm: Upstream,
    openai: Upstream,
}

async fn hybrid() -> Hybrid {
    let (vllm, openai) = (
        Upstream::start("vllm", &[LLAMA]).await,
        Upstream::start("openai", &["gpt-4o-mini"]).await,
    );
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("vllm-local", &vllm);
    settings["network_config"]["default_request_timeout_in_seconds"] = 1.into();
    gateway.add(&settings).await;
    gateway.add(&cloud("openai", &openai)).await;
    gateway
        .key(
            "vk-hybrid",
            &json!({"provider_configs": [
            {"provider": "vllm-local", "weight": 0.9, "allowed_models": [LLAMA]},
            {"provider": "openai", "weight": 0.1, "model_aliases": {"*": "gpt-4o-mini"}}]}),
        )
        .await;
    Hybrid { gateway, vllm, openai }
}

impl Hybrid {
    /// Asks until a call began at the self-hosted server and had to go on: with weights of 0.9 to 0.1 some do not.
    async fn failed_over(&self, body: &Value) -> Reply {
        for _ in 0..100 {
            let reply = self.gateway.ask_with("vk-hybrid", body).await;
            if reply
                .header("x-gateway-attempts")
                .is_some_and(|attempts| attempts != "1")
            {
                return reply;
            }
        }
        panic!("no call began at the self-hosted server");
    }
}

/// That fault of the self-hosted server is invisible: every call is answered, and those that met it by the cloud.
async fn check_invisible(answer: Answer) {
    let hybrid = hybrid().await;
    hybrid.vllm.fails_with(&answer);
    let reply = hybrid.failed_over(&chat(LLAMA)).await;
    assert_eq!(reply.said(), "hello from openai");
    assert_eq!(reply.header("x-gateway-provider"), Some("openai"));
    assert_eq!(reply.header("x-gateway-model"), Some("gpt-4o-mini"));
    assert_eq!(reply.header("x-gateway-attempts"), Some("2"));
    assert_eq!(hybrid.openai.last_chat().json()["model"], "gpt-4o-mini");
    let tried = hybrid.vllm.seen(shapes::CHAT).len();
    assert!(tried >= 1, "the fault was met");
}

#[tokio::test]
async fn an_upstream_that_answers_500_is_invisible() {
    check_invisible(Answer::error(500)).await;
}

#[tokio::test]
async fn an_upstream_that_answers_503_with_no_json_is_invisible() {
    check_invisible(Answer::steps(vec![Step::Send(
        "HTTP/1.1 503 Busy\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>Busy</h1>".into(),
    )]))
    .await;
}

#[tokio::test]
async fn an_upstream_that_answers_429_is_invisible() {
    check_invisible(Answer::error(429)).await;
}

#[tokio::test]
async fn an_upstream_that_hangs_past_its_timeout_is_invisible() {
    check_invisible(Answer::hang()).await;
}

#[tokio::test]
async fn an_upstream_that_hangs_up_is_invisible() {
    check_invisible(Answer::hang_up()).await;
}

#[tokio::test]
async fn an_upstream_that_speaks_no_http_is_invisible() {
    check_invisible(Answer::steps(vec![
        Step::Send("SSH-2.0-OpenSSH_9.2\r\n".into()),
        Step::Close,
    ]))
    .await;
}

#[tokio::test]
async fn an_upstream_that_breaks_off_in_its_answer_is_invisible() {
    check_invisible(Answer::healthy("vllm").cut_at(160)).await;
}

#[tokio::test]
async fn an_upstream_that_answers_garbage_with_200_is_invisible() {
    check_invisible(Answer::steps(vec![Step::Send(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<html>oh</html>".into(),
    )]))
    .await;
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_invisible() {
    let mut hybrid = hybrid().await;
    hybrid.vllm.refuse().await;
    let reply = hybrid.failed_over(&chat(LLAMA)).await;
    assert_eq!(reply.said(), "hello from openai");
}

#[tokio::test]
async fn a_model_that_is_gone_is_served_by_the_next() {
    check_invisible(Answer::json(
        404,
        &json!({"error": {"message": "The model does not exist",
        "type": "NotFoundError", "param": "model", "code": "model_not_found"}}),
    ))
    .await;
}

#[tokio::test]
async fn a_stream_that_breaks_before_its_first_event_is_invisible() {
    for begun in [vec![], vec![Step::Send(": a comment, no event\n\n".into())]] {
        let hybrid = hybrid().await;
        let steps = begun.into_iter().chain([Step::Close]).collect();
        hybrid.vllm.fails_with(&Answer::stream(steps));
        let reply = hybrid.failed_over(&chat_streamed(LLAMA)).await.is(200);
        let text = reply.text();
        assert!(text.contains("openai") && text.ends_with("data: [DONE]\n\n"), "{text}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_after_its_first_event_ends_marked() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    let events: Vec<Step> = shapes::chat_stream("here", &chat_streamed("m"))
        .into_iter()
        .take(2)
        .map(Step::Send)
        .chain([Step::Close])
        .collect();
    upstream.always(shapes::CHAT, Answer::stream(events));
    let mut live = gateway
        .call(Method::POST, shapes::CHAT)
        .json(&chat_streamed("mine/m"))
        .open()
        .await;
    let mut text = String::new();
    while let Some(Ok(bytes)) = live.chunk().await {
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(text.contains("hello "), "what came is passed on: {text}");
    assert!(text.contains("\"error\""), "a cut stream must not look whole: {text}");
}

#[tokio::test]
async fn a_stream_that_falls_silent_ends_marked() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["network_config"]["stream_idle_timeout_in_seconds"] = 1.into();
    gateway.add(&settings).await;
    upstream.always(shapes::CHAT, Answer::stream_that_hangs("here"));
    let body = chat_streamed("mine/m");
    let mut live = gateway.call(Method::POST, shapes::CHAT).json(&body).open().await;
    let mut text = String::new();
    while let Some(Ok(bytes)) = live.chunk().await {
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(text.contains("hello ") && text.contains("\"error\""), "{text}");
    eventually("the upstream is let go", || async {
        upstream.last_chat().left().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_request_may_name_its_own_fallbacks() {
    let hybrid = hybrid().await;
    hybrid.vllm.fails_with(&Answer::error(500));
    let mut body = chat(&format!("vllm-local/{LLAMA}"));
    let alone = hybrid.gateway.ask_with("vk-hybrid", &body).await;
    assert_eq!(
        alone.status,
        500,
        "a prefix has no automatic fallback: {}",
        alone.text()
    );
    body["fallbacks"] = json!(["openai/gpt-4o-mini"]);
    let reply = hybrid.gateway.ask_with("vk-hybrid", &body).await;
    assert_eq!(reply.said(), "hello from openai");
    assert!(
        hybrid.openai.last_chat().json().get("fallbacks").is_none(),
        "the field is the gateway's own"
    );
}

#[tokio::test]
async fn a_model_that_nobody_serves_is_what_fallbacks_are_for() {
    let hybrid = hybrid().await;
    let mut body = chat("no-such-model");
    assert_eq!(hybrid.gateway.ask_with("vk-any", &body).await.status, 401);
    hybrid.gateway.key("vk-any", &json!({})).await;
    assert_eq!(hybrid.gateway.ask_with("vk-any", &body).await.status, 404);
    body["fallbacks"] = json!(["nor-this-one", "openai/gpt-4o-mini"]);
    assert_eq!(
        hybrid.gateway.ask_with("vk-any", &body).await.said(),
        "hello from openai"
    );
}

#[tokio::test]
async fn fallbacks_never_lead_out_of_what_the_key_allows() {
    let hybrid = hybrid().await;
    hybrid
        .gateway
        .key("vk-home", &json!({"provider_configs": [{"provider": "vllm-local"}]}))
        .await;
    hybrid.vllm.fails_with(&Answer::error(500));
    let mut body = chat(LLAMA);
    body["fallbacks"] = json!(["openai/gpt-4o-mini"]);
    assert_eq!(hybrid.gateway.ask_with("vk-home", &body).await.status, 500);
    assert_eq!(hybrid.openai.asked(), 0, "data that must stay home stays home");
}

#[tokio::test]
async fn a_weight_of_zero_is_only_a_fallback() {
    let hybrid = hybrid().await;
    hybrid
        .gateway
        .key(
            "vk-sensitive",
            &json!({"provider_configs": [
            {"provider": "vllm-local", "weight": 1.0, "allowed_models": [LLAMA]},
            {"provider": "openai", "weight": 0.0, "model_aliases": {"*": "gpt-4o-mini"}}]}),
        )
        .await;
    for _ in 0..20 {
        assert_eq!(
            hybrid.gateway.ask("vk-sensitive", LLAMA).await.said(),
            "hello from vllm"
        );
    }
    hybrid.vllm.fails_with(&Answer::error(502));
    assert_eq!(
        hybrid.gateway.ask("vk-sensitive", LLAMA).await.said(),
        "hello from openai"
    );
}

/// One provider with these keys, by name and weight.
async fn keyed(keys: &[(&str, f64)]) -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    let keys: Vec<Value> = keys
        .iter()
        .map(|(name, weight)| json!({"name": name, "value": format!("sk-{name}"), "weight": weight}))
        .collect();
    settings["keys"] = keys.into();
    gateway.add(&settings).await;
    (gateway, upstream)
}

/// How often each key was used for a chat turn.
fn used(upstream: &Upstream, key: &str) -> usize {
    let bearer = format!("Bearer sk-{key}");
    upstream
        .seen(shapes::CHAT)
        .iter()
        .filter(|seen| seen.header("authorization") == Some(&bearer))
        .count()
}

#[tokio::test]
async fn keys_of_one_provider_share_its_traffic_by_weight() {
    let (gateway, upstream) = keyed(&[("one", 0.75), ("two", 0.25)]).await;
    for _ in 0..200 {
        gateway.ask("any", "mine/m").await.is(200);
    }
    let one = used(&upstream, "one");
    assert!((120..=180).contains(&one), "{one} of 200, expected 150");
    assert_eq!(used(&upstream, "two"), 200 - one);
}

#[tokio::test]
async fn a_key_that_the_upstream_refuses_is_replaced_by_another() {
    for status in [401, 403, 429] {
        let (gateway, upstream) = keyed(&[("bad", 1.0), ("good", 1.0)]).await;
        upstream.always(
            shapes::CHAT,
            Answer::of(move |seen| {
                let bad = seen.header("authorization") == Some("Bearer sk-bad");
                if bad {
                    Answer::error(status).play(seen)
                } else {
                    Answer::healthy("here").play(seen)
                }
            }),
        );
        for _ in 0..20 {
            assert_eq!(gateway.ask("any", "mine/m").await.said(), "hello from here", "{status}");
        }
        let bad = used(&upstream, "bad");
        assert!(
            (1..10).contains(&bad),
            "{status}: a bad key was tried {bad} times in 20 calls"
        );
    }
}

#[tokio::test]
async fn a_wrong_request_is_told_and_not_multiplied() {
    for status in [400, 422] {
        let hybrid = hybrid().await;
        hybrid.vllm.fails_with(&Answer::error(status));
        hybrid.openai.fails_with(&Answer::error(status));
        let reply = hybrid.gateway.ask("vk-hybrid", LLAMA).await.is(status);
        assert!(
            reply.message().contains(&format!("told to answer {status}")),
            "{}",
            reply.text()
        );
        assert_eq!(reply.header("x-gateway-attempts"), Some("1"));
        assert_eq!(hybrid.vllm.asked() + hybrid.openai.asked(), 1);
    }
}

#[tokio::test]
async fn when_nobody_can_answer_the_last_upstream_is_quoted() {
    let mut hybrid = hybrid().await;
    hybrid.vllm.refuse().await;
    hybrid.openai.fails_with(&Answer::error(503));
    let reply = hybrid.failed_over(&chat(LLAMA)).await;
    assert!([502, 503].contains(&reply.status), "{}", reply.text());
    reply.code();
    assert_eq!(reply.header("x-gateway-attempts"), Some("2"));
    let row = eventually("the call is logged", || async {
        hybrid.gateway.logs("limit=1").await["logs"][0].as_object().cloned()
    })
    .await;
    let tried: BTreeSet<&str> = row["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|attempt| attempt["provider"].as_str())
        .collect();
    assert_eq!(tried, BTreeSet::from(["openai", "vllm-local"]));
}

#[tokio::test]
async fn an_upstream_that_only_hangs_ends_in_504_and_one_that_is_not_there_in_502() {
    let mut upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["network_config"]["default_request_timeout_in_seconds"] = 1.into();
    gateway.add(&settings).await;
    upstream.always(shapes::CHAT, Answer::hang());
    assert_eq!(gateway.ask("any", "mine/m").await.is(504).code(), "request_timed_out");
    upstream.refuse().await;
    assert_eq!(gateway.ask("any", "mine/m").await.is(502).code(), "upstream_error");
}

#[tokio::test]
async fn retries_are_made_where_the_provider_asks_for_them() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["network_config"]["max_retries"] = 2.into();
    settings["network_config"]["retry_backoff_initial"] = 1.into();
    settings["network_config"]["retry_backoff_max"] = 5.into();
    gateway.add(&settings).await;
    for _ in 0..2 {
        upstream.once(shapes::CHAT, Answer::error(500));
    }
    let reply = gateway.ask("any", "mine/m").await;
    assert_eq!(reply.said(), "hello from here");
    assert_eq!(reply.header("x-gateway-attempts"), Some("3"));
    for _ in 0..3 {
        upstream.once(shapes::CHAT, Answer::error(500));
    }
    assert_eq!(
        gateway.ask("any", "mine/m").await.is(500).header("x-gateway-attempts"),
        Some("3")
    );
}

#[tokio::test]
async fn a_retry_waits_as_long_as_the_upstream_says() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    let mut settings = self_hosted("mine", &upstream);
    settings["network_config"]["max_retries"] = 1.into();
    settings["network_config"]["retry_backoff_initial"] = 1.into();
    gateway.add(&settings).await;
    for status in [429, 503] {
        let later = Answer::with_headers(status, &[("retry-after", "1")], &shapes::error(status));
        upstream.once(shapes::CHAT, later);
        let begun = Instant::now();
        assert_eq!(gateway.ask("any", "mine/m").await.said(), "hello from here");
        assert!(
            begun.elapsed() >= Duration::from_millis(900),
            "after {status}, Retry-After is a lower bound"
        );
    }
}

#[tokio::test]
async fn one_request_makes_no_more_attempts_than_its_budget() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    for index in 0..12 {
        let mut settings = self_hosted(&format!("p{index}"), &upstream);
        settings["network_config"]["max_retries"] = 3.into();
        settings["network_config"]["retry_backoff_initial"] = 1.into();
        settings["network_config"]["retry_backoff_max"] = 1.into();
        gateway.add(&settings).await;
    }
    upstream.fails_with(&Answer::error(500));
    let mut body = chat("m");
    body["fallbacks"] = json!(["p0/m", "p1/m", "m", "p0/m"]);
    let reply = gateway.ask_with("any", &body).await.is(500);
    let attempts: usize = reply.header("x-gateway-attempts").unwrap().parse().unwrap();
    assert_eq!(upstream.asked(), attempts);
    assert!((2..=10).contains(&attempts), "{attempts} attempts");
}

#[tokio::test]
async fn a_dead_upstream_is_out_of_the_picks_until_it_heals() {
    let (dead, alive) = (
        Upstream::start("dead", &["m"]).await,
        Upstream::start("alive", &["m"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("dead", &dead)).await;
    gateway.add(&self_hosted("alive", &alive)).await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "dead", "weight": 50}, {"provider": "alive"}]}),
        )
        .await;
    dead.fails_with(&Answer::error(503));
    for _ in 0..60 {
        assert_eq!(gateway.ask("vk", "m").await.said(), "hello from alive");
    }
    let tried = dead.asked();
    assert!(
        (1..=10).contains(&tried),
        "a dead upstream was tried {tried} times in 60 calls"
    );
    dead.heals();
    eventually("a probe finds it healed", || async {
        (gateway.ask("vk", "m").await.said() == "hello from dead").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_dead_upstream_costs_each_call_under_way_one_attempt_at_the_most() {
    let (dead, alive) = (
        Upstream::start("dead", &["m"]).await,
        Upstream::start("alive", &["m"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("dead", &dead)).await;
    gateway.add(&self_hosted("alive", &alive)).await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "dead", "weight": 50}, {"provider": "alive"}]}),
        )
        .await;
    dead.fails_with(&Answer::hang_up());
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(gateway.chat("vk", "m").send())).collect();
    for call in calls {
        let reply = call.await.unwrap();
        assert_eq!(reply.said(), "hello from alive");
        let attempts: u32 = reply.header("x-gateway-attempts").unwrap().parse().unwrap();
        assert!(attempts <= 2, "{attempts} attempts");
    }
    let tried = dead.asked();
    for _ in 0..20 {
        gateway.ask("vk", "m").await.is(200);
    }
    assert!(
        dead.asked() <= tried + 3,
        "{} more after it was known dead",
        dead.asked() - tried
    );
}

#[tokio::test]
async fn the_last_candidate_is_never_refused() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    upstream.fails_with(&Answer::error(500));
    for _ in 0..20 {
        assert_eq!(gateway.ask("any", "mine/m").await.status, 500);
    }
    assert_eq!(
        upstream.asked(),
        20,
        "with nobody else to ask, the breaker lets calls through"
    );
    upstream.heals();
    assert_eq!(gateway.ask("any", "mine/m").await.said(), "hello from here");
}

#[tokio::test]
async fn a_provider_that_moves_starts_afresh() {
    let (dead, alive) = (
        Upstream::start("dead", &["m"]).await,
        Upstream::start("alive", &["m"]).await,
    );
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("moving", &dead)).await;
    gateway.add(&self_hosted("alive", &alive)).await;
    gateway
        .key(
            "vk",
            &json!({"provider_configs": [{"provider": "moving", "weight": 1000}, {"provider": "alive"}]}),
        )
        .await;
    dead.fails_with(&Answer::error(503));
    for _ in 0..20 {
        assert_eq!(gateway.ask("vk", "m").await.said(), "hello from alive");
    }
    let moved = Upstream::start("moved", &["m"]).await;
    gateway
        .put("/api/providers/moving", &self_hosted("moving", &moved))
        .await
        .is(200);
    let said: Vec<String> = [gateway.ask("vk", "m").await.said(), gateway.ask("vk", "m").await.said()].into();
    assert!(
        said.iter().any(|said| said == "hello from moved"),
        "its past is another server's: {said:?}"
    );
}
