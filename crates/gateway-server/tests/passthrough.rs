//! A provider's own API behind a prefix: who may use it, what goes there, and what it may cost.

use http::Method;
use serde_json::json;

use crate::support::settings::{cloud, self_hosted};
use crate::support::{Answer, Gateway, Upstream};

/// A gateway whose provider `openai` is that upstream.
async fn openai() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["gpt-4o"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &upstream)).await;
    (gateway, upstream)
}

#[tokio::test]
async fn what_the_gateway_does_not_know_goes_through_as_it_is() {
    let (gateway, upstream) = openai().await;
    let path = "/v1/fine_tuning/jobs?limit=2";
    upstream.always(
        path,
        Answer::json(200, &json!({"object": "list", "data": [], "odd": 1.50})),
    );
    let call = gateway.call(Method::GET, "/openai_passthrough/v1/fine_tuning/jobs?limit=2&key=mine");
    let reply = call.bearer("anything").send().await.is(200);
    assert_eq!(reply.json()["odd"], 1.5);
    assert_eq!(reply.header("x-gateway-provider"), Some("openai"));
    let seen = upstream.seen(path).pop().unwrap();
    assert_eq!(
        seen.header("authorization"),
        Some("Bearer sk-openai-0123456789abcdef"),
        "the provider's key is put in"
    );
    assert!(
        !format!("{seen:?}").contains("mine"),
        "the client's credential stays here"
    );
}

#[tokio::test]
async fn an_error_of_the_providers_own_comes_back_as_it_is() {
    let (gateway, upstream) = openai().await;
    let body =
        json!({"error": {"message": "no such job", "type": "invalid_request_error", "param": null, "code": "nope"}});
    upstream.always("/v1/fine_tuning/jobs/x", Answer::json(404, &body));
    let call = gateway.call(Method::GET, "/openai_passthrough/v1/fine_tuning/jobs/x");
    assert_eq!(call.send().await.is(404).json(), body);
}

#[tokio::test]
async fn a_virtual_key_must_allow_it() {
    let (gateway, upstream) = openai().await;
    upstream.always("/v1/anything", Answer::json(200, &json!({})));
    let entries = json!([{"provider": "openai"}]);
    gateway.key("vk-shut", &json!({"provider_configs": entries})).await;
    gateway
        .key(
            "vk-open",
            &json!({"provider_configs": entries, "allow_passthrough": true}),
        )
        .await;
    gateway
        .key("vk-else", &json!({"provider_configs": [], "allow_passthrough": true}))
        .await;
    let ask = |key: &'static str, path: &'static str| gateway.call(Method::GET, path).bearer(key).send();
    let refused = ask("vk-shut", "/openai_passthrough/v1/anything").await.is(403);
    assert!(refused.message().contains("allow_passthrough"), "{}", refused.text());
    ask("vk-open", "/openai_passthrough/v1/anything").await.is(200);
    ask("vk-else", "/openai_passthrough/v1/anything").await.is(200);
    ask("vk-open", "/anthropic_passthrough/v1/anything").await.is(404);
}

#[tokio::test]
async fn a_call_that_can_be_read_is_booked_and_one_that_cannot_is_refused_under_a_budget() {
    let (gateway, upstream) = openai().await;
    upstream.always("/v1/anything", Answer::json(200, &json!({})));
    let budget = json!({"max_limit": 5.0, "reset_duration": "1d"});
    let settings = json!({"provider_configs": [{"provider": "openai"}], "allow_passthrough": true, "budget": budget});
    gateway.key("vk-paid", &settings).await;
    let post = |path: &'static str| {
        let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]});
        gateway.call(Method::POST, path).bearer("vk-paid").json(&body).send()
    };
    let refused = post("/openai_passthrough/v1/anything").await.is(402);
    assert_eq!(refused.code(), "price_unknown");
    post("/openai_passthrough/v1/chat/completions").await.is(200);
    let spent = gateway.shown("vk-paid").await["budget"]["current_usage"].clone();
    assert!(spent.as_f64().is_some_and(|spent| spent > 0.0), "{spent}");
    let read = gateway.call(Method::GET, "/openai_passthrough/v1/anything");
    read.bearer("vk-paid").send().await.is(200);
}

#[tokio::test]
async fn neither_an_allow_list_nor_a_block_list_is_passed_by() {
    let (gateway, upstream) = openai().await;
    upstream.always("/v1/anything", Answer::json(200, &json!({})));
    let lists = [
        ("vk-few", json!({"provider": "openai", "allowed_models": ["gpt-4o"]})),
        (
            "vk-most",
            json!({"provider": "openai", "blacklisted_models": ["gpt-5*"]}),
        ),
    ];
    for (key, entry) in lists {
        let settings = json!({"provider_configs": [entry], "allow_passthrough": true});
        gateway.key(key, &settings).await;
        let post = |path: &'static str, model: &'static str| {
            let body = json!({"model": model, "messages": []});
            gateway.call(Method::POST, path).bearer(key).json(&body).send()
        };
        post("/openai_passthrough/v1/anything", "gpt-4o").await.is(403);
        post("/openai_passthrough/v1/chat/completions", "gpt-5").await.is(403);
        post("/openai_passthrough/v1/chat/completions", "gpt-4o").await.is(200);
    }
}

#[tokio::test]
async fn the_vendor_is_meant_where_it_is_configured() {
    let (gateway, _vendor) = openai().await;
    let other = Upstream::start("other", &["m"]).await;
    gateway.add(&self_hosted("another", &other)).await;
    other.always("/v1/anything", Answer::json(200, &json!({})));
    gateway
        .call(Method::GET, "/openai_passthrough/v1/anything")
        .send()
        .await
        .is(404);
    assert!(other.seen("/v1/anything").is_empty());
}
