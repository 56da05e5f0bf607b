//! The two kinds of limits: where an owner has them, how one is shown, changed and taken out.

use gateway_governance::directory::Allowance;
#[cfg(test)]
use gateway_governance::quota::Owner;
use gateway_governance::settings::{Budget, RateLimit};
use gateway_types::QuotaId;
use serde_json::{Map, Value, json};

use super::super::answers::Framed;
use super::super::foreign::{BUDGET, Foreign, RATE_LIMIT};
use super::super::{ControlError, Shared, limits, read};
use super::{OwnedBudget, OwnedRateLimit, Whose};

/// A kind of limit: [`Budget`], sums of money, or [`RateLimit`]: requests, tokens and requests in flight.
pub trait Limit: Framed {
    /// What it is called in sentences.
    const WORDS: &'static str;
    #[doc(hidden)]
    const FOREIGN: &'static Foreign;

    /// Where an owner has such limits.
    #[doc(hidden)]
    fn places(allowance: &Allowance<'_>) -> Vec<Place>;

    /// One of them as it is shown.
    #[doc(hidden)]
    fn shown(shared: &Shared, allowance: &Allowance<'_>, place: usize, whose: Whose) -> Option<Self::View>;

    /// Puts fields over one of them.
    #[doc(hidden)]
    fn put(said: Said<'_>, place: usize, fields: Map<String, Value>) -> Result<(), ControlError>;

    /// Takes one of them out.
    #[doc(hidden)]
    fn take(said: Said<'_>, place: usize);
}

/// Where an owner has a limit.
#[derive(Debug)]
pub struct Place {
    pub(super) id: String,
    /// Which of the owner's budgets it is.
    pub(super) place: usize,
    /// Where the owner's settings have it: `budgets[1]`.
    pub(super) path: String,
    pub(super) quotas: Vec<QuotaId>,
}

/// What the store says of an owner's limits.
pub(in super::super) type Said<'a> = (&'a mut Vec<Budget>, &'a mut Option<RateLimit>);

impl Limit for Budget {
    const WORDS: &'static str = "Budget";
    const FOREIGN: &'static Foreign = &BUDGET;

    fn places(allowance: &Allowance<'_>) -> Vec<Place> {
        let all = allowance.budgets.iter().enumerate().map(|(place, budget)| {
            let quota = allowance.owner.budget(place, budget.id.as_deref());
            Place {
                id: quota.to_string(),
                place,
                path: format!("budgets[{place}]"),
                quotas: vec![quota],
            }
        });
        all.collect()
    }

    fn shown(shared: &Shared, allowance: &Allowance<'_>, place: usize, whose: Whose) -> Option<OwnedBudget> {
        let budget = allowance.budgets.get(place)?;
        Some(OwnedBudget {
            budget: shared.shown_budget(&allowance.owner, place, budget),
            whose,
        })
    }

    fn put((budgets, _): Said<'_>, place: usize, fields: Map<String, Value>) -> Result<(), ControlError> {
        if let Some(budget) = budgets.get_mut(place) {
            *budget = patched(budget, fields)?;
        }
        Ok(())
    }

    fn take((budgets, _): Said<'_>, place: usize) {
        take(budgets, place);
    }
}

impl Limit for RateLimit {
    const WORDS: &'static str = "Rate limit";
    const FOREIGN: &'static Foreign = &RATE_LIMIT;

    fn places(allowance: &Allowance<'_>) -> Vec<Place> {
        let limit = allowance.rate_limit.map(|limit| Place {
            id: limits::rate_limit_id(&allowance.owner),
            place: 0,
            path: "rate_limit".to_owned(),
            quotas: limits::quotas_of(&allowance.owner, limit),
        });
        limit.into_iter().collect()
    }

    fn shown(shared: &Shared, allowance: &Allowance<'_>, _: usize, whose: Whose) -> Option<OwnedRateLimit> {
        let limit = allowance.rate_limit?;
        Some(OwnedRateLimit {
            limit: shared.shown_rate_limit(&allowance.owner, limit),
            whose,
        })
    }

    fn put((_, limit): Said<'_>, _: usize, fields: Map<String, Value>) -> Result<(), ControlError> {
        *limit = Some(patched(&limit.clone().unwrap_or_default(), fields)?);
        Ok(())
    }

    fn take((_, limit): Said<'_>, _: usize) {
        *limit = None;
    }
}

/// A budget or rate limit with fields put over it.
fn patched<T>(before: &T, fields: Map<String, Value>) -> Result<T, ControlError>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let mut merged = json!(before).as_object().cloned().unwrap_or_default();
    for (field, value) in fields {
        read::set(&mut merged, field, value);
    }
    read::typed(Value::Object(merged), "")
}

/// Takes a budget out. The others go on being called what they were, by name where their place would tell otherwise.
fn take(budgets: &mut Vec<Budget>, place: usize) {
    for (place, budget) in budgets.iter_mut().enumerate() {
        budget.id.get_or_insert_with(|| place.to_string());
    }
    if place < budgets.len() {
        budgets.remove(place);
    }
    for (place, budget) in budgets.iter_mut().enumerate() {
        budget.id.take_if(|id| *id == place.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_goes_leaves_the_names_of_the_others() {
        let budgets = json!([
            {"max_limit": 1, "reset_duration": "1d"},
            {"max_limit": 2, "reset_duration": "1w"},
            {"max_limit": 3, "reset_duration": "1M", "id": "monthly"}]);
        let mut budgets: Vec<Budget> = serde_json::from_value(budgets).unwrap();
        let ids = |budgets: &[Budget]| -> Vec<QuotaId> {
            let owner = Owner::Team("t".into());
            let all = budgets.iter().enumerate();
            all.map(|(place, budget)| owner.budget(place, budget.id.as_deref()))
                .collect()
        };
        let before = ids(&budgets);
        take(&mut budgets, 0);
        assert_eq!(ids(&budgets), before[1..]);
        take(&mut budgets, 1);
        assert_eq!(ids(&budgets), before[1..2]);
        take(&mut budgets, 5);
        assert_eq!(budgets.len(), 1);
    }
}
