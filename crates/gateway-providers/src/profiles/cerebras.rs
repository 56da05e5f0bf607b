//! Cerebras. It takes thinking back in a field of its own.

use super::{CHAT, CLOUD, COMPLETIONS, MODELS};
use crate::kind::Kind;
use crate::openai::words::{self, Effort, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Member("reasoning"),
    effort: Effort::Only(&["gpt-oss"]),
    refused: &["top_k", "video_url"],
    ..words::BOOK
};

pub(crate) const CEREBRAS: Kind = Kind {
    name: "cerebras",
    title: "Cerebras",
    base_url: Some("https://api.cerebras.ai"),
    env: Some("CEREBRAS_API_KEY"),
    catalogue: "cerebras",
    operations: &[CHAT, COMPLETIONS, MODELS],
    words: &WORDS,
    ..CLOUD
};
