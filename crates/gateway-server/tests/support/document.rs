//! What the gateway says of its own API, held against what it answers: every answer of the management API that a test
//! sees is checked, so that the document cannot say anything else.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::gateway::BINARY;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let printed = Command::new(BINARY).args(["docs", "openapi"]).output();
    let printed = printed.expect("the gateway prints its document");
    serde_json::from_slice(&printed.stdout).expect("the document is JSON")
});

/// By operation; compiled when first needed.
static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

/// Holds an answer of the management API against the document.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, status: u16, body: &[u8]) {
    let path = path.split('?').next().unwrap_or(path);
    if !path.starts_with("/api/") || method == Method::HEAD {
        return;
    }
    let Some((template, operation)) = operation(method, path) else {
        return; // Nothing is there, which is what such a test asks.
    };
    let content = match status {
        200 => operation["responses"]["200"]["content"].get("application/json"),
        _ => refusal(operation)["content"].get("application/json"),
    };
    let Some(schema) = content.map(|content| &content["schema"]) else {
        return; // No JSON.
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|why| panic!("{method} {path}: not JSON ({why})"));
    let kind = if status == 200 { "answer" } else { "problem" };
    let validator = validator(format!("{method} {template} {kind}"), schema);
    let faults: Vec<String> = validator
        .iter_errors(&body)
        .take(3)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{method} {path} answers {status} otherwise than its document says:\n{}\n{body:#}",
        faults.join("\n")
    );
}

/// How an operation says that it refused or failed.
fn refusal(operation: &Value) -> &'static Value {
    let reference = operation["responses"]["4XX"]["$ref"].as_str().unwrap_or_default();
    let place = reference.strip_prefix('#').expect("a reference into the document");
    DOCUMENT.pointer(place).expect("every reference leads somewhere")
}

fn validator(name: String, schema: &Value) -> &'static Validator {
    let mut all = VALIDATORS.lock().expect("no test panics while it holds this");
    all.entry(name).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
        let validator = jsonschema::draft202012::new(&whole).expect("the document's schemas are schemas");
        Box::leak(Box::new(validator))
    })
}

/// The operation that a path leads to: a path without placeholders before one with.
fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("the document has paths");
    let method = method.as_str().to_lowercase();
    let fitting = paths
        .iter()
        .filter(|(template, methods)| fits(template, path, takes_slashes(methods)));
    let (template, methods) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    Some((template.as_str(), methods.get(&method)?))
}

/// Whether the last placeholder of a path may stand for several segments.
fn takes_slashes(methods: &Value) -> bool {
    let operations = methods.as_object().into_iter().flat_map(|methods| methods.values());
    let mut parameters = operations
        .filter_map(|operation| operation["parameters"].as_array())
        .flatten();
    parameters.any(|parameter| parameter["x-takes-slashes"] == true)
}

/// Whether a path is one of a template.
fn fits(template: &str, path: &str, takes_slashes: bool) -> bool {
    let mut given = path.split('/');
    let mut wanted = template.split('/').peekable();
    while let Some(segment) = wanted.next() {
        let Some(value) = given.next() else { return false };
        if !segment.starts_with('{') {
            if segment != value {
                return false;
            }
        } else if value.is_empty() {
            return false;
        } else if takes_slashes && wanted.peek().is_none() {
            return true;
        }
    }
    given.next().is_none()
}
