//! xAI.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, COMPLETIONS, EMBEDDINGS, FILES, IMAGE_EDITS, IMAGES, MODELS};
use crate::kind::Kind;
use crate::openai::words::{self, Effort, Words};

const WORDS: Words = Words {
    // Others think as hard as they do, and refuse to be told.
    effort: Effort::Only(&["grok-3-mini", "grok-4.3", "grok-4.5", "grok-latest"]),
    efforts: &["low", "high"],
    refused_thinking: &["presence_penalty", "frequency_penalty", "stop"],
    ..words::BOOK
};

pub(crate) const XAI: Kind = Kind {
    name: "xai",
    title: "xAI",
    base_url: Some("https://api.x.ai"),
    env: Some("XAI_API_KEY"),
    catalogue: "xai",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    by_model: &[("grok-4.20-multi-agent", &[DialectName::Responses])],
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, IMAGE_EDITS, FILES, MODELS],
    words: &WORDS,
    reports_charges: true,
    ..CLOUD
};
