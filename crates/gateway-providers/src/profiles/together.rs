//! Together AI. Its list of models is a bare array.

use super::{
    BATCHES, CHAT, CLOUD, COMPLETIONS, EMBEDDINGS, FILES, IMAGES, MODELS, RERANK, SPEECH, TRANSCRIPTION, TRANSLATION,
};
use crate::kind::Kind;
use crate::openai::words::{self, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Member("reasoning"),
    ..words::BOOK
};

pub(crate) const TOGETHER: Kind = Kind {
    name: "together",
    title: "Together AI",
    base_url: Some("https://api.together.xyz"),
    env: Some("TOGETHER_API_KEY"),
    catalogue: "together",
    operations: &[
        CHAT,
        COMPLETIONS,
        EMBEDDINGS,
        RERANK,
        IMAGES,
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
