//! The server of llama.cpp.

use super::{CHAT, COMPLETIONS, EMBEDDINGS, LOCAL, MODELS, PASSTHROUGH, RERANK};
use crate::kind::Kind;

pub(crate) const LLAMACPP: Kind = Kind {
    name: "llama.cpp",
    title: "llama.cpp",
    base_url: Some("http://localhost:8080"),
    catalogue: "llama.cpp",
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, RERANK, PASSTHROUGH, MODELS],
    ..LOCAL
};
