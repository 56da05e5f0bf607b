//! Limits by model and by provider, which hold for every caller, anonymous ones too.

use std::collections::HashMap;

use gateway_types::ProviderName;

use super::Binder;
use crate::access::Patterns;
use crate::quota::{QuotaSpec, Scope};

/// Limits by model and by provider.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// By model, wherever it is served.
    anywhere: Patterns<Scope>,
    at: HashMap<ProviderName, At>,
    none: Scope,
}

/// What holds at one provider.
#[derive(Debug, Default)]
struct At {
    all: Scope,
    models: Patterns<Scope>,
}

/// What is said of the models of a pattern: at one provider, or wherever they are served.
#[derive(Debug)]
pub(super) struct OfModel {
    pub(super) pattern: String,
    pub(super) provider: Option<ProviderName>,
    pub(super) specs: Vec<QuotaSpec>,
}

impl Limits {
    pub(super) fn bind(
        models: Vec<OfModel>,
        providers: Vec<(ProviderName, Vec<QuotaSpec>)>,
        binder: &mut Binder<'_>,
    ) -> Self {
        let mut limits = Self::default();
        for (provider, specs) in providers {
            limits.at.entry(provider).or_default().all = binder.bind(&specs);
        }
        for OfModel {
            pattern,
            provider,
            specs,
        } in models
        {
            let models = match provider {
                None => &mut limits.anywhere,
                Some(provider) => &mut limits.at.entry(provider).or_default().models,
            };
            models.insert(&pattern, binder.bind(&specs));
        }
        limits
    }

    /// What holds at a provider, whatever the model.
    pub(super) fn of_provider(&self, provider: &ProviderName) -> &Scope {
        self.at.get(provider).map_or(&self.none, |at| &at.all)
    }

    /// Visits what holds for a model at a provider.
    pub(super) fn of_model<'a>(&'a self, provider: &ProviderName, model: &str, mut visit: impl FnMut(&'a Scope)) {
        self.anywhere.each(provider, model, &mut visit);
        if let Some(at) = self.at.get(provider) {
            at.models.each(provider, model, visit);
        }
    }

    /// Whether any model has limits at a provider.
    pub(super) fn ask_for_models(&self, provider: &ProviderName) -> bool {
        !self.anywhere.is_empty() || self.at.get(provider).is_some_and(|at| !at.models.is_empty())
    }
}
