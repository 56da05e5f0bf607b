//! Anthropic, whose dialect is its own.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, MODELS};
use crate::kind::{Auth, Kind, StreamUsage};

pub(crate) const ANTHROPIC: Kind = Kind {
    name: "anthropic",
    dialect: DialectName::Anthropic,
    base_url: Some("https://api.anthropic.com"),
    auth: Auth::Header("x-api-key"),
    env: Some("ANTHROPIC_API_KEY"),
    catalogue: "anthropic",
    operations: &[CHAT, MODELS],
    stream_usage: StreamUsage::Always,
    chat_path: "/v1/messages",
    ..CLOUD
};

/// A server of somebody else's that speaks the same.
pub(crate) const ANTHROPIC_COMPATIBLE: Kind = Kind {
    name: "anthropic-compatible",
    base_url: None,
    keyless: true,
    env: None,
    ..ANTHROPIC
};
