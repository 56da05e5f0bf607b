//! Requests, in OpenAI's dialect.

use bytes::Bytes;
use serde_json::json;

const PROSE: &str =
    "The ferry left the northern quay a little after six, carrying a crate of oranges and two bicycles. ";
const CODE: &str = "    if (name == \"a\" && path != \"b\\\\c\") {\n\treturn \"d\";\n    }\n";

/// A chat of about a kilobyte.
pub fn chat(model: &str, stream: bool) -> Bytes {
    chat_of(model, &PROSE.repeat(8), stream)
}

/// One that long, of prose.
pub fn prose(bytes: usize) -> Bytes {
    chat_of("gpt-4o-mini", &PROSE.repeat(bytes / PROSE.len()), false)
}

/// One that long, of source code: an escape every few bytes.
pub fn code(bytes: usize) -> Bytes {
    chat_of("gpt-4o-mini", &CODE.repeat(bytes / CODE.len()), false)
}

fn chat_of(model: &str, text: &str, stream: bool) -> Bytes {
    let body = json!({
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a careful assistant."},
            {"role": "user", "content": text},
        ],
        "temperature": 0.7, "max_tokens": 512, "stream": stream,
    });
    Bytes::from(body.to_string())
}

/// One that asks a provider first that does not know the model.
pub(crate) fn falling_back() -> Bytes {
    let body = json!({
        "model": "mistral/mistral-small-latest",
        "fallbacks": ["openai/gpt-4o-mini"],
        "messages": [{"role": "user", "content": PROSE.repeat(8)}],
        "max_tokens": 512,
    });
    Bytes::from(body.to_string())
}
