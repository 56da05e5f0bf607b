//! The control plane: settings are changed here, whole or not at all, and become one new snapshot.
//!
//! The answers are JSON in the shapes of the management API, so that a server only has to route.

mod answers;
mod audit;
mod budgets;
mod changes;
mod charts;
mod config;
pub(crate) mod discovery;
mod documents;
mod faults;
mod foreign;
mod governance;
mod health;
mod keys;
pub(crate) mod knowledge;
pub mod ledger;
mod limits;
pub(crate) mod memo;
mod merging;
mod models;
mod offers;
pub(crate) mod outlet;
mod parties;
mod people;
mod plain;
mod portable;
pub(crate) mod prices;
mod providers;
mod read;
mod revisions;
pub(crate) mod rules;
pub(crate) mod seal;
pub(crate) mod snapshot;
mod state;
mod trial;
pub(crate) mod upstream;
mod uses;
mod virtual_keys;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use gateway_governance::catalog::Catalog;
use gateway_governance::credential::KeyHasher;
use gateway_governance::directory::{Directory, Said};
use gateway_governance::governor::Governor;
use gateway_governance::quota::Quotas;
use gateway_providers::Transport;
use gateway_providers::cloud::Keeper;
use gateway_router::Router;
use gateway_types::{Clock, DialectName, ProviderName, Secret};
use serde_json::Value;

use crate::environment::Environment;
use crate::kept::Kept;
use crate::line::batch::Batches;
use crate::ports::audit::AuditStore;
use crate::ports::ledger::Ledger;
use crate::ports::objects::ObjectStore;
use crate::ports::settings::{Change, CommitError, Edit, SettingsStore};
pub use answers::{Framed, List, Message, One, Plainly};
pub use audit::{AuditList, AuditVerdict, ShownAuditRecord};
pub use budgets::{AllOf, Limit, OwnedBudget, OwnedRateLimit, Whose};
pub use changes::{ChangeWord, EditName, FieldChange, ShownEdit};
pub use config::{ConfigSaved, ConfigView};
pub use documents::{Document, Documents, Wanted};
pub use health::{DeploymentHealth, DeploymentList, LastFailure};
pub use ledger::{
    LedgerList, LedgerVerdict, ShownAmount, ShownCharge, ShownDifference, ShownLedgerEntry, ShownLeg, ShownWindow,
    WindowList, WrittenOff,
};
pub use limits::{ShownBudget, ShownLimits, ShownRateLimit};
pub use models::{Architecture, Facets, MayUse, Model, ModelAt, ModelList, ModelNames, ModelOrder, WantedModels};
pub use offers::{Offer, OfferList};
pub use parties::{Named, ShownCustomer, ShownModelConfig, ShownProviderLimits, ShownTeam};
pub use people::{HashError, Presented, Refused, Session, ShownToken, ShownUser, TokenSaved, Visitor, hash_password};
pub use portable::{Exported, Needed};
pub use prices::{
    CatalogueView, Dollars, ModelPrice, PriceAbove, PriceChange, PriceList, PricePreview, PriceStatus, WantedPrices,
};
pub use providers::ProviderDeleted;
pub use providers::shown::{
    Discovery, DiscoveryStatus, KeyList, KeyOfProvider, KeyView, OwnPrice, ProviderList, ProviderStatus, ProviderView,
};
pub use revisions::{RevisionList, SettingsChange, ShownRevision};
pub use rules::{Check, Checked, ConditionFault, ConditionName, ConditionSchema, ConditionVerdict};
pub use trial::Trial;
pub use uses::{KeyUse, ProviderUses, Use};
pub use virtual_keys::{
    Earlier, EffectiveLimit, EffectiveLimits, KeyActivity, KeyStatus, OwnQuota, Owned, OwnerKind, ShownEntry,
    ShownModelLimit, ShownVirtualKey, SortBy, TeamOfKey, UnitWord, WantedKeys,
};

use discovery::Wishes;
use knowledge::Knowledge;
use memo::Memo;
use offers::Offers;
use rules::RuleBook;
use seal::Vault;
use snapshot::{ClientRules, Snapshot};
use state::{Docs, State};
use upstream::Upstream;

/// Settings, and everything that can be done to them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Control {
    shared: Arc<Shared>,
}

/// What the control plane is made of. The line reads the snapshot and the governor; nothing else of this.
#[derive(Debug)]
pub struct Shared {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) governor: Arc<Governor>,
    pub(crate) router: Arc<Router>,
    pub(crate) hasher: KeyHasher,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) wishes: Wishes,
    pub(crate) kept: Arc<Kept>,
    pub(crate) batches: Batches,
    state: ArcSwap<State>,
    /// What the governor's quotas are bound for: that of the snapshot, but for a change that was not kept.
    bound: ArcSwap<Directory>,
    /// Held while a change is made, so that changes come one after the other.
    writing: tokio::sync::Mutex<()>,
    settings: Arc<dyn SettingsStore>,
    objects: Arc<dyn ObjectStore>,
    audit: Arc<dyn AuditStore>,
    ledger: Arc<dyn Ledger>,
    environment: Arc<dyn Environment>,
    transport: Arc<dyn Transport>,
    vault: Vault,
    exposed: bool,
    offers: Offers,
    people: people::People,
}

/// Why a change was not made. The HTTP status belongs to the variant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// 400: the input is wrong; the message names the field by its path.
    #[error("{0}")]
    Invalid(String),
    /// 404.
    #[error("{0}")]
    NotFound(String),
    /// 409: it exists already, belongs to a file (named), or changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// 503: the store failed; try again.
    #[error("{0}")]
    Store(String),
}

/// How a provider is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Save {
    /// POST: it must not exist, unless it was only picked up from the environment.
    Create,
    /// PUT: made or changed; what is not said stays.
    Upsert,
}

/// What the control plane is built from.
pub(crate) struct Parts {
    pub(crate) governor: Arc<Governor>,
    pub(crate) router: Arc<Router>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<dyn SettingsStore>,
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) audit: Arc<dyn AuditStore>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) environment: Arc<dyn Environment>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) secret: [u8; 32],
    pub(crate) admin_token: bool,
    pub(crate) exposed: bool,
    pub(crate) providers_from_environment: bool,
    pub(crate) wishes: Wishes,
    pub(crate) kept: Arc<Kept>,
}

impl Control {
    /// Reads the stores and makes the first snapshot.
    pub(crate) async fn start(parts: Parts) -> Result<Self, crate::StartError> {
        let vault = Vault::new(&parts.secret);
        let hasher = KeyHasher::new(&seal::hash_key(&parts.secret));
        let stored = parts.settings.load().await?;
        let mut state = State {
            revision: stored.revision,
            store: Docs::open(&stored.documents, &vault).map_err(crate::StartError::Settings)?,
            ..State::default()
        };
        if parts.providers_from_environment {
            state.environment = state::from_environment(&*parts.environment);
        }
        let knowledge = discovery::remembered(&*parts.objects, parts.clock.now().wall).await?;
        let build = Build {
            quotas: parts.governor.quotas(),
            hasher: &hasher,
            environment: &*parts.environment,
            keepers: Vec::new(),
            rules: Arc::default(),
            bound: &Directory::default(),
            catalog: Arc::clone(Catalog::embedded()),
            exposed: parts.exposed,
        };
        let snapshot = build
            .snapshot(&state, Arc::new(knowledge))
            .map_err(|error| crate::StartError::Settings(error.to_string()))?;
        Ok(Self {
            shared: Arc::new(Shared {
                bound: ArcSwap::new(Arc::clone(&snapshot.directory)),
                snapshot: ArcSwap::from_pointee(snapshot),
                state: ArcSwap::from_pointee(state),
                writing: tokio::sync::Mutex::default(),
                governor: parts.governor,
                router: parts.router,
                hasher,
                clock: parts.clock,
                settings: parts.settings,
                objects: parts.objects,
                audit: parts.audit,
                ledger: parts.ledger,
                environment: parts.environment,
                transport: parts.transport,
                vault,
                exposed: parts.exposed,
                wishes: parts.wishes,
                kept: parts.kept,
                batches: Batches::default(),
                offers: Offers::default(),
                people: people::People::new(parts.admin_token),
            }),
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The names of the providers that were picked up from the environment and nobody has taken over.
    pub fn from_environment(&self) -> Vec<String> {
        let state = self.shared.state.load();
        let untouched =
            |name: &&gateway_types::ProviderName| state.origin_of_provider(name.as_str()) == state::Origin::Environment;
        state
            .environment
            .keys()
            .filter(untouched)
            .map(ToString::to_string)
            .collect()
    }

    /// Takes a configuration file's document up, whole: what it declares belongs to it from now on. `None`: the file is
    /// gone, and what it declared with it. Gives warnings.
    pub async fn take_file(&self, path: PathBuf, document: Option<Value>) -> Result<Vec<String>, ControlError> {
        let _writing = self.shared.writing.lock().await;
        let mut next = State::clone(&self.shared.state.load());
        let mut warnings = Vec::new();
        next.file = match document {
            None => None,
            Some(document) => {
                let (docs, noted) = Docs::declared(document, &self.shared.hasher, &*self.shared.environment)?;
                warnings = noted;
                warnings.extend(next.store.shadowed_by(&docs, &path));
                Some((path, docs))
            }
        };
        next.file_error = None;
        self.shared.publish(next)?;
        Ok(warnings)
    }

    /// Notes that a changed file was refused; the state before it stays. Shown in `/readyz` and `/api/config`.
    pub fn refuse_file(&self, path: &Path, error: &str) {
        self.shared.state.rcu(|state| {
            let mut next = State::clone(state);
            next.file_error = Some((path.to_owned(), error.to_owned()));
            next
        });
    }

    /// What is wrong with the file now, if anything.
    pub fn file_error(&self) -> Option<String> {
        let state = self.shared.state.load();
        state
            .file_error
            .as_ref()
            .map(|(path, error)| format!("{}: {error}", path.display()))
    }

    /// Puts a document's contents into the store once: `--config-seed`.
    pub async fn seed(&self, document: Value, author: &str) -> Result<Vec<String>, ControlError> {
        let (docs, warnings) = Docs::declared(document, &self.shared.hasher, &*self.shared.environment)?;
        self.shared
            .change(author, |store| {
                store.client = docs.client.or_else(|| store.client.take());
                store.admin = docs.admin.or_else(|| store.admin.take());
                store.providers.extend(docs.providers);
                store.virtual_keys.extend(docs.virtual_keys);
                store.plain.extend(&docs.plain);
                Ok(())
            })
            .await?;
        Ok(warnings)
    }

    /// Checks a document as [`Control::take_file`] would, without a gateway. Gives warnings, or what is wrong and where.
    pub fn check(document: Value) -> Result<Vec<String>, ControlError> {
        let hasher = KeyHasher::new(&[0; 32]);
        let environment = crate::environment::Empty;
        let (docs, warnings) = Docs::declared_unresolved(document, &hasher, &environment)?;
        let quotas = Quotas::new();
        let build = Build {
            quotas: &quotas,
            hasher: &hasher,
            environment: &environment,
            keepers: Vec::new(),
            rules: Arc::default(),
            bound: &Directory::default(),
            catalog: Arc::clone(Catalog::embedded()),
            exposed: false,
        };
        let state = State {
            file: Some((PathBuf::new(), docs)),
            ..State::default()
        };
        build.snapshot(&state, Arc::default())?;
        Ok(warnings)
    }

    /// The provider whose own API is meant by a dialect's passthrough prefix: the vendor itself where it is configured, else
    /// the first that speaks the dialect.
    pub fn provider_of(&self, dialect: DialectName) -> Option<ProviderName> {
        let snapshot = self.shared.snapshot.load();
        let speaks = |upstream: &&Arc<Upstream>| upstream.enabled && upstream.kind.dialects.first() == Some(&dialect);
        let vendor = snapshot.upstreams.get(dialect.as_str()).filter(speaks);
        let speaker = vendor.or_else(|| snapshot.upstreams.values().find(speaks));
        speaker.map(|upstream| upstream.name.clone())
    }

    /// Whether a variable is set that the gateway may read, for forms that offer it.
    pub fn has_variable(&self, name: &str) -> bool {
        self.shared
            .environment
            .value(name)
            .is_some_and(|value| !value.is_empty())
    }

    /// The admin token that the settings name, resolved, if any.
    pub fn admin_token(&self) -> Option<Secret> {
        self.admin_secret(|admin| admin.token.as_ref())
    }

    /// The token that may read `/metrics`, if any.
    pub fn scrape_token(&self) -> Option<Secret> {
        self.admin_secret(|admin| admin.scrape_token.as_ref())
    }

    fn admin_secret(
        &self,
        which: impl Fn(&crate::settings::Admin) -> Option<&crate::settings::KeyValue>,
    ) -> Option<Secret> {
        let state = self.shared.state.load();
        let admin = state.admin()?;
        which(admin).and_then(|value| upstream::resolve(value, &*self.shared.environment).ok().flatten())
    }

    /// Whether the store answers: for `/readyz`.
    pub async fn ready(&self) -> Result<(), String> {
        self.shared
            .settings
            .revisions(None, 1)
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

impl Shared {
    /// Changes the stored documents, checks the whole, keeps it and publishes it; or does nothing.
    async fn change(
        &self,
        author: &str,
        edit: impl FnOnce(&mut Docs) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let _writing = self.writing.lock().await;
        let before = self.state.load_full();
        let mut next = State::clone(&before);
        edit(&mut next.store)?;
        let edits = before.store.edits_to(&next.store, &self.vault);
        self.commit(&before, next, edits, author).await
    }

    /// Changes many stored documents at once and tells which; as a trial, it is checked and told, and nothing is kept.
    async fn replace(
        &self,
        author: &str,
        trial: bool,
        edit: impl FnOnce(&mut Docs) -> Result<(), ControlError>,
    ) -> Result<Vec<Edit>, ControlError> {
        let _writing = self.writing.lock().await;
        let before = self.state.load_full();
        let mut next = State::clone(&before);
        edit(&mut next.store)?;
        let edits = before.store.edits_to(&next.store, &self.vault);
        if let Some((path, file)) = &before.file {
            file.check_not_declared(path, &edits, &self.vault)?;
        }
        let about_people = |edit: &Edit| matches!(edit.section.as_str(), "admin" | "user" | "api_token");
        if edits.iter().any(about_people) && (before.store.lets_in() || next.store.lets_in()) {
            self.check_way_in(&next.store)?;
        }
        if trial {
            // With quotas of its own: a trial changes no limit, not even for a moment.
            self.build_with(&next, &Quotas::new())?;
        } else {
            self.commit(&before, next, edits.clone(), author).await?;
        }
        Ok(edits)
    }

    /// Keeps and publishes what was changed. The caller holds the lock.
    async fn commit(
        &self,
        before: &State,
        mut next: State,
        edits: Vec<Edit>,
        author: &str,
    ) -> Result<(), ControlError> {
        if edits.is_empty() {
            return Ok(());
        }
        let snapshot = self.build(&next)?;
        let change = Change {
            expected: before.revision,
            at: self.clock.now().wall,
            author: author.to_owned(),
            edits,
        };
        next.revision = match self.settings.commit(&change).await {
            Ok(revision) => revision,
            Err(error) => {
                // Quotas were bound to the refused settings; bind them to the ones that stay.
                if let Ok(again) = self.build(before) {
                    self.snapshot.store(Arc::new(again));
                }
                return Err(match error {
                    CommitError::Conflict(_) => ControlError::Conflict(error.to_string()),
                    CommitError::Store(_) => ControlError::Store(error.to_string()),
                });
            }
        };
        self.install(next, snapshot);
        Ok(())
    }

    /// Checks and publishes a state that needs no keeping.
    fn publish(&self, next: State) -> Result<(), ControlError> {
        let snapshot = self.build(&next)?;
        self.install(next, snapshot);
        Ok(())
    }

    fn build(&self, state: &State) -> Result<Snapshot, ControlError> {
        let snapshot = self.build_with(state, self.governor.quotas())?;
        self.bound.store(Arc::clone(&snapshot.directory));
        Ok(snapshot)
    }

    fn build_with(&self, state: &State, quotas: &Quotas) -> Result<Snapshot, ControlError> {
        let before = self.snapshot.load();
        let build = Build {
            quotas,
            hasher: &self.hasher,
            environment: &*self.environment,
            keepers: before.keepers(),
            rules: Arc::clone(&before.rules),
            bound: &self.bound.load(),
            catalog: Arc::clone(before.prices.catalog()),
            exposed: self.exposed,
        };
        build.snapshot(state, Arc::clone(&before.knowledge))
    }

    fn install(&self, state: State, snapshot: Snapshot) {
        let endpoints = snapshot.endpoints();
        self.router
            .retain(|deployment| endpoints.contains(&deployment.endpoint));
        self.snapshot.store(Arc::new(snapshot));
        self.state.store(Arc::new(state));
    }

    /// Publishes what was learned about models. Lists of endpoints that are gone are let go.
    async fn learn(&self, learn: impl FnOnce(&mut Knowledge)) {
        let _writing = self.writing.lock().await;
        let before = self.snapshot.load_full();
        let mut knowledge = Knowledge::clone(&before.knowledge);
        learn(&mut knowledge);
        knowledge.keep(&before.endpoints());
        self.snapshot.store(Arc::new(Snapshot {
            knowledge: Arc::new(knowledge),
            ..Snapshot::clone(&before)
        }));
    }
}

/// What a snapshot is built with.
struct Build<'a> {
    quotas: &'a Quotas,
    hasher: &'a KeyHasher,
    environment: &'a dyn Environment,
    /// Those of the settings before: what has been fetched goes on being used.
    keepers: Vec<Arc<Keeper>>,
    /// Those of the settings before: rules that stay need not be compiled again …
    rules: Arc<RuleBook>,
    /// … and neither need virtual keys: the directory that quotas were bound for last.
    bound: &'a Directory,
    /// The one in force.
    catalog: Arc<Catalog>,
    exposed: bool,
}

impl Build<'_> {
    /// Checks a state as a whole and makes it ready for use.
    fn snapshot(&self, state: &State, knowledge: Arc<Knowledge>) -> Result<Snapshot, ControlError> {
        let docs = state.effective();
        let client = docs.client.clone().unwrap_or_default();
        config::check_client(&client)?;
        let mut upstreams = std::collections::BTreeMap::new();
        for (name, provider) in &docs.providers {
            let ready = upstream::make(name, provider, self.environment, self.hasher, &self.keepers)
                .map_err(|error| ControlError::Invalid(state.place(&format!("providers.{name}"), &error)))?;
            upstreams.insert(name.clone(), Arc::new(ready));
        }
        let rules = RuleBook::compile(&docs, &self.rules).map_err(|errors| faults::told(&errors, state, &docs))?;
        let prices = prices::compile(&docs, &client, Arc::clone(&self.catalog))?;
        let keys: Vec<_> = docs.virtual_keys.values().cloned().collect();
        virtual_keys::check(&keys)?;
        people::check(state)?;
        let retired: Vec<_> = docs.retired.keys().copied().collect();
        let plain = &docs.plain;
        let (teams, customers): (Vec<_>, Vec<_>) = (
            plain.teams.values().cloned().collect(),
            plain.customers.values().cloned().collect(),
        );
        let (models, providers): (Vec<_>, Vec<_>) = (
            plain.model_configs.values().cloned().collect(),
            plain.provider_limits.values().cloned().collect(),
        );
        let said = Said {
            keys: &keys,
            retired: &retired,
            teams: &teams,
            customers: &customers,
            models: &models,
            providers: &providers,
            alerts: client.alerts.as_ref(),
        };
        let directory = Directory::compile_after(self.bound, &said, self.quotas);
        let directory = directory.map_err(|errors| faults::told(&errors, state, &docs))?;
        Ok(Snapshot {
            revision: state.revision,
            client: ClientRules::new(&client, self.exposed),
            upstreams,
            directory: Arc::new(directory),
            rules,
            knowledge,
            prices: Arc::new(prices),
            memo: Memo::default(),
        })
    }
}
