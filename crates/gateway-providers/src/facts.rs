//! What the gateway acts on in a client's JSON body: found by the scanner and checked, without a tree.

use bytes::Bytes;
use gateway_types::call::Body;
use gateway_types::json::{Member, Object, ScanError, scan};
use gateway_types::{Call, Caps, DialectName, Error, ErrorKind, ModelName, Operation, StreamForm};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The most that is taken of a few things that have no reason to be large.
const MODEL_LIMIT: usize = 512;
const FALLBACKS_LIMIT: usize = 16;

/// The members that a dialect acts on: what a scan is asked for, by name.
pub(crate) type Keys = &'static [&'static str];

/// Where a member stands in the body of a call that was decoded with those keys.
pub(crate) fn member<'a>(call: &'a Call, keys: Keys, name: &str) -> Option<&'a Member> {
    let key = keys.iter().position(|key| *key == name)?;
    call.body.members.find(key)
}

/// The text of a member of a call; `null` counts as absent.
pub(crate) fn value<'a>(call: &'a Call, keys: Keys, name: &str) -> Option<&'a [u8]> {
    let value = call.body.bytes.get(member(call, keys, name)?.value.clone())?;
    (value != b"null").then_some(value)
}

/// A body and the map of it.
#[derive(Debug)]
pub(crate) struct Facts {
    keys: Keys,
    bytes: Bytes,
    members: Object,
}

impl Facts {
    /// Scans a body, checking all of it.
    pub(crate) fn of(bytes: Bytes, keys: Keys) -> Result<Self, Error> {
        let members = scan(&bytes, keys).map_err(|error| {
            let message = error.to_string();
            match error {
                ScanError::Duplicate(key) => Error::invalid(key, message),
                _ => Error::new(ErrorKind::Invalid, message),
            }
        })?;
        Ok(Self { keys, bytes, members })
    }

    /// The text of a value; `null` counts as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        let key = self.keys.iter().position(|key| *key == name)?;
        let value = self.bytes.get(self.members.find(key)?.value.clone())?;
        (value != b"null").then_some(value)
    }

    /// A value, if it is there; `wanted` says what it must be.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str, wanted: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        serde_json::from_slice(value).map(Some).map_err(|_| wrong(name, wanted))
    }

    /// `stream`, or what it is where nothing is said.
    pub(crate) fn stream(&self, unsaid: bool) -> Result<bool, Error> {
        Ok(self.read("stream", "true or false")?.unwrap_or(unsaid))
    }

    /// An array that must be there; what stands in it is for whoever reads it.
    pub(crate) fn array(&self, name: &str) -> Result<(), Error> {
        match self.value(name) {
            None => Err(Error::invalid(name, format!("`{name}` is missing"))),
            Some(value) if !value.starts_with(b"[") => Err(wrong(name, "an array")),
            Some(_) => Ok(()),
        }
    }

    fn model(&self) -> Result<ModelName, Error> {
        const WANTED: &str = "a string that names a model";
        let Some(model) = self.read::<String>("model", WANTED)? else {
            return Err(Error::invalid(
                "model",
                format!("`model` is missing; it must be {WANTED}"),
            ));
        };
        if model.is_empty() || model.len() > MODEL_LIMIT {
            return Err(wrong("model", "a string of 1 to 512 bytes"));
        }
        Ok(ModelName::from(model))
    }

    /// Names of models. Anthropic's own are objects that name one, or `"default"`, which names none: those that are named are
    /// taken as the gateway's, so that none is reached that the caller may not use.
    fn fallbacks(&self) -> Result<Vec<ModelName>, Error> {
        const WANTED: &str = "an array of at most 16 model names";
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Named {
            Name(String),
            Model { model: String },
        }
        if self.value("fallbacks") == Some(b"\"default\"") {
            return Ok(Vec::new());
        }
        let named = self.read::<Vec<Named>>("fallbacks", WANTED)?.unwrap_or_default();
        if named.len() > FALLBACKS_LIMIT {
            return Err(wrong("fallbacks", WANTED));
        }
        let names = named
            .into_iter()
            .map(|(Named::Name(name) | Named::Model { model: name })| name);
        let names: Vec<String> = names.collect();
        match names
            .iter()
            .position(|name| name.is_empty() || name.len() > MODEL_LIMIT)
        {
            Some(i) => Err(wrong(&format!("fallbacks[{i}]"), "a string of 1 to 512 bytes")),
            None => Ok(names.into_iter().map(ModelName::from).collect()),
        }
    }

    /// The call: one answer, in a stream or not, that reports what it used.
    pub(crate) fn call(
        self,
        dialect: DialectName,
        operation: Operation,
        stream: bool,
        caps: Caps,
    ) -> Result<Call, Error> {
        let model = self.model()?;
        self.named(model, dialect, operation, stream, caps)
    }

    /// The same for a model that is not named in the body.
    pub(crate) fn named(
        self,
        model: ModelName,
        dialect: DialectName,
        operation: Operation,
        stream: bool,
        caps: Caps,
    ) -> Result<Call, Error> {
        let fallbacks = self.fallbacks()?;
        let size = self.bytes.len() as u64;
        Ok(Call {
            operation,
            dialect,
            model,
            stream,
            form: StreamForm::Usual,
            caps,
            choices: 1,
            fallbacks,
            wants_usage: true,
            // Text and inline media cannot be more tokens than bytes. Media at an address can: nothing here bounds them.
            input_bound: size,
            input_estimate: size.div_ceil(4),
            body: Body {
                bytes: self.bytes,
                content_type: None,
                members: self.members,
            },
        })
    }
}

/// The error for a field that is not what it must be.
pub(crate) fn wrong(field: &str, wanted: &str) -> Error {
    Error::invalid(field, format!("`{field}` must be {wanted}"))
}
