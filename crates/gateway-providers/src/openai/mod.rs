//! OpenAI Chat Completions, with completions and embeddings beside it: the dialect that most servers follow, each in
//! its own way.
//!
//! On the client's side `decode`, `read`, `write`; on the provider's `pass`, `request`, `relay`, `observe`, `reader`,
//! `response`; `errors`, `usage`, `wire` and `json` serve both.

mod cite;
mod decode;
mod embed;
mod errors;
mod events;
mod fits;
mod form;
mod glance;
mod hear;
mod kept;
mod message;
pub(crate) mod models;
mod observe;
mod offer;
mod part;
mod pass;
mod plain;
mod read;
mod reader;
mod recognise;
mod relay;
mod request;
mod rerank;
mod response;
mod say;
mod send;
mod speak;
#[cfg(test)]
mod test_support;
mod thought;
mod tools;
mod usage;
mod wire;
pub(crate) mod words;
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

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

pub(crate) use errors::retry_after;
pub(crate) use read::body;
pub(crate) use request::effort_of;
pub use words::{Account, Effort, Ids, Marks, Thoughts, Words};

/// The dialect of `POST /v1/chat/completions`.
#[derive(Clone, Copy, Debug)]
pub struct OpenAi;

impl ClientDialect for OpenAi {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn metadata<'a>(&self, call: &'a Call) -> Option<&'a [u8]> {
        pass::text(call, decode::METADATA).map(str::as_bytes)
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
        embed::write(response, call).map(Bytes::from)
    }

    fn read_rerank(&self, call: &Call) -> Result<RerankRequest, Error> {
        rerank::read(call)
    }

    fn write_rerank(&self, response: &RerankResponse, call: &Call) -> Result<Bytes, Error> {
        rerank::write(response, call).map(Bytes::from)
    }
}

impl ProviderDialect for OpenAi {
    fn path(&self, target: &Target, operation: Operation, _: bool) -> Cow<'static, str> {
        send::path(target, operation)
    }

    fn takes(&self, call: &Call, target: &Target) -> bool {
        fits::fits(call, target)
    }

    fn answers_alike(&self, call: &Call, target: &Target) -> bool {
        !fits::imitates(call, target)
    }

    fn pass(&self, call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
        pass::pass(call, target, cap, client)
    }

    fn request(
        &self,
        request: &Request,
        target: &Target,
        cap: Cap,
        losses: &mut Vec<Loss>,
    ) -> Result<WireRequest, Error> {
        request::request(request, target, cap, losses)
    }

    fn observe(&self, operation: Operation, headers: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        observe::observe(operation, headers, body)
    }

    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay> {
        match call.operation.generates() {
            true => Box::new(relay::Passing::new(call, target)),
            false => Box::new(crate::passing::Passing::new(events::Events::new(call, target.kind))),
        }
    }

    fn response(&self, body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
        response::response(body, target, stamp)
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
        embed::request(request, target, losses)
    }

    fn embedded(&self, body: &[u8], _: &Target) -> Result<EmbedResponse, Error> {
        embed::response(body)
    }

    fn rerank(&self, request: &RerankRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        rerank::request(request, target, losses)
    }

    fn reranked(&self, body: &[u8], _: &Target) -> Result<RerankResponse, Error> {
        rerank::response(body)
    }
}
