//! Responses over a provider that knows only chat: what the provider does not keep, the gateway does.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::self_hosted;
use crate::support::shapes;
use crate::support::{Gateway, Reply, Upstream, eventually};

async fn one() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("mine", &upstream)).await;
    for key in ["vk-one", "vk-two"] {
        gateway
            .key(key, &json!({"provider_configs": [{"provider": "mine"}]}))
            .await;
    }
    (gateway, upstream)
}

async fn respond(gateway: &Gateway, key: &str, body: &Value) -> Reply {
    let call = gateway.call(Method::POST, "/v1/responses").bearer(key).json(body);
    call.send().await
}

async fn get(gateway: &Gateway, key: &str, path: &str) -> Reply {
    gateway.call(Method::GET, path).bearer(key).send().await
}

fn id(reply: &Reply) -> String {
    reply.json()["id"].as_str().expect("a response has an id").to_owned()
}

/// Who said what in the last chat that the upstream was asked to go on with.
fn roles(upstream: &Upstream) -> Vec<String> {
    let asked = upstream.last_chat().json();
    let messages = asked["messages"].as_array().expect("a chat has messages");
    messages
        .iter()
        .filter_map(|message| message["role"].as_str())
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_turn_goes_on_from_an_earlier_one_that_only_the_gateway_has() {
    let (mut gateway, upstream) = one().await;
    let first = respond(&gateway, "vk-one", &json!({"model": "m", "input": "one"}))
        .await
        .is(200);
    assert_eq!(first.json()["object"], "response");
    let second = json!({"model": "m", "input": "two", "previous_response_id": id(&first)});
    let second = respond(&gateway, "vk-one", &second).await.is(200);
    assert_eq!(roles(&upstream), ["user", "assistant", "user"]);
    assert_eq!(second.json()["previous_response_id"], id(&first).as_str());

    gateway.stop().await;
    let gateway = gateway.again().start().await;
    let third = json!({"model": "m", "input": "three", "previous_response_id": id(&second)});
    respond(&gateway, "vk-one", &third).await.is(200);
    assert_eq!(roles(&upstream), ["user", "assistant", "user", "assistant", "user"]);
}

#[tokio::test]
async fn a_streamed_turn_is_kept_as_well() {
    let (gateway, upstream) = one().await;
    let body = json!({"model": "m", "input": "one", "stream": true});
    let mut live = gateway
        .call(Method::POST, "/v1/responses")
        .bearer("vk-one")
        .json(&body)
        .open()
        .await;
    let events = live.events().await;
    let last: Value = serde_json::from_str(events.last().expect("a stream has events")).unwrap();
    assert_eq!(last["type"], "response.completed", "{last}");
    let previous = last["response"]["id"].as_str().unwrap();
    let next = json!({"model": "m", "input": "two", "previous_response_id": previous});
    respond(&gateway, "vk-one", &next).await.is(200);
    assert_eq!(roles(&upstream), ["user", "assistant", "user"]);
}

#[tokio::test]
async fn a_response_is_shown_and_taken_away_by_its_owner_alone() {
    let (gateway, upstream) = one().await;
    let made = respond(&gateway, "vk-one", &json!({"model": "m", "input": "one"}))
        .await
        .is(200);
    let path = format!("/v1/responses/{}", id(&made));
    let asked = upstream.asked();
    assert_eq!(get(&gateway, "vk-one", &path).await.is(200).json(), made.json());
    let items = get(&gateway, "vk-one", &format!("{path}/input_items"))
        .await
        .is(200)
        .json();
    assert_eq!(items["data"][0]["content"], "one", "{items}");
    get(&gateway, "vk-two", &path).await.is(404);
    let theirs = json!({"model": "m", "input": "two", "previous_response_id": id(&made)});
    let refused = respond(&gateway, "vk-two", &theirs).await.is(404);
    assert_eq!(refused.json()["error"]["param"], "previous_response_id");
    let cancel = gateway
        .call(Method::POST, &format!("{path}/cancel"))
        .bearer("vk-one")
        .json(&json!({}));
    cancel.send().await.is(400);
    assert_eq!(upstream.asked(), asked, "none of that is the provider's matter");
    let gone = gateway
        .call(Method::DELETE, &path)
        .bearer("vk-one")
        .send()
        .await
        .is(200);
    assert_eq!(gone.json()["deleted"], true);
    get(&gateway, "vk-one", &path).await.is(404);
}

#[tokio::test]
async fn what_shall_not_be_stored_is_not() {
    let (gateway, _upstream) = one().await;
    let made = respond(
        &gateway,
        "vk-one",
        &json!({"model": "m", "input": "one", "store": false}),
    )
    .await
    .is(200);
    get(&gateway, "vk-one", &format!("/v1/responses/{}", id(&made)))
        .await
        .is(404);
    gateway
        .put("/api/config", &json!({"client_config": {"keep_responses": false}}))
        .await
        .is(200);
    let made = respond(&gateway, "vk-one", &json!({"model": "m", "input": "one"}))
        .await
        .is(200);
    get(&gateway, "vk-one", &format!("/v1/responses/{}", id(&made)))
        .await
        .is(404);
}

#[tokio::test]
async fn input_tokens_are_told_by_an_estimate_where_nobody_counts() {
    let (gateway, upstream) = one().await;
    let body = json!({"model": "m", "input": "how long is this?"});
    let counted = gateway
        .call(Method::POST, "/v1/responses/input_tokens")
        .bearer("vk-one")
        .json(&body);
    let counted = counted.send().await.is(200);
    assert!(
        counted.json()["input_tokens"].as_u64().is_some_and(|tokens| tokens > 0),
        "{}",
        counted.text()
    );
    assert!(
        counted
            .header("x-gateway-translation")
            .is_some_and(|said| said.contains("input_tokens"))
    );
    let messages = json!({"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "how long?"}]});
    let counted = gateway
        .call(Method::POST, "/anthropic/v1/messages/count_tokens")
        .bearer("vk-one")
        .json(&messages);
    assert!(
        counted.send().await.is(200).json()["input_tokens"]
            .as_u64()
            .is_some_and(|tokens| tokens > 0)
    );
    assert!(upstream.seen(shapes::CHAT).is_empty());
}

#[tokio::test]
async fn a_strict_caller_is_told_what_cannot_be_said() {
    let (gateway, upstream) = one().await;
    let body = json!({"model": "m", "input": "one", "tools": [{"type": "web_search"}]});
    let strict = |body: &Value| gateway.call(Method::POST, "/v1/responses").bearer("vk-one").json(body);
    let refused = strict(&body).header("x-gateway-strict", "true").send().await.is(400);
    assert!(refused.message().contains("tools[0]"), "{}", refused.text());
    assert!(upstream.seen(shapes::CHAT).is_empty());
    let told = strict(&body).send().await.is(200);
    let said = told.header("x-gateway-translation").unwrap_or_default();
    assert!(said.contains("tools[0]=dropped"), "{said}");
    let settings = json!({"provider_configs": [{"provider": "mine"}], "strict_translation": true});
    gateway.key("vk-one", &settings).await;
    strict(&body).send().await.is(400);
    strict(&body).header("x-gateway-strict", "false").send().await.is(200);
    eventually("the whole report is in the log", || async {
        let rows = gateway.logs("limit=1").await;
        rows.to_string().contains("tools[0]").then_some(())
    })
    .await;
}
