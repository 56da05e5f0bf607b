//! Ollama's own API, both sides: against real traffic, against cases of our own, and however bytes are cut.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

mod cases;
mod golden;
#[path = "../shared/recorded.rs"]
mod recorded;
mod requests;
#[allow(dead_code, reason = "the matrix of dialects compares more")]
#[path = "../matrix/said.rs"]
mod said;
mod streams;
mod translated;

use bytes::Bytes;
use gateway_providers::ollama::Ollama;
use gateway_providers::{Access, BaseUrl, ClientDialect, ProviderDialect, Relay, Stamp, Target, kind};
use gateway_types::chat::Event;
use gateway_types::{Asked, Call, Error, Operation, Wall};

/// A place that serves `model`.
fn target(model: &str) -> Target {
    let base = BaseUrl::parse("http://localhost:11434").unwrap();
    Target::plain("ollama", kind("ollama").unwrap(), base, model, Access::None)
}

fn stamp() -> Stamp {
    Stamp {
        at: Wall::from_millis(1_700_000_000_000),
        seed: 7,
    }
}

fn call(operation: Operation, body: impl Into<Bytes>) -> Call {
    Ollama.decode(&Asked::plain(operation), body.into()).unwrap()
}

/// A chat call, which is streamed.
fn chat() -> Call {
    call(
        Operation::Chat,
        r#"{"model":"m","messages":[{"role":"user","content":"u"}]}"#,
    )
}

/// A call of the other form.
fn generate() -> Call {
    call(Operation::Completions, r#"{"model":"m","prompt":"p"}"#)
}

/// A stream in those pieces, as events.
fn events(pieces: &[&[u8]]) -> Result<Vec<Event>, Error> {
    let mut reader = Ollama.reader(&target("m"), stamp());
    let mut events = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut events)?;
    }
    reader.finish(&mut events)?;
    Ok(events)
}

/// Feeds a relay piece by piece.
fn feed(relay: &mut dyn Relay, pieces: &[&[u8]]) -> Result<Vec<Bytes>, Error> {
    let mut out = Vec::new();
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), &mut out)?;
    }
    Ok(out)
}

/// Bytes in pieces of that size.
fn cut(bytes: &[u8], size: usize) -> Vec<&[u8]> {
    bytes.chunks(size).collect()
}
