//! Cohere.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, EMBEDDINGS, MODELS, RERANK};
use crate::kind::{Kind, StreamUsage};

pub(crate) const COHERE: Kind = Kind {
    name: "cohere",
    title: "Cohere",
    dialects: &[DialectName::Cohere],
    base_url: Some("https://api.cohere.com"),
    env: Some("COHERE_API_KEY"),
    catalogue: "cohere",
    operations: &[CHAT, EMBEDDINGS, RERANK, MODELS],
    stream_usage: StreamUsage::Always,
    ..CLOUD
};

/// A server of somebody else's that speaks the same.
pub(crate) const COHERE_COMPATIBLE: Kind = Kind {
    name: "cohere-compatible",
    title: "Cohere-compatible",
    base_url: None,
    keyless: true,
    env: None,
    ..COHERE
};
