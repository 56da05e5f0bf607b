//! Attempts that did not answer: what each means for the next choice, and which of them the client is told.

use std::time::Duration;

use gateway_providers::{Observed, TransportError};
use gateway_router::Outcome;
use gateway_types::{Call, Error, ErrorKind, Metered};
use http::HeaderMap;

use super::metering::metered;

/// What an attempt that did not answer leaves behind.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) outcome: Outcome,
    /// Whether the upstream itself said so.
    pub(super) answered: bool,
    /// What it used all the same, as far as that is known.
    pub(super) used: Option<Metered>,
}

/// Errors of the attempts so far, of which one will be told if none answers.
#[derive(Default)]
pub(super) struct Told {
    /// The last that an upstream said itself.
    answer: Option<Error>,
    /// The last of those that did not answer at all.
    silence: Option<Error>,
    /// Of the refused holds, the one that is worth coming back for first.
    refusal: Option<Error>,
    /// The last that could not be said in the provider's dialect.
    untranslatable: Option<Error>,
}

impl Failure {
    /// The upstream said it.
    pub(super) fn answer(error: Error) -> Self {
        Self {
            outcome: outcome(&error),
            error,
            answered: true,
            used: None,
        }
    }

    pub(super) fn transport(error: &TransportError) -> Self {
        let (outcome, kind) = match error {
            TransportError::Broken(_) => (Outcome::Broke, ErrorKind::UpstreamFailed),
            TransportError::ConnectTimeout(_) => (Outcome::Unreachable, ErrorKind::UpstreamTimeout),
            _ => (Outcome::Unreachable, ErrorKind::UpstreamFailed),
        };
        Self {
            error: Error::new(kind, format!("the upstream failed: {error}")),
            outcome,
            answered: false,
            used: None,
        }
    }

    /// There is nothing to be let in with: its source refused, or could not be reached.
    pub(super) fn no_access(error: Error) -> Self {
        let outcome = match error.kind {
            ErrorKind::UpstreamAuth => Outcome::KeyRefused,
            _ => Outcome::Unreachable,
        };
        Self {
            error,
            outcome,
            answered: false,
            used: None,
        }
    }

    pub(super) fn timed_out(after: Duration) -> Self {
        let message = format!("the upstream did not answer within {} s", after.as_secs_f64());
        let error = Error::new(ErrorKind::UpstreamTimeout, message);
        Self {
            error,
            outcome: Outcome::TimedOut,
            answered: false,
            used: None,
        }
    }

    /// Whether the upstream had the request and said nothing of what became of it, so that it may bill it.
    pub(super) fn may_be_billed(&self) -> bool {
        match self.outcome {
            Outcome::Broke => true,
            Outcome::TimedOut => !self.answered,
            _ => false,
        }
    }

    /// A stream that failed may have reported, or shown, what it used.
    pub(super) fn having_used(mut self, observed: &Observed, call: &Call) -> Self {
        if observed.usage.is_some() || observed.output_bytes > 0 {
            self.used = Some(metered(observed, call.input_estimate, true));
        }
        self
    }
}

impl Told {
    pub(super) fn failed(&mut self, failure: Failure) {
        let slot = if failure.answered {
            &mut self.answer
        } else {
            &mut self.silence
        };
        *slot = Some(failure.error);
    }

    pub(super) fn refused(&mut self, error: Error) {
        let sooner = |had: &Error| match (error.retry_after, had.retry_after) {
            (Some(new), Some(had)) => new < had,
            (new, had) => new.is_some() && had.is_none(),
        };
        if self.refusal.as_ref().is_none_or(sooner) {
            self.refusal = Some(error);
        }
    }

    /// It could not be said in the provider's dialect.
    pub(super) fn unsaid(&mut self, error: Error) {
        self.untranslatable = Some(error);
    }

    /// What the client is told: what an upstream said, else that none answered, else why none was asked.
    pub(super) fn last_word(self, call: &Call) -> Error {
        self.answer
            .or(self.silence)
            .or(self.refusal)
            .or(self.untranslatable)
            .unwrap_or_else(|| {
                Error::new(
                    ErrorKind::Unavailable,
                    format!("no attempt for model `{}` could be started in time", call.model),
                )
                .retry_after(Duration::from_secs(1))
            })
    }
}

/// A redirect and its like: not followed, as the credential is for this host alone, and not passed on, as a client would
/// leave the gateway.
pub(super) fn no_answer(status: http::StatusCode, headers: &HeaderMap) -> Error {
    let to = headers
        .get(http::header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .map(|location| format!(", pointing to `{location}`"))
        .unwrap_or_default();
    let message = format!(
        "the upstream answered with status {}{to}, which is no answer; set base_url to where it lives",
        status.as_u16()
    );
    Error::new(ErrorKind::UpstreamFailed, message)
}

/// What an upstream's error means for the next choice.
fn outcome(error: &Error) -> Outcome {
    match error.kind {
        ErrorKind::UpstreamAuth => Outcome::KeyRefused,
        ErrorKind::UpstreamLimited | ErrorKind::UpstreamQuota => Outcome::RateLimited {
            retry_after: error.retry_after,
        },
        ErrorKind::ModelNotFound => Outcome::ModelMissing,
        ErrorKind::UpstreamTimeout => Outcome::TimedOut,
        ErrorKind::UpstreamRejected
        | ErrorKind::ContextExceeded
        | ErrorKind::ContentRefused
        | ErrorKind::TooLarge
        | ErrorKind::Invalid => Outcome::Rejected,
        _ => error
            .retry_after
            .map_or(Outcome::Failed, |retry_after| Outcome::Busy { retry_after }),
    }
}
