//! Cohere v2, both sides: chat, vectors, reranking. The older v1 is not served, but for the list of models, which has no newer form.
//!
//! On the client's side `decode`, `read`, `message`, `write`, `writer`; on the provider's `send`, `request`, `say`, `content`, `relay`,
//! `answer`, `step`, `reader`; the rest serves both. A tool plan is text before calls of tools; what is used is what is billed.

mod answer;
mod citation;
mod content;
mod decode;
mod documents;
mod embed;
mod errors;
mod logprobs;
mod message;
mod models;
mod read;
mod reader;
mod relay;
mod request;
mod rerank;
mod say;
mod send;
mod step;
mod usage;
mod wire;
mod write;
mod writer;

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::embed::{EmbedRequest, EmbedResponse};
use gateway_types::loss::Loss;
use gateway_types::rerank::{RerankRequest, RerankResponse};
use gateway_types::{Asked, Call, Error, Operation};
use http::HeaderMap;

use crate::dialect::{ClientDialect, EventReader, EventWriter, Listed, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::passing::Passing;
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `POST /v2/chat`.
#[derive(Clone, Copy, Debug)]
pub struct Cohere;

impl ClientDialect for Cohere {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn write(&self, response: &Response, _: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        Bytes::from(write::whole(response, stamp, losses))
    }

    fn writer(&self, _: &Call, stamp: Stamp) -> Box<dyn EventWriter> {
        Box::new(writer::Writer::new(stamp))
    }

    fn finish_word(&self, finish: &Finish) -> String {
        answer::finish_word(finish).to_owned()
    }

    fn status(&self, error: &Error) -> u16 {
        match error.status() {
            // Anthropic's own; the SDKs of this dialect know the usual one.
            529 => 503,
            status => status,
        }
    }

    fn error(&self, error: &Error) -> Bytes {
        errors::body(error)
    }

    fn read_embed(&self, call: &Call) -> Result<EmbedRequest, Error> {
        embed::read(call)
    }

    fn write_embed(&self, response: &EmbedResponse, call: &Call) -> Result<Bytes, Error> {
        embed::write(response, call)
    }

    fn read_rerank(&self, call: &Call) -> Result<RerankRequest, Error> {
        rerank::read(call)
    }

    fn write_models(&self, models: &[Listed], _: i64) -> Bytes {
        Bytes::from(models::write_list(models))
    }

    fn write_model(&self, model: &Listed, _: i64) -> Bytes {
        Bytes::from(models::write_one(model))
    }

    fn write_rerank(&self, response: &RerankResponse, call: &Call) -> Result<Bytes, Error> {
        rerank::write(response, call)
    }
}

impl ProviderDialect for Cohere {
    fn path(&self, _: &Target, operation: Operation, _: bool) -> Cow<'static, str> {
        send::path(operation)
    }

    fn pass(&self, call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
        send::pass(call, target, cap, client)
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
            Operation::Embeddings => answer::observe_meta(body, "embeddings"),
            Operation::Rerank => answer::observe_meta(body, "results"),
            _ => answer::observe(body),
        }
    }

    fn relay(&self, _: &Call, _: &Target) -> Box<dyn Relay> {
        Box::new(Passing::new(relay::Watcher::default()))
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
        models::request(target)
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        models::page(body)
    }

    fn embed(&self, request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        embed::say(request, target, losses)
    }

    fn embedded(&self, body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
        embed::embedded(body, target)
    }

    fn rerank(&self, request: &RerankRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        rerank::say(request, target, losses)
    }

    fn reranked(&self, body: &[u8], target: &Target) -> Result<RerankResponse, Error> {
        rerank::reranked(body, target)
    }
}
