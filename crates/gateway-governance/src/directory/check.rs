//! What is wrong in the settings, all of it at once and each with its path; and what is right, ready to be bound.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use gateway_types::{CustomerId, ProviderName};

use super::limits::OfModel;
use super::{Customer, Directory, Entry, Limited, Said, Team, VirtualKey};
use crate::quota::{QuotaSpec, Scope};
use crate::settings::Alerts;

/// How long a model's name or pattern may be, in bytes.
const LONGEST_MODEL: usize = 256;

/// What is wrong in the settings: the field's path and one sentence.
pub type Fault = (String, String);

/// Checks settings without any effect. Paths of faults are those of [`super::Directory::compile`].
pub fn validate(said: &Said<'_>) -> Result<(), Vec<Fault>> {
    check(said, &Directory::default()).map(drop)
}

/// Settings that are right, and whose quotas are not bound yet.
pub(super) struct Checked {
    pub(super) customers: Vec<(Customer, Vec<QuotaSpec>)>,
    pub(super) teams: Vec<(Team, Vec<QuotaSpec>)>,
    pub(super) models: Vec<OfModel>,
    pub(super) providers: Vec<(ProviderName, Vec<QuotaSpec>)>,
    pub(super) keys: Vec<Key>,
}

/// A virtual key that is right.
pub(super) enum Key {
    /// It is as it was.
    Kept(Arc<VirtualKey>),
    New(Box<NewKey>),
}

/// A virtual key that is right, with the quotas of its own, of its entries, and by model.
pub(super) struct NewKey {
    pub(super) key: VirtualKey,
    pub(super) own: Vec<QuotaSpec>,
    pub(super) entries: Vec<(Entry, Vec<QuotaSpec>)>,
    pub(super) models: Vec<(String, Vec<QuotaSpec>)>,
}

/// Keys that are kept from a directory were right already.
pub(super) fn check(said: &Said<'_>, kept: &Directory) -> Result<Checked, Vec<Fault>> {
    let mut faults = Faults::default();
    if let Some(alerts) = said.alerts {
        faults.alerts("client.alerts", alerts);
    }
    let alerts = said.alerts.cloned().map(Arc::new);
    let checked = Checked {
        customers: faults.customers(said, alerts.as_ref()),
        teams: faults.teams(said, alerts.as_ref()),
        models: faults.models(said, alerts.as_ref()),
        providers: faults.providers(said, alerts.as_ref()),
        keys: faults.keys(said, alerts.as_ref(), kept),
    };
    faults.or(checked)
}

/// What is wrong, so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, path: &str, field: &str, message: impl Into<String>) {
        self.0.push((Self::at(path, field), message.into()));
    }

    /// The path of a field.
    pub(super) fn at(path: &str, field: &str) -> String {
        match (path, field) {
            ("", path) | (path, "") => path.to_owned(),
            (path, field) => format!("{path}.{field}"),
        }
    }

    /// The result, if nothing was wrong with it.
    pub(super) fn or<T>(self, result: T) -> Result<T, Vec<Fault>> {
        if self.0.is_empty() { Ok(result) } else { Err(self.0) }
    }

    fn customers(&mut self, said: &Said<'_>, alerts: Option<&Arc<Alerts>>) -> Vec<(Customer, Vec<QuotaSpec>)> {
        let mut ids = Once::default();
        let all = said.customers.iter().enumerate().map(|(at, settings)| {
            let path = format!("customers[{at}]");
            self.name(&path, "id", settings.id.as_str());
            self.once(&mut ids, &path, "id", &settings.id);
            let customer = Customer {
                id: settings.id.clone(),
                name: settings.name.clone(),
                scope: Scope::default(),
            };
            (customer, self.all_specs(&path, settings, alerts))
        });
        all.collect()
    }

    fn teams(&mut self, said: &Said<'_>, alerts: Option<&Arc<Alerts>>) -> Vec<(Team, Vec<QuotaSpec>)> {
        let customers: Once<&CustomerId> = said.customers.iter().map(|customer| &customer.id).collect();
        let mut ids = Once::default();
        let all = said.teams.iter().enumerate().map(|(at, settings)| {
            let path = format!("teams[{at}]");
            self.name(&path, "id", settings.id.as_str());
            self.once(&mut ids, &path, "id", &settings.id);
            if let Some(customer) = &settings.customer_id {
                self.known(
                    &path,
                    "customer_id",
                    customers.has(&customer),
                    "customer",
                    customer.as_str(),
                );
            }
            let team = Team {
                id: settings.id.clone(),
                name: settings.name.clone(),
                customer: settings.customer_id.clone(),
                scope: Scope::default(),
            };
            (team, self.all_specs(&path, settings, alerts))
        });
        all.collect()
    }

    fn models(&mut self, said: &Said<'_>, alerts: Option<&Arc<Alerts>>) -> Vec<OfModel> {
        let (mut ids, mut models) = (Once::default(), Once::default());
        let all = said.models.iter().enumerate().map(|(at, settings)| {
            let path = format!("model_configs[{at}]");
            self.name(&path, "id", &settings.id);
            self.once(&mut ids, &path, "id", &settings.id);
            self.model(&path, "model_name", &settings.model_name);
            let provider = settings.provider.as_ref();
            if let Some(provider) = provider {
                self.name(&path, "provider", provider.as_str());
            }
            if models.again((&settings.model_name, provider)) {
                let at = provider.map_or_else(String::new, |provider| format!(" at provider {provider}"));
                let message = format!("`{}`{at} is there twice; one config per model", settings.model_name);
                self.add(&path, "model_name", message);
            }
            OfModel {
                pattern: settings.model_name.clone(),
                provider: settings.provider.clone(),
                specs: self.all_specs(&path, settings, alerts),
            }
        });
        all.collect()
    }

    fn providers(&mut self, said: &Said<'_>, alerts: Option<&Arc<Alerts>>) -> Vec<(ProviderName, Vec<QuotaSpec>)> {
        let mut names = Once::default();
        let all = said.providers.iter().enumerate().map(|(at, settings)| {
            let path = format!("providers[{at}]");
            self.name(&path, "name", settings.name.as_str());
            self.once(&mut names, &path, "name", &settings.name);
            (settings.name.clone(), self.all_specs(&path, settings, alerts))
        });
        all.collect()
    }

    fn all_specs(&mut self, path: &str, settings: &impl Limited, alerts: Option<&Arc<Alerts>>) -> Vec<QuotaSpec> {
        let allowances = settings.allowances();
        let specs = allowances
            .iter()
            .flat_map(|allowance| self.specs(&Self::at(path, &allowance.path), allowance, alerts));
        specs.collect()
    }

    pub(super) fn alerts(&mut self, path: &str, alerts: &Alerts) {
        let url = alerts.webhook_url.as_str();
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        if host.is_none_or(str::is_empty) || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let message = format!("`{url}` is no address that begins with http:// or https://");
            self.add(path, "webhook_url", message);
        }
        if alerts.thresholds.is_empty() {
            self.add(
                path,
                "thresholds",
                "it is empty; write percent of the budget, as in [50, 80, 100]",
            );
        }
        for (at, percent) in alerts.thresholds.iter().enumerate() {
            if !(1..=100).contains(percent) {
                let message = format!("{percent} is no threshold; write percent of the budget, 1 to 100");
                self.add(path, &format!("thresholds[{at}]"), message);
            }
        }
    }

    /// Names become parts of quota ids and of paths.
    pub(super) fn name(&mut self, path: &str, field: &str, name: &str) {
        if name.is_empty() || name.len() > 200 || name.chars().any(|c| c == '/' || c.is_control() || c.is_whitespace())
        {
            let message = "it must have 1 to 200 characters, without slashes and spaces";
            self.add(path, field, message);
        }
    }

    /// A model's name may hold what it likes, as long as it can be shown.
    pub(super) fn model(&mut self, path: &str, field: &str, model: &str) {
        if model.trim().is_empty() {
            self.add(path, field, "it is empty; write a model's name, with * as wildcard");
        } else if model.len() > LONGEST_MODEL || model.trim() != model || model.chars().any(char::is_control) {
            let message = format!("it must have at most {LONGEST_MODEL} characters, and no spaces around it");
            self.add(path, field, message);
        } else if model.starts_with("regex:") {
            // The reference has such entries. Taken as a name, one that is to block something would block nothing.
            self.add(
                path,
                field,
                "regular expressions are not known here; write a name, with * as wildcard",
            );
        }
    }

    pub(super) fn known(&mut self, path: &str, field: &str, known: bool, what: &str, id: &str) {
        if !known {
            self.add(
                path,
                field,
                format!("there is no {what} `{id}`; make it first, or name one that exists"),
            );
        }
    }

    pub(super) fn once<T: Eq + Hash + Display>(&mut self, seen: &mut Once<T>, path: &str, field: &str, id: T) {
        if seen.has(&id) {
            self.add(path, field, format!("`{id}` is there twice; {field}s must differ"));
        }
        seen.again(id);
    }
}

/// What was seen before.
pub(super) struct Once<T>(HashSet<T>);

impl<T: Eq + Hash> Once<T> {
    pub(super) fn has(&self, id: &T) -> bool {
        self.0.contains(id)
    }

    /// Notes it, and tells whether it was there already.
    pub(super) fn again(&mut self, id: T) -> bool {
        !self.0.insert(id)
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Eq + Hash> FromIterator<T> for Once<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}
