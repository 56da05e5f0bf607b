//! OpenAI Responses: real traffic and cases of our own, both sides.

#![expect(
    clippy::needless_pass_by_value,
    clippy::or_fun_call,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

mod abroad;
mod cases;
mod closing;
mod golden;
mod grammar;
#[path = "../shared/recorded.rs"]
mod recorded;
mod requests;
mod said;
mod split;
mod threads;

use bytes::Bytes;
use gateway_providers::responses::Responses;
use gateway_providers::{Access, BaseUrl, ClientDialect, Kind, Relay, Stamp, Target, kind};
use gateway_types::chat::Event;
use gateway_types::{Asked, Call, Error, Operation, Wall};
use serde_json::Value;

/// A place of that kind that serves the model `served`.
fn target(kind_name: &str) -> Target {
    place(kind(kind_name).unwrap(), "served")
}

fn place(kind: &'static Kind, model: &str) -> Target {
    let base = BaseUrl::parse("http://host/v1").unwrap();
    Target::plain("there", kind, base, model, Access::None)
}

fn stamp() -> Stamp {
    Stamp {
        at: Wall::from_millis(1_700_000_000_000),
        seed: 0x0123_4567_89ab_cdef,
    }
}

fn decoded(body: impl Into<Bytes>) -> Result<Call, Error> {
    Responses.decode(&Asked::plain(Operation::Responses), body.into())
}

fn asked(body: &Value) -> Call {
    decoded(body.to_string()).unwrap()
}

/// The smallest call that asks for a stream.
fn streamed() -> Call {
    asked(&serde_json::json!({"model": "m", "input": "hi", "stream": true}))
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The data of the frames of a stream.
fn events_of(stream: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(stream.to_vec()).unwrap().replace("\r\n", "\n");
    let data = text
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(str::trim);
    data.filter(|data| data.starts_with('{'))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// Feeds a relay and ends it.
fn feed(relay: &mut dyn Relay, pieces: &[&[u8]], out: &mut Vec<Bytes>) -> Result<(), Error> {
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), out)?;
    }
    relay.finish(out)
}

/// The events of a provider's stream.
fn read(stream: &[u8]) -> Result<Vec<Event>, Error> {
    use gateway_providers::ProviderDialect;
    let mut events = Vec::new();
    let mut reader = Responses.reader(&target("openai"), stamp());
    reader.feed(stream, &mut events)?;
    reader.finish(&mut events)?;
    Ok(events)
}

/// A client's stream of those events.
fn written(call: &Call, events: &[Event]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Responses.writer(call, stamp());
    for event in events {
        writer.write(event, &mut out, &mut Vec::new());
    }
    out
}
