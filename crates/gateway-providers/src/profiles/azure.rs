//! Azure: OpenAI's models by OpenAI's API, Anthropic's by Anthropic's, at resources of the operator's own.

use gateway_types::DialectName;

use super::{CLOUD, EVERYTHING};
use crate::kind::{Auth, Kind};

pub(crate) const AZURE: Kind = Kind {
    name: "azure",
    dialects: &[DialectName::OpenAi, DialectName::Responses],
    by_model: &[("claude", &[DialectName::Anthropic])],
    base_url: None,
    auth: Auth::Header("api-key"),
    env: Some("AZURE_OPENAI_API_KEY"),
    catalogue: "azure",
    operations: EVERYTHING,
    cap_member: "max_completion_tokens",
    custom_tools: true,
    ..CLOUD
};
