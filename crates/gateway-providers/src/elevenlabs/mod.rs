//! ElevenLabs, the provider side: speech, and text from speech.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;

use crate::dialect::{EventReader, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `POST /v1/text-to-speech`.
#[derive(Clone, Copy, Debug)]
pub struct ElevenLabs;

impl ProviderDialect for ElevenLabs {
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
    let message = format!("the dialect {} does not say {operation} yet", DialectName::ElevenLabs);
    Error::new(ErrorKind::UnsupportedOperation, message)
}
