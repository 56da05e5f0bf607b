//! A client's body as facts: model, stream, cap, fallbacks. Found by the scanner, without a tree.

use bytes::Bytes;
use gateway_types::json::scan;
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, Operation};

use crate::facts::{Facts, Keys, value, wrong};

/// The members of a request that the gateway acts on.
pub(super) const KEYS: Keys = &["model", "stream", "options", "fallbacks", "messages", "prompt", "input"];

/// The cap on output, within `options`.
pub(super) const CAP: &str = "num_predict";

/// The two forms of a turn, and of a call for vectors: with a word each for what they work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `/api/chat`.
    Chat,
    /// `/api/generate`: a turn of one message.
    Generate,
    /// `/api/embed`.
    Embed,
    /// `/api/embeddings`: the older form, of one text.
    Embedding,
}

impl Shape {
    /// The form of a call: `messages` belong to a chat and `input` to vectors, and decoding has seen to that.
    pub(super) fn of(call: &Call) -> Self {
        let has = |name| value(call, KEYS, name).is_some();
        match call.operation {
            Operation::Embeddings if has("input") => Self::Embed,
            Operation::Embeddings => Self::Embedding,
            _ if has("messages") => Self::Chat,
            _ => Self::Generate,
        }
    }

    /// Its path.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Chat => "/api/chat",
            Self::Generate => "/api/generate",
            Self::Embed => "/api/embed",
            Self::Embedding => "/api/embeddings",
        }
    }
}

/// Reads a body as facts. What `/api/generate` asks for is a turn: every provider that does chat can serve it.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let facts = Facts::of(bytes, KEYS)?;
    match asked.operation {
        Operation::Chat => facts.array("messages")?,
        Operation::Completions if facts.value("messages").is_some() => {
            return Err(Error::invalid(
                "messages",
                "`messages` belongs to /api/chat; here it is `prompt`",
            ));
        }
        Operation::Completions => {}
        Operation::Embeddings => return embeddings(facts),
        other => {
            let message = format!("the {} API has no request body for {other}", DialectName::Ollama);
            return Err(Error::new(ErrorKind::UnsupportedOperation, message));
        }
    }
    let mut caps = Caps::default();
    if let Some(cap) = cap(&facts)? {
        caps.note(cap);
    }
    let stream = facts.stream(true)?;
    facts.call(DialectName::Ollama, Operation::Chat, stream, caps)
}

fn embeddings(facts: Facts) -> Result<Call, Error> {
    if facts.value("input").is_none() && facts.value("prompt").is_none() {
        return Err(Error::invalid("input", "`input` is missing"));
    }
    facts.call(DialectName::Ollama, Operation::Embeddings, false, Caps::default())
}

/// The cap, where there is one: 0 and less mean as much as the model likes.
fn cap(facts: &Facts) -> Result<Option<u64>, Error> {
    let Some(options) = facts.value("options") else {
        return Ok(None);
    };
    let object = scan(options, &[CAP]).map_err(|_| wrong("options", "an object, its fields given once"))?;
    let Some(text) = object.find(0).and_then(|member| options.get(member.value.clone())) else {
        return Ok(None);
    };
    let number: Option<f64> = serde_json::from_slice(text).map_err(|_| wrong("options.num_predict", "a number"))?;
    Ok(number.filter(|number| *number >= 1.0).map(|number| number as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(operation: Operation, body: &str) -> Result<Call, Error> {
        decode(&Asked::plain(operation), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn a_stream_is_what_comes_unless_told_otherwise() {
        let call = decoded(
            Operation::Chat,
            r#"{"model":"m","messages":[],"options":{"num_predict":9,"seed":1}}"#,
        )
        .unwrap();
        assert_eq!(
            (call.stream, call.caps.largest, Shape::of(&call)),
            (true, Some(9), Shape::Chat)
        );
        let call = decoded(
            Operation::Completions,
            r#"{"model":"m","prompt":"p","stream":false,"options":{"num_predict":-1}}"#,
        )
        .unwrap();
        assert_eq!(
            (call.stream, call.caps.largest, Shape::of(&call)),
            (false, None, Shape::Generate)
        );
        assert_eq!(
            call.operation,
            Operation::Chat,
            "any provider that does chat can serve it"
        );
        for (body, shape) in [
            (r#""input":["a"]"#, Shape::Embed),
            (r#""prompt":"a""#, Shape::Embedding),
        ] {
            let call = decoded(Operation::Embeddings, &format!(r#"{{"model":"e",{body}}}"#)).unwrap();
            assert_eq!((call.stream, Shape::of(&call)), (false, shape));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (operation, body, param) in [
            (Operation::Chat, r#"{"messages":[]}"#, "model"),
            (Operation::Chat, r#"{"model":"m"}"#, "messages"),
            (Operation::Chat, r#"{"model":"m","messages":{}}"#, "messages"),
            (Operation::Chat, r#"{"model":"m","messages":[],"stream":1}"#, "stream"),
            (
                Operation::Chat,
                r#"{"model":"m","messages":[],"options":[]}"#,
                "options",
            ),
            (
                Operation::Chat,
                r#"{"model":"m","messages":[],"options":{"num_predict":"x"}}"#,
                "options.num_predict",
            ),
            (Operation::Completions, r#"{"model":"m","messages":[]}"#, "messages"),
            (Operation::Embeddings, r#"{"model":"m"}"#, "input"),
        ] {
            let error = decoded(operation, body).unwrap_err();
            assert_eq!(
                (error.status(), error.param.as_deref()),
                (400, Some(param)),
                "{body}: {error}"
            );
        }
    }
}
