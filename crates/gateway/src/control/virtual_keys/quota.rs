//! What a virtual key may ask about itself.

use gateway_governance::directory::{Limited, recognise};
use gateway_governance::settings::{CustomerSettings, TeamSettings};
use gateway_types::{Error, ErrorKind, ProviderName};
use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::Control;
use super::super::limits::ShownLimits;
use super::name;
use super::shown::ShownModelLimit;

/// What a virtual key may know of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnQuota")]
pub struct OwnQuota {
    virtual_key_name: String,
    is_active: bool,
    /// When it stops working, in RFC 3339.
    expires_at: Option<String>,
    /// What it has at providers.
    provider_configs: Vec<AtProvider>,
    /// What it has for models.
    model_configs: Vec<ShownModelLimit>,
    #[serde(flatten)]
    limits: ShownLimits,
    /// What its team has.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<Party>,
    /// What its customer has.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Party>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnQuotaAtProvider")]
struct AtProvider {
    provider: ProviderName,
    #[serde(flatten)]
    limits: ShownLimits,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnQuotaOfParty")]
struct Party {
    name: String,
    #[serde(flatten)]
    limits: ShownLimits,
}

impl Control {
    /// `GET /api/governance/virtual-keys/quota`, asked with the key itself in any of the places for credentials: its budgets and
    /// limits with their use, and those of its team and customer. A disabled key may ask too; one that has expired or was
    /// replaced may not.
    pub fn own_quota(&self, headers: &HeaderMap) -> Result<OwnQuota, Error> {
        let (shared, snapshot) = (&self.shared, self.shared.snapshot.load());
        let presented = crate::line::credential(headers);
        let known = recognise(&snapshot.directory, &shared.hasher, presented, shared.clock.now())?;
        let state = shared.state.load();
        let key = state.virtual_key(known.id.as_str()).ok_or_else(|| {
            // Deleted between the two looks.
            Error::new(ErrorKind::VirtualKeyBlocked, "the virtual key has been deleted")
        })?;
        let shown = self.shown_virtual_key(key);
        let at_provider = |entry: super::shown::ShownEntry| AtProvider {
            provider: entry.provider,
            limits: entry.limits,
        };
        let team = known.team.as_ref();
        let team = team.and_then(|id| state.one::<TeamSettings>(id.as_str()));
        let customer = known.customer.as_ref();
        let customer = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str()));
        Ok(OwnQuota {
            virtual_key_name: name(key).to_owned(),
            is_active: key.is_active,
            expires_at: key.expires_at.clone(),
            provider_configs: shown.provider_configs.into_iter().map(at_provider).collect(),
            model_configs: shown.model_limits,
            limits: shown.limits,
            team: team.map(|team| self.party(&team.name, team)),
            customer: customer.map(|customer| self.party(&customer.name, customer)),
        })
    }

    fn party(&self, name: &str, party: &impl Limited) -> Party {
        Party {
            name: name.to_owned(),
            limits: self.shared.limits_of(party),
        }
    }
}
