//! Who has budgets and limits: one list per kind of settings, from which quotas, faults and the API's shapes are made.

use super::check::{Fault, Faults};
use crate::quota::{Owner, QuotaSpec};
use crate::settings::{
    Budget, CustomerSettings, ModelConfig, ProviderLimits, RateLimit, TeamSettings, VirtualKeySettings,
};

/// The budgets and limits of one owner, as they are said.
#[derive(Clone, Debug)]
pub struct Allowance<'a> {
    /// Whose they are; ids of quotas are made of it.
    pub owner: Owner,
    /// Where they stand in the settings: empty, or as in `provider_configs[0]`.
    pub path: String,
    /// What may be spent.
    pub budgets: &'a [Budget],
    /// How often may be called, and for how many tokens.
    pub rate_limit: Option<&'a RateLimit>,
}

/// Settings that stand for quotas.
pub trait Limited {
    /// Its own budgets and limits, then those of its parts.
    fn allowances(&self) -> Vec<Allowance<'_>>;
}

/// The quotas that settings stand for, in the order of their allowances: budgets in their order, requests, tokens, requests in
/// flight. Who is told when one runs low is not part of it.
pub fn quotas_of(settings: &impl Limited) -> Result<Vec<QuotaSpec>, Vec<Fault>> {
    let mut faults = Faults::default();
    let specs = settings
        .allowances()
        .iter()
        .flat_map(|allowance| faults.specs(&allowance.path, allowance, None))
        .collect();
    faults.or(specs)
}

impl<'a> Allowance<'a> {
    fn new(owner: Owner, budgets: &'a [Budget], rate_limit: Option<&'a RateLimit>) -> Self {
        Self {
            owner,
            path: String::new(),
            budgets,
            rate_limit,
        }
    }

    fn at(self, list: &str, index: usize) -> Self {
        Self {
            path: format!("{list}[{index}]"),
            ..self
        }
    }
}

impl VirtualKeySettings {
    /// What it has in all, at providers and for models not counted.
    pub(super) fn own(&self) -> Allowance<'_> {
        Allowance::new(Owner::virtual_key(&self.id), &self.budgets, self.rate_limit.as_ref())
    }

    pub(super) fn of_entries(&self) -> impl Iterator<Item = Allowance<'_>> {
        self.provider_configs.iter().enumerate().map(|(index, entry)| {
            let owner = Owner::entry(&self.id, &entry.provider);
            Allowance::new(owner, &entry.budgets, entry.rate_limit.as_ref()).at("provider_configs", index)
        })
    }

    pub(super) fn of_models(&self) -> impl Iterator<Item = Allowance<'_>> {
        self.model_limits.iter().enumerate().map(|(index, limit)| {
            let owner = Owner::key_model(&self.id, &limit.model_name);
            Allowance::new(owner, &limit.budgets, limit.rate_limit.as_ref()).at("model_limits", index)
        })
    }
}

impl Limited for VirtualKeySettings {
    fn allowances(&self) -> Vec<Allowance<'_>> {
        std::iter::once(self.own())
            .chain(self.of_entries())
            .chain(self.of_models())
            .collect()
    }
}

impl Limited for CustomerSettings {
    fn allowances(&self) -> Vec<Allowance<'_>> {
        let owner = Owner::customer(&self.id);
        vec![Allowance::new(owner, &self.budgets, self.rate_limit.as_ref())]
    }
}

impl Limited for TeamSettings {
    fn allowances(&self) -> Vec<Allowance<'_>> {
        let owner = Owner::team(&self.id);
        vec![Allowance::new(owner, &self.budgets, self.rate_limit.as_ref())]
    }
}

impl Limited for ModelConfig {
    fn allowances(&self) -> Vec<Allowance<'_>> {
        let owner = Owner::model(&self.model_name, self.provider.as_ref());
        vec![Allowance::new(owner, &self.budgets, self.rate_limit.as_ref())]
    }
}

impl Limited for ProviderLimits {
    fn allowances(&self) -> Vec<Allowance<'_>> {
        let owner = Owner::provider(&self.name);
        vec![Allowance::new(owner, &self.budgets, self.rate_limit.as_ref())]
    }
}
