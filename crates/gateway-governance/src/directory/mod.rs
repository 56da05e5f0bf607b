//! Virtual keys and whom they belong to, compiled: found by the hash of what a client presents, ready to be asked what they
//! allow, and under every limit that holds for them.

mod allowance;
mod caller;
mod check;
mod keys;
mod limits;
mod specs;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ahash::HashMap;
use gateway_types::{CustomerId, KeyId, ModelName, ProviderName, QuotaId, TeamId, VirtualKeyId, Wall};

pub use allowance::{Allowance, Limited, quotas_of};
pub use caller::{Principal, Rules, authenticate, recognise};
pub use check::{Fault, validate};

use crate::access::{Pattern, Patterns};
use crate::credential::KeyHash;
use crate::quota::{QuotaSpec, Quotas, Scope};
use crate::settings::{
    Alerts, CustomerSettings, ModelConfig, OnDisconnect, ProviderLimits, TeamSettings, VirtualKeySettings,
};
use check::Checked;
use limits::Limits;

/// All virtual keys of one state of the settings, and all limits. It does not change; the next state has its own.
#[derive(Debug, Default)]
pub struct Directory {
    by_hash: HashMap<KeyHash, Known>,
    by_id: BTreeMap<VirtualKeyId, Arc<VirtualKey>>,
    teams: BTreeMap<TeamId, Team>,
    customers: BTreeMap<CustomerId, Customer>,
    limits: Arc<Limits>,
    retired: HashSet<KeyHash>,
    around: Around,
}

/// A value by which a key is known.
#[derive(Debug)]
struct Known {
    hash: KeyHash,
    key: Arc<VirtualKey>,
    /// Until when it works, where another value has taken its place.
    until: Option<Wall>,
}

/// A customer, as it is shown and asked for its budgets.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The name to show.
    pub name: String,
    /// Its quotas.
    pub scope: Scope,
}

/// A team, as it is shown and asked for its budgets.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// The name to show.
    pub name: String,
    /// The customer that it belongs to.
    pub customer: Option<CustomerId>,
    /// Its own quotas, without its customer's.
    pub scope: Scope,
}

/// One virtual key, as requests need it.
#[derive(Debug)]
pub struct VirtualKey {
    /// The operator's name for it.
    pub id: VirtualKeyId,
    /// The name to show.
    pub name: String,
    /// How one of its entries is chosen, for the router.
    pub strategy: Option<String>,
    /// Whether a translation that leaves something out is refused.
    pub strict: bool,
    /// Whether it may use the passthrough prefixes.
    pub passthrough: bool,
    /// The team that it belongs to.
    pub team: Option<TeamId>,
    /// The customer that it belongs to, by itself or by its team.
    pub customer: Option<CustomerId>,
    /// Facts about it, which become tags of its calls.
    pub metadata: BTreeMap<String, String>,
    /// What happens to a stream whose client has left, where the key says so.
    pub on_disconnect: Option<OnDisconnect>,
    /// Headers that its calls must carry, in lower case.
    pub required_headers: Vec<String>,
    /// Who is told when a budget runs low, where the key says so.
    pub alerts: Option<Alerts>,
    /// What it allows, in the operator's order. None at all: everything that is configured.
    pub entries: Vec<Entry>,
    /// Its own quotas, with those of its team and its customer.
    pub scope: Scope,
    pub(crate) blocked: Patterns<()>,
    models: Patterns<Scope>,
    limits: Arc<Limits>,
    hash: KeyHash,
    previous: Vec<(KeyHash, Wall)>,
    partition: String,
    active: bool,
    expires: Option<Wall>,
    /// What it was compiled from.
    said: Arc<VirtualKeySettings>,
}

/// What a virtual key allows at one provider.
#[derive(Debug)]
pub struct Entry {
    /// The provider.
    pub provider: ProviderName,
    /// Its share; 0 means only as a fallback.
    pub weight: f64,
    /// The provider's keys that may be used. None: all.
    pub key_ids: Option<Arc<[KeyId]>>,
    /// The quotas of the key at this provider, with those of the provider.
    pub scope: Scope,
    pub(crate) allowed: Vec<Pattern>,
    pub(crate) blocked: Patterns<()>,
    pub(crate) aliases: BTreeMap<String, ModelName>,
}

impl Entry {
    /// Whether it allows some models only.
    fn restricts_models(&self) -> bool {
        !self.allowed.is_empty() || !self.blocked.is_empty()
    }

    /// The names that are served as another model here, `*` not among them.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.keys().map(String::as_str).filter(|asked| *asked != "*")
    }
}

/// Everything that is said of callers and their limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// The virtual keys.
    pub keys: &'a [Arc<VirtualKeySettings>],
    /// Hashes of values that were virtual keys and are no more.
    pub retired: &'a [KeyHash],
    /// The teams.
    pub teams: &'a [TeamSettings],
    /// The customers.
    pub customers: &'a [CustomerSettings],
    /// Limits by model, whoever calls.
    pub models: &'a [ModelConfig],
    /// Limits by provider, whoever calls.
    pub providers: &'a [ProviderLimits],
    /// Who is told when a budget runs low, unless its virtual key says otherwise.
    pub alerts: Option<&'a Alerts>,
}

impl<'a> Said<'a> {
    /// Virtual keys and nothing else.
    pub fn keys(keys: &'a [Arc<VirtualKeySettings>]) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }
}

impl Directory {
    /// Compiles what is said. Binds its quotas, so that the new numbers act at once; [`validate`] does not. Paths of faults
    /// begin with `virtual_keys[n]`, `teams[n]`, `customers[n]`, `model_configs[n]`, `providers[n]` or `client.alerts`.
    pub fn compile(said: &Said<'_>, quotas: &Quotas) -> Result<Self, Vec<Fault>> {
        Self::compile_after(&Self::default(), said, quotas)
    }

    /// The same after a change, and quicker: virtual keys whose settings are the very ones of `before` are kept, as long as
    /// nothing has changed around them.
    pub fn compile_after(before: &Self, said: &Said<'_>, quotas: &Quotas) -> Result<Self, Vec<Fault>> {
        let nothing = Self::default();
        let around = Around::of(said, quotas);
        let kept = if around.is(&before.around) { before } else { &nothing };
        let checked = check::check(said, kept)?;
        let mut binder = Binder {
            quotas,
            bound: HashSet::new(),
        };
        let directory = Self::bind(checked, said.retired, &mut binder);
        quotas.retain(&binder.bound);
        Ok(Self { around, ..directory })
    }

    /// What was compiled from those very settings.
    fn compiled(&self, settings: &Arc<VirtualKeySettings>) -> Option<&Arc<VirtualKey>> {
        let key = self.by_id.get(&settings.id);
        key.filter(|key| Arc::ptr_eq(&key.said, settings))
    }

    fn bind(checked: Checked, retired: &[KeyHash], binder: &mut Binder<'_>) -> Self {
        let customers = checked.customers.into_iter().map(|(mut customer, specs)| {
            customer.scope = binder.bind(&specs);
            (customer.id.clone(), customer)
        });
        let customers = customers.collect();
        let teams = checked.teams.into_iter().map(|(mut team, specs)| {
            team.scope = binder.bind(&specs);
            (team.id.clone(), team)
        });
        let mut directory = Self {
            teams: teams.collect(),
            customers,
            limits: Arc::new(Limits::bind(checked.models, checked.providers, binder)),
            retired: retired.iter().copied().collect(),
            ..Self::default()
        };
        for key in checked.keys {
            let key = match key {
                check::Key::Kept(key) => {
                    binder.keep(&key);
                    key
                }
                check::Key::New(new) => Arc::new(directory.key(*new, binder)),
            };
            directory.add(key);
        }
        directory
    }

    fn key(&self, checked: check::NewKey, binder: &mut Binder<'_>) -> VirtualKey {
        let check::NewKey {
            mut key,
            own,
            entries,
            models,
        } = checked;
        let team = key.team.as_ref().and_then(|id| self.teams.get(id));
        let customer = key.customer.as_ref().and_then(|id| self.customers.get(id));
        let above = [team.map(|team| &team.scope), customer.map(|customer| &customer.scope)];
        let own = binder.bind(&own);
        let scopes: Vec<&Scope> = above.into_iter().flatten().chain([&own]).collect();
        key.scope = Scope::join(&scopes);
        for (mut entry, specs) in entries {
            let own = binder.bind(&specs);
            entry.scope = Scope::join(&[&own, self.limits.of_provider(&entry.provider)]);
            key.entries.push(entry);
        }
        for (pattern, specs) in models {
            key.models.insert(&pattern, binder.bind(&specs));
        }
        key.limits = Arc::clone(&self.limits);
        key
    }

    fn add(&mut self, key: Arc<VirtualKey>) {
        let values = key.previous.iter().map(|(hash, until)| (*hash, Some(*until)));
        for (hash, until) in values.chain([(key.hash, None)]) {
            let key = Arc::clone(&key);
            self.by_hash.insert(hash, Known { hash, key, until });
        }
        self.by_id.insert(key.id.clone(), key);
    }

    /// The key of that id.
    pub fn by_id(&self, id: &VirtualKeyId) -> Option<&Arc<VirtualKey>> {
        self.by_id.get(id)
    }

    /// All keys, in the order of their ids.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<VirtualKey>> {
        self.by_id.values()
    }

    /// The team of that id.
    pub fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.get(id)
    }

    /// All teams, in the order of their ids.
    pub fn teams(&self) -> impl Iterator<Item = &Team> {
        self.teams.values()
    }

    /// The customer of that id.
    pub fn customer(&self, id: &CustomerId) -> Option<&Customer> {
        self.customers.get(id)
    }

    /// All customers, in the order of their ids.
    pub fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.customers.values()
    }

    /// The key whose value has that hash, or had it before a rotation. An id is no value: it is found only where the operator
    /// chose it as one.
    fn known(&self, hash: &KeyHash) -> Option<&Known> {
        self.by_hash.get(hash).filter(|known| known.hash.same(hash))
    }

    fn is_bare(&self) -> bool {
        self.by_id.is_empty() && self.retired.is_empty()
    }
}

/// What compiled keys follow from beside their own settings.
#[derive(Debug, Default)]
struct Around {
    quotas: Quotas,
    teams: Vec<TeamSettings>,
    customers: Vec<CustomerSettings>,
    models: Vec<ModelConfig>,
    providers: Vec<ProviderLimits>,
    alerts: Option<Alerts>,
}

impl Around {
    fn of(said: &Said<'_>, quotas: &Quotas) -> Self {
        Self {
            quotas: quotas.clone(),
            teams: said.teams.to_vec(),
            customers: said.customers.to_vec(),
            models: said.models.to_vec(),
            providers: said.providers.to_vec(),
            alerts: said.alerts.cloned(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        let parties = self.teams == other.teams && self.customers == other.customers;
        let limits = self.models == other.models && self.providers == other.providers;
        self.quotas.is(&other.quotas) && parties && limits && self.alerts == other.alerts
    }
}

/// Binds quotas, and notes which are in use.
struct Binder<'a> {
    quotas: &'a Quotas,
    bound: HashSet<QuotaId>,
}

impl Binder<'_> {
    fn bind(&mut self, specs: &[QuotaSpec]) -> Scope {
        self.bound.extend(specs.iter().map(|spec| spec.id.clone()));
        self.quotas.bind(specs)
    }

    /// Those of a key that is bound already stay in use.
    fn keep(&mut self, key: &VirtualKey) {
        let entries = key.entries.iter().map(|entry| &entry.scope);
        let scopes = std::iter::once(&key.scope).chain(entries).chain(key.models.values());
        let cells = scopes.flat_map(Scope::cells);
        self.bound.extend(cells.map(|cell| cell.id().clone()));
    }
}

#[cfg(test)]
mod tests;
