//! Groq. It refuses fields that it does not know, and takes thinking back in a field of its own.

use gateway_types::DialectName;

use super::{BATCHES, CHAT, CLOUD, EMBEDDINGS, FILES, MODELS, SPEECH, TRANSCRIPTION, TRANSLATION};
use crate::kind::Kind;
use crate::openai::words::{self, Effort, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Member("reasoning"),
    // Others refuse it, or have words of their own for it.
    effort: Effort::Only(&["openai/gpt-oss"]),
    refused: &[
        "top_k",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "messages.name",
        "video_url",
    ],
    ..words::BOOK
};

pub(crate) const GROQ: Kind = Kind {
    name: "groq",
    title: "Groq",
    base_url: Some("https://api.groq.com/openai"),
    env: Some("GROQ_API_KEY"),
    catalogue: "groq",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: &[
        CHAT,
        EMBEDDINGS,
        SPEECH,
        TRANSCRIPTION,
        TRANSLATION,
        FILES,
        BATCHES,
        MODELS,
    ],
    words: &WORDS,
    ..CLOUD
};
