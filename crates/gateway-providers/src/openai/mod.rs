//! OpenAI Chat Completions, with completions and embeddings beside it: the dialect that most servers follow, each in
//! its own way.
//!
//! On the client's side `decode`, `read`, `write`; on the provider's `pass`, `request`, `relay`, `observe`, `reader`,
//! `response`; `errors`, `usage`, `wire` and `json` serve both.

mod decode;
mod errors;
mod glance;
mod json;
mod message;
mod models;
mod observe;
mod pass;
mod read;
mod reader;
mod relay;
mod request;
mod response;
mod send;
#[cfg(test)]
mod test_support;
mod usage;
mod wire;
mod write;

use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Call, Error, Operation};
use http::HeaderMap;

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `POST /v1/chat/completions`.
#[derive(Clone, Copy, Debug)]
pub struct OpenAi;

impl ClientDialect for OpenAi {
    fn decode(&self, operation: Operation, body: Bytes) -> Result<Call, Error> {
        decode::decode(operation, body)
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn write(&self, response: &Response, created: i64) -> Bytes {
        Bytes::from(write::whole(response, created))
    }

    fn writer(&self, call: &Call, created: i64) -> Box<dyn EventWriter> {
        Box::new(write::Writer::new(call, created))
    }

    fn finish_word(&self, finish: &Finish) -> String {
        write::finish_word(finish).to_owned()
    }

    fn error(&self, error: &Error) -> Bytes {
        errors::body(error)
    }

    fn stream_error(&self, error: &Error) -> Bytes {
        Bytes::from(errors::frame(error))
    }
}

impl ProviderDialect for OpenAi {
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

    fn observe(&self, operation: Operation, body: Bytes) -> Result<Whole, Error> {
        observe::observe(operation, body)
    }

    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay> {
        Box::new(relay::Passing::new(call, target))
    }

    fn response(&self, body: &[u8]) -> Result<Response, Error> {
        response::response(body)
    }

    fn reader(&self) -> Box<dyn EventReader> {
        Box::new(reader::Reader::default())
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
}
