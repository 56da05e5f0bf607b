//! xAI.

use super::{CHAT, CLOUD, COMPLETIONS, MODELS};
use crate::kind::Kind;

pub(crate) const XAI: Kind = Kind {
    name: "xai",
    base_url: Some("https://api.x.ai"),
    env: Some("XAI_API_KEY"),
    catalogue: "xai",
    operations: &[CHAT, COMPLETIONS, MODELS],
    ..CLOUD
};
