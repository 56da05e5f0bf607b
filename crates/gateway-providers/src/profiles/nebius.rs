//! Nebius Token Factory.

use super::CLOUD;
use crate::kind::Kind;

pub(crate) const NEBIUS: Kind = Kind {
    name: "nebius",
    base_url: Some("https://api.tokenfactory.nebius.com"),
    env: Some("NEBIUS_API_KEY"),
    catalogue: "nebius",
    ..CLOUD
};
