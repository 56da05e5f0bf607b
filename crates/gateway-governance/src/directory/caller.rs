//! Who calls, and under which limits.

use std::fmt;
use std::sync::Arc;

use gateway_types::{Error, ErrorKind, Now, ProviderName, VirtualKeyId};
use smallvec::SmallVec;

use super::limits::Limits;
use super::{Directory, Entry, Known, VirtualKey};
use crate::credential::{KeyHash, KeyHasher};
use crate::quota::Scope;

/// Who calls, proven: made by [`authenticate`], and by [`Directory::on_behalf`] for work that goes on.
#[derive(Clone, Debug)]
pub struct Principal(Who);

#[derive(Clone, Debug)]
enum Who {
    Key(Arc<VirtualKey>),
    /// Nobody in particular, who is under the limits of models and providers all the same.
    Anonymous(Arc<Limits>),
}

impl Principal {
    /// The virtual key; none for anonymous use.
    pub fn key(&self) -> Option<&Arc<VirtualKey>> {
        match &self.0 {
            Who::Key(key) => Some(key),
            Who::Anonymous(_) => None,
        }
    }

    /// Tells this caller from every other that is there at the same time.
    pub fn identity(&self) -> usize {
        match &self.0 {
            Who::Key(key) => Arc::as_ptr(key).addr(),
            Who::Anonymous(limits) => Arc::as_ptr(limits).addr(),
        }
    }

    /// What a cache key of this caller must contain, so that no answer reaches another one.
    pub fn partition(&self) -> &str {
        self.key().map_or("anonymous", |key| &key.partition)
    }

    /// Whether it matters to this caller which model of a provider is used: some are blocked or not allowed, or have limits
    /// of their own. A call whose model cannot be read cannot be let through then.
    pub fn minds_models(&self, provider: &ProviderName) -> bool {
        let restricts = |entry: &Entry| entry.provider == *provider && entry.restricts_models();
        self.limits().ask_for_models(provider)
            || self.key().is_some_and(|key| {
                !key.blocked.is_empty() || !key.models.is_empty() || key.entries.iter().any(restricts)
            })
    }

    /// The caller's own quotas.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.key().map(|key| &key.scope)
    }

    /// The quotas of a place that the caller may go to, beside its own. `model` is what the provider calls it, and empty where
    /// a call has none.
    pub(crate) fn scope_at(&self, entry: Option<&Entry>, provider: &ProviderName, model: &str) -> Scope {
        let of_place = match entry {
            Some(entry) => &entry.scope,
            None => self.limits().of_provider(provider),
        };
        let mut scopes: SmallVec<[&Scope; 8]> = SmallVec::from_slice(&[of_place]);
        if !model.is_empty() {
            if let Some(key) = self.key() {
                key.models.each(provider, model, |scope| scopes.push(scope));
            }
            self.limits().of_model(provider, model, |scope| scopes.push(scope));
        }
        Scope::join(&scopes)
    }

    /// Whether a model is blocked for the caller at a provider.
    pub(crate) fn blocks(&self, entry: Option<&Entry>, provider: &ProviderName, model: &str) -> bool {
        let of_key = self.key().map(|key| &key.blocked);
        let blocked = of_key.into_iter().chain(entry.map(|entry| &entry.blocked));
        !model.is_empty() && blocked.into_iter().any(|blocked| blocked.any(provider, model))
    }

    fn limits(&self) -> &Limits {
        match &self.0 {
            Who::Key(key) => &key.limits,
            Who::Anonymous(limits) => limits,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Who::Key(key) => write!(f, "virtual key {}", key.id),
            Who::Anonymous(_) => f.write_str("anonymous use"),
        }
    }
}

impl Directory {
    /// The caller that a key stands for, for work that it began earlier and that goes on without a request of its own: a batch
    /// over a restart.
    pub fn on_behalf(&self, id: &VirtualKeyId) -> Option<Principal> {
        self.by_id(id).map(|key| Principal(Who::Key(Arc::clone(key))))
    }

    /// The same for an operator who names the key and has no value of it: as if it were presented, so that what is over or
    /// disabled stays so.
    pub fn as_presented(&self, id: &VirtualKeyId, now: Now) -> Result<Principal, Error> {
        let unknown = || Error::new(ErrorKind::VirtualKeyUnknown, format!("there is no virtual key `{id}`"));
        let key = self.by_id(id).ok_or_else(unknown)?;
        unexpired(key, now)?;
        active(key)
    }

    /// Nobody in particular, let in by an operator although callers may have to say who they are.
    pub fn anonymous(&self) -> Principal {
        Principal(Who::Anonymous(Arc::clone(&self.limits)))
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
        None if rules.enforced => Err(required()),
        None => Ok(Principal(Who::Anonymous(Arc::clone(&directory.limits)))),
    }
}

/// Finds out whose a credential is, for what a key may ask about itself: it may be disabled, but neither unknown nor over.
pub fn recognise(
    directory: &Directory,
    hasher: &KeyHasher,
    presented: Option<&str>,
    now: Now,
) -> Result<Arc<VirtualKey>, Error> {
    match presented {
        Some(value) => valid(directory, hasher.hash(value), now).map(Arc::clone),
        None => Err(required()),
    }
}

fn known(directory: &Directory, hash: KeyHash, now: Now) -> Result<Principal, Error> {
    active(valid(directory, hash, now)?)
}

fn active(key: &Arc<VirtualKey>) -> Result<Principal, Error> {
    if !key.active {
        return Err(blocked(format!("virtual key {} is disabled", key.id)));
    }
    Ok(Principal(Who::Key(Arc::clone(key))))
}

fn unexpired(key: &VirtualKey, now: Now) -> Result<(), Error> {
    match key.expires.filter(|expires| *expires <= now.wall) {
        Some(expires) => Err(blocked(format!(
            "virtual key {} expired at {}",
            key.id,
            expires.rfc3339()
        ))),
        None => Ok(()),
    }
}

fn required() -> Error {
    Error::new(
        ErrorKind::VirtualKeyRequired,
        "a virtual key is required; send it as `authorization: Bearer …`, `x-api-key` or `x-bf-vk`",
    )
}

fn blocked(why: String) -> Error {
    Error::new(ErrorKind::VirtualKeyBlocked, why)
}

/// The key whose value that is, or was until a time that has not come, as long as the key has not expired.
fn valid(directory: &Directory, hash: KeyHash, now: Now) -> Result<&Arc<VirtualKey>, Error> {
    let Some(Known { key, until, .. }) = directory.known(&hash) else {
        if directory.retired.contains(&hash) {
            return Err(blocked(String::from("the virtual key has been deleted")));
        }
        return Err(Error::new(
            ErrorKind::VirtualKeyUnknown,
            "the credential is no virtual key of this gateway",
        ));
    };
    unexpired(key, now)?;
    if let Some(until) = until.filter(|until| *until <= now.wall) {
        let message = format!(
            "this value was replaced: virtual key {} has a new one, and the old one worked until {}",
            key.id,
            until.rfc3339()
        );
        return Err(blocked(message));
    }
    Ok(key)
}
