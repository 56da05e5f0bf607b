//! The form of the answer: a schema where the API enforces it, an instruction where it cannot.

use gateway_types::chat::Format;
use gateway_types::loss::Loss;
use serde_json::Value;
use serde_json::value::RawValue;

use super::wire::{Block, OutputFormat};

/// Where the source has it.
const FIELD: &str = "response_format";

/// What becomes of schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schemas {
    /// They are in the API's own words, and said as they are.
    Own,
    /// The model enforces those that it can.
    Enforced,
    /// The model is asked.
    Asked,
}

/// Says the form of the answer: as a field, or as more system text.
pub(super) fn form<'a>(
    format: Option<&'a Format>,
    schemas: Schemas,
    system: &mut Vec<Block<'a>>,
    losses: &mut Vec<Loss>,
) -> Option<OutputFormat<'a>> {
    match format? {
        Format::Text => None,
        Format::Json => {
            losses.push(Loss::emulated(FIELD, "asked for in the system prompt"));
            system.push(Block::plain(
                "Answer with one JSON object and nothing else: no other words, no code fence.",
            ));
            None
        }
        Format::Schema { schema, .. } if schemas == Schemas::Own => Some(OutputFormat {
            kind: "json_schema",
            schema,
        }),
        Format::Schema {
            schema, description, ..
        } if schemas == Schemas::Enforced && is_enforceable(schema) => {
            if description.is_some() {
                let field = format!("{FIELD}.json_schema.description");
                losses.push(Loss::dropped(field, "describe it in the schema"));
            }
            Some(OutputFormat {
                kind: "json_schema",
                schema,
            })
        }
        Format::Schema {
            schema, description, ..
        } => {
            losses.push(Loss::emulated(FIELD, "asked for in the system prompt, not enforced"));
            let what = description
                .as_deref()
                .map(|what| format!(" ({what})"))
                .unwrap_or_default();
            system.push(Block::plain(format!(
                "Answer with one JSON value{what} and nothing else: no other words, no code fence. It must match this JSON Schema: {}",
                schema.get()
            )));
            None
        }
    }
}

/// Keywords that the API refuses in a schema that it is to enforce.
const REFUSED: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "oneOf",
    "not",
    "if",
];

/// Whether the API can enforce a schema: all objects closed, and only the keywords that it knows.
pub(crate) fn is_enforceable(schema: &RawValue) -> bool {
    serde_json::from_str::<Value>(schema.get()).is_ok_and(|schema| schema.is_object() && enforceable(&schema))
}

fn enforceable(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else { return true };
    let open = members.get("additionalProperties") != Some(&Value::Bool(false));
    let is_object = members.get("type").is_some_and(|kind| kind == "object") || members.contains_key("properties");
    if is_object && open || members.keys().any(|key| REFUSED.contains(&key.as_str())) {
        return false;
    }
    if members
        .get("minItems")
        .is_some_and(|least| least.as_u64().is_none_or(|least| least > 1))
    {
        return false;
    }
    members.iter().all(|(key, value)| match (key.as_str(), value) {
        // Maps of names to schemas: the names are no keywords.
        ("properties" | "$defs" | "definitions", Value::Object(named)) => named.values().all(enforceable),
        ("anyOf" | "allOf", Value::Array(several)) => several.iter().all(enforceable),
        ("items", one) => enforceable(one),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &str, expected: bool) {
        let schema: Box<RawValue> = serde_json::from_str(schema).unwrap();
        assert_eq!(is_enforceable(&schema), expected, "{schema}");
    }

    #[test]
    fn closed_schemas_of_known_keywords_are_enforced() {
        check(
            r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
            true,
        );
        check(
            r#"{"type":"object","properties":{"minimum":{"type":"number"}},"additionalProperties":false}"#,
            true,
        );
        check(r#"{"type":"object","properties":{"a":{"type":"string"}}}"#, false);
        check(r#"{"type":"array","items":{"type":"object","properties":{}}}"#, false);
        check(
            r#"{"type":"object","properties":{"a":{"type":"number","minimum":1}},"additionalProperties":false}"#,
            false,
        );
        check(r#"{"type":"array","minItems":2}"#, false);
        check("true", false);
    }
}
