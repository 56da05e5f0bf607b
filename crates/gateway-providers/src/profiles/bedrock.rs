//! Amazon Bedrock.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, COUNT, EMBEDDINGS, INVOKE, MODELS, RERANK};
use crate::kind::{Kind, StreamUsage};

pub(crate) const BEDROCK: Kind = Kind {
    name: "bedrock",
    title: "AWS Bedrock",
    dialects: &[DialectName::Bedrock],
    base_url: None,
    env: Some("AWS_BEARER_TOKEN_BEDROCK"),
    catalogue: "bedrock",
    operations: &[CHAT, COUNT, INVOKE, EMBEDDINGS, RERANK, MODELS],
    stream_usage: StreamUsage::Always,
    ..CLOUD
};

/// A server of somebody else's that speaks the same.
pub(crate) const BEDROCK_COMPATIBLE: Kind = Kind {
    name: "bedrock-compatible",
    title: "Bedrock-compatible",
    keyless: true,
    env: None,
    ..BEDROCK
};
