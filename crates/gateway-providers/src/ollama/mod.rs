//! Ollama's own API, both sides: chat and generate, vectors, and what clients ask a server besides.
//!
//! On the client's side `decode`, `read`, `message`, `write`, `writer`, `facts`; on the provider's `send`, `request`, `say`, `relay`,
//! `answer`, `reader`; the rest serves both. `/api/generate` is a turn of one message. Streams are lines of JSON; the last says `done`.

mod answer;
mod decode;
mod embed;
mod errors;
pub mod facts;
mod message;
mod read;
mod reader;
mod relay;
mod request;
mod say;
mod send;
mod wire;
mod write;
mod writer;

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::embed::{EmbedRequest, EmbedResponse};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation, StreamForm, Wall};
use http::HeaderMap;

use crate::dialect::{ClientDialect, EventReader, EventWriter, Listed, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::passing::Passing;
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `POST /api/chat`.
#[derive(Clone, Copy, Debug)]
pub struct Ollama;

impl ClientDialect for Ollama {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn write(&self, response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        Bytes::from(write::whole(response, call, stamp, losses))
    }

    fn writer(&self, call: &Call, stamp: Stamp) -> Box<dyn EventWriter> {
        Box::new(writer::Writer::new(call, stamp))
    }

    fn stream_type(&self, _: StreamForm) -> &'static str {
        "application/x-ndjson"
    }

    fn finish_word(&self, finish: &Finish) -> String {
        write::finish_word(finish).to_owned()
    }

    fn error(&self, error: &Error) -> Bytes {
        errors::body(error)
    }

    fn read_embed(&self, call: &Call) -> Result<EmbedRequest, Error> {
        embed::read(call)
    }

    fn write_embed(&self, response: &EmbedResponse, call: &Call) -> Result<Bytes, Error> {
        Ok(embed::write(response, call))
    }

    fn write_models(&self, models: &[Listed], created: i64) -> Bytes {
        facts::tags(models.iter().map(|model| model.id.as_str()), time(created))
    }

    fn write_model(&self, model: &Listed, created: i64) -> Bytes {
        facts::show(&model.id, facts::Shown::PASSED_ON, time(created))
    }
}

fn time(seconds: i64) -> Wall {
    Wall::from_millis(seconds.saturating_mul(1000))
}

impl ProviderDialect for Ollama {
    fn path(&self, _: &Target, operation: Operation, _: bool) -> Cow<'static, str> {
        send::path(operation)
    }

    fn pass(&self, call: &Call, target: &Target, cap: Cap, _: &HeaderMap) -> Result<WireRequest, Error> {
        send::pass(call, target, cap)
    }

    fn request(
        &self,
        request: &Request,
        target: &Target,
        cap: Cap,
        losses: &mut Vec<Loss>,
    ) -> Result<WireRequest, Error> {
        request::say(request, target, cap, losses)
    }

    fn observe(&self, operation: Operation, _: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        match operation {
            Operation::Embeddings => embed::observe(body),
            _ => answer::observe(body),
        }
    }

    fn relay(&self, call: &Call, _: &Target) -> Box<dyn Relay> {
        Box::new(Passing::new(relay::Watcher::new(call)))
    }

    fn response(&self, body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
        answer::response(body, target, stamp)
    }

    fn reader(&self, target: &Target, stamp: Stamp) -> Box<dyn EventReader> {
        Box::new(reader::Reader::new(target, stamp))
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        errors::read(status, headers, body)
    }

    fn list_models(&self, target: &Target) -> Result<WireRequest, Error> {
        send::list(target)
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        send::models(body)
    }

    fn embed(&self, request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        embed::say(request, target, losses)
    }

    fn embedded(&self, body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
        embed::embedded(body, target)
    }
}
