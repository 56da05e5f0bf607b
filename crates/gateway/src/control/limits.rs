//! The budgets and the rate limit of an owner, whoever it is: read in both generations' forms, and patched.

mod shown;

use gateway_governance::quota::{Cut, Owner};
use gateway_governance::settings::RateLimit;
use gateway_types::{QuotaId, Span};
use serde_json::{Map, Value, json};

pub use shown::{ShownBudget, ShownLimits, ShownRateLimit};

use super::foreign::{BUDGET, RATE_LIMIT, at};
use super::{ControlError, read};

/// Brings an owner's `budget`, `budgets`, `rate_limit` and `calendar_aligned` into the form that [`patch`] takes.
pub(super) fn read(
    fields: &mut Map<String, Value>,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<(), ControlError> {
    if let Some(aligned) = fields.get("calendar_aligned")
        && !aligned.is_boolean()
        && !aligned.is_null()
    {
        let path = at(path, "calendar_aligned");
        return Err(ControlError::Invalid(format!("`{path}` must be true or false")));
    }
    let mut budget = |value: &mut Value, path: &str| {
        if let Value::Object(inner) = value {
            BUDGET.take_out(inner, path, warnings);
            called(inner);
        }
    };
    if let Some(single) = fields.get_mut("budget") {
        budget(single, &at(path, "budget"));
    }
    if let Some(Value::Array(budgets)) = fields.get_mut("budgets") {
        for (index, each) in budgets.iter_mut().enumerate() {
            budget(each, &format!("{}[{index}]", at(path, "budgets")));
        }
    }
    agreed(fields, path)?;
    if let Some(Value::Object(inner)) = fields.get_mut("rate_limit") {
        RATE_LIMIT.take_out(inner, &at(path, "rate_limit"), warnings);
    }
    Ok(())
}

/// A `budget` beside `budgets` is the first of them, as they are shown. Where it says something else, one of the two would be
/// ignored in silence: somebody has changed the one and left the other.
fn agreed(fields: &Map<String, Value>, path: &str) -> Result<(), ControlError> {
    let (Some(Value::Object(single)), Some(Value::Array(budgets))) = (fields.get("budget"), fields.get("budgets"))
    else {
        return Ok(());
    };
    let first = budgets.first().and_then(Value::as_object);
    let differs = |field: &&str| {
        let said = single.get(*field).filter(|said| !said.is_null());
        said.is_some_and(|said| !same(said, first.and_then(|first| first.get(*field)).unwrap_or(&Value::Null)))
    };
    let Some(field) = ["max_limit", "reset_duration", "calendar_aligned"]
        .into_iter()
        .find(differs)
    else {
        return Ok(());
    };
    let field = at(&at(path, "budget"), field);
    let first = at(path, "budgets[0]");
    Err(ControlError::Invalid(format!(
        "`{field}` is not what `{first}` says; send one of `budget` and `budgets`"
    )))
}

/// Whether two values are the same setting: 1 and 1.0 are, and what is not said is not aligned to the calendar.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Bool(false), Value::Null) => true,
        _ => one == other,
    }
}

/// A budget's id as it was shown is the quota's; what the budget is called is the last part of it.
fn called(budget: &mut Map<String, Value>) {
    if budget.get("id").is_some_and(Value::is_null) {
        budget.remove("id");
    }
    let Some(Value::String(id)) = budget.get_mut("id") else {
        return;
    };
    if let Some((owner, last)) = id.rsplit_once('/') {
        *id = match last {
            "budget" if !owner.ends_with("/budget") => "0".to_owned(),
            name => name.to_owned(),
        };
    }
}

/// Puts fields over an owner's earlier ones: what is not said stays, `{}` and null remove, `budgets` is replaced as a set, a
/// single `budget` is the first of the budgets, and `calendar_aligned` holds for every budget that does not say otherwise.
pub(super) fn patch(before: Map<String, Value>, mut fields: Map<String, Value>) -> Map<String, Value> {
    let mut merged = before;
    let aligned = fields.remove("calendar_aligned").and_then(|aligned| aligned.as_bool());
    let whole_set = fields.contains_key("budgets");
    let said = whole_set || fields.contains_key("budget");
    for (field, value) in fields {
        match (field.as_str(), value) {
            ("budget", _) if whole_set => {}
            ("budget", Value::Object(inner)) if !inner.is_empty() => patch_first(&mut merged, inner, aligned),
            ("budget", Value::Object(_) | Value::Null) => {
                merged.remove("budgets");
            }
            ("budget", other) => read::set(&mut merged, "budgets".to_owned(), json!([other])),
            ("budgets", Value::Array(budgets)) => replace(&mut merged, budgets, aligned),
            ("rate_limit", Value::Object(inner)) if !inner.is_empty() => {
                if let Value::Object(old) = merged.entry("rate_limit").or_insert_with(|| json!({})) {
                    for (field, value) in inner {
                        read::set(old, field, value);
                    }
                }
            }
            (_, value) => read::set(&mut merged, field, value),
        }
    }
    if let Some(aligned) = aligned {
        if let Some(Value::Array(budgets)) = merged.get_mut("budgets").filter(|_| !said) {
            for budget in budgets.iter_mut().filter_map(Value::as_object_mut) {
                budget.insert("calendar_aligned".to_owned(), json!(aligned));
            }
        }
        if let Some(Value::Object(limit)) = merged.get_mut("rate_limit")
            && (!aligned || can_be_aligned(limit))
        {
            limit.insert("calendar_aligned".to_owned(), json!(aligned));
        }
    }
    merged
}

/// A member of a list that is replaced as a set, in the place of the one it was: nothing stays but what its budgets are called.
pub(super) fn anew(before: Option<&Map<String, Value>>, mut fields: Map<String, Value>) -> Map<String, Value> {
    let single = fields.remove("budget");
    if let Some(single) = single.filter(|budget| !matches!(budget, Value::Object(inner) if inner.is_empty())) {
        fields.entry("budgets").or_insert_with(|| json!([single]));
    }
    let mut base = Map::new();
    if let (Some(budgets), true) = (
        before.and_then(|before| before.get("budgets")),
        fields.contains_key("budgets"),
    ) {
        base.insert("budgets".to_owned(), budgets.clone());
    }
    patch(base, fields)
}

/// Whether all windows of a rate limit are such as the calendar has.
fn can_be_aligned(limit: &Map<String, Value>) -> bool {
    let spans = ["request_reset_duration", "token_reset_duration"];
    let mut said = spans.iter().filter_map(|field| limit.get(*field)?.as_str());
    said.all(|text| text.parse::<Span>().is_ok_and(|span| Cut::new(&span, true).is_ok()))
}

fn patch_first(merged: &mut Map<String, Value>, inner: Map<String, Value>, aligned: Option<bool>) {
    let budgets = merged.entry("budgets").or_insert_with(|| json!([]));
    let Value::Array(budgets) = budgets else { return };
    if budgets.is_empty() {
        budgets.push(json!({}));
    }
    if let Some(Value::Object(first)) = budgets.first_mut() {
        if let Some(aligned) = aligned {
            first.insert("calendar_aligned".to_owned(), json!(aligned));
        }
        for (field, value) in inner {
            read::set(first, field, value);
        }
        // The first is called by its place.
        if first.get("id").is_some_and(|id| id == "0") {
            first.remove("id");
        }
    }
}

/// Replaces the budgets as a set. One that was there before keeps its name, and with it its usage: it is told by its id, else by
/// its window.
fn replace(merged: &mut Map<String, Value>, mut budgets: Vec<Value>, aligned: Option<bool>) {
    let mut before = match merged.remove("budgets") {
        Some(Value::Array(before)) => names_of(before),
        _ => Vec::new(),
    };
    let said = |budget: &Value| budget.get("id").and_then(Value::as_str).map(str::to_owned);
    let mut names: Vec<Option<String>> = budgets.iter().map(said).collect();
    let known = before.iter().map(|(name, _)| name).chain(names.iter().flatten());
    // A new one is called otherwise than all that were, so that it begins with nothing used.
    let mut next = known
        .filter_map(|name| name.parse::<usize>().ok())
        .max()
        .map_or(0, |last| last.saturating_add(1));
    before.retain(|(name, _)| !names.iter().flatten().any(|said| said == name));
    for (budget, name) in budgets.iter_mut().zip(&mut names) {
        let Value::Object(budget) = budget else { continue };
        if let Some(aligned) = aligned {
            budget.entry("calendar_aligned").or_insert_with(|| json!(aligned));
        }
        let same = |(_, old): &(String, Value)| window(old.as_object()) == window(Some(budget));
        if let (None, Some(at)) = (&name, before.iter().position(same)) {
            *name = Some(before.remove(at).0);
        }
    }
    for (place, (budget, name)) in budgets.iter_mut().zip(names).enumerate() {
        let Value::Object(budget) = budget else { continue };
        let name = name.unwrap_or_else(|| {
            let name = next.to_string();
            next = next.saturating_add(1);
            name
        });
        if name == place.to_string() {
            budget.remove("id");
        } else {
            budget.insert("id".to_owned(), json!(name));
        }
    }
    if !budgets.is_empty() {
        merged.insert("budgets".to_owned(), Value::Array(budgets));
    }
}

/// Budgets with what each is called.
fn names_of(budgets: Vec<Value>) -> Vec<(String, Value)> {
    let named = |(place, budget): (usize, Value)| {
        let name = budget.get("id").and_then(Value::as_str).map(str::to_owned);
        (name.unwrap_or_else(|| place.to_string()), budget)
    };
    budgets.into_iter().enumerate().map(named).collect()
}

fn window(budget: Option<&Map<String, Value>>) -> (Option<&str>, bool) {
    let of = |field: &str| budget.and_then(|budget| budget.get(field));
    let aligned = of("calendar_aligned").and_then(Value::as_bool).unwrap_or(false);
    (of("reset_duration").and_then(Value::as_str), aligned)
}

/// The id of an owner's rate limit, which is as many quotas as it has numbers.
pub(super) fn rate_limit_id(owner: &Owner) -> String {
    let requests = owner.requests();
    let path = requests.as_str().trim_end_matches("/requests");
    format!("{path}/rate_limit")
}

/// The quotas that an owner's rate limit stands for.
pub(super) fn quotas_of(owner: &Owner, limit: &RateLimit) -> Vec<QuotaId> {
    let requests = limit.request_max_limit.map(|_| owner.requests());
    let tokens = limit.token_max_limit.map(|_| owner.tokens());
    requests.into_iter().chain(tokens).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(before: &Value, body: &Value) -> Value {
        let mut fields = body.as_object().cloned().unwrap();
        read(&mut fields, "", &mut Vec::new()).unwrap();
        Value::Object(patch(before.as_object().cloned().unwrap(), fields))
    }

    #[test]
    fn a_budget_that_contradicts_its_list_is_refused() {
        let read = |body: Value| {
            let mut fields = body.as_object().cloned().unwrap();
            read(&mut fields, "", &mut Vec::new())
        };
        let day = json!({"max_limit": 1, "reset_duration": "1d"});
        let shown = json!({"id": "vk/a/budget", "max_limit": 1.0, "reset_duration": "1d", "calendar_aligned": false});
        assert!(
            read(json!({"budget": shown, "budgets": [day]})).is_ok(),
            "as it is shown"
        );
        assert!(read(json!({"budget": null, "budgets": [day]})).is_ok());
        let raised = json!({"max_limit": 5, "reset_duration": "1d"});
        let refused = read(json!({"budget": raised, "budgets": [day]}))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`budget.max_limit`") && refused.contains("`budgets[0]`"),
            "{refused}"
        );
        assert!(read(json!({"budget": raised, "budgets": []})).is_err());
    }

    #[test]
    fn budgets_that_stay_keep_their_names_whatever_their_place() {
        let day = json!({"max_limit": 1, "reset_duration": "1d"});
        let month = json!({"max_limit": 20, "reset_duration": "1M"});
        let made = after(&json!({}), &json!({"budgets": [day, month]}));
        assert_eq!(made["budgets"], json!([day, month]), "by their places");
        // By its window, and by the id that it was shown with.
        let month_first = after(&made, &json!({"budgets": [month]}));
        assert_eq!(month_first["budgets"][0]["id"], "1");
        let by_id = json!({"id": "team/t/budget/1", "max_limit": 30, "reset_duration": "1w"});
        let changed = after(
            &made,
            &json!({"budgets": [by_id, {"id": "team/t/budget", "max_limit": 2, "reset_duration": "1d"}]}),
        );
        assert_eq!(changed["budgets"][0]["id"], "1");
        assert_eq!(changed["budgets"][1]["id"], "0");
        // One that is new takes no name that another had.
        let more = after(
            &month_first,
            &json!({"budgets": [{"max_limit": 3, "reset_duration": "1h"}, month]}),
        );
        assert_eq!(more["budgets"][0]["id"], "2", "{more}");
        assert_eq!(
            more["budgets"][1].get("id"),
            None,
            "its name is its place again: {more}"
        );
    }

    #[test]
    fn what_holds_for_the_owner_holds_for_each_budget_that_does_not_say_otherwise() {
        let made = after(
            &json!({}),
            &json!({"calendar_aligned": true, "budgets": [
                {"max_limit": 1, "reset_duration": "1d"}, {"max_limit": 2, "reset_duration": "1h", "calendar_aligned": false}],
                "rate_limit": {"request_max_limit": 1, "request_reset_duration": "1h"}}),
        );
        let aligned = |made: &Value| {
            [
                made["budgets"][0]["calendar_aligned"].clone(),
                made["budgets"][1]["calendar_aligned"].clone(),
            ]
        };
        assert_eq!(aligned(&made), [json!(true), json!(false)]);
        assert_eq!(
            made["rate_limit"].get("calendar_aligned"),
            None,
            "there is no calendar of hours"
        );
        let off = after(
            &made,
            &json!({"calendar_aligned": false, "rate_limit": {"request_reset_duration": "1d"}}),
        );
        assert_eq!(aligned(&off), [json!(false), json!(false)]);
        let on = after(&off, &json!({"calendar_aligned": true}));
        assert_eq!(aligned(&on), [json!(true), json!(true)]);
        assert_eq!(on["rate_limit"]["calendar_aligned"], true);
    }
}
