//! A client's body as facts: model, stream, cap, fallbacks. Found by the scanner, without a tree.

use bytes::Bytes;
use gateway_types::call::Body;
use gateway_types::json::{Object, ScanError, scan};
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation, StreamForm};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The members of a request that the gateway acts on, in the order in which a scan of a body is asked for them.
pub const MEMBERS: &[&str] = &[
    "model",
    "stream",
    "max_tokens",
    "fallbacks",
    "messages",
    "anthropic_version",
];
pub(super) const MODEL: usize = 0;
const STREAM: usize = 1;
pub(super) const MAX_TOKENS: usize = 2;
pub(super) const FALLBACKS: usize = 3;
const MESSAGES: usize = 4;
pub(super) const VERSION: usize = 5;

/// The most that is taken of a few things that have no reason to be large.
const MODEL_LIMIT: usize = 512;
const FALLBACKS_LIMIT: usize = 16;

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if !matches!(operation, Operation::Chat | Operation::CountTokens) {
        let message = format!("the messages API has no request body for {operation}");
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    let members = scan(&bytes, MEMBERS).map_err(refused)?;
    let facts = Facts {
        bytes: &bytes,
        members: &members,
    };
    let model = facts.model(asked)?;
    facts.messages()?;
    let mut caps = Caps::default();
    let mut stream = false;
    if operation == Operation::Chat {
        if let Some(cap) = facts.read(MAX_TOKENS, "a whole number of tokens, 0 or more")? {
            caps.note(cap);
        }
        stream = asked.stream.is_some() || facts.read(STREAM, "true or false")?.unwrap_or(false);
    }
    let fallbacks = facts.fallbacks()?;
    let size = bytes.len() as u64;
    Ok(Call {
        operation,
        dialect: DialectName::Anthropic,
        model,
        stream,
        form: StreamForm::Usual,
        caps,
        choices: 1,
        fallbacks,
        // Streams of this dialect always end with a report.
        wants_usage: true,
        // Text and inline media cannot be more tokens than bytes. Media at an address can: nothing here bounds them.
        input_bound: size,
        input_estimate: size.div_ceil(4),
        body: Body {
            bytes,
            content_type: None,
            members,
        },
    })
}

fn refused(error: ScanError) -> Error {
    let message = error.to_string();
    match error {
        ScanError::Duplicate(key) => Error::invalid(key, message),
        _ => Error::new(ErrorKind::Invalid, message),
    }
}

struct Facts<'a> {
    bytes: &'a Bytes,
    members: &'a Object,
}

impl Facts<'_> {
    /// The text of a value; `null` counts as absent.
    fn value(&self, key: usize) -> Option<&[u8]> {
        let value = self.bytes.get(self.members.find(key)?.value.clone())?;
        (value != b"null").then_some(value)
    }

    fn read<T: DeserializeOwned>(&self, key: usize, wanted: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.value(key) else { return Ok(None) };
        serde_json::from_slice(value)
            .map(Some)
            .map_err(|_| wrong(MEMBERS[key], wanted))
    }

    /// The model; the path names it where a cloud's way of asking is used.
    fn model(&self, asked: &Asked) -> Result<ModelName, Error> {
        let said = self.read::<String>(MODEL, "a string that names a model")?;
        let Some(model) = said.or_else(|| asked.model.clone()) else {
            let message = "`model` is missing; it must be a string that names a model";
            return Err(Error::invalid("model", message));
        };
        if model.is_empty() || model.len() > MODEL_LIMIT {
            return Err(wrong("model", "a string of 1 to 512 bytes"));
        }
        Ok(ModelName::from(model))
    }

    /// The messages must be there; what they look like is for whoever reads them.
    fn messages(&self) -> Result<(), Error> {
        match self.value(MESSAGES) {
            None => Err(Error::invalid("messages", "`messages` is missing")),
            Some(value) if !value.starts_with(b"[") => Err(wrong("messages", "an array of messages")),
            Some(_) => Ok(()),
        }
    }

    /// The gateway's fallbacks are names. The vendor's own are objects that name a model, or `"default"`: the models that are
    /// named are taken as the gateway's, so that none is reached that the caller may not use; the default names none.
    fn fallbacks(&self) -> Result<Vec<ModelName>, Error> {
        const WANTED: &str = "an array of at most 16 model names";
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Named {
            Name(String),
            Model { model: String },
        }
        if self.value(FALLBACKS) == Some(b"\"default\"") {
            return Ok(Vec::new());
        }
        let named = self.read::<Vec<Named>>(FALLBACKS, WANTED)?.unwrap_or_default();
        if named.len() > FALLBACKS_LIMIT {
            return Err(wrong("fallbacks", WANTED));
        }
        let names = named
            .into_iter()
            .map(|(Named::Name(name) | Named::Model { model: name })| name);
        let names: Vec<ModelName> = names.map(ModelName::from).collect();
        let odd = |name: &ModelName| name.as_str().is_empty() || name.as_str().len() > MODEL_LIMIT;
        match names.iter().position(odd) {
            Some(i) => Err(wrong(&format!("fallbacks[{i}]"), "a string of 1 to 512 bytes")),
            None => Ok(names),
        }
    }
}

fn wrong(field: &str, wanted: &str) -> Error {
    Error::invalid(field, format!("`{field}` must be {wanted}"))
}

#[cfg(test)]
mod tests {
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
