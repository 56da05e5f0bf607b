//! What the tests of this dialect share.

use std::sync::Arc;

use gateway_types::{ModelName, ProviderName, Secret};
use http::HeaderMap;

use crate::kind::Kind;
use crate::target::{BaseUrl, Target};

/// A target of that kind on `http://host`, which serves the model `served`.
pub(super) fn target(kind: &'static Kind) -> Target {
    Target {
        provider: ProviderName::from("there"),
        kind,
        base_url: BaseUrl::parse("http://host/v1").unwrap(),
        model: ModelName::from("served"),
        secret: Some(Secret::new("secret")),
        extra_headers: HeaderMap::new(),
        path_overrides: Arc::default(),
        max_output: None,
    }
}
