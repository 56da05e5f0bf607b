//! Amazon Bedrock, both sides: requests that are read and written, answers and streams that are read, written and passed,
//! models' own bodies, and what comes back through other dialects.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    clippy::or_fun_call,
    reason = "a test says why it fails or has little to do, and makes its values in place"
)]

mod answers;
mod assembled;
mod golden;
mod invoking;
mod passing;
#[path = "../shared/recorded.rs"]
mod recorded;
mod requests;
mod streams;
mod trips;
mod vectors;

use gateway_providers::{Access, BaseUrl, Stamp, Target, kind};
use gateway_types::{Secret, Wall};

/// When answers are read, and what ids are made of.
const STAMP: Stamp = Stamp {
    at: Wall::from_millis(1_700_000_000_000),
    seed: 7,
};

/// A target that serves `model`.
fn target(model: &str) -> Target {
    let base = BaseUrl::parse("https://bedrock-runtime.us-east-1.amazonaws.com").unwrap();
    let access = Access::Key(Secret::new("bedrock-api-key"));
    Target::plain("bedrock", kind("bedrock").unwrap(), base, model, access)
}

/// Compares two pieces of JSON, naming the place where they part.
fn same(one: &serde_json::Value, other: &serde_json::Value, at: &str) {
    use serde_json::Value;
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => {
            for key in members.keys().chain(others.keys()) {
                let of = |members: &serde_json::Map<String, Value>| members.get(key).cloned().unwrap_or_default();
                same(&of(members), &of(others), &format!("{at}.{key}"));
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (i, (one, other)) in items.iter().zip(others).enumerate() {
                same(one, other, &format!("{at}[{i}]"));
            }
        }
        (Value::Number(one), Value::Number(other)) => assert_eq!(one.as_f64(), other.as_f64(), "{at}"),
        _ => assert_eq!(one, other, "{at}"),
    }
}
