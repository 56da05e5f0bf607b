//! Perplexity. It has no `/v1` for its own models, no list of models, and usage in every chunk of a stream. Others' models it serves
//! by Responses alone.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, EMBEDDINGS};
use crate::kind::{Kind, StreamUsage};

const AGENTS: &[DialectName] = &[DialectName::Responses];

pub(crate) const PERPLEXITY: Kind = Kind {
    name: "perplexity",
    title: "Perplexity",
    base_url: Some("https://api.perplexity.ai"),
    env: Some("PERPLEXITY_API_KEY"),
    catalogue: "perplexity",
    by_model: &[
        ("anthropic/", AGENTS),
        ("google/", AGENTS),
        ("openai/", AGENTS),
        ("xai/", AGENTS),
    ],
    operations: &[CHAT, EMBEDDINGS],
    stream_usage: StreamUsage::Always,
    paths: &[(CHAT, "/chat/completions")],
    reports_charges: true,
    ..CLOUD
};
