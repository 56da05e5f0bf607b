//! What people send of a virtual key: both generations of the reference's fields, brought into one form and put over what was
//! there.

use serde_json::{Map, Value, json};

use super::super::foreign::{MODEL_LIMIT, PROVIDER_ENTRY, VIRTUAL_KEY, at};
use super::super::{ControlError, limits, read};

/// The lists of a key whose members have limits of their own, and what a member is told by.
const MEMBERS: [(&str, &str); 2] = [("provider_configs", "provider"), ("model_limits", "model_name")];

/// Takes `reset_budget_usage` out: whether the key's budgets are to begin anew.
pub(super) fn begins_anew(said: &mut Map<String, Value>) -> Result<bool, ControlError> {
    match said.remove("reset_budget_usage") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(anew)) => Ok(anew),
        Some(_) => Err(ControlError::Invalid(
            "`reset_budget_usage` must be true or false".to_owned(),
        )),
    }
}

/// Brings a virtual key's fields into the form that [`patch`] takes.
pub(in super::super) fn fields(
    mut fields: Map<String, Value>,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, ControlError> {
    all_of(
        &mut fields,
        "allow_all_providers",
        "provider_configs",
        "provider",
        path,
        warnings,
    );
    VIRTUAL_KEY.take_out(&mut fields, path, warnings);
    limits::read(&mut fields, path, warnings)?;
    for owner in ["team_id", "customer_id"] {
        if fields.get(owner) == Some(&json!("")) {
            fields.insert(owner.to_owned(), Value::Null);
        }
    }
    for (list, _) in MEMBERS {
        let Some(Value::Array(members)) = fields.get_mut(list) else {
            continue;
        };
        for (index, member) in members.iter_mut().enumerate() {
            let path = format!("{}[{index}]", at(path, list));
            let mut inner = read::object(member.take(), &path)?;
            match list {
                "provider_configs" => {
                    all_of(&mut inner, "allow_all_keys", "key_ids", "key", &path, warnings);
                    PROVIDER_ENTRY.take_out(&mut inner, &path, warnings);
                    key_references(&mut inner);
                }
                _ => MODEL_LIMIT.take_out(&mut inner, &path, warnings),
            }
            limits::read(&mut inner, &path, warnings)?;
            inner.retain(|_, value| !value.is_null());
            *member = Value::Object(inner);
        }
    }
    Ok(fields)
}

/// Puts fields over a virtual key's earlier ones: what is not said stays, `{}` and null remove; lists are replaced as sets, in
/// which members that were there before keep the use of their budgets.
pub(in super::super) fn patch(before: Map<String, Value>, mut fields: Map<String, Value>) -> Map<String, Value> {
    for (list, told_by) in MEMBERS {
        let Some(Value::Array(members)) = fields.get_mut(list) else {
            continue;
        };
        for member in members.iter_mut() {
            let Value::Object(inner) = member.take() else { continue };
            let same = |old: &&Value| old.get(told_by).is_some_and(|name| Some(name) == inner.get(told_by));
            let old = before.get(list).and_then(Value::as_array);
            let old = old.and_then(|old| old.iter().find(same)).and_then(Value::as_object);
            *member = Value::Object(limits::anew(old, inner));
        }
    }
    limits::patch(before, fields)
}

/// The reference's switches for "all of them". Here an empty list says it, which is told where the switch says otherwise.
fn all_of(
    fields: &mut Map<String, Value>,
    switch: &str,
    list: &str,
    what: &str,
    path: &str,
    warnings: &mut Vec<String>,
) {
    let said = match fields.remove(switch) {
        Some(Value::Bool(said)) => said,
        _ => return,
    };
    let listed = fields
        .get(list)
        .and_then(Value::as_array)
        .map(|list| list.is_empty() || *list == [json!("*")]);
    if listed != Some(said) {
        warnings.push(format!(
            "`{}` is known but not acted on: without `{list}` every {what} is allowed, with it those alone",
            at(path, switch)
        ));
    }
}

/// The reference's ways to name a provider's keys, as `key_ids`; `*` and an empty list stand for all.
fn key_references(fields: &mut Map<String, Value>) {
    for older in ["keys", "allowed_keys"] {
        let Some(Value::Array(keys)) = fields.remove(older) else {
            continue;
        };
        let ids: Vec<Value> = keys
            .into_iter()
            .filter_map(|key| match key {
                Value::Object(key) => ["key_id", "id", "name"]
                    .iter()
                    .find_map(|field| key.get(*field).cloned()),
                other => Some(other),
            })
            .collect();
        fields.entry("key_ids").or_insert(Value::Array(ids));
    }
    if fields.get("key_ids") == Some(&json!(["*"])) {
        fields.remove("key_ids");
    }
}

#[cfg(test)]
mod tests {
    use gateway_types::VirtualKeyId;

    use super::*;

    fn key_after(before: &Value, body: Value) -> Result<Value, ControlError> {
        let mut warnings = Vec::new();
        let said = fields(read::object(body, "")?, "", &mut warnings)?;
        let merged = patch(before.as_object().cloned().unwrap_or_default(), said);
        let key = read::virtual_key(&VirtualKeyId::from("vk"), merged)?;
        Ok(serde_json::to_value(key).unwrap())
    }

    #[test]
    fn a_single_budget_is_the_first_of_the_budgets_and_is_patched() {
        let made = key_after(&json!({}), json!({"budget": {"max_limit": 5, "reset_duration": "1d"}})).unwrap();
        assert_eq!(made["budgets"], json!([{"max_limit": 5.0, "reset_duration": "1d"}]));
        let raised = key_after(&made, json!({"budget": {"max_limit": 9, "current_usage": 3}})).unwrap();
        assert_eq!(raised["budgets"], json!([{"max_limit": 9.0, "reset_duration": "1d"}]));
        for nothing in [json!({"budget": {}}), json!({"budget": null})] {
            assert_eq!(key_after(&made, nothing).unwrap().get("budgets"), None);
        }
        assert_eq!(
            key_after(&made, json!({"name": "n"})).unwrap()["budgets"],
            made["budgets"]
        );
    }

    #[test]
    fn provider_entries_take_both_generations_of_key_references() {
        for body in [
            json!({"provider": "p", "key_ids": ["k"]}),
            json!({"provider": "p", "keys": [{"key_id": "k"}]}),
            json!({"provider": "p", "allowed_keys": ["k"]}),
        ] {
            let key = key_after(&json!({}), json!({"provider_configs": [body]})).unwrap();
            assert_eq!(key["provider_configs"][0]["key_ids"], json!(["k"]));
        }
        let all = key_after(
            &json!({}),
            json!({"provider_configs": [{"provider": "p", "key_ids": ["*"], "weight": null}]}),
        );
        assert_eq!(
            all.unwrap()["provider_configs"][0],
            json!({"provider": "p", "weight": 1.0})
        );
    }

    #[test]
    fn unknown_fields_are_refused_by_their_path_and_inert_ones_are_named() {
        let error = key_after(
            &json!({}),
            json!({"provider_configs": [{"provider": "p", "wieght": 1}]}),
        )
        .unwrap_err();
        assert!(error.to_string().contains("provider_configs[0]"), "{error}");
        assert!(error.to_string().contains("wieght"), "{error}");
        let mut warnings = Vec::new();
        let body = read::object(json!({"mcp_configs": [1], "team_id": null}), "").unwrap();
        fields(body, "", &mut warnings).unwrap();
        assert_eq!(warnings, ["`mcp_configs` is known but not acted on"]);
    }
}
