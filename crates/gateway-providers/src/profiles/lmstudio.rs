//! LM Studio.

use super::{CHAT, COMPLETIONS, EMBEDDINGS, LOCAL, MODELS, PASSTHROUGH};
use crate::kind::Kind;

pub(crate) const LMSTUDIO: Kind = Kind {
    name: "lmstudio",
    title: "LM Studio",
    base_url: Some("http://localhost:1234"),
    catalogue: "lmstudio",
    operations: &[CHAT, COMPLETIONS, EMBEDDINGS, PASSTHROUGH, MODELS],
    ..LOCAL
};
