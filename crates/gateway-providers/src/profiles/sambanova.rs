//! SambaNova Cloud.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, COMPLETIONS, EMBEDDINGS, MODELS, TRANSCRIPTION, TRANSLATION};
use crate::kind::Kind;
use crate::openai::words::{self, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Member("reasoning"),
    ..words::BOOK
};

pub(crate) const SAMBANOVA: Kind = Kind {
    name: "sambanova",
    title: "SambaNova",
    base_url: Some("https://api.sambanova.ai"),
    env: Some("SAMBANOVA_API_KEY"),
    catalogue: "sambanova",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, TRANSCRIPTION, TRANSLATION, MODELS],
    words: &WORDS,
    ..CLOUD
};
