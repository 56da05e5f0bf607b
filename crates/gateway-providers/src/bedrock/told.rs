//! Errors, told to clients of this dialect: as bodies with their header, and inside streams.

use bytes::Bytes;
use gateway_types::{DialectName, Error, ErrorKind};
use http::{HeaderMap, HeaderValue};

use super::error::ERROR_TYPE;
use crate::framing::eventstream::write_exception;
use crate::json::Out;

/// The body of an error. Bedrock's own words pass untouched.
pub(super) fn body(error: &Error) -> Bytes {
    match error.upstream.as_ref().and_then(|words| words.body.as_ref()) {
        Some((DialectName::Bedrock, body)) => body.clone(),
        _ => Bytes::from(written(error)),
    }
}

/// The header by which SDKs choose the class of an error.
pub(super) fn head(error: &Error, headers: &mut HeaderMap) {
    let own = own_name(error).and_then(|name| HeaderValue::try_from(name).ok());
    headers.insert(
        ERROR_TYPE,
        own.unwrap_or_else(|| HeaderValue::from_static(exception(error.kind))),
    );
}

/// Writes an exception into a stream. Its names are those of the stream's union in Bedrock's service model.
pub(super) fn write(error: &Error, out: &mut Vec<u8>) {
    let name = match error.kind {
        _ if error.status() == 400 || error.status() == 404 => "validationException",
        ErrorKind::RequestLimited
        | ErrorKind::TokenLimited
        | ErrorKind::BudgetExceeded
        | ErrorKind::CostCeiling
        | ErrorKind::UpstreamLimited
        | ErrorKind::UpstreamQuota => "throttlingException",
        ErrorKind::Unavailable | ErrorKind::UpstreamOverloaded => "serviceUnavailableException",
        ErrorKind::UpstreamFailed | ErrorKind::UpstreamTimeout => "modelStreamErrorException",
        _ => "internalServerException",
    };
    write_exception(name, written(error), out);
}

fn written(error: &Error) -> Vec<u8> {
    let mut body = Vec::new();
    Out::object(&mut body, |out| out.member("message", &error.message));
    body
}

/// The name that the upstream gave it, where the upstream was Bedrock.
fn own_name(error: &Error) -> Option<&str> {
    let words = error.upstream.as_ref()?;
    words
        .body
        .as_ref()
        .filter(|(dialect, _)| *dialect == DialectName::Bedrock)?;
    words.kind.as_deref()
}

/// The exception for a kind.
fn exception(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid
        | ErrorKind::MissingHeaders
        | ErrorKind::UnsupportedOperation
        | ErrorKind::RouteNotFound
        | ErrorKind::MethodNotAllowed
        | ErrorKind::TooLarge
        | ErrorKind::UpstreamRejected
        | ErrorKind::ContextExceeded
        | ErrorKind::ContentRefused => "ValidationException",
        ErrorKind::VirtualKeyRequired
        | ErrorKind::VirtualKeyUnknown
        | ErrorKind::VirtualKeyBlocked
        | ErrorKind::Forbidden
        | ErrorKind::ProviderBlocked
        | ErrorKind::ModelBlocked => "AccessDeniedException",
        ErrorKind::ModelNotFound => "ResourceNotFoundException",
        ErrorKind::BudgetExceeded | ErrorKind::CostCeiling | ErrorKind::PriceUnknown | ErrorKind::UpstreamQuota => {
            "ServiceQuotaExceededException"
        }
        ErrorKind::RequestLimited | ErrorKind::TokenLimited | ErrorKind::UpstreamLimited => "ThrottlingException",
        ErrorKind::Unavailable | ErrorKind::UpstreamOverloaded => "ServiceUnavailableException",
        ErrorKind::UpstreamTimeout | ErrorKind::ClientTimeout => "ModelTimeoutException",
        ErrorKind::UpstreamFailed => "ModelErrorException",
        ErrorKind::UpstreamAuth | ErrorKind::Internal => "InternalServerException",
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::error::UpstreamWords;

    use super::*;
    use crate::bedrock::error::read_message;
    use crate::framing::eventstream::{Message, MessageType};

    #[test]
    fn an_error_in_a_stream_is_an_exception_of_its_union() {
        for (kind, status, expected) in [
            (ErrorKind::UpstreamLimited, None, "throttlingException"),
            (ErrorKind::UpstreamOverloaded, None, "serviceUnavailableException"),
            (ErrorKind::ContextExceeded, None, "validationException"),
            (ErrorKind::UpstreamFailed, Some(502), "modelStreamErrorException"),
            (ErrorKind::Internal, None, "internalServerException"),
        ] {
            let mut error = Error::new(kind, "why");
            error.status = status;
            let mut bytes = Vec::new();
            write(&error, &mut bytes);
            let message = Message::read(&bytes).unwrap();
            assert_eq!(
                (message.kind, message.name.as_str()),
                (MessageType::Exception, expected)
            );
            assert_eq!(read_message(&message).message, "why");
        }
    }

    #[test]
    fn errors_of_others_are_told_in_bedrocks_words() {
        let mut error = Error::new(ErrorKind::UpstreamLimited, "slow down");
        error.upstream = Some(Box::new(UpstreamWords {
            kind: Some("rate_limit_error".to_owned()),
            body: Some((DialectName::Anthropic, Bytes::from_static(b"{}"))),
            ..UpstreamWords::default()
        }));
        let mut headers = HeaderMap::new();
        head(&error, &mut headers);
        assert_eq!(
            (&headers[ERROR_TYPE], &body(&error)[..]),
            (
                &HeaderValue::from_static("ThrottlingException"),
                &br#"{"message":"slow down"}"#[..]
            )
        );
    }
}
