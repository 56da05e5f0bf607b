//! Together AI. Its list of models is a bare array.

use super::CLOUD;
use crate::kind::Kind;

pub(crate) const TOGETHER: Kind = Kind {
    name: "together",
    base_url: Some("https://api.together.xyz"),
    env: Some("TOGETHER_API_KEY"),
    catalogue: "together",
    ..CLOUD
};
