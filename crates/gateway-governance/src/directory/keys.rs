//! What is wrong with virtual keys; and what is right, ready to be bound.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_types::{CustomerId, TeamId, VirtualKeyId, Wall};

use super::check::{Faults, Key, NewKey, Once};
use super::limits::Limits;
use super::{Directory, Entry, Said, VirtualKey};
use crate::access::{Pattern, Patterns};
use crate::credential::KeyHash;
use crate::quota::{QuotaSpec, Scope};
use crate::settings::{Alerts, ProviderConfig, VirtualKeySettings};

/// How many facts a key may carry, and how long each may be in bytes: they stand in every ledger entry and log row.
const MOST_FACTS: usize = 32;
const LONGEST_FACT_NAME: usize = 64;
const LONGEST_FACT: usize = 256;

/// Whom a key can belong to.
struct Parties<'a> {
    teams: HashMap<&'a TeamId, Option<&'a CustomerId>>,
    customers: Once<&'a CustomerId>,
}

impl Faults {
    pub(super) fn keys(&mut self, said: &Said<'_>, alerts: Option<&Arc<Alerts>>, kept: &Directory) -> Vec<Key> {
        let parties = Parties {
            teams: said
                .teams
                .iter()
                .map(|team| (&team.id, team.customer_id.as_ref()))
                .collect(),
            customers: said.customers.iter().map(|customer| &customer.id).collect(),
        };
        let mut ids = Once::default();
        let mut hashes: HashMap<KeyHash, &VirtualKeyId> = HashMap::new();
        let mut checked = Vec::with_capacity(said.keys.len());
        for (at, settings) in said.keys.iter().enumerate() {
            let path = format!("virtual_keys[{at}]");
            let key = match kept.compiled(settings) {
                Some(key) => Some(Key::Kept(Arc::clone(key))),
                None => {
                    let key = self.key(&path, settings, &parties, alerts);
                    key.map(|key| Key::New(Box::new(key)))
                }
            };
            self.once(&mut ids, &path, "id", &settings.id);
            for hash in key.iter().flat_map(|key| key.key().hashes()) {
                let other = hashes.insert(hash, &settings.id);
                if let Some(other) = other.filter(|other| **other != settings.id) {
                    let message = format!("it is the value of virtual key {other} too; values must differ");
                    self.add(&path, "value", message);
                }
            }
            checked.extend(key);
        }
        checked
    }

    fn key(
        &mut self,
        path: &str,
        settings: &Arc<VirtualKeySettings>,
        parties: &Parties<'_>,
        alerts: Option<&Arc<Alerts>>,
    ) -> Option<NewKey> {
        self.name(path, "id", settings.id.as_str());
        let hash = self.value(path, settings);
        let previous = self.previous(path, settings);
        let expires = self.expiry(path, settings);
        let customer = self.belongs(path, settings, parties);
        self.metadata(path, settings);
        let required_headers = self.headers(path, &settings.required_headers);
        let own_alerts = settings.alerts.clone().map(Arc::new);
        if let Some(own) = &own_alerts {
            self.alerts(&Self::at(path, "alerts"), own);
        }
        let alerts = own_alerts.as_ref().or(alerts);
        let own = self.specs(path, &settings.own(), alerts);
        let entries = self.entries(path, settings, alerts);
        let models = self.model_limits(path, settings, alerts);
        let key = VirtualKey {
            id: settings.id.clone(),
            name: match settings.name.as_str() {
                "" => settings.id.to_string(),
                name => name.to_owned(),
            },
            strategy: settings.strategy.clone(),
            strict: settings.strict_translation,
            passthrough: settings.allow_passthrough,
            team: settings.team_id.clone(),
            customer,
            metadata: settings.metadata.clone(),
            on_disconnect: settings.on_disconnect,
            required_headers,
            alerts: settings.alerts.clone(),
            entries: Vec::new(),
            scope: Scope::default(),
            blocked: self.blocked(path, &settings.blacklisted_models),
            models: Patterns::default(),
            limits: Arc::<Limits>::default(),
            hash: hash?,
            previous,
            partition: format!("vk/{}", settings.id),
            active: settings.is_active,
            expires,
            said: Arc::clone(settings),
        };
        Some(NewKey {
            key,
            own,
            entries,
            models,
        })
    }

    fn value(&mut self, path: &str, settings: &VirtualKeySettings) -> Option<KeyHash> {
        let Some(hash) = &settings.value_hash else {
            let message = "it is missing; a virtual key needs a value that clients present";
            self.add(path, "value", message);
            return None;
        };
        self.hash(path, "value_hash", hash)
    }

    fn hash(&mut self, path: &str, field: &str, text: &str) -> Option<KeyHash> {
        let hash = text.parse();
        if let Err(error) = &hash {
            self.add(path, field, format!("{error}"));
        }
        hash.ok()
    }

    fn previous(&mut self, path: &str, settings: &VirtualKeySettings) -> Vec<(KeyHash, Wall)> {
        let mut all = Vec::with_capacity(settings.previous.len());
        for (at, previous) in settings.previous.iter().enumerate() {
            let path = format!("{path}.previous[{at}]");
            let hash = self.hash(&path, "value_hash", &previous.value_hash);
            let until = self.time(&path, "until", &previous.until);
            all.extend(hash.zip(until));
        }
        all
    }

    fn expiry(&mut self, path: &str, settings: &VirtualKeySettings) -> Option<Wall> {
        let text = settings.expires_at.as_deref()?;
        self.time(path, "expires_at", text)
    }

    fn time(&mut self, path: &str, field: &str, text: &str) -> Option<Wall> {
        let time = Wall::parse_rfc3339(text);
        if time.is_none() {
            let message = format!("`{text}` is no RFC 3339 time, as in 2030-01-31T12:00:00Z");
            self.add(path, field, message);
        }
        time
    }

    /// The customer that a key belongs to: its team's, else its own.
    fn belongs(&mut self, path: &str, settings: &VirtualKeySettings, parties: &Parties<'_>) -> Option<CustomerId> {
        let own = settings.customer_id.as_ref();
        if let Some(id) = own {
            self.known(path, "customer_id", parties.customers.has(&id), "customer", id.as_str());
        }
        let Some(id) = &settings.team_id else {
            return own.cloned();
        };
        let team = parties.teams.get(id);
        self.known(path, "team_id", team.is_some(), "team", id.as_str());
        let of_team = team.copied().flatten();
        if let Some(own) = own.filter(|own| team.is_some() && of_team != Some(own)) {
            let whose = match of_team {
                Some(other) => format!("customer `{other}`"),
                None => String::from("no customer"),
            };
            let message = format!("team `{id}` belongs to {whose}, not to `{own}`; leave it out, or say another team");
            self.add(path, "customer_id", message);
        }
        of_team.cloned()
    }

    fn metadata(&mut self, path: &str, settings: &VirtualKeySettings) {
        let facts = &settings.metadata;
        if facts.len() > MOST_FACTS {
            let message = format!("it has {} entries; at most {MOST_FACTS} are kept", facts.len());
            self.add(path, "metadata", message);
        }
        for (name, fact) in facts {
            let field = format!("metadata[{name:?}]");
            if name.is_empty() || name.len() > LONGEST_FACT_NAME || name.chars().any(char::is_control) {
                let message = format!("its name must have 1 to {LONGEST_FACT_NAME} characters, without line breaks");
                self.add(path, &field, message);
            }
            if fact.len() > LONGEST_FACT || fact.chars().any(char::is_control) {
                let message = format!("it must have at most {LONGEST_FACT} characters, without line breaks");
                self.add(path, &field, message);
            }
        }
    }

    /// Names of headers, as they are compared: in lower case.
    fn headers(&mut self, path: &str, names: &[String]) -> Vec<String> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        for (at, name) in names.iter().enumerate() {
            if name.is_empty() || !name.bytes().all(is_token) {
                let message = format!("`{name}` is no name of a header, as in x-cost-center");
                self.add(path, &format!("required_headers[{at}]"), message);
            }
        }
        names.iter().map(|name| name.to_ascii_lowercase()).collect()
    }

    fn blocked(&mut self, path: &str, models: &[String]) -> Patterns<()> {
        let mut blocked = Patterns::default();
        for (at, model) in models.iter().enumerate() {
            self.model(path, &format!("blacklisted_models[{at}]"), model);
            blocked.insert(model, ());
        }
        blocked
    }

    fn model_limits(
        &mut self,
        path: &str,
        settings: &VirtualKeySettings,
        alerts: Option<&Arc<Alerts>>,
    ) -> Vec<(String, Vec<QuotaSpec>)> {
        let mut names = Once::default();
        let all = settings
            .model_limits
            .iter()
            .zip(settings.of_models())
            .map(|(limit, allowance)| {
                let path = Self::at(path, &allowance.path);
                self.model(&path, "model_name", &limit.model_name);
                self.once(&mut names, &path, "model_name", &limit.model_name);
                (limit.model_name.clone(), self.specs(&path, &allowance, alerts))
            });
        all.collect()
    }

    fn entries(
        &mut self,
        path: &str,
        settings: &VirtualKeySettings,
        alerts: Option<&Arc<Alerts>>,
    ) -> Vec<(Entry, Vec<QuotaSpec>)> {
        let mut providers = Once::default();
        let all = settings
            .provider_configs
            .iter()
            .zip(settings.of_entries())
            .map(|(config, allowance)| {
                let path = Self::at(path, &allowance.path);
                if providers.again(&config.provider) {
                    let message = format!("`{}` is there twice; one entry per provider", config.provider);
                    self.add(&path, "provider", message);
                }
                let entry = self.entry(&path, config);
                (entry, self.specs(&path, &allowance, alerts))
            });
        all.collect()
    }

    fn entry(&mut self, path: &str, config: &ProviderConfig) -> Entry {
        self.name(path, "provider", config.provider.as_str());
        if !config.weight.is_finite() || config.weight < 0.0 {
            let message = format!("{} is no weight; write a number that is 0 or more", config.weight);
            self.add(path, "weight", message);
        }
        for (at, model) in config.allowed_models.iter().enumerate() {
            self.model(path, &format!("allowed_models[{at}]"), model);
        }
        for (asked, served) in &config.model_aliases {
            if asked.trim().is_empty() || served.as_str().trim().is_empty() || served == "*" {
                let message = "an alias maps a model's name, or *, to the name of one model";
                self.add(path, &format!("model_aliases[{asked:?}]"), message);
            }
        }
        let allowed = config.allowed_models.iter();
        Entry {
            provider: config.provider.clone(),
            weight: config.weight,
            key_ids: (!config.key_ids.is_empty()).then(|| config.key_ids.as_slice().into()),
            scope: Scope::default(),
            allowed: allowed.map(|model| Pattern::new(model, &config.provider)).collect(),
            blocked: self.blocked(path, &config.blacklisted_models),
            aliases: config.model_aliases.clone(),
        }
    }
}

impl Key {
    fn key(&self) -> &VirtualKey {
        match self {
            Self::Kept(key) => key,
            Self::New(new) => &new.key,
        }
    }
}

impl VirtualKey {
    /// The hashes of all its values, the one in force last.
    fn hashes(&self) -> impl Iterator<Item = KeyHash> {
        self.previous.iter().map(|(hash, _)| *hash).chain([self.hash])
    }
}
