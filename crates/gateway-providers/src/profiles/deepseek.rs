//! DeepSeek. It thinks unless it is told not to, and holds answers to JSON, not to a schema.

use gateway_types::{DialectName, Operation};

use super::{CHAT, CLOUD, MODELS};
use crate::kind::Kind;
use crate::openai::words::{self, Effort, Words};

const WORDS: Words = Words {
    effort: Effort::Switch,
    efforts: &["low", "high", "max"],
    schemas: false,
    ..words::BOOK
};

pub(crate) const DEEPSEEK: Kind = Kind {
    name: "deepseek",
    title: "DeepSeek",
    base_url: Some("https://api.deepseek.com"),
    env: Some("DEEPSEEK_API_KEY"),
    catalogue: "deepseek",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    operations: &[CHAT, MODELS],
    words: &WORDS,
    // Its reference has it without a version.
    paths: &[(Operation::Responses, "/responses")],
    ..CLOUD
};
