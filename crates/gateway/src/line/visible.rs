//! Whether all that a provider bills of an answer can be seen as it passes, so that its hold may grow with it.
//!
//! What models think is output that is billed, and some vendors show none of it, or a summary. Where that may happen the
//! hold covers the cap from the beginning.

use gateway_governance::catalog::ModelFacts;
use gateway_types::{Call, Operation};

use super::place::Place;

/// Kinds whose models stream what they think, word for word, in `reasoning_content` or its like.
const OPEN: [&str; 14] = [
    "cerebras",
    "deepseek",
    "fireworks",
    "groq",
    "huggingface",
    "mistral",
    "moonshot",
    "nebius",
    "nvidia",
    "parasail",
    "sambanova",
    "together",
    "cohere",
    "cohere-compatible",
];
/// Claude models that think only where they are asked to; later ones decide by themselves.
const ASKED: [&str; 5] = [
    "claude-3",
    "claude-opus-4",
    "claude-sonnet-4",
    "claude-haiku-4",
    "claude-4",
];
/// What the members are called, in every dialect, by which a request asks for thinking; as their beginnings.
const ASKING: [&str; 4] = ["\"thinking", "\"reasoning", "\"output_config", "\"effort"];
/// What a request has that asks for thinking not to be shown where it would be.
const HIDING: [&str; 3] = ["\"include_reasoning", "\"reasoning_format", "\"exclude\""];
/// What a request has that asks for sound, which is billed by another measure than its bytes.
const SOUND: [&str; 2] = ["\"modalities\"", "\"responseModalities\""];

/// Whether nothing of the answer is billed that the gateway does not see.
pub(super) fn all(call: &Call, place: &Place<'_>) -> bool {
    let text = call.operation.is_turn() || call.operation == Operation::Completions;
    let streamed = call.stream && call.body.content_type.is_none();
    if !text || !streamed || says(call, &SOUND) {
        return false;
    }
    let upstream = place.upstream;
    let kind = upstream.kind;
    if upstream.free || kind.self_hosted || OPEN.contains(&kind.name) {
        return !says(call, &HIDING);
    }
    let Some(facts) = place.facts else { return false };
    if !has(facts, "reasoning") {
        return true;
    }
    let model = place.allowed.model.as_str();
    ASKED.iter().any(|family| model.contains(family)) && !says(call, &ASKING)
}

fn has(facts: &ModelFacts, cap: &str) -> bool {
    facts.caps.iter().any(|known| known == cap)
}

/// Whether a body has one of these words: perhaps in a text, which only makes the hold larger than it need be.
fn says(call: &Call, words: &[&str]) -> bool {
    let body = &call.body.bytes[..];
    let has = |word: &&str| memchr::memmem::find(body, word.as_bytes()).is_some();
    words.iter().any(has)
}
