//! OpenAI. Its newer models refuse `max_tokens`.

use super::CLOUD;
use crate::kind::Kind;

pub(crate) const OPENAI: Kind = Kind {
    name: "openai",
    base_url: Some("https://api.openai.com"),
    env: Some("OPENAI_API_KEY"),
    catalogue: "openai",
    cap_member: "max_completion_tokens",
    ..CLOUD
};
