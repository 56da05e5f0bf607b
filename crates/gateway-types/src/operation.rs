//! What is asked for, and in which API shape.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a call wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Operation {
    /// A chat turn.
    Chat,
    /// The older text completion.
    Completions,
    /// Vectors for texts.
    Embeddings,
    /// The list of models.
    Models,
}

impl Operation {
    /// The word for it in logs and metrics (OpenTelemetry's `gen_ai.operation.name` where it has one).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completions => "text_completion",
            Self::Embeddings => "embeddings",
            Self::Models => "models",
        }
    }

    /// Whether its answer is generated, so that output tokens are produced and can be capped.
    pub const fn generates(self) -> bool {
        matches!(self, Self::Chat | Self::Completions)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An API shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DialectName {
    /// OpenAI Chat Completions, with completions and embeddings beside it.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
}

impl DialectName {
    /// The name in settings, logs and headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

impl fmt::Display for DialectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_written_in_settings_as_it_is_named() {
        for dialect in [DialectName::OpenAi, DialectName::Anthropic] {
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.as_str());
        }
    }

    #[test]
    fn only_what_writes_text_can_be_capped() {
        assert!(Operation::Chat.generates() && Operation::Completions.generates());
        assert!(!Operation::Embeddings.generates() && !Operation::Models.generates());
    }
}
