//! Nebius Token Factory.

use super::{BATCHES, CHAT, CLOUD, COMPLETIONS, EMBEDDINGS, FILES, IMAGES, MODELS};
use crate::kind::Kind;

pub(crate) const NEBIUS: Kind = Kind {
    name: "nebius",
    title: "Nebius",
    base_url: Some("https://api.tokenfactory.nebius.com"),
    env: Some("NEBIUS_API_KEY"),
    catalogue: "nebius",
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, FILES, BATCHES, MODELS],
    ..CLOUD
};
