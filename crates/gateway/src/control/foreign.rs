//! The reference's fields that are not ours: known and not acted on, or shown by answers and sent back with them.

use serde_json::{Map, Value};

/// Fields of one kind of object that are not ours.
#[derive(Debug)]
pub struct Foreign {
    /// Known to the reference and not acted on here: taken, and named in the answer's warnings.
    inert: &'static [&'static str],
    /// What answers show beside the settings, so that an answer can be sent back as it came.
    shown: &'static [&'static str],
}

pub(super) const DOCUMENT: Foreign = Foreign {
    inert: &[
        "encryption_key",
        "auth_config",
        "framework",
        "mcp",
        "vector_store",
        "config_store",
        "logs_store",
        "cluster_config",
        "saml_config",
        "load_balancer_config",
        "guardrails_config",
        "plugins",
        "audit_logs",
        "large_payload_optimization",
        "websocket",
        "version",
        "source_of_truth",
        "access_profiles",
        "alerting",
    ],
    shown: &["$schema"],
};
pub(super) const CLIENT: Foreign = Foreign {
    inert: &[
        "drop_excess_requests",
        "initial_pool_size",
        "prometheus_labels",
        "allowed_origins",
        "allowed_headers",
        "disable_db_pings_in_health",
        "allow_direct_keys",
        "enable_litellm_fallbacks",
        "compat",
        "header_filter_config",
        "async_job_result_ttl",
        "logging_headers",
        "whitelisted_routes",
        "hide_deleted_virtual_keys_in_filters",
        "mcp_agent_depth",
        "mcp_tool_execution_timeout",
        "mcp_code_mode_binding_level",
        "mcp_tool_sync_interval",
        "mcp_disable_auto_tool_inject",
        "mcp_external_client_url",
        "routing_chain_max_depth",
        "delete_expired_virtual_keys",
        "enforce_scim_auth",
    ],
    shown: &[],
};
pub(super) const GOVERNANCE: Foreign = Foreign {
    inert: &["auth_config"],
    shown: &[],
};
pub(super) const PROVIDER: Foreign = Foreign {
    inert: &[
        "concurrency_and_buffer_size",
        "send_back_raw_request",
        "send_back_raw_response",
        "store_raw_request_response",
        "openai_config",
        "description",
    ],
    shown: &[
        "name",
        "provider",
        "kind",
        "self_hosted",
        "provider_status",
        "status",
        "config_hash",
        "origin",
        "discovery",
        "warnings",
    ],
};
pub(super) const KEY: Foreign = Foreign {
    inert: &[
        "use_for_batch_api",
        "blacklisted_models",
        "replicate_key_config",
        "huggingface_key_config",
        "databricks_key_config",
        "github_copilot_key_config",
    ],
    shown: &[
        "provider",
        "status",
        "usable",
        "discovery",
        "warnings",
        "config_hash",
        "created_at",
        "updated_at",
    ],
};
pub(super) const KEY_CONFIG: Foreign = Foreign {
    inert: &["batch_s3_config"],
    shown: &[],
};
pub(super) const NETWORK: Foreign = Foreign {
    inert: &["allow_private_network"],
    shown: &[],
};
pub(super) const CUSTOM: Foreign = Foreign {
    inert: &["does_not_send_done_marker", "prompt_cache"],
    shown: &[],
};
pub(super) const VIRTUAL_KEY: Foreign = Foreign {
    inert: &[
        "mcp_configs",
        "allow_all_keys",
        "delete_after_expire",
        "disable_content_logging",
    ],
    shown: &[
        "value_hash",
        "value_hint",
        "guessable",
        "previous",
        "created_at",
        "updated_at",
        "config_hash",
        "budget_id",
        "rate_limit_id",
        "team",
        "customer",
        "origin",
        "warnings",
        "status",
        "activity",
    ],
};
pub(super) const PROVIDER_ENTRY: Foreign = Foreign {
    inert: &[],
    shown: &["id", "virtual_key_id", "budget_id", "rate_limit_id"],
};
pub(super) const ROUTING_RULE: Foreign = Foreign {
    inert: &["chain_rule"],
    shown: &["created_at", "updated_at", "config_hash", "origin", "warnings"],
};
/// Of customers, teams, models and providers with limits.
pub(super) const PARTY: Foreign = Foreign {
    inert: &["profile", "config", "claims"],
    shown: &[
        "budget_id",
        "rate_limit_id",
        "team",
        "teams",
        "customer",
        "virtual_keys",
        "virtual_key_count",
        "origin",
        "warnings",
        "config_hash",
        "created_at",
        "updated_at",
    ],
};
/// Of users and API tokens.
pub(super) const PERSON: Foreign = Foreign {
    inert: &[],
    shown: &["origin", "warnings", "expired"],
};
pub(super) const MODEL_LIMIT: Foreign = Foreign {
    inert: &[],
    shown: &["id", "virtual_key_id", "provider", "budget_id", "rate_limit_id"],
};
pub(super) const BUDGET: Foreign = Foreign {
    inert: &[],
    shown: &[
        "last_reset",
        "current_usage",
        "held",
        "resets_at",
        "config_hash",
        "created_at",
        "updated_at",
        "virtual_key_id",
        "provider_config_id",
        "provider_config",
        "model_config_id",
        "team_id",
        "customer_id",
        "provider",
        "model_name",
        "effective_max_limit",
        "owner",
    ],
};
pub(super) const RATE_LIMIT: Foreign = Foreign {
    inert: &[],
    shown: &[
        "id",
        "token_current_usage",
        "token_last_reset",
        "request_current_usage",
        "request_last_reset",
        "request_resets_at",
        "token_resets_at",
        "token_held",
        "current_in_flight",
        "owner",
        "virtual_key_id",
        "provider_config_id",
        "provider_config",
        "model_config_id",
        "team_id",
        "customer_id",
        "provider",
        "model_name",
        "config_hash",
        "created_at",
        "updated_at",
    ],
};

pub(super) const PRICES: Foreign = Foreign {
    inert: &[],
    shown: &["origin", "created_at", "updated_at", "config_hash", "warnings"],
};

impl Foreign {
    /// Takes foreign fields out of an object, noting those that somebody might have counted on.
    pub(super) fn take_out(&self, object: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) {
        object.retain(|field, value| {
            if self.shown.contains(&field.as_str()) {
                return false;
            }
            let inert = self.inert.contains(&field.as_str());
            if inert && !is_nothing(value) {
                warnings.push(format!("`{}` is known but not acted on", at(path, field)));
            }
            !inert
        });
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

pub(super) fn at(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}
