//! A LiteLLM proxy: on the operator's own machine, but what it asks elsewhere has its price.

use gateway_types::DialectName;

use super::{CLOUD, COMPATIBLY};
use crate::kind::Kind;
use crate::openai::words::{self, Marks, Words};

const WORDS: Words = Words {
    marks: Marks::CacheControl,
    ..words::BOOK
};

pub(crate) const LITELLM: Kind = Kind {
    name: "litellm",
    title: "LiteLLM",
    base_url: Some("http://localhost:4000"),
    env: Some("LITELLM_API_KEY"),
    catalogue: "litellm",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: COMPATIBLY,
    words: &WORDS,
    ..CLOUD
};
