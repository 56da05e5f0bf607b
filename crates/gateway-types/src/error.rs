//! What went wrong, whose fault it is, and whether trying again can help.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::QuotaId;

/// The closed list of ends that a client can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request is wrong in itself; `param` names the field.
    Invalid,
    /// A header that the operator asks for is not there; the message names it.
    MissingHeaders,
    /// The operation is not served here, or the provider's settings do not allow it.
    UnsupportedOperation,
    /// No such path.
    RouteNotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The body or a part of it passes a limit.
    TooLarge,
    /// The client did not send its request in time.
    ClientTimeout,
    /// A virtual key is needed and none was presented.
    VirtualKeyRequired,
    /// The presented credential is no virtual key.
    VirtualKeyUnknown,
    /// The virtual key is disabled, expired or deleted.
    VirtualKeyBlocked,
    /// The caller may not come in from there.
    Forbidden,
    /// The key does not list that provider.
    ProviderBlocked,
    /// The key lists no entry that allows the model.
    ModelBlocked,
    /// Nobody is known to serve the model.
    ModelNotFound,
    /// A budget is spent.
    BudgetExceeded,
    /// The call can cost more than its caller wants to pay for it.
    CostCeiling,
    /// A money budget is in scope and the model's price is not known.
    PriceUnknown,
    /// A limit on requests, or on requests in flight, is reached.
    RequestLimited,
    /// A limit on tokens is reached.
    TokenLimited,
    /// The gateway cannot take the call now: its ledger or store cannot keep up, or it is stopping.
    Unavailable,
    /// The upstream refused the call as wrong: its status and words are passed on.
    UpstreamRejected,
    /// The prompt is longer than the model can take.
    ContextExceeded,
    /// The upstream refused the call for its content.
    ContentRefused,
    /// The upstream refused our credential.
    UpstreamAuth,
    /// Our account at the upstream is spent.
    UpstreamQuota,
    /// The upstream has more to do than it can.
    UpstreamOverloaded,
    /// The upstream limits us.
    UpstreamLimited,
    /// The upstream failed, could not be reached, or broke off.
    UpstreamFailed,
    /// The upstream did not answer in time.
    UpstreamTimeout,
    /// A fault of the gateway's own.
    Internal,
}

impl ErrorKind {
    /// The HTTP status where the upstream gave none.
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid
            | Self::MissingHeaders
            | Self::UnsupportedOperation
            | Self::UpstreamRejected
            | Self::ContextExceeded
            | Self::ContentRefused => 400,
            Self::VirtualKeyRequired | Self::VirtualKeyUnknown => 401,
            Self::BudgetExceeded | Self::CostCeiling | Self::PriceUnknown => 402,
            Self::VirtualKeyBlocked | Self::Forbidden | Self::ProviderBlocked | Self::ModelBlocked => 403,
            Self::RouteNotFound | Self::ModelNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::ClientTimeout => 408,
            Self::TooLarge => 413,
            Self::RequestLimited | Self::TokenLimited | Self::UpstreamLimited | Self::UpstreamQuota => 429,
            Self::Internal => 500,
            Self::UpstreamFailed | Self::UpstreamAuth => 502,
            Self::Unavailable | Self::UpstreamOverloaded => 503,
            Self::UpstreamTimeout => 504,
        }
    }

    /// The code that clients match on; the reference's word where it has one.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid_request",
            Self::MissingHeaders => "missing_required_headers",
            Self::UnsupportedOperation => "unsupported_operation",
            Self::RouteNotFound => "route_not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "request_too_large",
            Self::ClientTimeout => "request_timeout",
            Self::VirtualKeyRequired => "virtual_key_required",
            Self::VirtualKeyUnknown => "virtual_key_not_found",
            Self::VirtualKeyBlocked => "virtual_key_blocked",
            Self::Forbidden => "forbidden",
            Self::ProviderBlocked => "provider_blocked",
            Self::ModelBlocked => "model_blocked",
            Self::ModelNotFound => "model_not_found",
            Self::BudgetExceeded => "budget_exceeded",
            Self::CostCeiling => "cost_ceiling_exceeded",
            Self::PriceUnknown => "price_unknown",
            Self::RequestLimited => "request_limited",
            Self::TokenLimited => "token_limited",
            Self::Unavailable => "unavailable",
            Self::UpstreamRejected => "upstream_rejected",
            Self::ContextExceeded => "context_length_exceeded",
            Self::ContentRefused => "content_policy_violation",
            Self::UpstreamAuth => "upstream_credentials_rejected",
            Self::UpstreamQuota => "insufficient_quota",
            Self::UpstreamOverloaded => "overloaded",
            Self::UpstreamLimited => "rate_limited",
            Self::UpstreamFailed => "upstream_error",
            Self::UpstreamTimeout => "request_timed_out",
            Self::Internal => "internal_error",
        }
    }

    /// Whose fault it is.
    pub const fn origin(self) -> Origin {
        match self {
            Self::UpstreamRejected
            | Self::ContextExceeded
            | Self::ContentRefused
            | Self::UpstreamQuota
            | Self::UpstreamOverloaded
            | Self::UpstreamAuth
            | Self::UpstreamLimited
            | Self::UpstreamFailed
            | Self::UpstreamTimeout => Origin::Upstream,
            Self::Unavailable | Self::Internal => Origin::Gateway,
            _ => Origin::Client,
        }
    }
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The caller's: another request would work.
    Client,
    /// Ours.
    Gateway,
    /// The provider's.
    Upstream,
}

/// An error on its way to a client, in no dialect yet.
#[derive(Clone, Debug)]
pub struct Error {
    /// What it is.
    pub kind: ErrorKind,
    /// One sentence, lower case, that names the value and what would be right.
    pub message: String,
    /// The field at fault, as a path.
    pub param: Option<String>,
    /// The upstream's own status, where it answered.
    pub status: Option<u16>,
    /// The upstream's own error type and code, where it named them.
    pub upstream: Option<Box<UpstreamWords>>,
    /// When coming back can help.
    pub retry_after: Option<Duration>,
    /// The quota that refused, where one did.
    pub limited: Option<Box<Limited>>,
}

/// The quota that refused a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Which.
    pub quota: QuotaId,
    /// Whose, in words: `virtual key vk-dev`.
    pub owner: String,
    /// What it counts: `nano_usd`, `requests`, `tokens` or `in_flight`.
    pub unit: &'static str,
    /// How much of it a window allows.
    pub limit: i64,
    /// What is used and held of that.
    pub used: i64,
    /// When coming back can help; `None` where only finishing calls can.
    pub resets_in: Option<Duration>,
}

/// What an upstream said of its error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamWords {
    /// Its `type`.
    pub kind: Option<String>,
    /// Its `code`.
    pub code: Option<String>,
    /// Its id of the request.
    pub request_id: Option<String>,
    /// The body as it came, and the dialect it is in: sent on untouched to a client of that dialect.
    pub body: Option<(crate::DialectName, Bytes)>,
}

impl Error {
    /// An error of that kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            param: None,
            status: None,
            upstream: None,
            retry_after: None,
            limited: None,
        }
    }

    /// A wrong request whose field can be named.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Invalid, message);
        error.param = Some(param.into());
        error
    }

    /// The same, to be tried again after that long.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The HTTP status it ends in.
    pub fn status(&self) -> u16 {
        self.status.unwrap_or_else(|| self.kind.status())
    }

    /// What `x-should-retry` has to say, if anything: money that is spent and limits that last, ours or an upstream's,
    /// are not worth an SDK's retries. Money that other calls only hold is: they give back what they do not use.
    pub fn should_retry(&self) -> Option<bool> {
        let lasting = || self.retry_after.is_some_and(|after| after > Duration::from_secs(60));
        let only_held = || self.limited.as_ref().is_some_and(|limited| limited.resets_in.is_none());
        match self.status() {
            402 if only_held() => None,
            402 => Some(false),
            429 => lasting().then_some(false),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_lasts_is_not_worth_trying_again_soon() {
        let limited = |kind, seconds| Error::new(kind, "no").retry_after(Duration::from_secs(seconds));
        assert_eq!(
            Error::new(ErrorKind::BudgetExceeded, "spent").should_retry(),
            Some(false)
        );
        assert_eq!(
            Error::new(ErrorKind::PriceUnknown, "no price").should_retry(),
            Some(false)
        );
        assert_eq!(
            Error::new(ErrorKind::CostCeiling, "too dear").should_retry(),
            Some(false)
        );
        for kind in [
            ErrorKind::RequestLimited,
            ErrorKind::TokenLimited,
            ErrorKind::UpstreamLimited,
        ] {
            assert_eq!(limited(kind, 60).should_retry(), None, "{kind:?}");
            assert_eq!(limited(kind, 61).should_retry(), Some(false), "{kind:?}");
        }
        assert_eq!(limited(ErrorKind::Unavailable, 600).should_retry(), None);
    }

    #[test]
    fn money_that_is_only_held_is_worth_coming_back_for() {
        let refused = |resets_in: Option<Duration>| {
            let mut error = Error::new(ErrorKind::BudgetExceeded, "no");
            error.limited = Some(Box::new(Limited {
                quota: QuotaId::from("q"),
                owner: "virtual key vk".to_owned(),
                unit: "nano_usd",
                limit: 2,
                used: 2,
                resets_in,
            }));
            error.retry_after(resets_in.unwrap_or(Duration::from_secs(1)))
        };
        assert_eq!(refused(None).should_retry(), None);
        assert_eq!(refused(Some(Duration::from_secs(5))).should_retry(), Some(false));
    }

    #[test]
    fn the_upstreams_own_status_comes_first() {
        let mut error = Error::new(ErrorKind::UpstreamRejected, "no");
        assert_eq!(error.status(), 400);
        error.status = Some(422);
        assert_eq!(error.status(), 422);
    }

    #[test]
    fn an_invalid_request_names_its_field() {
        let error = Error::invalid("messages[0].role", "`messages[0].role` must be a string");
        assert_eq!(
            (error.kind, error.param.as_deref()),
            (ErrorKind::Invalid, Some("messages[0].role"))
        );
        assert_eq!(error.to_string(), error.message);
        assert_eq!(error.kind.origin(), Origin::Client);
    }
}
