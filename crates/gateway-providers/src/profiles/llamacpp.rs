//! The server of llama.cpp.

use super::LOCAL;
use crate::kind::Kind;

pub(crate) const LLAMACPP: Kind = Kind {
    name: "llama.cpp",
    base_url: Some("http://localhost:8080"),
    catalogue: "llama.cpp",
    ..LOCAL
};
