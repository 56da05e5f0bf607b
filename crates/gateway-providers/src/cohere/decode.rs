//! A client's body as facts: model, stream, cap, fallbacks. Found by the scanner, without a tree.

use bytes::Bytes;
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, Operation};

use crate::facts::{Facts, Keys};

/// The members of a request that the gateway acts on.
pub(super) const KEYS: Keys = &[
    "model",
    "stream",
    "max_tokens",
    "fallbacks",
    "messages",
    "texts",
    "images",
    "inputs",
    "query",
    "documents",
];

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    let facts = Facts::of(bytes, KEYS)?;
    let mut caps = Caps::default();
    let mut stream = false;
    match operation {
        Operation::Chat => {
            facts.array("messages")?;
            stream = facts.stream(false)?;
            if let Some(cap) = facts.read("max_tokens", "a whole number of tokens, 0 or more")? {
                caps.note(cap);
            }
        }
        Operation::Embeddings => embeddings(&facts)?,
        Operation::Rerank => {
            facts.array("documents")?;
            if facts.value("query").is_none() {
                return Err(Error::invalid("query", "`query` is missing"));
            }
        }
        other => {
            let message = format!("the {} API has no request body for {other}", DialectName::Cohere);
            return Err(Error::new(ErrorKind::UnsupportedOperation, message));
        }
    }
    facts.call(DialectName::Cohere, operation, stream, caps)
}

/// Something must be there to be turned into vectors, in one of its three forms.
fn embeddings(facts: &Facts) -> Result<(), Error> {
    let forms = ["texts", "images", "inputs"];
    let given: Vec<&str> = forms.into_iter().filter(|form| facts.value(form).is_some()).collect();
    match given[..] {
        [one] => facts.array(one),
        [] => Err(Error::invalid(
            "texts",
            "one of `texts`, `images` and `inputs` must be given",
        )),
        [_, second, ..] => {
            let message = format!("only one of `texts`, `images` and `inputs` may be given, not `{second}` as well");
            Err(Error::invalid(second, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(operation: Operation, body: &str) -> Result<Call, Error> {
        decode(&Asked::plain(operation), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn facts_are_found_wherever_they_stand() {
        let body = r#"{"messages":[{"content":"\"model\":\"x\""}],"max_tokens":10,"stream":true,"fallbacks":["a/b"],"model":"m"}"#;
        let call = decoded(Operation::Chat, body).unwrap();
        assert_eq!(
            (call.model.as_str(), call.stream, call.caps.largest),
            ("m", true, Some(10))
        );
        assert_eq!(call.fallbacks.len(), 1);
        let embed = r#"{"model":"e","texts":["a"],"max_tokens":5}"#;
        let call = decoded(Operation::Embeddings, embed).unwrap();
        assert_eq!(call.caps, Caps::default(), "there it is how long an input may be");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (operation, body, param) in [
            (Operation::Chat, r#"{"messages":[]}"#, Some("model")),
            (Operation::Chat, r#"{"model":"m","messages":"hi"}"#, Some("messages")),
            (
                Operation::Chat,
                r#"{"model":"m","message":"the older API"}"#,
                Some("messages"),
            ),
            (
                Operation::Chat,
                r#"{"model":"m","messages":[],"max_tokens":-1}"#,
                Some("max_tokens"),
            ),
            (
                Operation::Chat,
                r#"{"model":"m","messages":[],"stream":"yes"}"#,
                Some("stream"),
            ),
            (
                Operation::Chat,
                r#"{"model":"m","messages":[],"fallbacks":[""]}"#,
                Some("fallbacks[0]"),
            ),
            (Operation::Embeddings, r#"{"model":"m"}"#, Some("texts")),
            (
                Operation::Embeddings,
                r#"{"model":"m","texts":[],"images":[]}"#,
                Some("images"),
            ),
            (Operation::Rerank, r#"{"model":"m","documents":[]}"#, Some("query")),
            (Operation::Rerank, r#"{"model":"m","query":"q"}"#, Some("documents")),
            (Operation::Speech, r#"{"model":"m"}"#, None),
        ] {
            let error = decoded(operation, body).unwrap_err();
            assert_eq!(
                (error.status(), error.param.as_deref()),
                (400, param),
                "{body}: {error}"
            );
        }
    }
}
