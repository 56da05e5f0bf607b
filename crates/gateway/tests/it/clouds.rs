//! Keys of clouds: what operators write, what is kept and shown of it, and what goes upstream for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use gateway::control::{Control, Save};
use gateway::ports::memory::MemorySettings;
use gateway::ports::settings::SettingsStore as _;
use gateway::{Arrival, ControlError, Gateway, Line, Options};
use gateway_providers::{Egress, Transport, TransportError, WireRequest, WireResponse};
use gateway_types::{Asked, DialectName, Operation, RequestId};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use crate::support::{chat, hello};

/// A request as it went out.
#[derive(Clone, Debug)]
struct Sent {
    url: String,
    headers: HeaderMap,
    body: String,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Token endpoints and models of all clouds.
#[derive(Debug)]
struct Clouds {
    sent: Mutex<Vec<Sent>>,
    /// What token endpoints answer with.
    tokens: AtomicU16,
}

impl Clouds {
    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Clouds {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        let sent = Sent {
            url: request.uri.to_string(),
            headers: request.headers,
            body: String::from_utf8(request.body.concat().to_vec()).unwrap(),
        };
        let asks_for_token = sent.url.contains("/oauth2/v2.0/token") || sent.url.contains("/service-accounts/");
        let (status, body) = match asks_for_token {
            true if self.tokens.load(Ordering::Relaxed) != 200 => (
                self.tokens.load(Ordering::Relaxed),
                Bytes::from_static(br#"{"error":"invalid_client","error_description":"no such secret"}"#),
            ),
            true => (
                200,
                Bytes::from_static(br#"{"access_token":"tok","expires_in":3600,"token_type":"Bearer"}"#),
            ),
            false => (200, chat("hello", 10, 5)),
        };
        self.sent.lock().unwrap().push(sent);
        Ok(WireResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::from_iter([(http::header::CONTENT_TYPE, "application/json".parse().unwrap())]),
            body: Full::new(body).map_err(|never| match never {}).boxed_unsync(),
        })
    }
}

struct World {
    gateway: Gateway,
    line: Line,
    clouds: Arc<Clouds>,
    settings: Arc<MemorySettings>,
}

impl World {
    async fn new(environment: &[(&str, &str)]) -> Self {
        Self::over(Arc::default(), environment).await
    }

    async fn over(settings: Arc<MemorySettings>, environment: &[(&str, &str)]) -> Self {
        let clouds = Arc::new(Clouds {
            sent: Mutex::default(),
            tokens: AtomicU16::new(200),
        });
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: HashMap<String, String> = environment.iter().map(owned).collect();
        let gateway = Gateway::builder(Arc::clone(&clouds) as _)
            .options(Options {
                secret: [9; 32],
                providers_from_environment: true,
                ..Options::default()
            })
            .settings(Arc::clone(&settings) as _)
            .environment(Arc::new(environment))
            .start()
            .await
            .unwrap();
        let line = gateway.line(Arc::clone(&clouds) as _);
        Self {
            gateway,
            line,
            clouds,
            settings,
        }
    }

    fn control(&self) -> &Control {
        self.gateway.control()
    }

    async fn save(&self, name: &str, body: Value) -> Result<Value, ControlError> {
        let saved = self
            .control()
            .save_provider(Some(name), body, Save::Upsert, "test")
            .await;
        saved.map(|provider| json!(provider))
    }

    async fn ask(&self, model: &str) -> (u16, String) {
        let received = self.gateway.clock().now();
        let arrival = Arrival {
            id: RequestId::new(received),
            received,
            dialect: DialectName::OpenAi,
            asked: Asked::plain(Operation::Chat),
            aim: None,
            caller: gateway::Caller::Presented,
            headers: HeaderMap::new(),
        };
        let reply = match self.line.open(arrival) {
            Ok(turn) => turn.run(Bytes::from(hello(model).to_string())).await,
            Err(refusal) => *refusal,
        };
        let status = reply.status.as_u16();
        let body = reply.body.collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

fn azure_key() -> Value {
    json!({
        "name": "k",
        "azure_key_config": {
            "endpoint": "https://mine.openai.azure.com",
            "client_id": "app",
            "tenant_id": "tenant",
            "client_secret": "a-very-long-client-secret",
            "deployments": {"gpt-4o": "prod-gpt"},
        },
    })
}

#[tokio::test]
async fn a_deployment_of_azure_is_asked_with_a_token_that_is_fetched_once() {
    let world = World::new(&[]).await;
    world.save("azure", json!({"keys": [azure_key()]})).await.unwrap();
    for _ in 0..2 {
        let (status, body) = world.ask("azure/gpt-4o").await;
        assert_eq!(status, 200, "{body}");
    }
    // A change of something else does not throw the token away.
    world
        .save("azure", json!({"network_config": {"max_retries": 1}}))
        .await
        .unwrap();
    assert_eq!(world.ask("gpt-4o").await.0, 200, "the deployments say who serves it");
    let sent = world.clouds.sent();
    let urls: Vec<&str> = sent.iter().map(|sent| sent.url.as_str()).collect();
    let deployed = "https://mine.openai.azure.com/openai/deployments/prod-gpt/chat/completions?api-version=2024-10-21";
    assert_eq!(
        urls,
        [
            "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
            deployed,
            deployed,
            deployed
        ]
    );
    assert_eq!(sent[1].header("authorization"), Some("Bearer tok"));
    assert_eq!(sent[1].header("api-key"), None);
    assert_eq!(
        serde_json::from_str::<Value>(&sent[1].body).unwrap()["model"],
        "prod-gpt"
    );
}

#[tokio::test]
async fn a_key_of_azure_is_presented_in_its_own_header() {
    let world = World::new(&[
        ("AZURE_OPENAI_API_KEY", "key-from-outside"),
        ("AZURE_OPENAI_ENDPOINT", "https://outside.openai.azure.com/openai/v1/"),
    ])
    .await;
    assert_eq!(world.control().from_environment(), ["azure"]);
    assert_eq!(world.ask("azure/gpt-4o").await.0, 200);
    assert_eq!(
        world.ask("my-own-name").await.0,
        200,
        "what is deployed has names of its own"
    );
    let sent = &world.clouds.sent()[0];
    assert_eq!(sent.url, "https://outside.openai.azure.com/openai/v1/chat/completions");
    assert_eq!(
        (sent.header("api-key"), sent.header("authorization")),
        (Some("key-from-outside"), None)
    );
}

#[tokio::test]
async fn a_source_that_refuses_is_named_and_another_provider_answers() {
    let world = World::new(&[]).await;
    world.clouds.tokens.store(401, Ordering::Relaxed);
    world.save("azure", json!({"keys": [azure_key()]})).await.unwrap();
    let (status, body) = world.ask("azure/gpt-4o").await;
    assert_eq!(status, 502);
    assert!(
        body.contains("Microsoft Entra") && body.contains("no such secret"),
        "{body}"
    );
    assert!(!body.contains("a-very-long-client-secret"));
    let server = json!({
        "keys": [{"name": "k", "value": "v"}],
        "network_config": {"base_url": "http://gpu:8000"},
        "custom_provider_config": {"base_provider_type": "openai"},
    });
    world.save("mine", server).await.unwrap();
    let key = json!({"provider_configs": [
        {"provider": "azure", "weight": 1.0, "allowed_models": ["gpt-4o"]},
        {"provider": "mine", "weight": 0.0, "allowed_models": ["gpt-4o"]},
    ]});
    world.control().save_virtual_key(Some("vk"), key, "test").await.unwrap();
    let received = world.gateway.clock().now();
    let arrival = Arrival {
        id: RequestId::new(received),
        received,
        dialect: DialectName::OpenAi,
        asked: Asked::plain(Operation::Chat),
        aim: None,
        caller: gateway::Caller::Presented,
        headers: HeaderMap::from_iter([(http::header::AUTHORIZATION, "Bearer vk".parse().unwrap())]),
    };
    let Ok(turn) = world.line.open(arrival) else {
        panic!("the key is known");
    };
    let reply = turn.run(Bytes::from(hello("gpt-4o").to_string())).await;
    assert_eq!(
        (
            reply.status.as_u16(),
            reply.headers["x-gateway-provider"].to_str().unwrap()
        ),
        (200, "mine")
    );
}

#[tokio::test]
async fn open_models_on_vertex_are_asked_with_the_token_of_the_machine() {
    let world = World::new(&[("GOOGLE_CLOUD_PROJECT", "pr"), ("GCE_METADATA_HOST", "127.0.0.1:1")]).await;
    let key = json!({"name": "k", "vertex_key_config": {"region": "us-central1", "deployments": {"llama": "meta/llama-3.3-70b"}}});
    world.save("vertex", json!({"keys": [key]})).await.unwrap();
    let (status, body) = world.ask("vertex/llama").await;
    assert_eq!(status, 200, "{body}");
    let sent = world.clouds.sent();
    assert!(
        sent[0].url.starts_with("http://127.0.0.1:1/computeMetadata/v1/"),
        "{}",
        sent[0].url
    );
    assert_eq!(
        sent[1].url,
        "https://us-central1-aiplatform.googleapis.com/v1/projects/pr/locations/us-central1/endpoints/openapi/chat/completions"
    );
    assert_eq!(sent[1].header("authorization"), Some("Bearer tok"));
    assert_eq!(
        serde_json::from_str::<Value>(&sent[1].body).unwrap()["model"],
        "meta/llama-3.3-70b"
    );
}

#[tokio::test]
async fn secrets_in_configs_are_sealed_and_shown_as_stars() {
    let world = World::new(&[]).await;
    let bedrock = json!({"name": "b", "bedrock_key_config": {
        "access_key": "AKIAVERYLONGACCESSKEY", "secret_key": {"value": "a-very-long-secret-key", "env_var": "", "from_env": false},
        "session_token": {"env_var": "env.AWS_TOKEN", "from_env": true}, "region": {"value": "eu-west-1"},
    }});
    let vertex = json!({"name": "v", "vertex_key_config": {"project_id": "pr", "auth_credentials": {
        "type": "authorized_user", "client_id": "c", "client_secret": "a-very-long-user-secret", "refresh_token": "r",
    }}});
    let shown_azure = world.save("azure", json!({"keys": [azure_key()]})).await.unwrap();
    let shown_bedrock = world.save("bedrock", json!({"keys": [bedrock]})).await.unwrap();
    let shown_vertex = world.save("vertex", json!({"keys": [vertex]})).await.unwrap();
    let shown = format!("{shown_azure} {shown_bedrock} {shown_vertex}");
    let stored = format!("{:?}", world.settings.load().await.unwrap());
    for secret in ["a-very-long", "AKIAVERYLONG"] {
        assert!(!shown.contains(secret) && !stored.contains(secret), "{secret}");
    }
    let config = &shown_bedrock["keys"][0]["bedrock_key_config"];
    assert_eq!(
        (&config["session_token"], &config["region"]),
        (&json!("env.AWS_TOKEN"), &json!("eu-west-1"))
    );
    assert!(
        shown_bedrock["keys"][0]["status"]
            .as_str()
            .unwrap()
            .contains("AWS_TOKEN")
    );
    assert_eq!(shown_vertex["keys"][0]["status"], "ready");
    // What was shown can be sent back, and a restart opens what was sealed.
    let again = world.save("azure", json!({"keys": shown_azure["keys"]})).await.unwrap();
    assert_eq!(again["keys"], shown_azure["keys"]);
    world.gateway.close().await;
    let world = World::over(Arc::clone(&world.settings), &[]).await;
    assert_eq!(world.ask("azure/gpt-4o").await.0, 200);
    assert!(
        world.clouds.sent()[0]
            .body
            .contains("client_secret=a-very-long-client-secret")
    );
}

#[tokio::test]
async fn a_config_is_patched_and_its_secret_stays_at_its_host() {
    let world = World::new(&[]).await;
    world.save("azure", json!({"keys": [azure_key()]})).await.unwrap();
    let put = async |config: Value| {
        let body = json!({"azure_key_config": config});
        let saved = world.control().save_key("azure", Some("k"), body, "test").await;
        json!(saved.unwrap())
    };
    let patched = put(json!({"api_version": "v1", "tenant_id": null})).await;
    let config = &patched["azure_key_config"];
    assert_eq!((&config["api_version"], config.get("tenant_id")), (&json!("v1"), None));
    assert_eq!(config["client_id"], "app");
    assert!(config["client_secret"].as_str().unwrap().starts_with("a-ve"));
    let moved = put(json!({"endpoint": "https://thief.example"})).await;
    assert_eq!(moved["azure_key_config"]["client_secret"], "");
    let warning = moved["warnings"][0].as_str().unwrap();
    assert!(warning.contains("`azure_key_config.client_secret`"), "{warning}");
    let removed = put(Value::Null).await;
    assert!(removed.get("azure_key_config").is_none());
    assert!(
        removed["status"]
            .as_str()
            .unwrap()
            .contains("azure_key_config.endpoint")
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_config_is_named_by_its_path() {
    let world = World::new(&[]).await;
    for (name, key, named) in [
        (
            "azure",
            json!({"azure_key_config": {"endpiont": "x"}}),
            "keys[0].azure_key_config",
        ),
        (
            "bedrock",
            json!({"bedrock_key_config": {"region": 1}}),
            "keys[0].bedrock_key_config.region",
        ),
        ("openai", json!({"vertex_key_config": {}}), "keys[0].vertex_key_config"),
        (
            "vertex",
            json!({"vertex_key_config": {"auth_credentials": "{}"}}),
            "keys[0].vertex_key_config.auth_credentials",
        ),
    ] {
        let mut key = key;
        key["name"] = json!("k");
        let error = world.save(name, json!({"keys": [key]})).await.unwrap_err();
        assert!(
            matches!(&error, ControlError::Invalid(message) if message.contains(named)),
            "{error}"
        );
    }
    let key = json!({"name": "k", "value": "v", "bedrock_key_config": {"batch_s3_config": {"buckets": ["b"]}}});
    let shown = world.save("bedrock", json!({"keys": [key]})).await.unwrap();
    assert_eq!(
        shown["warnings"],
        json!(["`keys[0].bedrock_key_config.batch_s3_config` is known but not acted on"])
    );
}
