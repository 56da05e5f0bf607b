//! A row with everything that is kept of it: where the call was to go and why, what it cost exactly, what was said.

use std::sync::Arc;

use gateway::Decided;
use gateway::ports::logs as stored;
use gateway_types::TokenClass;
use schemars::JsonSchema;
use serde::Serialize;

use super::LogRow;
use super::bill::Bill;
use super::chat::{Conversation, readable};
use crate::respond::ApiError;
use crate::state::Edge;

/// A request with everything that is kept of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LogDetail {
    #[serde(flatten)]
    row: LogRow,
    /// Why this provider, sentence by sentence.
    why: Vec<String>,
    /// Every candidate with its place and the reason for it.
    plan: Option<Decided>,
    /// Tokens by class; those that there are.
    tokens_by_class: Vec<ClassTokens>,
    /// What it cost, as the ledger has it; none where nothing was booked.
    ledger: Option<Bill>,
    /// What was said, where content is kept (`content_capture: full`) and can be read.
    conversation: Option<Conversation>,
    /// The request body as it came, up to 256 KiB, where content is kept. A stream of AWS events is told line by line.
    raw_request: Option<String>,
    /// The response body as it went out, likewise.
    raw_response: Option<String>,
}

/// The tokens of one class. Classes are disjoint.
#[derive(Serialize, JsonSchema)]
struct ClassTokens {
    class: TokenClass,
    tokens: u64,
}

impl LogDetail {
    /// Puts together what there is.
    pub(crate) async fn of(edge: &Arc<Edge>, row: &stored::LogRow) -> Result<Self, ApiError> {
        let bill = Bill::of(edge.gateway.control(), row).await?;
        Ok(Self::new(row, bill))
    }

    fn new(row: &stored::LogRow, ledger: Option<Bill>) -> Self {
        let plan = Decided::of(row);
        let usage = row.metered.map(|metered| metered.usage).unwrap_or_default();
        let tokens = TokenClass::ALL.into_iter().map(|class| ClassTokens {
            class,
            tokens: usage.of(class),
        });
        Self {
            row: LogRow::of(row),
            why: plan.as_ref().map(|plan| plan.why(&row.attempts)).unwrap_or_default(),
            plan,
            tokens_by_class: tokens.filter(|class| class.tokens > 0).collect(),
            ledger,
            conversation: Conversation::of(row),
            raw_request: row.request_body.as_deref().map(readable),
            raw_response: row.response_body.as_deref().map(readable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sample;

    #[test]
    fn a_row_tells_why_and_what_of_each_class() {
        let plan = serde_json::json!({
            "model": "asked", "strategy": "weighted", "seed": 1, "at": 0,
            "picks": [{
                "place": 1, "group": 0, "index": 0, "score": 0.5, "last_resort": false,
                "deployment": {"provider": "vllm", "key": "key-1", "model": "served", "endpoint": 1, "upstream": 1},
                "reason": {"code": "drawn", "words": "drawn by weight, with 100.0 % of it", "share": 1.0}, "weight": 1.0,
            }],
            "left_out": [],
            "not_allowed": [{"provider": "azure", "why": "the key does not list the model"}],
        });
        let row = stored::LogRow {
            plan: stored::Json::of(&plan),
            ..sample::row()
        };
        let shown = serde_json::to_value(LogDetail::new(&row, None)).unwrap();
        assert_eq!(
            shown["why"],
            serde_json::json!([
                "There is one candidate for `asked`.",
                "vllm answered 500 after 2 ms.",
                "ollama was passed over.",
                "So openai was tried, and answered after 2 ms.",
            ])
        );
        assert_eq!(shown["plan"]["picks"][0]["deployment"]["provider"], "vllm");
        assert_eq!(shown["plan"]["not_allowed"][0]["provider"], "azure");
        assert_eq!(
            shown["tokens_by_class"],
            serde_json::json!([
                {"class": "input", "tokens": 10},
                {"class": "cache_read", "tokens": 2},
                {"class": "output", "tokens": 5},
            ])
        );
        assert_eq!(
            (&shown["raw_request"], &shown["ledger"]),
            (&"{}".into(), &serde_json::Value::Null)
        );
    }

    #[test]
    fn a_plan_that_nobody_can_read_hides_nothing_else() {
        let row = stored::LogRow {
            plan: stored::Json::of(&serde_json::json!({"picks": "of a later version"})),
            ..sample::row()
        };
        let shown = serde_json::to_value(LogDetail::new(&row, None)).unwrap();
        assert_eq!(
            (&shown["plan"], &shown["id"]),
            (&serde_json::Value::Null, &row.id.to_string().into())
        );
    }
}
