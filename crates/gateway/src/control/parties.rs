//! Who and what has limits besides virtual keys, through the management API: customers, teams, models, providers.

use gateway_governance::settings::{CustomerSettings, ModelConfig, ProviderLimits, TeamSettings};
use gateway_types::ProviderName;
use serde_json::{Map, Value, json};

use super::documents::Document;
use super::foreign::{Foreign, PARTY};
use super::state::Docs;
use super::{ControlError, Shared, limits};

impl Document for CustomerSettings {
    const ONE: &'static str = "customer";
    const MANY: &'static str = "customers";
    const NAMED: bool = true;
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared) -> Value {
        let teams: Vec<Value> = shared
            .state
            .load()
            .effective()
            .plain
            .teams
            .values()
            .filter(|team| team.customer_id.as_ref() == Some(&self.id))
            .map(|team| json!({ "id": team.id, "name": team.name }))
            .collect();
        let mut shown = json!({ "id": self.id, "name": self.name, "teams": teams });
        shared.show_all_limits(&mut shown, self);
        shown
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
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared) -> Value {
        let state = shared.state.load();
        let customer = self.customer_id.as_ref();
        let customer = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str()));
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "customer_id": self.customer_id,
            "customer": customer.map(|customer| json!({ "id": customer.id, "name": customer.name })),
        });
        shared.show_all_limits(&mut shown, self);
        shown
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
    const FOREIGN: &'static Foreign = &PARTY;

    fn read(fields: &mut Map<String, Value>, path: &str, warnings: &mut Vec<String>) -> Result<(), ControlError> {
        Self::FOREIGN.take_out(fields, path, warnings);
        limits::read(fields, path, warnings)
    }

    fn patch(before: Map<String, Value>, fields: Map<String, Value>) -> Map<String, Value> {
        limits::patch(before, fields)
    }

    fn shown(&self, shared: &Shared) -> Value {
        let mut shown = json!({ "id": self.id, "model_name": self.model_name, "provider": self.provider });
        shared.show_all_limits(&mut shown, self);
        warn_of_missing(&mut shown, "provider", self.provider.as_ref(), shared);
        shown
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

    fn shown(&self, shared: &Shared) -> Value {
        let mut shown = json!({ "name": self.name, "provider": self.name });
        shared.show_all_limits(&mut shown, self);
        warn_of_missing(&mut shown, "name", Some(&self.name), shared);
        shown
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.name.as_str()]
    }
}

/// Warns where the provider of limits is not there (yet): until it is, they hold for nobody.
fn warn_of_missing(shown: &mut Value, field: &str, provider: Option<&ProviderName>, shared: &Shared) {
    let snapshot = shared.snapshot.load();
    if let Some(provider) = provider.filter(|provider| !snapshot.upstreams.contains_key(*provider)) {
        shown["warnings"] = json!([format!("`{field}`: there is no provider `{provider}` yet")]);
    }
}
