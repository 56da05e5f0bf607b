//! DeepSeek.

use super::{CHAT, CLOUD, MODELS};
use crate::kind::Kind;

pub(crate) const DEEPSEEK: Kind = Kind {
    name: "deepseek",
    base_url: Some("https://api.deepseek.com"),
    env: Some("DEEPSEEK_API_KEY"),
    catalogue: "deepseek",
    operations: &[CHAT, MODELS],
    ..CLOUD
};
