//! Anthropic Messages, from the provider's side: requests that are written, answers and streams that are read.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    reason = "a test says why it fails or has little to do, and makes its values in place"
)]

mod assembled;
mod passing;
mod recorded;
mod requests;
mod streams;

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_providers::{BaseUrl, Target, kind};
use gateway_types::Secret;
use http::HeaderMap;

/// A target that serves `model`.
fn target(model: &str) -> Target {
    Target {
        provider: "anthropic".into(),
        kind: kind("anthropic").unwrap(),
        base_url: BaseUrl::parse("https://api.anthropic.com").unwrap(),
        model: model.into(),
        secret: Some(Secret::new("sk-ant-own")),
        extra_headers: HeaderMap::new(),
        path_overrides: Arc::new(BTreeMap::new()),
        max_output: None,
    }
}
