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

use ::http::HeaderMap;
use bytes::Bytes;
use gateway_types::chat::{Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Call, Error, Operation};

use crate::dialect::{EventReader, ModelPage, ProviderDialect};
use crate::lane::{Cap, Relay, Whole};
use crate::target::Target;
use crate::transport::WireRequest;

pub use relay::MEMBERS;

/// The dialect of `POST /v1/messages`.
#[derive(Clone, Copy, Debug)]
pub struct Anthropic;

impl ProviderDialect for Anthropic {
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

    fn observe(&self, _: Operation, body: Bytes) -> Result<Whole, Error> {
        response::observe(body)
    }

    fn relay(&self, _: &Call, _: &Target) -> Box<dyn Relay> {
        Box::new(relay::Pass::default())
    }

    fn response(&self, body: &[u8]) -> Result<Response, Error> {
        response::read(body)
    }

    fn reader(&self) -> Box<dyn EventReader> {
        Box::new(stream::Reader::default())
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
