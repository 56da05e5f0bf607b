//! Moonshot AI: Kimi.

use super::{CHAT, CLOUD, MODELS};
use crate::kind::Kind;

pub(crate) const MOONSHOT: Kind = Kind {
    name: "moonshot",
    base_url: Some("https://api.moonshot.ai"),
    env: Some("MOONSHOT_API_KEY"),
    catalogue: "moonshot",
    operations: &[CHAT, MODELS],
    ..CLOUD
};
