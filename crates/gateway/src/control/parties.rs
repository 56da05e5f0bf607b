//! Who and what has limits besides virtual keys, through the management API: customers, teams, models, providers.

mod shown;

use gateway_governance::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings, VirtualKeySettings};
use gateway_types::ProviderName;
use serde_json::{Map, Value};

pub use shown::{Named, ShownCustomer, ShownModelConfig, ShownProviderLimits, ShownTeam};

use super::documents::Document;
use super::foreign::{Foreign, PARTY};
use super::state::Docs;
use super::{ControlError, Shared, limits};

impl Document for CustomerSettings {
    const ONE: &'static str = "customer";
    const MANY: &'static str = "customers";
    const NAMED: bool = true;
    type View = ShownCustomer;
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared, origin: String) -> ShownCustomer {
        let state = shared.state.load();
        let teams: Vec<Named> = state
            .every::<TeamSettings>()
            .filter(|team| team.customer_id.as_ref() == Some(&self.id))
            .map(|team| Named::of(team.id.as_str(), &team.name))
            .collect();
        let belongs = |key: &&VirtualKeySettings| {
            let of_team = key.team_id.as_ref();
            key.customer_id.as_ref() == Some(&self.id)
                || of_team.is_some_and(|id| teams.iter().any(|team| team.id == id.as_str()))
        };
        ShownCustomer {
            id: self.id.clone(),
            name: self.name.clone(),
            virtual_key_count: state.virtual_keys().filter(belongs).count(),
            teams,
            origin,
            limits: shared.limits_of(self),
        }
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.id.as_str(), &self.name]
    }

    fn used_by(&self, docs: &Docs) -> Vec<String> {
        let teams = docs.plain.teams.values();
        let teams = teams.filter(|team| team.customer_id.as_ref() == Some(&self.id));
        let keys = docs.virtual_keys.values();
        let keys = keys.filter(|key| key.customer_id.as_ref() == Some(&self.id));
        teams
            .map(|team| format!("team `{}`", team.id))
            .chain(keys.map(|key| format!("virtual key `{}`", key.id)))
            .collect()
    }
}

impl Document for TeamSettings {
    const ONE: &'static str = "team";
    const MANY: &'static str = "teams";
    const FILTERS: &'static [&'static str] = &["customer_id"];
    const NAMED: bool = true;
    type View = ShownTeam;
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared, origin: String) -> ShownTeam {
        let state = shared.state.load();
        let customer = self.customer_id.as_ref();
        let customer = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str()));
        let mine = |key: &&VirtualKeySettings| key.team_id.as_ref() == Some(&self.id);
        ShownTeam {
            id: self.id.clone(),
            name: self.name.clone(),
            customer_id: self.customer_id.clone(),
            customer: customer.map(|customer| Named::of(customer.id.as_str(), &customer.name)),
            virtual_key_count: state.virtual_keys().filter(mine).count(),
            origin,
            limits: shared.limits_of(self),
        }
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.id.as_str(), &self.name]
    }

    fn used_by(&self, docs: &Docs) -> Vec<String> {
        let keys = docs.virtual_keys.values();
        keys.filter(|key| key.team_id.as_ref() == Some(&self.id))
            .map(|key| format!("virtual key `{}`", key.id))
            .collect()
    }
}

impl Document for ModelConfig {
    const ONE: &'static str = "model_config";
    const MANY: &'static str = "model_configs";
    const FILTERS: &'static [&'static str] = &["provider", "model_name"];
    type View = ShownModelConfig;
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared, origin: String) -> ShownModelConfig {
        ShownModelConfig {
            id: self.id.clone(),
            model_name: self.model_name.clone(),
            provider: self.provider.clone(),
            warnings: self
                .provider
                .iter()
                .filter_map(|name| missing("provider", name, shared))
                .collect(),
            origin,
            limits: shared.limits_of(self),
        }
    }

    fn searched(&self) -> Vec<&str> {
        let provider = self.provider.as_ref().map_or("", |provider| provider.as_str());
        vec![&self.id, &self.model_name, provider]
    }
}

impl Document for ProviderLimits {
    const ONE: &'static str = "provider";
    const MANY: &'static str = "providers";
    const KEY: &'static str = "name";
    const NUMBERED: bool = false;
    type View = ShownProviderLimits;
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        // The answers' other word for the name.
        if let Some(provider) = fields.remove("provider") {
            fields.entry(Self::KEY).or_insert(provider);
        }
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared, origin: String) -> ShownProviderLimits {
        ShownProviderLimits {
            name: self.name.clone(),
            provider: self.name.clone(),
            warnings: missing("name", &self.name, shared).into_iter().collect(),
            origin,
            limits: shared.limits_of(self),
        }
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.name.as_str()]
    }
}

/// Warns where the provider of limits is not there (yet): until it is, they hold for nobody.
fn missing(field: &str, provider: &ProviderName, shared: &Shared) -> Option<String> {
    let known = shared.snapshot.load().upstreams.contains_key(provider);
    (!known).then(|| format!("`{field}`: there is no provider `{provider}` yet"))
}
