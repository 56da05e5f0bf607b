//! Azure: OpenAI's models by OpenAI's API, Anthropic's by Anthropic's, at resources of the operator's own.

use gateway_types::DialectName;

use super::{
    BATCHES, CHAT, CLOUD, COMPLETIONS, COUNT, EMBEDDINGS, FILES, IMAGE_EDITS, IMAGES, PASSTHROUGH, SPEECH,
    TRANSCRIPTION, TRANSLATION,
};
use crate::kind::{Auth, Kind};
use crate::openai::words;

pub(crate) const AZURE: Kind = Kind {
    name: "azure",
    title: "Azure OpenAI",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    by_model: &[("claude", &[DialectName::Anthropic])],
    base_url: None,
    auth: Auth::Header("api-key"),
    env: Some("AZURE_OPENAI_API_KEY"),
    catalogue: "azure",
    // Its lists name the models that could be deployed, not those that are.
    operations: &[
        CHAT,
        COMPLETIONS,
        EMBEDDINGS,
        IMAGES,
        IMAGE_EDITS,
        SPEECH,
        TRANSCRIPTION,
        TRANSLATION,
        COUNT,
        FILES,
        BATCHES,
        PASSTHROUGH,
    ],
    cap_member: "max_completion_tokens",
    custom_tools: true,
    words: &words::OPENAI,
    ..CLOUD
};
