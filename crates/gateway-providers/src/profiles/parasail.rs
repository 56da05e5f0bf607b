//! Parasail.

use super::CLOUD;
use crate::kind::Kind;

pub(crate) const PARASAIL: Kind = Kind {
    name: "parasail",
    title: "Parasail",
    base_url: Some("https://api.parasail.io"),
    env: Some("PARASAIL_API_KEY"),
    catalogue: "parasail",
    ..CLOUD
};
