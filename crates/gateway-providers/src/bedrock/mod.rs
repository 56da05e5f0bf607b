//! Amazon Bedrock, both sides: Converse, and `InvokeModel` as it comes.
//!
//! On the client's side `decode` (with `caps`), `read` (with `blocks`, `additional`), `write`, `writer` (with `show`,
//! `frames`), `told`; on the provider's `http`, `request` (with `talk`, `say`, `tools`, `think`, `settings`, `model`),
//! `response`, `reader` (with `step`), `relay`, `error`; for models' own bodies `invoke` (with `glance`) and `vectors`. `wire`
//! has the shapes that are written.

mod additional;
mod blocks;
mod caps;
mod decode;
mod error;
mod formats;
mod frames;
mod glance;
mod http;
mod invoke;
mod model;
mod models;
mod pieces;
mod read;
mod reader;
mod relay;
mod request;
mod response;
mod say;
mod settings;
mod show;
mod step;
mod talk;
mod think;
mod told;
mod tools;
mod usage;
mod vectors;
mod wire;
mod words;
mod write;
mod writer;

use std::borrow::Cow;

use ::http::HeaderMap;
use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::embed::{EmbedRequest, EmbedResponse};
use gateway_types::loss::Loss;
use gateway_types::rerank::{RerankRequest, RerankResponse};
use gateway_types::{Asked, Call, DialectName, Error, Operation, StreamForm};

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::lane::{Cap, Observed, Relay, Whole};
use crate::passing::Passing;
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

/// The dialect of Converse.
#[derive(Clone, Copy, Debug)]
pub struct Bedrock;

impl ClientDialect for Bedrock {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn metadata<'a>(&self, call: &'a Call) -> Option<&'a [u8]> {
        crate::facts::value(call, &decode::KEYS, "requestMetadata")
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn go_abroad(&self, request: &mut Request) {
        read::go_abroad(request);
    }

    fn write(&self, response: &Response, call: &Call, _: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        write::whole(response, call, losses)
    }

    fn writer(&self, call: &Call, _: Stamp) -> Box<dyn EventWriter> {
        Box::new(writer::Writer::new(call))
    }

    fn stream_type(&self, _: StreamForm) -> &'static str {
        http::STREAM
    }

    fn finish_word(&self, finish: &Finish) -> String {
        show::finish_word(finish).to_owned()
    }

    fn error(&self, error: &Error) -> Bytes {
        told::body(error)
    }

    fn error_head(&self, error: &Error, headers: &mut HeaderMap) {
        told::head(error, headers);
    }

    fn request_id_header(&self) -> &'static str {
        error::REQUEST_ID
    }

    fn write_count(&self, input_tokens: u64, _: &Call) -> Result<Bytes, Error> {
        Ok(write::count(input_tokens))
    }
}

impl ProviderDialect for Bedrock {
    fn path(&self, target: &Target, operation: Operation, stream: bool) -> Cow<'static, str> {
        http::path(target, operation, stream)
    }

    fn pass(&self, call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error> {
        http::pass(call, target, cap, client)
    }

    fn request(
        &self,
        request: &Request,
        target: &Target,
        cap: Cap,
        losses: &mut Vec<Loss>,
    ) -> Result<WireRequest, Error> {
        let body = request::turn(request, target, cap, losses)?;
        http::post(target, Operation::Chat, request.stream, body)
    }

    fn observe(&self, operation: Operation, headers: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        match operation {
            Operation::Invoke => Ok(invoke::observe(headers, body)),
            Operation::CountTokens => {
                response::counted(&body)?;
                Ok(Whole {
                    body,
                    content_type: None,
                    observed: Observed {
                        usage: Some(gateway_types::Usage::default()),
                        content: true,
                        done: true,
                        ..Observed::default()
                    },
                })
            }
            _ => response::observe(body),
        }
    }

    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay> {
        match call.operation {
            Operation::Invoke => Box::new(Passing::new(invoke::Invoke::new(target.family()))),
            _ => Box::new(Passing::new(relay::Converse::default())),
        }
    }

    fn response(&self, body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
        response::read(body, target, stamp)
    }

    fn reader(&self, target: &Target, stamp: Stamp) -> Box<dyn EventReader> {
        Box::new(reader::Reader::new(target, stamp))
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        error::read(status, headers, body)
    }

    fn list_models(&self, target: &Target) -> Result<WireRequest, Error> {
        let uri = address::of(target, DialectName::Bedrock, Operation::Models, false)?;
        Ok(outgoing::get(uri))
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        models::read(body)
    }

    fn embed(&self, request: &EmbedRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        let body = vectors::ask(request, target, losses)?;
        http::post(target, Operation::Embeddings, false, body)
    }

    fn embedded(&self, body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
        vectors::read(body, target)
    }

    fn rerank(&self, request: &RerankRequest, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        let body = vectors::rank(request, target, losses)?;
        http::post(target, Operation::Rerank, false, body)
    }

    fn reranked(&self, body: &[u8], target: &Target) -> Result<RerankResponse, Error> {
        vectors::ranked(body, target)
    }

    fn count(&self, request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        let body = request::count(request, target, losses)?;
        http::post(target, Operation::CountTokens, false, body)
    }

    fn counted(&self, body: &[u8], _: &Target) -> Result<u64, Error> {
        response::counted(body)
    }
}
