//! Files and batches: they are found again by their ids, at the provider that has them, by whoever made them.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::cloud;
use crate::support::{Answer, Gateway, Reply, Upstream};

const FORM: &str = "--edge\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\ncontent-type: application/jsonl\r\n\r\n{}\r\n--edge--\r\n";

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
    let call = gateway.call(Method::POST, "/v1/files").bearer(key);
    let call = call.bytes(FORM.as_bytes());
    call.header("content-type", "multipart/form-data; boundary=edge")
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
    assert_eq!(seen.text(), FORM, "not a byte of the form is changed");
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
