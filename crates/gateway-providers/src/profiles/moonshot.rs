//! Moonshot AI: Kimi. It thinks or does not, as it is told.

use super::{CHAT, CLOUD, FILES, MODELS};
use crate::kind::Kind;
use crate::openai::words::{self, Effort, Words};

const WORDS: Words = Words {
    effort: Effort::OnlySwitch,
    ..words::BOOK
};

pub(crate) const MOONSHOT: Kind = Kind {
    name: "moonshot",
    title: "Moonshot AI",
    base_url: Some("https://api.moonshot.ai"),
    env: Some("MOONSHOT_API_KEY"),
    catalogue: "moonshot",
    operations: &[CHAT, FILES, MODELS],
    words: &WORDS,
    ..CLOUD
};
