//! The OpenAI dialect, both sides: against real traffic, against cases of our own, and however bytes are cut.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says why it fails or has little to do"
)]

mod answer;
mod cases;
mod golden;
mod recorded;
mod requests;
mod split;
mod translated;

use std::sync::Arc;

use bytes::Bytes;
use gateway_providers::openai::OpenAi;
use gateway_providers::{BaseUrl, ClientDialect, Kind, Relay, Target, kind};
use gateway_types::{Call, Operation, Secret};
use http::HeaderMap;

/// A target of that kind which serves `model`.
fn target(kind: &'static Kind, model: &str) -> Target {
    Target {
        provider: kind.name.into(),
        kind,
        base_url: BaseUrl::parse("http://localhost:8000").unwrap(),
        model: model.into(),
        secret: Some(Secret::new("sk-own")),
        extra_headers: HeaderMap::new(),
        path_overrides: Arc::default(),
        max_output: None,
    }
}

/// A kind whose streams report usage only where they are asked.
fn asked() -> &'static Kind {
    kind("vllm").unwrap()
}

/// A streamed chat call; `wants_usage` is whether the client asks for it itself.
fn streamed(wants_usage: bool) -> Call {
    let body = format!(
        r#"{{"model":"m","messages":[],"stream":true,"n":1,"stream_options":{{"include_usage":{wants_usage}}}}}"#
    );
    OpenAi.decode(Operation::Chat, Bytes::from(body)).unwrap()
}

/// Feeds a relay piece by piece and ends it.
fn feed(relay: &mut dyn Relay, pieces: &[&[u8]], out: &mut Vec<Bytes>) -> Result<(), gateway_types::Error> {
    for piece in pieces {
        relay.feed(Bytes::copy_from_slice(piece), out)?;
    }
    relay.finish(out)
}

fn text(out: &[Bytes]) -> String {
    String::from_utf8(out.concat()).unwrap()
}
