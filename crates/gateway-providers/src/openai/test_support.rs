//! What the tests of this dialect share.

use gateway_types::Secret;

use crate::cloud::Access;
use crate::kind::Kind;
use crate::target::{BaseUrl, Target};

/// A target of that kind on `http://host`, which serves the model `served`.
pub(super) fn target(kind: &'static Kind) -> Target {
    let base = BaseUrl::parse("http://host/v1").unwrap();
    Target::plain("there", kind, base, "served", Access::Key(Secret::new("secret")))
}
