//! The settings as a whole: back to an earlier revision, and carried to another gateway as a document.

use http::Method;
use serde_json::{Value, json};

use crate::support::settings::{cloud, key_path, self_hosted};
use crate::support::{Gateway, Upstream};

async fn revision(gateway: &Gateway) -> u64 {
    let config = gateway.get("/api/config").await.is(200).json();
    config["revision"].as_u64().unwrap()
}

async fn back_to(gateway: &Gateway, revision: u64, query: &str) -> crate::support::Reply {
    let path = format!("/api/config/revisions/{revision}/rollback{query}");
    gateway.post(&path, &json!({})).await
}

/// The documents that a change is told of.
fn told(change: &Value) -> Vec<String> {
    let edits = change["edits"].as_array().unwrap().iter();
    edits
        .map(|edit| {
            let [section, name, change] = ["section", "name", "change"].map(|field| edit[field].as_str().unwrap());
            format!("{change} {section} {name}")
        })
        .collect()
}

#[tokio::test]
async fn settings_go_back_to_a_revision_and_stay_there() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&self_hosted("a", &upstream)).await;
    gateway.key("vk", &json!({"name": "first"})).await;
    let then = revision(&gateway).await;

    gateway.key("vk", &json!({"name": "second", "is_active": false})).await;
    gateway.key("later", &json!({})).await;
    gateway.delete("/api/providers/a").await.is(200);
    gateway.ask("vk", "m").await.is(403);

    let preview = back_to(&gateway, then, "?dry_run=true").await.is(200).json();
    assert_eq!(preview["dry_run"], true);
    let mut expected = vec![
        "created provider a",
        "changed virtual_key vk",
        "deleted virtual_key later",
    ];
    let documents: Vec<String> = told(&preview);
    expected.retain(|one| !documents.contains(&(*one).to_owned()));
    assert!(expected.is_empty(), "not told: {expected:?} in {documents:?}");
    gateway.ask("vk", "m").await.is(403);

    let now = revision(&gateway).await;
    let done = back_to(&gateway, then, "").await.is(200).json();
    assert_eq!(done["revision"], now + 1, "one new revision");
    let shown = gateway.shown("vk").await;
    assert_eq!((&shown["name"], &shown["is_active"]), (&json!("first"), &json!(true)));
    assert_eq!(gateway.ask("vk", "m").await.said(), "hello from here");
    gateway.get(&key_path("later")).await.is(404);
    // What was a key is not taken for a stranger, who may call here.
    gateway.ask("later", "m").await.is(403);
    let again = back_to(&gateway, then, "").await.is(200).json();
    assert_eq!(
        (again["edits"].as_array().map(Vec::len), &again["revision"]),
        (Some(0), &json!(now + 1))
    );

    let log = gateway
        .get("/api/audit-logs?action=config.rollback")
        .await
        .is(200)
        .json();
    assert_eq!(log["audit_logs"][0]["target"], format!("revision/{then}"));

    let mut gateway = gateway;
    gateway.stop().await;
    let gateway = gateway.again().start().await;
    assert_eq!(gateway.ask("vk", "m").await.said(), "hello from here");
    back_to(&gateway, 9999, "").await.is(404);
}

#[tokio::test]
async fn a_revision_tells_what_changed_and_no_secret() {
    let upstream = Upstream::start("here", &["m"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &upstream)).await;
    let key = json!({"name": "openai-key-1", "value": "sk-another-secret-0123456789", "weight": 0.5});
    gateway
        .put("/api/providers/openai", &json!({"keys": [key]}))
        .await
        .is(200);
    let number = revision(&gateway).await;
    let reply = gateway.get(&format!("/api/config/revisions/{number}")).await.is(200);
    let text = reply.text();
    assert!(
        !text.contains("another-secret") && !text.contains("sealed:v1"),
        "{text}"
    );
    let fields = reply.json()["edits"][0]["fields"].clone();
    let field = |path: &str| {
        let all = fields.as_array().unwrap().iter();
        all.into_iter().find(|field| field["path"] == path).cloned()
    };
    let weight = field("keys[0].weight").expect("the weight changed");
    assert_eq!((&weight["before"], &weight["after"]), (&json!(1.0), &json!(0.5)));
    let value = field("keys[0].value").expect("the value changed");
    assert_eq!((&value["secret"], &value["after"]), (&json!(true), &Value::Null));
    gateway.get("/api/config/revisions/9999").await.is(404);
    gateway.get("/api/config/revisions/x").await.is(404);
}

#[tokio::test]
async fn going_back_changes_nothing_that_a_file_declares_and_locks_nobody_out() {
    let upstream = Upstream::start("here", &["m"]).await;
    let mut gateway = Gateway::start().await;
    gateway.key("vk", &json!({"name": "first"})).await;
    gateway.key("vk", &json!({"name": "second"})).await;
    let user = json!({"username": "anna", "role": "admin", "password": "correct horse battery"});
    gateway.post("/api/users", &user).await.is(200);
    let login = json!({"username": "anna", "password": "correct horse battery"});
    let reply = gateway.post("/api/session/login", &login).await.is(200);
    let cookie = reply
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let call = |path: &str| {
        gateway
            .call(Method::POST, path)
            .header("cookie", &cookie)
            .header("sec-fetch-site", "same-origin")
            .json(&json!({}))
    };
    let refused = call("/api/config/revisions/2/rollback").send().await.is(409);
    assert!(
        refused.message().contains("nobody who can manage"),
        "{}",
        refused.text()
    );
    gateway.stop().await;

    let file = json!({"governance": {"virtual_keys": [{"id": "vk", "name": "of the file"}]},
        "providers": {"a": {"network_config": {"base_url": upstream.url()},
                            "custom_provider_config": {"base_provider_type": "openai"}}}});
    let gateway = gateway.again().config("c.json", &file.to_string()).start().await;
    let call = |path: &str| {
        gateway
            .call(Method::POST, path)
            .header("cookie", &cookie)
            .header("sec-fetch-site", "same-origin")
            .json(&json!({}))
    };
    let refused = call("/api/config/revisions/1/rollback?dry_run=true")
        .send()
        .await
        .is(409);
    assert!(
        refused.message().contains("c.json") && refused.message().contains("`vk`"),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn an_export_makes_the_same_gateway_elsewhere_and_holds_no_secret() {
    let upstream = Upstream::start("here", &["gpt-4o-mini"]).await;
    let gateway = Gateway::start().await;
    gateway.add(&cloud("openai", &upstream)).await;
    let settings = json!({"name": "web", "value": "vk-value-0123456789",
        "budget": {"max_limit": 5, "reset_duration": "1d"}, "provider_configs": [{"provider": "openai"}]});
    gateway.key("web", &settings).await;
    gateway
        .put("/api/config", &json!({"client_config": {"max_attempts": 4}}))
        .await
        .is(200);
    let reply = gateway.get("/api/config/export").await.is(200);
    for secret in ["sk-openai", "vk-value", "sealed:v1", "_hash"] {
        assert!(!reply.text().contains(secret), "{secret}: {}", reply.text());
    }
    let exported = reply.json();
    let yaml = gateway.get("/api/config/export.yaml").await.is(200).text();
    assert!(yaml.contains("max_attempts: 4"), "{yaml}");

    // Where the secrets are, nothing changes.
    let import = gateway
        .post("/api/config/import", &exported["document"])
        .await
        .is(200)
        .json();
    assert_eq!(told(&import), Vec::<String>::new());

    // Where they are not, it says which are needed.
    let empty = Gateway::start().await;
    let refused = empty.post("/api/config/import", &exported["document"]).await.is(400);
    assert!(
        refused.message().contains("governance.virtual_keys[0].value"),
        "{}",
        refused.text()
    );
    assert_eq!(revision(&empty).await, 0, "all or nothing");

    let mut other = Gateway::with();
    let values = [
        ("EXPORTED_OPENAI", "sk-openai-0123456789abcdef"),
        ("EXPORTED_VIRTUAL_KEY", "vk-value-0123456789"),
    ];
    for needed in exported["needed"].as_array().unwrap() {
        let variable = needed["variable"].as_str().unwrap();
        let value = values.iter().find(|(prefix, _)| variable.starts_with(prefix));
        other = other.env(variable, value.expect("a secret of this test").1);
    }
    let other = other.start().await;
    let path = "/api/config/import?dry_run=true";
    let call = other
        .call(Method::POST, path)
        .header("content-type", "application/yaml")
        .bytes(yaml.as_bytes());
    assert!(!told(&call.send().await.is(200).json()).is_empty());
    assert_eq!(revision(&other).await, 0, "a trial keeps nothing");
    other.post("/api/config/import", &exported["document"]).await.is(200);
    let again = other.get("/api/config/export").await.is(200).json();
    assert_eq!(again["document"], exported["document"]);
    let answer = other.ask("vk-value-0123456789", "gpt-4o-mini").await;
    assert_eq!(answer.said(), "hello from here");
}
