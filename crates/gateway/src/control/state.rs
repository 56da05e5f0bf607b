//! What is set, by whom: the store, the configuration file, the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_governance::credential::{self, KeyHash, KeyHasher};
use gateway_governance::settings::VirtualKeySettings;
use gateway_providers::cloud::azure;
use gateway_providers::kinds;
use gateway_types::{ProviderName, Revision, VirtualKeyId};
use serde_json::{Map, Value, json};

use super::plain::{Places, Plain, Section};
use super::prices::CatalogueFile;
use super::seal::Vault;
use super::{ControlError, read};
use crate::environment::Environment;
use crate::ports::settings::{Document, Edit};
use crate::settings::{Admin, Client, KeyValue, Provider, ProviderKey, SECRETS};

/// The format of a stored document.
const DOCUMENT_VERSION: u64 = 1;

/// Everything that is set, and where it is from. Replaced as a whole by each change.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) revision: Revision,
    pub(super) store: Docs,
    pub(super) file: Option<(PathBuf, Docs)>,
    pub(super) environment: BTreeMap<ProviderName, Provider>,
    pub(super) file_error: Option<(PathBuf, String)>,
    pub(super) catalogue: CatalogueFile,
}

/// Documents of one origin.
#[derive(Clone, Debug, Default)]
pub struct Docs {
    pub(super) client: Option<Client>,
    pub(super) admin: Option<Admin>,
    pub(super) providers: BTreeMap<ProviderName, Provider>,
    /// Shared, so that whoever is handed the next state of the settings sees at a glance which of thousands are as they were.
    pub(super) virtual_keys: BTreeMap<VirtualKeyId, Arc<VirtualKeySettings>>,
    /// Hashes of values that were virtual keys and are no more, and whose they were.
    pub(super) retired: BTreeMap<KeyHash, VirtualKeyId>,
    /// What is kept as it is said.
    pub(super) plain: Plain,
    /// Where a file has them, for errors.
    pub(super) places: Places,
}

/// Where a setting is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Store,
    File(PathBuf),
    Environment,
}

/// Its word in answers.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store => f.write_str("api"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment => f.write_str("environment"),
        }
    }
}

impl Origin {
    /// An error if what is from here cannot be changed by the API.
    pub(super) fn check_changeable(&self, what: &str) -> Result<(), ControlError> {
        match self {
            Self::File(path) => Err(ControlError::Conflict(format!(
                "{what} belongs to the configuration file {}: change it there",
                path.display()
            ))),
            Self::Store | Self::Environment => Ok(()),
        }
    }
}

impl State {
    /// What holds: the file's word first, then the store's, then the environment's.
    pub(super) fn effective(&self) -> Docs {
        let mut docs = self.store.clone();
        for (name, provider) in &self.environment {
            docs.providers.entry(name.clone()).or_insert_with(|| provider.clone());
        }
        if let Some((_, file)) = &self.file {
            docs.client = file.client.clone().or(docs.client);
            docs.admin = file.admin.clone().or(docs.admin);
            docs.providers.extend(file.providers.clone());
            docs.virtual_keys.extend(file.virtual_keys.clone());
            docs.plain.extend(&file.plain);
        }
        docs
    }

    pub(super) fn admin(&self) -> Option<&Admin> {
        let file = self.file.as_ref().and_then(|(_, docs)| docs.admin.as_ref());
        file.or(self.store.admin.as_ref())
    }

    pub(super) fn provider(&self, name: &str) -> Option<&Provider> {
        let file = self.file.as_ref().and_then(|(_, docs)| docs.providers.get(name));
        file.or_else(|| self.store.providers.get(name))
            .or_else(|| self.environment.get(name))
    }

    pub(super) fn virtual_key(&self, id: &str) -> Option<&VirtualKeySettings> {
        let file = self.file.as_ref().and_then(|(_, docs)| docs.virtual_keys.get(id));
        file.or_else(|| self.store.virtual_keys.get(id)).map(|key| &**key)
    }

    pub(super) fn origin_of_provider(&self, name: &str) -> Origin {
        match &self.file {
            Some((path, docs)) if docs.providers.contains_key(name) => Origin::File(path.clone()),
            _ if self.store.providers.contains_key(name) => Origin::Store,
            _ => Origin::Environment,
        }
    }

    pub(super) fn origin_of_virtual_key(&self, id: &str) -> Origin {
        match &self.file {
            Some((path, docs)) if docs.virtual_keys.contains_key(id) => Origin::File(path.clone()),
            _ => Origin::Store,
        }
    }

    pub(super) fn origin_of<T: Section>(&self, key: &str) -> Origin {
        match &self.file {
            Some((path, docs)) if T::all(&docs.plain).contains_key(key) => Origin::File(path.clone()),
            _ => Origin::Store,
        }
    }

    pub(super) fn origin_of_client(&self) -> Origin {
        match &self.file {
            Some((path, docs)) if docs.client.is_some() => Origin::File(path.clone()),
            _ => Origin::Store,
        }
    }

    /// An error's words with its place in the document, where there is a document to find it in.
    pub(super) fn place(&self, path: &str, error: &str) -> String {
        let name = path.rsplit('.').next().unwrap_or(path);
        let in_file = self
            .file
            .as_ref()
            .is_some_and(|(_, docs)| docs.providers.contains_key(name));
        if in_file {
            format!("`{path}`: {error}")
        } else {
            error.to_owned()
        }
    }
}

/// Providers of the kinds whose usual variable is set.
pub(super) fn from_environment(environment: &dyn Environment) -> BTreeMap<ProviderName, Provider> {
    let mut found = BTreeMap::new();
    for kind in kinds() {
        let Some(variable) = kind.env else { continue };
        if environment.value(variable).is_none_or(|value| value.is_empty()) {
            continue;
        }
        // A resource of Azure has an address of its own.
        let set = |name: &str| environment.value(name).is_some_and(|value| !value.is_empty());
        if kind.name == "azure" && !set(azure::ENDPOINT) {
            continue;
        }
        let name = variable.to_ascii_lowercase().replace('_', "-");
        let key = ProviderKey::new(name, KeyValue::new(format!("env.{variable}")));
        found.insert(
            ProviderName::from(kind.name),
            Provider {
                keys: vec![key],
                ..Provider::default()
            },
        );
    }
    found
}

impl Docs {
    /// What a document declares; virtual keys' values are hashed and forgotten.
    pub(super) fn declared(
        document: Value,
        hasher: &KeyHasher,
        environment: &dyn Environment,
    ) -> Result<(Self, Vec<String>), ControlError> {
        Self::from_document(document, hasher, |value| {
            super::upstream::resolve(value, environment).map_err(|variable| {
                ControlError::Invalid(format!(
                    "the environment variable {variable} is not set, or may not be read"
                ))
            })
        })
    }

    /// The same for a check, where variables need not be set.
    pub(super) fn declared_unresolved(
        document: Value,
        hasher: &KeyHasher,
        environment: &dyn Environment,
    ) -> Result<(Self, Vec<String>), ControlError> {
        Self::from_document(document, hasher, |value| {
            Ok(super::upstream::resolve(value, environment).unwrap_or_else(|_| Some(value.as_written().clone())))
        })
    }

    /// What a document declares, with values read as the caller reads them.
    pub(super) fn from_document(
        document: Value,
        hasher: &KeyHasher,
        resolve: impl Fn(&KeyValue) -> Result<Option<gateway_types::Secret>, ControlError>,
    ) -> Result<(Self, Vec<String>), ControlError> {
        let names: Vec<String> = document
            .as_object()
            .map(|fields| fields.keys().cloned().collect())
            .unwrap_or_default();
        let declares = |section: &str| names.iter().any(|name| name == section);
        let (declares_client, declares_admin) = (declares("client"), declares("admin"));
        let (mut settings, warnings) = read::document(document)?;
        let mut places = Places::new();
        super::people::hash_values(&mut settings.admin.tokens, hasher, &resolve)?;
        let plain = Plain::declared(&mut settings, &mut places)?;
        let mut virtual_keys = BTreeMap::new();
        for (index, mut key) in settings.governance.virtual_keys.into_iter().enumerate() {
            let path = format!("governance.virtual_keys[{index}]");
            let written = key.value.take().unwrap_or_else(|| key.id.to_string());
            let value = resolve(&KeyValue::new(written))
                .map_err(|error| ControlError::Invalid(format!("`{path}.value`: {error}")))?
                .ok_or_else(|| ControlError::Invalid(format!("`{path}.value` is empty")))?;
            set_value(&mut key, value.expose(), hasher);
            places.insert(("governance.virtual_keys", key.id.to_string()), index);
            if let Some(earlier) = virtual_keys.insert(key.id.clone(), Arc::new(key)) {
                return Err(ControlError::Invalid(format!(
                    "`{path}.id`: `{}` is given twice",
                    earlier.id
                )));
            }
        }
        let docs = Self {
            client: declares_client.then_some(settings.client),
            admin: declares_admin.then_some(settings.admin),
            providers: settings.providers,
            virtual_keys,
            retired: BTreeMap::new(),
            plain,
            places,
        };
        Ok((docs, warnings))
    }

    /// Whether these say who may manage the gateway.
    pub(super) fn lets_in(&self) -> bool {
        let token = self.admin.as_ref().is_some_and(|admin| admin.token.is_some());
        token || !self.plain.users.is_empty() || !self.plain.tokens.is_empty()
    }

    /// Refuses to change what a configuration file declares.
    pub(super) fn check_not_declared(&self, path: &Path, edits: &[Edit], vault: &Vault) -> Result<(), ControlError> {
        let declared = Self::default().edits_to(self, vault);
        let in_file = |edit: &&Edit| {
            let same = |other: &Edit| other.section == edit.section && other.name == edit.name;
            declared.iter().any(same)
        };
        let found: Vec<String> = edits
            .iter()
            .filter(in_file)
            .map(|edit| format!("{} `{}`", edit.section.replace('_', " "), edit.name))
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        Err(ControlError::Conflict(format!(
            "this would change what belongs to the configuration file {}: {}; change it there",
            path.display(),
            found.join(", ")
        )))
    }

    /// What of this a file's documents put out of force, in words.
    pub(super) fn shadowed_by(&self, file: &Self, path: &Path) -> Vec<String> {
        let providers = self.providers.keys().filter(|name| file.providers.contains_key(*name));
        let keys = self
            .virtual_keys
            .keys()
            .filter(|id| file.virtual_keys.contains_key(*id));
        let both = providers
            .map(|name| format!("provider {name}"))
            .chain(keys.map(|id| format!("virtual key {id}")))
            .chain(self.plain.in_both(&file.plain));
        both.map(|what| {
            format!(
                "{what} is set in {} and by the API as well; the file's holds",
                path.display()
            )
        })
        .collect()
    }

    /// Reads stored documents, opening what is sealed.
    pub(super) fn open(documents: &[Document], vault: &Vault) -> Result<Self, String> {
        let mut docs = Self::default();
        for document in documents {
            let place = format!("the stored {} `{}`", document.section, document.name);
            docs.take_stored(document, vault)
                .map_err(|error| format!("{place}: {error}"))?;
        }
        Ok(docs)
    }

    fn take_stored(&mut self, document: &Document, vault: &Vault) -> Result<(), String> {
        let mut fields = document.body.as_object().cloned().ok_or("is no object")?;
        match fields.remove("v").and_then(|v| v.as_u64()) {
            Some(DOCUMENT_VERSION) => {}
            other => return Err(format!("has the format {other:?}, which this version does not read")),
        }
        let read = |error: ControlError| error.to_string();
        match document.section.as_str() {
            "client" => self.client = Some(read::typed(Value::Object(fields), "").map_err(read)?),
            "admin" => {
                open_in(&mut fields, &["token", "scrape_token"], vault)?;
                self.admin = Some(read::admin(Value::Object(fields)).map_err(read)?);
            }
            "provider" => {
                let mut keys = fields
                    .get_mut("keys")
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten();
                keys.try_for_each(|key| open_key(key, vault))?;
                if let Some(Value::Object(proxy)) = fields.get_mut("proxy_config") {
                    open_in(proxy, &["password"], vault)?;
                }
                if let Some(Value::Object(headers)) = fields
                    .get_mut("network_config")
                    .and_then(|network| network.get_mut("extra_headers"))
                {
                    open_all(headers, vault)?;
                }
                self.providers
                    .insert(document.name.as_str().into(), read::provider(fields).map_err(read)?);
            }
            "virtual_key" => {
                let id = VirtualKeyId::from(document.name.as_str());
                self.virtual_keys
                    .insert(id.clone(), Arc::new(read::virtual_key(&id, fields).map_err(read)?));
            }
            "retired_key" => {
                let hash = document.name.parse().map_err(|_| "is no hash")?;
                let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
                self.retired.insert(hash, id.into());
            }
            section => match self.plain.take(section, &document.name, fields) {
                Some(taken) => taken.map_err(read)?,
                None => return Err(format!("`{section}` is no section that this version knows")),
            },
        }
        Ok(())
    }

    /// What has to be written to get from here to `next`.
    pub(super) fn edits_to(&self, next: &Self, vault: &Vault) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut edit = |section: &str, name: &str, before: Option<Value>, after: Option<Value>| {
            edits.push(Edit {
                section: section.to_owned(),
                name: name.to_owned(),
                before,
                after,
            });
        };
        if self.client != next.client {
            let body = |client: &Option<Client>| client.as_ref().map(|client| versioned(json!(client)));
            edit("client", "client", body(&self.client), body(&next.client));
        }
        if self.admin != next.admin {
            let body = |admin: &Option<Admin>| admin.as_ref().map(|admin| versioned(sealed_admin(admin, vault)));
            edit("admin", "admin", body(&self.admin), body(&next.admin));
        }
        for (name, before, after) in changed(&self.providers, &next.providers) {
            let body = |provider: &Provider| versioned(sealed_provider(provider, vault));
            edit("provider", name.as_str(), before.map(body), after.map(body));
        }
        let keys = changed_by(&self.virtual_keys, &next.virtual_keys, |before, after| {
            Arc::ptr_eq(before, after) || before == after
        });
        for (id, before, after) in keys {
            let body = |key: &Arc<VirtualKeySettings>| versioned(json!(key));
            edit("virtual_key", id.as_str(), before.map(body), after.map(body));
        }
        for (hash, before, after) in changed(&self.retired, &next.retired) {
            let body = |id: &VirtualKeyId| versioned(json!({ "id": id }));
            edit("retired_key", &hash.to_string(), before.map(body), after.map(body));
        }
        self.plain.edits_to(&next.plain, |section, name, before, after| {
            edit(section, name, before.map(versioned), after.map(versioned));
        });
        edits
    }
}

/// Gives a virtual key its value: as a hash, with what may be shown of it.
pub(super) fn set_value(key: &mut VirtualKeySettings, value: &str, hasher: &KeyHasher) {
    key.value = None;
    key.value_hash = Some(hasher.hash(value).to_string());
    key.guessable = credential::guessable(value, key.id.as_str());
    key.value_hint = Some(gateway_types::secret::redact(value));
}

pub(super) type Changed<'a, K, V> = (&'a K, Option<&'a V>, Option<&'a V>);

pub(super) fn changed<'a, K: Ord, V: PartialEq>(
    before: &'a BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = Changed<'a, K, V>> {
    changed_by(before, after, V::eq)
}

/// What is gone, new or not the same.
fn changed_by<'a, K: Ord, V>(
    before: &'a BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
    same: impl Fn(&V, &V) -> bool,
) -> impl Iterator<Item = Changed<'a, K, V>> {
    let gone = before
        .iter()
        .filter(|(name, _)| !after.contains_key(name))
        .map(|(name, value)| (name, Some(value), None));
    let new = after.iter().map(|(name, value)| (name, before.get(name), Some(value)));
    gone.chain(new).filter(move |(_, before, after)| match (before, after) {
        (Some(before), Some(after)) => !same(before, after),
        _ => true,
    })
}

fn versioned(body: Value) -> Value {
    let mut fields = Map::from_iter([("v".to_owned(), json!(DOCUMENT_VERSION))]);
    if let Value::Object(body) = body {
        fields.extend(body);
    }
    Value::Object(fields)
}

fn sealed(value: &KeyValue, vault: &Vault) -> Value {
    match value.variable() {
        Some(_) => json!(value.as_written().expose()),
        None => json!(vault.seal(value.as_written().expose())),
    }
}

fn sealed_provider(provider: &Provider, vault: &Vault) -> Value {
    let mut body = json!(provider);
    for (index, key) in provider.keys.iter().enumerate() {
        for path in SECRETS {
            let Some(secret) = key.secret(path) else { continue };
            let place = path
                .iter()
                .fold(&mut body["keys"][index], |place, field| &mut place[*field]);
            *place = sealed(secret, vault);
        }
    }
    if let Some(password) = provider.proxy_config.as_ref().and_then(|proxy| proxy.password.as_ref()) {
        body["proxy_config"]["password"] = sealed(password, vault);
    }
    // Any of them may hold a credential, whatever it is called.
    for (name, value) in &provider.network_config.extra_headers {
        body["network_config"]["extra_headers"][name] = json!(vault.seal(value));
    }
    body
}

fn sealed_admin(admin: &Admin, vault: &Vault) -> Value {
    let mut body = json!(admin);
    for (field, value) in [("token", &admin.token), ("scrape_token", &admin.scrape_token)] {
        if let Some(value) = value {
            body[field] = sealed(value, vault);
        }
    }
    body
}

fn open_key(key: &mut Value, vault: &Vault) -> Result<(), String> {
    for path in SECRETS {
        let (Some((field, above)), Value::Object(fields)) = (path.split_last(), &mut *key) else {
            continue;
        };
        let holder = above
            .iter()
            .try_fold(fields, |holder, name| match holder.get_mut(*name) {
                Some(Value::Object(inner)) => Some(inner),
                _ => None,
            });
        if let Some(holder) = holder {
            open_in(holder, &[field], vault)?;
        }
    }
    Ok(())
}

fn open_all(fields: &mut Map<String, Value>, vault: &Vault) -> Result<(), String> {
    let names: Vec<String> = fields.keys().cloned().collect();
    names.iter().try_for_each(|name| open_in(fields, &[name], vault))
}

fn open_in(fields: &mut Map<String, Value>, names: &[&str], vault: &Vault) -> Result<(), String> {
    for name in names {
        if let Some(Value::String(text)) = fields.get_mut(*name) {
            *text = vault.open(text).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
