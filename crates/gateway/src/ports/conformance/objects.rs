use std::sync::Arc;

use gateway_types::Wall;
use serde_json::json;

use crate::ports::objects::{Object, ObjectStore};

/// Checks all that [`ObjectStore`] promises.
pub async fn objects<F, Made>(make: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn ObjectStore>>,
{
    what_is_put_is_found(&*make().await).await;
    kinds_are_apart_and_listed_in_order(&*make().await).await;
    what_expired_is_gone(&*make().await).await;
    what_is_removed_is_gone(&*make().await).await;
}

const NOW: Wall = Wall::from_millis(1_700_000_000_000);

fn object(kind: &str, id: &str) -> Object {
    let body = json!({"v": 1, "models": ["m", id]});
    Object {
        kind: kind.to_owned(),
        id: id.to_owned(),
        body,
        at: NOW,
        expires: None,
    }
}

async fn put(store: &dyn ObjectStore, object: &Object) {
    store.put(object).await.expect("a healthy store keeps objects");
}

async fn find(store: &dyn ObjectStore, kind: &str, id: &str, now: Wall) -> Option<Object> {
    store.find(kind, id, now).await.expect("a healthy store finds objects")
}

async fn list(store: &dyn ObjectStore, kind: &str, now: Wall) -> Vec<String> {
    let objects = store.list(kind, now).await.expect("a healthy store lists objects");
    objects.into_iter().map(|object| object.id).collect()
}

async fn what_is_put_is_found(store: &dyn ObjectStore) {
    assert_eq!(find(store, "models", "openai", NOW).await, None);
    let first = object("models", "openai");
    put(store, &first).await;
    assert_eq!(find(store, "models", "openai", NOW).await, Some(first.clone()));
    let second = Object {
        body: json!([]),
        at: Wall::from_millis(5),
        expires: Some(Wall::from_millis(i64::MAX)),
        ..first
    };
    put(store, &second).await;
    assert_eq!(
        find(store, "models", "openai", NOW).await,
        Some(second),
        "the later one stands in the place of the first"
    );
}

async fn kinds_are_apart_and_listed_in_order(store: &dyn ObjectStore) {
    for (kind, id) in [("models", "b"), ("files", "a"), ("models", "a"), ("models", "B")] {
        put(store, &object(kind, id)).await;
    }
    assert_eq!(list(store, "models", NOW).await, ["B", "a", "b"]);
    assert_eq!(list(store, "files", NOW).await, ["a"]);
    assert_eq!(list(store, "batches", NOW).await, [""; 0]);
    assert_eq!(find(store, "files", "b", NOW).await, None);
}

async fn what_expired_is_gone(store: &dyn ObjectStore) {
    let soon = NOW.plus(std::time::Duration::from_millis(1));
    put(
        store,
        &Object {
            expires: Some(soon),
            ..object("models", "brief")
        },
    )
    .await;
    put(store, &object("models", "lasting")).await;
    assert_eq!(list(store, "models", NOW).await, ["brief", "lasting"]);
    assert_eq!(list(store, "models", soon).await, ["lasting"]);
    assert_eq!(find(store, "models", "brief", soon).await, None);
    assert_eq!(store.prune(NOW).await, Ok(0));
    assert_eq!(store.prune(soon).await, Ok(1));
    assert_eq!(
        list(store, "models", NOW).await,
        ["lasting"],
        "what is pruned is gone for every time"
    );
}

async fn what_is_removed_is_gone(store: &dyn ObjectStore) {
    put(store, &object("models", "a")).await;
    put(store, &object("files", "a")).await;
    for _ in 0..2 {
        assert_eq!(
            store.remove("models", "a").await,
            Ok(()),
            "removing what is not there is no error"
        );
    }
    assert_eq!(find(store, "models", "a", NOW).await, None);
    assert_eq!(list(store, "files", NOW).await, ["a"]);
}
