//! Cohere v2, both sides.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `POST /v2/chat`.
#[derive(Clone, Copy, Debug)]
pub struct Cohere;

impl ClientDialect for Cohere {
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

impl ProviderDialect for Cohere {
    fn path(&self, _: &Target, _: Operation, _: bool) -> Cow<'static, str> {
        Cow::Borrowed("/")
    }

    fn pass(&self, call: &Call, _: &Target, _: Cap, _: &HeaderMap) -> Result<WireRequest, Error> {
        Err(unwritten(call.operation))
    }

    fn request(&self, _: &Request, _: &Target, _: Cap, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        Err(unwritten(Operation::Chat))
    }

    fn observe(&self, operation: Operation, _: &HeaderMap, _: Bytes) -> Result<Whole, Error> {
        Err(unwritten(operation))
    }

    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay> {
        crate::openai::OpenAi.relay(call, target)
    }

    fn response(&self, _: &[u8], _: &Target, _: Stamp) -> Result<Response, Error> {
        Err(unwritten(Operation::Chat))
    }

    fn reader(&self, target: &Target, stamp: Stamp) -> Box<dyn EventReader> {
        crate::openai::OpenAi.reader(target, stamp)
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        ProviderDialect::error(&crate::openai::OpenAi, status, headers, body)
    }

    fn list_models(&self, _: &Target) -> Result<WireRequest, Error> {
        Err(unwritten(Operation::Models))
    }

    fn models(&self, _: &[u8]) -> Result<ModelPage, Error> {
        Err(unwritten(Operation::Models))
    }
}

fn unwritten(operation: Operation) -> Error {
    let message = format!("the dialect {} does not say {operation} yet", DialectName::Cohere);
    Error::new(ErrorKind::UnsupportedOperation, message)
}
