//! OpenRouter. Usage comes with every answer, asked or not; thinking with what proves it.

use gateway_types::DialectName;

use super::{BATCHES, CHAT, CLOUD, COMPLETIONS, EMBEDDINGS, FILES, MODELS, RERANK, SPEECH, TRANSCRIPTION};
use crate::kind::{Kind, StreamUsage};
use crate::openai::words::{self, Effort, Ids, Marks, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Details,
    effort: Effort::Router,
    efforts: &["none", "minimal", "low", "medium", "high", "xhigh"],
    // OpenAI stands behind it for some of its models.
    ids: Ids::UpTo(40),
    marks: Marks::CacheControl,
    ..words::BOOK
};

pub(crate) const OPENROUTER: Kind = Kind {
    name: "openrouter",
    title: "OpenRouter",
    base_url: Some("https://openrouter.ai/api"),
    env: Some("OPENROUTER_API_KEY"),
    catalogue: "openrouter",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: &[
        CHAT,
        COMPLETIONS,
        EMBEDDINGS,
        RERANK,
        SPEECH,
        TRANSCRIPTION,
        FILES,
        BATCHES,
        MODELS,
    ],
    stream_usage: StreamUsage::Always,
    words: &WORDS,
    reports_charges: true,
    ..CLOUD
};
