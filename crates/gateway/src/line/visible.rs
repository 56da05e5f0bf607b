//! Whether all that a provider bills of an answer can be seen as it passes, so that its hold may grow with it.
//!
//! What models think is output that is billed, and some vendors show none of it, or a summary. Where that may happen the
//! hold covers the cap from the beginning.

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
    let kind = place.upstream.kind;
    let open = place.upstream.free || kind.self_hosted || OPEN.contains(&kind.name);
    let caps = place.facts.map(|facts| &facts.caps[..]);
    is_text(call) && shows_thoughts(call, open, place.allowed.model.as_str(), caps)
}

/// Whether it is text that is streamed, and nothing but text.
fn is_text(call: &Call) -> bool {
    let text = call.operation.is_turn() || call.operation == Operation::Completions;
    text && call.stream && call.body.content_type.is_none() && !says(call, &SOUND)
}

/// Whether nothing is thought in secret. `open`: models there show what they think, unless they are asked not to; `caps`:
/// what the catalogue says that the model can do.
fn shows_thoughts(call: &Call, open: bool, model: &str, caps: Option<&[String]>) -> bool {
    if open {
        return !says(call, &HIDING);
    }
    match caps {
        None => false,
        Some(caps) if !caps.iter().any(|cap| cap == "reasoning") => true,
        Some(_) => ASKED.iter().any(|family| model.contains(family)) && !says(call, &ASKING),
    }
}

/// Whether a body has one of these words: perhaps in a text, which only makes the hold larger than it need be.
fn says(call: &Call, words: &[&str]) -> bool {
    let body = &call.body.bytes[..];
    let has = |word: &&str| memchr::memmem::find(body, word.as_bytes()).is_some();
    words.iter().any(has)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gateway_providers::client_dialect;
    use gateway_types::{Asked, DialectName};

    use super::*;

    fn call(more: &str) -> Call {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"x"}}]{more}}}"#);
        client_dialect(DialectName::OpenAi)
            .decode(&Asked::plain(Operation::Chat), Bytes::from(body))
            .unwrap()
    }

    #[test]
    fn only_streamed_text_is_seen_as_it_is_billed() {
        for (more, seen) in [
            ("", false),
            (r#","stream":true"#, true),
            (r#","stream":true,"modalities":["text","audio"]"#, false),
        ] {
            assert_eq!(is_text(&call(more)), seen, "{more}");
        }
    }

    #[test]
    fn thoughts_are_seen_where_they_are_shown_or_none_are_thought() {
        let thinks = Some(["reasoning".to_owned(), "tools".to_owned()]);
        let thinks = thinks.as_ref().map(|caps| &caps[..]);
        let plain = Some(&[][..]);
        for (open, model, caps, more, seen) in [
            (false, "gpt-4o", plain, "", true),
            (false, "o4-mini", thinks, "", false),
            (false, "gemini-2.5-flash", thinks, "", false),
            (false, "nobody-knows-it", None, "", false),
            (true, "nobody-knows-it", None, "", true),
            (true, "deepseek-reasoner", thinks, "", true),
            (true, "gpt-oss-120b", thinks, r#","reasoning_format":"hidden""#, false),
            (false, "claude-sonnet-4-5", thinks, "", true),
            (false, "us.anthropic.claude-opus-4-1-20250805-v1:0", thinks, "", true),
            (
                false,
                "claude-sonnet-4-5",
                thinks,
                r#","reasoning_effort":"low""#,
                false,
            ),
            (
                false,
                "claude-sonnet-4-5",
                thinks,
                r#","thinking":{"type":"enabled"}"#,
                false,
            ),
            (false, "claude-mythos-5", thinks, "", false),
        ] {
            assert_eq!(shows_thoughts(&call(more), open, model, caps), seen, "{model} {more}");
        }
    }
}
