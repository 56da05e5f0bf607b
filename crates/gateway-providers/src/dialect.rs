//! What a dialect can do, as pure functions over bytes and types. A client speaks one, a provider speaks one; one
//! module serves both sides.

use bytes::Bytes;
use gateway_types::chat::{Event, Finish, Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, Operation};
use http::HeaderMap;

use crate::lane::{Cap, Relay, Whole};
use crate::target::Target;
use crate::transport::WireRequest;

/// The client's side of a dialect: its requests are read, its responses written.
pub trait ClientDialect: Send + Sync + std::fmt::Debug {
    /// Reads a body as facts: model, stream, caps. The whole body is checked as JSON, but no tree is built.
    fn decode(&self, operation: Operation, body: Bytes) -> Result<Call, Error>;

    /// The typed view of a chat call, for another dialect to say.
    fn read(&self, call: &Call) -> Result<Request, Error>;

    /// Writes a whole chat response. `created` (seconds since the epoch) stands in where the provider gave none.
    fn write(&self, response: &Response, created: i64) -> Bytes;

    /// Writes a stream. Usage is sent where the client asked for it.
    fn writer(&self, call: &Call, created: i64) -> Box<dyn EventWriter>;

    /// The dialect's word for why an answer ended.
    fn finish_word(&self, finish: &Finish) -> String;

    /// The body of an error. An upstream's own words in this dialect are passed on untouched.
    fn error(&self, error: &Error) -> Bytes;

    /// An error inside a stream whose head has been sent.
    fn stream_error(&self, error: &Error) -> Bytes;
}

/// The provider's side of a dialect: its requests are written, its responses read.
pub trait ProviderDialect: Send + Sync + std::fmt::Debug {
    /// Sends a call on that is already in this dialect: the client's own bytes, with the declared spans edited.
    fn pass(&self, call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error>;

    /// Says a chat request in this dialect, reporting what it could not say.
    fn request(
        &self,
        request: &Request,
        target: &Target,
        cap: Cap,
        losses: &mut Vec<Loss>,
    ) -> Result<WireRequest, Error>;

    /// Reads a whole response that is passed on as it is, for what it used and how it ended.
    fn observe(&self, operation: Operation, body: Bytes) -> Result<Whole, Error>;

    /// Passes a stream on, watching it.
    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay>;

    /// Reads a whole chat response.
    fn response(&self, body: &[u8]) -> Result<Response, Error>;

    /// Reads a stream.
    fn reader(&self) -> Box<dyn EventReader>;

    /// Reads an error response: kind, words, `Retry-After`.
    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error;

    /// The request for the list of models.
    fn list_models(&self, target: &Target) -> Result<WireRequest, Error>;

    /// Reads the list of models: their ids, and where the next page is, if there is one.
    fn models(&self, body: &[u8]) -> Result<ModelPage, Error>;
}

/// A page of a model list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelPage {
    /// The ids.
    pub ids: Vec<String>,
    /// The query string that fetches the next page.
    pub next: Option<String>,
}

/// Bytes of a provider's stream in, events out. Any cutting of the bytes gives the same events.
pub trait EventReader: Send {
    /// Takes the next bytes. An error means that the bytes are no stream of this dialect.
    fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Error>;
    /// The bytes are over. Pushes [`Event::End`] only if the stream had said so.
    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Error>;
}

/// Events in, bytes of a client's stream out.
pub trait EventWriter: Send {
    /// Writes one event.
    fn write(&mut self, event: &Event, out: &mut Vec<u8>);
}

/// The client's side of a dialect.
pub fn client_dialect(name: DialectName) -> &'static dyn ClientDialect {
    match name {
        DialectName::OpenAi => &crate::openai::OpenAi,
        _ => &crate::openai::OpenAi,
    }
}

/// The provider's side of a dialect.
pub fn provider_dialect(name: DialectName) -> &'static dyn ProviderDialect {
    match name {
        DialectName::Anthropic => &crate::anthropic::Anthropic,
        _ => &crate::openai::OpenAi,
    }
}
