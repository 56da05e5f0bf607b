//! A log row as the API shows it: the reference's names, and ours where it has none.

mod bill;
mod chat;
pub(crate) mod detail;

use std::sync::Arc;

use gateway::ports::ledger::Tags;
use gateway::ports::logs::{self as stored, Hosting, Status};
use gateway_types::loss::Loss;
use gateway_types::{
    Basis, CustomerId, DialectName, KeyId, Metered, ModelName, Operation, Origin, ProviderName, TeamId, VirtualKeyId,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Operations by the reference's word for the object that they make.
pub(super) const OBJECTS: [(&str, Operation); 4] = [
    ("chat.completion", Operation::Chat),
    ("text.completion", Operation::Completions),
    ("embedding", Operation::Embeddings),
    ("list_models", Operation::Models),
];

/// A request, as lists show it: without its plan and kept content.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LogRow {
    /// The request's id: what a caller finds in `x-gateway-request-id`.
    pub(crate) id: String,
    /// When it came, in RFC 3339.
    timestamp: String,
    /// What was asked for, in the reference's words.
    object: Option<&'static str>,
    /// What was asked for, in ours.
    operation: Option<&'static str>,
    /// The API that the client speaks.
    dialect: Option<DialectName>,
    /// Who answered; none where nobody was reached or it was refused.
    provider: Option<ProviderName>,
    /// The model that answered, in the upstream's words.
    model: Option<ModelName>,
    /// The model as the client wrote it.
    requested_model: Option<ModelName>,
    /// Where the model runs.
    hosting: Option<Hosting>,
    /// Attempts that were made again at the same provider.
    number_of_retries: usize,
    /// Attempts that were made elsewhere.
    fallback_index: usize,
    /// The provider's key that answered.
    selected_key_id: Option<KeyId>,
    virtual_key_id: Option<VirtualKeyId>,
    team_id: Option<TeamId>,
    customer_id: Option<CustomerId>,
    /// What the caller and its key say of the request.
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    metadata: Tags,
    /// Whether a stream was asked for.
    stream: bool,
    status: Status,
    /// The HTTP status sent.
    status_code: u16,
    /// What went wrong.
    error_details: Option<LogError>,
    /// From its first byte here to the last byte out, in milliseconds.
    latency: f64,
    /// From its first byte here to the first byte of content out, in milliseconds.
    time_to_first_token: Option<f64>,
    /// Of the latency, what was spent waiting for upstreams, in milliseconds.
    upstream_latency: f64,
    /// What was used; none where nothing was.
    token_usage: Option<TokenUsage>,
    /// In dollars.
    cost: f64,
    /// Whether the price of the model was not known.
    unpriced: bool,
    /// Every try, in order, those included that were passed over.
    attempts: Vec<LogAttempt>,
    /// The output cap that the gateway set, where a budget asked for one.
    clamped_max_tokens: Option<u64>,
    /// The routing rule that said where it goes.
    routing_rule_id: Option<String>,
    /// How it was called then.
    routing_rule_name: Option<String>,
    /// What a translation between dialects did to fields that have no counterpart.
    losses: Vec<Loss>,
}

/// What went wrong.
#[derive(Serialize, JsonSchema)]
struct LogError {
    /// The code that clients match on.
    code: &'static str,
    /// Whose fault it is.
    origin: Origin,
    /// In words.
    message: String,
}

/// What was used, in tokens.
#[derive(Serialize, JsonSchema)]
struct TokenUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptTokens,
    completion_tokens_details: CompletionTokens,
    /// How the usage is known.
    basis: Basis,
}

/// Parts of the prompt, which `prompt_tokens` has as well.
#[derive(Serialize, JsonSchema)]
struct PromptTokens {
    /// Read from the provider's cache.
    cached_tokens: u64,
    /// Written to the provider's cache.
    cache_write_tokens: u64,
    audio_tokens: u64,
    image_tokens: u64,
}

/// Parts of the answer, which `completion_tokens` has as well.
#[derive(Serialize, JsonSchema)]
struct CompletionTokens {
    reasoning_tokens: u64,
    audio_tokens: u64,
    image_tokens: u64,
}

/// One try. Times are in milliseconds.
#[derive(Serialize, JsonSchema)]
struct LogAttempt {
    provider: ProviderName,
    key_id: KeyId,
    /// In the upstream's words.
    model: ModelName,
    /// Why it was made: `first`, `retry`, `other_key`, `fallback`.
    reason: String,
    /// How it ended, in a word: `success`, `failed`, `unreachable`, `timed_out`, `skipped`, …
    outcome: String,
    /// The upstream's status, where it answered.
    status_code: Option<u16>,
    /// What it said or what broke, where something did.
    message: Option<String>,
    /// When it began, after the request came.
    started: f64,
    /// How long it took until its end or, of a stream, its first content.
    latency: f64,
    /// When the head of its answer came, after it began.
    head: Option<f64>,
    /// When it was over, after the request came: for a stream, when that had ended.
    ended: f64,
}

impl LogRow {
    /// A row for a list.
    pub(crate) fn of(row: &stored::LogRow) -> Self {
        let last = row.attempts.len().saturating_sub(1);
        let attempts = row.attempts.iter().enumerate();
        Self {
            id: row.id.to_string(),
            timestamp: row.at.rfc3339(),
            object: row.operation.map(object),
            operation: row.operation.map(Operation::as_str),
            dialect: row.dialect,
            provider: row.provider.clone(),
            model: row.model.clone(),
            requested_model: row.asked.clone(),
            hosting: row.hosting,
            number_of_retries: count(row, &["retry", "other_key"]),
            fallback_index: count(row, &["fallback"]),
            selected_key_id: row.key.clone(),
            virtual_key_id: row.virtual_key.clone(),
            team_id: row.team.clone(),
            customer_id: row.customer.clone(),
            metadata: Arc::clone(&row.tags),
            stream: row.stream,
            status: row.status,
            status_code: row.http_status,
            error_details: row.error.as_ref().map(LogError::of),
            latency: millis(row.latency_us),
            time_to_first_token: row.ttft_us.map(millis),
            upstream_latency: millis(row.upstream_us),
            token_usage: row.metered.as_ref().map(TokenUsage::of),
            cost: row.cost.dollars(),
            unpriced: row.unpriced,
            attempts: attempts
                .map(|(at, attempt)| LogAttempt::of(attempt, (at == last).then_some(row)))
                .collect(),
            clamped_max_tokens: row.clamped,
            routing_rule_id: row.rule.as_ref().map(|rule| rule.id.clone()),
            routing_rule_name: row.rule.as_ref().map(|rule| rule.name.clone()),
            losses: row.losses.clone(),
        }
    }
}

fn object(operation: Operation) -> &'static str {
    OBJECTS
        .iter()
        .find(|(_, known)| *known == operation)
        .map_or(operation.as_str(), |(word, _)| word)
}

/// Attempts that were made for one of these reasons.
fn count(row: &stored::LogRow, reasons: &[&str]) -> usize {
    row.attempts
        .iter()
        .filter(|attempt| was_made(attempt) && reasons.contains(&&*attempt.reason))
        .count()
}

/// Whether an attempt went out, and was not passed over.
pub(crate) fn was_made(attempt: &stored::LogAttempt) -> bool {
    attempt.outcome != "skipped"
}

impl LogError {
    fn of(error: &stored::LogError) -> Self {
        Self {
            code: error.kind.code(),
            origin: error.kind.origin(),
            message: error.message.clone(),
        }
    }
}

impl TokenUsage {
    fn of(metered: &Metered) -> Self {
        let usage = &metered.usage;
        Self {
            prompt_tokens: usage.input_total(),
            completion_tokens: usage.output_total(),
            total_tokens: usage.total(),
            prompt_tokens_details: PromptTokens {
                cached_tokens: usage.cached(),
                cache_write_tokens: usage.cache_write.saturating_add(usage.cache_write_hour),
                audio_tokens: usage.input_audio,
                image_tokens: usage.input_image,
            },
            completion_tokens_details: CompletionTokens {
                reasoning_tokens: usage.reasoning,
                audio_tokens: usage.output_audio,
                image_tokens: usage.output_image,
            },
            basis: metered.basis,
        }
    }
}

impl LogAttempt {
    /// `streamed`: the row, if it is the last attempt, whose stream went on after its first content.
    fn of(attempt: &stored::LogAttempt, streamed: Option<&stored::LogRow>) -> Self {
        let over = attempt.started_us.saturating_add(attempt.took_us);
        let goes_on = |row: &&stored::LogRow| row.stream && row.ttft_us.is_some() && was_made(attempt);
        let ended = streamed.filter(goes_on).map_or(over, |row| over.max(row.latency_us));
        Self {
            provider: attempt.provider.clone(),
            key_id: attempt.key.clone(),
            model: attempt.model.clone(),
            reason: attempt.reason.clone().into_owned(),
            outcome: attempt.outcome.clone().into_owned(),
            status_code: attempt.http_status,
            message: attempt.message.clone(),
            started: millis(attempt.started_us),
            latency: millis(attempt.took_us),
            head: attempt.head_us.map(millis),
            ended: millis(ended),
        }
    }
}

/// Milliseconds with their fraction.
pub(super) fn millis(us: u64) -> f64 {
    us as f64 / 1000.0
}

#[cfg(test)]
pub(crate) mod sample {
    use gateway::ports::logs::{Json, LogAttempt, LogError, LogRow};
    use gateway_types::{ErrorKind, NanoUsd, Now, RequestId, Usage, Wall};
    use serde_json::json;

    use super::{Basis, Metered, Operation, Status};

    /// A row of a call that failed over once.
    pub(crate) fn row() -> LogRow {
        let attempt = |provider: &str, reason: &str, outcome: &str, status: u16| LogAttempt {
            provider: provider.into(),
            key: "key-1".into(),
            model: "served".into(),
            reason: reason.to_owned().into(),
            outcome: outcome.to_owned().into(),
            http_status: Some(status),
            message: None,
            started_us: 0,
            took_us: 1500,
            head_us: Some(1400),
        };
        LogRow {
            v: 1,
            id: RequestId::new(Now::default()),
            at: Wall::from_millis(1_700_000_000_123),
            operation: Some(Operation::Chat),
            dialect: Some(gateway_types::DialectName::OpenAi),
            asked: Some("asked".into()),
            provider: Some("openai".into()),
            key: Some("key-1".into()),
            model: Some("served".into()),
            hosting: Some(gateway::ports::logs::Hosting::Cloud),
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
            plan: Json::of(&json!({ "why": "so" })),
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
            hosting: None,
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
    use serde_json::{Value, json};

    use super::*;

    fn shown(row: &stored::LogRow) -> Value {
        serde_json::to_value(LogRow::of(row)).unwrap()
    }

    #[test]
    fn a_row_is_shown_in_the_references_words() {
        let shown = shown(&sample::row());
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
        assert!(shown.get("plan").is_none());
    }

    #[test]
    fn a_refused_call_has_no_provider_and_says_why() {
        let shown = shown(&sample::refused());
        assert_eq!(shown["provider"], Value::Null);
        assert_eq!(shown["error_details"]["code"], "model_blocked");
    }

    #[test]
    fn the_stream_of_the_last_attempt_ends_with_the_request() {
        let row = sample::row();
        let attempts = shown(&row)["attempts"].clone();
        assert_eq!(attempts[0]["ended"], 1.5, "it failed, and was over");
        assert_eq!(attempts[2]["ended"], 2.5, "it streamed until the end");
        let whole = stored::LogRow { stream: false, ..row };
        assert_eq!(shown(&whole)["attempts"][2]["ended"], 1.5);
    }
}
