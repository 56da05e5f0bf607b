//! NVIDIA NIM, as hosted by NVIDIA.

use super::CLOUD;
use crate::kind::Kind;
use crate::openai::words::{self, Words};

const WORDS: Words = Words {
    tasks: Some(("query", "passage")),
    ..words::BOOK
};

pub(crate) const NVIDIA: Kind = Kind {
    name: "nvidia",
    title: "NVIDIA NIM",
    base_url: Some("https://integrate.api.nvidia.com"),
    env: Some("NVIDIA_API_KEY"),
    catalogue: "nvidia_nim",
    words: &WORDS,
    ..CLOUD
};
