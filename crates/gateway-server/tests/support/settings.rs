//! Providers and virtual keys as a person would set them up.

use http::Method;
use serde_json::{Value, json};

use super::{Gateway, Upstream};

/// A self-hosted server that speaks as OpenAI does.
pub(crate) fn self_hosted(name: &str, upstream: &Upstream) -> Value {
    json!({
        "provider": name,
        "keys": [{"name": format!("{name}-key-1"), "value": "dummy", "weight": 1.0}],
        "network_config": {"base_url": upstream.url(), "default_request_timeout_in_seconds": 60},
        "custom_provider_config": {"base_provider_type": "openai"},
    })
}

/// A cloud by its own name, served by a stand-in.
pub(crate) fn cloud(name: &str, upstream: &Upstream) -> Value {
    json!({
        "provider": name,
        "keys": [{"name": format!("{name}-key-1"), "value": format!("sk-{name}-0123456789abcdef"), "weight": 1.0}],
        "network_config": {"base_url": upstream.url()},
    })
}

impl Gateway {
    /// Adds a provider.
    pub(crate) async fn add(&self, provider: &Value) -> Value {
        self.post("/api/providers", provider).await.is(200).json()
    }

    /// Makes or changes a virtual key.
    pub(crate) async fn key(&self, id: &str, settings: &Value) -> Value {
        self.put(&key_path(id), settings).await.is(200).json()
    }

    /// A virtual key as it is shown.
    pub(crate) async fn shown(&self, id: &str) -> Value {
        self.get(&key_path(id)).await.is(200).json()["virtual_key"].clone()
    }

    /// A chat turn, sent.
    pub(crate) async fn ask(&self, key: &str, model: &str) -> super::Reply {
        self.chat(key, model).send().await
    }

    /// A chat turn with more in its body.
    pub(crate) async fn ask_with(&self, key: &str, body: &Value) -> super::Reply {
        self.call(Method::POST, super::shapes::CHAT)
            .bearer(key)
            .json(body)
            .send()
            .await
    }

    /// Log rows that match a query, newest first.
    pub(crate) async fn logs(&self, query: &str) -> Value {
        self.get(&format!("/api/logs?{query}")).await.is(200).json()
    }

    /// The value of one series of `/metrics`: the sum over all of that name whose labels hold these.
    pub(crate) async fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let text = self.get("/metrics").await.is(200).text();
        text.lines().filter_map(|line| series(line, name, labels)).sum()
    }
}

fn series(line: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let rest = line.strip_prefix(name)?;
    let (had, value) = match rest.strip_prefix('{') {
        Some(rest) => rest.rsplit_once("} ")?,
        None => ("", rest.strip_prefix(' ')?),
    };
    let all = labels
        .iter()
        .all(|(label, value)| had.contains(&format!("{label}=\"{value}\"")));
    if all { value.trim().parse().ok() } else { None }
}

pub(crate) fn key_path(id: &str) -> String {
    format!("/api/governance/virtual-keys/{id}")
}
