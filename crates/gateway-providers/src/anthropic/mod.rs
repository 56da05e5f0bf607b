//! Anthropic Messages: the provider's side of the dialect. Read [`Anthropic`], then `request.rs` and `stream.rs`.

mod error;
mod format;
mod http;
mod messages;
mod model;
mod models;
mod relay;
mod request;
mod response;
mod step;
mod stream;
mod thinking;
mod tools;
mod usage;
mod wire;

use std::borrow::Cow;

use ::http::HeaderMap;
use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation};

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

pub use relay::MEMBERS;

/// The dialect of `POST /v1/messages`.
#[derive(Clone, Copy, Debug)]
pub struct Anthropic;

impl ClientDialect for Anthropic {
    fn decode(&self, asked: &Asked, _: Bytes) -> Result<Call, Error> {
        Err(unwritten(asked.operation))
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        Err(unwritten(call.operation))
    }

    fn write(&self, response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        ClientDialect::write(&crate::openai::OpenAi, response, call, stamp, losses)
    }

    fn writer(&self, call: &Call, stamp: Stamp) -> Box<dyn EventWriter> {
        ClientDialect::writer(&crate::openai::OpenAi, call, stamp)
    }

    fn finish_word(&self, finish: &Finish) -> String {
        crate::openai::OpenAi.finish_word(finish)
    }

    fn error(&self, error: &Error) -> Bytes {
        ClientDialect::error(&crate::openai::OpenAi, error)
    }
}

fn unwritten(operation: Operation) -> Error {
    let message = format!("the dialect anthropic does not say {operation} yet");
    Error::new(gateway_types::ErrorKind::UnsupportedOperation, message)
}

impl ProviderDialect for Anthropic {
    fn path(&self, target: &Target, operation: Operation, stream: bool) -> Cow<'static, str> {
        http::path(target, operation, stream)
    }

    fn pass(&self, call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
        relay::pass(call, target, cap, client)
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

    fn observe(&self, _: Operation, _: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        response::observe(body)
    }

    fn relay(&self, _: &Call, _: &Target) -> Box<dyn Relay> {
        Box::new(relay::Pass::default())
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

    fn list_models(&self, target: &Target) -> Result<WireRequest, Error> {
        http::list(target)
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        models::read(body)
    }
}
