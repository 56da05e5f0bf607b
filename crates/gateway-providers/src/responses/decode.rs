//! A client's body as facts: found by the scanner, without a tree.

use bytes::Bytes;
use gateway_types::call::Body;
use gateway_types::json::{Object, ScanError, scan};
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation, StreamForm};
use serde::de::DeserializeOwned;

/// The members of a body that are acted on, in the order in which a scan is asked for them: a key's place in the list is its
/// number in the map of a body.
pub const MEMBERS: [&str; 11] = [
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
];
pub(super) const MODEL: usize = 0;
const STREAM: usize = 1;
pub(super) const CAP: usize = 2;
pub(super) const FALLBACKS: usize = 3;
pub(super) const INPUT: usize = 4;
pub(super) const PREVIOUS: usize = 5;
pub(super) const CONVERSATION: usize = 6;
pub(super) const STORE: usize = 7;
pub(super) const BACKGROUND: usize = 8;
const PROMPT: usize = 9;
/// The gateway's own member: the response that was gone on from, once its items stand in `input`. It goes to nobody, and the
/// answer names it as `previous_response_id`.
pub(super) const CONTINUED: &str = "gateway_continued_from";
pub(super) const CONTINUED_FROM: usize = 10;

/// The most that is taken of a few things that have no reason to be large.
const MODEL_LIMIT: usize = 512;
const FALLBACKS_LIMIT: usize = 16;

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if !matches!(operation, Operation::Responses | Operation::CountTokens) {
        let message = format!("the Responses API has no request for {operation}");
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    let members = scan(&bytes, &MEMBERS).map_err(refused)?;
    let facts = Facts {
        bytes: &bytes,
        members: &members,
    };
    let model = facts.model()?;
    facts.subject(operation)?;
    let mut caps = Caps::default();
    let mut stream = false;
    if operation.generates() {
        if let Some(cap) = facts.read::<u64>(CAP, "a whole number of tokens, 0 or more")? {
            caps.note(cap);
        }
        stream = facts.read(STREAM, FLAG)?.unwrap_or(false);
    }
    let fallbacks = facts.fallbacks()?;
    let size = bytes.len() as u64;
    Ok(Call {
        operation,
        dialect: DialectName::Responses,
        model,
        stream,
        form: StreamForm::Usual,
        caps,
        choices: 1,
        fallbacks,
        // A stream of this dialect always ends with it.
        wants_usage: true,
        // Text and inline media cannot be more tokens than bytes. What stands at an address, or was said in an earlier
        // response that the provider keeps, can: nothing here bounds it.
        input_bound: size,
        input_estimate: size.div_ceil(4),
        body: Body {
            bytes,
            content_type: None,
            members,
        },
    })
}

pub(super) const FLAG: &str = "true or false";

fn refused(error: ScanError) -> Error {
    let message = error.to_string();
    match error {
        ScanError::Duplicate(key) => Error::invalid(key, message),
        _ => Error::new(ErrorKind::Invalid, message),
    }
}

/// The members of a body that are acted on.
pub(super) struct Facts<'a> {
    pub(super) bytes: &'a Bytes,
    pub(super) members: &'a Object,
}

impl<'a> Facts<'a> {
    pub(super) fn of(call: &'a Call) -> Self {
        Self {
            bytes: &call.body.bytes,
            members: &call.body.members,
        }
    }

    /// The text of a value; `null` counts as absent.
    pub(super) fn value(&self, key: usize) -> Option<&'a [u8]> {
        let value = self.bytes.get(self.members.find(key)?.value.clone())?;
        (value != b"null").then_some(value)
    }

    /// A value, which must be of its kind.
    pub(super) fn read<T: DeserializeOwned>(&self, key: usize, wanted: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.value(key) else { return Ok(None) };
        serde_json::from_slice(value)
            .map(Some)
            .map_err(|_| wrong(MEMBERS[key], wanted))
    }

    fn model(&self) -> Result<ModelName, Error> {
        const WANTED: &str = "a string that names a model";
        let Some(model) = self.read::<String>(MODEL, WANTED)? else {
            return Err(Error::invalid(
                "model",
                "`model` is missing; it must be a string that names a model",
            ));
        };
        if model.is_empty() || model.len() > MODEL_LIMIT {
            return Err(wrong("model", "a string of 1 to 512 bytes"));
        }
        Ok(ModelName::from(model))
    }

    /// What is to be answered must be there, here or with the provider; what it looks like is for whoever reads it.
    fn subject(&self, operation: Operation) -> Result<(), Error> {
        let elsewhere = [PREVIOUS, CONVERSATION, PROMPT];
        match self.value(INPUT) {
            Some([b'"' | b'[', ..]) => Ok(()),
            Some(_) => Err(wrong("input", "a string or an array of items")),
            None if operation == Operation::CountTokens => Ok(()),
            None if elsewhere.into_iter().any(|key| self.value(key).is_some()) => Ok(()),
            None => Err(Error::invalid(
                "input",
                "`input` is missing; it must be a string or an array of items",
            )),
        }
    }

    fn fallbacks(&self) -> Result<Vec<ModelName>, Error> {
        const WANTED: &str = "an array of at most 16 model names";
        let names = self.read::<Vec<String>>(FALLBACKS, WANTED)?.unwrap_or_default();
        if names.len() > FALLBACKS_LIMIT {
            return Err(wrong("fallbacks", WANTED));
        }
        let misnamed = |name: &String| name.is_empty() || name.len() > MODEL_LIMIT;
        if let Some(i) = names.iter().position(misnamed) {
            return Err(wrong(&format!("fallbacks[{i}]"), "a string of 1 to 512 bytes"));
        }
        Ok(names.into_iter().map(ModelName::from).collect())
    }
}

pub(super) fn wrong(field: &str, wanted: &str) -> Error {
    Error::invalid(field, format!("`{field}` must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str) -> Result<Call, Error> {
        decode(&Asked::plain(Operation::Responses), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn facts_are_found_wherever_they_stand() {
        let call = asked(r#"{"input":"\"model\":\"x\"","max_output_tokens":10,"stream":true,"fallbacks":["a/b"],"model":"m"}"#)
            .unwrap();
        assert_eq!((call.model.as_str(), call.stream, call.caps.largest), ("m", true, Some(10)));
        assert_eq!(call.fallbacks, [ModelName::from("a/b")]);
        assert!(call.wants_usage && call.choices == 1 && call.input_bound as usize == call.body.bytes.len());
        for elsewhere in [
            r#""previous_response_id":"r""#,
            r#""conversation":"c""#,
            r#""prompt":{"id":"p"},"input":null"#,
        ] {
            assert!(asked(&format!(r#"{{"model":"m",{elsewhere}}}"#)).is_ok());
        }
        let counted = decode(&Asked::plain(Operation::CountTokens), Bytes::from_static(br#"{"model":"m","stream":1}"#));
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
            (r#"{"model":"m","input":"a","max_output_tokens":-1}"#, Some("max_output_tokens")),
            (r#"{"model":"m","input":"a","fallbacks":["a",""]}"#, Some("fallbacks[1]")),
        ] {
            let error = asked(body).unwrap_err();
            assert_eq!((error.status(), error.param.as_deref()), (400, param), "{body}: {error}");
        }
        let chat = decode(&Asked::plain(Operation::Chat), Bytes::from_static(b"{}")).unwrap_err();
        assert_eq!(chat.kind, ErrorKind::UnsupportedOperation);
    }
}
