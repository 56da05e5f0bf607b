//! SambaNova Cloud.

use super::{CHAT, CLOUD, EMBEDDINGS, MODELS};
use crate::kind::Kind;

pub(crate) const SAMBANOVA: Kind = Kind {
    name: "sambanova",
    base_url: Some("https://api.sambanova.ai"),
    env: Some("SAMBANOVA_API_KEY"),
    catalogue: "sambanova",
    operations: &[CHAT, EMBEDDINGS, MODELS],
    ..CLOUD
};
