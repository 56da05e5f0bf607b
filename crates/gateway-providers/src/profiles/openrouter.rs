//! OpenRouter. Usage comes with every answer, asked or not.

use super::CLOUD;
use crate::kind::{Kind, StreamUsage};

pub(crate) const OPENROUTER: Kind = Kind {
    name: "openrouter",
    base_url: Some("https://openrouter.ai/api"),
    env: Some("OPENROUTER_API_KEY"),
    catalogue: "openrouter",
    stream_usage: StreamUsage::Always,
    ..CLOUD
};
