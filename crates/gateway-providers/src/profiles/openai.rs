//! OpenAI. Its newer models refuse `max_tokens`.

use gateway_types::DialectName;

use super::{CLOUD, EVERYTHING};
use crate::kind::Kind;
use crate::openai::words;

const RESPONSES_ONLY: &[DialectName] = &[DialectName::Responses];

pub(crate) const OPENAI: Kind = Kind {
    name: "openai",
    title: "OpenAI",
    base_url: Some("https://api.openai.com"),
    env: Some("OPENAI_API_KEY"),
    catalogue: "openai",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    // Served by Responses alone.
    by_model: &[
        ("gpt-5-codex", RESPONSES_ONLY),
        ("gpt-5.1-codex", RESPONSES_ONLY),
        ("gpt-5.2-codex", RESPONSES_ONLY),
        ("gpt-5.3-codex", RESPONSES_ONLY),
        ("gpt-5-pro", RESPONSES_ONLY),
        ("gpt-5.2-pro", RESPONSES_ONLY),
        ("gpt-5.4-pro", RESPONSES_ONLY),
        ("gpt-5.5-pro", RESPONSES_ONLY),
        ("gpt-daybreak", RESPONSES_ONLY),
        ("o1-pro", RESPONSES_ONLY),
        ("o3-pro", RESPONSES_ONLY),
        ("o3-deep-research", RESPONSES_ONLY),
        ("o4-mini-deep-research", RESPONSES_ONLY),
        ("codex-mini", RESPONSES_ONLY),
        ("computer-use-preview", RESPONSES_ONLY),
    ],
    operations: EVERYTHING,
    cap_member: "max_completion_tokens",
    custom_tools: true,
    words: &words::OPENAI,
    ..CLOUD
};
