//! Google's Gemini: `generateContent`, both sides, with vectors and counting beside it.
//!
//! On the client's side `decode`, `read` (with `contents`, `piece`, `schema`), `write`, `writer`; on the provider's `pass`,
//! `request` (with `turns`, `say`, `offer`, `thinking`), `relay`, `response`, `reader`. What both have in common: `piece`,
//! `usage`, `finish`, `sources`, `logprobs`, `errors`, and `tree` for all that is written.

mod attach;
mod candidate;
mod contents;
mod count;
mod decode;
mod embed;
mod errors;
mod extras;
mod finish;
mod frames;
mod hear;
mod http;
mod keys;
mod logprobs;
mod model;
mod models;
mod offer;
mod partial;
mod pass;
mod piece;
mod read;
mod reader;
mod recognise;
mod relay;
mod request;
mod response;
mod say;
mod schema;
mod sources;
mod thinking;
mod tree;
mod turns;
mod usage;
mod wire;
mod write;
mod writer;

use std::borrow::Cow;

use ::http::HeaderMap;
use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::embed::{EmbedRequest, EmbedResponse};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation};

use crate::dialect::{ClientDialect, EventReader, EventWriter, Listed, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `generateContent`.
#[derive(Clone, Copy, Debug)]
pub struct Gemini;

impl ClientDialect for Gemini {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn metadata<'a>(&self, call: &'a Call) -> Option<&'a [u8]> {
        crate::facts::value(call, decode::KEYS, "labels")
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn go_abroad(&self, request: &mut Request) {
        read::go_abroad(request);
    }

    fn write(&self, response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        Bytes::from(write::whole(response, call, stamp, losses))
    }

    fn writer(&self, call: &Call, stamp: Stamp) -> Box<dyn EventWriter> {
        Box::new(writer::Writer::new(call, stamp))
    }

    fn finish_word(&self, finish: &Finish) -> String {
        finish::said(finish).to_owned()
    }

    fn error(&self, error: &Error) -> Bytes {
        errors::body(error)
    }

    fn write_models(&self, models: &[Listed], _: i64) -> Bytes {
        Bytes::from(models::list(models))
    }

    fn write_model(&self, model: &Listed, _: i64) -> Bytes {
        Bytes::from(models::one(model))
    }

    fn read_embed(&self, call: &Call) -> Result<EmbedRequest, Error> {
        embed::read(call)
    }

    fn write_embed(&self, response: &EmbedResponse, call: &Call) -> Result<Bytes, Error> {
        Ok(Bytes::from(embed::write(response, call)))
    }

    fn write_count(&self, input_tokens: u64, _: &Call) -> Result<Bytes, Error> {
        Ok(Bytes::from(count::write(input_tokens)))
    }
}

impl ProviderDialect for Gemini {
    fn path(&self, target: &Target, operation: Operation, stream: bool) -> Cow<'static, str> {
        http::path(target, operation, stream)
    }

    fn takes(&self, call: &Call, target: &Target) -> bool {
        http::takes(call, target)
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
        request::say(request, target, cap, losses)
    }

    fn observe(&self, operation: Operation, _: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        response::observe(operation, body)
    }

    fn relay(&self, call: &Call, _: &Target) -> Box<dyn Relay> {
        relay::relay(call)
    }

    fn response(&self, body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
        response::read(body, target, stamp)
    }

    fn reader(&self, target: &Target, stamp: Stamp) -> Box<dyn EventReader> {
        Box::new(reader::Reader::new(target, stamp))
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        recognise::read(status, headers, body)
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

    fn count(&self, request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        count::say(request, target, losses)
    }

    fn counted(&self, body: &[u8], _: &Target) -> Result<u64, Error> {
        count::counted(body)
    }
}
