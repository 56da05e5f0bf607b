//! Cohere v2, both sides: against real traffic, against cases of our own, and however bytes are cut.

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
mod unsaid;
mod vectors;

use bytes::Bytes;
use gateway_providers::cohere::Cohere;
use gateway_providers::{Access, BaseUrl, ClientDialect, EventReader, ProviderDialect, Relay, Stamp, Target, kind};
use gateway_types::chat::Event;
use gateway_types::{Asked, Call, Error, Operation, Wall};

/// A place that serves `model`.
fn target(model: &str) -> Target {
    let base = BaseUrl::parse("http://localhost:8000").unwrap();
    Target::plain("cohere", kind("cohere").unwrap(), base, model, Access::None)
}

fn stamp() -> Stamp {
    Stamp {
        at: Wall::from_millis(1_700_000_000_000),
        seed: 7,
    }
}

fn call(operation: Operation, body: impl Into<Bytes>) -> Call {
    Cohere.decode(&Asked::plain(operation), body.into()).unwrap()
}

/// A streamed chat call.
fn streamed() -> Call {
    call(Operation::Chat, r#"{"model":"m","messages":[],"stream":true}"#)
}

/// A stream in those pieces, as events.
fn events(pieces: &[&[u8]]) -> Result<Vec<Event>, Error> {
    let mut reader = Cohere.reader(&target("m"), stamp());
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

/// An event as it stands in a stream.
fn event(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    format!("event: {}\ndata: {json}\n\n", value["type"].as_str().unwrap_or("error"))
}

/// A reader that has been through nothing.
fn reader() -> Box<dyn EventReader> {
    Cohere.reader(&target("m"), stamp())
}
