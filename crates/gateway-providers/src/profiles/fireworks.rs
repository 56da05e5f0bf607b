//! Fireworks AI. The last chunk of every stream holds the usage.

use super::CLOUD;
use crate::kind::{Kind, StreamUsage};

pub(crate) const FIREWORKS: Kind = Kind {
    name: "fireworks",
    base_url: Some("https://api.fireworks.ai/inference"),
    env: Some("FIREWORKS_API_KEY"),
    catalogue: "fireworks",
    stream_usage: StreamUsage::Always,
    ..CLOUD
};
