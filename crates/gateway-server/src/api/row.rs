//! A log row as the API shows it: the reference's names, and ours where it has none.

use gateway::ports::logs::{LogAttempt, LogError, LogRow, Status};
use gateway_types::{Basis, Metered, Operation};
use serde_json::{Value, json};

/// Operations by the reference's word for the object that they make.
pub(super) const OBJECTS: [(&str, Operation); 4] = [
    ("chat.completion", Operation::Chat),
    ("text.completion", Operation::Completions),
    ("embedding", Operation::Embeddings),
    ("list_models", Operation::Models),
];

/// A row for a list: without its plan and kept content.
pub(crate) fn short(row: &LogRow) -> Value {
    json!({
        "id": row.id,
        "timestamp": row.at.rfc3339(),
        "object": row.operation.map(object),
        "operation": row.operation.map(Operation::as_str),
        "provider": row.provider,
        "model": row.model,
        "requested_model": row.asked,
        "number_of_retries": count(row, &["retry", "other_key"]),
        "fallback_index": count(row, &["fallback"]),
        "selected_key_id": row.key,
        "virtual_key_id": row.virtual_key,
        "team_id": row.team,
        "customer_id": row.customer,
        "metadata": row.tags,
        "stream": row.stream,
        "status": status(row.status),
        "status_code": row.http_status,
        "error_details": row.error.as_ref().map(error),
        "latency": millis(row.latency_us),
        "time_to_first_token": row.ttft_us.map(millis),
        "upstream_latency": millis(row.upstream_us),
        "token_usage": row.metered.as_ref().map(tokens),
        "cost": row.cost.dollars(),
        "unpriced": row.unpriced,
        "attempts": row.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "clamped_max_tokens": row.clamped,
        "routing_rule_id": row.rule.as_ref().map(|rule| &rule.id),
        "routing_rule_name": row.rule.as_ref().map(|rule| &rule.name),
        "losses": row.losses,
    })
}

/// A row with everything that is kept of it.
pub(crate) fn full(row: &LogRow) -> Value {
    let mut shown = short(row);
    shown["plan"] = json!(row.plan);
    shown["raw_request"] = json!(row.request_body);
    shown["raw_response"] = json!(row.response_body);
    shown
}

fn object(operation: Operation) -> &'static str {
    OBJECTS
        .iter()
        .find(|(_, known)| *known == operation)
        .map_or(operation.as_str(), |(word, _)| word)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::Error => "error",
        Status::Cancelled => "cancelled",
    }
}

/// Attempts that were made for one of these reasons.
fn count(row: &LogRow, reasons: &[&str]) -> usize {
    row.attempts
        .iter()
        .filter(|attempt| was_made(attempt) && reasons.contains(&attempt.reason.as_str()))
        .count()
}

/// Whether an attempt went out, and was not passed over.
pub(crate) fn was_made(attempt: &LogAttempt) -> bool {
    attempt.outcome != "skipped"
}

fn error(error: &LogError) -> Value {
    json!({ "code": error.kind.code(), "origin": error.kind.origin(), "message": error.message })
}

fn tokens(metered: &Metered) -> Value {
    let usage = &metered.usage;
    json!({
        "prompt_tokens": usage.input_total(),
        "completion_tokens": usage.output_total(),
        "total_tokens": usage.total(),
        "prompt_tokens_details": {
            "cached_tokens": usage.cached(),
            "cache_write_tokens": usage.cache_write.saturating_add(usage.cache_write_hour),
            "audio_tokens": usage.input_audio,
            "image_tokens": usage.input_image,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": usage.output_audio,
            "image_tokens": usage.output_image,
        },
        "basis": match metered.basis {
            Basis::Reported => "reported",
            Basis::Counted => "counted",
            Basis::Estimated => "estimated",
        },
    })
}

fn attempt(attempt: &LogAttempt) -> Value {
    json!({
        "provider": attempt.provider,
        "key_id": attempt.key,
        "model": attempt.model,
        "reason": attempt.reason,
        "outcome": attempt.outcome,
        "status_code": attempt.http_status,
        "message": attempt.message,
        "started": millis(attempt.started_us),
        "latency": millis(attempt.took_us),
    })
}

/// Milliseconds with their fraction.
pub(super) fn millis(us: u64) -> f64 {
    us as f64 / 1000.0
}

#[cfg(test)]
pub(crate) mod sample {
    use gateway_types::{ErrorKind, NanoUsd, Now, RequestId, Usage, Wall};

    use super::*;

    /// A row of a call that failed over once.
    pub(crate) fn row() -> LogRow {
        let attempt = |provider: &str, reason: &str, outcome: &str, status: u16| LogAttempt {
            provider: provider.into(),
            key: "key-1".into(),
            model: "served".into(),
            reason: reason.into(),
            outcome: outcome.into(),
            http_status: Some(status),
            message: None,
            started_us: 0,
            took_us: 1500,
        };
        LogRow {
            v: 1,
            id: RequestId::new(Now::default()),
            at: Wall::from_millis(1_700_000_000_123),
            operation: Some(Operation::Chat),
            asked: Some("asked".into()),
            provider: Some("openai".into()),
            key: Some("key-1".into()),
            model: Some("served".into()),
            virtual_key: Some("vk-unified".into()),
            team: Some("research".into()),
            customer: None,
            tags: Default::default(),
            stream: true,
            status: Status::Success,
            http_status: 200,
            error: None,
            latency_us: 2500,
            ttft_us: Some(900),
            upstream_us: 2000,
            metered: Some(Metered {
                usage: Usage {
                    input: 10,
                    cache_read: 2,
                    output: 5,
                    ..Usage::default()
                },
                basis: Basis::Reported,
                cost: None,
            }),
            cost: NanoUsd(1_500_000),
            unpriced: false,
            rule: None,
            attempts: vec![
                attempt("vllm", "first", "failed", 500),
                attempt("ollama", "fallback", "skipped", 0),
                attempt("openai", "fallback", "success", 200),
            ],
            plan: gateway::ports::logs::Json::of(&json!({ "why": "so" })),
            losses: Vec::new(),
            clamped: None,
            request_body: Some("{}".into()),
            response_body: None,
        }
    }

    /// The same, refused at the door.
    pub(crate) fn refused() -> LogRow {
        LogRow {
            provider: None,
            model: None,
            key: None,
            status: Status::Error,
            http_status: 403,
            error: Some(LogError {
                kind: ErrorKind::ModelBlocked,
                message: "no".into(),
            }),
            metered: None,
            cost: NanoUsd::ZERO,
            attempts: Vec::new(),
            ..row()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_shown_in_the_references_words() {
        let shown = short(&sample::row());
        for (pointer, expected) in [
            ("/timestamp", json!("2023-11-14T22:13:20.123Z")),
            ("/object", json!("chat.completion")),
            ("/provider", json!("openai")),
            ("/model", json!("served")),
            ("/latency", json!(2.5)),
            ("/cost", json!(0.0015)),
            ("/status", json!("success")),
            ("/number_of_retries", json!(0)),
            ("/fallback_index", json!(1)),
            ("/token_usage/prompt_tokens", json!(12)),
            ("/token_usage/total_tokens", json!(17)),
            ("/attempts/0/outcome", json!("failed")),
            ("/attempts/0/latency", json!(1.5)),
        ] {
            assert_eq!(shown.pointer(pointer), Some(&expected), "{pointer}");
        }
        assert!(shown.get("plan").is_none() && full(&sample::row())["plan"]["why"] == "so");
    }

    #[test]
    fn a_refused_call_has_no_provider_and_says_why() {
        let shown = short(&sample::refused());
        assert_eq!(shown["provider"], Value::Null);
        assert_eq!(shown["error_details"]["code"], "model_blocked");
    }
}
