//! The whole gateway inside a process, without a socket on either side.
//!
//! A service that wants virtual keys, budgets and failover for its own model calls needs the `gateway` crate and a
//! `Transport`. Here the transport is a model in memory; `gateway_providers::client::HyperTransport` is the one that
//! speaks HTTP. Run it with `cargo run -p gateway-examples --bin embed`.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use gateway::{Arrival, Gateway};
use gateway_providers::{Egress, Transport, TransportError, WireRequest, WireResponse};
use gateway_types::{Asked, DialectName, Operation, RequestId};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

/// A model server in memory. One of its two hosts is down.
#[derive(Debug)]
struct Echo;

#[async_trait]
impl Transport for Echo {
    async fn send(&self, request: WireRequest, _: &Egress) -> Result<WireResponse, TransportError> {
        if request.uri.host() == Some("down") {
            return Err(TransportError::Unreachable("nobody is home".to_owned()));
        }
        let answer = match request.uri.path() {
            "/v1/models" => json!({"object": "list", "data": [{"id": "echo"}]}),
            _ => {
                let asked: Value = serde_json::from_slice(&request.body.concat()).unwrap_or_default();
                json!({
                    "id": "1", "object": "chat.completion", "created": 0, "model": "echo",
                    "choices": [{"index": 0, "finish_reason": "stop",
                        "message": {"role": "assistant", "content": asked["messages"][0]["content"]}}],
                    "usage": {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6},
                })
            }
        };
        let body = Full::new(Bytes::from(answer.to_string()))
            .map_err(|never| match never {})
            .boxed_unsync();
        Ok(WireResponse {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let transport: Arc<dyn Transport> = Arc::new(Echo);
    let gateway = Gateway::builder(Arc::clone(&transport)).start().await?;

    // Two places that serve the model, and a key that may use both: first the one that is down.
    for (name, host) in [("first", "down"), ("second", "up")] {
        let provider = json!({
            "provider": name,
            "network_config": {"base_url": format!("http://{host}:8000")},
            "custom_provider_config": {"base_provider_type": "vllm", "is_key_less": true},
        });
        gateway
            .control()
            .save_provider(None, provider, gateway::control::Save::Create, "embed")
            .await?;
    }
    let key = json!({
        "provider_configs": [
            {"provider": "first", "weight": 1.0, "allowed_models": ["echo"]},
            {"provider": "second", "weight": 0.0, "allowed_models": ["echo"]},
        ],
        "rate_limit": {"request_max_limit": 2, "request_reset_duration": "1m"},
    });
    gateway.control().save_virtual_key(Some("team-a"), key, "embed").await?;

    let line = gateway.line(transport);
    for words in ["hello", "hello again", "once too often"] {
        let received = gateway.clock().now();
        let headers = HeaderMap::from_iter([("x-bf-vk".parse()?, HeaderValue::from_static("team-a"))]);
        let arrival = Arrival {
            id: RequestId::new(received),
            received,
            dialect: DialectName::OpenAi,
            asked: Asked::plain(Operation::Chat),
            aim: None,
            caller: gateway::Caller::Presented,
            headers,
        };
        let body = json!({"model": "echo", "messages": [{"role": "user", "content": words}]});
        let reply = match line.open(arrival) {
            Ok(turn) => turn.run(Bytes::from(body.to_string())).await,
            Err(refusal) => *refusal,
        };
        let (status, attempts) = (reply.status, reply.headers.get("x-gateway-attempts").cloned());
        let body: Value = serde_json::from_slice(&reply.body.collect().await?.to_bytes())?;
        let said = body["choices"][0]["message"]["content"]
            .as_str()
            .or_else(|| body["error"]["message"].as_str());
        println!("{status} after {attempts:?} attempts: {}", said.unwrap_or_default());
    }
    gateway.close().await;
    Ok(())
}
