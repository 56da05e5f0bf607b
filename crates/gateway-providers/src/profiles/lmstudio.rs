//! LM Studio.

use super::LOCAL;
use crate::kind::Kind;

pub(crate) const LMSTUDIO: Kind = Kind {
    name: "lmstudio",
    base_url: Some("http://localhost:1234"),
    catalogue: "lmstudio",
    ..LOCAL
};
