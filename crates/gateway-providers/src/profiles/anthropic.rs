//! Anthropic, whose dialect is its own.

use gateway_types::DialectName;

use super::{BATCHES, CHAT, CLOUD, COUNT, FILES, MODELS, PASSTHROUGH};
use crate::kind::{Auth, Kind, StreamUsage};

pub(crate) const ANTHROPIC: Kind = Kind {
    name: "anthropic",
    title: "Anthropic",
    dialects: &[DialectName::Anthropic],
    base_url: Some("https://api.anthropic.com"),
    auth: Auth::Header("x-api-key"),
    env: Some("ANTHROPIC_API_KEY"),
    catalogue: "anthropic",
    operations: &[CHAT, COUNT, FILES, BATCHES, PASSTHROUGH, MODELS],
    stream_usage: StreamUsage::Always,
    ..CLOUD
};

/// A server of somebody else's that speaks the same.
pub(crate) const ANTHROPIC_COMPATIBLE: Kind = Kind {
    name: "anthropic-compatible",
    title: "Anthropic-compatible",
    base_url: None,
    keyless: true,
    env: None,
    ..ANTHROPIC
};
