//! Fireworks AI. The last chunk of every stream holds the usage.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, COMPLETIONS, EMBEDDINGS, MODELS, RERANK};
use crate::kind::{Kind, StreamUsage};

pub(crate) const FIREWORKS: Kind = Kind {
    name: "fireworks",
    title: "Fireworks AI",
    base_url: Some("https://api.fireworks.ai/inference"),
    env: Some("FIREWORKS_API_KEY"),
    catalogue: "fireworks",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, RERANK, MODELS],
    stream_usage: StreamUsage::Always,
    ..CLOUD
};
