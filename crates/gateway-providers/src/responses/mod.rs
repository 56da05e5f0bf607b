//! OpenAI Responses, both sides: `POST /v1/responses` and `/v1/responses/input_tokens`.
//!
//! On the client's side `decode`, `read` (with `items`, `content`, `tools`), `whole`, `writer` (with `item`, `echo`, `frames`),
//! and `thread` for whoever keeps responses; on the provider's `pass`, `request` (with `messages`, `pieces`, `builtin`, `home`),
//! `relay` (with `draft`, `unfinished`), `observe`, `reader` (with `heard`), `response`; `wire`, `usage`, `fault` and `sealed`
//! serve both.

mod builtin;
mod content;
mod decode;
mod draft;
mod echo;
mod fault;
mod frames;
mod heard;
mod home;
mod item;
mod items;
mod messages;
mod observe;
mod pass;
mod pieces;
mod read;
mod reader;
mod relay;
mod request;
mod response;
mod sealed;
mod thread;
mod tools;
mod unfinished;
mod usage;
mod whole;
mod wire;
mod writer;

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Finish, Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Asked, Call, Error, Operation};
use http::HeaderMap;

pub use decode::MEMBERS;
pub use thread::{Finished, Keeping, continue_from, finished, input_items, item_id, keeping, references, resolve};

use crate::dialect::{ClientDialect, EventReader, EventWriter, ModelPage, ProviderDialect};
use crate::json::Out;
use crate::lane::{Cap, Relay, Whole};
use crate::openai::OpenAi;
use crate::passing::Passing;
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The dialect of `POST /v1/responses`.
#[derive(Clone, Copy, Debug)]
pub struct Responses;

impl ClientDialect for Responses {
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error> {
        decode::decode(asked, body)
    }

    fn metadata<'a>(&self, call: &'a Call) -> Option<&'a [u8]> {
        crate::facts::value(call, decode::KEYS, "metadata")
    }

    fn read(&self, call: &Call) -> Result<Request, Error> {
        read::read(call)
    }

    fn go_abroad(&self, request: &mut Request) {
        read::go_abroad(request);
    }

    fn write(&self, response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
        whole::write(response, call, stamp, losses)
    }

    fn writer(&self, call: &Call, stamp: Stamp) -> Box<dyn EventWriter> {
        Box::new(writer::Writer::new(call, stamp, false))
    }

    fn finish_word(&self, finish: &Finish) -> String {
        whole::finish_word(finish).to_owned()
    }

    /// OpenAI's errors have one shape, whichever of its APIs was asked.
    fn error(&self, error: &Error) -> Bytes {
        ClientDialect::error(&OpenAi, error)
    }

    fn write_count(&self, input_tokens: u64, _: &Call) -> Result<Bytes, Error> {
        let mut body = Vec::new();
        Out::object(&mut body, |out| {
            out.member("object", "response.input_tokens");
            out.member("input_tokens", input_tokens);
        });
        Ok(Bytes::from(body))
    }
}

impl ProviderDialect for Responses {
    fn path(&self, _: &Target, operation: Operation, _: bool) -> Cow<'static, str> {
        Cow::Borrowed(pass::path(operation))
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

    fn let_in(&self, client: &HeaderMap, _: &Target, wire: &mut WireRequest) {
        pass::let_in(client, wire);
    }

    fn observe(&self, operation: Operation, _: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        observe::observe(operation, body)
    }

    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay> {
        Box::new(Passing::new(relay::Watcher::new(call, target.kind)))
    }

    fn response(&self, body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error> {
        response::response(body, target, stamp)
    }

    fn reader(&self, target: &Target, _: Stamp) -> Box<dyn EventReader> {
        Box::new(reader::Reader::new(target))
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        ProviderDialect::error(&OpenAi, status, headers, body)
    }

    fn list_models(&self, target: &Target) -> Result<WireRequest, Error> {
        OpenAi.list_models(target)
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        OpenAi.models(body)
    }

    fn count(&self, request: &Request, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        request::count(request, target, losses)
    }

    fn counted(&self, body: &[u8], _: &Target) -> Result<u64, Error> {
        observe::counted(body)
    }
}
