//! A client's body as facts: found by the scanner, without a tree.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use gateway_types::call::Body;
use gateway_types::json::{Cursor, Object, ScanError, scan};
use gateway_types::{Asked, Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation, StreamForm};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::form;

/// The members that are acted on. A key's place in the list is its number in the map of a body.
pub(super) const KEYS: [&str; 21] = [
    "model",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "n",
    "best_of",
    "fallbacks",
    "messages",
    "prompt",
    "input",
    "usage",
    "query",
    "documents",
    "stream_format",
    "top_n",
    "dimensions",
    "tools",
    "tool_choice",
    "metadata",
];
pub(super) const MODEL: usize = 0;
pub(super) const STREAM: usize = 1;
pub(super) const STREAM_OPTIONS: usize = 2;
/// The members that cap output.
pub(super) const CAPS: Range<usize> = 3..6;
pub(super) const CHOICES: Range<usize> = 6..8;
pub(super) const FALLBACKS: usize = 8;
const MESSAGES: usize = 9;
const PROMPT: usize = 10;
const INPUT: usize = 11;
const USAGE: usize = 12;
const QUERY: usize = 13;
const DOCUMENTS: usize = 14;
const STREAM_FORMAT: usize = 15;
/// The members for which some vendors have other names.
pub(super) const RENAMED: Range<usize> = 16..18;
/// Members that are looked into where they are there.
pub(super) const TOOLS: usize = 18;
pub(super) const TOOL_CHOICE: usize = 19;
pub(super) const METADATA: usize = 20;

/// The model of a call that names none: what OpenAI takes it for. Elsewhere a model must be named.
pub(super) fn usual_model(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Moderations => Some("omni-moderation-latest"),
        Operation::ImageGeneration | Operation::ImageEdit | Operation::ImageVariation => Some("dall-e-2"),
        _ => None,
    }
}

/// The most that is taken of a few things that have no reason to be large.
pub(super) const MODEL_LIMIT: usize = 512;
const CHOICES_LIMIT: u32 = 128;
const FALLBACKS_LIMIT: usize = 16;

/// Reads a body as facts.
pub(super) fn decode(asked: &Asked, bytes: Bytes) -> Result<Call, Error> {
    let operation = asked.operation;
    if let Some(content_type) = &asked.content_type {
        return form::decode(asked, content_type, bytes);
    }
    let members = scan(&bytes, &KEYS).map_err(refused)?;
    let facts = Facts {
        bytes: &bytes,
        members: &members,
    };
    let model = facts.model(asked)?;
    facts.subject(operation)?;
    let mut caps = Caps::default();
    let (mut choices, mut wants_usage) = (1, false);
    if operation.generates() {
        for key in CAPS {
            facts.cap(key, &mut caps)?;
        }
        wants_usage = facts.wants_usage()?;
    }
    if operation.generates() || is_picture(operation) {
        choices = facts.choices()?;
    }
    if operation == Operation::Completions {
        choices = choices.saturating_mul(facts.prompts());
    }
    let stream = match operation {
        Operation::Speech => facts.read::<String>(STREAM_FORMAT, "`sse` or `audio`")?.as_deref() == Some("sse"),
        operation if operation.generates() || is_picture(operation) => facts.flag(STREAM)?,
        _ => false,
    };
    let fallbacks = facts.fallbacks()?;
    let size = bytes.len() as u64;
    Ok(Call {
        operation,
        dialect: DialectName::OpenAi,
        model,
        stream,
        form: StreamForm::Usual,
        caps,
        choices,
        fallbacks,
        wants_usage,
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

fn is_picture(operation: Operation) -> bool {
    matches!(operation, Operation::ImageGeneration | Operation::ImageEdit)
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
            .map_err(|_| wrong(KEYS[key], wanted))
    }

    /// A string, without a copy where nothing in it is escaped.
    fn text(&self, key: usize, wanted: &str) -> Result<Option<Cow<'_, str>>, Error> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = std::str::from_utf8(value).ok().filter(|text| text.starts_with('"'));
        let text = text.and_then(|text| Cursor::new(text).text().ok());
        text.map(Some).ok_or_else(|| wrong(KEYS[key], wanted))
    }

    fn model(&self, asked: &Asked) -> Result<ModelName, Error> {
        const WANTED: &str = "a string that names a model";
        let given = self.text(MODEL, WANTED)?;
        let model = given.as_deref().or(asked.model.as_deref());
        named(model.or_else(|| usual_model(asked.operation)))
    }

    /// What the operation works on must be there; what it looks like is for whoever reads it.
    fn subject(&self, operation: Operation) -> Result<(), Error> {
        let keys: &[usize] = match operation {
            Operation::Chat => &[MESSAGES],
            Operation::Completions | Operation::ImageGeneration => &[PROMPT],
            Operation::Embeddings | Operation::Moderations | Operation::Speech => &[INPUT],
            Operation::Rerank => &[QUERY, DOCUMENTS],
            // What is to be edited or heard may come in several ways, each vendor's own.
            Operation::ImageEdit | Operation::ImageVariation | Operation::Transcription | Operation::Translation => &[],
            other => {
                let message = format!("the operation {other} has no request body");
                return Err(Error::new(ErrorKind::UnsupportedOperation, message));
            }
        };
        for key in keys {
            match self.value(*key) {
                None => return Err(Error::invalid(KEYS[*key], format!("`{}` is missing", KEYS[*key]))),
                Some(value) if *key == MESSAGES && !value.starts_with(b"[") => {
                    return Err(wrong("messages", "an array of messages"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn flag(&self, key: usize) -> Result<bool, Error> {
        Ok(self.read(key, "true or false")?.unwrap_or(false))
    }

    fn cap(&self, key: usize, caps: &mut Caps) -> Result<(), Error> {
        if let Some(cap) = self.read::<u64>(key, "a whole number of tokens, 0 or more")? {
            caps.note(cap);
        }
        Ok(())
    }

    /// How many answers are made: `best_of` are made and billed even where `n` are returned.
    fn choices(&self) -> Result<u32, Error> {
        let mut choices = 1;
        for key in CHOICES {
            let wanted = "a whole number from 1 to 128";
            match self.read::<u32>(key, wanted)? {
                Some(count) if (1..=CHOICES_LIMIT).contains(&count) => choices = choices.max(count),
                Some(_) => return Err(wrong(KEYS[key], wanted)),
                None => {}
            }
        }
        Ok(choices)
    }

    /// How many prompts are answered, each with all its answers: a list of numbers is one prompt in tokens, any other list
    /// has several.
    fn prompts(&self) -> u32 {
        let Some(list) = self.value(PROMPT).filter(|value| value.starts_with(b"[")) else {
            return 1;
        };
        if serde_json::from_slice::<Vec<f64>>(list).is_ok() {
            return 1;
        }
        let count = serde_json::from_slice::<Vec<IgnoredAny>>(list).map_or(1, |prompts| prompts.len());
        u32::try_from(count.max(1)).unwrap_or(u32::MAX)
    }

    fn wants_usage(&self) -> Result<bool, Error> {
        // OpenRouter's way of asking is a member of its own; what else it may hold is for OpenRouter to judge.
        let router = self
            .value(USAGE)
            .and_then(|value| include(value, "include").ok().flatten());
        let Some(options) = self.value(STREAM_OPTIONS) else {
            return Ok(router == Some(true));
        };
        let asked = include(options, "include_usage")?;
        Ok(asked == Some(true) || router == Some(true))
    }

    fn fallbacks(&self) -> Result<Vec<ModelName>, Error> {
        const WANTED: &str = "an array of at most 16 model names";
        let names = self.read::<Vec<String>>(FALLBACKS, WANTED)?.unwrap_or_default();
        if names.len() > FALLBACKS_LIMIT {
            return Err(wrong("fallbacks", WANTED));
        }
        if let Some(i) = names
            .iter()
            .position(|name| name.is_empty() || name.len() > MODEL_LIMIT)
        {
            let field = format!("fallbacks[{i}]");
            return Err(wrong(&field, "a string of 1 to 512 bytes"));
        }
        Ok(names.into_iter().map(ModelName::from).collect())
    }
}

/// A flag within an object such as `stream_options`.
fn include(options: &[u8], flag: &str) -> Result<Option<bool>, Error> {
    let object = scan(options, &[flag]).map_err(|_| wrong("stream_options", "an object, its fields given once"))?;
    let Some(member) = object.find(0) else { return Ok(None) };
    match options.get(member.value.clone()) {
        Some(b"true") => Ok(Some(true)),
        Some(b"false") => Ok(Some(false)),
        Some(b"null") => Ok(None),
        _ => Err(wrong(&format!("stream_options.{flag}"), "true or false")),
    }
}

/// The model of a call.
pub(super) fn named(model: Option<&str>) -> Result<ModelName, Error> {
    let Some(model) = model else {
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

pub(super) fn wrong(field: &str, wanted: &str) -> Error {
    Error::invalid(field, format!("`{field}` must be {wanted}"))
}
