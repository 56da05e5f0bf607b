//! What a caller may use: the model's name decides which entries are candidates.
//!
//! An entry of a virtual key resolves a name in this order:
//!
//! 1. an alias for that name;
//! 2. one of its `allowed_models`, written out, or, where it allows whatever fits a wildcard (or everything), its provider
//!    being known to serve the name;
//! 3. its alias for `*`, which stands for any name that the entry does not serve;
//! 4. a provider of whose models nothing is known yet, where the entry would allow the name: a candidate only while nobody
//!    is known to serve it.
//!
//! A caller without entries is treated as one that has an entry, without any restriction, for each provider.

use std::fmt;
use std::sync::Arc;

use gateway_types::{Error, ErrorKind, KeyId, ModelName, ProviderName};

use crate::directory::{Entry, Principal};
use crate::quota::Scope;

/// The port through which is asked who serves which model.
pub trait Serves {
    /// Whether a provider of that name is configured.
    fn is_provider(&self, name: &str) -> bool;
    /// All configured providers, in the operator's order.
    fn providers(&self) -> Vec<ProviderName>;
    /// Whether a provider serves a model. `m` is also what a provider calls `m:latest`.
    fn serves(&self, provider: &ProviderName, model: &str) -> Served;
}

/// Whether a provider serves a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// It does, under that name of its own.
    Yes(ModelName),
    /// It does not.
    No,
    /// What it serves is not known yet.
    Unknown,
}

/// What a call may use, proven: made by [`authorise`] alone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grant {
    /// Who calls.
    pub principal: Principal,
    /// The model as it was asked for, prefix included.
    pub asked: ModelName,
    /// Where it may go, in the operator's order. Never empty.
    pub allowed: Vec<Allowed>,
    /// Whether the caller named the provider: that one alone, whatever its weight, and no automatic fallback.
    pub pinned: bool,
    /// The entries that are left out, and why.
    pub left_out: Vec<LeftOut>,
}

/// One place that a call may go to.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The provider.
    pub provider: ProviderName,
    /// The model, in the provider's words as far as they are known.
    pub model: ModelName,
    /// Its share; 0 means only as a fallback.
    pub weight: f64,
    /// Its place in the operator's order.
    pub order: usize,
    /// The provider's keys that may be used. None: all.
    pub key_ids: Option<Arc<[KeyId]>>,
    /// The quotas of the caller at this provider.
    pub scope: Scope,
    /// Whether another model is served than the one asked for.
    pub alias: bool,
}

/// An entry that a call may not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The provider.
    pub provider: ProviderName,
    /// Why.
    pub reason: Reason,
}

/// Why an entry is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The key names a provider that is not configured.
    NotConfigured,
    /// The caller named another provider.
    OtherProvider,
    /// The entry does not allow the model.
    NotAllowed,
    /// The entry would allow the model, its provider does not serve it.
    NotServed,
    /// It is not known what the provider serves, and others are known to serve the model.
    OthersServe,
    /// `auto` needs an alias for `*` or an allowed model that is written out, and the entry has neither.
    NoModelForAuto,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "the provider is not configured",
            Self::OtherProvider => "the request names another provider",
            Self::NotAllowed => "the entry does not allow the model",
            Self::NotServed => "the provider does not serve the model",
            Self::OthersServe => "what the provider serves is not known yet, and others serve the model",
            Self::NoModelForAuto => "the entry has neither an alias for `*` nor an allowed model that is written out",
        })
    }
}

/// Finds out where a call for `model` may go.
pub fn authorise(principal: &Principal, model: &str, serves: &dyn Serves) -> Result<Grant, Error> {
    let entries = Entries::of(principal, serves);
    let asked = Asked {
        model,
        entries: &entries,
        serves,
    };
    let found = if model == "auto" && entries.restricted && !entries.any(|entry| entry.aliases("auto").is_some()) {
        asked.auto()
    } else {
        match asked.prefix() {
            Some((provider, rest)) => asked.pinned(provider, rest)?,
            None => asked.bare(model),
        }
    };
    if found.allowed.is_empty() {
        return Err(refusal(principal, model, &found, serves));
    }
    Ok(Grant {
        principal: principal.clone(),
        asked: model.into(),
        allowed: found.allowed,
        pinned: found.pinned,
        left_out: found.left_out,
    })
}

/// Finds out whether a caller may use a provider, for calls that name no model: files, batches, whatever else its own API
/// has. `key_id` is the provider's key that alone will do, where there is one: what was made with a key is found with it.
pub fn authorise_provider(
    principal: &Principal,
    provider: &ProviderName,
    key_id: Option<&KeyId>,
    serves: &dyn Serves,
) -> Result<Grant, Error> {
    let entries = Entries::of(principal, serves);
    let mut found = Found::default();
    if serves.is_provider(provider.as_str()) {
        let own = |(_, entry): &(usize, View<'_>)| entry.provider == provider;
        for (order, entry) in entries.iter().enumerate().filter(own) {
            found.allow(&entry, order, ModelName::from(""), false);
        }
    }
    for allowed in &mut found.allowed {
        allowed.key_ids = match (key_id, allowed.key_ids.take()) {
            (None, ids) => ids,
            (Some(wanted), Some(ids)) if !ids.contains(wanted) => Some(Arc::from([])),
            (Some(wanted), _) => Some(Arc::from([wanted.clone()])),
        };
    }
    match (found.allowed.is_empty(), entries.key) {
        (false, _) => Ok(Grant {
            principal: principal.clone(),
            asked: ModelName::from(""),
            allowed: found.allowed,
            pinned: true,
            left_out: Vec::new(),
        }),
        (true, Some(key)) => {
            let message = format!("virtual key {key} does not list provider `{provider}`");
            Err(Error::new(ErrorKind::ProviderBlocked, message))
        }
        (true, None) => {
            let message = format!("there is no provider `{provider}`");
            Err(Error::new(ErrorKind::ModelNotFound, message))
        }
    }
}

/// A model that somebody serves, or that no entry would allow, is a matter of the key; one that nobody serves is not.
fn refusal(principal: &Principal, model: &str, found: &Found, serves: &dyn Serves) -> Error {
    let unserved = |left: &LeftOut| matches!(left.reason, Reason::NotServed | Reason::OthersServe);
    let anywhere = || {
        serves
            .providers()
            .iter()
            .any(|provider| matches!(serves.serves(provider, model), Served::Yes(_)))
    };
    match principal.key().filter(|key| !key.entries.is_empty()) {
        // An entry would allow it, and nobody has it: the key is not what stands in the way.
        Some(key) if !found.left_out.iter().any(unserved) || anywhere() => {
            let message = format!("virtual key {} does not allow model `{model}`", key.id);
            Error::new(ErrorKind::ModelBlocked, message)
        }
        _ => Error::new(
            ErrorKind::ModelNotFound,
            format!("no provider is known to serve model `{model}`"),
        ),
    }
}

/// The candidates, as they are found.
#[derive(Default)]
struct Found {
    allowed: Vec<Allowed>,
    left_out: Vec<LeftOut>,
    pinned: bool,
}

/// What one entry makes of a name.
enum Match {
    /// It serves it, under that name.
    Serves(ModelName),
    /// The operator says which model it serves under that name.
    Named(ModelName),
    /// It serves another model, as it does for any name that it does not serve.
    Instead(ModelName),
    /// It would, if its provider serves it, and that is not known.
    Perhaps,
    /// It does not.
    Not(Reason),
}

struct Asked<'a> {
    model: &'a str,
    entries: &'a Entries<'a>,
    serves: &'a dyn Serves,
}

impl<'a> Asked<'a> {
    /// The provider and the rest, where the name's first part selects one. A caller whose key does not choose among
    /// providers means the provider wherever that serves the rest, whatever a marketplace beside it lists.
    fn prefix(&self) -> Option<(&'a str, &'a str)> {
        let (provider, rest) = self.model.split_once('/').filter(|(_, rest)| !rest.is_empty())?;
        if !self.serves.is_provider(provider) {
            return None;
        }
        let plain = || matches!(self.serves.serves(&provider.into(), rest), Served::Yes(_));
        let whole = || self.entries.any(|entry| self.serves_whole(entry, provider));
        (!self.entries.restricted && plain() || !whole()).then_some((provider, rest))
    }

    /// Whether an entry serves the whole name, prefix and all, as a model's name. `p/m` in the entry of `p` itself is only
    /// another spelling of `m`.
    fn serves_whole(&self, entry: &View<'_>, prefix: &str) -> bool {
        if !self.serves.is_provider(entry.provider.as_str()) {
            return false;
        }
        let written = || *entry.provider != *prefix && entry.allowed().iter().any(|allowed| allowed.is(self.model));
        let known =
            || entry.allows(self.model) && matches!(self.serves.serves(entry.provider, self.model), Served::Yes(_));
        entry.aliases(self.model).is_some() || written() || known()
    }

    fn pinned(&self, provider: &str, model: &str) -> Result<Found, Error> {
        let mut found = Found {
            pinned: true,
            ..Found::default()
        };
        for (order, entry) in self.entries.iter().enumerate() {
            if *entry.provider != *provider {
                found.leave(&entry, Reason::OtherProvider);
                continue;
            }
            match self.resolve(&entry, model) {
                Match::Serves(served) => found.allow(&entry, order, served, false),
                Match::Named(served) | Match::Instead(served) => found.allow(&entry, order, served, true),
                // The caller chose the place: its own answer is better than our guess, which may be minutes old.
                Match::Perhaps | Match::Not(Reason::NotServed) => found.allow(&entry, order, model.into(), false),
                Match::Not(reason) => found.leave(&entry, reason),
            }
        }
        let listed = self.entries.any(|entry| *entry.provider == *provider);
        match self.entries.key {
            Some(key) if !listed => {
                let message = format!(
                    "virtual key {key} does not list provider `{provider}`, asked for by `{}`",
                    self.model
                );
                Err(Error::new(ErrorKind::ProviderBlocked, message))
            }
            _ => Ok(found),
        }
    }

    fn bare(&self, model: &str) -> Found {
        let mut found = Found::default();
        let mut unknown = Vec::new();
        let mut somebody_serves = false;
        for (order, entry) in self.entries.iter().enumerate() {
            match self.resolve(&entry, model) {
                Match::Serves(served) => {
                    somebody_serves = true;
                    found.allow(&entry, order, served, false);
                }
                Match::Named(served) => {
                    somebody_serves = true;
                    found.allow(&entry, order, served, true);
                }
                Match::Instead(served) => found.allow(&entry, order, served, true),
                Match::Perhaps => unknown.push((order, entry)),
                Match::Not(reason) => found.leave(&entry, reason),
            }
        }
        for (order, entry) in unknown {
            if somebody_serves {
                found.leave(&entry, Reason::OthersServe);
            } else {
                found.allow(&entry, order, model.into(), false);
            }
        }
        found.allowed.sort_by_key(|allowed| allowed.order);
        found
    }

    /// Any entry, each with the model it would rather serve.
    fn auto(&self) -> Found {
        let mut found = Found::default();
        for (order, entry) in self.entries.iter().enumerate() {
            let written = || entry.allowed().iter().find_map(Pattern::literal).map(ModelName::from);
            match entry.aliases("*").cloned().or_else(written) {
                _ if !self.serves.is_provider(entry.provider.as_str()) => found.leave(&entry, Reason::NotConfigured),
                Some(model) => found.allow(&entry, order, self.upstream(&entry, &model), true),
                None => found.leave(&entry, Reason::NoModelForAuto),
            }
        }
        found
    }

    fn resolve(&self, entry: &View<'_>, model: &str) -> Match {
        if !self.serves.is_provider(entry.provider.as_str()) {
            return Match::Not(Reason::NotConfigured);
        }
        if let Some(served) = entry.aliases(model) {
            return Match::Named(self.upstream(entry, served));
        }
        let served = self.serves.serves(entry.provider, model);
        if let Some(written) = entry.allowed().iter().find(|allowed| allowed.is(model)) {
            let written = || written.spelling(model).into();
            return Match::Serves(if let Served::Yes(name) = served {
                name
            } else {
                written()
            });
        }
        let allowed = entry.allows(model);
        match (served, entry.aliases("*")) {
            (Served::Yes(name), _) if allowed => Match::Serves(name),
            (_, Some(other)) => Match::Instead(self.upstream(entry, other)),
            _ if !allowed => Match::Not(Reason::NotAllowed),
            (Served::Unknown, None) => Match::Perhaps,
            _ => Match::Not(Reason::NotServed),
        }
    }

    /// The provider's own name for a model that the operator named.
    fn upstream(&self, entry: &View<'_>, model: &ModelName) -> ModelName {
        match self.serves.serves(entry.provider, model.as_str()) {
            Served::Yes(name) => name,
            Served::No | Served::Unknown => model.clone(),
        }
    }
}

impl Found {
    fn allow(&mut self, entry: &View<'_>, order: usize, model: ModelName, alias: bool) {
        self.allowed.push(Allowed {
            provider: entry.provider.clone(),
            model,
            weight: entry.entry.map_or(1.0, |entry| entry.weight),
            order,
            key_ids: entry.entry.and_then(|entry| entry.key_ids.clone()),
            scope: entry.entry.map(|entry| entry.scope.clone()).unwrap_or_default(),
            alias,
        });
    }

    fn leave(&mut self, entry: &View<'_>, reason: Reason) {
        self.left_out.push(LeftOut {
            provider: entry.provider.clone(),
            reason,
        });
    }
}

/// The caller's entries, or one for each provider where it has none.
struct Entries<'a> {
    key: Option<&'a str>,
    of_key: &'a [Entry],
    providers: Vec<ProviderName>,
    restricted: bool,
}

/// One entry, or a provider without any restriction.
#[derive(Clone, Copy)]
struct View<'a> {
    provider: &'a ProviderName,
    entry: Option<&'a Entry>,
}

impl<'a> Entries<'a> {
    fn of(principal: &'a Principal, serves: &dyn Serves) -> Self {
        match principal.key().filter(|key| !key.entries.is_empty()) {
            Some(key) => Self {
                key: Some(key.id.as_str()),
                of_key: &key.entries,
                providers: Vec::new(),
                restricted: true,
            },
            None => Self {
                key: None,
                of_key: &[],
                providers: serves.providers(),
                restricted: false,
            },
        }
    }

    fn iter(&self) -> impl Iterator<Item = View<'_>> {
        let of_key = self.of_key.iter().map(|entry| View {
            provider: &entry.provider,
            entry: Some(entry),
        });
        of_key.chain(self.providers.iter().map(|provider| View { provider, entry: None }))
    }

    fn any(&self, is: impl Fn(&View<'_>) -> bool) -> bool {
        self.iter().any(|entry| is(&entry))
    }
}

impl<'a> View<'a> {
    fn allowed(&self) -> &'a [Pattern] {
        self.entry.map_or(&[], |entry| &entry.allowed)
    }

    fn allows(&self, model: &str) -> bool {
        self.allowed().is_empty() || self.allowed().iter().any(|allowed| allowed.matches(model))
    }

    fn aliases(&self, asked: &str) -> Option<&'a ModelName> {
        self.entry.and_then(|entry| entry.aliases.get(asked))
    }
}

/// One of an entry's `allowed_models`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    /// The same without the entry's own provider in front.
    bare: Option<String>,
}

impl Pattern {
    pub(crate) fn new(text: &str, provider: &ProviderName) -> Self {
        let own = text
            .strip_prefix(provider.as_str())
            .and_then(|rest| rest.strip_prefix('/'));
        Self {
            text: text.to_owned(),
            bare: own.filter(|rest| !rest.is_empty()).map(str::to_owned),
        }
    }

    /// The model it names, where it is no wildcard.
    fn literal(&self) -> Option<&str> {
        Some(self.bare.as_deref().unwrap_or(&self.text)).filter(|name| !name.contains('*'))
    }

    /// Whether it names this very model, written out.
    fn is(&self, model: &str) -> bool {
        self.spellings()
            .any(|name| !name.contains('*') && untagged(name) == untagged(model))
    }

    /// Its own spelling of a model that it names.
    fn spelling(&self, model: &str) -> &str {
        let own = self
            .spellings()
            .find(|name| untagged(name) == untagged(model))
            .unwrap_or(&self.text);
        match &self.bare {
            // `p/m` in the entry of `p` is `m` to the upstream.
            Some(bare) if own == self.text => bare,
            _ => own,
        }
    }

    fn matches(&self, model: &str) -> bool {
        self.is(model) || self.spellings().any(|pattern| wildcard(pattern, model))
    }

    fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.bare.as_deref())
    }
}

/// `m:latest` is `m`.
fn untagged(model: &str) -> &str {
    model.strip_suffix(":latest").unwrap_or(model)
}

/// Whether `text` fits `pattern`, in which each `*` stands for any text.
fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or("");
    for part in parts {
        // The earliest place leaves the most for what follows.
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests;
