//! What differs between two states of a document, field by field, and what of either may be shown.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::seal::{self, Vault};
use crate::ports::audit;
use crate::ports::settings::Edit;

/// The most changed fields that are told.
const MOST: usize = 200;

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    /// There was none before.
    Created,
    /// It says something else.
    Changed,
    /// There is none any more.
    Deleted,
}

/// A document that a revision changed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditName {
    /// What it is: `provider`, `virtual_key`, `client`, …
    pub section: String,
    /// Which one.
    pub name: String,
    /// What happened to it.
    pub change: ChangeWord,
}

/// A document that a revision changed, with both of its states.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
pub struct ShownEdit {
    /// Which document, and what happened to it.
    #[serde(flatten)]
    pub edit: EditName,
    /// What it said, secrets covered; null where there was none.
    pub before: Value,
    /// What it says now, secrets covered; null where there is none.
    pub after: Value,
    /// The fields that differ: at most 200.
    pub fields: Vec<FieldChange>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FieldChange {
    /// Its path: `network_config.base_url`, `keys[0].weight`.
    pub path: String,
    /// What it said; null where it said nothing, and for secrets.
    pub before: Value,
    /// What it says now; null where it says nothing, and for secrets.
    pub after: Value,
    /// Whether it is a secret, of which only this is told: that it changed.
    pub secret: bool,
}

impl EditName {
    pub(super) fn of(edit: &Edit) -> Self {
        let change = match (&edit.before, &edit.after) {
            (None, _) => ChangeWord::Created,
            (_, None) => ChangeWord::Deleted,
            _ => ChangeWord::Changed,
        };
        Self {
            section: edit.section.clone(),
            name: audit::name(edit).to_owned(),
            change,
        }
    }
}

impl ShownEdit {
    pub(super) fn of(edit: &Edit, vault: &Vault) -> Self {
        let (before, after) = (without_version(&edit.before), without_version(&edit.after));
        let shown = |body: &Option<Value>| body.as_ref().map(masked).unwrap_or_default();
        let fields = |body: &Option<Value>| body.clone().unwrap_or_else(|| json!({}));
        Self {
            edit: EditName::of(edit),
            fields: changed_fields(&fields(&before), &fields(&after), vault),
            before: shown(&before),
            after: shown(&after),
        }
    }
}

/// A body without the number of its format, which is the store's own business.
fn without_version(body: &Option<Value>) -> Option<Value> {
    let mut body = body.clone();
    if let Some(Value::Object(fields)) = &mut body {
        fields.remove("v");
    }
    body
}

/// The fields that differ, in the order of their paths. A sealed value differs from another only if it opens to something
/// else: the same secret is sealed anew each time.
pub(super) fn changed_fields(before: &Value, after: &Value, vault: &Vault) -> Vec<FieldChange> {
    let mut found = Vec::new();
    compare(before, after, vault, &mut String::new(), &mut found);
    found
}

fn compare(before: &Value, after: &Value, vault: &Vault, path: &mut String, found: &mut Vec<FieldChange>) {
    if found.len() >= MOST || before == after {
        return;
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                compare(&of(before), &of(after), vault, path, found);
                path.truncate(length);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (place, (before, after)) in before.iter().zip(after).enumerate() {
                let length = path.len();
                path.push_str(&format!("[{place}]"));
                compare(before, after, vault, path, found);
                path.truncate(length);
            }
        }
        (Value::String(before), Value::String(after)) if both_open_alike(before, after, vault) => {}
        _ => found.push(FieldChange::at(path, before, after)),
    }
}

impl FieldChange {
    fn at(path: &str, before: &Value, after: &Value) -> Self {
        let field = path.rsplit('.').next().unwrap_or(path);
        let secret = is_secret(field, before) || is_secret(field, after);
        let shown = |value: &Value| if secret { Value::Null } else { masked(value) };
        Self {
            path: path.to_owned(),
            before: shown(before),
            after: shown(after),
            secret,
        }
    }
}

fn both_open_alike(before: &str, after: &str, vault: &Vault) -> bool {
    is_sealed(before)
        && is_sealed(after)
        && matches!((vault.open(before), vault.open(after)), (Ok(one), Ok(other)) if one == other)
}

fn is_sealed(text: &str) -> bool {
    text.starts_with(seal::PREFIX)
}

fn is_hash(field: &str) -> bool {
    field == "hash" || field.ends_with("_hash")
}

fn is_secret(field: &str, value: &Value) -> bool {
    value.as_str().is_some_and(|text| is_hash(field) || is_sealed(text))
}

/// A body without what stands in it of secrets: sealed values and hashes.
pub(super) fn masked(body: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let mask = |(name, value): (&String, &Value)| {
                let hash = is_hash(name) && value.is_string();
                let value = if hash { json!("(hash)") } else { masked(value) };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(mask).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        Value::String(text) if is_sealed(text) => json!("(sealed)"),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_to_have_changed_and_not_shown() {
        let vault = Vault::new(&[3; 32]);
        let edit = |value: &str, weight: u32| json!({ "v": 1, "keys": [{ "value": vault.seal(value), "weight": weight }], "value_hash": value });
        let edit = Edit {
            section: "provider".into(),
            name: "p".into(),
            before: Some(edit("one", 1)),
            after: Some(edit("two", 2)),
        };
        let shown = ShownEdit::of(&edit, &vault);
        let told: Vec<_> = shown
            .fields
            .iter()
            .map(|field| (field.path.as_str(), field.secret, field.after.clone()))
            .collect();
        assert_eq!(
            told,
            [
                ("keys[0].value", true, Value::Null),
                ("keys[0].weight", false, json!(2)),
                ("value_hash", true, Value::Null)
            ]
        );
        let text = json!(shown).to_string();
        assert!(!text.contains("sealed:v1") && !text.contains("two"), "{text}");
    }

    #[test]
    fn what_is_new_is_told_field_by_field() {
        let vault = Vault::new(&[3; 32]);
        let edit = Edit {
            section: "team".into(),
            name: "t".into(),
            before: None,
            after: Some(json!({ "v": 1, "name": "T", "id": "t" })),
        };
        let shown = ShownEdit::of(&edit, &vault);
        let paths: Vec<_> = shown.fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!((shown.edit.change, paths), (ChangeWord::Created, vec!["id", "name"]));
        assert_eq!(shown.before, Value::Null);
    }
}
