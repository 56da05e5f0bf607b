//! Google's own schemas ("Schema" in the "Gemini API reference": OpenAPI 3.0, types in capitals) as JSON Schema, which
//! everybody else reads. The other way is not needed: the API takes JSON Schema under members of its own.

use serde_json::value::RawValue;

use super::keys;
use super::tree::{Json, Object};
use crate::json::{Fault, parse};

/// A schema as JSON Schema. One that is JSON Schema already stays as it is.
pub(super) fn to_json(raw: &RawValue) -> Result<Box<RawValue>, Fault> {
    Ok(schema(raw)?.to_raw())
}

fn schema(raw: &RawValue) -> Result<Object<'_>, Fault> {
    let members = keys::members(raw)?;
    let nullable = members
        .pairs()
        .any(|(key, value)| key == "nullable" && value.get() == "true");
    let typed = members.pairs().any(|(key, _)| key == "type");
    let mut out = Object::new();
    for (key, value) in members
        .pairs()
        .filter(|(key, value)| value.get() != "null" || *key == "default")
    {
        let (name, said) = match key {
            "type" => ("type", kind(value, nullable)?),
            // Where there is no type, there is nothing that could be null beside it.
            "nullable" if typed => continue,
            "enum" if nullable => ("enum", with_null(value)?),
            // Says only that there is an `enum`.
            "format" if value.get() == "\"enum\"" => continue,
            "example" => ("examples", Json::Array(vec![value.into()])),
            "items" => ("items", schema(value).map_err(|fault| fault.under(key))?.into()),
            "properties" => ("properties", named(value).map_err(|fault| fault.under(key))?.into()),
            "defs" | "$defs" => ("$defs", named(value).map_err(|fault| fault.under(key))?.into()),
            "ref" => ("$ref", reference(value)?),
            "anyOf" => ("anyOf", several(value).map_err(|fault| fault.under(key))?),
            "additionalProperties" if value.get().starts_with('{') => (key, schema(value)?.into()),
            "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties" | "maxProperties" => {
                // Google writes numbers of 64 bits as text.
                (key, keys::whole(value.get()).map_or_else(|| value.into(), Json::from))
            }
            _ => (key, value.into()),
        };
        out.push(name.to_owned(), said);
    }
    Ok(out)
}

/// The type in small letters, beside `null` where that is allowed. A number is the place in Google's list of types.
fn kind<'a>(raw: &'a RawValue, nullable: bool) -> Result<Json<'a>, Fault> {
    const KINDS: [&str; 8] = ["", "string", "number", "integer", "boolean", "array", "object", "null"];
    let word = match keys::whole(raw.get()).and_then(|place| KINDS.get(usize::try_from(place).ok()?)) {
        Some(word) => (*word).to_owned(),
        None if raw.get().starts_with('"') => parse::<String>(raw)
            .map_err(|fault| fault.under("type"))?
            .to_ascii_lowercase(),
        // A list of types, as JSON Schema has it.
        None => return Ok(raw.into()),
    };
    Ok(match nullable && word != "null" {
        true => Json::Array(vec![word.into(), "null".into()]),
        false => word.into(),
    })
}

fn with_null(raw: &RawValue) -> Result<Json<'_>, Fault> {
    let mut values: Vec<&RawValue> = parse(raw).map_err(|fault| fault.under("enum"))?;
    values.retain(|value| value.get() != "null");
    let null: Json<'_> = Json::Raw(std::borrow::Cow::Owned(RawValue::NULL.to_owned()));
    Ok(values.into_iter().map(Json::from).chain([null]).collect())
}

fn reference(raw: &RawValue) -> Result<Json<'_>, Fault> {
    let to: String = parse(raw).map_err(|fault| fault.under("ref"))?;
    Ok(match to.strip_prefix("#/defs/") {
        Some(name) => format!("#/$defs/{name}").into(),
        None => to.into(),
    })
}

fn named(raw: &RawValue) -> Result<Object<'_>, Fault> {
    let members = crate::json::Members::of(raw)?;
    let mut out = Object::new();
    for (name, value) in members.pairs() {
        let inner = schema(value).map_err(|fault| fault.under(name))?;
        out.push(name.to_owned(), inner);
    }
    Ok(out)
}

fn several(raw: &RawValue) -> Result<Json<'_>, Fault> {
    let items: Vec<&RawValue> = parse(raw)?;
    items
        .into_iter()
        .map(|raw| Ok(schema(raw)?.into()))
        .collect::<Result<Vec<_>, Fault>>()
        .map(Json::Array)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(google: &str, expected: &str) {
        let raw: Box<RawValue> = serde_json::from_str(google).unwrap();
        assert_eq!(to_json(&raw).unwrap().get(), expected, "{google}");
    }

    #[test]
    fn schemas_are_said_as_json_schema_and_in_their_order() {
        check(
            r#"{"type":"OBJECT","properties":{"b":{"type":"STRING","nullable":true,"enum":["x"],"format":"enum"},"a":{"type":"INTEGER","format":"int32"}},"required":["b"],"property_ordering":["b","a"]}"#,
            r#"{"type":"object","properties":{"b":{"type":["string","null"],"enum":["x",null]},"a":{"type":"integer","format":"int32"}},"required":["b"],"propertyOrdering":["b","a"]}"#,
        );
        check(
            r##"{"any_of":[{"type":5,"items":{"type":"NUMBER"},"min_items":"2"},{"ref":"#/defs/T"}],"nullable":true,"defs":{"T":{"type":"NULL"}},"example":1}"##,
            r##"{"anyOf":[{"type":"array","items":{"type":"number"},"minItems":2},{"$ref":"#/$defs/T"}],"nullable":true,"$defs":{"T":{"type":"null"}},"examples":[1]}"##,
        );
    }

    #[test]
    fn what_is_json_schema_already_stays_as_it_is() {
        let schema = r##"{"type":["string","null"],"title":"T","$defs":{"a_b":{"type":"object","additionalProperties":false}},"const":1.50,"default":null}"##;
        check(schema, schema);
    }
}
