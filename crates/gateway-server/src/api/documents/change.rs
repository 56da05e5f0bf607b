//! What may be sent of a document: the type of the settings as its schema, with what the gateway makes of a body.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A change of a document that the settings keep as a `T`. What is not said stays, null removes: nothing has to be there.
pub(crate) struct Change<T>(PhantomData<T>);

/// What the gateway fills in itself.
const FILLED_IN: [&str; 4] = ["value_hash", "value_hint", "guessable", "previous"];

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn schema_name() -> Cow<'static, str> {
        let name = T::schema_name();
        format!("{}Change", name.strip_suffix("Settings").unwrap_or(&name)).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return schema;
        };
        properties.retain(|field, _| !FILLED_IN.contains(&field.as_str()));
        properties.values_mut().for_each(may_be_null);
        if let Some(budgets) = properties.get("budgets") {
            let one = budgets.get("items").cloned().unwrap_or_default();
            add_short_forms(properties, &one);
        }
        if T::schema_name() == "VirtualKeySettings" {
            let words = "Whether all budgets of the key, of its entries and by model begin anew.";
            properties.insert(
                "reset_budget_usage".to_owned(),
                json!({ "type": ["boolean", "null"], "description": words }),
            );
        }
        schema.remove("required");
        schema
    }
}

/// What may be said instead of a list of budgets, and for all of it.
fn add_short_forms(properties: &mut Map<String, Value>, budget: &Value) {
    let words = "Instead of `budgets`: the first of them, of which what is not said stays; `{}` or null removes all.";
    let single = json!({ "anyOf": [budget, { "type": "object", "maxProperties": 0 }, { "type": "null" }], "description": words });
    properties.insert("budget".to_owned(), single);
    let words = "For every budget and the rate limit that do not say otherwise.";
    properties.insert(
        "calendar_aligned".to_owned(),
        json!({ "type": ["boolean", "null"], "description": words }),
    );
}

fn may_be_null(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    fields.remove("default");
    match fields.get_mut("type") {
        Some(Value::String(kind)) => {
            let kind = std::mem::take(kind);
            fields.insert("type".to_owned(), json!([kind, "null"]));
        }
        Some(Value::Array(kinds)) if !kinds.contains(&json!("null")) => kinds.push(json!("null")),
        Some(_) => {}
        None => {
            let description = fields.remove("description");
            let mut either = match fields.remove("anyOf") {
                Some(Value::Array(either)) => either,
                _ => vec![Value::Object(std::mem::take(fields))],
            };
            if !either.contains(&json!({ "type": "null" })) {
                either.push(json!({ "type": "null" }));
            }
            fields.insert("anyOf".to_owned(), Value::Array(either));
            fields.extend(description.map(|words| ("description".to_owned(), words)));
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway::settings::TeamSettings;

    use super::*;

    #[test]
    fn nothing_has_to_be_said_and_null_removes() {
        let schema = Change::<TeamSettings>::json_schema(&mut SchemaGenerator::default()).to_value();
        assert_eq!(Change::<TeamSettings>::schema_name(), "TeamChange");
        assert_eq!(schema.get("required"), None, "{schema}");
        let fields = &schema["properties"];
        assert_eq!(fields["name"]["type"], json!(["string", "null"]));
        assert_eq!(fields["budgets"]["type"], json!(["array", "null"]));
        let rate_limit = fields["rate_limit"]["anyOf"].as_array().unwrap();
        assert_eq!(rate_limit.iter().filter(|kind| kind["type"] == "null").count(), 1);
        assert!(
            fields["budget"].is_object() && fields["calendar_aligned"].is_object(),
            "{fields}"
        );
    }
}
