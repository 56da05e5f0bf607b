//! The gateway of the setting: three vendors with a key each, and the virtual keys of the cases.

use std::sync::Arc;

use gateway::Gateway;
use gateway::control::Save;
use gateway_governance::settings::TeamSettings;
use gateway_providers::Transport;
use gateway_types::Clock;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::forgetful::Forgetful;

/// Has a budget and limits on requests and tokens, which refuse nothing.
pub(crate) const PLAIN: &str = "team-a";
/// Has eight such quotas, its own and its team's.
pub(crate) const EIGHT: &str = "team-of-eight";
/// May not spend anything.
pub(crate) const NOTHING_LEFT: &str = "team-without-money";

/// What a caller with the usual key presents.
pub fn presented() -> HeaderMap {
    bearer(PLAIN)
}

pub(crate) fn bearer(key: &str) -> HeaderMap {
    let value = HeaderValue::try_from(format!("Bearer {key}")).expect("the keys of the benches are printable");
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

pub(crate) async fn gateway(upstream: &Arc<dyn Transport>, clock: Option<Arc<dyn Clock>>) -> Gateway {
    let builder = Gateway::builder(Arc::clone(upstream)).logs(Arc::new(Forgetful));
    let builder = match clock {
        Some(clock) => builder.clock(clock),
        None => builder,
    };
    let gateway = builder.start().await.expect("stores in memory do not fail");
    let control = gateway.control();
    for provider in ["openai", "anthropic", "mistral"] {
        let provider = json!({"provider": provider, "keys": [{"name": "k", "value": "sk-own"}]});
        control
            .save_provider(None, provider, Save::Create, "bench")
            .await
            .expect("the bench's provider is good");
    }
    let team = json!({"name": "eight", "budget": budget("1M"), "rate_limit": rate_limit()});
    control
        .documents::<TeamSettings>()
        .save(Some("eight"), team, "bench")
        .await
        .expect("the bench's team is good");
    for (name, key) in keys() {
        control
            .save_virtual_key(Some(name), key, "bench")
            .await
            .expect("the bench's keys are good");
    }
    gateway
}

fn keys() -> [(&'static str, Value); 3] {
    let entries = json!([
        {"provider": "openai", "weight": 0.9, "allowed_models": ["gpt-4o-mini"]},
        {"provider": "anthropic", "weight": 0.1},
        {"provider": "mistral", "weight": 0},
    ]);
    let with = |more: Value| {
        let mut key = json!({"provider_configs": entries});
        if let (Some(key), Value::Object(more)) = (key.as_object_mut(), more) {
            key.extend(more);
        }
        key
    };
    [
        (PLAIN, with(json!({"budget": budget("1d"), "rate_limit": rate_limit()}))),
        (
            EIGHT,
            with(json!({
                "team_id": "eight", "budgets": [budget("1d"), budget("1M")],
                "rate_limit": rate_limit_with(json!({"max_in_flight": 1_000_000})),
            })),
        ),
        (
            NOTHING_LEFT,
            with(json!({"budget": {"max_limit": 0.0, "reset_duration": "1d"}})),
        ),
    ]
}

fn budget(window: &str) -> Value {
    json!({"max_limit": 1_000_000.0, "reset_duration": window})
}

fn rate_limit() -> Value {
    json!({
        "request_max_limit": 1_000_000_000_000_u64, "request_reset_duration": "1d",
        "token_max_limit": 1_000_000_000_000_000_u64, "token_reset_duration": "1d",
    })
}

fn rate_limit_with(more: Value) -> Value {
    let mut limit = rate_limit();
    if let (Some(limit), Value::Object(more)) = (limit.as_object_mut(), more) {
        limit.extend(more);
    }
    limit
}
