//! Anthropic Messages, both sides: requests that are read and written, answers and streams that are read, written and passed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    reason = "a test says why it fails or has little to do, and makes its values in place"
)]

mod answers;
mod assembled;
mod client;
mod counterparts;
mod events;
mod golden;
mod passing;
#[path = "../shared/recorded.rs"]
mod recorded;
mod requests;
mod settings;
mod streams;
mod trips;

use gateway_providers::{Access, BaseUrl, Stamp, Target, kind};
use gateway_types::{Secret, Wall};

/// When answers are read, and what ids are made of.
const STAMP: Stamp = Stamp {
    at: Wall::from_millis(1_700_000_000_000),
    seed: 7,
};

/// A target that serves `model`.
fn target(model: &str) -> Target {
    let base = BaseUrl::parse("https://api.anthropic.com").unwrap();
    let access = Access::Key(Secret::new("sk-ant-own"));
    Target::plain("anthropic", kind("anthropic").unwrap(), base, model, access)
}

/// Compares two pieces of JSON, naming the place where they part.
fn same(one: &serde_json::Value, other: &serde_json::Value, at: &str) {
    use serde_json::Value;
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => {
            for key in members.keys().chain(others.keys()) {
                same(
                    &members.get(key).cloned().unwrap_or_default(),
                    &others.get(key).cloned().unwrap_or_default(),
                    &format!("{at}.{key}"),
                );
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (i, (one, other)) in items.iter().zip(others).enumerate() {
                same(one, other, &format!("{at}[{i}]"));
            }
        }
        _ => assert_eq!(one, other, "{at}"),
    }
}
