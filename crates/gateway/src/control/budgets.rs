//! Budgets and rate limits by their own ids, whoever they belong to.

mod kinds;
mod shown;

use std::sync::Arc;

use gateway_governance::directory::Limited;
use gateway_governance::quota::Owner;
use gateway_governance::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings, VirtualKeySettings};
use gateway_types::QuotaId;
use serde_json::{Value, json};

pub use kinds::Limit;
pub use shown::{AllOf, OwnedBudget, OwnedRateLimit, Whose};

use super::answers::{Message, One};
use super::faults::in_the_callers_words;
use super::plain::Section;
use super::state::{Docs, Origin, State};
use super::{Control, ControlError, Shared, read};
use kinds::{Place, Said};

/// A limit that was found: whose it is, and in which document it is said.
struct Found<L: Limit> {
    owner: Owner,
    at: Place,
    /// Where the document has it, as in `provider_configs[0].budgets[1]`.
    path: String,
    /// The document in words, and where it is from.
    named: String,
    origin: Origin,
    shown: L::View,
}

impl Control {
    /// `GET` of all: `{budgets: […], count}`, each with the ids of its owner.
    pub fn limits<L: Limit>(&self) -> AllOf<L> {
        let state = self.shared.state.load();
        AllOf(self.shared.all_limits::<L>(&state).map(|found| found.shown).collect())
    }

    /// `GET` of one: `{budget: …}`.
    pub fn limit<L: Limit>(&self, id: &str) -> Result<One<L>, ControlError> {
        Ok(One::of(self.shared.one_limit::<L>(id)?.shown))
    }

    /// `PUT` of one: changes its numbers where its owner says them; what is not said stays.
    pub async fn save_limit<L: Limit>(&self, id: &str, body: Value, author: &str) -> Result<One<L>, ControlError> {
        let found = self.shared.one_limit::<L>(id)?;
        let mut warnings = Vec::new();
        let mut fields = read::object(body, "")?;
        if fields.remove("id").is_some_and(|said| said != id && !said.is_null()) {
            let message = format!("`id` is another one than the path says: `{id}`");
            return Err(ControlError::Invalid(message));
        }
        L::FOREIGN.take_out(&mut fields, "", &mut warnings);
        let place = found.at.place;
        let change = |said: Said<'_>| L::put(said, place, fields);
        self.shared.change_limits(&found, author, change).await?;
        let answer = self.answer_limit(id, "updated")?;
        Ok(One { warnings, ..answer })
    }

    /// `DELETE` of one: takes it from its owner. The others of the owner keep their use.
    pub async fn delete_limit<L: Limit>(&self, id: &str, author: &str) -> Result<Message, ControlError> {
        let found = self.shared.one_limit::<L>(id)?;
        let place = found.at.place;
        let change = |said: Said<'_>| {
            L::take(said, place);
            Ok(())
        };
        self.shared.change_limits(&found, author, change).await?;
        Ok(Message::new(format!("{} deleted successfully", L::WORDS)))
    }

    /// `POST …/reset`: its use begins anew. What was used before stays in the ledger.
    pub async fn reset_limit<L: Limit>(&self, id: &str, author: &str) -> Result<One<L>, ControlError> {
        let quotas = self.shared.one_limit::<L>(id)?.at.quotas;
        for quota in quotas {
            self.begin_anew(&quota, author).await?;
        }
        self.answer_limit(id, "reset")
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

    fn answer_limit<L: Limit>(&self, id: &str, done: &str) -> Result<One<L>, ControlError> {
        Ok(One {
            message: Some(format!("{} {done} successfully", L::WORDS)),
            ..self.limit(id)?
        })
    }
}

impl Shared {
    fn all_limits<'a, L: Limit + 'a>(&'a self, state: &'a State) -> impl Iterator<Item = Found<L>> + 'a {
        let keys = state.virtual_keys().flat_map(|key| self.of_key(state, key));
        keys.chain(self.of_all::<L, TeamSettings>(state))
            .chain(self.of_all::<L, CustomerSettings>(state))
            .chain(self.of_all::<L, ModelConfig>(state))
            .chain(self.of_all::<L, ProviderLimits>(state))
    }

    fn of_key<L: Limit>(&self, state: &State, key: &VirtualKeySettings) -> Vec<Found<L>> {
        let named = format!("virtual key `{}`", key.id);
        self.found(state, key, None, &named, &state.origin_of_virtual_key(key.id.as_str()))
    }

    fn of_all<'a, L: Limit + 'a, T: Section + Limited + 'a>(
        &'a self,
        state: &'a State,
    ) -> impl Iterator<Item = Found<L>> + use<'a, L, T> {
        state.every::<T>().flat_map(|one| self.of_one(state, one))
    }

    fn of_one<L: Limit, T: Section + Limited>(&self, state: &State, one: &T) -> Vec<Found<L>> {
        let key = one.key();
        let (named, origin) = (format!("{} `{key}`", T::WORDS), state.origin_of::<T>(&key));
        self.found(state, one, Some(&key), &named, &origin)
    }

    /// The limits of a document.
    fn found<L: Limit>(
        &self,
        state: &State,
        document: &impl Limited,
        key: Option<&str>,
        named: &str,
        origin: &Origin,
    ) -> Vec<Found<L>> {
        let mut all = Vec::new();
        for allowance in document.allowances() {
            for at in L::places(&allowance) {
                let whose = Whose::of(state, &allowance.owner, key);
                let Some(shown) = L::shown(self, &allowance, at.place, whose) else {
                    continue;
                };
                all.push(Found {
                    owner: allowance.owner.clone(),
                    path: super::foreign::at(&allowance.path, &at.path),
                    at,
                    named: named.to_owned(),
                    origin: origin.clone(),
                    shown,
                });
            }
        }
        all
    }

    /// The limit of that id. Ids tell whose they are, so that only the owner is looked through.
    fn one_limit<L: Limit>(&self, id: &str) -> Result<Found<L>, ControlError> {
        let state = self.state.load();
        let quota = match id.strip_suffix("/rate_limit") {
            Some(owner) => QuotaId::from(format!("{owner}/requests")),
            None => QuotaId::from(id),
        };
        let of_owner: Vec<Found<L>> = match Owner::of(&quota) {
            None => Vec::new(),
            Some(Owner::VirtualKey(key) | Owner::Entry(key, _) | Owner::KeyModel(key, _)) => {
                let key = state.virtual_key(key.as_str());
                key.map(|key| self.of_key(&state, key)).unwrap_or_default()
            }
            Some(Owner::Customer(id)) => {
                let one = state.one::<CustomerSettings>(id.as_str());
                one.map(|one| self.of_one(&state, one)).unwrap_or_default()
            }
            Some(Owner::Team(id)) => {
                let one = state.one::<TeamSettings>(id.as_str());
                one.map(|one| self.of_one(&state, one)).unwrap_or_default()
            }
            Some(Owner::Provider(name)) => {
                let one = state.one::<ProviderLimits>(name.as_str());
                one.map(|one| self.of_one(&state, one)).unwrap_or_default()
            }
            Some(Owner::Model(_) | Owner::ModelAt(..)) => self.of_all::<L, ModelConfig>(&state).collect(),
        };
        let mut fitting = of_owner.into_iter().filter(|found| found.at.id == id);
        fitting
            .next()
            .ok_or_else(|| ControlError::NotFound(format!("there is no {} `{id}`", L::WORDS.to_lowercase())))
    }

    /// Changes the limits of the owner of one that was found.
    async fn change_limits<L: Limit>(
        &self,
        found: &Found<L>,
        author: &str,
        change: impl FnOnce(Said<'_>) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        found.origin.check_changeable(&found.named)?;
        let changed = self.change(author, |store| {
            let said = said_of(store, &found.owner).ok_or_else(|| {
                // Deleted between the two looks.
                ControlError::NotFound(format!("there is no {} any more", found.named))
            })?;
            change(said)
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

/// What the store says of an owner's budgets and rate limit.
fn said_of<'a>(store: &'a mut Docs, owner: &Owner) -> Option<Said<'a>> {
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
        Owner::VirtualKey(id) => both!(keys.get_mut(id).map(Arc::make_mut)),
        Owner::Entry(id, provider) => {
            let mut entries = Arc::make_mut(keys.get_mut(id)?).provider_configs.iter_mut();
            both!(entries.find(|entry| entry.provider == *provider))
        }
        Owner::KeyModel(id, model) => {
            let mut of_models = Arc::make_mut(keys.get_mut(id)?).model_limits.iter_mut();
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
