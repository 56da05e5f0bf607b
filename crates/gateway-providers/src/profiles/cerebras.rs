//! Cerebras.

use super::{CHAT, CLOUD, COMPLETIONS, MODELS};
use crate::kind::Kind;

pub(crate) const CEREBRAS: Kind = Kind {
    name: "cerebras",
    base_url: Some("https://api.cerebras.ai"),
    env: Some("CEREBRAS_API_KEY"),
    catalogue: "cerebras",
    operations: &[CHAT, COMPLETIONS, MODELS],
    ..CLOUD
};
