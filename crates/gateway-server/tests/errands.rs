//! Files and batches: they are found again by their ids, at the provider that has them, by whoever made them.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::cloud;
use crate::support::{Answer, Gateway, Reply, Step, Upstream, eventually};

const FORM: &str = "--edge\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nPURPOSE\r\n--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\ncontent-type: application/jsonl\r\n\r\n{}\r\n--edge--\r\n";

/// A gateway whose provider `openai` keeps one file, `file-1`.
async fn keeper() -> (Gateway, Upstream) {
    let upstream = Upstream::start("here", &["gpt-4o"]).await;
    let file = json!({"id": "file-1", "object": "file", "purpose": "batch", "bytes": 2});
    upstream.always("/v1/files", Answer::json(200, &file));
    upstream.always("/v1/files/file-1", Answer::json(200, &file));
    upstream.always("/v1/files/file-1/content", Answer::json(200, &json!({"inside": true})));
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &upstream)).await;
    for key in ["vk-one", "vk-two"] {
        gateway
            .key(key, &json!({"provider_configs": [{"provider": "openai"}]}))
            .await;
    }
    (gateway, upstream)
}

async fn upload(gateway: &Gateway, key: &str) -> Reply {
    let form = FORM.replace("PURPOSE", "assistants");
    gateway
        .call(Method::POST, "/v1/files")
        .bearer(key)
        .form(&form)
        .send()
        .await
}

async fn get(gateway: &Gateway, key: &str, path: &str) -> Reply {
    gateway.call(Method::GET, path).bearer(key).send().await
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list["data"].as_array().expect("a list has data");
    items.iter().filter_map(|item| item["id"].as_str()).collect()
}

#[tokio::test]
async fn a_file_goes_up_as_it_is_and_is_found_by_its_owner_alone() {
    let (gateway, upstream) = keeper().await;
    let made = upload(&gateway, "vk-one").await.is(200);
    assert_eq!(made.json()["id"], "file-1");
    let seen = upstream.seen("/v1/files").pop().unwrap();
    assert_eq!(
        seen.text(),
        FORM.replace("PURPOSE", "assistants"),
        "not a byte of the form is changed"
    );
    assert_eq!(seen.header("content-type"), Some("multipart/form-data; boundary=edge"));

    get(&gateway, "vk-one", "/v1/files/file-1").await.is(200);
    let content = get(&gateway, "vk-one", "/openai/files/file-1/content").await.is(200);
    assert_eq!(content.json()["inside"], true);
    for path in ["/v1/files/file-1", "/v1/files/file-1/content", "/v1/files/file-2"] {
        get(&gateway, "vk-two", path).await.is(404);
    }
    assert_eq!(
        ids(&get(&gateway, "vk-one", "/v1/files").await.is(200).json()),
        ["file-1"]
    );
    assert!(ids(&get(&gateway, "vk-two", "/v1/files").await.is(200).json()).is_empty());

    let take_away = |key: &'static str| gateway.call(Method::DELETE, "/v1/files/file-1").bearer(key).send();
    take_away("vk-two").await.is(404);
    take_away("vk-one").await.is(200);
    get(&gateway, "vk-one", "/v1/files/file-1").await.is(404);
}

#[tokio::test]
async fn a_file_is_found_after_a_restart() {
    let (mut gateway, _upstream) = keeper().await;
    upload(&gateway, "vk-one").await.is(200);
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    get(&gateway, "vk-one", "/v1/files/file-1").await.is(200);
    get(&gateway, "vk-two", "/v1/files/file-1").await.is(404);
}

const LINE: &str = r#"{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"max_tokens":1000}}"#;

/// A batch of one call whose answer may have 1,000 tokens, at an upstream that runs it.
async fn batched(limit: f64) -> (Gateway, Upstream, Reply) {
    let (gateway, upstream) = keeper().await;
    let settings =
        json!({"provider_configs": [{"provider": "openai"}], "budget": {"max_limit": limit, "reset_duration": "1d"}});
    gateway.key("vk-paid", &settings).await;
    let form = FORM.replace("PURPOSE", "batch").replace("{}", LINE);
    let upload = gateway.call(Method::POST, "/v1/files").bearer("vk-paid");
    upload.form(&form).send().await.is(200);
    upstream.always(
        "/v1/batches",
        Answer::json(
            200,
            &json!({"id": "batch-1", "object": "batch", "status": "validating"}),
        ),
    );
    let done = json!({"id": "batch-1", "object": "batch", "status": "completed", "output_file_id": "out-1"});
    upstream.always("/v1/batches/batch-1", Answer::json(200, &done));
    let result = json!({"custom_id": "1", "response": {"status_code": 200, "body": {
        "model": "gpt-4o-2024-08-06", "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}}}});
    let lines = format!("{result}\n");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
        lines.len()
    );
    upstream.always(
        "/v1/files/out-1/content",
        Answer::steps(vec![Step::Send(format!("{head}{lines}").into())]),
    );
    let asked = json!({"input_file_id": "file-1", "endpoint": "/v1/chat/completions", "completion_window": "24h"});
    let made = gateway
        .call(Method::POST, "/v1/batches")
        .bearer("vk-paid")
        .json(&asked)
        .send()
        .await;
    (gateway, upstream, made)
}

async fn used(gateway: &Gateway) -> f64 {
    gateway.shown("vk-paid").await["budget"]["current_usage"]
        .as_f64()
        .unwrap()
}

#[tokio::test]
async fn a_batch_holds_what_it_can_cost_until_its_results_are_read() {
    // 1,000 tokens of gpt-4o cost half a cent in a batch.
    let (mut gateway, _upstream, made) = batched(0.0051).await;
    made.is(200);
    let body = json!({"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]});
    let ask = |gateway: &Gateway| {
        gateway
            .call(Method::POST, "/v1/chat/completions")
            .bearer("vk-paid")
            .json(&body)
            .send()
    };
    assert_eq!(ask(&gateway).await.is(402).code(), "budget_exceeded");
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    assert_eq!(
        ask(&gateway).await.is(402).code(),
        "budget_exceeded",
        "it holds over a restart"
    );

    get(&gateway, "vk-paid", "/v1/batches/batch-1").await.is(200);
    for _ in 0..2 {
        let results = get(&gateway, "vk-paid", "/v1/files/out-1/content").await.is(200);
        assert!(results.text().contains("gpt-4o-2024-08-06"));
        // 100 tokens in at 1.25 and 10 out at 5 dollars a million.
        eventually("the results are paid for, once", || async {
            ((used(&gateway).await - 0.000_175).abs() < 1e-9).then_some(())
        })
        .await;
    }
    ask(&gateway).await.is(200);
}

#[tokio::test]
async fn a_batch_that_can_cost_more_than_is_left_is_not_made() {
    let (_gateway, upstream, made) = batched(0.004).await;
    assert_eq!(made.is(402).code(), "budget_exceeded");
    assert!(upstream.seen("/v1/batches").is_empty());
}
