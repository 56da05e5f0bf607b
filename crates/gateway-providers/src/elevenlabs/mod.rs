//! ElevenLabs, the provider's side: speech, and text from speech. No client speaks it here: calls come in OpenAI's words and
//! are answered in them. Source: the vendor's API reference (text to speech, speech to text, models, errors).

mod error;
mod hear;
mod speak;
mod transcript;

use std::borrow::Cow;

use bytes::Bytes;
use gateway_types::chat::{Request, Response};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderMap;
use serde::Deserialize;

use crate::dialect::{EventReader, ModelPage, ProviderDialect, undone};
use crate::lane::{Cap, Relay, Whole};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing};

/// The dialect of `POST /v1/text-to-speech`.
#[derive(Clone, Copy, Debug)]
pub struct ElevenLabs;

/// Models that write speech down. They stand in the reference, and not in the list of models, which is of voices' models.
const HEARING: [&str; 2] = ["scribe_v1", "scribe_v2"];

impl ProviderDialect for ElevenLabs {
    fn path(&self, _: &Target, operation: Operation, _: bool) -> Cow<'static, str> {
        Cow::Borrowed(match operation {
            Operation::Speech => "/v1/text-to-speech",
            Operation::Transcription => "/v1/speech-to-text",
            _ => "/v1/models",
        })
    }

    fn pass(&self, call: &Call, target: &Target, _: Cap, _: &HeaderMap) -> Result<WireRequest, Error> {
        Err(undone(target, call.operation))
    }

    fn request(&self, _: &Request, target: &Target, _: Cap, _: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        Err(undone(target, Operation::Chat))
    }

    fn observe(&self, operation: Operation, _: &HeaderMap, _: Bytes) -> Result<Whole, Error> {
        Err(unread(&format!(
            "an answer to {operation} that no client can have asked for"
        )))
    }

    fn relay(&self, call: &Call, target: &Target) -> Box<dyn Relay> {
        crate::openai::OpenAi.relay(call, target)
    }

    fn response(&self, _: &[u8], target: &Target, _: Stamp) -> Result<Response, Error> {
        Err(undone(target, Operation::Chat))
    }

    fn reader(&self, target: &Target, stamp: Stamp) -> Box<dyn EventReader> {
        crate::openai::OpenAi.reader(target, stamp)
    }

    fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        error::read(status, headers, &body)
    }

    fn list_models(&self, target: &Target) -> Result<WireRequest, Error> {
        address::of(target, DialectName::ElevenLabs, Operation::Models, false).map(outgoing::get)
    }

    fn models(&self, body: &[u8]) -> Result<ModelPage, Error> {
        #[derive(Deserialize)]
        struct Model {
            model_id: String,
        }
        let models: Vec<Model> = serde_json::from_slice(body).map_err(|_| unread("a list of models"))?;
        let listed = models.into_iter().map(|model| model.model_id);
        let mut ids: Vec<String> = listed.filter(|id| !id.is_empty()).collect();
        for id in HEARING {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        Ok(ModelPage { ids, next: None })
    }

    fn adapt(&self, call: &Call, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
        match (call.dialect, call.operation) {
            (DialectName::OpenAi, Operation::Speech) => speak::request(call, target, losses),
            (DialectName::OpenAi, Operation::Transcription) => hear::request(call, target, losses),
            _ => Err(undone(target, call.operation)),
        }
    }

    fn adapted(&self, call: &Call, target: &Target, headers: &HeaderMap, body: Bytes) -> Result<Whole, Error> {
        match call.operation {
            Operation::Speech => Ok(speak::response(headers, body)),
            Operation::Transcription => transcript::response(call, &body),
            operation => Err(undone(target, operation)),
        }
    }
}

fn unread(what: &str) -> Error {
    Error::new(ErrorKind::UpstreamFailed, format!("the provider sent no {what}"))
}
