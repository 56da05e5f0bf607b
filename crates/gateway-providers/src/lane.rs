//! One attempt's way out and back. Same dialect on both sides: the client's own bytes, watched as they pass.
//! Different dialects: through the chat vocabulary. The caller does not see which.

use bytes::Bytes;
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation, Usage};
use http::HeaderMap;

use crate::dialect::{client_dialect, provider_dialect};
use crate::target::Target;
use crate::transport::WireRequest;

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

#[derive(Debug)]
struct Back {
    client: DialectName,
    provider: DialectName,
    operation: Operation,
}

/// A whole answer, in the client's dialect.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// The body for the client.
    pub body: Bytes,
    /// What was seen of it.
    pub observed: Observed,
}

/// What was seen of an answer as it passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What the provider says was used.
    pub usage: Option<Usage>,
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
pub fn prepare(call: &Call, target: &Target, cap: Cap, client: &HeaderMap) -> Result<Prepared, Error> {
    let same = call.dialect == target.kind.dialect;
    if !target.kind.serves(call.operation) || (!same && call.operation != Operation::Chat) {
        return Err(unsupported(call, target));
    }
    let provider = provider_dialect(target.kind.dialect);
    let mut losses = Vec::new();
    let wire = if same {
        provider.pass(call, target, cap, client)?
    } else {
        let request = client_dialect(call.dialect).read(call)?;
        provider.request(&request, target, cap, &mut losses)?
    };
    let back = Back {
        client: call.dialect,
        provider: target.kind.dialect,
        operation: call.operation,
    };
    Ok(Prepared { wire, losses, back })
}

impl Prepared {
    /// Reads a whole answer. `created` (seconds since the epoch) stands in where the provider gave no time.
    pub fn whole(&self, body: Bytes, created: i64) -> Result<Whole, Error> {
        let provider = provider_dialect(self.back.provider);
        if self.same_dialect() {
            return provider.observe(self.back.operation, body);
        }
        let client = client_dialect(self.back.client);
        let response = provider.response(&body)?;
        Ok(Whole {
            body: client.write(&response, created),
            observed: translated::observe(client, &response),
        })
    }

    /// Reads a streamed answer.
    pub fn relay(&self, call: &Call, target: &Target, created: i64) -> Box<dyn Relay> {
        let provider = provider_dialect(self.back.provider);
        if self.same_dialect() {
            return provider.relay(call, target);
        }
        let client = client_dialect(self.back.client);
        Box::new(Translated::new(client, provider.reader(), client.writer(call, created)))
    }

    /// Reads an error answer.
    pub fn error(&self, status: u16, headers: &HeaderMap, body: Bytes) -> Error {
        provider_dialect(self.back.provider).error(status, headers, body)
    }

    fn same_dialect(&self) -> bool {
        self.back.client == self.back.provider
    }
}

fn unsupported(call: &Call, target: &Target) -> Error {
    let message = format!(
        "the provider `{}` does not do {} for this API",
        target.provider, call.operation
    );
    Error::new(ErrorKind::UnsupportedOperation, message)
}
