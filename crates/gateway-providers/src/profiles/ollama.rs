//! Ollama. Its OpenAI-compatible API takes `max_completion_tokens` without an error, and does not obey it.

use gateway_types::DialectName;

use super::{CHAT, COMPLETIONS, EMBEDDINGS, LOCAL, MODELS, PASSTHROUGH};
use crate::kind::{Kind, StreamUsage};
use crate::openai::words::{self, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Member("reasoning"),
    ..words::BOOK
};

pub(crate) const OLLAMA: Kind = Kind {
    name: "ollama",
    title: "Ollama",
    base_url: Some("http://localhost:11434"),
    catalogue: "ollama",
    dialects: &[DialectName::OpenAi, DialectName::Ollama],
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, PASSTHROUGH, MODELS],
    ignored_caps: &["max_completion_tokens"],
    words: &WORDS,
    ..LOCAL
};

/// The same server asked in its own words alone: whether and how hard to think, and whatever else the compatible API has no
/// word for, arrives from every client.
pub(crate) const OLLAMA_NATIVE: Kind = Kind {
    name: "ollama-native",
    title: "Ollama (native API)",
    dialects: &[DialectName::Ollama],
    operations: &[CHAT, EMBEDDINGS, MODELS],
    stream_usage: StreamUsage::Always,
    cap_member: "options.num_predict",
    ignored_caps: &[],
    ..OLLAMA
};
