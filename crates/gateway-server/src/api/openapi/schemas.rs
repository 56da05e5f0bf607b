//! The schemas of all types, each under its name once. What is sent and what is answered can differ for one type (a field
//! that may be left out is always answered): where it does, what is sent is called `…Input`.

use std::collections::BTreeSet;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::api::doc::Make;

const GIVEN: &str = "#/components/schemas/";
/// Where references to what is sent point until [`Schemas::finish`] knows their names.
const TAKEN: &str = "#/taken/";

/// Collects schemas while the document is written.
pub(super) struct Schemas {
    given: SchemaGenerator,
    taken: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = |place: &str| {
            let place = place.trim_start_matches('#').trim_end_matches('/').to_owned();
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = place.into();
                settings.meta_schema = None;
            })
        };
        Self {
            given: settings(GIVEN).for_serialize().into_generator(),
            taken: settings(TAKEN).for_deserialize().into_generator(),
        }
    }

    /// The schema of what is answered.
    pub(super) fn given(&mut self, make: Make) -> Value {
        make(&mut self.given).to_value()
    }

    /// The schema of what is sent.
    pub(super) fn taken(&mut self, make: Make) -> Value {
        make(&mut self.taken).to_value()
    }

    /// The parameters that an object's properties stand for.
    pub(super) fn parameters(&mut self, make: Make) -> Vec<Value> {
        let schema = self.taken(make);
        let named = schema["$ref"].as_str().and_then(|name| name.strip_prefix(TAKEN));
        let object = match named {
            Some(name) => self.taken.definitions_mut().remove(name).unwrap_or_default(),
            None => schema,
        };
        let properties = object["properties"].as_object().cloned().unwrap_or_default();
        let required = object["required"].as_array().cloned().unwrap_or_default();
        let parameter = |(name, mut schema): (String, Value)| {
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let required = required.contains(&json!(name));
            let mut parameter = json!({ "name": name, "in": "query", "required": required, "schema": schema });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter
        };
        properties.into_iter().map(parameter).collect()
    }

    /// All schemas by name, once `rest`, the rest of the document, refers to them by it.
    pub(super) fn finish(mut self, rest: &mut Value) -> Map<String, Value> {
        let mut all = self.given.take_definitions(true);
        let mut taken = self.taken.take_definitions(true);
        let differing = differing(&all, &taken);
        let place = |name: &str| {
            let suffix = if differing.contains(name) { "Input" } else { "" };
            format!("{GIVEN}{name}{suffix}")
        };
        each_reference(rest, &|reference| reference.strip_prefix(TAKEN).map(place));
        for (name, mut schema) in std::mem::take(&mut taken) {
            each_reference(&mut schema, &|reference| reference.strip_prefix(TAKEN).map(place));
            all.insert(place(&name)[GIVEN.len()..].to_owned(), schema);
        }
        all
    }
}

/// The names under which something else is sent than answered, or that refer to such.
fn differing(given: &Map<String, Value>, taken: &Map<String, Value>) -> BTreeSet<String> {
    let mut differing = BTreeSet::new();
    loop {
        let differs = |name: &str, schema: &Value| {
            let mut as_given = schema.clone();
            each_reference(&mut as_given, &|reference| {
                let name = reference.strip_prefix(TAKEN)?;
                let suffix = if differing.contains(name) { "Input" } else { "" };
                Some(format!("{GIVEN}{name}{suffix}"))
            });
            given.get(name).is_some_and(|given| *given != as_given)
        };
        let more: Vec<String> = taken
            .iter()
            .filter(|(name, schema)| !differing.contains(*name) && differs(name, schema))
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return differing;
        }
        differing.extend(more);
    }
}

/// Puts other references in the place of those for which there are any.
fn each_reference(schema: &mut Value, other: &impl Fn(&str) -> Option<String>) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(reference) if name == "$ref" => {
                        if let Some(other) = other(reference) {
                            *reference = other;
                        }
                    }
                    member => each_reference(member, other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, other)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;

    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
    struct Inner {
        #[serde(default)]
        count: u64,
    }

    #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
    struct Outer {
        inner: Inner,
    }

    #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
    struct Plain {
        name: String,
    }

    #[test]
    fn what_is_sent_has_a_name_of_its_own_only_where_it_differs() {
        let mut schemas = Schemas::new();
        let mut rest = json!([
            schemas.given(|generator| generator.subschema_for::<(Outer, Plain)>()),
            schemas.taken(|generator| generator.subschema_for::<(Outer, Plain)>()),
        ]);
        let all = schemas.finish(&mut rest);
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        assert_eq!(names, ["Inner", "InnerInput", "Outer", "OuterInput", "Plain"]);
        assert_eq!(
            all["OuterInput"]["properties"]["inner"]["$ref"],
            "#/components/schemas/InnerInput"
        );
        assert_eq!(all["Inner"]["required"], json!(["count"]));
        assert!(!json!([all, rest]).to_string().contains(TAKEN));
        assert!(rest.to_string().contains("schemas/OuterInput"));
    }
}
