//! Mistral. It refuses fields that it does not know, `stream_options` among them, and reports usage in every stream.

use super::{CHAT, CLOUD, EMBEDDINGS, FILES, MODELS, MODERATIONS, SPEECH, TRANSCRIPTION};
use crate::kind::{Kind, StreamUsage};
use crate::openai::words::{self, Effort, Ids, Thoughts, Words};

const WORDS: Words = Words {
    thoughts: Thoughts::Pieces,
    effort: Effort::Only(&["mistral-small", "mistral-medium", "magistral"]),
    efforts: &["none", "high"],
    refused: &[
        "user",
        "logit_bias",
        "messages.name",
        "video_url",
        "store",
        "verbosity",
        "safety_identifier",
    ],
    renamed: &[("seed", "random_seed"), ("dimensions", "output_dimension")],
    ids: Ids::Exactly(9),
    ..words::BOOK
};

pub(crate) const MISTRAL: Kind = Kind {
    name: "mistral",
    title: "Mistral AI",
    base_url: Some("https://api.mistral.ai"),
    env: Some("MISTRAL_API_KEY"),
    catalogue: "mistral",
    operations: &[CHAT, EMBEDDINGS, MODERATIONS, SPEECH, TRANSCRIPTION, FILES, MODELS],
    stream_usage: StreamUsage::Never,
    words: &WORDS,
    ..CLOUD
};
