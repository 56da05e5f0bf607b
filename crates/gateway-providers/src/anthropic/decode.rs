//! A client's body as facts: model, stream, cap, fallbacks. Found by the scanner, without a tree.

use bytes::Bytes;
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation};

use crate::facts::Facts;

/// The members of a request that the gateway acts on, in the order in which a scan of a body is asked for them.
pub const MEMBERS: &[&str] = &[
    "model",
    "stream",
    "max_tokens",
    "fallbacks",
    "messages",
    "anthropic_version",
    "metadata",
];
pub(super) const MODEL: usize = 0;
pub(super) const MAX_TOKENS: usize = 2;
pub(super) const FALLBACKS: usize = 3;
pub(super) const VERSION: usize = 5;

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if !matches!(operation, Operation::Chat | Operation::CountTokens) {
        let message = format!("the messages API has no request body for {operation}");
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    let facts = Facts::of(bytes, MEMBERS)?;
    facts.array("messages")?;
    let mut caps = Caps::default();
    let mut stream = false;
    if operation == Operation::Chat {
        if let Some(cap) = facts.read("max_tokens", "a whole number of tokens, 0 or more")? {
            caps.note(cap);
        }
        stream = asked.stream.is_some() || facts.stream(false)?;
    }
    match (&asked.model, facts.value("model")) {
        // The path names it where a cloud's way of asking is used.
        (Some(model), None) => {
            let model = ModelName::from(model.as_str());
            facts.named(model, DialectName::Anthropic, operation, stream, caps)
        }
        _ => facts.call(DialectName::Anthropic, operation, stream, caps),
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::StreamForm;

    use super::*;

    fn decoded(operation: Operation, body: &str) -> Result<Call, Error> {
        decode(&Asked::plain(operation), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn facts_are_found_wherever_they_stand() {
        let body = r#"{"messages":[{"role":"user","content":"\"model\":\"x\""}],"max_tokens":10,"stream":true,
            "fallbacks":["a/b",{"model":"c","max_tokens":5}],"model":"m"}"#;
        let call = decoded(Operation::Chat, body).unwrap();
        assert_eq!(
            (call.model.as_str(), call.stream, call.caps.largest),
            ("m", true, Some(10))
        );
        assert_eq!(call.fallbacks, [ModelName::from("a/b"), ModelName::from("c")]);
        assert_eq!(call.dialect, DialectName::Anthropic);
        let counted = decoded(Operation::CountTokens, body).unwrap();
        assert_eq!((counted.stream, counted.caps), (false, Caps::default()));
    }

    #[test]
    fn a_path_may_name_the_model_and_ask_for_a_stream() {
        let asked = Asked {
            model: Some("claude-a".to_owned()),
            stream: Some(StreamForm::Usual),
            ..Asked::plain(Operation::Chat)
        };
        let call = decode(&asked, Bytes::from_static(br#"{"messages":[],"fallbacks":"default"}"#)).unwrap();
        assert_eq!(
            (call.model.as_str(), call.stream, call.fallbacks.len()),
            ("claude-a", true, 0)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, param) in [
            ("", None),
            ("[]", None),
            (r#"{"messages":[]}"#, Some("model")),
            (r#"{"model":"","messages":[]}"#, Some("model")),
            (r#"{"model":5,"messages":[]}"#, Some("model")),
            (r#"{"model":"m","model":"n","messages":[]}"#, Some("model")),
            (r#"{"model":"m"}"#, Some("messages")),
            (r#"{"model":"m","messages":"hi"}"#, Some("messages")),
            (r#"{"model":"m","messages":[],"stream":"true"}"#, Some("stream")),
            (r#"{"model":"m","messages":[],"max_tokens":-1}"#, Some("max_tokens")),
            (r#"{"model":"m","messages":[],"fallbacks":"a"}"#, Some("fallbacks")),
            (
                r#"{"model":"m","messages":[],"fallbacks":["a",""]}"#,
                Some("fallbacks[1]"),
            ),
        ] {
            let error = decoded(Operation::Chat, body).unwrap_err();
            assert_eq!(
                (error.status(), error.param.as_deref()),
                (400, param),
                "{body}: {error}"
            );
        }
        let error = decoded(Operation::Embeddings, r#"{"model":"m","messages":[]}"#).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnsupportedOperation);
    }
}
