//! What the gateways are set up with, as documents.

use std::fmt;

use serde_json::{Value, json};

use super::Upstream;
use crate::wire::Wire;

/// The virtual key that calls when everything is on.
pub(crate) const KEY: &str = "vk-load-of-the-bench";
/// The same with eight quotas in scope.
pub(crate) const KEY_OF_EIGHT: &str = "vk-load-with-eight-quotas";

/// What there are many of, beside those that the call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// Virtual keys, each with a budget of its own.
    Keys(usize),
    /// Providers.
    Providers(usize),
    /// Rules of teams that the caller is not of.
    RulesOfOthers(usize),
    /// Rules for everybody, about other models.
    RulesOfAll(usize),
}

impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(count) => write!(f, "{count} virtual keys"),
            Self::Providers(count) => write!(f, "{count} providers"),
            Self::RulesOfOthers(count) => write!(f, "{count} rules of other teams"),
            Self::RulesOfAll(count) => write!(f, "{count} rules for all"),
        }
    }
}

/// Providers, and nothing that costs anything.
pub(super) fn nothing(upstream: &Upstream) -> Value {
    json!({ "client": { "enable_logging": false }, "providers": providers(upstream) })
}

/// Providers of both dialects at the mock upstream; keys, limits, logs, and a rule that is asked.
pub(crate) fn everything(upstream: &Upstream) -> Value {
    let key = json!({
        "id": "load", "value": KEY, "provider_configs": entries(), "budgets": [budget("1M")], "rate_limit": rate(),
    });
    let eight = json!({
        "id": "load-eight", "value": KEY_OF_EIGHT, "provider_configs": entries(), "team_id": "load",
        "budgets": [budget("1d"), budget("1M")], "rate_limit": rate(),
    });
    let team = json!({ "id": "load", "name": "load", "budgets": [budget("1M")], "rate_limit": rate() });
    let mut rule = rule("never", "model == 'gpt-none' && tokens_used > 90.0");
    rule["priority"] = json!(-1);
    json!({
        "client": { "enable_logging": true },
        "providers": providers(upstream),
        "governance": { "virtual_keys": [key, eight], "teams": [team], "routing_rules": [rule] },
    })
}

/// Everything, among many.
pub(super) fn crowded(upstream: &Upstream, crowd: Crowd) -> Value {
    let mut settings = everything(upstream);
    let governance = &mut settings["governance"];
    match crowd {
        Crowd::Keys(count) => extend(&mut governance["virtual_keys"], (0..count).map(key)),
        Crowd::RulesOfAll(count) => extend(
            &mut governance["routing_rules"],
            (0..count).map(|nth| rule(&format!("of-all-{nth}"), &format!("model == 'gpt-none-{nth}'"))),
        ),
        Crowd::RulesOfOthers(count) => {
            let team = |nth: usize| json!({ "id": format!("other-{nth}"), "name": format!("other-{nth}") });
            extend(&mut governance["teams"], (0..count).map(team));
            let rule = |nth: usize| {
                let mut rule = rule(&format!("of-other-{nth}"), "tokens_used < 90.0");
                rule["scope"] = json!("team");
                rule["scope_id"] = json!(format!("other-{nth}"));
                rule
            };
            extend(&mut governance["routing_rules"], (0..count).map(rule));
        }
        Crowd::Providers(count) => {
            if let Some(all) = settings["providers"].as_object_mut() {
                all.extend((0..count).map(|nth| {
                    let name = format!("custom-{nth}");
                    let mut custom = provider(&name, upstream);
                    custom["custom_provider_config"] = json!({ "base_provider_type": "openai" });
                    (name, custom)
                }));
            }
        }
    }
    settings
}

fn extend(list: &mut Value, more: impl Iterator<Item = Value>) {
    if let Some(list) = list.as_array_mut() {
        list.extend(more);
    }
}

/// One of many virtual keys.
fn key(nth: usize) -> Value {
    json!({
        "id": format!("one-of-many-{nth}"),
        "value": key_of(nth),
        "provider_configs": [{ "provider": "openai", "weight": 1 }],
        "budgets": [{ "max_limit": 1_000, "reset_duration": "1d" }],
    })
}

/// The value of one of those keys.
pub(crate) fn key_of(nth: usize) -> String {
    format!("vk-one-of-very-many-{nth}")
}

fn entries() -> Value {
    json!([{ "provider": "openai", "weight": 0.9 }, { "provider": "anthropic", "weight": 0.1 }])
}

fn budget(window: &str) -> Value {
    json!({ "max_limit": 1_000_000, "reset_duration": window })
}

fn rate() -> Value {
    json!({
        "request_max_limit": 1_000_000_000, "request_reset_duration": "1h",
        "token_max_limit": 1_000_000_000_000_i64, "token_reset_duration": "1h",
    })
}

fn rule(name: &str, condition: &str) -> Value {
    json!({
        "id": name, "name": name, "cel_expression": condition,
        "targets": [{ "provider": "openai", "model": "gpt-4o-mini", "weight": 1 }],
    })
}

fn providers(upstream: &Upstream) -> Value {
    json!({ "openai": provider("openai", upstream), "anthropic": provider("anthropic", upstream) })
}

fn provider(name: &str, upstream: &Upstream) -> Value {
    let scheme = if upstream.wire == Wire::TlsOut { "https" } else { "http" };
    // Silent streams hold a connection each, and by default a host gets five thousand.
    let mut network = json!({
        "base_url": format!("{scheme}://{}", upstream.address),
        "max_conns_per_host": 10_000,
    });
    match upstream.wire {
        Wire::TlsOut => {
            let authority = std::fs::read_to_string(&upstream.papers.authority).unwrap_or_default();
            network["ca_cert_pem"] = json!(authority);
        }
        Wire::Http2Out => network["enforce_http2"] = json!(true),
        _ => {}
    }
    json!({
        "keys": [{ "name": format!("{name}-key"), "value": "sk-of-the-bench-upstream" }],
        "network_config": network,
    })
}
