//! The governance section of a document: its lists in our form, and budgets and rate limits that stand apart put to whom they
//! belong.

use std::collections::BTreeMap;

use gateway_governance::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings};
use serde_json::{Map, Value, json};

use super::documents::Document;
use super::foreign::{GOVERNANCE, at};
use super::{ControlError, read, virtual_keys};
use crate::settings::RoutingRule;

type Fields = Map<String, Value>;

/// The lists whose members may own budgets and rate limits, and how such a one names its owner.
const OWNERS: [(&str, &str, &str); 5] = [
    ("virtual_keys", "id", "virtual_key_id"),
    ("teams", "id", "team_id"),
    ("customers", "id", "customer_id"),
    ("model_configs", "id", "model_config_id"),
    ("providers", "name", "provider"),
];

/// Brings the section's lists into the form that is kept.
pub(super) fn read(section: &mut Fields, warnings: &mut Vec<String>) -> Result<(), ControlError> {
    GOVERNANCE.take_out(section, "governance", warnings);
    put_to_owners(section, "budgets", "budget_id", warnings)?;
    put_to_owners(section, "rate_limits", "rate_limit_id", warnings)?;
    each(section, "virtual_keys", |fields, path| {
        let fields = virtual_keys::fields(fields, path, warnings)?;
        Ok(virtual_keys::patch(Map::new(), fields))
    })?;
    documents::<TeamSettings>(section, "teams", warnings)?;
    documents::<CustomerSettings>(section, "customers", warnings)?;
    documents::<ModelConfig>(section, "model_configs", warnings)?;
    documents::<ProviderLimits>(section, "providers", warnings)?;
    documents::<RoutingRule>(section, "routing_rules", warnings)
}

/// A list of documents that are kept as they are said.
fn documents<T: Document>(section: &mut Fields, list: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
    each(section, list, |mut fields, path| {
        T::read(&mut fields, path, warnings)?;
        Ok(T::patch(Map::new(), fields))
    })
}

fn each(
    section: &mut Fields,
    list: &str,
    mut read_one: impl FnMut(Fields, &str) -> Result<Fields, ControlError>,
) -> Result<(), ControlError> {
    let Some(Value::Array(all)) = section.get_mut(list) else {
        return Ok(());
    };
    for (index, one) in all.iter_mut().enumerate() {
        let path = format!("governance.{list}[{index}]");
        *one = Value::Object(read_one(read::object(one.take(), &path)?, &path)?);
    }
    Ok(())
}

/// A budget or a rate limit that stands apart.
struct Apart {
    path: String,
    fields: Fields,
    /// Whose it is, once that is known.
    owner: Option<String>,
}

/// Puts what stands apart in a list to its owners: to those that refer to it, and to those that it names itself.
fn put_to_owners(
    section: &mut Fields,
    list: &str,
    reference: &str,
    warnings: &mut Vec<String>,
) -> Result<(), ControlError> {
    let mut apart = taken(section, list)?;
    for (owners, _, _) in OWNERS {
        let Some(Value::Array(all)) = section.get_mut(owners) else {
            continue;
        };
        for (index, owner) in all.iter_mut().enumerate() {
            let path = format!("governance.{owners}[{index}]");
            let Value::Object(owner) = owner else { continue };
            refer(owner, &path, list, reference, &mut apart)?;
            if let Some(Value::Array(entries)) = owner.get_mut("provider_configs") {
                for (index, entry) in entries.iter_mut().enumerate() {
                    let path = format!("{path}.provider_configs[{index}]");
                    let Value::Object(entry) = entry else { continue };
                    refer(entry, &path, list, reference, &mut apart)?;
                }
            }
        }
    }
    for one in apart.values_mut() {
        name_owner(section, list, one)?;
        if one.owner.is_none() {
            warnings.push(format!("`{}` belongs to nobody and limits nothing", one.path));
        }
    }
    Ok(())
}

/// The members of a list, by id.
fn taken(section: &mut Fields, list: &str) -> Result<BTreeMap<String, Apart>, ControlError> {
    let all = match section.remove(list) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Array(all)) => all,
        Some(_) => return Err(ControlError::Invalid(format!("`governance.{list}` must be a list"))),
    };
    let mut apart = BTreeMap::new();
    for (index, one) in all.into_iter().enumerate() {
        let path = format!("governance.{list}[{index}]");
        let fields = read::object(one, &path)?;
        let id = fields.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = id
            .map(str::to_owned)
            .ok_or_else(|| ControlError::Invalid(format!("`{path}.id` is missing: what its owner refers to it by")))?;
        let owner = None;
        if apart
            .insert(
                id.clone(),
                Apart {
                    path: path.clone(),
                    fields,
                    owner,
                },
            )
            .is_some()
        {
            return Err(ControlError::Invalid(format!("`{path}.id`: `{id}` is given twice")));
        }
    }
    Ok(apart)
}

/// Follows an owner's reference, if it has one.
fn refer(
    owner: &mut Fields,
    path: &str,
    list: &str,
    reference: &str,
    apart: &mut BTreeMap<String, Apart>,
) -> Result<(), ControlError> {
    let id = match owner.remove(reference) {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(id)) if id.is_empty() => return Ok(()),
        Some(Value::String(id)) => id,
        Some(_) => return Err(ControlError::Invalid(format!("`{path}.{reference}` must be a string"))),
    };
    let one = apart.get_mut(&id).ok_or_else(|| {
        ControlError::Invalid(format!(
            "`{path}.{reference}`: there is no `{id}` in `governance.{list}`"
        ))
    })?;
    give(owner, path, list, one)
}

/// Follows what a budget or rate limit says of its owner, unless the owner has it already.
fn name_owner(section: &mut Fields, list: &str, one: &mut Apart) -> Result<(), ControlError> {
    for (owners, key, names) in OWNERS {
        let Some(id) = one.fields.get(names).and_then(Value::as_str).map(str::to_owned) else {
            continue;
        };
        let all = section.get_mut(owners).and_then(Value::as_array_mut);
        let found = all.and_then(|all| {
            let mut all = all.iter_mut().enumerate();
            all.find(|(_, owner)| owner.get(key).and_then(Value::as_str) == Some(&id))
        });
        let Some((index, Value::Object(owner))) = found else {
            return Err(ControlError::Invalid(format!(
                "`{}.{names}`: there is no `{id}` in `governance.{owners}`",
                one.path
            )));
        };
        return give(owner, &format!("governance.{owners}[{index}]"), list, one);
    }
    match one.fields.get("provider_config_id").cloned() {
        None | Some(Value::Null) => Ok(()),
        Some(id) => name_entry(section, list, one, &id),
    }
}

fn name_entry(section: &mut Fields, list: &str, one: &mut Apart, id: &Value) -> Result<(), ControlError> {
    let keys = section.get_mut("virtual_keys").and_then(Value::as_array_mut);
    for (at_key, key) in keys.into_iter().flatten().enumerate() {
        let entries = key.get_mut("provider_configs").and_then(Value::as_array_mut);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            let path = format!("governance.virtual_keys[{at_key}].provider_configs[{index}]");
            if let Some(entry) = entry.as_object_mut().filter(|entry| entry.get("id") == Some(id)) {
                return give(entry, &path, list, one);
            }
        }
    }
    Err(ControlError::Invalid(format!(
        "`{}.provider_config_id`: no entry of a virtual key has the id {id}",
        one.path
    )))
}

/// Puts it to its owner. Two owners cannot have one: each has a window and a use of its own.
fn give(owner: &mut Fields, path: &str, list: &str, one: &mut Apart) -> Result<(), ControlError> {
    match &one.owner {
        Some(earlier) if earlier == path => return Ok(()),
        Some(earlier) => {
            return Err(ControlError::Invalid(format!(
                "`{path}`: `{}` belongs to `{earlier}` already; each owner needs one of its own",
                one.path
            )));
        }
        None => one.owner = Some(path.to_owned()),
    }
    let mut fields = one.fields.clone();
    for names in OWNERS.iter().map(|(_, _, names)| *names).chain(["provider_config_id"]) {
        fields.remove(names);
    }
    if list == "budgets" {
        // A single budget becomes one of several.
        let single = owner.remove("budget").filter(|budget| !budget.is_null());
        let budgets = owner.entry("budgets").or_insert_with(|| json!([]));
        if let Value::Array(budgets) = budgets {
            budgets.extend(single.into_iter().chain([Value::Object(fields)]));
        }
        return Ok(());
    }
    if owner.get("rate_limit").is_some_and(|limit| !limit.is_null()) {
        let path = at(path, "rate_limit");
        return Err(ControlError::Invalid(format!(
            "`{path}` is given, and `{}` too: say it once",
            one.path
        )));
    }
    owner.insert("rate_limit".to_owned(), Value::Object(fields));
    Ok(())
}

#[cfg(test)]
mod tests;
