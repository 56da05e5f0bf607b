//! A provider's keys, made ready for use: where each goes, and where what it presents comes from.

mod sites;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_governance::credential::KeyHasher;
use gateway_providers::cloud::{Keeper, Source, public_address};
use gateway_providers::{Access, BaseUrl, Kind, Site};
use gateway_types::{KeyId, ModelName};

use super::knowledge::Endpoint;
use crate::environment::Environment;
use crate::settings::{KeyValue, ProviderKey};

/// A provider's key, ready for use.
#[derive(Debug)]
pub(crate) struct UpstreamKey {
    pub(crate) id: KeyId,
    pub(crate) name: String,
    pub(crate) weight: f64,
    pub(crate) models: Vec<String>,
    /// What the upstream calls models that are asked for by other names.
    pub(crate) renamed: BTreeMap<String, String>,
    /// What stands before the names of models, or the only one there is.
    arn: Option<String>,
    pub(crate) endpoint: Endpoint,
    door: Result<Door, KeyStatus>,
}

/// Where a usable key opens, and what it presents there.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) base_url: BaseUrl,
    pub(crate) site: Site,
    pub(crate) keeper: Arc<Keeper>,
}

/// What keeps a key from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    Disabled,
    Empty,
    MissingVariable(String),
    /// Something else is missing; a whole sentence.
    Incomplete(String),
}

impl KeyStatus {
    /// In words, for the API.
    fn shown(&self) -> String {
        match self {
            Self::Disabled => "disabled".to_owned(),
            Self::Empty => "no value: set one, or `is_key_less` if the provider takes none".to_owned(),
            Self::MissingVariable(name) => {
                format!("the environment variable {name} is not set, or may not be read")
            }
            Self::Incomplete(what) => what.clone(),
        }
    }
}

impl UpstreamKey {
    /// Whether a virtual key means it by that: its id, or its name.
    pub(crate) fn is_called(&self, id: &KeyId) -> bool {
        *id == self.id || id.as_str() == self.name
    }

    pub(crate) fn usable(&self) -> bool {
        self.door.is_ok()
    }

    /// Where it opens, if it can be used.
    pub(crate) fn door(&self) -> Option<&Door> {
        self.door.as_ref().ok()
    }

    /// Whether it can be used, or what keeps it from that, in words.
    pub(crate) fn status(&self) -> String {
        self.door.as_ref().map_or_else(KeyStatus::shown, |_| "ready".to_owned())
    }

    /// What the upstream calls a model.
    pub(crate) fn own_name(&self, model: &ModelName) -> ModelName {
        let name = self.renamed.get(model.as_str()).map_or(model.as_str(), String::as_str);
        match &self.arn {
            // The ARN of one model stands for it.
            Some(arn) if arn.contains('/') => ModelName::from(arn.as_str()),
            Some(arn) if !name.starts_with("arn:") => ModelName::from(format!("{arn}/{name}")),
            _ if name == model.as_str() => model.clone(),
            _ => ModelName::from(name),
        }
    }
}

/// What the keys of one provider have in common.
pub(super) struct Common<'a> {
    pub(super) kind: &'static Kind,
    /// The operator's address, or the kind's own.
    pub(super) base_url: Option<&'a BaseUrl>,
    pub(super) keyless: bool,
    pub(super) environment: &'a dyn Environment,
    pub(super) hasher: &'a KeyHasher,
    /// Those of the settings before, whose tokens are still good.
    pub(super) keepers: &'a [Arc<Keeper>],
}

impl Common<'_> {
    /// Makes a provider's keys ready, or says what is wrong with one and where.
    pub(super) fn keys(&self, keys: &[ProviderKey]) -> Result<Vec<UpstreamKey>, String> {
        let mut ready: Vec<UpstreamKey> = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            let made = self.key(key).map_err(|error| format!("`keys[{index}]{error}"))?;
            if ready.iter().any(|other| other.id == made.id) {
                return Err(format!("`keys[{index}]`: the id `{}` is given twice", made.id));
            }
            ready.push(made);
        }
        if ready.is_empty() && self.keyless {
            ready.push(self.key(&ProviderKey::new("keyless", KeyValue::default()))?);
        }
        Ok(ready)
    }

    /// The error goes on after the key's own path.
    fn key(&self, key: &ProviderKey) -> Result<UpstreamKey, String> {
        if key.key_id().as_str().is_empty() || key.name.is_empty() {
            return Err(".name` is empty".to_owned());
        }
        if !key.weight.is_finite() || key.weight < 0.0 {
            return Err(format!(".weight`: {} is not a number of at least 0", key.weight));
        }
        let found = sites::find(self.kind, key, self.environment)?;
        let given = found
            .address
            .as_ref()
            .map(|(field, address)| BaseUrl::parse(address).map_err(|error| format!(".{field}`: {error}")));
        let base_url = given
            .transpose()?
            .or_else(|| self.base_url.cloned())
            .or_else(|| public_address(&found.site).and_then(|address| BaseUrl::parse(&address).ok()));
        let endpoint = fingerprint(base_url.as_ref(), &found.identity, self.hasher);
        let bare = found.source == Source::Static(Access::None) && !self.keyless;
        let door = match (found.missing, base_url) {
            _ if !key.enabled => Err(KeyStatus::Disabled),
            (Some(missing), _) => Err(missing),
            _ if bare => Err(KeyStatus::Empty),
            (None, None) => Err(KeyStatus::Incomplete(no_address(self.kind))),
            (None, Some(base_url)) => Ok(Door {
                base_url,
                site: found.site,
                keeper: self.keeper(found.source),
            }),
        };
        let arn = key
            .bedrock_key_config
            .as_ref()
            .and_then(|bedrock| bedrock.arn.as_deref());
        let only = key.vllm_key_config.as_ref().and_then(|vllm| vllm.model_name.clone());
        Ok(UpstreamKey {
            id: key.key_id(),
            name: key.name.clone(),
            weight: key.weight,
            models: only.map_or_else(|| key.models.clone(), |only| vec![only]),
            renamed: key.renamed(),
            arn: arn
                .map(|arn| arn.trim_end_matches('/').to_owned())
                .filter(|arn| !arn.is_empty()),
            endpoint,
            door,
        })
    }

    fn keeper(&self, source: Source) -> Arc<Keeper> {
        let had = self.keepers.iter().find(|keeper| *keeper.source() == source);
        had.cloned().unwrap_or_else(|| Arc::new(Keeper::new(source)))
    }
}

fn no_address(kind: &Kind) -> String {
    match kind.name {
        "azure" => "`azure_key_config.endpoint` is missing: the address of the resource".to_owned(),
        _ => "`network_config.base_url` is missing: the provider has no public address".to_owned(),
    }
}

/// Keyed, so that what is kept under it tells nothing about the credential.
fn fingerprint(base_url: Option<&BaseUrl>, identity: &str, hasher: &KeyHasher) -> Endpoint {
    let hash = hasher.hash(&format!("{}{identity}", base_url.map_or("", BaseUrl::as_str)));
    hash.0.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}
