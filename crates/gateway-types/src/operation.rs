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
    /// A chat turn, asked for as OpenAI's Responses: any provider that does chat can serve it.
    Responses,
    /// The older text completion.
    Completions,
    /// Vectors for texts.
    Embeddings,
    /// Documents in order of what they have to do with a query.
    Rerank,
    /// Whether content breaks a policy.
    Moderations,
    /// A picture from words.
    ImageGeneration,
    /// A picture from a picture and words.
    ImageEdit,
    /// A picture like another.
    ImageVariation,
    /// Sound from text.
    Speech,
    /// Text from sound.
    Transcription,
    /// English text from sound.
    Translation,
    /// How many tokens a chat turn's input has.
    CountTokens,
    /// A model's own request and answer, in its maker's shape (Bedrock's `InvokeModel`).
    Invoke,
    /// Files kept by a provider.
    Files,
    /// Many calls at once, answered later.
    Batches,
    /// Whatever else a provider's own API has.
    Passthrough,
    /// The list of models.
    Models,
}

impl Operation {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 18] = [
        Self::Chat,
        Self::Responses,
        Self::Completions,
        Self::Embeddings,
        Self::Rerank,
        Self::Moderations,
        Self::ImageGeneration,
        Self::ImageEdit,
        Self::ImageVariation,
        Self::Speech,
        Self::Transcription,
        Self::Translation,
        Self::CountTokens,
        Self::Invoke,
        Self::Files,
        Self::Batches,
        Self::Passthrough,
        Self::Models,
    ];

    /// The word for it in logs and metrics (OpenTelemetry's `gen_ai.operation.name` where it has one).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Completions => "text_completion",
            Self::Embeddings => "embeddings",
            Self::Rerank => "rerank",
            Self::Moderations => "moderations",
            Self::ImageGeneration => "image_generation",
            Self::ImageEdit => "image_edit",
            Self::ImageVariation => "image_variation",
            Self::Speech => "speech",
            Self::Transcription => "transcription",
            Self::Translation => "translation",
            Self::CountTokens => "count_tokens",
            Self::Invoke => "invoke",
            Self::Files => "files",
            Self::Batches => "batches",
            Self::Passthrough => "passthrough",
            Self::Models => "models",
        }
    }

    /// Whether it is a turn of a conversation, so that the chat vocabulary can say it in any dialect.
    pub const fn is_turn(self) -> bool {
        matches!(self, Self::Chat | Self::Responses)
    }

    /// Whether its answer is generated text, so that output tokens are produced and can be capped.
    pub const fn generates(self) -> bool {
        matches!(self, Self::Chat | Self::Responses | Self::Completions | Self::Invoke)
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
    /// OpenAI Chat Completions, and everything of OpenAI's API that is not Responses.
    #[serde(rename = "openai")]
    OpenAi,
    /// OpenAI Responses.
    Responses,
    /// Anthropic Messages.
    Anthropic,
    /// Google's Gemini: `generateContent`.
    Gemini,
    /// Amazon Bedrock: Converse and `InvokeModel`.
    Bedrock,
    /// Cohere v2.
    Cohere,
    /// Ollama's own API.
    Ollama,
    /// ElevenLabs: speech.
    #[serde(rename = "elevenlabs")]
    ElevenLabs,
}

impl DialectName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OpenAi,
        Self::Responses,
        Self::Anthropic,
        Self::Gemini,
        Self::Bedrock,
        Self::Cohere,
        Self::Ollama,
        Self::ElevenLabs,
    ];

    /// The name in settings, logs and headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Responses => "responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
            Self::Cohere => "cohere",
            Self::Ollama => "ollama",
            Self::ElevenLabs => "elevenlabs",
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
        for dialect in DialectName::ALL {
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.as_str());
        }
    }

    #[test]
    fn only_what_writes_text_can_be_capped() {
        assert!(Operation::Chat.generates() && Operation::Responses.generates() && Operation::Completions.generates());
        assert!(!Operation::Embeddings.generates() && !Operation::Models.generates());
    }
}
