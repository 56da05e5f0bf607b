//! What is set up in the demo, and what people change over its day.

use std::io;
use std::path::Path;
use std::time::Duration;

use gateway::settings::{RoutingRule, TeamSettings};
use gateway::{Control, ControlError};
use serde_json::{Value, json};

use crate::callers::{CALLERS, credential};
use crate::dice::Dice;
use crate::places::Places;
use crate::vendors::{LLAMA, QWEN, Vendor};

/// The gateway's secret, in the file where its next start looks for it.
pub(crate) fn secret(folder: &Path, seed: u64) -> io::Result<[u8; 32]> {
    let mut dice = Dice::of(seed, &[b"secret"]);
    let mut secret = [0; 32];
    for eight in secret.chunks_exact_mut(8) {
        eight.copy_from_slice(&dice.next().to_le_bytes());
    }
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(folder.join("secret.key"), hex + "\n")?;
    Ok(secret)
}

/// The settings with which the day begins. Budgets are cut to what `calls` spend.
pub(crate) fn document(places: &Places, calls: f64) -> Value {
    json!({
        "client": {
            "enforce_auth_on_inference": true,
            "content_capture": "full",
            "vk_rotation_cooldown": "1d",
            "alerts": {"webhook_url": format!("{}/alerts", places.url(Vendor::Ollama)), "thresholds": [50, 80, 95]},
        },
        "providers": providers(places),
        "governance": {
            "customers": [
                {"id": "acme", "name": "Acme Retail", "budgets": [budget(calls * 0.00022, "30d")]},
                {"id": "globex", "name": "Globex Bank", "budgets": [budget(calls * 0.00022, "30d")],
                    "rate_limit": {"request_max_limit": 5000, "request_reset_duration": "1h"}},
            ],
            "teams": [
                {"id": "support", "name": "Customer support", "customer_id": "acme", "budgets": [budget(calls * 0.00016, "7d")]},
                {"id": "search", "name": "Search", "customer_id": "globex", "budgets": [budget(calls * 0.000074, "30d")]},
                {"id": "platform", "name": "Platform engineering", "budgets": [budget(calls * 0.002, "30d")],
                    "rate_limit": {"token_max_limit": 4_000_000, "token_reset_duration": "1h"}},
                {"id": "analytics", "name": "Analytics", "budgets": [budget(calls * 0.000005, "30d")]},
            ],
            "virtual_keys": keys(calls),
            "model_configs": [
                {"id": "opus", "model_name": "claude-opus-*", "budgets": [budget(calls * 0.0012, "7d")]},
            ],
            "providers": [
                {"name": "openai", "budgets": [budget(calls * 0.0003, "30d")]},
                {"name": "anthropic", "budgets": [budget(calls * 0.004, "30d")]},
            ],
            "routing_rules": rules(),
            "pricing_overrides": [
                {"id": "openai-2026", "name": "Negotiated rate, 2026", "provider": "openai", "model_pattern": "gpt-4.1-mini",
                    "input_cost_per_token": 3.4e-7, "cache_read_input_token_cost": 8.5e-8, "output_cost_per_token": 1.36e-6},
            ],
        },
    })
}

fn providers(places: &Places) -> Value {
    let cloud = |vendor: Vendor, keys: Value, seconds: u32| json!({"keys": keys, "network_config": {"base_url": places.url(vendor), "default_request_timeout_in_seconds": seconds}});
    let own = |vendor: Vendor, kind: &str, keys: Value, seconds: u32| {
        let mut provider = cloud(vendor, keys, seconds);
        provider["custom_provider_config"] = json!({"base_provider_type": kind, "is_key_less": kind == "ollama"});
        provider
    };
    let key = |name: &str, weight: f64| json!({"name": name, "value": format!("sk-{name}-scripted-4c1e90d2"), "weight": weight});
    json!({
        "openai": cloud(Vendor::OpenAi, json!([key("openai-prod", 0.8), key("openai-spare", 0.2), {
            "name": "openai-batch", "value": "sk-openai-batch-scripted-77aa01b3", "weight": 0.0,
            "models": ["text-embedding-3-small"]}]), 60),
        "anthropic": cloud(Vendor::Anthropic, json!([key("anthropic-prod", 0.7), key("anthropic-eu", 0.3)]), 120),
        "gemini": cloud(Vendor::Gemini, json!([key("gemini-a", 0.5), key("gemini-b", 0.5)]), 60),
        "mistral": cloud(Vendor::Mistral, json!([key("mistral-prod", 1.0)]), 30),
        "vllm-eu": own(Vendor::Vllm, "vllm", json!([key("rack-1", 0.5), key("rack-2", 0.5)]), 60),
        "ollama-lab": own(Vendor::Ollama, "ollama", json!([]), 25),
    })
}

fn budget(dollars: f64, per: &str) -> Value {
    json!({"max_limit": (dollars * 100.0).ceil() / 100.0, "reset_duration": per})
}

fn keys(calls: f64) -> Value {
    let key = |id: &str, name: &str, team: &str, entries: Value| json!({"id": id, "name": name, "value": credential(id), "team_id": team, "provider_configs": entries});
    let mut keys = vec![
        key(
            "support-chat",
            "Support chat",
            "support",
            json!([
                {"provider": "vllm-eu", "weight": 0.7, "allowed_models": [LLAMA], "model_aliases": {"*": LLAMA}},
                {"provider": "openai", "weight": 0.3, "allowed_models": ["gpt-4o-mini", "gpt-4.1-mini"]},
                {"provider": "anthropic", "weight": 0.0, "allowed_models": ["claude-haiku-4-5"], "model_aliases": {"*": "claude-haiku-4-5"}},
            ]),
        ),
        key(
            "support-triage",
            "Ticket triage",
            "support",
            json!([
                {"provider": "openai", "weight": 0.5, "allowed_models": ["gpt-4.1-nano"]},
                {"provider": "mistral", "weight": 0.3, "allowed_models": ["ministral-8b-latest"], "model_aliases": {"*": "ministral-8b-latest"}},
                {"provider": "ollama-lab", "weight": 0.2, "allowed_models": [QWEN], "model_aliases": {"*": QWEN}},
            ]),
        ),
        key(
            "support-mail",
            "Mail summaries",
            "support",
            json!([
                {"provider": "anthropic", "allowed_models": ["claude-haiku-4-5"]},
                {"provider": "openai", "weight": 0.0, "allowed_models": ["gpt-4.1-mini"], "model_aliases": {"*": "gpt-4.1-mini"}},
            ]),
        ),
        key(
            "search-answers",
            "Handbook answers",
            "search",
            json!([
                {"provider": "gemini", "allowed_models": ["gemini-2.5-*"]},
                {"provider": "openai", "weight": 0.0, "allowed_models": ["gpt-4.1-mini"], "model_aliases": {"*": "gpt-4.1-mini"}},
            ]),
        ),
        key(
            "search-index",
            "Index builder",
            "search",
            json!([
                {"provider": "openai", "allowed_models": ["text-embedding-3-small"], "key_ids": ["openai-batch", "openai-spare"]},
            ]),
        ),
        key(
            "dev-assistant",
            "Coding assistant",
            "platform",
            json!([
                {"provider": "anthropic", "allowed_models": ["claude-*"]},
                {"provider": "gemini", "weight": 0.0, "allowed_models": ["gemini-2.5-pro"], "model_aliases": {"*": "gemini-2.5-pro"}},
            ]),
        ),
        key(
            "ci-review",
            "Pull request review",
            "platform",
            json!([
                {"provider": "openai", "allowed_models": ["gpt-5-mini"]},
            ]),
        ),
        key(
            "ops-agent",
            "Operations agent",
            "platform",
            json!([
                {"provider": "openai", "weight": 0.7, "allowed_models": ["gpt-4.1"]},
                {"provider": "gemini", "weight": 0.3, "allowed_models": ["gemini-2.5-flash"], "model_aliases": {"*": "gemini-2.5-flash"}},
            ]),
        ),
        key(
            "notebooks",
            "Notebooks",
            "analytics",
            json!([
                {"provider": "vllm-eu", "weight": 0.6, "allowed_models": [LLAMA, "Qwen/Qwen3-32B"]},
                {"provider": "ollama-lab", "weight": 0.3, "allowed_models": [QWEN]},
                {"provider": "mistral", "weight": 0.1, "allowed_models": ["mistral-small-latest"]},
            ]),
        ),
        json!({"id": "partner-portal", "name": "Partner portal", "value": credential("partner-portal"), "customer_id": "globex",
        "strict_translation": true, "provider_configs": [
            {"provider": "openai", "weight": 0.6, "allowed_models": ["gpt-4.1-mini"]},
            {"provider": "mistral", "weight": 0.4, "allowed_models": ["mistral-small-latest"]},
            {"provider": "vllm-eu", "weight": 0.0, "allowed_models": [LLAMA], "model_aliases": {"*": LLAMA}},
        ]}),
        key("hackathon", "Hackathon 2025", "platform", json!([])),
    ];
    for key in &mut keys {
        limit(key, calls);
    }
    json!(keys)
}

/// What each may spend: some have plenty, one runs out.
fn limit(key: &mut Value, calls: f64) {
    let id = key["id"].as_str().unwrap_or_default().to_owned();
    let share = CALLERS
        .iter()
        .find(|caller| caller.key == id)
        .map_or(0.0, |caller| caller.share);
    let own = calls * share;
    let (budget_of_call, rate) = match id.as_str() {
        "support-chat" => (
            0.000145,
            json!({"request_max_limit": 1200, "request_reset_duration": "1h"}),
        ),
        "support-triage" => (
            0.00017,
            json!({"request_max_limit": 40, "request_reset_duration": "1m", "max_in_flight": 16}),
        ),
        "support-mail" => (0.00079, Value::Null),
        "search-answers" => (
            0.00075,
            json!({"token_max_limit": (own * 160.0) as u64, "token_reset_duration": "1h"}),
        ),
        "search-index" => (
            0.0001,
            json!({"request_max_limit": (own * 0.35) as u64 + 4, "request_reset_duration": "1h"}),
        ),
        "dev-assistant" => (0.0095, Value::Null),
        "ci-review" => (0.00055, Value::Null),
        "ops-agent" => (0.003, json!({"max_in_flight": 8})),
        "notebooks" => (
            0.0001,
            json!({"request_max_limit": 600, "request_reset_duration": "1h"}),
        ),
        "partner-portal" => (
            0.0003,
            json!({"request_max_limit": (own * 0.09) as u64 + 4, "request_reset_duration": "1h", "request_burst": 4}),
        ),
        _ => (0.0, Value::Null),
    };
    if budget_of_call > 0.0 {
        key["budgets"] = json!([budget(own * budget_of_call, "30d")]);
    }
    if !rate.is_null() {
        key["rate_limit"] = rate;
    }
    key["metadata"] = json!({"env": if id == "notebooks" { "dev" } else { "prod" }});
    match id.as_str() {
        "hackathon" => key["is_active"] = json!(false),
        "support-triage" => key["strategy"] = json!("latency"),
        "dev-assistant" => key["on_disconnect"] = json!({"finish": {"most_tokens": 2000}}),
        _ => {}
    }
}

fn rules() -> Value {
    json!([
        {"id": "premium-chat", "name": "Premium customers talk to Haiku", "priority": 10, "scope": "team", "scope_id": "support",
            "description": "The shop sets x-tier for customers with a premium plan.",
            "cel_expression": "headers[\"x-tier\"] == \"premium\" && request_type == \"chat_completion\"",
            "targets": [{"provider": "anthropic", "model": "claude-haiku-4-5", "weight": 1.0}],
            "fallbacks": ["openai/gpt-4o-mini"]},
        {"id": "fast", "name": "What `fast` means", "priority": 20,
            "description": "Applications ask for `fast` and need not know which model that is this month.",
            "cel_expression": "model == \"fast\"",
            "targets": [{"provider": "mistral", "model": "ministral-8b-latest", "weight": 0.7},
                {"provider": "openai", "model": "gpt-4.1-nano", "weight": 0.3}],
            "fallbacks": [format!("ollama-lab/{QWEN}")]},
        {"id": "long-prompts", "name": "Long prompts go to Gemini", "priority": 30,
            "cel_expression": "token_estimate > 3000 && request_type == \"chat_completion\" && team_name == \"Search\"",
            "targets": [{"provider": "gemini", "model": "gemini-2.5-flash-lite", "weight": 1.0}],
            "fallbacks": ["openai/gpt-4.1-mini"]},
        {"id": "home-when-low", "name": "Home when money runs low", "priority": 40, "scope": "team", "scope_id": "support",
            "description": "Keeps chat alive on our own servers once four fifths of a budget are gone.",
            "cel_expression": "budget_used > 80.0 && model.startsWith(\"gpt-4o\")",
            "targets": [{"provider": "vllm-eu", "model": LLAMA, "weight": 1.0}]},
        {"id": "night-experiments", "name": "Experiments at night", "priority": 90, "enabled": false,
            "cel_expression": "tags.env == \"dev\" && token_estimate < 500",
            "targets": [{"provider": "ollama-lab", "model": QWEN, "weight": 1.0}]},
    ])
}

/// Something that somebody changes.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) before_the_end: Duration,
    who: &'static str,
    what: What,
}

#[derive(Debug)]
enum What {
    Key(&'static str, Value),
    Team(&'static str, Value),
    Rule(&'static str, Value),
    Config(Value),
}

/// The changes of the day, in their order.
pub(crate) fn changes(calls: f64) -> Vec<Change> {
    let at = |hours: f64, who, what| Change {
        before_the_end: Duration::from_secs_f64(hours * 3600.0),
        who,
        what,
    };
    vec![
        at(
            20.5,
            "night-shift",
            What::Config(json!({"client_config": {"log_retention_days": 90}})),
        ),
        at(
            6.3,
            "on-call",
            What::Rule(
                "premium-chat",
                json!({
            "targets": [{"provider": "openai", "model": "gpt-4.1-mini", "weight": 1.0}]}),
            ),
        ),
        at(
            5.4,
            "on-call",
            What::Rule(
                "premium-chat",
                json!({
            "targets": [{"provider": "anthropic", "model": "claude-haiku-4-5", "weight": 1.0}]}),
            ),
        ),
        at(
            4.8,
            "platform",
            What::Team("analytics", json!({"budgets": [budget(calls * 0.00001, "30d")]})),
        ),
        at(
            3.1,
            "platform",
            What::Key(
                "notebooks",
                json!({"description": "Jupyter, for the analysts; dev only"}),
            ),
        ),
    ]
}

impl Change {
    pub(crate) async fn make(self, control: &Control) -> Result<(), ControlError> {
        match self.what {
            What::Key(id, body) => control.save_virtual_key(Some(id), body, self.who).await.map(drop),
            What::Team(id, body) => control
                .documents::<TeamSettings>()
                .save(Some(id), body, self.who)
                .await
                .map(drop),
            What::Rule(id, body) => control
                .documents::<RoutingRule>()
                .save(Some(id), body, self.who)
                .await
                .map(drop),
            What::Config(body) => control.save_config(body, self.who).await.map(drop),
        }
    }
}
