//! Vertex AI: Google's models by Gemini's API, Anthropic's by Anthropic's, the others by OpenAI's.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, COUNT, EMBEDDINGS};
use crate::kind::{Auth, Kind, StreamUsage};

const GEMINI: &[DialectName] = &[DialectName::Gemini];

pub(crate) const VERTEX: Kind = Kind {
    name: "vertex",
    title: "Google Vertex AI",
    dialects: &[DialectName::OpenAi],
    by_model: &[
        ("claude", &[DialectName::Anthropic]),
        ("gemini", GEMINI),
        ("text-embedding", GEMINI),
        ("text-multilingual-embedding", GEMINI),
    ],
    base_url: None,
    auth: Auth::Header("x-goog-api-key"),
    env: Some("VERTEX_API_KEY"),
    catalogue: "vertex",
    operations: &[CHAT, COUNT, EMBEDDINGS],
    stream_usage: StreamUsage::Asked,
    ..CLOUD
};
