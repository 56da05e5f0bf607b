//! Groq.

use super::{CHAT, CLOUD, MODELS};
use crate::kind::Kind;

pub(crate) const GROQ: Kind = Kind {
    name: "groq",
    base_url: Some("https://api.groq.com/openai"),
    env: Some("GROQ_API_KEY"),
    catalogue: "groq",
    operations: &[CHAT, MODELS],
    ..CLOUD
};
