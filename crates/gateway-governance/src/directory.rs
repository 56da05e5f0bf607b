//! Virtual keys, compiled: found by the hash of what a client presents, and ready to be asked what they allow.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use gateway_types::{
    CustomerId, Error, ErrorKind, KeyId, ModelName, NanoUsd, Now, ProviderName, QuotaId, Span, TeamId, VirtualKeyId,
    Wall,
};

use crate::access::Pattern;
use crate::credential::{KeyHash, KeyHasher};
use crate::quota::{Cut, Owner, QuotaSpec, Quotas, Scope, Unit};
use crate::settings::{
    Alerts, Budget, CustomerSettings, ModelConfig, OnDisconnect, ProviderConfig, ProviderLimits, RateLimit,
    TeamSettings, VirtualKeySettings,
};

/// All virtual keys of one state of the settings. It does not change; the next state has its own.
#[derive(Debug, Default)]
pub struct Directory {
    by_hash: HashMap<KeyHash, Arc<VirtualKey>>,
    by_id: BTreeMap<VirtualKeyId, Arc<VirtualKey>>,
    retired: HashSet<KeyHash>,
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
    /// Headers that its calls must carry.
    pub required_headers: Vec<String>,
    /// Who is told when a budget runs low, where the key says so.
    pub alerts: Option<Alerts>,
    /// What it allows, in the operator's order. None at all: everything that is configured.
    pub entries: Vec<Entry>,
    /// Its own quotas, with those of its team and its customer.
    pub scope: Scope,
    hash: KeyHash,
    partition: String,
    active: bool,
    expires: Option<Wall>,
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
    /// The quotas of the key at this provider.
    pub scope: Scope,
    pub(crate) allowed: Vec<Pattern>,
    pub(crate) aliases: BTreeMap<String, ModelName>,
}

impl Entry {
    /// Whether it allows some models only.
    pub fn restricts_models(&self) -> bool {
        !self.allowed.is_empty()
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
    pub keys: &'a [VirtualKeySettings],
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
}

impl<'a> Said<'a> {
    /// Virtual keys and nothing else.
    pub fn keys(keys: &'a [VirtualKeySettings]) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }
}

/// What is wrong in the settings: the field's path and one sentence.
pub type Fault = (String, String);

impl Directory {
    /// Compiles what is said. Binds its quotas, so that the new numbers act at once; [`validate`] does not. Paths of faults
    /// begin with `virtual_keys[n]`, `teams[n]` and so on.
    pub fn compile(said: &Said<'_>, quotas: &Quotas) -> Result<Self, Vec<Fault>> {
        let checked = check(said.keys)?;
        let mut directory = Self {
            retired: said.retired.iter().copied().collect(),
            ..Self::default()
        };
        let mut bound = HashSet::new();
        for key in checked {
            let key = Arc::new(key.bind(quotas, &mut bound));
            directory.by_hash.insert(key.hash, Arc::clone(&key));
            directory.by_id.insert(key.id.clone(), key);
        }
        quotas.retain(&bound);
        Ok(directory)
    }

    /// The key of that id.
    pub fn by_id(&self, id: &VirtualKeyId) -> Option<&Arc<VirtualKey>> {
        self.by_id.get(id)
    }

    /// The caller that a key stands for, for work that it began earlier and that goes on without a request of its own: a batch
    /// over a restart.
    pub fn on_behalf(&self, id: &VirtualKeyId) -> Option<Principal> {
        self.by_id(id).map(|key| Principal(Some(Arc::clone(key))))
    }

    /// All keys, in the order of their ids.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<VirtualKey>> {
        self.by_id.values()
    }

    /// The key whose value has that hash. An id is no value: it is found only where the operator chose it as one.
    pub fn by_hash(&self, hash: &KeyHash) -> Option<&Arc<VirtualKey>> {
        self.by_hash.get(hash).filter(|key| key.hash.same(hash))
    }

    fn is_bare(&self) -> bool {
        self.by_id.is_empty() && self.retired.is_empty()
    }
}

/// Checks virtual keys without any effect.
pub fn validate(keys: &[VirtualKeySettings]) -> Result<(), Vec<Fault>> {
    check(keys).map(drop)
}

/// The quotas that a virtual key's settings stand for: its own, then those of its entries.
pub fn quotas_of(key: &VirtualKeySettings) -> Result<Vec<QuotaSpec>, Vec<Fault>> {
    let key = check(std::slice::from_ref(key))?.remove(0);
    Ok(key
        .quotas
        .into_iter()
        .chain(key.entries.into_iter().flat_map(|(_, quotas)| quotas))
        .collect())
}

/// Who calls, proven: made by [`authenticate`] alone.
#[derive(Clone, Debug)]
pub struct Principal(Option<Arc<VirtualKey>>);

impl Principal {
    /// The virtual key; none for anonymous use.
    pub fn key(&self) -> Option<&Arc<VirtualKey>> {
        self.0.as_ref()
    }

    /// What a cache key of this caller must contain, so that no answer reaches another one.
    pub fn partition(&self) -> &str {
        self.0.as_ref().map_or("anonymous", |key| &key.partition)
    }

    /// The caller's own quotas.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.0.as_ref().map(|key| &key.scope)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(key) => write!(f, "virtual key {}", key.id),
            None => f.write_str("anonymous use"),
        }
    }
}

/// How strictly callers are asked who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether a virtual key is needed.
    pub enforced: bool,
}

/// Finds out who calls.
///
/// A credential that is, or was, a virtual key is never taken for anonymous use. While there is no virtual key and never was
/// one, SDKs may send what they like: it counts as nothing presented.
pub fn authenticate(
    directory: &Directory,
    hasher: &KeyHasher,
    presented: Option<&str>,
    rules: Rules,
    now: Now,
) -> Result<Principal, Error> {
    match presented.filter(|_| !directory.is_bare()) {
        Some(value) => known(directory, hasher.hash(value), now),
        None if rules.enforced => Err(Error::new(
            ErrorKind::VirtualKeyRequired,
            "a virtual key is required; send it as `authorization: Bearer …`, `x-api-key` or `x-bf-vk`",
        )),
        None => Ok(Principal(None)),
    }
}

fn known(directory: &Directory, hash: KeyHash, now: Now) -> Result<Principal, Error> {
    let blocked = |why: String| Err(Error::new(ErrorKind::VirtualKeyBlocked, why));
    let Some(key) = directory.by_hash(&hash) else {
        if directory.retired.contains(&hash) {
            return blocked(String::from("the virtual key has been deleted"));
        }
        return Err(Error::new(
            ErrorKind::VirtualKeyUnknown,
            "the credential is no virtual key of this gateway",
        ));
    };
    if !key.active {
        return blocked(format!("virtual key {} is disabled", key.id));
    }
    match key.expires {
        Some(expires) if expires <= now.wall => {
            blocked(format!("virtual key {} expired at {}", key.id, expires.rfc3339()))
        }
        _ => Ok(Principal(Some(Arc::clone(key)))),
    }
}

/// A virtual key that is right in itself, and whose quotas are not bound yet.
struct Checked {
    key: VirtualKey,
    quotas: Vec<QuotaSpec>,
    entries: Vec<(Entry, Vec<QuotaSpec>)>,
}

impl Checked {
    fn bind(self, quotas: &Quotas, bound: &mut HashSet<QuotaId>) -> VirtualKey {
        let mut bind = |specs: &[QuotaSpec]| {
            bound.extend(specs.iter().map(|spec| spec.id.clone()));
            quotas.bind(specs)
        };
        let mut key = self.key;
        key.scope = bind(&self.quotas);
        key.entries = self
            .entries
            .into_iter()
            .map(|(entry, specs)| Entry {
                scope: bind(&specs),
                ..entry
            })
            .collect();
        key
    }
}

fn check(keys: &[VirtualKeySettings]) -> Result<Vec<Checked>, Vec<Fault>> {
    let mut faults = Faults::default();
    let mut ids = HashMap::new();
    let mut hashes = HashMap::new();
    let mut checked = Vec::with_capacity(keys.len());
    for (at, settings) in keys.iter().enumerate() {
        let path = format!("virtual_keys[{at}]");
        let key = faults.key(&path, settings);
        if ids.insert(&settings.id, at).is_some() {
            faults.add(
                &path,
                "id",
                format!("`{}` is there twice; ids must differ", settings.id),
            );
        }
        let other = key.as_ref().and_then(|key| hashes.insert(key.key.hash, &settings.id));
        if let Some(other) = other.filter(|other| **other != settings.id) {
            faults.add(
                &path,
                "value",
                format!("it is the value of virtual key {other} too; values must differ"),
            );
        }
        checked.extend(key);
    }
    if faults.0.is_empty() {
        Ok(checked)
    } else {
        Err(faults.0)
    }
}

/// What is wrong, so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, path: &str, field: &str, message: impl Into<String>) {
        self.0.push((format!("{path}.{field}"), message.into()));
    }

    fn key(&mut self, path: &str, settings: &VirtualKeySettings) -> Option<Checked> {
        self.name(path, "id", settings.id.as_str());
        let hash = self.hash(path, settings);
        let expires = self.expiry(path, settings);
        let owner = Owner::virtual_key(&settings.id);
        let quotas = self.quotas(path, &owner, &settings.budgets, settings.rate_limit.as_ref());
        let mut providers = HashSet::new();
        let mut entries = Vec::with_capacity(settings.provider_configs.len());
        for (at, config) in settings.provider_configs.iter().enumerate() {
            let path = format!("{path}.provider_configs[{at}]");
            if !providers.insert(&config.provider) {
                self.add(
                    &path,
                    "provider",
                    format!("`{}` is there twice; one entry per provider", config.provider),
                );
            }
            entries.push(self.entry(&path, &settings.id, config));
        }
        Some(Checked {
            key: VirtualKey {
                id: settings.id.clone(),
                name: if settings.name.is_empty() {
                    settings.id.to_string()
                } else {
                    settings.name.clone()
                },
                strategy: settings.strategy.clone(),
                strict: settings.strict_translation,
                passthrough: settings.allow_passthrough,
                team: settings.team_id.clone(),
                customer: settings.customer_id.clone(),
                metadata: settings.metadata.clone(),
                on_disconnect: settings.on_disconnect,
                required_headers: settings.required_headers.clone(),
                alerts: settings.alerts.clone(),
                entries: Vec::new(),
                scope: Scope::default(),
                hash: hash?,
                partition: format!("vk/{}", settings.id),
                active: settings.is_active,
                expires,
            },
            quotas,
            entries,
        })
    }

    /// Names become parts of quota ids and of paths.
    fn name(&mut self, path: &str, field: &str, name: &str) {
        if name.is_empty() || name.len() > 200 || name.chars().any(|c| c == '/' || c.is_control() || c.is_whitespace())
        {
            self.add(
                path,
                field,
                "it must have 1 to 200 characters, without slashes and spaces",
            );
        }
    }

    fn hash(&mut self, path: &str, settings: &VirtualKeySettings) -> Option<KeyHash> {
        let Some(hash) = &settings.value_hash else {
            self.add(
                path,
                "value",
                "it is missing; a virtual key needs a value that clients present",
            );
            return None;
        };
        let hash = hash.parse();
        if let Err(error) = &hash {
            self.add(path, "value_hash", format!("{error}"));
        }
        hash.ok()
    }

    fn expiry(&mut self, path: &str, settings: &VirtualKeySettings) -> Option<Wall> {
        let text = settings.expires_at.as_deref()?;
        let expires = Wall::parse_rfc3339(text);
        if expires.is_none() {
            self.add(
                path,
                "expires_at",
                format!("`{text}` is no RFC 3339 time, as in 2030-01-31T12:00:00Z"),
            );
        }
        expires
    }

    fn entry(&mut self, path: &str, id: &VirtualKeyId, config: &ProviderConfig) -> (Entry, Vec<QuotaSpec>) {
        self.name(path, "provider", config.provider.as_str());
        if !config.weight.is_finite() || config.weight < 0.0 {
            self.add(
                path,
                "weight",
                format!("{} is no weight; write a number that is 0 or more", config.weight),
            );
        }
        for (at, model) in config.allowed_models.iter().enumerate() {
            if model.trim().is_empty() {
                self.add(
                    path,
                    &format!("allowed_models[{at}]"),
                    "it is empty; write a model's name, with * as wildcard",
                );
            }
        }
        for (asked, served) in &config.model_aliases {
            if asked.trim().is_empty() || served.as_str().trim().is_empty() || served == "*" {
                let message = "an alias maps a model's name, or *, to the name of one model";
                self.add(path, &format!("model_aliases[{asked:?}]"), message);
            }
        }
        let owner = Owner::entry(id, &config.provider);
        let quotas = self.quotas(path, &owner, &config.budgets, config.rate_limit.as_ref());
        let entry = Entry {
            provider: config.provider.clone(),
            weight: config.weight,
            key_ids: (!config.key_ids.is_empty()).then(|| config.key_ids.as_slice().into()),
            scope: Scope::default(),
            allowed: config
                .allowed_models
                .iter()
                .map(|model| Pattern::new(model, &config.provider))
                .collect(),
            aliases: config.model_aliases.clone(),
        };
        (entry, quotas)
    }

    fn quotas(&mut self, path: &str, owner: &Owner, budgets: &[Budget], rate: Option<&RateLimit>) -> Vec<QuotaSpec> {
        let budgets = budgets
            .iter()
            .enumerate()
            .filter_map(|(at, budget)| self.budget(&format!("{path}.budgets[{at}]"), owner.budget(at), owner, budget));
        let mut specs: Vec<QuotaSpec> = budgets.collect();
        if let Some(rate) = rate {
            self.rate(&format!("{path}.rate_limit"), owner, rate, &mut specs);
        }
        specs
    }

    fn budget(&mut self, path: &str, id: QuotaId, owner: &Owner, budget: &Budget) -> Option<QuotaSpec> {
        let limit = NanoUsd::from_dollars(budget.max_limit).filter(|limit| limit.0 >= 0);
        if limit.is_none() {
            self.add(
                path,
                "max_limit",
                format!("{} is no budget; write dollars, 0 or more", budget.max_limit),
            );
        }
        let cut = Cut::new(&budget.reset_duration, budget.calendar_aligned);
        if let Err(error) = &cut {
            self.add(path, "reset_duration", error.to_string());
        }
        let (owner, unit) = (owner.words().to_owned(), Unit::NanoUsd);
        Some(QuotaSpec {
            id,
            owner,
            unit,
            limit: limit?.0,
            cut: cut.ok()?,
        })
    }

    fn rate(&mut self, path: &str, owner: &Owner, rate: &RateLimit, specs: &mut Vec<QuotaSpec>) {
        let windowed = [
            (
                "request",
                owner.requests(),
                Unit::Requests,
                rate.request_max_limit,
                &rate.request_reset_duration,
            ),
            (
                "token",
                owner.tokens(),
                Unit::Tokens,
                rate.token_max_limit,
                &rate.token_reset_duration,
            ),
        ];
        for (name, id, unit, limit, reset) in windowed {
            let fields = (&*format!("{name}_max_limit"), &*format!("{name}_reset_duration"));
            let cut = self.cut(path, fields, limit, reset.as_ref());
            let limit = self.count(path, fields.0, limit);
            if let (Some(limit), Some(cut)) = (limit, cut) {
                specs.push(QuotaSpec {
                    id,
                    owner: owner.words().to_owned(),
                    unit,
                    limit,
                    cut,
                });
            }
        }
        if let Some(limit) = self.count(path, "max_in_flight", rate.max_in_flight) {
            let (id, owner) = (owner.in_flight(), owner.words().to_owned());
            specs.push(QuotaSpec {
                id,
                owner,
                unit: Unit::InFlight,
                limit,
                cut: Cut::Rolling(1),
            });
        }
    }

    /// A limit needs to know when it resets, and a reset is one of a limit.
    fn cut(&mut self, path: &str, fields: (&str, &str), limit: Option<u64>, reset: Option<&Span>) -> Option<Cut> {
        match (limit, reset) {
            (Some(_), None) => {
                self.add(
                    path,
                    fields.1,
                    format!("it is missing; {} needs the length of its window, as in 1m", fields.0),
                );
                None
            }
            (_, reset) => reset.map(Cut::rolling),
        }
    }

    fn count(&mut self, path: &str, field: &str, limit: Option<u64>) -> Option<i64> {
        let limit = limit?;
        let count = i64::try_from(limit).ok();
        if count.is_none() {
            self.add(path, field, format!("{limit} is too large; write at most {}", i64::MAX));
        }
        count
    }
}

#[cfg(test)]
mod tests;
