//! SGLang, under both names that operators use for it.

use super::LOCAL;
use crate::kind::Kind;

pub(crate) const SGLANG: Kind = Kind {
    name: "sglang",
    title: "SGLang",
    base_url: Some("http://localhost:30000"),
    catalogue: "sglang",
    ..LOCAL
};

pub(crate) const SGL: Kind = Kind {
    name: "sgl",
    title: "SGLang (named sgl)",
    ..SGLANG
};
