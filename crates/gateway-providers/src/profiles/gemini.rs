//! Google's Gemini API.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, COUNT, EMBEDDINGS, MODELS, PASSTHROUGH};
use crate::kind::{Auth, Kind, StreamUsage};

pub(crate) const GEMINI: Kind = Kind {
    name: "gemini",
    title: "Google Gemini",
    dialects: &[DialectName::Gemini],
    base_url: Some("https://generativelanguage.googleapis.com"),
    auth: Auth::Header("x-goog-api-key"),
    env: Some("GEMINI_API_KEY"),
    catalogue: "gemini",
    operations: &[CHAT, COUNT, EMBEDDINGS, PASSTHROUGH, MODELS],
    stream_usage: StreamUsage::Always,
    ..CLOUD
};

/// A server of somebody else's that speaks the same.
pub(crate) const GEMINI_COMPATIBLE: Kind = Kind {
    name: "gemini-compatible",
    title: "Gemini-compatible",
    base_url: None,
    keyless: true,
    env: None,
    ..GEMINI
};
