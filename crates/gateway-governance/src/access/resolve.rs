//! What each entry of a caller makes of a name.

use gateway_types::{Error, ErrorKind, ModelName, ProviderName};

use super::{Allowed, LeftOut, Pattern, Reason, Served, Serves};
use crate::directory::{Entry, Principal};
use crate::quota::Scope;

/// The candidates, as they are found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) allowed: Vec<Allowed>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) pinned: bool,
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

/// What is asked for, by whom and of whom.
pub(super) struct Asked<'a> {
    pub(super) model: &'a str,
    pub(super) entries: &'a Entries<'a>,
    pub(super) serves: &'a dyn Serves,
}

impl<'a> Asked<'a> {
    /// The provider and the rest, where the name's first part selects one. A caller whose key does not choose among
    /// providers means the provider wherever that serves the rest, whatever a marketplace beside it lists.
    pub(super) fn prefix(&self) -> Option<(&'a str, &'a str)> {
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

    pub(super) fn pinned(&self, provider: &str, model: &str) -> Result<Found, Error> {
        let mut found = Found {
            pinned: true,
            ..Found::default()
        };
        for (order, entry) in self.entries.iter().enumerate() {
            if *entry.provider != *provider {
                found.leave(&entry, Reason::OtherProvider);
                continue;
            }
            if !self.serves.is_enabled(entry.provider) {
                found.leave(&entry, Reason::Disabled);
                continue;
            }
            match self.resolve(&entry, model) {
                Match::Serves(served) => _ = found.allow(&entry, order, served, false),
                Match::Named(served) | Match::Instead(served) => _ = found.allow(&entry, order, served, true),
                // The caller chose the place: its own answer is better than our guess, which may be minutes old.
                Match::Perhaps | Match::Not(Reason::NotServed) => _ = found.allow(&entry, order, model.into(), false),
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

    pub(super) fn bare(&self, model: &str) -> Found {
        let mut found = Found::default();
        let mut unknown = Vec::new();
        let mut somebody_serves = false;
        for (order, entry) in self.entries.iter().enumerate() {
            match self.resolve(&entry, model) {
                Match::Serves(served) => somebody_serves |= found.allow(&entry, order, served, false),
                Match::Named(served) => somebody_serves |= found.allow(&entry, order, served, true),
                Match::Instead(served) => _ = found.allow(&entry, order, served, true),
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
    pub(super) fn auto(&self) -> Found {
        let mut found = Found::default();
        for (order, entry) in self.entries.iter().enumerate() {
            let mut written = entry.allowed().iter().filter_map(Pattern::literal);
            let written = || written.find(|model| !entry.blocks(model)).map(ModelName::from);
            match entry.aliases("*").cloned().or_else(written) {
                _ if !self.serves.is_provider(entry.provider.as_str()) => found.leave(&entry, Reason::NotConfigured),
                Some(_) if !self.serves.is_enabled(entry.provider) => found.leave(&entry, Reason::Disabled),
                Some(model) => _ = found.allow(&entry, order, self.upstream(&entry, &model), true),
                None => found.leave(&entry, Reason::NoModelForAuto),
            }
        }
        found
    }

    fn resolve(&self, entry: &View<'_>, model: &str) -> Match {
        match self.resolve_enabled(entry, model) {
            Match::Not(reason) => Match::Not(reason),
            _ if !self.serves.is_enabled(entry.provider) => Match::Not(Reason::Disabled),
            found => found,
        }
    }

    /// The same, as if its provider were not disabled.
    fn resolve_enabled(&self, entry: &View<'_>, model: &str) -> Match {
        if !self.serves.is_provider(entry.provider.as_str()) {
            return Match::Not(Reason::NotConfigured);
        }
        if let Some(served) = entry.aliases(model) {
            return Match::Named(self.upstream(entry, served));
        }
        if entry.blocks(model) {
            return Match::Not(Reason::Blocked);
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
    /// Takes an entry in, unless what it would serve is blocked; tells whether it did.
    pub(super) fn allow(&mut self, entry: &View<'_>, order: usize, model: ModelName, alias: bool) -> bool {
        if entry.blocks(model.as_str()) {
            self.leave(entry, Reason::Blocked);
            return false;
        }
        self.allowed.push(Allowed {
            provider: entry.provider.clone(),
            scope: entry.scope(model.as_str()),
            model,
            weight: entry.entry.map_or(1.0, |entry| entry.weight),
            order,
            key_ids: entry.entry.and_then(|entry| entry.key_ids.clone()),
            alias,
        });
        true
    }

    fn leave(&mut self, entry: &View<'_>, reason: Reason) {
        self.left_out.push(LeftOut {
            provider: entry.provider.clone(),
            reason,
        });
    }
}

/// The caller's entries, or one for each provider where it has none.
pub(super) struct Entries<'a> {
    pub(super) key: Option<&'a str>,
    /// Whether the caller has entries.
    pub(super) restricted: bool,
    principal: &'a Principal,
    of_key: &'a [Entry],
    providers: Vec<ProviderName>,
}

/// One entry, or a provider without any restriction.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) provider: &'a ProviderName,
    entry: Option<&'a Entry>,
    principal: &'a Principal,
}

impl<'a> Entries<'a> {
    pub(super) fn of(principal: &'a Principal, serves: &dyn Serves) -> Self {
        let key = principal.key().filter(|key| !key.entries.is_empty());
        Self {
            key: key.map(|key| key.id.as_str()),
            restricted: key.is_some(),
            principal,
            of_key: key.map_or(&[], |key| &key.entries),
            providers: if key.is_some() { Vec::new() } else { serves.providers() },
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = View<'_>> {
        let view = |provider, entry| View {
            provider,
            entry,
            principal: self.principal,
        };
        let of_key = self.of_key.iter().map(move |entry| view(&entry.provider, Some(entry)));
        of_key.chain(self.providers.iter().map(move |provider| view(provider, None)))
    }

    pub(super) fn any(&self, is: impl Fn(&View<'_>) -> bool) -> bool {
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

    pub(super) fn aliases(&self, asked: &str) -> Option<&'a ModelName> {
        self.entry.and_then(|entry| entry.aliases.get(asked))
    }

    fn blocks(&self, model: &str) -> bool {
        self.principal.blocks(self.entry, self.provider, model)
    }

    fn scope(&self, model: &str) -> Scope {
        self.principal.scope_at(self.entry, self.provider, model)
    }
}
