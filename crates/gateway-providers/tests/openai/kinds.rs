//! Every kind: what it can do has an address, a dialect and a request.

use gateway_providers::lane::{Cap, list_models};
use gateway_providers::{BaseUrl, Kind, Target, kind, kinds, prepare};
use gateway_types::{Call, DialectName, Operation};
use http::HeaderMap;

use crate::{STAMP, at, decode, target};

/// A call of each operation that has a body of its own in this dialect.
fn call(operation: Operation) -> Option<Call> {
    let body = match operation {
        Operation::Chat => r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
        Operation::Completions | Operation::ImageGeneration => r#"{"model":"m","prompt":"hi"}"#,
        Operation::Embeddings | Operation::Moderations => r#"{"model":"m","input":"hi"}"#,
        Operation::Speech => r#"{"model":"m","input":"hi","voice":"v"}"#,
        Operation::Rerank => r#"{"model":"m","query":"q","documents":["a"]}"#,
        Operation::ImageEdit | Operation::ImageVariation => r#"{"model":"m","image":"u"}"#,
        _ => return None,
    };
    Some(decode(operation, body).unwrap())
}

/// Kinds of this dialect that stand where their base URL says.
fn ours() -> impl Iterator<Item = &'static Kind> {
    let ours = |kind: &&Kind| kind.dialects.contains(&DialectName::OpenAi) && !kind.in_cloud();
    kinds().iter().copied().filter(ours)
}

/// Kinds whose addresses are not made of a cloud's regions.
fn addressed(kind: &'static Kind) -> Target {
    let base = BaseUrl::parse(kind.base_url.unwrap()).unwrap();
    Target {
        base_url: base,
        ..target(kind, "m")
    }
}

#[test]
fn what_a_kind_does_can_be_asked_of_it_and_what_it_does_not_is_refused() {
    for kind in ours() {
        let there = addressed(kind);
        for operation in Operation::ALL {
            let Some(call) = call(operation) else { continue };
            let prepared = prepare(&call, &there, Cap::Client, &HeaderMap::new(), STAMP);
            let name = format!("{} {operation}", kind.name);
            match kind.operations.contains(&operation) {
                true => {
                    let prepared = prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
                    let uri = prepared.wire.uri.to_string();
                    assert!(uri.starts_with(kind.base_url.unwrap()), "{name}: {uri}");
                    let sign = prepared.wire.headers.get("authorization").is_some();
                    assert!(sign || kind.name == "elevenlabs", "{name}");
                }
                false => assert!(prepared.is_err(), "{name}"),
            }
        }
        let lists = kind.operations.contains(&Operation::Models);
        assert_eq!(list_models(&there, None, STAMP).is_ok(), lists, "{}", kind.name);
    }
}

#[test]
fn every_vendor_of_the_book_is_there() {
    for name in [
        "openai",
        "groq",
        "mistral",
        "xai",
        "deepseek",
        "together",
        "fireworks",
        "cerebras",
        "perplexity",
        "openrouter",
        "nebius",
        "parasail",
        "sambanova",
        "nvidia",
        "moonshot",
        "huggingface",
        "lmstudio",
        "llama.cpp",
        "vllm",
        "sglang",
        "tgi",
        "ollama",
        "litellm",
        "voyage",
        "elevenlabs",
    ] {
        assert!(kind(name).is_some(), "{name}");
    }
}

#[test]
fn responses_go_as_they_are_to_who_serves_them() {
    for name in [
        "openai",
        "xai",
        "deepseek",
        "groq",
        "fireworks",
        "openrouter",
        "sambanova",
        "huggingface",
        "litellm",
    ] {
        let there = at(name, "m");
        let spoken = there.kind.speaks(Operation::Responses, "m", DialectName::Responses);
        assert_eq!(spoken, Some(DialectName::Responses), "{name}");
        assert_eq!(
            there.kind.speaks(Operation::Chat, "m", DialectName::Anthropic),
            Some(DialectName::OpenAi),
            "{name}"
        );
    }
    let sonar = kind("perplexity").unwrap();
    assert_eq!(
        sonar.speaks(Operation::Chat, "sonar-pro", DialectName::OpenAi),
        Some(DialectName::OpenAi)
    );
    assert_eq!(
        sonar.speaks(Operation::Chat, "openai/gpt-5", DialectName::OpenAi),
        Some(DialectName::Responses)
    );
    let openai = kind("openai").unwrap();
    for model in ["gpt-5.2-codex", "o3-pro", "gpt-5-pro"] {
        assert_eq!(
            openai.speaks(Operation::Chat, model, DialectName::OpenAi),
            Some(DialectName::Responses),
            "{model}"
        );
    }
    assert_eq!(
        openai.speaks(Operation::Chat, "gpt-5.2", DialectName::OpenAi),
        Some(DialectName::OpenAi)
    );
}

#[test]
fn vectors_and_orders_come_from_who_makes_them() {
    for (operation, names) in [
        (
            Operation::Rerank,
            &[
                "voyage",
                "together",
                "openrouter",
                "fireworks",
                "vllm",
                "llama.cpp",
                "litellm",
            ][..],
        ),
        (
            Operation::Transcription,
            &["openai", "groq", "mistral", "together", "vllm"],
        ),
        (Operation::Speech, &["openai", "groq", "together", "openrouter"]),
        (Operation::ImageGeneration, &["openai", "xai", "together", "nebius"]),
        (Operation::Moderations, &["openai", "mistral"]),
    ] {
        for name in names {
            assert!(kind(name).unwrap().serves(operation), "{name} {operation}");
        }
    }
}
