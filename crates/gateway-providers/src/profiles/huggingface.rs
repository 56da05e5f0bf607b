//! Hugging Face: the router of its inference providers.

use gateway_types::DialectName;

use super::{CHAT, CLOUD, MODELS};
use crate::kind::Kind;

pub(crate) const HUGGINGFACE: Kind = Kind {
    name: "huggingface",
    title: "Hugging Face",
    base_url: Some("https://router.huggingface.co"),
    env: Some("HF_TOKEN"),
    catalogue: "huggingface",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: &[CHAT, MODELS],
    ..CLOUD
};
