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
//!
//! A blocked model wins over all of this: nothing that goes by a blocked name upstream is a candidate, and who asks for a
//! blocked model is refused, not served by the alias for `*`. An alias written out for a blocked name is the operator's own
//! word for another model, and holds.

mod pattern;
mod resolve;

use std::fmt;
use std::sync::Arc;

use gateway_types::{Error, ErrorKind, KeyId, ModelName, ProviderName};

use crate::directory::Principal;
use crate::quota::Scope;
pub(crate) use pattern::{Pattern, Patterns};
use resolve::{Asked, Entries, Found, View};

/// How many of the entries that are left out a grant tells: with each call they are written down.
const LEFT_OUT_TOLD: usize = 32;

/// The port through which is asked who serves which model.
pub trait Serves {
    /// Whether a provider of that name is configured.
    fn is_provider(&self, name: &str) -> bool;
    /// Whether calls may go to a configured provider: the operator can keep one out without taking it away.
    fn is_enabled(&self, _provider: &ProviderName) -> bool {
        true
    }
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
    /// The first few entries that are left out, and why.
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
    /// The quotas of this place: of the caller's entry, of the model for this caller and for all, and of the provider.
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
    /// It would serve the call, and the operator has disabled it.
    Disabled,
    /// The caller named another provider.
    OtherProvider,
    /// The entry does not allow the model.
    NotAllowed,
    /// The model is blocked, at the entry or for the whole key.
    Blocked,
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
            Self::Disabled => "the provider is disabled",
            Self::OtherProvider => "the request names another provider",
            Self::NotAllowed => "the entry does not allow the model",
            Self::Blocked => "the model is blocked",
            Self::NotServed => "the provider does not serve the model",
            Self::OthersServe => "what the provider serves is not known yet, and others serve the model",
            Self::NoModelForAuto => "the entry has neither an alias for `*` nor an allowed model that is written out",
        })
    }
}

/// Finds out where a call for `model` may go.
pub fn authorise(principal: &Principal, model: &str, serves: &dyn Serves) -> Result<Grant, Error> {
    granted(principal, model, find(principal, model, serves)?, serves)
}

/// What stands in the way at each entry that a call for `model` may not use: for whoever explains a refusal.
pub fn left_out(principal: &Principal, model: &str, serves: &dyn Serves) -> Vec<LeftOut> {
    find(principal, model, serves).map_or_else(|_| Vec::new(), |found| found.left_out)
}

fn find(principal: &Principal, model: &str, serves: &dyn Serves) -> Result<Found, Error> {
    let entries = Entries::of(principal, serves);
    let asked = Asked {
        model,
        entries: &entries,
        serves,
    };
    if model == "auto" && entries.restricted && !entries.any(|entry| entry.aliases("auto").is_some()) {
        return Ok(asked.auto());
    }
    match asked.prefix() {
        Some((provider, rest)) => asked.pinned(provider, rest),
        None => Ok(asked.bare(model)),
    }
}

/// Finds out whether a call for `model` may go to that provider: what `provider/model` asks for where the name's first part
/// selects a provider, whatever else is called so.
pub fn authorise_at(
    principal: &Principal,
    provider: &ProviderName,
    model: &str,
    serves: &dyn Serves,
) -> Result<Grant, Error> {
    let entries = Entries::of(principal, serves);
    let name = format!("{provider}/{model}");
    let asked = Asked {
        model: &name,
        entries: &entries,
        serves,
    };
    let found = asked.pinned(provider.as_str(), model)?;
    granted(principal, &name, found, serves)
}

fn granted(principal: &Principal, model: &str, found: Found, serves: &dyn Serves) -> Result<Grant, Error> {
    if found.allowed.is_empty() {
        return Err(refusal(principal, model, &found, serves));
    }
    Ok(Grant {
        principal: principal.clone(),
        asked: model.into(),
        allowed: found.allowed,
        pinned: found.pinned,
        left_out: found.left_out.into_iter().take(LEFT_OUT_TOLD).collect(),
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
    if !serves.is_enabled(provider) {
        return Err(disabled([provider]));
    }
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
    let blocked = |left: &LeftOut| left.reason == Reason::Blocked;
    let is_disabled = |left: &&LeftOut| left.reason == Reason::Disabled;
    let mut off = found.left_out.iter().filter(is_disabled).peekable();
    if off.peek().is_some() {
        return disabled(off.map(|left| &left.provider));
    }
    match principal.key() {
        Some(key) if found.left_out.iter().any(blocked) => {
            let message = format!("virtual key {} blocks model `{model}`", key.id);
            Error::new(ErrorKind::ModelBlocked, message)
        }
        // An entry would allow it, and nobody has it: the key is not what stands in the way.
        Some(key) if !key.entries.is_empty() && (!found.left_out.iter().any(unserved) || anywhere()) => {
            let message = format!("virtual key {} does not allow model `{model}`", key.id);
            Error::new(ErrorKind::ModelBlocked, message)
        }
        _ => Error::new(
            ErrorKind::ModelNotFound,
            format!("no provider is known to serve model `{model}`"),
        ),
    }
}

/// Whoever would serve the call is switched off: that may change, and is nothing that the caller did wrong.
fn disabled<'a>(providers: impl IntoIterator<Item = &'a ProviderName>) -> Error {
    let named: Vec<String> = providers.into_iter().map(|name| format!("`{name}`")).collect();
    let message = match &named[..] {
        [one] => format!("provider {one} is disabled"),
        several => format!("providers {} are disabled", several.join(", ")),
    };
    Error::new(ErrorKind::Unavailable, message)
}

#[cfg(test)]
mod tests;
