//! Calls whose body is a form: pictures to be edited, sound to be written down.

use bytes::Bytes;
use gateway_types::call::Body;
use gateway_types::form::{self, FormPart};
use gateway_types::json::{Member, Object, Slices};
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, Operation, StreamForm};

use super::decode::{CHOICES, KEYS, MODEL, MODEL_LIMIT, STREAM, named, usual_model, wrong};

/// The fewest bytes of sound or picture that a token stands for: speech coded at 6 kbit/s is 45 KB a minute, and a minute
/// is less than 2,500 tokens to every vendor that says.
const BYTES_PER_TOKEN: u64 = 16;
/// The usual number: speech at 32 kbit/s or more.
const USUAL_BYTES_PER_TOKEN: u64 = 128;

/// Reads a form as facts. Its acted-on parts stand in the map of the body as members of JSON do: the part, and its value.
pub(super) fn decode(asked: &Asked, content_type: &str, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if !takes_forms(operation) {
        let message = format!("a body of {operation} must be JSON, not a form");
        return Err(Error::new(ErrorKind::Invalid, message));
    }
    let parts = form::parts(&bytes, content_type).map_err(|error| Error::new(ErrorKind::Invalid, error.to_string()))?;
    let mut map = Object {
        span: 0..bytes.len(),
        ..Object::default()
    };
    for part in &parts {
        let acted_on = [MODEL, STREAM].into_iter().chain(CHOICES);
        if let Some(key) = acted_on.into_iter().find(|key| KEYS[*key] == part.name) {
            if map.find(key).is_some() {
                return Err(Error::invalid(
                    KEYS[key],
                    format!("the part `{}` is given twice", part.name),
                ));
            }
            map.members.push(Member {
                key,
                span: part.span.clone(),
                value: part.value.clone(),
            });
        }
    }
    let text = |key: usize| {
        let member = map.find(key)?;
        Some(std::str::from_utf8(bytes.get(member.value.clone())?).map_err(|_| wrong(KEYS[key], "text in UTF-8")))
    };
    // The model of a path wins over that of the body: Azure's rule.
    let model = asked.model.as_deref().or(text(MODEL).transpose()?);
    let model = named(model.or_else(|| usual_model(operation)))?;
    let stream = match text(STREAM).transpose()?.map(str::trim) {
        None | Some("" | "false" | "False" | "0") => false,
        Some("true" | "True" | "1") => true,
        Some(_) => return Err(wrong("stream", "true or false")),
    };
    let choices = match text(CHOICES.start).transpose()?.map(str::trim) {
        None | Some("") => 1,
        Some(count) => count.parse().map_err(|_| wrong("n", "a whole number, 1 or more"))?,
    };
    subject(operation, &parts)?;
    let (text, media) = sizes(&parts);
    Ok(Call {
        operation,
        dialect: DialectName::OpenAi,
        model,
        stream,
        form: StreamForm::Usual,
        caps: Caps::default(),
        choices,
        fallbacks: Vec::new(),
        wants_usage: false,
        input_bound: text.saturating_add(media.div_ceil(BYTES_PER_TOKEN)),
        input_estimate: text.div_ceil(4).saturating_add(media.div_ceil(USUAL_BYTES_PER_TOKEN)),
        body: Body {
            bytes,
            content_type: Some(content_type.to_owned()),
            members: map,
        },
    })
}

fn takes_forms(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::ImageEdit | Operation::ImageVariation | Operation::Transcription | Operation::Translation
    )
}

/// What the operation works on must be there.
fn subject(operation: Operation, parts: &[FormPart]) -> Result<(), Error> {
    let wanted: &[&str] = match operation {
        // Several pictures go by the name of a list. A service that fetches sound takes its address in place of the file.
        Operation::ImageEdit | Operation::ImageVariation => &["image", "image[]"],
        _ => &["file", "url"],
    };
    match parts.iter().any(|part| wanted.contains(&part.name.as_str())) {
        true => Ok(()),
        false => Err(Error::invalid(
            wanted[0],
            format!("the part `{}` is missing", wanted[0]),
        )),
    }
}

/// The bytes of what is text, and of what is not.
fn sizes(parts: &[FormPart]) -> (u64, u64) {
    let size = |files: bool| {
        let parts = parts.iter().filter(|part| part.file_name.is_some() == files);
        parts.map(|part| part.value.len() as u64).sum()
    };
    (size(false), size(true))
}

/// The form with the model that the provider has for it.
pub(super) fn with_model(call: &Call, content_type: &str, model: &str) -> Result<Slices, Error> {
    let body = &call.body.bytes;
    let fits = form::boundary(content_type).is_some_and(|boundary| form::fits(model, boundary));
    let slices = match call.body.members.find(MODEL) {
        _ if !fits || model.len() > MODEL_LIMIT => None,
        Some(part) => Some(form::replaced(
            body,
            &part.value,
            Bytes::copy_from_slice(model.as_bytes()),
        )),
        None => form::with(body, content_type, "model", model),
    };
    slices.ok_or_else(|| {
        let message = format!("the model `{model}` cannot be named in a form whose boundary is part of its name");
        Error::new(ErrorKind::Internal, message)
    })
}
