//! The OpenAI dialect, both sides: against real traffic, against cases of our own, and however bytes are cut.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

mod answer;
mod cases;
mod facts;
mod forms;
mod golden;
mod kinds;
mod media;
mod messages;
mod offers;
mod operations;
#[path = "../shared/recorded.rs"]
mod recorded;
mod requests;
mod split;
mod translated;
mod vectors;
mod vendors;

use bytes::Bytes;
use gateway_providers::openai::OpenAi;
use gateway_providers::{Access, BaseUrl, ClientDialect, Kind, Relay, Stamp, Target, kind};
use gateway_types::chat::Request;
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation, Secret, Wall};
use recorded::Recording;
use serde_json::Value;

/// When an answer is read, and the number of its own.
const STAMP: Stamp = Stamp {
    at: Wall::from_millis(1_700_000_000_000),
    seed: 7,
};

/// A target of that kind which serves `model`.
fn target(kind: &'static Kind, model: &str) -> Target {
    let base = BaseUrl::parse("http://localhost:8000").unwrap();
    Target::plain(kind.name, kind, base, model, Access::Key(Secret::new("sk-own")))
}

/// The same, by the kind's name.
fn at(name: &str, model: &str) -> Target {
    target(kind(name).unwrap_or_else(|| panic!("{name}")), model)
}

/// A kind whose streams report usage only where they are asked.
fn asked() -> &'static Kind {
    kind("vllm").unwrap()
}

/// A call of that operation.
fn decode(operation: Operation, body: impl Into<Bytes>) -> Result<Call, Error> {
    OpenAi.decode(&Asked::plain(operation), body.into())
}

/// A chat call.
fn chat(body: impl Into<Bytes>) -> Call {
    decode(Operation::Chat, body).unwrap()
}

/// The typed view of a chat body that is given without its model.
fn read(members: &str) -> Request {
    OpenAi.read(&chat(format!(r#"{{"model":"m",{members}}}"#))).unwrap()
}

/// A streamed chat call; `wants_usage` is whether the client asks for it itself.
fn streamed(wants_usage: bool) -> Call {
    chat(format!(
        r#"{{"model":"m","messages":[],"stream":true,"n":1,"stream_options":{{"include_usage":{wants_usage}}}}}"#
    ))
}

/// Feeds a relay piece by piece and ends it.
fn feed(relay: &mut dyn Relay, pieces: &[&[u8]], out: &mut Vec<Bytes>) -> Result<(), Error> {
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), out)?;
    }
    relay.finish(out)
}

fn text(out: &[Bytes]) -> String {
    String::from_utf8(out.concat()).unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// The fields of losses, in order.
fn fields(losses: &[Loss]) -> Vec<&str> {
    let mut fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
    fields.sort_unstable();
    fields
}

/// The recorded exchanges of an endpoint with those who speak this dialect.
fn recordings(endpoint: &str) -> Vec<Recording> {
    recorded::recordings(|recording| {
        let own = !["anthropic", "cohere", "gemini", "vertex", "bedrock"].contains(&recording.provider.as_str())
            || recording.path().ends_with("/chat/completions");
        own && recording.endpoint == endpoint
    })
}

/// The body that was sent. Azure names the model in its path, so that one is put in.
fn sent(recording: &Recording) -> Option<Bytes> {
    let body = recording.asked()?;
    let body = std::str::from_utf8(&body).unwrap();
    if body.contains("\"model\"") {
        return recording.asked();
    }
    let inner = body.strip_prefix('{')?;
    Some(Bytes::from(format!(r#"{{"model":"in-the-path",{inner}"#)))
}
