//! Every limit that a virtual key is under: its own, its team's, its customer's, and those of the providers and models that it
//! may use.

use gateway_governance::directory::{Allowance, Limited};
use gateway_governance::quota::Owner;
use gateway_governance::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings};
use gateway_types::{NanoUsd, ProviderName, QuotaId, Span, VirtualKeyId, Wall};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::state::State;
use super::super::{Control, ControlError, Shared};
use super::{name, no_virtual_key};

/// Every limit that a virtual key is under.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EffectiveLimits {
    /// The key.
    pub virtual_key_id: VirtualKeyId,
    /// The limits: the key's own first, then its team's and its customer's, then those of providers and models.
    pub limits: Vec<EffectiveLimit>,
}

/// A limit that a virtual key is under.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EffectiveLimit {
    /// Its id in the ledger and in refusals.
    pub id: QuotaId,
    /// Whose it is.
    pub owner: Owned,
    /// The calls that it holds for: those to this provider. None: to every provider.
    pub provider: Option<ProviderName>,
    /// The calls that it holds for: those to these models, `*` being a wildcard. None: to every model.
    pub model: Option<String>,
    /// What is counted.
    pub unit: UnitWord,
    /// How much of it: dollars, or a number.
    pub limit: f64,
    /// What was used of it in this window.
    pub used: f64,
    /// What calls under way hold of it.
    pub held: f64,
    /// What is left; never below 0.
    pub remaining: f64,
    /// How long a window lasts. None where there is no window: of requests in flight.
    pub reset_duration: Option<Span>,
    /// Whether windows follow the UTC calendar.
    pub calendar_aligned: bool,
    /// When the window ends, in RFC 3339. None: it begins with the next use.
    pub resets_at: Option<String>,
    /// Whether it leaves the least of those of its unit that hold for every call: what will refuse first.
    pub tightest: bool,
}

/// Whose a limit is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LimitOwner")]
pub struct Owned {
    /// Of what kind.
    pub kind: OwnerKind,
    /// Its id; of a limit by model, the model.
    pub id: String,
    /// The name to show.
    pub name: String,
}

/// Who or what has limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LimitOwnerKind")]
pub enum OwnerKind {
    /// A virtual key: in all, at a provider or for a model.
    VirtualKey,
    /// A team.
    Team,
    /// A customer.
    Customer,
    /// A provider, whoever calls.
    Provider,
    /// A model, whoever calls.
    Model,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LimitUnit")]
pub enum UnitWord {
    /// Dollars.
    Dollars,
    /// Requests per window.
    Requests,
    /// Tokens per window.
    Tokens,
    /// Requests at the same time.
    InFlight,
}

impl Control {
    /// `GET /api/governance/virtual-keys/{id}/limits`.
    pub fn effective_limits(&self, id: &str) -> Result<EffectiveLimits, ControlError> {
        let (shared, state) = (&self.shared, self.shared.state.load());
        let key = state.virtual_key(id).ok_or_else(|| no_virtual_key(id))?;
        let team = key.team_id.as_ref();
        let team = team.and_then(|id| state.one::<TeamSettings>(id.as_str()));
        let customer = key.customer_id.as_ref().or_else(|| team?.customer_id.as_ref());
        let customer = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str()));
        let may_use = |provider: &ProviderName| {
            let entries = &key.provider_configs;
            entries.is_empty() || entries.iter().any(|entry| entry.provider == *provider)
        };
        let providers = state.every::<ProviderLimits>().filter(|limits| may_use(&limits.name));
        let models = state
            .every::<ModelConfig>()
            .filter(|config| config.provider.as_ref().is_none_or(may_use));
        let mut allowances = key.allowances();
        allowances.extend(team.into_iter().flat_map(Limited::allowances));
        allowances.extend(customer.into_iter().flat_map(Limited::allowances));
        allowances.extend(providers.flat_map(Limited::allowances));
        allowances.extend(models.flat_map(Limited::allowances));
        let mut limits: Vec<_> = allowances
            .iter()
            .flat_map(|allowance| shared.each_limit(&state, allowance))
            .collect();
        mark_tightest(&mut limits);
        Ok(EffectiveLimits {
            virtual_key_id: key.id.clone(),
            limits,
        })
    }
}

impl Shared {
    /// The limits of an allowance, one by one.
    fn each_limit(&self, state: &State, allowance: &Allowance<'_>) -> Vec<EffectiveLimit> {
        let owner = &allowance.owner;
        let whose = owned(state, owner);
        let (provider, model) = holds_for(owner);
        let limit = |id: QuotaId, unit: UnitWord, most: f64, span: Option<&Span>, aligned: bool| {
            let used = self.used(&id, span, aligned);
            let counted = |amount: i64| match unit {
                UnitWord::Dollars => NanoUsd(amount).dollars(),
                _ => amount as f64,
            };
            EffectiveLimit {
                id,
                owner: whose.clone(),
                provider: provider.cloned(),
                model: model.map(str::to_owned),
                unit,
                limit: most,
                used: counted(used.used),
                held: counted(used.held),
                remaining: (most - counted(used.used.saturating_add(used.held))).max(0.0),
                reset_duration: span.cloned(),
                calendar_aligned: aligned,
                resets_at: used.ends.map(Wall::rfc3339),
                tightest: false,
            }
        };
        let budgets = allowance.budgets.iter().enumerate().map(|(place, budget)| {
            let id = owner.budget(place, budget.id.as_deref());
            let span = Some(&budget.reset_duration);
            limit(id, UnitWord::Dollars, budget.max_limit, span, budget.calendar_aligned)
        });
        let mut limits: Vec<_> = budgets.collect();
        let Some(rates) = allowance.rate_limit else {
            return limits;
        };
        let aligned = rates.calendar_aligned;
        limits.extend(rates.request_max_limit.map(|most| {
            let span = rates.request_reset_duration.as_ref();
            limit(owner.requests(), UnitWord::Requests, most as f64, span, aligned)
        }));
        limits.extend(rates.token_max_limit.map(|most| {
            let span = rates.token_reset_duration.as_ref();
            limit(owner.tokens(), UnitWord::Tokens, most as f64, span, aligned)
        }));
        let in_flight = rates.max_in_flight;
        limits.extend(in_flight.map(|most| limit(owner.in_flight(), UnitWord::InFlight, most as f64, None, false)));
        limits
    }
}

/// Marks, for each unit, what leaves the least of what holds for every call.
fn mark_tightest(limits: &mut [EffectiveLimit]) {
    for unit in [
        UnitWord::Dollars,
        UnitWord::Requests,
        UnitWord::Tokens,
        UnitWord::InFlight,
    ] {
        let of_unit = limits
            .iter_mut()
            .filter(|limit| limit.unit == unit && limit.provider.is_none() && limit.model.is_none());
        if let Some(tightest) = of_unit.min_by(|one, other| one.remaining.total_cmp(&other.remaining)) {
            tightest.tightest = true;
        }
    }
}

/// The provider and the models whose calls an owner's limits hold for, where not for all.
fn holds_for(owner: &Owner) -> (Option<&ProviderName>, Option<&str>) {
    match owner {
        Owner::Customer(_) | Owner::Team(_) | Owner::VirtualKey(_) => (None, None),
        Owner::Entry(_, provider) | Owner::Provider(provider) => (Some(provider), None),
        Owner::KeyModel(_, model) | Owner::Model(model) => (None, Some(model)),
        Owner::ModelAt(provider, model) => (Some(provider), Some(model)),
    }
}

/// Whose a limit is, with the name to show.
pub(in super::super) fn owned(state: &State, owner: &Owner) -> Owned {
    let (kind, id, named) = match owner {
        Owner::Customer(id) => {
            let customer = state.one::<CustomerSettings>(id.as_str());
            (
                OwnerKind::Customer,
                id.as_str(),
                customer.map(|customer| customer.name.as_str()),
            )
        }
        Owner::Team(id) => {
            let team = state.one::<TeamSettings>(id.as_str());
            (OwnerKind::Team, id.as_str(), team.map(|team| team.name.as_str()))
        }
        Owner::VirtualKey(id) | Owner::Entry(id, _) | Owner::KeyModel(id, _) => (
            OwnerKind::VirtualKey,
            id.as_str(),
            state.virtual_key(id.as_str()).map(name),
        ),
        Owner::Provider(provider) => (OwnerKind::Provider, provider.as_str(), None),
        Owner::Model(model) | Owner::ModelAt(_, model) => (OwnerKind::Model, model.as_str(), None),
    };
    Owned {
        kind,
        id: id.to_owned(),
        name: named.unwrap_or(id).to_owned(),
    }
}
