//! Reading an exported document: what it names is put over what is there, all of it or nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use gateway_governance::credential::KeyHash;
use gateway_governance::settings::VirtualKeySettings;
use gateway_types::Secret;
use serde_json::{Value, json};

use super::PREFIX;
use crate::control::changes::ShownEdit;
use crate::control::revisions::SettingsChange;
use crate::control::state::{Docs, State};
use crate::control::virtual_keys::retire;
use crate::control::{Control, ControlError, Shared, merging, upstream};
use crate::settings::{Admin, ApiToken, KeyValue, SECRETS};

impl Control {
    /// `POST /api/config/import`: a document, as `--config-seed` takes it. What it does not name stays. A secret for which it
    /// names a variable of an export, which is not set here, keeps the value that it has.
    pub async fn import(&self, document: Value, dry_run: bool, author: &str) -> Result<SettingsChange, ControlError> {
        let shared = &self.shared;
        let missing = Missing::default();
        let (docs, mut warnings) = Docs::from_document(document, &shared.hasher, |value| missing.read(value, shared))?;
        let state = shared.state.load_full();
        let docs = missing.filled_in(docs, &state, shared)?;
        warnings.extend(unset_variables(&docs, shared));
        let edits = shared
            .replace(author, dry_run, |store| {
                put_over(store, docs, &state);
                Ok(())
            })
            .await?;
        let now = shared.state.load().revision;
        if !dry_run && !edits.is_empty() {
            let details = json!({ "documents": edits.len(), "revision": now });
            self.audit(author, "config.import", "config", details).await?;
        }
        let message = match (edits.len(), dry_run) {
            (0, _) => "everything that the document says is set already".to_owned(),
            (count, true) => format!("{count} documents would change"),
            (count, false) => format!("{count} documents changed"),
        };
        Ok(SettingsChange {
            message,
            dry_run,
            revision: now.0,
            edits: edits.iter().map(|edit| ShownEdit::of(edit, &shared.vault)).collect(),
            warnings,
        })
    }
}

/// The values that the document leaves to variables that are not set: by the hash under which they were taken.
#[derive(Default)]
struct Missing(Mutex<BTreeMap<String, String>>);

impl Missing {
    /// Reads a value; one that an export stands for, and that is not here, as the name of its variable.
    fn read(&self, value: &KeyValue, shared: &Shared) -> Result<Option<Secret>, ControlError> {
        match upstream::resolve(value, &*shared.environment) {
            Ok(value) => Ok(value),
            Err(variable) if variable.starts_with(PREFIX) => {
                let written = value.as_written();
                let hash = shared.hasher.hash(written.expose()).to_string();
                let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                known.insert(hash, variable);
                Ok(Some(written.clone()))
            }
            Err(variable) => Err(not_set(&variable)),
        }
    }

    /// The variable that was to hold the value of that hash.
    fn variable(&self, hash: &str) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(hash).cloned()
    }

    /// The documents with the secrets that are here already.
    fn filled_in(&self, mut docs: Docs, state: &State, shared: &Shared) -> Result<Docs, ControlError> {
        let here = |value: &KeyValue| is_left_out(value, shared);
        for (name, provider) in &mut docs.providers {
            if let Some(before) = state.provider(name.as_str()) {
                merging::restore(before, provider, here);
            }
        }
        for (index, key) in docs.virtual_keys.values_mut().enumerate() {
            let before = state.virtual_key(key.id.as_str());
            self.fill_in_key(Arc::make_mut(key), before)
                .map_err(|variable| unknown(&format!("governance.virtual_keys[{index}]"), &variable))?;
        }
        for (index, token) in docs.plain.tokens.values_mut().enumerate() {
            let Some(variable) = self.variable(&token.value_hash) else {
                continue;
            };
            let before = state.one::<ApiToken>(&token.id);
            let before = before.ok_or_else(|| unknown(&format!("admin.tokens[{index}]"), &variable))?;
            token.value_hash.clone_from(&before.value_hash);
        }
        if let Some(admin) = &mut docs.admin {
            let before = state.admin().cloned().unwrap_or_default();
            let or_before = |sent: Option<KeyValue>, before: Option<KeyValue>| match sent {
                Some(sent) if !here(&sent) => Some(sent),
                _ => before,
            };
            *admin = Admin {
                token: or_before(admin.token.take(), before.token),
                scrape_token: or_before(admin.scrape_token.take(), before.scrape_token),
                ..Admin::default()
            };
        }
        // A section that says nothing of its own is none.
        docs.admin = docs.admin.filter(|admin| *admin != Admin::default());
        Ok(docs)
    }

    fn fill_in_key(&self, key: &mut VirtualKeySettings, before: Option<&VirtualKeySettings>) -> Result<(), String> {
        let missing = key.value_hash.as_deref().and_then(|hash| self.variable(hash));
        match (missing, before) {
            (Some(variable), None) => return Err(variable),
            (Some(_), Some(before)) => {
                key.value_hash.clone_from(&before.value_hash);
                key.value_hint.clone_from(&before.value_hint);
                key.guessable = before.guessable;
            }
            (None, _) => {}
        }
        if let Some(before) = before.filter(|before| before.value_hash == key.value_hash) {
            key.previous.clone_from(&before.previous);
        }
        Ok(())
    }
}

/// Whether a value is a variable of an export that is not set here.
fn is_left_out(value: &KeyValue, shared: &Shared) -> bool {
    let unset = |name: &str| shared.environment.value(name).is_none_or(|value| value.is_empty());
    value
        .variable()
        .is_some_and(|name| name.starts_with(PREFIX) && unset(name))
}

/// Variables that providers' keys name and that are not set: such a key cannot be used yet.
fn unset_variables(docs: &Docs, shared: &Shared) -> Vec<String> {
    let mut told = Vec::new();
    for (name, provider) in &docs.providers {
        for (index, key) in provider.keys.iter().enumerate() {
            for path in SECRETS {
                let variable = key.secret(path).and_then(KeyValue::variable);
                if let Some(variable) = variable.filter(|name| shared.environment.value(name).is_none()) {
                    let field = path.join(".");
                    told.push(format!(
                        "`providers.{name}.keys[{index}].{field}`: the environment variable {variable} is not set; the key \
                         cannot be used before it has a value"
                    ));
                }
            }
        }
    }
    told
}

/// Puts a document over the store; what a file declares in the same words is not kept a second time.
fn put_over(store: &mut Docs, mut docs: Docs, state: &State) {
    if let Some((_, file)) = &state.file {
        docs.client = docs.client.filter(|client| Some(client) != file.client.as_ref());
        docs.admin = docs.admin.filter(|admin| Some(admin) != file.admin.as_ref());
        docs.providers.retain(|name, one| file.providers.get(name) != Some(one));
        docs.virtual_keys
            .retain(|id, one| file.virtual_keys.get(id) != Some(one));
        docs.plain.forget_same(&file.plain);
    }
    store.client = docs.client.or_else(|| store.client.take());
    store.admin = docs.admin.or_else(|| store.admin.take());
    store.providers.extend(docs.providers);
    for (id, key) in docs.virtual_keys {
        let hash = key.value_hash.as_deref().and_then(|hash| hash.parse::<KeyHash>().ok());
        let changed = |before: &VirtualKeySettings| before.value_hash != key.value_hash;
        let replaced = store.virtual_keys.get(&id).filter(|before| changed(before)).cloned();
        // The value that it had must not be taken for a stranger's.
        if let Some(before) = replaced {
            retire(store, &before);
        }
        if let Some(hash) = hash {
            store.retired.remove(&hash);
        }
        store.virtual_keys.insert(id, key);
    }
    store.plain.extend(&docs.plain);
}

fn not_set(variable: &str) -> ControlError {
    ControlError::Invalid(format!(
        "the environment variable {variable} is not set, or may not be read"
    ))
}

fn unknown(path: &str, variable: &str) -> ControlError {
    ControlError::Invalid(format!(
        "`{path}.value`: the environment variable {variable} is not set, and there is no earlier value to keep; set it, or \
         write the value in its place"
    ))
}
