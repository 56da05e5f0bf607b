//! Secrets are where they are needed and nowhere else: not in the data folder, not in answers, not in the log.

use std::path::Path;

use http::Method;
use serde_json::{Value, json};

use crate::support::Gateway;

const ADMIN: &str = "canary-admin-token-0123456789";

/// Everything that is in a folder, as bytes, by file.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_secret_that_was_said_is_found_nowhere() {
    let mut gateway = Gateway::with()
        .args(&[
            "--admin-token",
            ADMIN,
            "--scrape-token",
            "canary-scrape-0123456789",
            "--log-level",
            "trace",
        ])
        .start()
        .await;
    let send = |method: Method, path: &str, body: &Value| gateway.call(method, path).bearer(ADMIN).json(body).send();
    let secret = |name: &str| format!("canary-{name}-0123456789-abcdef");
    let provider = json!({
        "provider": "canary",
        "keys": [{"name": "k", "value": secret("key")}],
        "network_config": {
            "base_url": "http://127.0.0.1:9",
            "extra_headers": {
                "authorization": secret("authorization"), "Cookie": secret("cookie"), "x-api-key": secret("header-key"),
                "x-secret": secret("header-secret"), "x-password": secret("header-password"), "x-team": "blue",
            },
        },
        "proxy_config": {"type": "http", "url": "http://127.0.0.1:9", "username": "u", "password": secret("proxy")},
        "custom_provider_config": {"base_provider_type": "openai"},
    });
    send(Method::POST, "/api/providers", &provider).await.is(200);
    let bedrock = json!({"provider": "bedrock", "keys": [{"name": "b", "value": "", "bedrock_key_config": {
        "access_key": secret("access"), "secret_key": secret("secret-key"), "session_token": secret("session"),
        "region": "eu-central-1"}}]});
    send(Method::POST, "/api/providers", &bedrock).await.is(200);
    let azure = json!({"provider": "azure", "keys": [{"name": "a", "value": secret("azure"), "azure_key_config": {
        "endpoint": "https://canary.openai.azure.com"}}]});
    send(Method::POST, "/api/providers", &azure).await.is(200);
    let key = json!({"id": "vk-canary", "name": "n", "value": secret("virtual-key")});
    send(Method::POST, "/api/governance/virtual-keys", &key).await.is(200);
    let user = json!({"username": "alice", "role": "admin", "password": secret("password")});
    send(Method::POST, "/api/users", &user).await.is(200);
    let token = json!({"id": "ci", "role": "viewer", "value": secret("api-token")});
    send(Method::POST, "/api/tokens", &token).await.is(200);
    let login = json!({"username": "alice", "password": secret("password")});
    let session = send(Method::POST, "/api/session/login", &login).await.is(200);
    let session = session.header("set-cookie").unwrap()["token=".len()..]
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let wrong = json!({"username": secret("typed-as-name"), "password": secret("typed")});
    send(Method::POST, "/api/session/login", &wrong).await.is(401);
    // Calls that fail say why, and not with what.
    gateway.chat(&secret("virtual-key"), "canary/m").send().await;

    // What was shown can be sent back, and stays what it was.
    let shown = send(Method::GET, "/api/providers/canary", &json!({}))
        .await
        .is(200)
        .json();
    let headers = &shown["network_config"]["extra_headers"];
    assert_eq!(headers["x-team"], "blue");
    assert!(headers["authorization"].as_str().unwrap().contains("****"), "{headers}");
    send(Method::PUT, "/api/providers/canary", &shown).await.is(200);
    let again = send(Method::GET, "/api/providers/canary", &json!({}))
        .await
        .is(200)
        .json();
    assert_eq!(again["network_config"], shown["network_config"]);

    let home = tempfile::tempdir().unwrap();
    let (_, page, _) = crate::support::gateway::run(home.path(), &["docs", "access"]);
    let lists = page
        .lines()
        .filter_map(|row| row.strip_prefix("| GET | `"))
        .filter_map(|row| row.split('`').next());
    let mut answers = Vec::new();
    for path in lists.filter(|path| !path.contains("/live")) {
        let path = path.replace("{provider}", "canary").replace("{key}", "k");
        for id in ["alice", "ci", "vk-canary"] {
            let path = path.replace("{id}", id);
            let reply = send(Method::GET, &path, &json!({})).await;
            answers.push((path, reply.body.to_vec()));
        }
    }
    assert!(answers.len() > 50);
    gateway.stop().await;
    let stored = files(&gateway.file("data"));
    assert!(
        stored.iter().any(|(_, bytes)| holds(bytes, "canary")),
        "the folder is the one that was written to"
    );
    let printed = (String::from("the log"), gateway.printed().into_bytes());
    for (place, bytes) in stored.iter().chain(&answers).chain([&printed]) {
        for canary in ["-0123456789-abcdef", ADMIN, "canary-scrape", &session] {
            assert!(!holds(bytes, canary), "{canary} is in {place}");
        }
    }
}
