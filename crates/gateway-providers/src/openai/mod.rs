//! OpenAI Chat Completions, with completions and embeddings beside it.

use bytes::Bytes;
use gateway_types::chat::{Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Call, Error, Operation};
use http::HeaderMap;

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::target::Target;
use crate::transport::WireRequest;

/// The OpenAI dialect.
#[derive(Debug)]
pub struct OpenAi;

impl ClientDialect for OpenAi {
    fn decode(&self, _: Operation, _: Bytes) -> Result<Call, Error> {
        unimplemented!()
    }
    fn read(&self, _: &Call) -> Result<Request, Error> {
        unimplemented!()
    }
    fn write(&self, _: &Response, _: i64) -> Bytes {
        unimplemented!()
    }
    fn writer(&self, _: &Call, _: i64) -> Box<dyn EventWriter> {
        unimplemented!()
    }
    fn error(&self, _: &Error) -> Bytes {
        unimplemented!()
    }
    fn stream_error(&self, _: &Error) -> Bytes {
        unimplemented!()
    }
}

impl ProviderDialect for OpenAi {
    fn pass(&self, _: &Call, _: &Target, _: Cap, _: &HeaderMap) -> Result<WireRequest, Error> {
        unimplemented!()
    }
    fn request(&self, _: &Request, _: &Target, _: Cap, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        unimplemented!()
    }
    fn observe(&self, _: Operation, _: Bytes) -> Result<Whole, Error> {
        unimplemented!()
    }
    fn relay(&self, _: &Call, _: &Target) -> Box<dyn Relay> {
        unimplemented!()
    }
    fn response(&self, _: &[u8]) -> Result<Response, Error> {
        unimplemented!()
    }
    fn reader(&self) -> Box<dyn EventReader> {
        unimplemented!()
    }
    fn error(&self, _: u16, _: &HeaderMap, _: Bytes) -> Error {
        unimplemented!()
    }
    fn list_models(&self, _: &Target) -> Result<WireRequest, Error> {
        unimplemented!()
    }
    fn models(&self, _: &[u8]) -> Result<ModelPage, Error> {
        unimplemented!()
    }
}
