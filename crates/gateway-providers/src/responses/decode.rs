//! A client's body as facts: found by the scanner, without a tree.

use bytes::Bytes;
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation};

use crate::facts::{Facts, Keys, wrong};

/// The members of a body that are acted on, in the order in which a scan is asked for them: a key's place in the list is its
/// number in the map of a body.
pub const MEMBERS: &[&str] = &[
    "model",
    "stream",
    "max_output_tokens",
    "fallbacks",
    "input",
    "previous_response_id",
    "conversation",
    "store",
    "background",
    "prompt",
    CONTINUED,
    "metadata",
];
pub(super) const KEYS: Keys = MEMBERS;

/// The gateway's own member: the response that was gone on from, once its items stand in `input`. It goes to nobody, and the
/// answer names it as `previous_response_id`.
pub(super) const CONTINUED: &str = "gateway_continued_from";
/// The member that caps output.
pub(super) const CAP: &str = "max_output_tokens";

pub(super) const FLAG: &str = "true or false";

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if !matches!(operation, Operation::Responses | Operation::CountTokens) {
        let message = format!("the Responses API has no request for {operation}");
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    let facts = Facts::of(bytes, KEYS)?;
    subject(&facts, operation)?;
    let mut caps = Caps::default();
    let mut stream = false;
    if operation.generates() {
        if let Some(cap) = facts.read(CAP, "a whole number of tokens, 0 or more")? {
            caps.note(cap);
        }
        stream = facts.stream(false)?;
    }
    match &asked.model {
        Some(model) => facts.named(
            ModelName::from(model.clone()),
            DialectName::Responses,
            operation,
            stream,
            caps,
        ),
        None => facts.call(DialectName::Responses, operation, stream, caps),
    }
}

/// What is to be answered must be there, here or with the provider; what it looks like is for whoever reads it.
fn subject(facts: &Facts, operation: Operation) -> Result<(), Error> {
    const ELSEWHERE: [&str; 3] = ["previous_response_id", "conversation", "prompt"];
    match facts.value("input") {
        Some([b'"' | b'[', ..]) => Ok(()),
        Some(_) => Err(wrong("input", INPUT)),
        None if operation == Operation::CountTokens => Ok(()),
        None if ELSEWHERE.into_iter().any(|key| facts.value(key).is_some()) => Ok(()),
        None => Err(Error::invalid(
            "input",
            format!("`input` is missing; it must be {INPUT}"),
        )),
    }
}

/// What `input` must be.
pub(super) const INPUT: &str = "a string or an array of items";

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str) -> Result<Call, Error> {
        decode(
            &Asked::plain(Operation::Responses),
            Bytes::copy_from_slice(body.as_bytes()),
        )
    }

    #[test]
    fn facts_are_found_wherever_they_stand() {
        let call = asked(
            r#"{"input":"\"model\":\"x\"","max_output_tokens":10,"stream":true,"fallbacks":["a/b"],"model":"m"}"#,
        )
        .unwrap();
        assert_eq!(
            (call.model.as_str(), call.stream, call.caps.largest),
            ("m", true, Some(10))
        );
        assert_eq!(call.fallbacks, [ModelName::from("a/b")]);
        assert!(call.wants_usage && call.choices == 1 && call.input_bound as usize == call.body.bytes.len());
        for elsewhere in [
            r#""previous_response_id":"r""#,
            r#""conversation":"c""#,
            r#""prompt":{"id":"p"},"input":null"#,
        ] {
            assert!(asked(&format!(r#"{{"model":"m",{elsewhere}}}"#)).is_ok());
        }
        let counted = decode(
            &Asked::plain(Operation::CountTokens),
            Bytes::from_static(br#"{"model":"m","stream":1}"#),
        );
        assert!(counted.is_ok_and(|call| !call.stream));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, param) in [
            ("", None),
            ("[]", None),
            (r#"{"input":"a"}"#, Some("model")),
            (r#"{"model":"","input":"a"}"#, Some("model")),
            (r#"{"model":"m","model":"n","input":"a"}"#, Some("model")),
            (r#"{"model":"m"}"#, Some("input")),
            (r#"{"model":"m","input":null}"#, Some("input")),
            (r#"{"model":"m","input":5}"#, Some("input")),
            (r#"{"model":"m","input":"a","stream":"true"}"#, Some("stream")),
            (
                r#"{"model":"m","input":"a","max_output_tokens":-1}"#,
                Some("max_output_tokens"),
            ),
            (
                r#"{"model":"m","input":"a","fallbacks":["a",""]}"#,
                Some("fallbacks[1]"),
            ),
        ] {
            let error = asked(body).unwrap_err();
            assert_eq!(
                (error.status(), error.param.as_deref()),
                (400, param),
                "{body}: {error}"
            );
        }
        let chat = decode(&Asked::plain(Operation::Chat), Bytes::from_static(b"{}")).unwrap_err();
        assert_eq!(chat.kind, ErrorKind::UnsupportedOperation);
    }
}
