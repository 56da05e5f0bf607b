//! Perplexity. It has no `/v1`, no list of models, and usage in every chunk of a stream.

use super::{CHAT, CLOUD};
use crate::kind::{Kind, StreamUsage};

pub(crate) const PERPLEXITY: Kind = Kind {
    name: "perplexity",
    base_url: Some("https://api.perplexity.ai"),
    env: Some("PERPLEXITY_API_KEY"),
    catalogue: "perplexity",
    operations: &[CHAT],
    stream_usage: StreamUsage::Always,
    paths: &[(CHAT, "/chat/completions")],
    ..CLOUD
};
