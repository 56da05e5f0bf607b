//! Mistral. It refuses fields that it does not know, `stream_options` among them, and reports usage in every stream.

use super::{CHAT, CLOUD, EMBEDDINGS, MODELS};
use crate::kind::{Kind, StreamUsage};

pub(crate) const MISTRAL: Kind = Kind {
    name: "mistral",
    base_url: Some("https://api.mistral.ai"),
    env: Some("MISTRAL_API_KEY"),
    catalogue: "mistral",
    operations: &[CHAT, EMBEDDINGS, MODELS],
    stream_usage: StreamUsage::Never,
    ..CLOUD
};
