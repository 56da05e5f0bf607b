//! A LiteLLM proxy: on the operator's own machine, but what it asks elsewhere has its price.

use super::CLOUD;
use crate::kind::Kind;

pub(crate) const LITELLM: Kind = Kind {
    name: "litellm",
    base_url: Some("http://localhost:4000"),
    env: Some("LITELLM_API_KEY"),
    catalogue: "litellm",
    ..CLOUD
};
