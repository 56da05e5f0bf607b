//! Anthropic Messages.
//!
//! On the client's side `decode`, `read` (with `blocks`, `places`), `write`, `writer` (with `show`, `pieces`, `frames`), `told`; on the provider's
//! `pass`, `request` (with `messages`, `parts`, `tools`, `thinking`, `format`, `wire`), `relay`, `response`, `stream` (with
//! `step`), `error`. `kept` brings members back that no word of the vocabulary covers.

mod betas;
mod blocks;
mod builtin;
mod citations;
mod decode;
mod error;
mod format;
mod frames;
mod http;
mod kept;
mod messages;
mod model;
mod models;
mod own_block;
mod parts;
mod pass;
mod pieces;
mod places;
mod read;
mod relay;
mod request;
mod response;
mod show;
mod step;
mod stream;
mod thinking;
mod told;
mod tools;
mod usage;
mod wire;
mod write;
mod writer;

pub(crate) use format::is_enforceable;
pub(crate) use model::{Abilities, Thinking, abilities};

use std::borrow::Cow;

use ::http::HeaderMap;
use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation};

use crate::dialect::{ClientDialect, EventReader, EventWriter, Listed, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::passing::Passing;
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

pub use decode::MEMBERS;

/// The dialect of `POST /v1/messages`.
#[derive(Clone, Copy, Debug)]
pub struct Anthropic;

impl ClientDialect for Anthropic {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn metadata<'a>(&self, call: &'a Call) -> Option<&'a [u8]> {
        crate::facts::value(call, decode::MEMBERS, "metadata")
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn go_abroad(&self, request: &mut Request) {
        read::go_abroad(request);
    }

    fn write(&self, response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        write::whole(response, call, stamp, losses)
    }

    fn writer(&self, call: &Call, stamp: Stamp) -> Box<dyn EventWriter> {
        Box::new(writer::Writer::new(call, stamp))
    }

    fn finish_word(&self, finish: &Finish) -> String {
        show::finish_word(finish).to_owned()
    }

    fn error(&self, error: &Error) -> Bytes {
        told::body(error)
    }

    fn status(&self, error: &Error) -> u16 {
        told::status(error)
    }

    fn request_id_header(&self) -> &'static str {
        "request-id"
    }

    fn write_models(&self, models: &[Listed], created: i64) -> Bytes {
        models::list(models, created)
    }

    fn write_model(&self, model: &Listed, created: i64) -> Bytes {
        models::one(model, created)
    }

    fn write_count(&self, input_tokens: u64, _: &Call) -> Result<Bytes, Error> {
        Ok(write::count(input_tokens))
    }
}

impl ProviderDialect for Anthropic {
    fn path(&self, target: &Target, operation: Operation, stream: bool) -> Cow<'static, str> {
        http::path(target, operation, stream)
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

    fn let_in(&self, client: &HeaderMap, target: &Target, wire: &mut WireRequest) {
        http::head(target, client, &[], wire);
    }

    fn observe(&self, operation: Operation, _: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        response::observe(operation, body)
    }

    fn relay(&self, _: &Call, _: &Target) -> Box<dyn Relay> {
        Box::new(Passing::new(relay::Watcher::default()))
    }

    fn response(&self, body: &[u8], target: &Target, _: Stamp) -> Result<Response, Error> {
        response::read(body, target)
    }

    fn reader(&self, target: &Target, _: Stamp) -> Box<dyn EventReader> {
        Box::new(stream::Reader::new(target))
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        error::read(status, headers, body)
    }

    fn count(&self, request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        request::count(request, target, losses)
    }

    fn counted(&self, body: &[u8], _: &Target) -> Result<u64, Error> {
        response::counted(body)
    }

    fn list_models(&self, target: &Target) -> Result<WireRequest, Error> {
        http::list(target)
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        models::read(body)
    }
}
