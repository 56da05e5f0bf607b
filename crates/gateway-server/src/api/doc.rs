//! What the API's document says of a route: said beside the route, in the table, so that neither is there without the
//! other.

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// What a route is for, what it takes and what it gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doc {
    /// In a few words: `Lists teams`.
    pub(crate) summary: &'static str,
    /// What a caller has to know beyond that.
    pub(crate) details: &'static str,
    /// The query parameters: the properties of an object.
    pub(crate) query: Option<Make>,
    /// The body.
    pub(crate) takes: Option<Make>,
    /// Whether it cannot be left out.
    pub(crate) needs_body: bool,
    /// The answer.
    pub(crate) gives: Gives,
}

/// Makes the schema of a type, and of those that it is made of.
pub(crate) type Make = fn(&mut SchemaGenerator) -> Schema;

/// What a body is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gives {
    /// JSON of that type.
    Json(Make),
    /// Anything else, by its media types.
    Other(&'static [&'static str]),
    /// What the inference API gives, errors included.
    Inference,
}

impl Doc {
    /// A route that takes nothing and gives some JSON object.
    pub(crate) const fn of(summary: &'static str) -> Self {
        Self {
            summary,
            details: "",
            query: None,
            takes: None,
            needs_body: false,
            gives: Gives::Json(any_object),
        }
    }

    /// What a caller has to know beyond the summary.
    pub(crate) const fn details(mut self, details: &'static str) -> Self {
        self.details = details;
        self
    }

    /// The query parameters: `Q` is a struct, and each of its fields a parameter.
    pub(crate) const fn query<Q: JsonSchema>(mut self) -> Self {
        self.query = Some(schema_of::<Q>);
        self
    }

    /// The body is JSON of that type.
    pub(crate) const fn takes<T: JsonSchema>(mut self) -> Self {
        self.needs_body = true;
        self.may_take::<T>()
    }

    /// The body is JSON of that type, or nothing.
    pub(crate) const fn may_take<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(schema_of::<T>);
        self
    }

    /// The answer is JSON of that type.
    pub(crate) const fn gives<T: JsonSchema>(mut self) -> Self {
        self.gives = Gives::Json(schema_of::<T>);
        self
    }

    /// Answers and errors are those of the inference API.
    pub(crate) const fn as_inference(mut self) -> Self {
        self.gives = Gives::Inference;
        self
    }

    /// The answer is something else than JSON, of one of these media types.
    pub(crate) const fn gives_other(mut self, media_types: &'static [&'static str]) -> Self {
        self.gives = Gives::Other(media_types);
        self
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "object" })
}
