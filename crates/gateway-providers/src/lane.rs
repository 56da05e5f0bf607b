//! One attempt's way out and back. Same dialect on both sides: the client's own bytes, watched as they pass.
//! Different dialects: through the chat vocabulary. The caller does not see which.

use bytes::Bytes;
use gateway_types::chat::Request;
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Measure, Operation, StreamForm, Units, Usage};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::cloud::site;
use crate::dialect::{ModelPage, ProviderDialect, client_dialect, provider_dialect, undone};
use crate::stamp::Stamp;
use crate::target::Target;
use crate::transport::WireRequest;
use crate::{address, outgoing, seal, units};

mod raw;
mod translated;

use translated::Translated;

/// What the outgoing cap on output must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cap {
    /// As the client has it.
    #[default]
    Client,
    /// This for each answer, put in or lowered to: what the hold covers.
    AtMost(u64),
}

/// What an attempt sends, and how to read what comes back.
#[derive(Debug)]
pub struct Prepared {
    /// The request.
    pub wire: WireRequest,
    /// What the translation could not say; empty in the same dialect.
    pub losses: Vec<Loss>,
    back: Back,
}

/// The way back.
#[derive(Debug)]
struct Back {
    provider: DialectName,
    lane: Lane,
}

/// How a call goes to a provider and its answer comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// Bytes, both ways.
    Same,
    /// Bytes, both ways, in a stream that is no dialect's: sound, files.
    Raw,
    /// Through the chat vocabulary.
    Turn,
    /// Through the vocabulary of vectors.
    Embed,
    /// Through the vocabulary of reranking.
    Rerank,
    /// A number.
    Count,
    /// Through no vocabulary: from one dialect straight into another.
    Adapted,
}

/// A whole answer, in the client's dialect.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// The body for the client.
    pub body: Bytes,
    /// Its media type, where it is not JSON.
    pub content_type: Option<HeaderValue>,
    /// What was seen of it.
    pub observed: Observed,
}

/// What was seen of an answer as it passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What the provider says was used.
    pub usage: Option<Usage>,
    /// What the call asks for by other measures than tokens, which counts where the provider does not say.
    pub units: Units,
    /// How many bytes of text, thinking and tool arguments have passed: what an estimator counts where no usage comes.
    pub output_bytes: u64,
    /// Why the answer ended, in the client dialect's word (`stop`, `length`), once it did.
    pub finish: Option<String>,
    /// Whether a byte of content has passed: the time to first token is read when this turns.
    pub content: bool,
    /// Whether the stream has said that it is over.
    pub done: bool,
    /// Whether the provider reported an error after content had passed. The client has got it: nothing is to be added.
    pub failed: bool,
    /// The model that the provider says answered.
    pub model: Option<String>,
    /// The provider's id of the answer, where the dialect's clients come back with it.
    pub id: Option<String>,
    /// The whole answer as the client has got it, where its stream ends with one and it asked for it to be kept
    /// (Responses with `store`).
    pub document: Option<Bytes>,
    /// What the client's dialect could not say of it.
    pub losses: Vec<Loss>,
}

/// How a stream that cannot go on is ended.
#[derive(Clone, Debug)]
pub enum Close {
    /// As if it had met its cap.
    Length,
    /// With an error that the client's SDK sees as one.
    Error(Error),
}

/// A stream on its way through: the provider's bytes in, the client's bytes out, cut at frame boundaries.
///
/// What comes before the first content (roles, comments) is held back until content comes, so that until then nothing
/// commits the client to this attempt.
pub trait Relay: Send {
    /// Takes the next bytes and pushes what the client gets for them. An error inside the provider's stream before any
    /// content has passed is returned, so that another attempt can be made; after it, it is written to the client and
    /// [`Observed::failed`] is set. Bytes that are no stream of the dialect are an error at any time.
    fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), Error>;

    /// The bytes are over. An error if the stream had not said that it was: it broke off. An answer that had ended
    /// counts as said, for servers that leave out the last word.
    fn finish(&mut self, out: &mut Vec<Bytes>) -> Result<(), Error>;

    /// Ends the client's stream legally from wherever it stands.
    fn close(&mut self, how: &Close, out: &mut Vec<Bytes>);

    /// What was seen so far.
    fn observed(&self) -> &Observed;
}

/// Prepares one attempt of a call at a target. `client` are the caller's headers, of which the dialect lets some through.
pub fn prepare(call: &Call, target: &Target, cap: Cap, client: &HeaderMap, stamp: Stamp) -> Result<Prepared, Error> {
    let (operation, model) = (call.operation, target.family());
    let spoken = target.kind.speaks(operation, model, call.dialect);
    let Some(name) = spoken.filter(|_| target.kind.serves(operation)) else {
        return Err(undone(target, operation));
    };
    let lane = lane(call, target, name)?;
    let provider = provider_dialect(name);
    let asker = client_dialect(call.dialect);
    let mut losses = Vec::new();
    let mut wire = match lane {
        Lane::Same | Lane::Raw => provider.pass(call, target, cap, client)?,
        Lane::Turn => provider.request(&typed(call, name)?, target, cap, &mut losses)?,
        Lane::Embed => provider.embed(&asker.read_embed(call)?, target, &mut losses)?,
        Lane::Rerank => provider.rerank(&asker.read_rerank(call)?, target, &mut losses)?,
        Lane::Count => provider.count(&typed(call, name)?, target, &mut losses)?,
        Lane::Adapted => provider.adapt(call, target, &mut losses)?,
    };
    let again = call.dialect == name && matches!(lane, Lane::Turn | Lane::Count);
    if again {
        provider.let_in(client, target, &mut wire);
    }
    send_off(&mut wire, target, stamp)?;
    // What a provider of the client's own dialect answers, the client can read as it is.
    let lane = match again && provider.answers_alike(call, target) {
        true => Lane::Same,
        false => lane,
    };
    let back = Back { provider: name, lane };
    Ok(Prepared { wire, losses, back })
}

/// The typed view of a call, for a provider of that dialect.
fn typed(call: &Call, provider: DialectName) -> Result<Request, Error> {
    let asker = client_dialect(call.dialect);
    let mut request = asker.read(call)?;
    if call.dialect != provider {
        asker.go_abroad(&mut request);
    }
    Ok(request)
}

/// A request of a provider's own API, to go there as it is.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The method.
    pub method: Method,
    /// The operation below whose own address `path` stands. None: below the base URL without a version.
    pub below: Option<Operation>,
    /// The rest of the path, and the query: `/v1/fine_tuning/jobs?limit=2`, or `/file-1/content` below files.
    pub path: String,
    /// The media type of the body, where there is one.
    pub content_type: Option<HeaderValue>,
}

/// Prepares a request that goes to a provider as it is, and whose answer comes back as it is.
pub fn prepare_forward(
    call: &Call,
    forward: &Forward,
    target: &Target,
    client: &HeaderMap,
    stamp: Stamp,
) -> Result<Prepared, Error> {
    let mut wire = WireRequest {
        method: forward.method.clone(),
        uri: match forward.below {
            Some(operation) => address::below(target, call.dialect, operation, &forward.path)?,
            None => address::forward(target, call.dialect, &forward.path)?,
        },
        headers: HeaderMap::new(),
        body: Slices::one(call.body.bytes.clone()),
    };
    if let Some(kind) = &forward.content_type {
        wire.headers.insert(CONTENT_TYPE, kind.clone());
    }
    outgoing::let_through(&FORWARDED, client, &mut wire);
    send_off(&mut wire, target, stamp)?;
    let back = Back {
        provider: call.dialect,
        lane: Lane::Raw,
    };
    let losses = Vec::new();
    Ok(Prepared { wire, losses, back })
}

/// The client's headers that go with a request of a provider's own API: what its vendors' APIs are told in headers.
const FORWARDED: [&str; 8] = [
    "accept",
    "anthropic-version",
    "anthropic-beta",
    "openai-beta",
    "idempotency-key",
    "x-goog-upload-command",
    "x-goog-upload-offset",
    "x-goog-upload-protocol",
];

/// Completes a request: what is the same for all providers, and the signature where the site wants one.
fn send_off(wire: &mut WireRequest, target: &Target, stamp: Stamp) -> Result<(), Error> {
    outgoing::complete(wire, target)?;
    site::seal(wire, target, stamp.at)
}

/// The request for the list of models of a target: its first page, or the one that [`ModelPage::next`] names.
pub fn list_models(target: &Target, page: Option<&str>, stamp: Stamp) -> Result<WireRequest, Error> {
    let mut wire = lister(target)?.list_models(target)?;
    if let Some(page) = page {
        wire.uri = address::page(&wire.uri, page).ok_or_else(|| {
            let message = format!("the next page of the model list has no address: `{page}`");
            Error::new(ErrorKind::UpstreamFailed, message)
        })?;
    }
    send_off(&mut wire, target, stamp)?;
    Ok(wire)
}

/// Reads the list of models of a target.
pub fn models(target: &Target, body: &[u8]) -> Result<ModelPage, Error> {
    lister(target)?.models(body)
}

fn lister(target: &Target) -> Result<&'static dyn ProviderDialect, Error> {
    let spoken = target
        .kind
        .dialects
        .first()
        .filter(|_| target.kind.serves(Operation::Models));
    spoken
        .map(|name| provider_dialect(*name))
        .ok_or_else(|| undone(target, Operation::Models))
}

/// The client's own bytes pass where both sides speak the same, unless they hold a seal: what another dialect's model signed
/// has to be taken out, or opened.
fn lane(call: &Call, target: &Target, provider: DialectName) -> Result<Lane, Error> {
    let operation = call.operation;
    let same = call.dialect == provider && provider_dialect(provider).takes(call, target);
    Ok(match operation {
        _ if same && operation.is_turn() && seal::is_in(&call.body.bytes) => Lane::Turn,
        Operation::CountTokens if same && seal::is_in(&call.body.bytes) => Lane::Count,
        Operation::Speech | Operation::Files | Operation::Passthrough if same => Lane::Raw,
        _ if same => Lane::Same,
        _ if operation.is_turn() => Lane::Turn,
        Operation::Embeddings => Lane::Embed,
        Operation::Rerank => Lane::Rerank,
        Operation::CountTokens => Lane::Count,
        _ => Lane::Adapted,
    })
}

impl Prepared {
    /// Reads a whole answer.
    pub fn whole(
        &self,
        call: &Call,
        target: &Target,
        headers: &HeaderMap,
        body: Bytes,
        stamp: Stamp,
    ) -> Result<Whole, Error> {
        let mut whole = self.whole_of(call, target, headers, body, stamp)?;
        let observed = &mut whole.observed;
        observed.units = units::asked(call).likely;
        observed.usage = observed.usage.map(|usage| target.kind.believed(usage));
        Ok(whole)
    }

    fn whole_of(
        &self,
        call: &Call,
        target: &Target,
        headers: &HeaderMap,
        body: Bytes,
        stamp: Stamp,
    ) -> Result<Whole, Error> {
        let provider = provider_dialect(self.back.provider);
        let client = client_dialect(call.dialect);
        match self.back.lane {
            Lane::Same => provider.observe(call.operation, headers, body).map(|whole| Whole {
                content_type: whole.content_type.or_else(|| content_type(headers)),
                ..whole
            }),
            Lane::Raw => Ok(raw::whole(headers, body)),
            Lane::Turn => {
                let response = provider.response(&body, target, stamp)?;
                let mut observed = translated::observe(client, &response);
                let body = client.write(&response, call, stamp, &mut observed.losses);
                Ok(json(body, observed))
            }
            Lane::Embed => {
                let response = provider.embedded(&body, target)?;
                Ok(json(
                    client.write_embed(&response, call)?,
                    simple(&response.model, response.usage),
                ))
            }
            Lane::Rerank => {
                let response = provider.reranked(&body, target)?;
                let searched = response.searches.map(|searches| Usage {
                    units: Units::of(Measure::Search, searches),
                    ..response.usage.unwrap_or_default()
                });
                Ok(json(
                    client.write_rerank(&response, call)?,
                    simple(&response.model, searched.or(response.usage)),
                ))
            }
            Lane::Count => {
                let counted = provider.counted(&body, target)?;
                Ok(json(
                    client.write_count(counted, call)?,
                    simple("", Some(Usage::default())),
                ))
            }
            Lane::Adapted => provider.adapted(call, target, headers, body),
        }
    }

    /// Whether the answer passes as the provider gives it, so that ids in it are the provider's own.
    pub fn passes(&self) -> bool {
        matches!(self.back.lane, Lane::Same | Lane::Raw)
    }

    /// Whether an answer with those headers is a stream, as the call asked for one; servers answer errors, and some
    /// everything, with one whole body.
    pub fn is_stream(&self, call: &Call, headers: &HeaderMap) -> bool {
        const JSON: &[u8] = b"application/json";
        let is_json = headers
            .get(http::header::CONTENT_TYPE)
            .and_then(|kind| kind.as_bytes().get(..JSON.len()))
            .is_some_and(|kind| kind.eq_ignore_ascii_case(JSON));
        if self.is_raw(call) {
            return !is_json;
        }
        call.stream && (!is_json || (self.back.lane == Lane::Same && call.form == StreamForm::Array))
    }

    /// Reads a streamed answer.
    pub fn relay(&self, call: &Call, target: &Target, stamp: Stamp) -> Box<dyn Relay> {
        let provider = provider_dialect(self.back.provider);
        match self.back.lane {
            Lane::Same => provider.relay(call, target),
            // Sound may be asked for in events; servers that know nothing of that send sound.
            Lane::Raw if call.operation == Operation::Speech && call.stream => {
                let bare = raw::Raw::new(units::asked(call).likely);
                Box::new(raw::Either::new(provider.relay(call, target), bare))
            }
            _ if self.is_raw(call) => Box::new(raw::Raw::new(units::asked(call).likely)),
            _ => {
                let client = client_dialect(call.dialect);
                let reader = provider.reader(target, stamp);
                Box::new(Translated::new(client, reader, client.writer(call, stamp)))
            }
        }
    }

    /// The media type of the stream that the client gets for an answer with those headers.
    pub fn stream_type(&self, call: &Call, headers: &HeaderMap) -> HeaderValue {
        let own = HeaderValue::from_static(client_dialect(call.dialect).stream_type(call.form));
        match self.is_raw(call) {
            true => content_type(headers).unwrap_or(HeaderValue::from_static("application/octet-stream")),
            false => own,
        }
    }

    /// Whether what comes back is passed on as bytes of no dialect. Sound is sound, whoever was asked for it in which words.
    fn is_raw(&self, call: &Call) -> bool {
        self.back.lane == Lane::Raw || (self.back.lane == Lane::Adapted && call.operation == Operation::Speech)
    }

    /// Reads an error answer.
    pub fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        provider_dialect(self.back.provider).error(status, headers, body)
    }
}

fn json(body: Bytes, observed: Observed) -> Whole {
    Whole {
        body,
        content_type: None,
        observed,
    }
}

/// What is seen of an answer that is no turn.
fn simple(model: &str, usage: Option<Usage>) -> Observed {
    Observed {
        usage,
        content: true,
        done: true,
        model: (!model.is_empty()).then(|| model.to_owned()),
        ..Observed::default()
    }
}

fn content_type(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(http::header::CONTENT_TYPE).cloned()
}

/// The provider's id of a request, by whatever name it has there.
pub fn request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    const NAMES: [HeaderName; 5] = [
        HeaderName::from_static("x-request-id"),
        HeaderName::from_static("request-id"),
        HeaderName::from_static("x-amzn-requestid"),
        HeaderName::from_static("apim-request-id"),
        HeaderName::from_static("mistral-correlation-id"),
    ];
    NAMES.iter().find_map(|name| headers.get(name))
}
