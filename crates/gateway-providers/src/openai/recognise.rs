//! What an error means: from its status, its words, and where a vendor has no word for it, its sentence.
//!
//! The words are those of the vendors' API references; the sentences are what their servers say (vLLM, SGLang, TGI, llama.cpp
//! and Ollama have no words for most of it).

use gateway_types::ErrorKind;

/// What an upstream has told of an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) status: u16,
    pub(super) kind: &'a str,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

/// Words that mean one thing, whatever the status.
const WORDS: &[(&str, ErrorKind)] = &[
    ("context_length_exceeded", ErrorKind::ContextExceeded),
    ("context_window_exceeded", ErrorKind::ContextExceeded),
    // llama.cpp
    ("exceed_context_size_error", ErrorKind::ContextExceeded),
    // Perplexity
    ("too_many_prompt_tokens", ErrorKind::ContextExceeded),
    ("content_filter", ErrorKind::ContentRefused),
    ("content_policy_violation", ErrorKind::ContentRefused),
    ("moderation_blocked", ErrorKind::ContentRefused),
    ("invalid_prompt", ErrorKind::ContentRefused),
    // Azure
    ("responsibleaipolicyviolation", ErrorKind::ContentRefused),
    // Z.ai
    ("1301", ErrorKind::ContentRefused),
    ("insufficient_quota", ErrorKind::UpstreamQuota),
    ("insufficient_balance", ErrorKind::UpstreamQuota),
    ("billing_hard_limit_reached", ErrorKind::UpstreamQuota),
    ("billing_not_active", ErrorKind::UpstreamQuota),
    // Moonshot
    ("exceeded_current_quota_error", ErrorKind::UpstreamQuota),
    // Z.ai
    ("1113", ErrorKind::UpstreamQuota),
    ("engine_overloaded_error", ErrorKind::UpstreamOverloaded),
    ("overloaded_error", ErrorKind::UpstreamOverloaded),
    ("server_overloaded", ErrorKind::UpstreamOverloaded),
    // Mistral
    ("service_tier_capacity_exceeded", ErrorKind::UpstreamOverloaded),
    // Groq
    ("capacity_exceeded", ErrorKind::UpstreamOverloaded),
    // Cerebras
    ("queue_exceeded", ErrorKind::UpstreamOverloaded),
    ("rate_limit_exceeded", ErrorKind::UpstreamLimited),
    ("rate_limit_reached_error", ErrorKind::UpstreamLimited),
    ("ratelimitreached", ErrorKind::UpstreamLimited),
    ("invalid_api_key", ErrorKind::UpstreamAuth),
    ("model_not_found", ErrorKind::ModelNotFound),
    ("model_not_available", ErrorKind::ModelNotFound),
    ("invalid_model", ErrorKind::ModelNotFound),
    ("not_found_model", ErrorKind::ModelNotFound),
    // Azure
    ("deploymentnotfound", ErrorKind::ModelNotFound),
];

/// Sentences that mean that the prompt is too long.
const TOO_LONG: &[&str] = &[
    "maximum context length",
    "max context length",
    "model's context length",
    "context window",
    "context size",
    "maximum prompt length",
    "maximum number of tokens allowed",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "length of all messages is too long",
    "reduce the length of the messages",
    "reduce the length of either one",
    "`inputs` must have less than",
    "tokens + `max_new_tokens` must be <=",
    "token limit reached",
];

/// Sentences that mean that the content was refused.
const REFUSED: &[&str] = &[
    "content management policy",
    "content exists risk",
    "usage guidelines",
    "usage policy",
    "flagged as potentially",
    "requires moderation",
    "rejected by the safety system",
];

/// Sentences that mean that the account is spent.
const SPENT: &[&str] = &[
    "exceeded your current quota",
    "insufficient balance",
    "insufficient credit",
    "credit balance is too low",
    "used all available credits",
    "monthly spending limit",
];

impl Told<'_> {
    /// What it means.
    pub(super) fn kind(&self) -> ErrorKind {
        let message = self.message.to_lowercase();
        let says = |sentences: &[&str]| sentences.iter().any(|sentence| message.contains(sentence));
        if let Some(kind) = self.by_word() {
            return kind;
        }
        // Some servers answer 500 to what they should have refused.
        if matches!(self.status, 400 | 413 | 422 | 500) && says(TOO_LONG) {
            return ErrorKind::ContextExceeded;
        }
        if matches!(self.status, 400 | 403 | 422) && says(REFUSED) {
            return ErrorKind::ContentRefused;
        }
        if self.status == 402 || (matches!(self.status, 400 | 403 | 429) && says(SPENT)) {
            return ErrorKind::UpstreamQuota;
        }
        match self.status {
            400 | 404 if names_a_missing_model(self.status, &message) => ErrorKind::ModelNotFound,
            400 if says(&["incorrect api key", "api key not valid", "invalid api key"]) => ErrorKind::UpstreamAuth,
            401 | 403 => ErrorKind::UpstreamAuth,
            408 | 504 | 524 => ErrorKind::UpstreamTimeout,
            429 if says(&["overloaded", "at capacity", "high traffic"]) => ErrorKind::UpstreamOverloaded,
            429 => ErrorKind::UpstreamLimited,
            // 498 is Groq's status for a tier without room, 529 others' for a server without.
            498 | 503 | 529 => ErrorKind::UpstreamOverloaded,
            400..500 => ErrorKind::UpstreamRejected,
            _ => ErrorKind::UpstreamFailed,
        }
    }

    fn by_word(&self) -> Option<ErrorKind> {
        let known = |word: &str| {
            let word = word.to_ascii_lowercase();
            WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
        };
        known(self.code).or_else(|| known(self.kind))
    }
}

/// Whether the model is not served there. Not every vendor has a code for it.
fn names_a_missing_model(status: u16, message: &str) -> bool {
    const MISSING: [&str; 5] = [
        "not found",
        "not exist",
        "not available",
        "not supported",
        "unable to access",
    ];
    if status == 404 {
        return message.contains("model") && MISSING.iter().any(|words| message.contains(words));
    }
    message.starts_with("invalid model")
        || message.contains("not a valid model id")
        || message.trim_end_matches('.') == "model not exist"
        // Voyage: "Model m is not supported. Supported models are …".
        || (message.starts_with("model ") && message.contains(" is not supported. supported models are"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_known_by_what_vendors_say() {
        use ErrorKind as Kind;
        let cases: &[(u16, &str, &str, &str, ErrorKind)] = &[
            (
                400,
                "invalid_request_error",
                "context_length_exceeded",
                "too long",
                Kind::ContextExceeded,
            ),
            (
                400,
                "BadRequestError",
                "400",
                "This model's maximum context length is 8192 tokens. However, you requested 9000",
                Kind::ContextExceeded,
            ),
            (
                500,
                "server_error",
                "500",
                "the request exceeds the available context size. try increasing it",
                Kind::ContextExceeded,
            ),
            (
                422,
                "validation",
                "",
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
                Kind::ContextExceeded,
            ),
            (
                400,
                "too_many_prompt_tokens",
                "400",
                "The total length of all messages is too long.",
                Kind::ContextExceeded,
            ),
            (
                413,
                "tokens",
                "rate_limit_exceeded",
                "Request too large for model `m` on tokens per minute",
                Kind::UpstreamLimited,
            ),
            (
                400,
                "",
                "content_filter",
                "The response was filtered",
                Kind::ContentRefused,
            ),
            (
                403,
                "",
                "403",
                "m requires moderation on p. Your input was flagged for \"violence\"",
                Kind::ContentRefused,
            ),
            (
                400,
                "invalid_request_error",
                "invalid_request_error",
                "Content Exists Risk",
                Kind::ContentRefused,
            ),
            (
                429,
                "insufficient_quota",
                "insufficient_quota",
                "You exceeded your current quota",
                Kind::UpstreamQuota,
            ),
            (402, "", "402", "Insufficient credits", Kind::UpstreamQuota),
            (
                402,
                "unknown_error",
                "invalid_request_error",
                "Insufficient Balance",
                Kind::UpstreamQuota,
            ),
            (
                403,
                "",
                "",
                "Your team has either used all available credits or reached its monthly spending limit",
                Kind::UpstreamQuota,
            ),
            (
                429,
                "engine_overloaded_error",
                "",
                "The engine is currently overloaded",
                Kind::UpstreamOverloaded,
            ),
            (
                429,
                "",
                "3505",
                "Service tier capacity exceeded for this model: at capacity",
                Kind::UpstreamOverloaded,
            ),
            (503, "", "", "Service Unavailable", Kind::UpstreamOverloaded),
            (529, "", "", "", Kind::UpstreamOverloaded),
            (498, "", "", "", Kind::UpstreamOverloaded),
            (
                429,
                "requests",
                "rate_limit_exceeded",
                "slow down",
                Kind::UpstreamLimited,
            ),
            (
                400,
                "invalid-argument",
                "",
                "Incorrect API key provided. You can obtain one",
                Kind::UpstreamAuth,
            ),
            (
                403,
                "",
                "model_not_found",
                "Project `p` does not have access to model `m`",
                Kind::ModelNotFound,
            ),
            (403, "", "", "no", Kind::UpstreamAuth),
            (
                400,
                "",
                "",
                "Model m is not supported. Supported models are ['a']",
                Kind::ModelNotFound,
            ),
            (
                404,
                "",
                "DeploymentNotFound",
                "The API deployment for this resource does not exist",
                Kind::ModelNotFound,
            ),
            (404, "", "404", "Resource not found", Kind::UpstreamRejected),
            (504, "", "", "", Kind::UpstreamTimeout),
            (502, "", "", "", Kind::UpstreamFailed),
            (422, "", "", "extra fields", Kind::UpstreamRejected),
        ];
        for (status, kind, code, message, expected) in cases {
            let told = Told {
                status: *status,
                kind,
                code,
                message,
            };
            assert_eq!(told.kind(), *expected, "{told:?}");
        }
    }
}
