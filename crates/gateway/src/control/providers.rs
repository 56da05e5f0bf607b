//! Providers and their keys through the management API.

pub(super) mod shown;

use std::time::Duration;

use gateway_types::{KeyId, Operation, ProviderName};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::merging::{left_behind, merge, put_key};
use super::{Control, ControlError, Message, Save, discovery, read};
use crate::settings::Provider;
use shown::{KeyList, KeyOfProvider, KeyView, ProviderList, ProviderView};

/// How long a save waits for the provider's model list. It answers either way.
const DISCOVERY_WAIT: Duration = Duration::from_secs(1);

/// That a provider is gone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProviderDeleted {
    /// Which.
    pub name: ProviderName,
    /// The same in a sentence.
    pub message: &'static str,
}

impl Control {
    /// `GET /api/providers`.
    pub fn providers(&self) -> ProviderList {
        let (state, snapshot) = (self.shared.state.load(), self.shared.snapshot.load());
        let names = snapshot.upstreams.keys();
        let providers: Vec<_> = names
            .filter_map(|name| shown::provider(&state, &snapshot, name.as_str()))
            .collect();
        ProviderList {
            total: providers.len(),
            providers,
        }
    }

    /// `GET /api/providers/{name}`.
    pub fn provider(&self, name: &str) -> Result<ProviderView, ControlError> {
        let (state, snapshot) = (self.shared.state.load(), self.shared.snapshot.load());
        shown::provider(&state, &snapshot, name).ok_or_else(|| no_provider(name))
    }

    /// `POST /api/providers` (the name is in the body) and `PUT /api/providers/{name}`. Waits up to a second for the
    /// model list.
    pub async fn save_provider(
        &self,
        name: Option<&str>,
        body: Value,
        save: Save,
        author: &str,
    ) -> Result<ProviderView, ControlError> {
        let body = read::object(body, "")?;
        let name = provider_name(name, &body)?;
        let mut warnings = Vec::new();
        let fields = read::provider_fields(body, "", &mut warnings)?;
        let origin = self.shared.state.load().origin_of_provider(name.as_str());
        origin.check_changeable(&format!("provider `{name}`"))?;
        let environment = self.shared.state.load().environment.get(&name).cloned();
        self.shared
            .change(author, |store| {
                let before = store.providers.get(&name);
                if save == Save::Create && before.is_some() {
                    return Err(ControlError::Conflict(format!(
                        "provider `{name}` already exists; change it with PUT /api/providers/{name}"
                    )));
                }
                let before = before.or_else(|| environment.as_ref().filter(|_| save == Save::Upsert));
                let provider = merge(before, fields)?;
                warnings.extend(before.map_or_else(Vec::new, |before| left_behind(before, &provider)));
                store.providers.insert(name.clone(), provider);
                Ok(())
            })
            .await?;
        self.discover_shortly(&name).await;
        Ok(ProviderView {
            warnings,
            ..self.provider(name.as_str())?
        })
    }

    /// `DELETE /api/providers/{name}`.
    pub async fn delete_provider(&self, name: &str, author: &str) -> Result<ProviderDeleted, ControlError> {
        self.shared
            .state
            .load()
            .origin_of_provider(name)
            .check_changeable(&format!("provider `{name}`"))?;
        self.shared
            .change(author, |store| match store.providers.remove(name) {
                Some(_) => Ok(()),
                None if self.shared.state.load().environment.contains_key(name) => {
                    Err(ControlError::Conflict(format!(
                        "provider `{name}` is there because of a variable in the environment: unset that, or PUT the \
                     provider with `enabled` false"
                    )))
                }
                None => Err(no_provider(name)),
            })
            .await?;
        Ok(ProviderDeleted {
            name: name.into(),
            message: "provider deleted",
        })
    }

    /// `POST /api/providers/{name}/models/refresh`: asks it at once what it serves, through each of its keys.
    pub async fn refresh_models(&self, name: &str) -> Result<ProviderView, ControlError> {
        let listed = {
            let snapshot = self.shared.snapshot.load();
            let upstream = snapshot.upstreams.get(name).ok_or_else(|| no_provider(name))?;
            upstream.kind.serves(Operation::Models)
        };
        if !listed {
            return Err(ControlError::Invalid(format!(
                "provider `{name}` has no list of models to be asked for; the catalogue's are taken"
            )));
        }
        discovery::look(&self.shared, &name.into()).await;
        self.provider(name)
    }

    /// `GET /api/providers/{name}/keys`.
    pub fn keys(&self, provider: &str) -> Result<KeyList, ControlError> {
        let keys = self.provider(provider)?.keys;
        Ok(KeyList {
            total: keys.len(),
            keys,
        })
    }

    /// `GET /api/providers/{name}/keys/{id}`.
    pub fn key(&self, provider: &str, id: &str) -> Result<KeyView, ControlError> {
        let mut keys = self.provider(provider)?.keys.into_iter();
        keys.find(|key| key.id.as_str() == id)
            .ok_or_else(|| no_key(provider, id))
    }

    /// `GET /api/keys`: every provider's keys, redacted.
    pub fn all_keys(&self) -> Vec<KeyOfProvider> {
        let providers = self.providers().providers.into_iter();
        let keys = |provider: ProviderView| {
            let name = provider.name;
            let of_provider = move |key| KeyOfProvider {
                provider: name.clone(),
                key,
            };
            provider.keys.into_iter().map(of_provider)
        };
        providers.flat_map(keys).collect()
    }

    /// `POST /api/providers/{name}/keys` (no id) and `PUT /api/providers/{name}/keys/{id}`.
    pub async fn save_key(
        &self,
        provider: &str,
        id: Option<&str>,
        body: Value,
        author: &str,
    ) -> Result<KeyView, ControlError> {
        let mut warnings = Vec::new();
        let fields = read::key_fields(read::object(body, "")?, "", &mut warnings)?;
        let mut saved = KeyId::from("");
        let put = |changed: &mut Provider| {
            saved = put_key(changed, provider, id, fields, &mut warnings)?;
            Ok(())
        };
        self.change_provider(provider, author, put).await?;
        self.discover_shortly(&provider.into()).await;
        Ok(KeyView {
            warnings,
            ..self.key(provider, saved.as_str())?
        })
    }

    /// `DELETE /api/providers/{name}/keys/{id}`.
    pub async fn delete_key(&self, provider: &str, id: &str, author: &str) -> Result<Message, ControlError> {
        let remove = |changed: &mut Provider| {
            let before = changed.keys.len();
            changed.keys.retain(|key| key.key_id().as_str() != id);
            if changed.keys.len() == before {
                return Err(no_key(provider, id));
            }
            Ok(())
        };
        self.change_provider(provider, author, remove).await?;
        Ok(Message::new("key deleted"))
    }

    /// Changes a provider that is there. One from the environment becomes the store's by that.
    async fn change_provider(
        &self,
        provider: &str,
        author: &str,
        edit: impl FnOnce(&mut Provider) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let state = self.shared.state.load_full();
        state
            .origin_of_provider(provider)
            .check_changeable(&format!("provider `{provider}`"))?;
        self.shared
            .change(author, |store| {
                let stored = store
                    .providers
                    .get(provider)
                    .or_else(|| state.environment.get(provider));
                let mut changed = stored.cloned().ok_or_else(|| no_provider(provider))?;
                edit(&mut changed)?;
                store.providers.insert(provider.into(), changed);
                Ok(())
            })
            .await
    }

    /// Starts discovery of a provider's models and waits for it, but not for long.
    pub(super) async fn discover_shortly(&self, name: &ProviderName) {
        let (shared, name) = (self.shared.clone(), name.clone());
        let looking = tokio::spawn(async move { discovery::look(&shared, &name).await });
        tokio::time::timeout(DISCOVERY_WAIT, looking).await.ok();
    }
}

pub(super) fn no_provider(name: &str) -> ControlError {
    ControlError::NotFound(format!("there is no provider `{name}`"))
}

pub(super) fn no_key(provider: &str, id: &str) -> ControlError {
    ControlError::NotFound(format!("provider `{provider}` has no key `{id}`"))
}

/// The provider's name, from the path or the body, which must agree.
fn provider_name(path: Option<&str>, body: &Map<String, Value>) -> Result<ProviderName, ControlError> {
    let said = match body.get("provider").or_else(|| body.get("name")) {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return Err(ControlError::Invalid("`provider` must be a string".to_owned())),
    };
    match (path, said) {
        (Some(path), Some(said)) if path != said => Err(ControlError::Invalid(format!(
            "`provider` is `{said}`, but the path says `{path}`"
        ))),
        (Some(name), _) | (None, Some(name)) => Ok(name.into()),
        (None, None) => Err(ControlError::Invalid(
            "`provider` is missing: the provider's name".to_owned(),
        )),
    }
}
