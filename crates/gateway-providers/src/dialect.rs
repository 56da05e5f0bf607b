//! What a dialect can do, as pure functions over bytes and types. A client speaks one, a provider speaks one; one
//! module serves both sides.

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Event, Finish, Request, Response};
use gateway_types::embed::{EmbedRequest, EmbedResponse};
use gateway_types::loss::Loss;
use gateway_types::rerank::{RerankRequest, RerankResponse};
use gateway_types::{Asked, Call, DialectName, Error, ErrorKind, Operation, ProviderName, StreamForm};
use http::HeaderMap;

use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;

/// The client's side of a dialect: its requests are read, its responses written.
pub trait ClientDialect: Send + Sync + std::fmt::Debug {
    /// Reads a body as facts: model, stream, caps. The whole body is checked as JSON, but no tree is built.
    fn decode(&self, asked: &Asked, body: Bytes) -> Result<Call, Error>;

    /// What a request says of itself to whoever keeps books of it, in the dialect's member for that: an object, as its text.
    fn metadata<'a>(&self, _call: &'a Call) -> Option<&'a [u8]> {
        None
    }

    /// The typed view of a chat turn, or of a question how long one is, for another dialect to say.
    fn read(&self, call: &Call) -> Result<Request, Error>;

    /// Takes out of a typed view what is only there for providers of this very dialect, and which nobody else misses: the
    /// spelling of what has been read, ids that name nothing outside.
    fn go_abroad(&self, _request: &mut Request) {}

    /// Writes a whole chat response, reporting what it could not say.
    fn write(&self, response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes;

    /// Writes a stream, in the form that the call asks for. Usage is sent where the client asked for it.
    fn writer(&self, call: &Call, stamp: Stamp) -> Box<dyn EventWriter>;

    /// The media type of its streams.
    fn stream_type(&self, form: StreamForm) -> &'static str {
        match form {
            StreamForm::Usual => "text/event-stream; charset=utf-8",
            StreamForm::Array => "application/json",
        }
    }

    /// The dialect's word for why an answer ended.
    fn finish_word(&self, finish: &Finish) -> String;

    /// The body of an error. An upstream's own words in this dialect are passed on untouched.
    fn error(&self, error: &Error) -> Bytes;

    /// The HTTP status of an error: the upstream's own, else the kind's, unless the dialect has another for it.
    fn status(&self, error: &Error) -> u16 {
        error.status()
    }

    /// Headers in which the dialect repeats an error, where it has some.
    fn error_head(&self, _error: &Error, _headers: &mut HeaderMap) {}

    /// The header in which its SDKs look for the provider's id of a request.
    fn request_id_header(&self) -> &'static str {
        "x-request-id"
    }

    /// The typed view of a call for vectors.
    fn read_embed(&self, call: &Call) -> Result<EmbedRequest, Error> {
        Err(unsaid(call.dialect, call.operation))
    }

    /// Writes vectors.
    fn write_embed(&self, _response: &EmbedResponse, call: &Call) -> Result<Bytes, Error> {
        Err(unsaid(call.dialect, call.operation))
    }

    /// The typed view of a call to put documents in order.
    fn read_rerank(&self, call: &Call) -> Result<RerankRequest, Error> {
        Err(unsaid(call.dialect, call.operation))
    }

    /// Writes an order of documents.
    fn write_rerank(&self, _response: &RerankResponse, call: &Call) -> Result<Bytes, Error> {
        Err(unsaid(call.dialect, call.operation))
    }

    /// Writes the list of models that a caller may use. `created`, in seconds since the epoch, stands in where the dialect
    /// wants a time.
    fn write_models(&self, models: &[Listed], created: i64) -> Bytes {
        crate::openai::models::list(models, created)
    }

    /// Writes one of them.
    fn write_model(&self, model: &Listed, created: i64) -> Bytes {
        crate::openai::models::one(model, created)
    }

    /// Writes how many tokens an input has.
    fn write_count(&self, _input_tokens: u64, call: &Call) -> Result<Bytes, Error> {
        Err(unsaid(call.dialect, call.operation))
    }
}

/// The provider's side of a dialect: its requests are written, its responses read.
///
/// Requests are complete but for what [`crate::outgoing`] adds to all: credential, user agent, the operator's headers.
pub trait ProviderDialect: Send + Sync + std::fmt::Debug {
    /// The dialect's own path of an operation at a target, to be joined to a base URL without a version.
    fn path(&self, target: &Target, operation: Operation, stream: bool) -> Cow<'static, str>;

    /// Whether a call that is already in this dialect can go there as it is: a cloud may want some of them otherwise.
    fn takes(&self, _call: &Call, _target: &Target) -> bool {
        true
    }

    /// Whether what comes back for a call in this dialect that was said anew is what its client expects, and need not be said
    /// anew as well: not where something in the request was said as something else.
    fn answers_alike(&self, _call: &Call, _target: &Target) -> bool {
        true
    }

    /// Sends a call on that is already in this dialect: the client's own bytes, with the declared spans edited.
    fn pass(&self, call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<WireRequest, Error>;

    /// Says a chat request in this dialect, reporting what it could not say. What the request has of this dialect's own
    /// (extras, verbatim pieces) is said as it was.
    fn request(
        &self,
        request: &Request,
        target: &Target,
        cap: Cap,
        losses: &mut Vec<Loss>,
    ) -> Result<WireRequest, Error>;

    /// Lets those headers of a client in that belong to this dialect, where its call had to be said anew.
    fn let_in(&self, _client: &HeaderMap, _target: &Target, _wire: &mut WireRequest) {}

    /// Reads a whole response that is passed on as it is, for what it used and how it ended.
    fn observe(&self, operation: Operation, headers: &HeaderMap, body: Bytes) -> Result<Whole, Error>;

    /// Passes a stream on, watching it.
    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay>;

    /// Reads a whole chat response.
    fn response(&self, body: &[u8], target: &Target, stamp: Stamp) -> Result<Response, Error>;

    /// Reads a stream.
    fn reader(&self, target: &Target, stamp: Stamp) -> Box<dyn EventReader>;

    /// Reads an error response: kind, words, `Retry-After`, the provider's id of the request.
    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error;

    /// The request for the list of models.
    fn list_models(&self, target: &Target) -> Result<WireRequest, Error>;

    /// Reads the list of models: their ids, and where the next page is, if there is one.
    fn models(&self, body: &[u8]) -> Result<ModelPage, Error>;

    /// Says a call for vectors.
    fn embed(&self, _: &EmbedRequest, target: &Target, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        Err(undone(target, Operation::Embeddings))
    }

    /// Reads vectors.
    fn embedded(&self, _body: &[u8], target: &Target) -> Result<EmbedResponse, Error> {
        Err(undone(target, Operation::Embeddings))
    }

    /// Says a call to put documents in order.
    fn rerank(&self, _: &RerankRequest, target: &Target, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        Err(undone(target, Operation::Rerank))
    }

    /// Reads an order of documents.
    fn reranked(&self, _body: &[u8], target: &Target) -> Result<RerankResponse, Error> {
        Err(undone(target, Operation::Rerank))
    }

    /// Asks how many tokens a chat request's input has.
    fn count(&self, _: &Request, target: &Target, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        Err(undone(target, Operation::CountTokens))
    }

    /// Reads how many.
    fn counted(&self, _body: &[u8], target: &Target) -> Result<u64, Error> {
        Err(undone(target, Operation::CountTokens))
    }

    /// Says a client's call of another dialect for which there is no vocabulary (speech, transcription).
    fn adapt(&self, call: &Call, target: &Target, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        Err(undone(target, call.operation))
    }

    /// Reads the whole answer to such a call, in the client's dialect.
    fn adapted(&self, call: &Call, target: &Target, _headers: &HeaderMap, _body: Bytes) -> Result<Whole, Error> {
        Err(undone(target, call.operation))
    }
}

fn unsaid(dialect: DialectName, operation: Operation) -> Error {
    let message = format!("the {dialect} API has no words for {operation}");
    Error::new(ErrorKind::UnsupportedOperation, message)
}

/// The error for what a provider does not do.
pub(crate) fn undone(target: &Target, operation: Operation) -> Error {
    let message = format!(
        "the provider `{}` does not do {operation} for this API",
        target.provider
    );
    Error::new(ErrorKind::UnsupportedOperation, message)
}

/// A model that a caller may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name under which it is asked for.
    pub id: String,
    /// The provider that serves it.
    pub provider: ProviderName,
}

/// A page of a model list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelPage {
    /// The ids.
    pub ids: Vec<String>,
    /// The query string that fetches the next page, or the path with its query where the list goes on elsewhere.
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
    /// Writes one event, reporting what it could not say. An [`Event::Error`] ends the stream in the dialect's own way.
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>);

    /// The whole answer as it stood in the stream's last event, once, where there is such an event and the client asked
    /// for the answer to be kept.
    fn document(&mut self) -> Option<Bytes> {
        None
    }
}

/// The client's side of a dialect.
pub fn client_dialect(name: DialectName) -> &'static dyn ClientDialect {
    match name {
        DialectName::Responses => &crate::responses::Responses,
        DialectName::Anthropic => &crate::anthropic::Anthropic,
        DialectName::Gemini => &crate::gemini::Gemini,
        DialectName::Bedrock => &crate::bedrock::Bedrock,
        DialectName::Cohere => &crate::cohere::Cohere,
        DialectName::Ollama => &crate::ollama::Ollama,
        // No client speaks ElevenLabs: its provider is asked in OpenAI's words.
        DialectName::OpenAi | DialectName::ElevenLabs | _ => &crate::openai::OpenAi,
    }
}

/// The provider's side of a dialect.
pub fn provider_dialect(name: DialectName) -> &'static dyn ProviderDialect {
    match name {
        DialectName::Responses => &crate::responses::Responses,
        DialectName::Anthropic => &crate::anthropic::Anthropic,
        DialectName::Gemini => &crate::gemini::Gemini,
        DialectName::Bedrock => &crate::bedrock::Bedrock,
        DialectName::Cohere => &crate::cohere::Cohere,
        DialectName::Ollama => &crate::ollama::Ollama,
        DialectName::ElevenLabs => &crate::elevenlabs::ElevenLabs,
        DialectName::OpenAi | _ => &crate::openai::OpenAi,
    }
}
