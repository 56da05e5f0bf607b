//! vLLM.

use super::LOCAL;
use crate::kind::Kind;

pub(crate) const VLLM: Kind = Kind {
    name: "vllm",
    title: "vLLM",
    base_url: Some("http://localhost:8000"),
    catalogue: "vllm",
    ..LOCAL
};
