//! Hugging Face's Text Generation Inference.

use super::{CHAT, COMPLETIONS, LOCAL, MODELS};
use crate::kind::Kind;

pub(crate) const TGI: Kind = Kind {
    name: "tgi",
    title: "Text Generation Inference",
    base_url: Some("http://localhost:8080"),
    catalogue: "tgi",
    operations: &[CHAT, COMPLETIONS, MODELS],
    ..LOCAL
};
