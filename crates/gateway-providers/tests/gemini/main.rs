//! Gemini, both sides: against real traffic, against cases of our own from Google's documents, and however bytes are cut.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

mod abroad;
mod answers;
mod cases;
mod golden;
mod home;
#[path = "../shared/recorded.rs"]
mod recorded;
mod requests;
#[path = "../matrix/said.rs"]
#[allow(dead_code, reason = "each test uses its part of it")]
mod said;
mod streams;
mod vectors;

use bytes::Bytes;
use gateway_providers::gemini::Gemini;
use gateway_providers::lane::Cap;
use gateway_providers::{Access, BaseUrl, ClientDialect, ProviderDialect, Relay, Site, Stamp, Target, kind};
use gateway_types::chat::{Event, Request};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation, StreamForm, Wall};
use serde_json::Value;

/// A place that serves `model`.
fn target(model: &str) -> Target {
    of_kind("gemini", model)
}

fn of_kind(name: &str, model: &str) -> Target {
    let kind = kind(name).unwrap();
    let base = BaseUrl::parse(kind.base_url.unwrap_or("https://example.com")).unwrap();
    Target::plain(name, kind, base, model, Access::None)
}

/// A place on Google Cloud.
fn in_cloud(model: &str) -> Target {
    let (project, region) = ("p-1".to_owned(), "us-central1".to_owned());
    Target {
        site: Site::Vertex { project, region },
        ..of_kind("vertex", model)
    }
}

fn stamp() -> Stamp {
    Stamp {
        at: Wall::from_millis(1_700_000_000_000),
        seed: 7,
    }
}

fn asked(operation: Operation, stream: Option<StreamForm>) -> Asked {
    Asked {
        model: Some("m".to_owned()),
        stream,
        ..Asked::plain(operation)
    }
}

fn call(operation: Operation, stream: Option<StreamForm>, body: impl Into<Bytes>) -> Call {
    Gemini.decode(&asked(operation, stream), body.into()).unwrap()
}

/// A chat call of a client of this dialect.
fn chat(body: impl Into<Bytes>) -> Call {
    call(Operation::Chat, None, body)
}

/// A streamed chat call in that form.
fn streamed(form: StreamForm) -> Call {
    call(
        Operation::Chat,
        Some(form),
        r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#,
    )
}

/// What is sent for a request, and what could not be said of it.
fn sent(request: &Request, target: &Target) -> (Value, Vec<Loss>) {
    let mut losses = Vec::new();
    let wire = Gemini.request(request, target, Cap::Client, &mut losses).unwrap();
    (serde_json::from_slice(&wire.body.concat()).unwrap(), losses)
}

/// A stream in those pieces, as events.
fn events(pieces: &[&[u8]]) -> Result<Vec<Event>, Error> {
    let mut reader = Gemini.reader(&target("m"), stamp());
    let mut events = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut events)?;
    }
    reader.finish(&mut events)?;
    Ok(events)
}

/// Feeds a relay piece by piece and ends it.
fn passed(relay: &mut dyn Relay, pieces: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), &mut out)?;
    }
    relay.finish(&mut out)?;
    Ok(out.concat())
}

/// Writes events to a client.
fn written(events: &[Event], form: StreamForm) -> (Vec<u8>, Vec<Loss>) {
    let mut writer = Gemini.writer(&streamed(form), stamp());
    let (mut out, mut losses) = (Vec::new(), Vec::new());
    for event in events {
        writer.write(event, &mut out, &mut losses);
    }
    (out, losses)
}

/// The chunks of a stream, however it is cut into frames.
fn chunks(stream: &[u8]) -> Vec<Value> {
    if stream.trim_ascii().starts_with(b"[") {
        return serde_json::from_slice(stream).unwrap();
    }
    let text = std::str::from_utf8(stream).unwrap();
    let data = text.lines().filter(|line| !line.trim().is_empty());
    data.map(|line| serde_json::from_str(line.strip_prefix("data:").unwrap_or(line)).unwrap())
        .collect()
}

/// The words of the losses, for a message.
fn fields(losses: &[Loss]) -> Vec<&str> {
    losses.iter().map(|loss| loss.field.as_str()).collect()
}
