//! The frames of answers, the same for all kinds of documents: a page of a list, one document, a sentence.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::documents::Document;

/// That something was done.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Message {
    /// What, in a sentence.
    pub message: String,
}

impl Message {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// How a document is shown that needs nothing beside what is said of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}")]
pub struct Plainly<T> {
    /// What is said.
    #[serde(flatten)]
    pub said: T,
    /// Where it is from: `api`, or `file` and its path, which alone can change it then.
    pub origin: String,
    /// What is there and does not work (yet).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What the documents of a list, or one alone, are called in an answer, and how each is shown.
pub trait Framed {
    /// The field that holds one: `team`.
    const ONE: &'static str;
    /// The field that holds many: `teams`.
    const MANY: &'static str;
    /// How one is shown.
    type View: Serialize + JsonSchema;
}

impl<T: Document> Framed for T {
    const ONE: &'static str = <T as Document>::ONE;
    const MANY: &'static str = <T as Document>::MANY;
    type View = <T as Document>::View;
}

/// A page of a list, in the reference's frame: `{teams: […], count, total_count, limit, offset}`.
#[derive(Clone, Debug)]
pub struct List<T: Framed> {
    /// The page.
    pub page: Vec<T::View>,
    /// How many there are in all.
    pub total_count: usize,
    /// The most that a page was to hold.
    pub limit: usize,
    /// How many were skipped before.
    pub offset: usize,
}

impl<T: Framed> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut frame = out.serialize_map(Some(5))?;
        frame.serialize_entry(T::MANY, &self.page)?;
        frame.serialize_entry("count", &self.page.len())?;
        frame.serialize_entry("total_count", &self.total_count)?;
        frame.serialize_entry("limit", &self.limit)?;
        frame.serialize_entry("offset", &self.offset)?;
        frame.end()
    }
}

impl<T: Framed> JsonSchema for List<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}List", T::View::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let number = |words: &str| json_schema!({ "type": "integer", "minimum": 0, "description": words }).to_value();
        let mut properties = Map::new();
        let page = json_schema!({ "type": "array", "items": generator.subschema_for::<T::View>() });
        properties.insert(T::MANY.to_owned(), page.to_value());
        properties.insert("count".to_owned(), number("How many are on this page"));
        properties.insert("total_count".to_owned(), number("How many there are in all"));
        properties.insert("limit".to_owned(), number("The most that a page was to hold"));
        properties.insert("offset".to_owned(), number("How many were skipped before"));
        framed(&properties, &[T::MANY, "count", "total_count", "limit", "offset"])
    }
}

/// One document: `{team: {…}}`; where it was changed, with what was done and what of it does not act.
#[derive(Clone, Debug)]
pub struct One<T: Framed> {
    /// The document.
    pub shown: T::View,
    /// What was done.
    pub message: Option<String>,
    /// What was sent and does not act, or not yet.
    pub warnings: Vec<String>,
}

impl<T: Framed> One<T> {
    pub(super) const fn of(shown: T::View) -> Self {
        Self {
            shown,
            message: None,
            warnings: Vec::new(),
        }
    }
}

impl<T: Framed> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut frame = out.serialize_map(None)?;
        frame.serialize_entry(T::ONE, &self.shown)?;
        if let Some(message) = &self.message {
            frame.serialize_entry("message", message)?;
        }
        if !self.warnings.is_empty() {
            frame.serialize_entry("warnings", &self.warnings)?;
        }
        frame.end()
    }
}

impl<T: Framed> JsonSchema for One<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Answer", T::View::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        properties.insert(T::ONE.to_owned(), generator.subschema_for::<T::View>().to_value());
        properties.insert(
            "message".to_owned(),
            json_schema!({ "type": "string", "description": "What was done, where something was" }).to_value(),
        );
        properties.insert(
            "warnings".to_owned(),
            json_schema!({ "type": "array", "items": { "type": "string" },
                "description": "What was sent and does not act, or not yet" })
            .to_value(),
        );
        framed(&properties, &[T::ONE])
    }
}

fn framed(properties: &Map<String, Value>, required: &[&str]) -> Schema {
    json_schema!({ "type": "object", "properties": properties, "required": required })
}
