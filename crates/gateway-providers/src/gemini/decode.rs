//! A client's body as facts: found by the scanner, without a tree. The path has said what is asked of which model, and in
//! which form a stream is to come.

use bytes::Bytes;
use gateway_types::json::scan;
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation};

use super::keys::whole;
use crate::facts::{Facts, Keys, wrong};

/// The members that are acted on, in both of their spellings.
pub(super) const KEYS: Keys = &[
    "model",
    "fallbacks",
    "contents",
    "generationConfig",
    "generation_config",
    "generateContentRequest",
    "generate_content_request",
    "content",
    "requests",
    "labels",
];

/// The members of the settings that are acted on.
pub(super) const SETTINGS: [&str; 4] = [
    "maxOutputTokens",
    "max_output_tokens",
    "candidateCount",
    "candidate_count",
];
/// Those of them that cap an answer.
pub(super) const CAPS: std::ops::Range<usize> = 0..2;
const CHOICES: std::ops::Range<usize> = 2..4;

/// So many answers can be asked for.
const MOST_CHOICES: u64 = 8;
const MODEL_LIMIT: usize = 512;

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    let facts = Facts::of(bytes, KEYS)?;
    let model = model(asked, &facts)?;
    subject(operation, &facts)?;
    let settings = one_of(&facts, "generationConfig", "generation_config")?;
    let (mut caps, mut choices) = (Caps::default(), 1);
    if let Some(settings) = settings.filter(|_| operation.generates()) {
        (caps, choices) = limits(settings)?;
    }
    let call = facts.named(model, DialectName::Gemini, operation, asked.stream.is_some(), caps)?;
    Ok(Call {
        form: asked.stream.unwrap_or_default(),
        choices,
        ..call
    })
}

/// The model: the path's, else the body's.
fn model(asked: &Asked, facts: &Facts) -> Result<ModelName, Error> {
    const WANTED: &str = "a string that names a model";
    let name = match &asked.model {
        Some(name) => name.clone(),
        None => facts
            .read::<String>("model", WANTED)?
            .ok_or_else(|| wrong("model", WANTED))?,
    };
    let name = name.strip_prefix("models/").unwrap_or(&name);
    if name.is_empty() || name.len() > MODEL_LIMIT {
        return Err(wrong("model", "a string of 1 to 512 bytes"));
    }
    Ok(ModelName::from(name))
}

/// What the operation works on must be there; what it looks like is for whoever reads it.
fn subject(operation: Operation, facts: &Facts) -> Result<(), Error> {
    let has = |name| facts.value(name).is_some();
    let inner = || has("generateContentRequest") || has("generate_content_request");
    let (there, name) = match operation {
        Operation::Chat => (has("contents"), "contents"),
        Operation::CountTokens => (has("contents") || inner(), "contents"),
        Operation::Embeddings => (has("content") || has("requests"), "content"),
        other => {
            let message = format!("the operation {other} has no request body");
            return Err(Error::new(ErrorKind::UnsupportedOperation, message));
        }
    };
    match there {
        true => Ok(()),
        false => Err(Error::invalid(name, format!("`{name}` is missing"))),
    }
}

/// A member in the one or the other spelling; in both at once, readers disagree about it.
pub(super) fn one_of<'f>(facts: &'f Facts, camel: &str, snake: &str) -> Result<Option<&'f [u8]>, Error> {
    match (facts.value(camel), facts.value(snake)) {
        (Some(_), Some(_)) => Err(twice(camel)),
        (one, other) => Ok(one.or(other)),
    }
}

fn twice(name: &str) -> Error {
    Error::invalid(name, format!("the field `{name}` is given twice"))
}

/// The cap on output and the number of answers in the settings.
fn limits(settings: &[u8]) -> Result<(Caps, u32), Error> {
    let object = scan(settings, &SETTINGS).map_err(|_| {
        wrong(
            "generationConfig",
            "an object, its fields given once and written plainly",
        )
    })?;
    let value = |key: usize| {
        let value = settings.get(object.find(key)?.value.clone())?;
        (value != b"null").then_some(value)
    };
    let number = |keys: std::ops::Range<usize>| {
        let name = format!("generationConfig.{}", SETTINGS[keys.start]);
        let mut given = keys.filter_map(value);
        let Some(raw) = given.next() else { return Ok(None) };
        if given.next().is_some() {
            return Err(twice(&name));
        }
        let number = std::str::from_utf8(raw).ok().and_then(whole);
        number
            .map(Some)
            .ok_or_else(|| wrong(&name, "a whole number, 0 or more"))
    };
    let mut caps = Caps::default();
    if let Some(cap) = number(CAPS)? {
        caps.note(cap);
    }
    // None is what the API takes for "as usual".
    let choices = match number(CHOICES)?.filter(|choices| *choices > 0) {
        None => 1,
        Some(choices) if choices <= MOST_CHOICES => choices as u32,
        Some(_) => return Err(wrong("generationConfig.candidateCount", "a whole number from 1 to 8")),
    };
    Ok((caps, choices))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_types::StreamForm;

    fn asked(operation: Operation, stream: Option<StreamForm>) -> Asked {
        Asked {
            model: Some("models/gemini-2.5-pro".to_owned()),
            stream,
            ..Asked::plain(operation)
        }
    }

    fn chat(body: &str) -> Result<Call, Error> {
        decode(&asked(Operation::Chat, None), Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn facts_are_found_in_both_spellings() {
        for body in [
            r#"{"contents":[],"generationConfig":{"maxOutputTokens":10,"candidateCount":2},"fallbacks":["a/b"]}"#,
            r#"{"fallbacks":["a/b"],"generation_config":{"candidate_count":2.0,"max_output_tokens":"10"},"contents":[]}"#,
        ] {
            let call = chat(body).unwrap();
            assert_eq!(
                (call.model.as_str(), call.caps.largest, call.choices),
                ("gemini-2.5-pro", Some(10), 2)
            );
            assert_eq!((call.stream, call.wants_usage, call.fallbacks.len()), (false, true, 1));
        }
        let stream = asked(Operation::Chat, Some(StreamForm::Array));
        let call = decode(
            &stream,
            Bytes::from_static(br#"{"contents":[],"generationConfig":null}"#),
        )
        .unwrap();
        assert_eq!(
            (call.stream, call.form, call.caps.largest),
            (true, StreamForm::Array, None)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, param) in [
            ("[]", None),
            ("{}", Some("contents")),
            (r#"{"contents":null}"#, Some("contents")),
            (r#"{"contents":[],"contents":[]}"#, Some("contents")),
            (
                r#"{"contents":[],"generationConfig":{},"generation_config":{}}"#,
                Some("generationConfig"),
            ),
            (r#"{"contents":[],"generationConfig":5}"#, Some("generationConfig")),
            (
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":-1}}"#,
                Some("generationConfig.maxOutputTokens"),
            ),
            (
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}}"#,
                Some("generationConfig.maxOutputTokens"),
            ),
            (
                r#"{"contents":[],"generationConfig":{"maxOutputTokens":1,"maxOutputTokens":2}}"#,
                Some("generationConfig"),
            ),
            (
                r#"{"contents":[],"generationConfig":{"candidateCount":9}}"#,
                Some("generationConfig.candidateCount"),
            ),
            (r#"{"contents":[],"fallbacks":"a"}"#, Some("fallbacks")),
        ] {
            let error = chat(body).unwrap_err();
            assert_eq!(
                (error.status(), error.param.as_deref()),
                (400, param),
                "{body}: {error}"
            );
        }
        let unnamed = decode(
            &Asked::plain(Operation::Chat),
            Bytes::from_static(br#"{"contents":[]}"#),
        )
        .unwrap_err();
        assert_eq!(unnamed.param.as_deref(), Some("model"));
    }

    #[test]
    fn each_operation_has_its_subject() {
        let decode = |operation, body: &'static str| decode(&asked(operation, None), Bytes::from(body));
        for body in [
            r#"{"contents":[]}"#,
            r#"{"generateContentRequest":{}}"#,
            r#"{"generate_content_request":{}}"#,
        ] {
            assert!(decode(Operation::CountTokens, body).is_ok(), "{body}");
        }
        assert!(decode(Operation::Embeddings, r#"{"content":{"parts":[]}}"#).is_ok());
        assert!(decode(Operation::Embeddings, r#"{"requests":[]}"#).is_ok());
        let error = decode(Operation::Embeddings, r#"{"contents":[]}"#).unwrap_err();
        assert_eq!(error.param.as_deref(), Some("content"));
        let error = decode(Operation::Speech, r#"{"contents":[]}"#).unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnsupportedOperation);
    }
}
