//! Arguments of a call that come in pieces ("PartialArg" in Google's "Vertex AI API reference"): each piece says where in the
//! arguments it belongs, by a JSON path, and is a value or a further stretch of a text.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A piece.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Piece {
    json_path: String,
    string_value: Option<String>,
    number_value: Option<serde_json::Number>,
    bool_value: Option<bool>,
    null_value: Option<Value>,
}

/// Where a step of a path leads.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Place(usize),
}

/// Arguments have no reason to be deeper.
const DEPTH: usize = 64;

/// Puts pieces into the arguments. What is no piece is left out.
pub(super) fn add(pieces: &str, arguments: &mut Value) {
    let pieces: Vec<Piece> = serde_json::from_str(pieces).unwrap_or_default();
    for piece in pieces {
        let Some(steps) = steps(&piece.json_path) else { continue };
        let Some(place) = steps.iter().try_fold(&mut *arguments, descend) else {
            continue;
        };
        match (&mut *place, piece.string_value) {
            (Value::String(text), Some(more)) => text.push_str(&more),
            (_, Some(text)) => *place = Value::String(text),
            (_, None) => {
                let number = piece.number_value.map(Value::Number);
                let value = number.or_else(|| piece.bool_value.map(Value::Bool));
                let null = piece.null_value.map(|_| Value::Null);
                if let Some(value) = value.or(null) {
                    *place = value;
                }
            }
        }
    }
}

fn descend<'v>(at: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match step {
        Step::Key(key) => {
            if at.is_null() {
                *at = Value::Object(Map::new());
            }
            Some(at.as_object_mut()?.entry(key.as_str()).or_insert(Value::Null))
        }
        Step::Place(place) => {
            if at.is_null() {
                *at = Value::Array(Vec::new());
            }
            let items = at.as_array_mut()?;
            // Lists come in order; a gap would be as long as somebody says.
            if *place == items.len() {
                items.push(Value::Null);
            }
            items.get_mut(*place)
        }
    }
}

/// The steps of a path: `$.a.b[0]['c d']`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() == DEPTH {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = match inner.chars().next()? {
                quote @ ('\'' | '"') => {
                    let (key, after) = inner[1..].split_once(quote)?;
                    (Step::Key(key.to_owned()), after.strip_prefix(']')?)
                }
                _ => {
                    let (place, after) = inner.split_once(']')?;
                    (Step::Place(place.parse().ok()?), after)
                }
            };
            steps.push(step);
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix('.').unwrap_or(rest);
        let end = inner.find(['.', '[']).unwrap_or(inner.len());
        if end == 0 {
            return None;
        }
        steps.push(Step::Key(inner[..end].to_owned()));
        rest = &inner[end..];
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_together() {
        let mut arguments = Value::Null;
        for pieces in [
            r#"[{"jsonPath":"$.city","stringValue":"Par","willContinue":true}]"#,
            r#"[{"jsonPath":"$.city","stringValue":"is"},{"jsonPath":"$.days[0]","boolValue":true}]"#,
            r#"[{"jsonPath":"$.days[1].n","numberValue":2.5},{"jsonPath":"$['a b']","nullValue":"NULL_VALUE"}]"#,
        ] {
            add(pieces, &mut arguments);
        }
        let expected = serde_json::json!({"city": "Paris", "days": [true, {"n": 2.5}], "a b": null});
        assert_eq!(arguments, expected);
    }

    #[test]
    fn what_leads_nowhere_is_left_out() {
        let mut arguments = serde_json::json!({"a": 1});
        for path in ["$.a.b", "$.a[0]", "$[", "$.", "$..x", "$.l[99999999]", "$['a"] {
            add(
                &format!(r#"[{{"jsonPath":"{path}","stringValue":"x"}}]"#),
                &mut arguments,
            );
        }
        add(
            &format!(r#"[{{"jsonPath":"${}","stringValue":"x"}}]"#, ".a".repeat(100_000)),
            &mut Value::Null,
        );
        add("{}", &mut arguments);
        assert_eq!(arguments["a"], 1);
    }
}
