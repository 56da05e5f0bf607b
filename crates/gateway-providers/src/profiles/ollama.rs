//! Ollama. It takes `max_completion_tokens` without an error, and does not obey it.

use gateway_types::DialectName;

use super::LOCAL;
use crate::kind::Kind;

pub(crate) const OLLAMA: Kind = Kind {
    name: "ollama",
    base_url: Some("http://localhost:11434"),
    catalogue: "ollama",
    dialects: &[DialectName::OpenAi, DialectName::Ollama],
    ignored_caps: &["max_completion_tokens"],
    ..LOCAL
};
