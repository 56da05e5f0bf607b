//! Every dialect into every other and back, on real traffic: what an answer says is the same, or the loss report names the
//! difference; what a request asks arrives, or the loss report names what did not.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

mod answers;
mod asks;
#[path = "../shared/recorded.rs"]
mod recorded;
mod said;

use bytes::Bytes;
use gateway_providers::{
    Access, BaseUrl, ClientDialect, ProviderDialect, Stamp, Target, client_dialect, kind, provider_dialect,
};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, DialectName, Operation, StreamForm, Wall};

use recorded::Recording;

/// The dialects of chat turns.
const CHATS: [DialectName; 7] = [
    DialectName::OpenAi,
    DialectName::Responses,
    DialectName::Anthropic,
    DialectName::Gemini,
    DialectName::Bedrock,
    DialectName::Cohere,
    DialectName::Ollama,
];

/// The dialect of a recorded chat turn.
fn dialect_of(recording: &Recording) -> Option<DialectName> {
    Some(match recording.endpoint.as_str() {
        "chat" => DialectName::OpenAi,
        "responses" => DialectName::Responses,
        "messages" | "anthropic-messages" => DialectName::Anthropic,
        "generateContent" => DialectName::Gemini,
        "converse" => DialectName::Bedrock,
        "v2-chat" => DialectName::Cohere,
        "api-chat" => DialectName::Ollama,
        _ => return None,
    })
}

fn client(dialect: DialectName) -> &'static dyn ClientDialect {
    client_dialect(dialect)
}

fn provider(dialect: DialectName) -> &'static dyn ProviderDialect {
    provider_dialect(dialect)
}

/// A place that speaks a dialect and serves `model`.
fn target(dialect: DialectName, model: &str) -> Target {
    let name = match dialect {
        DialectName::OpenAi | DialectName::Responses => "openai",
        DialectName::ElevenLabs => "elevenlabs",
        other => other.as_str(),
    };
    let base = BaseUrl::parse("http://localhost:8000").unwrap();
    Target::plain(name, kind(name).unwrap(), base, model, Access::None)
}

fn stamp() -> Stamp {
    Stamp {
        at: Wall::from_millis(1_700_000_000_000),
        seed: 0x0123_4567_89ab_cdef,
    }
}

/// The smallest call of a dialect.
fn smallest(dialect: DialectName, stream: bool) -> Call {
    let (body, in_path) = match dialect {
        DialectName::Responses => (r#""input":"hi""#, false),
        DialectName::Gemini => (r#""contents":[{"role":"user","parts":[{"text":"hi"}]}]"#, true),
        DialectName::Bedrock => (r#""messages":[{"role":"user","content":[{"text":"hi"}]}]"#, true),
        DialectName::OpenAi => (
            r#""messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}"#,
            false,
        ),
        DialectName::Anthropic => (r#""messages":[{"role":"user","content":"hi"}],"max_tokens":9"#, false),
        _ => (r#""messages":[{"role":"user","content":"hi"}]"#, false),
    };
    let body = match in_path {
        true => format!("{{{body}}}"),
        false => format!(r#"{{"model":"m",{body},"stream":{stream}}}"#),
    };
    client(dialect)
        .decode(
            &asked(dialect, in_path.then(|| "m".to_owned()), stream),
            Bytes::from(body),
        )
        .unwrap()
}

fn asked(dialect: DialectName, model: Option<String>, stream: bool) -> Asked {
    let operation = match dialect {
        DialectName::Responses => Operation::Responses,
        _ => Operation::Chat,
    };
    Asked {
        stream: (stream && model.is_some()).then_some(StreamForm::Usual),
        model,
        ..Asked::plain(operation)
    }
}

/// Whether a loss report has a word on something.
fn told(losses: &[Loss], words: &[&str]) -> bool {
    losses.iter().any(|loss| {
        let said = format!("{} {}", loss.field, loss.note).to_lowercase();
        words.iter().any(|word| said.contains(word))
    })
}

/// Fails with all findings at once, so that a rule shows in them.
fn none(findings: &[String], checked: usize) {
    let shown: Vec<_> = findings.iter().take(60).collect();
    assert!(
        findings.is_empty(),
        "{} findings in {checked} checks:\n{shown:#?}",
        findings.len()
    );
    println!("{checked} checks");
}
