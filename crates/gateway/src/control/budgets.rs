//! Budgets and rate limits by their own ids, whoever they belong to.

use gateway_governance::directory::{Allowance, Limited};
use gateway_governance::quota::Owner;
use gateway_governance::settings::{Budget, CustomerSettings, ModelConfig, ProviderLimits, RateLimit, TeamSettings};
use gateway_types::QuotaId;
use serde_json::{Map, Value, json};

use super::faults::in_the_callers_words;
use super::foreign::{BUDGET, RATE_LIMIT};
use super::plain::Section;
use super::state::{Docs, Origin, State};
use super::{Answer, Control, ControlError, Shared, limits, read};

/// Which kind of limit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// Sums of money: `/api/governance/budgets`.
    Budget,
    /// Requests, tokens and requests in flight: `/api/governance/rate-limits`.
    RateLimit,
}

impl LimitKind {
    const fn one(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::RateLimit => "rate_limit",
        }
    }

    const fn many(self) -> &'static str {
        match self {
            Self::Budget => "budgets",
            Self::RateLimit => "rate_limits",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Budget => "Budget",
            Self::RateLimit => "Rate limit",
        }
    }
}

/// A limit that was found: whose it is, and in which document it is said.
struct Found {
    owner: Owner,
    /// Where the document has it, as in `provider_configs[0].budgets[1]`.
    path: String,
    /// Which of the owner's budgets it is.
    place: usize,
    /// The document in words, and where it is from.
    named: String,
    origin: Origin,
    shown: Value,
    quotas: Vec<QuotaId>,
}

impl Control {
    /// `GET` of all: `{budgets: […], count}`, each with the ids of its owner.
    pub fn limits(&self, kind: LimitKind) -> Value {
        let found = self.shared.all_limits(kind);
        let mut answer = json!({ "count": found.len() });
        answer[kind.many()] = found.into_iter().map(|found| found.shown).collect();
        answer
    }

    /// `GET` of one: `{budget: …}`.
    pub fn limit(&self, kind: LimitKind, id: &str) -> Answer {
        let mut answer = json!({});
        answer[kind.one()] = self.shared.one_limit(kind, id)?.shown;
        Ok(answer)
    }

    /// `PUT` of one: changes its numbers where its owner says them; what is not said stays.
    pub async fn save_limit(&self, kind: LimitKind, id: &str, body: Value, author: &str) -> Answer {
        let found = self.shared.one_limit(kind, id)?;
        let mut warnings = Vec::new();
        let mut fields = read::object(body, "")?;
        if fields.remove("id").is_some_and(|said| said != id && !said.is_null()) {
            let message = format!("`id` is another one than the path says: `{id}`");
            return Err(ControlError::Invalid(message));
        }
        match kind {
            LimitKind::Budget => BUDGET.take_out(&mut fields, "", &mut warnings),
            LimitKind::RateLimit => RATE_LIMIT.take_out(&mut fields, "", &mut warnings),
        }
        let change = |budgets: &mut Vec<Budget>, limit: &mut Option<RateLimit>| match kind {
            LimitKind::Budget => {
                if let Some(budget) = budgets.get_mut(found.place) {
                    *budget = patched(budget, fields)?;
                }
                Ok(())
            }
            LimitKind::RateLimit => {
                *limit = Some(patched(&limit.clone().unwrap_or_default(), fields)?);
                Ok(())
            }
        };
        self.shared.change_limits(&found, author, change).await?;
        self.answer_limit(kind, id, "updated", &warnings)
    }

    /// `DELETE` of one: takes it from its owner. The others of the owner keep their use.
    pub async fn delete_limit(&self, kind: LimitKind, id: &str, author: &str) -> Answer {
        let found = self.shared.one_limit(kind, id)?;
        let change = |budgets: &mut Vec<Budget>, limit: &mut Option<RateLimit>| {
            match kind {
                LimitKind::Budget => take(budgets, found.place),
                LimitKind::RateLimit => *limit = None,
            }
            Ok(())
        };
        self.shared.change_limits(&found, author, change).await?;
        Ok(super::message(&format!("{} deleted successfully", kind.words())))
    }

    /// `POST …/reset`: its use begins anew. What was used before stays in the ledger.
    pub async fn reset_limit(&self, kind: LimitKind, id: &str, author: &str) -> Answer {
        for quota in self.shared.one_limit(kind, id)?.quotas {
            self.begin_anew(&quota, author).await?;
        }
        self.answer_limit(kind, id, "reset", &[])
    }

    /// Begins a quota's window anew, which is written down with what had been used.
    pub(super) async fn begin_anew(&self, quota: &QuotaId, author: &str) -> Result<(), ControlError> {
        let governor = &self.shared.governor;
        let used = governor.usage(quota).map(|usage| usage.used);
        governor
            .reset(quota)
            .await
            .map_err(|error| ControlError::Store(error.to_string()))?;
        let details = json!({ "used_before": used });
        self.audit(author, "quota.reset", quota.as_str(), details).await
    }

    fn answer_limit(&self, kind: LimitKind, id: &str, done: &str, warnings: &[String]) -> Answer {
        let mut answer = self.limit(kind, id)?;
        answer["message"] = json!(format!("{} {done} successfully", kind.words()));
        if !warnings.is_empty() {
            answer["warnings"] = json!(warnings);
        }
        Ok(answer)
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

impl Shared {
    fn all_limits(&self, kind: LimitKind) -> Vec<Found> {
        let state = self.state.load();
        let docs = state.effective();
        let mut found = Vec::new();
        for key in docs.virtual_keys.values() {
            let origin = state.origin_of_virtual_key(key.id.as_str());
            let named = format!("virtual key `{}`", key.id);
            for allowance in key.allowances() {
                found.extend(self.found(kind, &allowance, &named, &origin));
            }
        }
        self.found_in::<TeamSettings>(kind, &state, &docs, &mut found);
        self.found_in::<CustomerSettings>(kind, &state, &docs, &mut found);
        self.found_in::<ModelConfig>(kind, &state, &docs, &mut found);
        self.found_in::<ProviderLimits>(kind, &state, &docs, &mut found);
        found
    }

    fn found_in<T: Section + Limited>(&self, kind: LimitKind, state: &State, docs: &Docs, found: &mut Vec<Found>) {
        for (key, one) in T::all(&docs.plain) {
            let (named, origin) = (format!("{} `{key}`", T::WORDS), state.origin_of::<T>(key));
            for allowance in one.allowances() {
                let mut all = self.found(kind, &allowance, &named, &origin);
                if matches!(allowance.owner, Owner::Model(_) | Owner::ModelAt(..)) {
                    all.iter_mut().for_each(|one| one.shown["model_config_id"] = json!(key));
                }
                found.extend(all);
            }
        }
    }

    /// The limits of an owner.
    fn found(&self, kind: LimitKind, allowance: &Allowance<'_>, named: &str, origin: &Origin) -> Vec<Found> {
        let owner = &allowance.owner;
        let found = |path: String, place: usize, shown: Value, quotas: Vec<QuotaId>| Found {
            owner: owner.clone(),
            path: super::foreign::at(&allowance.path, &path),
            place,
            named: named.to_owned(),
            origin: origin.clone(),
            shown: with_owner(shown, owner),
            quotas,
        };
        match kind {
            LimitKind::Budget => {
                let budgets = allowance.budgets.iter().enumerate();
                let all = budgets.map(|(place, budget)| {
                    let quota = owner.budget(place, budget.id.as_deref());
                    let shown = self.shown_budget(owner, place, budget);
                    found(format!("budgets[{place}]"), place, shown, vec![quota])
                });
                all.collect()
            }
            LimitKind::RateLimit => {
                let limit = allowance.rate_limit.map(|limit| {
                    let shown = self.shown_rate_limit(owner, limit);
                    found("rate_limit".to_owned(), 0, shown, limits::quotas_of(owner, limit))
                });
                limit.into_iter().collect()
            }
        }
    }

    fn one_limit(&self, kind: LimitKind, id: &str) -> Result<Found, ControlError> {
        let mut all = self.all_limits(kind).into_iter();
        all.find(|found| found.shown["id"] == id)
            .ok_or_else(|| ControlError::NotFound(format!("there is no {} `{id}`", kind.words().to_lowercase())))
    }

    /// Changes the limits of the owner of one that was found.
    async fn change_limits(
        &self,
        found: &Found,
        author: &str,
        change: impl FnOnce(&mut Vec<Budget>, &mut Option<RateLimit>) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        found.origin.check_changeable(&found.named)?;
        let changed = self.change(author, |store| {
            let (budgets, limit) = said_of(store, &found.owner).ok_or_else(|| {
                // Deleted between the two looks.
                ControlError::NotFound(format!("there is no {} any more", found.named))
            })?;
            change(budgets, limit)
        });
        changed.await.map_err(|error| {
            let error = in_the_callers_words(error, &found.named, true);
            match error {
                ControlError::Invalid(message) => {
                    ControlError::Invalid(message.replace(&format!("`{}.", found.path), "`"))
                }
                other => other,
            }
        })
    }
}

/// With the ids of the owner.
fn with_owner(mut shown: Value, owner: &Owner) -> Value {
    match owner {
        Owner::Customer(id) => shown["customer_id"] = json!(id),
        Owner::Team(id) => shown["team_id"] = json!(id),
        Owner::VirtualKey(id) => shown["virtual_key_id"] = json!(id),
        Owner::Entry(id, provider) => {
            shown["virtual_key_id"] = json!(id);
            shown["provider_config"] = json!(provider);
        }
        Owner::KeyModel(id, model) => {
            shown["virtual_key_id"] = json!(id);
            shown["model_name"] = json!(model);
        }
        Owner::Model(model) => shown["model_name"] = json!(model),
        Owner::ModelAt(provider, model) => {
            shown["model_name"] = json!(model);
            shown["provider"] = json!(provider);
        }
        Owner::Provider(name) => shown["provider"] = json!(name),
    }
    shown
}

/// What the store says of an owner's budgets and rate limit.
fn said_of<'a>(store: &'a mut Docs, owner: &Owner) -> Option<(&'a mut Vec<Budget>, &'a mut Option<RateLimit>)> {
    let (plain, keys) = (&mut store.plain, &mut store.virtual_keys);
    macro_rules! both {
        ($one:expr) => {{
            let one = $one?;
            Some((&mut one.budgets, &mut one.rate_limit))
        }};
    }
    match owner {
        Owner::Customer(id) => both!(plain.customers.get_mut(id.as_str())),
        Owner::Team(id) => both!(plain.teams.get_mut(id.as_str())),
        Owner::VirtualKey(id) => both!(keys.get_mut(id)),
        Owner::Entry(id, provider) => {
            let mut entries = keys.get_mut(id)?.provider_configs.iter_mut();
            both!(entries.find(|entry| entry.provider == *provider))
        }
        Owner::KeyModel(id, model) => {
            let mut of_models = keys.get_mut(id)?.model_limits.iter_mut();
            both!(of_models.find(|limit| limit.model_name == *model))
        }
        Owner::Model(model) => both!(model_config(plain, model, None)),
        Owner::ModelAt(provider, model) => both!(model_config(plain, model, Some(provider.as_str()))),
        Owner::Provider(name) => both!(plain.provider_limits.get_mut(name.as_str())),
    }
}

fn model_config<'a>(
    plain: &'a mut super::plain::Plain,
    model: &str,
    provider: Option<&str>,
) -> Option<&'a mut ModelConfig> {
    let mut configs = plain.model_configs.values_mut();
    configs.find(|config| {
        let at = config.provider.as_ref().map(|provider| provider.as_str());
        config.model_name == model && at == provider
    })
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
