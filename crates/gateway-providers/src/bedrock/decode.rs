//! A client's body as facts. The path names the model and asks for the stream; the body says the caps, which a model's own
//! bodies have each under a name of its own.

use std::ops::Range;

use bytes::Bytes;
use gateway_types::call::Body;
use gateway_types::json::{Object, ScanError, scan};
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation, StreamForm};

use super::caps::places;
use super::read::ADDITIONAL;
use crate::facts::wrong;

/// The members that are acted on. A key's place in the list is its number in the map of a body.
pub(super) const KEYS: [&str; 16] = [
    "inferenceConfig",
    "textGenerationConfig",
    ADDITIONAL,
    "max_tokens",
    "max_tokens_to_sample",
    "max_gen_len",
    "maxTokens",
    "maxTokenCount",
    "max_new_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "num_generations",
    "numResults",
    "n",
    FALLBACKS_KEY,
    "requestMetadata",
];
const FALLBACKS_KEY: &str = "fallbacks";
/// The objects in which caps stand.
pub(super) const NESTS: Range<usize> = 0..3;
/// The members that cap output.
pub(super) const CAPS: Range<usize> = 3..11;
/// The members that ask for several answers.
const CHOICES: Range<usize> = 11..14;
pub(super) const FALLBACKS: usize = 14;

/// The most that is taken of a few things that have no reason to be large.
const MODEL_LIMIT: usize = 2048;
const CHOICES_LIMIT: u32 = 128;
const FALLBACKS_LIMIT: usize = 16;

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if !matches!(operation, Operation::Chat | Operation::CountTokens | Operation::Invoke) {
        let message = format!("the Bedrock runtime API has no request body for {operation}");
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    let model = model(asked)?;
    let members = members(asked, &bytes)?;
    let (mut caps, mut choices) = (Caps::default(), 1);
    if operation.generates() {
        for cap in places(&bytes, &members, 0)?.into_iter().filter_map(|place| place.cap) {
            caps.note(cap);
        }
        if operation == Operation::Invoke {
            choices = answers(&bytes, &members)?;
        }
    }
    let size = bytes.len() as u64;
    Ok(Call {
        operation,
        dialect: DialectName::Bedrock,
        model,
        stream: asked.stream.is_some(),
        form: StreamForm::Usual,
        caps,
        choices,
        fallbacks: fallbacks(&bytes, &members)?,
        // Streams of this dialect always end with a report.
        wants_usage: true,
        // Text and inline media cannot be more tokens than bytes. Media at an address can: nothing here bounds them.
        input_bound: size,
        input_estimate: size.div_ceil(4),
        body: Body {
            bytes,
            content_type: asked.content_type.clone(),
            members,
        },
    })
}

fn model(asked: &Asked) -> Result<ModelName, Error> {
    match asked.model.as_deref() {
        Some(model) if !model.is_empty() && model.len() <= MODEL_LIMIT => Ok(ModelName::from(model)),
        Some(_) => Err(wrong("modelId", "a string of 1 to 2048 bytes")),
        None => Err(Error::invalid(
            "modelId",
            "`modelId` is missing; the path must name a model",
        )),
    }
}

/// The map of a body. What a model of one's own is asked need not be an object, nor JSON.
fn members(asked: &Asked, bytes: &Bytes) -> Result<Object, Error> {
    let own = asked.operation == Operation::Invoke;
    if own && asked.content_type.is_some() {
        return Ok(Object::default());
    }
    match scan(bytes, &KEYS) {
        Ok(members) => Ok(members),
        Err(ScanError::NotAnObject) if own => Ok(Object::default()),
        Err(error) => {
            let message = error.to_string();
            Err(match error {
                ScanError::Duplicate(key) => Error::invalid(key, message),
                _ => Error::new(ErrorKind::Invalid, message),
            })
        }
    }
}

fn answers(bytes: &Bytes, members: &Object) -> Result<u32, Error> {
    let mut most = 1;
    for key in CHOICES {
        let Some(value) = members.find(key).and_then(|member| bytes.get(member.value.clone())) else {
            continue;
        };
        match serde_json::from_slice::<u32>(value) {
            Ok(count) if (1..=CHOICES_LIMIT).contains(&count) => most = most.max(count),
            _ if value == b"null" => {}
            _ => {
                return Err(wrong(
                    KEYS.get(key).copied().unwrap_or_default(),
                    "a whole number from 1 to 128",
                ));
            }
        }
    }
    Ok(most)
}

fn fallbacks(bytes: &Bytes, members: &Object) -> Result<Vec<ModelName>, Error> {
    const WANTED: &str = "an array of at most 16 model names";
    let value = members
        .find(FALLBACKS)
        .and_then(|member| bytes.get(member.value.clone()));
    let Some(value) = value.filter(|value| *value != b"null") else {
        return Ok(Vec::new());
    };
    let names: Vec<String> = serde_json::from_slice(value).map_err(|_| wrong(FALLBACKS_KEY, WANTED))?;
    if names.len() > FALLBACKS_LIMIT {
        return Err(wrong(FALLBACKS_KEY, WANTED));
    }
    if let Some(i) = names
        .iter()
        .position(|name| name.is_empty() || name.len() > MODEL_LIMIT)
    {
        return Err(wrong(&format!("{FALLBACKS_KEY}[{i}]"), "a string of 1 to 2048 bytes"));
    }
    Ok(names.into_iter().map(ModelName::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: Operation, body: &str) -> Result<Call, Error> {
        let asked = Asked {
            model: Some("m".to_owned()),
            ..Asked::plain(operation)
        };
        decode(&asked, Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn caps_are_found_under_every_name_and_the_largest_counts() {
        for (operation, body, expected) in [
            (
                Operation::Chat,
                r#"{"messages":[],"inferenceConfig":{"maxTokens":50}}"#,
                Some(50),
            ),
            (
                Operation::Chat,
                r#"{"inferenceConfig":{"maxTokens":5},"additionalModelRequestFields":{"max_tokens":7}}"#,
                Some(7),
            ),
            (Operation::Chat, r#"{"messages":[]}"#, None),
            (Operation::Invoke, r#"{"prompt":"a","max_tokens_to_sample":3}"#, Some(3)),
            (
                Operation::Invoke,
                r#"{"textGenerationConfig":{"maxTokenCount":4}}"#,
                Some(4),
            ),
            (
                Operation::Invoke,
                r#"{"inferenceConfig":{"max_new_tokens":6}}"#,
                Some(6),
            ),
            (Operation::Invoke, r#"{"prompt":"a","max_gen_len":8}"#, Some(8)),
            (Operation::Invoke, "[1]", None),
        ] {
            assert_eq!(call(operation, body).unwrap().caps.largest, expected, "{body}");
        }
        assert_eq!(
            call(Operation::Invoke, r#"{"prompt":"a","num_generations":3}"#)
                .unwrap()
                .choices,
            3
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |operation, body| call(operation, body).unwrap_err().param;
        assert_eq!(refused(Operation::Chat, "[]"), None);
        assert_eq!(refused(Operation::Chat, "{"), None);
        assert_eq!(
            refused(Operation::Chat, r#"{"inferenceConfig":{},"inferenceConfig":{}}"#).as_deref(),
            Some("inferenceConfig")
        );
        assert_eq!(
            refused(Operation::Chat, r#"{"fallbacks":"a"}"#).as_deref(),
            Some("fallbacks")
        );
        assert_eq!(
            refused(Operation::Chat, r#"{"fallbacks":["a",""]}"#).as_deref(),
            Some("fallbacks[1]")
        );
        assert_eq!(
            refused(Operation::Invoke, r#"{"num_generations":0}"#).as_deref(),
            Some("num_generations")
        );
        assert_eq!(
            refused(Operation::Chat, r#"{"inferenceConfig":{"maxTokens":"9"}}"#).as_deref(),
            Some("maxTokens")
        );
        let nameless = decode(&Asked::plain(Operation::Chat), Bytes::from_static(b"{}")).unwrap_err();
        assert_eq!(nameless.param.as_deref(), Some("modelId"));
        let vectors = call(Operation::Embeddings, "{}").unwrap_err();
        assert_eq!(vectors.kind, ErrorKind::UnsupportedOperation);
    }
}
